"""Results kept until somebody writes, and reads that stop when nobody waits for them."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text

from db import reading
from db.engine import Database
from db.freshness import until_next_write
from db.reading import ReadStopped, Stop, stop_if_unwanted, stoppable
from tests.factories.records import Records

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"


def count_of(database: Database, made: list[int], *, key: str = "units") -> int:
    """The number of units, kept under a key; `made` notes each time it was really counted."""
    with database.read() as session:

        def count() -> int:
            found: int = session.execute(text("SELECT count(*) FROM vehicle_unit")).scalar_one()
            made.append(found)
            return found

        return until_next_write(session, key, count)


def test_a_result_is_made_once_until_somebody_writes(database: Database, records: Records) -> None:
    made: list[int] = []
    assert [count_of(database, made) for _ in range(3)] == [0, 0, 0]
    assert made == [0]
    records.unit()
    assert [count_of(database, made) for _ in range(3)] == [1, 1, 1]
    assert made == [0, 1]


def test_connections_share_results_and_none_is_stale(database: Database, records: Records) -> None:
    made: list[int] = []
    with database.read() as first, database.read() as second:
        assert [until_next_write(session, "k", lambda: len(made)) for session in (first, second, first)] == [0, 0, 0]
    for expected in range(1, 6):
        records.unit()
        answers: list[int] = []
        threads = [threading.Thread(target=lambda to=answers: to.append(count_of(database, made))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [expected] * 3


def test_what_was_made_before_a_write_is_not_kept_after_it(database: Database, records: Records) -> None:
    made: list[int] = []
    with database.read() as session:

        def slow() -> int:
            found: int = session.execute(text("SELECT count(*) FROM vehicle_unit")).scalar_one()
            records.unit()
            count_of(database, made)
            return found

        assert until_next_write(session, "units", slow) == 0
    assert count_of(database, made) == 1


def test_different_databases_keep_different_results(make_database: Callable[..., Database]) -> None:
    one, other = make_database("one.db"), make_database("other.db")
    made: list[int] = []
    count_of(one, made)
    count_of(other, made)
    assert made == [0, 0]


def asked_already() -> Stop:
    stop = Stop()
    stop.set()
    return stop


def test_a_read_that_nobody_waits_for_ends_in_the_middle_of_a_statement(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_CHECK_EVERY", 2_000_000_000)
    stop = Stop()
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(ReadStopped), stoppable(stop), database.read() as session:
        session.execute(text(ENDLESS))


def test_the_next_read_on_the_connection_is_not_stopped(database: Database) -> None:
    for _ in range(4):
        with pytest.raises(ReadStopped), stoppable(asked_already()), database.read() as session:
            session.execute(text(ENDLESS))
    for _ in range(4):
        with database.read() as session:
            assert session.execute(text(f"{ENDLESS} LIMIT 1".replace("FROM n)", "FROM n WHERE x < 200000)"))).scalar()


def test_loops_over_what_was_read_stop_too() -> None:
    stop_if_unwanted()
    with stoppable(Stop()):
        stop_if_unwanted()
    with pytest.raises(ReadStopped), stoppable(asked_already()):
        stop_if_unwanted()
