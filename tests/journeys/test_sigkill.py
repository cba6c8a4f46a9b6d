"""A desk is killed with SIGKILL at random points of its work: nothing acknowledged is lost or doubled.

Fifty kills in all, seeded; a failure names the seed of its delay.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.audit.queries import verify_chain
from app.desk.queries import get_draft
from app.kernel.clock import SystemClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from db import schema
from db.engine import Database
from tests.factories.databases import KEY, open_copy
from tests.factories.people import actor_of, staff_of
from tests.factories.records import Records
from tests.journeys.killed_desk import IMPORT_ROWS

ROOT = Path(__file__).resolve().parents[2]
UNITS = 120
START_SECONDS = 60.0


@dataclass
class Watched:
    """What the killed process had said."""

    said: list[dict[str, Any]] = field(default_factory=list)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The lines of one kind."""
        return [line for line in self.said if line["kind"] == kind]


def run_and_kill(work: str, path: Path, *more: str, after: float, begun_with: str = "") -> Watched:
    """Start the work, let it go on for `after` seconds once it began, kill it, and read what it said.

    It began with its first line; with `begun_with` at the first line of that kind, however slow this computer is.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.killed_desk", work, str(path), *more],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
        bufsize=0,  # `communicate` does not know of lines that wait in a buffer
    )  # fmt: skip
    watched = Watched()
    assert process.stdout is not None and process.stderr is not None
    try:
        first = process.stdout.readline()
        if not first:
            pytest.fail(f"{work} did not start: {process.stderr.read().decode()[-2000:]}")
        watched.said.append(json.loads(first))
        while begun_with and watched.said[-1]["kind"] != begun_with:
            watched.said.append(json.loads(process.stdout.readline()))
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        rest, problems = (told.decode() for told in process.communicate(timeout=30))
    finally:
        process.kill()
        process.wait()
    lines = rest.splitlines()
    whole = lines if rest.endswith("\n") else lines[:-1]
    watched.said += [json.loads(line) for line in whole if line]
    assert "Traceback" not in problems, problems[-2000:]
    return watched


@pytest.fixture(scope="session")
def stocked(database_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with enough to sell, built once."""
    path = tmp_path_factory.mktemp("stocked") / "stocked.db"
    database = open_copy(database_template, path)
    records = Records(database, clock=SystemClock(), actor=actor_of(staff_of(Role.ADMINISTRATOR)))
    trim = records.trim()
    for _ in range(UNITS):
        records.unit(trim)
    records.customer()
    database.close()
    return path


def _delay(seed: int, longest: float) -> float:
    return random.Random(seed).uniform(0.0, longest)


def _integrity(database: Database) -> None:
    database.check_integrity()
    manager = actor_of(staff_of(Role.BRANCH_MANAGER))
    assert Dispatcher(database).read(verify_chain, manager).intact


def _numbers(database: Database, sql: str) -> list[Any]:
    with database.read() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql(sql)]


@pytest.mark.parametrize("seed", range(20))
def test_killed_while_selling(seed: int, stocked: Path, tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    open_copy(stocked, path).close()
    watched = run_and_kill("sell", path, after=_delay(seed, 0.5))
    database = Database(path, KEY)
    try:
        _integrity(database)
        sold = [line["order_id"] for line in watched.of("sold")]
        kept = [row[0] for row in _numbers(database, "SELECT id FROM sales_order ORDER BY ordered_at, id")]
        assert set(sold) <= set(kept) and len(kept) - len(sold) in (0, 1), f"seed {seed}"
        assert len(kept) == len(set(kept))
        units = _numbers(database, "SELECT vehicle_unit_id, count(*) FROM sales_order GROUP BY 1 HAVING count(*) > 1")
        assert units == []
        allocated = _numbers(database, "SELECT order_id FROM vehicle_unit WHERE allocation_state = 'ALLOCATED'")
        assert {row[0] for row in allocated} == set(kept)
        paid = _numbers(database, "SELECT order_id, count(*) FROM payment GROUP BY 1")
        assert {row[0] for row in paid} == set(kept) and all(row[1] == 1 for row in paid)
        waiting = _numbers(database, "SELECT record_id FROM outbox_operation WHERE table_name = 'sales_order'")
        assert {row[0] for row in waiting} == set(kept)
        assert len(_numbers(database, "SELECT 1 FROM outbox_operation WHERE kind = 'claim'")) == len(kept)
        _draft_is_offered(database, watched)
    finally:
        database.close()


def _draft_is_offered(database: Database, watched: Watched) -> None:
    saved = watched.of("draft")
    draft = Dispatcher(database).read(get_draft, actor_of(staff_of(Role.SALESPERSON)), "sale.offer")
    if saved:
        assert draft is not None and draft.payload["n"] in (saved[-1]["n"], saved[-1]["n"] + 1)


@pytest.mark.parametrize("seed", range(10))
def test_killed_while_importing(seed: int, stocked: Path, tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    open_copy(stocked, path).close()
    watched = run_and_kill("import", path, after=_delay(100 + seed, 0.8))
    database = Database(path, KEY)
    try:
        _integrity(database)
        batches = dict(
            _numbers(database, "SELECT location, count(*) FROM vehicle_unit WHERE location LIKE 'batch-%' GROUP BY 1")
        )
        assert all(count == IMPORT_ROWS for count in batches.values()), f"seed {seed}: half a list was taken in"
        acknowledged = {f"batch-{line['batch']}" for line in watched.of("imported")}
        assert acknowledged <= set(batches) and len(batches) - len(acknowledged) in (0, 1)
        assert _numbers(database, "SELECT vin FROM vehicle_unit GROUP BY vin HAVING count(*) > 1") == []
    finally:
        database.close()


@pytest.mark.parametrize("seed", range(8))
def test_killed_while_migrating(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    watched = run_and_kill("migrate", path, after=_delay(200 + seed, 0.35))
    database = Database(path, KEY)
    try:
        changed = schema.upgrade(database)
        assert not (watched.of("migrated") and changed), "an acknowledged migration was lost"
        database.check_integrity()
        schema.ensure_desk(database)
        with database.read() as session:
            assert schema.version_of(session.connection()) == schema.HEAD
    finally:
        database.close()
