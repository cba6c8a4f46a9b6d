"""The whole sale in one command against the bare business rows.

Ours: `RecordSale` through the dispatcher: permission, rules, itemised quotation, order, allocation, claim, earnest
money, numbers, with audit trail, outbox and search index. The peer writes the very same quotation, order, lines,
payment and unit by the plain ORM on a database of the same kind (SQLCipher, WAL, synchronous=FULL), with all values
ready at hand. Both take turns on copies of one file; compared are medians.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, registry
from sqlalchemy.pool import StaticPool

from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from app.payments.commands import RecordSale
from app.quotations.commands import ExtraTerms, InsuranceTerms, QuotationTerms
from benchmarks.figures import Figure, percentile
from db.base import BOOKKEEPING
from db.engine import Database, connect
from db.ids import new_id
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder, SalesOrderLine
from db.models.payments import Payment
from db.models.quotations import Quotation, QuotationLine
from tests.factories.databases import KEY, build_template, open_copy
from tests.factories.people import actor_of, staff_of
from tests.factories.records import Records

SALES = 200
WARM_UP = 20
GOAL = 2.0
_NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def run() -> list[Figure]:
    """The median of a sale and its ratio to the bare rows."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder:
        ours, bare = _both(Path(folder))
    ratio = percentile(ours, 0.5) / percentile(bare, 0.5)
    return [
        Figure(
            name="sale",
            value=percentile(ours, 0.5) * 1000,
            unit="ms",
            peer=f"the same rows by bare SQLAlchemy ORM on sqlcipher3: {percentile(bare, 0.5) * 1000:.2f} ms",
            ratio=ratio,
            goal=f"≤ {GOAL:g} ×",
            holds=ratio <= GOAL,
        )
    ]


def _both(folder: Path) -> tuple[list[float], list[float]]:
    template = build_template(folder / "template.db")
    clock, actor = FixedClock(_NOON), actor_of(staff_of(Role.SALESPERSON))
    with _opened(open_copy(template, folder / "stocked.db")) as stocked:
        customer_id, units = _stock(Records(stocked, clock=clock, actor=actor), SALES + WARM_UP)
    with _opened(open_copy(folder / "stocked.db", folder / "ours.db")) as database:
        dispatcher = Dispatcher(database, clock=clock)
        outcomes: list[Any] = []

        def sell(unit_id: str) -> None:
            outcomes.append(dispatcher.execute(_sale(customer_id, unit_id), actor))

        sell(units[0])
        with _peer(folder / "stocked.db", database, outcomes[0].value.order_id) as write_bare:
            return _in_turns(sell, write_bare, units[1:])


@contextmanager
def _opened(database: Database) -> Iterator[Database]:
    try:
        yield database
    finally:
        database.close()


def _stock(records: Records, count: int) -> tuple[str, list[str]]:
    trim = records.trim(parameters={"displacement": 1.5})
    first = records.unit(trim)
    units = [first.id]
    with records.database.read() as session:
        unit = session.get_one(VehicleUnit, first.id)
        values = {c.name: getattr(unit, c.name) for c in VehicleUnit.__table__.columns}
    rows = []
    for number in range(1, count):
        fresh = {name: value for name, value in values.items() if name not in BOOKKEEPING}
        rows.append(VehicleUnit(**fresh | {"vin": f"LSVAA4180T{number:07d}", "stock_number": f"B{number:05d}"}))
    records.save(*rows)
    return records.customer().id, units + [row.id for row in rows]


def _sale(customer_id: str, unit_id: str) -> RecordSale:
    return RecordSale(
        customer_id=customer_id,
        terms=QuotationTerms(
            vehicle_unit_id=unit_id,
            discount=Decimal("5000.00"),
            options=(ExtraTerms(name_zh="全车贴膜", name_en="Window film", amount=Decimal("2800.00")),),
            services=(ExtraTerms(name_zh="代办上牌", name_en="Registration", amount=Decimal("500.00")),),
            insurance=InsuranceTerms(third_party_limit=Decimal("2000000.00")),
        ),
        earnest_amount=Decimal("20000.00"),
        method="wechat_pay",
        reference="4200001234",
        planned_delivery=date(2026, 12, 6),
    )


def _in_turns(
    ours: Callable[[str], None], bare: Callable[[str], None], units: list[str]
) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for unit_id in units:
        for taken, write in zip(times, (ours, bare), strict=True):
            began = time.perf_counter()
            write(unit_id)
            taken.append(time.perf_counter() - began)
    return times[0][WARM_UP:], times[1][WARM_UP:]


@contextmanager
def _peer(file: Path, database: Database, order_id: str) -> Iterator[Callable[[str], None]]:
    """Writes the rows of a sale that was made once, with fresh ids, by a plain session and plain classes."""
    plain = {model: _plain_class(model) for model in _WRITTEN}
    rows = _rows_of(database, order_id)
    engine = create_engine("sqlite://", module=sqlcipher, creator=lambda: connect(file, KEY), poolclass=StaticPool)

    def write(unit_id: str) -> None:
        quotation_id, order_id = new_id(), new_id()
        links = {"quotation_id": quotation_id, "order_id": order_id, "vehicle_unit_id": unit_id}
        with Session(engine, expire_on_commit=False) as session:
            session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            unit = session.get_one(plain[VehicleUnit], unit_id)
            for model, values in rows:
                own = {Quotation: quotation_id, SalesOrder: order_id}.get(model) or new_id()
                linked = {name: links[name] for name in values.keys() & links.keys()}
                session.add(plain[model](**values | linked | {"id": own}))
            unit.allocation_state, unit.order_id = "ALLOCATED", order_id
            session.commit()

    try:
        yield write
    finally:
        engine.dispose()


_WRITTEN = (VehicleUnit, Quotation, QuotationLine, SalesOrder, SalesOrderLine, Payment)


def _plain_class(model: Any) -> Any:
    """A class on the model's table that knows nothing of capture."""

    def fill(row: Any, **values: Any) -> None:
        for name, value in values.items():
            setattr(row, name, value)

    plain = type(f"Plain{model.__name__}", (), {"__init__": fill})
    registry().map_imperatively(plain, model.__table__)
    return plain


def _rows_of(database: Database, order_id: str) -> list[tuple[Any, dict[str, Any]]]:
    with database.read() as session:
        order = session.get_one(SalesOrder, order_id)
        quotation = session.get_one(Quotation, order.quotation_id)
        found = [quotation, order]
        found += session.scalars(select(QuotationLine).where(QuotationLine.quotation_id == quotation.id))
        found += session.scalars(select(SalesOrderLine).where(SalesOrderLine.order_id == order_id))
        found += session.scalars(select(Payment).where(Payment.order_id == order_id))
        return [(type(row), _values(row)) for row in found]


def _values(row: Any) -> dict[str, Any]:
    return {c.name: getattr(row, c.name) for c in row.__table__.columns if c.name != "id"}
