"""Minimums, needs, proposals and warnings on the real encrypted database."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.inventory.commands import AddUnit
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired
from app.kernel.permissions import Actor
from app.replenishment.commands import (
    ApproveProposal,
    ChangeProposal,
    ChooseServiceLevel,
    DraftProposal,
    MarkProposalOrdered,
    OfferSurplus,
    RejectProposal,
    SetLeadTime,
    SetStockMinimum,
    SubmitProposal,
    TakeBackProposal,
    WantedUnits,
)
from app.replenishment.errors import (
    ApprovalOfOwnProposal,
    MinimumAlreadySet,
    NothingToOffer,
    NothingToOrder,
    ProposalNotEditable,
    ServiceLevelOutOfRange,
    TrimOfAnotherSeries,
)
from app.replenishment.exports import proposal_csv, proposal_pdf, proposal_xlsx
from app.replenishment.history import sales_by_month
from app.replenishment.need_rows import LeadSource
from app.replenishment.needs import policy_of
from app.replenishment.offers import list_surplus
from app.replenishment.proposal_queries import get_proposal, list_proposals
from app.replenishment.queries import list_lead_times, list_minimums, list_needs, needs_overview
from app.replenishment.rules import AgedAction, ProposalState
from app.replenishment.slow_stock_queries import list_aged_units, list_overstock
from app.transfers.errors import TransferUnderWay
from app.transfers.queries import get_transfer
from db.models.catalog import Trim
from tests.factories.documents import make_order
from tests.factories.people import HANGZHOU
from tests.factories.records import Records
from tests.factories.vins import vin_number

WHITE, BLACK = "珍珠白 / Pearl White", "曜石黑 / Obsidian Black"


@pytest.fixture
def trim(records: Records) -> Trim:
    """A trim that sold eight white and four black ones over half a year."""
    made = records.trim()
    for number in range(12):
        unit = records.unit(
            made, exterior_colour=BLACK if number % 3 == 0 else WHITE, stock_state="OUT", allocation_state="DELIVERED"
        )
        make_order(
            records, unit=unit, ordered_at=records.clock.now() - timedelta(days=5 + 15 * number), state="COMPLETED"
        )
    return made


def test_what_sells_is_suggested_with_its_reasons(
    records: Records, dispatcher: Dispatcher, manager: Actor, trim: Trim
) -> None:
    records.unit(trim, exterior_colour=WHITE)
    records.unit(trim, stock_state="IN_TRANSIT", arrived_on=records.today() + timedelta(days=3))
    records.unit(trim, allocation_state="HELD", held_until=records.clock.now() + timedelta(days=1))
    records.unit(trim, quality_state="DAMAGED")
    make_order(records, unit=records.unit(trim, stock_state="OUT"), state="CANCELLED")
    (row,) = dispatcher.read(list_needs, manager)
    assert (row.free, row.coming, row.held, row.blocked, row.position) == (1, 1, 1, 1, 2)
    assert 1.5 < row.demand.monthly < 3
    assert row.target.level == 95
    assert row.suggested == row.target.target - 2 > 0
    assert sum(count for _, count in row.colours) == row.suggested
    assert dict(row.colours)[BLACK] >= 1
    policy = dispatcher.read(policy_of, manager)
    said = [str(reason) for reason in row.reasons(policy)]
    assert f"{row.target.target} less 2 makes {row.suggested}." in said
    assert row.months == 6 + (min(month for month, sold in row.monthly if sold) < (2026, 6))
    assert said[0].endswith(f"the last {row.months} months, of which recent ones count more.")
    assert any("negative binomial" in text or "Poisson" in text for text in said)
    assert row.unit_cost == Decimal("128000.00")
    assert row.value == row.suggested * row.unit_cost


def test_a_higher_service_level_asks_for_more(
    dispatcher: Dispatcher, manager: Actor, salesperson: Actor, trim: Trim
) -> None:
    def suggested(level: int) -> int:
        dispatcher.execute(ChooseServiceLevel(service_level=level, review_days=7), manager)
        return dispatcher.read(list_needs, manager)[0].suggested

    assert suggested(90) < suggested(99)
    with pytest.raises(ServiceLevelOutOfRange):
        dispatcher.execute(ChooseServiceLevel(service_level=100, review_days=7), manager)
    with pytest.raises(PermissionDenied):
        dispatcher.execute(ChooseServiceLevel(service_level=95, review_days=7), salesperson)
    with pytest.raises(PermissionDenied):
        dispatcher.read(list_needs, salesperson)


def test_lead_times_are_the_houses_measured_or_entered(
    records: Records, dispatcher: Dispatcher, manager: Actor
) -> None:
    trim = records.trim()
    unit = records.unit(trim)
    assert dispatcher.read(list_lead_times, manager)[0].source is LeadSource.HOUSE
    for _ in range(8):
        records.unit(trim)
    (row,) = dispatcher.read(list_lead_times, manager)
    assert (row.source, row.counts.mean, row.arrivals) == (LeadSource.MEASURED, 30.0, 9)
    done = dispatcher.execute(SetLeadTime(make_id=unit.make_id, mean_days=60, spread_days=10), manager)
    assert dispatcher.read(list_lead_times, manager)[0].counts.mean == 60
    assert done.undo is not None
    dispatcher.execute(done.undo, manager)
    assert dispatcher.read(list_lead_times, manager)[0].source is LeadSource.MEASURED


def test_minimums_by_series_and_colour_raise_the_suggestion(
    records: Records, dispatcher: Dispatcher, manager: Actor
) -> None:
    trim = records.trim()
    unit = records.unit(trim, exterior_colour=BLACK)
    command = SetStockMinimum(series_id=unit.series_id, exterior_colour=WHITE, quantity=3)
    done = dispatcher.execute(command, manager)
    (row,) = dispatcher.read(list_needs, manager)
    assert (row.by_formula, row.suggested, row.colours) == (0, 3, ((WHITE, 3),))
    assert "3 more to reach a minimum of 3." in [
        str(one) for one in row.reasons(dispatcher.read(policy_of, manager))
    ]
    (minimum,) = dispatcher.read(list_minimums, manager)
    assert (minimum.available, minimum.lacking, minimum.colour.en) == (0, 3, "Pearl White")
    with pytest.raises(MinimumAlreadySet):
        dispatcher.execute(command, manager)
    with pytest.raises(TrimOfAnotherSeries):
        dispatcher.execute(
            SetStockMinimum(series_id=unit.series_id, trim_id=records.trim().id, quantity=1), manager
        )
    whole = SetStockMinimum(series_id=unit.series_id, quantity=5)
    dispatcher.execute(whole, manager)
    assert dispatcher.read(list_needs, manager)[0].suggested == 4, "the three white ones count for the series too"
    assert done.undo is not None
    dispatcher.execute(done.undo, manager)
    assert [one.quantity for one in dispatcher.read(list_minimums, manager)] == [5]


def drafted(dispatcher: Dispatcher, manager: Actor, trim: Trim, quantity: int = 2) -> str:
    lines = (WantedUnits(trim_id=trim.id, exterior_colour=WHITE, quantity=quantity, suggested=3, note="=2+3"),)
    return str(dispatcher.execute(DraftProposal(lines=lines, note="Before the festival"), manager).value)


def revision(dispatcher: Dispatcher, manager: Actor, proposal_id: str) -> int:
    return dispatcher.read(get_proposal, manager, proposal_id).row.revision


def test_a_proposal_is_edited_approved_ordered_and_counts_until_it_arrives(
    records: Records, dispatcher: Dispatcher, manager: Actor, administrator: Actor, clock: FixedClock, trim: Trim
) -> None:
    before = dispatcher.read(list_needs, manager)[0]
    proposal_id = drafted(dispatcher, manager, trim)
    lines = (
        WantedUnits(trim_id=trim.id, exterior_colour=WHITE, quantity=1),
        WantedUnits(trim_id=trim.id, exterior_colour=BLACK, quantity=2),
    )
    change = ChangeProposal(
        proposal_id=proposal_id, expected_revision=revision(dispatcher, manager, proposal_id), lines=lines
    )
    dispatcher.execute(change, manager)
    detail = dispatcher.read(get_proposal, manager, proposal_id)
    assert (detail.row.units, detail.row.value) == (3, Decimal("384000.00"))
    for command, actor in (
        (SubmitProposal, manager), (ApproveProposal, administrator), (MarkProposalOrdered, manager),
    ):  # fmt: skip
        dispatcher.execute(
            command(proposal_id=proposal_id, expected_revision=revision(dispatcher, manager, proposal_id)), actor
        )
    after = dispatcher.read(list_needs, manager)[0]
    assert (after.on_order, after.suggested) == (3, before.suggested - 3)
    clock.advance(timedelta(days=10))
    dispatcher.execute(
        AddUnit(
            trim_id=trim.id, vin=vin_number(500), exterior_colour=BLACK, cost=Decimal("128000.00"),
            list_price=Decimal("150000.00"), floor_price=Decimal("139000.00"), arrived_on=records.today(),
        ),
        manager,
    )  # fmt: skip
    (row,) = dispatcher.read(list_proposals, manager)
    assert (row.state, row.still_open) == (ProposalState.ORDERED, 2)
    arrived = dispatcher.read(list_needs, manager)[0]
    assert (arrived.on_order, arrived.free) == (2, 1)
    with pytest.raises(ProposalNotEditable):
        dispatcher.execute(
            ChangeProposal(
                proposal_id=proposal_id, expected_revision=revision(dispatcher, manager, proposal_id), lines=lines
            ),
            manager,
        )


def test_whoever_drafted_a_proposal_does_not_decide(
    dispatcher: Dispatcher, manager: Actor, administrator: Actor, trim: Trim
) -> None:
    proposal_id = drafted(dispatcher, manager, trim)

    def act(command: type, actor: Actor, **more: object) -> None:
        given = {"proposal_id": proposal_id, "expected_revision": revision(dispatcher, manager, proposal_id)}
        dispatcher.execute(command(**given, **more), actor)

    act(SubmitProposal, manager)
    mine = dispatcher.read(get_proposal, manager, proposal_id)
    assert mine.own and not {"approve", "reject"} & set(mine.actions)
    for command, more in ((ApproveProposal, {}), (RejectProposal, {"reason": "Too many"})):
        with pytest.raises(ApprovalOfOwnProposal):
            act(command, manager, **more)
    theirs = dispatcher.read(get_proposal, administrator, proposal_id)
    assert not theirs.own and {"approve", "reject"} <= set(theirs.actions)
    act(TakeBackProposal, administrator)
    line = WantedUnits(trim_id=trim.id, exterior_colour=WHITE, quantity=9)
    act(ChangeProposal, administrator, lines=(line,))
    act(SubmitProposal, manager)
    with pytest.raises(ApprovalOfOwnProposal):
        act(ApproveProposal, administrator)
    act(ApproveProposal, manager)
    assert dispatcher.read(get_proposal, manager, proposal_id).row.state is ProposalState.APPROVED


def test_a_rejected_proposal_can_be_mended(
    dispatcher: Dispatcher, manager: Actor, administrator: Actor, trim: Trim
) -> None:
    with pytest.raises(NothingToOrder):
        drafted(dispatcher, manager, trim, 0)
    proposal_id = drafted(dispatcher, manager, trim)

    def act(command: type, actor: Actor = manager, **more: object) -> None:
        given = {"proposal_id": proposal_id, "expected_revision": revision(dispatcher, manager, proposal_id)}
        dispatcher.execute(command(**given, **more), actor)

    act(SubmitProposal)
    with pytest.raises(ReasonRequired):
        act(RejectProposal, administrator, reason="")
    act(RejectProposal, administrator, reason="Too many white ones")
    detail = dispatcher.read(get_proposal, manager, proposal_id)
    assert (detail.row.state, detail.decision_note) == (ProposalState.REJECTED, "Too many white ones")
    act(TakeBackProposal)
    assert "submit" in dispatcher.read(get_proposal, manager, proposal_id).actions


def test_exports_cannot_be_taken_for_formulas(dispatcher: Dispatcher, manager: Actor, trim: Trim) -> None:
    from openpyxl import load_workbook

    proposal_id = drafted(dispatcher, manager, trim)
    text = dispatcher.read(proposal_csv, manager, proposal_id).decode("utf-8-sig")
    head, row = list(csv.reader(io.StringIO(text)))
    assert head[-1] == "Cost in all"
    assert row[4] == "'=2+3"
    sheet = load_workbook(io.BytesIO(dispatcher.read(proposal_xlsx, manager, proposal_id))).active
    assert sheet.cell(2, 5).value == "=2+3"
    assert (sheet.cell(2, 5).data_type, sheet.cell(2, 5).quotePrefix) == ("s", True)
    assert not sheet.cell(2, 2).quotePrefix
    assert sheet.cell(2, 4).value == 2
    for code in ("zh_CN", "en"):
        assert dispatcher.read(proposal_pdf, manager, proposal_id, paper_language=code).startswith(b"%PDF")


def test_warnings_name_a_way_out(records: Records, dispatcher: Dispatcher, manager: Actor, trim: Trim) -> None:
    still = records.trim(name_zh="滞销", name_en="Slow")
    aged = [
        records.unit(still, arrived_on=records.today() - timedelta(days=days)) for days in (65, 100, 130, 200)
    ]
    for number in range(3):
        sold = records.unit(still, branch_id=HANGZHOU.id, stock_state="OUT")
        make_order(
            records, unit=sold, branch_id=HANGZHOU.id, ordered_at=records.clock.now() - timedelta(days=number)
        )
    found = {row.id: row for row in dispatcher.read(list_aged_units, manager).rows}
    assert [found[unit.id].action for unit in aged] == [
        AgedAction.DISPLAY, AgedAction.CAMPAIGN, AgedAction.TRANSFER, AgedAction.CLEARANCE,
    ]  # fmt: skip
    assert found[aged[2].id].better_branch_id == HANGZHOU.id
    (over,) = dispatcher.read(list_overstock, manager)
    assert (over.name.en, over.days, over.surplus, over.action) == (
        "Volkswagen Lavida 2026 Slow", None, 4, AgedAction.TRANSFER,
    )  # fmt: skip
    overview = dispatcher.read(needs_overview, manager)
    assert (overview.aged, overview.overstocked) == (4, 1)


def test_as_many_stand_long_as_are_listed(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    """From the first step of the house's policy on, that day included."""
    on_the_day, _younger, older = (
        records.unit(arrived_on=records.today() - timedelta(days=days)) for days in (60, 59, 61)
    )
    page = dispatcher.read(list_aged_units, manager)
    assert [row.id for row in page.rows] == [older.id, on_the_day.id]
    assert page.next is None
    assert dispatcher.read(needs_overview, manager).aged == 2
    (first,) = dispatcher.read(list_aged_units, manager, limit=1).rows
    assert first.id == older.id


def test_orders_of_earlier_versions_are_counted_with_their_units(
    records: Records, dispatcher: Dispatcher, manager: Actor
) -> None:
    sold = records.unit(stock_state="OUT")
    for values in ({"trim_id": None, "exterior_colour": None}, {}, {"state": "CANCELLED"}):
        make_order(records, unit=sold, ordered_at=records.clock.now() - timedelta(days=3), **values)
    found = dispatcher.read(sales_by_month, manager, since=records.today() - timedelta(days=60))
    assert found == {(sold.trim_id, sold.exterior_colour): {(2026, 11): 2}}


def test_what_stands_too_long_is_offered_to_the_branch_that_sells_it(
    records: Records, dispatcher: Dispatcher, manager: Actor, advisor: Actor
) -> None:
    slow = records.trim()
    older, newer = (records.unit(slow, arrived_on=records.today() - timedelta(days=days)) for days in (90, 20))
    records.unit(slow, allocation_state="ALLOCATED")
    surplus = dispatcher.read(list_surplus, manager, slow.id, surplus=1)
    assert ([unit.id for unit in surplus.units], surplus.suggested) == ([older.id, newer.id], 1)
    offer = OfferSurplus(unit_ids=(older.id, newer.id), to_branch_id=HANGZHOU.id, note="Sells there")
    with pytest.raises(PermissionDenied):
        dispatcher.execute(offer, advisor)
    with pytest.raises(NothingToOffer):
        dispatcher.execute(replace(offer, unit_ids=()), manager)
    transfers = dispatcher.execute(offer, manager).value
    rows = [dispatcher.read(get_transfer, manager, one).row for one in transfers]
    assert [row.vin for row in rows] == [older.vin, newer.vin]
    with pytest.raises(TransferUnderWay):
        dispatcher.execute(offer, manager)
