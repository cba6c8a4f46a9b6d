"""The log of sealed documents between desks and a centre: entered once, proved, and whatever is done to it is named."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.document_log.queries import Entered, LogRow, entry_of, proof_of, read_log
from app.kernel.unit_of_work import Reader
from db.models.contracts import Contract
from db.types import instant_at, microseconds
from sync.client.errors import AnswerDamaged, NotOffered, ServiceUnreachable
from sync.protocol.codes import ErrorCode
from sync.protocol.document_log import Fault, LogFault, LogHead, LogProof, verify_log_proof
from sync.protocol.limits import LOG_PROOFS
from sync.server import schema
from sync.server.command_line import main
from sync.server.devices import authenticate, ensure_tenant, revoke
from sync.server.document_log import enter, prove, read_state
from sync.server.document_log_endpoints import LogMessage, tell_log
from sync.server.log_keys import renew_key
from sync.server.refusals import Refusal
from sync.server.service_key import WrongServiceKey, passing_key
from sync.server.store import Store
from sync.server.upkeep import check, start_epoch
from tests.sync.conftest import BACKENDS, Group
from tests.sync.desks import Desk
from tests.sync.direct_transport import _KEY
from tests.sync.lease_desks import Centre, cut, mend
from tests.sync.postgres_cluster import Cluster
from tests.sync.sealed_documents import TENANT, digest_of, forge, lie, logged, seal

DAY = timedelta(days=1)


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}", pool=2)
    store.ensure_schema()
    made = Centre(store)
    yield made
    made.close()


@pytest.fixture
def desk(centre: Centre, database_template: Path, tmp_path: Path) -> Desk:
    return centre.desk(database_template, tmp_path, "D01")


def agree(desk: Desk) -> None:
    """What the runner does."""
    desk.sync()
    desk.engine.keep_log()


def log_of(desk: Desk) -> LogRow:
    with desk.database.read() as session:
        return read_log(Reader(session, actor=desk.actor(), now=desk.clock.now()))


def alarms(desk: Desk) -> list[Fault]:
    """What is wrong with the log as this desk sees it, the newest first."""
    return [alarm.kind for alarm in log_of(desk).open_alarms]


def proof(desk: Desk, name: str) -> LogProof | None:
    with desk.database.read() as session:
        return proof_of(session, digest_of(name))


def asked(desk: Desk) -> int:
    """How often this desk asked the centre anything."""
    return int(desk.engine.transport.calls.get("ask", 0))


# --- entering and proving ----------------------------------------------------------------------------


def test_what_is_sealed_at_a_desk_is_entered_once_and_proved(centre: Centre, desk: Desk) -> None:
    (contract,) = seal(desk, "one")
    agree(desk)
    entered_at = centre.now_ms * 1000
    centre.wait(timedelta(minutes=5))
    desk.set(Contract, contract, state="ARCHIVED")
    seal(desk, "two", "three")
    agree(desk)
    assert logged(centre.store) == [digest_of(name) for name in ("one", "two", "three")]
    kept = proof(desk, "one")
    assert kept is not None
    assert (kept.number, kept.at, kept.head.size) == (1, entered_at, 1)
    told = kept.as_json()
    log = log_of(desk)
    assert verify_log_proof(told, digest=digest_of("one"), public_key=kept.public_key) == kept
    assert (log.entries, log.proved, log.waiting, log.open_alarms) == (3, 3, 0, ())
    assert log.checked_at == desk.clock.now()
    with desk.database.read() as session:
        row = entry_of(session, digest_of("two"))
        assert (row.entered, row.number, row.size, row.alarm) == (Entered.PROVED, 2, 3, None)
        assert row.at == instant_at(centre.now_ms * 1000)
        assert entry_of(session, digest_of("nothing")).entered is Entered.UNKNOWN
    assert check(centre.store) == []


def test_a_document_sealed_anew_is_a_further_entry(centre: Centre, desk: Desk) -> None:
    (contract,) = seal(desk, "first bytes")
    agree(desk)
    desk.set(Contract, contract, sealed_digest=digest_of("bytes with a time-stamp"))
    agree(desk)
    if desk.one("SELECT sealed_digest FROM contract WHERE id = ?", contract) == digest_of("first bytes"):
        pytest.fail("the centre took the change back")
    assert logged(centre.store) == [digest_of("first bytes"), digest_of("bytes with a time-stamp")]
    assert proof(desk, "first bytes") and proof(desk, "bytes with a time-stamp")


def test_every_desk_of_the_branch_keeps_the_proof_however_the_contract_came(
    centre: Centre, desk: Desk, database_template: Path, tmp_path: Path
) -> None:
    seal(desk, *[f"contract {n}" for n in range(LOG_PROOFS + 3)])
    agree(desk)
    other = centre.desk(database_template, tmp_path, "D02")
    agree(other)
    for at in (desk, other):
        assert (log_of(at).proved, log_of(at).waiting) == (LOG_PROOFS + 3, 0)
        for n in (0, LOG_PROOFS + 2):
            kept = proof(at, f"contract {n}")
            assert kept is not None
            kept.check(digest=digest_of(f"contract {n}"))


def test_the_centre_is_asked_when_there_is_something_to_ask_and_once_a_day(centre: Centre, desk: Desk) -> None:
    agree(desk)
    first = asked(desk)
    agree(desk)
    assert asked(desk) == first
    cut(desk)
    seal(desk, "one")
    desk.engine.keep_log()  # the line is dead: in the way of nothing
    mend(desk)
    first = asked(desk)
    desk.engine.keep_log()  # the centre does not have it yet
    desk.engine.keep_log()
    assert (asked(desk), log_of(desk).waiting) == (first + 1, 1)
    desk.sync()
    centre.wait(timedelta(hours=1))
    desk.engine.keep_log()
    assert (asked(desk), log_of(desk).waiting) == (first + 2, 0)
    centre.wait(DAY)
    desk.engine.keep_log()
    desk.engine.keep_log()
    assert asked(desk) == first + 3
    desk.engine.log.keep(asked=True)
    assert asked(desk) == first + 4


@pytest.mark.parametrize("lost", ["request", "answer", "twice"])
def test_a_network_that_loses_things_changes_nothing(centre: Centre, desk: Desk, lost: str) -> None:
    seal(desk, "one")
    desk.sync()
    cut(desk, lost)
    if lost == "twice":
        desk.engine.log.keep()
    else:
        with pytest.raises((ServiceUnreachable, AnswerDamaged)):
            desk.engine.log.keep()
        assert proof(desk, "one") is None
    mend(desk)
    desk.engine.keep_log()
    assert proof(desk, "one") is not None
    assert alarms(desk) == []


def test_a_centre_that_is_older_is_asked_once_a_day(centre: Centre, desk: Desk) -> None:
    def older(answer: dict[str, Any]) -> None:
        raise NotOffered()

    lie(desk, older)
    seal(desk, "one")
    agree(desk)
    first = asked(desk)
    agree(desk)
    assert asked(desk) == first
    with pytest.raises(NotOffered):
        desk.engine.log.keep(asked=True)
    with desk.database.read() as session:
        assert entry_of(session, digest_of("one")).entered is Entered.NOT_YET


def test_an_answer_that_is_none_is_no_alarm(centre: Centre, desk: Desk) -> None:
    lie(desk, lambda answer: answer.update(head={"size": "many"}))
    agree(desk)
    lie(desk, lambda answer: answer.pop("entries"))
    agree(desk)
    assert log_of(desk).checked_at is None
    assert alarms(desk) == []


# --- whatever is done to it --------------------------------------------------------------------------


def tampered(centre: Centre, desk: Desk) -> list[str]:
    """Three entries, seen by the desk; their digests."""
    seal(desk, "one", "two", "three")
    agree(desk)
    assert log_of(desk).entries == 3
    centre.wait(DAY)
    return logged(centre.store)


def _is_caught(centre: Centre, desk: Desk, fault: Fault) -> None:
    """The fault is named, kept with both heads, and the head seen last stays."""
    before = log_of(desk)
    desk.engine.keep_log()
    after = log_of(desk)
    assert alarms(desk) == [fault]
    (alarm,) = after.open_alarms
    assert alarm.before is not None
    assert (alarm.before.size, alarm.kind, alarm.state) == (3, fault, "open")
    assert (after.entries, after.root, after.checked_at) == (3, before.root, before.checked_at)
    with desk.database.read() as session:
        assert entry_of(session, digest_of("one")).alarm is fault
    assert desk.engine.refresh_status().log_alarms == 1
    centre.wait(DAY)
    desk.engine.keep_log()
    (again,) = log_of(desk).open_alarms
    assert (again.id, again.found_at, again.seen_at) == (alarm.id, alarm.found_at, desk.clock.now())


def test_a_rewritten_entry(centre: Centre, desk: Desk) -> None:
    known = tampered(centre, desk)
    forge(centre.store, [known[0], digest_of("forged"), known[2], digest_of("more")], at=centre.now_ms * 1000)
    _is_caught(centre, desk, Fault.REWRITTEN)


def test_an_entry_whose_time_was_changed(centre: Centre, desk: Desk) -> None:
    known = tampered(centre, desk)
    forge(centre.store, [*known, digest_of("more")], at=centre.now_ms * 1000 - 1)
    _is_caught(centre, desk, Fault.REWRITTEN)


def test_a_log_forked_at_its_size(centre: Centre, desk: Desk) -> None:
    known = tampered(centre, desk)
    forge(centre.store, [*known[:2], digest_of("forged")], at=centre.now_ms * 1000)
    _is_caught(centre, desk, Fault.FORKED)


def test_a_log_that_was_cut_off(centre: Centre, desk: Desk) -> None:
    known = tampered(centre, desk)
    forge(centre.store, known[:2], at=centre.now_ms * 1000)
    _is_caught(centre, desk, Fault.SHORTER)


def test_another_log(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    with centre.store.write() as connection:
        centre.store.run(connection, "UPDATE document_log SET log_id = ? WHERE tenant_id = ?", ("f" * 32, TENANT))
    _is_caught(centre, desk, Fault.OTHER_LOG)


def test_a_key_that_does_not_follow(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    with centre.store.write() as connection:
        renew_key(centre.store, connection, _KEY, tenant=TENANT, now=1, lost=True)
    _is_caught(centre, desk, Fault.KEY_CHANGED)


def test_a_key_whose_succession_is_forged(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    with centre.store.write() as connection:
        renew_key(centre.store, connection, _KEY, tenant=TENANT, now=1)
        centre.store.run(
            connection, "UPDATE document_log_key SET signature = ? WHERE tenant_id = ? AND n = 2", ("0" * 128, TENANT)
        )
    _is_caught(centre, desk, Fault.KEY_CHANGED)


def test_a_head_that_nobody_signed(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    lie(desk, lambda answer: answer["head"].update(at=answer["head"]["at"] + 1))
    _is_caught(centre, desk, Fault.SIGNATURE_WRONG)


def test_a_head_that_moved_back_in_time(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    centre.clock.advance(-4 * DAY)
    with centre.store.write() as connection:
        centre.store.run(connection, "UPDATE document_log SET last_at = 0 WHERE tenant_id = ?", (TENANT,))
    _is_caught(centre, desk, Fault.MOVED_BACK)


def test_a_proof_of_another_document(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    seal(desk, "four", "five")
    desk.sync()

    def swap(answer: dict[str, Any]) -> None:
        one, other = digest_of("four"), digest_of("five")
        answer["entries"][one], answer["entries"][other] = answer["entries"][other], answer["entries"][one]

    lie(desk, swap)
    _is_caught(centre, desk, Fault.NOT_INCLUDED)
    assert proof(desk, "four") is None


def test_a_proof_nobody_asked_for(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    seal(desk, "four")
    desk.sync()
    lie(desk, lambda answer: answer["entries"].update({digest_of("other"): answer["entries"][digest_of("four")]}))
    _is_caught(centre, desk, Fault.OTHER_DOCUMENT)


def test_a_proof_as_json_is_good_for_one_document_one_key_and_one_log(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    kept = proof(desk, "two")
    assert kept is not None
    told, digest = kept.as_json(), digest_of("two")
    verify_log_proof(told, digest=digest, public_key=kept.public_key)

    def fault(change: dict[str, Any], *, of: str = digest, key: str = "") -> Fault:
        with pytest.raises(LogFault) as caught:
            verify_log_proof({**told, **change}, digest=of, public_key=key)
        return caught.value.fault

    head = told["head"]
    assert fault({}, of=digest_of("one")) is Fault.OTHER_DOCUMENT
    assert fault({}, key="a" * 64) is Fault.KEY_CHANGED
    assert fault({"digest": digest_of("one")}, of=digest_of("one")) is Fault.NOT_INCLUDED
    assert fault({"at": told["at"] + 1}) is Fault.NOT_INCLUDED
    assert fault({"index": 0}) is Fault.NOT_INCLUDED
    assert fault({"index": 1 << 61}) is Fault.NOT_INCLUDED
    assert fault({"path": told["path"][1:]}) is Fault.NOT_INCLUDED
    assert fault({"path": ["0" * 64] * 64}) is Fault.NOT_INCLUDED
    assert fault({"public_key": "0" * 64}) is Fault.SIGNATURE_WRONG
    for name, value in (("size", 4), ("root", "0" * 64), ("at", 1), ("epoch", "x"), ("log", "0" * 32)):
        assert fault({"head": {**head, name: value}}) is Fault.SIGNATURE_WRONG, name
    for change in (
        {"form": "other"}, {"path": "no list"}, {"path": ["x"]}, {"path": ["0" * 64] * 65}, {"head": None}, {"at": -1},
        {"at": True}, {"index": 1.0}, {"public_key": "A" * 64}, {"head": {**head, "epoch": "\n"}},
        {"head": {**head, "signature": ""}},
    ):  # fmt: skip
        assert fault(change) is Fault.MALFORMED, change
    for no_proof in (None, [], "text", {}):
        with pytest.raises(LogFault):
            verify_log_proof(no_proof, digest=digest)


def test_an_alarm_stays_until_a_person_accepts_the_log_as_it_is(centre: Centre, desk: Desk) -> None:
    known = tampered(centre, desk)
    kept = proof(desk, "one")
    forge(centre.store, known[:2], at=centre.now_ms * 1000)
    desk.engine.keep_log()
    desk.engine.log.settle(by="a" * 32)
    assert alarms(desk) == []
    assert log_of(desk).entries == 0, "the next head is the first one again"
    desk.engine.keep_log()
    log = log_of(desk)
    assert (log.entries, [one.kind for one in log.alarms]) == (2, [Fault.SHORTER])
    assert desk.engine.refresh_status().log_alarms == 0
    assert proof(desk, "one") == kept, "what was proved stays provable"


def test_a_log_forked_between_desks_comes_to_light_by_a_head_that_travels(
    centre: Centre, desk: Desk, database_template: Path, tmp_path: Path
) -> None:
    """Two desks are shown two logs, each sound in itself; neither sees it, until a head of one reaches the other."""
    known = tampered(centre, desk)
    other = centre.desk(database_template, tmp_path, "D02")
    seen = proof(desk, "three")
    assert seen is not None
    assert other.engine.log.compare(seen.head, seen.public_key) is None
    with other.database.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM log_head")
    forge(centre.store, [known[0], digest_of("forged"), known[2], digest_of("more")], at=centre.now_ms * 1000)
    other.engine.log.keep(asked=True)
    assert alarms(other) == []
    assert other.engine.log.compare(seen.head, seen.public_key) is Fault.REWRITTEN
    assert alarms(other) == [Fault.REWRITTEN]
    forged = replace(seen.head, size=2)
    with pytest.raises(LogFault) as caught:
        other.engine.log.compare(forged, seen.public_key)
    assert caught.value.fault is Fault.SIGNATURE_WRONG
    with pytest.raises(LogFault) as caught:
        other.engine.log.compare(seen.head, "0" * 64)
    assert caught.value.fault is Fault.KEY_CHANGED
    assert alarms(other) == [Fault.REWRITTEN], "what the centre never signed is no alarm"


def test_over_http_on_both_databases(group: Group) -> None:
    desk = group.desk("D01")
    seal(desk, "one", "two")
    agree(desk)
    seal(desk, "three")
    agree(desk)
    kept = proof(desk, "three")
    assert kept is not None
    verify_log_proof(kept.as_json(), digest=digest_of("three"), public_key=kept.public_key)
    assert (kept.number, log_of(desk).proved, alarms(desk)) == (3, 3, [])
    assert logged(group.store, group.tenant) == [digest_of(name) for name in ("one", "two", "three")]
    assert check(group.store, tenant=group.tenant) == []


# --- keys, backups, several instances ----------------------------------------------------------------


def test_a_renewed_key_is_followed(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    first = log_of(desk).key_id
    for _ in range(2):
        with centre.store.write() as connection:
            renew_key(centre.store, connection, _KEY, tenant=TENANT, now=centre.now_ms * 1000)
    seal(desk, "four")
    agree(desk)
    assert alarms(desk) == []
    assert log_of(desk).key_id != first
    assert proof(desk, "four") is not None
    with centre.store.write() as connection, pytest.raises(WrongServiceKey):
        renew_key(centre.store, connection, passing_key(), tenant=TENANT, now=1)


def test_a_restored_centre_is_named_as_such_and_its_log_goes_on(centre: Centre, desk: Desk, tmp_path: Path) -> None:
    seal(desk, "one", "two")
    agree(desk)
    path = tmp_path / "centre.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(tmp_path / "backup.db")) as target:
        source.backup(target)
    seal(desk, "three")
    agree(desk)
    kept = proof(desk, "three")
    centre.store.close()
    with closing(sqlite3.connect(tmp_path / "backup.db")) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    centre.wait(timedelta(minutes=10))
    start_epoch(centre.store, TENANT)
    seal(desk, "four")
    agree(desk)
    assert alarms(desk) == [Fault.RESTORED]
    assert sorted(logged(centre.store)[2:]) == sorted([digest_of("three"), digest_of("four")])
    again = proof(desk, "three")
    assert kept is not None and again is not None
    assert (again.at > kept.at, again.head.epoch != kept.head.epoch) == (True, True)
    kept.check(digest=digest_of("three"))
    assert (log_of(desk).proved, log_of(desk).waiting) == (4, 0)
    centre.wait(DAY)
    agree(desk)
    assert alarms(desk) == [Fault.RESTORED], "said once"
    status = desk.engine.refresh_status()
    assert (status.log_alarms, status.log_restored) == (0, 1)
    desk.engine.log.settle(by="a" * 32)
    assert log_of(desk).entries == 4


def test_a_new_epoch_without_a_loss_is_no_break(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    start_epoch(centre.store, TENANT)
    seal(desk, "four")
    agree(desk)
    assert alarms(desk) == []
    assert log_of(desk).entries == 4


@pytest.fixture(params=BACKENDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'log.db'}"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        url = cluster.create_database()
    made = Store(url, pool=4)
    made.ensure_schema()
    with made.write() as connection:
        ensure_tenant(made, connection, TENANT, now=1)
    yield made
    made.close()


def test_instances_that_add_at_once_lose_nothing_and_enter_nothing_twice(store: Store) -> None:
    digests = [digest_of(f"document {n}") for n in range(40)]
    errors: list[BaseException] = []

    def add(own: list[str]) -> None:
        try:
            for at, digest in enumerate(own):
                with store.write() as connection:
                    enter(store, connection, tenant=TENANT, digests=[digest, "no digest", None], now=1_000_000 - at)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=add, args=(digests[start:] + digests[:start],)) for start in (0, 7, 23)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert sorted(logged(store)) == sorted(digests)
    assert check(store) == []
    with store.read() as connection:
        state = read_state(store, connection, TENANT)
        assert state is not None and (state.size, state.last_at) == (40, 1_000_000)
        told = prove(store, connection, TENANT, size=40, known=13, digests=[*digests, digest_of("unknown")])
    assert (len(told.entries), told.unknown) == (40, [digest_of("unknown")])


def test_a_transaction_that_is_taken_back_enters_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as connection:
        enter(store, connection, tenant=TENANT, digests=[digest_of("one")], now=1)
        raise RuntimeError
    assert logged(store) == []
    with store.write() as connection:
        enter(store, connection, tenant=TENANT, digests=[digest_of("one")], now=1)
    assert check(store) == []


def test_a_changed_hash_or_entry_is_found_by_the_check(store: Store) -> None:
    with store.write() as connection:
        enter(store, connection, tenant=TENANT, digests=[digest_of(str(n)) for n in range(5)], now=1)
    for statement in (
        "UPDATE document_log_entry SET at = at + 1 WHERE tenant_id = ? AND number = 3",
        "UPDATE document_log_hash SET hash = '" + "0" * 64 + "' WHERE tenant_id = ? AND node = 3",
        "INSERT INTO document_log_hash (tenant_id, node, hash) SELECT tenant_id, 99, hash FROM document_log_hash"
        " WHERE tenant_id = ? AND node = 0",
    ):
        with store.write() as connection:
            store.run(connection, statement, (TENANT,))
        assert [one.name for one in check(store)] == ["log_hash_wrong"]


def test_who_was_shut_out_is_told_nothing(centre: Centre, desk: Desk) -> None:
    seal(desk, "one")
    agree(desk)
    device_id = desk.one("SELECT device_id FROM desk_state")
    revoke(centre.store, TENANT, device_id, now=centre.now_ms * 1000)
    device = authenticate(centre.store, f"Bearer {desk.engine.transport._token}", now=centre.now_ms * 1000)
    with pytest.raises(Refusal) as caught:
        tell_log(centre.store, device, LogMessage(known=0, digests=[]), key=_KEY, now_ms=centre.now_ms)
    assert caught.value.code is ErrorCode.DEVICE_REVOKED


def test_a_head_says_what_it_signed(centre: Centre, desk: Desk) -> None:
    agree(desk)
    with desk.database.read() as session:
        row = session.connection().exec_driver_sql("SELECT * FROM log_head").mappings().one()
    head = LogHead(**{name: row[name] for name in ("log", "epoch", "size", "root", "at", "key_id", "signature")})
    head.check_signature(row["public_key"])
    assert head.signed_bytes().decode().splitlines() == [
        "forecourt-log-head/1", head.log, head.epoch, "0", head.root, str(head.at),
    ]  # fmt: skip
    assert LogHead.read(head.as_json()) == head
    assert head.at == microseconds(centre.clock.now()) // 1000 * 1000
    with pytest.raises(ServiceUnreachable):
        cut(desk)
        desk.engine.log.keep(asked=True)


def test_the_commands_tell_the_log_and_renew_its_key(
    centre: Centre, desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "service"
    data.mkdir()
    where = ("--database", f"sqlite:///{tmp_path / 'centre.db'}", "--data", str(data))
    assert main(["log", *where]) == 0
    assert capsys.readouterr().out.strip() == "no document was sealed yet"
    seal(desk, "one")
    agree(desk)
    assert main(["log", *where]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith(": 1 documents")
    assert main(["renew-log-key", *where]) == 1, "another service's key"
    assert "--lost" in capsys.readouterr().err
    assert main(["renew-log-key", "--lost", *where]) == 0
    assert main(["renew-log-key", *where]) == 0
    capsys.readouterr()
    main(["log", *where])
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_what_was_sealed_before_there_was_a_log_is_entered_by_the_step(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'before.db'}", pool=2)
    store.ensure_schema()
    schema.downgrade(store.engine, "0012")
    rows = []
    for n in range(1_005):
        fields = {"sealed_digest": "" if n == 7 else digest_of(str(n % 1_003))}
        if n == 8:
            fields = {"deleted_at": "1"}
        text = json.dumps(fields)
        rows.append((TENANT, "contract", f"{n:032x}", "b", n + 1, 1, int(n == 8), text, "{}", 1, 1, "", 0, len(text)))
    columns = (
        "tenant_id", "table_name", "record_id", "scope", "seq", "ver", "deleted", "body", "field_clock", "created_at",
        "updated_at", "origin", "origin_base", "size",
    )  # fmt: skip
    with store.write() as connection:
        ensure_tenant(store, connection, TENANT, now=1)
        store.insert_many(connection, "replica_row", columns, rows)
    store.ensure_schema()
    assert logged(store) == [digest_of(str(n)) for n in range(1_003) if n not in (7, 8)]
    with store.write() as connection:
        enter(store, connection, tenant=TENANT, digests=[digest_of("later"), digest_of("0")], now=2)
    assert [one.name for one in check(store) if "log" in one.name] == []
    store.close()
