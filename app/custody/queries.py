"""Reading certificates: where each is and since when, what is overdue, the ledger of one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, func, or_, select, union

from app.custody.ledger import entries_of, holder_of, standing
from app.custody.lists import IN_HOUSE, how_many, named, staff_names, units_here
from app.custody.rules import CustodyStep, Holder, possible_steps
from app.inventory.rules import CertificateState, StockState
from app.inventory.unit_rows import AboutUnit, UnitRow, rows_by_id
from app.kernel.clock import branch_date
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.custody import CertificateEntry
from db.models.inventory import VehicleUnit

_LENT_LOOKED_AT = timedelta(days=730)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRow(AboutUnit):
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
    everything = how_many(reader, _candidates(reader, overdue=False))
    if not (text.strip() or state or overdue):
        return everything, everything
    rules = _certificate_rules(reader, text=text, state=state, overdue=overdue)
    return reader.session.scalar(select(func.count()).select_from(VehicleUnit).where(*rules)) or 0, everything


def get_certificate(reader: Reader, unit_id: str) -> CertificateDetail:
    """A unit's certificate with its ledger; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW)
    unit = reader.get(VehicleUnit, unit_id)
    lines = entries_of(reader.session, [unit_id]).get(unit_id, [])
    names = staff_names(reader, {line.recorded_by_staff_id for line in lines})
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
    rules = [VehicleUnit.id.in_(_candidates(reader, overdue=overdue)), VehicleUnit.deleted_at.is_(None)]
    states = [state] if isinstance(state, str) else list(state)
    if states:
        rules.append(VehicleUnit.certificate_state.in_(states))
    return [*rules, *named(text)]


def _candidates(reader: Reader, *, overdue: bool) -> Select[str] | CompoundSelect[str]:
    if overdue:
        return _lent_out(reader, before=branch_date(reader.now))
    return union(units_here(reader, (*IN_HOUSE, StockState.IN_TRANSIT.value)), _lent_out(reader))


def _lent_out(reader: Reader, *, before: date | None = None) -> Select[str]:
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
