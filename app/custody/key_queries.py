"""Reading the keys: where each is, what is overdue, the register of a unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, func, select, union

from app.custody.lists import IN_HOUSE, how_many, named, staff_names, units_here
from app.custody.rules import KeyPurpose, KeyState, KeyStep
from app.inventory.unit_rows import AboutUnit, UnitRow, rows_by_id
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.lists import listed
from db.models.custody import KeyEntry, VehicleKey
from db.models.inventory import VehicleUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """One key and where it is."""

    id: str
    revision: int
    unit_id: str
    number: int
    tag: str
    state: KeyState
    slot: str
    holder_staff_id: str | None
    holder_name: str
    purpose: KeyPurpose | None
    out_since: datetime | None
    due_back_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntryRow:
    """A line of the key register."""

    id: str
    unit_id: str
    number: int
    step: KeyStep
    source: str
    target: str
    purpose: KeyPurpose | None
    reason: str
    due_back_at: datetime | None
    happened_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitKeysRow(AboutUnit):
    """The keys of a unit in one line; without any they are still to be entered."""

    id: str
    unit: UnitRow
    keys: tuple[KeyRow, ...]

    @property
    def slot(self) -> str:
        """Where the keys hang."""
        return self.keys[0].slot if self.keys else ""

    @property
    def worst(self) -> str:
        """What matters most about them: overdue, LOST, OUT, CUSTOMER, BOARD; empty without keys."""
        if any(key.overdue for key in self.keys):
            return "OVERDUE"
        states = {key.state for key in self.keys}
        for state in (KeyState.LOST, KeyState.OUT, KeyState.CUSTOMER, KeyState.BOARD):
            if state in states:
                return state.value
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitKeysDetail:
    """The keys of a unit with the register's lines, the newest first."""

    row: UnitKeysRow
    entries: tuple[KeyEntryRow, ...]


def list_unit_keys(
    reader: Reader, *, after: str | None = None, limit: int = 100, text: str = "", state: str | None = None
) -> tuple[UnitKeysRow, ...]:
    """Keys by unit, for units in the house and units that still have keys out; `state` is a KeyState, "OVERDUE", or
    "NONE" for units whose keys are still to be entered."""
    reader.require(Permission.INVENTORY_VIEW)
    query = select(VehicleUnit.id).where(*_key_rules(reader, text=text, state=state))
    if after is not None:
        query = query.where(VehicleUnit.id < after)
    ids = list(reader.session.scalars(query.order_by(VehicleUnit.id.desc()).limit(limit)))
    return _unit_keys(reader, ids)


def count_unit_keys(reader: Reader, *, text: str = "", state: str | None = None) -> tuple[int, int]:
    """How many units match, and how many there are."""
    reader.require(Permission.INVENTORY_VIEW)
    everything = how_many(reader, _candidates(reader, state=None))
    if not (text.strip() or state):
        return everything, everything
    rules = _key_rules(reader, text=text, state=state)
    return reader.session.scalar(select(func.count()).select_from(VehicleUnit).where(*rules)) or 0, everything


def get_unit_keys(reader: Reader, unit_id: str) -> UnitKeysDetail:
    """The keys of a unit with the register; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW)
    reader.get(VehicleUnit, unit_id)
    query = select(KeyEntry).where(KeyEntry.unit_id == unit_id, KeyEntry.deleted_at.is_(None))
    lines = list(reader.session.scalars(query.order_by(KeyEntry.happened_at.desc(), KeyEntry.id.desc())))
    names = staff_names(reader, {line.recorded_by_staff_id for line in lines})
    return UnitKeysDetail(
        row=_unit_keys(reader, [unit_id])[0],
        entries=tuple(
            KeyEntryRow(
                id=line.id,
                unit_id=line.unit_id,
                number=line.number,
                step=KeyStep(line.step),
                source=line.from_name,
                target=line.to_name,
                purpose=KeyPurpose(line.purpose) if line.purpose else None,
                reason=line.reason,
                due_back_at=line.due_back_at,
                happened_at=line.happened_at,
                recorded_by=names.get(line.recorded_by_staff_id, ""),
            )
            for line in lines
        ),
    )


def _key_rules(reader: Reader, *, text: str, state: str | None) -> list[ColumnElement[bool]]:
    of_unit = and_(VehicleKey.unit_id == VehicleUnit.id, VehicleKey.deleted_at.is_(None))
    # All of them are the branch's: said once more, the planner would begin with everything the branch ever had.
    rules: list[ColumnElement[bool]] = [
        VehicleUnit.id.in_(_candidates(reader, state=state)), VehicleUnit.deleted_at.is_(None),
    ]  # fmt: skip
    if state == "NONE":
        rules.append(~exists().where(of_unit))
    elif state in (KeyState.BOARD, KeyState.CUSTOMER):
        rules.append(exists().where(of_unit, VehicleKey.state == state))
    return [*rules, *named(text, slots=True)]


def _candidates(reader: Reader, *, state: str | None) -> Select[str] | CompoundSelect[str]:
    if state == "NONE":
        return units_here(reader, IN_HOUSE)
    if state == "OVERDUE":
        return _units_with_keys(reader, KeyState.OUT).where(VehicleKey.due_back_at < reader.now)
    if state in (KeyState.OUT, KeyState.LOST):
        return _units_with_keys(reader, KeyState(state))
    return union(units_here(reader, IN_HOUSE), _units_with_keys(reader, KeyState.OUT, KeyState.LOST))


def _units_with_keys(reader: Reader, *states: KeyState) -> Select[str]:
    unit = VehicleUnit.__table__.alias("unit_with_keys")
    of_unit = and_(unit.c.id == VehicleKey.unit_id, unit.c.deleted_at.is_(None))
    return select(VehicleKey.unit_id).join(unit, of_unit).where(
        VehicleKey.branch_id == reader.actor.branch_id,
        VehicleKey.state.in_([state.value for state in states]),
        VehicleKey.deleted_at.is_(None),
    )


def _unit_keys(reader: Reader, ids: Sequence[str]) -> tuple[UnitKeysRow, ...]:
    units = {row.id: row for row in rows_by_id(reader, ids)}
    query = select(VehicleKey).where(VehicleKey.unit_id.in_(listed(ids)), VehicleKey.deleted_at.is_(None))
    keys: dict[str, list[KeyRow]] = {}
    for key in reader.session.scalars(query.order_by(VehicleKey.number)) if ids else ():
        keys.setdefault(key.unit_id, []).append(_key_row(key, reader.now))
    return tuple(
        UnitKeysRow(id=unit_id, unit=units[unit_id], keys=tuple(keys.get(unit_id, ()))) for unit_id in ids
    )  # fmt: skip


def _key_row(key: VehicleKey, now: datetime) -> KeyRow:
    return KeyRow(
        id=key.id,
        revision=key.revision,
        unit_id=key.unit_id,
        number=key.number,
        tag=key.tag,
        state=KeyState(key.state),
        slot=key.slot,
        holder_staff_id=key.holder_staff_id,
        holder_name=key.holder_name,
        purpose=KeyPurpose(key.purpose) if key.purpose else None,
        out_since=key.out_since,
        due_back_at=key.due_back_at,
        overdue=key.state == KeyState.OUT and key.due_back_at is not None and key.due_back_at < now,
    )
