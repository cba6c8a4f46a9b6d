"""The figures of a month, and which orders and payments made them."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.kernel.clock import branch_date
from app.kernel.money import ZERO, from_fen, to_fen
from app.kernel.months import Month
from app.orders.rules import OrderState
from app.transfers.rules import TransferState
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.transfers import VehicleTransfer
from db.types import microseconds

_BYTES = 6
_NOT_YET_SOLD = (OrderState.DRAFT.value, OrderState.MANAGER_REVIEW.value, OrderState.FINANCE_REVIEW.value)
_IN_THE_HOUSE = ("IN_STOCK", "LENT")


@dataclass(frozen=True, slots=True)
class PaymentFigure:
    """What came in of one kind by one way; contra entries count with what they reverse."""

    kind: str
    method: str
    count: int
    amount: Decimal

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> "PaymentFigure":
        """From its entry on a closing."""
        return cls(stored["kind"], stored["method"], stored["count"], from_fen(stored["fen"]))

    def stored(self) -> dict[str, Any]:
        """As it stands on a closing."""
        return {"kind": self.kind, "method": self.method, "count": self.count, "fen": to_fen(self.amount)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A month of a branch. What each counts is said on `db.models.month_close.MonthClose`."""

    orders: int
    orders_total: Decimal
    revenue: Decimal
    cancelled: int
    delivered: int
    received: Decimal
    payments: tuple[PaymentFigure, ...]
    stock_units: int
    stock_value: Decimal


@dataclass(frozen=True, slots=True)
class Posting:
    """An order or a payment of the month, as it counted. `amount` is the order's total or the money received."""

    table: str
    id: str
    number: str
    amount: Decimal
    dated: datetime
    mark: bytes


def month_figures(session: Session, branch_id: str, month: Month) -> Figures:
    """The figures of a month by what is known here now."""
    orders, total, revenue, cancelled, delivered = _order_figures(session, branch_id, month)
    payments = _payment_figures(session, branch_id, month)
    units, value = _stock_at(session, branch_id, month.ends_at)
    return Figures(
        orders=orders, orders_total=total, revenue=revenue, cancelled=cancelled, delivered=delivered,
        received=sum((one.amount for one in payments), ZERO), payments=payments, stock_units=units, stock_value=value,
    )  # fmt: skip


def _order_figures(session: Session, branch_id: str, month: Month) -> tuple[int, Decimal, Decimal, int, int]:
    begins, ends = month.begins_at, month.ends_at
    mine = and_(SalesOrder.branch_id == branch_id, SalesOrder.deleted_at.is_(None))
    placed = and_(mine, SalesOrder.ordered_at >= begins, SalesOrder.ordered_at < ends)
    standing = or_(SalesOrder.cancelled_at.is_(None), SalesOrder.cancelled_at >= ends)
    count, total = session.execute(
        select(func.count(), func.sum(SalesOrder.on_road_total)).where(placed, standing)
    ).one()  # fmt: skip
    sold = SalesOrder.state.not_in(_NOT_YET_SOLD)
    revenue = session.scalar(select(func.sum(SalesOrder.vehicle_price)).where(placed, standing, sold))

    def within(column: Any) -> int:
        return session.scalar(select(func.count()).where(mine, column >= begins, column < ends)) or 0

    return count, total or ZERO, revenue or ZERO, within(SalesOrder.cancelled_at), within(SalesOrder.delivered_at)


def _payment_figures(session: Session, branch_id: str, month: Month) -> tuple[PaymentFigure, ...]:
    query = (
        select(Payment.kind, Payment.method, func.count(), func.sum(Payment.amount))
        .where(
            Payment.branch_id == branch_id, Payment.deleted_at.is_(None), Payment.received_at >= month.begins_at,
            Payment.received_at < month.ends_at,
        )
        .group_by(Payment.kind, Payment.method)
        .order_by(Payment.kind, Payment.method)
    )  # fmt: skip
    return tuple(PaymentFigure(*row) for row in session.execute(query))


def _stock_at(session: Session, branch_id: str, ends: datetime) -> tuple[int, Decimal]:
    """Vehicles in the house at the month's end: those that came by then and are still there, and those that were
    handed over or taken to another branch since; without those that came from another branch since."""
    last_day: date = branch_date(ends - timedelta(microseconds=1))
    unit = VehicleUnit
    handed_over = select(SalesOrder.vehicle_unit_id).where(
        SalesOrder.branch_id == branch_id, SalesOrder.delivered_at >= ends, SalesOrder.deleted_at.is_(None)
    )
    moved = and_(
        VehicleTransfer.state == TransferState.MOVED.value, VehicleTransfer.arrived_at >= ends,
        VehicleTransfer.unit_id.is_not(None), VehicleTransfer.deleted_at.is_(None),
    )  # fmt: skip
    came = select(VehicleTransfer.unit_id).where(moved, VehicleTransfer.to_branch_id == branch_id)
    went = select(VehicleTransfer.unit_id).where(moved, VehicleTransfer.from_branch_id == branch_id)
    here = and_(unit.branch_id == branch_id, unit.deleted_at.is_(None), unit.id.not_in(came))
    standing = or_(unit.stock_state.in_(_IN_THE_HOUSE), and_(unit.stock_state == "OUT", unit.id.in_(handed_over)))
    query = select(func.count(), func.sum(unit.cost)).where(
        unit.arrived_on <= last_day, or_(and_(here, standing), unit.id.in_(went))
    )
    count, value = session.execute(query).one()
    return count, value or ZERO


def postings_of(session: Session, branch_id: str, month: Month) -> list[Posting]:
    """Every order and payment of the month, as it counts by what is known here now."""
    begins, ends = month.begins_at, month.ends_at
    orders = session.execute(
        select(
            SalesOrder.id, func.coalesce(SalesOrder.final_number, SalesOrder.number), SalesOrder.on_road_total,
            SalesOrder.ordered_at, SalesOrder.vehicle_price, SalesOrder.cancelled_at,
        ).where(
            SalesOrder.branch_id == branch_id, SalesOrder.deleted_at.is_(None), SalesOrder.ordered_at >= begins,
            SalesOrder.ordered_at < ends,
        )
    )  # fmt: skip
    made = []
    for record_id, number, total, at, price, cancelled_at in orders:
        over = cancelled_at is not None and cancelled_at < ends
        mark = _mark("sales_order", record_id, to_fen(total), to_fen(price), microseconds(at), over)
        made.append(Posting("sales_order", record_id, number, total, at, mark))
    payments = session.execute(
        select(
            Payment.id, Payment.number, Payment.amount, Payment.received_at, Payment.kind, Payment.method
        ).where(
            Payment.branch_id == branch_id, Payment.deleted_at.is_(None), Payment.received_at >= begins,
            Payment.received_at < ends,
        )
    )  # fmt: skip
    for record_id, number, amount, at, kind, method in payments:
        mark = _mark("payment", record_id, to_fen(amount), kind, method, microseconds(at))
        made.append(Posting("payment", record_id, number, amount, at, mark))
    return made


def _mark(*values: Any) -> bytes:
    return hashlib.sha256("|".join(str(value) for value in values).encode("utf-8")).digest()[:_BYTES]


def packed(postings: list[Posting]) -> str:
    """The marks of postings as a closing keeps them."""
    return base64.b64encode(b"".join(sorted(posting.mark for posting in postings))).decode("ascii")


def late_postings(postings: list[Posting], kept: str) -> tuple[list[Posting], int]:
    """What a closing does not know of what now stands in its month: it came late, or was changed afterwards. And how
    many the closing counted that are no longer there as they were."""
    raw = base64.b64decode(kept)
    known = {raw[start : start + _BYTES] for start in range(0, len(raw), _BYTES)}
    present = {posting.mark for posting in postings}
    return [posting for posting in postings if posting.mark not in known], len(known - present)
