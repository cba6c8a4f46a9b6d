"""A new desk joins a large branch through its windows, is killed on the way, cancelled, and ends as the centre is."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.runtime.paths import open_profile
from app.runtime.secrets import unlock_with_passphrase
from benchmarks.exchange.documents import make_documents
from benchmarks.exchange.ours import write_orders
from db.base import replicated_models
from db.engine import Database
from sync.client.credentials import KeptCredentials
from sync.client.engine import SyncEngine
from sync.client.enrolment import enrol
from sync.client.transport import HttpTransport
from sync.protocol.digests import Tally, written
from sync.protocol.limits import SNAPSHOT_ROWS
from sync.server.devices import DEFAULT_TENANT
from sync.server.digests import totals_of
from tests.factories.databases import open_copy
from tests.factories.people import SHANGHAI
from tests.journeys.centre import Centre
from tests.journeys.joining_desk import PASSPHRASE
from tests.sync.service_process import ROOT

ORDERS = 33_000
"""More than from where on a new desk reads by snapshot: four parts of it, as they are in production."""
SECONDS = 90


@pytest.fixture
def large_branch(tmp_path: Path, database_template: Path) -> Iterator[Centre]:
    """A centre that has the orders of a large branch, from a desk that sent them."""
    assert ORDERS > SNAPSHOT_ROWS
    with Centre(tmp_path / "service") as centre:
        database = open_copy(database_template, tmp_path / "first.db")
        transport = HttpTransport(centre.url, KeptCredentials())
        enrol(database, transport, code=centre.code("D01"), now=datetime.now(UTC))
        engine = SyncEngine(database, transport)
        engine.sync_once()
        write_orders(database, make_documents(ORDERS))
        engine.sync_once()
        transport.close()
        database.close()
        yield centre


def run(profile: Path, centre: Centre, code: str, *, what: str = "", part: int = 0) -> tuple[int, list[dict[str, Any]]]:
    """One process with this profile's windows; how it ended, and what it said. `killed` is killed once it pauses."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.joining_desk", str(profile), centre.url, code, what, str(part)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    said: list[dict[str, Any]] = []
    assert process.stdout is not None and process.stderr is not None
    try:
        for line in process.stdout:
            said.append(json.loads(line))
            if said[-1]["kind"] == "paused" and what == "killed":
                process.send_signal(signal.SIGKILL)
        status = process.wait(SECONDS)
        assert what == "killed" or status == 0, process.stderr.read()[-3000:]
        return status, said
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def progress(said: list[dict[str, Any]]) -> list[str]:
    """The sentences beside the bar."""
    return [line["text"] for line in said if line["kind"] == "progress"]


def rows_here(text: str) -> int:
    """How many records a sentence says are here."""
    return int(re.findall(r"[\d,]+", text)[0].replace(",", ""))


def test_a_new_desk_is_killed_and_cancelled_on_its_way_into_a_large_branch(
    tmp_path: Path, large_branch: Centre
) -> None:
    profile = tmp_path / "profile"
    status, first = run(profile, large_branch, large_branch.code("D02"), what="killed", part=3)
    assert status == -signal.SIGKILL
    told = progress(first)
    of_all = rf"of {ORDERS:,} records received \([\d.]+( of [\d.]+)? MB\), about \d+ second"
    assert any(re.search(of_all, one) for one in told), told
    here = rows_here(told[-1])
    assert 10_000 <= here < ORDERS

    _, second = run(profile, large_branch, "not needed again", what="cancelled", part=1)
    told = progress(second)
    assert any(re.fullmatch(rf"Going on: [\d,]+ of {ORDERS:,} records are here already", one) for one in told), told
    assert [line["message"] for line in second if line["kind"] == "interrupted"] == [
        "Interrupted. What was received by now is kept."
    ]
    goings = [rows_here(one.removeprefix("Going on: ")) for one in told if one.startswith("Going on")]
    assert len(goings) == 2 and here <= goings[0] < goings[1], "after Cancel it goes on with what came meanwhile"
    assert all(rows_here(one.removeprefix("Going on: ")) >= here for one in told if " of " in one and "MB" in one)
    assert any(one.startswith(f"All {ORDERS:,} records received") for one in told)
    assert [line for line in second if line["kind"] in ("people", "end")]
    assert_alike(profile, large_branch)


def assert_alike(profile: Path, centre: Centre) -> None:
    """The desk has what the centre has, to the last version; nothing of the way there is left."""
    known = open_profile(profile)
    assert [path.name for path in known.root.glob("*.joining*")] == []
    database = Database(known.database_path, unlock_with_passphrase(known, PASSPHRASE))
    try:
        database.check_integrity()
        tally = Tally()
        with database.read() as session:
            connection = session.connection()
            for table in replicated_models():
                for row in connection.exec_driver_sql(f"SELECT scope, id, ver FROM {table} WHERE deleted_at IS NULL"):
                    tally.add(row[0], table, row[1], row[2])
            found = connection.exec_driver_sql("SELECT count(*) FROM search_entry WHERE kind = 'order'").scalar()
    finally:
        database.close()
    assert found == ORDERS
    with centre.store.read() as connection:
        for scope in ("group", SHANGHAI.id):
            _, theirs = totals_of(centre.store, connection, DEFAULT_TENANT, scope)
            ours = {table: tally.total(scope, table) for table in replicated_models()}
            assert {table: [count, written(total)] for table, (count, total) in ours.items() if count} == theirs
