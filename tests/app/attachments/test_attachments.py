"""Pictures and documents of records: attached once, in order, where they belong, by those who may."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.attachments.commands import (
    ArrangeAttachments,
    Attached,
    AttachFiles,
    RemoveAttachment,
    RenameAttachment,
    ReplaceAttachment,
    StoredFile,
)
from app.attachments.errors import ContentMissing, SubjectUnknown, TooManyFiles
from app.attachments.housekeeping import collect_contents
from app.attachments.intake import GivenFile, take_in, turned
from app.attachments.queries import AttachmentRow, Whereabouts, get_content, list_attachments, main_pictures
from app.catalog.commands import RemoveTrim
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, RecordNotFound
from app.kernel.permissions import Actor, Role
from db.base import GROUP_SCOPE
from db.engine import Database
from db.models.attachments import Attachment
from db.models.inspections import Inspection, InspectionAnswer
from tests.factories.pictures import PDF, picture
from tests.factories.records import Records


@pytest.fixture
def actor(manager: Actor) -> Actor:
    return manager


@pytest.fixture
def stored(dispatcher: Dispatcher, actor: Actor) -> Callable[..., tuple[StoredFile, ...]]:
    """Files with these numbers, their bytes stored."""

    def made(*numbers: int) -> tuple[StoredFile, ...]:
        given = [GivenFile(f"{number}.jpg", picture(number)) for number in numbers]
        return dispatcher.read(take_in, actor, given).files

    return made


@pytest.fixture
def attach(
    dispatcher: Dispatcher, actor: Actor, stored: Callable[..., tuple[StoredFile, ...]]
) -> Callable[..., Attached]:  # fmt: skip
    """Attaches pictures with these numbers to a record."""

    def attached(table: str, subject_id: str, *numbers: int) -> Attached:
        command = AttachFiles(subject_table=table, subject_id=subject_id, files=stored(*numbers))
        return dispatcher.execute(command, actor).value

    return attached


def names(dispatcher: Dispatcher, actor: Actor, table: str, subject_id: str) -> list[str]:
    return [row.file_name for row in dispatcher.read(list_attachments, actor, table, subject_id)]


def test_files_stand_in_the_order_they_were_added(
    dispatcher: Dispatcher, actor: Actor, records: Records, attach: Callable[..., Attached]
) -> None:  # fmt: skip
    unit = records.unit()
    attach("vehicle_unit", unit.id, 1, 2)
    attach("vehicle_unit", unit.id, 3)
    assert names(dispatcher, actor, "vehicle_unit", unit.id) == ["1.jpg", "2.jpg", "3.jpg"]


def test_they_live_where_their_record_lives(
    database: Database, records: Records, attach: Callable[..., Attached], actor: Actor
) -> None:  # fmt: skip
    unit = records.unit()
    of_unit = attach("vehicle_unit", unit.id, 1).ids[0]
    of_trim = attach("trim", unit.trim_id, 1).ids[0]
    with database.read() as session:
        assert session.get_one(Attachment, of_unit).scope == actor.branch_id
        assert session.get_one(Attachment, of_trim).scope == GROUP_SCOPE
        assert session.get_one(Attachment, of_trim).branch_id is None
        assert session.get_one(Attachment, of_trim).unit_id is None
        assert session.get_one(Attachment, of_unit).unit_id == unit.id


def test_the_same_bytes_are_kept_once_across_records(
    database: Database, records: Records, attach: Callable[..., Attached]
) -> None:  # fmt: skip
    first, second = records.unit(), records.unit()
    attach("vehicle_unit", first.id, 1)
    before = sorted(database.contents.folder.glob("*/*"))
    attach("vehicle_unit", second.id, 1)
    assert sorted(database.contents.folder.glob("*/*")) == before
    assert len(before) == 3


def test_a_file_the_record_has_already_is_not_added_twice(records: Records, attach: Callable[..., Attached]) -> None:
    unit = records.unit()
    attach("vehicle_unit", unit.id, 1)
    again = attach("vehicle_unit", unit.id, 1, 2)
    assert again.already == ("1.jpg",)
    assert len(again.ids) == 1


def test_removing_is_undone_where_it_was(
    dispatcher: Dispatcher, actor: Actor, records: Records, attach: Callable[..., Attached]
) -> None:  # fmt: skip
    unit = records.unit()
    ids = attach("vehicle_unit", unit.id, 1, 2, 3).ids
    dispatcher.execute(RenameAttachment(attachment_id=ids[1], title="From the left"), actor)
    outcome = dispatcher.execute(RemoveAttachment(attachment_id=ids[1]), actor)
    assert names(dispatcher, actor, "vehicle_unit", unit.id) == ["1.jpg", "3.jpg"]
    assert outcome.undo is not None
    dispatcher.execute(outcome.undo, actor)
    rows = dispatcher.read(list_attachments, actor, "vehicle_unit", unit.id)
    assert [(row.file_name, row.title) for row in rows] == [("1.jpg", ""), ("2.jpg", "From the left"), ("3.jpg", "")]


def test_attaching_is_undone(
    dispatcher: Dispatcher, actor: Actor, records: Records, stored: Callable[..., tuple[StoredFile, ...]]
) -> None:  # fmt: skip
    unit = records.unit()
    command = AttachFiles(subject_table="vehicle_unit", subject_id=unit.id, files=stored(1, 2))
    undo = dispatcher.execute(command, actor).undo
    assert undo is not None
    redo = dispatcher.execute(undo, actor).undo
    assert names(dispatcher, actor, "vehicle_unit", unit.id) == []
    assert redo is not None
    dispatcher.execute(redo, actor)
    assert names(dispatcher, actor, "vehicle_unit", unit.id) == ["1.jpg", "2.jpg"]


def test_the_order_is_changed_and_changed_back(
    dispatcher: Dispatcher, actor: Actor, records: Records, attach: Callable[..., Attached]
) -> None:  # fmt: skip
    unit = records.unit()
    one, two, three = attach("vehicle_unit", unit.id, 1, 2, 3).ids
    command = ArrangeAttachments(subject_table="vehicle_unit", subject_id=unit.id, attachment_ids=(three, one))
    undo = dispatcher.execute(command, actor).undo
    assert names(dispatcher, actor, "vehicle_unit", unit.id) == ["3.jpg", "1.jpg", "2.jpg"]
    assert undo is not None
    dispatcher.execute(undo, actor)
    assert names(dispatcher, actor, "vehicle_unit", unit.id) == ["1.jpg", "2.jpg", "3.jpg"]
    assert two


def test_what_is_impossible_is_refused(
    dispatcher: Dispatcher, actor: Actor, records: Records, stored: Callable[..., tuple[StoredFile, ...]]
) -> None:  # fmt: skip
    unit, (file,) = records.unit(), stored(1)
    absent = StoredFile(file_name="a.pdf", media_type="application/pdf", size=3, sha256="0" * 64)

    def refused(error: type[Exception], **values: object) -> None:
        given = {"subject_table": "vehicle_unit", "subject_id": unit.id, "files": (file,), **values}
        with pytest.raises(error):
            dispatcher.execute(AttachFiles(**given), actor)  # type: ignore[arg-type]

    refused(SubjectUnknown, subject_table="staff_member")
    refused(SubjectUnknown, purpose="Not a word!")
    refused(RecordNotFound, subject_id="0" * 32)
    refused(ContentMissing, files=(absent,))
    refused(TooManyFiles, files=(file,) * 201)


@pytest.mark.parametrize(
    ("role", "table", "allowed"),
    [
        (Role.SALESPERSON, "trim", False),
        (Role.SALESPERSON, "vehicle_unit", False),
        (Role.SERVICE_ADVISOR, "vehicle_unit", True),
        (Role.SERVICE_ADVISOR, "trim", False),
        (Role.BRANCH_MANAGER, "trim", True),
        (Role.PARTS_CLERK, "vehicle_unit", False),
    ],
)
def test_only_some_may_change_them_and_all_who_see_the_record_see_them(
    dispatcher: Dispatcher, records: Records, actor_with: Callable[[Role], Actor],
    stored: Callable[..., tuple[StoredFile, ...]], *, role: Role, table: str, allowed: bool,
) -> None:  # fmt: skip
    person, unit = actor_with(role), records.unit()
    subject = unit.id if table == "vehicle_unit" else unit.trim_id
    command = AttachFiles(subject_table=table, subject_id=subject, files=stored(1))
    if allowed:
        attached = dispatcher.execute(command, person).value
        dispatcher.execute(RemoveAttachment(attachment_id=attached.ids[0]), person)
    else:
        with pytest.raises(PermissionDenied):
            dispatcher.execute(command, person)
    assert dispatcher.read(list_attachments, person, table, subject) == []


def test_a_unit_inherits_its_main_picture(
    dispatcher: Dispatcher, actor: Actor, records: Records, attach: Callable[..., Attached]
) -> None:  # fmt: skip
    series = records.series()
    year = records.model_year(series)
    trim, other = records.trim(year), records.trim(year)
    unit, bare = records.unit(trim), records.unit()

    def shown() -> tuple[str, str]:
        found = dispatcher.read(main_pictures, actor, "vehicle_unit", [unit.id, bare.id])
        assert bare.id not in found
        return found[unit.id].attachment_id, found[unit.id].inherited_from

    of_series = attach("series", series.id, 1, 2).ids
    assert shown() == (of_series[0], "series")
    of_year = attach("model_year", year.id, 3).ids
    assert shown() == (of_year[0], "model_year")
    of_trim = attach("trim", trim.id, 4).ids
    assert shown() == (of_trim[0], "trim")
    of_unit = attach("vehicle_unit", unit.id, 5).ids
    assert shown() == (of_unit[0], "")
    trims = dispatcher.read(main_pictures, actor, "trim", [trim.id, other.id])
    assert trims[other.id].attachment_id == of_year[0]


def test_a_document_is_nobodys_main_picture(dispatcher: Dispatcher, actor: Actor, records: Records) -> None:
    trim = records.trim()
    files = dispatcher.read(take_in, actor, [GivenFile("a.pdf", PDF)]).files
    dispatcher.execute(AttachFiles(subject_table="trim", subject_id=trim.id, files=files), actor)
    assert dispatcher.read(main_pictures, actor, "trim", [trim.id]) == {}
    (row,) = dispatcher.read(list_attachments, actor, "trim", trim.id)
    assert not row.is_picture
    assert row.thumb is None


def test_a_damaged_content_is_noticed_and_asked_for_again(
    dispatcher: Dispatcher, database: Database, actor: Actor, records: Records, attach: Callable[..., Attached]
) -> None:  # fmt: skip
    unit = records.unit()
    attach("vehicle_unit", unit.id, 1)
    (row,) = dispatcher.read(list_attachments, actor, "vehicle_unit", unit.id)
    assert row.whereabouts is Whereabouts.BOTH
    assert dispatcher.read(get_content, actor, row.content) is not None
    place = database.contents.place_of(row.sha256)
    damaged = bytearray(place.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    place.write_bytes(damaged)
    assert dispatcher.read(get_content, actor, row.content) is None
    assert not place.exists()
    asked = database.contents.next_asked()
    assert asked is not None
    assert asked.sha256 == row.sha256


def test_the_order_of_removed_ones_does_not_matter(
    dispatcher: Dispatcher, actor: Actor, records: Records, attach: Callable[..., Attached], clock: FixedClock
) -> None:  # fmt: skip
    unit = records.unit()
    ids = attach("vehicle_unit", unit.id, 1, 2).ids
    dispatcher.execute(RemoveAttachment(attachment_id=ids[0]), actor)
    clock.advance(timedelta(minutes=1))
    with pytest.raises(RecordNotFound):
        dispatcher.execute(RemoveAttachment(attachment_id=ids[0]), actor)
    attach("vehicle_unit", unit.id, 1)
    assert names(dispatcher, actor, "vehicle_unit", unit.id) == ["2.jpg", "1.jpg"]


def test_a_picture_of_a_defect_belongs_to_the_unit(
    dispatcher: Dispatcher, database: Database, actor: Actor, records: Records, attach: Callable[..., Attached],
    clock: FixedClock,
) -> None:  # fmt: skip
    unit = records.unit()
    inspection = Inspection(
        branch_id=actor.branch_id, unit_id=unit.id, checklist="pdi", energy="petrol", state="OPEN",
        inspector_staff_id=actor.staff_id, started_at=clock.now(),
    )  # fmt: skip
    records.save(inspection)
    answer = InspectionAnswer(
        branch_id=actor.branch_id, inspection_id=inspection.id, unit_id=unit.id, item="paint", verdict="DEFECT",
        answered_by_staff_id=actor.staff_id, answered_at=clock.now(),
    )  # fmt: skip
    records.save(answer)
    for table, subject_id in (("inspection", inspection.id), ("inspection_answer", answer.id)):
        (attachment_id,) = attach(table, subject_id, 1).ids
        with database.read() as session:
            assert session.get_one(Attachment, attachment_id).unit_id == unit.id


def test_files_of_an_entry_that_is_put_back_stay_with_it(
    dispatcher: Dispatcher, actor: Actor, records: Records, attach: Callable[..., Attached]
) -> None:
    trim = records.trim()
    attach("trim", trim.id, 1, 2)
    gone = dispatcher.execute(RemoveTrim(trim_id=trim.id, expected_revision=1, reason="By mistake"), actor)
    assert gone.undo is not None
    back = dispatcher.execute(gone.undo, actor).value
    assert back != trim.id and len(names(dispatcher, actor, "trim", back)) == 2


def test_a_picture_is_kept_turned_and_turned_back(
    dispatcher: Dispatcher, actor: Actor, salesperson: Actor, records: Records, attach: Callable[..., Attached]
) -> None:
    trim = records.trim()
    attach("trim", trim.id, 1)

    def only() -> AttachmentRow:
        (row,) = dispatcher.read(list_attachments, actor, "trim", trim.id)
        return row

    before = only()
    file = dispatcher.read(turned, actor, before.stored, before.content, 90)
    command = ReplaceAttachment(attachment_id=before.id, file=file)
    with pytest.raises(PermissionDenied):
        dispatcher.execute(command, salesperson)
    outcome = dispatcher.execute(command, actor)
    after = only()
    assert (after.id, after.name, after.position) == (before.id, before.name, before.position)
    assert (after.width, after.height) == (before.height, before.width)
    assert len({before.sha256, after.sha256, before.thumb_sha256, after.thumb_sha256}) == 4
    assert dispatcher.read(get_content, actor, after.content) is not None
    dispatcher.execute(outcome.undo, actor)  # type: ignore[arg-type]
    assert only() == before
    later = dispatcher.clock.now() + timedelta(days=31)
    collect_contents(dispatcher.database, now=later)
    assert dispatcher.read(get_content, actor, before.content) is not None, "what is referred to stays"


def test_a_content_that_gave_way_goes_after_its_time(
    dispatcher: Dispatcher, actor: Actor, records: Records, attach: Callable[..., Attached]
) -> None:
    trim = records.trim()
    attach("trim", trim.id, 1)
    (before,) = dispatcher.read(list_attachments, actor, "trim", trim.id)
    file = dispatcher.read(turned, actor, before.stored, before.content, 180)
    dispatcher.execute(ReplaceAttachment(attachment_id=before.id, file=file), actor)
    store = dispatcher.database.contents
    long_ago = 1_000_000_000
    for sha256, _size in before.stored.contents:
        os.utime(store.place_of(sha256), (long_ago, long_ago))
    collect_contents(dispatcher.database, now=dispatcher.clock.now() + timedelta(days=31))
    assert not store.has(before.sha256) and store.has(file.sha256)
