"""Stock counts of the demo: last month's, signed off, and one that is going on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.demo.loading import Loader
from app.demo.people import DemoBranch
from app.demo.stock import DemoUnit
from app.inventory.rules import StockState
from app.kernel.permissions import Role
from app.stocktaking.rules import CountState, Coverage, Outcome, Reason, zone_of
from db.types import microseconds

_ZONE_LIMIT = 60
_LEAST = 12
_DECIDED = {
    Outcome.WRONG_PLACE: (Reason.PLACE_CORRECTED, ""), Outcome.MISSING: (Reason.FOUND, "洗车区，已移回"),
}  # fmt: skip
_STRANGER = "LSVAA4182E2184847"


class StockCounts:
    """For each branch."""

    def __init__(self, loader: Loader, chance: Random, *, now: datetime) -> None:
        self._loader, self._chance, self._now = loader, chance, now

    def branch(self, branch: DemoBranch, units: Sequence[DemoUnit]) -> None:
        """A count of one place a month ago, and one of another place today."""
        here = [
            unit for unit in units
            if unit.branch is branch and unit.row.get("stock_state", "IN_STOCK") == StockState.IN_STOCK.value
            and unit.row.get("location")
        ]  # fmt: skip
        if not here:
            return
        by_zone: dict[str, list[DemoUnit]] = {}
        for unit in here:
            by_zone.setdefault(zone_of(unit.row["location"]), []).append(unit)
        zone = max(by_zone, key=lambda name: (len(by_zone[name]) <= _ZONE_LIMIT, len(by_zone[name])))
        least = min(by_zone, key=lambda name: (len(by_zone[name]) < _LEAST, len(by_zone[name])))
        self._signed(branch, least, by_zone[least][:_ZONE_LIMIT])
        self._going_on(branch, zone, by_zone[zone][:_ZONE_LIMIT])

    def _signed(self, branch: DemoBranch, zone: str, units: Sequence[DemoUnit]) -> None:
        began = self._now - timedelta(days=31, hours=5)
        ended = began + timedelta(hours=4)
        there = [unit for unit in units if unit.row.get("arrived_on", "") <= began.date().isoformat()] or list(units)
        moved, found = there[1:3], there[3:4]
        result: dict[str, Any] = dict.fromkeys((outcome.value.lower() for outcome in Outcome), 0)
        result |= {
            "matched": len(there) - len(moved) - len(found), "wrong_place": len(moved), "missing": len(found),
            "scanned": len(there) - len(found), "counters": [],
        }  # fmt: skip
        count = self._loader.add(
            "stock_count", at=began, changed=ended, scope=branch.id, branch_id=branch.id,
            number=branch.number("SC"), coverage=Coverage.PLACES.value, places=[zone.upper()],
            state=CountState.SIGNED.value, expected=len(there), note="月度盘点", started_at=microseconds(began),
            started_by_staff_id=branch.staff[Role.SALESPERSON][0],
            recounted_at=microseconds(ended - timedelta(hours=1)),
            signed_at=microseconds(ended), signed_by_staff_id=branch.staff[Role.BRANCH_MANAGER][0], result=result,
        )  # fmt: skip
        for place, unit in enumerate(there):
            self._line(branch, count, unit, at=began)
            if unit in moved:
                self._finding(branch, count, unit, Outcome.WRONG_PLACE, at=ended)
            elif unit in found:
                self._finding(branch, count, unit, Outcome.MISSING, at=ended)
            if unit not in found:
                seen = f"{zone.upper()}-99" if unit in moved else unit.row["location"]
                self._scan(branch, count, unit.vin, unit.id, seen, at=began + timedelta(seconds=40 * (place + 1)))

    def _finding(self, branch: DemoBranch, count: str, unit: DemoUnit, outcome: Outcome, *, at: datetime) -> None:
        reason, note = _DECIDED[outcome]
        self._loader.add(
            "stock_count_finding", at=at, scope=branch.id, branch_id=branch.id, count_id=count, vin=unit.vin,
            unit_id=unit.id, outcome=outcome.value, expected_location=unit.row["location"],
            found_location=f"{unit.row['location'].partition('-')[0]}-99", reason=reason.value, note=note,
            decided_at=microseconds(at), decided_by_staff_id=branch.staff[Role.SALESPERSON][0],
            posted_at=microseconds(at),
        )  # fmt: skip

    def _line(self, branch: DemoBranch, count: str, unit: DemoUnit, *, at: datetime) -> None:
        row = unit.row
        self._loader.add(
            "stock_count_line", at=at, scope=branch.id, branch_id=branch.id, count_id=count, unit_id=unit.id,
            vin=unit.vin, stock_number=row["stock_number"], trim_id=unit.trim_id,
            exterior_colour=row["exterior_colour"], location=row["location"],
        )  # fmt: skip

    def _going_on(self, branch: DemoBranch, zone: str, units: Sequence[DemoUnit]) -> None:
        began = self._now - timedelta(minutes=50)
        sellers = branch.staff[Role.SALESPERSON]
        count = self._loader.add(
            "stock_count", at=began, scope=branch.id, branch_id=branch.id, number=branch.number("SC"),
            coverage=Coverage.PLACES.value, places=[zone.upper()], expected=len(units), note="",
            started_at=microseconds(began), started_by_staff_id=sellers[0],
        )  # fmt: skip
        for unit in units:
            self._line(branch, count, unit, at=began)
        seen = list(units[: max(1, len(units) * 3 // 4)])
        for place, unit in enumerate(seen):
            found = unit.row["location"] if place % 9 else f"{zone.upper()}-99"
            self._scan(branch, count, unit.vin, unit.id, found, at=began + timedelta(seconds=40 * (place + 1)))
        self._scan(branch, count, _STRANGER, None, f"{zone.upper()}-98", at=self._now - timedelta(minutes=3))

    def _scan(
        self, branch: DemoBranch, count: str, vin: str, unit_id: str | None, location: str, *, at: datetime
    ) -> None:  # fmt: skip
        self._loader.add(
            "stock_count_scan", at=at, scope=branch.id, branch_id=branch.id, count_id=count, vin=vin, unit_id=unit_id,
            location=location, scanned_at=microseconds(at), desk_code="D01",
            scanned_by_staff_id=self._chance.choice(branch.staff[Role.SALESPERSON]),
        )  # fmt: skip
