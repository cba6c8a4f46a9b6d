"""Units of the demo: those in the house today, and those that were sold."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from random import Random
from typing import Any

from app.catalog.energies import NEW_ENERGY, Energy
from app.demo.catalogue import DemoCatalogue, DemoTrim
from app.demo.identifiers import Identifiers
from app.demo.loading import Loader
from app.demo.people import DemoBranch, DemoCustomer
from app.inventory.rules import AllocationState, CertificateState, PdiState, QualityState, StockState
from app.kernel.clock import BRANCH_TIME
from app.kernel.money import cents, to_fen
from app.kernel.permissions import Role
from db.types import microseconds

COLOURS: tuple[tuple[str, float], ...] = (
    ("珍珠白 / Pearl White", 0.30), ("曜石黑 / Obsidian Black", 0.21), ("星空灰 / Space Grey", 0.17),
    ("流光银 / Silver", 0.08), ("冰川蓝 / Glacier Blue", 0.08), ("火焰红 / Flame Red", 0.06),
    ("墨玉绿 / Jade Green", 0.04), ("香槟金 / Champagne Gold", 0.03), ("暮光紫 / Twilight Purple", 0.02),
    ("琥珀棕 / Amber Brown", 0.01),
)  # fmt: skip
_INTERIORS = ("黑色 / Black", "米色 / Beige", "棕色 / Brown", "灰白 / Grey and White")
_OPTIONS = (
    ("行李架", "Roof rails", 150_000), ("隐形车衣", "Paint protection film", 880_000),
    ("玻璃贴膜", "Window tint", 260_000), ("电动踏板", "Power side steps", 320_000),
    ("原厂脚垫", "Genuine floor mats", 68_000),
)  # fmt: skip
_NEW_ENERGY_GAIN = 0.75
"""How much more new-energy vehicles are wanted at the end of the two years than at their beginning."""


def at_time(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant by the branch's clock."""
    return datetime.combine(day, time(hour, minute), BRANCH_TIME).astimezone(UTC)


@dataclass(slots=True)
class DemoUnit:
    """A unit as the sales need it; `row` is what will be written, so that a sale can change it."""

    id: str
    trim: DemoTrim
    branch: DemoBranch
    vin: str
    cost: Decimal
    list_price: Decimal
    floor_price: Decimal
    arrived_on: date
    row: dict[str, Any]

    @property
    def trim_id(self) -> str:
        return self.trim.id

    @property
    def energy(self) -> str:
        return self.trim.energy.value

    def becomes(self, *, at: datetime, **values: Any) -> None:
        """Change the row, as somebody did at an instant."""
        self.row.update(values, updated_at=max(self.row["updated_at"], microseconds(at)))


class TrimChooser:
    """Draws trims by how much they are wanted at a time of the two years."""

    _STEPS = 8

    def __init__(self, catalogue: DemoCatalogue, chance: Random) -> None:
        self._catalogue, self._chance = catalogue, chance
        self._wanted = [self._weights(step / (self._STEPS - 1)) for step in range(self._STEPS)]
        self._imports = list(accumulate(trim.weight for trim in catalogue.imported))

    def _weights(self, share: float) -> list[float]:
        gain = 1 + _NEW_ENERGY_GAIN * share
        newest = max((trim.year for trim in self._catalogue.new), default=0)
        return list(
            accumulate(
                trim.weight
                * (gain if trim.energy in NEW_ENERGY else 1)
                * (share if trim.year == newest else 1.05 - share)
                for trim in self._catalogue.new
            )
        )

    def choose(self, share: float) -> DemoTrim:
        """A trim for a moment, 0 at the beginning and 1 today."""
        if self._catalogue.imported and self._chance.random() < 0.05:
            return self._chance.choices(self._catalogue.imported, cum_weights=self._imports)[0]
        step = min(self._STEPS - 1, int(share * self._STEPS))
        return self._chance.choices(self._catalogue.new, cum_weights=self._wanted[step])[0]


class UnitMaker:
    """Puts units into the loader."""

    def __init__(self, loader: Loader, chance: Random, numbers: Identifiers) -> None:
        self._loader, self._chance, self._numbers = loader, chance, numbers
        self._colours = [colour for colour, _ in COLOURS]
        self._colour_weights = list(accumulate(weight for _, weight in COLOURS))
        self.made = 0

    def make(self, trim: DemoTrim, branch: DemoBranch, arrived_on: date, *, today: date) -> DemoUnit:
        """A free unit that arrived (or will arrive) on a day."""
        chance = self._chance
        known = at_time(min(arrived_on, today - timedelta(days=chance.randrange(3, 12))), 10, chance.randrange(60))
        cost = _hundreds(trim.guide_price * Decimal(f"{chance.uniform(0.905, 0.945):.4f}"))
        floor = max(_hundreds(trim.guide_price * Decimal(f"{chance.uniform(0.930, 0.962):.4f}")), cost + 800)
        vin = self._numbers.vin(trim.make_en, country=trim.country, imported=trim.imported, year=trim.year)
        electric = trim.energy is Energy.ELECTRIC
        in_transit = arrived_on > today
        unit_id = self._loader.add(
            "vehicle_unit", at=known, scope=branch.id, branch_id=branch.id, trim_id=trim.id, make_id=trim.make_id,
            series_id=trim.series_id, energy=trim.energy.value, vin=vin, stock_number=branch.number("ST"),
            engine_number=self._numbers.engine_number(electric),
            exterior_colour=chance.choices(self._colours, cum_weights=self._colour_weights)[0],
            interior_colour=chance.choice(_INTERIORS), location="" if in_transit else self._place(),
            cost=to_fen(cost), list_price=to_fen(trim.guide_price), floor_price=to_fen(floor),
            manufactured_on=(arrived_on - timedelta(days=chance.randrange(12, 90))).isoformat(),
            arrived_on=arrived_on.isoformat(),
            odometer_km=chance.randrange(15_000, 80_000) if trim.imported else chance.randrange(3, 40),
            stock_state=(StockState.IN_TRANSIT if in_transit else StockState.IN_STOCK).value,
            pdi_state=chance.choices((PdiState.PASS, PdiState.UNCHECKED, PdiState.FAIL), (70, 26, 4))[0].value,
            certificate_state=chance.choices(
                (CertificateState.IN_SAFE, CertificateState.AT_BANK, CertificateState.PENDING_SCAN), (60, 25, 15)
            )[0].value,
            options=self._options(),
        )  # fmt: skip
        self.made += 1
        row = self._loader.rows["vehicle_unit"][-1]
        return DemoUnit(unit_id, trim, branch, vin, cost, trim.guide_price, floor, arrived_on, row)

    def _place(self) -> str:
        if self._chance.random() < 0.12:
            return f"展厅-{self._chance.randrange(1, 13)}"
        return f"{self._chance.choice('ABCDEF')}-{self._chance.randrange(1, 61):02d}"

    def _options(self) -> list[dict[str, Any]] | None:
        if self._chance.random() > 0.14:
            return None
        chosen = self._chance.sample(_OPTIONS, self._chance.randrange(1, 3))
        return [{"name_zh": zh, "name_en": en, "price_fen": price} for zh, en, price in chosen]


def _hundreds(amount: Decimal) -> Decimal:
    return cents((amount / 100).to_integral_value() * 100)


def hold_some(units: list[DemoUnit], customers: list[DemoCustomer], chance: Random, *, now: datetime) -> None:
    """Some free units are held for customers; a few of the holds are over already."""
    for unit in chance.sample(units, min(len(units), max(6, len(units) // 60))):
        hours = chance.choice((-20, -3, 2, 5, 9, 20, 26, 40, 60))
        until = now + timedelta(hours=hours)
        begun = min(now, until) - timedelta(hours=chance.randrange(1, 6))
        own = [customer for customer in customers[-400:] if customer.branch is unit.branch]
        unit.becomes(
            at=begun, allocation_state=AllocationState.HELD.value, held_until=microseconds(until),
            held_by_staff_id=unit.branch.one_of(Role.SALESPERSON, chance),
            held_for_customer_id=chance.choice(own).id if own and chance.random() < 0.8 else None,
        )  # fmt: skip


def spoil_some(units: list[DemoUnit], chance: Random, *, now: datetime) -> None:
    """Now and then one is damaged, frozen or lent out."""
    for unit in units:
        luck = chance.random()
        if luck < 0.012:
            unit.becomes(at=now - timedelta(days=2), quality_state=QualityState.DAMAGED.value)
        elif luck < 0.017:
            unit.becomes(at=now - timedelta(days=5), quality_state=QualityState.FROZEN.value)
        elif luck < 0.027 and unit.row["stock_state"] == StockState.IN_STOCK.value:
            unit.becomes(at=now - timedelta(hours=20), stock_state=StockState.LENT.value, location="")
