"""Vehicles secured for one desk, over HTTP, the same on SQLite and PostgreSQL."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from db.ids import new_id
from sync.protocol.limits import LEASE_GRACE_SECONDS, LEASE_HOURS, LEASE_MOST_HOURS, LEASES_A_DESK
from sync.server.devices import revoke
from sync.server.leases import end_lease, list_leases
from sync.server.scopes import change_scopes
from tests.sync.conftest import Group
from tests.sync.raw_device import FIELDS, ID, TABLE, Join, RawDevice, new_order, outcomes

VIN = "LSVAA4182E2184847"
OTHER = "a" * 31 + "2"
HOUR = 3_600_000_000


def lease(device: RawDevice, *take: str, back: Any = (), hours: int = LEASE_HOURS, by: str = "") -> dict[str, Any]:
    answer = device.post("lease", {"by": by, "take": list(take), "give_back": list(back), "hours": hours})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def enter(device: RawDevice, vin: str = VIN, **values: Any) -> dict[str, Any]:
    """A vehicle in the device's branch."""
    unit = device.put("vehicle_unit", vin=vin, allocation_state="FREE", **values)
    assert outcomes(device.push(unit)) == ["accepted"]
    return unit


def sell(device: RawDevice, unit: dict[str, Any], vin: str = VIN, **values: Any) -> dict[str, Any]:
    """Push an order with its claim; the answer, with the order's id under `order`."""
    order = new_order(device, txn=new_id(), **values)
    answer = device.push(order, device.claim(vin, order["id"], vehicle_id=unit["id"], txn=order["txn"]))
    return {**answer, "order": order["id"]}


def unit_of(device: RawDevice, unit: dict[str, Any]) -> dict[str, Any]:
    """The vehicle as the feed has it."""
    return next(row[FIELDS] for row in device.pull_all() if (row[TABLE], row[ID]) == ("vehicle_unit", unit["id"]))


def age(group: Group, seconds: float) -> None:
    """Let all leases of the group have been given so long ago."""
    with group.store.write() as connection:
        group.store.run(
            connection, "UPDATE vehicle_lease SET at = at - ?, until = until - ? WHERE tenant_id = ?",
            (int(seconds * 1e6), int(seconds * 1e6), group.tenant),
        )  # fmt: skip


def test_a_vehicle_is_secured_for_one_desk_until_a_time(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    unit = enter(device)
    before = time.time_ns() // 1_000_000 * 1000  # the centre counts in milliseconds
    answer = lease(device, VIN)
    mine = answer["leases"][VIN]
    assert answer["refused"] == {}
    assert before + LEASE_HOURS * HOUR <= mine["until"] <= time.time_ns() // 1000 + LEASE_HOURS * HOUR
    assert mine["vehicle_id"] == unit["id"]
    refused = lease(other, VIN)
    assert refused["leases"] == {}
    assert refused["refused"][VIN]["code"] == "vehicle_claimed"
    winner = refused["refused"][VIN]["detail"]["winner"]
    assert (winner["kind"], winner["desk_code"], winner["until"]) == ("lease", "D01", mine["until"])
    assert (unit_of(other, unit)["secured_until"], unit_of(other, unit)["secured_for"]) == (mine["until"], "SH01-D01")


def test_the_claims_of_other_desks_lose_against_a_lease(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    unit = enter(device)
    until = lease(device, VIN)["leases"][VIN]["until"]
    lost = sell(other, unit)
    assert outcomes(lost) == ["accepted", "conflict"]
    winner = lost["results"][1][5]["winner"]
    assert (winner["kind"], winner["order_id"], winner["number"], winner["until"]) == ("lease", None, "SH01-D01", until)
    held = other.claim(VIN, "7" * 32, kind="hold", until=time.time_ns() // 1000 + HOUR, vehicle_id=unit["id"])
    assert outcomes(other.push(held)) == ["rejected vehicle_claimed"]
    assert outcomes(sell(device, unit)) == ["accepted", "accepted"]
    rows = {row[ID]: row[FIELDS] for row in device.pull_all()}
    tasks = [one for one in rows.values() if one.get("kind") == "lease_conflict"]
    assert [(one["record_id"], one["params"]["winner"]) for one in tasks] == [(lost["order"], "SH01-D01")]
    assert rows[lost["order"]]["claim_state"] == "conflict"
    assert rows[unit["id"]]["allocation_state"] == "ALLOCATED"


def test_an_order_that_lost_to_a_lease_may_claim_again_once_that_is_over(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    unit = enter(device)
    given = lease(device, VIN)["leases"][VIN]
    lost = sell(other, unit)
    assert lease(device, back=[[VIN, given["lease"]]])["leases"] == {}
    assert unit_of(device, unit).get("secured_until") is None
    again = other.claim(VIN, lost["order"], vehicle_id=unit["id"])
    assert outcomes(other.push(again)) == ["accepted"]
    open_tasks = [row for row in other.pull_all() if row[TABLE] == "task" and row[FIELDS]["state"] == "OPEN"]
    assert open_tasks == []


def test_a_lease_that_ran_out_keeps_nobody_away_after_its_grace(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    unit = enter(device)
    lease(device, VIN, hours=1)
    age(group, 3600 + 1)
    assert lease(device)["leases"] == {}
    assert outcomes(sell(other, unit))[1].startswith("conflict")  # the grace
    age(group, LEASE_GRACE_SECONDS)
    assert outcomes(sell(other, unit)) == ["accepted", "accepted"]
    late = sell(device, unit)
    assert outcomes(late)[1].startswith("conflict")
    assert late["results"][1][5]["winner"]["order_id"]


def test_a_desk_that_cancels_and_sells_again_within_its_lease_still_sells(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    unit = enter(device)
    lease(device, VIN)
    first = sell(device, unit)
    fields = {"vehicle_id": unit["id"], "holder_id": first["order"]}
    release = {**device.claim(VIN, first["order"]), "kind": "release", "fields": fields}
    assert outcomes(device.push(release)) == ["accepted"]
    assert outcomes(sell(other, unit))[1].startswith("conflict")
    assert outcomes(sell(device, unit)) == ["accepted", "accepted"]


def test_what_is_sold_held_promised_unknown_or_elsewhere_is_not_secured(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    unit = enter(device)
    sell(other, unit)
    refused = lease(device, VIN, "WAUZZZ8K9AA000001")["refused"]
    assert refused[VIN]["detail"]["winner"]["order_id"]
    assert refused["WAUZZZ8K9AA000001"] == {"code": "record_unknown", "detail": {}}
    assert group.scalar("SELECT count(*) FROM vehicle_claim WHERE tenant_id = ?") == 1
    held, mine = "LSVAA4182E2184848", "5" * 32
    unit = enter(device, held)
    until = time.time_ns() // 1000 + HOUR
    assert outcomes(device.push(device.claim(held, mine, kind="hold", until=until, vehicle_id=unit["id"])))
    assert lease(other, held)["refused"][held]["code"] == "vehicle_claimed"
    assert lease(other, held, by=mine)["leases"][held]  # what one holds for a customer one may secure as well
    abroad = enter(device, "LSVAA4182E2184849", scope=OTHER, branch_id=OTHER)
    assert lease(device, "LSVAA4182E2184849")["refused"]["LSVAA4182E2184849"] == {
        "code": "record_moved", "detail": {"branch_id": OTHER}
    }  # fmt: skip
    assert abroad


def test_a_transfer_waits_for_the_lease_of_another_desk(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    unit = enter(device)
    device.push(device.put("branch", OTHER, code="HZ01", scope="group", new=True))
    given = lease(device, VIN)["leases"][VIN]
    transfer = other.put(
        "vehicle_transfer", scope="group", number="T1", vin=VIN, unit_id=unit["id"], state="PENDING",
        from_branch_id=device.branch_id, to_branch_id=OTHER,
    )  # fmt: skip
    other.push(transfer)
    step = {
        "txn": new_id(), "v": 1, "kind": "transfer", "table": "vehicle_transfer", "id": transfer["id"],
        "scope": "group", "base": 1, "clock": other.clock(),
        "fields": {"action": "approve", "vin": VIN, "vehicle_id": unit["id"], "from_branch_id": device.branch_id,
                   "to_branch_id": OTHER, "at": 0},
    }  # fmt: skip
    answer = other.push(step)
    assert outcomes(answer) == ["rejected transfer_lost"]
    assert answer["results"][0][5]["winner"]["kind"] == "lease"
    lease(device, back=[[VIN, given["lease"]]])
    assert outcomes(other.push({**step, "txn": new_id(), "clock": other.clock()})) == ["accepted"]
    promised = lease(device, VIN)["refused"][VIN]
    assert promised["detail"]["winner"]["transfer_id"] == transfer["id"]


def test_the_desk_itself_may_promise_away_what_it_has_secured_and_the_lease_sleeps(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    unit = enter(device)
    device.push(device.put("branch", OTHER, code="HZ01", scope="group", new=True))
    lease(device, VIN)
    transfer = device.put(
        "vehicle_transfer", scope="group", number="T1", vin=VIN, unit_id=unit["id"], state="PENDING",
        from_branch_id=device.branch_id, to_branch_id=OTHER,
    )  # fmt: skip
    step = {
        "txn": transfer["txn"], "v": 1, "kind": "transfer", "table": "vehicle_transfer", "id": transfer["id"],
        "scope": "group", "base": 0, "clock": device.clock(),
        "fields": {"action": "approve", "vin": VIN, "vehicle_id": unit["id"], "from_branch_id": device.branch_id,
                   "to_branch_id": OTHER, "at": 0},
    }  # fmt: skip
    assert outcomes(device.push(transfer, step)) == ["accepted", "accepted"]
    abroad = other.claim(VIN, "9" * 32, vehicle_id=unit["id"])
    assert outcomes(other.push({**abroad, "scope": OTHER})) == ["accepted"]


def test_only_so_many_vehicles_for_so_long(group: Group, join: Join) -> None:
    device = join()
    vins = [f"LSVAA4182E21{n:05d}" for n in range(LEASES_A_DESK + 1)]
    device.push(*[device.put("vehicle_unit", vin=vin, allocation_state="FREE") for vin in vins])
    answer = lease(device, *vins)
    assert len(answer["leases"]) == LEASES_A_DESK
    assert answer["refused"] == {vins[-1]: {"code": "lease_limit", "detail": {"limit": LEASES_A_DESK}}}
    again = lease(device, *vins[:3], hours=LEASE_MOST_HOURS)
    assert again["refused"] == {}
    first = answer["leases"][vins[0]]
    exchanged = lease(device, vins[-1], back=[[vins[0], again["leases"][vins[0]]["lease"]]])
    assert exchanged["refused"] == {} and vins[0] not in exchanged["leases"]
    assert first["lease"] != again["leases"][vins[0]]["lease"]
    for wrong in ({"hours": LEASE_MOST_HOURS + 1}, {"hours": 0}, {"take": ["kein-vin"]}, {"by": 7}):
        assert device.post("lease", wrong).status_code == 400


def test_a_lease_is_never_shortened_and_a_late_message_ends_no_newer_one(group: Group, join: Join) -> None:
    device = join()
    enter(device)
    long = lease(device, VIN, hours=48)["leases"][VIN]
    short = lease(device, VIN, hours=1)["leases"][VIN]
    assert short["until"] == long["until"]
    late = lease(device, back=[[VIN, long["lease"]]])
    assert late["leases"][VIN] == short
    assert lease(device, back=[[VIN, short["lease"]]])["leases"] == {}
    assert lease(device, back=[[VIN, short["lease"]]])["leases"] == {}


def test_the_role_of_the_person_decides(group: Group, join: Join) -> None:
    device = join()
    enter(device)
    clerk, seller = "1" * 32, "2" * 32
    device.push(
        device.put("staff_member", clerk, role="parts_clerk", scope="group", new=True),
        device.put("staff_member", seller, role="salesperson", scope="group", new=True),
    )
    refused = device.post("lease", {"by": clerk, "take": [VIN]})
    assert (refused.status_code, refused.json()["error"]) == (403, "not_permitted")
    assert lease(device, VIN, by=seller)["leases"][VIN]


def test_a_desk_without_rights_has_no_leases(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    unit = enter(device)
    lease(device, VIN)
    assert revoke(group.store, group.tenant, device.device_id, now=time.time_ns() // 1000)
    assert device.post("lease", {"take": [VIN]}).json()["error"] == "device_revoked"
    assert unit_of(other, unit).get("secured_until") is None
    assert outcomes(sell(other, unit)) == ["accepted", "accepted"]


def test_a_desk_that_changes_its_branch_leaves_its_leases_behind(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    unit = enter(device)
    device.push(device.put("branch", device.branch_id, code="SH01", scope="group", new=True),
                device.put("branch", OTHER, code="HZ01", scope="group", new=True))  # fmt: skip
    lease(device, VIN)
    now = time.time_ns() // 1000
    change_scopes(group.store, group.tenant, device.device_id, [], now=now)
    assert [known.lease.vin for known in list_leases(group.store, group.tenant, now=now)] == [VIN]
    change_scopes(group.store, group.tenant, device.device_id, [], now=now, branch="HZ01", desk_code="D09")
    assert not list_leases(group.store, group.tenant, now=now)
    assert unit_of(other, unit).get("secured_until") is None
    assert outcomes(sell(other, unit)) == ["accepted", "accepted"]


def test_the_headquarters_see_and_end_leases(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    unit = enter(device)
    lease(device, VIN)
    now = time.time_ns() // 1000
    (known,) = list_leases(group.store, group.tenant, now=now)
    assert (known.lives, known.lease.vin, known.lease.desk) == (True, VIN, "SH01-D01")
    assert not list_leases(group.store, group.tenant, now=now + 25 * HOUR)[0].lives
    assert end_lease(group.store, group.tenant, VIN, now=now) == known.lease
    assert end_lease(group.store, group.tenant, VIN, now=now) is None
    assert lease(device)["leases"] == {}
    assert outcomes(sell(other, unit)) == ["accepted", "accepted"]


def test_what_is_secured_for_another_desk_is_not_deleted(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    unit = enter(device)
    lease(device, VIN)
    gone = {"deleted_at": time.time_ns() // 1000, "base": 2}
    assert outcomes(other.push(other.put("vehicle_unit", unit["id"], **gone))) == ["rejected record_in_use"]
    assert outcomes(device.push(device.put("vehicle_unit", unit["id"], **gone))) == ["accepted"]


def test_leases_and_orders_of_many_desks_at_once_leave_one_winner(group: Group, join: Join) -> None:
    devices = [join(f"D2{i}") for i in range(6)]
    unit = enter(devices[0])

    def ask(place: int) -> tuple[str, bool]:
        device = devices[place]
        if place % 2:
            return "lease", VIN in lease(device, VIN)["leases"]
        return "order", outcomes(sell(device, unit))[1] == "accepted"

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(6)))
    assert sum(won for _, won in answers) == 1


@pytest.mark.parametrize("rounds", [3])
def test_an_order_and_a_lease_at_one_moment(group: Group, join: Join, rounds: int) -> None:
    device, other = join(), join("D02")
    for n in range(rounds):
        vin = f"LSVAA4182E218490{n}"
        unit = enter(device, vin)
        with ThreadPoolExecutor(2) as pool:
            taking = pool.submit(lease, device, vin)
            selling = pool.submit(sell, other, unit, vin)
        leased = vin in taking.result()["leases"]
        sold = outcomes(selling.result())[1] == "accepted"
        assert leased != sold
        assert outcomes(sell(device, unit, vin))[1].startswith("accepted" if leased else "conflict")
