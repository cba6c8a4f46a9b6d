"""Transfers of the demo: something to decide, something on the road, and what changed branches before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.demo.loading import Loader
from app.demo.people import DemoBranch
from app.demo.stock import DemoUnit
from app.inventory.rules import AllocationState, StockState
from app.kernel.labels import Bilingual
from app.kernel.permissions import Role
from app.tasks.rules import TaskKind
from app.transfers.rules import TransferState
from app.transfers.wishes import wish_task_id
from db.types import microseconds

_CARRIERS = (("安吉物流", "陈师傅"), ("长久物流", "吴师傅"), ("", "孙师傅"))
_NOTES = ("展厅样车需要同色", "客户指定颜色，月底前交车", "本店库存不足", "试驾车更换")
_STATES = (
    TransferState.PENDING, TransferState.PENDING, TransferState.APPROVED, TransferState.DEPARTED, TransferState.MOVED,
    TransferState.MOVED, TransferState.REJECTED, TransferState.CANCELLED,
)  # fmt: skip
_REASONS = {
    TransferState.REJECTED: "已有客户预约看车", TransferState.CANCELLED: "客户改选其他颜色",
}  # fmt: skip
_TASKS = {
    TransferState.PENDING: ("approve_transfer", "from"), TransferState.APPROVED: ("send_transfer", "from"),
    TransferState.DEPARTED: ("receive_transfer", "to"),
}  # fmt: skip


class Transfers:
    """Each branch asks another one for a few vehicles."""

    def __init__(self, loader: Loader, chance: Random, *, now: datetime) -> None:
        self._loader, self._chance, self._now = loader, chance, now

    def everything(self, branches: Sequence[DemoBranch], units: Sequence[DemoUnit]) -> None:
        """Between these branches, of these units."""
        free = [
            unit for unit in units
            if unit.row.get("allocation_state", AllocationState.FREE.value) == AllocationState.FREE.value
            and unit.row.get("stock_state") == StockState.IN_STOCK.value
        ]  # fmt: skip
        for place, target in enumerate(branches):
            for step, state in enumerate(_STATES):
                source = branches[(place + 1 + step % (len(branches) - 1)) % len(branches)]
                owner = target if state is TransferState.MOVED else source
                unit = next((one for one in free if one.branch is owner), None)
                if unit is not None:
                    free.remove(unit)
                    self._transfer(unit, source, target, state)
        if free:
            self._wish(free[0], branches[-1], {unit.branch.id: unit.branch for unit in free
                                               if unit.trim_id == free[0].trim_id})  # fmt: skip

    def _transfer(self, unit: DemoUnit, source: DemoBranch, target: DemoBranch, state: TransferState) -> None:
        hours = (200, 900) if state is TransferState.MOVED else (6, 90)
        asked = self._now - timedelta(hours=self._chance.randrange(*hours))
        values: dict[str, Any] = {
            "number": target.number("TR"), "kind": "REQUEST", "from_branch_id": source.id, "to_branch_id": target.id,
            "unit_id": unit.id, "vin": unit.vin, "stock_number": unit.row["stock_number"], "trim_id": unit.trim_id,
            "exterior_colour": unit.row["exterior_colour"], "interior_colour": unit.row["interior_colour"],
            "note": self._chance.choice(_NOTES), "state": state.value, "requested_at": microseconds(asked),
            "requested_by_staff_id": target.one_of(Role.SALESPERSON, self._chance),
            "needed_by": (asked + timedelta(days=12)).date().isoformat(),
        }  # fmt: skip
        if state in _REASONS:
            values |= {
                "ended_at": microseconds(asked + timedelta(hours=4)), "end_reason": _REASONS[state],
                "ended_by_staff_id": source.one_of(Role.BRANCH_MANAGER, self._chance),
            }  # fmt: skip
        elif state is not TransferState.PENDING:
            values |= self._went(unit, source, target, state, asked)
        transfer_id = self._loader.add("vehicle_transfer", at=asked, **values)
        if state in _TASKS:
            self._task(transfer_id, values, source, target, state, asked)

    def _went(
        self, unit: DemoUnit, source: DemoBranch, target: DemoBranch, state: TransferState, asked: datetime
    ) -> dict[str, Any]:  # fmt: skip
        manager, odometer = source.one_of(Role.BRANCH_MANAGER, self._chance), int(unit.row["odometer_km"])
        went: dict[str, Any] = {
            "approved_at": microseconds(asked + timedelta(hours=3)), "approved_by_staff_id": manager,
        }  # fmt: skip
        if state is TransferState.APPROVED:
            return went
        carrier, driver = self._chance.choice(_CARRIERS)
        went |= {
            "departed_at": microseconds(asked + timedelta(hours=5)), "departed_by_staff_id": manager,
            "carrier": carrier, "driver": driver, "driver_phone": "13900000000", "keys": 2, "certificate_by": "ALONG",
            "departure_odometer_km": odometer, "freight": self._chance.randrange(60, 160) * 1000,
        }  # fmt: skip
        if state is TransferState.DEPARTED:
            unit.becomes(at=asked + timedelta(hours=5), stock_state=StockState.IN_TRANSIT.value)
            return went
        return went | {
            "arrived_at": microseconds(asked + timedelta(hours=29)), "arrival_odometer_km": odometer,
            "arrived_by_staff_id": target.one_of(Role.SALESPERSON, self._chance), "condition": "GOOD",
            "keys_arrived": 2, "certificate_arrived": True, "arrival_location": unit.row["location"],
        }  # fmt: skip

    def _task(
        self, transfer_id: str, values: dict[str, Any], source: DemoBranch, target: DemoBranch, state: TransferState,
        at: datetime,
    ) -> None:  # fmt: skip
        kind, side = _TASKS[state]
        branch = source if side == "from" else target
        self._loader.add(
            "task", at=at, scope=branch.id, branch_id=branch.id, kind=kind, record_table="vehicle_transfer",
            record_id=transfer_id, params={
                "number": values["number"], "vin": values["vin"], "from_branch": source.plan.code,
                "to_branch": target.plan.code,
            },
        )  # fmt: skip

    def _wish(self, unit: DemoUnit, target: DemoBranch, able: dict[str, DemoBranch]) -> None:
        asked, number = self._now - timedelta(hours=20), target.number("TR")
        wish = self._loader.add(
            "vehicle_transfer", at=asked, number=number, kind="REQUEST", from_branch_id=None,
            to_branch_id=target.id, trim_id=unit.trim_id, exterior_colour=unit.row["exterior_colour"],
            note="客户等车，同款任意门店均可", requested_at=microseconds(asked),
            requested_by_staff_id=target.one_of(Role.SALESPERSON, self._chance),
        )  # fmt: skip
        for branch in able.values():
            if branch is target:
                continue
            self._loader.add(
                "task", at=asked, scope=branch.id, branch_id=branch.id, kind=TaskKind.TRANSFER_WISH.value,
                id=wish_task_id(wish, branch.id), record_table="vehicle_transfer", record_id=wish, params={
                    "number": number, "to_branch": target.plan.code, "vehicle_names": self._named(unit).stored(),
                },
            )  # fmt: skip

    def _named(self, unit: DemoUnit) -> Bilingual:
        """Make, series, year and trim, as they were loaded."""
        rows, trim = self._loader.rows, unit.trim
        series = next(row for row in rows["series"] if row["id"] == trim.series_id)
        named = next(row for row in rows["trim"] if row["id"] == trim.id)
        model, name = series["name_en"] or series["name_zh"], named["name_en"] or named["name_zh"]
        en = f"{trim.make_en} {model} {trim.year} {name}"
        return Bilingual(f"{trim.make_zh} {series['name_zh']} {trim.year}款 {named['name_zh']}", en)
