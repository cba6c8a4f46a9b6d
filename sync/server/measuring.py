"""What the service counts while it works, for Prometheus.

With several worker processes each writes its numbers to files that the first process adds up:
`PROMETHEUS_MULTIPROC_DIR` has to be set before this module is imported.
"""

from collections import Counter as Tally
from collections.abc import Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from sync.protocol.codes import Outcome
from sync.server.databases import Stores

disable_created_metrics()  # type: ignore[no-untyped-call]
REQUESTS = Counter("forecourt_requests", "Requests answered", ["endpoint", "status"])
SECONDS = Histogram(
    "forecourt_request_seconds", "Time from a request's head to its answer", ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)  # fmt: skip
BYTES = Counter("forecourt_bytes", "Bytes of bodies as they travelled", ["endpoint", "direction"])
REFUSALS = Counter("forecourt_refusals", "Requests refused, by code", ["endpoint", "code"])
OPERATIONS = Counter("forecourt_operations", "Operations answered, by what became of them", ["outcome"])
CLAIMS = Counter("forecourt_claims", "Claims of vehicles decided", ["result"])
IN_HAND = Gauge("forecourt_requests_in_hand", "Requests being answered now", multiprocess_mode="livesum")
POOL = Gauge("forecourt_pool_in_use", "Database connections in use", multiprocess_mode="livesum")


@lru_cache(maxsize=4096)
def _request(endpoint: str, status: int) -> Any:
    return REQUESTS.labels(endpoint, str(status))


@lru_cache(maxsize=512)
def _of_endpoint(endpoint: str) -> tuple[Any, Any, Any]:
    return SECONDS.labels(endpoint), BYTES.labels(endpoint, "in"), BYTES.labels(endpoint, "out")


def note_answer(endpoint: str, status: int, *, seconds: float, taken: int, given: int, code: str) -> None:
    """One request was answered; `taken` and `given` in bytes."""
    _request(endpoint, status).inc()
    duration, inward, outward = _of_endpoint(endpoint)
    duration.observe(seconds)
    inward.inc(taken)
    outward.inc(given)
    if code:
        REFUSALS.labels(endpoint, code).inc()


def note_pool(stores: Stores) -> None:
    """How many connections to the databases are in use now."""
    POOL.set(sum(store.engine.pool.checkedout() for store in stores.every()))  # type: ignore[attr-defined]


def note_operations(operations: Sequence[Any], results: Sequence[Sequence[Any]]) -> None:
    """What became of a push's operations. `results` begin with number and outcome."""
    for outcome, count in Tally(map(itemgetter(1), results)).items():
        OPERATIONS.labels(str(outcome)).inc(count)
    numbers = {one["n"] for one in operations if one["kind"] == "claim"}
    if numbers:
        claims = [result[1] for result in results if result[0] in numbers]
        CLAIMS.labels("won").inc(sum(outcome == Outcome.ACCEPTED for outcome in claims))
        CLAIMS.labels("lost").inc(sum(outcome == Outcome.CONFLICT for outcome in claims))
