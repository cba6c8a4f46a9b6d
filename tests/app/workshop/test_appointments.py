"""Booking through the dispatcher: capacity, time, who may, what is undone, and the day as two desks see it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.kernel.clock import BRANCH_TIME, FixedClock
from app.kernel.commands import Command
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import DomainError, RecordChangedMeanwhile, RecordNotFound
from app.kernel.permissions import Actor, Role
from app.workshop.commands import (
    BookAppointment,
    CancelAppointment,
    ChangeAppointment,
    ConfirmAppointment,
    MarkArrived,
    MarkNoShow,
    MoveAppointment,
)
from app.workshop.queries import (
    find_customer_vehicles,
    get_appointment,
    get_day_view,
    list_appointments,
    list_customer_vehicles,
)
from app.workshop.rules import AppointmentAction
from db.models.customers import Customer, CustomerVehicle
from tests.factories.documents import make_appointment
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.factories.records import Records

DAY = "2026-11-23"


def at(hour: int, minute: int = 0, *, day: int = 23) -> datetime:
    """A time of November 2026 in the branch."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BRANCH_TIME)


def booking(vehicle: CustomerVehicle, **values: Any) -> BookAppointment:
    given = {
        "customer_id": vehicle.customer_id, "customer_vehicle_id": vehicle.id, "bay_type": "general",
        "starts_at": at(9), "duration_minutes": 60, "work": "保养",
    }  # fmt: skip
    return BookAppointment(**(given | values))


def refusal(dispatcher: Dispatcher, command: Command, actor: Actor) -> tuple[str | None, str]:
    with pytest.raises(DomainError) as refused:
        dispatcher.execute(command, actor)
    return refused.value.field, refused.value.code


def test_an_appointment_is_booked_and_seen(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    vehicle = records.customer_vehicle(records.customer(name="李雷", phone="13812345678"), plate="沪A12345")
    outcome = dispatcher.execute(booking(vehicle, note="带备胎"), advisor)
    row = dispatcher.read(get_appointment, advisor, outcome.value)
    assert (row.number, row.state, row.starts_at, row.ends_at) == (
        "SH01-D01-SA-000001", "CONFIRMED", at(9), at(10),
    )  # fmt: skip
    assert (row.customer_name, row.phone_masked, row.plate) == ("李雷", "138****5678", "沪A12345")
    assert (row.advisor_name, row.work, row.note, row.branch_id) == ("刘洋", "保养", "带备胎", SHANGHAI.id)
    assert AppointmentAction.ARRIVE in row.actions
    view = dispatcher.read(get_day_view, advisor, day=DAY)
    assert [lane.appointments for lane in view.lanes] == [(row,), (), ()]
    assert outcome.changes.ids("service_appointment") == {outcome.value}


def test_a_booking_is_taken_back(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    outcome = dispatcher.execute(booking(records.customer_vehicle()), advisor)
    assert isinstance(outcome.undo, CancelAppointment)
    dispatcher.execute(outcome.undo, advisor)
    view = dispatcher.read(get_day_view, advisor, day=DAY)
    assert [row.state for row in view.without_bay] == ["CANCELLED"]
    assert all(not lane.appointments for lane in view.lanes)


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"customer_id": "f" * 32}, "customer_id", "record_not_found"),
        ({"customer_vehicle_id": "f" * 32}, "customer_vehicle_id", "record_not_found"),
        ({"branch_id": "f" * 32}, "branch_id", "record_not_found"),
        ({"bay_type": "rocket"}, "bay_type", "value_not_allowed"),
        ({"bay_type": "paint"}, "bay_type", "bay_type_missing"),
        ({"work": " "}, "work", "value_required"),
        ({"work": "x" * 1001}, "work", "value_too_long"),
        ({"note": "x" * 1001}, "note", "value_too_long"),
        ({"duration_minutes": 5}, "duration_minutes", "appointment_duration_wrong"),
        ({"duration_minutes": 10**9}, "duration_minutes", "value_not_allowed"),
        ({"starts_at": datetime(2026, 11, 23, 9)}, "starts_at", "value_not_allowed"),
        ({"starts_at": at(9, day=20)}, "starts_at", "appointment_in_past"),
        ({"starts_at": at(7)}, "starts_at", "outside_opening_hours"),
        ({"starts_at": at(17)}, "starts_at", "outside_opening_hours"),
        ({"starts_at": at(9) + timedelta(days=500)}, "starts_at", "appointment_too_far"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    dispatcher: Dispatcher, advisor: Actor, records: Records, values: dict[str, Any], field: str, code: str
) -> None:
    command = booking(records.customer_vehicle(), **values)
    assert refusal(dispatcher, command, advisor) == (field, code)
    assert dispatcher.read(list_appointments, advisor) == ()


def test_somebody_elses_vehicle_is_not_booked(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    command = booking(records.customer_vehicle(), customer_id=records.customer().id)
    assert refusal(dispatcher, command, advisor) == ("customer_vehicle_id", "record_not_found")


def test_bays_fill_up_and_free_again(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    vehicles = [records.customer_vehicle() for _ in range(4)]
    first = dispatcher.execute(booking(vehicles[0]), advisor).value
    dispatcher.execute(booking(vehicles[1], starts_at=at(9, 30)), advisor)
    command = booking(vehicles[2], starts_at=at(9, 15))
    with pytest.raises(DomainError) as refused:
        dispatcher.execute(command, advisor)
    assert (refused.value.field, refused.value.code) == ("starts_at", "no_bay_free")
    assert "2026-11-23 10:00" in refused.value.message()
    dispatcher.execute(replace(command, bay_type="body"), advisor)
    dispatcher.execute(booking(vehicles[3], starts_at=at(10)), advisor)
    dispatcher.execute(CancelAppointment(appointment_id=first, reason="客户改期"), advisor)
    view = dispatcher.read(get_day_view, advisor, day=DAY)
    slot = next(slot for slot in view.slots if slot.starts_at == at(9, 30))
    assert (slot.free("general"), slot.free("body"), slot.free("paint")) == (1, 0, 0)
    assert view.bay_types == ("general", "body")


def test_one_vehicle_is_in_one_place(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    vehicle = records.customer_vehicle()
    dispatcher.execute(booking(vehicle), advisor)
    again = booking(vehicle, starts_at=at(9, 30), bay_type="body")
    assert refusal(dispatcher, again, advisor) == ("customer_vehicle_id", "vehicle_already_booked")


def test_an_appointment_is_moved_and_moved_back(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    appointment_id = dispatcher.execute(booking(records.customer_vehicle()), advisor).value
    move = MoveAppointment(
        appointment_id=appointment_id, expected_revision=1, starts_at=at(14), duration_minutes=90, bay_type="body"
    )
    outcome = dispatcher.execute(move, advisor)
    row = dispatcher.read(get_appointment, advisor, appointment_id)
    assert (row.state, row.starts_at, row.ends_at, row.bay_type) == ("RESCHEDULED", at(14), at(15, 30), "body")
    with pytest.raises(RecordChangedMeanwhile):
        dispatcher.execute(move, advisor)
    assert outcome.undo is not None
    dispatcher.execute(outcome.undo, advisor)
    row = dispatcher.read(get_appointment, advisor, appointment_id)
    assert (row.starts_at, row.duration_minutes, row.bay_type) == (at(9), 60, "general")
    dispatcher.execute(ConfirmAppointment(appointment_id=appointment_id), advisor)
    assert dispatcher.read(get_appointment, advisor, appointment_id).state == "CONFIRMED"


def test_moving_to_where_it_is_changes_nothing(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    appointment_id = dispatcher.execute(booking(records.customer_vehicle()), advisor).value
    outcome = dispatcher.execute(
        MoveAppointment(appointment_id=appointment_id, expected_revision=1, starts_at=at(9)), advisor
    )
    assert not outcome.changes
    assert outcome.undo is None


def test_a_move_is_measured_like_a_booking(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    appointment_id = dispatcher.execute(booking(records.customer_vehicle()), advisor).value
    for _ in range(2):
        dispatcher.execute(booking(records.customer_vehicle(), starts_at=at(14)), advisor)
    move = MoveAppointment(appointment_id=appointment_id, expected_revision=1, starts_at=at(14, 30))
    assert refusal(dispatcher, move, advisor) == ("starts_at", "no_bay_free")
    assert dispatcher.read(get_appointment, advisor, appointment_id).starts_at == at(9)
    assert refusal(dispatcher, replace(move, bay_type="x"), advisor) == ("bay_type", "value_not_allowed")
    assert refusal(dispatcher, replace(move, duration_minutes=0), advisor) == (
        "duration_minutes", "value_not_allowed",
    )  # fmt: skip
    stretched = MoveAppointment(
        appointment_id=appointment_id, expected_revision=1, starts_at=at(9), duration_minutes=120
    )
    dispatcher.execute(stretched, advisor)


def test_work_and_note_are_changed_and_that_is_undone(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    appointment_id = dispatcher.execute(booking(records.customer_vehicle()), advisor).value
    change = ChangeAppointment(appointment_id=appointment_id, expected_revision=1, note="会晚到")
    outcome = dispatcher.execute(change, advisor)
    assert dispatcher.read(get_appointment, advisor, appointment_id).note == "会晚到"
    assert outcome.undo is not None
    dispatcher.execute(outcome.undo, advisor)
    assert dispatcher.read(get_appointment, advisor, appointment_id).note == ""
    blank = ChangeAppointment(appointment_id=appointment_id, expected_revision=3, work="")
    assert refusal(dispatcher, blank, advisor) == ("work", "value_required")


def test_the_customer_comes_or_does_not(
    dispatcher: Dispatcher, advisor: Actor, records: Records, clock: FixedClock
) -> None:
    came, missed = (dispatcher.execute(booking(records.customer_vehicle()), advisor).value for _ in range(2))
    assert refusal(dispatcher, MarkNoShow(appointment_id=missed), advisor) == (None, "appointment_not_begun")
    clock.advance(at(9, 20).astimezone(UTC) - clock.now())
    dispatcher.execute(MarkArrived(appointment_id=came), advisor)
    dispatcher.execute(MarkNoShow(appointment_id=missed), advisor)
    states = {row.id: row.state for row in dispatcher.read(list_appointments, advisor)}
    assert states == {came: "ARRIVED", missed: "NO_SHOW"}
    for command in (
        CancelAppointment(appointment_id=came, reason="x"),
        MarkNoShow(appointment_id=came),
        MarkArrived(appointment_id=missed),
        ConfirmAppointment(appointment_id=missed),
        MoveAppointment(appointment_id=missed, expected_revision=2, starts_at=at(15)),
    ):
        assert refusal(dispatcher, command, advisor)[1] == "transition_not_allowed"


def test_cancelling_needs_a_reason_that_is_kept(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    appointment_id = dispatcher.execute(booking(records.customer_vehicle()), advisor).value
    cancel = CancelAppointment(appointment_id=appointment_id, reason=" ")
    assert refusal(dispatcher, cancel, advisor) == ("reason", "value_required")
    dispatcher.execute(replace(cancel, reason="客户出差"), advisor)
    with dispatcher.database.read() as session:
        reasons = session.connection().exec_driver_sql("SELECT reason FROM audit_entry ORDER BY n DESC LIMIT 1")
        assert reasons.scalar() == "客户出差"


def test_the_day_is_cut_in_branch_time(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    for starts_at in (at(23, 59, day=22), at(0, day=23), at(23, 59, day=23), at(0, day=24)):
        make_appointment(records, starts_at=starts_at)
    view = dispatcher.read(get_day_view, advisor, day=DAY)
    assert sorted(row.starts_at for lane in view.lanes for row in lane.appointments) == [at(0), at(23, 59)]
    assert (view.opens_at, view.closes_at, len(view.slots)) == (at(8, 30), at(17, 30), 18)
    assert dispatcher.read(get_day_view, advisor, day="2026-11-22").slots[0].past
    for wrong in ("tomorrow", "2026-13-01"):
        with pytest.raises(DomainError):
            dispatcher.read(get_day_view, advisor, day=wrong)
    with pytest.raises(RecordNotFound):
        dispatcher.read(get_day_view, advisor, branch_id="x", day=DAY)


def test_what_two_desks_booked_apart_is_shown_as_overbooked(
    dispatcher: Dispatcher, advisor: Actor, records: Records
) -> None:
    for _ in range(3):
        make_appointment(records, starts_at=at(9))
    make_appointment(records, starts_at=at(10))
    make_appointment(records, starts_at=at(9), bay_type="wash")
    view = dispatcher.read(get_day_view, advisor, day=DAY)
    shape = [(lane.bay_type, lane.bay_number, len(lane.appointments), lane.overbooked) for lane in view.lanes]
    assert shape == [
        ("general", 1, 2, False), ("general", 2, 1, False), ("general", 3, 1, True), ("body", 1, 0, False),
        ("wash", 1, 1, True),
    ]  # fmt: skip
    assert next(slot for slot in view.slots if slot.starts_at == at(9)).free("general") == 0


def test_each_branch_has_its_own_bays(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    for _ in range(2):
        dispatcher.execute(booking(records.customer_vehicle()), advisor)
    there = dispatcher.execute(booking(records.customer_vehicle(), branch_id=HANGZHOU.id), advisor).value
    view = dispatcher.read(get_day_view, advisor, branch_id=HANGZHOU.id, day=DAY)
    assert [row.id for lane in view.lanes for row in lane.appointments] == [there]
    with dispatcher.database.read() as session:
        scopes = session.connection().exec_driver_sql("SELECT scope FROM service_appointment WHERE id = ?", (there,))
        assert scopes.scalar() == HANGZHOU.id


def test_vehicles_are_found_as_people_type(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    owner = records.customer(name="韩梅梅", name_initials="hmm", name_pinyin="han mei mei", phone="13800009999")
    vehicle = records.customer_vehicle(owner, plate="沪A66666", vin="LDC613P23A1305189")
    records.customer_vehicle()
    for text in ("韩梅", "hmm", "9999", "沪A66", "沪a666", "LDC613", "305189"):
        found = dispatcher.read(find_customer_vehicles, advisor, text)
        assert [row.id for row in found] == [vehicle.id], text
    assert dispatcher.read(find_customer_vehicles, advisor, " ") == ()
    (row,) = dispatcher.read(list_customer_vehicles, advisor, owner.id)
    assert (row.label, row.customer_name) == ("沪A66666 · 大众 朗逸 2022", "韩梅梅")


def test_a_removed_customers_vehicle_is_not_offered(
    dispatcher: Dispatcher, advisor: Actor, records: Records, clock: FixedClock
) -> None:
    vehicle = records.customer_vehicle(plate="沪A66666")
    with dispatcher.database.read() as session:
        owner = session.get_one(Customer, vehicle.customer_id)
    owner.deleted_at = clock.now()
    with dispatcher.database.transaction(now=clock.now(), author=_author(advisor)) as transaction:
        transaction.session.merge(owner)
        transaction.commit(name="Fixture")
    assert dispatcher.read(find_customer_vehicles, advisor, "沪A666") == ()
    assert refusal(dispatcher, booking(vehicle), advisor) == ("customer_id", "record_not_found")


def test_lists_page_and_filter(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    customer = records.customer(name="韩梅梅", name_initials="hmm")
    mine = [make_appointment(records, customer, starts_at=at(9, day=n)).id for n in range(23, 26)]
    other = make_appointment(records, number="SH01-D01-SA-000777", state="CANCELLED").id
    first = dispatcher.read(list_appointments, advisor, limit=3)
    rest = dispatcher.read(list_appointments, advisor, limit=3, after=first[-1].cursor)
    assert [row.id for row in first + rest] == [other, *mine[::-1]]
    for filters, expected in (
        ({"text": "hmm"}, set(mine)),
        ({"text": "sa-000777"}, {other}),
        ({"customer_id": customer.id}, set(mine)),
        ({"state": "CANCELLED"}, {other}),
        ({"branch_id": HANGZHOU.id}, set()),
    ):
        assert {row.id for row in dispatcher.read(list_appointments, advisor, **filters)} == expected


def _author(actor: Actor) -> Any:
    from db.capture import Author

    return Author(actor.staff_id, actor.branch_id, actor.desk_code)


ANY = "f" * 32
COMMANDS = [
    BookAppointment(
        customer_id=ANY, customer_vehicle_id=ANY, bay_type="general", starts_at=at(9), duration_minutes=60, work="x"
    ),
    MoveAppointment(appointment_id=ANY, expected_revision=1, starts_at=at(9)),
    ChangeAppointment(appointment_id=ANY, expected_revision=1),
    ConfirmAppointment(appointment_id=ANY),
    CancelAppointment(appointment_id=ANY, reason="x"),
    MarkArrived(appointment_id=ANY),
    MarkNoShow(appointment_id=ANY),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_only_the_workshops_counter_books(
    dispatcher: Dispatcher, actor_with: Callable[[Role], Actor], command: Command
) -> None:
    allowed = (Role.SERVICE_ADVISOR, Role.BRANCH_MANAGER, Role.ADMINISTRATOR)
    for role in Role:
        code = refusal(dispatcher, command, actor_with(role))[1]
        assert code == ("record_not_found" if role in allowed else "permission_denied")


def test_only_who_works_with_the_workshop_reads_its_calendar(
    dispatcher: Dispatcher, actor_with: Callable[[Role], Actor]
) -> None:
    for role in Role:
        if role in (Role.SALESPERSON, Role.CASHIER):
            with pytest.raises(DomainError):
                dispatcher.read(get_day_view, actor_with(role), day=DAY)
        else:
            assert dispatcher.read(get_day_view, actor_with(role), day=DAY).lanes
