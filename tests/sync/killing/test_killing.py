"""Desks and the service are killed with SIGKILL, at random moments and at named points; then the final oracle.

`FORECOURT_SYNC_KILLS=2000` for a longer fight; a failure names the seed.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.sync.conftest import BACKENDS
from tests.sync.killing.points import DESK_POINTS, MIGRATION_POINT, SERVICE_POINTS
from tests.sync.machine.world import scratch_folder
from tests.sync.service_process import ROOT

KILLS = int(os.environ.get("FORECOURT_SYNC_KILLS", "200"))
"""Of both backends together."""
SEED = 20261122
LONGEST_SECONDS = 600


@pytest.mark.timeout(LONGEST_SECONDS + 60 + KILLS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_is_lost_however_often_desks_and_the_service_are_killed(
    backend: str, request: pytest.FixtureRequest
) -> None:
    database = request.getfixturevalue("cluster").create_database() if backend == "postgresql" else ""
    folder = scratch_folder()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.sync.killing.arena", str(folder), str(KILLS // 2), str(SEED), database],
            cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_SECONDS + KILLS, check=False,
        )  # fmt: skip
        log = folder / "service" / "service.log"
        faults = log.read_text(encoding="utf-8") if log.exists() else ""
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert done.returncode == 0, f"seed {SEED}: {done.stderr[-4000:]}\n{faults[-2000:]}"
    summary = json.loads(done.stdout.splitlines()[-1])
    kills = summary["kills"]
    print(f"{backend}: {sum(kills.values())} kills in {summary['fought']:.0f} s, {summary}")
    assert sum(kills.values()) >= KILLS // 2
    moments = ("desk at any moment", "service at any moment")
    never = {*DESK_POINTS, *SERVICE_POINTS, MIGRATION_POINT, *moments} - kills.keys()
    assert not never, f"never killed: {never}"
    assert summary["orders"] > 20
