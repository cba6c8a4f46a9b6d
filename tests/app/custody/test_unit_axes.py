"""The life of units under random commands of random people: only reachable states, guards that hold, one live order a
vehicle, undo that restores, and no line of a ledger lost."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.custody.commands import CorrectCertificates, HandCertificates, HandOutKey, RegisterKeys, ReturnKey
from app.custody.key_handlers import key_id
from app.custody.rules import CustodyStep, Holder, KeyPurpose
from app.inspections.commands import AnswerItem, BeginInspection, FinishInspection, NoteDefect, RepairDefect
from app.inspections.rules import Severity, Verdict, checklist_on
from app.inventory.allocation import allocate, release_from_order
from app.inventory.commands import (
    HandOverUnit,
    HoldUnit,
    JoinQueue,
    LeaveQueue,
    MoveUnit,
    ReleaseUnit,
    SetQuality,
    SetStock,
    TakeBackUnit,
    TendHolds,
)
from app.inventory.rules import (
    ALLOCATION,
    CERTIFICATE,
    PDI,
    QUALITY,
    STOCK,
    AllocationState,
    QualityAction,
    StockAction,
    StockState,
)
from app.kernel.clock import FixedClock, branch_date
from app.kernel.commands import Command
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import DomainError
from app.kernel.ids import new_id
from app.kernel.permissions import Actor, Permission
from app.kernel.unit_of_work import unit_of_work
from db.engine import Database
from db.models.inventory import VehicleUnit
from db.types import microseconds
from tests.conftest import NOON
from tests.factories.databases import open_copy
from tests.factories.people import SHANGHAI, STAFF, actor_of
from tests.factories.records import Records

PEOPLE = [actor_of(person) for person in STAFF if person.branch == SHANGHAI]
AXES = (
    (STOCK, "stock_state"), (ALLOCATION, "allocation_state"), (PDI, "pdi_state"), (QUALITY, "quality_state"),
    (CERTIFICATE, "certificate_state"),
)  # fmt: skip
LEDGERS = ("certificate_entry", "key_entry", "unit_move")
STEPS = tuple(step for step in CustodyStep if step is not CustodyStep.CORRECT)
COLUMNS = "pdi_state, quality_state, certificate_state, order_id, location, odometer_km"
OVER = "allocation_state = 'HELD' AND held_until <= ?"
"""A hold that has run out is none, whether that is stored or not."""


class Yard:
    """Two units, three customers, and everybody of the branch."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, FixedClock(NOON)
        self.dispatcher = Dispatcher(database, clock=self.clock)
        records = Records(database, clock=self.clock, actor=actor_of(STAFF[2]))
        trim = records.trim()
        self.units = [records.unit(trim).id, records.unit(trim, stock_state="IN_TRANSIT").id]
        self.customers = [records.customer().id for _ in range(3)]
        self.lines = {table: frozenset[tuple[Any, ...]]() for table in LEDGERS}

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.connection().exec_driver_sql(statement, values)]

    def state(self) -> list[tuple[Any, ...]]:
        now = microseconds(self.clock.now())
        allocation = f"CASE WHEN {OVER} THEN 'FREE' ELSE allocation_state END"
        until = f"CASE WHEN {OVER} THEN NULL ELSE held_until END"
        shown = f"id, stock_state, {allocation}, {COLUMNS}, {until}"
        return self.sql(f"SELECT {shown} FROM vehicle_unit ORDER BY id", now, now)

    def one(self, table: str, condition: str, *values: Any) -> str:
        found = self.sql(f"SELECT id FROM {table} WHERE {condition} ORDER BY id DESC LIMIT 1", *values)
        return str(found[0][0]) if found else new_id()

    def order(self, actor: Actor, unit_id: str, customer_id: str) -> None:
        """As orders do it: allocate within their own transaction."""
        with unit_of_work(self.database, actor=actor, now=self.clock.now()) as (uow, transaction):
            uow.require(Permission.ORDERS_EDIT)
            unit = uow.get(VehicleUnit, unit_id)
            allocate(uow, unit, order_id=new_id(), order_number="SO", customer_id=customer_id)
            transaction.commit(name="PlaceOrder", reason="")

    def cancel(self, actor: Actor, unit_id: str) -> None:
        with unit_of_work(self.database, actor=actor, now=self.clock.now()) as (uow, transaction):
            uow.require(Permission.ORDERS_CANCEL)
            unit = uow.get(VehicleUnit, unit_id)
            if unit.order_id is None:
                return
            release_from_order(uow, unit, order_id=unit.order_id)
            transaction.commit(name="CancelOrder", reason="withdrew")


def _command(yard: Yard, kind: str, unit: str, customer: str, n: int) -> Command:
    entry = yard.one("certificate_entry", "unit_id = ? AND step != 'CORRECT'", unit)
    inspection = yard.one("inspection", "unit_id = ? AND state = 'OPEN'", unit)
    defect = yard.one("inspection_defect", "unit_id = ? AND state = 'OPEN'", unit)
    items = [item.code for item in checklist_on(branch_date(NOON), "petrol").items]
    made: dict[str, Command] = {
        "stock": SetStock(unit_id=unit, action=list(StockAction)[n % 5], reason="r"),
        "quality": SetQuality(unit_id=unit, action=list(QualityAction)[n % 4], reason="r"),
        "hold": HoldUnit(unit_id=unit, customer_id=customer if n % 2 else None),
        "release": ReleaseUnit(unit_id=unit, reason="r"),
        "queue": JoinQueue(unit_id=unit, customer_id=customer),
        "leave": LeaveQueue(wish_id=yard.one("unit_wish", "customer_id = ?", customer), reason="r"),
        "tend": TendHolds(),
        "move": MoveUnit(unit_id=unit, location=f"A-{n:02d}"),
        "certificate": HandCertificates(
            unit_ids=[unit], step=STEPS[n % len(STEPS)], to_name="x", contract_number="c", reason="r",
            from_kind=Holder.CARRIER,
        ),
        "correct": CorrectCertificates(entry_ids=[entry], reason="r"),
        "keys": RegisterKeys(unit_id=unit, count=1 + n % 2, slot=unit[-4:]),
        "hand_out": HandOutKey(key_id=key_id(unit, 1), purpose=KeyPurpose.WASH, holder_name="x"),
        "return": ReturnKey(key_id=key_id(unit, 1)),
        "begin": BeginInspection(unit_id=unit),
        "answer": AnswerItem(inspection_id=inspection, item=items[n % len(items)], verdict=Verdict.OK),
        "defect": NoteDefect(inspection_id=inspection, item=items[n], severity=list(Severity)[n % 3], description="d"),
        "repair": RepairDefect(defect_id=defect, repair="r", repaired_by="x"),
        "finish": FinishInspection(inspection_id=inspection, as_failed=True),
        "hand_over": HandOverUnit(unit_id=unit),
        "take_back": TakeBackUnit(unit_id=unit, reason="r"),
    }  # fmt: skip
    return made[kind]


KINDS = (
    "stock", "quality", "hold", "release", "queue", "leave", "tend", "move", "certificate", "certificate", "correct",
    "keys", "hand_out", "return", "begin", "answer", "defect", "repair", "finish", "hand_over", "take_back", "order",
    "cancel",
)  # fmt: skip
STEP = st.tuples(
    st.sampled_from(KINDS), st.sampled_from(PEOPLE), st.integers(0, 1), st.integers(0, 2), st.integers(0, 30),
    st.integers(0, 36), st.booleans(),
)  # fmt: skip


@pytest.fixture(scope="module")
def prepared(database_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return database_template


@settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes on a real database
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=10, max_size=24))
def test_units_live_by_the_rules(
    steps: list[tuple[Any, ...]], prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = open_copy(prepared, tmp_path_factory.mktemp("yard") / "yard.db")
    try:
        yard = Yard(database)
        for step in steps:
            _take(yard, *step)
    finally:
        database.close()


def _take(
    yard: Yard, kind: str, actor: Actor, unit: int, customer: int, n: int, hours: int, take_back: bool
) -> None:
    from datetime import timedelta

    yard.clock.advance(timedelta(hours=hours))
    before, unit_id = yard.state(), yard.units[unit]
    undo = None
    try:
        if kind == "order":
            yard.order(actor, unit_id, yard.customers[customer])
        elif kind == "cancel":
            yard.cancel(actor, unit_id)
        else:
            command = _command(yard, kind, unit_id, yard.customers[customer], n)
            undo = yard.dispatcher.execute(command, actor).undo
    except DomainError:
        assert yard.state() == before, "what is refused changes nothing"
        return
    _check(yard)
    if undo is not None and take_back:
        yard.dispatcher.execute(_all_reasons(undo), actor)
        assert [row for row in yard.state() if row[0] == unit_id] == [row for row in before if row[0] == unit_id]
        _check(yard)


def _all_reasons(undo: Command) -> Command:
    return replace(undo, reason=undo.reason or "Undo") if hasattr(undo, "reason") else undo  # type: ignore[type-var]


def _check(yard: Yard) -> None:
    for axis, column in AXES:
        reachable = {state.value for state in axis.reachable()}
        assert {row[0] for row in yard.sql(f"SELECT {column} FROM vehicle_unit")} <= reachable
    for _id, stock, allocation, _pdi, _quality, _certificate, order, *_rest in yard.state():
        assert (order is not None) == (allocation in (AllocationState.ALLOCATED, AllocationState.DELIVERED))
        assert allocation != AllocationState.DELIVERED or stock == StockState.OUT
    assert not yard.sql("SELECT vin FROM vehicle_unit WHERE order_id IS NOT NULL GROUP BY vin HAVING count(*) > 1")
    for table, known in yard.lines.items():
        now = frozenset(yard.sql(f"SELECT id, revision FROM {table} WHERE deleted_at IS NULL"))
        assert known <= now, "a line of a ledger was changed or lost"
        yard.lines[table] = now
    wrong = yard.sql(
        "SELECT u.id FROM vehicle_unit u WHERE u.certificate_state != coalesce((SELECT e.state_after"
        " FROM certificate_entry e WHERE e.unit_id = u.id ORDER BY e.happened_at DESC,"
        " e.id DESC LIMIT 1), 'PENDING_SCAN')"
    )
    assert not wrong, "the axis says what the last line of the ledger says"
