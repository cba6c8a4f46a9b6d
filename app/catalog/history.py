"""The history of an entry of the catalogue: its versions, what is scheduled, and two versions side by side."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.catalog.energies import Energy
from app.catalog.rules import specification_dictionary, value_text
from app.catalog.version_errors import VersionsOfDifferentEntries
from app.catalog.version_rules import (
    PARAMETER,
    REMOVED,
    Change,
    content_before,
    content_by,
    differing,
    in_force,
)
from app.catalog.versions import as_change, as_changes, versions_of
from app.kernel.clock import branch_date
from app.kernel.labels import UNNAMED, Bilingual
from app.kernel.money import format_money, from_fen
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import CHINESE, ENGLISH, tr_in, tr_noop
from db.models.catalogue_versions import SpecificationVersion
from db.models.staff import StaffMember

_FIELDS: Mapping[str, str] = {
    "name_zh": tr_noop("Chinese name"), "name_en": tr_noop("English name"), "country": tr_noop("Home country"),
    "body": tr_noop("Body"), "year": tr_noop("Model year"), "energy": tr_noop("Energy"), "seats": tr_noop("Seats"),
    "guide_price": tr_noop("Guide price"), "in_tax_directory": tr_noop("In the tax directory"),
    "source": tr_noop("Source"), REMOVED: tr_noop("Removed from the catalogue"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field in two contents, worded with its unit; an empty text says that the entry has no value of its own.

    `code` is a parameter's code or the name of a field of the entry; `group` is empty for the latter.
    """

    code: str
    label: Bilingual
    group: Bilingual
    before: Bilingual
    after: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version in the history; `differences` is what it changed, against what counted before it.

    `state` is "in_force" (the newest that counts today), "past", "scheduled" or "withdrawn"; `by` is empty for how an
    entry stood before versions were kept, and for people unknown at this desk. `ahead`: its day is yet to come.
    """

    id: str
    number: int
    effective_from: date
    made_at: datetime
    by: str
    reason: str
    state: str
    first: bool
    ahead: bool
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionComparison:
    """Two versions of one entry, the earlier one first; only what differs."""

    before: VersionRow
    after: VersionRow
    differences: tuple[Difference, ...]


def list_versions(reader: Reader, subject_id: str) -> tuple[VersionRow, ...]:
    """The versions of an entry: what is scheduled first, then newest first."""
    reader.require(Permission.CATALOG_VIEW)
    versions = versions_of(reader.session, [subject_id]).get(subject_id, [])
    return tuple(reversed(_rows(reader, versions)))


def compare_versions(reader: Reader, version_ids: tuple[str, str]) -> VersionComparison:
    """Two versions parameter by parameter; raises RecordNotFound or VersionsOfDifferentEntries."""
    reader.require(Permission.CATALOG_VIEW)
    one, other = (reader.get(SpecificationVersion, version_id) for version_id in version_ids)
    if one.subject_id != other.subject_id:
        raise VersionsOfDifferentEntries()
    versions = versions_of(reader.session, [one.subject_id])[one.subject_id]
    rows = {row.id: row for row in _rows(reader, versions)}
    changes = as_changes(versions)
    first, second = sorted((as_change(one), as_change(other)), key=lambda change: change.place)
    contents = (content_by(changes, first), content_by(changes, second))
    return VersionComparison(before=rows[first.id], after=rows[second.id], differences=differences(*contents))


def list_scheduled(reader: Reader, subject_ids: Iterable[str]) -> tuple[VersionRow, ...]:
    """The changes of these entries that have not come into force, the nearest first."""
    reader.require(Permission.CATALOG_VIEW)
    rows: list[VersionRow] = []
    for versions in versions_of(reader.session, list(subject_ids)).values():
        rows += [row for row in _rows(reader, versions) if row.state == "scheduled"]
    return tuple(sorted(rows, key=lambda row: (row.effective_from, row.made_at)))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What two contents of an entry say differently: its own fields first, then parameters as the dictionary has them.

    A parameter that is taken away reads "Not fitted here" rather than being empty.
    """
    order = {code: place for place, code in enumerate(specification_dictionary().parameters)}
    fields = [*_FIELDS]
    found = sorted(differing(before, after), key=lambda field: _place(field, fields, order))
    return tuple(_difference(field, before, after) for field in found)


def _place(field: str, fields: list[str], order: Mapping[str, int]) -> tuple[int, int]:
    if field.startswith(PARAMETER):
        return 1, order.get(field.removeprefix(PARAMETER), len(order))
    return 0, fields.index(field) if field in fields else len(fields)


def _difference(field: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    code = field.removeprefix(PARAMETER)
    parameter = specification_dictionary().parameters.get(code) if field.startswith(PARAMETER) else None
    group = UNNAMED if parameter is None else specification_dictionary().groups[parameter.group]
    return Difference(
        code=code, label=field_label(field), group=group, before=_worded(field, before), after=_worded(field, after)
    )


def field_label(field: str) -> Bilingual:
    """A field of an entry as people call it."""
    code = field.removeprefix(PARAMETER)
    parameter = specification_dictionary().parameters.get(code) if field.startswith(PARAMETER) else None
    if parameter is not None:
        return parameter.name
    name = _FIELDS.get(field, code)
    return Bilingual(tr_in(CHINESE, name), tr_in(ENGLISH, name))


def _worded(field: str, content: Mapping[str, Any]) -> Bilingual:
    """The value of a field with its unit; empty where the content has none."""
    if field not in content:
        return UNNAMED
    value = content[field]
    if field.startswith(PARAMETER):
        return parameter_text(field.removeprefix(PARAMETER), value)
    if field == "guide_price":
        text = format_money(from_fen(value))
        return Bilingual(text, text)
    if field == "energy":
        return _both(next((energy.label for energy in Energy if energy.value == value), str(value)))
    if field == "body":
        body = specification_dictionary().parameters["body"]
        return value_text(body, value) if value else UNNAMED
    if isinstance(value, bool):
        return _both(tr_noop("Yes") if value else tr_noop("No"))
    return Bilingual(str(value), str(value))


def parameter_text(code: str, value: Any) -> Bilingual:
    """A stored parameter as people read it; None, which takes an inherited value away, in words."""
    if value is None:
        return _both(tr_noop("None (inherited value taken away)"))
    parameter = specification_dictionary().parameters.get(code)
    return Bilingual(str(value), str(value)) if parameter is None else value_text(parameter, value)


def _both(text: str) -> Bilingual:
    return Bilingual(tr_in(CHINESE, text), tr_in(ENGLISH, text))


def _rows(reader: Reader, versions: list[SpecificationVersion]) -> list[VersionRow]:
    """In the order in which they count; withdrawn ones stand where they would have."""
    today = branch_date(reader.now)
    changes = as_changes(versions)
    newest = in_force(changes, today)
    names = _names(reader, {version.staff_id for version in versions if version.staff_id})
    return [
        VersionRow(
            id=version.id, number=version.number, effective_from=version.effective_from, made_at=version.made_at,
            by=names.get(version.staff_id, ""), reason=version.reason,
            state=_state(change, today, newest), first=number == 0, ahead=version.effective_from > today,
            differences=_own_differences(changes, change),
        )
        for number, (version, change) in enumerate(zip(versions, changes, strict=True))
    ]  # fmt: skip


def _own_differences(changes: list[Change], change: Change) -> tuple[Difference, ...]:
    before = content_before(changes, change)
    return differences(before, change.delta.over(before))


def _state(change: Change, today: date, newest: Change | None) -> str:
    if change.withdrawn:
        return "withdrawn"
    if change.effective_from > today:
        return "scheduled"
    return "in_force" if newest is not None and change.id == newest.id else "past"


def _names(reader: Reader, staff_ids: set[str]) -> dict[str, str]:
    query = select(StaffMember.id, StaffMember.name).where(StaffMember.id.in_(staff_ids))
    return {row[0]: row[1] for row in reader.session.execute(query)}
