"""10,000 orders from one encrypted desk to the centre and to another one, against PouchDB and Anki."""

from benchmarks.exchange.rounds import both_ways
from benchmarks.figures import Figure

ORDERS = 10_000
ROUNDS = 3


def run() -> list[Figure]:
    """Push and pull: the rate, the time, the bytes."""
    return both_ways("sync-10k", ORDERS, ROUNDS)
