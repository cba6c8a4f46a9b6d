"""Which versions of the catalogue an offer or an order was made with, and what they said then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.catalog.history import Difference, differences
from app.catalog.inheritance import Lineage, lineage_of, merged
from app.catalog.version_rules import PARAMETER, content_by, content_on, in_force
from app.catalog.versions import CONTENT, as_change, as_changes, own_of, versions_of
from app.kernel.clock import branch_date
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.catalogue_versions import SpecificationVersion

LEVELS = tuple(CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldSpecification:
    """What the catalogue said of a trim by these versions; `number` and `effective_from` are the trim's own version's.

    `changed` is what the catalogue says differently now: before is what the vehicle was sold by.
    """

    number: int
    effective_from: date
    parameters: dict[str, Any]
    changed: tuple[Difference, ...]


def kept_versions(
    session: Session, stored: Mapping[str, str] | None, *, trim_id: str, sold_at: datetime
) -> dict[str, str]:
    """The versions an offer or an order was made with: those it keeps; for one made before its trim had any, those that
    say how the trim stood then."""
    if stored:
        return dict(stored)
    return current_versions(session, lineage_of(session, trim_id), branch_date(sold_at), known_at=sold_at)


def current_versions(
    session: Session, lineage: Lineage | None, day: date, *, known_at: datetime | None = None
) -> dict[str, str]:
    """The version of each level in force on a day: `{"trim": id, …}`; a level without versions is left out.

    `known_at` leaves out what was only said later.
    """
    if lineage is None:
        return {}
    versions = versions_of(session, list(lineage.ids.values()))
    found: dict[str, str] = {}
    for level, entry in lineage.ids.items() if versions else ():
        said = [one for one in versions.get(entry, ()) if known_at is None or one.made_at <= known_at]
        newest = in_force(as_changes(said), day)
        if newest is not None:
            found[level] = newest.id
    return found


def contents_by(
    session: Session, kept: Mapping[str, str], *, known_at: datetime | None = None
) -> dict[str, dict[str, Any]]:
    """What each level said by the version that was kept; levels whose version is not known here are left out."""
    contents: dict[str, dict[str, Any]] = {}
    for level, version_id in kept.items():
        version = _version(session, version_id)
        if version is not None:
            changes = as_changes(versions_of(session, [version.subject_id])[version.subject_id])
            contents[level] = content_by(changes, as_change(version), known_at=known_at)
    return contents


def sold_names(
    session: Session, kept: Mapping[str, str] | None, *, known_at: datetime | None = None
) -> tuple[Any, ...] | None:
    """Make, series and trim by the versions kept, each in Chinese and English, with the year before the trim; None
    where the versions do not say all of it."""
    contents = contents_by(session, kept or {}, known_at=known_at)
    if not set(LEVELS) <= contents.keys():
        return None
    named = {level: (contents[level].get("name_zh", ""), contents[level].get("name_en", "")) for level in LEVELS}
    return (*named["make"], *named["series"], contents["model_year"].get("year"), *named["trim"])


def get_sold_specification(
    reader: Reader, stored: Mapping[str, str] | None, *, trim_id: str, sold_at: datetime
) -> SoldSpecification | None:
    """What a vehicle was sold by, and how the catalogue differs now; None where there is no version that says it."""
    reader.require(Permission.CATALOG_VIEW)
    kept = kept_versions(reader.session, stored, trim_id=trim_id, sold_at=sold_at)
    version = _version(reader.session, kept.get("trim", ""))
    if version is None:
        return None
    then = contents_by(reader.session, kept, known_at=sold_at)
    lineage = lineage_of(reader.session, version.subject_id)
    today = branch_date(reader.now)
    now = {
        entry_level: content_on(as_changes(versions), today)
        for entry_level, entry in (lineage.ids.items() if lineage is not None else ())
        if (versions := versions_of(reader.session, [entry]).get(entry))
    }
    sold, present = _parameters(then), _parameters(now)
    changed = differences(_flat(then, sold), _flat(now, present)) if "trim" in now else ()
    return SoldSpecification(
        number=version.number, effective_from=version.effective_from, parameters=sold, changed=changed,
    )  # fmt: skip


def _parameters(contents: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return merged(*(own_of(contents.get(level, {})) for level in LEVELS))


def _flat(contents: Mapping[str, Mapping[str, Any]], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The trim's own fields with all that holds for it."""
    own = {field: value for field, value in contents["trim"].items() if field in CONTENT["trim"] and field != "source"}
    return own | {f"{PARAMETER}{code}": value for code, value in parameters.items()}


def _version(session: Session, version_id: str) -> SpecificationVersion | None:
    return session.get(SpecificationVersion, version_id) if version_id else None
