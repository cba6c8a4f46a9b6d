"""Turning an accepted offer into an order: rows, allocation, claim. Shared by `PlaceOrder` and the quick sale."""

from collections.abc import Mapping, Sequence
from datetime import date

from app.inventory.allocation import allocate
from app.kernel.clock import branch_date
from app.kernel.unit_of_work import UnitOfWork
from app.orders.errors import DeliveryInPast
from app.orders.rules import ClaimState, OrderAction, OrderState, ReviewPolicy, review_policy, state_after
from app.quotations.rules import QUOTATION, QuotationAction, QuotationState
from app.tasks.rules import TaskKind
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder, SalesOrderLine
from db.models.quotations import Quotation, QuotationLine
from db.models.tasks import Task

NUMBER_KIND = "SO"


def require_future(day: date | None, today: date, *, field: str = "planned_delivery") -> None:
    """Raises DeliveryInPast for a day before today."""
    if day is not None and day < today:
        raise DeliveryInPast(field=field)


def policy_for(order: SalesOrder, today: date) -> ReviewPolicy:
    """The reviews the house asks for today; a price below the floor was approved with the quotation."""
    return review_policy(on_date=today, below_floor=False, financed=order.finance is not None)


def converted(state: QuotationState) -> QuotationState:
    """The state of an offer that became an order, by way of presenting and accepting where that was not noted."""
    for action in (QuotationAction.PRESENT, QuotationAction.ACCEPT):
        if QUOTATION.may(state, action):
            state = QUOTATION.next_state(state, action)
    return QUOTATION.next_state(state, QuotationAction.CONVERT)


def place(
    uow: UnitOfWork,
    quotation: Quotation,
    lines: Sequence[QuotationLine],
    *,
    unit: VehicleUnit,
    customer: Customer,
    planned_delivery: date | None,
    specification_versions: Mapping[str, str],
) -> SalesOrder:
    """Add the order with its lines and give it the unit. The caller has checked that the offer may be ordered, and says
    by which versions of the catalogue the vehicle is sold.

    Raises DeliveryInPast and what `allocate` raises for a unit that is not to be had (field `vehicle_unit_id`).
    """
    today = branch_date(uow.now)
    require_future(planned_delivery, today)
    order = SalesOrder(
        branch_id=uow.actor.branch_id,
        number=uow.next_number(NUMBER_KIND),
        state=OrderState.DRAFT.value,
        claim_state=ClaimState.PROVISIONAL.value,
        customer_id=quotation.customer_id,
        vehicle_unit_id=unit.id,
        specification_versions=dict(specification_versions),
        quotation_id=quotation.id,
        salesperson_id=quotation.salesperson_id,
        make_id=unit.make_id,
        trim_id=unit.trim_id,
        exterior_colour=unit.exterior_colour,
        vehicle_price=quotation.vehicle_price,
        on_road_total=quotation.on_road_total,
        unit_cost=unit.cost,
        finance=quotation.finance,
        ordered_at=uow.now,
        planned_delivery_on=planned_delivery,
        cancel_reason="",
    )
    allocate(uow, unit, order_id=order.id, order_number=order.number, customer_id=customer.id)
    order.state = state_after(OrderState.DRAFT, OrderAction.SUBMIT, policy_for(order, today)).value
    uow.session.add_all([order, *(_order_line(order, line) for line in lines)])
    ask_for_review(uow, order, customer_name=customer.name)
    uow.record("OrderPlaced")
    return order


def _order_line(order: SalesOrder, line: QuotationLine) -> SalesOrderLine:
    return SalesOrderLine(
        order_id=order.id,
        position=line.position,
        kind=line.kind,
        label_zh=line.label_zh,
        label_en=line.label_en,
        amount=line.amount,
        source=line.source,
    )


def ask_for_review(uow: UnitOfWork, order: SalesOrder, *, customer_name: str) -> None:
    """Put an order that is in review on the branch's list."""
    if order.state not in (OrderState.MANAGER_REVIEW, OrderState.FINANCE_REVIEW):
        return
    uow.add(
        Task(
            branch_id=order.branch_id,
            kind=TaskKind.REVIEW_ORDER.value,
            record_table="sales_order",
            record_id=order.id,
            params={"number": order.number, "customer": customer_name},
        )
    )
