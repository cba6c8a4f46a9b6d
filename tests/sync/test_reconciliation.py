"""Where a branch and the centre differ, why, and that the remedy ends it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.inventory.commands import ReleaseUnit
from app.orders.commands import FreeFromLostOrder
from app.transfers.commands import RequestTransfer
from db.models.inventory import VehicleUnit
from sync.client.differences import TRANSFERS, UNITS, Comparison, Difference, FieldPair, Remedy, Why
from sync.client.errors import NotPermitted, ServiceUnreachable
from sync.client.reconciliation import Reconciler
from sync.protocol.operations import is_vin
from sync.server.store import Store
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.sync.desks import Desk, customer_of
from tests.sync.transfer_desks import approved, branch_desk, close, received, run, wanted

CLAIM_COLUMNS = (
    "tenant_id, vin, kind, holder_id, scope, vehicle_id, number, branch_id, desk_code, staff_id, customer_id, until, at"
)


@pytest.fixture
def desks(database_template: Path, tmp_path: Path) -> Iterator[tuple[Desk, Desk, Store]]:
    """A desk in Shanghai with three vehicles, another one there, and their centre."""
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}", pool=2)
    store.ensure_schema()
    made = [branch_desk(store, database_template, tmp_path, name, branch=SHANGHAI) for name in ("D01", "D02")]
    records = made[0].records
    trim = records.trim()
    for _ in range(3):
        records.unit(trim)
    for desk in (*made, made[0]):
        desk.sync()
    yield made[0], made[1], store
    close(*made)
    store.close()


def reconciler(desk: Desk) -> Reconciler:
    return Reconciler(
        desk.database, desk.engine.transport, branch_id=desk.branch.id, by=desk.actor().staff_id, now=desk.clock.now()
    )


def compare(desk: Desk) -> Comparison:
    return reconciler(desk).compare(lambda message, fraction: None, tables=(UNITS, TRANSFERS))


def only(desk: Desk) -> Difference:
    (difference,) = compare(desk).differences
    return difference


def units(desk: Desk) -> list[str]:
    return [row[0] for row in desk.rows("SELECT id FROM vehicle_unit WHERE deleted_at IS NULL ORDER BY id")]


def cure(desk: Desk, difference: Difference) -> None:
    """Do what the difference names, and look that it is gone."""
    if difference.remedy is Remedy.FETCH:
        reconciler(desk).fetch(difference.table, [difference.record_id])
    elif difference.remedy in (Remedy.SHOW_AGAIN, Remedy.SETTLE):
        reconciler(desk).show_again(difference.table, [difference.record_id])
        desk.sync()
    else:
        assert difference.remedy is Remedy.EXCHANGE
        desk.sync()
    assert compare(desk).differences == []


def test_what_agrees_is_counted_and_not_listed(desks: tuple[Desk, Desk, Store]) -> None:
    found = compare(desks[0])
    assert (found.total, found.looked_at) == (0, {"vehicle_unit": 3, "vehicle_transfer": 0})


def test_what_waits_here_and_what_waits_there(desks: tuple[Desk, Desk, Store]) -> None:
    first, second, _ = desks
    unit = units(first)[0]
    first.set(VehicleUnit, unit, location="C-09")
    assert (only(first).why, only(first).record_id, only(first).here["location"]) == (Why.NOT_SENT, unit, "C-09")
    cure(first, only(first))
    told = only(second)
    assert (told.why, told.record_id, told.fields) == (Why.NOT_RECEIVED, unit, (FieldPair("location", "A-01", "C-09"),))
    cure(second, only(second))


def test_a_refused_change_is_named_until_somebody_has_looked(desks: tuple[Desk, Desk, Store]) -> None:
    first, _, _ = desks
    unit = units(first)[1]
    first.delete(VehicleUnit, unit) if first.sell(unit, customer_of(first).id) else None
    first.sync()
    assert only(first).why is Why.REFUSED and only(first).remedy is Remedy.LOOK_AT_REFUSED


def test_damage_to_the_copy_here_is_found_and_healed(desks: tuple[Desk, Desk, Store]) -> None:
    first, _, _ = desks
    one, two, three = units(first)
    with first.database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE vehicle_unit SET list_price = 1 WHERE id = ?", (one,))
        connection.exec_driver_sql("UPDATE vehicle_unit SET ver = ver - 1, seq = 1 WHERE id = ?", (two,))
        connection.exec_driver_sql("DELETE FROM vehicle_unit WHERE id = ?", (three,))
    found = {difference.record_id: difference for difference in compare(first).differences}
    assert {key: one.why for key, one in found.items()} == {one: Why.DIFFERS, two: Why.BEHIND, three: Why.MISSING}
    assert found[one].fields == (FieldPair("list_price", 1, 15_000_000),)
    assert is_vin(found[three].title) and found[three].there["vin"] == found[three].title, "the centre names it"
    reconciler(first).fetch("vehicle_unit", list(found))
    assert compare(first).differences == [] and units(first) == [one, two, three]
    assert first.row("vehicle_unit", one)["list_price"] == 15_000_000


def test_what_the_centre_lost_is_shown_again(desks: tuple[Desk, Desk, Store]) -> None:
    first, _, store = desks
    unit = units(first)[2]
    with store.write() as connection:
        store.run(connection, "DELETE FROM replica_row WHERE record_id = ?", (unit,))
    assert only(first).why is Why.UNKNOWN_THERE and compare(first).looked_at["vehicle_unit"] == 3
    cure(first, only(first))


def test_an_older_copy_at_the_centre_is_shown_what_is_newer_here(desks: tuple[Desk, Desk, Store]) -> None:
    first, _, store = desks
    unit = units(first)[2]
    with store.write() as connection:
        before = store.run(
            connection, "SELECT ver, body, field_clock FROM replica_row WHERE record_id = ?", (unit,)
        ).first()  # fmt: skip
    assert before is not None
    first.set(VehicleUnit, unit, location="C-09")
    first.sync()
    with store.write() as connection:
        store.run(
            connection, "UPDATE replica_row SET ver = ?, body = ?, field_clock = ? WHERE record_id = ?",
            (*before, unit),
        )  # fmt: skip
    assert (only(first).why, only(first).fields) == (Why.AHEAD, (FieldPair("location", "C-09", "A-01"),))
    cure(first, only(first))
    assert first.row("vehicle_unit", unit)["location"] == "C-09"


def test_claims_at_the_centre_are_held_against_the_record(desks: tuple[Desk, Desk, Store]) -> None:
    first, _, store = desks
    held, sold, plain = units(first)
    first.hold(held, minutes=60)
    order = first.sell(sold, customer_of(first).id)
    first.sync()
    assert compare(first).differences == []
    with store.write() as connection:
        store.run(connection, "UPDATE vehicle_claim SET kind = '' WHERE kind <> ''")
        vin = first.row("vehicle_unit", plain)["vin"]
        store.run(
            connection,
            "INSERT INTO vehicle_claim (tenant_id, vin, kind, holder_id, scope, vehicle_id, number, branch_id,"
            " desk_code, staff_id, customer_id, until, at)"
            " VALUES ('main', ?, 'order', ?, ?, ?, 'SH01-D09-SO-000001', ?, 'D09', '', '', NULL, 1)",
            (vin, "9" * 32, SHANGHAI.id, plain, SHANGHAI.id),
        )
    found = {difference.record_id: difference for difference in compare(first).differences}
    assert found[held].why is Why.HOLD_ENDED and found[sold].why is Why.NOT_CLAIMED
    assert found[sold].here["order_id"] == order
    assert (found[plain].why, found[plain].there["order_id"]) == (Why.ORDER_LOST, "9" * 32)
    reconciler(first).show_again("vehicle_unit", [held, sold, plain])
    first.sync()
    said = {unit: first.row("vehicle_unit", unit) for unit in (held, sold, plain)}
    assert said[held]["allocation_state"] == "HELD" and said[sold]["order_id"] == order
    assert (said[plain]["allocation_state"], said[plain]["order_id"]) == ("ALLOCATED", "9" * 32)
    assert (only(first).why, only(first).remedy) == (Why.ORDER_LOST, Remedy.FREE_UNIT), "nobody has that order"
    run(first, FreeFromLostOrder(unit_id=plain, order_id="9" * 32, reason="核对：订单不存在"))
    first.sync()
    assert compare(first).differences == [] and first.row("vehicle_unit", plain)["allocation_state"] == "FREE"


def test_claims_that_were_given_up_while_the_centre_had_forgotten_are_let_go(desks: tuple[Desk, Desk, Store]) -> None:
    first, _, store = desks
    held, sold, resold = units(first)
    first.hold(held, minutes=60)
    cancelled, earlier = (first.sell(unit, customer_of(first).id) for unit in (sold, resold))
    first.sync()
    with store.read() as connection:
        taken = store.run(connection, f"SELECT {CLAIM_COLUMNS} FROM vehicle_claim WHERE kind <> ''").fetchall()
    first.clock.advance(timedelta(minutes=1))
    run(first, ReleaseUnit(unit_id=held, reason="bought elsewhere"))
    first.cancel(cancelled)
    first.cancel(earlier)
    later = first.sell(resold, customer_of(first).id)
    first.sync()
    with store.write() as connection:  # as an older database says it
        store.run(connection, "DELETE FROM vehicle_claim", ())
        store.run_many(
            connection, f"INSERT INTO vehicle_claim ({CLAIM_COLUMNS}) VALUES ({', '.join('?' * len(taken[0]))})",
            [tuple(row) for row in taken],
        )  # fmt: skip
    found = {difference.record_id: difference for difference in compare(first).differences}
    assert {key: one.why for key, one in found.items()} == {
        held: Why.HELD_THERE, sold: Why.CLAIMED_THERE, resold: Why.CLAIMED_THERE
    }  # fmt: skip
    reconciler(first).show_again("vehicle_unit", list(found))
    first.sync()
    assert compare(first).differences == []
    said = {unit: first.row("vehicle_unit", unit) for unit in (held, sold, resold)}
    assert (said[held]["allocation_state"], said[sold]["allocation_state"]) == ("FREE", "FREE")
    assert said[resold]["order_id"] == later and first.row("sales_order", later)["claim_state"] == "confirmed"
    assert first.row("sales_order", cancelled)["claim_state"] == "released"
    first.clock.advance(timedelta(hours=2))
    assert compare(first).differences == []


def test_what_another_branch_owns_and_what_stands_twice(
    desks: tuple[Desk, Desk, Store], database_template: Path, tmp_path: Path
) -> None:
    first, second, store = desks
    there = branch_desk(store, database_template, tmp_path, "D07", branch=HANGZHOU)
    there.sync()
    first.sync()
    unit_id = units(first)[0]
    with first.database.read() as session:
        unit = session.get_one(VehicleUnit, unit_id)
    transfer = wanted(there, unit)
    there.sync()
    first.sync()
    approved(first, transfer)
    first.sync()
    there.sync()
    received(there, transfer)
    there.sync()
    assert {difference.why for difference in compare(second).differences} == {Why.ELSEWHERE, Why.NOT_RECEIVED}
    moved = next(one for one in compare(second).differences if one.why is Why.ELSEWHERE)
    assert moved.there == {"branch_id": HANGZHOU.id} and moved.title == unit.vin
    reconciler(second).fetch("vehicle_unit", [unit_id])
    assert second.row("vehicle_unit", unit_id)["scope"] == HANGZHOU.id
    second.sync()
    assert compare(second).differences == []
    twin = there.records.unit(vin=unit.vin, branch_id=HANGZHOU.id)
    there.sync()
    assert {(one.record_id, one.why) for one in compare(there).differences} == {
        (unit_id, Why.TWICE), (twin.id, Why.TWICE)
    }  # fmt: skip
    close(there)


def test_pages_and_many_differences_stay_bounded(
    desks: tuple[Desk, Desk, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.client.reconciliation.FIRST_PAGE_ROWS", 2)
    monkeypatch.setattr("sync.client.differences.MOST_DIFFERENCES", 3)
    monkeypatch.setattr("sync.client.reconciliation.MOST_DIFFERENCES", 3)
    first, second, _ = desks
    records = first.records
    trim = records.trim()
    made = [records.unit(trim, vin=f"LSVAA4182E218484{place}").id for place in range(5)]
    found = compare(first)
    assert (found.total, len(found.differences)) == (5, 3)
    assert {one.record_id for one in found.differences} <= set(made)
    first.sync()
    assert (compare(first).total, compare(second).total) == (0, 5)


def test_only_ones_own_scope_and_only_with_the_centre(desks: tuple[Desk, Desk, Store]) -> None:
    first, _, _ = desks
    other: Any = Reconciler(
        first.database, first.engine.transport, branch_id=HANGZHOU.id, by="", now=first.clock.now()
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        other.compare(lambda message, fraction: None)
    transport: Any = first.engine.transport
    transport.plan = lambda name, count: "request"
    with pytest.raises(ServiceUnreachable):
        compare(first)
    transport.plan = lambda name, count: ""
    run(first, RequestTransfer(trim_id=first.one("SELECT trim_id FROM vehicle_unit LIMIT 1")))
    assert only(first).why is Why.NOT_SENT and only(first).title.startswith("SH01-D01-TR-")
