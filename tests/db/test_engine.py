"""What can happen to a database file: each case a clear problem, nothing lost, nothing half done."""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.sql.compiler import SQLCompiler

from app.customers.commands import CreateCustomer
from app.customers.queries import count_customers
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.runtime.language import catalogue
from db import engine as engine_module
from db.capture import Author
from db.engine import Database, connect
from db.errors import (
    DatabaseBusy,
    DatabaseCorrupt,
    DatabaseProblem,
    DatabaseReadOnly,
    DiskFull,
    WrongKey,
    problem_of,
)
from db.models.customers import Customer
from db.models.tasks import Task
from db.reading import reading_first
from tests.conftest import NOON
from tests.factories.databases import KEY
from tests.factories.records import Records

AUTHOR = Author("5" * 32, "b" * 32, "D01")


def person(n: int) -> CreateCustomer:
    return CreateCustomer(kind="person", name=f"王小明{n}", phone=f"138{n:08d}", note="很长的备注" * 100)


def count(database: Database, table: str = "customer") -> int:
    with database.read() as session:
        return int(session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


@pytest.fixture
def closed_file(database: Database, records: Records) -> Path:
    """The file of a closed database with a hundred customers in it."""
    note = "很长的备注" * 100
    records.save(
        *(Customer(branch_id="b" * 32, kind="person", name="王", phone=f"138{n:08d}", note=note) for n in range(100))
    )
    database.close()
    return database.path


@contextmanager
def opened(path: Path, key: bytes = KEY) -> Iterator[Database]:
    database = Database(path, key)
    try:
        yield database
    finally:
        database.close()


def test_a_wrong_key_is_told_apart_and_changes_nothing(closed_file: Path) -> None:
    before = closed_file.read_bytes()
    with opened(closed_file, bytes(32)) as database:
        for use in (database.check, database.check_integrity, lambda: count(database)):
            with pytest.raises(WrongKey):
                use()
        with pytest.raises(WrongKey), database.exclusive():
            pytest.fail("the block must not run")
    assert closed_file.read_bytes() == before
    with opened(closed_file) as database:
        database.check_integrity()
        assert count(database) == 100


def test_a_key_of_another_length_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        connect(tmp_path / "x.db", b"short")


@pytest.mark.parametrize("content", [b"not a database at all" * 500, b"SQLite format 3\x00" + bytes(4080), b"x" * 4096])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.db"
    path.write_bytes(content)
    with opened(path) as database, pytest.raises(WrongKey):
        database.check()
    assert path.read_bytes() == content


def test_nothing_readable_is_on_the_disk(database: Database, dispatcher: Dispatcher, salesperson: Actor) -> None:
    dispatcher.execute(person(7), salesperson)
    for file in database.path.parent.glob(database.path.name + "*"):
        content = file.read_bytes()
        for secret in ("王小明", "13800000007", "CREATE TABLE", "SQLite format 3"):
            assert secret.encode() not in content, (file.name, secret)


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_flipped_bit_is_noticed(closed_file: Path, part: float) -> None:
    content = bytearray(closed_file.read_bytes())
    content[int(len(content) * part)] ^= 0x01
    closed_file.write_bytes(content)
    with opened(closed_file) as database, pytest.raises(DatabaseCorrupt):
        database.check_integrity()


def test_reading_a_damaged_page_says_that_it_is_damaged(closed_file: Path) -> None:
    content = bytearray(closed_file.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 + 100] ^= 0xFF
    closed_file.write_bytes(content)
    with opened(closed_file) as database:
        with pytest.raises(DatabaseCorrupt) as problem:
            count(database)
        assert problem.value.__cause__ is not None
        with pytest.raises(DatabaseCorrupt), database.exclusive() as connection:
            connection.exec_driver_sql("UPDATE customer SET note = 'x'")


def test_a_cut_file_is_noticed(closed_file: Path) -> None:
    closed_file.write_bytes(closed_file.read_bytes()[: 4096 * 20])
    with opened(closed_file) as database, pytest.raises(DatabaseCorrupt):
        database.check_integrity()


def test_a_full_disk_loses_nothing(database: Database, dispatcher: Dispatcher, salesperson: Actor) -> None:
    dispatcher.execute(person(0), salesperson)
    with database.exclusive() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
    stored = 1
    with pytest.raises(DiskFull):
        for n in range(1, 200):
            dispatcher.execute(person(n), salesperson)
            stored = n + 1
    tables = ("customer", "outbox_operation", "audit_entry", "search_entry")
    assert {table: count(database, table) for table in tables} == dict.fromkeys(tables, stored)
    assert dispatcher.read(count_customers, salesperson) == (stored, stored)
    with database.exclusive() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    dispatcher.execute(person(stored), salesperson)
    assert count(database) == stored + 1
    database.check_integrity()


@contextmanager
def unprivileged() -> Iterator[None]:
    """Without root's power over permissions, for as long as the block lasts."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def sealed_folder(closed_file: Path) -> Iterator[Path]:
    """A database in a folder where nothing can be written."""
    folder = Path(tempfile.mkdtemp())
    target = folder / "forecourt.db"
    shutil.copyfile(closed_file, target)
    target.chmod(0o444)
    folder.chmod(0o555)
    yield target
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions work differently on Windows")
def test_a_folder_that_cannot_be_written_to_says_so(sealed_folder: Path) -> None:
    before = sealed_folder.read_bytes()
    with unprivileged(), opened(sealed_folder) as database:
        with pytest.raises(DatabaseReadOnly), database.exclusive() as connection:
            connection.execute(insert(Task))
        with pytest.raises(DatabaseReadOnly):
            count(database)
    assert sealed_folder.read_bytes() == before


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with opened(tmp_path / "gone" / "forecourt.db") as database, pytest.raises(DatabaseReadOnly):
        database.check()


def test_another_writer_is_waited_for_and_then_named(closed_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_MS", 50)
    other = connect(closed_file, KEY)
    try:
        with opened(closed_file) as database:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseBusy), database.exclusive():
                pytest.fail("the block must not run")
            assert count(database) == 100
            other.execute("ROLLBACK")
            with database.exclusive() as connection:
                connection.exec_driver_sql("DELETE FROM search_entry")
    finally:
        other.close()


def test_readers_see_the_last_commit_and_never_wait(database: Database, records: Records) -> None:
    with database.transaction(now=NOON, author=AUTHOR) as transaction:
        transaction.session.add(Customer(branch_id="b" * 32, kind="person", name="未完", phone="13800000000"))
        transaction.session.flush()
        assert count(database) == 0
        transaction.commit(name="Test")
        assert count(database) == 1


def test_a_snapshot_stays_what_it_was(database: Database, records: Records) -> None:
    records.customer()
    with database.read() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("SELECT count(*) FROM customer").scalar() == 1
        writer = threading.Thread(target=records.customer)
        writer.start()
        writer.join(timeout=10)
        assert connection.exec_driver_sql("SELECT count(*) FROM customer").scalar() == 1
    assert count(database) == 2


def test_two_threads_write_one_after_the_other(database: Database, dispatcher: Dispatcher, salesperson: Actor) -> None:
    def write(first: int) -> None:
        for n in range(first, first + 20):
            dispatcher.execute(person(n), salesperson)

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert count(database) == 60
    with database.read() as session:
        numbers = session.connection().exec_driver_sql("SELECT n FROM outbox_operation ORDER BY n").scalars().all()
    assert numbers == list(range(1, 61))


def test_a_backup_is_whole_encrypted_and_of_one_moment(
    database: Database, dispatcher: Dispatcher, salesperson: Actor, tmp_path: Path
) -> None:
    for n in range(20):
        dispatcher.execute(person(n), salesperson)
    target = tmp_path / "backup.db"
    target.with_name("backup.db.part").write_bytes(b"left behind by a crash")
    database.backup_to(target)
    dispatcher.execute(person(20), salesperson)
    assert not target.with_name("backup.db.part").exists()
    assert not target.read_bytes().startswith(b"SQLite format 3")
    with opened(target) as copy:
        copy.check_integrity()
        assert count(copy) == 20
    with opened(target, bytes(32)) as copy, pytest.raises(WrongKey):
        copy.check()


def test_a_backup_that_fails_leaves_the_last_one(closed_file: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    target.write_bytes(b"the last good one")
    with opened(closed_file, bytes(32)) as database, pytest.raises(Exception, match="not a database"):
        database.backup_to(target)
    assert target.read_bytes() == b"the last good one"


def test_a_statement_is_compiled_once_for_every_connection_and_file(
    make_database: Callable[..., Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = select(Customer.name.label("asked_for_in_no_other_test"))
    compiled: list[object] = []
    made = SQLCompiler.__init__

    def noted(compiler: SQLCompiler, *arguments: object, **named: object) -> None:
        compiled.append(arguments)
        made(compiler, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(SQLCompiler, "__init__", noted)
    for database in (make_database("first.db"), make_database("second.db")):
        with database.read() as session:
            session.scalar(asked)
        with reading_first(), database.read() as session:
            session.scalar(asked)
    assert len(compiled) == 1


def test_closing_folds_the_log_into_the_file(closed_file: Path) -> None:
    assert not closed_file.with_name(closed_file.name + "-wal").exists()


def test_a_problem_is_recognised_or_left_alone() -> None:
    assert isinstance(problem_of(OSError(28, "No space left on device")), DiskFull)
    busy = DatabaseBusy()
    assert problem_of(busy) is busy
    for other in (ValueError("database is locked"), KeyError("x"), OSError(2, "No such file")):
        assert problem_of(other) is None


def every_problem() -> list[type[DatabaseProblem]]:
    return [DatabaseProblem, *DatabaseProblem.__subclasses__()]


@pytest.mark.parametrize("problem", every_problem(), ids=lambda problem: problem.code)
def test_each_problem_says_what_to_do_in_both_languages(problem: type[DatabaseProblem]) -> None:
    assert problem.text in catalogue("zh_CN")
    assert len([p for p in every_problem() if p.code == problem.code]) == 1


def test_an_error_inside_a_block_rolls_back_and_frees_the_writer(
    database: Database, make_database: Callable[..., Database]
) -> None:
    with pytest.raises(RuntimeError, match="on purpose"), database.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM staff_member")
        raise RuntimeError("on purpose")
    assert count(database, "staff_member") == 9
    with database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE staff_member SET name_en = 'x'")
