"""A new desk joins a branch with 100,000 orders: by snapshot, against reading the same branch page by page.

Both ways end with the same file (encrypted, with search index and all indexes), made by a process of its own each time.
What a desk and the centre work is said as processor time, which other work of the machine touches least.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.exchange.isolation import prefix
from benchmarks.exchange.joining import BUILT, KEPT, PAGES
from benchmarks.exchange.phases import Phases
from benchmarks.figures import Figure
from tests.sync.service_process import ROOT

ORDERS = 100_000
ROUNDS = 3
MOST_TIME = 0.75
MOST_SERVICE = 0.25
MOST_BYTES = 1.05
MOST_MEMORY_MB = 128.0
_SECONDS = 1_800


def run() -> list[Figure]:
    """Time of the desk and of the centre, bytes, memory; medians of all rounds."""
    command, own_network = prefix()
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as name:
        rounds = [_measured(command, Path(name) / str(turn)) for turn in range(ROUNDS)]
    median = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
    return [
        _time("the desk's processor", f"{KEPT}_cpu_ms", f"{PAGES}_cpu_ms", median),
        _time("the clock on the wall", f"{KEPT}_ms", f"{PAGES}_ms", median),
        _time("the clock, the first desk to ask", f"{BUILT}_ms", f"{PAGES}_ms", median, most=1.0),
        _time("the centre's processor", f"{KEPT}_service_cpu_ms", f"{PAGES}_service_cpu_ms", median, most=MOST_SERVICE),
        _bytes(median) if own_network else _no_bytes(),
        _memory(median),
    ]


def _measured(command: list[str], folder: Path) -> Phases:
    done = subprocess.run(
        [*command, sys.executable, "-m", "benchmarks.exchange.joining", str(ORDERS), str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _time(what: str, ours: str, pages: str, median: Phases, *, most: float = MOST_TIME) -> Figure:
    ratio = median[ours] / median[pages]
    return Figure(
        name=f"bootstrap, {what}", value=median[ours], unit="ms", peer=f"by pages: {median[pages]:.0f} ms",
        ratio=ratio, goal=f"≤ {most:g} × pages", holds=ratio <= most,
    )  # fmt: skip


def _bytes(median: Phases) -> Figure:
    ours, pages = median[f"{KEPT}_wire"], median[f"{PAGES}_wire"]
    return Figure(
        name="bootstrap, wire", value=ours / 1e6, unit="MB", peer=f"by pages: {pages / 1e6:.1f} MB", ratio=ours / pages,
        goal=f"≤ {MOST_BYTES:g} × pages", holds=ours <= MOST_BYTES * pages,
    )  # fmt: skip


def _no_bytes() -> Figure:
    return Figure(
        name="bootstrap, wire", value=None, unit="MB", peer="not measured: no network of its own", ratio=None,
        goal=f"≤ {MOST_BYTES:g} × pages", holds=None,
    )  # fmt: skip


def _memory(median: Phases) -> Figure:
    """Most of it is the cache of the file that is filled; none of it grows with the rows, as a test proves."""
    grown = median[f"{KEPT}_peak_mb"]
    return Figure(
        name="bootstrap, memory of the desk", value=grown, unit="MB more",
        peer=f"by pages: {median[f'{PAGES}_peak_mb']:.0f} MB more", ratio=grown / max(median[f"{PAGES}_peak_mb"], 1.0),
        goal=f"≤ {MOST_MEMORY_MB:g} MB", holds=grown <= MOST_MEMORY_MB,
    )  # fmt: skip
