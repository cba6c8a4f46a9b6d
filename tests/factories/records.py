"""Rows as the handlers would leave them, written through the captured session."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from app.catalog.energies import Energy
from app.kernel.clock import Clock, branch_day
from app.kernel.permissions import Actor
from db.capture import Author
from db.engine import Database
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.customers import Customer, CustomerVehicle
from db.models.inventory import VehicleUnit
from tests.factories.vins import vin_number

T = TypeVar("T")


class Records:
    """Makes records in one database; every method takes column values that replace the sensible ones."""

    def __init__(self, database: Database, *, clock: Clock, actor: Actor) -> None:
        self.database = database
        self.clock = clock
        self.actor = actor
        self._counter = 0

    def number(self) -> int:
        """A number not given before by this maker."""
        self._counter += 1
        return self._counter

    def save(self, *rows: Any) -> None:
        """Write rows in one captured transaction, as a handler would."""
        author = Author(self.actor.staff_id, self.actor.branch_id, self.actor.desk_code)
        with self.database.transaction(now=self.clock.now(), author=author) as transaction:
            transaction.session.add_all(rows)
            transaction.commit(name="Fixture")

    def _saved(self, row: T) -> T:
        self.save(row)
        return row

    def make(self, **values: Any) -> Make:
        """A make, 大众 unless told otherwise."""
        given = {"name_zh": "大众", "name_en": "Volkswagen", "name_initials": "dz", "country": "DE"}
        return self._saved(Make(**(given | values)))

    def series(self, make: Make | None = None, **values: Any) -> Series:
        """A series, 朗逸 of a new make unless told otherwise."""
        owner = make or self.make()
        given = {"make_id": owner.id, "name_zh": "朗逸", "name_en": "Lavida", "name_initials": "ly", "body": "sedan"}
        return self._saved(Series(**(given | values)))

    def model_year(self, series: Series | None = None, **values: Any) -> ModelYear:
        """A model year, 2026."""
        owner = series or self.series()
        return self._saved(ModelYear(**({"series_id": owner.id, "year": 2026} | values)))

    def trim(self, model_year: ModelYear | None = None, **values: Any) -> Trim:
        """A petrol trim with a guide price of 150,000.00 and its own make, series and year unless one is given."""
        owner = model_year or self.model_year()
        given = {
            "model_year_id": owner.id, "name_zh": "1.5L 自动舒适版", "name_en": "1.5L Automatic Comfort",
            "energy": Energy.PETROL.value, "seats": 5, "guide_price": Decimal("150000.00"), "parameters": {},
        }  # fmt: skip
        return self._saved(Trim(**(given | values)))

    def unit(self, trim: Trim | None = None, **values: Any) -> VehicleUnit:
        """A free unit in stock, arrived ten days ago: cost 128,000, list 150,000, floor 139,000."""
        owner = trim or self.trim()
        with self.database.read() as session:
            model_year = session.get_one(ModelYear, owner.model_year_id)
            series = session.get_one(Series, model_year.series_id)
        number = self.number()
        given = {
            "branch_id": self.actor.branch_id, "trim_id": owner.id, "make_id": series.make_id,
            "series_id": series.id, "energy": owner.energy, "vin": vin_number(number),
            "stock_number": f"S{number:06d}", "engine_number": f"EA211{number:05d}",
            "exterior_colour": "珍珠白 / Pearl White", "interior_colour": "黑色 / Black", "location": "A-01",
            "cost": Decimal("128000.00"), "list_price": Decimal("150000.00"), "floor_price": Decimal("139000.00"),
            "arrived_on": self.today() - timedelta(days=10), "manufactured_on": self.today() - timedelta(days=40),
        }  # fmt: skip
        return self._saved(VehicleUnit(**(given | values)))

    def customer(self, **values: Any) -> Customer:
        """A person with a valid identity card."""
        number = self.number()
        given = {
            "branch_id": self.actor.branch_id, "kind": "person", "name": "张伟", "name_initials": "zw",
            "name_pinyin": "zhang wei", "identity_kind": "identity_card", "identity_number": "11010519491231002X",
            "phone": f"139{number:08d}", "region_code": "310115", "address": "世纪大道100号",
        }  # fmt: skip
        return self._saved(Customer(**(given | values)))

    def customer_vehicle(self, customer: Customer | None = None, **values: Any) -> CustomerVehicle:
        """A customer's car as the workshop knows it."""
        owner = customer or self.customer()
        number = self.number()
        given = {
            "customer_id": owner.id, "plate": f"沪A{number:05d}", "vin": vin_number(number, maker="LFV"),
            "description": "大众 朗逸 2022", "odometer_km": 32_000,
        }  # fmt: skip
        return self._saved(CustomerVehicle(**(given | values)))

    def today(self) -> date:
        """The day of the test's clock in the branch."""
        return date.fromisoformat(branch_day(self.clock.now()))
