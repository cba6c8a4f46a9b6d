"""What stays at this desk: outbox, cursors, audit trail, drafts, counters, search entries."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id
from db.types import Json, UtcDateTime


class DeskState(Base):
    """The one row that says who this desk is and where its clocks stand."""

    __tablename__ = "desk_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[str] = mapped_column(Id)
    desk_code: Mapped[str] = mapped_column(String(16), default="D01")
    branch_id: Mapped[str | None] = mapped_column(Id)
    hybrid_time: Mapped[str] = mapped_column(String(60))
    """Last reading of the hybrid clock, persisted with every write."""
    service_url: Mapped[str] = mapped_column(String(200), default="")
    enrolled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    epoch: Mapped[str] = mapped_column(String(32), default="")
    """The service's epoch these cursors belong to; changes when the service was restored from a backup."""
    acknowledged_n: Mapped[int] = mapped_column(Integer, default=0)
    acknowledged_hash: Mapped[str] = mapped_column(String(64), default="")
    publish_due: Mapped[bool] = mapped_column(Boolean, default=True)
    """Rows with version 0 that no operation made (a seeded branch) have yet to be shown to the centre."""
    last_agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_with: Mapped[str | None] = mapped_column(String(8))
    """The newest migration of the program that last took stock of what earlier ones could not read."""
    names_heard: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    """How far this desk was told what the group's desks are called (`desk_name`)."""


class DeskName(Base):
    """What the desk is called whose short name stands in the hybrid time of a change."""

    __tablename__ = "desk_name"

    short_name: Mapped[str] = mapped_column(String(8), primary_key=True)
    branch_code: Mapped[str] = mapped_column(String(16))
    desk_code: Mapped[str] = mapped_column(String(16))


class OutboxOperation(Base):
    """One change waiting for the centre. `n` rises without gaps in the order of commits; the body travels as it is."""

    __tablename__ = "outbox_operation"
    __table_args__ = (
        Index("ix_outbox_operation_answered", "state", sqlite_where=text("state <> 'pending'")),
        Index(None, "record_id"),
        {"sqlite_autoincrement": True},
    )

    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    txn_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(16))
    """put, claim, release."""
    table_name: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[str] = mapped_column(Id)
    body: Mapped[str] = mapped_column(Text)
    """JSON text of the operation without `n`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default="pending")
    """pending as it was made: accepted once `desk_state.acknowledged_n` has passed it, without being written again;
    else what the centre said of it: conflict, rejected (until somebody looked at it), dismissed."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Only where the centre said something."""
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)


class SyncCursor(Base):
    """How far this desk has read the feed of one scope."""

    __tablename__ = "sync_cursor"

    scope: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, default=0)
    sweeping: Mapped[bool] = mapped_column(Boolean, default=False)
    """Being read again from the start: what the feed does not show by its head was removed at the centre."""
    leaving: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("0"))
    """Taken from this desk: its rows are on their way out, piece by piece."""
    snapshot_id: Mapped[str] = mapped_column(String(32), default="", server_default="")
    """The snapshot that is being read into this scope, empty when the feed is."""
    snapshot_part: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    """How many parts of it are written."""


class AuditEntry(Base):
    """One command: who, what, when, why, which rows; each entry carries the hash of the one before."""

    __tablename__ = "audit_entry"
    __table_args__ = ({"sqlite_autoincrement": True},)

    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[str] = mapped_column(Id)
    desk_code: Mapped[str] = mapped_column(String(16))
    command: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(400), default="")
    changes: Mapped[str] = mapped_column(Text)
    """JSON: `[[table, id, {field: new value, personal fields masked}]]`, cut where it is long."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditSubject(Base):
    """Finds the audit entries of one record."""

    __tablename__ = "audit_subject"

    record_id: Mapped[str] = mapped_column(Id, primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    place: Mapped[int | None] = mapped_column(Integer)
    """The portion of the entry that tells of the record; None where the entry itself does."""


class AuditPortion(Base):
    """Some of the changes of an entry that made very many; the entry holds the hash over all its portions."""

    __tablename__ = "audit_portion"

    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    changes: Mapped[bytes] = mapped_column(LargeBinary)
    """Zstandard of JSON such as an entry has."""


class FormDraft(Base):
    """A half-typed form of one person, kept at most two seconds behind the keyboard."""

    __tablename__ = "form_draft"

    staff_id: Mapped[str] = mapped_column(Id, primary_key=True)
    form_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NumberSeries(Base):
    """The desk's counter for one kind of document. Numbers are used once, also when the document is voided."""

    __tablename__ = "number_series"

    prefix: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0)


class StoredPreference(Base):
    """What a person arranged: visible columns, saved filters."""

    __tablename__ = "stored_preference"

    staff_id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(Json)


class SearchEntry(Base):
    """One findable record; its `id` is the rowid in the full-text tables of its kind."""

    __tablename__ = "search_entry"
    __table_args__ = (Index(None, "kind", "record_id", unique=True), Index(None, "record_id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    record_id: Mapped[str] = mapped_column(Id)
    title: Mapped[str] = mapped_column(String(200))
    subtitle: Mapped[str] = mapped_column(String(300))
