"""Who wrote what: the desk and the person that a hybrid time names, as people call them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.types import instant_at
from sync.protocol.merging import device_of, person_of, short_name

OWN, CENTRE, OTHER = "own", "centre", "other"


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a value, and when.

    `kind` is own (this desk), centre or other. `desk` is "SH01 · D02", empty where nobody told this desk its name;
    `device` the short name that a program has for it. `person` is empty where nobody signed; a person whose name this
    desk does not have `is_unknown`.
    """

    kind: str
    desk: str
    device: str
    person: str
    is_unknown: bool
    at: datetime


class Writers:
    """Looks names up once for all that one question tells."""

    def __init__(self, connection: Any, clocks: Iterable[str]) -> None:
        named = list(clocks)
        own = connection.exec_driver_sql("SELECT device_id FROM desk_state WHERE id = 1").scalar()
        self._own = short_name(str(own or ""))
        self._people = _people(connection, {person_of(clock) for clock in named} - {""})
        self._desks = _desks(connection, {device_of(clock) for clock in named} - {""})

    def of(self, clock: str, *, signed_by: str = "") -> Writer:
        """Who read this clock; `signed_by` is the name of the person where it is known from elsewhere."""
        device, person = device_of(clock), person_of(clock)
        kind = CENTRE if device == CENTRE else OWN if device == self._own else OTHER
        name = signed_by or self._people.get(person, "")
        return Writer(
            kind, self._desks.get(device, ""), device, name, bool(person) and not name,
            instant_at(int(clock[:12] or "0", 16) * 1000),
        )  # fmt: skip


def _people(connection: Any, shorts: set[str]) -> dict[str, str]:
    """Names by the end of the id. Where two people share one, which is next to impossible, neither is named."""
    if not shorts:
        return {}
    rows = connection.exec_driver_sql(
        "SELECT substr(id, -8), min(name) FROM staff_member WHERE substr(id, -8) IN (SELECT value FROM json_each(?))"
        " GROUP BY 1 HAVING count(*) = 1",
        (json.dumps(sorted(shorts)),),
    )
    return {row[0]: row[1] for row in rows}


def _desks(connection: Any, shorts: set[str]) -> dict[str, str]:
    if not shorts:
        return {}
    rows = connection.exec_driver_sql(
        "SELECT short_name, branch_code, desk_code FROM desk_name WHERE short_name IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(shorts)),),
    )
    return {row[0]: desk_text(row[1], row[2]) for row in rows}


def desk_text(branch_code: str, desk_code: str) -> str:
    """What people call a desk: "SH01 · D02"."""
    return " · ".join(part for part in (branch_code, desk_code) if part)


def people_by_id(connection: Any, ids: Sequence[str]) -> dict[str, str]:
    """Names of people by their whole ids, as far as this desk has them."""
    rows = connection.exec_driver_sql(
        "SELECT id, name FROM staff_member WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    return {row[0]: row[1] for row in rows}
