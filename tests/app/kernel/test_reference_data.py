"""Reference data: every table is well formed, sourced, without gaps or overlaps, and found by date."""

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.labels import Bilingual
from app.kernel.reference_data import (
    DATED_TABLES,
    ReferenceBook,
    ReferenceMissing,
    ReferenceRow,
    ReferenceStatus,
    bundled_reference,
    effective,
    find_effective,
    rows_from_json,
)
from app.runtime.resources import resource_root

BOOK = bundled_reference()


def row(begins: date, ends: date | None = None, version: str = "v") -> ReferenceRow:
    return ReferenceRow("t", version, begins, ends, ReferenceStatus.HOUSE, Bilingual("来源", "Source"), {"rate": "0.1"})


def test_every_file_of_reference_data_is_known() -> None:
    files = {path.stem for path in (resource_root() / "reference").glob("*.json")}
    assert set(DATED_TABLES) <= files
    assert "specification_dictionary" in files


@pytest.mark.parametrize("table", DATED_TABLES)
def test_a_table_is_sourced_versioned_and_in_force_today(table: str) -> None:
    rows = BOOK.rows(table)
    assert BOOK.at(table, date(2026, 11, 22)) in rows
    assert len({r.version for r in rows}) == len(rows)
    assert all(r.table == table and r.source.zh and r.source.en and r.version and r.values for r in rows)


@pytest.mark.parametrize("table", DATED_TABLES)
def test_versions_of_a_table_never_overlap(table: str) -> None:
    rows = sorted(BOOK.rows(table), key=lambda r: r.valid_from)
    for earlier, later in itertools.pairwise(rows):
        assert earlier.valid_to is not None
        assert earlier.valid_to < later.valid_from


def test_what_could_not_be_verified_says_so() -> None:
    for table in (
        "vehicle_vessel_tax",
        "plate_fee",
        "commercial_insurance",
        "compulsory_insurance",
        "finance_products",
    ):
        assert all(r.status is ReferenceStatus.CHECK for r in BOOK.rows(table))


def test_both_ends_of_a_period_are_in_it() -> None:
    only = row(date(2026, 1, 1), date(2026, 12, 31))
    assert effective([only], date(2026, 1, 1)) is only
    assert effective([only], date(2026, 12, 31)) is only
    assert find_effective([only], date(2025, 12, 31)) is None
    assert find_effective([only], date(2027, 1, 1)) is None


def test_a_missing_table_says_what_to_do() -> None:
    with pytest.raises(ReferenceMissing) as caught:
        BOOK.at("purchase_tax", date(1999, 1, 1))
    assert "1999-01-01" in caught.value.message()
    assert BOOK.find("no_such_table", date(2026, 1, 1)) is None


@given(st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), unique=True, min_size=1), st.integers(0, 4000))
def test_of_open_versions_the_latest_begun_counts(begins: list[date], offset: int) -> None:
    rows = [row(day) for day in begins]
    day = min(begins) + timedelta(days=offset)
    assert effective(rows, day).valid_from == max(b for b in begins if b <= day)


def test_an_administrator_replaces_one_table() -> None:
    changed = BOOK.with_table("purchase_tax", [row(date(2020, 1, 1))])
    assert changed.at("purchase_tax", date(2026, 1, 1)).decimal("rate") == Decimal("0.1")
    assert changed.rows("vat") == BOOK.rows("vat")
    assert BOOK.rows("purchase_tax") != changed.rows("purchase_tax")
    assert isinstance(changed, ReferenceBook)


def test_a_malformed_file_is_an_error_not_a_wrong_figure() -> None:
    raw = {"table": "t", "rows": [{"version": "1", "valid_from": "2026-13-01"}]}
    with pytest.raises((KeyError, ValueError)):
        rows_from_json(raw)


def test_a_citation_names_source_and_version() -> None:
    cited = row(date(2026, 1, 1), version="2026-01").citation()
    assert cited == Bilingual("来源（2026-01）", "Source (2026-01)")
