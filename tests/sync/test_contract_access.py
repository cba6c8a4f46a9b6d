"""Who may come in, what is no message, and what happens over months; the same on both databases."""

import gzip
import json
import time
from typing import Any

import pytest
import zstandard

from db.ids import new_id
from sync.server.devices import revoke
from sync.server.upkeep import TOMBSTONE_DAYS, check, compact, prune, start_epoch
from tests.sync.conftest import Group
from tests.sync.raw_device import BRANCH, FIELDS, Join, RawDevice, clock_text, new_order, outcomes, put_customer

VIN = "LSVAA4182E2184847"


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
    client = f"{device.identity['tenant']}.{device.device_id}"
    wrong = {"grant_type": "client_credentials", "client_id": client, "client_secret": "guess"}
    answer = device.http.post("/oauth/token", data=wrong)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json()["code"] == answer.headers["forecourt-error"] == "device_key_wrong"


def test_what_a_revoked_desk_sends_is_kept_aside_and_it_reads_nothing(group: Group, join: Join) -> None:
    device = join()
    device.push(put_customer(device, name="一"))
    assert revoke(group.store, group.tenant, device.device_id, now=time.time_ns() // 1000)
    message = device.message([put_customer(device, name="二")])
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
    device.push(put_customer(device, name="张伟"))
    stranger_group = Group(group.service, database_template, tmp_path)
    stranger = RawDevice(group.service.url, stranger_group.code())
    try:
        assert stranger.pull_all() == []
        stranger.push(put_customer(stranger, name="李娜"))
        assert len(device.pull_all()) == 1
    finally:
        stranger.close()
        stranger_group.close()


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
    device.push(*[put_customer(device, name="张伟", note="长" * 100) for _ in range(50)])
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
    created = [put_customer(device, name=f"客户{i}") for i in range(3)]
    device.push(*created)
    device.push(put_customer(device, created[0]["id"], deleted_at=1, base=1))
    device.push(put_customer(device, name="later"))
    other.pull_all()
    device.pull_all()
    long_after = time.time_ns() // 1000 + (TOMBSTONE_DAYS + 1) * 86_400_000_000
    assert compact(group.store, group.tenant, now=long_after) == {BRANCH: 1}
    assert len(other.pull_all()) == 3
    answer = other.post("pull", {"cursors": {BRANCH: 2}})
    assert (answer.status_code, answer.json()["detail"]) == (410, {"scope": BRANCH})
    ahead = other.post("pull", {"cursors": {BRANCH: 99}})
    assert (ahead.status_code, ahead.json()["error"]) == (409, "operations_missing")
    assert "epoch" not in ahead.json()["detail"]  # whoever does not say in which epoch it read proves nothing


def test_a_desk_that_knows_more_than_the_centre_makes_all_the_others_hear_of_it(group: Group, join: Join) -> None:
    """The centre was put back and nobody told it: whoever finds it out makes a new epoch begin, once."""
    first, other = join(), join("D02")
    epoch = first.pull()["epoch"]
    for beyond in ({"cursors": {BRANCH: 99}}, {"cursors": {}, "acknowledged": {"n": 7, "hash": "f" * 32}}):
        told = first.post("pull", {"epoch": epoch, **beyond}).json()
        assert told["error"] == "operations_missing" and told["detail"]["epoch"] != epoch
        before, epoch = epoch, told["detail"]["epoch"]
        assert other.post("pull", {"epoch": before, "cursors": {}}).json()["detail"] == {"epoch": epoch}
    sent = other.message([put_customer(other, name="二")], n=5, before="f" * 32)
    told = other.post("push", {"epoch": epoch, **sent}).json()
    assert told["error"] == "operations_missing" and told["detail"]["epoch"] != epoch


def test_answers_that_arrived_are_forgotten_in_time(group: Group, join: Join) -> None:
    device = join()
    device.push(put_customer(device, name="一"))
    device.push(put_customer(device, name="二"))
    prune(group.store, now=0)
    assert len(group.rows("SELECT n FROM applied_operation WHERE tenant_id = ?")) == 2  # one may come twice, and late
    prune(group.store, now=0, keep=0)
    assert group.rows("SELECT n FROM applied_operation WHERE tenant_id = ?") == [(2,)]
    assert outcomes(device.push(put_customer(device, name="三"))) == ["accepted"]


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
    loser = new_order(other)
    lost = other.push(loser, other.claim(VIN, loser["id"]))
    assert lost["results"][1][5]["winner"]["number"] == "SH01-SO-2025-000041"


def test_nothing_impossible_is_found_in_the_end(group: Group) -> None:
    assert [finding for finding in check(group.store) if finding.tenant not in group.damaged] == []
