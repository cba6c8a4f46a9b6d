"""Every way in which what is written about an order can disagree: really produced, named with its cause, and ended."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.orders.commands import AskForUnitAgain, FreeFromLostOrder
from app.orders.errors import OrderStillThere, VehicleHandedOver
from app.runtime.language import CHINESE, set_language
from db.models.contracts import Contract
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder, SalesOrderLine
from db.models.payments import Payment
from sync.client.differences import CONTRACTS, LINES, ORDERS, PAYMENTS, UNITS, Comparison, Difference, Remedy, Why
from sync.client.group_reconciliation import GroupReconciler
from sync.server.store import Store
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.sync.desks import Desk
from tests.sync.sales_at_desks import pay, sell, sign
from tests.sync.test_reconciliation import desks, reconciler, units  # noqa: F401  (a fixture)
from tests.sync.transfer_desks import branch_desk, close, run
from ui.sync.difference_words import KINDS, cause_text, here_text, record_text, resolve_text, there_text

Desks = tuple[Desk, Desk, Store]
ONE = Decimal("1.00")


def compare(desk: Desk) -> Comparison:
    return reconciler(desk).compare(lambda message, fraction: None)


def only(desk: Desk) -> Difference:
    found = compare(desk).differences
    assert len(found) == 1, [(one.table, one.why) for one in found]
    return told(found[0])


def told(one: Difference) -> Difference:
    """That it can be said in both languages, without a placeholder left over."""
    for spoken in ("en", CHINESE):
        set_language(spoken)
        for text in (
            cause_text(one, {}), resolve_text(one), record_text(one), here_text(one, {}), there_text(one, {})
        ):
            assert text and "{" not in text, text
        assert KINDS[one.why].label
    set_language("en")
    return one


def kinds(desk: Desk) -> set[tuple[str, Why]]:
    return {(told(one).table, one.why) for one in compare(desk).differences}


def cure(desk: Desk, one: Difference) -> None:
    """Do what the difference names, and look that it is gone."""
    if one.remedy is Remedy.FETCH:
        reconciler(desk).fetch(one.table, [one.record_id])
    elif one.remedy in (Remedy.SHOW_AGAIN, Remedy.SETTLE):
        reconciler(desk).show_again(one.table, [one.record_id])
        desk.sync()
    elif one.remedy is Remedy.ASK_AGAIN:
        revision = desk.row(ORDERS, one.record_id)["revision"]
        run(desk, AskForUnitAgain(order_id=one.record_id, expected_revision=revision))
        desk.sync()
    elif one.remedy is Remedy.FREE_UNIT:
        run(desk, FreeFromLostOrder(unit_id=one.record_id, order_id=one.there["order_id"], reason="查无此单"))
        desk.sync()
    else:
        assert one.remedy is Remedy.EXCHANGE, one
        desk.sync()
    assert one.id not in {left.id for left in compare(desk).differences}


@pytest.fixture
def sold(desks: Desks) -> Iterator[tuple[Desk, Desk, Store, str]]:  # noqa: F811
    """The desks with one order at both and at the centre: everything agrees."""
    first, second, store = desks
    order = sell(first, units(first)[0])
    pay(first, order, "20000.00")
    for desk in (first, second, first):
        desk.sync()
    assert compare(first).differences == [] and compare(second).differences == []
    yield first, second, store, order
    set_language("en")


Sold = tuple[Desk, Desk, Store, str]


def at_the_centre(store: Store, statement: str, *values: object) -> None:
    with store.write() as connection:
        store.run(connection, statement, values)


def here(desk: Desk, statement: str, *values: object) -> None:
    with desk.database.exclusive() as connection:
        connection.exec_driver_sql(statement, values)


def test_everything_about_an_order_is_looked_at(sold: Sold) -> None:
    first, *_ = sold
    assert compare(first).looked_at == {
        "vehicle_unit": 3, "vehicle_transfer": 0, "sales_order": 1, "sales_order_line": 2, "payment": 1, "contract": 0,
    }  # fmt: skip


def test_an_order_that_waits_here_and_one_not_received_yet(sold: Sold) -> None:
    first, second, _, _ = sold
    order = sell(first, units(first)[1])
    pay(first, order, "100.00")
    assert kinds(first) == {(table, Why.NOT_SENT) for table in (UNITS, ORDERS, LINES, PAYMENTS)}
    money = next(one for one in compare(first).differences if one.table == PAYMENTS)
    assert "money was entered here" in cause_text(money, {}) and money.title.startswith("SH01-D01-RC-")
    line = next(one for one in compare(first).differences if one.table == LINES)
    assert record_text(line).startswith("SH01-D01-SO-") and "Vehicle" in record_text(line)
    first.sync()
    assert (ORDERS, Why.NOT_RECEIVED) in kinds(second)
    line = next(one for one in compare(second).differences if one.table == LINES)
    assert record_text(line).startswith("SH01-SO-"), "by the number of its order, which is not here either"
    cure(second, next(one for one in compare(second).differences if one.table == ORDERS))
    assert compare(second).differences == []


def test_a_cancellation_the_centre_has_not_heard_of(sold: Sold) -> None:
    first, _, _, order = sold
    first.cancel(order)
    one = next(one for one in compare(first).differences if one.table == ORDERS)
    assert "cancelled here" in cause_text(one, {}) and there_text(one, {}).endswith("State Confirmed")
    cure(first, one)
    assert compare(first).differences == []


@pytest.mark.parametrize(
    ("table", "model"), [(ORDERS, SalesOrder), (LINES, SalesOrderLine), (PAYMENTS, Payment)], ids=lambda one: str(one)
)
def test_damage_to_any_part_of_an_order_is_found_and_healed(sold: Sold, table: str, model: type) -> None:
    first, _, store, _ = sold
    record = first.rows(f"SELECT id FROM {table} ORDER BY id LIMIT 1")[0][0]
    column = "amount" if table != ORDERS else "on_road_total"
    here(first, f"UPDATE {table} SET {column} = {column} + 100 WHERE id = ?", record)
    cure(first, next(one for one in compare(first).differences if one.why is Why.DIFFERS and one.table == table))
    here(first, f"DELETE FROM {table} WHERE id = ?", record)
    cure(first, next(one for one in compare(first).differences if one.why is Why.MISSING and one.table == table))
    at_the_centre(store, "DELETE FROM replica_row WHERE record_id = ?", record)
    cure(first, next(one for one in compare(first).differences if one.why is Why.UNKNOWN_THERE and one.table == table))
    assert compare(first).differences == []


def test_the_claim_and_the_order_say_different_things(sold: Sold) -> None:
    first, _, store, order = sold
    at_the_centre(store, "UPDATE vehicle_claim SET kind = ''")
    assert kinds(first) == {(UNITS, Why.NOT_CLAIMED), (ORDERS, Why.CLAIM_MISSING)}
    cure(first, next(one for one in compare(first).differences if one.table == ORDERS))
    assert compare(first).differences == []
    here(
        first, "UPDATE sales_order SET claim_state = 'provisional', ordered_at = ordered_at - 90000000000 WHERE id = ?",
        order,
    )  # fmt: skip
    at_the_centre(
        store, "UPDATE replica_row SET body = replace(body, '\"claim_state\":\"confirmed\"',"
        " '\"claim_state\":\"provisional\"') WHERE record_id = ?", order,
    )  # fmt: skip
    ordered = first.row(ORDERS, order)["ordered_at"]
    with store.write() as connection:
        body = store.run(connection, "SELECT body FROM replica_row WHERE record_id = ?", (order,)).scalar()
        changed = json.dumps({**json.loads(body), "ordered_at": ordered}, separators=(",", ":"), ensure_ascii=False)
        store.run(connection, "UPDATE replica_row SET body = ? WHERE record_id = ?", (changed, order))
    assert kinds(first) == {(ORDERS, Why.CLAIM_UNHEARD)}
    at_the_centre(store, "UPDATE vehicle_claim SET kind = ''")
    assert (ORDERS, Why.PROVISIONAL_LONG) in kinds(first)
    cure(first, next(one for one in compare(first).differences if one.table == ORDERS))
    assert first.row(ORDERS, order)["claim_state"] == "confirmed" and compare(first).differences == []


def test_a_claim_of_an_order_that_is_over_and_one_of_nobody(sold: Sold) -> None:
    first, _, store, order = sold
    unit = first.row(ORDERS, order)["vehicle_unit_id"]
    with store.read() as connection:
        claim = store.run(connection, "SELECT kind, holder_id FROM vehicle_claim WHERE kind <> ''").first()
    first.clock.advance(timedelta(minutes=1))
    first.cancel(order)
    first.sync()
    assert claim is not None and compare(first).differences == []
    vin = first.row(UNITS, unit)["vin"]
    at_the_centre(store, "UPDATE vehicle_claim SET kind = ?, holder_id = ? WHERE vin = ?", *claim, vin)
    assert kinds(first) == {(UNITS, Why.CLAIMED_THERE), (ORDERS, Why.CLAIM_KEPT)}
    cure(first, next(one for one in compare(first).differences if one.table == ORDERS))
    assert compare(first).differences == []
    at_the_centre(store, "UPDATE vehicle_claim SET kind = 'order', holder_id = ? WHERE vin = ?", "9" * 32, vin)
    lost = only(first)
    assert (lost.why, lost.remedy) == (Why.ORDER_LOST, Remedy.FREE_UNIT)
    cure(first, lost)
    assert compare(first).differences == []


def test_another_order_has_the_vehicle_at_the_centre(sold: Sold) -> None:
    first, _, store, order = sold
    other = sell(first, units(first)[1])
    first.sync()
    vin = first.row(UNITS, units(first)[0])["vin"]
    at_the_centre(store, "UPDATE vehicle_claim SET kind = '' WHERE holder_id = ?", other)
    at_the_centre(
        store, "UPDATE vehicle_claim SET holder_id = ?, number = 'SH01-D01-SO-000099' WHERE vin = ?", other, vin
    )  # fmt: skip
    one = next(one for one in compare(first).differences if one.why is Why.CLAIM_OTHER)
    assert one.record_id == order and "SH01-D01-SO-000099" in cause_text(one, {})
    cure(first, one)
    assert first.row(ORDERS, order)["claim_state"] == "conflict", "now it is known who lost"
    assert (ORDERS, Why.UNIT_LOST) in kinds(first)
    first.cancel(order)
    first.sync()
    assert (ORDERS, Why.UNIT_LOST) not in kinds(first)


def test_an_order_that_lost_its_vehicle_until_somebody_decides(sold: Sold) -> None:
    first, second, _, _ = sold
    unit = units(first)[1]
    winner = sell(first, unit)
    loser = sell(second, unit)
    first.sync()
    second.sync()
    signed = sign(second, loser)
    second.sync()
    assert kinds(second) == {(ORDERS, Why.UNIT_LOST), (CONTRACTS, Why.CONTRACT_UNSURE)}
    second.set(Contract, signed, state="VOIDED")
    second.cancel(loser)
    second.sync()
    first.sync()
    assert compare(second).differences == [] and compare(first).differences == []
    assert first.row(ORDERS, winner)["claim_state"] == "confirmed"


def test_numbers_totals_and_money(sold: Sold) -> None:
    first, _, store, order = sold
    number = first.row(ORDERS, order)["final_number"]
    for database in ("here", "there"):
        if database == "here":
            here(first, "UPDATE sales_order SET final_number = NULL WHERE id = ?", order)
        else:
            at_the_centre(
                store, "UPDATE replica_row SET body = replace(body, ?, '\"final_number\":null') WHERE record_id = ?",
                f'"final_number":"{number}"', order,
            )  # fmt: skip
    assert only(first).why is Why.NUMBER_MISSING
    cure(first, only(first))
    assert first.row(ORDERS, order)["final_number"], "the centre gave it another one, never the same twice"
    pay(first, order, "160000.00")
    first.sync()
    assert only(first).why is Why.OVERPAID and "¥180,000.00" in cause_text(only(first), {})
    line = first.rows("SELECT id FROM sales_order_line ORDER BY id LIMIT 1")[0][0]
    first.delete(SalesOrderLine, line)
    first.sync()
    assert kinds(first) == {(ORDERS, Why.OVERPAID), (ORDERS, Why.TOTALS)}
    other = sell(first, units(first)[1])
    first.sync()
    twice = first.row(ORDERS, order)["final_number"]
    first.set(SalesOrder, other, final_number=twice)
    assert (ORDERS, Why.NUMBER_TWICE) in kinds(first)


def test_money_lines_and_contracts_of_an_order_nobody_has(sold: Sold) -> None:
    first = sold[0]
    payment = pay(first, "d" * 32, "500.00")
    contract = sign(first, "d" * 32)
    line = SalesOrderLine(order_id="d" * 32, position=1, kind="vehicle", label_zh="车", label_en="Car", amount=ONE)
    first.do(lambda uow: uow.add(line))
    first.sync()
    assert kinds(first) == {
        (PAYMENTS, Why.PAYMENT_ORPHAN), (CONTRACTS, Why.CONTRACT_ORPHAN), (LINES, Why.LINE_ORPHAN)
    }  # fmt: skip
    assert {one.record_id for one in compare(first).differences} >= {payment, contract}


def test_contracts_that_bind_although_the_order_does_not(sold: Sold) -> None:
    first, _, _, order = sold
    one = sign(first, order)
    sign(first, order)
    sign(first, order, customer_id="e" * 32, replaced_by_id=one)
    first.sync()
    assert kinds(first) == {(CONTRACTS, Why.CONTRACT_TWICE)}
    first.set(Contract, one, customer_id="e" * 32)
    first.sync()
    assert (CONTRACTS, Why.CONTRACT_CUSTOMER) in kinds(first) or first.rows(
        "SELECT 1 FROM outbox_operation WHERE state = 'rejected'"
    ), "a signed contract's customer never changes"


def test_a_vehicle_sold_to_an_order_nobody_has(sold: Sold) -> None:
    first, second, _, order = sold
    unit = units(first)[2]
    first.set(VehicleUnit, unit, allocation_state="ALLOCATED", order_id="9" * 32)
    first.sync()
    lost = only(first)
    assert (lost.why, lost.there["order_id"]) == (Why.ORDER_LOST, "9" * 32)
    with pytest.raises(OrderStillThere):
        run(first, FreeFromLostOrder(unit_id=units(first)[0], order_id=order, reason="x"))
    cure(first, lost)
    second.sync()
    assert second.row(UNITS, unit)["allocation_state"] == "FREE" and compare(second).differences == []
    first.set(VehicleUnit, unit, allocation_state="DELIVERED", order_id="9" * 32)
    first.sync()
    assert only(first).why is Why.SALE_LOST and only(first).remedy is Remedy.OPEN_UNIT
    with pytest.raises(VehicleHandedOver):
        run(first, FreeFromLostOrder(unit_id=unit, order_id="9" * 32, reason="x"))


def test_several_branches_in_one_go(
    desks: Desks, database_template: Path, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    first, _, store = desks
    there = branch_desk(store, database_template, tmp_path, "D07", branch=HANGZHOU)
    head = branch_desk(store, database_template, tmp_path, "D09", branch=SHANGHAI, scopes="*")
    unit = there.records.unit(there.records.trim(), branch_id=HANGZHOU.id, vin="LSVAA4182E2184855")
    order = sell(there, unit.id)
    for desk in (there, first, head):
        desk.sync()
    asked = GroupReconciler(head.database, head.engine.transport, by=head.actor().staff_id, now=head.clock.now())
    assert set(asked.branches()) == {SHANGHAI.id, HANGZHOU.id}
    found = asked.compare(asked.branches(), lambda message, fraction: None)
    assert found.total == 0 and found.looked_at["sales_order"] == 1 and len(found.digest) == 64
    here(head, "UPDATE sales_order SET on_road_total = 1 WHERE id = ?", order)
    again = asked.compare(asked.branches(), lambda message, fraction: None)
    (one,) = again.differences
    assert (one.branch_id, one.table, one.why) == (HANGZHOU.id, ORDERS, Why.DIFFERS)
    assert [branch.total for branch in again.branches] == [
        1 if branch.branch_id == HANGZHOU.id else 0 for branch in again.branches
    ]  # fmt: skip
    close(there, head)


def test_cancelling_leaves_everything_as_it_is(sold: Sold) -> None:
    class Stopped(Exception):
        pass

    def stop(message: str, fraction: float | None) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        reconciler(sold[0]).compare(stop)
    assert compare(sold[0]).differences == []
