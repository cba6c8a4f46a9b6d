"""The contract of the service, over HTTP, the same on SQLite and PostgreSQL."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import zstandard

from db.ids import new_id
from sync.server.devices import revoke
from sync.server.upkeep import TOMBSTONE_DAYS, check, compact, prune, start_epoch
from tests.sync.conftest import Group
from tests.sync.raw_device import BRANCH, CLOCKS, FIELDS, ID, SEQ, TABLE, VER, RawDevice, clock_text

Join = Callable[..., RawDevice]
VIN = "LSVAA4182E2184847"


@pytest.fixture
def join(group: Group) -> Iterator[Join]:
    """Enrols a device of the test's group."""
    made: list[RawDevice] = []

    def enrol(desk: str = "D01", *, scopes: object = "*", branch_id: str = BRANCH) -> RawDevice:
        made.append(RawDevice(group.service.url, group.code(desk, scopes=scopes), branch_id=branch_id))
        return made[-1]

    yield enrol
    for device in made:
        device.close()


def _outcomes(answer: dict[str, Any]) -> list[str]:
    return [result[1] if len(result) == 4 else f"{result[1]} {result[4]}".strip() for result in answer["results"]]


def _customer(device: RawDevice, record_id: str | None = None, /, **values: Any) -> dict[str, Any]:
    return device.put("customer", record_id, **values)


# -- pushing and pulling


def test_what_is_pushed_comes_out_of_the_feed_in_order(join: Join) -> None:
    device, other = join(), join("D02")
    operations = [_customer(device, name=f"客户{i}", phone=f"1390000000{i}") for i in range(5)]
    answer = device.push(*operations)
    assert [result[:2] for result in answer["results"]] == [[n, "accepted"] for n in range(1, 6)]
    assert (answer["applied"], answer["rows"]) == (5, [])
    rows = other.pull_all()
    assert [row[ID] for row in rows] == [one["id"] for one in operations]
    assert [row[SEQ] for row in rows] == [result[3] for result in answer["results"]] == [1, 2, 3, 4, 5]
    assert rows[0][FIELDS] == {"name": "客户0", "phone": "13900000000"}
    assert rows[0][CLOCKS] == {"*": operations[0]["clock"]}


def test_a_device_is_not_sent_what_it_has_unless_it_does_not_know(join: Join) -> None:
    device = join()
    device.push(_customer(device, name="张伟"))
    assert device.pull_all(acknowledged=device.acknowledged()) == []
    assert len(device.pull_all()) == 1
    assert len(device.pull_all(acknowledged={"n": 0, "hash": ""})) == 1


def test_a_push_can_bring_the_next_page_with_it(join: Join) -> None:
    device, other = join(), join("D02")
    other.push(_customer(other, name="theirs"))
    message = device.message([_customer(device, name="ours")])
    after = {"n": 1, "hash": device.chained(message)}
    answer = device.post("push", {**message, "pull": {"cursors": {}, "acknowledged": after}}).json()
    assert [row[FIELDS]["name"] for row in answer["page"]["rows"]] == ["theirs"]
    assert (answer["page"]["cursors"][BRANCH], answer["page"]["more"]) == (2, False)
    device.n, device.hash = 1, after["hash"]
    strange = {**device.message([_customer(device, name="again")]), "pull": {"cursors": {BRANCH: 99}}}
    answer = device.post("push", strange).json()
    assert (_outcomes(answer), answer["page"]) == (["accepted"], None)


def test_pages_are_small_when_asked_and_lose_nothing(join: Join) -> None:
    device, other = join(), join("D02")
    device.push(*[_customer(device, name=f"客户{i}") for i in range(25)])
    page = other.pull(limit=10)
    assert (len(page["rows"]), page["more"], page["cursors"][BRANCH]) == (10, True, 10)
    assert len({row[ID] for row in other.pull_all(limit=7)}) == 25


def test_a_page_ends_early_when_its_rows_are_large(join: Join) -> None:
    device, other = join(), join("D02")
    for _ in range(3):
        device.push(*[_customer(device, note="长" * 400_000, name="张伟") for _ in range(2)])
    page = other.pull()
    assert page["more"] and 1 <= len(page["rows"]) < 6
    assert len(other.pull_all()) == 6


def test_an_older_value_of_a_field_loses_and_the_sender_is_told_what_stands(join: Join) -> None:
    device, other = join(), join("D02")
    created = _customer(device, name="张伟", note="")
    device.push(created)
    early, late = other.clock(), device.clock()
    device.push(_customer(device, created["id"], note="late", base=1, clock=late))
    answer = other.push(_customer(other, created["id"], note="early", name="张炜", base=1, clock=early))
    assert _outcomes(answer) == ["accepted"]
    (row,) = answer["rows"]
    assert row[FIELDS] == {"name": "张炜", "note": "late"}
    assert device.pull_all({BRANCH: 2})[0][FIELDS] == row[FIELDS]


def test_a_change_made_knowing_the_record_wins_whatever_its_clock_says(join: Join) -> None:
    device, other = join(), join("D02")
    created = _customer(device, name="张伟")
    device.push(created)
    answer = other.push(_customer(other, created["id"], name="张炜", base=1, clock=other.clock(ms=1_000)))
    (row,) = answer["rows"]
    assert row[FIELDS]["name"] == "张炜"
    assert row[CLOCKS]["name"] > created["clock"]


def test_a_clock_a_year_ahead_is_cut_and_flagged_and_never_refused(join: Join) -> None:
    device, other = join(), join("D02")
    now = time.time_ns() // 1_000_000
    ahead = now + 365 * 86_400_000
    created = _customer(device, name="张伟", clock=device.clock(ms=ahead))
    answer = device.push(created)
    assert _outcomes(answer) == ["accepted"]
    assert answer["ahead_ms"] > 364 * 86_400_000
    assert int(answer["rows"][0][CLOCKS]["*"][:12], 16) < now + 6 * 60_000
    second = device.push(_customer(device, created["id"], name="张炜", clock=device.clock(ms=ahead)))
    assert _outcomes(second) == ["accepted"]
    (row,) = other.pull_all()
    assert row[FIELDS]["name"] == "张炜"


def test_many_desks_writing_one_scope_while_others_read_lose_and_skip_nothing(group: Group, join: Join) -> None:
    writers = [join(f"D1{i}") for i in range(4)]
    reader = join("D90")
    stop = threading.Event()
    seen: list[int] = []

    def write(device: RawDevice) -> None:
        for _ in range(12):
            device.push(*[_customer(device, name="客户", txn="") for _ in range(3)])

    def read() -> None:
        cursors: dict[str, int] = {}
        while True:
            ending = stop.is_set()
            page = reader.pull(cursors, limit=17)
            seen.extend(row[SEQ] for row in page["rows"])
            cursors |= page["cursors"]
            if ending and not page["more"]:
                return

    with ThreadPoolExecutor(5) as pool:
        reading = pool.submit(read)
        for writing in [pool.submit(write, device) for device in writers]:
            writing.result()
        stop.set()
        reading.result()
    assert seen == list(range(1, 4 * 12 * 3 + 1))
    assert group.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ?") == len(seen)


# -- once, and only once


def test_a_retry_gives_the_same_answer_and_changes_nothing(group: Group, join: Join) -> None:
    device = join()
    message = device.message([_customer(device, name="张伟"), _customer(device, bad={"scope": 1}, scope="x")])
    first = device.post("push", message).json()
    again = device.post("push", message).json()
    assert first["results"] == again["results"]
    assert _outcomes(first) == ["accepted", "rejected operation_malformed"]
    assert group.scalar("SELECT max(ver) FROM replica_row WHERE tenant_id = ?") == 1


def test_concurrent_retries_of_one_batch_apply_it_once(group: Group, join: Join) -> None:
    device = join()
    message = device.message([_customer(device, name=f"客户{i}") for i in range(50)])
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: device.post("push", message), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({json.dumps(answer.json()["results"]) for answer in answers}) == 1
    assert group.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ?") == 50
    assert group.scalar("SELECT count(*) FROM applied_operation WHERE tenant_id = ?") == 50


def test_a_retry_with_more_behind_it_answers_both(join: Join) -> None:
    device = join()
    first, second = _customer(device, name="一"), _customer(device, name="二")
    device.post("push", device.message([first]))
    answer = device.push(first, second)
    assert _outcomes(answer) == ["accepted", "accepted"]
    assert answer["applied"] == 2


def test_a_gap_is_refused_with_the_number_that_is_missing(join: Join) -> None:
    device = join()
    device.push(_customer(device, name="一"))
    answer = device.post("push", device.message([_customer(device, name="三")], n=2))
    assert (answer.status_code, answer.json()["error"]) == (409, "operations_missing")
    assert answer.json()["detail"] == {"expected": 2}


def test_another_history_under_the_same_name_is_set_aside(group: Group, join: Join) -> None:
    device = join()
    device.push(_customer(device, name="一"), _customer(device, name="二"))
    for n, before in ((2, "0" * 32), (0, ""), (1, "0" * 32)):
        answer = device.post("push", device.message([_customer(device, name="别人")], n=n, before=before))
        assert (answer.status_code, answer.json()["error"]) == (409, "history_differs"), (n, answer.text)
        assert answer.json()["detail"]["quarantined"] == 1
    assert group.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ?") == 2
    assert group.scalar("SELECT count(*) FROM quarantined_operation WHERE tenant_id = ?") == 3
    renewed = device.post("renew", {"after_n": 2, "after_hash": device.hash}).json()
    assert renewed["device_id"] != device.device_id
    device.identity, device.token = renewed, ""
    device.token = device.new_token()
    assert _outcomes(device.push(_customer(device, name="三"))) == ["accepted"]


# -- refusals that stop nobody


def test_a_refused_operation_counts_and_the_next_one_goes_through(join: Join) -> None:
    device = join()
    bad = [
        {**_customer(device, name="坏"), "clock": "never"},
        {**_customer(device, name="坏"), "fields": None},
        {**_customer(device, name="坏"), "table": "no table"},
        {**_customer(device, name="坏"), "base": -1},
        device.put("vehicle_claim", name="坏"),
        _customer(device, name=7),
        _customer(device, name=None),
        device.put("payment", received_at="yesterday"),
        _customer(device, "d" * 32, name="part of a record nobody has", new=False),
        {**_customer(device, name="zu gross"), "kind": "void"},
        device.claim(VIN, "no id"),
        device.claim(VIN, "e" * 32, kind="steal"),
    ]
    answer = device.push(*bad, _customer(device, name="好"))
    codes = [result[4] for result in answer["results"][:-1]]
    assert codes == [
        *["operation_malformed"] * 5, "field_invalid", "field_invalid", "field_invalid", "record_unknown",
        "operation_too_large", "operation_malformed", "operation_malformed",
    ]  # fmt: skip
    assert answer["results"][-1][1] == "accepted"


def test_a_transaction_is_taken_whole_or_not_at_all(group: Group, join: Join) -> None:
    device = join()
    known = _customer(device, name="张伟", note="as it was")
    device.push(known)
    txn = new_id()
    answer = device.push(
        _customer(device, known["id"], note="changed", txn=txn, base=1),
        _customer(device, name="李娜", txn=txn),
        _customer(device, name=5, txn=txn),
        _customer(device, name="after it"),
    )
    assert _outcomes(answer) == [
        "rejected transaction_rejected", "rejected transaction_rejected", "rejected field_invalid", "accepted",
    ]  # fmt: skip
    assert answer["results"][0][5] == {"n": 4}
    assert [row[FIELDS]["note"] for row in answer["rows"]] == ["as it was"]
    assert group.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ?") == 2


def test_scopes_and_roles_are_checked_for_each_operation(join: Join) -> None:
    boss, narrow = join("D01"), join("D02", scopes=[])
    staff = boss.put(
        "staff_member", scope="group", branch_id=BRANCH, login="wang", name="王芳", role="salesperson",
        password_hash="x", active=True,
    )  # fmt: skip
    boss.push(staff)
    by = staff["id"]
    answer = narrow.push(
        narrow.put("customer", name="王", scope="d" * 32),
        narrow.put("payment", amount=100, by=by),
        narrow.put("staff_member", by, role="administrator", by=by, scope="group", base=1),
        narrow.put("staff_member", by, password_hash="new", by=by, scope="group", base=1),
        narrow.put("make", scope="group", name_zh="大众", name_en="VW", by=by),
        narrow.put("something_newer", anything=[1, {"x": None}], by=by),
    )
    assert _outcomes(answer) == [
        "rejected scope_denied", "accepted", "rejected permission_denied", "accepted", "rejected permission_denied",
        "accepted",
    ]  # fmt: skip


def test_a_deleted_record_stays_deleted_and_its_contents_are_gone(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    created = _customer(device, name="张伟", phone="13900000000")
    device.push(created)
    device.push(_customer(device, created["id"], deleted_at=1_700_000_000_000_000, base=1))
    answer = other.push(_customer(other, created["id"], name="张炜", base=1))
    assert _outcomes(answer) == ["rejected record_deleted"]
    assert answer["rows"][0][FIELDS] == {"deleted_at": 1_700_000_000_000_000}
    assert "13900000000" not in str(group.scalar("SELECT body FROM replica_row WHERE tenant_id = ?"))


def test_deleting_loses_to_a_payment_and_a_contract_and_papers_do_not_change(join: Join) -> None:
    device = join()
    orders = [device.put("sales_order", claim_state="provisional", number=f"N{i}") for i in range(2)]
    payment = device.put("payment", order_id=orders[0]["id"], amount=100_00, state="RECEIVED")
    contract = device.put("contract", order_id=orders[1]["id"], state="LOCKED", document_digest="abc")
    device.push(*orders, payment, contract)
    answer = device.push(
        device.put("sales_order", orders[0]["id"], deleted_at=1, base=1),
        device.put("sales_order", orders[1]["id"], deleted_at=1, base=1),
        device.put("payment", payment["id"], amount=1, base=1),
        device.put("payment", payment["id"], state="CONFIRMED", base=1),
        device.put("payment", payment["id"], deleted_at=1, base=1),
        device.put("contract", contract["id"], document_digest="def", base=1),
        device.put("contract", contract["id"], state="SIGNED", base=1),
    )
    assert [outcome.removeprefix("rejected ") for outcome in _outcomes(answer)] == [
        "record_in_use", "record_in_use", "record_immutable", "accepted", "record_immutable", "record_immutable",
        "accepted",
    ]  # fmt: skip


# -- claims


def _order(device: RawDevice, number: str = "SH01-D01-SO-000001", **values: Any) -> dict[str, Any]:
    return device.put("sales_order", claim_state="provisional", number=number, **values)


def test_two_orders_for_one_vehicle_leave_one_winner_and_one_flagged_loser(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    txn = new_id()
    winner, loser = _order(device, txn=txn), _order(other, "SH01-D02-SO-000007")
    won = device.push(winner, device.claim(VIN, winner["id"], txn=txn))
    lost = other.push(loser, other.claim(VIN, loser["id"], number="SH01-D02-SO-000007"))
    assert _outcomes(won) == ["accepted", "accepted"]
    assert _outcomes(lost)[1].startswith("conflict")
    reference = lost["results"][1][5]["winner"]
    assert (reference["order_id"], reference["desk_code"]) == (winner["id"], "D01")
    states = {row[ID]: row[FIELDS] for row in device.pull_all() if row[TABLE] == "sales_order"}
    assert states[winner["id"]]["claim_state"] == "confirmed"
    assert states[winner["id"]]["final_number"] == reference["number"]
    assert states[loser["id"]]["claim_state"] == "conflict"
    assert states[loser["id"]]["claim_winner"] == reference
    again = other.push(other.claim(VIN, loser["id"]))
    assert _outcomes(again)[0].startswith("conflict")
    assert group.scalar("SELECT count(*) FROM claim_conflict WHERE tenant_id = ?") == 1


def test_many_desks_claiming_one_vehicle_at_once_leave_one_winner(group: Group, join: Join) -> None:
    devices = [join(f"D2{i}") for i in range(5)]

    def sell(device: RawDevice) -> str:
        txn = new_id()
        order = _order(device, txn=txn)
        return _outcomes(device.push(order, device.claim(VIN, order["id"], txn=txn)))[1].split()[0]

    with ThreadPoolExecutor(5) as pool:
        outcomes = list(pool.map(sell, devices))
    assert sorted(outcomes) == ["accepted", *["conflict"] * 4]
    states = [json.loads(str(body))["claim_state"] for (body,) in group.rows(
        "SELECT body FROM replica_row WHERE tenant_id = ? AND table_name = 'sales_order'"
    )]  # fmt: skip
    assert sorted(states) == ["confirmed", *["conflict"] * 4]


def test_a_desk_cannot_confirm_its_own_order(join: Join) -> None:
    device = join()
    order = device.put("sales_order", claim_state="confirmed", final_number="MINE", number="N", claim_winner={})
    answer = device.push(order)
    assert answer["rows"][0][FIELDS] == {"claim_state": "provisional", "number": "N"}
    change = device.put("sales_order", order["id"], claim_state="confirmed", state="CONFIRMED", base=1)
    assert device.push(change)["rows"][0][FIELDS]["claim_state"] == "provisional"


def test_what_merges_cannot_take_a_sold_vehicle_away(join: Join) -> None:
    device, other = join(), join("D02")
    unit = device.put("vehicle_unit", vin=VIN, allocation_state="FREE", location="A1")
    device.push(unit)
    order = _order(device)
    device.push(order, device.claim(VIN, order["id"], vehicle_id=unit["id"]))
    answer = other.push(other.put("vehicle_unit", unit["id"], allocation_state="FREE", location="B2", base=1))
    (row,) = answer["rows"]
    assert row[FIELDS]["allocation_state"] == "ALLOCATED"
    assert (row[FIELDS]["order_id"], row[FIELDS]["location"]) == (order["id"], "B2")
    delivered = device.push(
        device.put("vehicle_unit", unit["id"], allocation_state="DELIVERED", base=row[VER], order_id=order["id"])
    )
    assert delivered["rows"] == []
    later = other.push(other.put("vehicle_unit", VIN.lower() and new_id(), vin=VIN, allocation_state="FREE", new=True))
    assert later["rows"][0][FIELDS]["allocation_state"] == "ALLOCATED"


def test_a_hold_ends_by_itself_and_gives_way_to_its_own_customer(join: Join) -> None:
    device, other = join(), join("D02")
    holder, customer = "5" * 32, "6" * 32
    unit = device.put("vehicle_unit", vin=VIN, allocation_state="FREE")
    device.push(unit)
    until = time.time_ns() // 1000 + 3_600_000_000
    txn = new_id()
    held = device.put(
        "vehicle_unit", unit["id"], allocation_state="HELD", held_by_staff_id=holder, held_for_customer_id=customer,
        held_until=until, txn=txn, base=1,
    )  # fmt: skip
    hold = device.claim(VIN, holder, kind="hold", until=until, vehicle_id=unit["id"], number="", txn=txn)
    assert _outcomes(device.push(held, hold)) == ["accepted", "accepted"]
    assert _outcomes(other.push(other.claim(VIN, "7" * 32, kind="hold", until=until)))[0].endswith("vehicle_claimed")
    order = _order(other, customer_id=customer)
    assert _outcomes(other.push(order, other.claim(VIN, order["id"]))) == ["accepted", "accepted"]
    past = time.time_ns() // 1000 - 1
    assert _outcomes(other.push(other.claim("LSVAA4182E2184848", "7" * 32, kind="hold", until=past))) == ["accepted"]


# -- access


def test_a_code_works_once_and_only_for_its_branch(group: Group, join: Join) -> None:
    code = group.code("D05")
    with pytest.raises(AssertionError, match="branch_differs"):
        RawDevice(group.service.url, code, branch_id="")  # nobody has told the centre about this branch yet
    device = join()
    device.push(device.put("branch", BRANCH, new=True, scope="group", code="SH01", name_zh="上海", name_en="Shanghai"))
    with pytest.raises(AssertionError, match="branch_differs"):
        RawDevice(group.service.url, code, branch_id="c" * 32)
    joined = RawDevice(group.service.url, code, branch_id="")
    assert joined.branch_id == BRANCH
    with pytest.raises(AssertionError, match="enrolment_code_wrong"):
        RawDevice(group.service.url, code)
    joined.close()


def test_tokens_are_needed_and_end(group: Group, join: Join) -> None:
    device = join()
    assert device.http.post("/v1/pull", json={"cursors": {}}).json()["error"] == "token_missing"
    with group.store.write() as connection:
        group.store.run(connection, "UPDATE access_token SET expires_at = 1 WHERE tenant_id = ?", (group.tenant,))
    answer = device.post("pull", {"cursors": {}})
    assert (answer.status_code, answer.json()["error"]) == (401, "token_expired")
    device.token = device.new_token()
    assert device.pull_all() == []
    wrong = {**{key: device.identity[key] for key in ("tenant", "device_id")}, "key": "guess"}
    assert device.http.post("/v1/token", json=wrong).json()["error"] == "device_key_wrong"


def test_what_a_revoked_desk_sends_is_kept_aside_and_it_reads_nothing(group: Group, join: Join) -> None:
    device = join()
    device.push(_customer(device, name="一"))
    assert revoke(group.store, group.tenant, device.device_id, now=time.time_ns() // 1000)
    message = device.message([_customer(device, name="二")])
    for _ in range(2):
        answer = device.post("push", message)
        assert (answer.status_code, answer.json()["error"]) == (403, "device_revoked")
    assert device.post("pull", {"cursors": {}}).json()["error"] == "device_revoked"
    assert device.post("publish", {"rows": []}).json()["error"] == "device_revoked"
    assert device.post("renew", {"after_n": 0, "after_hash": ""}).json()["error"] == "device_revoked"
    assert group.scalar("SELECT count(*) FROM quarantined_operation WHERE tenant_id = ?") == 1
    assert group.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ?") == 1


def test_groups_do_not_see_each_other(group: Group, join: Join, database_template: Any, tmp_path: Any) -> None:
    device = join()
    device.push(_customer(device, name="张伟"))
    stranger_group = Group(group.service, database_template, tmp_path)
    stranger = RawDevice(group.service.url, stranger_group.code())
    try:
        assert stranger.pull_all() == []
        stranger.push(_customer(stranger, name="李娜"))
        assert len(device.pull_all()) == 1
    finally:
        stranger.close()
        stranger_group.close()


# -- bodies


def test_bodies_that_cannot_be_read_are_refused_with_a_reason(join: Join) -> None:
    device = join()

    def send(content: bytes, **headers: str) -> tuple[int, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = device.http.post("/v1/push", content=content, headers={**device.headers, **named})
        assert answer.headers["content-type"] == "application/json"
        assert len(answer.json()["request_id"]) >= 8
        return answer.status_code, answer.json()["error"]

    good = zstandard.ZstdCompressor(write_checksum=True).compress(json.dumps(device.message([])).encode())
    bomb = zstandard.ZstdCompressor().compress(b"0" * (65 << 20))
    assert send(b"{") == (400, "malformed")
    assert send(b"[]") == (400, "malformed")
    assert send(b'{"operations": [], "previous": {"n": "1"}}') == (400, "malformed")
    assert send(good[:-3], Content_Encoding="zstd") == (400, "body_corrupt")
    flipped = bytes([*good[:-6], good[-6] ^ 0xFF, *good[-5:]])
    assert send(flipped, Content_Encoding="zstd") == (400, "body_corrupt")
    assert send(gzip.compress(b"{}")[:-9], Content_Encoding="gzip") == (400, "body_corrupt")
    assert send(bomb, Content_Encoding="zstd") == (413, "too_large")
    assert send(gzip.compress(b"0" * (65 << 20)), Content_Encoding="gzip") == (413, "too_large")
    assert send(b"{}", Content_Encoding="br") == (415, "encoding_unknown")
    assert send(b"0" * (17 << 20)) == (413, "too_large")
    assert send(good, Content_Encoding="zstd", Forecourt_Protocol="99") == (426, "upgrade_required")
    assert device.http.get("/v1/push").json()["error"] == "method_not_allowed"
    assert device.http.get("/").json()["error"] == "not_found"
    assert device.http.post("/v1/enrol", json={"code": 7}).json()["error"] == "malformed"
    assert device.http.post("/v1/enrol", json={"code": "ABCD", "after_n": False}).json()["error"] == "malformed"


def test_answers_are_compressed_as_asked(join: Join) -> None:
    device, other = join(), join("D02")
    device.push(*[_customer(device, name="张伟", note="长" * 100) for _ in range(50)])
    sizes = {}
    for encoding in ("zstd", "gzip", "identity"):
        answer = other.http.post(
            "/v1/pull", json={"cursors": {}}, headers={**other.headers, "Accept-Encoding": encoding}
        )
        sizes[encoding] = int(answer.headers["content-length"])
        assert answer.headers.get("content-encoding", "identity") == encoding
    assert sizes["zstd"] < sizes["identity"] / 4 and sizes["gzip"] < sizes["identity"] / 4


def test_the_service_says_how_it_is(join: Join, group: Group) -> None:
    health = join().http.get("/v1/health").json()
    assert (health["status"], health["protocol"]) == ("ok", 1)
    assert health["database"] == ("postgresql" if group.store.is_postgres else "sqlite")


# -- epochs, compaction, publishing


def test_a_new_epoch_is_told_to_everybody_who_still_knows_the_old_one(group: Group, join: Join) -> None:
    device = join()
    old = device.identity["epoch"]
    new = start_epoch(group.store, group.tenant)
    for name, message in (("pull", {"cursors": {}, "epoch": old}), ("push", {**device.message([]), "epoch": old})):
        answer = device.post(name, message)
        assert (answer.status_code, answer.json()["detail"]) == (409, {"epoch": new})
    assert device.pull()["epoch"] == new


def test_a_cursor_from_before_a_compaction_is_too_old(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    created = [_customer(device, name=f"客户{i}") for i in range(3)]
    device.push(*created)
    device.push(_customer(device, created[0]["id"], deleted_at=1, base=1))
    device.push(_customer(device, name="later"))
    other.pull_all()
    device.pull_all()
    long_after = time.time_ns() // 1000 + (TOMBSTONE_DAYS + 1) * 86_400_000_000
    assert compact(group.store, group.tenant, now=long_after) == {BRANCH: 1}
    assert len(other.pull_all()) == 3
    answer = other.post("pull", {"cursors": {BRANCH: 2}})
    assert (answer.status_code, answer.json()["detail"]) == (410, {"scope": BRANCH})
    ahead = other.post("pull", {"cursors": {BRANCH: 99}})
    assert (ahead.status_code, ahead.json()["error"]) == (409, "operations_missing")


def test_answers_that_arrived_are_forgotten_in_time(group: Group, join: Join) -> None:
    device = join()
    device.push(_customer(device, name="一"))
    device.push(_customer(device, name="二"))
    prune(group.store, now=0)
    assert group.rows("SELECT n FROM applied_operation WHERE tenant_id = ?") == [(2,)]
    assert _outcomes(device.push(_customer(device, name="三"))) == ["accepted"]


def test_publishing_can_be_repeated_and_merges_by_clocks(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    order, unit, customer = new_id(), new_id(), new_id()
    early, late = clock_text(), clock_text()
    rows = [
        [BRANCH, "customer", customer, 10, 20, {"name": "张伟", "note": "a"}, {"*": early, "note": late}],
        [BRANCH, "sales_order", order, 10, 20, {"number": "SH01-D01-SO-000001", "claim_state": "confirmed",
         "final_number": "SH01-SO-2025-000041"}, {"*": early}],
        [BRANCH, "vehicle_unit", unit, 10, 20, {"vin": VIN, "allocation_state": "ALLOCATED", "order_id": order},
         {"*": early}],
        ["nowhere", "customer", new_id(), 10, 20, {"name": "?"}, {"*": early}],
    ]  # fmt: skip
    claim = [BRANCH, VIN, device.claim(VIN, order, vehicle_id=unit)["fields"]]
    first = device.post("publish", {"rows": rows, "claims": [claim]}).json()
    assert [result[0] for result in first["results"]] == ["accepted"] * 3 + ["rejected"]
    assert first["rows"] == []
    assert other.post("publish", {"rows": rows, "claims": [claim]}).status_code == 200
    assert group.scalar("SELECT max(ver) FROM replica_row WHERE tenant_id = ?") == 1
    stale = [[BRANCH, "customer", customer, 10, 20, {"name": "老名字", "note": "b"}, {"*": early, "note": early}]]
    (row,) = other.post("publish", {"rows": stale}).json()["rows"]
    assert row[FIELDS] == {"name": "张伟", "note": "a"}
    assert group.rows("SELECT last FROM number_series WHERE tenant_id = ?") == [(41,)]
    loser = _order(other)
    lost = other.push(loser, other.claim(VIN, loser["id"]))
    assert lost["results"][1][5]["winner"]["number"] == "SH01-SO-2025-000041"


def test_nothing_impossible_is_found_in_the_end(group: Group) -> None:
    assert check(group.store) == []
