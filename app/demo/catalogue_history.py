"""How the demo's catalogue came to be: first versions, price cuts, one that is still to come; what was looked at."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from app.catalog.version_rules import PARAMETER
from app.catalog.versions import CONTENT
from app.demo.loading import Loader
from app.kernel.clock import branch_date
from app.kernel.permissions import Role
from db.types import instant_at, microseconds

_LEVELS = ("make", "series", "model_year", "trim")
_PARENT = {
    "trim": ("model_year", "model_year_id"), "model_year": ("series", "series_id"), "series": ("make", "make_id"),
}  # fmt: skip
_CUTS = ((150, 104, "厂家调价通知"), (40, 102, "国庆后调价"))
"""Days ago, the price before in percent of the price after it, and why."""
_COMING_IN = 19
_LOOKED_AT = {
    "electric_range": 14, "battery_capacity": 9, "luggage_volume": 8, "airbags": 6, "acceleration_0_100": 5,
    "heat_pump": 5, "turning_circle": 3, "speakers": 2, "electric_range_winter": 4,
}  # fmt: skip


class CatalogueHistory:
    """Writes the versions of the house's own model ranges and tells offers and orders which they were made with."""

    def __init__(self, loader: Loader, chance: Random, *, now: datetime, source: str) -> None:
        self._loader, self._chance, self._now = loader, chance, now
        self._rows = {level: {row["id"]: row for row in loader.rows[level]} for level in _LEVELS}
        self._trims = [row for row in loader.rows["trim"] if row["source"] == source]
        self._versions: dict[str, list[tuple[date, str]]] = {}
        staff = loader.rows["staff_member"]
        self._editor = next((row["id"] for row in staff if row["role"] == Role.ADMINISTRATOR.value), staff[0]["id"])

    def write(self) -> None:
        """All of it."""
        for level, row in self._entries():
            self._first(level, row)
        busy = self._chance.sample(self._trims, min(24, len(self._trims)))
        for place, trim in enumerate(busy):
            self._cut(trim, _CUTS if place % 3 == 0 else _CUTS[place % 2 :][:1])
        self._coming(self._trims[0])
        self._tell_offers()

    def _entries(self) -> Iterable[tuple[str, dict[str, Any]]]:
        """The house's trims and everything above them, each once."""
        seen: set[str] = set()
        for trim in self._trims:
            for level, row in self._line(trim).items():
                if row["id"] not in seen:
                    seen.add(row["id"])
                    yield level, row

    def _line(self, trim: dict[str, Any]) -> dict[str, dict[str, Any]]:
        line, level, row = {"trim": trim}, "trim", trim
        while level in _PARENT:
            level, column = _PARENT[level]
            row = self._rows[level][row[column]]
            line[level] = row
        return line

    def _first(self, level: str, row: dict[str, Any]) -> None:
        content = {name: row.get(name, "") for name in CONTENT[level]}
        if "in_tax_directory" in content:
            content["in_tax_directory"] = bool(content["in_tax_directory"])
        content |= {f"{PARAMETER}{code}": value for code, value in (row.get("parameters") or {}).items()}
        made = instant_at(row["created_at"])
        self._add(level, row["id"], {"set": content, "drop": []}, made=made, day=branch_date(made), reason="建立目录")

    def _cut(self, trim: dict[str, Any], cuts: Iterable[tuple[int, int, str]]) -> None:
        """The price of today came by these steps; the first version says the highest."""
        steps = list(cuts)
        prices = [trim["guide_price"]]
        for _days, percent, _reason in reversed(steps):
            prices.insert(0, round(prices[0] * percent / 100 / 10_000) * 10_000)
        self._versions_of(trim["id"])[0]["changes"]["set"]["guide_price"] = prices[0]
        for price, (days, _percent, reason) in zip(prices[1:], steps, strict=True):
            made = self._now - timedelta(days=days + 3, minutes=self._chance.randrange(400))
            day = branch_date(self._now) - timedelta(days=days)
            change = {"set": {"guide_price": price}, "drop": []}
            self._add("trim", trim["id"], change, made=made, day=day, reason=reason)

    def _coming(self, trim: dict[str, Any]) -> None:
        day = branch_date(self._now) + timedelta(days=_COMING_IN)
        price = round(trim["guide_price"] * 0.97 / 10_000) * 10_000
        change = {"set": {"guide_price": price, f"{PARAMETER}heat_pump": "standard"}, "drop": []}
        made = self._now - timedelta(days=2)
        self._add("trim", trim["id"], change, made=made, day=day, reason="新年价格与配置通知")

    def _versions_of(self, subject: str) -> list[dict[str, Any]]:
        return [row for row in self._loader.rows["specification_version"] if row["subject_id"] == subject]

    def _add(
        self, level: str, subject: str, change: dict[str, Any], *, made: datetime, day: date, reason: str
    ) -> None:
        known = self._versions.setdefault(subject, [])
        version = self._loader.add(
            "specification_version", at=made, subject_kind=level, subject_id=subject, number=len(known) + 1,
            effective_from=day.isoformat(), scheduled=int(day > branch_date(made)), made_at=microseconds(made),
            staff_id=self._editor, reason=reason, changes=change,
        )  # fmt: skip
        known.append((day, version))

    def _tell_offers(self) -> None:
        trim_of = {unit["id"]: unit["trim_id"] for unit in self._loader.rows["vehicle_unit"]}
        lines = {trim["id"]: self._line(trim) for trim in self._trims}
        for table in ("quotation", "sales_order"):
            for row in self._loader.rows[table]:
                line = lines.get(trim_of.get(row["vehicle_unit_id"], ""))
                if line is not None:
                    day = branch_date(instant_at(row["created_at"]))
                    row["specification_versions"] = {
                        level: kept for level, entry in line.items() if (kept := self._in_force(entry["id"], day))
                    }

    def _in_force(self, subject: str, day: date) -> str:
        known = [version for start, version in self._versions.get(subject, ()) if start <= day]
        return known[-1] if known else ""


def seed_interest(connection: Any, *, today: date) -> None:
    """Looks of the last weeks, so that the order of parameters shows what it follows."""
    rows = [
        (code, (today - timedelta(days=(number * 3 + look) % 20)).isoformat())
        for number, (code, looks) in enumerate(_LOOKED_AT.items())
        for look in range(looks)
    ]
    connection.exec_driver_sql(
        "INSERT INTO parameter_interest (code, day, opened) VALUES (?, ?, 1)"
        " ON CONFLICT (code, day) DO UPDATE SET opened = opened + 1",
        rows,
    )
