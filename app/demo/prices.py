"""Prices and orders to the makers in the demo: campaigns, price changes, minimums, purchase proposals."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.demo.loading import Loader
from app.demo.people import DemoBranch
from app.demo.stock import DemoUnit, at_time
from app.kernel.clock import branch_date
from app.kernel.money import to_fen
from app.kernel.permissions import Role
from app.tasks.rules import TaskKind
from db.types import microseconds

_SEED = 88


class PricesAndOrders:
    """Writes what a manager has planned; uses a chance of its own, so that nothing else comes out differently."""

    def __init__(self, loader: Loader, *, now: datetime) -> None:
        self._loader, self._now = loader, now
        self._chance = Random(_SEED)
        self.today = branch_date(now)

    def branch(self, branch: DemoBranch, free: Sequence[DemoUnit]) -> None:
        """All of one branch."""
        here = [unit for unit in free if unit.branch is branch]
        if not here:
            return
        self._prices(branch, here)
        self._orders(branch, here)

    # --- prices ----------------------------------------------------------------------------------

    def _prices(self, branch: DemoBranch, here: Sequence[DemoUnit]) -> None:
        series = [one for one, _ in Counter(unit.trim.series_id for unit in here).most_common(4)]
        trims = [one for one, _ in Counter(unit.trim_id for unit in here).most_common(6)]
        self._campaign(branch, "金秋车展", "Autumn Motor Show", series[:2], first=-46, last=-24,
                       formula=("by_amount", "-4000", "to_100"))  # fmt: skip
        self._campaign(branch, "年末冲量", "Year-end", series[-1:], first=-12, last=26,
                       formula=("by_amount", "-5000", "none"))  # fmt: skip
        self._campaign(branch, "双十二", "Double 12", series[:1], first=9, last=20,
                       formula=("by_percent", "-2.5", "ending_800"))  # fmt: skip
        self._list_of_trims(branch, trims[:2])
        self._old_units(branch, sorted(here, key=lambda unit: (unit.arrived_on, unit.id))[:8])
        for unit in sorted(here, key=lambda unit: unit.id)[:: max(1, len(here) // 5)][:5]:
            self._one_unit(branch, unit)

    def _campaign(
        self, branch: DemoBranch, zh: str, en: str, series: Sequence[str], *, first: int, last: int,
        formula: tuple[str, str, str],
    ) -> None:  # fmt: skip
        made = at_time(min(self.today, self.today + timedelta(days=first)) - timedelta(days=4), 10)
        change = self._change(
            branch, "CAMPAIGN", made, first=self.today + timedelta(days=first), lines=len(series), name_zh=zh,
            name_en=en, valid_to=(self.today + timedelta(days=last)).isoformat(), needs_approval=1,
            largest_change="2.5", reason="提升到店和成交", formula=_stored(formula),
            **self._approved(branch, made + timedelta(hours=5)),
        )  # fmt: skip
        for one in series:
            self._line(branch, change, made, level="SERIES", subject_id=one)

    def _list_of_trims(self, branch: DemoBranch, trims: Sequence[str]) -> None:
        """The maker's new price list, from the first of the month after next."""
        made = at_time(self.today - timedelta(days=2), 11)
        change = self._change(
            branch, "LIST", made, first=_first_of_next_month(self.today), lines=len(trims), largest_change="1.0",
            needs_approval=0, reason="厂家新价格表", formula=_stored(("of_guide", "99", "to_100")),
            state="APPROVED", submitted_at=microseconds(made), decided_at=microseconds(made),
        )  # fmt: skip
        prices = {row["id"]: row["guide_price"] for row in self._loader.rows["trim"]}
        for trim_id in trims:
            fen = round(prices[trim_id] * 99 // 100 / 10_000) * 10_000
            self._line(branch, change, made, level="TRIM", subject_id=trim_id, list_price=fen)

    def _old_units(self, branch: DemoBranch, units: Sequence[DemoUnit]) -> None:
        """Units that stand long: waits for somebody's approval."""
        made = at_time(self.today - timedelta(days=1), 16)
        change = self._change(
            branch, "LIST", made, first=self.today + timedelta(days=3), lines=len(units), largest_change="3.0",
            needs_approval=1, reason="库龄超过 90 天", formula=_stored(("by_percent", "-3", "ending_800")),
            state="PENDING_APPROVAL", submitted_at=microseconds(made),
        )  # fmt: skip
        for unit in units:
            after = max(_ending_800(unit.list_price * Decimal("0.97")), unit.floor_price)
            self._line(
                branch, change, made, level="UNIT", subject_id=unit.id, list_before=to_fen(unit.list_price),
                floor_before=to_fen(unit.floor_price), list_price=to_fen(after),
            )  # fmt: skip
        number = self._loader.rows["price_change"][-1]["number"]
        self._loader.add(
            "task", at=made, scope=branch.id, branch_id=branch.id, kind=TaskKind.APPROVE_PRICES.value,
            record_table="price_change", record_id=change, params={"number": number, "n": len(units), "percent": "3.0"},
        )  # fmt: skip

    def _one_unit(self, branch: DemoBranch, unit: DemoUnit) -> None:
        day = max(unit.arrived_on, self.today - timedelta(days=self._chance.randrange(3, 20)))
        if day >= self.today:
            return
        made = at_time(day, 15)
        change = self._change(
            branch, "BOTH", made, first=day, lines=1, origin="UNIT", number="", largest_change="", needs_approval=0,
            reason="", formula={}, state="APPROVED", submitted_at=microseconds(made), decided_at=microseconds(made),
        )  # fmt: skip
        self._line(
            branch, change, made, level="UNIT", subject_id=unit.id, list_before=to_fen(unit.list_price + 2000),
            floor_before=to_fen(unit.floor_price), list_price=to_fen(unit.list_price),
            floor_price=to_fen(unit.floor_price),
        )  # fmt: skip

    def _approved(self, branch: DemoBranch, at: datetime) -> dict[str, Any]:
        stamp = microseconds(min(at, self._now))
        decided = self._administrator or branch.staff[Role.BRANCH_MANAGER][0]
        return {"state": "APPROVED", "submitted_at": stamp, "decided_at": stamp, "decided_by_staff_id": decided}

    @property
    def _administrator(self) -> str:
        rows = [row for row in self._loader.rows["staff_member"] if row["role"] == Role.ADMINISTRATOR.value]
        return str(rows[0]["id"]) if rows else ""

    def _change(
        self, branch: DemoBranch, kind: str, made: datetime, *, first: date, lines: int, **more: Any
    ) -> str:
        more.setdefault("number", branch.number("PC") if "number" not in more else "")
        more.setdefault("origin", "BULK")
        return self._loader.add(
            "price_change", at=min(made, self._now), scope=branch.id, branch_id=branch.id, kind=kind,
            valid_from=first.isoformat(), lines=lines, drafted_by_staff_id=branch.staff[Role.BRANCH_MANAGER][0], **more,
        )  # fmt: skip

    def _line(self, branch: DemoBranch, change: str, made: datetime, **values: Any) -> None:
        self._loader.add(
            "price_line", at=min(made, self._now), scope=branch.id, branch_id=branch.id, change_id=change, **values
        )

    # --- orders to the makers --------------------------------------------------------------------

    def _orders(self, branch: DemoBranch, here: Sequence[DemoUnit]) -> None:
        manager = branch.staff[Role.BRANCH_MANAGER][0]
        wanted = Counter((unit.trim.series_id, unit.row["exterior_colour"]) for unit in here).most_common(3)
        made = at_time(self.today - timedelta(days=60), 9)
        for number, ((series_id, colour), _) in enumerate(wanted):
            self._loader.add(
                "stock_minimum", at=made, scope=branch.id, branch_id=branch.id, series_id=series_id,
                exterior_colour=colour, quantity=(6, 5, 4)[number], set_by_staff_id=manager, set_at=microseconds(made),
            )  # fmt: skip
        by_trim = {unit.trim_id: unit for unit in here}
        best = [by_trim[one] for one, _ in Counter(unit.trim_id for unit in here).most_common(7)]
        self._proposal(branch, best[:3], days_ago=9, state="ORDERED", note="月度订车")
        self._proposal(branch, best[3:7], days_ago=1, state="PENDING_APPROVAL", note="春节前备货")

    def _proposal(
        self, branch: DemoBranch, units: Sequence[DemoUnit], *, days_ago: int, state: str, note: str
    ) -> None:
        if not units:
            return
        manager, made = branch.staff[Role.BRANCH_MANAGER][0], at_time(self.today - timedelta(days=days_ago), 14)
        stamp, number = microseconds(made), branch.number("PP")
        decided: dict[str, Any] = {
            "decided_by_staff_id": self._administrator or manager, "decided_at": stamp, "ordered_at": stamp,
        }  # fmt: skip
        proposal = self._loader.add(
            "purchase_proposal", at=made, scope=branch.id, branch_id=branch.id, number=number, state=state, note=note,
            service_level=95, drafted_by_staff_id=manager, drafted_on=branch_date(made).isoformat(),
            **(decided if state == "ORDERED" else {}),
        )  # fmt: skip
        total = 0
        for position, unit in enumerate(units, start=1):
            quantity = self._chance.randrange(1, 4)
            total += quantity
            self._loader.add(
                "purchase_line", at=made, scope=branch.id, branch_id=branch.id, proposal_id=proposal,
                position=position, series_id=unit.trim.series_id, trim_id=unit.trim_id,
                exterior_colour=unit.row["exterior_colour"], quantity=quantity, suggested=quantity,
                unit_cost=to_fen(unit.cost),
            )  # fmt: skip
        if state == "PENDING_APPROVAL":
            self._loader.add(
                "task", at=made, scope=branch.id, branch_id=branch.id, kind=TaskKind.APPROVE_PURCHASE.value,
                record_table="purchase_proposal", record_id=proposal, params={"number": number, "n": total},
            )  # fmt: skip


def _stored(formula: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("kind", "value", "rounding"), formula, strict=True))


def _ending_800(amount: Decimal) -> Decimal:
    return ((amount - 800) / 1000).to_integral_value() * 1000 + 800


def _first_of_next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
