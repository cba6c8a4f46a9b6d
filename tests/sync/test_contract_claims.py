"""Who gets a vehicle, over HTTP, the same on SQLite and PostgreSQL."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

from db.ids import new_id
from tests.sync.conftest import Group
from tests.sync.raw_device import FIELDS, ID, TABLE, VER, Join, RawDevice, new_order, outcomes

VIN, OTHER_VIN = "LSVAA4182E2184847", "LSVAA4182E2184850"


def test_two_orders_for_one_vehicle_leave_one_winner_and_one_flagged_loser(group: Group, join: Join) -> None:
    device, other = join(), join("D02")
    txn = new_id()
    winner, loser = new_order(device, txn=txn), new_order(other, "SH01-D02-SO-000007")
    won = device.push(winner, {**device.claim(VIN, winner["id"], txn=txn), "by": "a" * 32})
    lost = other.push(loser, other.claim(VIN, loser["id"], number="SH01-D02-SO-000007"))
    assert outcomes(won) == ["accepted", "accepted"]
    assert outcomes(lost)[1].startswith("conflict")
    reference = lost["results"][1][5]["winner"]
    assert (reference["order_id"], reference["desk_code"]) == (winner["id"], "D01")
    assert reference["staff_id"] == "a" * 32, "the loser is told who has it"
    states = {row[ID]: row[FIELDS] for row in device.pull_all() if row[TABLE] == "sales_order"}
    assert states[winner["id"]]["claim_state"] == "confirmed"
    assert states[winner["id"]]["final_number"] == reference["number"]
    assert states[loser["id"]]["claim_state"] == "conflict"
    assert states[loser["id"]]["claim_winner"] == reference
    again = other.push(other.claim(VIN, loser["id"]))
    assert outcomes(again)[0].startswith("conflict")
    assert group.scalar("SELECT count(*) FROM claim_conflict WHERE tenant_id = ?") == 1


def test_many_desks_claiming_one_vehicle_at_once_leave_one_winner(group: Group, join: Join) -> None:
    devices = [join(f"D2{i}") for i in range(5)]

    def sell(device: RawDevice) -> str:
        txn = new_id()
        order = new_order(device, txn=txn)
        return outcomes(device.push(order, device.claim(VIN, order["id"], txn=txn)))[1].split()[0]

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(sell, devices))
    assert sorted(answers) == ["accepted", *["conflict"] * 4]
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
    order = new_order(device)
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
    assert outcomes(device.push(held, hold)) == ["accepted", "accepted"]
    assert outcomes(other.push(other.claim(VIN, "7" * 32, kind="hold", until=until)))[0].endswith("vehicle_claimed")
    order = new_order(other, customer_id=customer)
    assert outcomes(other.push(order, other.claim(VIN, order["id"]))) == ["accepted", "accepted"]
    past = time.time_ns() // 1000 - 1
    assert outcomes(other.push(other.claim("LSVAA4182E2184848", "7" * 32, kind="hold", until=past))) == ["accepted"]


def held_by(group: Group, order_id: str) -> list[object]:
    return [vin for (vin,) in group.rows(
        "SELECT vin FROM vehicle_claim WHERE tenant_id = ? AND kind = 'order' AND holder_id = ? ORDER BY vin", order_id
    )]  # fmt: skip


def sold(device: RawDevice, *, then: dict[str, object]) -> tuple[dict[str, object], dict[str, object], str]:
    """Two vehicles, and an order that has the first and was then given the second by somebody who had not heard."""
    first = device.put("vehicle_unit", vin=VIN, allocation_state="FREE")
    second = device.put("vehicle_unit", vin=OTHER_VIN, allocation_state="FREE")
    device.push(first, second)
    order = new_order(device, vehicle_unit_id=first["id"], state="CONFIRMED")
    device.push(order, device.claim(VIN, order["id"], vehicle_id=first["id"]))
    txn = new_id()
    moved = device.put(
        "sales_order", order["id"], vehicle_unit_id=second["id"], claim_state="provisional", base=1, txn=txn, **then
    )
    answer = device.push(moved, device.claim(OTHER_VIN, order["id"], vehicle_id=second["id"], txn=txn))
    assert outcomes(answer)[1] == "accepted"
    return first, second, str(order["id"])


def states_of(device: RawDevice) -> dict[object, dict[str, object]]:
    return {row[ID]: row[FIELDS] for row in device.pull_all() if row[TABLE] in ("sales_order", "vehicle_unit")}


def test_an_order_that_is_given_another_vehicle_leaves_the_one_it_had_got_meanwhile(group: Group, join: Join) -> None:
    device = join()
    first, second, order_id = sold(device, then={})
    assert held_by(group, order_id) == [OTHER_VIN]
    states = states_of(device)
    assert states[order_id]["claim_state"] == "confirmed"
    assert (states[first["id"]]["allocation_state"], states[first["id"]]["order_id"]) == ("FREE", None)
    assert states[second["id"]]["order_id"] == order_id


def test_a_claim_that_is_let_go_says_nothing_of_the_orders_own_vehicle(group: Group, join: Join) -> None:
    """As a centre from a backup may have it: the order still holds a vehicle it is no longer about."""
    device = join()
    first, second, order_id = sold(device, then={"new": True})
    assert held_by(group, order_id) == sorted([VIN, OTHER_VIN])
    at, clocks = first["at"], {"*": first["clock"]}
    shown = [device.branch_id, "vehicle_unit", first["id"], at, at, first["fields"], clocks]
    answer = device.post("publish", {"rows": [shown], "claims": []})
    assert answer.status_code == 200, answer.text
    assert held_by(group, order_id) == [OTHER_VIN]
    states = states_of(device)
    assert states[order_id]["claim_state"] == "confirmed"
    assert states[first["id"]]["allocation_state"] == "FREE"
    assert states[second["id"]]["order_id"] == order_id
