"""Pre-printed forms: places to a tenth of a millimetre, texts that fit or are said, the facts of real records."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from app.documents.errors import CharactersNotPrintable
from app.kernel.errors import PermissionDenied, RecordNotFound
from app.labels.rules import PrinterOffset
from app.printing.errors import FormTextTooLong, FormUnknown, FormUnsuited
from app.printing.form_facts import FACTS, form_values
from app.printing.form_pages import render_form, render_form_test, text_problems
from app.printing.forms import PreprintedForm, preprinted_form, preprinted_forms
from app.printing.rules import PrintSource
from app.runtime.language import CHINESE, ENGLISH
from tests.app.sale_desk import SaleDesk
from ui.kit.printing import load_pdf, render_page

pytestmark = pytest.mark.usefixtures("qapp")
_DOTS = 10
"""Dots a millimetre."""


def dark(pdf: bytes, *, below: int = 128) -> np.ndarray:
    """Where a page is dark, at ten dots a millimetre."""
    picture = render_page(load_pdf(pdf), 1, dots=_DOTS * 25.4)
    grey = picture.convertToFormat(picture.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), dtype=np.uint8).reshape(grey.height(), grey.bytesPerLine())
    found: np.ndarray = rows[:, : grey.width()] < below
    return found


@pytest.mark.parametrize("form", list(preprinted_forms().values()), ids=lambda form: form.code)
def test_shipped_forms_are_whole(form: PreprintedForm) -> None:
    assert set(form.facts) <= FACTS and len(form.places) >= 10
    for place in form.places:
        assert place.left >= 0 and place.left + place.width <= form.page[0], place.fact
        assert place.top >= 0 and place.top + place.height <= form.page[1], place.fact
        assert place.label.zh and place.label.en and 6 <= place.size <= 14
    places = sorted(form.places, key=lambda place: (place.top, place.left))
    for one, other in pairwise(places):
        across = one.left < other.left + other.width and other.left < one.left + one.width
        down = one.top < other.top + other.height and other.top < one.top + one.height
        assert not (across and down), (one.fact, other.fact)


@pytest.mark.parametrize("offset", [PrinterOffset(1, 0), PrinterOffset(0, 1), PrinterOffset(-13, 27)])
def test_an_offset_of_a_tenth_moves_the_print_a_tenth_of_a_millimetre(offset: PrinterOffset) -> None:
    form = preprinted_form("receipt_slip")
    values = {"customer": "上海某某有限公司", "amount": "5,000.00"}
    before, after = dark(render_form(form, values)), dark(render_form(form, values, offset=offset))
    moved = np.roll(before, (offset.down, offset.right), axis=(0, 1))
    assert before.sum() > 500 and (after ^ moved).sum() < 0.02 * before.sum()


def test_texts_stand_in_their_places_and_nothing_else_is_printed() -> None:
    form = preprinted_form("delivery_slip")
    values = dict.fromkeys(form.facts, "测试 A1")
    page = dark(render_form(form, values))
    left = page.copy()
    for place in form.places:
        inside = (slice(place.top, place.top + place.height), slice(place.left, place.left + place.width))
        assert page[inside].any(), place.fact
        left[inside] = False
    assert not left.any(), "something is printed outside of all places: an outline, or a text too large"
    assert dark(render_form(form, values, outlined=True), below=250).sum() > page.sum() + 5_000


def test_a_long_text_is_set_smaller_and_then_said() -> None:
    form = preprinted_form("receipt_slip")
    long, longer = "某" * 28, "某" * 60
    assert text_problems(form, {"customer": long}) == {}
    problem = text_problems(form, {"customer": longer})["customer"]
    assert isinstance(problem, FormTextTooLong) and problem.field == "customer"
    with pytest.raises(FormTextTooLong):
        render_form(form, {"customer": longer})


def test_a_character_without_a_shape_is_said_beside_its_field() -> None:
    problem = text_problems(preprinted_form("receipt_slip"), {"customer": "𠮷野家"})["customer"]
    assert isinstance(problem, CharactersNotPrintable) and problem.field == "customer" and "pinyin" in problem.message()


@pytest.mark.parametrize("code", [CHINESE, ENGLISH])
def test_the_test_page_has_its_lines_at_twenty_millimetres_and_moves_with_an_offset(code: str) -> None:
    form = preprinted_form("delivery_slip")
    page = dark(render_form_test(form, language=code), below=200)
    assert page[:, 199:202].any(axis=1).mean() > 0.95 and page[199:202].any(axis=0).mean() > 0.95
    shifted = dark(render_form_test(form, language=code, offset=PrinterOffset(30, -20)), below=200)
    assert shifted[:1400, 229:232].any(axis=1).mean() > 0.95 and shifted[179:182, 40:].any(axis=0).mean() > 0.95
    one = form.places[0]
    edge = dark(render_form_test(form, language=code), below=250)[one.top + 5 : one.top + one.height - 5]
    assert edge[:, one.left - 1 : one.left + 2].any(axis=1).mean() > 0.95


def test_forms_are_filled_from_a_contract_and_a_payment(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    values = desk.read(form_values, PrintSource.CONTRACT, contract_id)
    assert set(values) == FACTS
    assert values["customer"] == "张伟" and len(values["vin"]) == 17
    assert values["amount_words"].endswith(("整", "分", "角"))
    assert values["date"] == f"{values['year']}年{values['month']}月{values['day']}日"
    assert text_problems(preprinted_form("delivery_slip"), values) == {}
    (payment_id,) = desk.pay(desk.order().order_id, "5000.00").payment_ids
    paid = desk.read(form_values, PrintSource.RECEIPT, payment_id)
    assert paid["amount"] == "5,000.00" and paid["amount_words"] == "伍仟元整" and paid["purpose"] and paid["method"]
    assert text_problems(preprinted_form("receipt_slip"), paid) == {}


def test_only_for_whoever_may_see_the_record(desk: SaleDesk) -> None:
    stranger = replace(desk.seller, permissions=frozenset())
    with pytest.raises(PermissionDenied):
        desk.read(form_values, PrintSource.CONTRACT, desk.locked_contract(), actor=stranger)
    with pytest.raises(RecordNotFound):
        desk.read(form_values, PrintSource.RECEIPT, "0" * 32)


def test_forms_by_code() -> None:
    with pytest.raises(FormUnknown):
        preprinted_form("none")
    with pytest.raises(FormUnsuited):
        preprinted_form("receipt_slip", about=PrintSource.CONTRACT)
