"""Appointments: overlap, capacity per bay type, opening hours."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.clock import BRANCH_TIME
from app.workshop.errors import (
    AppointmentDurationWrong,
    AppointmentInPast,
    BayTypeMissing,
    NoBayFree,
    OutsideOpeningHours,
    VehicleAlreadyBooked,
)
from app.workshop.rules import (
    FREES_THE_BAY,
    AppointmentState,
    BayType,
    Booking,
    OpeningHours,
    busiest,
    day_slots,
    next_free_start,
    opening_hours,
    overlaps,
    require_bookable,
    slot_loads,
)

DAY = date(2026, 11, 23)
HOURS = OpeningHours(time(8, 30), time(17, 30), timedelta(minutes=30))
BAYS = {"general": 2, "body": 1}
NIGHT_BEFORE = datetime(2026, 11, 22, 20, 0, tzinfo=BRANCH_TIME)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=BRANCH_TIME)


def booking(name: str, start: datetime, minutes: int = 60, **changes: object) -> Booking:
    made = Booking(
        appointment_id=name,
        bay_type=BayType.GENERAL,
        starts_at=start,
        duration=timedelta(minutes=minutes),
        vehicle_id=f"car of {name}",
        number=f"SA-{name}",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


bookings = st.builds(
    lambda name, start, minutes, state: booking(
        str(name), at(8) + timedelta(minutes=start), minutes, state=state, vehicle_id=""
    ),
    st.integers(),
    st.integers(0, 600),
    st.integers(10, 240),
    st.sampled_from(AppointmentState),
)


def test_touching_is_not_overlapping() -> None:
    assert not overlaps(booking("a", at(9)), booking("b", at(10)))
    assert overlaps(booking("a", at(9), 61), booking("b", at(10)))


@given(st.lists(bookings, max_size=12), st.integers(0, 600), st.integers(10, 240))
def test_the_busiest_instant_is_counted_right(taken: list[Booking], start: int, minutes: int) -> None:
    """Against the plain definition: how many cover each minute of the span."""
    begins = at(8) + timedelta(minutes=start)
    instants = [begins + timedelta(minutes=i) for i in range(minutes)]
    plain = max(sum(b.takes_bay and b.starts_at <= i < b.ends_at for b in taken) for i in instants)
    assert busiest(taken, begins, begins + timedelta(minutes=minutes)) == plain


@given(st.lists(bookings, max_size=12), st.integers(0, 500), st.integers(10, 120))
def test_what_is_accepted_never_exceeds_the_bays(taken: list[Booking], start: int, minutes: int) -> None:
    wanted = booking("new", at(8) + timedelta(minutes=start), minutes, vehicle_id="")
    before = busiest(taken, wanted.starts_at, wanted.ends_at)
    try:
        require_bookable(wanted, taken, bays=BAYS, now=NIGHT_BEFORE)
    except NoBayFree:
        assert before >= 2
    else:
        assert busiest([*taken, wanted], wanted.starts_at, wanted.ends_at) <= 2
        assert before < 2


@given(st.lists(bookings, max_size=12), st.integers(0, 500), st.integers(10, 120))
def test_the_next_free_time_really_is_the_first(taken: list[Booking], start: int, minutes: int) -> None:
    wanted = booking("new", at(8) + timedelta(minutes=start), minutes, vehicle_id="")
    found = next_free_start(wanted, taken, bays=BAYS)
    tried = [wanted.starts_at + timedelta(minutes=i) for i in range(0, 24 * 60)]
    fitting = (
        s
        for s in tried
        if busiest(taken, s, s + wanted.duration) < 2 and (s + wanted.duration).date() == wanted.starts_at.date()
    )
    assert found == next(fitting, None)


def test_a_full_bay_type_says_when_it_is_free() -> None:
    taken = [booking("a", at(9)), booking("b", at(9, 30))]
    with pytest.raises(NoBayFree) as caught:
        require_bookable(booking("c", at(9, 30)), taken, bays=BAYS, now=NIGHT_BEFORE, hours=HOURS)
    assert caught.value.field == "starts_at"
    assert "2026-11-23 10:00" in caught.value.message()
    require_bookable(booking("c", at(10)), taken, bays=BAYS, now=NIGHT_BEFORE, hours=HOURS)


def test_a_day_without_room_says_so() -> None:
    taken = [booking("a", at(8, 30), 540), booking("b", at(8, 30), 540)]
    with pytest.raises(NoBayFree) as caught:
        require_bookable(booking("c", at(9)), taken, bays=BAYS, now=NIGHT_BEFORE, hours=HOURS)
    assert caught.value.params["next_free"] == "—"


def test_bays_of_another_type_do_not_help() -> None:
    body = replace(booking("a", at(9)), bay_type=BayType.BODY)
    require_bookable(booking("b", at(9)), [body], bays=BAYS, now=NIGHT_BEFORE)
    with pytest.raises(NoBayFree):
        require_bookable(replace(body, appointment_id="c", vehicle_id="x"), [body], bays=BAYS, now=NIGHT_BEFORE)
    with pytest.raises(BayTypeMissing):
        require_bookable(replace(body, bay_type=BayType.PAINT), [], bays=BAYS, now=NIGHT_BEFORE)


@pytest.mark.parametrize("state", sorted(FREES_THE_BAY))
def test_cancelled_and_missed_appointments_free_their_bay(state: AppointmentState) -> None:
    taken = [booking("a", at(9), state=state), booking("b", at(9), state=state)]
    require_bookable(booking("c", at(9)), taken, bays=BAYS, now=NIGHT_BEFORE)


def test_an_appointment_does_not_stand_in_its_own_way() -> None:
    mine, other = booking("a", at(9)), booking("b", at(9))
    require_bookable(replace(mine, starts_at=at(9, 15)), [mine, other], bays=BAYS, now=NIGHT_BEFORE)


def test_one_car_is_in_one_place() -> None:
    taken = [booking("a", at(9), vehicle_id="car")]
    with pytest.raises(VehicleAlreadyBooked) as caught:
        require_bookable(booking("b", at(9, 30), vehicle_id="car"), taken, bays=BAYS, now=NIGHT_BEFORE)
    assert "SA-a" in caught.value.message()
    require_bookable(booking("b", at(10), vehicle_id="car"), taken, bays=BAYS, now=NIGHT_BEFORE)


@pytest.mark.parametrize("minutes", [0, 9, 721])
def test_durations_are_sensible(minutes: int) -> None:
    with pytest.raises(AppointmentDurationWrong):
        require_bookable(booking("a", at(9), minutes), [], bays=BAYS, now=NIGHT_BEFORE)


def test_the_past_is_not_booked() -> None:
    with pytest.raises(AppointmentInPast):
        require_bookable(booking("a", at(9)), [], bays=BAYS, now=at(9, 1))


@pytest.mark.parametrize(("start", "minutes"), [(at(8), 30), (at(17), 60), (at(23, 50), 20)])
def test_closed_is_closed(start: datetime, minutes: int) -> None:
    with pytest.raises(OutsideOpeningHours) as caught:
        require_bookable(booking("a", start, minutes), [], bays=BAYS, now=NIGHT_BEFORE, hours=HOURS)
    assert "08:30" in caught.value.message()


def test_the_working_day_is_cut_into_slots() -> None:
    assert opening_hours(DAY) == HOURS
    slots = day_slots(DAY, HOURS)
    assert len(slots) == 18
    assert slots[0].starts_at == at(8, 30)
    assert slots[-1].ends_at == at(17, 30)
    assert day_slots(DAY, replace(HOURS, closes=time(8, 45))) == ()
    assert day_slots(DAY, replace(HOURS, closes=time(8, 0))) == ()


def test_the_day_view_shows_how_full_each_bay_type_is() -> None:
    taken = [booking("a", at(8, 30), 45), booking("b", at(9), 30), booking("c", at(9, 15), 15)]
    loads = slot_loads(taken, day_slots(DAY, HOURS)[:3], BAYS)
    general = [(load.taken, load.free) for load in loads if load.bay_type is BayType.GENERAL]
    assert general == [(1, 1), (2, 0), (0, 2)]
    assert {load.bay_type for load in loads} == {BayType.GENERAL, BayType.BODY}
