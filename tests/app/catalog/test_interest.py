"""Which parameters stand first, and that nothing is kept but what was looked at and when."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.catalog.interest import (
    DAYS,
    HALF_LIFE,
    Interest,
    in_order_of_interest,
    interests,
    looks_counted,
    ordered_parameters,
    record_interest,
    weight_of,
)
from app.catalog.interest_commands import ForgetInterest
from app.catalog.rules import specification_dictionary
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor

TODAY = date(2026, 11, 22)
PARAMETERS = tuple(specification_dictionary().parameters.values())
DAYS_AGO = st.dictionaries(st.integers(0, 60), st.integers(1, 20), max_size=6)


def test_a_look_counts_half_after_ten_days_and_no_longer_after_thirty() -> None:
    assert weight_of({TODAY: 1}, TODAY) == Decimal("1.00")
    assert weight_of({TODAY - timedelta(days=HALF_LIFE): 1}, TODAY) == Decimal("0.50")
    assert weight_of({TODAY - timedelta(days=2 * HALF_LIFE): 4, TODAY: 2}, TODAY) == Decimal("3.00")
    assert weight_of({TODAY - timedelta(days=DAYS - 1): 1}, TODAY) > 0
    assert weight_of({TODAY - timedelta(days=DAYS): 9, TODAY + timedelta(days=1): 9}, TODAY) == 0


@given(DAYS_AGO, st.integers(0, 40))
def test_weight_only_fades(ago: dict[int, int], later: int) -> None:
    looks = {TODAY - timedelta(days=days): opened for days, opened in ago.items()}
    assert 0 <= weight_of(looks, TODAY + timedelta(days=later)) <= weight_of(looks, TODAY)
    assert weight_of(looks, TODAY) <= sum(looks.values())


@given(st.dictionaries(st.sampled_from([one.code for one in PARAMETERS]), st.integers(1, 90), max_size=12))
def test_the_core_stands_first_and_heavier_before_lighter(weights: dict[str, int]) -> None:
    found = {code: Interest(code=code, opened=n, weight=Decimal(n)) for code, n in weights.items()}
    ordered = in_order_of_interest(PARAMETERS, found)
    assert {one.code for one in ordered} == {one.code for one in PARAMETERS}
    cores = [one.parameter.core for one in ordered]
    assert cores == sorted(cores, reverse=True)
    for layer in (True, False):
        heavy = [one.interest.weight for one in ordered if one.parameter.core is layer]
        assert heavy == sorted(heavy, reverse=True)
    assert all(one.interest.opened for one in ordered if one.raised)
    unseen = [one.code for one in ordered if not one.interest.opened and not one.parameter.core]
    assert unseen == [one.code for one in PARAMETERS if one.code in set(unseen)]


def test_looks_are_counted_at_this_desk_without_a_name(dispatcher: Dispatcher, salesperson: Actor) -> None:
    clock = dispatcher.clock
    assert isinstance(clock, FixedClock)
    for _look in range(2):
        dispatcher.execute(record_interest(["airbags", "airbags", "wings"]), salesperson)
    clock.advance(timedelta(days=HALF_LIFE))
    outcome = dispatcher.execute(record_interest(["airbags", "speakers"]), salesperson)
    assert not outcome.changes
    found = dispatcher.read(interests, salesperson)
    assert (found["airbags"].opened, found["airbags"].weight) == (3, Decimal("2.00"))
    first = dispatcher.read(ordered_parameters, salesperson, ["length", "airbags", "speakers", "usb_ports"])
    assert [(one.code, one.raised) for one in first] == [
        ("airbags", True), ("length", False), ("speakers", True), ("usb_ports", False),
    ]  # fmt: skip
    with dispatcher.database.read() as session:
        run = session.connection().exec_driver_sql
        assert {row[1] for row in run("PRAGMA table_info(parameter_interest)")} == {"code", "day", "opened"}
        assert run("SELECT count(*) FROM outbox_operation").scalar() == run("SELECT count(*) FROM audit_entry").scalar()
    clock.advance(timedelta(days=DAYS - 1))
    dispatcher.execute(record_interest(["speakers"]), salesperson)
    assert dispatcher.read(looks_counted, salesperson) == 3


def test_the_order_starts_afresh(dispatcher: Dispatcher, salesperson: Actor) -> None:
    dispatcher.execute(record_interest(["airbags", "speakers", "usb_ports"]), salesperson)
    dispatcher.execute(ForgetInterest(codes=("speakers",)), salesperson)
    assert set(dispatcher.read(interests, salesperson)) == {"airbags", "usb_ports"}
    dispatcher.execute(ForgetInterest(), salesperson)
    assert dispatcher.read(interests, salesperson) == {}
    first = next(one.code for one in dispatcher.read(ordered_parameters, salesperson))
    assert first == next(one.code for one in PARAMETERS if one.core)
