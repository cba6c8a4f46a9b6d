"""What people do about trouble with the centre, through the real window at a real service: a poison operation corrected
and sent, a replaced value taken back, the words while the service is away, a desk that comes from the first version."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from db import schema
from db.engine import Database
from db.models.customers import Customer
from db.models.staff import Branch
from sync.client.credentials import KeptCredentials
from sync.client.engine import SyncEngine
from sync.client.enrolment import enrol
from sync.client.transport import HttpTransport
from sync.protocol.versions import SCHEMA_VERSION
from tests.app.sale_desk import SaleDesk
from tests.factories.databases import KEY, _shared
from tests.factories.people import PASSWORD, SHANGHAI, branch_values
from tests.journeys.centre import Centre
from tests.journeys.test_connecting import _state, _sync_page, _type
from tests.sync.old_desk import present_columns, upgrade_to

Start = Callable[..., Application]


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A service of this test's own."""
    with Centre(tmp_path / "service") as running:
        yield running


def connected(start: Start, hands: Hands, centre: Centre, name: str, code: str) -> Application:
    """A desk that agrees with the centre, the administrator at it."""
    desk = start(name, desk_code=code)
    sign_in(desk, hands, login="zhaomin", password=PASSWORD)
    _type(_sync_page(desk), hands, centre.url, centre.code(code))
    hands.wait(lambda: _state(desk) == "agreed", "the desk is connected")
    return desk


def exchange(desk: Application, hands: Hands) -> None:
    """Press the button and wait for agreement."""
    before = desk._link.feed.latest.last_agreed_at  # type: ignore[union-attr]
    hands.click(_sync_page(desk).exchange_button)
    hands.wait(lambda: desk._link.feed.latest.last_agreed_at != before, "both sides agree")  # type: ignore[union-attr]


def one(desk: Application, sql: str, *values: Any) -> Any:
    """A value from a desk's database."""
    with desk.desk.database.read() as session:
        return session.connection().exec_driver_sql(sql, values).scalar()


def at_centre(centre: Centre, record_id: str) -> dict[str, Any]:
    """A record's fields at the centre."""
    rows = centre.rows("SELECT body FROM replica_row WHERE record_id = ?", record_id)
    return json.loads(rows[0][0]) if rows else {}


def test_a_poison_operation_is_corrected_and_sent(start_application: Start, hands: Hands, centre: Centre) -> None:
    desk = connected(start_application, hands, centre, "a", "D01")
    centre.service.kill()
    customer = SaleDesk.reopened(desk.desk.database, desk.desk.clock).records.customer(name="赵敏")  # type: ignore[arg-type]
    with desk.desk.database.exclusive() as connection:
        connection.exec_driver_sql(
            "UPDATE outbox_operation SET body = json_set(body, '$.fields.kind', 7) WHERE record_id = ?", (customer.id,)
        )
    page = _sync_page(desk)
    hands.click(page.exchange_button)
    hands.wait(lambda: _state(desk) == "offline", "the service is away")
    card = page.card
    hands.wait(lambda: card.next_attempt.text().startswith("The next attempt"), "it says when it tries again")
    assert "does not answer" in card.advice.text() and card.reference.isVisible()
    assert len(card.reference.request_id) == 32
    centre.service.start()
    exchange(desk, hands)
    page = _sync_page(desk)
    page.show_tab("refused")
    hands.wait(lambda: page.tabs["refused"].content.model.rows, "the refusal is listed")
    assert page.card.headline.text() == "Everything is sent. Not everything is settled."
    page.tabs["refused"].content.table.selectRow(0)
    details = page.settling
    hands.wait(lambda: details.details is not None and details.details.refused is not None, "the panel has read it")
    main_window(desk).actions_registry.run("sync.correct")
    question = details.details.question  # type: ignore[union-attr]
    assert question is not None
    question.form.set_value("kind", "person")
    hands.click(question.verb)
    hands.wait(lambda: not page.tabs["refused"].content.model.rows, "it is on its way")
    hands.wait(lambda: at_centre(centre, customer.id).get("kind") == "person", "the centre has it")
    assert at_centre(centre, customer.id)["name"] == "赵敏"
    assert centre.findings() == []


def test_a_replaced_value_is_taken_back(start_application: Start, hands: Hands, centre: Centre) -> None:
    first = connected(start_application, hands, centre, "a", "D01")
    second = connected(start_application, hands, centre, "b", "D02")
    customer = one(first, "SELECT id FROM customer ORDER BY id LIMIT 1")
    centre.service.kill()
    for desk, note in ((first, "calls on Friday"), (second, "comes on Monday")):
        SaleDesk.reopened(desk.desk.database, desk.desk.clock).change(Customer, customer, note=note)  # type: ignore[arg-type]
    centre.service.start()
    exchange(first, hands)
    exchange(second, hands)
    exchange(first, hands)
    assert one(first, "SELECT note FROM customer WHERE id = ?", customer) == "comes on Monday"
    page = _sync_page(first)
    page.show_tab("replaced")
    hands.wait(lambda: page.tabs["replaced"].content.model.rows, "the replaced value is listed")
    page.tabs["replaced"].content.table.selectRow(0)
    main_window(first).actions_registry.run("sync.use_own")
    hands.wait(lambda: not page.tabs["replaced"].content.model.rows, "it is entered again")
    exchange(first, hands)
    exchange(second, hands)
    assert one(second, "SELECT note FROM customer WHERE id = ?", customer) == "calls on Friday"


def test_a_desk_of_the_first_version_sends_what_waits_and_goes_on_after_its_update(
    centre: Centre, tmp_path: Path
) -> None:
    """The database and the operations are those of the first release; then the program is updated in place."""
    database = Database(tmp_path / "old.db", KEY)
    upgrade_to(database, "0001")
    schema.ensure_desk(database, branch_id=SHANGHAI.id, desk_code="D01")
    clock, at = "01a200000000000{n}-12345678", 1_795_000_000_000_000
    unit, order, trim = "1" * 32, "2" * 32, "3" * 32
    made = [
        ("vehicle_unit", unit, SHANGHAI.id, {"vin": "LVTDB11A0TF000001", "branch_id": SHANGHAI.id, "trim_id": trim,
                                             "exterior_colour": "白", "stock_state": "IN_STOCK"}),
        ("sales_order", order, SHANGHAI.id, {"number": "SH01-D01-SO-000001", "branch_id": SHANGHAI.id,
                                             "vehicle_unit_id": unit, "claim_state": "provisional",
                                             "state": "CONFIRMED"}),
    ]  # fmt: skip
    with database.exclusive() as connection:
        connection.execute(insert(present_columns(connection, Branch)), [_shared(values) for values in branch_values()])
        for n, (table, record_id, scope, fields) in enumerate(made, start=1):
            body = {
                "txn": f"{n:032x}", "v": 1, "kind": "put", "table": table, "id": record_id, "scope": scope, "base": 0,
                "fields": fields, "clock": clock.format(n=n), "at": at, "by": "", "new": True,
            }  # fmt: skip
            connection.exec_driver_sql(
                "INSERT INTO outbox_operation (txn_id, kind, table_name, record_id, body, created_at, state)"
                " VALUES (?, 'put', ?, ?, ?, ?, 'pending')",
                (body["txn"], table, record_id, json.dumps(body), at),
            )
    schema.upgrade(database)
    transport = HttpTransport(centre.url, KeptCredentials())
    engine = SyncEngine(database, transport)
    try:
        from datetime import UTC, datetime

        enrol(database, transport, code=centre.code("D01"), now=datetime.now(UTC))
        engine.sync_once()
        assert engine.status.rejected == 0 and engine.status.unsent == 0
        sold = at_centre(centre, order)
        assert (sold["trim_id"], sold["exterior_colour"]) == (trim, "白"), "understood as a desk of today says it"
        assert at_centre(centre, unit)["vin"] == "LVTDB11A0TF000001"
        with database.read() as session:
            found = session.connection().exec_driver_sql(
                "SELECT read_with, (SELECT count(*) FROM skipped_table) FROM desk_state"
            ).one()
        assert tuple(found) == (schema.HEAD, 0) and SCHEMA_VERSION == 2
    finally:
        transport.close()
        database.close()
