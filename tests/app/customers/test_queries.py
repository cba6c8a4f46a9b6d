"""Lists of customers and what happened with one of them."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from app.customers.queries import (
    count_customers,
    find_customers,
    find_duplicates,
    list_customer_history,
    list_customers,
)
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import DomainError, PermissionDenied, ValueNotAllowed
from app.kernel.permissions import Actor, Role
from tests.factories.documents import (
    make_appointment,
    make_contract,
    make_order,
    make_payment,
    make_quotation,
)
from tests.factories.records import Records


@pytest.fixture
def many(records: Records) -> list[str]:
    """Twenty-three customers named 客户00 to 客户22, every third one a company; their ids in the order of entry."""
    kinds = ["company" if n % 3 == 0 else "person" for n in range(23)]
    return [
        records.customer(name=f"客户{n:02d}", name_pinyin=f"ke hu {chr(119 - n)}", kind=kind).id
        for n, kind in enumerate(kinds)
    ]


def all_pages(dispatcher: Dispatcher, actor: Actor, *, limit: int, **filters: Any) -> list[str]:
    ids: list[str] = []
    after = None
    while len(ids) < 99 and (rows := dispatcher.read(list_customers, actor, after=after, limit=limit, **filters)):
        assert len(rows) <= limit
        ids += [row.id for row in rows]
        after = rows[-1].cursor
    return ids


@pytest.mark.parametrize("limit", [1, 5, 23, 100])
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, lambda ids: ids[::-1]),
        ({"text": "客户"}, lambda ids: ids[::-1]),
        ({"text": "客户", "kind": "company"}, lambda ids: ids[::3][::-1]),
        ({"kind": "person"}, lambda ids: [i for n, i in enumerate(ids) if n % 3][::-1]),
        ({"sort": "name"}, lambda ids: ids[::-1]),
        ({"sort": "name", "descending": True}, lambda ids: ids),
        ({"sort": "created_at"}, lambda ids: ids),
        ({"sort": "name", "text": "客户", "kind": "company"}, lambda ids: ids[::3][::-1]),
        ({"text": "nobody"}, lambda ids: []),
        ({"source": "online"}, lambda ids: []),
        ({"branch_id": "x"}, lambda ids: []),
    ],
)
def test_pages_are_complete_and_in_order(
    dispatcher: Dispatcher,
    salesperson: Actor,
    many: list[str],
    limit: int,
    filters: dict[str, Any],
    expected: Callable[[list[str]], list[str]],
) -> None:
    assert all_pages(dispatcher, salesperson, limit=limit, **filters) == expected(many)


def test_counting_tells_matches_and_all(dispatcher: Dispatcher, salesperson: Actor, many: list[str]) -> None:
    assert dispatcher.read(count_customers, salesperson) == (23, 23)
    assert dispatcher.read(count_customers, salesperson, kind="company") == (8, 23)
    assert dispatcher.read(count_customers, salesperson, text="客户2", kind="person") == (2, 23)


def test_choosing_a_customer_begins_with_the_newest(
    dispatcher: Dispatcher, salesperson: Actor, many: list[str]
) -> None:
    assert [row.id for row in dispatcher.read(find_customers, salesperson, "", limit=2)] == many[:-3:-1]
    assert [row.name for row in dispatcher.read(find_customers, salesperson, "客户07")] == ["客户07"]


@pytest.mark.parametrize(
    "wrong", [{"sort": "shoe_size"}, {"sort": "name", "after": "x"}, {"text": "客户", "after": "x; DROP TABLE"}]
)
def test_an_order_or_cursor_that_is_none_is_refused(
    dispatcher: Dispatcher, salesperson: Actor, many: list[str], wrong: dict[str, Any]
) -> None:
    with pytest.raises(ValueNotAllowed):
        dispatcher.read(list_customers, salesperson, **wrong)


def test_the_duplicate_hint_never_reads_the_whole_table(
    dispatcher: Dispatcher, salesperson: Actor, many: list[str]
) -> None:
    statements: list[tuple[str, Any]] = []
    engine = dispatcher.database._readers

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    dispatcher.read(find_duplicates, salesperson, phone="13900000001", identity="11010519491231002X")
    event.remove(engine, "before_cursor_execute", note)
    selects = [(text, values) for text, values in statements if text.startswith("SELECT")]
    assert len(selects) == 3
    with engine.connect() as connection:
        for text, values in selects:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).fetchall()
            assert all("USING INDEX" in step[3] for step in plan), plan


@pytest.fixture
def busy_customer(records: Records, clock: FixedClock) -> str:
    """A customer who was quoted, ordered, paid, signed, and is booked for tomorrow; a day between each."""
    customer = records.customer()
    unit = records.unit()
    clock.advance(timedelta(days=-4))
    make_quotation(records, customer, unit, number="Q1")
    clock.advance(timedelta(days=1))
    order = make_order(records, customer, unit, number="O1")
    clock.advance(timedelta(days=1))
    make_payment(records, order, number="P1")
    clock.advance(timedelta(days=1))
    make_contract(records, order, number="C1")
    make_appointment(records, customer, number="A1", starts_at=clock.now() + timedelta(days=2))
    clock.advance(timedelta(days=1))
    make_order(records, number="somebody else's")
    return customer.id


def test_the_history_is_everything_by_date(dispatcher: Dispatcher, manager: Actor, busy_customer: str) -> None:
    rows = dispatcher.read(list_customer_history, manager, busy_customer)
    assert [(row.kind, row.number) for row in rows] == [
        ("appointment", "A1"), ("contract", "C1"), ("payment", "P1"), ("order", "O1"), ("quotation", "Q1"),
    ]  # fmt: skip
    amounts = {row.kind: row.amount for row in rows}
    assert amounts == {
        "appointment": None, "contract": None, "payment": Decimal("10000.00"),
        "order": Decimal("170000.00"), "quotation": Decimal("170000.00"),
    }  # fmt: skip


def test_the_history_comes_in_pages(dispatcher: Dispatcher, manager: Actor, busy_customer: str) -> None:
    kinds: list[str] = []
    after = None
    while len(kinds) < 9 and (
        rows := dispatcher.read(list_customer_history, manager, busy_customer, after=after, limit=2)
    ):
        kinds += [row.kind for row in rows]
        after = rows[-1].cursor
    assert kinds == ["appointment", "contract", "payment", "order", "quotation"]
    with pytest.raises(ValueNotAllowed):
        dispatcher.read(list_customer_history, manager, busy_customer, after="yesterday")


def test_the_history_shows_each_role_its_own(
    dispatcher: Dispatcher, actor_with: Callable[[Role], Actor], busy_customer: str
) -> None:
    def kinds(role: Role) -> set[str]:
        return {row.kind for row in dispatcher.read(list_customer_history, actor_with(role), busy_customer)}

    assert kinds(Role.SALESPERSON) == {"quotation", "order", "payment", "contract"}
    assert kinds(Role.SERVICE_ADVISOR) == {"appointment", "contract"}
    assert kinds(Role.CASHIER) == {"order", "payment", "contract"}


def test_only_those_who_audit_see_the_reveals(dispatcher: Dispatcher, salesperson: Actor) -> None:
    from app.customers.queries import list_reveals

    with pytest.raises(PermissionDenied):
        dispatcher.read(list_reveals, salesperson)
    with pytest.raises(DomainError):
        dispatcher.read(list_reveals, salesperson, customer_id="x")
