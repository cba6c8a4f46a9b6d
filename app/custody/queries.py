"""Reading custody: where each certificate and key is, what is overdue, what stands where."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union

from app.custody.ledger import entries_of, holder_of, standing
from app.custody.rules import CustodyStep, Holder, KeyPurpose, KeyState, KeyStep, possible_steps
from app.inventory.rules import CertificateState, StockState
from app.inventory.unit_filters import listed
from app.inventory.unit_rows import UnitRow, rows_by_id
from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.custody import CertificateEntry, KeyEntry, UnitMove, VehicleKey
from db.models.inventory import VehicleUnit
from db.models.staff import StaffMember

_IN_HOUSE = (StockState.IN_STOCK.value, StockState.LENT.value)
_LENT_LOOKED_AT = timedelta(days=730)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRow:
    """A unit's certificate: who has it now, since when, and until when it is lent."""

    id: str
    unit: UnitRow
    state: CertificateState
    holder: Holder
    holder_name: str
    since: datetime | None
    due_back_on: date | None
    overdue: bool
    contract_number: str
    document_number: str

    @property
    def steps(self) -> tuple[CustodyStep, ...]:
        """What can be done with it now."""
        return possible_steps(self.holder, self.state)

    @property
    def name(self) -> Bilingual:
        """What the unit is called."""
        return self.unit.name

    @property
    def vin(self) -> str:
        """The unit's VIN."""
        return self.unit.vin


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """A line of the certificate ledger; `corrected` says that a contra entry took it back."""

    id: str
    unit_id: str
    step: CustodyStep
    source: Holder
    source_name: str
    target: Holder
    target_name: str
    document_number: str
    contract_number: str
    reason: str
    happened_at: datetime
    recorded_at: datetime
    recorded_by: str
    due_back_on: date | None
    corrected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateDetail:
    """A certificate with its ledger, the newest line first; `last_entry_id` is the line that could be corrected."""

    row: CertificateRow
    entries: tuple[EntryRow, ...]
    steps: tuple[CustodyStep, ...]
    last_entry_id: str | None


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
class UnitKeysRow:
    """The keys of a unit in one line; without any they are still to be entered."""

    id: str
    unit: UnitRow
    keys: tuple[KeyRow, ...]

    @property
    def name(self) -> Bilingual:
        """What the unit is called."""
        return self.unit.name

    @property
    def vin(self) -> str:
        """The unit's VIN."""
        return self.unit.vin

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


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """A unit was put somewhere else."""

    id: str
    source: str
    target: str
    note: str
    moved_at: datetime
    moved_by: str


# --- certificates ------------------------------------------------------------------------------------


def list_certificates(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 100,
    text: str = "",
    state: Collection[str] | str = (),
    overdue: bool = False,
) -> tuple[CertificateRow, ...]:
    """Certificates of the units in the house or on their way, and of those lent out; the newest units first."""
    reader.require(Permission.INVENTORY_VIEW)
    query = select(VehicleUnit).where(*_certificate_rules(reader, text=text, state=state, overdue=overdue))
    if after is not None:
        query = query.where(VehicleUnit.id < after)
    units = list(reader.session.scalars(query.order_by(VehicleUnit.id.desc()).limit(limit)))
    return _certificate_rows(reader, units)


def count_certificates(
    reader: Reader, *, text: str = "", state: Collection[str] | str = (), overdue: bool = False
) -> tuple[int, int]:
    """How many match, and how many there are."""
    reader.require(Permission.INVENTORY_VIEW)
    count = select(func.count()).select_from(VehicleUnit)
    matching = count.where(*_certificate_rules(reader, text=text, state=state, overdue=overdue))
    everything = count.where(*_certificate_rules(reader, text="", state=(), overdue=False))
    return reader.session.scalar(matching) or 0, reader.session.scalar(everything) or 0


def get_certificate(reader: Reader, unit_id: str) -> CertificateDetail:
    """A unit's certificate with its ledger; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW)
    unit = reader.get(VehicleUnit, unit_id)
    lines = entries_of(reader.session, [unit_id]).get(unit_id, [])
    names = _staff_names(reader, {line.recorded_by_staff_id for line in lines})
    corrected = {line.contra_of for line in lines if line.contra_of}
    counting = standing(lines)
    row = _certificate_rows(reader, [unit])[0]
    return CertificateDetail(
        row=row,
        entries=tuple(_entry_row(line, names, line.id in corrected) for line in reversed(lines)),
        steps=row.steps,
        last_entry_id=counting[-1].id if counting else None,
    )


def _entry_row(line: CertificateEntry, names: dict[str, str], corrected: bool) -> EntryRow:
    return EntryRow(
        id=line.id,
        unit_id=line.unit_id,
        step=CustodyStep(line.step),
        source=Holder(line.from_kind),
        source_name=line.from_name,
        target=Holder(line.to_kind),
        target_name=line.to_name,
        document_number=line.document_number,
        contract_number=line.contract_number,
        reason=line.reason,
        happened_at=line.happened_at,
        recorded_at=line.created_at,
        recorded_by=names.get(line.recorded_by_staff_id, ""),
        due_back_on=line.due_back_on,
        corrected=corrected,
    )


def _certificate_rules(
    reader: Reader, *, text: str, state: Collection[str] | str, overdue: bool
) -> list[ColumnElement[bool]]:
    here = _units_here(reader, (*_IN_HOUSE, StockState.IN_TRANSIT.value))
    lent = _lent_out(reader, before=branch_date(reader.now) if overdue else None)
    rules = [VehicleUnit.id.in_(lent if overdue else union(here, lent)), VehicleUnit.deleted_at.is_(None)]
    states = [state] if isinstance(state, str) else list(state)
    if states:
        rules.append(VehicleUnit.certificate_state.in_(states))
    return [*rules, *_named(text)]


def _units_here(reader: Reader, states: Collection[str]) -> Select[tuple[str]]:
    """The units of the branch in these states. Lists begin with them: what was sold does not matter then."""
    return select(VehicleUnit.id).where(
        VehicleUnit.branch_id == reader.actor.branch_id,
        VehicleUnit.stock_state.in_(states),
        VehicleUnit.deleted_at.is_(None),
    )


def _lent_out(reader: Reader, *, before: date | None = None) -> Select[tuple[str]]:
    """Units whose certificate is with an agent: lent, and nothing after it or it was corrected.

    Only what was due back in the last two years is looked through, however long the ledger is.
    """
    unit, later = VehicleUnit.__table__.alias("lent_unit"), CertificateEntry.__table__.alias("later")
    query = (
        select(CertificateEntry.unit_id)
        .join(unit, unit.c.id == CertificateEntry.unit_id)
        .where(
            CertificateEntry.branch_id == reader.actor.branch_id,
            CertificateEntry.due_back_on >= branch_date(reader.now) - _LENT_LOOKED_AT,
            CertificateEntry.step == CustodyStep.LEND.value,
            CertificateEntry.deleted_at.is_(None),
            unit.c.certificate_state == CertificateState.ISSUED.value,
            unit.c.branch_id == reader.actor.branch_id,
            unit.c.deleted_at.is_(None),
            ~exists().where(
                later.c.unit_id == CertificateEntry.unit_id,
                or_(
                    and_(later.c.happened_at > CertificateEntry.happened_at, later.c.step != CustodyStep.CORRECT.value),
                    later.c.contra_of == CertificateEntry.id,
                ),
            ),
        )
    )
    return query if before is None else query.where(CertificateEntry.due_back_on < before)


def _certificate_rows(reader: Reader, units: Sequence[VehicleUnit]) -> tuple[CertificateRow, ...]:
    shown = {row.id: row for row in rows_by_id(reader, [unit.id for unit in units])}
    ledger = entries_of(reader.session, [unit.id for unit in units]) if units else {}
    today = branch_date(reader.now)
    rows = []
    for unit in units:
        lines = ledger.get(unit.id, [])
        counting = standing(lines)
        last = counting[-1] if counting else None
        holder, name = holder_of(unit, lines)
        due = last.due_back_on if last is not None else None
        rows.append(
            CertificateRow(
                id=unit.id,
                unit=shown[unit.id],
                state=CertificateState(unit.certificate_state),
                holder=holder,
                holder_name=name,
                since=last.happened_at if last else None,
                due_back_on=due,
                overdue=due is not None and due < today,
                contract_number=next((x.contract_number for x in reversed(counting) if x.contract_number), ""),
                document_number=next((x.document_number for x in reversed(counting) if x.document_number), ""),
            )
        )
    return tuple(rows)


# --- keys --------------------------------------------------------------------------------------------


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
    count = select(func.count()).select_from(VehicleUnit)
    matching = count.where(*_key_rules(reader, text=text, state=state))
    everything = count.where(*_key_rules(reader, text="", state=None))
    return reader.session.scalar(matching) or 0, reader.session.scalar(everything) or 0


def get_unit_keys(reader: Reader, unit_id: str) -> UnitKeysDetail:
    """The keys of a unit with the register; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW)
    reader.get(VehicleUnit, unit_id)
    query = select(KeyEntry).where(KeyEntry.unit_id == unit_id, KeyEntry.deleted_at.is_(None))
    lines = list(reader.session.scalars(query.order_by(KeyEntry.happened_at.desc(), KeyEntry.id.desc())))
    names = _staff_names(reader, {line.recorded_by_staff_id for line in lines})
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
    here = _units_here(reader, _IN_HOUSE)
    away = _units_with_keys(reader, KeyState.OUT, KeyState.LOST)
    late = VehicleKey.due_back_at < reader.now
    candidates: Any = union(here, away)
    if state == "NONE":
        candidates = here
    elif state == "OVERDUE":
        candidates = _units_with_keys(reader, KeyState.OUT).where(late)
    elif state in (KeyState.OUT, KeyState.LOST):
        candidates = _units_with_keys(reader, KeyState(state))
    # All of them are the branch's: said once more, the planner would begin with everything the branch ever had.
    rules = [VehicleUnit.id.in_(candidates), VehicleUnit.deleted_at.is_(None)]
    if state == "NONE":
        rules.append(~exists().where(of_unit))
    elif state in (KeyState.BOARD, KeyState.CUSTOMER):
        rules.append(exists().where(of_unit, VehicleKey.state == state))
    return [*rules, *_named(text, slots=True)]


def _units_with_keys(reader: Reader, *states: KeyState) -> Select[tuple[str]]:
    return select(VehicleKey.unit_id).where(
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


# --- moves -------------------------------------------------------------------------------------------


def list_moves(reader: Reader, unit_id: str, *, limit: int = 50) -> tuple[MoveRow, ...]:
    """Where a unit stood, the last move first."""
    reader.require(Permission.INVENTORY_VIEW)
    query = select(UnitMove).where(UnitMove.unit_id == unit_id, UnitMove.deleted_at.is_(None))
    moves = list(reader.session.scalars(query.order_by(UnitMove.moved_at.desc(), UnitMove.id.desc()).limit(limit)))
    names = _staff_names(reader, {move.moved_by_staff_id for move in moves})
    return tuple(
        MoveRow(
            id=move.id,
            source=move.from_location,
            target=move.to_location,
            note=move.note,
            moved_at=move.moved_at,
            moved_by=names.get(move.moved_by_staff_id, ""),
        )
        for move in moves
    )


def _named(text: str, *, slots: bool = False) -> list[ColumnElement[bool]]:
    wanted = text.strip()
    if not wanted:
        return []
    found = [
        VehicleUnit.vin.contains(wanted.upper(), autoescape=True),
        VehicleUnit.stock_number.contains(wanted.upper(), autoescape=True),
    ]
    if slots:
        holder = and_(
            VehicleKey.unit_id == VehicleUnit.id,
            or_(VehicleKey.slot == wanted, VehicleKey.tag == wanted, VehicleKey.holder_name.contains(wanted)),
        )
        found.append(exists().where(holder))
    return [or_(*found)]


def _staff_names(reader: Reader, ids: set[str]) -> dict[str, str]:
    query = select(StaffMember.id, StaffMember.name).where(StaffMember.id.in_(sorted(ids)))
    return {row[0]: row[1] for row in reader.session.execute(query)} if ids else {}
