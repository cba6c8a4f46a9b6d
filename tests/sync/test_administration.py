"""What headquarters see and do: rights, groups apart, pages, and what becomes of operations set aside."""

from collections.abc import Iterator
from typing import Any

import pytest

from sync.server.desk_visits import described
from sync.server.invariants import check
from tests.factories.people import HANGZHOU
from tests.sync.browser import Browser, add_person
from tests.sync.conftest import Group
from tests.sync.raw_device import BRANCH, FIELDS, ID, Join, RawDevice, new_order, outcomes, put_customer

OTHER = "b" * 31 + "2"
VIN = "LSVAA4182E2184847"
LIST = ("desks", "conflicts", "leases", "quarantine", "log")


class Headquarters:
    """Somebody signed in: `ask` expects success, `refused` the opposite."""

    def __init__(self, group: Group, browser: Browser, **asks: str) -> None:
        self.browser = browser
        self.token = browser.signed_in("li.na", add_person(group.store, group.tenant), **asks)["access_token"]

    def ask(self, name: str, **message: Any) -> dict[str, Any]:
        answer = self.browser.ask(name, self.token, **message)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def refused(self, name: str, **message: Any) -> tuple[int, str]:
        answer = self.browser.ask(name, self.token, **message)
        return answer.status_code, answer.json()["error"]


@pytest.fixture
def browser(group: Group) -> Iterator[Browser]:
    made = Browser(group.service.url, group.tenant)
    yield made
    made.close()


@pytest.fixture
def head(group: Group, browser: Browser) -> Headquarters:
    return Headquarters(group, browser)


def with_branches(device: RawDevice) -> None:
    """Two branches the centre knows."""
    device.push(
        device.put("branch", BRANCH, new=True, scope="group", code="SH01", name_zh="上海", name_en="Shanghai"),
        device.put("branch", OTHER, new=True, scope="group", code=HANGZHOU.code, name_zh="杭州", name_en="Hangzhou"),
    )


def test_headquarters_see_what_a_desk_last_said_it_had_not_sent(group: Group, join: Join, head: Headquarters) -> None:
    device, older = join("D01"), join("D02")
    older.pull_all()

    def seen() -> tuple[Any, int, bool]:
        rows = {row["id"]: row for row in head.ask("desks")["rows"]}
        assert rows[older.device_id]["unsent"] is None and rows[older.device_id]["unsent_said_at"] == 0
        row = rows[device.device_id]
        return row["unsent"], row["oldest_unsent_at"], row["unsent_said_at"] > 0

    assert seen() == (None, 0, False)
    device.pull(waiting=[7, 1_795_000_000_000_000])
    device.pull(waiting=[7, 1_795_000_000_000_000])  # written with the next request: saying it costs no write
    assert seen() == (7, 1_795_000_000_000_000, True)
    refused = device.message([put_customer(device, name="一", at=5)], n=3, before="f" * 32)
    assert device.post("push", {**refused, "waiting": [2, 9]}).status_code == 409
    device.http.headers["User-Agent"] = "Forecourt/0.1.0 (Windows 11; AMD64)"  # the visit is written down at once
    device.pull()
    assert seen() == (3, 5, True)  # what is refused waits as well
    sent = device.message([put_customer(device, name="一")])
    assert device.post("push", {**sent, "pull": {"cursors": {}, "waiting": [0, 0]}}).json()["page"]["rows"] != []
    device.http.headers["User-Agent"] = "Forecourt/0.2.0 (Windows 11; AMD64)"
    device.pull()
    assert seen() == (0, 0, True)


def test_what_is_waiting_has_to_be_two_numbers(join: Join) -> None:
    device = join()
    for wrong in ([1], [1, 2, 3], ["a", 1], [-1, 0], 7):
        assert device.post("pull", {"cursors": {}, "waiting": wrong}).json()["error"] == "malformed"
        sent = device.message([put_customer(device, name="一")])
        assert device.post("push", {**sent, "waiting": wrong}).status_code == 200  # a push is never lost over it
        device.n, device.hash = device.n + 1, device.chained(sent)


def test_branches_and_desks_are_seen_as_they_are(group: Group, join: Join, head: Headquarters) -> None:
    device, late = join("D01"), join("D02")
    with_branches(device)
    late.pull_all()
    late.pull({"group": 2, BRANCH: 0})  # tells how far it has read
    device.http.headers["User-Agent"] = "Forecourt/0.1.0 (Windows 11; AMD64)"
    device.push(*[put_customer(device, name=f"客户{n}") for n in range(3)])
    told = head.ask("overview")
    known = {branch["code"]: branch for branch in told["branches"]}
    assert (known["SH01"]["desks"], known["SH01"]["name_zh"], known["SH01"]["rows"]) == (2, "上海", 3)
    assert known["SH01"]["lag"] == 3 and known["SH01"]["last_contact"] > 0
    assert (known["HZ01"]["desks"], known["HZ01"]["lag"], told["group_rows"]) == (0, None, 2)
    rows = {row["id"]: row for row in head.ask("desks")["rows"]}
    assert rows[device.device_id]["program"] == "0.1.0"
    assert rows[device.device_id]["platform"] == "Windows 11; AMD64"
    assert rows[device.device_id]["operations"] == 5
    assert (rows[device.device_id]["ahead_ms"], rows[device.device_id]["schema"]) == (0, 1)
    assert rows[late.device_id]["lag_by_scope"] == {BRANCH: 3}
    assert head.ask("desks", branch_id=OTHER)["rows"] == []
    first = head.ask("desks", limit=1)
    second = head.ask("desks", limit=1, after=first["next"])
    assert {first["rows"][0]["id"], second["rows"][0]["id"]} == {device.device_id, late.device_id}
    assert late.post("renew", {"after_n": 0, "after_hash": ""}).status_code == 200
    assert [row["replaced"] for row in head.ask("desks")["rows"]] == [False, True, False]
    (branch,) = (one for one in head.ask("overview")["branches"] if one["code"] == "SH01")
    assert branch["desks"] == 2 and not branch["lag"], "a former identity reads nothing any more"


def test_programs_are_told_in_one_form() -> None:
    assert described("Forecourt/0.1.0 (Linux 6.1; x86_64)") == ("0.1.0", "Linux 6.1; x86_64")
    assert described("curl/8.0") == ("", "curl/8.0")
    assert described("Forecourt/" + "9" * 99 + " (" + "x" * 99 + "\x00)")[0] == "9" * 40


def test_looking_and_changing_need_their_scope(group: Group, join: Join, browser: Browser) -> None:
    device = join()
    reader = Headquarters(group, browser, scope="administration.read")
    for name in ("overview", *LIST):
        reader.ask(name)
    for name, message in (
        ("revoke", {"device_id": device.device_id, "reason": "why not"}),
        ("make-code", {"branch": "SH01", "desk": "D09"}),
        ("change-scopes", {"device_id": device.device_id, "scopes": [], "reason": "why not"}),
        ("release", {"device_id": device.device_id, "reason": "why not"}),
        ("drop", {"device_id": device.device_id, "reason": "why not"}),
        ("end-lease", {"vin": VIN, "reason": "why not"}),
    ):
        assert reader.refused(name, **message) == (403, "not_permitted")
    assert device.post("administration/overview", {}).json()["error"] == "token_expired"  # a desk is no person
    answer = browser.http.post("/v1/pull", json={"cursors": {}}, headers={"Authorization": f"Bearer {reader.token}"})
    assert answer.json()["error"] == "token_expired"  # and a person no desk
    assert browser.http.post("/v1/administration/overview", json={}).json()["error"] == "token_missing"
    assert device.pull()["rows"] == []


def test_groups_are_kept_apart(group: Group, join: Join, head: Headquarters, database_template: Any,
                               tmp_path: Any) -> None:  # fmt: skip
    other_group = Group(group.service, database_template, tmp_path)
    stranger = RawDevice(group.service.url, other_group.code())
    try:
        assert head.ask("desks")["rows"] == []
        message = {"device_id": stranger.device_id, "reason": "not mine"}
        assert head.refused("revoke", **message) == (404, "desk_unknown")
        assert head.refused("release", **message) == (409, "already_decided")
        assert head.refused("change-scopes", **message, scopes="*") == (404, "desk_unknown")
        stranger.push(put_customer(stranger, name="李娜"))
    finally:
        stranger.close()
        other_group.close()


def test_a_code_made_at_headquarters_brings_a_desk_in(group: Group, join: Join, head: Headquarters) -> None:
    device = join()
    with_branches(device)
    assert head.refused("make-code", branch="XX99", desk="D02") == (409, "branch_unknown")
    assert head.refused("make-code", branch="SH01", desk="D02", scopes=["XX99"]) == (409, "branch_unknown")
    assert head.refused("make-code", branch="SH01", desk="d 2")[0] == 400
    told = head.ask("make-code", branch="SH01", desk="D02", scopes=["HZ01"], role="salesperson", hours=1)
    joined = RawDevice(group.service.url, told["code"], branch_id="")
    assert joined.identity["scopes"] == sorted({"group", BRANCH, OTHER})
    joined.close()
    entry = head.ask("log", limit=1)["rows"][0]
    assert (entry["what"], entry["about"], entry["who"]) == ("code_made", "SH01-D02", "li.na")
    assert entry["request_id"] and entry["address"]


def test_scopes_are_changed_while_a_desk_works(group: Group, join: Join, head: Headquarters) -> None:
    device, other = join(), join("D02", scopes=[])
    with_branches(device)
    device.push(device.put("customer", name="杭州的", scope=OTHER))
    assert {row[ID] for row in other.pull_all()} == {BRANCH, OTHER}
    changed = head.ask("change-scopes", device_id=other.device_id, scopes=["HZ01"], reason="stand-in")
    assert changed["desk"]["scopes"] == sorted(["group", BRANCH, OTHER])
    assert other.pull_all()[-1][FIELDS]["name"] == "杭州的"
    assert head.ask("log")["rows"][0]["detail"]["gained"] == [OTHER]
    assert head.refused("change-scopes", device_id=other.device_id, scopes=["XX"], reason="typo") == (
        409, "branch_unknown",
    )  # fmt: skip


def test_what_a_desk_sends_after_it_was_shut_out_can_be_released(
    group: Group, join: Join, head: Headquarters
) -> None:
    device, other = join(), join("D02")
    with_branches(device)
    known = put_customer(device, name="一")
    device.push(known)
    head.ask("revoke", device_id=device.device_id, reason="laptop stolen")
    assert head.refused("revoke", device_id=device.device_id, reason="again") == (409, "already_decided")
    late = put_customer(device, name="二", phone="13800138000")
    order = new_order(device)
    together = {"txn": order["txn"]}
    message = device.message(
        [late, order, device.claim(VIN, order["id"], **together), device.put("customer", "9" * 32, name="?", base=3)]
    )
    assert device.post("push", message).json()["detail"]["quarantined"] == 4

    overview = {one["code"]: one for one in head.ask("overview")["branches"]}
    assert (overview["SH01"]["quarantined"], overview["SH01"]["revoked"]) == (4, 1)
    page = head.ask("quarantine", limit=2)
    rest = head.ask("quarantine", limit=2, after=page["next"])
    rows = [*page["rows"], *rest["rows"]]
    assert [row["kind"] for row in rows] == ["put", "put", "claim", "put"]
    assert rows[0]["fields"] == {"name": "二", "phone": "•••"} and rows[0]["reason"] == "device_revoked"

    claim = rows[2]
    told = head.ask(
        "release", device_id=device.device_id, operations=[[claim["n"], claim["hash"]]], reason="a real sale"
    )
    assert told["outcomes"] == {"accepted": 2}  # the order went with its claim
    assert group.rows("SELECT vin FROM vehicle_claim WHERE tenant_id = ? AND kind = 'order'") == [(VIN,)]
    told = head.ask("release", device_id=device.device_id, reason="the rest")
    assert told["outcomes"] == {"accepted": 1, "rejected": 1}
    assert head.refused("release", device_id=device.device_id, reason="more") == (409, "already_decided")
    names = [row[FIELDS].get("name") for row in other.pull_all()]
    assert names.count("一") == 1 and names.count("二") == 1
    decided = group.rows("SELECT n, decision, outcome FROM quarantine_decision WHERE tenant_id = ? ORDER BY n")
    assert [row[1:] for row in decided][:3] == [("released", "accepted")] * 3
    assert str(decided[3][2]).startswith("rejected ")
    # The identity that applied them has no key, is shut, and is no desk to be seen.
    assert {row["id"] for row in head.ask("desks")["rows"]} == {device.device_id, other.device_id}
    assert check(group.store, tenant=group.tenant) == []


def test_what_was_there_before_is_not_applied_again(group: Group, join: Join, head: Headquarters) -> None:
    device, other = join(), join("D02")
    with_branches(device)
    first = put_customer(device, name="一")
    message = device.message([first, put_customer(device, name="二")])
    device.push(first)
    other.push(put_customer(other, first["id"], name="later", base=1))
    head.ask("revoke", device_id=device.device_id, reason="laptop stolen")
    assert device.post("push", message).status_code == 403
    told = head.ask("release", device_id=device.device_id, reason="all of it")
    assert told["outcomes"] == {"known": 1, "accepted": 1}
    names = sorted(row[FIELDS]["name"] for row in other.pull_all({"group": 2}))
    assert names == ["later", "二"]


def test_dropping_lets_it_be_and_says_who(group: Group, join: Join, head: Headquarters) -> None:
    device = join()
    with_branches(device)
    head.ask("revoke", device_id=device.device_id, reason="laptop stolen")
    device.post("push", device.message([put_customer(device, name="一"), put_customer(device, name="二")]))
    row = head.ask("quarantine")["rows"][0]
    message = {"device_id": device.device_id, "operations": [[row["n"], row["hash"]]], "reason": "a test entry"}
    assert head.ask("drop", **message)["outcomes"] == {"dropped": 1}
    assert head.refused("drop", **message) == (409, "already_decided")
    assert [one["n"] for one in head.ask("quarantine")["rows"]] == [row["n"] + 1]
    entry = head.ask("log", what="quarantine_dropped")["rows"][0]
    assert entry["detail"]["reason"] == "a test entry" and entry["about"] == device.device_id
    assert group.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ? AND table_name = 'customer'") == 0


def test_lost_vehicles_of_all_branches_are_seen(group: Group, join: Join, head: Headquarters) -> None:
    winner, loser = join(), join("D02")
    with_branches(winner)
    first, second = new_order(winner), new_order(loser, number="SH01-D02-SO-000001")
    winner.push(first, winner.claim(VIN, first["id"], txn=first["txn"]))
    assert outcomes(loser.push(second, loser.claim(VIN, second["id"], txn=second["txn"])))[1].startswith("conflict")
    row = head.ask("conflicts")["rows"][0]
    assert (row["order_id"], row["branch_code"], row["number"]) == (second["id"], "SH01", "SH01-D02-SO-000001")
    assert row["winner"]["order_id"] == first["id"]
    assert {one["code"]: one["conflicts"] for one in head.ask("overview")["branches"]}["SH01"] == 1


def test_the_log_is_read_page_by_page(group: Group, head: Headquarters) -> None:
    whole = [entry["what"] for entry in head.ask("log")["rows"]]
    assert whole == ["session_began", "signed_in", "second_factor_set_up", "password_chosen", "person_added"]
    seen, after = [], ""
    while after is not None:
        page = head.ask("log", limit=2, after=after)
        seen += [entry["what"] for entry in page["rows"]]
        after = page["next"]
    assert seen == whole
    assert head.refused("quarantine", after=["x", "y", "z"])[0] == 400
    assert head.refused("release", device_id="0" * 32, operations=[["1", 2]], reason="odd")[0] == 400
