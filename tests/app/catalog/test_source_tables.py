"""Reading tables: encodings, separators, headings, workbooks, and everything that is wrong with files."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog import source_tables
from app.catalog.errors import (
    CsvMalformed,
    FileEmpty,
    FileNotReadable,
    FileTooLarge,
    FormulasUnsolved,
    NotATable,
    OldWorkbook,
    PastedTextTooLarge,
    TextDamaged,
    TooManyColumns,
    TooManyRows,
    WorkbookMalformed,
    WorkbookTooLarge,
)
from app.catalog.source_tables import column_letter, plain_heading, read_file, read_text, sniff_delimiter
from app.catalog.specification_sources import ReadOptions, table_from
from app.kernel.errors import DomainError

TEXT = "车架号,颜色,价格\nLSVAA418XTA000001,珍珠白,150000\nLSVAA4181TA000002,曜石黑,160000\n"


def saved(folder: Path, content: bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def workbook(rows: list[list[object]], *, sheets: tuple[str, ...] = ("库存",)) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    table = read_file(saved(tmp_path, TEXT.encode(encoding)))
    assert table.headers == ("车架号", "颜色", "价格")
    assert table.rows[1] == ("LSVAA4181TA000002", "曜石黑", "160000")
    assert table.lines == (2, 3)
    assert table.encoding == {"gbk": "gb18030"}.get(encoding, encoding)


@pytest.mark.parametrize(
    ("text", "saved_as", "read_as"),
    [("make,model\nCitroën,Grand Espace Céleste\nŠkoda,Elégance\n", "cp1252", "cp1252"),
     ("品牌,長度\n比亞迪,4995\n豐田,4635\n", "big5", "big5"),
     ("品牌,车系\n比亚迪,汉\n", "utf-16-le", "utf-16-le"), ("品牌,车系\n比亚迪,汉\n", "utf-16-be", "utf-16-be"),
     ("make,seats heated\nBYD,有\nVW,无\n", "gb18030", "gb18030"),
     ("make,model\nBYD,宋PLUS EV\n北京BJ40,PRO版\n", "gb18030", "gb18030")],
)  # fmt: skip
def test_encodings_are_told_by_what_comes_out(tmp_path: Path, text: str, saved_as: str, read_as: str) -> None:
    table = read_file(saved(tmp_path, text.encode(saved_as)))
    assert (table.encoding, ",".join(table.rows[0])) == (read_as, text.splitlines()[1])


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    content = f"{TEXT}x,".encode() + b"\xff\xfe\x80\n"
    with pytest.raises(TextDamaged) as caught:
        read_file(saved(tmp_path, content))
    assert caught.value.params["line"] == TEXT.count("\n") + 1


def test_headings_that_stand_there_twice() -> None:
    table = read_text("品牌,车系,长度,长度\n比亚迪,汉,4995,5000\n")
    assert table.has_header and table.headers == ("品牌", "车系", "长度", "长度 (2)")
    assert not read_text("汉,是,是,是\n唐,否,否,是\n").has_header


def test_rare_characters_survive_gb18030(tmp_path: Path) -> None:
    assert read_file(saved(tmp_path, "姓名,车\n䶮𬭊,1\n".encode("gb18030"))).rows[0][0] == "䶮𬭊"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_separators(delimiter: str) -> None:
    table = read_text(TEXT.replace(",", delimiter))
    assert table.delimiter == delimiter and len(table.headers) == 3


def test_separators_inside_quotes_do_not_count() -> None:
    assert sniff_delimiter('"a,b,c";"d,e"\n"f,g,h";"i,j"\n') == ";"
    assert read_text('名称;备注\n"a;b";"第一行\n第二行"\nx;y').rows == (("a;b", "第一行\n第二行"), ("x", "y"))


def test_lines_are_those_of_the_file() -> None:
    table = read_text('库存清单\n\n名称,备注\nx,"多\n行"\n\ny,z\n')
    assert table.headers == ("名称", "备注")
    assert table.lines == (5, 7)


def test_a_file_without_headings_gets_letters() -> None:
    table = read_text("LSVAA418XTA000001,白,1\nLSVAA4181TA000002,黑,2")
    assert (table.has_header, table.headers, len(table.rows)) == (False, ("A", "B", "C"), 2)
    assert [column_letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_short_rows_have_empty_cells() -> None:
    table = read_text("甲,乙,丙\n1\n")
    assert table.cell(table.rows[0], 2) == ""


@pytest.mark.parametrize(
    ("text", "line"), [('a,b\n1,"2\n3,4\n', 2), ('a,b\n1,2\n"x" y,3\n', 3), ('a,b\n1,2\n3,"4"5\n', 3)]
)
def test_malformed_csv_names_the_row(text: str, line: int) -> None:
    with pytest.raises(CsvMalformed) as caught:
        read_text(text)
    assert f"line {line} " in caught.value.message()


def test_sizes_are_capped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PastedTextTooLarge) as caught:
        read_text("x" * (30 << 20))
    assert "30 MB" in caught.value.message()
    path = saved(tmp_path, b"")
    with path.open("r+b") as file:
        file.truncate(source_tables.FILE_BYTES + 1)
    with pytest.raises(FileTooLarge):
        read_file(path)
    monkeypatch.setattr(source_tables, "MOST_ROWS", 50)
    with pytest.raises(TooManyRows):
        read_text("a,b\n" + "1,2\n" * 51)
    assert len(read_text("a,b\n" + "1,2\n" * 50).rows) == 50
    with pytest.raises(TooManyColumns):
        read_text("a," * (source_tables.MOST_COLUMNS + 1) + "b")


@pytest.mark.parametrize("content", [b"", b"\n\n", b",,,\n", "\ufeff".encode()])
def test_nothing_in_it(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileEmpty):
        read_file(saved(tmp_path, content))


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02\x03" * 50, b"%PDF-1.7\n\xff\xfe\xfd\x00", b"\x89PNG\r\n\x1a\n\x00\x00"]
)
def test_pictures_and_other_files_are_no_tables(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(NotATable):
        read_file(saved(tmp_path, content))


def test_old_workbooks_are_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(OldWorkbook):
        read_file(saved(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.xls"))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotReadable):
        read_file(tmp_path / "nowhere.csv")


def test_workbooks_with_dates_numbers_and_formulas(tmp_path: Path) -> None:
    rows = [
        ["车架号", "入库日期", "价格", "公式"],
        ["LSVAA418XTA000001", datetime(2026, 11, 2), 150000.0, "=1+1"],
        [None, None, None, None],
        ["LSVAA4181TA000002", date(2026, 11, 3), 139000.55, True],
    ]
    table = read_file(saved(tmp_path, workbook(rows), "list.xlsx"))
    assert table.rows[0] == ("LSVAA418XTA000001", "2026-11-02", "150000")
    assert table.rows[1] == ("LSVAA4181TA000002", "2026-11-03", "139000.55", "True")
    assert (table.lines, table.sheet) == ((2, 4), "库存")


def test_a_cell_far_below_is_one_row_more(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["甲", "乙"])
    book.active.append([1, 2])
    book.active.cell(400_000, 1, "x")
    out = io.BytesIO()
    book.save(out)
    table = read_file(saved(tmp_path, out.getvalue(), "far.xlsx"))
    assert (table.rows, table.lines) == ((("1", "2"), ("x",)), (2, 400_000))


def test_formulas_nobody_has_computed_are_refused() -> None:
    content = workbook([["品牌", "价格"], ["汉", "=1+1"], ["唐", "=B2"]])
    with pytest.raises(FormulasUnsolved) as caught:
        table_from(content, name="x.xlsx", options=ReadOptions())
    assert caught.value.params == {"name": "x.xlsx", "n": 2, "cell": "B2"}
    solved = rewritten(content, b"<v/>", b"<v>7</v>", b"<v />", b"<v>7</v>", b"<v></v>", b"<v>7</v>")
    assert table_from(solved, name="x.xlsx", options=ReadOptions()).rows == (("汉", "7"), ("唐", "7"))


def rewritten(content: bytes, *pairs: bytes) -> bytes:
    """A workbook with texts of its first sheet replaced."""
    source, out = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for part in source.infolist():
            text = source.read(part)
            if part.filename.startswith("xl/worksheets/"):
                for old, new in zip(pairs[::2], pairs[1::2], strict=True):
                    text = text.replace(old, new)
            packed.writestr(part, text)
    return out.getvalue()


def test_a_sheet_can_be_chosen(tmp_path: Path) -> None:
    path = saved(tmp_path, workbook([["甲", "乙"], [1, 2]], sheets=("一月", "二月")), "months.xlsx")
    assert read_file(path).sheets == ("一月", "二月")
    assert read_file(path, sheet="二月").sheet == "二月"
    assert read_file(path, sheet="没有").sheet == "一月"


def test_damaged_workbooks(tmp_path: Path) -> None:
    good = workbook([["a", "b"], [1, 2]])
    with pytest.raises(WorkbookMalformed):
        read_file(saved(tmp_path, good[: len(good) // 2], "cut.xlsx"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("hello.txt", "hello")
    with pytest.raises(NotATable):
        read_file(saved(tmp_path, out.getvalue(), "zip.xlsx"))
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", "<document/>")
    with pytest.raises(NotATable):
        read_file(saved(tmp_path, out.getvalue(), "letter.xlsx"))
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/styles.xml", "<x/>")
    with pytest.raises(WorkbookMalformed):
        read_file(saved(tmp_path, out.getvalue(), "no-book.xlsx"))


def test_a_workbook_that_explodes_is_not_unpacked(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(230):
                part.write(b" " * (1 << 20))
    assert len(out.getvalue()) < 1 << 20
    with pytest.raises(WorkbookTooLarge):
        read_file(saved(tmp_path, out.getvalue(), "bomb.xlsx"))


def test_entities_of_ones_own_are_refused(tmp_path: Path) -> None:
    source = zipfile.ZipFile(io.BytesIO(workbook([["a", "b"], [1, 2]])))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "xl/workbook.xml":
                content = b'<!doctype x [<!ENTITY a "aaaaaaaaaa">]>' + content
            packed.writestr(part, content)
    with pytest.raises(WorkbookMalformed):
        read_file(saved(tmp_path, out.getvalue(), "entities.xlsx"))


def test_headings_are_compared_without_remarks() -> None:
    assert plain_heading(" 指导价（元） ") == plain_heading("指导价") == "指导价"
    assert plain_heading("List_Price (CNY)") == "listprice"


@given(content=st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_clear_refusal(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = saved(tmp_path_factory.mktemp("bytes"), content)
    try:
        table = read_file(path)
    except DomainError as error:
        assert error.message()
    else:
        assert len(table.rows) == len(table.lines)


@given(text=st.text(max_size=300))
def test_any_text_is_a_table_or_a_clear_refusal(text: str) -> None:
    try:
        table = read_text(text)
    except DomainError as error:
        assert error.message()
    else:
        assert all(len(row) <= len(table.headers) for row in table.rows)
