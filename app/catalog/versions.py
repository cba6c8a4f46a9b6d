"""Writes the versions of the catalogue: the one way on which anything in it changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalog.version_errors import EffectiveDateOutOfRange
from app.catalog.version_rules import REMOVED, Change, Delta, code_in, difference, field_of
from app.kernel.chinese_names import pinyin_initials
from app.kernel.clock import branch_date
from app.kernel.errors import ReasonRequired, limited_text
from app.kernel.unit_of_work import UnitOfWork
from app.runtime.language import tr
from db.base import replicated_models
from db.lists import as_list, listed_as
from db.models.catalogue_versions import SpecificationVersion
from db.types import Json, to_wire

CONTENT: Mapping[str, tuple[str, ...]] = {
    "make": ("name_zh", "name_en", "country"),
    "series": ("name_zh", "name_en", "body"),
    "model_year": ("year",),
    "trim": ("name_zh", "name_en", "energy", "seats", "guide_price", "in_tax_directory", "source"),
}
"""What an entry of each level says apart from its parameters."""

MOST_AHEAD = timedelta(days=3 * 366)
REASON_LIMIT = 400
_AT_ONCE = 500
_VERSIONS = (
    select(SpecificationVersion)
    .where(SpecificationVersion.subject_id.in_(listed_as("subjects")), SpecificationVersion.deleted_at.is_(None))
    .order_by(
        SpecificationVersion.effective_from, SpecificationVersion.made_at, SpecificationVersion.number,
        SpecificationVersion.id,
    )
)
_INSTEAD_OF = "instead_of"
"""In the changes of a version that put an entry back: the id under which it was removed."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What was or shall be done to one entry: `before` is its content until now, None for a new one."""

    node: Any
    before: Mapping[str, Any] | None
    delta: Delta


def content_of(node: Any) -> dict[str, Any]:
    """All an entry says itself, flat (`app.catalog.version_rules`)."""
    columns = node.__table__.columns
    found = {name: to_wire(columns[name].type, getattr(node, name)) for name in CONTENT[node.__tablename__]}
    return found | {field_of(code): value for code, value in (node.parameters or {}).items()}


def own_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """The own parameters in a content."""
    return {code: value for field, value in content.items() if (code := code_in(field))}


def put_content(node: Any, content: Mapping[str, Any]) -> None:
    """Make a row say this; what it says already is not touched."""
    columns = node.__table__.columns
    for name in CONTENT[node.__tablename__]:
        if name in content:
            value = value_from_wire(columns[name].type, content[name])
            if getattr(node, name) != value:
                setattr(node, name, value)
                if name == "name_zh" and hasattr(node, "name_initials"):
                    node.name_initials = pinyin_initials(value, person=False)
    parameters = own_of(content)
    if parameters != (node.parameters or {}):
        node.parameters = parameters


def value_from_wire(column_type: Any, value: Any) -> Any:
    """A travelling value as the row holds it."""
    from_stored = getattr(column_type, "process_result_value", None)
    return value if from_stored is None or isinstance(column_type, Json) else from_stored(value, None)


def model_of(level: str) -> Any:
    """The model of a level: "make", "series", "model_year", "trim"."""
    return replicated_models()[level]


def effective_day(uow: UnitOfWork, wanted: date | None) -> date:
    """The day a change comes into force: today, or one ahead; raises EffectiveDateOutOfRange."""
    today = branch_date(uow.now)
    if wanted is None:
        return today
    if not today <= wanted <= today + MOST_AHEAD:
        raise EffectiveDateOutOfRange(field="effective_from", first=today, last=today + MOST_AHEAD)
    return wanted


def require_reason(uow: UnitOfWork, reason: str) -> str:
    """The reason of a change, kept in the audit trail too; raises ReasonRequired."""
    if not reason.strip():
        raise ReasonRequired(field="reason")
    uow.reason = limited_text(reason, field="reason", limit=REASON_LIMIT)
    return uow.reason


def undone_words(reason: str) -> str:
    """The reason of a change that takes one back."""
    return tr("Undone: {reason}", reason=reason)[:REASON_LIMIT] if reason else tr("Undone")


def change_entry(
    uow: UnitOfWork, node: Any, after: Mapping[str, Any], *, reason: str, effective_from: date | None = None
) -> SpecificationVersion | None:
    """Make an entry say `after` (its whole content) from a day on; None when it says so already.

    On a day ahead the row stays as it is and the version waits. Raises EffectiveDateOutOfRange.
    """
    before = content_of(node)
    delta = difference(before, after)
    if not delta:
        return None
    return change_by(uow, node, delta, reason=reason, effective_from=effective_from)


def change_by(
    uow: UnitOfWork, node: Any, delta: Delta, *, reason: str, effective_from: date | None = None
) -> SpecificationVersion:
    """The same for a change that is known."""
    day, before = effective_day(uow, effective_from), content_of(node)
    if day <= branch_date(uow.now):
        put_content(node, delta.over(before))
    return record_versions(uow, [Edit(node, before, delta)], reason=reason, effective_from=day)[0]


def add_entry(uow: UnitOfWork, node: Any, *, reason: str = "") -> Any:
    """Put a new entry into the catalogue, with its first version; returns it."""
    uow.add(node)
    record_versions(uow, [Edit(node, None, Delta(content_of(node)))], reason=reason)
    return node


def take_out(uow: UnitOfWork, node: Any, *, reason: str = "") -> None:
    """Take an entry out of the catalogue; its history stays."""
    record_versions(uow, [Edit(node, content_of(node), Delta({REMOVED: True}))], reason=reason)
    node.deleted_at = uow.now


def put_back(uow: UnitOfWork, gone: Any, node: Any, *, reason: str) -> None:
    """Put an entry into the catalogue that was taken out: a new row, because deleting counts for ever at the centre.

    Its history goes with it, who said what and when; the last version says why it came back.
    """
    uow.add(node)
    uow.session.flush()
    for version in versions_of(uow.session, [gone.id]).get(gone.id, []):
        uow.add(_carried(version, node.id))
    uow.session.flush()
    (back,) = record_versions(uow, [Edit(node, content_of(node), Delta({}, frozenset({REMOVED})))], reason=reason)
    back.changes = {**back.changes, _INSTEAD_OF: gone.id}


def _carried(version: SpecificationVersion, subject_id: str) -> SpecificationVersion:
    """A version of the entry that was taken out, for the one that was put back."""
    return SpecificationVersion(
        subject_kind=version.subject_kind, subject_id=subject_id, number=version.number,
        effective_from=version.effective_from, scheduled=version.scheduled, made_at=version.made_at,
        staff_id=version.staff_id, reason=version.reason, changes=version.changes, withdrawn_at=version.withdrawn_at,
    )  # fmt: skip


def successor_of(session: Session, subject_id: str) -> str:
    """The id of the entry that was put back for a removed one; "" for none."""
    instead_of = func.json_extract(SpecificationVersion.changes, f"$.{_INSTEAD_OF}")
    found = select(SpecificationVersion.subject_id).where(instead_of == subject_id, SpecificationVersion.number > 1)
    return str(session.execute(found.order_by(SpecificationVersion.id.desc()).limit(1)).scalar() or "")


def record_versions(
    uow: UnitOfWork, edits: Iterable[Edit], *, reason: str, effective_from: date | None = None
) -> list[SpecificationVersion]:
    """Write down what is done to these entries; the rows themselves are the caller's.

    An entry that has no version yet gets one first that says how it stood until now.
    """
    edits = list(edits)
    day, said = effective_day(uow, effective_from), limited_text(reason, field="reason", limit=REASON_LIMIT)
    last = _last_numbers(uow.session, [edit.node.id for edit in edits])
    written: list[SpecificationVersion] = []
    for edit in edits:
        node, number = edit.node, last.get(edit.node.id, 0)
        if number == 0 and edit.before is not None:
            number = 1
            uow.add(_as_it_stood(uow, node, edit.before))
        version = SpecificationVersion(
            subject_kind=node.__tablename__, subject_id=node.id, number=number + 1, effective_from=day,
            scheduled=day > branch_date(uow.now), made_at=uow.now, staff_id=uow.actor.staff_id, reason=said,
            changes=edit.delta.stored(),
        )  # fmt: skip
        last[node.id] = number + 1
        written.append(uow.add(version))
    return written


def _as_it_stood(uow: UnitOfWork, node: Any, before: Mapping[str, Any]) -> SpecificationVersion:
    made = node.created_at or uow.now
    return SpecificationVersion(
        subject_kind=node.__tablename__, subject_id=node.id, number=1, effective_from=branch_date(made),
        scheduled=False, made_at=made, staff_id="", reason="", changes=Delta(before).stored(),
    )  # fmt: skip


def _last_numbers(session: Session, ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(ids), _AT_ONCE):
        query = (
            select(SpecificationVersion.subject_id, func.max(SpecificationVersion.number))
            .where(SpecificationVersion.subject_id.in_(ids[start : start + _AT_ONCE]))
            .group_by(SpecificationVersion.subject_id)
        )
        found.update((row[0], row[1]) for row in session.execute(query))
    return found


def versions_of(session: Session, subject_ids: Sequence[str]) -> dict[str, list[SpecificationVersion]]:
    """The versions of these entries, each entry's in the order in which they count."""
    found: dict[str, list[SpecificationVersion]] = {}
    for version in session.scalars(_VERSIONS, {"subjects": as_list(subject_ids)}):
        found.setdefault(version.subject_id, []).append(version)
    return found


def as_change(version: SpecificationVersion) -> Change:
    """A version as the rules add it up."""
    return Change(
        version.id, version.number, version.effective_from, version.made_at, Delta.from_stored(version.changes),
        withdrawn=version.withdrawn_at is not None,
    )  # fmt: skip


def as_changes(versions: Iterable[SpecificationVersion]) -> list[Change]:
    """Versions as the rules add them up."""
    return [as_change(version) for version in versions]
