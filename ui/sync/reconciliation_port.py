"""What the reconciliation and the month close ask of the desk's link to the centre. `app.wiring` implements it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sync.client.group_reconciliation import GroupComparison
from ui.kit.operations import Progress


class ReconciliationPort(Protocol):
    """What asks the centre. Every call is made on a worker thread and raises a SyncProblem."""

    def branches(self) -> int:
        """How many branches this desk reads; quick."""

    def compare(self, progress: Progress, *, everywhere: bool = False) -> GroupComparison:
        """Compare the branch of the person signed in, or every branch this desk reads."""

    def fetch(self, table: str, ids: Sequence[str], *, branch_id: str = "") -> None:
        """Take these records of a branch, by default one's own, from the centre once more."""

    def show_again(self, table: str, ids: Sequence[str]) -> None:
        """Show the centre these records, and have it decide again who has the vehicles among them."""

    def exchange(self) -> None:
        """Send and read everything; returns when both sides have agreed."""

    def ask_again(self, ids: Sequence[str]) -> None:
        """Have the centre decide once more who gets the vehicles of these orders; raises also DomainErrors."""

    def free_units(self, units: Mapping[str, str], *, reason: str) -> None:
        """Free vehicles, by id, of the orders they are kept for and that nobody has; raises also DomainErrors."""

    def review(self, month: str, progress: Progress) -> str:
        """Exchange, compare the branch for closing this month ("2026-11"), ask the centre about its desks, and keep
        both; returns the id that `CloseMonth` wants. Raises a SyncProblem, NotEnrolled among them."""
