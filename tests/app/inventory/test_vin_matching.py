"""Which trim a VIN probably belongs to, learnt from the units in the books."""

from app.inventory.vin_matching import MOST_OFFERED, match_trims
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.runtime.language import CHINESE
from tests.factories.records import Records
from tests.factories.vins import vin_number


def test_units_of_the_same_pattern_are_counted_and_ranked(
    records: Records, dispatcher: Dispatcher, salesperson: Actor
) -> None:
    comfort, luxury = records.trim(), records.trim(name_zh="豪华版", name_en="Luxury")
    for number in range(12):
        records.unit(comfort, vin=vin_number(number, model="AB4BR"))
    records.unit(luxury, vin=vin_number(40, model="AB4BR"))
    records.unit(luxury, vin=vin_number(41, model="XX1XX"))
    first, second = dispatcher.read(match_trims, salesperson, vin_number(99, model="AB4BR"))
    assert (first.trim_id, first.count, first.total) == (comfort.id, 12, 13)
    assert (second.trim_id, second.count) == (luxury.id, 1)
    assert first.exact and str(first.reason).startswith("12 of 13 units with LSVAB4BR")
    assert "13 辆中有 12 辆" in first.reason.in_language(CHINESE)


def test_year_and_plant_decide_where_they_are_known(
    records: Records, dispatcher: Dispatcher, salesperson: Actor
) -> None:
    former, present = records.trim(), records.trim(name_zh="新款", name_en="New")
    for number in range(5):
        records.unit(former, vin=vin_number(number, year="S"))
    records.unit(present, vin=vin_number(10, year="T"))
    (only,) = dispatcher.read(match_trims, salesperson, vin_number(77, year="T"))
    assert (only.trim_id, only.count, only.total, only.exact) == (present.id, 1, 1, True)
    (other,) = [m for m in dispatcher.read(match_trims, salesperson, vin_number(77, year="V")) if m.count == 5]
    assert other.trim_id == former.id and not other.exact


def test_nothing_is_made_up(records: Records, dispatcher: Dispatcher, salesperson: Actor) -> None:
    unit = records.unit()
    assert dispatcher.read(match_trims, salesperson, vin_number(5, maker="LGX")) == ()
    assert dispatcher.read(match_trims, salesperson, unit.vin) == ()  # it teaches nothing about itself
    assert dispatcher.read(match_trims, salesperson, "LSV") == ()


def test_at_most_three_are_offered(records: Records, dispatcher: Dispatcher, salesperson: Actor) -> None:
    for number in range(5):
        records.unit(vin=vin_number(number))
    assert len(dispatcher.read(match_trims, salesperson, vin_number(50))) == MOST_OFFERED
