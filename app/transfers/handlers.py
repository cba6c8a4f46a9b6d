"""Handlers of transfer commands. They write down facts and what they ask for; who owns the vehicle the centre says."""

from decimal import Decimal

from sqlalchemy import select

from app.inventory.holding import standing_of
from app.inventory.rules import AllocationState, StockState, effective_allocation
from app.inventory.unit_checks import checked_odometer
from app.inventory.unit_names import trim_names
from app.kernel.clock import BRANCH_TIME
from app.kernel.commands import requires
from app.kernel.errors import ReasonRequired, ValueNotAllowed, ValueRequired, limited_text
from app.kernel.labels import UNNAMED
from app.kernel.money import require_amount
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.tasks.follow_up import close_tasks, create_task, tick_off
from app.tasks.rules import TaskKind, TaskState
from app.transfers.commands import (
    ApproveTransfer,
    CancelTransfer,
    OfferTransfer,
    ReceiveTransfer,
    RejectTransfer,
    RequestTransfer,
    SendOff,
    SetFreight,
    TendWishes,
)
from app.transfers.errors import (
    DamageUndescribed,
    OdometerRunsBack,
    TransferNotThisBranch,
    TransferToSameBranch,
    TransferUnderWay,
    UnitDelivered,
    UnitHeld,
    UnitMissing,
    UnitNotHere,
    UnitNotInHouse,
    UnitSold,
    WishedForOther,
)
from app.transfers.rules import (
    OPEN,
    TRANSFER,
    CertificateTravel,
    Condition,
    TransferAction,
    TransferKind,
    effective_state,
    sides,
)
from app.transfers.wishes import wish_task_id, wishes_to_tend
from db.models.catalog import Trim
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.staff import Branch, StaffMember
from db.models.transfers import VehicleTransfer

NUMBER_KIND = "TR"
_REASON_LIMIT = 400
_MOST_KEYS = 9
_DONE_BY = {
    TransferAction.APPROVE: (TaskKind.APPROVE_TRANSFER, TaskKind.TRANSFER_WISH),
    TransferAction.REJECT: (TaskKind.APPROVE_TRANSFER,),
    TransferAction.DEPART: (TaskKind.SEND_TRANSFER,),
    TransferAction.ARRIVE: (TaskKind.RECEIVE_TRANSFER,),
    TransferAction.CANCEL: (TaskKind.APPROVE_TRANSFER, TaskKind.SEND_TRANSFER, TaskKind.RECEIVE_TRANSFER),
}


@requires(Permission.TRANSFERS_REQUEST)
def request_transfer(command: RequestTransfer, uow: UnitOfWork) -> str:
    """Ask another branch for a vehicle, or all of them for a model; returns the transfer's id."""
    if command.from_branch_id == uow.actor.branch_id:
        raise TransferToSameBranch(field="from_branch_id")
    if command.from_branch_id is not None:
        uow.get(Branch, command.from_branch_id, field="from_branch_id")
    elif command.unit_id is not None:
        raise ValueRequired(field="from_branch_id")
    uow.get(Trim, command.trim_id, field="trim_id")
    _require_no_other(uow, command.vin)
    return _asked(
        uow,
        VehicleTransfer(
            kind=TransferKind.REQUEST.value,
            from_branch_id=command.from_branch_id,
            to_branch_id=uow.actor.branch_id,
            unit_id=command.unit_id,
            vin=command.vin,
            stock_number=command.stock_number,
            trim_id=command.trim_id,
            exterior_colour=limited_text(command.exterior_colour, field="exterior_colour", limit=40),
            interior_colour=limited_text(command.interior_colour, field="interior_colour", limit=40),
            needed_by=command.needed_by,
            note=limited_text(command.note, field="note", limit=_REASON_LIMIT),
        ),
    )


@requires(Permission.TRANSFERS_REQUEST)
def offer_transfer(command: OfferTransfer, uow: UnitOfWork) -> str:
    """Offer one of the branch's vehicles to another branch; returns the transfer's id."""
    if command.to_branch_id == uow.actor.branch_id:
        raise TransferToSameBranch(field="to_branch_id")
    uow.get(Branch, command.to_branch_id, field="to_branch_id")
    unit = _own_unit(uow, command.unit_id)
    _require_no_other(uow, unit.vin)
    transfer = VehicleTransfer(
        kind=TransferKind.OFFER.value,
        from_branch_id=uow.actor.branch_id,
        to_branch_id=command.to_branch_id,
        trim_id=unit.trim_id,
        needed_by=command.needed_by,
        note=limited_text(command.note, field="note", limit=_REASON_LIMIT),
    )
    _name_unit(transfer, unit)
    return _asked(uow, transfer)


def _asked(uow: UnitOfWork, transfer: VehicleTransfer) -> str:
    transfer.number = uow.next_number(NUMBER_KIND)
    transfer.requested_at = uow.now
    transfer.requested_by_staff_id = uow.actor.staff_id
    uow.add(transfer)
    uow.record("TransferRequested")
    return transfer.id


def _name_unit(transfer: VehicleTransfer, unit: VehicleUnit) -> None:
    """What the other branch has to know of a unit that is no record of theirs."""
    transfer.unit_id, transfer.vin, transfer.stock_number = unit.id, unit.vin, unit.stock_number
    transfer.exterior_colour, transfer.interior_colour = unit.exterior_colour, unit.interior_colour


@requires(Permission.TRANSFERS_APPROVE)
def approve_transfer(command: ApproveTransfer, uow: UnitOfWork) -> str:
    """The owning branch gives the vehicle away; returns the transfer's id."""
    transfer = uow.get(VehicleTransfer, command.transfer_id)
    if transfer.from_branch_id is None and transfer.to_branch_id != uow.actor.branch_id:
        transfer.from_branch_id = uow.actor.branch_id
    _require_step(uow, transfer, TransferAction.APPROVE, command.expected_revision)
    wanted = transfer.unit_id or command.unit_id
    if not wanted:
        raise UnitMissing(field="unit_id")
    unit = _own_unit(uow, wanted)
    if unit.trim_id != transfer.trim_id:
        raise WishedForOther(field="unit_id")
    _require_no_other(uow, unit.vin, except_id=transfer.id)
    _settle_claims(uow, transfer, unit, order_along=command.order_along)
    if command.transfer_price is not None:
        transfer.transfer_price = require_amount(command.transfer_price, field="transfer_price")
    _name_unit(transfer, unit)
    transfer.approved_at, transfer.approved_by_staff_id = uow.now, uow.actor.staff_id
    _ask(uow, transfer, TransferAction.APPROVE)
    uow.record("TransferApproved")
    return transfer.id


def _settle_claims(uow: UnitOfWork, transfer: VehicleTransfer, unit: VehicleUnit, *, order_along: bool) -> None:
    """Nothing leaves that somebody here has been promised, unless it is said that the order goes along."""
    allocation = effective_allocation(standing_of(unit), uow.now)
    if allocation is AllocationState.DELIVERED:
        raise UnitDelivered()
    if allocation is AllocationState.HELD:
        holder = uow.session.get(StaffMember, unit.held_by_staff_id) if unit.held_by_staff_id else None
        until = "—" if unit.held_until is None else f"{unit.held_until.astimezone(BRANCH_TIME):%Y-%m-%d %H:%M}"
        raise UnitHeld(name=holder.name if holder is not None else "—", until=until)
    if allocation is AllocationState.ALLOCATED:
        order = uow.session.get(SalesOrder, unit.order_id) if unit.order_id else None
        number = (order.final_number or order.number) if order is not None else "—"
        if not order_along:
            raise UnitSold(order=number, field="order_along")
        transfer.order_id, transfer.order_number = unit.order_id, number


@requires(Permission.TRANSFERS_APPROVE)
def reject_transfer(command: RejectTransfer, uow: UnitOfWork) -> str:
    """The owning branch keeps the vehicle; returns the transfer's id."""
    return _end(uow, command.transfer_id, TransferAction.REJECT, command.expected_revision, command.reason)


@requires(Permission.TRANSFERS_REQUEST)
def cancel_transfer(command: CancelTransfer, uow: UnitOfWork) -> str:
    """Call a transfer off, or turn the vehicle round; returns the transfer's id."""
    return _end(uow, command.transfer_id, TransferAction.CANCEL, command.expected_revision, command.reason)


def _end(uow: UnitOfWork, transfer_id: str, action: TransferAction, revision: int, reason: str) -> str:
    transfer = uow.get(VehicleTransfer, transfer_id)
    _require_step(uow, transfer, action, revision)
    if not reason.strip():
        raise ReasonRequired(field="reason")
    transfer.end_reason = uow.reason = limited_text(reason, field="reason", limit=_REASON_LIMIT)
    transfer.ended_at, transfer.ended_by_staff_id = uow.now, uow.actor.staff_id
    unit = uow.session.get(VehicleUnit, transfer.unit_id) if transfer.unit_id and transfer.departed_at else None
    if unit is not None and unit.deleted_at is None and unit.branch_id == uow.actor.branch_id:
        unit.stock_state = StockState.IN_STOCK.value
    _ask(uow, transfer, action)
    uow.record("TransferEnded")
    return transfer.id


@requires(Permission.TRANSFERS_MOVE)
def send_off(command: SendOff, uow: UnitOfWork) -> str:
    """The vehicle leaves the yard; returns the transfer's id."""
    transfer = uow.get(VehicleTransfer, command.transfer_id)
    _require_step(uow, transfer, TransferAction.DEPART, command.expected_revision)
    unit = _own_unit(uow, transfer.unit_id or "")
    transfer.carrier = limited_text(command.carrier, field="carrier", limit=60)
    transfer.driver = limited_text(command.driver, field="driver", limit=60)
    transfer.driver_phone = limited_text(command.driver_phone, field="driver_phone", limit=32)
    transfer.keys = _checked_keys(command.keys, "keys")
    if command.certificate_by not in tuple(CertificateTravel):
        raise ValueNotAllowed(field="certificate_by", value=command.certificate_by)
    transfer.certificate_by = command.certificate_by
    transfer.courier_number = limited_text(command.courier_number, field="courier_number", limit=40)
    transfer.departure_odometer_km = checked_odometer(command.odometer_km)
    transfer.freight = _checked_freight(command.freight)
    transfer.departed_at, transfer.departed_by_staff_id = uow.now, uow.actor.staff_id
    unit.stock_state = StockState.IN_TRANSIT.value
    _ask(uow, transfer, TransferAction.DEPART)
    uow.record("TransferDeparted")
    return transfer.id


@requires(Permission.TRANSFERS_MOVE)
def receive_transfer(command: ReceiveTransfer, uow: UnitOfWork) -> str:
    """The vehicle stands in the receiving branch's yard; returns the transfer's id."""
    transfer = uow.get(VehicleTransfer, command.transfer_id)
    _require_step(uow, transfer, TransferAction.ARRIVE, command.expected_revision)
    left_with = transfer.departure_odometer_km
    if left_with is not None and command.odometer_km < left_with:
        raise OdometerRunsBack(field="odometer_km", km=f"{left_with:,}")
    if command.condition not in tuple(Condition):
        raise ValueNotAllowed(field="condition", value=command.condition)
    note = limited_text(command.damage_note, field="damage_note", limit=_REASON_LIMIT)
    if command.condition == Condition.DAMAGED and not note:
        raise DamageUndescribed(field="damage_note")
    transfer.arrival_odometer_km = checked_odometer(command.odometer_km)
    transfer.condition, transfer.damage_note = command.condition, note
    transfer.keys_arrived = _checked_keys(command.keys_arrived, "keys_arrived")
    transfer.certificate_arrived = command.certificate_arrived
    transfer.arrival_location = limited_text(command.location, field="location", limit=60)
    transfer.arrived_at, transfer.arrived_by_staff_id = uow.now, uow.actor.staff_id
    _ask(uow, transfer, TransferAction.ARRIVE)
    uow.record("TransferArrived")
    return transfer.id


@requires(Permission.TRANSFERS_MOVE)
def set_freight(command: SetFreight, uow: UnitOfWork) -> str:
    """What the carriage costs; returns the transfer's id."""
    transfer = uow.get(VehicleTransfer, command.transfer_id)
    uow.check_revision(transfer, command.expected_revision)
    if uow.actor.branch_id not in (transfer.from_branch_id, transfer.to_branch_id):
        raise TransferNotThisBranch(branch=_code(uow, transfer.to_branch_id))
    before = transfer.freight
    transfer.freight = _checked_freight(command.freight)
    if transfer.freight != before:
        revision = transfer.revision + 1
        uow.undo_with(SetFreight(transfer_id=transfer.id, expected_revision=revision, freight=before))
    return transfer.id


@requires(Permission.TRANSFERS_REQUEST)
def tend_wishes(command: TendWishes, uow: UnitOfWork) -> int:
    """Tell of wishes the branch could answer, put away what it cannot or what is over; returns how many things."""
    branch_id = uow.actor.branch_id
    found = wishes_to_tend(uow.session, branch_id=branch_id, now=uow.now)
    names = trim_names(uow.session, {wish.trim_id for wish in found.untold})
    for wish in found.untold:
        create_task(
            uow,
            kind=TaskKind.TRANSFER_WISH,
            record_table="vehicle_transfer",
            record_id=wish.id,
            params={
                "number": wish.number, "to_branch": _code(uow, wish.to_branch_id),
                "vehicle_names": names.get(wish.trim_id, UNNAMED).stored(),
            },
            task_id=wish_task_id(wish.id, branch_id),
        )  # fmt: skip
    for task in found.again:
        task.state, task.done_at = TaskState.OPEN.value, None
    for task in (*found.answered, *found.in_vain):
        tick_off(task, uow)
        task.done_by_staff_id = None  # nobody did it: it comes back with the next vehicle that could be given
    return len(found)


# --- what all have in common ---------------------------------------------------------------------


def _require_step(uow: UnitOfWork, transfer: VehicleTransfer, action: TransferAction, revision: int) -> None:
    """That the transfer offers this step, to this branch. Raises TransitionNotAllowed or TransferNotThisBranch."""
    uow.check_revision(transfer, revision)
    state = effective_state(transfer.state, transfer.asked_state)
    step = TRANSFER.transition(state, action)
    uow.require(step.permission)
    allowed = sides(action, state, from_branch_id=transfer.from_branch_id, to_branch_id=transfer.to_branch_id)
    if uow.actor.branch_id not in allowed:
        raise TransferNotThisBranch(branch=", ".join(sorted(_code(uow, branch) for branch in allowed)) or "—")


def _ask(uow: UnitOfWork, transfer: VehicleTransfer, action: TransferAction) -> None:
    """Put the step to the centre; until it answers, this is what the desk has asked for and no more."""
    state = effective_state(transfer.state, transfer.asked_state)
    transfer.asked_state = TRANSFER.next_state(state, action).value
    uow.ask_transfer(
        transfer_id=transfer.id, action=action.value, vin=transfer.vin, vehicle_id=transfer.unit_id or "",
        from_branch_id=transfer.from_branch_id, to_branch_id=transfer.to_branch_id,
    )  # fmt: skip
    for kind in _DONE_BY[action]:
        close_tasks(uow, record_id=transfer.id, kind=kind)


def _own_unit(uow: UnitOfWork, unit_id: str) -> VehicleUnit:
    unit = uow.get(VehicleUnit, unit_id, field="unit_id")
    if unit.branch_id != uow.actor.branch_id:
        raise UnitNotHere(field="unit_id")
    if unit.stock_state not in (StockState.IN_STOCK, StockState.IN_TRANSIT):
        raise UnitNotInHouse(field="unit_id", state=StockState(unit.stock_state).label)
    return unit


def _require_no_other(uow: UnitOfWork, vin: str, *, except_id: str = "") -> None:
    """One transfer a vehicle at a time. Raises TransferUnderWay."""
    if not vin:
        return
    query = select(VehicleTransfer).where(
        VehicleTransfer.vin == vin, VehicleTransfer.state.in_([state.value for state in OPEN]),
        VehicleTransfer.deleted_at.is_(None), VehicleTransfer.id != except_id,
    )  # fmt: skip
    for other in uow.session.scalars(query):
        if effective_state(other.state, other.asked_state) in OPEN and (except_id == "" or other.approved_at):
            raise TransferUnderWay(number=other.number)


def _checked_keys(keys: int, field: str) -> int:
    if not 0 <= keys <= _MOST_KEYS:
        raise ValueNotAllowed(field=field, value=str(keys))
    return keys


def _checked_freight(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else require_amount(amount, field="freight")


def _code(uow: UnitOfWork, branch_id: str | None) -> str:
    branch = uow.session.get(Branch, branch_id) if branch_id else None
    return branch.code if branch is not None else "—"
