"""Finds what is unsettled in a branch up to the end of a month: here, and by what the centre said."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from app.kernel.clock import branch_date
from app.kernel.months import Month
from app.month_close.rules import AT_THE_CENTRE, CASH, REVIEW_LIFE, Check, Matter, MatterRecord
from app.orders.rules import LIVE_STATES, ClaimState, OrderState
from app.payments.rules import PaymentState
from app.periods.rules import DATED
from app.stocktaking.rules import CountState
from app.tasks.rules import TaskKind, TaskState
from app.transfers.rules import TransferState
from db.models.month_close import ReconciliationRun
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.stocktaking import StockCount
from db.models.tasks import Task
from db.models.transfers import VehicleTransfer
from db.types import instant_at, microseconds

NAMED = 20
"""So many records are named one by one; of more, only how many."""
_OPERATIONS = (
    "SELECT o.table_name, o.record_id, coalesce(p.number, s.final_number, s.number, u.vin, ''), min(o.created_at)"
    " FROM outbox_operation o LEFT JOIN payment p ON p.id = o.record_id AND o.table_name = 'payment'"
    " LEFT JOIN sales_order s ON s.id = o.record_id AND o.table_name = 'sales_order'"
    " LEFT JOIN vehicle_unit u ON u.id = o.record_id AND o.table_name = 'vehicle_unit' WHERE {wanted}"
    " GROUP BY o.table_name, o.record_id ORDER BY 4"
)
_DAYS = ", ".join(f"json_extract(o.body, '$.fields.{field}')" for field in DATED.values() if field.endswith("_on"))
_UNSENT = _OPERATIONS.format(
    wanted="o.n > (SELECT acknowledged_n FROM desk_state) AND o.state = 'pending' AND (o.created_at < :ends"
    f" OR p.received_at < :ends OR s.ordered_at < :ends OR coalesce({_DAYS}) < :day)"
)
_REFUSED = _OPERATIONS.format(wanted="o.state = 'rejected'")


def find_matters(
    session: Session, branch_id: str, month: Month, *, run: ReconciliationRun | None, now: datetime
) -> list[Matter]:
    """Everything that stands in the way of closing the month, in the order of the list. Empty: it can be closed."""
    found = {matter.check: matter for matter in (*_of_run(run, month, now), *_here(session, branch_id, month))}
    return [found[check] for check in Check if check in found]


def _of_run(run: ReconciliationRun | None, month: Month, now: datetime) -> list[Matter]:
    """What the last comparison with the centre says; an old one says nothing any more."""
    if run is None or run.month != str(month) or now - run.at > REVIEW_LIFE or run.centre is None:
        return [Matter(Check.REVIEW, 1)]
    told: Mapping[str, Any] = run.centre
    silent = [desk for desk in told.get("desks") or () if desk.get("silent")]
    matters = [
        Matter(Check.DIFFERENCES, run.unsettled),
        Matter(Check.SILENT_DESKS, len(silent), tuple(_desk_record(desk) for desk in silent[:NAMED])),
        Matter(
            Check.QUARANTINED, int(told.get("quarantined_count") or 0),
            tuple(_set_aside(one) for one in (told.get("quarantined") or ())[:NAMED]),
        ),
    ]  # fmt: skip
    assert [matter.check for matter in matters] == list(AT_THE_CENTRE)
    return [matter for matter in matters if matter.count]


def _desk_record(desk: Mapping[str, Any]) -> MatterRecord:
    title = f"{desk.get('branch_code', '')}-{desk.get('desk_code', '')}"
    return MatterRecord("device", str(desk.get("device_id", "")), title, {"seen_at": desk.get("seen_at")})


def _set_aside(one: Mapping[str, Any]) -> MatterRecord:
    return MatterRecord(str(one.get("table", "")), str(one.get("id", "")), str(one.get("desk_code", "")),
                        {"received_at": one.get("received_at")})  # fmt: skip


def _here(session: Session, branch_id: str, month: Month) -> list[Matter]:
    ends = month.ends_at
    made = [
        _operations(session, Check.UNSENT, _UNSENT, {"ends": microseconds(ends), "day": branch_date(ends).isoformat()}),
        _operations(session, Check.REFUSED, _REFUSED, {}),
        _orders(session, branch_id, Check.CONFLICTS, SalesOrder.claim_state == ClaimState.CONFLICT.value, ends=ends),
        _orders(
            session, branch_id, Check.PROVISIONAL, SalesOrder.claim_state == ClaimState.PROVISIONAL.value, ends=ends
        ),
        _unpaid(session, branch_id, ends),
        _payments(session, branch_id, Check.UNCONFIRMED, Payment.state == PaymentState.RECEIVED.value, ends=ends),
        _payments(
            session, branch_id, Check.UNRECONCILED, Payment.state == PaymentState.CONFIRMED.value,
            Payment.method.not_in(CASH), Payment.reverses_id.is_(None), ends=ends,
        ),
        _refunds(session, branch_id, ends),
        _transfers(session, branch_id, ends),
        _counts(session, branch_id, ends),
    ]  # fmt: skip
    return [matter for matter in made if matter.count]


def _operations(session: Session, check: Check, statement: str, values: dict[str, Any]) -> Matter:
    rows = session.execute(text(statement), values).fetchall()
    records = tuple(MatterRecord(row[0], row[1], row[2], {"created_at": row[3]}) for row in rows[:NAMED])
    return Matter(check, len(rows), records)


def _matter(session: Session, check: Check, table: str, query: Any, *names: str) -> Matter:
    """`query` gives id, title, and what `names` call it."""
    count = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.execute(query.limit(NAMED)).fetchall() if count else []
    notes = [dict(zip(names, map(_stored, row[2:]), strict=True)) for row in rows]
    records = (MatterRecord(table, row[0], row[1], note) for row, note in zip(rows, notes, strict=True))
    return Matter(check, count, tuple(records))


def _stored(value: Any) -> Any:
    return microseconds(value) if isinstance(value, datetime) else value


def _number() -> Any:
    return func.coalesce(SalesOrder.final_number, SalesOrder.number)


def _orders(session: Session, branch_id: str, check: Check, *conditions: Any, ends: datetime) -> Matter:
    query = select(SalesOrder.id, _number(), SalesOrder.ordered_at).where(
        SalesOrder.branch_id == branch_id, SalesOrder.ordered_at < ends, SalesOrder.deleted_at.is_(None),
        SalesOrder.state.in_([state.value for state in LIVE_STATES]), *conditions,
    )  # fmt: skip
    return _matter(session, check, "sales_order", query.order_by(SalesOrder.ordered_at), "ordered_at")


def _unpaid(session: Session, branch_id: str, ends: datetime) -> Matter:
    paid = (
        select(func.coalesce(func.sum(Payment.amount), 0))
        .where(Payment.order_id == SalesOrder.id, Payment.deleted_at.is_(None))
        .scalar_subquery()
    )
    delivered = (OrderState.DELIVERED.value, OrderState.COMPLETED.value)
    query = select(SalesOrder.id, _number(), SalesOrder.delivered_at).where(
        SalesOrder.branch_id == branch_id, SalesOrder.state.in_(delivered), SalesOrder.deleted_at.is_(None),
        or_(SalesOrder.delivered_at.is_(None), SalesOrder.delivered_at < ends), paid < SalesOrder.on_road_total,
    )  # fmt: skip
    return _matter(session, Check.UNPAID, "sales_order", query.order_by(SalesOrder.ordered_at), "delivered_at")


def _payments(session: Session, branch_id: str, check: Check, *conditions: Any, ends: datetime) -> Matter:
    query = select(Payment.id, Payment.number, Payment.received_at).where(
        Payment.branch_id == branch_id, Payment.received_at < ends, Payment.deleted_at.is_(None), *conditions
    )
    return _matter(session, check, "payment", query.order_by(Payment.received_at), "received_at")


def _refunds(session: Session, branch_id: str, ends: datetime) -> Matter:
    query = select(Task.id, Task.record_id, Task.created_at).where(
        Task.branch_id == branch_id, Task.kind == TaskKind.RETURN_PAYMENT.value, Task.state == TaskState.OPEN.value,
        Task.created_at < ends, Task.deleted_at.is_(None),
    )  # fmt: skip
    matter = _matter(session, Check.REFUNDS, "task", query.order_by(Task.created_at), "created_at")
    numbers: dict[str, str] = dict(
        session.execute(
            select(SalesOrder.id, _number()).where(SalesOrder.id.in_([one.title for one in matter.records]))
        ).fetchall()
    )
    named = tuple(MatterRecord(one.table, one.id, numbers.get(one.title, ""), one.note) for one in matter.records)
    return Matter(matter.check, matter.count, named)


def _transfers(session: Session, branch_id: str, ends: datetime) -> Matter:
    query = select(VehicleTransfer.id, VehicleTransfer.number, VehicleTransfer.departed_at).where(
        or_(VehicleTransfer.from_branch_id == branch_id, VehicleTransfer.to_branch_id == branch_id),
        VehicleTransfer.state == TransferState.DEPARTED.value, VehicleTransfer.departed_at < ends,
        VehicleTransfer.deleted_at.is_(None),
    )  # fmt: skip
    return _matter(
        session, Check.TRANSFERS, "vehicle_transfer", query.order_by(VehicleTransfer.departed_at), "departed_at"
    )


def _counts(session: Session, branch_id: str, ends: datetime) -> Matter:
    query = select(StockCount.id, StockCount.number, StockCount.started_at).where(
        StockCount.branch_id == branch_id, StockCount.started_at < ends, StockCount.deleted_at.is_(None),
        StockCount.state.in_((CountState.COUNTING.value, CountState.RECOUNTING.value)),
    )  # fmt: skip
    return _matter(session, Check.COUNTS, "stock_count", query.order_by(StockCount.started_at), "started_at")


def seen_at(record: MatterRecord) -> datetime | None:
    """The instant beside a record's title, whatever it is called."""
    stored = next((value for name, value in record.note.items() if name.endswith("_at")), None)
    return None if stored is None else instant_at(int(stored))
