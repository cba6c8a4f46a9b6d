"""Closing a month: what stands in its way, the figures that are kept, what is refused afterwards, and reopening it."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from app.inventory.commands import HandOverUnit, TakeBackUnit
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired
from app.kernel.months import Month
from app.kernel.permissions import ROLE_PERMISSIONS, Actor, Permission, Role
from app.month_close.commands import AskToReopenMonth, CloseMonth, KeepMonthClosed, ReopenMonth
from app.month_close.errors import (
    EarlierMonthOpen,
    LaterMonthClosed,
    MonthNotOver,
    MonthNotSettled,
    MonthUnreadable,
    NotReviewed,
    SecondPersonNeeded,
)
from app.month_close.paper import closing_pdf, closing_xlsx
from app.month_close.queries import get_checklist, get_closing, list_closings, list_late_postings
from app.month_close.rules import Check
from app.payments.commands import ConfirmPayment, ReceivePayment, ReconcilePayment, ReversePayment
from app.periods.errors import MonthIsClosed
from app.runtime.language import CHINESE, set_language
from db.engine import Database
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.stocktaking import StockCount
from db.models.tasks import Task
from db.models.transfers import VehicleTransfer
from db.types import dump_json, microseconds
from tests.app.documents.reading import text_of
from tests.app.sale_desk import SaleDesk
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.factories.records import Records

NOVEMBER, DECEMBER = "2026-11", "2026-12"
FIRST = datetime(2026, 12, 1, 2, tzinfo=UTC)


class House:
    """A branch with one sale in November; the clock stands in November first."""

    def __init__(self, dispatcher: Dispatcher, records: Records, clock: FixedClock, database: Database) -> None:
        self.desk = SaleDesk(dispatcher, records, clock)
        self.database, self.clock = database, clock
        self.manager, self.administrator = self.desk.manager, self.desk.administrator
        self.unit = self.desk.unit()
        self.order = self._sold()

    def _sold(self) -> str:
        order = SalesOrder(
            branch_id=SHANGHAI.id, number="SH01-D01-SO-000001", final_number="SH01-SO-2026-000001", state="CONFIRMED",
            claim_state="confirmed", customer_id=self.desk.customer.id, vehicle_unit_id=self.unit.id,
            salesperson_id=self.desk.seller.staff_id, make_id=self.unit.make_id,
            vehicle_price=Decimal("145000.00"), on_road_total=Decimal("166000.00"), unit_cost=self.unit.cost,
            ordered_at=self.clock.now(),
        )  # fmt: skip
        self.desk.records.save(order)
        return str(order.id)

    def sent(self) -> None:
        """Everything reached the centre."""
        with self.database.exclusive() as connection:
            connection.exec_driver_sql(
                "UPDATE desk_state SET acknowledged_n = (SELECT coalesce(max(n), 0) FROM outbox_operation)"
            )

    def reviewed(self, month: str = NOVEMBER, *, unsettled: int = 0, **centre: Any) -> str:
        """As a comparison with the centre leaves it; the run's id."""
        run_id = f"{microseconds(self.clock.now()):032x}"
        told = {"desks": [], "quarantined": [], "quarantined_count": 0} | centre
        with self.database.exclusive() as connection:
            connection.exec_driver_sql(
                "INSERT OR REPLACE INTO reconciliation_run (id, branch_id, month, at, staff_id, looked_at,"
                " differences, unsettled, kinds, digest, centre) VALUES (?, ?, ?, ?, '', ?, ?, ?, '{}', ?, ?)",
                (run_id, SHANGHAI.id, month, microseconds(self.clock.now()), dump_json({"sales_order": 1}), unsettled,
                 unsettled, "d" * 64, dump_json(told)),
            )  # fmt: skip
        return run_id

    def close(self, month: str = NOVEMBER, *, actor: Actor | None = None) -> str:
        """Send, compare, close."""
        self.sent()
        return str(self.desk.do(CloseMonth(month=month, run_id=self.reviewed(month)), actor or self.manager))

    def open_checks(self, month: str = NOVEMBER) -> set[Check]:
        self.sent()
        self.reviewed(month)
        return set(self.desk.read(get_checklist, month, actor=self.manager).matters)

    def pay(self, amount: str, *, at: datetime | None = None, method: str = "cash", kind: str = "balance") -> str:
        """Receive and confirm."""
        done = self.desk.do(
            ReceivePayment(order_id=self.order, kind=kind, method=method, amount=Decimal(amount), received_at=at),
            self.desk.cashier,
        )
        self.confirm(done.payment_ids[0])
        return str(done.payment_ids[0])

    def confirm(self, payment_id: str) -> None:
        row = self.desk.row(Payment, payment_id)
        self.desk.do(ConfirmPayment(payment_id=payment_id, expected_revision=row.revision), self.desk.cashier)


@pytest.fixture
def house(dispatcher: Dispatcher, records: Records, clock: FixedClock, database: Database) -> House:
    made = House(dispatcher, records, clock, database)
    made.pay("20000.00")
    clock.advance(FIRST - clock.now())
    return made


def test_who_may_close_and_who_may_open_again() -> None:
    closing = {role for role in Role if Permission.MONTHS_CLOSE in ROLE_PERMISSIONS[role]}
    opening = {role for role in Role if Permission.MONTHS_REOPEN in ROLE_PERMISSIONS[role]}
    assert (closing, opening) == ({Role.BRANCH_MANAGER, Role.ADMINISTRATOR}, {Role.ADMINISTRATOR})


def test_a_settled_month_is_closed_with_its_figures(house: House) -> None:
    close_id = house.close()
    row = house.desk.read(get_closing, close_id, actor=house.manager).row
    figures = row.figures
    assert (row.month, row.state, row.closed_by, row.round) == (NOVEMBER, "CLOSED", "赵敏", 1)
    assert (figures.orders, figures.orders_total, figures.revenue) == (1, Decimal("166000.00"), Decimal("145000.00"))
    assert figures.received == Decimal("20000.00")
    assert [(one.kind, one.method, one.count, one.amount) for one in figures.payments] == [
        ("balance", "cash", 1, Decimal("20000.00"))
    ]
    assert (figures.stock_units, figures.stock_value) == (1, house.unit.cost)
    assert row.reconciliation_digest == "d" * 64 and (row.late, row.gone) == (0, 0)
    assert row.actions == ("ask_to_reopen",)


def test_only_over_only_in_turn_only_upon_a_fresh_comparison(house: House) -> None:
    manager = house.manager
    with pytest.raises(MonthUnreadable):
        house.desk.do(CloseMonth(month="November", run_id="x"), manager)
    with pytest.raises(MonthNotOver):
        house.desk.do(CloseMonth(month=DECEMBER, run_id="x"), manager)
    with pytest.raises(NotReviewed):
        house.desk.do(CloseMonth(month=NOVEMBER, run_id="x"), manager)
    house.sent()
    run = house.reviewed()
    house.clock.advance(timedelta(minutes=11))
    with pytest.raises(NotReviewed):
        house.desk.do(CloseMonth(month=NOVEMBER, run_id=run), manager)
    with pytest.raises(PermissionDenied):
        house.desk.do(CloseMonth(month=NOVEMBER, run_id=run), house.desk.cashier)
    other = house.reviewed("2026-10")
    with pytest.raises(NotReviewed):
        house.desk.do(CloseMonth(month=NOVEMBER, run_id=other), manager)
    house.close()
    house.clock.advance(timedelta(days=62))
    with pytest.raises(EarlierMonthOpen) as refused:
        house.desk.do(CloseMonth(month="2027-01", run_id=house.reviewed("2027-01")), manager)
    assert refused.value.params["next"] == DECEMBER and refused.value.field == "month"
    with pytest.raises(EarlierMonthOpen):
        house.desk.do(CloseMonth(month=NOVEMBER, run_id=house.reviewed()), manager)
    house.close(DECEMBER)


def test_what_the_comparison_found_stands_in_the_way(house: House) -> None:
    house.sent()
    silent = {"device_id": "1", "branch_code": "SH01", "desk_code": "D02", "seen_at": 1, "silent": True}
    run = house.reviewed(
        unsettled=3, desks=[silent, silent | {"silent": False}], quarantined_count=2,
        quarantined=[{"desk_code": "D03", "table": "sales_order", "id": "x", "received_at": 5}],
    )  # fmt: skip
    with pytest.raises(MonthNotSettled) as refused:
        house.desk.do(CloseMonth(month=NOVEMBER, run_id=run), house.manager)
    said = refused.value.message()
    assert "differences between this desk and the centre: 3" in said and "desks not heard of since: 1" in said
    assert "changes set aside at the centre: 2" in said
    checklist = house.desk.read(get_checklist, actor=house.manager)
    assert checklist.matters[Check.SILENT_DESKS].records[0].title == "SH01-D02"
    set_language(CHINESE)
    assert "本机与中心的差异：3" in refused.value.message()


def change(house: House, model: Any, record_id: str, **values: Any) -> None:
    house.desk.change(model, record_id, **values)


def _conflict(house: House) -> Callable[[], None]:
    change(house, SalesOrder, house.order, claim_state="conflict")
    return lambda: change(house, SalesOrder, house.order, claim_state="confirmed")


def _provisional(house: House) -> Callable[[], None]:
    change(house, SalesOrder, house.order, claim_state="provisional")
    return lambda: change(house, SalesOrder, house.order, claim_state="confirmed")


def _unpaid(house: House) -> Callable[[], None]:
    change(house, SalesOrder, house.order, state="DELIVERED", delivered_at=FIRST - timedelta(days=2))
    return lambda: house.pay("146000.00", at=FIRST - timedelta(days=1)) and None


def _unconfirmed(house: House) -> Callable[[], None]:
    done = house.desk.do(
        ReceivePayment(order_id=house.order, kind="balance", method="cash", amount=Decimal("5.00"),
                       received_at=FIRST - timedelta(days=1)),
        house.desk.cashier,
    )  # fmt: skip
    return lambda: house.confirm(done.payment_ids[0])


def _unreconciled(house: House) -> Callable[[], None]:
    payment = house.pay("7.00", at=FIRST - timedelta(days=1), method="bank_card")

    def reconcile() -> None:
        row = house.desk.row(Payment, payment)
        house.desk.do(ReconcilePayment(payment_id=payment, expected_revision=row.revision), house.desk.cashier)

    return reconcile


def _refund(house: House) -> Callable[[], None]:
    task = Task(
        branch_id=SHANGHAI.id, kind="return_payment", record_table="sales_order", record_id=house.order, params={},
        state="OPEN",
    )  # fmt: skip
    house.clock.advance(timedelta(days=-3))
    house.desk.records.save(task)
    house.clock.advance(timedelta(days=3))
    return lambda: change(house, Task, task.id, state="DONE")


def _transfer(house: House) -> Callable[[], None]:
    row = VehicleTransfer(
        number="TR-1", kind="REQUEST", from_branch_id=SHANGHAI.id, to_branch_id=HANGZHOU.id, trim_id=house.unit.trim_id,
        state="DEPARTED", requested_at=FIRST - timedelta(days=4), requested_by_staff_id=house.manager.staff_id,
        departed_at=FIRST - timedelta(days=3),
    )  # fmt: skip
    house.desk.records.save(row)
    return lambda: change(house, VehicleTransfer, row.id, state="MOVED")


def _count(house: House) -> Callable[[], None]:
    row = StockCount(
        branch_id=SHANGHAI.id, number="ST-1", coverage="BRANCH", state="COUNTING", started_at=FIRST - timedelta(days=3),
        started_by_staff_id=house.manager.staff_id,
    )  # fmt: skip
    house.desk.records.save(row)
    return lambda: change(house, StockCount, row.id, state="ABANDONED")


@pytest.mark.parametrize(
    ("check", "produce"),
    [
        (Check.CONFLICTS, _conflict), (Check.PROVISIONAL, _provisional), (Check.UNPAID, _unpaid),
        (Check.UNCONFIRMED, _unconfirmed), (Check.UNRECONCILED, _unreconciled), (Check.REFUNDS, _refund),
        (Check.TRANSFERS, _transfer), (Check.COUNTS, _count),
    ],
)  # fmt: skip
def test_each_matter_is_named_with_its_record_and_ends(
    house: House, check: Check, produce: Callable[[House], Callable[[], None]]
) -> None:
    settle = produce(house)
    assert house.open_checks() == {check}
    matter = house.desk.read(get_checklist, actor=house.manager).matters[check]
    assert matter.count == 1 and matter.records[0].title
    with pytest.raises(MonthNotSettled):
        house.close()
    settle()
    assert house.open_checks() == set()
    house.close()


def test_unsent_and_refused_changes_of_the_month(house: House) -> None:
    house.reviewed()
    checklist = house.desk.read(get_checklist, actor=house.manager)
    assert set(checklist.matters) == {Check.UNSENT} and not checklist.can_be_closed
    house.sent()
    with house.database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE outbox_operation SET state = 'rejected' WHERE table_name = 'payment'")
    assert house.open_checks() == {Check.REFUSED}
    with house.database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE outbox_operation SET state = 'dismissed' WHERE state = 'rejected'")
    late = house.desk.unit()  # it came in November, and counts in that month's stock
    house.reviewed()
    (unsent,) = house.desk.read(get_checklist, NOVEMBER, actor=house.manager).matters[Check.UNSENT].records
    assert (unsent.id, unsent.title) == (late.id, late.vin)
    house.sent()
    house.desk.unit(arrived_on=date(2026, 12, 1))  # not sent yet either: it stands in nobody's way
    run = house.reviewed()
    house.desk.do(CloseMonth(month=NOVEMBER, run_id=run), house.manager)


def test_nothing_is_dated_in_a_closed_month_any_more(house: House) -> None:
    before = house.pay("10.00", at=FIRST - timedelta(days=2))
    house.close()
    with pytest.raises(MonthIsClosed) as refused:
        house.pay("5.00", at=FIRST - timedelta(days=2))
    assert refused.value.field == "received_at" and refused.value.params == {"month": NOVEMBER, "open": DECEMBER}
    with pytest.raises(MonthIsClosed):
        house.pay("5.00", at=FIRST - timedelta(days=62))
    house.pay("5.00")
    row = house.desk.row(Payment, before)
    contra = house.desk.do(
        ReversePayment(payment_id=before, expected_revision=row.revision, reason="数错了"), house.desk.cashier
    )
    assert Month.of(house.desk.row(Payment, contra).received_at) == Month.parse(DECEMBER), "corrections are posted now"
    (closing,) = house.desk.read(list_closings, actor=house.manager)
    assert (closing.late, closing.gone) == (0, 0)


def test_what_an_offline_desk_sends_late_is_shown_on_the_closing(house: House) -> None:
    close_id = house.close()
    late = Payment(
        branch_id=SHANGHAI.id, number="SH01-D02-RC-000001", order_id=house.order, customer_id=house.desk.customer.id,
        kind="balance", method="cash", amount=Decimal("300.00"), state="CONFIRMED",
        received_at=FIRST - timedelta(days=1), received_by_staff_id=house.desk.cashier.staff_id,
    )  # fmt: skip
    house.desk.records.save(late)
    detail = house.desk.read(get_closing, close_id, actor=house.manager)
    assert [(one.table, one.id) for one in detail.late] == [("payment", late.id)] and detail.row.late == 1
    ((row, posting),) = house.desk.read(list_late_postings, [SHANGHAI.id], actor=house.manager)
    assert (row.month, posting.amount) == (NOVEMBER, Decimal("300.00"))
    change(house, SalesOrder, house.order, on_road_total=Decimal("166001.00"))
    again = house.desk.read(get_closing, close_id, actor=house.manager)
    assert {one.table for one in again.late} == {"payment", "sales_order"} and again.row.gone == 1
    assert again.row.figures.received == Decimal("20000.00"), "what was closed stays as it was"


def test_a_second_person_opens_the_last_month_again(house: House) -> None:
    november = house.close()
    house.clock.advance(timedelta(days=31))
    december = house.close(DECEMBER)
    desk = house.desk

    def revision(close_id: str) -> int:
        return int(desk.read(get_closing, close_id, actor=house.manager).row.revision)

    def ask(close_id: str, actor: Actor, reason: str = "一笔转账记错月份") -> str:
        command = AskToReopenMonth(close_id=close_id, expected_revision=revision(close_id), reason=reason)
        return str(desk.do(command, actor))

    with pytest.raises(LaterMonthClosed):
        ask(november, house.manager)
    with pytest.raises(ReasonRequired):
        ask(december, house.manager, reason=" ")
    ask(december, house.manager)
    assert desk.rows(Task, kind="reopen_month")[0].state == "OPEN"
    with pytest.raises(MonthIsClosed):
        house.pay("5.00", at=FIRST + timedelta(days=1))
    desk.do(KeepMonthClosed(close_id=december, expected_revision=revision(december)), house.manager)
    assert desk.rows(Task, kind="reopen_month")[0].state != "OPEN"
    ask(december, house.administrator)
    with pytest.raises(SecondPersonNeeded):
        desk.do(ReopenMonth(close_id=december, expected_revision=revision(december)), house.administrator)
    with pytest.raises(PermissionDenied):
        desk.do(ReopenMonth(close_id=december, expected_revision=revision(december)), house.manager)
    other = replace(house.administrator, staff_id="5" * 31 + "a", name="总部")
    desk.do(ReopenMonth(close_id=december, expected_revision=revision(december)), other)
    house.pay("5.00", at=FIRST + timedelta(days=1))
    again = house.close(DECEMBER)
    rows = desk.read(list_closings, actor=house.manager)
    assert [(row.month, row.round, row.state) for row in rows] == [
        (DECEMBER, 2, "CLOSED"), (DECEMBER, 1, "REOPENED"), (NOVEMBER, 1, "CLOSED")
    ]  # fmt: skip
    assert again == rows[0].id and rows[1].reopen_reason == "一笔转账记错月份"
    ask(again, house.manager)
    desk.do(ReopenMonth(close_id=again, expected_revision=revision(again)), house.administrator)
    ask(november, house.manager)


def test_the_stock_counts_as_it_stood_at_the_months_end(house: House) -> None:
    house.desk.records.unit(house.desk.trim, vin="LSVAA4182E2184861", arrived_on=datetime(2026, 12, 1).date())
    sold = house.desk.records.unit(house.desk.trim, vin="LSVAA4182E2184862", stock_state="OUT",
                                   allocation_state="DELIVERED")  # fmt: skip
    change(house, SalesOrder, house.order, vehicle_unit_id=sold.id, delivered_at=FIRST + timedelta(hours=1))
    house.desk.records.unit(house.desk.trim, vin="LSVAA4182E2184863", stock_state="OUT")
    figures = house.desk.read(get_checklist, actor=house.manager).figures
    assert figures.stock_units == 2, "what stood there, and what was handed over since"
    assert figures.stock_value == house.unit.cost + sold.cost
    assert house.desk.row(VehicleUnit, sold.id).stock_state == "OUT"
    ready = {"pdi_state": "PASS", "certificate_state": "IN_SAFE", "allocation_state": "ALLOCATED"}
    change(house, VehicleUnit, house.unit.id, order_id=house.order, **ready)
    change(house, SalesOrder, house.order, vehicle_unit_id=house.unit.id, delivered_at=None)
    house.pay("146000.00")
    before = house.desk.read(get_checklist, actor=house.manager).figures
    house.desk.do(HandOverUnit(unit_id=house.unit.id), house.manager)
    after = house.desk.read(get_checklist, actor=house.manager).figures
    assert (after.stock_units, after.delivered) == (before.stock_units, 0), "it left after the month's end"
    assert house.desk.read(get_checklist, DECEMBER, actor=house.manager).figures.delivered == 1
    house.desk.do(TakeBackUnit(unit_id=house.unit.id, reason="退车"), house.manager)
    assert house.desk.read(get_checklist, DECEMBER, actor=house.manager).figures.delivered == 0


@pytest.mark.parametrize("spoken", ["en", CHINESE])
def test_a_closing_on_paper_and_as_a_workbook(house: House, spoken: str) -> None:
    close_id = house.close()
    pdf = house.desk.read(closing_pdf, close_id, language=spoken, actor=house.manager)
    text = text_of(pdf)
    assert "SH01-2026-11-1" in text and "20,000.00" in text and "166,000.00" in text
    assert ("现金" if spoken == CHINESE else "Cash") in text
    set_language(spoken)
    book = load_workbook(io.BytesIO(house.desk.read(closing_xlsx, close_id, actor=house.manager)))
    values = list(book[NOVEMBER].iter_rows(values_only=True))
    assert any(row[1] == 166000 for row in values), "amounts are numbers"
