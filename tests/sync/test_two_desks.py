"""Desks with encrypted databases and a real service: what one does, the other sees; nothing is sold twice."""

from datetime import timedelta

from app.kernel.permissions import Role
from app.kernel.unit_of_work import Reader
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from sync.client.queries import list_conflicts
from sync.client.status import SyncState
from tests.factories.people import HANGZHOU
from tests.sync.conftest import Group
from tests.sync.desks import Desk, customer_of


def _pair(group: Group) -> tuple[Desk, Desk]:
    """Desk A with the branch's data, desk B that joined empty; both agree."""
    first = group.desk("D01")
    first.sync()
    second = group.desk("D02", empty=True)
    second.sync()
    return first, second


def _agree(*desks: Desk) -> None:
    """Exchange until nobody has anything new."""
    for _ in range(2):
        for desk in desks:
            desk.sync()


def test_an_empty_desk_receives_everything_and_both_copies_are_alike(group: Group) -> None:
    first, second = _pair(group)
    unit, customer = first.records.unit(), customer_of(first)
    _agree(first, second)
    assert second.row("vehicle_unit", unit.id)["vin"] == unit.vin
    assert second.row("customer", customer.id)["name"] == "张伟"
    assert first.snapshot() == second.snapshot()
    assert len(second.rows("SELECT 1 FROM staff_member")) == 9
    assert second.one("SELECT count(*) FROM search_entry WHERE kind = 'vehicle'") == 1
    assert first.engine.status.state == second.engine.status.state == SyncState.AGREED
    assert first.engine.status.unsent == 0


def test_a_sale_made_offline_shows_as_sold_on_the_other_desk(group: Group) -> None:
    first, second = _pair(group)
    unit, customer = first.records.unit(), customer_of(first)
    _agree(first, second)
    order = first.sell(unit.id, customer.id)
    assert first.row("sales_order", order)["claim_state"] == "provisional"
    assert second.row("vehicle_unit", unit.id)["allocation_state"] == "FREE"
    _agree(first, second)
    for desk in (first, second):
        assert desk.row("vehicle_unit", unit.id)["allocation_state"] == "ALLOCATED"
        assert desk.row("vehicle_unit", unit.id)["order_id"] == order
        sold = desk.row("sales_order", order)
        assert (sold["claim_state"], sold["final_number"]) == ("confirmed", f"SH01-SO-{desk.clock.now().year}-000001")
    assert any("sales_order" in changes.rows for changes in second.changes)
    assert first.snapshot() == second.snapshot()


def test_one_vehicle_sold_on_two_desks_offline_has_exactly_one_buyer(group: Group) -> None:
    first, second = _pair(group)
    unit, customer = first.records.unit(), customer_of(first)
    _agree(first, second)
    losing = first.sell(unit.id, customer.id)
    winning = second.sell(unit.id, customer.id)
    second.sync()  # the later sale reaches the centre first, and that is what counts
    _agree(first, second)
    for desk in (first, second):
        won, lost = desk.row("sales_order", winning), desk.row("sales_order", losing)
        assert (won["claim_state"], lost["claim_state"]) == ("confirmed", "conflict")
        assert won["final_number"] and lost["final_number"] is None
        assert f'"order_id":"{winning}"' in lost["claim_winner"]
        assert won["final_number"] in lost["claim_winner"]
        assert desk.row("vehicle_unit", unit.id)["order_id"] == winning
        assert desk.one("SELECT count(*) FROM task WHERE kind = 'resolve_claim_conflict' AND state = 'OPEN'") == 1
        with desk.database.read() as session:
            (conflict,) = list_conflicts(Reader(session, actor=desk.actor(), now=desk.clock.now()))
        assert (conflict.order_id, conflict.winner["order_id"]) == (losing, winning)
        assert desk.engine.status.conflicts == 1
    assert first.snapshot() == second.snapshot()
    assert group.scalar("SELECT count(*) FROM vehicle_claim WHERE tenant_id = ? AND kind = 'order'") == 1


def test_one_vehicle_entered_twice_under_different_ids_is_still_one_vehicle(group: Group) -> None:
    first, second = _pair(group)
    customer, trim = customer_of(first), first.records.trim()
    _agree(first, second)
    vin = "LSVAA4182E2184847"
    ours = first.records.unit(trim, vin=vin, stock_number="A1")
    theirs = second.records.unit(trim, vin=vin, stock_number="B1")
    winning = first.sell(ours.id, customer.id)
    losing = second.sell(theirs.id, customer.id)
    _agree(first, second, first)
    for desk in (first, second):
        assert desk.row("sales_order", winning)["claim_state"] == "confirmed"
        assert desk.row("sales_order", losing)["claim_state"] == "conflict"
        assert {desk.row("vehicle_unit", one)["order_id"] for one in (ours.id, theirs.id)} == {winning}
    assert first.snapshot() == second.snapshot()


def test_a_conflict_between_branches_gives_each_a_task(group: Group) -> None:
    first = group.desk("D01")
    first.sync()
    second = group.desk("D01", branch=HANGZHOU, empty=True)
    second.sync()
    unit, customer = first.records.unit(), customer_of(first)
    _agree(first, second)
    winning, losing = second.sell(unit.id, customer.id), first.sell(unit.id, customer.id)
    second.sync()
    _agree(first, second)
    branches = first.rows("SELECT branch_id, record_id FROM task WHERE kind = 'resolve_claim_conflict' ORDER BY 1")
    assert branches == [(first.branch.id, losing), (HANGZHOU.id, winning)]
    assert first.row("sales_order", winning)["final_number"].startswith("HZ01-SO-")
    assert first.snapshot() == second.snapshot()


def test_cancelling_the_loser_settles_the_conflict_everywhere(group: Group) -> None:
    first, second = _pair(group)
    unit, customer = first.records.unit(), customer_of(first)
    _agree(first, second)
    winning, losing = first.sell(unit.id, customer.id), second.sell(unit.id, customer.id)
    _agree(first, second)
    second.cancel(losing)
    _agree(second, first)
    for desk in (first, second):
        assert desk.row("sales_order", losing)["claim_state"] == "released"
        assert desk.row("vehicle_unit", unit.id)["order_id"] == winning
        assert desk.one("SELECT state FROM task WHERE kind = 'resolve_claim_conflict'") == "DONE"
        assert desk.engine.status.conflicts == 0


def test_when_the_winner_cancels_the_loser_can_have_the_vehicle(group: Group) -> None:
    first, second = _pair(group)
    unit, customer = first.records.unit(), customer_of(first)
    _agree(first, second)
    winning, losing = first.sell(unit.id, customer.id), second.sell(unit.id, customer.id)
    _agree(first, second)
    first.cancel(winning)
    _agree(first, second)
    assert second.row("vehicle_unit", unit.id)["allocation_state"] == "FREE"
    second.claim_again(losing)
    _agree(second, first)
    for desk in (first, second):
        order = desk.row("sales_order", losing)
        assert (order["claim_state"], order["claim_winner"]) == ("confirmed", None)
        assert order["final_number"].endswith("000002")
        assert desk.row("vehicle_unit", unit.id)["order_id"] == losing
        assert desk.one("SELECT state FROM task WHERE kind = 'resolve_claim_conflict'") == "DONE"


def test_a_hold_keeps_others_away_until_it_ends(group: Group) -> None:
    first, second = _pair(group)
    unit, customer = first.records.unit(), customer_of(first)
    _agree(first, second)
    first.hold(unit.id, minutes=60, customer_id=customer.id)
    second.hold(unit.id, minutes=60, role=Role.BRANCH_MANAGER)
    first.sync()
    # The second hold comes too late: it is refused, and its desk shows who holds the vehicle.
    assert second.sync().rejected == 2
    held = second.row("vehicle_unit", unit.id)
    assert (held["allocation_state"], held["held_for_customer_id"]) == ("HELD", customer.id)
    assert second.engine.status.rejected == 2
    other = customer_of(second, name="李娜")
    lost = second.sell(unit.id, other.id)
    _agree(second, first)
    assert first.row("sales_order", lost)["claim_state"] == "conflict"
    assert '"order_id":null' in first.row("sales_order", lost)["claim_winner"]
    sold = first.sell(unit.id, customer.id)
    _agree(first, second)
    assert second.row("sales_order", sold)["claim_state"] == "confirmed"
    assert second.row("vehicle_unit", unit.id)["held_until"] is None


def test_a_hold_that_ended_holds_nobody_up(group: Group) -> None:
    first, second = _pair(group)
    unit, customer = first.records.unit(), customer_of(first)
    first.clock.advance(-timedelta(hours=2))
    first.hold(unit.id, minutes=30)
    _agree(first, second)
    sold = second.sell(unit.id, customer.id)
    _agree(second, first)
    assert first.row("sales_order", sold)["claim_state"] == "confirmed"


def test_fields_changed_on_two_desks_are_both_kept(group: Group) -> None:
    first, second = _pair(group)
    customer = customer_of(first)
    _agree(first, second)
    first.set(Customer, customer.id, note="prefers white", phone="13911111111")
    second.set(Customer, customer.id, address="人民路1号", phone="13922222222")
    _agree(first, second)
    merged = first.row("customer", customer.id)
    assert (merged["note"], merged["address"]) == ("prefers white", "人民路1号")
    assert merged["phone"] == "13922222222"  # changed later
    assert first.snapshot() == second.snapshot()
    assert second.one("SELECT subtitle FROM search_entry WHERE kind = 'customer'").endswith("2222")


def test_deleting_wins_over_editing_and_the_editor_is_told(group: Group) -> None:
    first, second = _pair(group)
    customer = customer_of(first)
    _agree(first, second)
    first.delete(Customer, customer.id)
    second.set(Customer, customer.id, note="calls on Friday")
    first.sync()
    assert second.sync().rejected == 1
    _agree(first, second)
    assert second.row("customer", customer.id)["deleted_at"] is not None
    assert second.row("customer", customer.id)["phone"] == ""  # what is personal does not stay behind
    assert second.one("SELECT count(*) FROM search_entry WHERE kind = 'customer'") == 0
    assert group.scalar("SELECT body FROM replica_row WHERE tenant_id = ? AND record_id = ?", customer.id) == (
        f'{{"deleted_at":{first.row("customer", customer.id)["deleted_at"]}}}'
    )


def test_deleting_loses_to_a_sale(group: Group) -> None:
    first, second = _pair(group)
    unit, customer = first.records.unit(), customer_of(first)
    _agree(first, second)
    order = first.sell(unit.id, customer.id)
    second.delete(VehicleUnit, unit.id)
    first.sync()
    assert second.sync().rejected == 1
    assert second.row("vehicle_unit", unit.id)["deleted_at"] is None
    assert second.row("vehicle_unit", unit.id)["order_id"] == order
    _agree(first, second)
    assert first.snapshot() == second.snapshot()


def test_a_desk_reads_only_its_scopes(group: Group) -> None:
    first = group.desk("D01")
    ours = customer_of(first)
    first.sync()
    narrow = group.desk("D09", branch=HANGZHOU, empty=True, scopes=[])
    narrow.sync()
    assert narrow.rows("SELECT count(*) FROM staff_member") == [(9,)]
    assert narrow.row("customer", ours.id) == {}
    theirs = customer_of(narrow, branch_id=HANGZHOU.id, name="陈晨")
    assert narrow.sync().pushed == 1
    first.sync()
    assert first.row("customer", theirs.id)["name"] == "陈晨"
    foreign = customer_of(narrow)  # made for the other branch, where this desk may not write
    assert foreign.scope != HANGZHOU.id
    assert narrow.sync().rejected == 1
