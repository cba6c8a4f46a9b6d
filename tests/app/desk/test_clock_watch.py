"""A clock that was set back is noticed, also across restarts."""

from datetime import timedelta
from typing import Any

import pytest

from app.desk.clock_watch import TOLERATED, ClockWatch
from app.kernel.clock import FixedClock
from db.engine import Database
from db.types import microseconds

DAY = timedelta(days=1)


def opened(database: Database, clock: FixedClock) -> ClockWatch:
    """As the program does it when it is started."""
    watch = ClockWatch(clock)
    watch.look(database)
    return watch


def write(database: Database, statement: str, *values: Any) -> None:
    with database.exclusive() as connection:
        connection.exec_driver_sql(statement, values)


def test_a_clock_that_goes_on_is_in_no_doubt(database: Database, clock: FixedClock) -> None:
    watch = opened(database, clock)
    for step in (timedelta(hours=1), -TOLERATED, timedelta(days=400)):
        clock.advance(step)
        assert watch.shown_before() is None


def test_a_clock_set_back_at_work_is_noticed_until_the_centre_says_it_is_right(
    database: Database, clock: FixedClock
) -> None:
    watch, noon = opened(database, clock), clock.now()
    assert watch.shown_before() is None
    clock.advance(-2 * TOLERATED)
    assert watch.shown_before() == noon
    watch.confirm()
    assert watch.shown_before() is None
    clock.advance(3 * TOLERATED)
    assert watch.shown_before() is None


AUDITED = (
    "INSERT INTO audit_entry (n, at, staff_id, desk_code, command, reason, changes, previous_hash, hash)"
    " VALUES (9, ?, '', 'D01', 'Test', '', '[]', '', '')"
)
SENT = (
    "INSERT INTO outbox_operation (n, txn_id, kind, table_name, record_id, body, created_at, state)"
    " VALUES (9, 'a', 'put', 'customer', 'b', '{}', ?, 'pending')"
)
LEASED = (
    "INSERT INTO vehicle_lease (vin, vehicle_id, lease_id, staff_id, at, until, taken_at, ends_at, seen_at, hybrid_ms,"
    " hours, wanted, given_back, refusal) VALUES ('V', 'a', 'b', '', 0, 0, 0, 0, ?, 0, 24, 1, 0, '')"
)
AGREED = "UPDATE desk_state SET last_agreed_at = ? WHERE id = 1"


@pytest.mark.parametrize("statement", [AUDITED, SENT, LEASED, AGREED])
def test_a_clock_set_back_while_the_program_was_closed_is_noticed(
    database: Database, clock: FixedClock, statement: str
) -> None:
    write(database, statement, microseconds(clock.now() + DAY))
    assert opened(database, clock).shown_before() == clock.now() + DAY
    clock.advance(DAY)
    assert opened(database, clock).shown_before() is None


def test_what_is_written_under_the_wrong_clock_hides_it_only_from_a_desk_without_a_centre(
    database: Database, clock: FixedClock
) -> None:
    stamp = f"{int((clock.now() + DAY).timestamp() * 1000):012x}0000-SH01D01"
    write(database, "UPDATE desk_state SET hybrid_time = ?, service_url = '' WHERE id = 1", stamp)
    assert opened(database, clock).shown_before() is None
    write(database, "UPDATE desk_state SET service_url = 'https://centre.example' WHERE id = 1")
    shown = opened(database, clock).shown_before()
    assert shown is not None and shown > clock.now() + DAY - timedelta(minutes=6)
