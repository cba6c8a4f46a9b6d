"""New records on which nothing else depends are taken in by a shorter way, which must end as the usual one does."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.ids import new_id
from sync.protocol.codec import dump, load
from sync.protocol.operations import chain
from sync.protocol.versions import SCHEMA_VERSION
from sync.server.changes import Changes
from sync.server.devices import DEFAULT_TENANT, Device, enrol, find_device, make_code
from sync.server.push import Push, apply_push
from sync.server.record_book import RecordBook
from sync.server.store import Store

NOW_MS = 1_790_000_000_000
BRANCH = "b" * 31 + "1"
_ANSWER = ("results", "rows", "ahead_ms")
_STORED = (
    "SELECT table_name, record_id, scope, seq, ver, deleted, body, field_clock, created_at, updated_at, origin <> '',"
    " origin_base, size FROM replica_row ORDER BY scope, seq"
)


class Centre:
    """A centre with one desk; `push` sends operations as that desk."""

    def __init__(self, folder: Path, *, role: str = "administrator") -> None:
        self.store = Store(f"sqlite:///{folder / 'centre.db'}", pool=2)
        self.store.ensure_schema()
        now = NOW_MS * 1000
        code = make_code(
            self.store, tenant=DEFAULT_TENANT, branch_code="SH01", desk_code="D01", scopes=(BRANCH,), role=role,
            now=now, seconds=600,
        )  # fmt: skip
        told = enrol(self.store, code=code, branch_id=BRANCH, after_n=0, after_hash="", now=now)
        with self.store.read() as connection:
            found = find_device(self.store, connection, DEFAULT_TENANT, told["device_id"])
        assert found is not None
        self.device: Device = found
        self._n, self._hash = 0, ""

    def push(self, operations: list[dict[str, Any]]) -> dict[str, Any]:
        """Number and send these; what came of them."""
        previous = {"n": self._n, "hash": self._hash}
        numbered = []
        for operation in operations:
            self._n += 1
            name = (operation["txn"], operation["kind"], operation["table"], operation["id"])
            self._hash = chain(self._hash, self._n, *name)
            numbered.append({**operation, "n": self._n, "fields": dict(operation["fields"])})
        answer = apply_push(
            self.store, self.device, Push.read({"epoch": "", "previous": previous, "operations": numbered}),
            now_ms=NOW_MS,
        )  # fmt: skip
        told: dict[str, Any] = load(dump({name: answer[name] for name in _ANSWER}))
        return told

    def stored(self) -> list[Any]:
        """Every record with its place, and the sums over them."""
        with self.store.read() as connection:
            rows = list(self.store.run(connection, _STORED))
            sums = "SELECT scope, table_name, bucket, row_count, row_sum FROM scope_digest ORDER BY 1, 2, 3"
            return [*rows, *self.store.run(connection, sums)]


def operation(table: str = "customer", /, *, ahead_ms: int = 0, **values: Any) -> dict[str, Any]:
    """A new record in a transaction of its own; keys that are no fields: `scope`, `new`, `v`, `id`, `base`."""
    named = ("scope", "new", "v", "id", "base", "txn")
    outer: dict[str, Any] = {name: values.pop(name) for name in named if name in values}
    return {
        "txn": new_id(), "v": SCHEMA_VERSION, "kind": "put", "table": table, "id": new_id(), "scope": BRANCH, "base": 0,
        "clock": f"{NOW_MS + ahead_ms:012x}0000-desk0001", "at": NOW_MS * 1000, "by": "", "new": True,
        **outer, "fields": values,
    }  # fmt: skip


def order(**values: Any) -> dict[str, Any]:
    return operation("sales_order", **{"number": "SH01-D01-SO-000001", "claim_state": "provisional", **values})


def cases() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """What the second push holds, when the first has opened the way for its kinds of records."""
    known = operation(name="王小明")
    yield "one record", [known]
    yield "one that is there already", [known, operation(name="李雷", id=known["id"])]
    yield "one of another branch", [operation(name="a", scope="c" * 32)]
    yield "one of the group", [operation(name="a", scope="group")]
    yield "a change of what is not there", [operation(name="a", new=False)]
    yield "one that is changed at once", [known, operation(name="b", id=known["id"], new=False, base=0)]
    change = operation(name="c", id=known["id"], new=False)
    bad = operation(name=7, txn=change["txn"])
    yield "one whose change is refused with its transaction", [known, change, bad]
    yield "a clock far ahead", [operation(name="a", ahead_ms=3 * 24 * 3600 * 1000)]
    yield "a wrong type", [operation(name=7)]
    yield "an integer no column holds", [order(vehicle_price=1 << 63)]
    yield "a day that is none", [order(planned_delivery="tomorrow")]
    yield "a deleted one", [operation(name="a", deleted_at=NOW_MS * 1000)]
    yield "one with an empty time of deletion", [operation(name="a", deleted_at=None)]
    yield "an earlier version's", [operation(name="a", v=1)]
    yield "an order", [order(state="DRAFT"), order(state="SIGNED")]
    yield "an order that names its final number", [order(final_number="SH01-SO-000009")]
    yield "an order that calls itself confirmed", [order(claim_state="confirmed")]
    yield "an order that is over", [order(state="CANCELLED")]
    yield "money", [operation("payment", order_id=new_id(), amount=100, received_at=NOW_MS * 1000)]
    yield "a vehicle", [operation("vehicle_unit", vin="LSVAA4180T2000001")]
    yield "a table nobody knows", [operation("of_tomorrow", anything=[1, {"a": None}])]
    one = operation(name="a")
    yield "two in one transaction", [one, operation(name="b", txn=one["txn"])]


@pytest.mark.parametrize("named", list(cases()), ids=lambda named: named[0])
def test_the_short_way_ends_as_the_usual_one(
    named: tuple[str, list[dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = [
        operation(name="first"), order(number="SH01-D01-SO-000000"), operation("payment", amount=1),
        operation("vehicle_unit"), operation("of_tomorrow"),
    ]  # fmt: skip
    found = []
    for way in ("short", "usual"):
        with monkeypatch.context() as patched:
            if way == "usual":
                patched.setattr(RecordBook, "take_plain", lambda self, operation: None)
            (tmp_path / way).mkdir()
            centre = Centre(tmp_path / way)
            found.append((centre.push([*opening, *named[1]]), centre.stored()))
            centre.store.close()
    assert found[0] == found[1]


def test_what_nobody_may_write_does_not_go_the_short_way(tmp_path: Path) -> None:
    centre = Centre(tmp_path, role="salesperson")
    people = [operation("staff_member", name=name) for name in "ab"]
    answer = centre.push([*people, operation(name="c")])
    assert [one[1] for one in answer["results"]] == ["rejected", "rejected", "accepted"]
    centre.store.close()


def test_most_new_records_go_the_short_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual: list[str] = []
    put = RecordBook.put

    def noted(self: RecordBook, one: dict[str, Any], *rest: Any, **named: Any) -> Any:
        usual.append(one["id"])
        return put(self, one, *rest, **named)

    monkeypatch.setattr(RecordBook, "put", noted)
    centre = Centre(tmp_path)
    sent = [operation(name=str(number)) for number in range(10)] + [order() for _ in range(10)]
    centre.push(sent)
    centre.store.close()
    assert usual == [sent[0]["id"], sent[10]["id"]], "the first of each kind shows whether it may be written at all"


def test_what_a_push_needed_is_gone_with_its_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A circle among these parts would keep every row of the push until the collector comes by."""
    made: list[weakref.ref[Changes]] = []
    begin = Changes.__init__

    def noted(self: Changes, *given: Any, **named: Any) -> None:
        made.append(weakref.ref(self))
        begin(self, *given, **named)

    monkeypatch.setattr(Changes, "__init__", noted)
    centre = Centre(tmp_path)
    gc.disable()
    try:
        centre.push([operation(name="a"), order(), operation("vehicle_unit", vin="LSVAA4180T2000001")])
        assert [one() for one in made] == [None]
    finally:
        gc.enable()
    centre.store.close()
