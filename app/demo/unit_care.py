"""Unit care of the demo: places, inspections with defects, the certificate ledger, keys on the board, queues."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.custody.key_handlers import key_id
from app.custody.rules import CustodyStep, Holder, KeyPurpose, KeyState, KeyStep
from app.demo.loading import Loader
from app.demo.people import DemoBranch, DemoCustomer
from app.demo.stock import DemoUnit
from app.inspections.findings import answer_id
from app.inspections.rules import Checklist, DefectState, InspectionState, Severity, Verdict, checklist_on
from app.inventory.places import PlaceKind, place_id
from app.inventory.rules import AllocationState, CertificateState, PdiState, StockState
from app.kernel.clock import branch_date
from app.kernel.permissions import Role
from db.types import microseconds

_PLACES = (
    ("A", "A区", "Yard A", PlaceKind.YARD, 60), ("B", "B区", "Yard B", PlaceKind.YARD, 60),
    ("C", "C区", "Yard C", PlaceKind.YARD, 60), ("D", "D区", "Yard D", PlaceKind.YARD, 60),
    ("E", "E区", "Yard E", PlaceKind.YARD, 60), ("F", "F库", "Warehouse F", PlaceKind.WAREHOUSE, 60),
    ("展厅", "展厅", "Showroom", PlaceKind.SHOWROOM, 36), ("W", "维修车间", "Workshop", PlaceKind.WORKSHOP, 8),
    ("X", "交车区", "Delivery bay", PlaceKind.DELIVERY, 4),
)  # fmt: skip
_DEFECTS = (
    ("body_panels", Severity.COSMETIC, "左前门有细划痕", "抛光处理"),
    ("tyre_rear_left", Severity.QUALITY, "胎压偏低，气门嘴漏气", "更换气门嘴"),
    ("battery_12v", Severity.QUALITY, "蓄电池亏电", "充电并复测"),
    ("brakes", Severity.SAFETY, "制动时右前轮异响", "更换右前制动片"),
    ("screen_sound", Severity.QUALITY, "中控屏间歇黑屏", "升级车机软件"),
    ("seats", Severity.COSMETIC, "副驾座椅有污渍", "清洁座椅"),
)  # fmt: skip
_BANKS = ("工商银行浦东支行", "平安银行汽车金融部", "建设银行张江支行")
_INSPECTED_IN_FULL = 90
"""Of the newest units; older inspections are on paper."""
_KEYED = 160
_QUEUES = 3
"""For units that are held, in each branch."""
_INSPECTED_WITHIN = timedelta(days=7)


class UnitCare:
    """Fills the books of unit care for the units in the house."""

    def __init__(self, loader: Loader, chance: Random, *, now: datetime) -> None:
        self._loader, self._chance, self._now = loader, chance, now

    def places(self, branch: DemoBranch) -> None:
        """The register of places."""
        for code, zh, en, kind, capacity in _PLACES:
            self._loader.add(
                "stock_place", at=self._now - timedelta(days=500), scope=branch.id, id=place_id(branch.id, code),
                branch_id=branch.id, code=code, name_zh=zh, name_en=en, kind=kind.value, capacity=capacity, active=1,
            )  # fmt: skip

    def everything(self, units: list[DemoUnit], customers: list[DemoCustomer]) -> None:
        """Inspections, certificates, keys and queues of units that were not sold."""
        for number, unit in enumerate(units):
            self._plausible(unit, late=number % 40 == 0)
        here = [u for u in units if u.row.get("stock_state") == StockState.IN_STOCK.value]
        newest = sorted(here, key=lambda unit: (unit.arrived_on, unit.id), reverse=True)
        for unit in newest[:_INSPECTED_IN_FULL]:
            self._inspection(unit)
        for unit in newest[:_KEYED]:
            self._certificate(unit)
            self._keys(unit)
        for branch in {unit.branch.id: unit.branch for unit in newest}.values():
            self._queues([unit for unit in newest if unit.branch is branch], customers)

    def _plausible(self, unit: DemoUnit, *, late: bool) -> None:
        """What is on its way nobody has looked at; what has stood here for a week is inspected, but for a few."""
        if unit.row["stock_state"] == StockState.IN_TRANSIT.value:
            unit.row["pdi_state"] = PdiState.UNCHECKED.value
            unit.row["certificate_state"] = CertificateState.PENDING_SCAN.value
            return
        long_here = branch_date(self._now) - unit.arrived_on > _INSPECTED_WITHIN
        if unit.row["pdi_state"] == PdiState.UNCHECKED.value and long_here and not late:
            unit.row["pdi_state"] = PdiState.PASS.value

    def _queues(self, units: list[DemoUnit], customers: list[DemoCustomer]) -> None:
        """Queues for what is held, and for one that is free and on offer to the first."""
        state = AllocationState.FREE.value
        held = [u for u in units if u.row.get("allocation_state") == AllocationState.HELD.value][:_QUEUES]
        free = [u for u in units if u.row.get("allocation_state", state) == state and "quality_state" not in u.row]
        for unit in held:
            self._queue(unit, customers)
        for unit in free[3:5]:
            self._queue(unit, customers, offered=unit is free[3])

    def _inspection(self, unit: DemoUnit) -> None:
        pdi = unit.row["pdi_state"]
        running = pdi == PdiState.UNCHECKED.value and self._chance.random() < 0.2
        if pdi == PdiState.UNCHECKED.value and not running:
            return
        checklist = checklist_on(branch_date(self._now), unit.energy)
        begun = self._now - timedelta(hours=self._chance.randrange(2, 60))
        ended = begun + timedelta(minutes=self._chance.randrange(35, 80))
        state = InspectionState.OPEN if running else InspectionState[{"PASS": "PASSED", "FAIL": "FAILED"}[pdi]]
        inspector = unit.branch.one_of(Role.SERVICE_ADVISOR, self._chance)
        inspection = self._loader.add(
            "inspection", at=begun, changed=begun if running else ended, scope=unit.branch.id,
            branch_id=unit.branch.id, unit_id=unit.id, checklist=checklist.version, energy=unit.energy,
            state=state.value, inspector_staff_id=inspector, started_at=microseconds(begun),
            finished_at=None if running else microseconds(ended), finished_by_staff_id=None if running else inspector,
            odometer_km=unit.row["odometer_km"],
            battery_percent=self._chance.randrange(45, 96) if checklist.find("hv_soc") else None,
        )  # fmt: skip
        wrong = self._defects(unit, inspection, state, checklist, at=ended)
        answered = checklist.items if not running else checklist.items[: self._chance.randrange(8, 30)]
        for item in answered:
            self._loader.add(
                "inspection_answer", at=begun, scope=unit.branch.id, id=answer_id(inspection, item.code),
                branch_id=unit.branch.id, inspection_id=inspection, unit_id=unit.id, item=item.code,
                verdict=(Verdict.DEFECT if item.code in wrong else Verdict.OK).value,
                measured=self._reading(item.code), answered_by_staff_id=inspector, answered_at=microseconds(begun),
            )  # fmt: skip

    def _defects(
        self, unit: DemoUnit, inspection: str, state: InspectionState, checklist: Checklist, *, at: datetime
    ) -> set[str]:
        failed = state is InspectionState.FAILED
        if state is InspectionState.OPEN or not (failed or self._chance.random() < 0.25):
            return set()
        possible = [d for d in _DEFECTS if d[1] is not Severity.COSMETIC or not failed]
        item, severity, said, repair = self._chance.choice(possible)
        if checklist.find(item) is None:
            return set()
        stands = DefectState.OPEN if failed else DefectState.CLEARED
        done: dict[str, Any] = {} if failed else {
            "repair": repair, "repaired_at": microseconds(at), "repaired_by": "孙师傅", "cleared_at": microseconds(at),
            "cleared_by_staff_id": unit.branch.one_of(Role.SERVICE_ADVISOR, self._chance),
        }  # fmt: skip
        self._loader.add(
            "inspection_defect", at=at, scope=unit.branch.id, branch_id=unit.branch.id, inspection_id=inspection,
            unit_id=unit.id, item=item, severity=severity.value, description=said, responsible="维修车间",
            state=stands.value, **done,
        )  # fmt: skip
        return {item}

    def _reading(self, code: str) -> str:
        if code.startswith("tyre_"):
            return str(self._chance.randrange(230, 251))
        known = {"battery_12v": "12.6", "paint_thickness": "112", "hv_soc": "78", "hv_health": "100"}
        return known.get(code, "")

    def _certificate(self, unit: DemoUnit) -> None:
        state = unit.row["certificate_state"]
        if state == CertificateState.PENDING_SCAN.value:
            return
        at = self._now - timedelta(days=self._chance.randrange(2, 15), minutes=self._chance.randrange(600))
        number = f"WAC{self._chance.randrange(10**9, 10**10)}"
        self._entry(
            unit, CustodyStep.RECEIVE, at, source=Holder.CARRIER, target=Holder.SAFE, name="1号柜", number=number,
            before="PENDING_SCAN", after="IN_SAFE",
        )  # fmt: skip
        later = at + timedelta(hours=20)
        if state == CertificateState.AT_BANK.value:
            contract = f"FP-2026-{self._chance.randrange(100, 999)}"
            self._entry(
                unit, CustodyStep.PLEDGE, later, source=Holder.SAFE, target=Holder.BANK,
                name=self._chance.choice(_BANKS), number=number, contract=contract, before="IN_SAFE", after="AT_BANK",
            )  # fmt: skip
        elif self._chance.random() < 0.06:
            lent = max(later, self._now - timedelta(days=self._chance.choice((2, 4, 9, 12))))
            self._entry(
                unit, CustodyStep.LEND, lent, source=Holder.SAFE, target=Holder.AGENT, name="顺达车务代办",
                number=number, before="IN_SAFE", after="ISSUED", lent=lent,
            )  # fmt: skip
            unit.becomes(at=lent, certificate_state=CertificateState.ISSUED.value)

    def _entry(
        self,
        unit: DemoUnit,
        step: CustodyStep,
        at: datetime,
        *,
        source: Holder,
        target: Holder,
        name: str,
        number: str,
        before: str,
        after: str,
        contract: str = "",
        lent: datetime | None = None,
    ) -> None:
        due = None if lent is None else (branch_date(lent) + timedelta(days=7)).isoformat()
        self._loader.add(
            "certificate_entry", at=at, scope=unit.branch.id, branch_id=unit.branch.id, unit_id=unit.id,
            step=step.value, from_kind=source.value, to_kind=target.value, to_name=name, document_number=number,
            contract_number=contract, happened_at=microseconds(at), due_back_on=due, state_before=before,
            state_after=after, recorded_by_staff_id=unit.branch.one_of(Role.CASHIER, self._chance),
        )  # fmt: skip

    def _keys(self, unit: DemoUnit) -> None:
        slot = unit.branch.number("KB")[-3:]
        at = self._now - timedelta(days=self._chance.randrange(1, 9))
        for number in (1, 2):
            out = number == 1 and self._chance.random() < 0.08
            since = self._now - timedelta(minutes=self._chance.randrange(20, 500))
            who = unit.branch.one_of(Role.SALESPERSON, self._chance)
            name = self._name_of(who)
            row_id = key_id(unit.id, number)
            away: dict[str, Any] = {
                "state": KeyState.OUT.value, "holder_staff_id": who, "holder_name": name,
                "out_since": microseconds(since), "purpose": KeyPurpose.TEST_DRIVE.value,
                "due_back_at": microseconds(since + timedelta(hours=4)),
            } if out else {}  # fmt: skip
            common: dict[str, Any] = {
                "scope": unit.branch.id, "branch_id": unit.branch.id, "unit_id": unit.id, "number": number,
            }  # fmt: skip
            self._loader.add("vehicle_key", at=at, id=row_id, slot=slot, tag=f"{slot}-{number}", **common, **away)
            steps = [(KeyStep.REGISTER, at, "", slot, "")]
            if out:
                steps.append((KeyStep.HAND_OUT, since, slot, name, KeyPurpose.TEST_DRIVE.value))
            for step, when, source, target, purpose in steps:
                self._loader.add(
                    "key_entry", at=when, key_id=row_id, step=step.value, from_name=source, to_name=target,
                    purpose=purpose, happened_at=microseconds(when), recorded_by_staff_id=who, **common,
                )  # fmt: skip

    def _name_of(self, staff_id: str) -> str:
        return next(str(row["name"]) for row in self._loader.rows["staff_member"] if row["id"] == staff_id)

    def _queue(self, unit: DemoUnit, customers: list[DemoCustomer], *, offered: bool = False) -> None:
        """Some who wait for a unit, or any like it; the first of them has it on offer."""
        own = [c for c in customers[-600:] if c.branch is unit.branch]
        free = unit.row.get("allocation_state", AllocationState.FREE.value) == AllocationState.FREE.value
        ages = sorted((self._chance.randrange(30, 2000) for _ in range(min(len(own), 3))), reverse=True)
        for place, (age, customer) in enumerate(zip(ages, self._chance.sample(own, len(ages)), strict=True)):
            at = self._now - timedelta(minutes=age)
            like_it = free or self._chance.random() < 0.3
            who = unit.branch.one_of(Role.SALESPERSON, self._chance)
            until = microseconds(self._now + timedelta(minutes=85))
            on_offer = {"offered_unit_id": unit.id, "offered_until": until}
            first: dict[str, Any] = on_offer if offered and place == 0 else {}
            if first:
                unit.becomes(
                    at=at, allocation_state=AllocationState.HELD.value, held_until=until, held_by_staff_id=who,
                    held_for_customer_id=customer.id,
                )  # fmt: skip
            self._loader.add(
                "unit_wish", at=at, scope=unit.branch.id, branch_id=unit.branch.id,
                unit_id=None if like_it else unit.id, trim_id=unit.trim_id,
                exterior_colour=unit.row["exterior_colour"] if like_it and place < 2 else "", customer_id=customer.id,
                salesperson_id=who, rank=f"{microseconds(at) // 1000:012x}0000-demo0000", **first,
            )  # fmt: skip
