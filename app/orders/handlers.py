"""Handlers of order commands."""

from app.catalog.sold_versions import kept_versions
from app.inventory.allocation import allocate, release_from_order
from app.inventory.rules import AllocationState
from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import ValueNotAllowed
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.orders.commands import (
    AskForUnitAgain,
    CancelOrder,
    ConfirmOrder,
    FreeFromLostOrder,
    OrderPlaced,
    PlaceOrder,
    PlanDelivery,
    ResolveClaimConflict,
    ReturnOrder,
    SubmitOrder,
    TendLeases,
)
from app.orders.ending import CONFLICTS, cancel, customer_name, ending_reason
from app.orders.errors import (
    OrderNotInConflict,
    OrderNotOpen,
    OrderStillThere,
    ReplacementDiffers,
    ReplacementMissing,
    ReviewOfOwnOrder,
    VehicleHandedOver,
)
from app.orders.placing import ask_for_review, converted, place, policy_for, require_future
from app.orders.rules import (
    ORDER,
    ClaimState,
    DefaultingParty,
    OrderAction,
    OrderState,
    state_after,
)
from app.orders.securing import tend
from app.orders.ties import require_open, require_unbound
from app.quotations.calculation import live
from app.quotations.drafting import lines_of, stored_floor_check
from app.quotations.errors import ApprovalMissing
from app.quotations.rules import QuotationState, require_valid
from app.tasks.follow_up import close_tasks
from app.tasks.rules import TaskKind
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.quotations import Quotation

_REVIEWS = {
    OrderState.MANAGER_REVIEW: OrderAction.APPROVE_AS_MANAGER,
    OrderState.FINANCE_REVIEW: OrderAction.APPROVE_FINANCE,
}


@requires(Permission.ORDERS_EDIT)
def place_order(command: PlaceOrder, uow: UnitOfWork) -> OrderPlaced:
    """Turn an offer into an order; the sale is provisional until the centre has confirmed the unit."""
    quotation = live(uow.session, Quotation, command.quotation_id, field="quotation_id")
    uow.check_revision(quotation, command.expected_revision)
    after = converted(QuotationState(quotation.state))
    require_valid(quotation.valid_until, branch_date(uow.now))
    if quotation.state == QuotationState.DRAFT and stored_floor_check(quotation).needs_approval:
        raise ApprovalMissing()
    unit = live(uow.session, VehicleUnit, quotation.vehicle_unit_id, field="vehicle_unit_id")
    customer = live(uow.session, Customer, quotation.customer_id, field="customer_id")
    lines = lines_of(uow.session, quotation.id)
    versions = kept_versions(
        uow.session, quotation.specification_versions, trim_id=unit.trim_id, sold_at=uow.now
    )
    order = place(
        uow, quotation, lines, unit=unit, customer=customer, planned_delivery=command.planned_delivery,
        specification_versions=versions,
    )  # fmt: skip
    quotation.state = after.value
    return OrderPlaced(order_id=order.id, number=order.number, state=order.state, revision=1)


@requires(Permission.ORDERS_EDIT)
def submit_order(command: SubmitOrder, uow: UnitOfWork) -> str:
    """Send a returned order into review again."""
    order = _order(uow, command.order_id, command.expected_revision)
    policy = policy_for(order, branch_date(uow.now))
    order.state = state_after(OrderState(order.state), OrderAction.SUBMIT, policy).value
    ask_for_review(uow, order, customer_name=customer_name(uow, order))
    return order.id


@requires(Permission.ORDERS_APPROVE)
def confirm_order(command: ConfirmOrder, uow: UnitOfWork) -> str:
    """Pass the present review."""
    order = _order(uow, command.order_id, command.expected_revision)
    state = OrderState(order.state)
    action = _REVIEWS.get(state, OrderAction.APPROVE_AS_MANAGER)
    reached = state_after(state, action, policy_for(order, branch_date(uow.now)))
    if order.salesperson_id == uow.actor.staff_id:
        raise ReviewOfOwnOrder()
    order.state = reached.value
    close_tasks(uow, record_id=order.id, kind=TaskKind.REVIEW_ORDER)
    ask_for_review(uow, order, customer_name=customer_name(uow, order))
    if reached is OrderState.CONFIRMED:
        uow.record("OrderConfirmed")
    return order.id


@requires(Permission.ORDERS_APPROVE)
def return_order(command: ReturnOrder, uow: UnitOfWork) -> str:
    """Send an order in review back, with a reason."""
    order = _order(uow, command.order_id, command.expected_revision)
    uow.reason = ending_reason(command.reason)
    order.state = ORDER.next_state(OrderState(order.state), OrderAction.REJECT).value
    close_tasks(uow, record_id=order.id, kind=TaskKind.REVIEW_ORDER)
    uow.record("OrderReturned")
    return order.id


@requires(Permission.ORDERS_CANCEL)
def cancel_order(command: CancelOrder, uow: UnitOfWork) -> str:
    """Cancel before delivery."""
    order = _order(uow, command.order_id, command.expected_revision)
    defaulting = next((party for party in DefaultingParty if party == command.defaulting), None)
    if defaulting is None:
        raise ValueNotAllowed(field="defaulting", value=command.defaulting)
    cancel(uow, order, reason=command.reason, defaulting=defaulting)
    return order.id


@requires(Permission.ORDERS_RESOLVE_CONFLICT)
def resolve_claim_conflict(command: ResolveClaimConflict, uow: UnitOfWork) -> str:
    """Cancel an order that lost its unit, or give it another one of the same trim."""
    order = _order(uow, command.order_id, command.expected_revision)
    if order.claim_state != ClaimState.CONFLICT:
        raise OrderNotInConflict()
    if command.resolution == "cancel":
        cancel(uow, order, reason=command.reason, defaulting=DefaultingParty.NOBODY)
    elif command.resolution == "choose_other_unit":
        _replace_unit(uow, order, command.vehicle_unit_id)
    else:
        raise ValueNotAllowed(field="resolution", value=command.resolution)
    return order.id


def _replace_unit(uow: UnitOfWork, order: SalesOrder, unit_id: str | None) -> None:
    if not unit_id:
        raise ReplacementMissing(field="vehicle_unit_id")
    require_unbound(uow.session, order)
    lost = uow.session.get(VehicleUnit, order.vehicle_unit_id)
    unit = live(uow.session, VehicleUnit, unit_id, field="vehicle_unit_id")
    if lost is not None:
        if unit.trim_id != lost.trim_id:
            raise ReplacementDiffers(field="vehicle_unit_id")
        _leave_to_winner(order, lost)
    number = order.final_number or order.number
    allocate(uow, unit, order_id=order.id, order_number=number, customer_id=order.customer_id)
    order.vehicle_unit_id = unit.id
    order.make_id, order.trim_id, order.exterior_colour = unit.make_id, unit.trim_id, unit.exterior_colour
    order.unit_cost = unit.cost
    order.claim_state = ClaimState.PROVISIONAL.value
    order.claim_winner = None
    close_tasks(uow, record_id=order.id, kind=CONFLICTS)
    uow.record("OrderUnitReplaced")


def _leave_to_winner(order: SalesOrder, unit: VehicleUnit) -> None:
    """The lost unit stays sold, to the order that won it."""
    if unit.order_id == order.id:
        unit.order_id = (order.claim_winner or {}).get("order_id")


@requires(Permission.ORDERS_EDIT)
def ask_for_unit_again(command: AskForUnitAgain, uow: UnitOfWork) -> str:
    """Claim the order's vehicle at the centre once more."""
    order = _order(uow, command.order_id, command.expected_revision)
    require_open(order)
    unit = live(uow.session, VehicleUnit, order.vehicle_unit_id, field="order_id")
    if order.claim_state == ClaimState.CONFLICT:
        _take_back(uow, order, unit)
    else:
        uow.claim_vehicle(
            vin=unit.vin, vehicle_id=unit.id, kind="order", holder_id=order.id, number=order.number,
        )  # fmt: skip
    order.claim_state = ClaimState.PROVISIONAL.value
    uow.record("UnitAskedForAgain")
    return order.id


def _take_back(uow: UnitOfWork, order: SalesOrder, unit: VehicleUnit) -> None:
    """The lost unit is free again: the order has it as it did at first, until the centre has spoken. What was signed
    over it holds; what was to be done about the conflict stays open until the centre says that there is none."""
    if unit.order_id == order.id:  # the centre has not sent the unit's row since
        uow.claim_vehicle(vin=unit.vin, vehicle_id=unit.id, kind="order", holder_id=order.id, number=order.number)
    else:
        allocate(uow, unit, order_id=order.id, order_number=order.number, customer_id=order.customer_id,
                 field="order_id")  # fmt: skip
    order.claim_winner = None


@requires(Permission.ORDERS_RESOLVE_CONFLICT)
def free_from_lost_order(command: FreeFromLostOrder, uow: UnitOfWork) -> str:
    """Free a vehicle of an order that does not exist."""
    uow.reason = ending_reason(command.reason)
    unit = live(uow.session, VehicleUnit, command.unit_id, field="unit_id")
    order = uow.session.get(SalesOrder, command.order_id)
    if order is not None and order.deleted_at is None:
        raise OrderStillThere(field="order_id", number=order.final_number or order.number)
    if unit.order_id == command.order_id and unit.allocation_state == AllocationState.DELIVERED:
        raise VehicleHandedOver(field="unit_id")
    release_from_order(uow, unit, order_id=command.order_id)
    return unit.id


@requires(Permission.ORDERS_EDIT)
def tend_leases(command: TendLeases, uow: UnitOfWork) -> int:
    """Say which sales are provisional again; returns how many things were done."""
    return tend(uow)


@requires(Permission.ORDERS_EDIT)
def plan_delivery(command: PlanDelivery, uow: UnitOfWork) -> str:
    """Set the day of delivery of a live order."""
    order = _order(uow, command.order_id, command.expected_revision)
    if not ORDER.may(OrderState(order.state), OrderAction.CANCEL):
        raise OrderNotOpen(state=OrderState(order.state).label)
    require_future(command.planned_delivery, branch_date(uow.now))
    before = order.planned_delivery_on
    if command.planned_delivery != before:
        order.planned_delivery_on = command.planned_delivery
        uow.undo_with(PlanDelivery(order_id=order.id, expected_revision=order.revision + 1, planned_delivery=before))
    return order.id


def _order(uow: UnitOfWork, order_id: str, revision: int) -> SalesOrder:
    order = live(uow.session, SalesOrder, order_id, field="order_id")
    uow.check_revision(order, revision)
    return order
