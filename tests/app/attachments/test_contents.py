"""The folder of contents: whole or absent, sealed, proved, swept; and what backups do with it."""

import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.attachments.commands import AttachFiles, RemoveAttachment
from app.attachments.housekeeping import collect_contents
from app.attachments.intake import GivenFile, take_in
from app.desk.backups import thin_out
from app.desk.restoring import restore_backup
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.runtime.paths import Profile
from db.contents import ContentStore, contents_folder, digest_of, is_digest
from db.engine import Database
from tests.app.desk.backed_up import back_up
from tests.conftest import NOON
from tests.factories.databases import KEY
from tests.factories.pictures import picture
from tests.factories.records import Records

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "contents", KEY)


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> ContentStore:
    return ContentStore(tmp_path_factory.mktemp("contents"), KEY)


@given(st.binary(max_size=3000))
def test_what_is_kept_is_what_was_given(shared_store: ContentStore, content: bytes) -> None:
    sha256 = shared_store.put(content)
    assert sha256 == digest_of(content)
    assert shared_store.read(sha256) == content
    stored = shared_store.place_of(sha256).read_bytes()
    assert sha256 not in str(shared_store.place_of(sha256))
    assert len(content) < 8 or content not in stored


@given(st.text(max_size=80))
def test_only_a_digest_names_a_file(shared_store: ContentStore, text: str) -> None:
    if not is_digest(text):
        with pytest.raises(ValueError):
            shared_store.place_of(text)


@given(st.binary(min_size=1, max_size=500), st.data())
def test_any_damage_is_noticed(shared_store: ContentStore, content: bytes, data: st.DataObject) -> None:
    place = shared_store.place_of(shared_store.put(content))
    stored = bytearray(place.read_bytes())
    at = data.draw(st.integers(0, len(stored) - 1))
    stored[at] ^= data.draw(st.integers(1, 255))
    place.write_bytes(stored[: data.draw(st.sampled_from([len(stored), at]))])
    assert shared_store.read(digest_of(content)) is None
    assert not place.exists()


def test_another_key_opens_nothing(store: ContentStore) -> None:
    sha256 = store.put(b"secret")
    other = ContentStore(store.folder, bytes(32))
    assert other.read(sha256) is None
    shutil.copy(store.place_of(sha256), _made(other.place_of(sha256)))
    assert other.read(sha256) is None


def _made(place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def test_a_content_under_a_wrong_name_is_not_taken_for_it(store: ContentStore) -> None:
    sha256 = store.put(b"one")
    wrong = digest_of(b"two")
    shutil.copy(store.place_of(sha256), _made(store.place_of(wrong)))
    assert store.read(wrong) is None


_STORING = """
import sys
from pathlib import Path
from db.contents import ContentStore
store = ContentStore(Path(sys.argv[1]), bytes(range(32)))
number = 0
while True:
    store.put(number.to_bytes(4, "big") * 50_000)
    number += 1
    print(number, flush=True)
"""


def test_a_kill_while_storing_leaves_whole_files_only(tmp_path: Path) -> None:
    folder = tmp_path / "contents"
    process = subprocess.Popen(
        [sys.executable, "-c", _STORING, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    done = 0
    while done < 20:
        done = int(process.stdout.readline())
    process.kill()
    done = max([done, *(int(line) for line in process.stdout.read().split())])
    process.stdout.close()
    process.wait()
    store = ContentStore(folder, KEY)
    digests = [digest_of(number.to_bytes(4, "big") * 50_000) for number in range(done + 1)]
    assert all(store.read(sha256) is not None for sha256 in digests[:done])
    places = [place for place in folder.glob("*/*") if not place.name.startswith(".new-")]
    assert done <= len(places) <= done + 1
    assert store.sweep(digests, before=time.time() + 1) <= 1
    assert not list(folder.glob("*/.new-*"))


class TestSweeping:
    @pytest.fixture
    def attached(self, dispatcher: Dispatcher, manager: Actor, records: Records) -> str:
        """A picture of a unit; the attachment's id."""
        unit = records.unit()
        files = dispatcher.read(take_in, manager, [GivenFile("a.jpg", picture())]).files
        command = AttachFiles(subject_table="vehicle_unit", subject_id=unit.id, files=files)
        return str(dispatcher.execute(command, manager).value.ids[0])

    @staticmethod
    def _age(database: Database, days: int) -> None:
        for place in database.contents.folder.glob("*/*"):
            os.utime(place, (time.time() - days * 86_400,) * 2)

    def _files(self, database: Database) -> int:
        return len(list(database.contents.folder.glob("*/*")))

    def test_what_a_row_refers_to_stays(self, attached: str, database: Database, clock: FixedClock) -> None:
        self._age(database, 400)
        clock.advance(timedelta(days=400))
        assert collect_contents(database, now=clock.now()) == 0
        assert self._files(database) == 3
        assert attached

    def test_what_none_refers_to_goes_after_its_time(
        self, attached: str, database: Database, clock: FixedClock, dispatcher: Dispatcher, manager: Actor
    ) -> None:  # fmt: skip
        clock.advance(timedelta(days=100))
        dispatcher.execute(RemoveAttachment(attachment_id=attached), manager)
        self._age(database, 100)
        clock.advance(timedelta(days=29))
        assert collect_contents(database, now=clock.now()) == 0
        clock.advance(timedelta(days=2))
        assert collect_contents(database, now=clock.now()) == 3
        assert self._files(database) == 0

    def test_what_was_stored_and_never_attached_goes_after_a_day(
        self, database: Database, dispatcher: Dispatcher, manager: Actor, clock: FixedClock
    ) -> None:  # fmt: skip
        dispatcher.read(take_in, manager, [GivenFile("a.jpg", picture())])
        assert collect_contents(database, now=clock.now()) == 0
        self._age(database, 2)
        assert collect_contents(database, now=clock.now()) == 3


class TestBackups:
    @pytest.fixture
    def profile(self, tmp_path: Path) -> Profile:
        made = Profile(tmp_path / "profile").prepare()
        made.key_slots_path.write_text("{}", encoding="utf-8")
        return made

    def test_have_each_content_once_and_give_it_back(self, database: Database, profile: Profile) -> None:
        one = database.contents.put(b"one" * 100)
        first = back_up(database, profile, NOON)
        two = database.contents.put(b"two" * 100)
        second = back_up(database, profile, NOON + timedelta(hours=1))
        assert len(list((profile.backups_dir / "contents").glob("*/*"))) == 2
        for backup, kept in ((first, [one]), (second, [one, two])):
            root = profile.root / f"restored-{backup.id}"
            restore_backup(backup, key=KEY, root=root, now=NOON)
            store = ContentStore(contents_folder(root / "forecourt.db"), KEY)
            assert [sha256 for sha256 in (one, two) if store.read(sha256) is not None] == kept

    def test_keep_what_the_desk_removed_for_as_long_as_one_lists_it(
        self, database: Database, profile: Profile
    ) -> None:  # fmt: skip
        sha256 = database.contents.put(b"gone soon")
        first = back_up(database, profile, NOON)
        database.contents.remove(sha256)
        back_up(database, profile, NOON + timedelta(hours=1))
        thin_out(profile.backups_dir, now=NOON + timedelta(hours=1))
        assert len(list((profile.backups_dir / "contents").glob("*/*"))) == 1
        shutil.rmtree(first.folder)
        thin_out(profile.backups_dir, now=NOON + timedelta(hours=1))
        assert not list((profile.backups_dir / "contents").glob("*/*"))

    def test_are_made_where_the_disk_has_no_links(
        self, database: Database, profile: Profile, monkeypatch: pytest.MonkeyPatch
    ) -> None:  # fmt: skip
        def refused(*_given: object) -> None:
            raise PermissionError("no links here")

        monkeypatch.setattr(os, "link", refused)
        database.contents.put(b"copied")
        back_up(database, profile, NOON)
        (kept,) = (profile.backups_dir / "contents").glob("*/*")
        assert kept.stat().st_nlink == 1

    def test_without_their_pool_still_give_the_rows_back(self, database: Database, profile: Profile) -> None:
        database.contents.put(b"lost")
        backup = back_up(database, profile, NOON)
        shutil.rmtree(profile.backups_dir / "contents")
        restore_backup(backup, key=KEY, root=profile.root / "restored", now=NOON)
        assert (profile.root / "restored" / "forecourt.db").exists()
