"""One changed order: from one desk to the centre and on to the other desk."""

from benchmarks import sync_10k
from benchmarks.exchange.rounds import compared, within_figure
from benchmarks.figures import Figure

GOAL_MS = 10.0


def run() -> list[Figure]:
    """The median, beside both peers."""
    ours, pouchdb, anki = compared(sync_10k.ORDERS, sync_10k.ROUNDS)
    return [
        within_figure(f"sync-one p50{mark}", "one", ours, peer, limit=GOAL_MS)
        for peer, mark in ((pouchdb, ""), (anki, ", Anki"))
    ]
