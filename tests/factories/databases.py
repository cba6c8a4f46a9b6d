"""Encrypted test databases: one is built, every test gets a copy."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from db.base import GROUP_SCOPE
from db.engine import Database
from db.ids import new_id
from db.models.staff import Branch, StaffMember
from db.schema import ensure_desk, upgrade
from tests.factories.people import SHANGHAI, branch_values, staff_values

KEY = bytes(range(32))
BEGINNING = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)
_CLOCK = {"*": "000000000000" + "0000" + "-00000000"}


def build_template(path: Path) -> Path:
    """A database at the present schema with the branches and people of `tests.factories.people`, and a desk."""
    database = Database(path, KEY)
    try:
        upgrade(database)
        ensure_desk(database, branch_id=SHANGHAI.id, desk_code="D01")
        with database.exclusive() as connection:
            connection.execute(insert(Branch), [_shared(values) for values in branch_values()])
            connection.execute(insert(StaffMember), [_shared(values) for values in staff_values()])
    finally:
        database.close()
    return path


def open_copy(template: Path, target: Path, *, branch_id: str = SHANGHAI.id, desk_code: str = "D01") -> Database:
    """A database of its own for one test or one desk, with its own device identity."""
    shutil.copyfile(template, target)
    database = Database(target, KEY)
    device = new_id()
    with database.exclusive() as connection:
        connection.exec_driver_sql(
            "UPDATE desk_state SET device_id = ?, branch_id = ?, desk_code = ?,"
            " hybrid_time = substr(hybrid_time, 1, 17) || ? WHERE id = 1",
            (device, branch_id, desk_code, device[-8:]),
        )
    return database


def _shared(values: dict[str, Any]) -> dict[str, Any]:
    return {
        **values, "scope": GROUP_SCOPE, "ver": 0, "revision": 1, "created_at": BEGINNING, "updated_at": BEGINNING,
        "field_clock": _CLOCK,
    }  # fmt: skip
