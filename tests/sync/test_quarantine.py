"""Refused changes, rows that cannot be written, values that were replaced: kept, shown, put right, in nobody's way."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from app.desk.correction_rules import with_rules
from app.desk.errors import FieldValueWrong, RecordRemovedMeanwhile, RefusedChangeSettled
from app.desk.refused_commands import (
    CorrectRefusedChange,
    DropRefusedChange,
    KeepTheirValue,
    ResendRefusedChange,
    RevealRefusedValue,
    TakeUpRefusedChange,
    UseOwnValue,
)
from app.desk.refused_rules import field_rules
from app.inventory.errors import FloorAboveList, VinAlreadyInStock
from app.kernel.commands import Command
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired, RecordChangedMeanwhile, ValueNotAllowed, ValueTooLong
from app.kernel.permissions import Role
from db.base import replicated_models
from db.models.customers import Customer
from sync.client import applying, quarantine, tables, updating
from sync.client.connection import DirectConnection
from sync.client.overriding import age_out
from sync.client.quarantine import HIDDEN, NOT_KNOWN
from sync.client.queries import list_rejected
from sync.client.tables import TablePlan
from sync.client.writers import Writers
from sync.server.scopes import change_scopes
from tests.factories.people import SHANGHAI
from tests.sync.conftest import Group
from tests.sync.desks import Desk
from tests.sync.raw_device import RawDevice


def do(desk: Desk, command: Command, *, role: Role = Role.ADMINISTRATOR) -> Any:
    """Run a command at a desk as the application does."""
    desk.clock.advance(timedelta(seconds=1))
    return Dispatcher(desk.database, clock=desk.clock).execute(command, desk.actor(role)).value


def ask(desk: Desk, query: Any, *args: Any) -> Any:
    """Run a query at a desk."""
    return Dispatcher(desk.database, clock=desk.clock).read(query, desk.actor(), *args)


def spoil(desk: Desk, record_id: str, **fields: Any) -> int:
    """Make the newest unsent operation about a record carry values the centre cannot keep; its number."""
    (n, text), *_ = desk.rows("SELECT n, body FROM outbox_operation WHERE record_id = ? ORDER BY n DESC", record_id)
    body = json.loads(text)
    body["fields"] |= fields
    with desk.database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE outbox_operation SET body = ? WHERE n = ?", (json.dumps(body), n))
    return int(n)


@pytest.fixture
def desk(small_group: Group) -> Desk:
    """A desk that agrees with its centre."""
    made = small_group.desk("D01")
    made.sync()
    return made


def at_centre(group: Group, record_id: str) -> dict[str, Any]:
    """A record's fields at the centre."""
    text = group.scalar("SELECT body FROM replica_row WHERE tenant_id = ? AND record_id = ?", record_id)
    return json.loads(str(text)) if text else {}


# --- refused changes ----------------------------------------------------------------------------


def test_a_poison_operation_is_seen_corrected_and_sent(desk: Desk, small_group: Group) -> None:
    bad, good = desk.records.customer(name="张三", phone="13912345678"), desk.records.customer(name="李四")
    n = spoil(desk, bad.id, paper_language=7, note="x")
    desk.sync()
    assert at_centre(small_group, good.id)["name"] == "李四", "nothing else is held up"
    (refused,) = ask(desk, list_rejected)
    assert (refused.n, refused.code, refused.detail) == (n, "field_invalid", {"field": "paper_language"})
    shown = ask(desk, quarantine.get_refused, n)
    by_name = {change.name: change for change in shown.changes}
    assert by_name["paper_language"].after == 7 and by_name["name"].after == "张三"
    assert by_name["phone"].after == HIDDEN and by_name["phone"].is_personal
    assert by_name["name"].centre is NOT_KNOWN and not shown.centre_has_it and shown.is_here
    assert shown.person and shown.request_id
    with pytest.raises(FieldValueWrong) as wrong:
        do(desk, ResendRefusedChange(operations=(n,)))
    assert wrong.value.field == "paper_language", "sent as it is, it would be refused again"
    with pytest.raises(ValueTooLong) as long:
        do(desk, CorrectRefusedChange(operation=n, values={"paper_language": "x" * 500}))
    assert long.value.field == "paper_language"
    with pytest.raises(ValueNotAllowed) as unknown:
        do(desk, CorrectRefusedChange(operation=n, values={"paper_language": "fr_FR"}))
    assert unknown.value.field == "paper_language", "the rules of the feature, not only those of the column"
    do(desk, CorrectRefusedChange(operation=n, values={"paper_language": "zh_CN"}))
    desk.sync()
    assert at_centre(small_group, bad.id)["paper_language"] == "zh_CN"
    assert at_centre(small_group, bad.id)["phone"] == "13912345678"
    assert ask(desk, list_rejected) == []
    (decision,) = ask(desk, quarantine.get_refused, n).decisions
    assert (decision.what, decision.fields) == ("corrected", ("paper_language",)) and decision.person
    assert desk.one("SELECT count(*) FROM audit_entry WHERE command = 'CorrectRefusedChange'") == 1


def test_what_was_refused_together_is_sent_together(desk: Desk, small_group: Group) -> None:
    first, second = desk.records.customer(name="一"), desk.records.customer(name="二")
    desk.sync()

    def work(uow: Any) -> None:
        uow.get(Customer, first.id).note = "neu"
        uow.get(Customer, second.id).note = "auch"

    desk.do(work)
    n = spoil(desk, second.id, kind=5)
    desk.sync()
    assert [desk.row("customer", one.id)["note"] for one in (first, second)] == ["", ""]
    members = ask(desk, quarantine.get_refused, n).members
    assert [(one.record_id, one.is_culprit) for one in members] == [(first.id, False), (second.id, True)]
    assert do(desk, CorrectRefusedChange(operation=n, values={"kind": "person"})) == 2
    txns = desk.rows("SELECT txn_id FROM outbox_operation WHERE n > ? AND record_id IN (?, ?)", n, first.id, second.id)
    assert len(txns) == 2 and len(set(txns)) == 1
    desk.sync()
    assert at_centre(small_group, first.id)["note"] == "neu" and at_centre(small_group, second.id)["note"] == "auch"
    assert desk.row("customer", first.id)["note"] == "neu", "here as at the centre"


def test_a_change_refused_for_its_author_is_sent_again_by_a_colleague(desk: Desk, small_group: Group) -> None:
    customer = desk.records.customer(name="张三")
    desk.sync()
    desk.set(Customer, customer.id, name="张三丰")
    n = desk.one("SELECT max(n) FROM outbox_operation")
    text = json.loads(desk.one("SELECT body FROM outbox_operation WHERE n = ?", n))
    technician = desk.actor(Role.PARTS_CLERK).staff_id
    with desk.database.exclusive() as connection:
        connection.exec_driver_sql(
            "UPDATE outbox_operation SET body = ? WHERE n = ?", (json.dumps({**text, "by": technician}), n)
        )
    desk.sync()
    assert desk.row("customer", customer.id)["name"] == "张三"
    (change,) = ask(desk, quarantine.get_refused, n).changes
    assert (change.before, change.after, change.centre) == ("张三", "张三丰", "张三")
    do(desk, ResendRefusedChange(operations=(n,)))
    assert desk.row("customer", customer.id)["name"] == "张三丰"
    desk.sync()
    assert at_centre(small_group, customer.id)["name"] == "张三丰"
    assert desk.row("customer", customer.id)["name"] == "张三丰"
    with pytest.raises(RefusedChangeSettled):
        do(desk, ResendRefusedChange(operations=(n,)))


def test_letting_it_be_is_kept_and_can_be_taken_back(desk: Desk) -> None:
    customer = desk.records.customer(name="张三")
    n = spoil(desk, customer.id, kind=5)
    desk.sync()
    with pytest.raises(PermissionDenied):
        do(desk, DropRefusedChange(operations=(n,)), role=Role.SALESPERSON)
    outcome = Dispatcher(desk.database, clock=desk.clock).execute(DropRefusedChange(operations=(n,)), desk.actor())
    assert ask(desk, list_rejected) == []
    assert outcome.undo == TakeUpRefusedChange(operations=(n,))
    do(desk, outcome.undo)
    assert [row.n for row in ask(desk, list_rejected)] == [n]
    assert [one.what for one in ask(desk, quarantine.get_refused, n).decisions] == ["taken_up", "dropped"]
    do(desk, CorrectRefusedChange(operation=n, values={"kind": "person"}))
    with pytest.raises(RefusedChangeSettled):
        do(desk, TakeUpRefusedChange(operations=(n,)))


def test_a_change_of_a_removed_record_can_only_be_let_be(desk: Desk, small_group: Group) -> None:
    customer = desk.records.customer(name="张三")
    desk.sync()
    other = small_group.desk("D02", empty=True)
    other.sync()
    other.delete(Customer, customer.id)
    desk.set(Customer, customer.id, note="neu")
    other.sync()
    desk.sync()
    (refused,) = ask(desk, list_rejected)
    assert refused.code == "record_deleted" and not ask(desk, quarantine.get_refused, refused.n).is_here
    with pytest.raises(RecordRemovedMeanwhile):
        do(desk, ResendRefusedChange(operations=(refused.n,)))
    do(desk, DropRefusedChange(operations=(refused.n,)))


def test_a_hidden_value_is_shown_for_a_reason_that_is_kept(desk: Desk) -> None:
    customer = desk.records.customer(name="张三", phone="13912345678")
    n = spoil(desk, customer.id, kind=5)
    desk.sync()
    with pytest.raises(ReasonRequired):
        do(desk, RevealRefusedValue(operation=n, field="phone", reason=" "))
    assert do(desk, RevealRefusedValue(operation=n, field="phone", reason="Rückruf")) == "13912345678"
    assert desk.rows("SELECT command, reason FROM audit_entry ORDER BY n DESC LIMIT 1") == [
        ("RevealRefusedValue", "Rückruf")
    ]
    trail = "".join(row[0] for row in desk.rows("SELECT changes FROM audit_entry"))
    assert "13912345678" not in trail


# --- rows that cannot be written here -----------------------------------------------------------


@pytest.fixture
def device(small_group: Group) -> Any:
    """A program of another make that sends whatever it likes."""
    made = RawDevice(small_group.service.url, small_group.code("D09"), branch_id=SHANGHAI.id)
    yield made
    made.close()


def test_a_row_that_cannot_be_written_is_kept_shown_and_tried_again(
    desk: Desk, device: RawDevice, small_group: Group
) -> None:
    nameless, fine = (device.put("customer", new=True, name=name, phone="139") for name in ("", "李四"))
    device.push(nameless, fine)
    small_group.spoil()
    with small_group.store.write() as connection:  # as a later version of the service might keep it
        small_group.store.run(
            connection, "UPDATE replica_row SET body = ? WHERE tenant_id = ? AND record_id = ?",
            ('{"name":null}', small_group.tenant, nameless["id"]),
        )  # fmt: skip
    desk.sync()
    assert desk.row("customer", fine["id"])["name"] == "李四"
    (kept,) = ask(desk, quarantine.list_unwritten)
    assert (kept.table, kept.record_id) == ("customer", nameless["id"]) and "NOT NULL" in kept.error
    assert desk.engine.status.unwritten == 1
    desk.sync()
    assert desk.engine.status.unwritten == 1
    assert desk.engine.retry_unwritten() == 1, "by hand: it still does not fit"
    device.push(device.put("customer", nameless["id"], name="张三"))
    desk.sync()
    assert desk.row("customer", nameless["id"])["name"] == "张三"
    assert ask(desk, quarantine.list_unwritten) == [] and desk.engine.status.unwritten == 0


def older_plan(table: str, *, without: set[str]) -> TablePlan:
    """The plan of a program that did not know these columns."""
    model = replicated_models()[table]
    kept = _Columns(column for column in model.__table__.columns if column.name not in without)
    columns = SimpleNamespace(columns=kept)
    stand_in = type("Older", (), {"__table__": columns, "__personal__": model.__personal__, "__tablename__": table})
    return TablePlan(table, stand_in)


class _Columns(list[Any]):
    def __getitem__(self, name: Any) -> Any:
        return next(column for column in self if column.name == name)


def test_an_updated_desk_reads_what_its_earlier_version_could_not(
    desk: Desk, device: RawDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tables.plan_of
    older = older_plan("customer", without={"owner_staff_id"})
    knew = {"saved_search": None, "customer": older}
    monkeypatch.setattr(applying, "plan_of", lambda name: knew[name] if name in knew else real(name))
    customer = desk.records.customer(name="张三")
    desk.sync()
    device.push(
        device.put("customer", customer.id, scope=SHANGHAI.id, owner_staff_id="e" * 32),
        device.put("saved_search", scope=SHANGHAI.id, new=True, name="SUV", page="finder"),
    )
    desk.sync()
    assert json.loads(desk.row("customer", customer.id)["extra"]) == {"owner_staff_id": "e" * 32}
    assert desk.rows("SELECT table_name, scope FROM skipped_table") == [("saved_search", SHANGHAI.id)]
    cursors = dict(desk.rows("SELECT scope, seq FROM sync_cursor"))
    monkeypatch.setattr(applying, "plan_of", real)
    with desk.database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE desk_state SET read_with = '0001'")
    desk.engine._took_stock = False
    desk.sync()
    stored = desk.row("customer", customer.id)
    assert stored["owner_staff_id"] == "e" * 32 and stored["extra"] is None
    assert desk.rows("SELECT * FROM skipped_table") == []
    known = desk.one("SELECT count(*) FROM saved_search") + desk.one("SELECT count(*) FROM unwritten_row")
    assert known == 1, "read from the start, whether or not it fits"
    assert dict(desk.rows("SELECT scope, seq FROM sync_cursor")).keys() == cursors.keys()
    assert not updating.is_updated(desk.database)


# --- values that were replaced ------------------------------------------------------------------


def apart(desk: Desk, group: Group, **values: Any) -> tuple[Desk, str]:
    """Another desk, and a customer both know."""
    customer = desk.records.customer(name="张三", **values)
    desk.sync()
    other = group.desk("D02", empty=True)
    other.sync()
    return other, customer.id


def long_apart(desk: Desk, group: Group) -> tuple[Desk, str]:
    """The same, ten minutes ago: what both do now is done before the centre hears of any of it."""
    desk.clock.advance(-timedelta(minutes=10))
    other, customer = apart(desk, group)
    other.clock.advance(-timedelta(minutes=10))
    return other, customer


def test_whose_value_was_replaced_is_told_so(desk: Desk, small_group: Group) -> None:
    other, customer = long_apart(desk, small_group)
    desk.set(Customer, customer, note="ours", name="张三")
    other.set(Customer, customer, note="theirs")
    other.sync()
    desk.sync()
    assert desk.row("customer", customer)["note"] == "theirs"
    (told,) = ask(desk, quarantine.list_replaced)
    assert (told.field, told.own_value, told.their_value) == ("note", "ours", "theirs")
    assert told.own_person and told.may_use_own
    assert told.other.device == other.one("SELECT device_id FROM desk_state")[-8:]
    assert (told.other.desk, bool(told.other.person)) == ("SH01 · D02", True), "people are told who and where"
    assert desk.engine.status.overridden == 1
    assert ask(other, quarantine.list_replaced) == [], "nothing of the other one was replaced"
    with pytest.raises(RecordChangedMeanwhile):
        do(desk, UseOwnValue(entry=told.entry, expected_revision=told.revision - 1))
    do(desk, UseOwnValue(entry=told.entry, expected_revision=told.revision))
    desk.sync()
    other.sync()
    assert other.row("customer", customer)["note"] == "ours"
    assert ask(desk, quarantine.list_replaced) == [] and ask(other, quarantine.list_replaced) == []


def test_the_one_who_was_first_at_the_centre_is_told_too(desk: Desk, small_group: Group) -> None:
    other, customer = long_apart(desk, small_group)
    desk.set(Customer, customer, phone="13900000011")
    other.set(Customer, customer, phone="13900000012")
    desk.sync()
    other.sync()
    desk.sync()
    winner = desk.row("customer", customer)["phone"]
    loser = desk if winner.endswith("2") else other
    (told,) = ask(loser, quarantine.list_replaced)
    assert (told.own_value, told.their_value) == (HIDDEN, HIDDEN) and told.is_personal
    do(loser, KeepTheirValue(entries=(told.entry,)))
    assert ask(loser, quarantine.list_replaced) == []


def test_one_who_knew_the_value_replaces_it_quietly(desk: Desk, small_group: Group) -> None:
    other, customer = apart(desk, small_group)
    desk.set(Customer, customer, note="ours")
    desk.sync()
    other.sync()
    other.set(Customer, customer, note="better")
    other.sync()
    desk.sync()
    assert desk.row("customer", customer)["note"] == "better"
    assert ask(desk, quarantine.list_replaced) == []
    origins = {one.name: one for one in ask(desk, quarantine.list_origins, "customer", customer)}
    note, name = origins["note"], origins["name"]
    assert (note.value, note.writer.kind, note.writer.desk, note.before) == ("better", "other", "SH01 · D02", "ours")
    assert note.writer.person and name.writer.kind == "own" and name.writer.person


def test_desks_learn_what_others_are_called_with_the_next_page_and_only_what_is_new(
    desk: Desk, small_group: Group
) -> None:
    desk.sync()
    names = "SELECT branch_code, desk_code FROM desk_name ORDER BY 2"
    heard = "SELECT names_heard FROM desk_state"
    assert desk.rows(names) == [("SH01", "D01")]
    before = desk.one(heard)
    other = small_group.desk("D02", empty=True)
    other.sync()
    desk.sync()
    assert desk.rows(names) == other.rows(names) == [("SH01", "D01"), ("SH01", "D02")]
    assert desk.one(heard) == before + 1
    device = other.one("SELECT device_id FROM desk_state")
    change_scopes(small_group.store, small_group.tenant, device, "*", now=1, desk_code="D07")
    desk.sync()
    assert desk.rows(names) == [("SH01", "D01"), ("SH01", "D07")]
    with desk.database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE desk_state SET names_heard = 99")
        connection.exec_driver_sql("DELETE FROM desk_name")
    desk.sync()
    assert len(desk.rows(names)) == 2, "a centre that came back from a backup tells everything again"


def test_people_and_desks_that_nobody_here_knows_are_said_so(desk: Desk) -> None:
    at = f"{1_795_000_000_000:012x}0000"
    with desk.database.read() as session:
        clocks = (f"{at}-0000beef11111111", f"{at}-0000beef", f"{at}-centre")
        stranger, unsigned, centre = map(Writers(session.connection(), clocks).of, clocks)
    assert (stranger.kind, stranger.desk, stranger.device) == ("other", "", "0000beef")
    assert (stranger.person, stranger.is_unknown, unsigned.is_unknown) == ("", True, False)
    assert (centre.kind, int(centre.at.timestamp())) == ("centre", 1_795_000_000)


def test_replaced_values_go_with_their_record_and_with_time(desk: Desk, small_group: Group) -> None:
    with desk.database.exclusive() as raw:
        raw.exec_driver_sql(
            "INSERT INTO overridden_value (table_name, record_id, field, n, own_at, own_staff_id, their_clock,"
            " noticed_at, state) VALUES ('customer', 'x', 'note', 1, 0, '', '', 1000, 'open')"
        )
        day = 24 * 3600 * 1_000_000
        age_out(DirectConnection(raw), now=29 * day)
        assert raw.exec_driver_sql("SELECT count(*) FROM overridden_value").scalar() == 1
        age_out(DirectConnection(raw), now=31 * day)
        assert raw.exec_driver_sql("SELECT count(*) FROM overridden_value").scalar() == 0


# --- the rules of the features hold for corrections ---------------------------------------------


def test_a_correction_is_held_to_the_rules_of_its_feature(desk: Desk) -> None:
    first, second = desk.records.unit(), desk.records.unit(vin="LSVAA4182E2184847")
    customer = desk.records.customer(name="张三")

    def correct(table: str, record_id: str, **given: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def work(uow: Any) -> None:
            row = uow.session.get(replicated_models()[table], record_id)
            present = {name: getattr(row, name) for name in field_rules(table)}
            found.update(with_rules(uow, table, given, present, record_id=record_id))

        desk.do(work)
        return found

    assert correct("customer", customer.id, phone="139 1234-5678")["phone"] == "13912345678"
    assert correct("customer", customer.id, name="李雷")["name_initials"] == "ll", "findable as always"
    with pytest.raises(VinAlreadyInStock):
        correct("vehicle_unit", first.id, vin=second.vin)
    with pytest.raises(FloorAboveList) as wrong:
        correct("vehicle_unit", first.id, floor_price=first.list_price + 1)
    assert wrong.value.field == "floor_price"
    assert correct("vehicle_unit", first.id, vin=first.vin.lower())["vin"] == first.vin
