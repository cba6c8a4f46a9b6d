"""The continuous archive of a SQLite database: every moment can be gone back to, whatever else happens to the log."""

import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from sync.server.backup import archiving
from sync.server.backup.archiving import Archiver
from sync.server.backup.log_file import START, LogParted, Position, apply_commits, read_commits, summed
from sync.server.backup.pieces import PieceWriter, generations, pack_base, read_pieces
from sync.server.backup.problems import ArchiveDamaged, ArchiveInUse, NothingToRestore
from sync.server.backup.restoring import _generation_at, _rebuild, verify
from tests.sync.service_process import ROOT


class Clock:
    """Counts: every look at it is a millisecond later."""

    def __init__(self) -> None:
        self.ms = 1_795_330_000_000

    def __call__(self) -> int:
        self.ms += 1
        return self.ms


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    return connection


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "centre.db"
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, body BLOB)")
    yield path


def content(path: Path) -> list[tuple[int, int]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT id, length(body) FROM thing ORDER BY id").fetchall()


def at_moment(archive: Path, to: int, folder: Path) -> list[tuple[int, int]]:
    plain = folder / "rebuilt.db"
    _rebuild(_generation_at(archive, to), plain, to)
    found = content(plain)
    for path in folder.glob("rebuilt.db*"):
        path.unlink()
    return found


def test_the_checksum_is_the_one_sqlite_writes() -> None:
    def plainly(sums: tuple[int, int], text: bytes, order: str) -> tuple[int, int]:
        first, second = sums
        for place in range(0, len(text), 8):
            first = (first + int.from_bytes(text[place : place + 4], order) + second) & 0xFFFFFFFF  # type: ignore[arg-type]
            second = (second + int.from_bytes(text[place + 4 : place + 8], order) + first) & 0xFFFFFFFF  # type: ignore[arg-type]
        return first, second

    source = random.Random(7)
    for size in (8, 24, 512, 4104):
        text, sums = source.randbytes(size), (source.getrandbits(32), source.getrandbits(32))
        assert summed(sums, text, big_endian=True) == plainly(sums, text, "big")
        assert summed(sums, text, big_endian=False) == plainly(sums, text, "little")


@pytest.mark.parametrize("seed", range(6))
def test_every_moment_can_be_gone_back_to_whatever_others_do_to_the_log(
    seed: int, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers, readers that hold up checkpoints, checkpoints of every kind, connections that come and go."""
    monkeypatch.setattr(archiving, "_LOG_BYTES", 60_000)
    clock, chance, archive = Clock(), random.Random(seed), tmp_path / "archive"
    archiver = Archiver(database, archive, clock_ms=clock)
    archiver.begin()
    moments: list[tuple[int, list[tuple[int, int]]]] = []
    writers = [connect(database) for _ in range(2)]
    reader: sqlite3.Connection | None = None
    for _ in range(150):
        writer = chance.choice(writers)
        what = chance.random()
        if what < 0.5:
            writer.execute("BEGIN IMMEDIATE")
            for _ in range(chance.randint(1, 6)):
                writer.execute(
                    "INSERT OR REPLACE INTO thing VALUES (?, ?)",
                    (chance.randint(1, 60), bytes(chance.randint(0, 6000))),
                )
            if chance.random() < 0.3:
                writer.execute("DELETE FROM thing WHERE id % 3 = ?", (chance.randint(0, 2),))
            writer.execute(chance.choice(["COMMIT", "COMMIT", "COMMIT", "ROLLBACK"]))
        elif what < 0.6:
            writer.execute(f"PRAGMA wal_checkpoint({chance.choice(['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'])})")
        elif what < 0.65:
            with suppress(sqlite3.OperationalError):  # somebody writes
                writer.execute("VACUUM")
        elif what < 0.75:
            if reader is not None:
                reader.close()
            reader = connect(database)
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM thing").fetchall()
        elif what < 0.8 and reader is not None:
            reader.close()
            reader = None
        else:
            archiver.step()
            moments.append((clock(), content(database)))
    assert len(generations(archive)) == 1, "the log was continued without a break"
    for connection in (*writers, *([reader] if reader else [])):
        connection.close()
    archiver.step()
    moments.append((clock(), content(database)))
    archiver.close()
    for at, there in moments:
        assert at_moment(archive, at, tmp_path) == there
    assert verify(archive).generations == 1


def test_what_was_written_while_nobody_archived_is_in_the_next_base_copy(database: Path, tmp_path: Path) -> None:
    clock, archive = Clock(), tmp_path / "archive"
    first = Archiver(database, archive, clock_ms=clock)
    first.begin()
    first.close()
    with closing(connect(database)) as writer:
        writer.execute("INSERT INTO thing VALUES (1, x'00')")
    second = Archiver(database, archive, clock_ms=clock)
    second.begin()
    second.close()
    assert at_moment(archive, clock(), tmp_path) == [(1, 1)]
    assert len(generations(archive)) == 2


def test_a_log_that_was_used_twice_in_between_begins_a_new_generation(database: Path, tmp_path: Path) -> None:
    """Another process, with its locks broken by a network disk say, used the log anew behind the archive's back."""
    clock, archive = Clock(), tmp_path / "archive"
    archiver = Archiver(database, archive, clock_ms=clock)
    archiver.begin()
    archiver._hold(False)
    with closing(connect(database)) as writer:
        for number in (1, 2, 3):
            writer.execute("INSERT INTO thing VALUES (?, x'00')", (number,))
            archiver.step()
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        writer.execute("UPDATE thing SET body = x'0102'")
        archiver.step()
    assert len(generations(archive)) == 2
    assert at_moment(archive, clock(), tmp_path) == content(database)
    archiver.close()


_KILLED = """
import sys
from pathlib import Path
from sync.server.backup.archiving import Archiver
archiver = Archiver(Path(sys.argv[1]), Path(sys.argv[2]))
archiver.begin()
print("ready", flush=True)
for line in sys.stdin:
    archiver.step()
    print("archived", flush=True)
"""


def test_a_service_that_is_killed_takes_only_what_came_after_the_last_piece(database: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(database), str(archive)], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with closing(connect(database)) as writer:
            for number in range(40):
                writer.execute("INSERT INTO thing VALUES (?, zeroblob(3000))", (number,))
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.stdout.readline() == "archived\n"
            with pytest.raises(ArchiveInUse):
                Archiver(database, archive).begin()
            writer.execute("INSERT INTO thing VALUES (99, x'00')")
        process.kill()
    plain = tmp_path / "rebuilt.db"
    _rebuild(generations(archive)[-1], plain, None)
    assert len(content(plain)) == 40
    again = Archiver(database, archive)  # the folder is free again
    again.begin()
    again.close()
    plain.unlink()
    _rebuild(generations(archive)[-1], plain, None)
    assert len(content(plain)) == 41


def archived(database: Path, archive: Path, *, clock: Clock) -> Path:
    """A generation with three pieces."""
    archiver = Archiver(database, archive, clock_ms=clock)
    archiver.begin()
    with closing(connect(database)) as writer:
        for number in (1, 2, 3):
            writer.execute("INSERT INTO thing VALUES (?, x'00')", (number,))
            archiver.step()
    archiver.close()
    return generations(archive)[-1]


def test_damage_is_found_and_said(database: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    generation = archived(database, archive, clock=Clock())
    assert verify(archive).pieces == 3
    file = generation / "00000000.pieces"
    good = file.read_bytes()
    for place in (2, 30, 60, len(good) // 2, len(good) - 1):
        file.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(ArchiveDamaged, match=r"00000000\.pieces"):
            # A length that was damaged looks like a torn end: then pieces are missing, and the file is not the last.
            (generation / "00000001.pieces").write_bytes(b"")
            verify(archive)
    (generation / "00000001.pieces").unlink()
    file.write_bytes(good[:-5])
    assert verify(archive).pieces == 2  # a torn end: the machine stopped while it was written
    file.rename(generation / "00000001.pieces")
    with pytest.raises(ArchiveDamaged, match="is missing"):
        verify(archive)
    (generation / "00000001.pieces").rename(file)
    base = generation / "base.db.zst"
    whole = base.read_bytes()
    base.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArchiveDamaged, match=r"base\.db\.zst"):
        verify(archive)


def test_an_archive_that_does_not_reach_so_far_says_so(tmp_path: Path) -> None:
    with pytest.raises(NothingToRestore, match="no base copy of before"):
        _generation_at(tmp_path, 5)
    with pytest.raises(NothingToRestore, match="has no base copy"):
        verify(tmp_path)


def test_old_generations_go_when_a_later_one_reaches_back_far_enough(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, archive = Clock(), tmp_path / "archive"
    archiver = Archiver(database, archive, clock_ms=clock, keep_days=3)
    archiver.begin()
    for _ in range(9):
        clock.ms += 25 * 3600 * 1000
        archiver.step()
    kept = generations(archive)
    assert 4 <= len(kept) <= 5
    _generation_at(archive, clock.ms - 3 * 24 * 3600 * 1000)
    archiver.close()


def test_pieces_go_over_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.server.backup.pieces._FILE_BYTES", 300)
    (tmp_path / "plain").write_bytes(b"x")
    pack_base(tmp_path / "plain", tmp_path, at=1, page_size=512)
    writer = PieceWriter(tmp_path)
    for number in range(9):
        writer.write(random.Random(number).randbytes(100), at=number)
    assert len(list(tmp_path.glob("*.pieces"))) > 2
    assert [piece.number for piece in read_pieces(tmp_path)] == list(range(1, 10))


def test_a_log_is_read_only_up_to_its_last_commit(database: Path, tmp_path: Path) -> None:
    log = database.with_name("centre.db-wal")
    writer = connect(database)
    assert read_commits(tmp_path / "nowhere", START) == (b"", START)
    writer.execute("INSERT INTO thing VALUES (1, zeroblob(9000))")
    whole, position = read_commits(log, START)
    assert (read_commits(log, position)[0], position.offset) == (b"", log.stat().st_size)
    copied = tmp_path / "torn"
    for cut in (5, 40, len(whole) - 3):
        copied.write_bytes(log.read_bytes()[: 32 + cut])
        assert len(read_commits(copied, START)[0]) < len(whole)
    with pytest.raises(LogParted):
        read_commits(log, Position((1, 1), 32, (0, 0), 4096))
    writer.close()
    (tmp_path / "empty").write_bytes(b"")
    apply_commits(tmp_path / "empty", whole, position.page_size)
