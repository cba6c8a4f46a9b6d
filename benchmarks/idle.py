"""200 desks that have nothing to say: what of a core the service needs for their looking every half minute."""

import tempfile
from pathlib import Path

from benchmarks.exchange.load import Line, LoadDesk, centre, together
from benchmarks.figures import Figure
from db.ids import new_id
from sync.client.runner import Rhythm
from sync.protocol import codec

DESKS = 200
LOOKS = 10
GOAL_PERCENT = 5.0
_BRANCHES = 40
_NAMES = {False: "SQLite", True: "PostgreSQL"}


def run() -> list[Figure]:
    """The share of a core on both databases."""
    figures = []
    for postgres in (False, True):
        with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as name, centre(
            Path(name) / "service", postgres=postgres
        ) as running:
            branches = [new_id() for _ in range(_BRANCHES)]
            desks = [
                running.desk(f"B{number % _BRANCHES:03d}", f"D{number // _BRANCHES:02d}", branches[number % _BRANCHES])
                for number in range(DESKS)
            ]
            together(running.service.url, desks, Line.read_all, threads=4)
            before = running.used()
            together(running.service.url, desks, look, threads=4)
            each = (running.used() - before) / (DESKS * LOOKS)
        figures.append(_figure(_NAMES[postgres], each))
    return figures


def look(line: Line, desk: LoadDesk) -> None:
    """Ask and be told that there is nothing."""
    body = codec.dump(desk.pull_message())
    for _ in range(LOOKS):
        line.send("pull", body, desk)


def _figure(database: str, each: float) -> Figure:
    every = Rhythm().idle
    percent = DESKS / every * each * 100
    return Figure(
        name=f"idle, {database}", value=percent, unit="% of a core", ratio=None,
        peer=f"{DESKS} desks, a look every {every:g} s, {each * 1000:.2f} ms of the processor each",
        goal=f"≤ {GOAL_PERCENT:g} %", holds=percent <= GOAL_PERCENT,
    )  # fmt: skip
