"""What happened with a customer, over all features, by date; and who looked at their personal data."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, literal, null, select, tuple_, type_coerce

from app.kernel.errors import ValueNotAllowed
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.contracts import Contract
from db.models.desk import AuditEntry, AuditSubject
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.quotations import Quotation
from db.models.staff import StaffMember
from db.models.workshop import ServiceAppointment
from db.types import Money, UtcDateTime, instant_at, microseconds

REVEAL = "RevealPersonalData"
"""The command that reveals what stands on a customer."""
_REVEALS_OF_ONE = (REVEAL, "RevealRefusedValue", "RevealReplacedValue")
"""With those that reveal what was entered about one and was refused or replaced."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One thing that happened. `kind`: quotation, order, contract, payment or appointment; `id` is the record's.

    `amount` is the on-road total of an offer or order and what was paid (negative: given back); None elsewhere.
    """

    id: str
    cursor: str
    kind: str
    number: str
    state: str
    at: datetime
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class RevealRow:
    """Somebody looked at a masked value."""

    id: str
    cursor: str
    at: datetime
    staff_id: str
    staff_name: str
    desk_code: str
    customer_id: str
    field: str
    reason: str


def list_customer_history(
    reader: Reader, customer_id: str, *, after: str | None = None, limit: int = 100
) -> tuple[HistoryRow, ...]:
    """Quotations, orders, contracts, payments and appointments of a customer that the actor may see, newest first.

    Payments by the time they were received, orders by the time they were made; from behind the cursor `after`.
    """
    reader.require(Permission.CUSTOMERS_VIEW)
    rows: list[HistoryRow] = []
    for permission, query, at, record_id in _sources(customer_id):
        if not reader.actor.may(permission):
            continue
        if after is not None:
            query = query.where(tuple_(at, record_id) < _place(after))
        newest = query.order_by(at.desc(), record_id.desc()).limit(limit)
        rows += [_history_row(*row) for row in reader.session.execute(newest)]
    rows.sort(key=lambda row: (row.at, row.id), reverse=True)
    return tuple(rows[:limit])


def list_reveals(
    reader: Reader, *, customer_id: str | None = None, after: str | None = None, limit: int = 100
) -> tuple[RevealRow, ...]:
    """Who looked at masked values at this desk and why, newest first; of one customer or of all."""
    reader.require(Permission.AUDIT_VIEW)
    query = (
        select(AuditEntry, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == AuditEntry.staff_id)
        .where(AuditEntry.command.in_(_REVEALS_OF_ONE if customer_id is not None else (REVEAL,)))
    )
    if customer_id is not None:
        query = query.join(AuditSubject, AuditSubject.n == AuditEntry.n).where(AuditSubject.record_id == customer_id)
    if after is not None:
        query = query.where(AuditEntry.n < _number(after))
    found = reader.session.execute(query.order_by(AuditEntry.n.desc()).limit(limit))
    return tuple(_reveal_row(entry, name) for entry, name in found)


def _sources(customer_id: str) -> list[tuple[Permission, Select[Any], Any, Any]]:
    none = type_coerce(null(), Money)
    models: tuple[tuple[str, Permission, Any, Any, Any], ...] = (
        ("quotation", Permission.QUOTATIONS_VIEW, Quotation, Quotation.created_at, Quotation.on_road_total),
        ("order", Permission.ORDERS_VIEW, SalesOrder, SalesOrder.ordered_at, SalesOrder.on_road_total),
        ("contract", Permission.CONTRACTS_VIEW, Contract, Contract.created_at, none),
        ("payment", Permission.PAYMENTS_VIEW, Payment, Payment.received_at, Payment.amount),
        ("appointment", Permission.WORKSHOP_VIEW, ServiceAppointment, ServiceAppointment.starts_at, none),
    )
    return [
        (
            permission,
            select(model.id, literal(kind), model.number, model.state, at, amount).where(
                model.customer_id == customer_id, model.deleted_at.is_(None)
            ),
            at,
            model.id,
        )
        for kind, permission, model, at, amount in models
    ]


def _history_row(
    record_id: str, kind: str, number: str, state: str, at: datetime, amount: Decimal | None
) -> HistoryRow:
    cursor = f"{microseconds(at)}|{record_id}"
    return HistoryRow(id=record_id, cursor=cursor, kind=kind, number=number, state=state, at=at, amount=amount)


def _place(cursor: str) -> Any:
    at, _, record_id = cursor.partition("|")
    return tuple_(literal(instant_at(_number(at)), UtcDateTime), literal(record_id))


def _number(cursor: str) -> int:
    if not cursor.isdecimal() or len(cursor) > 18:
        raise ValueNotAllowed(value=cursor[:40])
    return int(cursor)


def _reveal_row(entry: AuditEntry, staff_name: str | None) -> RevealRow:
    notes = json.loads(entry.changes)
    customer_id, field = next(((note[1], str(note[2]["reveal"])) for note in notes if "reveal" in note[2]), ("", ""))
    return RevealRow(
        id=str(entry.n),
        cursor=str(entry.n),
        at=entry.at,
        staff_id=entry.staff_id,
        staff_name=staff_name or "",
        desk_code=entry.desk_code,
        customer_id=customer_id,
        field=field,
        reason=entry.reason,
    )
