"""Makes the rows of the catalogue say what is in force today.

Each desk works this out for itself from the versions, with the same result everywhere: nothing of it travels, and it
may be done again at any time. It is due when a desk is opened, when a day begins, and when rows of the catalogue
arrived from the centre, which only knows what was put into force by hand.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from app.catalog.version_rules import REMOVED, content_on
from app.catalog.versions import CONTENT, as_changes, own_of, versions_of
from app.kernel.changes import Changes
from app.kernel.chinese_names import pinyin_initials
from app.kernel.clock import Clock, branch_date
from db.base import replicated_models
from db.engine import Database
from db.models.catalogue_versions import SpecificationVersion
from db.types import dump_json, microseconds

LEVELS = tuple(CONTENT)
WATCHED = (*LEVELS, "specification_version")
"""Tables whose arriving rows make it due."""


def settle_catalogue(database: Database, *, clock: Clock, arrived: Changes | None = None) -> Changes:
    """Put into force what is due: all that was ever scheduled, or only what rows that arrived speak of.

    Returns what became different.
    """
    now = clock.now()
    with database.read() as session:
        subjects = _due(session, arrived)
        wanted = {
            (versions[0].subject_kind, subject): content_on(as_changes(versions), branch_date(now))
            for subject, versions in versions_of(session, sorted(subjects)).items()
        }
        differing = {key: content for key, content in wanted.items() if _differs(session.connection(), *key, content)}
    if not differing:
        return Changes({})
    changed: dict[str, set[str]] = {}
    with database.exclusive() as connection:
        for (level, subject), content in differing.items():
            if _put(connection, level, subject, content, at=microseconds(now)):
                changed.setdefault(level, set()).add(subject)
    return Changes({level: frozenset(ids) for level, ids in changed.items()})


def _due(session: Session, arrived: Changes | None) -> set[str]:
    if arrived is not None and not arrived.everything:
        return _spoken_of(session, arrived)
    query = select(SpecificationVersion.subject_id)
    if arrived is None:
        return set(session.execute(query.where(SpecificationVersion.scheduled).distinct()).scalars())
    several = query.group_by(SpecificationVersion.subject_id).having(func.count() > 1)
    return set(session.execute(several).scalars())


def _spoken_of(session: Session, arrived: Changes) -> set[str]:
    """The entries that arrived, or whose versions arrived."""
    subjects = {subject for level in LEVELS for subject in arrived.rows.get(level, ())}
    versions = json.dumps(sorted(arrived.rows.get("specification_version", ())))
    found = session.connection().exec_driver_sql(
        "SELECT DISTINCT subject_id FROM specification_version WHERE id IN (SELECT value FROM json_each(?))",
        (versions,),
    )
    return subjects | {row[0] for row in found}


def _differs(connection: Connection, level: str, subject: str, content: Mapping[str, Any]) -> bool:
    row = _row(connection, level, subject)
    return row is not None and bool(_assignments(level, row, content))


def _row(connection: Connection, level: str, subject: str) -> dict[str, Any] | None:
    """The stored values of a live row."""
    names = (*CONTENT[level], "parameters")
    found = connection.exec_driver_sql(
        f"SELECT {', '.join(names)} FROM {level} WHERE id = ? AND deleted_at IS NULL", (subject,)
    ).first()
    return None if found is None else dict(zip(names, found, strict=True))


def _assignments(level: str, row: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """The columns to be set, in stored form; only what the versions speak of."""
    if not content or REMOVED in content:
        return {}
    columns = replicated_models()[level].__table__.columns
    found: dict[str, Any] = {}
    for name in CONTENT[level]:
        value = content.get(name, row[name])
        stored = int(value) if isinstance(value, bool) else value
        if name in columns and stored != row[name]:
            found[name] = stored
    parameters = dump_json(own_of(content))
    if parameters != dump_json(json.loads(row["parameters"] or "{}")):
        found["parameters"] = parameters
    if "name_zh" in found and "name_initials" in columns:
        found["name_initials"] = pinyin_initials(found["name_zh"], person=False)
    return found


def _put(connection: Connection, level: str, subject: str, content: Mapping[str, Any], *, at: int) -> bool:
    row = _row(connection, level, subject)
    values = {} if row is None else _assignments(level, row, content)
    if not values:
        return False
    named = ", ".join(f"{name} = ?" for name in values)
    connection.exec_driver_sql(
        f"UPDATE {level} SET {named}, revision = revision + 1, updated_at = max(updated_at, ?) WHERE id = ?",
        (*values.values(), at, subject),
    )
    return True


def concerns_catalogue(changes: Changes) -> bool:
    """Whether rows that arrived make settling due."""
    return changes.touches(*WATCHED)
