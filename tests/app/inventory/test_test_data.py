"""The makers of test data make what the program would."""

from app.catalog.vin import check_vin
from app.kernel.dispatcher import Dispatcher
from db.models.inventory import VehicleUnit
from tests.factories.records import Records
from tests.factories.vins import vin_number


def test_vins_are_distinct_and_right() -> None:
    made = {vin_number(n) for n in (*range(50), 999_999, 1_000_000, 9_999_999)}
    assert len(made) == 53
    assert all(check_vin(vin).check_digit_ok for vin in made)


def test_a_unit_is_findable_and_waits_to_be_sent(records: Records, dispatcher: Dispatcher) -> None:
    unit = records.unit()
    with dispatcher.database.read() as session:
        assert session.get_one(VehicleUnit, unit.id).scope == unit.branch_id
        connection = session.connection()
        assert connection.exec_driver_sql("SELECT title FROM search_entry WHERE kind = 'vehicle'").scalar()
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox_operation").scalar() == 5
