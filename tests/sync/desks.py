"""Desks for tests: an encrypted database, an engine, and somebody who works there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.kernel.changes import Changes
from app.kernel.clock import FixedClock
from app.kernel.permissions import Actor, Role
from app.kernel.unit_of_work import UnitOfWork, unit_of_work
from db.base import replicated_models
from db.engine import Database
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from sync.client.engine import SyncEngine
from sync.client.status import SyncStatus
from tests.factories.people import SHANGHAI, BranchFixture, actor_of, staff_of
from tests.factories.records import Records

Work = Callable[[UnitOfWork], Any]


@dataclass(slots=True)
class Desk:
    """One desk. `statuses` and `changes` are what its engine told, `clocks` those that go on with its own."""

    name: str
    database: Database
    engine: SyncEngine
    clock: FixedClock
    branch: BranchFixture
    statuses: list[SyncStatus]
    changes: list[Changes]
    clocks: Sequence[FixedClock] = ()

    def actor(self, role: Role = Role.ADMINISTRATOR) -> Actor:
        """Somebody of the desk's branch at this desk."""
        return actor_of(staff_of(role, SHANGHAI if role == Role.ADMINISTRATOR else self.branch), desk_code=self.name)

    @property
    def records(self) -> Records:
        """Makes records here, written as a handler would."""
        return Records(self.database, clock=self.clock, actor=self.actor())

    def sync(self) -> Any:
        """One exchange."""
        return self.engine.sync_once()

    def do(self, work: Work, *, role: Role = Role.ADMINISTRATOR) -> Any:
        """Run a handler's work in one unit of work and commit it; a second passes at all desks."""
        for clock in self.clocks or (self.clock,):
            clock.advance(timedelta(seconds=1))
        with unit_of_work(self.database, actor=self.actor(role), now=self.clock.now()) as (uow, transaction):
            value = work(uow)
            transaction.commit(name="Test", reason="")
        return value

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read with plain SQL."""
        with self.database.read() as session:
            return [tuple(row) for row in session.connection().exec_driver_sql(sql, values)]

    def one(self, sql: str, *values: Any) -> Any:
        """The first column of the only row."""
        ((value, *_),) = self.rows(sql, *values)
        return value

    def row(self, table: str, record_id: str) -> dict[str, Any]:
        """One record as it is stored here, empty if it is not."""
        with self.database.read() as session:
            found = session.connection().exec_driver_sql(f"SELECT * FROM {table} WHERE id = ?", (record_id,))
            mapping = found.mappings().first()
            return {} if mapping is None else dict(mapping)

    def set(self, model: type[Any], record_id: str, **values: Any) -> None:
        """Change fields of a record."""

        def work(uow: UnitOfWork) -> None:
            row = uow.get(model, record_id)
            for name, value in values.items():
                setattr(row, name, value)

        self.do(work)

    def delete(self, model: type[Any], record_id: str) -> None:
        """Mark a record as deleted."""

        def work(uow: UnitOfWork) -> None:
            uow.get(model, record_id).deleted_at = uow.now

        self.do(work)

    def sell(self, unit_id: str, customer_id: str) -> str:
        """Sell a unit as the order's handler does: order, allocation and claim in one transaction; the order's id."""

        def work(uow: UnitOfWork) -> str:
            unit = uow.get(VehicleUnit, unit_id)
            order = uow.add(new_order(uow, unit, customer_id))
            unit.allocation_state, unit.order_id = "ALLOCATED", order.id
            uow.claim_vehicle(vin=unit.vin, vehicle_id=unit.id, kind="order", holder_id=order.id, number=order.number)
            return str(order.id)

        return str(self.do(work, role=Role.SALESPERSON))

    def cancel(self, order_id: str) -> None:
        """Cancel an order and release its unit."""

        def work(uow: UnitOfWork) -> None:
            order = uow.get(SalesOrder, order_id)
            unit = uow.get(VehicleUnit, order.vehicle_unit_id)
            order.state, order.claim_state = "CANCELLED", "released"
            if unit.order_id == order_id:
                unit.allocation_state, unit.order_id = "FREE", None
            uow.release_vehicle(vin=unit.vin, vehicle_id=unit.id, holder_id=order_id)

        self.do(work)

    def claim_again(self, order_id: str) -> None:
        """Ask the centre once more for the unit of an order that lost it."""

        def work(uow: UnitOfWork) -> None:
            order = uow.get(SalesOrder, order_id)
            unit = uow.get(VehicleUnit, order.vehicle_unit_id)
            order.claim_state = "provisional"
            uow.claim_vehicle(vin=unit.vin, vehicle_id=unit.id, kind="order", holder_id=order_id, number=order.number)

        self.do(work)

    def hold(
        self, unit_id: str, *, minutes: int, customer_id: str | None = None, role: Role = Role.SALESPERSON
    ) -> None:  # fmt: skip
        """Hold a unit for so many minutes of real time from now."""

        def work(uow: UnitOfWork) -> None:
            unit = uow.get(VehicleUnit, unit_id)
            until = uow.now + timedelta(minutes=minutes)
            unit.allocation_state, unit.held_until = "HELD", until
            unit.held_by_staff_id, unit.held_for_customer_id = uow.actor.staff_id, customer_id
            uow.claim_vehicle(
                vin=unit.vin, vehicle_id=unit.id, kind="hold", holder_id=uow.actor.staff_id, until=until
            )  # fmt: skip

        self.do(work, role=role)

    def snapshot(self) -> dict[str, dict[str, tuple[Any, ...]]]:
        """All replicated rows as far as every desk must have them alike: `{table: {id: values}}`."""
        local = {"revision", "field_clock", "created_at", "updated_at", "seq", "extra"}
        found: dict[str, dict[str, tuple[Any, ...]]] = {}
        for table, model in sorted(replicated_models().items()):
            columns = [column.name for column in model.__table__.columns if column.name not in local]
            rows = self.rows(f"SELECT {', '.join(columns)} FROM {table} WHERE deleted_at IS NULL")
            found[table] = {row[columns.index("id")]: row for row in rows}
        return found


def new_order(uow: UnitOfWork, unit: VehicleUnit, customer_id: str) -> SalesOrder:
    """A confirmed order, provisional as every order is until the centre has spoken."""
    return SalesOrder(
        branch_id=uow.actor.branch_id, number=uow.next_number("SO"), state="CONFIRMED", customer_id=customer_id,
        vehicle_unit_id=unit.id, salesperson_id=uow.actor.staff_id, make_id=unit.make_id,
        vehicle_price=Decimal("145000.00"), on_road_total=Decimal("166000.00"), unit_cost=unit.cost,
        ordered_at=uow.now,
    )  # fmt: skip


def customer_of(desk: Desk, **values: Any) -> Customer:
    """A customer registered at a desk."""
    return desk.records.customer(**values)
