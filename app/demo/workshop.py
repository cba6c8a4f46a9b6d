"""Customers' cars as the workshop knows them, and its appointments of this week and the next."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from app.catalog.energies import NEW_ENERGY, Energy
from app.demo.catalogue import DemoTrim
from app.demo.identifiers import Identifiers
from app.demo.loading import Loader
from app.demo.people import DemoBranch, DemoCustomer
from app.demo.sales import Sold
from app.demo.stock import at_time
from app.kernel.clock import BRANCH_TIME, branch_date
from app.kernel.permissions import Role
from app.workshop.rules import AppointmentState, BayType, opening_hours
from db.types import microseconds

_KM_A_DAY = 38
_WORK: dict[BayType, tuple[tuple[str, int], ...]] = {
    BayType.GENERAL: (
        ("常规保养，更换机油机滤", 60), ("更换前制动片", 90), ("空调不制冷检查", 60), ("更换轮胎两条", 60),
        ("年检前检查", 30), ("更换变速箱油", 120), ("底盘异响检查", 90), ("更换雨刮及空调滤芯", 30),
    ),
    BayType.BODY: (("左前门钣金修复", 240), ("后保险杠更换", 150), ("右侧翼子板整形", 180)),
    BayType.PAINT: (("前保险杠喷漆", 240), ("两面漆修复", 300)),
    BayType.HIGH_VOLTAGE: (("动力电池健康检测", 90), ("高压系统绝缘检查", 60), ("充电故障检查", 120)),
    BayType.ALIGNMENT: (("四轮定位", 60), ("轮胎动平衡", 30)),
    BayType.WASH: (("精洗", 30), ("交车前清洗", 30)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Car:
    """A car a customer may bring."""

    id: str
    customer: DemoCustomer
    electric: bool


class Workshop:
    """Fills the workshop's books."""

    def __init__(self, loader: Loader, chance: Random, numbers: Identifiers, *, now: datetime) -> None:
        self._loader, self._chance, self._numbers, self._now = loader, chance, numbers, now
        self.cars: dict[str, list[Car]] = {}

    def registered(self, sold: Sold) -> None:
        """A delivered unit gets its plate and becomes a car the workshop knows."""
        branch, trim = sold.customer.branch, sold.unit.trim
        days = (branch_date(self._now) - sold.delivered_on).days
        plan = branch.plan
        plate = ""
        if days > 9:
            plate = self._numbers.plate(plan.plate_province, plan.plate_letters, new_energy=trim.energy in NEW_ENERGY)
        odometer = int(days * _KM_A_DAY * self._chance.uniform(0.4, 1.7)) + 30
        self._car(sold.customer, plate=plate, vin=sold.unit.vin, trim=trim, odometer=odometer, since=sold.delivered_on)

    def classic(self, customer: DemoCustomer, trim: DemoTrim) -> None:
        """An old car somebody looks after."""
        plan = customer.branch.plan
        self._car(
            customer, plate=self._numbers.plate(plan.plate_province, plan.plate_letters, new_energy=False),
            vin=self._numbers.vin(trim.make_en, country=trim.country, imported=True, year=trim.year), trim=trim,
            odometer=self._chance.randrange(80_000, 240_000), since=branch_date(customer.since),
        )  # fmt: skip

    def _car(self, customer: DemoCustomer, *, plate: str, vin: str, trim: DemoTrim, odometer: int, since: date) -> None:
        car_id = self._loader.add(
            "customer_vehicle", at=at_time(since, 17), scope=customer.branch.id, customer_id=customer.id, plate=plate,
            vin=vin, description=trim.description, odometer_km=odometer,
        )  # fmt: skip
        self.cars.setdefault(customer.branch.id, []).append(Car(car_id, customer, trim.energy is Energy.ELECTRIC))

    def appointments(self, branch: DemoBranch) -> None:
        """Appointments from Monday of this week to Sunday of the next; each bay one after the other."""
        cars = list(self.cars.get(branch.id, ()))
        self._chance.shuffle(cars)
        today = branch_date(self._now)
        monday = today - timedelta(days=today.weekday())
        for offset in range(14):
            day = monday + timedelta(days=offset)
            fullness = 0.6 if offset < 7 else 0.3
            for kind in BayType:
                for _bay in range(branch.plan.work_bays.get(kind.value, 0)):
                    self._fill_bay(branch, kind, day, fullness, cars)

    def _fill_bay(self, branch: DemoBranch, kind: BayType, day: date, fullness: float, cars: list[Car]) -> None:
        hours = opening_hours(day)
        start = datetime.combine(day, hours.opens, BRANCH_TIME)
        closing = datetime.combine(day, hours.closes, BRANCH_TIME)
        while cars:
            work, minutes = self._chance.choice(_WORK[kind])
            if self._chance.random() > fullness:
                start += hours.slot * self._chance.randrange(1, 4)
                if start >= closing:
                    return
                continue
            end = start + timedelta(minutes=minutes)
            if end > closing:
                return
            self._appointment(branch, kind, cars.pop(), work=work, start=start, minutes=minutes)
            start = end if end.minute % 30 == 0 else end + timedelta(minutes=30 - end.minute % 30)

    def _appointment(
        self, branch: DemoBranch, kind: BayType, car: Car, *, work: str, start: datetime, minutes: int
    ) -> None:
        made = min(start, self._now) - timedelta(minutes=self._chance.randrange(60, 9000))
        over = start + timedelta(minutes=minutes) < self._now
        begun = start < self._now
        if over:
            states = (AppointmentState.CONVERTED, AppointmentState.NO_SHOW, AppointmentState.CANCELLED)
            state = self._chance.choices(states, (90, 5, 5))[0]
        elif begun:
            state = AppointmentState.ARRIVED
        else:
            state = self._chance.choices((AppointmentState.CONFIRMED, AppointmentState.REQUESTED), (92, 8))[0]
        self._loader.add(
            "service_appointment", at=made, changed=start if begun else None, scope=branch.id, branch_id=branch.id,
            number=branch.number("SA"), customer_id=car.customer.id, customer_vehicle_id=car.id, state=state.value,
            bay_type=kind.value, starts_at=microseconds(start), duration_minutes=minutes, work=work,
            advisor_staff_id=branch.one_of(Role.SERVICE_ADVISOR, self._chance),
        )  # fmt: skip
