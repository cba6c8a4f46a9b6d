"""What the killed processes do: a desk that sells, edits and exchanges without end, and the service itself."""

import os
import random
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.kernel.clock import SystemClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import DomainError
from app.kernel.permissions import Role
from app.orders.commands import CancelOrder
from app.payments.commands import RecordSale
from app.quotations.commands import QuotationTerms
from app.runtime.paths import Profile
from db.engine import Database
from db.models.customers import Customer
from sync.client.credentials import SealedCredentials
from sync.client.engine import SyncEngine
from sync.client.errors import SyncProblem
from sync.client.transport import HttpTransport
from sync.server.running import serve
from sync.server.settings import ServiceSettings
from tests.factories.databases import KEY
from tests.factories.people import SHANGHAI, BranchFixture
from tests.sync.desks import Desk, customer_of

BATCH_OPERATIONS, PAGE_ROWS = 15, 20
REST_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Post:
    """A desk that can be opened again and again: its profile, its name, and where it says what was committed."""

    name: str
    profile: Profile
    branch: BranchFixture = SHANGHAI

    @property
    def said(self) -> Path:
        """Ids of orders, written after their commit."""
        return self.profile.root / "sold.txt"

    def open(self, url: str) -> Desk:
        """The desk as a program that starts finds it."""
        database = Database(self.profile.database_path, KEY)
        transport = HttpTransport(url, SealedCredentials(self.profile, KEY), read_seconds=10.0)
        clock: Any = SystemClock()
        engine = SyncEngine(
            database, transport, clock=clock, batch_operations=BATCH_OPERATIONS, page_rows=PAGE_ROWS
        )  # fmt: skip
        return Desk(self.name, database, engine, _Standing(clock), self.branch, [], [])  # type: ignore[arg-type]


class _Standing:
    """The system's clock for `Desk.do`, which wants one it can advance."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock

    def now(self) -> Any:
        return self._clock.now()

    def advance(self, delta: Any) -> None:
        """Time goes by itself."""


def work_at(post: Post, url: str, seed: int) -> None:
    """Sell, edit, cancel and exchange until somebody ends it."""
    rng, desk = random.Random(seed), post.open(url)
    said = os.open(post.said, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        with suppress(DomainError):
            act(desk, rng, said)
        try:
            desk.sync()
        except SyncProblem:
            time.sleep(REST_SECONDS)  # the service is being started again


def act(desk: Desk, rng: random.Random, said: int) -> None:
    """One thing that people do at a desk; what was sold is said after its commit."""
    chance = rng.random()
    if chance < 0.45:
        order = _sell(desk, rng)
        if order:
            os.write(said, f"{order}\n".encode())
    elif chance < 0.6:
        orders = desk.rows("SELECT id, revision FROM sales_order WHERE state = 'CONFIRMED' ORDER BY id")
        if orders:
            order, revision = rng.choice(orders)
            cancel = CancelOrder(order_id=order, expected_revision=revision, reason="测试")
            Dispatcher(desk.database).execute(cancel, desk.actor(Role.BRANCH_MANAGER))
    elif chance < 0.8:
        customers = desk.rows("SELECT id FROM customer WHERE deleted_at IS NULL ORDER BY id")
        desk.set(Customer, rng.choice(customers)[0], note=f"{desk.name} {rng.random()}")
    else:
        customer_of(desk, name=f"客户 {rng.randrange(10**9)}")


def _sell(desk: Desk, rng: random.Random) -> str:
    units = desk.rows("SELECT id FROM vehicle_unit WHERE allocation_state = 'FREE' AND deleted_at IS NULL ORDER BY id")
    customers = desk.rows("SELECT id FROM customer WHERE deleted_at IS NULL ORDER BY id LIMIT 5")
    if not units:
        return ""
    sale = RecordSale(
        customer_id=rng.choice(customers)[0], earnest_amount=Decimal("5000.00"), method="cash",
        terms=QuotationTerms(vehicle_unit_id=rng.choice(units)[0], vessel_tax=Decimal("420.00")),
    )  # fmt: skip
    return str(Dispatcher(desk.database).execute(sale, desk.actor(Role.SALESPERSON)).value.order_id)


def serve_at(data: Path, database: str, port: int, ready: int) -> None:
    """The real service; its announcement goes into the pipe `ready`, its log into a file."""
    os.dup2(ready, sys.stdout.fileno())
    log = os.open(data / "service.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, sys.stderr.fileno())
    serve(ServiceSettings(port=port, data=data, database=database, rate_limits=False))
    note_modules(data / "modules.txt")  # it was asked to end


def note_modules(path: Path) -> None:
    """Write down what this process has imported."""
    path.write_text("\n".join(sorted(sys.modules)) + "\n", encoding="utf-8")


__all__ = ["Post", "act", "note_modules", "serve_at", "work_at"]
