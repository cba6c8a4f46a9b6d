"""Thousands of rows added at once: everything a row has that was added one by one, in portions."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.queries import list_audit_entries, verify_chain
from app.audit.rules import ChainProblem
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.kernel.unit_of_work import UnitOfWork
from db.audit_trail import PORTION
from db.capture import Author
from db.direct import driver_of
from db.engine import Database
from db.errors import WriteOutsideUnitOfWork
from db.models.catalog import Make, Trim
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.search import find_entries
from db.types import dump_fast, dump_json
from tests.factories.records import Records
from tests.factories.vins import vin_number

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
MANY = 2 * PORTION + 7


def wire_unit(trim: Trim, n: int, **more: Any) -> dict[str, Any]:
    return {
        "branch_id": "b" * 31 + "1", "trim_id": trim.id, "make_id": "m" * 32, "series_id": "s" * 32,
        "energy": "petrol", "vin": vin_number(n), "stock_number": f"M-{n:05d}", "location": "A-01",
        "exterior_colour": "珍珠白 / Pearl White", "cost": 12_000_000, "list_price": 15_000_000,
        "floor_price": 14_000_000, "arrived_on": "2026-11-02", "manufactured_on": None,
        "options": [{"name_zh": "贴膜", "price_fen": 280_000}],
        **more,
    }  # fmt: skip


def add(database: Database, manager: Actor, rows: list[dict[str, Any]], *, model: Any = VehicleUnit) -> list[str]:
    author = Author(manager.staff_id, manager.branch_id, manager.desk_code)
    with database.transaction(now=NOW, author=author) as transaction:
        ids = UnitOfWork(transaction, actor=manager, now=NOW).add_many(model, rows)
        transaction.commit(name="ImportUnits", reason="list.csv")
    return ids


def written(database: Database, statement: str) -> list[dict[str, Any]]:
    with database.read() as session:
        cursor = driver_of(session.connection()).execute(statement)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_a_row_added_among_many_is_as_one_added_by_itself(
    database: Database, manager: Actor, records: Records
) -> None:
    trim = records.trim()
    single = VehicleUnit(
        branch_id="b" * 31 + "1", trim_id=trim.id, make_id="m" * 32, series_id="s" * 32, energy="petrol",
        vin=vin_number(1), stock_number="M-00001", exterior_colour="珍珠白 / Pearl White", location="A-01",
        cost=Decimal("120000.00"), list_price=Decimal("150000.00"), floor_price=Decimal("140000.00"),
        arrived_on=NOW.date().replace(day=2), options=[{"name_zh": "贴膜", "price_fen": 280_000}],
    )  # fmt: skip
    author = Author(manager.staff_id, manager.branch_id, manager.desk_code)
    with database.transaction(now=NOW, author=author) as transaction:
        transaction.session.add(single)
        transaction.commit(name="AddUnit")
    (other,) = add(database, manager, [wire_unit(trim, 2)])
    one, two = written(database, f"SELECT * FROM vehicle_unit WHERE id IN ('{single.id}', '{other}') ORDER BY vin")
    told = {"id", "vin", "stock_number", "field_clock"}
    assert {k: v for k, v in one.items() if k not in told} == {k: v for k, v in two.items() if k not in told}
    first, second = written(
        database, f"SELECT body FROM outbox_operation WHERE record_id IN ('{single.id}', '{other}') ORDER BY n"
    )
    bodies = [json.loads(row["body"]) for row in (first, second)]
    assert second["body"] == dump_json(bodies[1]), "the text has the form every operation has"
    for body in bodies:
        for name in ("id", "txn", "clock"):
            body.pop(name)
        body["fields"] = {k: v for k, v in body["fields"].items() if k not in ("vin", "stock_number")}
    assert bodies[0] == bodies[1]
    with database.read() as session:
        hits = find_entries(session.connection(), kind="vehicle", text=vin_number(2))
        assert [hit.record_id for hit in hits] == [other]
        assert session.get_one(VehicleUnit, other).cost == Decimal("120000.00")


def test_the_centre_gets_them_in_portions_and_the_trail_stays_readable(
    database: Database, manager: Actor, records: Records
) -> None:
    trim = records.trim()
    ids = add(database, manager, [wire_unit(trim, n) for n in range(MANY)])
    assert len(set(ids)) == MANY
    sizes = written(
        database,
        "SELECT count(*) AS n FROM outbox_operation WHERE table_name = 'vehicle_unit' GROUP BY txn_id ORDER BY min(n)",
    )
    assert [row["n"] for row in sizes] == [PORTION, PORTION, 7]
    dispatcher = Dispatcher(database)
    (entry,) = dispatcher.read(list_audit_entries, manager, command="ImportUnits")
    told = [(change.table, change.record_id, change.records) for change in entry.changes]
    assert told == [("vehicle_unit", "", MANY)]
    for place in (0, PORTION, MANY - 1):
        (own,) = dispatcher.read(list_audit_entries, manager, record_id=ids[place])
        assert [change.values["vin"] for change in own.changes] == [vin_number(place)]
        assert own.reason == "list.csv"


def test_an_edited_or_removed_portion_breaks_the_trail(database: Database, manager: Actor, records: Records) -> None:
    trim = records.trim()
    add(database, manager, [wire_unit(trim, n) for n in range(MANY)])
    dispatcher = Dispatcher(database)
    assert dispatcher.read(verify_chain, manager).intact
    with database.exclusive() as connection:
        connection.exec_driver_sql(
            "UPDATE audit_portion SET changes = (SELECT changes FROM audit_portion WHERE place = 0) WHERE place = 1"
        )
    problems = [one.problem for one in dispatcher.read(verify_chain, manager).breaks]
    assert problems == [ChainProblem.EDITED]


def test_changes_one_by_one_can_travel_in_portions_too(database: Database, manager: Actor, records: Records) -> None:
    makes = [Make(name_zh=f"品牌{n}", name_en=f"Make {n}") for n in range(PORTION + 1)]
    author = Author(manager.staff_id, manager.branch_id, manager.desk_code)
    with database.transaction(now=NOW, author=author) as transaction:
        uow = UnitOfWork(transaction, actor=manager, now=NOW)
        uow.travel_in_portions()
        for make in makes:
            uow.add(make)
        transaction.commit(name="ImportSpecifications")
    sizes = written(
        database, "SELECT count(*) AS n FROM outbox_operation WHERE table_name = 'make' GROUP BY txn_id ORDER BY min(n)"
    )
    assert [row["n"] for row in sizes][-2:] == [PORTION, 1]
    dispatcher = Dispatcher(database)
    (own,) = dispatcher.read(list_audit_entries, manager, record_id=makes[-1].id)
    assert own.changes[0].values["name_zh"] == f"品牌{PORTION}"
    assert dispatcher.read(verify_chain, manager).intact


def change(database: Database, manager: Actor, changes: dict[str, Any], *, model: Any = VehicleUnit) -> int:
    author = Author(manager.staff_id, manager.branch_id, manager.desk_code)
    with database.transaction(now=NOW, author=author) as transaction:
        changed = UnitOfWork(transaction, actor=manager, now=NOW).change_many(model, changes)
        transaction.commit(name="ApplyDuePrices")
    return changed


def test_a_row_changed_among_many_is_as_one_changed_by_itself(
    database: Database, manager: Actor, records: Records
) -> None:
    trim = records.trim()
    one, other, same = records.unit(trim), records.unit(trim), records.unit(trim)
    author = Author(manager.staff_id, manager.branch_id, manager.desk_code)
    with database.transaction(now=NOW, author=author) as transaction:
        unit = transaction.session.get_one(VehicleUnit, one.id)
        unit.list_price = Decimal("149000.00")
        transaction.commit(name="ChangePrices")
    prices = {"list_price": 14_900_000, "floor_price": 13_900_000}
    unchanged = {"list_price": 15_000_000, "floor_price": 13_900_000}
    assert change(database, manager, {other.id: prices, same.id: unchanged, "f" * 32: prices}) == 1
    first, second = written(
        database, f"SELECT * FROM vehicle_unit WHERE id IN ('{one.id}', '{other.id}') ORDER BY id"
    )
    told = {"id", "vin", "stock_number", "engine_number", "field_clock", "created_at"}
    assert {k: v for k, v in first.items() if k not in told} == {k: v for k, v in second.items() if k not in told}
    clocks = [json.loads(row["field_clock"]) for row in (first, second)]
    assert clocks[0].keys() == clocks[1].keys() == {"*", "list_price"}
    bodies = [
        json.loads(row["body"])
        for row in written(database, "SELECT body FROM outbox_operation WHERE body NOT LIKE '%\"new\"%' ORDER BY n")
    ]
    told = {"id", "txn", "clock"}
    assert len(bodies) == 2
    assert {k: v for k, v in bodies[0].items() if k not in told} == {
        k: v for k, v in bodies[1].items() if k not in told
    }
    assert bodies[1]["clock"] == clocks[1]["list_price"]
    dispatcher = Dispatcher(database)
    entry, *_ = dispatcher.read(list_audit_entries, manager, record_id=other.id)
    assert (entry.command, entry.changes[0].values) == ("ApplyDuePrices", {"list_price": 14_900_000})
    assert dispatcher.read(verify_chain, manager).intact


def test_what_is_searched_or_changed_as_an_object_is_not_changed_among_many(
    database: Database, manager: Actor, records: Records
) -> None:
    unit = records.unit()
    for name, value in (("location", "B-02"), ("options", []), ("revision", 9)):
        with pytest.raises(TypeError, match=name):
            change(database, manager, {unit.id: {name: value}})
    author = Author(manager.staff_id, manager.branch_id, manager.desk_code)
    with database.transaction(now=NOW, author=author) as transaction:
        uow = UnitOfWork(transaction, actor=manager, now=NOW)
        uow.get(VehicleUnit, unit.id).odometer_km = 7
        with pytest.raises(WriteOutsideUnitOfWork):
            uow.change_many(VehicleUnit, {unit.id: {"list_price": 1}})


def test_an_object_reads_itself_anew_after_its_row_was_changed(
    database: Database, manager: Actor, records: Records
) -> None:
    unit = records.unit()
    author = Author(manager.staff_id, manager.branch_id, manager.desk_code)
    with database.transaction(now=NOW, author=author) as transaction:
        uow = UnitOfWork(transaction, actor=manager, now=NOW)
        known = uow.get(VehicleUnit, unit.id)
        uow.change_many(VehicleUnit, {unit.id: {"list_price": 14_000_000}})
        assert (known.list_price, known.revision) == (Decimal("140000.00"), 2)


def test_tables_with_personal_data_are_not_written_this_way(
    database: Database, manager: Actor, records: Records
) -> None:
    with pytest.raises(TypeError, match="customer"):
        add(database, manager, [{"name": "李雷"}], model=Customer)


def test_nothing_stays_of_what_is_not_committed(database: Database, manager: Actor, records: Records) -> None:
    trim = records.trim()
    before = written(database, "SELECT count(*) AS n FROM outbox_operation")
    author = Author(manager.staff_id, manager.branch_id, manager.desk_code)
    with database.transaction(now=NOW, author=author) as transaction:
        UnitOfWork(transaction, actor=manager, now=NOW).add_many(VehicleUnit, [wire_unit(trim, 1)])
    assert written(database, "SELECT count(*) AS n FROM outbox_operation") == before
    with database.read() as session:
        assert session.scalars(select(VehicleUnit.id)).all() == []
        assert find_entries(session.connection(), kind="vehicle", text=vin_number(1)) == []


def test_the_writer_gives_back_the_memory_it_took(
    database: Database, manager: Actor, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.capture._INSERTED_TOGETHER", 100)
    trim = records.trim()

    def size() -> int:
        with database.exclusive() as connection:
            return int(connection.exec_driver_sql("PRAGMA cache_size").scalar())

    usual = size()
    seen: list[int] = []
    author = Author(manager.staff_id, manager.branch_id, manager.desk_code)
    with pytest.raises(KeyboardInterrupt), database.transaction(now=NOW, author=author) as transaction:
        uow = UnitOfWork(transaction, actor=manager, now=NOW)
        uow.add_many(VehicleUnit, [wire_unit(trim, n) for n in range(150)])
        seen.append(driver_of(uow.session.connection()).execute("PRAGMA cache_size").fetchone()[0])
        raise KeyboardInterrupt
    assert seen[0] < usual < 0, "in kibibytes, below zero"
    assert size() == usual


def test_fast_json_is_the_same_text() -> None:
    for value in ({"b": "中文 “x”\u2028\t", "a": [1, None, True, {"z": "é", "y": -3}]}, "\x1f\\/", {}, 10**15):
        assert dump_fast(value) == dump_json(value)
