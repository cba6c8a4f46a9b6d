"""Reading price changes and campaigns: the list, what runs when, one in full, a draft to go on with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.pricing.applying import prices_are_due
from app.pricing.asked import AskedBook, AskedPrice, asked_prices
from app.pricing.model_names import ModelChoice, series_names, trim_names
from app.pricing.preview import PreviewRow, PricePlan, PricePreview, PriceTarget, preview_prices, proposed_lines
from app.pricing.rules import Formula, PriceAction, PriceKind, PriceLevel, PriceOrigin, PricePhase, PriceState, phase_on
from db.listing import cursor_of, older_than
from db.lists import listed
from db.models.inventory import VehicleUnit
from db.models.pricing import PriceChange, PriceLine
from db.models.staff import StaffMember

__all__ = [
    "AskedBook",
    "AskedPrice",
    "PreviewRow",
    "PriceChangeDetail",
    "PriceChangeRow",
    "PriceDraft",
    "PriceLineRow",
    "PricePlan",
    "PricePreview",
    "PriceTarget",
    "asked_prices",
    "count_price_changes",
    "get_price_change",
    "get_price_draft",
    "list_price_changes",
    "list_timeline",
    "preview_prices",
    "prices_are_due",
    "proposed_lines",
]  # fmt: skip

LINES_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChangeRow:
    """One price change in a list; `cursor` continues the list after it."""

    id: str
    cursor: str
    revision: int
    number: str
    kind: PriceKind
    origin: PriceOrigin
    name: Bilingual
    phase: PricePhase
    valid_from: date
    valid_to: date | None
    lines: int
    largest_change: Decimal | None
    below_floor: bool
    subject: Bilingual
    reason: str
    drafted_by_id: str
    drafted_by: str
    created_at: datetime

    @property
    def title(self) -> Bilingual:
        """A campaign's name, else what it is about, else why, else its number."""
        if self.name.zh or self.name.en:
            return self.name
        if self.subject.zh or self.subject.en:
            return self.subject
        return Bilingual(self.reason or self.number, self.reason or self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLineRow:
    """What a change says about one unit, trim or series."""

    id: str
    level: PriceLevel
    subject_id: str
    name: Bilingual
    vin: str
    list_before: Decimal | None
    list_price: Decimal | None
    floor_before: Decimal | None
    floor_price: Decimal | None
    campaign_price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChangeDetail:
    """A price change in full, with its first lines; `own` says that the reader proposed it."""

    row: PriceChangeRow
    formula: Formula | None
    reason: str
    decided_by: str
    decided_at: datetime | None
    decision_note: str
    needs_approval: bool
    lines: tuple[PriceLineRow, ...]
    actions: tuple[str, ...]
    own: bool


def list_price_changes(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 100,
    kind: str | Sequence[str] | None = None,
    phase: str | Sequence[str] | None = None,
    origin: str | Sequence[str] | None = None,
    text: str = "",
) -> tuple[PriceChangeRow, ...]:
    """Price changes of the branch, the newest first, from behind the cursor `after`."""
    reader.require(Permission.PRICING_VIEW)
    query = _filtered(_changes(reader), reader, kind=kind, phase=phase, origin=origin, text=text)
    if after is not None:
        query = query.where(older_than(after, PriceChange.created_at, PriceChange.id))
    found = reader.session.execute(
        query.order_by(PriceChange.created_at.desc(), PriceChange.id.desc()).limit(limit)
    ).all()
    subjects = _subjects(reader, [change for change, _ in found])
    today = branch_date(reader.now)
    return tuple(_row(change, name or "", today, subjects.get(change.id)) for change, name in found)


def count_price_changes(
    reader: Reader,
    *,
    kind: str | Sequence[str] | None = None,
    phase: str | Sequence[str] | None = None,
    origin: str | Sequence[str] | None = None,
    text: str = "",
) -> tuple[int, int]:
    """How many match, and how many the branch has in all."""
    reader.require(Permission.PRICING_VIEW)
    every = select(func.count()).select_from(PriceChange).where(*_of_branch(reader))
    matching = _filtered(every, reader, kind=kind, phase=phase, origin=origin, text=text)
    return reader.session.scalar(matching) or 0, reader.session.scalar(every) or 0


def list_timeline(reader: Reader, *, since: date, until: date) -> tuple[PriceChangeRow, ...]:
    """Approved, scheduled and pending changes that concern a span of days, the first to begin first; not those of
    single units."""
    reader.require(Permission.PRICING_VIEW)
    query = _changes(reader).where(
        PriceChange.state.in_((PriceState.APPROVED.value, PriceState.PENDING_APPROVAL.value)),
        PriceChange.origin == PriceOrigin.BULK.value,
        PriceChange.valid_from <= until,
        or_(
            PriceChange.valid_to >= since,
            and_(PriceChange.valid_to.is_(None), PriceChange.valid_from >= since),
        ),
    )
    found = reader.session.execute(query.order_by(PriceChange.valid_from, PriceChange.id).limit(200)).all()
    subjects = _subjects(reader, [change for change, _ in found])
    today = branch_date(reader.now)
    return tuple(_row(change, name or "", today, subjects.get(change.id)) for change, name in found)


def get_price_change(reader: Reader, change_id: str) -> PriceChangeDetail:
    """One price change with its first lines; raises RecordNotFound."""
    reader.require(Permission.PRICING_VIEW)
    change = reader.get(PriceChange, change_id)
    names = {
        person.id: person.name
        for person_id in (change.drafted_by_staff_id, change.decided_by_staff_id)
        if person_id and (person := reader.session.get(StaffMember, person_id)) is not None
    }
    lines = reader.session.scalars(
        select(PriceLine)
        .where(PriceLine.change_id == change.id, PriceLine.deleted_at.is_(None))
        .order_by(PriceLine.id)
        .limit(LINES_SHOWN)
    ).all()
    shown = _line_rows(reader, lines)
    today = branch_date(reader.now)
    subject = shown[0].name if len(shown) == 1 else None
    row = _row(change, names.get(change.drafted_by_staff_id, ""), today, subject)
    return PriceChangeDetail(
        row=row, formula=Formula.from_stored(change.formula or {}), reason=change.reason,
        decided_by=names.get(change.decided_by_staff_id or "", ""), decided_at=change.decided_at,
        decision_note=change.decision_note, needs_approval=change.needs_approval, lines=shown,
        actions=_actions(reader, change, row.phase), own=change.drafted_by_staff_id == reader.actor.staff_id,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceDraft:
    """A draft to go on with: its terms, what it is about, and the amounts its lines say. `models` are the trims and
    series with their names."""

    change_id: str
    revision: int
    kind: PriceKind
    formula: Formula | None
    valid_from: date
    valid_to: date | None
    name: Bilingual
    below_floor: bool
    reason: str
    unit_ids: tuple[str, ...]
    models: tuple[ModelChoice, ...]
    amounts: dict[str, Decimal]
    floor_follows: bool


def get_price_draft(reader: Reader, change_id: str) -> PriceDraft:
    """A draft with all of its lines; raises RecordNotFound."""
    reader.require(Permission.PRICING_EDIT)
    change = reader.get(PriceChange, change_id)
    lines = reader.session.scalars(
        select(PriceLine)
        .where(PriceLine.change_id == change_id, PriceLine.deleted_at.is_(None))
        .order_by(PriceLine.id)
    ).all()
    wholes = [line for line in lines if line.level != PriceLevel.UNIT]
    column = {PriceKind.FLOOR.value: "floor_price", PriceKind.CAMPAIGN.value: "campaign_price"}
    amounts = {line.subject_id: getattr(line, column.get(change.kind, "list_price")) for line in lines}
    return PriceDraft(
        change_id=change.id, revision=change.revision, kind=PriceKind(change.kind),
        formula=Formula.from_stored(change.formula or {}), valid_from=change.valid_from, valid_to=change.valid_to,
        name=Bilingual(change.name_zh, change.name_en), below_floor=change.below_floor, reason=change.reason,
        unit_ids=tuple(line.subject_id for line in lines if line.level == PriceLevel.UNIT),
        models=tuple(ModelChoice(row.level, row.subject_id, row.name) for row in _line_rows(reader, wholes)),
        amounts={subject: amount for subject, amount in amounts.items() if amount is not None},
        floor_follows=change.kind == PriceKind.LIST and any(line.floor_price is not None for line in lines),
    )  # fmt: skip


def _actions(reader: Reader, change: PriceChange, phase: PricePhase) -> tuple[str, ...]:
    may = reader.actor.may
    found: list[str] = []
    if phase is PricePhase.PENDING_APPROVAL and may(Permission.PRICING_APPROVE):
        own = change.drafted_by_staff_id == reader.actor.staff_id
        found += [] if own else [PriceAction.APPROVE.value, PriceAction.REJECT.value]
    if not may(Permission.PRICING_EDIT):
        return tuple(found)
    if phase is PricePhase.DRAFT:
        found += ["resume", PriceAction.SUBMIT.value]
    if phase in (PricePhase.DRAFT, PricePhase.PENDING_APPROVAL, PricePhase.SCHEDULED):
        found.append(PriceAction.WITHDRAW.value)
    if change.kind == PriceKind.CAMPAIGN and phase is PricePhase.IN_FORCE:
        found.append("end")
    return tuple(found)


# --- inside --------------------------------------------------------------------------------------


def _changes(reader: Reader) -> Any:
    query = select(PriceChange, StaffMember.name).outerjoin(
        StaffMember, StaffMember.id == PriceChange.drafted_by_staff_id
    )
    return query.where(*_of_branch(reader))


def _of_branch(reader: Reader) -> tuple[ColumnElement[bool], ...]:
    return PriceChange.branch_id == reader.actor.branch_id, PriceChange.deleted_at.is_(None)


def _filtered(query: Any, reader: Reader, *, kind: Any, phase: Any, origin: Any, text: str) -> Any:
    if kind:
        query = query.where(PriceChange.kind.in_(_several(kind)))
    if origin:
        query = query.where(PriceChange.origin.in_(_several(origin)))
    if phase:
        today = branch_date(reader.now)
        query = query.where(or_(*(_in_phase(PricePhase(one), today) for one in _several(phase))))
    words = text.strip()
    if words:
        like = f"%{words}%"
        query = query.where(
            or_(PriceChange.number.ilike(like), PriceChange.name_zh.ilike(like), PriceChange.name_en.ilike(like),
                PriceChange.reason.ilike(like))
        )  # fmt: skip
    return query


def _several(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _in_phase(phase: PricePhase, today: date) -> ColumnElement[bool]:
    approved = PriceChange.state == PriceState.APPROVED.value
    begun = PriceChange.valid_from <= today
    match phase:
        case PricePhase.SCHEDULED:
            return and_(approved, PriceChange.valid_from > today)
        case PricePhase.IN_FORCE:
            return and_(approved, begun, or_(PriceChange.valid_to.is_(None), PriceChange.valid_to >= today))
        case PricePhase.ENDED:
            return and_(approved, begun, PriceChange.valid_to <= today - timedelta(days=1))
    return PriceChange.state == phase.value


def _row(change: PriceChange, name: str, today: date, subject: Bilingual | None) -> PriceChangeRow:
    return PriceChangeRow(
        id=change.id, cursor=cursor_of(change.created_at, change.id), revision=change.revision, number=change.number,
        kind=PriceKind(change.kind), origin=PriceOrigin(change.origin),
        name=Bilingual(change.name_zh, change.name_en),
        phase=phase_on(change.state, change.valid_from, change.valid_to, today), valid_from=change.valid_from,
        valid_to=change.valid_to, lines=change.lines,
        largest_change=Decimal(change.largest_change) if change.largest_change else None,
        below_floor=change.below_floor, subject=subject or Bilingual("", ""), reason=change.reason,
        drafted_by_id=change.drafted_by_staff_id, drafted_by=name, created_at=change.created_at,
    )  # fmt: skip


def _subjects(reader: Reader, changes: Sequence[PriceChange]) -> dict[str, Bilingual]:
    """What changes of a single line are about."""
    single = [change.id for change in changes if change.lines == 1]
    if not single:
        return {}
    lines = reader.session.scalars(select(PriceLine).where(PriceLine.change_id.in_(listed(single)))).all()
    names = {row.id: row.name for row in _line_rows(reader, lines)}
    return {line.change_id: names[line.id] for line in lines}


def _line_rows(reader: Reader, lines: Sequence[PriceLine]) -> tuple[PriceLineRow, ...]:
    vins, names = _names(reader, lines)
    return tuple(
        PriceLineRow(
            id=line.id, level=PriceLevel(line.level), subject_id=line.subject_id,
            name=names.get(line.subject_id, Bilingual("", "")), vin=vins.get(line.subject_id, ""),
            list_before=line.list_before, list_price=line.list_price, floor_before=line.floor_before,
            floor_price=line.floor_price, campaign_price=line.campaign_price,
        )
        for line in lines
    )  # fmt: skip


def _names(reader: Reader, lines: Sequence[PriceLine]) -> tuple[dict[str, str], dict[str, Bilingual]]:
    by_level: dict[str, list[str]] = {}
    for line in lines:
        by_level.setdefault(line.level, []).append(line.subject_id)
    units = reader.session.execute(
        select(VehicleUnit.id, VehicleUnit.vin, VehicleUnit.trim_id).where(
            VehicleUnit.id.in_(listed(by_level.get(PriceLevel.UNIT.value, [])))
        )
    ).all()
    trims = trim_names(reader, [*by_level.get(PriceLevel.TRIM.value, []), *(unit[2] for unit in units)])
    names = {**trims, **series_names(reader, by_level.get(PriceLevel.SERIES.value, []))}
    names |= {unit[0]: trims.get(unit[2], Bilingual("", "")) for unit in units}
    return {unit[0]: unit[1] for unit in units}, names
