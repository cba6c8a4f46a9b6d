"""The audit trail: what it tells, and that nobody can take a line out of it unseen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import app.customers.commands as of_customers
from app.audit.queries import (
    AuditRow,
    count_audit_entries,
    list_audit_entries,
    list_audited_commands,
    verify_chain,
)
from app.audit.rules import REVEAL_COMMANDS, REVEALS, TABLE_LABELS, ChainProblem, field_label, table_label
from app.customers.commands import ChangeCustomer, CreateCustomer, RevealPersonalData
from app.kernel.clock import FixedClock
from app.kernel.command_labels import command_label, command_words
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ValueNotAllowed
from app.kernel.permissions import Actor, Role
from app.runtime.language import set_language
from db import models
from db.audit_trail import audit_hash
from db.base import Base, Replicated
from db.engine import Database


@pytest.fixture
def customer_id(dispatcher: Dispatcher, salesperson: Actor, clock: FixedClock) -> str:
    """A customer who was entered, changed three times, and revealed once: five entries, a day apart."""
    create = CreateCustomer(kind="person", name="李雷", phone="13812345678")
    record_id = str(dispatcher.execute(create, salesperson).value)
    for revision in range(1, 4):
        clock.advance(timedelta(days=1))
        change = ChangeCustomer(customer_id=record_id, expected_revision=revision, note=f"第{revision}次")
        dispatcher.execute(change, salesperson)
    clock.advance(timedelta(days=1))
    dispatcher.execute(RevealPersonalData(customer_id=record_id, field="phone", reason="回访"), salesperson)
    return record_id


def test_every_command_that_reveals_is_found_as_a_reveal(
    dispatcher: Dispatcher, manager: Actor, customer_id: str
) -> None:
    import app.desk.refused_commands as of_refused

    named = {name for module in (of_refused, of_customers) for name in vars(module) if name.startswith("Reveal")}
    assert named == REVEAL_COMMANDS
    (row,) = dispatcher.read(list_audit_entries, manager, command=REVEALS)
    assert row.command == "RevealPersonalData"


def tamper(database: Database, statement: str, *values: Any) -> None:
    with database.exclusive() as connection:
        connection.exec_driver_sql(statement, values)


def breaks(dispatcher: Dispatcher, actor: Actor) -> list[tuple[int, ChainProblem]]:
    report = dispatcher.read(verify_chain, actor)
    return [(place.n, place.problem) for place in report.breaks]


def test_the_newest_entry_comes_first_with_who_what_and_why(
    dispatcher: Dispatcher, manager: Actor, customer_id: str, clock: FixedClock
) -> None:
    rows = dispatcher.read(list_audit_entries, manager)
    assert [row.command for row in rows] == ["RevealPersonalData", *["ChangeCustomer"] * 3, "CreateCustomer"]
    newest = rows[0]
    assert (newest.staff_name, newest.desk_code, newest.reason, newest.at) == ("王芳", "D01", "回访", clock.now())
    assert [(c.table, c.record_id, dict(c.values)) for c in newest.changes] == [
        ("customer", customer_id, {"reveal": "phone"})
    ]
    assert dict(rows[1].changes[0].values) == {"note": "第3次"}
    created = dict(rows[-1].changes[0].values)
    assert (created["name"], created["phone"]) == ("李雷", "•••")
    assert "13812345678" not in repr(rows)


def test_entries_read_in_peoples_words(dispatcher: Dispatcher, manager: Actor, customer_id: str) -> None:
    row: AuditRow = dispatcher.read(list_audit_entries, manager)[1]
    assert (row.action, row.changes[0].record, row.changes[0].lines) == (
        "Change customer", "Customer", (("Note", "第3次"),),
    )  # fmt: skip
    set_language("zh_CN")
    assert (row.action, row.changes[0].record, row.changes[0].lines) == ("修改客户", "客户", (("备注", "第3次"),))
    assert (command_label("SetStock"), field_label("odometer_km"), table_label("unknown")) == (
        "登记库存状态", "里程（公里）", "unknown",
    )  # fmt: skip
    assert command_words("MarkNoShow") == "Mark no show"


def test_every_table_that_is_written_down_has_a_name() -> None:
    written = {mapper.class_.__tablename__ for mapper in Base.registry.mappers if issubclass(mapper.class_, Replicated)}
    assert models.contracts.Contract.__tablename__ in written and written <= set(TABLE_LABELS)


def test_entries_are_paged_and_filtered(
    dispatcher: Dispatcher, manager: Actor, customer_id: str, salesperson: Actor
) -> None:
    first = dispatcher.read(list_audit_entries, manager, limit=3)
    rest = dispatcher.read(list_audit_entries, manager, limit=3, after=first[-1].cursor)
    assert [row.n for row in first + rest] == [5, 4, 3, 2, 1]
    for filters, expected in (
        ({"command": "ChangeCustomer"}, [4, 3, 2]),
        ({"staff_id": salesperson.staff_id}, [5, 4, 3, 2, 1]),
        ({"staff_id": manager.staff_id}, []),
        ({"reason": "回"}, [5]),
        ({"reason": "%"}, []),
        ({"from_day": "2026-11-25"}, [5, 4]),
        ({"to_day": "2026-11-22"}, [1]),
        ({"from_day": "2026-11-23", "to_day": "2026-11-24"}, [3, 2]),
    ):
        assert [row.n for row in dispatcher.read(list_audit_entries, manager, **filters)] == expected, filters
        assert dispatcher.read(count_audit_entries, manager, **filters) == len(expected), filters
    assert dispatcher.read(count_audit_entries, manager) == 5
    assert dispatcher.read(list_audited_commands, manager) == (
        "ChangeCustomer", "CreateCustomer", "RevealPersonalData",
    )  # fmt: skip
    for wrong in ({"from_day": "yesterday"}, {"to_day": "2026-02-30"}, {"after": "x"}, {"after": "9" * 40}):
        with pytest.raises(ValueNotAllowed):
            dispatcher.read(list_audit_entries, manager, **wrong)


def test_the_entries_of_one_record(
    dispatcher: Dispatcher, manager: Actor, salesperson: Actor, customer_id: str
) -> None:
    other = dispatcher.execute(CreateCustomer(kind="person", name="韩梅梅", phone="13900000000"), salesperson).value
    rows = dispatcher.read(list_audit_entries, manager, record_id=customer_id)
    assert [row.n for row in rows] == [5, 4, 3, 2, 1]
    rows = dispatcher.read(list_audit_entries, manager, record_id=customer_id, after="3", limit=1)
    assert [row.n for row in rows] == [2]
    assert dispatcher.read(count_audit_entries, manager, record_id=customer_id) == 5
    (row,) = dispatcher.read(list_audit_entries, manager, record_id=other)
    assert {change.record_id for change in row.changes} == {other}


def test_a_whole_trail_is_whole(dispatcher: Dispatcher, manager: Actor, customer_id: str) -> None:
    told: list[float] = []
    report = dispatcher.read(verify_chain, manager, progress=told.append)
    assert (report.intact, report.entries, report.breaks) == (True, 5, ())
    assert told == [1.0]


def test_an_empty_trail_is_whole(dispatcher: Dispatcher, manager: Actor) -> None:
    report = dispatcher.read(verify_chain, manager)
    assert (report.intact, report.entries) == (True, 0)


@pytest.mark.parametrize(
    "column", ["reason", "changes", "command", "staff_id", "desk_code", "at", "hash", "previous_hash"]
)
def test_an_edited_entry_is_found(dispatcher: Dispatcher, manager: Actor, customer_id: str, column: str) -> None:
    value = 1 if column == "at" else "x"
    tamper(dispatcher.database, f"UPDATE audit_entry SET {column} = ? WHERE n = 3", value)
    found = breaks(dispatcher, manager)
    assert (3, ChainProblem.EDITED) in found
    if column == "hash":
        assert (4, ChainProblem.REMOVED_BEFORE) in found
    elif column == "previous_hash":
        assert (3, ChainProblem.REMOVED_BEFORE) in found
    else:
        assert len(found) == 1


@pytest.mark.parametrize(
    ("removed", "expected"),
    [
        ("n = 1", [(2, ChainProblem.REMOVED_BEFORE)]),
        ("n IN (2, 3)", [(4, ChainProblem.REMOVED_BEFORE)]),
        ("n = 5", [(4, ChainProblem.REMOVED_AT_END)]),
        ("n > 0", [(0, ChainProblem.REMOVED_AT_END)]),
    ],
)
def test_a_removed_entry_is_found(
    dispatcher: Dispatcher,
    manager: Actor,
    customer_id: str,
    removed: str,
    expected: list[tuple[int, ChainProblem]],
) -> None:
    tamper(dispatcher.database, f"DELETE FROM audit_entry WHERE {removed}")
    assert breaks(dispatcher, manager) == expected


def test_a_replaced_entry_with_a_hash_of_its_own_is_found(
    dispatcher: Dispatcher, manager: Actor, customer_id: str
) -> None:
    with dispatcher.database.read() as session:
        row = session.connection().exec_driver_sql("SELECT * FROM audit_entry WHERE n = 3").mappings().one()
    forged = audit_hash(
        previous=row["previous_hash"], at=row["at"], staff_id=row["staff_id"], desk_code=row["desk_code"],
        command=row["command"], reason="改过", changes=row["changes"],
    )  # fmt: skip
    tamper(dispatcher.database, "UPDATE audit_entry SET reason = '改过', hash = ? WHERE n = 3", forged)
    assert breaks(dispatcher, manager) == [(4, ChainProblem.REMOVED_BEFORE)]


def test_a_trail_broken_everywhere_names_fifty_places(
    dispatcher: Dispatcher, manager: Actor, salesperson: Actor, customer_id: str
) -> None:
    for n in range(60):
        dispatcher.execute(RevealPersonalData(customer_id=customer_id, field="phone", reason=str(n)), salesperson)
    tamper(dispatcher.database, "UPDATE audit_entry SET reason = 'x'")
    assert len(dispatcher.read(verify_chain, manager).breaks) == 50


def test_reading_the_chain_can_be_cancelled(dispatcher: Dispatcher, manager: Actor, customer_id: str) -> None:
    class Cancelled(Exception):
        pass

    def cancel(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        dispatcher.read(verify_chain, manager, progress=cancel)


@pytest.mark.parametrize(
    "query", [list_audit_entries, count_audit_entries, list_audited_commands, verify_chain], ids=lambda q: q.__name__
)
def test_the_trail_is_for_managers(
    dispatcher: Dispatcher, actor_with: Callable[[Role], Actor], query: Callable[..., Any]
) -> None:
    for role in Role:
        if role in (Role.BRANCH_MANAGER, Role.ADMINISTRATOR):
            dispatcher.read(query, actor_with(role))
        else:
            with pytest.raises(PermissionDenied):
                dispatcher.read(query, actor_with(role))
