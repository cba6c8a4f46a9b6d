"""The contract of the service, over HTTP, the same on SQLite and PostgreSQL: pushing and pulling."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from db.ids import new_id
from sync.server.devices import DEFAULT_TENANT, make_code
from sync.server.settings import ServiceSettings
from sync.server.store import open_store
from sync.server.web import make_app
from tests.sync.conftest import Group
from tests.sync.raw_device import (
    BRANCH,
    CLOCKS,
    FIELDS,
    ID,
    SEQ,
    Join,
    RawDevice,
    clock_text,
    outcomes,
    put_customer,
)
from tests.sync.served_app import served

VIN = "LSVAA4182E2184847"


def test_what_is_pushed_comes_out_of_the_feed_in_order(join: Join) -> None:
    device, other = join(), join("D02")
    operations = [put_customer(device, name=f"客户{i}", phone=f"1390000000{i}") for i in range(5)]
    answer = device.push(*operations)
    assert [result[:2] for result in answer["results"]] == [[n, "accepted"] for n in range(1, 6)]
    assert (answer["applied"], answer["rows"]) == (5, [])
    rows = other.pull_all()
    assert [row[ID] for row in rows] == [one["id"] for one in operations]
    assert [row[SEQ] for row in rows] == [result[3] for result in answer["results"]] == [1, 2, 3, 4, 5]
    assert rows[0][FIELDS] == {"name": "客户0", "phone": "13900000000"}
    assert rows[0][CLOCKS] == {"*": operations[0]["clock"]}


def test_a_copy_of_a_device_is_sent_what_its_namesake_added_to_the_same_records(join: Join) -> None:
    """Both have the first operation, one of them sent a second one: the answer to the other one's first says so."""
    device = join()
    created = put_customer(device, name="张伟")
    first, second = created, put_customer(device, created["id"], note="from the copy")
    both = device.message([first, second])
    assert device.post("push", both).json()["rows"] == []
    again = device.post("push", {**both, "operations": both["operations"][:1]}).json()
    assert (again["applied"], again["results"]) == (2, [[1, "accepted", 1, 1]])
    assert [row[FIELDS] for row in again["rows"]] == [{"name": "张伟", "note": "from the copy"}]
    assert device.post("push", both).json()["rows"] == []


def test_a_device_is_not_sent_what_it_has_unless_it_does_not_know(join: Join) -> None:
    device = join()
    device.push(put_customer(device, name="张伟"))
    assert device.pull_all(acknowledged=device.acknowledged()) == []
    assert len(device.pull_all()) == 1
    assert len(device.pull_all(acknowledged={"n": 0, "hash": ""})) == 1


def test_a_push_can_bring_the_next_page_with_it(join: Join) -> None:
    device, other = join(), join("D02")
    other.push(put_customer(other, name="theirs"))
    message = device.message([put_customer(device, name="ours")])
    after = {"n": 1, "hash": device.chained(message)}
    answer = device.post("push", {**message, "pull": {"cursors": {}, "acknowledged": after}}).json()
    assert [row[FIELDS]["name"] for row in answer["page"]["rows"]] == ["theirs"]
    assert (answer["page"]["cursors"][BRANCH], answer["page"]["more"]) == (2, False)
    device.n, device.hash = 1, after["hash"]
    strange = {**device.message([put_customer(device, name="again")]), "pull": {"cursors": {BRANCH: 99}}}
    answer = device.post("push", strange).json()
    assert (outcomes(answer), answer["page"]) == (["accepted"], None)


def test_pages_are_small_when_asked_and_lose_nothing(join: Join) -> None:
    device, other = join(), join("D02")
    device.push(*[put_customer(device, name=f"客户{i}") for i in range(25)])
    page = other.pull(limit=10)
    assert (len(page["rows"]), page["more"], page["cursors"][BRANCH]) == (10, True, 10)
    assert len({row[ID] for row in other.pull_all(limit=7)}) == 25


def test_a_page_ends_early_when_its_rows_are_large(join: Join) -> None:
    device, other = join(), join("D02")
    for _ in range(3):
        device.push(*[put_customer(device, note="长" * 400_000, name="张伟") for _ in range(2)])
    page = other.pull()
    assert page["more"] and 1 <= len(page["rows"]) < 6
    assert len(other.pull_all()) == 6


def test_an_older_value_of_a_field_loses_and_the_sender_is_told_what_stands(join: Join) -> None:
    device, other = join(), join("D02")
    created = put_customer(device, name="张伟", note="")
    device.push(created)
    early, late = other.clock(), device.clock()
    device.push(put_customer(device, created["id"], note="late", base=1, clock=late))
    answer = other.push(put_customer(other, created["id"], note="early", name="张炜", base=1, clock=early))
    assert outcomes(answer) == ["accepted"]
    (row,) = answer["rows"]
    assert row[FIELDS] == {"name": "张炜", "note": "late"}
    assert device.pull_all({BRANCH: 2})[0][FIELDS] == row[FIELDS]


def test_a_change_made_knowing_the_record_wins_whatever_its_clock_says(join: Join) -> None:
    device, other = join(), join("D02")
    created = put_customer(device, name="张伟")
    device.push(created)
    answer = other.push(put_customer(other, created["id"], name="张炜", base=1, clock=other.clock(ms=1_000)))
    (row,) = answer["rows"]
    assert row[FIELDS]["name"] == "张炜"
    assert row[CLOCKS]["name"] > created["clock"]


def test_a_clock_a_year_ahead_is_cut_and_flagged_and_never_refused(join: Join) -> None:
    device, other = join(), join("D02")
    now = time.time_ns() // 1_000_000
    ahead = now + 365 * 86_400_000
    created = put_customer(device, name="张伟", clock=device.clock(ms=ahead))
    answer = device.push(created)
    assert outcomes(answer) == ["accepted"]
    assert answer["ahead_ms"] > 364 * 86_400_000
    assert int(answer["rows"][0][CLOCKS]["*"][:12], 16) < now + 6 * 60_000
    second = device.push(put_customer(device, created["id"], name="张炜", clock=device.clock(ms=ahead)))
    assert outcomes(second) == ["accepted"]
    (row,) = other.pull_all()
    assert row[FIELDS]["name"] == "张炜"


def test_of_clocks_that_were_cut_what_arrives_later_is_later_whoever_it_is_from(tmp_path: Path) -> None:
    """A desk whose clock is a year ahead got a new name (its disk was copied) between two changes; the centre's clock
    stands still."""
    now = time.time_ns() // 1_000_000
    ahead, settings = now + 365 * 86_400_000, ServiceSettings(data=tmp_path)
    store = open_store(settings)
    code = make_code(
        store, tenant=DEFAULT_TENANT, branch_code="SH01", desk_code="D01", scopes="*", role="administrator",
        now=now * 1000, seconds=600,
    )  # fmt: skip
    with served(make_app(store, clock_ms=lambda: now)) as (host, port):
        device = RawDevice(f"http://{host}:{port}", code)
        created = put_customer(device, name="张伟", clock=clock_text(ms=ahead, device="ffffffff"))
        device.push(created)
        device.push(
            put_customer(device, created["id"], name="张炜", clock=clock_text(ms=ahead + 1000, device="00000000"))
        )  # fmt: skip
        (row,) = device.pull_all()
        device.close()
    store.close()
    assert row[FIELDS]["name"] == "张炜"


def test_many_desks_writing_one_scope_while_others_read_lose_and_skip_nothing(group: Group, join: Join) -> None:
    writers = [join(f"D1{i}") for i in range(4)]
    reader = join("D90")
    stop = threading.Event()
    seen: list[int] = []

    def write(device: RawDevice) -> None:
        for _ in range(12):
            device.push(*[put_customer(device, name="客户", txn="") for _ in range(3)])

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


def test_a_retry_gives_the_same_answer_and_changes_nothing(group: Group, join: Join) -> None:
    device = join()
    message = device.message([put_customer(device, name="张伟"), put_customer(device, bad={"scope": 1}, scope="x")])
    first = device.post("push", message).json()
    again = device.post("push", message).json()
    assert first["results"] == again["results"]
    assert outcomes(first) == ["accepted", "rejected operation_malformed"]
    assert group.scalar("SELECT max(ver) FROM replica_row WHERE tenant_id = ?") == 1


def test_concurrent_retries_of_one_batch_apply_it_once(group: Group, join: Join) -> None:
    device = join()
    message = device.message([put_customer(device, name=f"客户{i}") for i in range(50)])
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: device.post("push", message), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({json.dumps(answer.json()["results"]) for answer in answers}) == 1
    assert group.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ?") == 50
    assert group.scalar("SELECT count(*) FROM applied_operation WHERE tenant_id = ?") == 50


def test_a_retry_with_more_behind_it_answers_both(join: Join) -> None:
    device = join()
    first, second = put_customer(device, name="一"), put_customer(device, name="二")
    device.post("push", device.message([first]))
    answer = device.push(first, second)
    assert outcomes(answer) == ["accepted", "accepted"]
    assert answer["applied"] == 2


def test_a_gap_is_refused_with_the_number_that_is_missing(join: Join) -> None:
    device = join()
    device.push(put_customer(device, name="一"))
    answer = device.post("push", device.message([put_customer(device, name="三")], n=2))
    assert (answer.status_code, answer.json()["error"]) == (409, "operations_missing")
    assert answer.json()["detail"] == {"expected": 2}


def test_another_history_under_the_same_name_is_set_aside(group: Group, join: Join) -> None:
    device = join()
    device.push(put_customer(device, name="一"), put_customer(device, name="二"))
    for n, before in ((2, "0" * 32), (0, ""), (1, "0" * 32)):
        answer = device.post("push", device.message([put_customer(device, name="别人")], n=n, before=before))
        assert (answer.status_code, answer.json()["error"]) == (409, "history_differs"), (n, answer.text)
        assert answer.json()["detail"]["quarantined"] == 1
    assert group.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ?") == 2
    assert group.scalar("SELECT count(*) FROM quarantined_operation WHERE tenant_id = ?") == 3
    renewed = device.post("renew", {"after_n": 2, "after_hash": device.hash}).json()
    assert renewed["device_id"] != device.device_id
    device.identity, device.token = renewed, ""
    device.token = device.new_token()
    assert outcomes(device.push(put_customer(device, name="三"))) == ["accepted"]


def test_a_refused_operation_counts_and_the_next_one_goes_through(join: Join) -> None:
    device = join()
    bad = [
        {**put_customer(device, name="坏"), "clock": "never"},
        {**put_customer(device, name="坏"), "fields": None},
        {**put_customer(device, name="坏"), "table": "no table"},
        {**put_customer(device, name="坏"), "base": -1},
        device.put("vehicle_claim", name="坏"),
        put_customer(device, name=7),
        put_customer(device, name=None),
        device.put("payment", received_at="yesterday"),
        put_customer(device, "d" * 32, name="part of a record nobody has", new=False),
        {**put_customer(device, name="zu gross"), "kind": "void"},
        device.claim(VIN, "no id"),
        device.claim(VIN, "e" * 32, kind="steal"),
    ]
    answer = device.push(*bad, put_customer(device, name="好"))
    codes = [result[4] for result in answer["results"][:-1]]
    assert codes == [
        *["operation_malformed"] * 5, "field_invalid", "field_invalid", "field_invalid", "record_unknown",
        "operation_too_large", "operation_malformed", "operation_malformed",
    ]  # fmt: skip
    assert answer["results"][-1][1] == "accepted"


def test_a_transaction_is_taken_whole_or_not_at_all(group: Group, join: Join) -> None:
    device = join()
    known = put_customer(device, name="张伟", note="as it was")
    device.push(known)
    txn = new_id()
    answer = device.push(
        put_customer(device, known["id"], note="changed", txn=txn, base=1),
        put_customer(device, name="李娜", txn=txn),
        put_customer(device, name=5, txn=txn),
        put_customer(device, name="after it"),
    )
    assert outcomes(answer) == [
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
    assert outcomes(answer) == [
        "rejected scope_denied", "accepted", "rejected permission_denied", "accepted", "rejected permission_denied",
        "accepted",
    ]  # fmt: skip


def test_a_deleted_record_stays_deleted_and_its_contents_are_gone(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    created = put_customer(device, name="张伟", phone="13900000000")
    device.push(created)
    device.push(put_customer(device, created["id"], deleted_at=1_700_000_000_000_000, base=1))
    answer = other.push(put_customer(other, created["id"], name="张炜", base=1))
    assert outcomes(answer) == ["rejected record_deleted"]
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
    assert [outcome.removeprefix("rejected ") for outcome in outcomes(answer)] == [
        "record_in_use", "record_in_use", "record_immutable", "accepted", "record_immutable", "record_immutable",
        "accepted",
    ]  # fmt: skip
