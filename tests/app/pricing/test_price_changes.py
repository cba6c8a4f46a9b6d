"""Price changes through the real handlers on the real encrypted database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from app.inventory.commands import AddUnit, ChangePrices, HoldUnit
from app.inventory.queries import get_unit
from app.inventory.unit_filters import UnitFilter
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired, RecordChangedMeanwhile
from app.kernel.permissions import Actor
from app.kernel.unit_of_work import unit_of_work
from app.pricing.commands import (
    ApplyDuePrices,
    ApprovePrices,
    EndCampaign,
    ProposePrices,
    RejectPrices,
    WithdrawPrices,
)
from app.pricing.errors import (
    ApprovalOfOwnPrices,
    FormulaNeedsPresentPrice,
    PriceNotPossible,
    PricesChangedMeanwhile,
    PricesInForce,
)
from app.pricing.history_queries import get_unit_prices
from app.pricing.preview import PricePlan, PriceTarget, PriceWarning, preview_prices, proposed_lines
from app.pricing.queries import (
    asked_prices,
    count_price_changes,
    get_price_change,
    get_price_draft,
    list_price_changes,
    list_timeline,
    prices_are_due,
)
from app.pricing.rules import Formula, FormulaKind, PriceKind, PricePhase, Rounding
from app.quotations.commands import DraftQuotation, QuotationTerms
from app.quotations.queries import get_quotation, preview_quotation
from db.audit_trail import PORTION
from db.models.inventory import VehicleUnit
from tests.factories.records import Records
from tests.factories.vins import vin_number

TODAY = date(2026, 11, 22)
DECEMBER = date(2026, 12, 1)


def plan(kind: PriceKind, value: str, /, *, by: FormulaKind = FormulaKind.BY_AMOUNT, **target: object) -> PricePlan:
    chosen = PriceTarget(**(target or {"filter": UnitFilter()}))  # type: ignore[arg-type]
    return PricePlan(kind=kind, target=chosen, formula=Formula(by, Decimal(value)))


def propose(
    dispatcher: Dispatcher, actor: Actor, what: PricePlan, /, *, valid_from: date = TODAY, **values: object
) -> str:
    rows = dispatcher.read(preview_prices, actor, what).rows
    lines = proposed_lines(what, rows, edited=frozenset())
    if what.kind is PriceKind.CAMPAIGN:
        values = {"name_zh": "双十二", "name_en": "Double 12", "valid_to": date(2026, 12, 12), **values}
    command = ProposePrices(
        kind=what.kind, lines=lines, valid_from=valid_from, formula=what.formula, **values  # type: ignore[arg-type]
    )  # fmt: skip
    return str(dispatcher.execute(command, actor).value)


def list_price(dispatcher: Dispatcher, actor: Actor, unit_id: str) -> Decimal:
    return dispatcher.read(get_unit, actor, unit_id).row.list_price


def test_the_preview_says_what_would_change_and_what_is_left_out(
    records: Records, dispatcher: Dispatcher, manager: Actor, salesperson: Actor
) -> None:
    trim = records.trim()
    free, held = records.unit(trim), records.unit(trim)
    records.unit(trim, branch_id="b" * 31 + "2")
    dispatcher.execute(HoldUnit(unit_id=held.id), salesperson)
    found = dispatcher.read(preview_prices, manager, plan(PriceKind.LIST, "-12000"))
    assert [(row.id, row.before, row.after) for row in found.rows] == [
        (free.id, Decimal("150000.00"), Decimal("138000.00"))
    ]
    assert (found.taken, found.elsewhere) == (1, 1)
    assert found.rows[0].warnings == (PriceWarning.FLOOR_ABOVE_LIST, PriceWarning.LARGE)
    assert found.rows[0].stops
    assert found.rows[0].with_price(Decimal("149000.00")).warnings == ()
    below_cost = dispatcher.read(preview_prices, manager, plan(PriceKind.FLOOR, "-12000")).rows[0]
    assert PriceWarning.BELOW_COST in below_cost.warnings
    with pytest.raises(PermissionDenied):
        dispatcher.read(preview_prices, salesperson, plan(PriceKind.LIST, "-1000"))


def test_a_small_change_needs_no_approval_and_counts_at_once(
    records: Records, dispatcher: Dispatcher, manager: Actor
) -> None:
    units = [records.unit(), records.unit()]
    change_id = propose(dispatcher, manager, plan(PriceKind.LIST, "-2000"))
    detail = dispatcher.read(get_price_change, manager, change_id)
    assert (detail.row.phase, detail.needs_approval, detail.row.lines) == (PricePhase.IN_FORCE, False, 2)
    assert {list_price(dispatcher, manager, unit.id) for unit in units} == {Decimal("148000.00")}


def test_a_large_change_waits_for_somebody_else(
    records: Records, dispatcher: Dispatcher, manager: Actor, administrator: Actor, salesperson: Actor
) -> None:
    unit = records.unit()
    change_id = propose(dispatcher, manager, plan(PriceKind.LIST, "-9000"))
    assert list_price(dispatcher, manager, unit.id) == Decimal("150000.00")
    row = dispatcher.read(get_price_change, manager, change_id).row
    command = ApprovePrices(change_id=change_id, expected_revision=row.revision, note="Year end")
    with pytest.raises(ApprovalOfOwnPrices):
        dispatcher.execute(command, manager)
    with pytest.raises(PermissionDenied):
        dispatcher.execute(command, salesperson)
    assert "approve" in dispatcher.read(get_price_change, administrator, change_id).actions
    dispatcher.execute(command, administrator)
    assert list_price(dispatcher, manager, unit.id) == Decimal("141000.00")
    history = dispatcher.read(get_unit_prices, salesperson, unit.id)
    assert history.history[0].list_price == Decimal("141000.00")
    assert "since 2026-11-22" in str(history.why[0])


def test_rejecting_needs_a_reason_and_changes_nothing(
    records: Records, dispatcher: Dispatcher, manager: Actor, administrator: Actor
) -> None:
    unit = records.unit()
    change_id = propose(dispatcher, manager, plan(PriceKind.LIST, "-9000"))
    revision = dispatcher.read(get_price_change, manager, change_id).row.revision
    with pytest.raises(ReasonRequired):
        dispatcher.execute(
            RejectPrices(change_id=change_id, expected_revision=revision, reason=" "), administrator
        )
    dispatcher.execute(
        RejectPrices(change_id=change_id, expected_revision=revision, reason="Too much"), administrator
    )
    assert dispatcher.read(get_price_change, manager, change_id).row.phase is PricePhase.REJECTED
    assert list_price(dispatcher, manager, unit.id) == Decimal("150000.00")


def test_prices_begin_on_their_day_on_every_desk_alike(
    records: Records, dispatcher: Dispatcher, manager: Actor, salesperson: Actor, clock: FixedClock
) -> None:
    trim = records.trim()
    old, sold = records.unit(trim), records.unit(trim, allocation_state="ALLOCATED")
    own = records.unit(trim)
    dispatcher.execute(
        ChangePrices(
            unit_id=own.id, expected_revision=own.revision, list_price=Decimal("145000.00"),
            floor_price=Decimal("139000.00"),
        ),
        manager,
    )  # fmt: skip
    what = plan(PriceKind.LIST, "149000", by=FormulaKind.SET, trim_ids=(trim.id,))
    propose(dispatcher, manager, what, valid_from=DECEMBER)
    assert not dispatcher.read(prices_are_due, salesperson)
    clock.advance(timedelta(days=9))
    late = str(
        dispatcher.execute(
            AddUnit(
                trim_id=trim.id, vin=vin_number(99), exterior_colour="白 / White", cost=Decimal("120000.00"),
                list_price=Decimal("155000.00"), floor_price=Decimal("140000.00"), arrived_on=DECEMBER,
            ),
            manager,
        ).value
    )  # fmt: skip
    assert dispatcher.read(prices_are_due, salesperson)
    assert dispatcher.execute(ApplyDuePrices(), salesperson).value == 1
    assert dispatcher.execute(ApplyDuePrices(), salesperson).value == 0
    assert not dispatcher.read(prices_are_due, salesperson)
    prices = {name: list_price(dispatcher, manager, unit) for name, unit in
              (("old", old.id), ("sold", sold.id), ("own", own.id), ("late", late))}  # fmt: skip
    assert prices == {
        "old": Decimal("149000.00"), "sold": Decimal("150000.00"), "own": Decimal("145000.00"),
        "late": Decimal("155000.00"),
    }  # fmt: skip


def test_an_offer_takes_the_campaign_as_a_line_with_its_name(
    records: Records, dispatcher: Dispatcher, manager: Actor, administrator: Actor, salesperson: Actor
) -> None:
    unit = records.unit(records.trim(parameters={"displacement": 1.5}))
    customer = records.customer()
    what = plan(PriceKind.CAMPAIGN, "-5000", trim_ids=(unit.trim_id,))
    change_id = propose(dispatcher, manager, what)
    row = dispatcher.read(get_price_change, manager, change_id).row
    dispatcher.execute(ApprovePrices(change_id=change_id, expected_revision=row.revision), administrator)
    terms = QuotationTerms(vehicle_unit_id=unit.id)
    drafted = dispatcher.execute(DraftQuotation(customer_id=customer.id, terms=terms), salesperson).value
    offer = dispatcher.read(get_quotation, salesperson, drafted.quotation_id)
    lines = [(str(line.label), line.amount) for line in offer.lines[:2]]
    assert lines[1] == ("Campaign “Double 12”", Decimal("-5000.00"))
    assert offer.row.vehicle_price == Decimal("145000.00")
    assert not drafted.below_floor
    named = replace(terms, price=Decimal("150000.00"))
    plain = dispatcher.execute(DraftQuotation(customer_id=customer.id, terms=named), salesperson).value
    assert dispatcher.read(get_quotation, salesperson, plain.quotation_id).row.vehicle_price == Decimal("150000.00")
    # Ended early, the campaign counts no more; the offer keeps the price it was made with.
    revision = dispatcher.read(get_price_change, manager, change_id).row.revision
    dispatcher.execute(
        EndCampaign(
            change_id=change_id, expected_revision=revision, last_day=TODAY - timedelta(days=1), reason="Sold out"
        ),
        manager,
    )  # fmt: skip
    assert dispatcher.read(get_unit_prices, salesperson, unit.id).campaign is None
    assert dispatcher.read(get_quotation, salesperson, drafted.quotation_id).row.vehicle_price == Decimal("145000.00")


def test_a_campaign_below_the_floor_has_to_say_so(
    records: Records, dispatcher: Dispatcher, manager: Actor, administrator: Actor, salesperson: Actor
) -> None:
    unit = records.unit(records.trim(parameters={"displacement": 1.5}))
    customer = records.customer()
    what = plan(PriceKind.CAMPAIGN, "-15000", unit_ids=(unit.id,))
    assert PriceWarning.BELOW_FLOOR in dispatcher.read(preview_prices, manager, what).rows[0].warnings
    with pytest.raises(PriceNotPossible):
        propose(dispatcher, manager, what)
    change_id = propose(dispatcher, manager, what, below_floor=True)
    row = dispatcher.read(get_price_change, manager, change_id).row
    dispatcher.execute(ApprovePrices(change_id=change_id, expected_revision=row.revision), administrator)
    terms = QuotationTerms(vehicle_unit_id=unit.id)
    drafted = dispatcher.execute(DraftQuotation(customer_id=customer.id, terms=terms), salesperson).value
    assert not drafted.below_floor
    more = replace(terms, discount=Decimal("100.00"))
    assert dispatcher.execute(DraftQuotation(customer_id=customer.id, terms=more), salesperson).value.below_floor


def test_all_or_nothing_when_something_changed_since_the_preview(
    records: Records, dispatcher: Dispatcher, manager: Actor, salesperson: Actor
) -> None:
    units = [records.unit(), records.unit()]
    what = plan(PriceKind.LIST, "-1000")
    rows = dispatcher.read(preview_prices, manager, what).rows
    dispatcher.execute(HoldUnit(unit_id=units[0].id), salesperson)
    lines = proposed_lines(what, rows, edited=frozenset())
    with pytest.raises(PricesChangedMeanwhile):
        dispatcher.execute(ProposePrices(kind=PriceKind.LIST, lines=lines, valid_from=TODAY), manager)
    assert dispatcher.read(count_price_changes, manager) == (0, 0)
    assert list_price(dispatcher, manager, units[1].id) == Decimal("150000.00")


def test_a_whole_change_can_be_undone(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    units = [records.unit() for _ in range(3)]
    what = plan(PriceKind.LIST, "-1000")
    lines = proposed_lines(what, dispatcher.read(preview_prices, manager, what).rows, edited=frozenset())
    done = dispatcher.execute(ProposePrices(kind=PriceKind.LIST, lines=lines, valid_from=TODAY), manager)
    assert list_price(dispatcher, manager, units[0].id) == Decimal("149000.00")
    assert done.undo is not None
    dispatcher.execute(done.undo, manager)
    assert {list_price(dispatcher, manager, unit.id) for unit in units} == {Decimal("150000.00")}
    assert dispatcher.read(get_price_change, manager, done.value).row.phase is PricePhase.WITHDRAWN


def test_what_counts_already_is_not_withdrawn(
    records: Records, dispatcher: Dispatcher, manager: Actor, clock: FixedClock
) -> None:
    records.unit()
    change_id = propose(dispatcher, manager, plan(PriceKind.LIST, "-1000"), valid_from=DECEMBER)
    revision = dispatcher.read(get_price_change, manager, change_id).row.revision
    withdraw = WithdrawPrices(change_id=change_id, expected_revision=revision, reason="Supplier's price came late")
    clock.advance(timedelta(days=9))
    with pytest.raises(PricesInForce):
        dispatcher.execute(withdraw, manager)
    clock.advance(timedelta(days=-9))
    dispatcher.execute(withdraw, manager)
    assert dispatcher.read(get_price_change, manager, change_id).row.phase is PricePhase.WITHDRAWN


def test_a_trims_price_is_absolute(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    with pytest.raises(FormulaNeedsPresentPrice):
        dispatcher.read(preview_prices, manager, plan(PriceKind.LIST, "-1", trim_ids=(records.trim().id,)))
    trim = records.trim()
    unit = records.unit(trim, created_at=records.clock.now() - timedelta(days=30))
    series = PriceTarget(series_ids=(unit.series_id,))
    what = PricePlan(
        kind=PriceKind.LIST, target=series, formula=Formula(FormulaKind.OF_GUIDE, Decimal(99), Rounding.TO_100)
    )
    propose(dispatcher, manager, what)
    assert list_price(dispatcher, manager, unit.id) == Decimal("148500.00")


@pytest.mark.parametrize("level", ["trim_ids", "series_ids"])
def test_what_is_said_of_whole_models_is_measured_against_their_vehicles(
    records: Records, dispatcher: Dispatcher, manager: Actor, level: str
) -> None:
    """150,000 to half the guide price is no small change because it was said about a trim."""
    trim = records.trim()
    unit = records.unit(trim, created_at=records.clock.now() - timedelta(days=30))
    records.unit(trim, list_price=Decimal("152000.00"))
    subject = trim.id if level == "trim_ids" else unit.series_id

    def stored(kind: PriceKind, value: str, by: FormulaKind) -> tuple[bool, Decimal | None]:
        change_id = propose(dispatcher, manager, plan(kind, value, by=by, **{level: (subject,)}), valid_from=DECEMBER)
        detail = dispatcher.read(get_price_change, manager, change_id)
        return detail.needs_approval, detail.row.largest_change

    assert stored(PriceKind.LIST, "50", FormulaKind.OF_GUIDE) == (True, Decimal("50.7"))
    assert stored(PriceKind.LIST, "99.5", FormulaKind.OF_GUIDE) == (False, Decimal("1.8"))
    assert stored(PriceKind.FLOOR, "139500", FormulaKind.SET) == (False, Decimal("0.4"))
    assert stored(PriceKind.FLOOR, "100000", FormulaKind.SET) == (True, Decimal("28.1"))
    assert stored(PriceKind.CAMPAIGN, "-1.5", FormulaKind.BY_PERCENT) == (False, Decimal("1.5"))
    assert stored(PriceKind.CAMPAIGN, "-3", FormulaKind.BY_PERCENT) == (True, Decimal("3.0"))
    assert stored(PriceKind.CAMPAIGN, "-1500", FormulaKind.BY_AMOUNT) == (True, Decimal("1.0")), "dearer ones may come"
    assert list_price(dispatcher, manager, unit.id) == Decimal("150000.00")


def test_a_model_without_vehicles_is_measured_against_its_guide_price(
    records: Records, dispatcher: Dispatcher, manager: Actor
) -> None:
    trim = records.trim()
    what = plan(PriceKind.LIST, "97", by=FormulaKind.OF_GUIDE, trim_ids=(trim.id,))
    detail = dispatcher.read(get_price_change, manager, propose(dispatcher, manager, what, valid_from=DECEMBER))
    assert (detail.needs_approval, detail.row.largest_change) == (True, Decimal("3.0"))


def test_lists_find_by_kind_phase_and_words(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    unit = records.unit()
    campaign = propose(dispatcher, manager, plan(PriceKind.CAMPAIGN, "-1500", trim_ids=(unit.trim_id,)))
    propose(dispatcher, manager, plan(PriceKind.LIST, "-1000"), valid_from=DECEMBER)

    def ids(**filters: object) -> int:
        return len(dispatcher.read(list_price_changes, manager, **filters))

    assert ids() == 2
    assert ids(kind=["CAMPAIGN"]) == ids(text="Double") == ids(phase="SCHEDULED") == 1
    assert [row.id for row in dispatcher.read(list_price_changes, manager, phase=["PENDING_APPROVAL"])] == [campaign]
    shown = dispatcher.read(list_timeline, manager, since=TODAY, until=TODAY + timedelta(days=60))
    assert [row.kind for row in shown] == [PriceKind.CAMPAIGN, PriceKind.LIST]


class Cancelled(Exception):
    pass


@pytest.mark.parametrize("phase", ["Checking vehicles", "Writing prices", "Pricing vehicles"])
def test_nothing_stays_of_a_change_that_is_cancelled_in_any_phase(
    records: Records, dispatcher: Dispatcher, manager: Actor, phase: str
) -> None:
    units = [records.unit() for _ in range(2)]
    what = plan(PriceKind.LIST, "-1000")
    lines = proposed_lines(what, dispatcher.read(preview_prices, manager, what).rows, edited=frozenset())
    told = []

    def progress(message: str, fraction: float | None) -> None:
        told.append(message)
        if message == phase:
            raise Cancelled

    before = dispatcher.read(count_price_changes, manager), _written(dispatcher)
    with pytest.raises(Cancelled):
        dispatcher.execute(
            ProposePrices(kind=PriceKind.LIST, lines=lines, valid_from=TODAY, progress=progress), manager
        )
    assert told[-1] == phase
    assert (dispatcher.read(count_price_changes, manager), _written(dispatcher)) == before
    assert {list_price(dispatcher, manager, unit.id) for unit in units} == {Decimal("150000.00")}


def _written(dispatcher: Dispatcher) -> list[int]:
    with dispatcher.database.read() as session:
        connection = session.connection()
        tables = ("price_change", "price_line", "price_applied", "outbox_operation", "audit_entry", "task")
        return [connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() for table in tables]


def test_many_vehicles_are_priced_in_portions_and_back_again(
    records: Records, dispatcher: Dispatcher, manager: Actor
) -> None:
    unit = records.unit()
    place = {"trim_id": unit.trim_id, "make_id": unit.make_id, "series_id": unit.series_id, "energy": "petrol",
             "branch_id": unit.branch_id, "exterior_colour": "白", "arrived_on": "2026-11-02"}  # fmt: skip
    many = [
        {**place, "vin": vin_number(1_000 + n), "cost": 1, "list_price": 15_000_000, "floor_price": 13_900_000}
        for n in range(2 * PORTION)
    ]
    with unit_of_work(dispatcher.database, actor=manager, now=records.clock.now()) as (uow, transaction):
        uow.add_many(VehicleUnit, many)
        transaction.commit(name="Fixture", reason="")
    what = plan(PriceKind.LIST, "-2000")
    lines = proposed_lines(what, dispatcher.read(preview_prices, manager, what).rows, edited=frozenset())
    done = dispatcher.execute(ProposePrices(kind=PriceKind.LIST, lines=lines, valid_from=TODAY), manager)
    sizes = "SELECT max(n), count(*) FROM (SELECT count(*) AS n FROM outbox_operation GROUP BY txn_id)"
    distinct = "SELECT DISTINCT list_price FROM vehicle_unit"
    with dispatcher.database.read() as session:
        connection = session.connection()
        assert connection.exec_driver_sql(sizes).one()[0] == PORTION
        assert connection.exec_driver_sql(distinct).scalars().all() == [14_800_000]
    assert done.undo is not None
    dispatcher.execute(done.undo, manager)
    with dispatcher.database.read() as session:
        assert session.connection().exec_driver_sql(distinct).scalars().all() == [15_000_000]


def test_what_is_asked_for_a_page_of_vehicles(
    records: Records, dispatcher: Dispatcher, manager: Actor, administrator: Actor, salesperson: Actor,
    clock: FixedClock,
) -> None:  # fmt: skip
    trim = records.trim()
    units = [records.unit(trim), records.unit(trim), records.unit()]
    ids = [unit.id for unit in units] + ["f" * 32]
    plain = dispatcher.read(asked_prices, salesperson, ids)
    assert {price.asked for price in plain.values()} == {Decimal("150000.00")}
    change_id = propose(dispatcher, manager, plan(PriceKind.CAMPAIGN, "-5000", trim_ids=(trim.id,)))
    row = dispatcher.read(get_price_change, manager, change_id).row
    dispatcher.execute(ApprovePrices(change_id=change_id, expected_revision=row.revision), administrator)
    found = dispatcher.read(asked_prices, salesperson, ids)
    assert [found[one].asked for one in ids[:3]] == [Decimal("145000.00"), Decimal("145000.00"), Decimal("150000.00")]
    assert (str(found[ids[0]].campaign), found[ids[0]].until) == ("Double 12", date(2026, 12, 12))
    assert found[ids[2]].campaign is None
    clock.advance(timedelta(days=30))
    assert dispatcher.read(asked_prices, salesperson, ids) == plain


def test_an_offer_with_a_price_of_its_own_says_what_the_campaign_would_give(
    records: Records, dispatcher: Dispatcher, manager: Actor, administrator: Actor, salesperson: Actor
) -> None:
    unit = records.unit(records.trim(parameters={"displacement": 1.5}))
    terms = QuotationTerms(vehicle_unit_id=unit.id)

    def notes(**values: object) -> list[str]:
        found = dispatcher.read(preview_quotation, salesperson, replace(terms, **values)).notes
        return [str(one) for one in found if "Campaign" in str(one)]

    assert notes(price=Decimal("148000.00")) == []
    change_id = propose(dispatcher, manager, plan(PriceKind.CAMPAIGN, "-5000", trim_ids=(unit.trim_id,)))
    row = dispatcher.read(get_price_change, manager, change_id).row
    dispatcher.execute(ApprovePrices(change_id=change_id, expected_revision=row.revision), administrator)
    assert notes() == []
    assert notes(price=Decimal("148000.00")) == [
        "Campaign “Double 12” until 2026-12-12 would ask 145,000.00 (5,000.00 off): leave the price empty to use it."
    ]
    assert notes(discount=Decimal("500.00")) == [
        "Campaign “Double 12” until 2026-12-12 takes 5,000.00 off already; the discount comes on top."
    ]


def test_a_draft_is_kept_gone_on_with_and_submitted(
    records: Records, dispatcher: Dispatcher, manager: Actor, salesperson: Actor
) -> None:
    units = [records.unit() for _ in range(2)]
    change_id = propose(dispatcher, manager, plan(PriceKind.LIST, "-1000"), submit=False, reason="Spring")
    detail = dispatcher.read(get_price_change, manager, change_id)
    assert (detail.row.phase, detail.actions) == (PricePhase.DRAFT, ("resume", "submit", "withdraw"))
    draft = dispatcher.read(get_price_draft, manager, change_id)
    assert (set(draft.unit_ids), draft.reason) == ({unit.id for unit in units}, "Spring")
    assert set(draft.amounts.values()) == {Decimal("149000.00")}
    with pytest.raises(PermissionDenied):
        dispatcher.read(get_price_draft, salesperson, change_id)
    first = plan(PriceKind.LIST, "-2000", unit_ids=(units[0].id,))
    given = {"replaces": change_id, "expected_revision": draft.revision}
    assert propose(dispatcher, manager, first, submit=False, **given) == change_id
    again = dispatcher.read(get_price_draft, manager, change_id)
    assert (again.unit_ids, list(again.amounts.values())) == ((units[0].id,), [Decimal("148000.00")])
    with pytest.raises(RecordChangedMeanwhile):
        propose(dispatcher, manager, first, **given)
    assert propose(dispatcher, manager, first, **{**given, "expected_revision": again.revision}) == change_id
    assert [list_price(dispatcher, manager, unit.id) for unit in units] == [Decimal("148000.00"), Decimal("150000.00")]
    assert dispatcher.read(count_price_changes, manager) == (1, 1)


def test_campaigns_begin_and_end_at_the_branchs_midnight_and_the_most_special_counts(
    records: Records, dispatcher: Dispatcher, manager: Actor, administrator: Actor, clock: FixedClock
) -> None:
    """150,000 with a floor of 139,000. The branch's midnight is 16:00 UTC; nothing is written in between."""
    trim = records.trim(parameters={"displacement": "1.5"})
    unit, other = records.unit(trim), records.unit(trim)
    first, last = date(2026, 12, 1), date(2026, 12, 3)

    def campaign(value: str, *, valid_from: date, valid_to: date, **target: object) -> None:
        what = plan(PriceKind.CAMPAIGN, value, **target)
        change_id = propose(dispatcher, manager, what, valid_from=valid_from, valid_to=valid_to)
        row = dispatcher.read(get_price_change, administrator, change_id).row
        if row.phase is PricePhase.PENDING_APPROVAL:
            approve = ApprovePrices(change_id=change_id, expected_revision=row.revision)
            dispatcher.execute(approve, administrator)

    campaign("-3000", valid_from=first, valid_to=date(2026, 12, 31), series_ids=(unit.series_id,))
    campaign("-20000", valid_from=date(2026, 12, 2), valid_to=date(2026, 12, 2), trim_ids=(trim.id,))
    campaign("-1000", valid_from=last, valid_to=last, unit_ids=(unit.id,))

    def asked(moment: datetime) -> tuple[int, int]:
        clock.advance(moment - clock.now())
        terms = [QuotationTerms(vehicle_unit_id=one.id) for one in (unit, other)]
        offers = [dispatcher.read(preview_quotation, manager, one).vehicle_price for one in terms]
        listed = dispatcher.read(asked_prices, manager, [unit.id, other.id])
        assert offers == [listed[unit.id].asked, listed[other.id].asked], "the offer says what the list says"
        return int(offers[0]), int(offers[1])

    def midnight(day: int, seconds: int = 0) -> datetime:
        return datetime(2026, 12, day, tzinfo=UTC) - timedelta(hours=8) + timedelta(seconds=seconds)

    assert asked(midnight(1, -1)) == (150_000, 150_000)
    assert asked(midnight(1)) == asked(midnight(2, -1)) == (147_000, 147_000)
    assert asked(midnight(2)) == asked(midnight(3, -1)) == (139_000, 139_000), "the trim's, down to the floor"
    assert asked(midnight(3)) == asked(midnight(4, -1)) == (149_000, 147_000), "the unit's own, though it is dearer"
    assert asked(midnight(4)) == (147_000, 147_000)
    assert asked(midnight(31, 86_399)) == (147_000, 147_000)
    assert asked(midnight(31, 86_400)) == (150_000, 150_000)
