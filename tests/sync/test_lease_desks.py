"""Desks that sell under leases: what they may count on, and what becomes of it, whatever is lost on the way."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.desk.clock_watch import ClockWatch
from app.inventory.errors import VehicleSecuredElsewhere
from app.inventory.holding import check_available
from app.kernel.clock import FixedClock
from app.kernel.permissions import Role
from app.kernel.unit_of_work import Reader
from app.leases.queries import LeaseRow, all_leases, lease_of
from app.leases.rules import LeaseStanding
from app.orders.commands import AskForUnitAgain, TendLeases
from app.orders.queries import get_order
from db.engine import Database
from db.models.inventory import VehicleUnit
from sync.client.credentials import Credentials
from sync.client.engine import CLOCK_AHEAD, CLOCK_BEHIND, SyncEngine
from sync.client.errors import ServiceUnreachable
from sync.client.leases import RENAMED, RESTORED
from sync.client.runner import SyncRunner
from sync.protocol.limits import LEASE_GRACE_SECONDS
from sync.server.devices import revoke
from sync.server.leases import end_lease, list_leases
from sync.server.store import Store
from sync.server.upkeep import check, start_epoch
from tests.factories.databases import KEY
from tests.sync.desks import Desk, customer_of
from tests.sync.lease_desks import Centre, FreshTransport, cut, mend, secure
from tests.sync.losing_transport import LosingTransport
from tests.sync.transfer_desks import run

HOUR = timedelta(hours=1)
GRACE = timedelta(seconds=LEASE_GRACE_SECONDS)


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}", pool=2)
    store.ensure_schema()
    made = Centre(store)
    yield made
    made.close()


@pytest.fixture
def desks(centre: Centre, database_template: Path, tmp_path: Path) -> tuple[Desk, Desk, Any, str]:
    """Two desks of a branch that know one vehicle and one customer: desk, desk, unit, customer id."""
    first = centre.desk(database_template, tmp_path, "D01")
    unit, customer = first.records.unit(), customer_of(first)
    second = centre.desk(database_template, tmp_path, "D02")
    agree(first, second)
    assert second.row("vehicle_unit", unit.id)
    return first, second, unit, customer.id


def agree(*desks: Desk) -> None:
    for _ in range(2):
        for desk in desks:
            desk.sync()


def lease(desk: Desk, vin: str) -> LeaseRow | None:
    with desk.database.read() as session:
        return lease_of(session, vin, now=desk.clock.now())


def reader_of(desk: Desk, session: Any) -> Reader:
    return Reader(session, actor=desk.actor(), now=desk.clock.now())


def order_at(desk: Desk, order_id: str) -> Any:
    with desk.database.read() as session:
        return get_order(reader_of(desk, session), order_id)


def claim_state(desk: Desk, order_id: str) -> str:
    return str(desk.row("sales_order", order_id)["claim_state"])


def test_a_sale_offline_within_the_lease_wins_although_another_desk_sold_first(desks: Any, centre: Centre) -> None:
    first, second, unit, customer = desks
    secured = secure(first, unit.vin)
    assert secured.refused == {} and secured.until[unit.vin] > centre.clock.now() + 23 * HOUR
    cut(first)
    centre.wait(3 * HOUR)
    theirs = second.sell(unit.id, customer)
    second.sync()
    assert claim_state(second, theirs) == "conflict"
    conflict = order_at(second, theirs).conflict
    assert (conflict.winner_number, conflict.winner_order_id) == ("SH01-D01", "")
    assert conflict.secured_until == secured.until[unit.vin]
    centre.wait(3 * HOUR)
    ours = first.sell(unit.id, customer)
    assert order_at(first, ours).security.counts
    mend(first)
    agree(first, second)
    assert (claim_state(first, ours), claim_state(second, theirs)) == ("confirmed", "conflict")
    assert order_at(first, ours).security is None
    assert first.snapshot() == second.snapshot()


def test_an_order_that_lost_to_a_lease_asks_again_when_it_was_given_back(desks: Any, centre: Centre) -> None:
    first, second, unit, customer = desks
    secure(first, unit.vin)
    theirs = second.sell(unit.id, customer)
    agree(second, first)
    again = order_at(second, theirs).conflict.again
    assert claim_state(second, theirs) == "conflict" and again is not None and not again.now
    first.engine.leases.give_back([unit.vin])
    cut(second)
    first.engine.keep_leases()
    secure(first, unit.vin)
    mend(second)
    # The desk has heard that it was given back, and not that it was taken again: the centre says it once more.
    with second.database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE vehicle_unit SET secured_until = NULL, secured_for = NULL")
    ask = AskForUnitAgain(order_id=theirs, expected_revision=second.row("sales_order", theirs)["revision"])
    run(second, ask)
    assert claim_state(second, theirs) == "provisional"
    agree(second, first)
    assert claim_state(second, theirs) == "conflict"
    task = "SELECT state FROM task WHERE kind = 'lease_conflict' AND branch_id = ?"
    assert second.one(task, second.branch.id) == "OPEN"
    first.engine.leases.give_back([unit.vin])
    first.engine.keep_leases()
    agree(second)
    assert order_at(second, theirs).conflict.again.now
    run(second, AskForUnitAgain(order_id=theirs, expected_revision=second.row("sales_order", theirs)["revision"]))
    agree(second, first)
    assert (claim_state(second, theirs), claim_state(first, theirs)) == ("confirmed", "confirmed")
    assert second.one(task, second.branch.id) == "DONE"
    assert first.snapshot() == second.snapshot()


def test_a_lease_that_ends_offline_makes_the_sale_provisional_again_and_the_first_commit_wins(
    desks: Any, centre: Centre
) -> None:
    first, second, unit, customer = desks
    secure(first, unit.vin, hours=4)
    cut(first)
    ours = first.sell(unit.id, customer)
    assert order_at(first, ours).security.counts
    centre.wait(4 * HOUR)
    security = order_at(first, ours).security
    assert security.standing is LeaseStanding.ENDED
    assert run(first, TendLeases()) == 1
    assert run(first, TendLeases()) == 0
    (task,) = first.rows("SELECT kind, state, record_id, params FROM task")
    assert task[:3] == ("lease_ended", "OPEN", ours) and unit.vin in task[3]
    centre.wait(GRACE)
    theirs = second.sell(unit.id, customer)
    second.sync()
    assert claim_state(second, theirs) == "confirmed"
    mend(first)
    agree(first, second)
    assert claim_state(first, ours) == "conflict"
    assert run(first, TendLeases()) == 1
    assert first.one("SELECT state FROM task WHERE kind = 'lease_ended'") == "DONE"
    assert first.row("vehicle_unit", unit.id)["order_id"] == theirs


def test_an_order_made_after_the_lease_was_over_is_provisional_from_the_start(desks: Any, centre: Centre) -> None:
    first, _, unit, customer = desks
    secure(first, unit.vin, hours=1)
    cut(first)
    centre.wait(2 * HOUR)
    ours = first.sell(unit.id, customer)
    assert order_at(first, ours).security is None
    assert run(first, TendLeases()) == 0


def test_cancelling_and_selling_again_under_the_lease(desks: Any, centre: Centre) -> None:
    first, second, unit, customer = desks
    secure(first, unit.vin)
    cut(first)
    mistaken = first.sell(unit.id, customer)
    first.cancel(mistaken)
    assert order_at(first, mistaken).security is None
    ours = first.sell(unit.id, customer)
    assert order_at(first, ours).security.counts
    mend(first)
    first.engine._batch_operations = 1  # other desks may come in between the pushes
    agree(first, second)
    assert claim_state(first, ours) == "confirmed"
    assert (first.row("sales_order", mistaken)["state"], claim_state(first, mistaken)) == ("CANCELLED", "released")


def test_what_is_given_back_stops_counting_at_once_and_the_centre_hears_of_it_later(
    desks: Any, centre: Centre
) -> None:
    first, second, unit, customer = desks
    secure(first, unit.vin)
    cut(first)
    first.engine.leases.give_back([unit.vin])
    assert lease(first, unit.vin).standing is LeaseStanding.GIVEN_BACK
    ours = first.sell(unit.id, customer)
    assert not order_at(first, ours).security.counts
    first.cancel(ours)
    with pytest.raises(ServiceUnreachable):
        first.engine.leases.keep()
    first.engine.keep_leases()  # never in the way of anything else
    mend(first)
    first.engine.keep_leases()
    assert lease(first, unit.vin) is None
    agree(first, second)
    theirs = second.sell(unit.id, customer)
    second.sync()
    assert claim_state(second, theirs) == "confirmed"


@pytest.mark.parametrize("lost", ["request", "answer", "twice"])
def test_whatever_is_lost_the_desk_never_counts_on_what_the_centre_has_ended(
    desks: Any, centre: Centre, lost: str
) -> None:
    first, _, unit, _ = desks
    for work in (
        lambda: secure(first, unit.vin), first.engine.leases.keep, lambda: secure(first, unit.vin, hours=48),
        lambda: first.engine.leases.give_back([unit.vin]), first.engine.leases.keep,
    ):  # fmt: skip
        cut(first, lost)
        try:
            work()
        except Exception as error:
            assert lost != "twice", error
        mend(first)
        held = {known.lease.vin for known in list_leases(centre.store, "main", now=centre.now_ms * 1000) if known.lives}
        here = lease(first, unit.vin)
        assert here is None or not here.counts or unit.vin in held
    first.engine.leases.keep()
    assert lease(first, unit.vin) is None or lost == "request"


def test_wanted_leases_are_renewed_when_half_is_over_and_only_then(desks: Any, centre: Centre) -> None:
    first, _, unit, _ = desks
    transport = first.engine.transport
    before = secure(first, unit.vin, hours=24).until[unit.vin]
    centre.wait(11 * HOUR)
    transport.calls.clear()
    first.engine.keep_leases()
    assert transport.calls == {}
    centre.wait(2 * HOUR)
    first.engine.keep_leases()
    assert transport.calls == {"ask": 1}
    assert lease(first, unit.vin).until == before + 13 * HOUR


def test_a_lease_nobody_needs_any_more_is_given_back_by_itself(desks: Any, centre: Centre) -> None:
    first, second, unit, customer = desks
    secure(first, unit.vin)
    ours = first.sell(unit.id, customer)
    first.engine.keep_leases()
    assert lease(first, unit.vin) is not None  # the centre has not answered yet
    agree(first)
    first.engine.keep_leases()
    assert lease(first, unit.vin) is None
    assert list_leases(centre.store, "main", now=centre.now_ms * 1000) == []
    first.cancel(ours)
    agree(first, second)
    theirs = second.sell(unit.id, customer)
    second.sync()
    assert claim_state(second, theirs) == "confirmed"


def test_a_desk_without_leases_asks_nothing(desks: Any) -> None:
    first, *_ = desks
    first.engine.transport.calls.clear()
    first.engine.keep_leases()
    first.engine.leases.note_time()
    assert first.engine.transport.calls == {}


def test_the_runner_keeps_the_leases(desks: Any, centre: Centre) -> None:
    first, _, unit, _ = desks
    secure(first, unit.vin, hours=2)
    centre.wait(90 * timedelta(minutes=1))
    SyncRunner(first.engine)._once()
    assert lease(first, unit.vin).left > 1.9 * HOUR


def test_a_lease_on_a_desk_whose_clock_is_a_year_off_is_neither_longer_nor_shorter(
    centre: Centre, database_template: Path, tmp_path: Path
) -> None:
    for ahead in (timedelta(days=365), timedelta(days=-365)):
        desk = centre.desk(database_template, tmp_path, f"D{len(centre.desks) + 1:02d}", ahead=ahead)
        unit = desk.records.unit(vin=f"LSVAA4182E218484{len(centre.desks)}")
        desk.sync()
        secure(desk, unit.vin, hours=6)
        cut(desk)
        centre.wait(5 * HOUR)
        assert lease(desk, unit.vin).counts
        centre.wait(HOUR)
        assert not lease(desk, unit.vin).counts


def test_a_clock_that_jumps_ends_the_lease_and_an_exchange_brings_it_back(desks: Any, centre: Centre) -> None:
    first, _, unit, _ = desks
    secure(first, unit.vin)
    first.clock.advance(timedelta(days=-1))
    assert lease(first, unit.vin).standing is LeaseStanding.CLOCK_WRONG
    first.engine.keep_leases()
    assert lease(first, unit.vin).counts
    first.clock.advance(timedelta(days=366))
    assert lease(first, unit.vin).standing is LeaseStanding.ENDED
    first.engine.keep_leases()
    assert lease(first, unit.vin).counts


def test_what_the_clock_has_shown_is_remembered_offline(desks: Any, centre: Centre) -> None:
    first, _, unit, _ = desks
    secure(first, unit.vin)
    cut(first)
    centre.wait(20 * HOUR)
    first.engine.leases.note_time()
    first.clock.advance(-19 * HOUR)
    assert lease(first, unit.vin).standing is LeaseStanding.CLOCK_WRONG


def test_the_time_of_closing_is_written_down_and_a_clock_set_back_since_is_said_when_the_desk_is_opened(
    desks: Any, centre: Centre
) -> None:
    first, _, unit, _ = desks
    secure(first, unit.vin)
    cut(first)
    centre.wait(timedelta(minutes=4))
    closed = first.clock.now()
    first.engine.note_end()
    first.clock.advance(-timedelta(minutes=3, seconds=30))
    watch = ClockWatch(first.clock)
    watch.look(first.database)
    first.engine._clock_watch = watch
    assert lease(first, unit.vin).standing is LeaseStanding.CLOCK_WRONG
    with pytest.raises(ServiceUnreachable):
        first.engine.sync_once()
    assert first.engine.status.clock_was == closed
    mend(first)
    first.sync()
    first.engine.keep_leases()
    assert (first.engine.status.clock_was, first.engine.status.message) == (None, "")
    assert lease(first, unit.vin).counts


def test_a_clock_that_is_wrong_is_said_by_the_centres_clock(desks: Any, centre: Centre) -> None:
    first, _, _, _ = desks
    for off, text in ((timedelta(minutes=-40), CLOCK_BEHIND), (timedelta(minutes=80), CLOCK_AHEAD)):
        first.clock.advance(off)
        first.sync()
        assert (first.engine.status.message, first.engine.status.message_params) == (text, (("minutes", 40),))


def test_what_was_written_proves_that_time_went_by(desks: Any, centre: Centre) -> None:
    first, _, unit, _ = desks
    secure(first, unit.vin)
    first.clock.advance(10 * HOUR)
    customer_of(first)
    first.clock.advance(-10 * HOUR)
    assert lease(first, unit.vin).standing is LeaseStanding.CLOCK_WRONG


def test_other_desks_know_for_whom_a_vehicle_is_kept(desks: Any, centre: Centre) -> None:
    first, second, unit, _ = desks
    secure(first, unit.vin)
    agree(first, second)

    def free(desk: Desk) -> None:
        desk.do(lambda uow: check_available(uow, uow.get(VehicleUnit, unit.id)), role=Role.SALESPERSON)

    free(first)
    with pytest.raises(VehicleSecuredElsewhere) as refused:
        free(second)
    assert refused.value.params["desk"] == "SH01-D01"
    first.engine.leases.give_back([unit.vin])
    first.engine.keep_leases()
    agree(first, second)
    free(second)


def test_a_desk_cannot_secure_a_vehicle_by_writing_so(desks: Any, centre: Centre) -> None:
    first, second, unit, _ = desks
    told = {"secured_until": datetime(2030, 1, 1, tzinfo=UTC), "secured_for": "SH01-D02", "location": "B9"}
    second.set(VehicleUnit, unit.id, **told)
    agree(second, first)
    row = first.row("vehicle_unit", unit.id)
    assert (row["secured_until"], row["secured_for"], row["location"]) == (None, None, "B9")
    assert second.row("vehicle_unit", unit.id)["secured_for"] is None


def test_a_cloned_disk_sells_under_nobodys_lease(desks: Any, centre: Centre, tmp_path: Path) -> None:
    """Both copies believe in the lease until they meet the centre; the first to come wins, the other loses its name."""
    first, second, unit, customer = desks
    secure(first, unit.vin)
    cut(first)
    clone = clone_of(first, copied(first, tmp_path / "clone.db"), centre)
    theirs, ours = clone.sell(unit.id, customer), first.sell(unit.id, customer)
    assert order_at(clone, theirs).security.counts and order_at(first, ours).security.counts
    clone.sync()
    assert claim_state(clone, theirs) == "confirmed"
    mend(first)
    agree(first, second, clone)
    assert claim_state(first, ours) == "conflict"
    assert lease(first, unit.vin).refusal == RENAMED
    assert not lease(first, unit.vin).counts
    first.engine.keep_leases()
    assert lease(first, unit.vin) is None


def test_a_restored_disk_sells_under_the_lease_of_its_former_name_and_cannot_renew_it(
    desks: Any, centre: Centre, tmp_path: Path
) -> None:
    first, second, unit, customer = desks
    secure(first, unit.vin)
    before = (copied(first, tmp_path / "before.db"), customer_of(first).id)[0]
    first.sync()
    cut(first)
    centre.desks.remove(first)
    first.database.close()
    restored = clone_of(first, before, centre)
    ours = restored.sell(unit.id, customer)
    theirs = second.sell(unit.id, customer)
    second.sync()
    assert claim_state(second, theirs) == "conflict"
    agree(restored, second)
    assert claim_state(restored, ours) == "confirmed"
    assert unit.vin in secure(restored, unit.vin).refused


def copied(desk: Desk, path: Path) -> Path:
    """The desk's files as they are at this moment."""
    for suffix in ("", "-wal", "-shm"):
        source = desk.database.path.with_name(desk.database.path.name + suffix)
        if source.exists():
            shutil.copyfile(source, path.with_name(path.name + suffix))
    return path


def clone_of(desk: Desk, path: Path, centre: Centre) -> Desk:
    database = Database(path, KEY)
    inner = FreshTransport(centre.store, clock_ms=lambda: centre.now_ms)
    known = desk.engine.transport.credentials.load()
    inner.credentials.save(Credentials(known.tenant, known.device_id, known.key))
    transport: Any = LosingTransport(inner, lambda called, count: "")  # type: ignore[arg-type]
    clock = FixedClock(desk.clock.now())
    clone = Desk(desk.name, database, SyncEngine(database, transport, clock=clock), clock, desk.branch, [], [])
    centre.desks.append(clone)
    return clone


def test_a_centre_from_a_backup_may_not_know_a_lease_so_none_counts_until_it_is_taken_anew(
    desks: Any, centre: Centre
) -> None:
    first, second, unit, _ = desks
    secure(first, unit.vin)
    with centre.store.write() as connection:
        centre.store.run(connection, "DELETE FROM vehicle_lease")
    start_epoch(centre.store, "main")
    customer_of(first)
    first.sync()
    assert lease(first, unit.vin).refusal == RESTORED
    first.engine.keep_leases()
    assert lease(first, unit.vin).counts
    assert unit.vin in secure(second, unit.vin).refused


def test_a_restored_centre_gives_a_vehicle_back_to_whom_it_was_sold_under_a_lease_whoever_shows_that_first(
    desks: Any, centre: Centre, tmp_path: Path
) -> None:
    first, second, unit, customer = desks
    secure(first, unit.vin)
    backup = sqlite3.connect(tmp_path / "backup.db")
    with closing(sqlite3.connect(tmp_path / "centre.db")) as live:
        live.backup(backup)
    order = first.sell(unit.id, customer)
    agree(first, second)
    with closing(sqlite3.connect(tmp_path / "centre.db")) as live, closing(backup):
        backup.backup(live)
    start_epoch(centre.store, "main")
    agree(second, first, second)
    for desk in (first, second):
        row = desk.row("sales_order", order)
        assert (row["claim_state"], row["final_number"]) == ("confirmed", "SH01-SO-2026-000001")
        assert desk.row("vehicle_unit", unit.id)["order_id"] == order
    assert check(centre.store) == [] and first.snapshot() == second.snapshot()


def test_what_the_headquarters_ended_or_a_desk_without_rights_had(desks: Any, centre: Centre) -> None:
    first, second, unit, _ = desks
    secure(first, unit.vin, hours=2)
    centre.wait(HOUR + timedelta(minutes=1))
    assert end_lease(centre.store, "main", unit.vin, now=centre.now_ms * 1000)
    secure(second, unit.vin)
    first.engine.keep_leases()
    assert (lease(first, unit.vin).standing, lease(first, unit.vin).refusal) == (
        LeaseStanding.REFUSED, "vehicle_claimed"
    )  # fmt: skip
    device = second.engine.transport.credentials.load().device_id
    assert revoke(centre.store, "main", device, now=centre.now_ms * 1000)
    assert unit.vin in secure(first, unit.vin).until


def test_a_lease_the_desk_did_not_hear_of_is_on_its_list_with_the_next_answer(desks: Any, centre: Centre) -> None:
    first, _, unit, _ = desks
    other = first.records.unit(vin="LSVAA4182E2184899")
    first.sync()
    cut(first, "answer")
    with pytest.raises(Exception, match=r".*"):
        secure(first, unit.vin)
    mend(first)
    secure(first, other.vin)
    with first.database.read() as session:
        known = {row.vin: row.wanted for row in all_leases(session, now=first.clock.now())}
    assert known == {unit.vin: False, other.vin: True}
