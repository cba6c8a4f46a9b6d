"""What commands do about keys: each step is a line in the register, and the key is where it says."""

from datetime import datetime

from sqlalchemy import select

from app.custody.commands import GiveKeysToCustomer, HandOutKey, RegisterKeys, ReportKeyLost, ReturnKey
from app.custody.errors import DueInPast, KeyNotThere, KeysCounted, SlotTaken
from app.custody.rules import MOST_KEYS, KeyPurpose, KeyState, KeyStep, key_span
from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import limited_text, require_text
from app.kernel.ids import derived_id
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.custody import KeyEntry, VehicleKey
from db.models.inventory import VehicleUnit
from db.models.staff import StaffMember


def key_id(unit_id: str, number: int) -> str:
    """The id of a unit's n-th key: the same at every desk."""
    return derived_id("vehicle_key", unit_id, number)


@requires(Permission.CUSTODY_KEYS)
def register_keys(command: RegisterKeys, uow: UnitOfWork) -> tuple[str, ...]:
    """Enter the keys of a unit; returns the ids of the new ones."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    if not 1 <= command.count <= MOST_KEYS:
        raise KeysCounted(field="count", most=MOST_KEYS)
    slot = require_text(command.slot, field="slot", limit=24)
    tag = limited_text(command.tag, field="tag", limit=24)
    _require_free_slot(uow, slot, unit)
    made = []
    for number in range(1, command.count + 1):
        row_id = key_id(unit.id, number)
        if uow.session.get(VehicleKey, row_id) is not None:
            continue
        key = VehicleKey(
            id=row_id, branch_id=unit.branch_id, unit_id=unit.id, number=number, tag=tag, state=KeyState.BOARD.value,
            slot=slot, holder_name="", purpose="",
        )  # fmt: skip
        uow.add(key)
        _write(uow, key, KeyStep.REGISTER, source="", target=slot)
        made.append(row_id)
    uow.record("KeysRegistered")
    return tuple(made)


@requires(Permission.CUSTODY_KEYS)
def hand_out_key(command: HandOutKey, uow: UnitOfWork) -> datetime:
    """Give a key to somebody; returns when it is due back."""
    key = _key(uow, command.key_id, KeyState.BOARD)
    due = command.due_back_at or uow.now + key_span(branch_date(uow.now))
    if due <= uow.now:
        raise DueInPast(field="due_back_at")
    if command.staff_id is not None:
        name = uow.get(StaffMember, command.staff_id, field="staff_id").name
    else:
        name = require_text(command.holder_name, field="holder_name", limit=80)
    _write(uow, key, KeyStep.HAND_OUT, source=key.slot, target=name, purpose=command.purpose, due=due)
    key.state, key.purpose = KeyState.OUT.value, command.purpose.value
    key.holder_staff_id, key.holder_name = command.staff_id, name
    key.out_since, key.due_back_at = uow.now, due
    uow.undo_with(ReturnKey(key_id=key.id, slot=key.slot, note="Undo"))
    uow.record("KeyHandedOut")
    return due


@requires(Permission.CUSTODY_KEYS)
def return_key(command: ReturnKey, uow: UnitOfWork) -> str:
    """A key is on the board again; returns its id."""
    key = _key(uow, command.key_id, KeyState.OUT, KeyState.LOST, KeyState.CUSTOMER)
    slot = limited_text(command.slot, field="slot", limit=24) or key.slot
    unit = uow.get(VehicleUnit, key.unit_id)
    _require_free_slot(uow, slot, unit)  # its own may hold another vehicle's keys by now
    _write(uow, key, KeyStep.RETURN, source=key.holder_name, target=slot, reason=command.note)
    key.state, key.slot = KeyState.BOARD.value, slot
    _nobody_has(key)
    uow.record("KeyReturned")
    return key.id


@requires(Permission.CUSTODY_KEYS)
def give_keys_to_customer(command: GiveKeysToCustomer, uow: UnitOfWork) -> int:
    """The keys go to the customer; returns how many."""
    name = require_text(command.customer_name, field="customer_name", limit=80)
    query = select(VehicleKey).where(
        VehicleKey.unit_id == command.unit_id,
        VehicleKey.state.in_((KeyState.BOARD.value, KeyState.OUT.value)),
        VehicleKey.deleted_at.is_(None),
    )
    keys = list(uow.session.scalars(query.order_by(VehicleKey.number)))
    for key in keys:
        _write(uow, key, KeyStep.GIVE, source=key.holder_name or key.slot, target=name)
        key.state = KeyState.CUSTOMER.value
        _nobody_has(key)
        key.holder_name = name
    uow.record("KeysGivenToCustomer")
    return len(keys)


@requires(Permission.CUSTODY_KEYS)
def report_key_lost(command: ReportKeyLost, uow: UnitOfWork) -> str:
    """A key cannot be found; returns its id."""
    key = _key(uow, command.key_id, KeyState.BOARD, KeyState.OUT)
    uow.reason = require_text(command.reason, field="reason", limit=400)
    _write(uow, key, KeyStep.LOSE, source=key.holder_name or key.slot, target="", reason=uow.reason)
    key.state, key.due_back_at = KeyState.LOST.value, None
    uow.undo_with(ReturnKey(key_id=key.id, slot=key.slot, note="Undo"))
    uow.record("KeyLost")
    return key.id


def _key(uow: UnitOfWork, row_id: str, *states: KeyState) -> VehicleKey:
    key = uow.get(VehicleKey, row_id, field="key_id")
    if key.state not in states:
        raise KeyNotThere(field="key_id", number=key.number, state=KeyState(key.state).label)
    return key


def _require_free_slot(uow: UnitOfWork, slot: str, unit: VehicleUnit) -> None:
    """Keys of one unit share a slot; another unit's do not."""
    query = (
        select(VehicleUnit.stock_number, VehicleUnit.vin)
        .join(VehicleKey, VehicleKey.unit_id == VehicleUnit.id)
        .where(
            VehicleKey.branch_id == unit.branch_id,
            VehicleKey.slot == slot,
            VehicleKey.state.in_((KeyState.BOARD.value, KeyState.OUT.value)),
            VehicleKey.unit_id != unit.id,
            VehicleKey.deleted_at.is_(None),
        )
    )
    other = uow.session.execute(query.limit(1)).first()
    if other is not None:
        raise SlotTaken(field="slot", slot=slot, vehicle=other[0] or other[1])


def _write(
    uow: UnitOfWork,
    key: VehicleKey,
    step: KeyStep,
    *,
    source: str,
    target: str,
    purpose: KeyPurpose | None = None,
    due: datetime | None = None,
    reason: str = "",
) -> None:
    uow.add(
        KeyEntry(
            branch_id=key.branch_id,
            key_id=key.id,
            unit_id=key.unit_id,
            number=key.number,
            step=step.value,
            from_name=source,
            to_name=target,
            purpose="" if purpose is None else purpose.value,
            reason=limited_text(reason, field="reason", limit=400),
            due_back_at=due,
            happened_at=uow.now,
            recorded_by_staff_id=uow.actor.staff_id,
        )
    )


def _nobody_has(key: VehicleKey) -> None:
    key.holder_staff_id, key.holder_name, key.purpose = None, "", ""
    key.out_since = key.due_back_at = None
