"""What an order costs on its way from one desk to the centre and to another desk, while they grow to a million orders.

Two real desks (encrypted, with search index) and the service on its SQLite default. Compared is the cost of an order
among the last with that among the first: what grows with the number of rows would show here.
"""

import os
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.exchange.documents import Document, make_documents
from benchmarks.exchange.ours import joined, write_orders
from benchmarks.figures import Figure
from db.engine import Database
from db.ids import new_id
from db.schema import ensure_desk, upgrade
from sync.client.engine import SyncEngine
from tests.factories.databases import KEY, build_template, open_copy
from tests.sync.service_process import ServiceProcess

ROWS = int(os.environ.get("FORECOURT_BENCH_ROWS", "1000000"))
FIRST = 1_000
PORTION = 50_000
GOAL = 1.5
_KINDS = 20_000
"""So many different orders are made. Their ids are new each time and rise as those of desks do; each is the newest by
its date and for a vehicle of its own, as orders are."""
_RETURNING = 5
"""One order in so many is by a customer who has bought before, any of all those; the others are by new ones. Nobody
buys a hundred cars: were the same thousand customers to share a million orders, reading would grow 1.75 times."""
_SEED = 20261122
_SECOND = 1_000_000
"""In microseconds: the next order is so much newer."""


@dataclass(frozen=True, slots=True)
class _Cost:
    """Microseconds an order, once there were `rows`."""

    rows: int
    push: float
    pull: float


def run() -> list[Figure]:
    """The last portion against the first 1,000 to 50,000 orders, which new desks exchange again at the end: meanwhile
    the machine may have become slower or faster."""
    found: list[list[_Cost]] = []
    for rows in (ROWS, PORTION):
        with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as name:
            found.append(_grown(Path(name), rows))
    grown, begun = found
    return [
        _figure("push", [(one.rows, one.push) for one in grown], [one.push for one in begun]),
        _figure("pull", [(one.rows, one.pull) for one in grown], [one.pull for one in begun]),
    ]


def _grown(folder: Path, rows: int) -> list[_Cost]:
    template = build_template(folder / "template.db")
    first = open_copy(template, folder / "first.db")
    second = Database(folder / "second.db", KEY)
    upgrade(second)
    ensure_desk(second)
    try:
        with ServiceProcess(folder / "service") as service, joined(first, service, "D01") as sender:
            sender.sync_once()
            with joined(second, service, "D02") as receiver:
                receiver.sync_once()
                return list(_costs(sender, receiver, rows))
    finally:
        first.close()
        second.close()


def _costs(sender: SyncEngine, receiver: SyncEngine, up_to: int) -> Iterator[_Cost]:
    kinds = [fields for _, fields in make_documents(_KINDS)]
    dice, customers, rows = random.Random(_SEED), list[str](), 0
    for size in [FIRST, *[PORTION] * (up_to // PORTION)]:
        write_orders(sender.database, _fresh(kinds, rows, size, buyers=_buyers(dice, customers)))
        began = time.perf_counter()
        sender.sync_once()
        sent = time.perf_counter()
        receiver.sync_once()
        arrived = time.perf_counter()
        rows += size
        yield _Cost(rows, (sent - began) / size * 1e6, (arrived - sent) / size * 1e6)


def _buyers(dice: random.Random, customers: list[str]) -> Iterator[str]:
    """Who buys next, without an end; new ones are added to `customers`."""
    while True:
        if customers and not dice.randrange(_RETURNING):
            yield dice.choice(customers)
        else:
            customers.append(new_id())
            yield customers[-1]


def _fresh(kinds: list[dict[str, Any]], start: int, count: int, *, buyers: Iterator[str]) -> Iterator[Document]:
    first = kinds[0]["ordered_at"]
    for number in range(start, start + count):
        fresh = {
            "number": f"SH01-D01-SO-{number:07d}", "ordered_at": first + number * _SECOND, "vehicle_unit_id": new_id(),
            "customer_id": next(buyers),
        }  # fmt: skip
        yield new_id(), {**kinds[number % len(kinds)], **fresh}


def _figure(title: str, costs: list[tuple[int, float]], begun: list[float]) -> Figure:
    """The median of the last three portions against the mean of the first 1,000 and the 50,000 after them, both as they
    were before and as they are afterwards (`begun`)."""
    start = (sum(cost for _, cost in costs[:2]) + sum(begun)) / (2 + len(begun))
    last = sorted(cost for _, cost in costs[-3:])[1]
    ratio = last / start
    return Figure(
        name=f"growth {title}", value=last, unit="µs an order", ratio=ratio,
        peer=f"{start:.1f} µs at the beginning, to {costs[-1][0]:,} orders", goal=f"≤ {GOAL:g} ×", holds=ratio <= GOAL,
    )  # fmt: skip
