"""Compares one branch or several with the centre, one after the other, and keeps what a month may be closed upon."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.kernel.months import Month
from app.runtime.language import tr_noop
from db.base import GROUP_SCOPE
from db.engine import Database
from db.ids import new_id
from db.types import dump_json, microseconds
from sync.client.connection import DirectConnection
from sync.client.differences import MOST_DIFFERENCES, TABLES, TRANSFERS, Comparison, Difference
from sync.client.reconciliation import Asks, Reconciler

_KEPT_RUNS = 50
Progress = Callable[[str, float | None], None]


@dataclass(slots=True)
class GroupComparison:
    """What was found in each branch, in the order of asking. Transfers are looked at with the first branch."""

    at: datetime
    branches: list[Comparison]

    @property
    def differences(self) -> list[Difference]:
        """All that are listed one by one."""
        return [one for branch in self.branches for one in branch.differences]

    @property
    def total(self) -> int:
        """All that were found, listed or not."""
        return sum(branch.total for branch in self.branches)

    @property
    def looked_at(self) -> Counter[str]:
        """Records by table."""
        return sum((Counter(branch.looked_at) for branch in self.branches), Counter())

    @property
    def kinds(self) -> Counter[tuple[str, str]]:
        """How many differ, by table and `Why`."""
        return sum((branch.kinds for branch in self.branches), Counter())

    @property
    def digest(self) -> str:
        """SHA-256 over the digests of the branches, as hex."""
        return hashlib.sha256("".join(branch.digest for branch in self.branches).encode("ascii")).hexdigest()


class GroupReconciler:
    """Compares branches for one person. Raises SyncProblem when the centre does not answer."""

    def __init__(self, database: Database, transport: Asks, *, by: str, now: datetime) -> None:
        self._database, self._transport, self._by, self._now = database, transport, by, now

    def branches(self) -> list[str]:
        """Ids of the branches whose feeds this desk reads."""
        with self._database.read() as session:
            rows = DirectConnection(session.connection()).exec_driver_sql(
                "SELECT c.scope FROM sync_cursor c LEFT JOIN branch b ON b.id = c.scope WHERE c.scope <> ?"
                " ORDER BY b.code, c.scope",
                (GROUP_SCOPE,),
            )
            return [row[0] for row in rows.fetchall()]

    def of(self, branch_id: str) -> Reconciler:
        """The comparison, and the remedies, of one branch."""
        return Reconciler(self._database, self._transport, branch_id=branch_id, by=self._by, now=self._now)

    def compare(
        self, branches: Sequence[str], progress: Progress, *, until: datetime | None = None,
        tables: Collection[str] = TABLES,
    ) -> GroupComparison:
        """Compare these branches; `progress` may raise to cancel. See `Reconciler.compare`."""
        found = GroupComparison(self._now, [])
        room = MOST_DIFFERENCES
        for place, branch_id in enumerate(branches):
            share = _Share(progress, place, len(branches))
            wanted = tables if place == 0 else set(tables) - {TRANSFERS}
            one = self.of(branch_id).compare(share, tables=wanted, until=until, room=room)
            room -= len(one.differences)
            found.branches.append(one)
        return found

    def review(self, branch_id: str, month: Month, progress: Progress) -> tuple[Comparison, str]:
        """Compare a branch for closing one of its months, ask the centre about its desks, and keep both.

        Returns what was found, and the id of the run by which `CloseMonth` refers to it.
        """
        found = self.of(branch_id).compare(progress, until=month.ends_at)
        progress(tr_noop("Asking about the desks of the branch"), None)
        told = self._transport.ask(
            "closing", {"by": self._by, "scope": branch_id, "since": microseconds(month.ends_at)}
        )
        return found, self._keep(found, month, told)

    def _keep(self, found: Comparison, month: Month, told: dict[str, Any]) -> str:
        run_id = new_id()
        kinds = Counter[str]()
        for (_table, why), count in found.kinds.items():
            kinds[why] += count
        with self._database.exclusive() as raw:
            connection = DirectConnection(raw)
            connection.exec_driver_sql(
                "INSERT INTO reconciliation_run (id, branch_id, month, at, staff_id, looked_at, differences, unsettled,"
                " kinds, digest, centre) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run_id, found.branch_id, str(month), microseconds(self._now), self._by,
                    dump_json(found.looked_at), found.total, found.unsettled, dump_json(kinds), found.digest,
                    dump_json(told),
                ),
            )  # fmt: skip
            connection.exec_driver_sql(
                "DELETE FROM reconciliation_run WHERE id NOT IN"
                " (SELECT id FROM reconciliation_run ORDER BY at DESC, id DESC LIMIT ?)",
                (_KEPT_RUNS,),
            )
        return run_id


class _Share:
    """The progress of one branch among several."""

    def __init__(self, progress: Progress, place: int, count: int) -> None:
        self._progress, self._place, self._count = progress, place, count

    def __call__(self, message: str, fraction: float | None) -> None:
        self._progress(message, None if fraction is None else (self._place + fraction) / self._count)
