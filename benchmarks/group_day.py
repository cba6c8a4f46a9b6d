"""A day of a group of 50 branches, 300 desks and 3,000 orders, replayed at speed: how many such groups a core carries.

A day is ten hours. For each order a vehicle arrives, two customers only ask, one buys and pays twice: five pushes, each
from another desk of the branch, recorded from the real handlers. After each push every other desk of the branch finds
it at its next look. The looks that find nothing, one a desk every half minute, are replayed one in forty and counted
forty times. What counts is the processor time of the service and of its database.
"""

import itertools
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.exchange.load import Centre, Line, LoadDesk, branch_operation, centre, together
from benchmarks.exchange.stories import Story
from benchmarks.figures import Figure
from db.ids import new_id
from sync.client.runner import Rhythm
from sync.protocol import codec

BRANCHES = 50
DESKS = 6
ORDERS = 3_000
HOURS = 10
SAMPLE = 40
GOAL_GROUPS = 50.0
_THREADS = 6
_SEED = 20261122
_NAMES = {False: "SQLite", True: "PostgreSQL"}


def run() -> list[Figure]:
    """How many groups a core carries, on both databases."""
    return [figure for postgres in (False, True) for figure in _measured(postgres=postgres)]


def _measured(*, postgres: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as name, centre(
        Path(name) / "service", postgres=postgres
    ) as running:
        story = Story(Path(name))
        branches = _opened(running, story)
        before, began = running.used(), time.perf_counter()
        told = sum(together(running.service.url, branches, lambda line, one: one.live(line), threads=_THREADS))
        wall, busy = time.perf_counter() - began, running.used() - before
        desks = [desk for branch in branches for desk in branch.desks]
        idle = _looked(running, desks)
        orders = running.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ? AND table_name = 'sales_order'")
        if orders != ORDERS:
            raise RuntimeError(f"{orders} of {ORDERS} orders arrived")
    return [_figure(_NAMES[postgres], busy=busy, idle=idle, wall=wall, requests=told)]


class _Branch:
    """One branch: its desks, and what is told there during the day."""

    def __init__(self, number: int, story: Story) -> None:
        self.id, self.code = new_id(), f"B{number:03d}"
        self.desks: list[LoadDesk] = []
        self._number, self._story = number, story

    def live(self, line: Line) -> int:
        """A day: each push by one desk, then a look by every other; tells how many requests that was."""
        requests = 0
        chance = random.Random(_SEED + self._number)
        for sender, operations, names in self._pushes():
            body = sender.push_body(operations, names, page=True)
            answer = line.send("push", body, sender)
            refused = [result for result in answer["results"] if result[1] != "accepted"]
            if refused:
                raise RuntimeError(f"refused: {refused[:2]}")
            sender.took(answer.get("page"))
            requests += 1
            for desk in self.desks:
                if desk is not sender and chance.random() < 0.95:  # now and then two changes come with one look
                    desk.took(line.send("pull", codec.dump(desk.pull_message()), desk))
                    requests += 1
        return requests

    def _pushes(self) -> Iterator[tuple[LoadDesk, list[str], list[tuple[str, str, str, str]]]]:
        turn = itertools.cycle(self.desks)
        for order in range(ORDERS // BRANCHES):
            sender = next(turn)
            told = self._story.told(
                branch_id=self.id, branch_code=self.code, desk_code="D01", serial=self._number * 1_000 + order
            )
            for operations, names in told:
                yield sender, operations, names


def _opened(running: Centre, story: Story) -> list[_Branch]:
    """Branches, people and catalogue at the centre, and every desk has read them."""
    branches = [_Branch(number, story) for number in range(BRANCHES)]
    house = running.desk("HQ", "D01", new_id(), scopes="*")
    line = Line(running.service.url)
    try:
        pairs = [branch_operation(branch.id, branch.code, {}) for branch in branches]
        line.send("push", house.push_body([one[0] for one in pairs], [one[1] for one in pairs], page=False), house)
        for operations, names in story.seeded:
            line.send("push", house.push_body(operations, names, page=False), house)
    finally:
        line.close()
    for branch in branches:
        branch.desks = [running.desk(branch.code, f"D{number:02d}", branch.id) for number in range(DESKS)]
    together(running.service.url, [one for branch in branches for one in branch.desks], Line.read_all, threads=_THREADS)
    return branches


def _looked(running: Centre, desks: list[LoadDesk]) -> float:
    """Processor seconds of a day's looks that find nothing, from a sample of them."""
    looks = round(HOURS * 3600 / Rhythm().idle / SAMPLE)

    def look(line: Line, desk: LoadDesk) -> None:
        line.read_all(desk)
        body = codec.dump(desk.pull_message())
        for _ in range(looks):
            line.send("pull", body, desk)

    before = running.used()
    together(running.service.url, desks, look, threads=_THREADS)
    return (running.used() - before) * SAMPLE


def _figure(database: str, *, busy: float, idle: float, wall: float, requests: int) -> Figure:
    groups = HOURS * 3600 / (busy + idle)
    return Figure(
        name=f"group-day, {database}", value=groups, unit="groups a core", ratio=None,
        peer=(
            f"{BRANCHES} branches, {BRANCHES * DESKS} desks, {ORDERS} orders: {busy:.0f} s of the processor for what"
            f" happens ({requests} requests in {wall:.0f} s), {idle:.0f} s for looks that find nothing"
        ),
        goal=f"≥ {GOAL_GROUPS:g}", holds=groups >= GOAL_GROUPS,
    )  # fmt: skip

