"""100 of 10,000 orders changed: to the centre, and from there to the other desk."""

from benchmarks import sync_10k
from benchmarks.exchange.rounds import compared, within_figure
from benchmarks.figures import Figure

GOAL_MS = 20.0


def run() -> list[Figure]:
    """Each way beside both peers."""
    ours, pouchdb, anki = compared(sync_10k.ORDERS, sync_10k.ROUNDS)
    return [
        within_figure(f"sync-100-changed {phase}{mark}", f"{phase}_changed", ours, peer, limit=GOAL_MS)
        for phase in ("push", "pull")
        for peer, mark in ((pouchdb, ""), (anki, ", Anki"))
    ]
