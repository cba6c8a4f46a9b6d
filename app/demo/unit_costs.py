"""What the demo's stock has cost on its way into the house, and the loans some of it stands on."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from app.demo.loading import Loader
from app.demo.stock import DemoUnit, at_time
from app.inventory.rules import CertificateState, StockState
from app.kernel.clock import branch_date
from app.kernel.money import cents, to_fen
from app.kernel.permissions import Role
from app.unit_costs.rules import CostKind, millionths, rate_from_percent

_LENDERS = (
    ("平安银行", "PAB", "4.35", 360, 30, 180), ("建设银行", "CCB", "3.95", 360, 0, 120),
    ("汽车金融公司", "AFC", "5.40", 365, 60, 180),
)  # fmt: skip
_HAULIERS = ("安吉物流", "长久物流", "中都物流")
_ON_LOAN, _PARTLY_REPAID, _REBATED = 0.45, 0.15, 0.2


class UnitCosts:
    """Freight and preparation for most units, loans for those whose certificate may lie at a bank."""

    def __init__(self, loader: Loader, chance: Random, *, now: datetime) -> None:
        self._loader, self._chance, self._now = loader, chance, now
        self._today = branch_date(now)

    def everything(self, units: Sequence[DemoUnit]) -> None:
        """For these units."""
        for unit in units:
            if unit.row.get("stock_state") == StockState.IN_TRANSIT.value or unit.arrived_on > self._today:
                continue
            self._freight(unit)
            at_bank = unit.row.get("certificate_state") == CertificateState.AT_BANK.value
            if at_bank or self._chance.random() < _ON_LOAN:
                self._loan(unit)

    def _freight(self, unit: DemoUnit) -> None:
        chance = self._chance
        self._cost(unit, CostKind.FREIGHT, chance.randrange(80, 260) * 10, supplier=chance.choice(_HAULIERS))
        self._cost(unit, CostKind.PREPARATION, chance.randrange(12, 40) * 10)
        if chance.random() < _REBATED:
            self._cost(unit, CostKind.REBATE, -chance.randrange(10, 60) * 100, supplier=unit.trim.make_zh)

    def _cost(self, unit: DemoUnit, kind: CostKind, amount: int, *, supplier: str = "") -> None:
        self._loader.add(
            "unit_cost", at=at_time(unit.arrived_on, 10), scope=unit.branch.id, branch_id=unit.branch.id,
            unit_id=unit.id, kind=kind.value, amount=amount * 100, happened_on=unit.arrived_on.isoformat(),
            supplier=supplier, recorded_by_staff_id=self._keeper(unit),
        )  # fmt: skip

    def _loan(self, unit: DemoUnit) -> None:
        lender, code, rate, basis, free, term = self._chance.choice(_LENDERS)
        due = unit.arrived_on + timedelta(days=term)
        if due < self._today - timedelta(days=5):
            return
        principal = cents(unit.cost * Decimal("0.8") / 1000) * 1000
        plan = self._loader.add(
            "floor_plan", at=at_time(unit.arrived_on, 11), scope=unit.branch.id, branch_id=unit.branch.id,
            unit_id=unit.id, lender=lender, contract_number=f"{code}-{unit.arrived_on:%Y}-{unit.arrived_on:%m}",
            principal=to_fen(principal), rate_millionths=millionths(rate_from_percent(Decimal(rate))),
            day_basis=basis, drawn_on=unit.arrived_on.isoformat(), free_days=free, due_on=due.isoformat(),
        )  # fmt: skip
        if self._chance.random() < _PARTLY_REPAID and (self._today - unit.arrived_on).days > 20:
            self._repay(unit, plan, principal / 4, unit.arrived_on + timedelta(days=15))

    def _repay(self, unit: DemoUnit, plan: str, amount: Decimal, day: date) -> None:
        self._loader.add(
            "floor_plan_repayment", at=at_time(day, 15), scope=unit.branch.id, branch_id=unit.branch.id,
            unit_id=unit.id, floor_plan_id=plan, amount=to_fen(cents(amount)), paid_on=day.isoformat(),
            recorded_by_staff_id=self._keeper(unit),
        )  # fmt: skip

    @staticmethod
    def _keeper(unit: DemoUnit) -> str:
        staff = unit.branch.staff
        return (staff.get(Role.BRANCH_MANAGER) or next(iter(staff.values())))[0]
