"""Whatever a command changes is, in the same transaction, an operation, an audit entry, a revision, a search entry."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.kernel.unit_of_work import UnitOfWork, unit_of_work
from db.audit_trail import audit_hash
from db.base import BOOKKEEPING, replicated_models
from db.capture import replicated_fields
from db.engine import Database
from db.errors import DatabaseReadOnly, WriteOutsideUnitOfWork
from db.models.customers import Consent, Customer
from db.models.desk import FormDraft
from db.models.inventory import VehicleUnit
from db.models.staff import Branch
from db.types import microseconds
from sync.protocol.hlc import HybridTime
from sync.protocol.merging import person_of
from sync.protocol.versions import SCHEMA_VERSION
from tests.factories.records import Records


@pytest.fixture
def work(database: Database, salesperson: Actor, clock: FixedClock) -> Callable[[], Any]:
    """Opens a unit of work that is committed at the end of the block: `with work() as uow`."""

    @contextmanager
    def begin(name: str = "Test") -> Iterator[UnitOfWork]:
        with unit_of_work(database, actor=salesperson, now=clock.now()) as (uow, transaction):
            yield uow
            transaction.commit(name=name, reason=uow.reason)

    return begin


def rows(database: Database, statement: str) -> list[dict[str, Any]]:
    with database.read() as session:
        return [dict(row) for row in session.connection().exec_driver_sql(statement).mappings()]


def operations(database: Database) -> list[dict[str, Any]]:
    """The bodies in the outbox, with their n, in order."""
    found = rows(database, "SELECT * FROM outbox_operation ORDER BY n")
    assert all(row["state"] == "pending" for row in found)
    return [json.loads(row["body"]) | {"n": row["n"]} for row in found]


def new_customer(**values: Any) -> Customer:
    given = {"branch_id": "b" * 32, "kind": "person", "name": "李雷", "phone": "13812345678"}
    return Customer(**(given | values))


def test_a_new_row_travels_with_every_field_that_has_a_value(
    database: Database, work: Callable[[], Any], salesperson: Actor, clock: FixedClock
) -> None:
    with work() as uow:
        customer = uow.add(new_customer(identity_number="11010519491231002X"))
    (operation,) = operations(database)
    names = ("n", "v", "kind", "table", "id", "scope", "base", "new", "by", "at")
    assert {name: operation[name] for name in names} == {
        "n": 1, "v": SCHEMA_VERSION, "kind": "put", "table": "customer", "id": customer.id, "scope": "b" * 32,
        "base": 0, "new": True, "by": salesperson.staff_id, "at": microseconds(clock.now()),
    }  # fmt: skip
    fields = operation["fields"]
    assert (fields["name"], fields["phone"], fields["identity_number"]) == (
        "李雷", "13812345678", "11010519491231002X",
    )  # fmt: skip
    assert not BOOKKEEPING & set(fields)
    assert "owner_staff_id" not in fields
    assert HybridTime.parse(operation["clock"])
    assert person_of(operation["clock"]) == salesperson.staff_id[-8:], "every field says who wrote it last"


def test_a_change_travels_with_its_fields_alone(database: Database, work: Callable[[], Any]) -> None:
    with work() as uow:
        customer = uow.add(new_customer(owner_staff_id="5" * 32))
    with work() as uow:
        row = uow.get(Customer, customer.id)
        row.note = "新"
        row.owner_staff_id = None
    created, changed = operations(database)
    assert changed["fields"] == {"note": "新", "owner_staff_id": None}
    assert "new" not in changed
    assert changed["txn"] != created["txn"]
    assert HybridTime.parse(changed["clock"]) > HybridTime.parse(created["clock"])


def test_values_travel_as_they_are_stored(database: Database, records: Records) -> None:
    unit = records.unit(cost=Decimal("128000.05"), options=[{"name_zh": "天窗", "price_fen": 1}])
    fields = operations(database)[-1]["fields"]
    assert fields["cost"] == 12800005
    assert fields["arrived_on"] == "2026-11-12"
    assert fields["options"] == [{"name_zh": "天窗", "price_fen": 1}]
    with database.read() as session:
        stored = session.get_one(VehicleUnit, unit.id)
        assert stored.cost == Decimal("128000.05")


def test_bookkeeping_rises_with_every_change(database: Database, work: Callable[[], Any], clock: FixedClock) -> None:
    with work() as uow:
        customer = uow.add(new_customer())
    born = clock.now()
    clock.advance(timedelta(hours=1))
    with work() as uow:
        uow.get(Customer, customer.id).note = "a"
        uow.session.flush()
        uow.get(Customer, customer.id).name = "b"
    with database.read() as session:
        row = session.get_one(Customer, customer.id)
    assert (row.revision, row.created_at, row.updated_at, row.ver, row.seq) == (3, born, clock.now(), 0, None)
    assert set(row.field_clock) == {"*", "note", "name"}
    assert row.field_clock["note"] == row.field_clock["name"] > row.field_clock["*"]
    assert operations(database)[-1]["fields"] == {"note": "a", "name": "b"}


def test_the_desks_clock_drives_the_hybrid_one_which_goes_on_by_itself_while_that_stands_or_goes_back(
    database: Database, work: Callable[[], Any], clock: FixedClock
) -> None:
    def change(note: str) -> HybridTime:
        with work() as uow:
            uow.add(new_customer(note=note))
        return HybridTime.parse(operations(database)[-1]["clock"])

    began = microseconds(clock.now()) // 1000
    first, second = change("a"), change("b")
    assert (first.ms, second.ms) == (began, began) and second.counter == first.counter + 1
    clock.advance(timedelta(days=-365))
    third = change("c")
    assert (third.ms, third.counter) == (began, second.counter + 1)
    clock.advance(timedelta(days=366))
    assert (change("d").ms - began, change("e").counter) == (24 * 3600 * 1000, 1)


def test_setting_what_is_there_is_no_change(database: Database, work: Callable[[], Any]) -> None:
    with work() as uow:
        customer = uow.add(new_customer())
    with work() as uow:
        uow.get(Customer, customer.id).name = "李雷"
    assert len(operations(database)) == 1
    assert len(rows(database, "SELECT * FROM audit_entry")) == 1
    with database.read() as session:
        assert session.get_one(Customer, customer.id).revision == 1


def test_a_scope_is_the_groups_the_rows_or_the_authors(
    database: Database, work: Callable[[], Any], salesperson: Actor
) -> None:
    with work() as uow:
        shared = uow.add(Branch(code="X", name_zh="x", name_en="x"))
        elsewhere = uow.add(new_customer(branch_id="e" * 32))
        own = uow.add(Consent(customer_id="c" * 32, purpose="marketing", notice_version="1", given_at=uow.now))
        given = uow.add(new_customer(scope="f" * 32))
    scopes = {operation["id"]: operation["scope"] for operation in operations(database)}
    assert scopes == {
        shared.id: "group", elsewhere.id: "e" * 32, own.id: salesperson.branch_id, given.id: "f" * 32,
    }  # fmt: skip


def test_one_transaction_is_one_unit_in_the_outbox(database: Database, work: Callable[[], Any]) -> None:
    with work() as uow:
        customer = uow.add(new_customer())
        uow.add(Consent(customer_id=customer.id, purpose="marketing", notice_version="1", given_at=uow.now))
        uow.claim_vehicle(vin="LDC613P23A1305189", vehicle_id="a" * 32, kind="order", holder_id="d" * 32, number="O1")
        uow.release_vehicle(vin="LDC613P23A1305189", vehicle_id="a" * 32, holder_id="e" * 32)
    found = operations(database)
    assert [(o["n"], o["kind"], o["table"]) for o in found] == [
        (1, "put", "customer"), (2, "put", "consent"), (3, "claim", "vehicle_claim"), (4, "release", "vehicle_claim"),
    ]  # fmt: skip
    assert len({o["txn"] for o in found}) == len({o["clock"] for o in found}) == 1
    claim = found[2]
    assert claim["id"] == "LDC613P23A1305189"
    assert (claim["fields"]["kind"], claim["fields"]["holder_id"], claim["fields"]["number"]) == (
        "order", "d" * 32, "O1",
    )  # fmt: skip
    assert (claim["fields"]["desk_code"], claim["fields"]["until"]) == ("D01", None)


def test_nothing_committed_is_nothing_happened(
    database: Database, salesperson: Actor, clock: FixedClock, work: Callable[[], Any]
) -> None:
    with work() as uow:
        uow.add(new_customer())
    before = {table: rows(database, f"SELECT * FROM {table}") for table in TABLES}
    with unit_of_work(database, actor=salesperson, now=clock.now()) as (uow, _):
        uow.add(new_customer(name="韩梅梅"))
        uow.next_number("SO")
        uow.session.flush()
    with pytest.raises(RuntimeError), work() as uow:
        uow.add(new_customer(name="韩梅梅"))
        uow.session.flush()
        raise RuntimeError
    assert {table: rows(database, f"SELECT * FROM {table}") for table in TABLES} == before
    with work() as uow:
        uow.add(new_customer())
    assert [o["n"] for o in operations(database)] == [1, 2]


TABLES = ("customer", "outbox_operation", "audit_entry", "audit_subject", "search_entry", "number_series", "desk_state")


def test_a_failure_at_the_last_step_undoes_the_first(
    database: Database, work: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from db import capture

    def broken(*args: Any) -> None:
        raise RuntimeError("the index broke")

    monkeypatch.setattr(capture, "index_rows", broken)
    with pytest.raises(RuntimeError, match="the index broke"), work() as uow:
        uow.add(new_customer())
    assert [len(rows(database, f"SELECT * FROM {table}")) for table in TABLES[:-1]] == [0] * 6


def test_the_audit_entry_says_who_what_when_why(
    database: Database, work: Callable[[], Any], salesperson: Actor, clock: FixedClock
) -> None:
    with work("CreateCustomer") as uow:  # type: ignore[call-arg]
        uow.reason = "客户要求"
        customer = uow.add(new_customer(email="li@example.com", note="x" * 500))
    (entry,) = rows(database, "SELECT * FROM audit_entry")
    assert (entry["staff_id"], entry["desk_code"], entry["command"], entry["reason"], entry["at"]) == (
        salesperson.staff_id, "D01", "CreateCustomer", "客户要求", microseconds(clock.now()),
    )  # fmt: skip
    ((table, record_id, values),) = json.loads(entry["changes"])
    assert (table, record_id, values["name"]) == ("customer", customer.id, "李雷")
    assert values["phone"] == values["email"] == "•••"
    assert values["note"] == "x" * 200 + "…"
    assert rows(database, "SELECT * FROM audit_subject") == [{"record_id": customer.id, "n": 1, "place": None}]


@pytest.mark.parametrize("model", replicated_models().values(), ids=lambda model: model.__tablename__)
def test_what_is_personal_is_a_column(model: Any) -> None:
    assert model.__personal__ <= set(replicated_fields(model))


def test_entries_are_chained(database: Database, work: Callable[[], Any]) -> None:
    for n in range(3):
        with work() as uow:
            uow.add(new_customer(name=str(n)))
    previous = "0" * 64
    for entry in rows(database, "SELECT * FROM audit_entry ORDER BY n"):
        assert entry["previous_hash"] == previous
        names = ("at", "staff_id", "desk_code", "command", "reason", "changes")
        assert entry["hash"] == audit_hash(previous=previous, **{name: entry[name] for name in names})
        previous = entry["hash"]


def test_what_stays_at_the_desk_leaves_no_trace(database: Database, work: Callable[[], Any]) -> None:
    with work() as uow:
        uow.add(FormDraft(staff_id="5" * 32, form_key="x", payload={}, updated_at=uow.now))
    assert not operations(database)
    assert not rows(database, "SELECT * FROM audit_entry")


def test_bulk_writes_are_refused(database: Database, work: Callable[[], Any]) -> None:
    with work() as uow:
        uow.add(new_customer())
    for statement in (
        update(Customer).values(name="x"),
        delete(Customer),
        insert(Customer).values(id="x" * 32, name="x"),
    ):
        with pytest.raises(WriteOutsideUnitOfWork), work() as uow:
            uow.session.execute(statement)
    with pytest.raises(WriteOutsideUnitOfWork), work() as uow:
        uow.session.delete(uow.session.scalars(select(Customer)).one())
    assert [row["name"] for row in rows(database, "SELECT name FROM customer")] == ["李雷"]


def test_a_reading_session_cannot_write(database: Database, work: Callable[[], Any]) -> None:
    with work() as uow:
        customer = uow.add(new_customer())
    with pytest.raises(WriteOutsideUnitOfWork), database.read() as session:
        session.get_one(Customer, customer.id).name = "x"
        session.commit()
    with pytest.raises(DatabaseReadOnly), database.read() as session:
        session.execute(update(Customer).values(name="x"))
    assert [row["name"] for row in rows(database, "SELECT name FROM customer")] == ["李雷"]


def test_a_session_without_capture_cannot_write_replicated_rows(database: Database, records: Records) -> None:
    customer = records.customer(name="李雷")
    with Session(database.writer_engine) as session, pytest.raises(WriteOutsideUnitOfWork):
        session.add(new_customer(scope="x", created_at=records.clock.now(), updated_at=records.clock.now()))
        session.flush()
    with Session(database.writer_engine) as session, pytest.raises(WriteOutsideUnitOfWork):
        session.get_one(Customer, customer.id).name = "x"
        session.commit()
    assert [row["name"] for row in rows(database, "SELECT name FROM customer")] == ["李雷"]


def test_a_desk_without_identity_writes_nothing(database: Database, work: Callable[[], Any]) -> None:
    with database.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM desk_state")
    with pytest.raises(WriteOutsideUnitOfWork), work() as uow:
        uow.add(new_customer())
    assert not rows(database, "SELECT * FROM customer")


def test_numbers_are_given_once_and_in_order(database: Database, work: Callable[[], Any]) -> None:
    with work() as uow:
        first = [uow.next_number("SO"), uow.next_number("SO"), uow.next_number("QU")]
    with work() as uow:
        again = uow.next_number("SO")
    assert first == ["SH01-D01-SO-000001", "SH01-D01-SO-000002", "SH01-D01-QU-000001"]
    assert again == "SH01-D01-SO-000003"


def test_the_hybrid_clock_never_goes_back(
    database: Database, work: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    present = time.time_ns()
    stamps = []
    for shift in (0, -(10**15), 10**12, 0, 0):
        monkeypatch.setattr(time, "time_ns", lambda shift=shift: present + shift)
        with work() as uow:
            uow.add(new_customer())
        stamps.append(HybridTime.parse(operations(database)[-1]["clock"]))
    assert stamps == sorted(set(stamps))


def test_nobody_leaves_a_transaction_open(dispatcher: Dispatcher, records: Records) -> None:
    records.customer()
    assert dispatcher.database.writer_engine.pool.checkedout() == 0
    with (
        pytest.raises(WriteOutsideUnitOfWork),
        dispatcher.database.transaction(now=records.clock.now(), author=_author(records)) as transaction,
    ):
        transaction.session.execute(delete(Customer))
    assert dispatcher.database.writer_engine.pool.checkedout() == 0


def _author(records: Records) -> Any:
    from db.capture import Author

    return Author(records.actor.staff_id, records.actor.branch_id, records.actor.desk_code)
