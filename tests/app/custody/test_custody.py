"""Certificates, keys and places: every step a line that stays, and the unit's axis goes with it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from app.custody.commands import (
    AddPlace,
    ChangePlace,
    CorrectCertificates,
    GiveKeysToCustomer,
    HandCertificates,
    HandOutKey,
    RegisterKeys,
    RegisterPlacesInUse,
    ReportKeyLost,
    ReturnKey,
)
from app.custody.errors import (
    CertificateElsewhere,
    DueInPast,
    EntryCorrected,
    EntryNotLast,
    HappenedBeforeLast,
    HappensLater,
    KeyNotThere,
    KeysCounted,
    NothingChosen,
    PlaceCodeUnusable,
    PlaceExists,
    PlaceOccupied,
    SlotTaken,
)
from app.custody.key_queries import count_unit_keys, get_unit_keys, list_unit_keys
from app.custody.move_queries import list_moves
from app.custody.place_queries import get_place, list_places, place_choices
from app.custody.queries import count_certificates, get_certificate, list_certificates
from app.custody.rules import CustodyStep, Holder, KeyPurpose, KeyState
from app.inventory.commands import MoveUnit
from app.inventory.places import PlaceKind
from app.inventory.queries import get_unit
from app.inventory.rules import CertificateState
from app.kernel.clock import FixedClock, branch_date
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired, ValueRequired
from app.kernel.permissions import Actor
from tests.factories.records import Records


class House:
    """What the tests do, in few words."""

    def __init__(self, dispatcher: Dispatcher, actor: Actor) -> None:
        self.dispatcher, self.actor = dispatcher, actor

    def do(self, command: Any) -> Any:
        return self.dispatcher.execute(command, self.actor)

    def hand(self, step: CustodyStep, *units: str, **values: Any) -> Any:
        return self.do(HandCertificates(unit_ids=units, step=step, **values))

    def certificate(self, unit_id: str) -> Any:
        return self.dispatcher.read(get_certificate, self.actor, unit_id)

    def state(self, unit_id: str) -> CertificateState:
        found = self.dispatcher.read(get_unit, self.actor, unit_id).row.certificate
        assert isinstance(found, CertificateState)
        return found

    def keys(self, unit_id: str) -> Any:
        return self.dispatcher.read(get_unit_keys, self.actor, unit_id)


@pytest.fixture
def house(dispatcher: Dispatcher, manager: Actor) -> House:
    return House(dispatcher, manager)


def test_a_certificate_goes_from_the_maker_to_the_customer(house: House, records: Records, clock: FixedClock) -> None:
    unit = records.unit()
    assert house.certificate(unit.id).steps == (CustodyStep.RECEIVE, CustodyStep.PLEDGE)
    with pytest.raises(ValueRequired):
        house.hand(CustodyStep.PLEDGE, unit.id, to_name="工商银行")
    house.hand(CustodyStep.RECEIVE, unit.id, to_name="1号", from_kind=Holder.CARRIER, document_number="WAC123")
    clock.advance(timedelta(hours=1))
    house.hand(CustodyStep.PLEDGE, unit.id, to_name="工商银行", contract_number="FP-2026-7")
    assert house.state(unit.id) is CertificateState.AT_BANK
    with pytest.raises(CertificateElsewhere):
        house.hand(CustodyStep.ISSUE, unit.id, to_name="张伟")
    clock.advance(timedelta(hours=1))
    house.hand(CustodyStep.REDEEM, unit.id, to_name="1号")
    clock.advance(timedelta(hours=1))
    house.hand(CustodyStep.LEND, unit.id, to_name="顺达代办")
    assert house.state(unit.id) is CertificateState.ISSUED
    clock.advance(timedelta(hours=1))
    house.hand(CustodyStep.ISSUE, unit.id, to_name="张伟")
    detail = house.certificate(unit.id)
    assert (detail.row.holder, detail.row.holder_name, detail.row.document_number) == (
        Holder.CUSTOMER, "张伟", "WAC123",
    )  # fmt: skip
    assert [line.step for line in reversed(detail.entries)] == [
        CustodyStep.RECEIVE, CustodyStep.PLEDGE, CustodyStep.REDEEM, CustodyStep.LEND, CustodyStep.ISSUE,
    ]  # fmt: skip
    assert detail.entries[-1].source is Holder.CARRIER


def test_lending_is_overdue_by_house_policy(house: House, records: Records, clock: FixedClock) -> None:
    lent, other = records.unit(certificate_state="IN_SAFE"), records.unit(certificate_state="IN_SAFE")
    house.hand(CustodyStep.LEND, lent.id, to_name="顺达代办")
    assert house.certificate(lent.id).row.due_back_on == branch_date(clock.now()) + timedelta(days=7)
    clock.advance(timedelta(days=8))
    rows = house.dispatcher.read(list_certificates, house.actor, overdue=True)
    assert [row.id for row in rows] == [lent.id] and rows[0].overdue
    assert house.dispatcher.read(count_certificates, house.actor, state=["IN_SAFE"]) == (1, 2)
    with pytest.raises(ReasonRequired):
        house.hand(CustodyStep.RETURN, lent.id)
    house.hand(CustodyStep.RETURN, lent.id, reason="客户改期上牌")
    assert house.dispatcher.read(count_certificates, house.actor, overdue=True)[0] == 0
    assert house.state(other.id) is CertificateState.IN_SAFE


def test_a_correction_is_a_line_of_its_own(house: House, records: Records, clock: FixedClock) -> None:
    first, second = records.unit(certificate_state="IN_SAFE"), records.unit(certificate_state="IN_SAFE")
    batch = house.hand(CustodyStep.PLEDGE, first.id, second.id, to_name="工商银行", contract_number="FP-1")
    clock.advance(timedelta(hours=1))
    house.do(batch.undo)
    assert house.state(first.id) is house.state(second.id) is CertificateState.IN_SAFE
    with pytest.raises(EntryCorrected):
        house.do(CorrectCertificates(entry_ids=batch.value, reason="twice"))
    lines = house.certificate(first.id).entries
    assert [line.step for line in lines] == [CustodyStep.CORRECT, CustodyStep.PLEDGE] and lines[1].corrected
    (lend,) = house.hand(CustodyStep.LEND, first.id, to_name="代办").value
    clock.advance(timedelta(hours=1))
    (issued,) = house.hand(CustodyStep.ISSUE, first.id, to_name="张伟").value
    with pytest.raises(EntryNotLast):
        house.do(CorrectCertificates(entry_ids=[lend], reason="wrong"))
    house.do(CorrectCertificates(entry_ids=[issued], reason="还未交车"))
    assert house.certificate(first.id).row.holder is Holder.AGENT


def test_all_or_none_and_in_order(house: House, records: Records, clock: FixedClock, salesperson: Actor) -> None:
    here, away = records.unit(certificate_state="IN_SAFE"), records.unit(certificate_state="AT_BANK")
    with pytest.raises(CertificateElsewhere):
        house.hand(CustodyStep.PLEDGE, here.id, away.id, to_name="工商银行", contract_number="FP-1")
    assert house.state(here.id) is CertificateState.IN_SAFE and not house.certificate(here.id).entries
    with pytest.raises(NothingChosen):
        house.hand(CustodyStep.PLEDGE, to_name="工商银行", contract_number="FP-1")
    with pytest.raises(HappensLater):
        house.hand(CustodyStep.LEND, here.id, to_name="代办", happened_at=clock.now() + timedelta(hours=1))
    house.hand(CustodyStep.LEND, here.id, to_name="代办")
    with pytest.raises(HappenedBeforeLast):
        house.hand(CustodyStep.ISSUE, here.id, to_name="张伟", happened_at=clock.now() - timedelta(hours=1))
    with pytest.raises(PermissionDenied):
        house.dispatcher.execute(HandCertificates(unit_ids=[away.id], step=CustodyStep.REDEEM), salesperson)


def test_keys_are_handed_out_and_come_back(house: House, records: Records, clock: FixedClock, cashier: Actor) -> None:
    unit, other = records.unit(), records.unit()
    assert house.dispatcher.read(count_unit_keys, house.actor, state="NONE") == (2, 2)
    with pytest.raises(KeysCounted):
        house.do(RegisterKeys(unit_id=unit.id, count=9, slot="17"))
    first, second = house.do(RegisterKeys(unit_id=unit.id, count=2, slot="17", tag="蓝17")).value
    assert house.do(RegisterKeys(unit_id=unit.id, count=3, slot="17")).value != (first, second)
    with pytest.raises(SlotTaken):
        house.do(RegisterKeys(unit_id=other.id, count=1, slot="17"))
    with pytest.raises(DueInPast):
        house.do(HandOutKey(key_id=first, purpose=KeyPurpose.WASH, holder_name="洗车", due_back_at=clock.now()))
    out = house.do(HandOutKey(key_id=first, purpose=KeyPurpose.TEST_DRIVE, staff_id=house.actor.staff_id))
    with pytest.raises(KeyNotThere):
        house.do(HandOutKey(key_id=first, purpose=KeyPurpose.WASH, holder_name="洗车"))
    key = house.keys(unit.id).row.keys[0]
    assert (key.state, key.holder_name, key.due_back_at) == (KeyState.OUT, house.actor.name, out.value)
    clock.advance(timedelta(hours=5))
    (late,) = house.dispatcher.read(list_unit_keys, house.actor, state="OVERDUE")
    assert (late.id, late.worst) == (unit.id, "OVERDUE")
    house.do(ReturnKey(key_id=first, slot="18"))
    lost = house.do(ReportKeyLost(key_id=second, reason="试驾后不见"))
    assert house.keys(unit.id).row.worst == "LOST"
    house.do(lost.undo)
    assert house.do(GiveKeysToCustomer(unit_id=unit.id, customer_name="张伟")).value == 3
    assert len(house.keys(unit.id).entries) == 3 + 1 + 1 + 1 + 1 + 3
    house.do(RegisterKeys(unit_id=other.id, count=1, slot="17"))
    with pytest.raises(SlotTaken):
        house.do(ReturnKey(key_id=second))  # the vehicle came back, its slot has other keys by now
    house.do(ReturnKey(key_id=second, slot="19"))
    assert house.keys(unit.id).row.keys[1].slot == "19"
    with pytest.raises(PermissionDenied):
        house.dispatcher.execute(ReturnKey(key_id=first), cashier)


def test_lists_begin_with_an_index_that_holds_the_ids(house: House, records: Records) -> None:
    unit = records.unit()
    statements: list[tuple[str, Any]] = []
    engine = house.dispatcher.database._readers

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    assert house.dispatcher.read(count_certificates, house.actor) == (1, 1)
    assert house.dispatcher.read(count_unit_keys, house.actor) == (1, 1)
    assert [row.id for row in house.dispatcher.read(list_unit_keys, house.actor)] == [unit.id]
    event.remove(engine, "before_cursor_execute", note)
    begun = [one for one in statements if "UNION" in one[0]]
    assert len(begun) == 3, "what is not narrowed is counted once"
    with engine.connect() as connection:
        for text, values in begun:
            plan = [step[3] for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
            assert any("vehicle_unit USING COVERING INDEX" in step for step in plan), plan


def test_places_are_registered_from_what_is_written(house: House, records: Records, salesperson: Actor) -> None:
    unit, other = records.unit(location="A-12"), records.unit(location="展厅-3")
    assert [(row.id, row.code) for row in house.dispatcher.read(list_places, house.actor)] == [("", "A"), ("", "展厅")]
    assert house.do(RegisterPlacesInUse()).value == 2
    assert house.do(RegisterPlacesInUse()).value == 0
    kinds = {row.code: row.kind for row in house.dispatcher.read(place_choices, house.actor, house.actor.branch_id)}
    assert kinds == {"A": PlaceKind.YARD, "展厅": PlaceKind.SHOWROOM}
    added = house.do(AddPlace(code="b", name_zh="后院", name_en="Back yard", kind=PlaceKind.YARD, capacity=1))
    with pytest.raises(PlaceExists):
        house.do(AddPlace(code="B", name_zh="后院", name_en="", kind=PlaceKind.YARD))
    with pytest.raises(PlaceCodeUnusable):
        house.do(AddPlace(code="B-1", name_zh="后院", name_en="", kind=PlaceKind.YARD))
    house.do(MoveUnit(unit_id=unit.id, location="back yard - 7", note="洗车后"))
    moved = house.dispatcher.read(get_unit, house.actor, unit.id).row
    assert moved.location == "B-7"
    (move,) = house.dispatcher.read(list_moves, house.actor, unit.id)
    assert (move.source, move.target, move.note, move.moved_by) == ("A-12", "B-7", "洗车后", house.actor.name)
    yard = house.dispatcher.read(get_place, house.actor, "B")
    assert yard.row.full and [(spot.name, spot.units[0].id) for spot in yard.spots] == [("7", unit.id)]
    values = {"name_zh": "后院", "name_en": "", "kind": PlaceKind.YARD, "capacity": 3}
    revision = yard.row.revision
    with pytest.raises(PlaceOccupied):
        house.do(ChangePlace(place_id=added.value, expected_revision=revision, active=False, **values))
    house.do(MoveUnit(unit_id=unit.id, location="somewhere else"))
    assert house.dispatcher.read(get_unit, house.actor, unit.id).row.location == "somewhere else"
    closed = house.do(ChangePlace(place_id=added.value, expected_revision=revision, active=False, **values))
    house.do(closed.undo)
    assert other.id in {spot.units[0].id for spot in house.dispatcher.read(get_place, house.actor, "展厅").spots}
    with pytest.raises(PermissionDenied):
        house.dispatcher.execute(RegisterPlacesInUse(), salesperson)
