"""What every page of every kind has: its QR code readable in print, words that can be found, and room for long and for
few entries."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from app.contracts.kinds.entries import checked_entries
from app.contracts.kinds.registry import KINDS, SALE, Entry, EntryForm, EntryType
from app.contracts.paper.document_paper import document_paper, render_document
from app.contracts.paper.sale_paper import RenderedContract
from app.contracts.paper.samples import DAY, ENTRIES, HOUSE, render_sample, sample_facts, sample_paper, sample_sale
from app.contracts.templates.template import latest_version, load_template
from app.documents.paper_data import PaperParty, Watermark, Words
from app.documents.qr_code import qr_text
from app.documents.styles import A4_WIDTH, PAGE_MARGIN
from app.documents.watermarks import watermark_words
from app.runtime.language import CHINESE, ENGLISH
from tests.app.documents.page_pictures import pictures, wrong_modules
from tests.app.documents.reading import page_texts

OTHERS = [code for code in KINDS if code != SALE]
LONG_NAME = "内蒙古呼伦贝尔鄂伦春自治旗大杨树镇欧阳上官诸葛司马新能源汽车销售与售后服务有限责任公司第三分公司"
LONG_ADDRESS = "上海市浦东新区张江高科技园区祖冲之路 2288 弄 13 号楼 A 座 1701-1708 室（原川沙路 5558 号）" * 2
PATTERN = "里程 38,512 km，VIN LSVFA49J232037048；“检查”（左、右）。"


@cache
def drawn(code: str) -> RenderedContract:
    return render_sample(code, CHINESE)


@pytest.mark.parametrize("code", KINDS)
def test_the_code_on_every_page_names_the_document_and_the_digest_of_its_data(code: str) -> None:
    paper = drawn(code)
    text = qr_text(f"SH01-D02-{KINDS[code].number_kind}-000123", paper.data_digest)
    other = qr_text(f"SH01-D02-{KINDS[code].number_kind}-000124", paper.data_digest)
    pages = pictures(paper.pdf)
    assert len(pages) == paper.pages
    for picture in pages:
        assert wrong_modules(picture, text) <= 3  # of some 1,700; the code mends 15 %
    assert wrong_modules(pages[0], other) > 50


def as_long_as_may_be(entry: Entry) -> Any:
    """The longest text, the longest list."""
    if entry.type is EntryType.TEXT and entry.form is EntryForm.ANY:
        return (PATTERN * (entry.limit // len(PATTERN) + 1))[: entry.limit].strip()
    if entry.type is EntryType.LINES:
        return [{one.name: _cell(one) for one in entry.columns}] * 30
    return None


def _cell(entry: Entry) -> Any:
    if entry.type is EntryType.TEXT:
        return as_long_as_may_be(entry)
    if entry.type is EntryType.CHOICE:
        return entry.choices[0].code
    return {EntryType.MONEY: "9999999.99", EntryType.DAY: date(2026, 11, 20)}.get(entry.type, entry.largest or 9)


def made(code: str, **changed: Any) -> RenderedContract:
    """The kind's paper for a customer and a house with long names."""
    facts = sample_facts(code)
    customer = replace(facts.customer, name=LONG_NAME, is_company=True, representative="阿卜杜热西提·买买提明",
                       address=LONG_ADDRESS)  # fmt: skip
    house = PaperParty(name=HOUSE.name * 2, is_company=True, identity=HOUSE.identity, address=LONG_ADDRESS)
    facts = replace(facts, customer=customer, house=house, house_name=Words(house.name))
    entries = checked_entries(KINDS[code], {**ENTRIES[code], **changed}, today=DAY)
    paper = document_paper(code, facts, entries, signers=sample_paper(code).signers)
    paper = replace(paper, signers=tuple(replace(one, name=LONG_NAME) for one in paper.signers))
    return render_document(paper, load_template(code, latest_version(code)), CHINESE)


@pytest.mark.parametrize("code", OTHERS)
def test_the_longest_entries_are_all_there_and_nothing_leaves_its_page(code: str) -> None:
    longest = {entry.name: as_long_as_may_be(entry) for entry in KINDS[code].entries}
    changed = {name: value for name, value in longest.items() if value is not None}
    paper = made(code, **changed)
    pages = page_texts(paper.pdf)
    said = "".join(pages)
    assert all(f"第{page}页，共{len(pages)}页" in text for page, text in enumerate(pages, start=1))
    for name, value in changed.items():
        words = [cell for cell in value[0].values() if PATTERN[:6] in str(cell)] if isinstance(value, list) else [value]
        for text in words:
            assert text[:6].replace(" ", "") in said, name
    for place in paper.places:
        left, bottom, right, top = place.rect
        assert PAGE_MARGIN - 1 <= left < right <= A4_WIDTH - PAGE_MARGIN + 1 and 80 < bottom < top < 790


@pytest.mark.parametrize("code", OTHERS)
def test_what_may_be_empty_leaves_no_heading_and_no_blank(code: str) -> None:
    empty: dict[str, Any] = {
        entry.name: [] if entry.type is EntryType.LINES else "" for entry in KINDS[code].entries if not entry.required
    }
    needed = {"trade_in": {"settlement": "paid_out", "accidents": "no_accident"},
              "privacy_consent": {"share_insurer": "no", "share_bank": "no"}}  # fmt: skip
    if code == "pdi_repair_disclosure":
        empty.pop("repairs", None)
    paper = made(code, **empty, **needed.get(code, {}))
    said = "".join(page_texts(paper.pdf))
    assert "None" not in said and "{" not in said and "：。" not in said and "（）" not in said


@pytest.mark.parametrize("mark", list(Watermark))
def test_every_mark_stands_across_every_page_in_both_languages(mark: Watermark) -> None:
    paper = replace(sample_paper("test_drive"), watermark=mark)
    pages = page_texts(render_document(paper, load_template("test_drive", 1), ENGLISH).pdf)
    for words in watermark_words(mark, [CHINESE, ENGLISH]):
        assert all(words.replace(" ", "") in page for page in pages)
    provisional = replace(sample_sale(), provisional=True)
    assert provisional.watermark is None  # the sales contract says it by itself
