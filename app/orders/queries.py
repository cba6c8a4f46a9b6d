"""Reading sales orders. Payments and contracts of an order stand in their own features' queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.kernel.labels import Bilingual
from app.kernel.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineRow:
    """One line of an order, as in the quotation it came from."""

    kind: str
    label: Bilingual
    amount: Decimal
    source: Bilingual


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
    payment_state: str
    """UNPAID, PARTIAL, PAID, OVERDUE; labels in `app.payments.rules.PaymentFacet`."""
    customer_id: str
    customer_name: str
    vehicle_unit_id: str
    vin: str
    vehicle: str
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

    order: OrderRow
    winner_number: str
    winner_branch_id: str
    winner_branch: str
    winner_desk_code: str
    winner_at: datetime | None
    signed_contract_number: str
    """A contract that has to be voided before another unit is chosen; "" for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDetail:
    """One order with everything on it; `actions` are the codes that state and permission allow."""

    row: OrderRow
    lines: tuple[OrderLineRow, ...]
    payments: tuple[OrderPaymentRow, ...]
    contracts: tuple[OrderContractRow, ...]
    finance: dict[str, Any] | None
    quotation_id: str | None
    quotation_number: str
    provisional_number: str
    cancel_reason: str
    cancelled_at: datetime | None
    conflict: ConflictRow | None
    actions: tuple[str, ...]


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
    """Orders, newest first. `text` finds number, customer (also by pinyin) and VIN."""
    raise LookupError


def count_orders(reader: Reader, **filters: object) -> tuple[int, int]:
    """How many match the filters of `list_orders`, and how many there are."""
    raise LookupError


def get_order(reader: Reader, order_id: str) -> OrderDetail:
    """One order; raises RecordNotFound."""
    raise LookupError


def list_conflicts(reader: Reader) -> list[ConflictRow]:
    """Orders whose unit went to another one, newest first."""
    raise LookupError


def order_of_quotation(reader: Reader, quotation_id: str) -> str | None:
    """The live order made from a quotation, if there is one."""
    raise LookupError
