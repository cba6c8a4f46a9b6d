"""The peers that our exchange is measured against, installed once into a cache folder: PouchDB 9 and Anki."""

import functools
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.exchange.isolation import prefix
from benchmarks.exchange.phases import Phases
from benchmarks.peer_installation import PEERS, NoPeer, cache_of, installed, python_of

ROOT = Path(__file__).resolve().parents[2]
BATCH = 1_000
_MEASURE_SECONDS = 300
Measure = Callable[[Path, Path], Phases]
"""Takes the file of documents and a folder that does not exist yet."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the comparison: how it is measured, or why it cannot be."""

    name: str
    measure: Measure | None
    why: str = ""


def sides() -> tuple[Side, Side, Side]:
    """Ours, PouchDB, Anki: each on one core, with a network of its own where that is permitted."""
    return (
        Side("Forecourt", _measure_ours),
        _side("PouchDB 9 + express-pouchdb, batch 1000", _pouchdb),
        _side("Anki 26.9, incremental", _anki),
    )


def _side(name: str, prepare: Callable[[], Measure]) -> Side:
    try:
        return Side(name, prepare())
    except NoPeer as missing:
        return Side(name, None, str(missing))


def _measure_ours(documents: Path, folder: Path) -> Phases:
    return measured([sys.executable, "-m", "benchmarks.exchange.ours", str(documents), str(folder)], cwd=ROOT)


def measured(command: list[str], *, cwd: Path) -> Phases:
    """Run one measure in isolation and read its last line. Raises RuntimeError with what it said."""
    before, _ = prefix()
    done = subprocess.run(
        [*before, *command], cwd=cwd, capture_output=True, text=True, timeout=_MEASURE_SECONDS, check=False,
        env={**os.environ, "NODE_NO_WARNINGS": "1", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])} failed: {done.stderr[-400:]}")
    found: Phases = json.loads(done.stdout.strip().splitlines()[-1])
    return found


@functools.cache
def _pouchdb() -> Measure:
    """Raises NoPeer."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NoPeer("not measured: node and npm are not installed")
    source = PEERS / "pouchdb"
    install = [npm, "install", "--silent", "--no-audit", "--no-fund"]
    cache = installed("pouchdb", source / "package.json", [install])
    shutil.copyfile(source / "measure.js", cache / "measure.js")

    def measure(documents: Path, folder: Path) -> Phases:
        folder.mkdir()
        return measured([node, str(cache / "measure.js"), str(documents), str(folder), str(BATCH)], cwd=cache)

    return measure


@functools.cache
def _anki() -> Measure:
    """Raises NoPeer."""
    source = PEERS / "anki"
    cache = cache_of("anki")
    python = python_of("anki", source / "requirements.txt")

    def measure(documents: Path, folder: Path) -> Phases:
        return measured([python, str(source / "measure.py"), str(documents), str(folder), str(_free_port())], cwd=cache)

    return measure


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
