"""What differs from the centre, on its page: listed, explained, resolved, and what is said without a centre."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.kernel.permissions import Actor, Role
from app.runtime.language import CHINESE, set_language
from sync.client.differences import ORDERS, PAYMENTS, TRANSFERS, UNITS, Comparison, Difference, FieldPair, Why
from sync.client.errors import NotEnrolled
from sync.client.group_reconciliation import GroupComparison
from sync.client.writers import Writer
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.ui.record_pages import Driver, Settle, Show, open_page
from tests.ui.workplaces import Travels
from ui.kit.context import PageContext
from ui.sync.difference_words import KINDS, cause_text, here_text, record_text, resolve_text, there_text
from ui.sync.reconciliation_page import ReconciliationPage

VIN = "LSVAA4182E2184847"
THERE: dict[Why, dict[str, Any]] = {
    Why.ELSEWHERE: {"branch_id": "hz"}, Why.TWICE: {"entries": ["x"]},
    Why.CLAIMED_THERE: {"number": "HZ01-D02-SO-000031", "branch_id": "hz"},
    Why.HELD_THERE: {"branch_id": "hz", "until": 1_795_330_800_000_000},
}  # fmt: skip


def difference(why: Why, *, record_id: str = "u1", **here: Any) -> Difference:
    stored = {"allocation_state": "FREE", "stock_state": "LENT", "location": "A-12", "ver": 3} | here
    there = THERE.get(why, {"ver": 5})
    return Difference(table=UNITS, record_id=record_id, title=VIN, why=why, here=stored, there=there)


@dataclass
class MemoryCentre:
    """`ReconciliationPort` that remembers what was asked of it."""

    found: list[Difference] = field(default_factory=list)
    refuse: BaseException | None = None
    asked: list[Any] = field(default_factory=list)

    reads: int = 2

    def branches(self) -> int:
        return self.reads

    def compare(self, progress: Any, *, everywhere: bool = False) -> GroupComparison:
        if self.refuse is not None:
            raise self.refuse
        at = datetime(2026, 11, 22, 6, tzinfo=UTC)
        seen = {UNITS: 12, TRANSFERS: 3, ORDERS: 7, PAYMENTS: 9}
        made = Comparison(at=at, branch_id=SHANGHAI.id, looked_at=seen)
        there = Comparison(at=at, branch_id=HANGZHOU.id, looked_at={UNITS: 4, ORDERS: 2})
        for one in self.found:
            (there if one.branch_id == HANGZHOU.id else made).add(one)
        return GroupComparison(at, [made, there] if everywhere else [made])

    def ask_again(self, ids: Sequence[str]) -> None:
        self.asked.append(("ask_again", tuple(ids)))
        self.found = [one for one in self.found if one.record_id not in ids]

    def free_units(self, units: Any, *, reason: str) -> None:
        self.asked.append(("free_units", dict(units), reason))
        self.found = [one for one in self.found if one.record_id not in units]

    def review(self, month: str, progress: Any) -> str:
        return ""

    def fetch(self, table: str, ids: Sequence[str], *, branch_id: str = "") -> None:
        self.asked.append(("fetch", table, tuple(ids)))
        self.found = [one for one in self.found if one.record_id not in ids]

    def show_again(self, table: str, ids: Sequence[str]) -> None:
        self.asked.append(("show_again", table, tuple(ids)))

    def exchange(self) -> None:
        self.asked.append("exchange")


@pytest.fixture
def actor(actor_with: Callable[[Role], Actor]) -> Actor:
    """The branch manager."""
    return actor_with(Role.BRANCH_MANAGER)


@pytest.fixture
def centre() -> MemoryCentre:
    return MemoryCentre()


@pytest.fixture
def open_reconciliation(
    context: PageContext, show: Show, settle: Settle, qtbot: QtBot, centre: MemoryCentre
) -> Callable[[], Driver]:
    def opened() -> Driver:
        page: Any = ReconciliationPage(context, centre)
        return open_page(page, context=context, show=show, settle=settle, qtbot=qtbot)

    return opened


def test_without_a_centre_it_says_what_it_needs(
    open_reconciliation: Callable[[], Driver], centre: MemoryCentre
) -> None:
    centre.refuse = NotEnrolled()
    driver = open_reconciliation()
    assert driver.says("The centre has to be reached for this", driver.page)


def test_both_sides_agree(open_reconciliation: Callable[[], Driver]) -> None:
    driver = open_reconciliation()
    assert driver.says("Both sides say the same", driver.page)
    assert driver.says("12 vehicles, 7 orders, 9 payments and 3 transfers", driver.page)


def test_one_is_resolved_or_all_of_its_kind(
    open_reconciliation: Callable[[], Driver], centre: MemoryCentre, navigator: Travels
) -> None:
    centre.found = [difference(Why.BEHIND, record_id=name) for name in ("u1", "u2", "u3")]
    centre.found.append(difference(Why.TWICE, record_id="u4"))
    driver = open_reconciliation()
    page: Any = driver.page
    assert page.summary.text() == "4 differences"
    page.table.select_id(centre.found[0].id)
    driver.settle()
    assert driver.says("a later one got lost here") and driver.says("Free · Lent out · A-12")
    assert driver.run("reconciliation.resolve") and centre.asked == [("fetch", UNITS, ("u1",))]
    assert page.summary.text() == "3 differences", "compared again by itself"
    page.table.select_id(centre.found[0].id)
    driver.settle()
    driver.run("reconciliation.resolve_all")
    assert centre.asked[-1] == ("fetch", UNITS, ("u2", "u3"))
    page.table.select_id(centre.found[0].id)
    driver.settle()
    driver.run("reconciliation.resolve")
    assert navigator.went[-1] == ("vehicles", {"unit_id": "u4"})


def test_the_keyboard_is_with_the_rows_once_they_are_there(
    open_reconciliation: Callable[[], Driver], centre: MemoryCentre
) -> None:
    centre.found = [difference(Why.BEHIND, record_id=name) for name in ("u1", "u2")]
    driver = open_reconciliation()
    page: Any = driver.page
    assert page.table.hasFocus()


def test_what_both_copies_say_stands_field_by_field(
    open_reconciliation: Callable[[], Driver], centre: MemoryCentre, navigator: Travels
) -> None:
    at = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
    here = Writer("own", "SH01 · D01", "aaaaaaaa", "王芳", is_unknown=False, at=at)
    there = Writer("other", "HZ01 · D02", "bbbbbbbb", "黄蕾", is_unknown=False, at=at)
    fields = (
        FieldPair("list_price", 100, 16_990_000, here, there), FieldPair("quality_state", "NORMAL", "FROZEN"),
        FieldPair("exterior_colour", "星河白", None),
    )  # fmt: skip
    centre.found = [replace(difference(Why.DIFFERS), fields=fields)]
    driver = open_reconciliation()
    page: Any = driver.page
    page.table.select_id(centre.found[0].id)
    driver.settle()
    assert driver.says(
        "¥1.00 here, ¥169,900.00 at the centre\nhere: 王芳, at this desk · 2026-03-02 14:30\n"
        "at the centre: 黄蕾, desk HZ01 · D02 · 2026-03-02 14:30"
    )
    assert driver.says("Normal here, Frozen at the centre") and driver.says("星河白 here, – at the centre")
    assert here_text(centre.found[0], {}) == "List price ¥1.00 · Quality state Normal and 1 more"
    driver.run("reconciliation.open")
    assert navigator.went[-1] == ("vehicles", {"unit_id": "u1"})


def test_what_still_differs_afterwards_is_said(
    open_reconciliation: Callable[[], Driver], centre: MemoryCentre, notifications: Any
) -> None:
    centre.found = [difference(Why.NOT_CLAIMED), difference(Why.NOT_SENT, record_id="u2")]
    driver = open_reconciliation()
    page: Any = driver.page
    for one, asked in ((centre.found[0], ("show_again", UNITS, ("u1",))), (centre.found[1], "exchange")):
        page.table.select_id(one.id)
        driver.settle()
        driver.run("reconciliation.resolve")
        assert centre.asked[-1] == asked
        assert notifications.shown[-1][0].startswith("It still differs")


@pytest.mark.parametrize("spoken", ["en", CHINESE])
def test_every_difference_is_worded(spoken: str) -> None:
    set_language(spoken)
    codes = {"hz": "HZ01"}
    for why in Why:
        one = difference(why)
        said = [record_text(one), here_text(one, codes), there_text(one, codes), cause_text(one, codes)]
        said.append(resolve_text(one))
        assert all(said) and not any("{" in text or "_" in text for text in said)
        assert KINDS[why].label
