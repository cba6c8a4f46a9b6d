"""Desks and services of different versions: nothing an older or newer desk says is lost or misunderstood."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import inspect

from db.base import BOOKKEEPING, replicated_models
from db.engine import Database
from db.ids import new_id
from sync.protocol import upcasting
from sync.protocol.upcasting import STEPS, Repeated, Step, is_earlier, repeated_since, upcast_clocks, upcast_fields
from sync.protocol.versions import PROTOCOL_VERSION, SCHEMA_VERSION
from sync.server import bodies
from sync.server.devices import issue_token, make_code
from sync.server.schema import upgrade
from sync.server.store import Store
from sync.server.upcasting import upcast
from sync.server.web import make_app
from tests.factories.databases import KEY
from tests.factories.people import SHANGHAI
from tests.sync.old_desk import upgrade_to
from tests.sync.raw_device import FIELDS, ID, TABLE, Join, outcomes

# --- what is declared ---------------------------------------------------------------------------


def test_there_is_a_step_from_every_earlier_version() -> None:
    assert [step.version for step in STEPS] == list(range(1, SCHEMA_VERSION))


def test_the_step_from_the_first_version_says_what_the_migrations_did(tmp_path: Path) -> None:
    database = Database(tmp_path / "first.db", KEY)
    try:
        upgrade_to(database, "0001")
        with database.read() as session:
            seen = inspect(session.connection())
            first = {table: {column["name"] for column in seen.get_columns(table)} for table in seen.get_table_names()}
    finally:
        database.close()
    models = replicated_models()
    present = {table: {column.name for column in model.__table__.columns} for table, model in models.items()}
    (step,) = STEPS
    assert not present.keys() - first.keys() - step.new_tables, "say in STEPS which tables are new"
    assert first.keys().isdisjoint(step.new_tables)
    added = {table: present[table] - first[table] for table in present.keys() & first.keys()}
    assert {table: set(names) for table, names in step.new_fields.items()} == {
        table: names for table, names in added.items() if names
    }, "say in STEPS which columns are new"
    gone = {table: first[table] - present[table] - BOOKKEEPING for table in present.keys() & first.keys()}
    assert not any(gone.values()) and not step.renamed and not step.dropped


# --- how fields are understood ------------------------------------------------------------------

_LATER = (
    Step(version=1, renamed={"customer": {"mobile": "phone"}}, dropped={"customer": frozenset({"fax"})}),
    Step(version=2, rewritten={"customer": lambda fields: {**fields, "kind": str(fields.get("kind", "")).upper()}}),
)


def test_steps_rename_drop_and_rewrite_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upcasting, "STEPS", _LATER)
    first = upcast_fields("customer", {"mobile": "139", "fax": "1", "kind": "person"}, version=1)
    assert first == {"phone": "139", "kind": "PERSON"}
    assert upcast_fields("customer", {"mobile": "139", "kind": "person"}, version=2) == {
        "mobile": "139", "kind": "PERSON",
    }  # fmt: skip
    others = {"vin": "1"}
    assert upcast_fields("vehicle_unit", others, version=1) is others
    assert upcast_clocks("customer", {"*": "a", "mobile": "b"}, version=1) == {"*": "a", "phone": "b"}


def test_what_is_malformed_is_left_to_be_judged() -> None:
    odd = [
        {"kind": "put", "table": 5, "fields": {}}, {"kind": "put", "table": "customer", "fields": []},
        {"kind": "void"}, {"kind": "put", "table": "customer", "fields": {}, "v": "1"},
    ]  # fmt: skip
    assert list(upcast(odd)) == odd
    present = [{"kind": "put", "table": "customer", "fields": {}, "v": SCHEMA_VERSION}]
    assert upcast(present) is present
    assert is_earlier({}) and not is_earlier({"v": SCHEMA_VERSION + 1})
    assert repeated_since("sales_order", version=1) == [
        Repeated("sales_order", ("trim_id", "exterior_colour"), "vehicle_unit", "vehicle_unit_id")
    ]


# --- at a real service --------------------------------------------------------------------------


def test_an_order_of_the_first_version_repeats_its_vehicle_at_the_centre(join: Join) -> None:
    device, trim = join(), new_id()
    unit = device.put("vehicle_unit", vin="LVTDB11A0TF000001", trim_id=trim, exterior_colour="白", new=True)
    order = device.put("sales_order", claim_state="provisional", number="SH01-D01-SO-000001", new=True,
                       vehicle_unit_id=unit["id"])  # fmt: skip
    answer = device.push(unit, order)
    assert outcomes(answer) == ["accepted", "accepted"]
    (row,) = [row for row in device.pull_all() if row[ID] == order["id"]]
    assert (row[FIELDS]["trim_id"], row[FIELDS]["exterior_colour"]) == (trim, "白")
    assert [row[ID] for row in answer["rows"]] == [order["id"]], "the desk is told what was added"
    modern = device.put("sales_order", claim_state="provisional", number="SH01-D01-SO-000002", new=True,
                        vehicle_unit_id=unit["id"]) | {"v": SCHEMA_VERSION}  # fmt: skip
    assert device.push(modern)["rows"] == [], "a present desk said what it meant"


def test_what_a_newer_desk_says_is_kept_and_given_to_all(join: Join) -> None:
    newer, other = join("D01"), join("D02")
    later = {"v": SCHEMA_VERSION + 3}
    customer = newer.put("customer", name="张三", loyalty_points=1200, new=True) | later
    unknown = newer.put("loyalty_card", colour="gold", issued=["2026-11-22"], new=True) | later
    assert outcomes(newer.push(customer, unknown)) == ["accepted", "accepted"]
    rows = {row[TABLE]: row[FIELDS] for row in other.pull_all()}
    assert rows["customer"]["loyalty_points"] == 1200
    assert rows["loyalty_card"]["issued"] == ["2026-11-22"]
    changed = other.put("customer", customer["id"], name="张三丰")
    other.push(changed)
    (row,) = [row for row in newer.pull_all() if row[ID] == customer["id"]]
    assert row[FIELDS]["loyalty_points"] == 1200 and row[FIELDS]["name"] == "张三丰"


def test_only_the_tables_asked_for_are_read(join: Join) -> None:
    device, other = join("D01"), join("D02")
    device.push(*(device.put("customer", name=str(n), new=True) for n in range(5)),
                device.put("loyalty_card", colour="gold", new=True))  # fmt: skip
    page = other.pull({}, tables=["loyalty_card"])
    assert [row[TABLE] for row in page["rows"]] == ["loyalty_card"] and not page["more"]
    for wrong in (5, ["Robert'); DROP"], ["a"] * 201):
        answer = other.post("pull", {"cursors": {}, "tables": wrong})
        assert answer.status_code == 400 and answer.json()["detail"]["field"].startswith("tables")


# --- the protocol -------------------------------------------------------------------------------


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Posts to a service in this process as a desk of some protocol version: `ask("pull", message, version=1)`."""
    store = Store(f"sqlite:///{tmp_path / 'service.db'}", pool=2)
    upgrade(store.engine)
    app = make_app(store)

    def send(name: str, message: Any, headers: dict[str, str]) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                return await client.post(f"/v1/{name}", json=message, headers=headers)

        return asyncio.run(once())

    code = make_code(
        store, tenant="t", branch_code="SH01", desk_code="D01", scopes="*", role="administrator", now=0,
        seconds=1 << 40,
    )  # fmt: skip
    known = send("enrol", {"code": code, "branch_id": SHANGHAI.id}, {}).json()
    shown = {name: known[name] for name in ("tenant", "device_id", "key")}
    token = issue_token(store, **shown, now=time.time_ns() // 1000)["access_token"]

    def post(name: str, message: Any, *, version: object = PROTOCOL_VERSION) -> Any:
        return send(name, message, {"authorization": f"Bearer {token}", "forecourt-protocol": str(version)})

    yield post
    store.close()


def test_too_old_a_desk_may_still_send_but_not_read(ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PROTOCOL_VERSION", 4)
    push = {"previous": {"n": 0, "hash": ""}, "operations": [], "pull": {"cursors": {}}}
    for version, reads in ((4, True), (3, True), (2, False), (1, False)):
        assert ask("push", push, version=version).status_code == 200
        assert ("page" in ask("push", push, version=version).json()) is reads
        pulled = ask("pull", {"cursors": {}}, version=version)
        assert pulled.status_code == (200 if reads else 426)
    assert pulled.json()["error"] == "upgrade_required"
    assert pulled.json()["detail"] == {"protocol": 4, "schema": SCHEMA_VERSION}


@pytest.mark.parametrize("version", [PROTOCOL_VERSION + 1, "9" * 40, "x", "-1", "1.0"])
def test_a_desk_from_the_future_is_told_which_version_is_here(ask: Callable[..., Any], version: object) -> None:
    for name in ("push", "pull"):
        answer = ask(name, {"cursors": {}}, version=version)
        assert answer.status_code == 426 and answer.json()["detail"]["protocol"] == PROTOCOL_VERSION
