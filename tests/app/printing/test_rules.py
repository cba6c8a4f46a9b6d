"""Pages, sides, copies and marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.printing.errors import CopiesOutside, PageRangeOutside, PageRangeUnreadable
from app.printing.rules import (
    Duplex,
    PrintMark,
    PrintSettings,
    PrintState,
    mark_of,
    may_be_on_paper,
    page_numbers,
    sides,
)


@pytest.mark.parametrize(
    ("pages", "wanted"),
    [
        ("", (1, 2, 3, 4, 5)), (" 2 ", (2,)), ("1-3，5", (1, 2, 3, 5)), ("4–9", (4, 5)), ("5,1、2", (1, 2, 5)),
        ("2~3", (2, 3)),
    ],
)  # fmt: skip
def test_pages_as_people_write_them(pages: str, wanted: tuple[int, ...]) -> None:
    assert page_numbers(pages, 5) == wanted


@pytest.mark.parametrize("pages", ["x", "0", "3-1", "1-", "-2", "1.5", "1e3", "99999"])
def test_what_is_no_range_is_said(pages: str) -> None:
    with pytest.raises(PageRangeUnreadable) as caught:
        page_numbers(pages, 5)
    assert caught.value.field == "pages"


def test_pages_the_document_lacks() -> None:
    with pytest.raises(PageRangeOutside):
        page_numbers("6-7", 5)


@given(
    count=st.integers(1, 12), copies=st.integers(1, 5), collate=st.booleans(), duplex=st.sampled_from(list(Duplex))
)  # fmt: skip
def test_every_page_comes_in_all_copies_and_every_copy_on_fresh_sheets(
    count: int, copies: int, collate: bool, duplex: Duplex
) -> None:
    order = sides(range(1, count + 1), PrintSettings(copies=copies, collate=collate, duplex=duplex))
    assert sorted(side for side in order if side) == sorted(list(range(1, count + 1)) * copies)
    if duplex is Duplex.SINGLE:
        assert None not in order
        return
    assert len(order) % 2 == 0
    sheets = list(zip(order[::2], order[1::2], strict=True))
    assert all(front and front % 2 and back in (front + 1, None) for front, back in sheets)
    if collate:
        assert sheets == sheets[: len(sheets) // copies] * copies


def test_copies_have_a_limit() -> None:
    with pytest.raises(CopiesOutside):
        PrintSettings(copies=0).checked()
    assert PrintSettings(copies=99, pages="1-2").checked().copies == 99


def test_what_was_kept_of_settings_is_read_again_and_nonsense_is_not() -> None:
    settings = PrintSettings(printer="HP", duplex=Duplex.LONG_EDGE, collate=False, copies=3, pages="2")
    assert PrintSettings.from_remembered(settings.remembered()) == PrintSettings(
        printer="HP", duplex=Duplex.LONG_EDGE, collate=False
    )
    assert PrintSettings.from_remembered({"duplex": "triplex"}) == PrintSettings()


def test_only_the_first_print_of_what_is_fixed_is_the_original() -> None:
    assert mark_of(fixed=True, ended=None, earlier=0) is PrintMark.ORIGINAL
    assert mark_of(fixed=True, ended=None, earlier=1) is PrintMark.COPY
    assert mark_of(fixed=False, ended=None, earlier=3) is PrintMark.DRAFT
    assert mark_of(fixed=True, ended=PrintMark.VOID, earlier=0) is PrintMark.VOID


def test_what_may_be_on_paper_counts() -> None:
    assert may_be_on_paper(PrintState.BEGUN, 0) and may_be_on_paper(PrintState.SENT, 2)
    assert may_be_on_paper(PrintState.FAILED, 1) and not may_be_on_paper(PrintState.FAILED, 0)
    assert not may_be_on_paper(PrintState.CANCELLED, 0)
