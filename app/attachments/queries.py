"""Reads of pictures and documents: the rows, where their bytes are, and the bytes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVarTuple

from sqlalchemy import Row, Select, bindparam, func, select

from app.attachments.commands import PICTURE, StoredFile
from app.attachments.errors import SubjectUnknown
from app.attachments.rules import PICTURES, SUBJECTS
from app.kernel.unit_of_work import Reader
from db.contents import Asked, ContentStore
from db.models.attachments import Attachment, LocalContent
from db.models.catalog import ModelYear, Trim
from db.models.desk import DeskState
from db.models.inventory import VehicleUnit

Ts = TypeVarTuple("Ts")


class Whereabouts(StrEnum):
    """Where the bytes of a file are."""

    BOTH = "both"
    """Here, and at the centre as far as this desk knows; also where there is no centre."""
    WAITING = "waiting"
    """Here, and still to be sent to the centre."""
    ELSEWHERE = "elsewhere"
    """Not at this desk yet: fetched when somebody looks."""


@dataclass(frozen=True, slots=True)
class ContentRef:
    """A content, and the attachment that names it: enough to ask the centre for it."""

    attachment_id: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRow:
    """A picture or document of a record."""

    id: str
    purpose: str
    position: int
    file_name: str
    title: str
    media_type: str
    size: int
    sha256: str
    source_sha256: str
    width: int | None
    height: int | None
    thumb_sha256: str
    thumb_size: int
    icon_sha256: str
    icon_size: int
    taken_at: datetime | None
    added_at: datetime
    whereabouts: Whereabouts

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown; everything else is a document."""
        return self.media_type in PICTURES

    @property
    def name(self) -> str:
        """What to call it."""
        return self.title or self.file_name

    @property
    def stored(self) -> StoredFile:
        """The file as `AttachFiles` and `ReplaceAttachment` are told of it."""
        return StoredFile(
            file_name=self.file_name, title=self.title, media_type=self.media_type, size=self.size, sha256=self.sha256,
            source_sha256=self.source_sha256, width=self.width, height=self.height, thumb_sha256=self.thumb_sha256,
            thumb_size=self.thumb_size, icon_sha256=self.icon_sha256, icon_size=self.icon_size, taken_at=self.taken_at,
            position=self.position,
        )  # fmt: skip

    @property
    def content(self) -> ContentRef:
        """The file itself."""
        return ContentRef(self.id, self.sha256, self.size)

    @property
    def thumb(self) -> ContentRef | None:
        """The picture for a card, at most 480 pixels wide or high."""
        return ContentRef(self.id, self.thumb_sha256, self.thumb_size) if self.thumb_sha256 else None

    @property
    def icon(self) -> ContentRef | None:
        """The picture for a line, at most 160 pixels wide or high."""
        return ContentRef(self.id, self.icon_sha256, self.icon_size) if self.icon_sha256 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MainPictureRow:
    """The first picture of a record, or of what it inherits one from."""

    attachment_id: str
    title: str
    picture: ContentRef
    thumb: ContentRef
    icon: ContentRef
    inherited_from: str = ""
    """The table it comes from where the record itself has none."""


_COLUMNS = (
    Attachment.id, Attachment.purpose, Attachment.position, Attachment.file_name, Attachment.title,
    Attachment.media_type, Attachment.size, Attachment.sha256, Attachment.source_sha256, Attachment.width,
    Attachment.height,
    Attachment.thumb_sha256, Attachment.thumb_size, Attachment.icon_sha256, Attachment.icon_size, Attachment.taken_at,
    Attachment.created_at.label("added_at"),
)  # fmt: skip


def list_attachments(
    reader: Reader, subject_table: str, subject_id: str, purpose: str | None = None
) -> list[AttachmentRow]:
    """The files of a record in their order, of one purpose or of all."""
    _require_view(reader, subject_table)
    chosen = (
        select(*_COLUMNS)
        .where(Attachment.subject_id == subject_id, Attachment.deleted_at.is_(None))
        .where(Attachment.subject_table == subject_table)
        .order_by(Attachment.purpose, Attachment.position, Attachment.id)
    )
    if purpose is not None:
        chosen = chosen.where(Attachment.purpose == purpose)
    found = reader.session.execute(chosen).mappings().all()
    places = _whereabouts(reader, {row["sha256"] for row in found})
    return [AttachmentRow(**row, whereabouts=places[row["sha256"]]) for row in found]


def list_beside(reader: Reader, attachment_id: str) -> list[AttachmentRow]:
    """The files of the record and purpose that one belongs to, in their order."""
    row = reader.get(Attachment, attachment_id)
    return list_attachments(reader, row.subject_table, row.subject_id, row.purpose)


def main_pictures(reader: Reader, subject_table: str, ids: Collection[str]) -> dict[str, MainPictureRow]:
    """The main picture of each record that has one; a unit inherits its trim's, that its model year's, then series'."""
    _require_view(reader, subject_table)
    found: dict[str, MainPictureRow] = {}
    sources = {record_id: record_id for record_id in ids}
    table, came_from = subject_table, ""
    while sources:
        pictures = _first_pictures(reader, table, set(sources.values()), came_from)
        found |= {asked: pictures[source] for asked, source in sources.items() if source in pictures}
        missing = {asked: source for asked, source in sources.items() if source not in pictures}
        if table not in _PARENTS:
            break
        column, key, table = _PARENTS[table]
        came_from = table
        parents = select(key, column).where(key.in_(bindparam("ids", expanding=True)))
        above = dict(_in_portions(reader, parents, missing))
        sources = {asked: above[source] for asked, source in missing.items() if source in above}
    return found


_PARENTS = {
    "vehicle_unit": (VehicleUnit.trim_id, VehicleUnit.id, "trim"),
    "trim": (Trim.model_year_id, Trim.id, "model_year"),
    "model_year": (ModelYear.series_id, ModelYear.id, "series"),
}


def get_content(reader: Reader, content: ContentRef) -> bytes | None:
    """The bytes, proved to be those; None while they are not at this desk, and then they are asked for.

    Takes as long as reading and decrypting the file: about 10 ms for a large picture.
    """
    _require_view(reader, _subject_table_of(reader, content.attachment_id))
    store: ContentStore = reader.session.info["contents"]
    found = store.read(content.sha256)
    if found is None:
        store.ask(Asked(content.sha256, content.size, content.attachment_id))
    return found


@dataclass(frozen=True, slots=True)
class UnsentContents:
    """Files whose bytes the centre does not have yet."""

    files: int
    size: int
    """Bytes of the files themselves."""


NOTHING_UNSENT = UnsentContents(0, 0)


def get_unsent_contents(reader: Reader) -> UnsentContents:
    """How many pictures and documents wait to be sent, and how large they are; none where there is no centre."""
    state = reader.session.execute(select(DeskState.service_url, DeskState.epoch)).first()
    if state is None or not state[0]:
        return NOTHING_UNSENT
    waiting = LocalContent.sent_epoch != state[1]
    found = reader.session.execute(
        select(func.count(Attachment.sha256.distinct()), func.coalesce(func.sum(LocalContent.size), 0))
        .select_from(LocalContent)
        .join(Attachment, Attachment.sha256 == LocalContent.sha256)
        .where(waiting, Attachment.deleted_at.is_(None))
    ).one()
    return UnsentContents(int(found[0]), int(found[1]))


def _subject_table_of(reader: Reader, attachment_id: str) -> str:
    return reader.get(Attachment, attachment_id).subject_table


def _require_view(reader: Reader, subject_table: str) -> None:
    rules = SUBJECTS.get(subject_table)
    if rules is None:
        raise SubjectUnknown()
    reader.require(rules.view)


def _whereabouts(reader: Reader, digests: Iterable[str]) -> dict[str, Whereabouts]:
    """Where each content is. Whether its file is really there is found out when it is read."""
    state = reader.session.execute(select(DeskState.service_url, DeskState.epoch)).first()
    connected, epoch = (bool(state[0]), state[1]) if state is not None else (False, "")
    wanted = select(LocalContent.sha256, LocalContent.sent_epoch).where(
        LocalContent.sha256.in_(bindparam("ids", expanding=True))
    )
    sent = dict(_in_portions(reader, wanted, {sha256: sha256 for sha256 in digests}))
    places = {}
    for sha256 in digests:
        if sha256 not in sent:
            places[sha256] = Whereabouts.ELSEWHERE
        elif connected and sent[sha256] != epoch:
            places[sha256] = Whereabouts.WAITING
        else:
            places[sha256] = Whereabouts.BOTH
    return places


def _first_pictures(
    reader: Reader, table: str, ids: Collection[str], came_from: str
) -> dict[str, MainPictureRow]:  # fmt: skip
    chosen = (
        select(
            Attachment.subject_id, Attachment.id, Attachment.title, Attachment.sha256, Attachment.size,
            Attachment.thumb_sha256, Attachment.thumb_size, Attachment.icon_sha256, Attachment.icon_size,
        )
        .where(Attachment.subject_id.in_(bindparam("ids", expanding=True)), Attachment.subject_table == table)
        .where(Attachment.purpose == PICTURE, Attachment.deleted_at.is_(None), Attachment.thumb_sha256 != "")
        .order_by(Attachment.subject_id, Attachment.position, Attachment.id)
    )  # fmt: skip
    first: dict[str, MainPictureRow] = {}
    for subject_id, row_id, title, sha, size, thumb, thumb_size, icon, icon_size in _in_portions(
        reader, chosen, {subject_id: subject_id for subject_id in ids}
    ):
        if subject_id not in first:
            first[subject_id] = MainPictureRow(
                attachment_id=row_id, title=title, picture=ContentRef(row_id, sha, size),
                thumb=ContentRef(row_id, thumb, thumb_size), icon=ContentRef(row_id, icon, icon_size),
                inherited_from=came_from,
            )  # fmt: skip
    return first


def _in_portions(reader: Reader, statement: Select[*Ts], asked: dict[str, str]) -> list[Row[*Ts]]:
    """All rows of a statement with the parameter `ids`, asked for 500 ids at a time."""
    ids = sorted(set(asked.values()))
    found: list[Row[*Ts]] = []
    for start in range(0, len(ids), 500):
        found += reader.session.execute(statement, {"ids": ids[start : start + 500]}).all()
    return found
