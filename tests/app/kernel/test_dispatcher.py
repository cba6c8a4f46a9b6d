"""A command runs once, whole or not at all, and only for whom its handler allows."""

import sys
import types
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from app.kernel.clock import FixedClock
from app.kernel.commands import Command, requires
from app.kernel.dispatcher import Dispatcher, command_name, handler_of
from app.kernel.errors import (
    PermissionDenied,
    RecordChangedMeanwhile,
    RecordNotFound,
    ValueRequired,
)
from app.kernel.permissions import Permission, Role, actor_for
from db import schema
from db.engine import Database
from db.models.customers import Customer

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BRANCH = "b" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterGuest(Command):
    name: str
    fail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameGuest(Command):
    customer_id: str
    name: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmarked(Command):
    pass


@requires(Permission.CUSTOMERS_EDIT)
def register_guest(command, uow):
    row = uow.add(Customer(branch_id=BRANCH, kind="person", name=command.name, phone="13800000000"))
    number = uow.next_number("CU")
    uow.session.flush()
    if command.fail:
        raise ValueRequired(field="name")
    uow.record("GuestRegistered")
    return row.id, number


@requires(Permission.CUSTOMERS_EDIT)
def rename_guest(command, uow):
    row = uow.get(Customer, command.customer_id)
    uow.check_revision(row, command.expected_revision)
    uow.undo_with(RenameGuest(customer_id=row.id, name=row.name, expected_revision=row.revision + 1))
    row.name = command.name


def unmarked(command, uow):
    return None


@pytest.fixture(autouse=True)
def _as_a_feature(monkeypatch):
    """Let this module's commands be found like those of a feature: `….commands` beside `….handlers`."""
    handlers = types.ModuleType("guestbook.handlers")
    for function in (register_guest, rename_guest, unmarked):
        setattr(handlers, function.__name__, function)
    monkeypatch.setitem(sys.modules, "guestbook", types.ModuleType("guestbook"))
    monkeypatch.setitem(sys.modules, "guestbook.handlers", handlers)
    for command in (RegisterGuest, RenameGuest, Unmarked):
        monkeypatch.setattr(command, "__module__", "guestbook.commands")
    handler_of.cache_clear()
    yield
    handler_of.cache_clear()


@pytest.fixture
def dispatcher(tmp_path):
    database = Database(tmp_path / "desk.db", b"k" * 32)
    schema.upgrade(database)
    schema.ensure_desk(database)
    yield Dispatcher(database, clock=FixedClock(NOW))
    database.close()


def _actor(role):
    return actor_for(
        staff_id="a" * 32, name="Li", role=role, branch_id=BRANCH, branch_code="SH01", desk_code="D02"
    )


def _count(dispatcher, table):
    with dispatcher.database.read() as session:
        return session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()


def test_names():
    assert command_name(RegisterGuest) == "register_guest"


def test_outcome_tells_value_changes_and_event(dispatcher):
    outcome = dispatcher.execute(RegisterGuest(name="王小明"), _actor(Role.SALESPERSON))
    customer_id, number = outcome.value
    assert number == "SH01-D02-CU-000001"
    assert outcome.changes.ids("customer") == {customer_id}
    assert outcome.changes.events == ("GuestRegistered",)
    assert _count(dispatcher, "outbox_operation") == 1
    assert _count(dispatcher, "audit_entry") == 1


def test_a_refused_command_leaves_nothing_not_even_a_number(dispatcher):
    with pytest.raises(ValueRequired):
        dispatcher.execute(RegisterGuest(name="", fail=True), _actor(Role.SALESPERSON))
    for table in ("customer", "outbox_operation", "audit_entry", "number_series", "search_entry"):
        assert _count(dispatcher, table) == 0
    _, number = dispatcher.execute(RegisterGuest(name="李"), _actor(Role.SALESPERSON)).value
    assert number.endswith("000001")


def test_permission_is_checked_before_the_handler_runs(dispatcher):
    with pytest.raises(PermissionDenied):
        dispatcher.execute(RegisterGuest(name="王"), _actor(Role.PARTS_CLERK))
    assert _count(dispatcher, "customer") == 0


def test_a_handler_without_a_declared_permission_is_not_run(dispatcher):
    with pytest.raises(LookupError):
        dispatcher.execute(Unmarked(), _actor(Role.ADMINISTRATOR))


def test_a_stale_revision_is_refused_and_carries_the_present_row(dispatcher):
    actor = _actor(Role.SALESPERSON)
    customer_id, _ = dispatcher.execute(RegisterGuest(name="王"), actor).value
    dispatcher.execute(RenameGuest(customer_id=customer_id, name="王二", expected_revision=1), actor)
    with pytest.raises(RecordChangedMeanwhile) as caught:
        dispatcher.execute(RenameGuest(customer_id=customer_id, name="王三", expected_revision=1), actor)
    assert caught.value.current.name == "王二"


def test_undo_restores_what_was(dispatcher):
    actor = _actor(Role.SALESPERSON)
    customer_id, _ = dispatcher.execute(RegisterGuest(name="王"), actor).value
    outcome = dispatcher.execute(RenameGuest(customer_id=customer_id, name="黄", expected_revision=1), actor)
    dispatcher.execute(outcome.undo, actor)
    row = dispatcher.read(lambda reader: reader.get(Customer, customer_id).name, actor)
    assert row == "王"


def test_missing_record(dispatcher):
    with pytest.raises(RecordNotFound):
        dispatcher.execute(
            RenameGuest(customer_id="0" * 32, name="x", expected_revision=1), _actor(Role.SALESPERSON)
        )
