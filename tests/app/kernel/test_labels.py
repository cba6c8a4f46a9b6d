"""Words for codes: labels, notes, enumerations and names in two languages."""

import pytest

from app.kernel.errors import DomainError
from app.kernel.labels import Bilingual, Labelled, Listing, note, state_label
from app.orders.rules import OrderState
from app.runtime.language import CHINESE, ENGLISH, set_language


def test_a_member_is_its_stored_code() -> None:
    assert OrderState.DRAFT == "DRAFT"
    assert OrderState("DRAFT") is OrderState.DRAFT
    assert {OrderState.DRAFT: 1}["DRAFT"] == 1  # type: ignore[index]


def test_a_label_is_worded_when_it_is_shown() -> None:
    assert state_label(OrderState.DRAFT) == "Draft"
    assert state_label(OrderState.DRAFT, CHINESE) == "草稿"
    set_language(CHINESE)
    assert state_label(OrderState.DRAFT) == "草稿"


def test_a_member_without_a_label_is_refused() -> None:
    with pytest.raises(ValueError, match="no label"):

        class Mute(Labelled):
            SILENT = "silent"


def test_a_note_follows_the_language() -> None:
    remark = note("its condition is “{state}”", state=OrderState.DRAFT)
    assert str(remark) == "its condition is “Draft”"
    assert remark.in_language(CHINESE) == "车况为“草稿”"
    set_language(CHINESE)
    assert str(remark) == "车况为“草稿”"


def test_an_enumeration_has_the_comma_of_its_language() -> None:
    listing = Listing((OrderState.DRAFT, OrderState.CONFIRMED))
    assert listing.in_language(ENGLISH) == "Draft, Confirmed"
    assert listing.in_language(CHINESE) == "草稿、已确认"
    assert listing == Listing([OrderState.DRAFT, OrderState.CONFIRMED])
    assert hash(listing) == hash(Listing([OrderState.DRAFT, OrderState.CONFIRMED]))


def test_labels_in_an_error_are_worded_with_it() -> None:
    class Example(DomainError):
        text = "its condition is “{state}”"

    error = Example(state=Listing((OrderState.DRAFT,)))
    assert error.message() == "its condition is “Draft”"
    set_language(CHINESE)
    assert error.message() == "车况为“草稿”"


@pytest.mark.parametrize(
    "name", [Bilingual("定金", "Earnest money"), Bilingual("宝马", "宝马"), Bilingual("仅中文", "")]
)
def test_a_stored_name_comes_back(name: Bilingual) -> None:
    assert Bilingual.from_stored(name.stored()) == name


def test_a_missing_language_shows_the_other() -> None:
    assert Bilingual("", "Only English").in_language(CHINESE) == "Only English"
    assert str(Bilingual("仅中文", "")) == "仅中文"
    assert Bilingual.from_stored("既有文字") == Bilingual("既有文字", "既有文字")
