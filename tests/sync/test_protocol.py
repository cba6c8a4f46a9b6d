"""The small parts both sides are made of, and that the protocol's description is complete."""

import re
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol import codec, limits
from sync.protocol.codes import HTTP_STATUS, ErrorCode, Outcome, Rejection
from sync.protocol.hlc import MAX_AHEAD_MS, HybridTime, clamp, receive, tick
from sync.protocol.merging import after, clock_of, device_of, merge, person_of, signed
from sync.protocol.operations import chain, is_clock, problem_in
from sync.protocol.versions import PROTOCOL_VERSION, SCHEMA_VERSION
from sync.server import table_page
from sync.server.fields import invalid_field
from sync.server.numbers import given_before

DOCS = Path(__file__).resolve().parents[2] / "docs" / "sync_protocol.md"
readings = st.builds(
    HybridTime, st.integers(0, (1 << 48) - 1), st.integers(0, (1 << 16) - 1),
    st.text("abcdef0123456789", min_size=1, max_size=8),
)  # fmt: skip


def test_every_code_of_the_protocol_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for code in (*ErrorCode, *Rejection, *Outcome):
        assert f"`{code}`" in text, code
    for code, status in HTTP_STATUS.items():
        assert re.search(rf"^\| `{code}` \| {status} \|", text, re.MULTILINE), code
    assert set(HTTP_STATUS) == set(ErrorCode)


def test_every_table_that_travels_is_documented() -> None:
    """`python -m sync.server.table_page` writes it."""
    assert table_page.DOCUMENT.read_text(encoding="utf-8") == table_page.page()


def test_every_limit_and_version_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for name, value in vars(limits).items():
        if name.isupper():
            assert f"{value:,}" in text or f"{value >> 20} MiB" in text, name
    assert f"protocol version {PROTOCOL_VERSION}" in text.lower()
    assert f"schema version {SCHEMA_VERSION}" in text.lower()


@given(readings, readings)
def test_written_hybrid_times_sort_as_the_clock_does(one: HybridTime, other: HybridTime) -> None:
    assert HybridTime.parse(str(one)) == one
    assert (str(one)[:16] < str(other)[:16]) == ((one.ms, one.counter) < (other.ms, other.counter))


@given(readings, readings, st.integers(0, 1 << 47))
def test_a_clock_never_goes_back_and_never_follows_a_mad_one(last: HybridTime, seen: HybridTime, wall: int) -> None:
    assert tick(last, wall) > last
    moved = receive(last, seen, wall)
    assert (moved.ms, moved.counter) > (last.ms, last.counter)
    assert moved.ms <= max(last.ms + 1, wall + MAX_AHEAD_MS + 1)
    cut, was_cut = clamp(seen, wall)
    assert (was_cut == (seen.ms > wall + MAX_AHEAD_MS) and cut.ms <= wall + MAX_AHEAD_MS) or cut == seen


def test_a_written_time_names_the_desk_and_who_signed() -> None:
    reading, person = "018f3a2b4c5d0001-0b0c7d24", "1" * 24 + "89abcdef"
    assert signed(reading, person) == reading + "89abcdef"
    assert (device_of(signed(reading, person)), person_of(signed(reading, person))) == ("0b0c7d24", "89abcdef")
    assert (device_of(reading), person_of(reading), device_of(""), person_of("")) == ("0b0c7d24", "", "", "")
    for nobody in ("", "import", "a\"b" * 8):
        assert signed(reading, nobody) == reading
    assert is_clock(signed(reading, person)), "desks and centres of before take it as one name"


def test_a_change_of_one_who_knew_keeps_its_signature_although_its_clock_runs_behind() -> None:
    clocks = {"*": "018f3a2b4c5d0001-0b0c7d2411111111"}
    merge({"note": "a"}, clocks, incoming={"note": "b"}, clock="018f000000000000-99999999aaaaaaaa", aware=True)
    assert clocks["note"] == "018f3a2b4c5d0002-99999999aaaaaaaa"


def test_what_is_no_hybrid_time_is_refused() -> None:
    for text in ("", "123", "0123456789abcdef", "zzzzzzzzzzzzzzzz-a"):
        with pytest.raises(ValueError):
            HybridTime.parse(text)


def _time(ms: int, device: str = "aa") -> str:
    return str(HybridTime(ms, 0, device))


def test_fields_merge_each_by_its_own_clock() -> None:
    fields, clocks = {"a": 1, "b": 1}, {"*": _time(10), "b": _time(30)}
    taken, exact = merge(fields, clocks, incoming={"a": 2, "b": 2, "c": 2}, clock=_time(20, "bb"), aware=False)
    assert (fields, taken, exact) == ({"a": 2, "b": 1, "c": 2}, {"a": 2, "c": 2}, False)
    assert clock_of(clocks, "a") == clock_of(clocks, "c") == _time(20, "bb")
    assert clock_of({}, "x") < _time(0)


def test_a_repeated_change_changes_nothing() -> None:
    fields, clocks = {"a": 1}, {"*": _time(10)}
    assert merge(fields, clocks, incoming={"a": 1}, clock=_time(10), aware=False) == ({}, True)


def test_who_knew_the_record_wins_with_a_time_just_after() -> None:
    fields, clocks = {"a": 1}, {"*": _time(10)}
    taken, exact = merge(fields, clocks, incoming={"a": 2}, clock=_time(5, "bb"), aware=True)
    assert (taken, exact, clocks["a"]) == ({"a": 2}, False, after(_time(10), "bb"))


@given(st.permutations([(5, "aa", 1), (9, "bb", 2), (7, "cc", 3), (9, "dd", 4)]))
def test_the_order_of_arrival_does_not_matter(changes: list[tuple[int, str, int]]) -> None:
    fields: dict[str, int] = {}
    clocks: dict[str, str] = {}
    for ms, device, value in changes:
        merge(fields, clocks, incoming={"a": value}, clock=_time(ms, device), aware=False)
    assert fields == {"a": 4}


@given(st.binary(max_size=4000), st.sampled_from([codec.ZSTD, codec.GZIP, codec.IDENTITY]))
def test_bodies_survive_compression(body: bytes, encoding: str) -> None:
    assert codec.decompress(codec.compress(body, encoding), encoding) == body


@pytest.mark.parametrize("encoding", [codec.ZSTD, codec.GZIP])
def test_a_bomb_never_gets_the_memory_it_asks_for(encoding: str) -> None:
    bomb = codec.compress(b"\0" * 5_000_000, encoding)
    with pytest.raises(codec.ExplosiveBody):
        codec.decompress(bomb, encoding, limit=1_000_000)
    with pytest.raises(codec.CorruptBody):
        codec.decompress(bomb[: len(bomb) // 2], encoding)


def test_compressing_on_many_threads_corrupts_nothing() -> None:
    bodies = [bytes([n]) * 20_000 + str(n).encode() * 500 for n in range(8)]
    wrong: list[int] = []

    def work(n: int) -> None:
        for _ in range(40):
            if codec.decompress(codec.compress(bodies[n], codec.ZSTD), codec.ZSTD) != bodies[n]:
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_encodings_are_chosen_and_unknown_ones_refused() -> None:
    assert codec.choose_encoding("gzip;q=1.0, ZSTD") == codec.ZSTD
    assert codec.choose_encoding("gzip, br") == codec.GZIP
    assert codec.choose_encoding("") == codec.IDENTITY
    for call in (codec.compress, codec.decompress):
        with pytest.raises(codec.UnknownEncoding):
            call(b"", "br")


def test_the_chain_names_every_operation_and_their_order() -> None:
    first = chain("", 1, "t", "put", "customer", "a")
    assert len(first) == 32
    assert chain(first, 2, "t", "put", "customer", "b") != chain("", 2, "t", "put", "customer", "b")
    with pytest.raises(TypeError):
        chain("", 1, "t", "put", "customer", 7)  # type: ignore[arg-type]


GOOD = {
    "n": 1, "txn": "t", "v": 1, "kind": "put", "table": "customer", "id": "a" * 32, "scope": "group", "base": 0,
    "fields": {}, "clock": "0" * 16 + "-aa", "at": 1, "by": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, None), ({"kind": "void"}, None), ({"kind": "steal"}, "kind"), ({"table": "a b"}, "table"),
        ({"table": 7}, "table"), ({"table": "vehicle_claim"}, "table"), ({"id": "A" * 32}, "id"), ({"id": None}, "id"),
        ({"scope": "shanghai"}, "scope"), ({"fields": []}, "fields"), ({"clock": "now"}, "clock"),
        ({"base": -1}, "base"),
        ({"base": True}, "base"), ({"v": 0}, "v"), ({"at": 1 << 63}, "at"), ({"by": 7}, "by"),
        ({"id": "a" * 32 + " x"}, "id"), ({"kind": "claim", "table": "vehicle_claim", "id": "LSVAA4182E2184847"}, None),
        ({"kind": "claim", "table": "vehicle_claim", "id": "lsv"}, "id"), ({"kind": "release"}, "table"),
    ],
)  # fmt: skip
def test_the_form_of_operations(change: dict[str, object], wrong: str | None) -> None:
    assert problem_in({**GOOD, **change}) == wrong


def test_values_that_no_column_holds_are_found() -> None:
    assert invalid_field("vehicle_unit", {"arrived_on": "2026-11-22", "cost": 1, "order_id": None}) is None
    assert invalid_field("vehicle_unit", {"arrived_on": "22.11.2026"}) == "arrived_on"
    assert invalid_field("vehicle_unit", {"cost": 1.5}) == "cost"
    assert invalid_field("vehicle_unit", {"cost": True}) == "cost"
    assert invalid_field("vehicle_unit", {"cost": 1 << 63}) == "cost"
    assert invalid_field("vehicle_unit", {"vin": None}) == "vin"
    assert invalid_field("vehicle_unit", {"from_the_future": object()}) is None
    assert invalid_field("no_such_table", {"x": object()}) is None


def test_final_numbers_of_before_are_understood() -> None:
    assert given_before("SH01-SO-2026-000042") == (2026, 42)
    assert given_before("whatever") is None
