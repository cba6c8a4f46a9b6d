"""Which vehicles of a trim should go to another branch that sells it better."""

from dataclasses import dataclass

from app.inventory.queries import UnitFilter, UnitRow, UnitSort, list_units
from app.inventory.rules import AllocationState, QualityState, StockState
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader

MOST_OFFERED = 8
"""So many are offered at a time: each is decided upon, driven and received by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """Free vehicles of one trim in the house, the oldest first; `suggested` of them should go."""

    units: tuple[UnitRow, ...]
    suggested: int


def list_surplus(reader: Reader, trim_id: str, *, surplus: int) -> Surplus:
    """The vehicles of a trim that could go, the longest standing first; `surplus` says how many are too many."""
    reader.require(Permission.REPLENISHMENT_VIEW)
    filter = UnitFilter(
        trim_ids=(trim_id,), branch_ids=(reader.actor.branch_id,), stock_states=(StockState.IN_STOCK,),
        allocation_states=(AllocationState.FREE,),
    )  # fmt: skip
    page = list_units(reader, filter=filter, limit=4 * MOST_OFFERED, sort=UnitSort.OLDEST)
    units = tuple(unit for unit in page.rows if unit.quality is QualityState.NORMAL)[:MOST_OFFERED]
    return Surplus(units=units, suggested=min(max(surplus, 1), len(units)))
