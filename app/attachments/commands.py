"""What can be done with pictures and documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.kernel.commands import Command

PICTURE, DOCUMENT = "picture", "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file whose bytes already lie at this desk (`app.attachments.intake.take_in` makes these)."""

    file_name: str
    media_type: str
    size: int
    sha256: str
    source_sha256: str = ""
    title: str = ""
    width: int | None = None
    height: int | None = None
    thumb_sha256: str = ""
    thumb_size: int = 0
    icon_sha256: str = ""
    icon_size: int = 0
    taken_at: datetime | None = None
    position: int | None = None
    """Its place; None puts it at the end."""

    @property
    def contents(self) -> tuple[tuple[str, int], ...]:
        """Digest and size of each content: the file, and the two small pictures of it."""
        named = ((self.sha256, self.size), (self.thumb_sha256, self.thumb_size), (self.icon_sha256, self.icon_size))
        return tuple((sha256, size) for sha256, size in named if sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """What became of the files: ids of the new attachments, names of those the record had already."""

    ids: tuple[str, ...]
    already: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachFiles(Command):
    """Add stored files to a record; returns an Attached. A file the record has already is not added twice.

    `subject_table` is a table of `app.attachments.rules.SUBJECTS`; `purpose` groups the files of one record
    ("picture", "document", or a word of the feature's own). Raises ContentMissing where the bytes are not here.
    """

    subject_table: str
    subject_id: str
    purpose: str = PICTURE
    files: Sequence[StoredFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAttachment(Command):
    """Take a picture or document away from its record. Undone by attaching it again where it was."""

    attachment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAttachments(Command):
    """Take several away at once: the way back from attaching them."""

    attachment_ids: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrangeAttachments(Command):
    """Put a record's files of one purpose in this order; the first picture is the main one.

    Files not named (somebody added them meanwhile) follow in the order they had.
    """

    subject_table: str
    subject_id: str
    purpose: str = PICTURE
    attachment_ids: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameAttachment(Command):
    """Say in words what a picture or document shows; empty takes the words away."""

    attachment_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceAttachment(Command):
    """Keep a further content in the place of the one a picture had, such as the same picture turned; returns its id.

    The former content goes once nothing refers to it any more. Raises ContentMissing. Can be undone.
    """

    attachment_id: str
    file: StoredFile
