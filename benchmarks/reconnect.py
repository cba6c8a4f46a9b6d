"""40 branches come back at once with 1,000 operations each: how long a push takes, and how long all of them.

The floor is the same desks coming back one after the other: what waiting for each other may cost.
"""

import tempfile
import time
from pathlib import Path

from benchmarks.exchange.documents import Document, make_documents
from benchmarks.exchange.load import Centre, Line, LoadDesk, centre, together
from benchmarks.figures import Figure, percentile
from db.ids import new_id
from db.types import dump_json
from sync.protocol.versions import SCHEMA_VERSION

DESKS = 40
OPERATIONS = 1_000
GOAL = 1.5
_NAMES = {False: "SQLite", True: "PostgreSQL"}


def run() -> list[Figure]:
    """On both databases: the 95th percentile of a push, and the total against the floor."""
    figures = []
    for postgres in (False, True):
        with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as name, centre(
            Path(name) / "service", postgres=postgres
        ) as running:
            desks, bodies = _prepared(running, 2 * DESKS)
            alone, _ = _timed(running, desks[:DESKS], bodies, threads=1)
            total, taken = _timed(running, desks[DESKS:], bodies, threads=DESKS)
        figures += _figures(_NAMES[postgres], total, alone, taken)
    return figures


def _prepared(running: Centre, count: int) -> tuple[list[LoadDesk], dict[str, bytes]]:
    """The desks, each of a branch of its own, and what each sends."""
    documents = list(make_documents(OPERATIONS))
    desks = [running.desk(f"B{number:03d}", "D01", new_id()) for number in range(count)]
    return desks, {desk.device_id: desk.push_body(*_orders(desk, documents), page=True) for desk in desks}


def _orders(desk: LoadDesk, documents: list[Document]) -> tuple[list[str], list[tuple[str, str, str, str]]]:
    clock = f"{time.time_ns() // 1_000_000:012x}0000-{desk.device_id[-8:]}"
    texts, names = [], []
    for _, fields in documents:
        txn, record_id = new_id(), new_id()
        body = {
            "txn": txn, "v": SCHEMA_VERSION, "kind": "put", "table": "sales_order", "id": record_id,
            "scope": desk.branch_id, "base": 0, "fields": {**fields, "branch_id": desk.branch_id}, "clock": clock,
            "at": 0, "by": "", "new": True,
        }  # fmt: skip
        texts.append(dump_json(body))
        names.append((txn, "put", "sales_order", record_id))
    return texts, names


def _timed(
    running: Centre, desks: list[LoadDesk], bodies: dict[str, bytes], *, threads: int
) -> tuple[float, list[float]]:  # fmt: skip
    def push(line: Line, desk: LoadDesk) -> float:
        began = time.perf_counter()
        answer = line.send("push", bodies[desk.device_id], desk)
        if answer["applied"] != OPERATIONS:
            raise RuntimeError(f"{answer['applied']} of {OPERATIONS} operations arrived")
        return time.perf_counter() - began

    began = time.perf_counter()
    taken = together(running.service.url, desks, push, threads=threads)
    return time.perf_counter() - began, taken


def _figures(database: str, total: float, alone: float, taken: list[float]) -> list[Figure]:
    slowest = percentile(taken, 0.95)
    return [
        Figure(
            name=f"reconnect push p95, {database}", value=slowest * 1000, unit="ms", ratio=None, holds=None, goal="–",
            peer=f"{DESKS} desks at once, {OPERATIONS} operations each",
        ),
        Figure(
            name=f"reconnect total, {database}", value=total * 1000, unit="ms", ratio=total / alone,
            peer=f"one after the other: {alone * 1000:.0f} ms", goal=f"≤ {GOAL:g} ×", holds=total / alone <= GOAL,
        ),
    ]  # fmt: skip
