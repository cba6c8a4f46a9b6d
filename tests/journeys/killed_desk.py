"""The process that is killed: does one kind of work over and over and says on its output what was acknowledged.

`python -m tests.journeys.killed_desk WORK DATABASE [ARGUMENTS]`; every line is flushed after the commit it speaks of.
"""

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from app.kernel.clock import SystemClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from db import schema
from db.engine import Database
from tests.factories.databases import KEY
from tests.factories.people import actor_of, staff_of

IMPORT_ROWS = 120


def say(kind: str, **values: object) -> None:
    """One line for the process that watches."""
    sys.stdout.write(json.dumps({"kind": kind, **values}) + "\n")
    sys.stdout.flush()


def sell(path: Path) -> None:
    """Sale after sale, each with a draft of the next form before it."""
    sell_from(Database(path, KEY))


def sell_from(database: Database) -> None:
    """The sales themselves, on an open database."""
    from app.desk.commands import SaveDraft
    from app.payments.commands import RecordSale
    from app.quotations.commands import QuotationTerms

    dispatcher, actor = Dispatcher(database), actor_of(staff_of(Role.SALESPERSON))
    with database.read() as session:
        run = session.connection().exec_driver_sql
        units = [row[0] for row in run("SELECT id FROM vehicle_unit WHERE allocation_state = 'FREE' ORDER BY id")]
        customer = run("SELECT id FROM customer LIMIT 1").scalar_one()
    say("ready")
    for number, unit_id in enumerate(units):
        dispatcher.execute(SaveDraft(form_key="sale.offer", payload={"n": number, "unit": unit_id}), actor)
        say("draft", n=number)
        sale = RecordSale(
            customer_id=customer, earnest_amount=Decimal("5000.00"), method="cash",
            terms=QuotationTerms(vehicle_unit_id=unit_id, vessel_tax=Decimal("420.00")),
        )  # fmt: skip
        say("sold", order_id=dispatcher.execute(sale, actor).value.order_id, unit_id=unit_id)
    say("end")


def import_lists(path: Path) -> None:
    """List after list of new units, each all or nothing."""
    from app.inventory.commands import ImportUnits
    from app.inventory.import_units import PreparedUnit, UnitImport
    from app.inventory.rules import StockState
    from app.inventory.trim_names import TrimEntry
    from tests.factories.vins import vin_number

    database = Database(path, KEY)
    dispatcher, actor = Dispatcher(database), actor_of(staff_of(Role.BRANCH_MANAGER))
    with database.read() as session:
        row = (
            session.connection()
            .exec_driver_sql("SELECT trim_id, make_id, series_id, energy FROM vehicle_unit LIMIT 1")
            .one()
        )
    trim = TrimEntry(*row, name="Lavida")
    today = datetime.now(UTC).date()
    say("ready")
    for batch in range(1000):
        first = 10_000 + batch * IMPORT_ROWS
        rows = tuple(
            PreparedUnit(
                line=n, vin=vin_number(first + n), trim=trim, exterior_colour="白 / White", interior_colour="",
                cost=Decimal("100000.00"), list_price=Decimal("120000.00"), floor_price=Decimal("110000.00"),
                stock_number=f"I{first + n:07d}", engine_number="", location=f"batch-{batch}", arrived_on=today,
                manufactured_on=None, odometer_km=0, stock_state=StockState.IN_STOCK,
            )
            for n in range(IMPORT_ROWS)
        )  # fmt: skip
        listed = UnitImport(name=f"{batch}.csv", total=IMPORT_ROWS, prepared=rows, problems=(), refused=0, warned=0)
        dispatcher.execute(ImportUnits(prepared=listed), actor)
        say("imported", batch=batch)


def migrate(path: Path) -> None:
    """Bring an empty file to the present schema."""
    say("ready")
    database = Database(path, KEY)
    schema.upgrade(database)
    say("migrated")
    database.close()


def synchronise(path: Path, address: str, tenant: str, device_id: str, key: str) -> None:
    """Sell and synchronise in turn against a running service."""
    import threading

    from sync.client.credentials import Credentials, KeptCredentials
    from sync.client.engine import SyncEngine
    from sync.client.errors import SyncProblem
    from sync.client.transport import HttpTransport

    database = Database(path, KEY)
    transport = HttpTransport(address, KeptCredentials(Credentials(tenant, device_id, key)))
    engine = SyncEngine(database, transport, clock=SystemClock())
    stopping = threading.Event()

    def exchange() -> None:
        while not stopping.is_set():
            try:
                report = engine.sync_once()
            except SyncProblem as problem:
                say("problem", code=problem.code)
            else:
                if report.pushed:
                    say("pushed", operations=report.pushed)

    threading.Thread(target=exchange, daemon=True).start()
    sell_from(database)
    stopping.set()


WORKS = {"sell": sell, "import": import_lists, "migrate": migrate, "synchronise": synchronise}

if __name__ == "__main__":
    WORKS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
