"""What becomes of single operations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sync.protocol.codes import Outcome, Rejection
from sync.server.ledger import Row


@dataclass(slots=True)
class Result:
    """What became of one operation. `row` is the record an accepted one changed: its version and place are those it
    has once the ledger was written."""

    n: int
    outcome: Outcome = Outcome.ACCEPTED
    code: str = ""
    detail: dict[str, Any] | None = None
    row: Row | None = None


class Refused(Exception):
    """An operation that is refused for good, and with it its transaction."""

    def __init__(self, code: Rejection, **detail: Any) -> None:
        super().__init__(code.value)
        self.code = code
        self.detail = detail


def refused_results(operations: Sequence[dict[str, Any]], *, at: int, refused: Refused) -> list[Result]:
    """The culprit's own code, and for the rest of its transaction that they went with it."""
    culprit = operations[min(at, len(operations) - 1)]["n"]
    return [
        Result(one["n"], Outcome.REJECTED, refused.code, refused.detail)
        if one["n"] == culprit
        else Result(one["n"], Outcome.REJECTED, Rejection.TRANSACTION_REJECTED, {"n": culprit})
        for one in operations
    ]
