"""The log at the centre: its keys, backups, several instances, its check and its commands."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from db.types import microseconds
from sync.client.errors import ServiceUnreachable
from sync.protocol.codes import ErrorCode
from sync.protocol.document_log import Fault, LogHead
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
from tests.sync.conftest import BACKENDS
from tests.sync.desks import Desk
from tests.sync.direct_transport import _KEY
from tests.sync.document_log.log_desks import DAY, agree, alarms, log_of, proof, tampered
from tests.sync.lease_desks import Centre, cut
from tests.sync.postgres_cluster import Cluster
from tests.sync.sealed_documents import TENANT, digest_of, logged, seal


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
