"""Prices at two desks of a branch: proposed at one, approved at the other, in force at both on their day and alike."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.kernel.clock import branch_date
from app.kernel.permissions import Role
from app.pricing.applying import MANY, prices_are_due
from app.pricing.commands import ApplyDuePrices, ApprovePrices, ProposePrices, RejectPrices
from app.pricing.errors import ApprovalOfOwnPrices
from app.pricing.history_queries import get_unit_prices
from app.pricing.preview import PricePlan, PriceTarget, preview_prices, proposed_lines
from app.pricing.queries import get_price_change
from app.pricing.rules import Formula, FormulaKind, PriceKind, PricePhase
from app.quotations.commands import DraftQuotation, QuotationTerms
from app.quotations.queries import get_quotation
from db.models.inventory import VehicleUnit
from db.models.pricing import PriceChange, PriceLine
from sync.server.store import Store
from sync.server.upkeep import check
from tests.factories.people import SHANGHAI
from tests.factories.vins import vin_number
from tests.sync.desks import Desk
from tests.sync.transfer_desks import branch_desk, close, dispatcher_of, run

MANAGER, OTHER = Role.BRANCH_MANAGER, Role.ADMINISTRATOR
Made = tuple[Desk, Desk, Store]


@pytest.fixture
def group(database_template: Path, tmp_path: Path) -> Iterator[Made]:
    """Two desks of one branch that know the same vehicles, and their centre."""
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}", pool=2)
    store.ensure_schema()
    first, second = (branch_desk(store, database_template, tmp_path, one, branch=SHANGHAI) for one in ("D01", "D02"))
    second.clock.advance(first.clock.now() - second.clock.now())
    yield first, second, store
    assert check(store) == []
    close(first, second)
    store.close()


def agree(*desks: Desk) -> None:
    for _ in range(2):
        for desk in desks:
            desk.sync()


def today(desk: Desk) -> date:
    return branch_date(desk.clock.now())


def proposed(desk: Desk, value: str, /, *, kind: PriceKind = PriceKind.LIST, role: Role = MANAGER, **more: Any) -> str:
    """Price all vehicles of the branch by an amount, for approval."""
    what = PricePlan(
        kind=kind, target=PriceTarget(), formula=Formula(FormulaKind.BY_AMOUNT, Decimal(value))
    )
    rows = dispatcher_of(desk).read(preview_prices, desk.actor(role), what).rows
    if kind is PriceKind.CAMPAIGN:
        more = {"name_zh": "双十二", "name_en": "Double 12", "valid_to": today(desk) + timedelta(days=20), **more}
    given: dict[str, Any] = {"valid_from": today(desk), **more}
    lines = proposed_lines(what, rows, edited=frozenset())
    return str(run(desk, ProposePrices(kind=kind, lines=lines, formula=what.formula, **given), role=role))


def revision(desk: Desk, change_id: str) -> int:
    return int(desk.row("price_change", change_id)["revision"])


def approve(desk: Desk, change_id: str, *, role: Role = OTHER) -> None:
    run(desk, ApprovePrices(change_id=change_id, expected_revision=revision(desk, change_id)), role=role)


def prices(desk: Desk) -> list[tuple[Any, ...]]:
    return desk.rows("SELECT list_price, floor_price FROM vehicle_unit ORDER BY id")


def at_centre(store: Store, path: str) -> list[Any]:
    statement = (
        f"SELECT json_extract(body, '$.{path}') FROM replica_row WHERE table_name = 'vehicle_unit' ORDER BY record_id"
    )
    with store.read() as connection:
        return [row[0] for row in store.run(connection, statement, ()).fetchall()]


def test_proposed_at_one_desk_approved_at_the_other_and_in_force_at_both_on_its_day(group: Made) -> None:
    first, second, store = group
    for _ in range(3):
        first.records.unit()
    agree(first, second)
    change = proposed(first, "-9000", valid_from=today(first) + timedelta(days=3))
    with pytest.raises(ApprovalOfOwnPrices):
        approve(first, change, role=MANAGER)
    agree(first, second)
    assert second.one("SELECT kind FROM task WHERE state = 'OPEN'") == "approve_prices"
    approve(second, change)
    agree(second, first)
    detail = dispatcher_of(first).read(get_price_change, first.actor(MANAGER), change)
    assert (detail.row.phase, detail.decided_by) == (PricePhase.SCHEDULED, "周涛")
    assert first.rows("SELECT 1 FROM task WHERE state = 'OPEN'") == []
    assert set(prices(first)) == {(15_000_000, 13_900_000)}
    for desk in (first, second):
        desk.clock.advance(timedelta(days=3))
        assert run(desk, ApplyDuePrices(), role=Role.SALESPERSON) == 3
    agree(first, second)
    assert set(prices(first)) == {(14_100_000, 13_900_000)}
    assert first.snapshot() == second.snapshot()
    assert set(at_centre(store, "list_price")) == {14_100_000}


def test_a_desk_that_stays_closed_on_the_day_has_the_prices_of_the_other(group: Made) -> None:
    first, second, _ = group
    first.records.unit()
    change = proposed(first, "-9000")
    agree(first, second)
    approve(second, change)
    agree(second, first)
    assert set(prices(first)) == set(prices(second)) == {(14_100_000, 13_900_000)}
    assert run(first, ApplyDuePrices(), role=Role.SALESPERSON) == 0
    agree(first, second)
    assert first.snapshot() == second.snapshot()


def test_a_campaign_stands_on_the_offer_at_the_other_desk(group: Made) -> None:
    first, second, _ = group
    unit = first.records.unit(first.records.trim(parameters={"displacement": 1.5}))
    customer = first.records.customer()
    change = proposed(first, "-5000", kind=PriceKind.CAMPAIGN)
    approve(first, change)
    agree(first, second)
    seller = second.actor(Role.SALESPERSON)
    shown = dispatcher_of(second).read(get_unit_prices, seller, unit.id)
    assert (str(shown.campaign), shown.asked) == ("Double 12", Decimal("145000.00"))
    terms = QuotationTerms(vehicle_unit_id=unit.id)
    drafted = run(second, DraftQuotation(customer_id=customer.id, terms=terms), role=Role.SALESPERSON)
    offer = dispatcher_of(second).read(get_quotation, seller, drafted.quotation_id)
    assert ("Campaign “Double 12”", Decimal("-5000.00")) in [(str(line.label), line.amount) for line in offer.lines]


@pytest.mark.parametrize("later", ["first", "second"])
def test_two_overlapping_changes_approved_offline_have_one_winner(group: Made, later: str) -> None:
    first, second, store = group
    for _ in range(2):
        first.records.unit()
    agree(first, second)
    one = proposed(first, "-9000")
    other = proposed(first, "-12000", kind=PriceKind.FLOOR)
    last = proposed(first, "-7000")
    agree(first, second)
    order = [(first, one), (second, last)] if later == "second" else [(second, last), (first, one)]
    for desk, change in order:
        for both in (first, second):
            both.clock.advance(timedelta(minutes=5))
        approve(desk, change)
    approve(second, other)
    agree(first, second)
    for desk in (first, second):
        run(desk, ApplyDuePrices(), role=Role.SALESPERSON)
    agree(first, second)
    wanted = {"first": (14_100_000, 12_700_000), "second": (14_300_000, 12_700_000)}[later]
    assert set(prices(first)) == set(prices(second)) == {wanted}
    assert first.snapshot() == second.snapshot()
    assert set(at_centre(store, "list_price")) == {wanted[0]}


def test_of_two_decisions_about_one_change_the_first_to_arrive_counts(group: Made) -> None:
    first, second, _ = group
    first.records.unit()
    agree(first, second)
    change = proposed(first, "-9000")
    agree(first, second)
    approve(first, change)
    reject = RejectPrices(change_id=change, expected_revision=revision(second, change), reason="Too much")
    run(second, reject, role=OTHER)
    second.sync()
    assert first.sync().rejected > 0
    agree(first, second)
    for desk in (first, second):
        assert desk.row("price_change", change)["state"] == "REJECTED"
        assert set(prices(desk)) == {(15_000_000, 13_900_000)}
        run(desk, ApplyDuePrices(), role=Role.SALESPERSON)
    agree(first, second)
    assert first.snapshot() == second.snapshot()


def test_what_was_refused_leaves_no_prices_in_many_vehicles_either(group: Made) -> None:
    first, second, store = group
    trim = first.records.trim()
    unit = first.records.unit(trim)
    place = {"trim_id": trim.id, "make_id": unit.make_id, "series_id": unit.series_id, "branch_id": SHANGHAI.id}
    rows = [
        {**place, "energy": "petrol", "vin": vin_number(1_000 + n), "exterior_colour": "白", "list_price": 15_000_000,
         "floor_price": 13_900_000, "cost": 12_000_000, "arrived_on": "2026-11-02"}
        for n in range(MANY)
    ]  # fmt: skip
    first.do(lambda uow: uow.add_many(VehicleUnit, rows))
    agree(first, second)
    change = proposed(first, "-9000")
    agree(first, second)
    approve(first, change)
    assert set(prices(first)) == {(14_100_000, 13_900_000)}
    reject = RejectPrices(change_id=change, expected_revision=revision(second, change), reason="Too much")
    run(second, reject, role=OTHER)
    agree(second, first)
    assert dispatcher_of(first).read(prices_are_due, first.actor(Role.SALESPERSON))
    assert run(first, ApplyDuePrices(), role=Role.SALESPERSON) == MANY + 1
    assert not dispatcher_of(first).read(prices_are_due, first.actor(Role.SALESPERSON))
    agree(first, second)
    assert set(prices(first)) == set(prices(second)) == {(15_000_000, 13_900_000)}
    assert set(at_centre(store, "list_price")) == {15_000_000}
    assert first.snapshot() == second.snapshot()


def test_the_centre_refuses_what_a_desk_should_have_refused(group: Made) -> None:
    first, second, _ = group
    first.records.unit()
    change = proposed(first, "-9000")
    agree(first, second)
    decided = {"state": "APPROVED", "decided_at": datetime.now(UTC)}

    def approved_by(role: Role, **more: Any) -> int:
        def work(uow: Any) -> None:
            row = uow.get(PriceChange, change)
            for name, value in (decided | more).items():
                setattr(row, name, value)

        first.do(work, role=role)
        return int(first.sync().rejected)

    assert approved_by(MANAGER) == 1
    assert approved_by(OTHER, decided_by_staff_id=first.row("price_change", change)["drafted_by_staff_id"]) == 1
    assert approved_by(MANAGER, needs_approval=False) == 1
    assert approved_by(OTHER, drafted_by_staff_id=first.actor(OTHER).staff_id) == 1
    assert approved_by(Role.SALESPERSON) == 1
    agree(first, second)
    assert {desk.row("price_change", change)["state"] for desk in (first, second)} == {"PENDING_APPROVAL"}
    line = first.one("SELECT id FROM price_line")
    first.set(PriceLine, line, list_price=Decimal("1.00"))
    assert first.sync().rejected == 1
    agree(first, second)
    assert first.row("price_line", line)["list_price"] == 14_100_000


def test_a_draft_of_one_desk_is_gone_on_with_at_the_other(group: Made) -> None:
    first, second, _ = group
    first.records.unit()
    draft = proposed(first, "-9000", submit=False)
    agree(first, second)
    assert proposed(second, "-5000", replaces=draft, expected_revision=revision(second, draft), role=OTHER) == draft
    assert second.sync().rejected == 0
    agree(first, second)
    assert first.row("price_change", draft)["state"] == "PENDING_APPROVAL"
    assert first.rows("SELECT list_price FROM price_line WHERE deleted_at IS NULL") == [(14_500_000,)]
    approve(first, draft, role=MANAGER)
    agree(first, second)
    assert set(prices(second)) == {(14_500_000, 13_900_000)}
    assert first.snapshot() == second.snapshot()
