"""The rows behind the archive's search: what waits to be indexed, and entries with their words and texts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import Connection, delete, insert, update

from db.archive_words import drop_words, put_words
from db.direct import driver_of
from db.models.archive import ArchiveEntry, ArchiveText
from db.types import microseconds

_TENTH = 100_000
"""Microseconds."""
_LARGEST_TEXT = 4_000_000
_MARKS_EACH = 6
"""A document is marked for itself, for each stage of its bytes and each change of its state."""


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """An entry to be written, with all its terms."""

    fields: Mapping[str, Any]
    drafted_at: datetime
    terms: Iterable[str]
    text: str | None
    """None leaves the text that is kept."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Documents whose entries have to be made anew, those marked last first; the highest mark there is; whether
    others wait."""

    contract_ids: list[str]
    up_to: int
    more: bool


def read_pending(connection: Connection, limit: int) -> Pending:
    """At most `limit` documents."""
    most = limit * _MARKS_EACH
    rows = (
        driver_of(connection)
        .execute("SELECT id, contract_id FROM archive_pending ORDER BY id DESC LIMIT ?", (most,))
        .fetchall()
    )
    marked = list(dict.fromkeys(row[1] for row in rows))
    return Pending(marked[:limit], rows[0][0] if rows else 0, more=len(rows) == most or len(marked) > limit)


def entries_of(connection: Connection, contract_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """By document: the number of its entry, and the digest of what was read for it."""
    rows = driver_of(connection).execute(
        "SELECT contract_id, id, read_digest FROM archive_entry WHERE contract_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(contract_ids)),),
    )
    return {contract_id: (number, digest) for contract_id, number, digest in rows}


def write_entries(
    connection: Connection, documents: Sequence[IndexedDocument], *, gone: Sequence[str], up_to: int
) -> None:
    """Put documents into the index and take out those that are `gone`; their marks up to one are done with."""
    ids = [str(document.fields["contract_id"]) for document in documents]
    known = entries_of(connection, [*ids, *gone])
    _remove(connection, [known[contract_id][0] for contract_id in gone if contract_id in known])
    words = []
    for document, contract_id in zip(documents, ids, strict=True):
        if contract_id in known:
            number = known[contract_id][0]
            connection.execute(update(ArchiveEntry).where(ArchiveEntry.id == number).values(**document.fields))
        else:
            number = _free_number(connection, document.drafted_at)
            connection.execute(insert(ArchiveEntry).values(id=number, **document.fields))
        words.append((number, document.terms))
        if document.text is not None:
            _keep_text(connection, number, document.text)
    put_words(connection, words)
    driver_of(connection).execute(
        "DELETE FROM archive_pending WHERE id <= ? AND contract_id IN (SELECT value FROM json_each(?))",
        (up_to, json.dumps([*ids, *gone])),
    )


def erase_remains(connection: Connection, contract_ids: Sequence[str]) -> None:
    """Blank what the rows of destroyed documents still hold at this desk: what the centre sends of them says only that
    they are gone."""
    driver, ids = driver_of(connection), json.dumps(list(contract_ids))
    for table, (blanks, still) in _BLANKS.items():
        driver.execute(
            f"UPDATE {table} SET {blanks} WHERE deleted_at IS NOT NULL AND {still}"
            " AND contract_id IN (SELECT value FROM json_each(?))",
            (ids,),
        )


_BLANKS = {
    "contract_document": ("content = x''", "length(content) > 0"),
    "contract_signature": ("signer_name = '', evidence = '{}'", "signer_name <> ''"),
    "contract_party": (
        "name = '', representative = '', identity_number = '', phone = '', email = '', address = ''", "name <> ''"
    ),
    "identity_step": ("detail = '{}', attachment_sha256 = ''", "detail <> '{}'"),
}  # fmt: skip
"""What is in the rows of a document that says something of people, and where it still does. A row that is blank is left
alone: writing it would mark its document once more."""


def _free_number(connection: Connection, at: datetime) -> int:
    """The tenth of a second in which a document was drafted, or the next one that is free."""
    number = microseconds(at) // _TENTH
    taken = "SELECT 1 FROM archive_entry WHERE id = ?"
    while driver_of(connection).execute(taken, (number,)).fetchone():
        number += 1
    return number


def _keep_text(connection: Connection, number: int, text: str) -> None:
    content = zstandard.ZstdCompressor(level=6).compress(text.encode())
    connection.execute(delete(ArchiveText).where(ArchiveText.id == number))
    connection.execute(insert(ArchiveText).values(id=number, content=content))


def _remove(connection: Connection, numbers: Sequence[int]) -> None:
    if numbers:
        drop_words(connection, numbers)
        connection.execute(delete(ArchiveText).where(ArchiveText.id.in_(numbers)))
        connection.execute(delete(ArchiveEntry).where(ArchiveEntry.id.in_(numbers)))


def read_text(content: bytes | None) -> str:
    """The text as it was kept."""
    if not content:
        return ""
    return zstandard.ZstdDecompressor().decompress(content, max_output_size=_LARGEST_TEXT).decode()
