"""Builds the demo branch: three branches, twelve people, a catalogue with real data, stock, and two years of trade.

The same seed and day give the same rows. All names, numbers and prices are made up; they are only built like real ones.
"""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from app.demo.catalogue import SOURCE, DemoCatalogue, build_catalogue
from app.demo.catalogue_history import CatalogueHistory, seed_interest
from app.demo.identifiers import Identifiers
from app.demo.loading import Loader, Progress
from app.demo.people import STAFF, CustomerMaker, DemoBranch, build_branches
from app.demo.pictures import add_pictures
from app.demo.prices import PricesAndOrders
from app.demo.sales import Sales
from app.demo.saved_searches import add_saved_searches
from app.demo.seasons import spread, trading_days
from app.demo.stock import DemoUnit, TrimChooser, UnitMaker, at_time, hold_some, spoil_some
from app.demo.stock_counts import StockCounts
from app.demo.transfers import Transfers
from app.demo.unit_care import UnitCare
from app.demo.unit_costs import UnitCosts
from app.demo.workshop import Workshop
from app.kernel.clock import branch_date
from app.runtime.language import tr
from app.staff.passwords import hash_password
from db.engine import Database
from db.schema import ensure_desk

SEED = 20261122
MONTHS = 24
ORDERS, CUSTOMERS, FREE_UNITS, LOST_OFFERS, OPEN_OFFERS, CLASSICS = 4_200, 5_000, 2_050, 600, 64, 120
_FEWEST_OPEN_OFFERS = 8
_CLOSING = 19
"""By the branch's clock, the hour up to which a day that is not today has been traded."""


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was built: rows by table, and how everybody signs in."""

    password: str = field(repr=False)
    logins: tuple[str, ...]
    rows: dict[str, int]


def build_demo(
    database: Database,
    *,
    seed: int = SEED,
    progress: Progress | None = None,
    scale: float = 1.0,
    today: date | None = None,
    password: str | None = None,
) -> DemoSummary:
    """Fill an empty database; one transaction, so that cancelling (a `progress` that raises) leaves it empty.

    `scale` makes everything smaller or larger. Without a password one is made up. Raises ValueError when the database
    has branches already.
    """
    tell = progress or (lambda _message, _fraction: None)
    tell(tr("Looking up the catalogue"), 0.01)
    ensure_desk(database)
    chosen = password or secrets.token_urlsafe(9)
    build = _Build(Random(seed), now=_moment(today), scale=scale, password=chosen, tell=tell)
    build.everything()
    contents = add_pictures(build.loader, database.contents)
    with database.exclusive() as connection:
        if connection.exec_driver_sql("SELECT 1 FROM branch LIMIT 1").first() is not None:
            raise ValueError("this database has branches already")
        _part = tr("Writing")
        build.loader.write(connection, lambda words, done: tell(words, 0.45 + 0.2 * (done or 0)), words=_part)
        _found = tr("Making everything findable")
        build.loader.index(connection, lambda words, done: tell(words, 0.65 + 0.34 * (done or 0)), words=_found)
        _place_desk(connection, build.branches)
        seed_interest(connection, today=build.today)
        connection.exec_driver_sql(
            "INSERT INTO local_content (sha256, size, stored_at, sent_epoch) VALUES (?, ?, ?, '')", contents
        )  # fmt: skip
    tell(tr("Done"), 1.0)
    return DemoSummary(
        chosen, tuple(login for _, login, *_ in STAFF), {t: len(r) for t, r in build.loader.rows.items()}
    )


def _moment(today: date | None) -> datetime:
    """The present, or the closing hour of a given day."""
    return datetime.now(UTC).replace(microsecond=0) if today is None else at_time(today, _CLOSING)


def _place_desk(connection: Any, branches: dict[str, DemoBranch]) -> None:
    """The desk stands in the first branch, and every desk goes on counting where the demo stopped."""
    first = next(iter(branches.values()))
    connection.exec_driver_sql("UPDATE desk_state SET branch_id = ? WHERE id = 1 AND branch_id IS NULL", (first.id,))
    for branch in branches.values():
        for kind, last in branch.counters.items():
            connection.exec_driver_sql(
                "INSERT INTO number_series (prefix, last) VALUES (?, ?)"
                " ON CONFLICT (prefix) DO UPDATE SET last = max(last, excluded.last)",
                (f"{branch.plan.code}-D01-{kind}", last),
            )


class _Build:
    """The steps, in the order in which one needs the other."""

    def __init__(self, chance: Random, *, now: datetime, scale: float, password: str, tell: Progress) -> None:
        self.chance, self.now, self.scale, self.tell = chance, now, scale, tell
        self.today = branch_date(now)
        self.days = trading_days(self.today, months=MONTHS)
        self.loader = Loader(chance)
        self.numbers = Identifiers(chance)
        began = at_time(self.days[0] - timedelta(days=200), 9)
        self.catalogue: DemoCatalogue = build_catalogue(self.loader, at=began, this_year=self.today.year)
        self.branches = build_branches(self.loader, at=began, password_hash=hash_password(password), chance=chance)
        self.customers = CustomerMaker(self.loader, chance, numbers=self.numbers, today=self.today)
        self.units = UnitMaker(self.loader, chance, self.numbers)
        self.trims = TrimChooser(self.catalogue, chance)
        self.sales = Sales(self.loader, chance, customers=self.customers, units=self.units, trims=self.trims, now=now)

    def _count(self, whole: int) -> int:
        return max(1, round(whole * self.scale))

    def _branch(self) -> DemoBranch:
        branches = list(self.branches.values())
        return self.chance.choices(branches, [branch.plan.share for branch in branches])[0]

    def everything(self) -> None:
        """Trade first, since it makes customers and sold units; then what stands in the house today."""
        self._trade()
        free = self._free_units()
        self.sales.open_offers(free, max(_FEWEST_OPEN_OFFERS, self._count(OPEN_OFFERS)))
        while len(self.customers.made) < self._count(CUSTOMERS):
            ago = timedelta(minutes=self.chance.randrange(30, len(self.days) * 24 * 60))
            self.customers.make(self._branch(), self.now - ago)
        hold_some(free, self.customers.made, self.chance, now=self.now)
        care = UnitCare(self.loader, Random(SEED), now=self.now)
        for branch in self.branches.values():
            care.places(branch)
        care.everything(free, self.customers.made)
        UnitCosts(self.loader, Random(SEED), now=self.now).everything(free)
        Transfers(self.loader, Random(SEED), now=self.now).everything(list(self.branches.values()), free)
        counts = StockCounts(self.loader, Random(SEED), now=self.now)
        for branch in self.branches.values():
            counts.branch(branch, free)
        plans = PricesAndOrders(self.loader, now=self.now)
        for branch in self.branches.values():
            plans.branch(branch, free)
        add_saved_searches(
            self.loader, self.branches.values(), self.customers.made, Random(SEED), now=self.now
        )
        self._workshop()
        CatalogueHistory(self.loader, Random(SEED), now=self.now, source=SOURCE).write()

    def _trade(self) -> None:
        orders = [(day, True) for day in spread(self.chance, self.days, self._count(ORDERS))]
        lost = [(day, False) for day in spread(self.chance, self.days, self._count(LOST_OFFERS))]
        events = sorted(orders + lost, key=lambda event: event[0])
        for number, (day, ordered) in enumerate(events):
            if number % 100 == 0:
                self.tell(tr("Playing two years of trade"), 0.05 + 0.35 * number / len(events))
            share = (day - self.days[0]).days / len(self.days)
            if ordered:
                self.sales.order(day, self._branch(), share=share)
            else:
                self.sales.lost_offer(day, self._branch())

    def _free_units(self) -> list[DemoUnit]:
        """The stock of today: most of it young, some of it old, some still on its way."""
        free: list[DemoUnit] = []
        for _ in range(self._count(FREE_UNITS)):
            on_its_way = self.chance.random() < 0.07
            age = -self.chance.randrange(1, 25) if on_its_way else min(int(self.chance.expovariate(1 / 52)), 420)
            arrived = self.today - timedelta(days=age)
            free.append(self.units.make(self.trims.choose(1.0), self._branch(), arrived, today=self.today))
        spoil_some(free, self.chance, now=self.now)
        return [unit for unit in free if "quality_state" not in unit.row]

    def _workshop(self) -> None:
        self.tell(tr("Opening the workshop"), 0.42)
        workshop = Workshop(self.loader, self.chance, self.numbers, now=self.now)
        for sold in self.sales.history.sold:
            workshop.registered(sold)
        for _ in range(self._count(CLASSICS) if self.catalogue.classics else 0):
            workshop.classic(self.chance.choice(self.customers.made), self.chance.choice(self.catalogue.classics))
        for branch in self.branches.values():
            workshop.appointments(branch)
