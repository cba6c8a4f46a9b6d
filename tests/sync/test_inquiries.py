"""What a desk may ask the centre besides its feed, the same on SQLite and PostgreSQL."""

from typing import Any

from tests.factories.people import HANGZHOU
from tests.sync.conftest import Group
from tests.sync.raw_device import FIELDS, ID, Join, RawDevice

HERE, THERE = "b" * 31 + "1", HANGZHOU.id
VINS = ("LSVAA4182E2184840", "LSVAA4182E2184841", "LSVAA4182E2184842")
TRIM, OTHER_TRIM = "1" * 32, "2" * 32


def stocked(group: Group, join: Join) -> tuple[RawDevice, RawDevice, list[str]]:
    """A device of one branch with three vehicles, and one of another branch."""
    owner = join("D01", scopes=[])
    seeker = RawDevice(group.service.url, group.code("D02", branch=HANGZHOU, scopes=[]), branch_id=THERE)
    made = [
        owner.put(
            "vehicle_unit", vin=vin, trim_id=OTHER_TRIM if vin is VINS[2] else TRIM, branch_id=HERE, cost=12_000_000,
            list_price=15_000_000, stock_state="IN_STOCK", stock_number=f"ST{place}", exterior_colour="白 / White",
        )
        for place, vin in enumerate(VINS)
    ]  # fmt: skip
    owner.push(*made)
    return owner, seeker, [one["id"] for one in made]


def asked(device: RawDevice, question: str, **message: Any) -> dict[str, Any]:
    answer = device.post(question, {"by": "", **message})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def test_the_stock_of_other_branches_without_its_costs(group: Group, join: Join) -> None:
    owner, seeker, ids = stocked(group, join)
    owner.push(owner.claim(VINS[0], "9" * 32, vehicle_id=ids[0]))
    rows = asked(seeker, "stock", trims=[TRIM])["rows"]
    assert [(row["vin"], row["taken"], row["branch_id"]) for row in rows] == [
        (VINS[0], "order", HERE), (VINS[1], "", HERE)
    ]  # fmt: skip
    assert all("cost" not in row and "floor_price" not in row for row in rows)
    assert [row["vin"] for row in asked(seeker, "stock", text="84842")["rows"]] == [VINS[2]]
    assert [row["vin"] for row in asked(seeker, "stock", text="st1")["rows"]] == [VINS[1]]
    assert asked(seeker, "stock", text="%")["rows"] == []
    assert asked(owner, "stock", trims=[TRIM])["rows"] == []  # its own it has already
    owner.push(owner.put("vehicle_unit", ids[1], stock_state="OUT", base=1))
    assert [row["vin"] for row in asked(seeker, "stock")["rows"]] == [VINS[0], VINS[2]]
    seeker.close()


def test_who_asks_must_be_allowed_to(group: Group, join: Join) -> None:
    owner, seeker, ids = stocked(group, join)
    clerk = owner.put("staff_member", login="x", role="cashier", branch_id=HERE, scope="group")
    owner.push(clerk)
    refused = seeker.post("stock", {"by": clerk["id"], "trims": []})
    assert (refused.status_code, refused.json()["error"]) == (403, "not_permitted")
    assert seeker.post("compare", {"by": "", "scope": HERE, "table": "vehicle_unit"}).status_code == 403
    assert seeker.post("compare", {"by": "", "scope": THERE, "table": "no_table"}).status_code == 400
    assert seeker.post("stock", {"by": "", "trims": ["x"]}).status_code == 400
    assert seeker.post("rows", {"by": "", "table": "vehicle_unit", "ids": "no list"}).status_code == 400
    answer = asked(seeker, "rows", table="vehicle_unit", ids=[ids[0], "8" * 32])
    assert answer == {"rows": [], "elsewhere": {ids[0]: HERE}, "unknown": ["8" * 32]}
    seeker.close()


def test_what_the_centre_has_in_pages_with_who_has_each_vehicle(group: Group, join: Join) -> None:
    owner, seeker, ids = stocked(group, join)
    owner.push(owner.claim(VINS[1], "9" * 32, vehicle_id=ids[1], number="SH01-D01-SO-000007"))
    first = asked(owner, "compare", scope=HERE, table="vehicle_unit", limit=2)
    second = asked(owner, "compare", scope=HERE, table="vehicle_unit", limit=2, after=first["next"])
    assert [row[0] for row in first["rows"] + second["rows"]] == sorted(ids) and second["next"] is None
    assert all(len(row[4]) == 16 for row in first["rows"])
    about = first["about"] | second["about"]
    assert about[VINS[1]]["claim"] == ["order", "9" * 32, "SH01-D01-SO-000007", HERE, None]
    assert about[VINS[0]]["owner"] == HERE and about[VINS[0]].get("claim") is None
    row = asked(owner, "rows", table="vehicle_unit", ids=[ids[1]])["rows"][0]
    assert row[ID] == ids[1] and row[FIELDS]["vin"] == VINS[1]
    seeker.close()
