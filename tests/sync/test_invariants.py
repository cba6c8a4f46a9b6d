"""Each thing that must never be is broken by hand in a healthy database, and `check` finds it and nothing else."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync.server.command_line import main
from sync.server.devices import ensure_tenant
from sync.server.document_log import enter
from sync.server.invariants import check, invariants, waiting
from sync.server.store import Connection, Store
from tests.sync.conftest import BACKENDS
from tests.sync.postgres_cluster import Cluster

TENANT, BRANCH, OTHER = "main", "b" * 32, "e" * 32
DESK, ORDER, LOSER, UNIT, COST, GONE = "d" * 32, "1" * 32, "2" * 32, "3" * 32, "4" * 32, "5" * 32
CONTRACT, SEALED = "6" * 32, "a" * 64
VIN = "LSVAA4182E2184847"
_ROW = (
    "tenant_id", "table_name", "record_id", "scope", "seq", "ver", "deleted", "body", "field_clock", "created_at",
    "updated_at", "origin", "origin_base", "size",
)  # fmt: skip


def row(table: str, record_id: str, seq: int, /, scope: str = BRANCH, **fields: object) -> tuple[object, ...]:
    body = json.dumps(fields, separators=(",", ":"))
    deleted = int(fields.get("deleted_at") is not None)
    return (TENANT, table, record_id, scope, seq, 1, deleted, body, "{}", 1, 1, "", 0, len(body))


def healthy(store: Store) -> None:
    """A group with a sold vehicle, an order that lost it, a cost, a tombstone, a sealed contract, a desk and its
    answers."""
    store.ensure_schema()
    winner = {"order_id": ORDER, "number": "SH01-SO-2026-000001"}
    rows = [
        row("sales_order", ORDER, 1, state="CONFIRMED", claim_state="confirmed", vehicle_unit_id=UNIT,
            final_number="SH01-SO-2026-000001"),
        row("sales_order", LOSER, 2, state="CONFIRMED", claim_state="conflict", vehicle_unit_id=UNIT,
            claim_winner=winner),
        row("vehicle_unit", UNIT, 3, vin=VIN, order_id=ORDER, allocation_state="ALLOCATED"),
        row("unit_cost", COST, 4, unit_id=UNIT, amount=5),
        row("customer", GONE, 5, deleted_at=7),
        row("contract", CONTRACT, 8, sealed_digest=SEALED),
    ]  # fmt: skip
    with store.write() as connection:
        ensure_tenant(store, connection, TENANT, now=1)
        enter(store, connection, tenant=TENANT, digests=[SEALED], now=1)
        store.insert_many(connection, "replica_row", _ROW, rows)
        store.insert_many(
            connection, "sync_scope", ("tenant_id", "scope", "head", "min_seq"),
            [(TENANT, BRANCH, 9, 0), (TENANT, OTHER, 9, 0)],
        )  # fmt: skip
        run(
            store, connection,
            "INSERT INTO vehicle_claim VALUES ('main', '{vin}', 'order', '{order}', '{branch}', '{unit}', 'N1',"
            " '{branch}', 'D01', '', '', NULL, 5)",
            "INSERT INTO vehicle_entry VALUES ('main', '{vin}', '{unit}', '{branch}')",
            "INSERT INTO claim_conflict VALUES ('main', '{loser}', '{vin}', '{{}}', 5)",
            "INSERT INTO vehicle_owner VALUES ('main', '{vin}', '{branch}', '{unit}', '', '', '', '', 0)",
            "INSERT INTO unit_follower VALUES ('main', '{unit}', 'unit_cost', '{cost}')",
            "INSERT INTO record_guard VALUES ('main', 'sales_order', '{order}', '{cost}')",
            "INSERT INTO device_cursor VALUES ('main', '{desk}', '{branch}', 9, 1)",
            "INSERT INTO device VALUES ('main', '{desk}', '{branch}', 'SH01', 'D01', '[]', 'administrator', 'k', 3,"
            " 'h3', 1, '', 1, 1, NULL, 0)",
            *(f"INSERT INTO applied_operation VALUES ('main', '{{desk}}', {n}, 'h{n}', 'accepted', 1, {n}, '', '')"
              for n in (2, 3)),
            f"INSERT INTO content VALUES ('main', '{'a' * 64}', 3, 3, 1, 1)",
        )  # fmt: skip
    recount(store)


def recount(store: Store) -> None:
    """The digests as they ought to be."""
    from sync.server.upkeep import recount_digests

    recount_digests(store, TENANT)


def run(store: Store, connection: Connection, *statements: str) -> None:
    names = {
        "vin": VIN, "order": ORDER, "loser": LOSER, "unit": UNIT, "cost": COST, "desk": DESK, "branch": BRANCH,
        "other": OTHER, "gone": GONE,
    }  # fmt: skip
    for statement in statements:
        store.run(connection, statement.format(**names))


@pytest.fixture(scope="module", params=BACKENDS)
def centre(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A healthy database; every test takes back what it breaks."""
    url = f"sqlite:///{tmp_path_factory.mktemp('invariants') / 'centre.db'}"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        url = cluster.create_database()
    store = Store(url, pool=3)
    healthy(store)
    yield store
    store.close()


def test_a_healthy_database_has_no_findings(centre: Store) -> None:
    assert check(centre) == []
    assert check(centre, tenant="nobody") == []
    assert waiting(centre, TENANT) == {"quarantined": 0, "conflicts": 1, "desks": 1, "records": 5, "needed": 0}


_BODY = "UPDATE replica_row SET body = '{body}', size = {size} WHERE record_id = '{record}'"


def body(record: str, **fields: object) -> str:
    """A statement that gives a record another body."""
    text = json.dumps(fields, separators=(",", ":"))
    return _BODY.format(body=text.replace("{", "{{").replace("}", "}}"), size=len(text), record=record)


_SOLD = {"state": "CONFIRMED", "claim_state": "confirmed", "vehicle_unit_id": UNIT}
BROKEN: dict[str, tuple[str, ...]] = {
    "rows_beyond_head": ("UPDATE sync_scope SET head = 4 WHERE scope = '{branch}'",
                         "UPDATE sync_scope SET head = 14 WHERE scope = '{other}'",
                         "UPDATE device_cursor SET seq = 4"),
    "rows_without_feed": ("UPDATE replica_row SET scope = 'nowhere' WHERE record_id = '{gone}'",),
    "place_given_twice": ("INSERT INTO scope_leave VALUES ('main', '{branch}', 'customer', 'x', 1, 1, '{other}', 1)",),
    "place_before_first": ("UPDATE replica_row SET seq = 0 WHERE record_id = '{gone}'",),
    "versions_without_place": ("UPDATE replica_row SET ver = 90 WHERE record_id = '{gone}'",),
    "compacted_beyond_head": ("UPDATE sync_scope SET min_seq = 10 WHERE scope = '{branch}'",),
    "cursor_beyond_head": ("UPDATE device_cursor SET seq = 10",),
    "leave_of_present_record": (
        "INSERT INTO scope_leave VALUES ('main', '{branch}', 'unit_cost', '{cost}', 6, 1, '{other}', 1)",),
    "answers_beyond_last": (
        "INSERT INTO applied_operation VALUES ('main', '{desk}', 4, 'h4', 'accepted', 1, 1, '', '')",
        "DELETE FROM applied_operation WHERE n = 2",),
    "answers_missing": ("DELETE FROM applied_operation WHERE n = 2",),
    "answers_of_nobody": (
        "INSERT INTO applied_operation VALUES ('main', '{other}', 1, 'h', 'accepted', 1, 1, '', '')",),
    "chain_broken": ("UPDATE device SET last_hash = 'other'",),
    "seen_beyond_last": ("UPDATE device SET seen_n = 4, last_n = 3", "DELETE FROM applied_operation"),
    "quarantine_of_nobody": ("INSERT INTO quarantined_operation VALUES ('main', '{other}', 1, 'h', 'r', '{{}}', 1)",),
    "vehicle_in_two_scopes": ("INSERT INTO vehicle_entry VALUES ('main', '{vin}', '{cost}', '{other}')",
                              "UPDATE replica_row SET table_name = 'vehicle_unit', scope = '{other}'"
                              " WHERE record_id = '{cost}'"),
    "vehicle_without_owner": ("UPDATE vehicle_owner SET scope = '{other}'",),
    "follower_elsewhere": (
        "UPDATE replica_row SET scope = '{other}' WHERE record_id = '{cost}'",
        "INSERT INTO scope_leave VALUES ('main', '{other}', 'vehicle_unit', '{unit}', 6, 1, 'x', 1)"),
    "order_with_two_vehicles": (
        "INSERT INTO vehicle_claim VALUES ('main', 'OTHERVIN', 'order', '{order}', '{branch}', '', 'N1', '{branch}',"
        " 'D01', '', '', NULL, 5)",),
    "claim_unconfirmed": (body(ORDER, **{**_SOLD, "claim_state": "released"}),),
    "confirmed_without_claim": (body(LOSER, **{**_SOLD, "vehicle_unit_id": COST}), "DELETE FROM claim_conflict",
                                "INSERT INTO vehicle_entry VALUES ('main', '{vin}', '{cost}', '{branch}')"),
    "vehicle_sold_twice": (body(LOSER, **_SOLD), "DELETE FROM claim_conflict", "DELETE FROM vehicle_entry"),
    "loser_without_winner": (body(LOSER, **{**_SOLD, "claim_state": "conflict", "claim_winner": None}),),
    "conflict_unflagged": (body(LOSER, **{**_SOLD, "claim_state": "lost", "vehicle_unit_id": None}),),
    "unit_says_otherwise": (body(UNIT, vin=VIN, order_id=LOSER),),
    "number_given_twice": (body(LOSER, claim_state="conflict", claim_winner="x", final_number="SH01-SO-2026-000001"),),
    "lease_passed_over": (
        "INSERT INTO vehicle_lease VALUES ('main', '{vin}', 'l', '{desk}', '{other}', 'HZ01', 'D09', '', '', 1, 9)",
        "UPDATE vehicle_owner SET scope = ''",
        "DELETE FROM vehicle_owner",),
    "tombstone_with_body": (body(GONE, deleted_at=7, name="Wang"),),
    "deletion_undecided": (body(GONE, deleted_at=None),),
    "size_wrong": ("UPDATE replica_row SET size = 1 WHERE record_id = '{gone}'",),
    "guard_failed": ("INSERT INTO record_guard VALUES ('main', 'customer', '{gone}', '{cost}')",),
    "content_incomplete": ("UPDATE content SET received = 2",),
    "log_miscounted": ("UPDATE document_log SET size = 2",),
    "log_without_hash": ("DELETE FROM document_log_hash",),
    "signing_not_erased": (
        "INSERT INTO signing_request VALUES ('main', 'r', '{desk}', '{branch}', 't', 'c', '', 'd', 'withdrawn', 0, 1,"
        " 0, '[]', 'sealed', '', '', 1, 2, NULL, NULL, NULL)",),
    "signing_unread": (
        "INSERT INTO signing_request VALUES ('main', 'r', '{desk}', '{branch}', 't', 'c', '', 'd', 'signed', 0, 2,"
        " 1, '[]', '', '', 'sealed', 1, 2, 1, NULL, 2)",),
    "sealed_not_logged": (body(CONTRACT, sealed_digest="b" * 64),),
}  # fmt: skip


class _TakenBack(Exception):
    """Ends a transaction that broke something."""


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_found_and_said(centre: Store, name: str) -> None:
    found: list[str] = []
    with pytest.raises(_TakenBack), centre.write() as connection:
        run(centre, connection, *BROKEN[name])
        for one in invariants(centre):
            values = (TENANT,) * one.statement.count("?")
            if centre.run(connection, f"SELECT count(*) FROM ({one.statement}) found", values).scalar():
                found.append(one.name)
                assert one.meaning and one.remedy and one.what
        raise _TakenBack
    assert found == [name]


def test_every_invariant_is_broken_by_a_test(centre: Store) -> None:
    assert set(BROKEN) == {one.name for one in invariants(centre)}


def test_a_wrong_digest_is_found_and_counted_again(centre: Store) -> None:
    with centre.write() as connection:
        centre.run(connection, "UPDATE scope_digest SET row_count = row_count + 1 WHERE tenant_id = ?", (TENANT,))
    assert [finding.name for finding in check(centre)] == ["digest_wrong"]
    recount(centre)
    assert check(centre) == []


def test_a_check_holds_up_nobody_and_sees_one_moment(centre: Store) -> None:
    """A writer commits in the middle of a check; the check neither waits for it nor sees half of it."""
    with centre.snapshot() as reading:
        before = centre.run(reading, "SELECT sum(head) FROM sync_scope WHERE tenant_id = ?", (TENANT,)).scalar()
        with centre.write() as writing:
            centre.run(writing, "UPDATE sync_scope SET head = head + 1 WHERE tenant_id = ?", (TENANT,))
        after = centre.run(reading, "SELECT sum(head) FROM sync_scope WHERE tenant_id = ?", (TENANT,)).scalar()
    assert before == after
    assert check(centre) == []


def test_the_command_says_what_it_means_and_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(f"sqlite:///{tmp_path / 'service.db'}", pool=2)
    healthy(store)
    said = _said(capsys, main, "check", "--data", str(tmp_path))
    assert said == (0, "all is well\nmain: 0 operations in quarantine, 1 open conflicts")
    with store.write() as connection:
        store.run(connection, "UPDATE device SET last_hash = 'other' WHERE tenant_id = ?", (TENANT,))
    store.close()
    status, text = _said(capsys, main, "check", "--data", str(tmp_path))
    assert status == 1
    assert text.splitlines()[1].startswith("    means: ")
    assert text.splitlines()[2].startswith("    do: ")
    status, text = _said(capsys, main, "check", "--data", str(tmp_path), "--json", "--tenant", TENANT)
    told = json.loads(text)
    assert (status, told["findings"][0]["name"], told["findings"][0]["example"]) == (1, "chain_broken", DESK)
    assert _said(capsys, main, "check", "--data", str(tmp_path), "--tenant", "nobody")[0] == 1


def _said(capsys: pytest.CaptureFixture[str], run: Callable[[list[str]], int], *arguments: str) -> tuple[int, str]:
    status = run(list(arguments))
    out = capsys.readouterr()
    return status, (out.out + out.err).strip()


def test_upkeep_goes_in_small_steps_and_one_instance_at_a_time(centre: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from sync.server import upkeep

    long_after = time.time_ns() // 1000 + (upkeep.TOMBSTONE_DAYS + 1) * 86_400_000_000
    monkeypatch.setattr(upkeep, "_PORTION", 3)
    with centre.write() as connection:
        centre.insert_many(
            connection, "applied_operation",
            ("tenant_id", "device_id", "n", "hash", "outcome", "ver", "seq", "code", "detail"),
            [(TENANT, DESK, n, f"h{n}", "accepted", 1, 1, "", "") for n in range(4, 24)],
        )  # fmt: skip
        run(centre, connection, "UPDATE device SET last_n = 23, last_hash = 'h23', seen_n = 20")
        store_rows = [row("customer", f"{n:032d}", n, OTHER, deleted_at=1) for n in range(1, 9)]
        centre.insert_many(connection, "replica_row", _ROW, store_rows)
    if centre.is_postgres:  # another instance is at it
        with centre.write() as connection:
            centre.run(
                connection, "SELECT pg_advisory_xact_lock(?, hashtext(?))", (upkeep._LOCK, TENANT)
            )  # fmt: skip
            assert upkeep.prune(centre, now=0, keep=5) == 0
            assert upkeep.compact(centre, TENANT, now=long_after) == {}
    assert upkeep.prune(centre, now=0, keep=5) == 14
    assert upkeep.prune(centre, now=0, keep=5) == 0
    assert upkeep.compact(centre, TENANT, now=long_after)[OTHER] == 8
    with centre.read() as connection:
        left = centre.run(connection, "SELECT min(n) FROM applied_operation WHERE tenant_id = ?", (TENANT,)).scalar()
    assert left == 16
    assert check(centre) == []
