"""Reading sales orders, with what payments and contracts add to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from app.catalog.sold_versions import SoldSpecification, get_sold_specification
from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual
from app.kernel.money import ZERO
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.orders.asking_again import AskingAgain, asking_again
from app.orders.rules import LIVE_STATES, ORDER, ClaimState, OrderAction, OrderState
from app.orders.securing import SaleSecurity, secured_orders, security_of
from app.orders.ties import SALES_CONTRACT, order_lines, signed_contract_number
from app.quotations.queries import LineRow, line_rows
from app.quotations.vehicle_names import NAME_COLUMNS, join_names, vehicle_name
from db.listing import cursor_of, found, is_one_of, older_than
from db.models.contracts import Contract
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.quotations import Quotation
from db.models.staff import Branch, StaffMember
from db.types import instant_at
from sync.protocol.operations import LEASE


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One order in a list; `cursor` continues the list after it."""

    id: str
    number: str
    """The final number where the centre has given one, else the provisional one."""
    final: bool
    state: str
    """Labels in `app.orders.rules.OrderState`."""
    claim_state: str
    """provisional, confirmed, conflict, released; labels in `app.orders.rules.ClaimState`."""
    secured: bool
    """Provisional by its state, but sold under a lease that counts now: the vehicle is this order's."""
    payment_state: str
    """UNPAID, PARTIAL, PAID, OVERDUE; labels in `app.payments.rules.PaymentFacet`."""
    customer_id: str
    customer_name: str
    vehicle_unit_id: str
    vin: str
    vehicle: Bilingual
    branch_id: str
    salesperson_id: str
    salesperson: str
    vehicle_price: Decimal
    on_road_total: Decimal
    received: Decimal
    outstanding: Decimal
    ordered_at: datetime
    planned_delivery_on: date | None
    revision: int
    cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaymentRow:
    """A payment as far as an order shows it."""

    id: str
    number: str
    kind: str
    method: str
    amount: Decimal
    state: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderContractRow:
    """A contract as far as an order shows it."""

    id: str
    number: str
    state: str
    provisional: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictRow:
    """An order that lost its unit: `winner_*` name the order that holds it, as the centre told."""

    id: str
    order: OrderRow
    winner_order_id: str
    winner_number: str
    winner_branch_id: str
    winner_branch: Bilingual
    winner_desk_code: str
    winner_at: datetime | None
    winner_person: str | None
    """Who has it; "" where nobody told, None where this desk does not know the person."""
    secured_until: datetime | None
    """Where no order has the vehicle, but a desk for which the centre keeps it until then."""
    signed_contract_number: str
    """A contract that has to be voided before the order gets another vehicle or is cancelled; "" for none."""
    again: AskingAgain | None
    """Whether the vehicle may be this order's after all; None where it is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDetail:
    """One order with everything on it; `actions` are the codes that state and permission allow."""

    row: OrderRow
    lines: tuple[LineRow, ...]
    payments: tuple[OrderPaymentRow, ...]
    contracts: tuple[OrderContractRow, ...]
    finance: dict[str, Any] | None
    quotation_id: str | None
    quotation_number: str
    provisional_number: str
    cancel_reason: str
    cancelled_at: datetime | None
    conflict: ConflictRow | None
    security: SaleSecurity | None
    """The lease under which it was sold, while the centre has not answered."""
    specification: SoldSpecification | None
    """What the catalogue said when the vehicle was sold, and what it says differently now."""
    actions: tuple[str, ...]
    """`app.orders.rules.OrderAction` codes, and "plan_delivery", "resolve_conflict", "ask_again"."""


def list_orders(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 60,
    text: str = "",
    state: str | Sequence[str] | None = None,
    claim_state: str | Sequence[str] | None = None,
    payment_state: str | Sequence[str] | None = None,
    salesperson_id: str | Sequence[str] | None = None,
    branch_id: str | Sequence[str] | None = None,
    customer_id: str | None = None,
    vehicle_unit_id: str | None = None,
) -> list[OrderRow]:
    """Orders, newest first. `text` finds number, customer (also by pinyin), and what finds the vehicle."""
    reader.require(Permission.ORDERS_VIEW)
    today = branch_date(reader.now)
    conditions = _conditions(
        today,
        text=text,
        state=state,
        claim_state=claim_state,
        payment_state=payment_state,
        salesperson_id=salesperson_id,
        branch_id=branch_id,
        customer_id=customer_id,
        vehicle_unit_id=vehicle_unit_id,
    )
    query = _rows(today).where(*conditions)
    if after is not None:
        query = query.where(older_than(after, SalesOrder.ordered_at, SalesOrder.id))
    query = query.order_by(SalesOrder.ordered_at.desc(), SalesOrder.id.desc()).limit(limit)
    return _with_security(reader, [_row(values) for values in reader.session.execute(query)])


def _with_security(reader: Reader, rows: list[OrderRow]) -> list[OrderRow]:
    """Say of those that wait for the centre which are sold under a lease; mostly none waits."""
    if not any(row.claim_state == ClaimState.PROVISIONAL for row in rows):
        return rows
    kept = secured_orders(reader.session, now=reader.now)
    return [replace(row, secured=row.id in kept) for row in rows] if kept else rows


def count_orders(reader: Reader, **filters: Any) -> tuple[int, int]:
    """How many match the filters of `list_orders`, and how many there are."""
    reader.require(Permission.ORDERS_VIEW)
    counted = select(func.count()).select_from(SalesOrder)
    everything = reader.session.scalar(counted.where(SalesOrder.deleted_at.is_(None))) or 0
    if not any(filters.values()):
        return everything, everything
    conditions = _conditions(branch_date(reader.now), **filters)
    return reader.session.scalar(counted.where(*conditions)) or 0, everything


_RECEIVED = (
    select(func.coalesce(func.sum(Payment.amount), ZERO))
    .where(Payment.order_id == SalesOrder.id, Payment.deleted_at.is_(None))
    .correlate(SalesOrder)
    .scalar_subquery()
)
"""What came in for an order, contra entries taken off."""


def _payment_state(today: date) -> ColumnElement[str]:
    """`app.payments.rules.payment_facet` as SQL, so that it can be filtered by; a test holds the two together."""
    overdue = and_(SalesOrder.planned_delivery_on.is_not(None), SalesOrder.planned_delivery_on < today)
    return case(
        (SalesOrder.on_road_total <= _RECEIVED, "PAID"),
        (overdue, "OVERDUE"),
        (_RECEIVED > ZERO, "PARTIAL"),
        else_="UNPAID",
    )


def _rows(today: date) -> Any:
    query: Any = (
        select(
            SalesOrder,
            Customer.name,
            VehicleUnit.vin,
            StaffMember.name,
            _RECEIVED.label("received"),
            _payment_state(today).label("payment_state"),
            *NAME_COLUMNS,
        )
        .outerjoin(Customer, Customer.id == SalesOrder.customer_id)
        .outerjoin(VehicleUnit, VehicleUnit.id == SalesOrder.vehicle_unit_id)
        .outerjoin(StaffMember, StaffMember.id == SalesOrder.salesperson_id)
    )
    return join_names(query)


def _conditions(
    today: date,
    *,
    text: str = "",
    customer_id: str | None = None,
    vehicle_unit_id: str | None = None,
    payment_state: str | Sequence[str] | None = None,
    **one_of: Any,
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [SalesOrder.deleted_at.is_(None)]
    if text.strip():
        conditions.append(or_(found("order", text, SalesOrder.id), found("vehicle", text, SalesOrder.vehicle_unit_id)))
    for name, wanted in one_of.items():
        if wanted:
            conditions.append(is_one_of(_FACETS[name], wanted))
    if payment_state:
        conditions.append(is_one_of(_payment_state(today), payment_state))
    if customer_id:
        conditions.append(SalesOrder.customer_id == customer_id)
    if vehicle_unit_id:
        conditions.append(SalesOrder.vehicle_unit_id == vehicle_unit_id)
    return conditions


_FACETS = {
    "state": SalesOrder.state,
    "claim_state": SalesOrder.claim_state,
    "salesperson_id": SalesOrder.salesperson_id,
    "branch_id": SalesOrder.branch_id,
}


def _row(values: Any) -> OrderRow:
    order, customer, vin, salesperson, received, payment_state, *names = values
    return OrderRow(
        id=order.id,
        number=order.final_number or order.number,
        final=order.final_number is not None,
        state=order.state,
        claim_state=order.claim_state,
        secured=False,
        payment_state=payment_state,
        customer_id=order.customer_id,
        customer_name=customer or "",
        vehicle_unit_id=order.vehicle_unit_id,
        vin=vin or "",
        vehicle=vehicle_name(names),
        branch_id=order.branch_id,
        salesperson_id=order.salesperson_id,
        salesperson=salesperson or "",
        vehicle_price=order.vehicle_price,
        on_road_total=order.on_road_total,
        received=received,
        outstanding=max(order.on_road_total - received, ZERO),
        ordered_at=order.ordered_at,
        planned_delivery_on=order.planned_delivery_on,
        revision=order.revision,
        cursor=cursor_of(order.ordered_at, order.id),
    )


def get_order(reader: Reader, order_id: str) -> OrderDetail:
    """One order; raises RecordNotFound."""
    reader.require(Permission.ORDERS_VIEW)
    session = reader.session
    order = reader.get(SalesOrder, order_id)
    row = _row(session.execute(_rows(branch_date(reader.now)).where(SalesOrder.id == order_id)).one())
    security = security_of(session, order, now=reader.now)
    quotation = session.get(Quotation, order.quotation_id) if order.quotation_id else None
    return OrderDetail(
        row=replace(row, secured=security is not None and security.counts),
        lines=line_rows(order_lines(session, order_id)),
        payments=_payments(reader, order_id),
        contracts=_contracts(reader, order_id),
        finance=order.finance,
        quotation_id=order.quotation_id,
        quotation_number=quotation.number if quotation else "",
        provisional_number=order.number,
        cancel_reason=order.cancel_reason,
        cancelled_at=order.cancelled_at,
        conflict=_conflict(reader, order, row) if order.claim_state == ClaimState.CONFLICT else None,
        security=security,
        specification=_specification(reader, order),
        actions=_actions(reader, order),
    )


def _specification(reader: Reader, order: SalesOrder) -> SoldSpecification | None:
    if not reader.actor.may(Permission.CATALOG_VIEW):
        return None
    unit = reader.session.get(VehicleUnit, order.vehicle_unit_id)
    if unit is None:
        return None
    stored = order.specification_versions
    return get_sold_specification(reader, stored, trim_id=unit.trim_id, sold_at=order.ordered_at)


def _payments(reader: Reader, order_id: str) -> tuple[OrderPaymentRow, ...]:
    query = select(Payment).where(Payment.order_id == order_id, Payment.deleted_at.is_(None))
    return tuple(
        OrderPaymentRow(
            id=payment.id,
            number=payment.number,
            kind=payment.kind,
            method=payment.method,
            amount=payment.amount,
            state=payment.state,
            received_at=payment.received_at,
        )
        for payment in reader.session.scalars(query.order_by(Payment.received_at, Payment.id))
    )


def _contracts(reader: Reader, order_id: str) -> tuple[OrderContractRow, ...]:
    query = select(Contract).where(
        Contract.order_id == order_id, Contract.template_code == SALES_CONTRACT, Contract.deleted_at.is_(None)
    )
    return tuple(
        OrderContractRow(
            id=contract.id,
            number=contract.number,
            state=contract.state,
            provisional=contract.provisional,
            created_at=contract.created_at,
        )
        for contract in reader.session.scalars(query.order_by(Contract.created_at.desc(), Contract.id.desc()))
    )


def _actions(reader: Reader, order: SalesOrder) -> tuple[str, ...]:
    state, may = OrderState(order.state), reader.actor.may
    conflict = order.claim_state == ClaimState.CONFLICT
    waiting = (OrderAction.DELIVER, OrderAction.PREPARE_DELIVERY) if conflict else ()
    offered = [
        action.value
        for action in ORDER.actions(state)
        if may(ORDER.transition(state, action).permission) and action not in waiting
    ]
    if ORDER.may(state, OrderAction.CANCEL) and may(Permission.ORDERS_EDIT):
        offered.append("plan_delivery")
    if conflict and may(Permission.ORDERS_RESOLVE_CONFLICT):
        offered.append("resolve_conflict")
    if conflict and OrderState(order.state) in LIVE_STATES and may(Permission.ORDERS_EDIT):
        again = asking_again(reader, order)
        if again is not None and again.now:
            offered.append("ask_again")
    return tuple(offered)


def list_conflicts(reader: Reader) -> list[ConflictRow]:
    """Orders whose unit went to another one, newest first."""
    reader.require(Permission.ORDERS_VIEW)
    query = _rows(branch_date(reader.now)).where(
        SalesOrder.claim_state == ClaimState.CONFLICT.value, SalesOrder.deleted_at.is_(None)
    )
    found_rows = reader.session.execute(query.order_by(SalesOrder.ordered_at.desc(), SalesOrder.id.desc()))
    return [_conflict(reader, values[0], _row(values)) for values in found_rows.all()]


def _conflict(reader: Reader, order: SalesOrder, row: OrderRow) -> ConflictRow:
    winner = order.claim_winner or {}
    branch = reader.session.get(Branch, winner["branch_id"]) if winner.get("branch_id") else None
    at, until = winner.get("at"), winner.get("until")
    return ConflictRow(
        id=order.id,
        order=row,
        winner_order_id=winner.get("order_id") or "",
        winner_number=winner.get("number") or "",
        winner_branch_id=winner.get("branch_id") or "",
        winner_branch=Bilingual(branch.name_zh, branch.name_en) if branch else Bilingual("", ""),
        winner_desk_code=winner.get("desk_code") or "",
        winner_at=instant_at(at) if isinstance(at, int) else None,
        winner_person=_person(reader, winner.get("staff_id")),
        secured_until=instant_at(until) if winner.get("kind") == LEASE and isinstance(until, int) else None,
        signed_contract_number=signed_contract_number(reader.session, order.id),
        again=asking_again(reader, order),
    )


def _person(reader: Reader, staff_id: Any) -> str | None:
    if not staff_id:
        return ""
    member = reader.session.get(StaffMember, staff_id)
    return None if member is None else member.name


def order_of_quotation(reader: Reader, quotation_id: str) -> str | None:
    """The order made from a quotation, if there is one."""
    reader.require(Permission.ORDERS_VIEW)
    return reader.session.scalar(
        select(SalesOrder.id).where(SalesOrder.quotation_id == quotation_id, SalesOrder.deleted_at.is_(None)).limit(1)
    )
