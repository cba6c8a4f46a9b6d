"""What is typed into the archive's search line, and what is shown of what it found."""

from datetime import date
from decimal import Decimal

import pytest

from app.archive.snippets import snippet_of
from app.archive.typed_filters import amount_span, day_span, read_filters
from db.archive_words import code_terms, digest_in, expression_of, text_terms


@pytest.mark.parametrize(
    ("typed", "span"),
    [
        ("2024", (date(2024, 1, 1), date(2024, 12, 31))),
        ("2024-02", (date(2024, 2, 1), date(2024, 2, 29))),
        ("2024年2月", (date(2024, 2, 1), date(2024, 2, 29))),
        ("2023-11-05..2024", (date(2023, 11, 5), date(2024, 12, 31))),
        ("2024-13", None), ("2024..2023", None), ("1066", None), ("..", None), ("x", None),
    ],
)  # fmt: skip
def test_days_are_periods(typed: str, span: tuple[date, date] | None) -> None:
    assert day_span(typed) == span


@pytest.mark.parametrize(
    ("typed", "span"),
    [
        ("150000", ("150000", "150000.99")), ("150,000.50", ("150000.50", "150000.50")),
        ("15万..17万", ("150000", "170000")), ("5..4", None), ("..", None), (",", None), ("x", None),
    ],
)  # fmt: skip
def test_amounts_are_ranges(typed: str, span: tuple[str, str] | None) -> None:
    assert amount_span(typed) == (None if span is None else (Decimal(span[0]), Decimal(span[1])))


def test_what_is_no_filter_stays_a_word() -> None:
    read = read_filters("张伟 sealed:2023 金额：1万..2万 https://x.cn until:never version:3 定金")
    assert read.words == "张伟 https://x.cn until:never 定金"
    assert read.days == {"sealed_on": (date(2023, 1, 1), date(2023, 12, 31))}
    assert (read.amount, read.version) == ((Decimal(10000), Decimal(20000)), "3")


@pytest.mark.parametrize("typed", ["", "  ", "……", '"', "*", "()", "'; --", '" OR "'])
def test_signs_never_become_an_expression_of_their_own(typed: str) -> None:
    assert '"""' not in expression_of(typed) and expression_of(typed).count('"') % 2 == 0


def test_a_card_number_in_groups_of_four_is_no_digest() -> None:
    assert digest_in("6222 0212 3456") == ""
    assert digest_in("2fa5 9906 1298") == "2fa599061298"


def test_terms_hold_pairs_and_pieces() -> None:
    assert text_terms("定金 Earnest 20,000") == {"定金", "earnest", "20", "000"}
    assert {"\ue000lsv1", "\ue000sv1"} <= code_terms("LSV1")


def test_the_place_is_near_the_beginning_and_marked() -> None:
    found = snippet_of("前" * 100 + "双倍返还定金" + "后" * 100, ["双倍返还定金"])
    assert found is not None
    ((start, end),) = found.marks
    assert found.text[start:end] == "双倍返还定金" and start < 10
    assert found.text.startswith("…") and found.text.endswith("…")


def test_a_latin_word_is_marked_where_it_begins_only() -> None:
    found = snippet_of("art. 586 of the Civil code, Article", ["art"])
    assert found is not None
    assert [found.text[a:b] for a, b in found.marks] == ["art", "Art"]
    assert snippet_of("a party", ["art"]) is None


def test_phones_and_identity_numbers_are_masked() -> None:
    found = snippet_of("电话 13900000001 证件 11010519491231002X", ["电话"])
    assert found is not None and found.text == "电话 139****0001 证件 110***********002X"
