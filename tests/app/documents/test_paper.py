"""Receipt and quotation: what they say, that they can be searched, and that the same facts give the same bytes."""

import io
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from app.documents.drafted_data import canonical_json, data_digest
from app.documents.errors import CharactersNotPrintable
from app.documents.fonts import missing_characters, require_printable, text_width
from app.documents.page_frame import PageFrame, compose
from app.documents.paper_data import PaperLine, Watermark, Words
from app.documents.places import RenderedPaper
from app.documents.qr_code import qr_text
from app.documents.quotation import render_quotation
from app.documents.receipt import ReceiptPurpose, render_receipt
from app.documents.styles import BODY, Align
from app.documents.text_block import TextBlock
from app.documents.text_runs import runs_from
from tests.app.documents.paper_samples import LINES, QUOTATION, RECEIPT
from tests.app.documents.reading import page_texts, text_of


def metadata_of(paper: RenderedPaper) -> dict[str, str]:
    info = PdfFileReader(io.BytesIO(paper.pdf)).trailer["/Info"]
    return {str(key): str(info[key]) for key in info}


def test_receipt_says_who_what_and_of_which_nature() -> None:
    text = text_of(render_receipt(RECEIPT, "zh_CN").pdf)
    for words in (
        "收款收据",
        "欧阳䶮",
        "¥20,000.00",
        "人民币贰万元整",
        "定金",
        "双倍返还",
        "PD01-D2-SO-000123",
        "2026年11月22日12:05",
    ):
        assert words in text
    advance = text_of(render_receipt(replace(RECEIPT, purpose=ReceiptPurpose.ADVANCE), "zh_CN").pdf)
    assert "不适用定金罚则" in advance
    assert "双倍返还" not in advance


def test_receipt_in_english_keeps_the_capitals() -> None:
    text = text_of(render_receipt(RECEIPT, "en").pdf)
    assert "Earnestmoney(定金)" in text
    assert "人民币贰万元整" in text
    assert "22November2026" in text


def test_refund_turns_the_parties_round() -> None:
    text = text_of(render_receipt(replace(RECEIPT, purpose=ReceiptPurpose.REFUND), "en").pdf)
    assert "Refundreceipt" in text
    assert "Recipient'ssignature" in text


def test_quotation_itemises_and_compares_loans() -> None:
    text = text_of(render_quotation(QUOTATION, "zh_CN").pdf)
    for words in (
        "报价单",
        "¥219,900.50",
        "贰拾壹万玖仟玖佰元伍角",
        "−10,053.00",
        "4,462.04",
        "逐月递减至4,182.29",
        "代收",
    ):
        assert words in text


def test_every_paper_fits_the_pages_it_should() -> None:
    assert render_receipt(RECEIPT, "zh_CN").pages == 1
    assert render_receipt(RECEIPT, "en").pages == 1
    assert render_quotation(QUOTATION, "zh_CN").pages == 1
    assert render_quotation(QUOTATION, "en").pages == 1


def test_long_list_splits_and_repeats_its_head() -> None:
    lines = tuple(PaperLine(label=Words(f"精品 {n}", f"Accessory {n}"), amount=Decimal(100)) for n in range(70))
    paper = render_quotation(replace(QUOTATION, lines=lines, total=Decimal(7000)), "en")
    assert paper.pages >= 3
    assert all("Amount(CNY)" in text for text in page_texts(paper.pdf)[:-1])


def test_quotation_whose_lines_do_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        render_quotation(replace(QUOTATION, lines=LINES[:-1]), "en")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_same_facts_same_bytes(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = render_receipt(RECEIPT, language)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    assert render_receipt(RECEIPT, language).pdf == first.pdf
    later = render_receipt(replace(RECEIPT, received_at=RECEIPT.received_at + timedelta(microseconds=1)), language)
    assert later.data_digest != first.data_digest


def test_metadata_names_document_issuer_and_digest() -> None:
    paper = render_receipt(RECEIPT, "zh_CN")
    info = metadata_of(paper)
    assert info["/Title"] == "收款收据 PD01-D2-RC-000482"
    assert info["/Author"] == RECEIPT.dealer.name
    assert f"sha256:{paper.data_digest}" in info["/Keywords"]
    assert info["/CreationDate"].startswith("D:20261122040506")


def test_only_subsets_of_our_typeface_are_embedded() -> None:
    paper = render_receipt(RECEIPT, "zh_CN")
    names = set(re.findall(rb"/BaseFont /([\w+-]+)", paper.pdf))
    assert names
    assert all(re.fullmatch(rb"[A-Z]{6}\+NotoSansSC-(Regular|Bold)", name) for name in names)
    assert len(paper.pdf) < 120_000


@pytest.mark.parametrize("mark", list(Watermark))
def test_watermark_is_on_every_page(mark: Watermark) -> None:
    plain = render_quotation(QUOTATION, "en")
    marked = render_quotation(replace(QUOTATION, watermark=mark), "en")
    assert marked.pages == plain.pages
    assert marked.data_digest != plain.data_digest


def test_page_counts_are_on_every_page() -> None:
    frame = PageFrame(
        number="X-1", title="T", issuer="I", digest="a" * 64, made_at=datetime(2026, 1, 1, tzinfo=UTC), language="en"
    )
    style = BODY.but(align=Align.JUSTIFY)
    paper = compose([TextBlock("甲乙丙丁 words and 12.5 % more " * 60, style) for _ in range(12)], frame)
    assert paper.pages > 1
    for page, text in enumerate(page_texts(paper.pdf), start=1):
        assert f"Page{page}of{paper.pages}" in text


def test_qr_text_is_all_capitals() -> None:
    assert qr_text("pd01-ct-1", "ab") == "FORECOURT:PD01-CT-1:AB"


def test_missing_characters_are_named() -> None:
    assert missing_characters("欧阳䶮𬭊𠮷\n ok") == {"𠮷"}
    with pytest.raises(CharactersNotPrintable) as caught:
        require_printable("𠮷野")
    assert "U+20BB7" in caught.value.message()
    with pytest.raises(CharactersNotPrintable):
        render_receipt(replace(RECEIPT, customer=replace(RECEIPT.customer, name="𠮷野家")), "zh_CN")


def test_what_only_describes_paper_loads_no_engine() -> None:
    """Pages and queries name receipts and contracts at start-up; ReportLab and pyHanko come with the first print."""
    modules = ("documents.receipt", "documents.quotation", "documents.fonts", "contracts.paper.sale_paper",
               "contracts.sealing.evidence")  # fmt: skip
    lines = "; ".join(f"import app.{name}" for name in modules)
    heavy = "{name for name in sys.modules if name.split('.')[0] in ('reportlab', 'pyhanko', 'segno')}"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {lines}; print({heavy})"], capture_output=True, check=True, timeout=60
    )
    assert done.stdout.decode().strip() == "set()"


def test_figures_are_tabular() -> None:
    assert len({round(text_width(digit, size=9), 6) for digit in "0123456789"}) == 1


def test_values_are_never_read_as_markup() -> None:
    block = TextBlock(runs_from("**甲** b"), BODY)
    assert [run.bold for run in block.runs] == [True, None]
    assert TextBlock("**甲**", BODY).text == "**甲**"


def test_canonical_data_is_exact() -> None:
    value = {"b": Decimal("1.50"), "a": datetime(2026, 1, 1, tzinfo=UTC), "c": (1, None, True)}
    assert canonical_json(value) == b'{"a":"2026-01-01T00:00:00.000000+00:00","b":"1.50","c":[1,null,true]}'
    assert len(data_digest(value)) == 64
    with pytest.raises(TypeError):
        canonical_json({"x": 1.5})


def test_paragraph_splits_between_lines_and_leaves_two_on_each_side() -> None:
    block = TextBlock("一二三四五六七八九十" * 12, BODY)
    block.wrap(120, 1000)
    head, tail = block.split(120, BODY.leading * 4.5)
    assert head.text + tail.text == block.text
    assert block.split(120, BODY.leading * 1.5) == []


def test_what_fields_take_for_granted_can_be_printed() -> None:
    """`ui.kit.printable` does not read the typeface for these."""
    usual = "".join(map(chr, (*range(32, 127), *range(0x4E00, 0x9FA6)))) + "·、，。（）"
    assert missing_characters(usual) == set()
