"""Rounds of the comparison: all sides take turns with the same documents, and medians are compared."""

import functools
import shutil
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.exchange.documents import write_documents
from benchmarks.exchange.peers import Side, sides
from benchmarks.exchange.phases import Phases
from benchmarks.figures import Figure

POUCHDB_RATE = 4.0
ANKI_TIME = 1.2


@dataclass(frozen=True, slots=True)
class Told:
    """A side's medians, None where it was not measured; then `why` says why not."""

    name: str
    medians: Phases | None
    why: str

    def ms(self, phase: str) -> float | None:
        return None if self.medians is None else self.medians[f"{phase}_ms"]

    def wire(self, phase: str) -> float | None:
        return None if self.medians is None else self.medians[f"{phase}_wire"]

    def text(self, phase: str) -> str:
        """What stands beside our figure."""
        taken = self.ms(phase)
        return self.why if taken is None else f"{self.name}: {taken:.0f} ms"


@functools.cache
def compared(count: int, rounds: int) -> tuple[Told, Told, Told]:
    """Ours, PouchDB and Anki with `count` documents; measured once a run of the benchmarks."""
    found: dict[str, list[Phases]] = {}
    taking_part = sides()
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as name:
        documents = Path(name) / "documents.jsonl"
        write_documents(documents, count)
        for turn in range(rounds):
            for side in taking_part:
                if side.measure is not None:
                    folder = Path(name) / f"{turn}-{len(found.get(side.name, []))}-{taking_part.index(side)}"
                    found.setdefault(side.name, []).append(side.measure(documents, folder))
                    shutil.rmtree(folder, ignore_errors=True)
    ours, pouchdb, anki = (_told(side, found.get(side.name)) for side in taking_part)
    return ours, pouchdb, anki


def _told(side: Side, rounds: list[Phases] | None) -> Told:
    if not rounds:
        return Told(side.name, None, side.why)
    return Told(side.name, {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}, "")


def rate_figure(title: str, phase: str, ours: Told, pouchdb: Told) -> Figure:
    """How many times the rate of PouchDB."""
    value, theirs = ours.ms(phase) or 0.0, pouchdb.ms(phase)
    ratio = None if theirs is None else theirs / value
    return Figure(
        name=title, value=value, unit="ms", peer=pouchdb.text(phase), ratio=ratio,
        goal=f"≥ {POUCHDB_RATE:g} × its rate", holds=None if ratio is None else ratio >= POUCHDB_RATE,
    )  # fmt: skip


def time_figure(title: str, phase: str, ours: Told, anki: Told) -> Figure:
    """What part of Anki's time."""
    value, theirs = ours.ms(phase) or 0.0, anki.ms(phase)
    ratio = None if theirs is None else value / theirs
    return Figure(
        name=title, value=value, unit="ms", peer=anki.text(phase), ratio=ratio, goal=f"≤ {ANKI_TIME:g} × its time",
        holds=None if ratio is None else ratio <= ANKI_TIME,
    )  # fmt: skip


def wire_figure(title: str, phase: str, ours: Told, anki: Told) -> Figure:
    """Bytes on the wire, both ways, against Anki's."""
    value, theirs = ours.wire(phase) or 0.0, anki.wire(phase)
    ratio = value / theirs if theirs and value else None
    told = f"{anki.name}: {(theirs or 0) / 1e6:.2f} MB" if ratio else "not measured: no network of its own"
    return Figure(
        name=title, value=value / 1e6, unit="MB", peer=anki.why or told, ratio=ratio, goal="≤ its bytes",
        holds=None if ratio is None else ratio <= 1.0,
    )  # fmt: skip


def within_figure(title: str, phase: str, ours: Told, peer: Told, *, limit: float) -> Figure:
    """A time of its own to keep; what part of the peer's it is stands beside it."""
    value, theirs = ours.ms(phase) or 0.0, peer.ms(phase)
    return Figure(
        name=title, value=value, unit="ms", peer=peer.text(phase), ratio=None if theirs is None else value / theirs,
        goal=f"≤ {limit:g} ms", holds=value <= limit,
    )  # fmt: skip


def both_ways(title: str, count: int, rounds: int) -> list[Figure]:
    """Push and pull of so many orders against both peers, and the wire."""
    ours, pouchdb, anki = compared(count, rounds)
    return [
        figure
        for phase in ("push", "pull")
        for figure in (
            rate_figure(f"{title} {phase}", phase, ours, pouchdb),
            time_figure(f"{title} {phase}, Anki", phase, ours, anki),
            wire_figure(f"{title} {phase}, wire", phase, ours, anki),
        )
    ]
