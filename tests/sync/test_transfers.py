"""A vehicle from one branch to another, through the centre: always one owner, and whoever loses is told."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.kernel.permissions import Role
from app.transfers.commands import CancelTransfer, OfferTransfer, RejectTransfer, RequestTransfer
from db.models.inventory import VehicleUnit
from sync.server.store import Store
from sync.server.upkeep import check
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.sync.desks import Desk, customer_of
from tests.sync.postgres_cluster import Cluster
from tests.sync.transfer_desks import (
    approved,
    branch_desk,
    close,
    open_tasks,
    owned,
    received,
    revision,
    run,
    sent,
    state,
    wanted,
)

Made = tuple[Store, Callable[..., Desk]]


@pytest.fixture(params=("sqlite", "postgresql"))
def centre(request: pytest.FixtureRequest, database_template: Path, tmp_path: Path) -> Iterator[Made]:
    """A centre in this process, and what makes a desk of it."""
    cluster: Cluster | None = request.getfixturevalue("cluster") if request.param == "postgresql" else None
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}" if cluster is None else cluster.create_database(), pool=2)
    store.ensure_schema()
    desks: list[Desk] = []

    def desk(name: str, branch: Any = SHANGHAI, scopes: Any = ()) -> Desk:
        made = branch_desk(store, database_template, tmp_path, name, branch=branch, scopes=scopes)
        desks.append(made)
        return made

    yield store, desk
    assert check(store) == []
    close(*desks)
    store.close()


def pair(make: Callable[..., Desk]) -> tuple[Desk, Desk, VehicleUnit]:
    """A desk in Shanghai with a vehicle, one in Hangzhou; both have met the centre."""
    here, there = make("D01"), make("D02", HANGZHOU)
    unit = here.records.unit()
    for desk in (here, there, here):
        desk.sync()
    return here, there, unit


def test_a_vehicle_changes_branches_only_when_the_centre_says_so(centre: Made) -> None:
    here, there, unit = pair(centre[1])
    transfer = wanted(there, unit)
    there.sync()
    here.sync()
    assert open_tasks(here) == {"approve_transfer"} and open_tasks(there) == set()
    approved(here, transfer)
    assert state(here, transfer) == ("PENDING", "APPROVED")  # asked for, not yet decided
    here.sync()
    assert state(here, transfer) == ("APPROVED", None)
    sent(here, transfer)
    here.sync()
    assert here.row("vehicle_unit", unit.id)["stock_state"] == "IN_TRANSIT"
    there.sync()
    assert open_tasks(there) == {"receive_transfer"} and open_tasks(here) == set()
    assert not there.row("vehicle_unit", unit.id)
    received(there, transfer, condition="DAMAGED", damage_note="左前门划痕", certificate_arrived=False)
    assert owned(there) == set() and owned(here) == {unit.vin}  # still the present owner's
    there.sync()
    assert owned(there) == {unit.vin}
    here.sync()
    assert owned(here) == set()
    arrived = there.row("vehicle_unit", unit.id)
    assert (arrived["stock_state"], arrived["location"], arrived["odometer_km"]) == ("IN_STOCK", "B-07", 190)
    assert (arrived["quality_state"], arrived["scope"]) == ("DAMAGED", HANGZHOU.id)
    left = here.row("vehicle_unit", unit.id)
    assert left["deleted_at"] is not None and left["branch_id"] == left["scope"] == HANGZHOU.id
    assert left["vin"] == unit.vin  # old orders still name it
    assert state(here, transfer) == state(there, transfer) == ("MOVED", None)
    assert here.row("vehicle_transfer", transfer)["freight"] == 80_000
    assert open_tasks(here) == open_tasks(there) == set()


def test_it_may_come_back_and_go_again(centre: Made) -> None:
    here, there, unit = pair(centre[1])
    both = centre[1]("D03", SHANGHAI, ["HZ01"])
    both.sync()
    for source, target, owner in ((here, there, SHANGHAI), (there, here, HANGZHOU), (here, there, SHANGHAI)):
        transfer = wanted(target, unit, owner=owner)
        for desk in (target, source):
            desk.sync()
        approved(source, transfer)
        source.sync()
        target.sync()
        received(target, transfer)  # the departure was never told
        target.sync()
        source.sync()
        assert owned(source) == set() and owned(target) == {unit.vin}
        sent_late = state(source, transfer)
        assert sent_late == ("MOVED", None)
    both.sync()
    assert both.row("vehicle_unit", unit.id)["branch_id"] == HANGZHOU.id
    assert both.row("vehicle_unit", unit.id)["deleted_at"] is None
    late = centre[1]("D04", SHANGHAI)
    late.sync()
    assert owned(late) == set()


def test_a_departure_told_after_the_arrival_keeps_its_facts(centre: Made) -> None:
    here, there, unit = pair(centre[1])
    transfer = wanted(there, unit)
    there.sync()
    here.sync()
    approved(here, transfer)
    here.sync()
    sent(here, transfer)  # offline: the truck is faster than the network
    there.sync()
    received(there, transfer)
    there.sync()
    here.sync()
    assert state(here, transfer) == ("MOVED", None)
    assert here.row("vehicle_transfer", transfer)["carrier"] == "安吉物流"
    there.sync()
    assert there.row("vehicle_unit", unit.id)["stock_state"] == "IN_STOCK"
    assert owned(here) == set() and owned(there) == {unit.vin}


def test_a_sale_that_was_first_stops_the_transfer_and_both_are_told(centre: Made) -> None:
    here, there, unit = pair(centre[1])
    seller = centre[1]("D03")
    seller.sync()
    transfer = wanted(there, unit)
    there.sync()
    here.sync()
    order = seller.sell(unit.id, customer_of(seller).id)
    approved(here, transfer)  # both while apart
    seller.sync()
    here.sync()
    assert state(here, transfer) == ("PENDING", None)
    assert here.one("SELECT count(*) FROM outbox_operation WHERE state = 'rejected'") >= 1
    for desk in (here, there):
        desk.sync()
        assert "transfer_lost" in open_tasks(desk)
    seller.sync()
    assert seller.row("sales_order", order)["claim_state"] == "confirmed"
    run(there, CancelTransfer(transfer_id=transfer, expected_revision=revision(there, transfer), reason="已售"))
    there.sync()
    here.sync()
    assert state(here, transfer) == ("CANCELLED", None)


def test_a_transfer_that_was_first_leaves_the_order_without_its_vehicle(centre: Made) -> None:
    here, there, unit = pair(centre[1])
    seller = centre[1]("D03")
    seller.sync()
    transfer = wanted(there, unit)
    there.sync()
    here.sync()
    approved(here, transfer)
    here.sync()
    order = seller.sell(unit.id, customer_of(seller).id)
    seller.sync()
    lost = seller.row("sales_order", order)
    assert lost["claim_state"] == "conflict"
    winner = json.loads(lost["claim_winner"])
    assert winner["order_id"] is None and winner["number"] == here.row("vehicle_transfer", transfer)["number"]
    assert "resolve_claim_conflict" in open_tasks(seller)
    assert seller.row("vehicle_unit", unit.id)["allocation_state"] == "FREE"
    there.sync()
    received(there, transfer)
    there.sync()
    assert owned(there) == {unit.vin}


def test_a_sale_offline_after_the_vehicle_left_keeps_the_order_and_flags_it(centre: Made) -> None:
    here, there, unit = pair(centre[1])
    seller = centre[1]("D03")
    seller.sync()
    transfer = wanted(there, unit)
    for desk in (there, here):
        desk.sync()
    approved(here, transfer)
    here.sync()
    there.sync()
    received(there, transfer)
    there.sync()
    order = seller.sell(unit.id, customer_of(seller).id)
    seller.set(VehicleUnit, unit.id, location="C-01")
    seller.sync()
    assert seller.row("sales_order", order)["claim_state"] == "conflict"
    assert owned(seller) == set()
    refused = seller.rows("SELECT result FROM outbox_operation WHERE state = 'rejected'")
    assert [json.loads(row[0])["code"] for row in refused] == ["record_moved"]
    there.sync()
    assert there.row("vehicle_unit", unit.id)["allocation_state"] == "FREE"
    assert there.row("vehicle_unit", unit.id)["location"] == "B-07"


def test_the_receiving_branch_may_sell_what_is_promised_to_it(centre: Made) -> None:
    here, _, unit = pair(centre[1])
    both = centre[1]("D05", HANGZHOU, ["SH01"])
    both.sync()
    transfer = wanted(both, unit)
    both.sync()
    here.sync()
    approved(here, transfer)
    here.sync()
    both.sync()
    order = both.sell(unit.id, customer_of(both).id)
    both.sync()
    assert both.row("sales_order", order)["claim_state"] == "confirmed"
    received(both, transfer)
    both.sync()
    arrived = both.row("vehicle_unit", unit.id)
    assert (arrived["branch_id"], arrived["order_id"]) == (HANGZHOU.id, order)


def test_an_order_goes_along_when_it_is_said(centre: Made) -> None:
    here, there, unit = pair(centre[1])
    order = here.sell(unit.id, customer_of(here).id)
    transfer = wanted(there, unit)
    there.sync()
    here.sync()
    approved(here, transfer, order_along=True)
    here.sync()
    assert state(here, transfer) == ("APPROVED", None)
    there.sync()
    received(there, transfer)
    there.sync()
    assert there.row("vehicle_unit", unit.id)["order_id"] == order
    assert there.row("vehicle_unit", unit.id)["allocation_state"] == "ALLOCATED"
    here.sync()
    assert here.row("sales_order", order)["claim_state"] == "confirmed"


def test_one_number_entered_at_two_branches_stays_with_the_first(centre: Made) -> None:
    here, there, unit = pair(centre[1])
    twin = there.records.unit(vin=unit.vin, branch_id=HANGZHOU.id)
    assert owned(there) == {unit.vin}  # offline, it believes so
    there.sync()
    assert owned(there) == set()
    assert "vehicle_elsewhere" in open_tasks(there)
    here.sync()
    assert "vehicle_elsewhere" in open_tasks(here)
    assert {row[0] for row in here.rows("SELECT id FROM vehicle_unit WHERE deleted_at IS NULL")} == {unit.id, twin.id}


def test_a_wish_is_taken_up_by_the_branch_that_has_one(centre: Made) -> None:
    here, there, unit = pair(centre[1])
    wish = str(run(there, RequestTransfer(trim_id=unit.trim_id, exterior_colour="珍珠白 / Pearl White")))
    there.sync()
    here.sync()
    approved(here, wish, unit_id=unit.id)
    here.sync()
    there.sync()
    row = there.row("vehicle_transfer", wish)
    assert (row["state"], row["vin"], row["from_branch_id"]) == ("APPROVED", unit.vin, SHANGHAI.id)


def test_two_transfers_of_one_vehicle_cannot_both_be_approved(centre: Made) -> None:
    here, there, unit = pair(centre[1])
    second = centre[1]("D03")
    second.sync()
    asked = wanted(there, unit)
    offered = str(run(second, OfferTransfer(unit_id=unit.id, to_branch_id=HANGZHOU.id)))  # while apart
    for desk in (there, second, here):
        desk.sync()
    approved(here, asked)
    approved(second, offered)
    second.sync()
    here.sync()
    assert state(here, asked) == ("PENDING", None) and state(here, offered) == ("APPROVED", None)
    there.sync()
    assert "transfer_lost" in open_tasks(there)


def test_a_rejection_is_told_to_the_branch_that_asked(centre: Made) -> None:
    here, there, unit = pair(centre[1])
    transfer = wanted(there, unit)
    there.sync()
    here.sync()
    run(here, RejectTransfer(transfer_id=transfer, expected_revision=revision(here, transfer), reason="有客户在等"))
    here.sync()
    there.sync()
    assert state(there, transfer) == ("REJECTED", None)
    assert open_tasks(there) == {"transfer_rejected"} and open_tasks(here) == set()


def test_no_desk_decides_for_the_other_branch(centre: Made) -> None:
    """Even one that was tampered with: the centre looks who asks."""
    here, there, unit = pair(centre[1])
    transfer = wanted(there, unit)
    there.sync()

    def seize(uow: Any) -> None:
        uow.ask_transfer(
            transfer_id=transfer, action="approve", vin=unit.vin, vehicle_id=unit.id, from_branch_id=SHANGHAI.id,
            to_branch_id=HANGZHOU.id,
        )  # fmt: skip

    there.do(seize, role=Role.BRANCH_MANAGER)
    there.sync()
    here.sync()
    assert state(here, transfer) == ("PENDING", None) and owned(here) == {unit.vin}
    codes = [json.loads(row[0])["code"] for row in there.rows("SELECT result FROM outbox_operation WHERE result <> ''")]
    assert codes == ["scope_denied"]
    here.set(VehicleUnit, unit.id, branch_id=HANGZHOU.id)  # nor can a branch give it away by an edit
    here.sync()
    there.sync()
    assert here.row("vehicle_unit", unit.id)["branch_id"] == SHANGHAI.id and owned(there) == set()
