"""What the page about transfers asks of the centre. `app.wiring` implements it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.transfers.group_stock import Wanted


@dataclass(frozen=True, slots=True)
class StockAnswer:
    """Vehicles of other branches in stored values; `more` where the centre has still more of them."""

    rows: Sequence[Mapping[str, Any]]
    more: bool


class GroupStockPort(Protocol):
    """Called on a worker thread."""

    def find_stock(self, wanted: Wanted) -> StockAnswer:
        """Ask the centre; raises a SyncProblem where there is none, or it does not answer."""
