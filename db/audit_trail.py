"""The audit trail of a desk: one entry a command, each with the hash of the one before."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Self

from db.types import dump_fast, dump_json

FIRST_HASH = "0" * 64
PORTION = 500
"""So many changes stand in an entry itself; what is more is kept in portions of as many beside it. As many also travel
together where a command makes thousands of changes that the centre need not take in as one."""
_VALUE_LIMIT = 200


Audited = tuple[str, str, str]
"""What an entry has of a record: its table, its id and its new values as JSON."""


@dataclass(frozen=True, slots=True)
class AuditPortion:
    """Changes as an entry has them, packed, and the records they are about, by table."""

    ids: Mapping[str, Sequence[str]]
    packed: bytes

    @classmethod
    def of(cls, ids: Mapping[str, Sequence[str]], changes: str) -> Self:
        """A portion for the text of its changes, `[[table, id, {field: value}]]`."""
        import zstandard  # not for start-up

        return cls(ids, zstandard.ZstdCompressor(level=1, write_checksum=True).compress(changes.encode("utf-8")))


def unpacked(portion: bytes) -> str:
    """The text of a stored portion."""
    import zstandard

    return zstandard.ZstdDecompressor().decompress(portion).decode("utf-8")


def audit_hash(
    *, previous: str, at: int, staff_id: str, desk_code: str, command: str, reason: str, changes: str
) -> str:
    """SHA-256 over the entry and the hash of the entry before: a removed or edited line breaks the chain."""
    line = dump_fast([previous, at, staff_id, desk_code, command, reason, changes])
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


def portions_hash(portions: Iterable[bytes]) -> str:
    """SHA-256 over the packed portions of an entry in their order; it stands in the entry, and so in the chain."""
    digest = hashlib.sha256()
    for portion in portions:
        digest.update(hashlib.sha256(portion).digest())
    return digest.hexdigest()


def audit_values(fields: dict[str, Any], *, personal: AbstractSet[str], row: dict[str, Any]) -> dict[str, Any]:
    """The new values of a row as the trail shows them: personal ones hidden, long ones cut."""
    shown: dict[str, Any] = {}
    for key, wire in fields.items():
        if key in personal:
            shown[key] = "•••"
        elif isinstance(row.get(key), bytes):
            shown[key] = f"{len(row[key])} bytes"
        elif isinstance(wire, str) and len(wire) > _VALUE_LIMIT:
            shown[key] = wire[:_VALUE_LIMIT] + "…"
        else:
            shown[key] = wire
    return shown


def write_entry(
    driver: Any,
    *,
    at: int,
    staff_id: str,
    desk_code: str,
    command: str,
    reason: str,
    changes: Sequence[Audited],
    added: Sequence[AuditPortion] = (),
) -> None:
    """Add an entry for these changes, and for rows that were added past the object layer; `driver` is SQLite's."""
    portions = list(added)
    if portions or len(changes) > PORTION:
        portions += [_portion(changes[start : start + PORTION]) for start in range(0, len(changes), PORTION)]
        text = dump_json(_summary(portions))
    else:
        text = _text(changes)
    last = driver.execute("SELECT hash FROM audit_entry ORDER BY n DESC LIMIT 1").fetchone()
    previous = FIRST_HASH if last is None else last[0]
    digest = audit_hash(
        previous=previous, at=at, staff_id=staff_id, desk_code=desk_code, command=command, reason=reason, changes=text
    )
    n = driver.execute(
        "INSERT INTO audit_entry (at, staff_id, desk_code, command, reason, changes, previous_hash, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (at, staff_id, desk_code, command, reason, text, previous, digest),
    ).lastrowid
    driver.executemany(
        "INSERT INTO audit_portion (n, place, changes) VALUES (?, ?, ?)",
        [(n, place, portion.packed) for place, portion in enumerate(portions)],
    )
    subjects = _subjects(changes, portions)
    driver.executemany("INSERT INTO audit_subject (record_id, n, place) VALUES (?, ?, ?)",
                       [(record_id, n, place) for record_id, place in subjects.items()])  # fmt: skip


def summary_hash(changes: str) -> str | None:
    """What the entry says the portions beside it amount to, None for one that holds its changes itself."""
    if not changes.startswith('[["","",'):
        return None
    return str(json.loads(changes)[0][2]["sha256"])


def _text(changes: Sequence[Audited]) -> str:
    """`[[table, id, {field: value}]]`."""
    said = (f"[{dump_fast(table)},{dump_fast(record_id)},{values}]" for table, record_id, values in changes)
    return f"[{','.join(said)}]"


def _portion(changes: Sequence[Audited]) -> AuditPortion:
    ids: dict[str, list[str]] = {}
    for table, record_id, _ in changes:
        ids.setdefault(table, []).append(record_id)
    return AuditPortion.of(ids, _text(changes))


def _summary(portions: Sequence[AuditPortion]) -> list[tuple[str, str, dict[str, Any]]]:
    """In place of the changes: the hash over all portions, then how many records of each table they tell of."""
    records = Counter[str]()
    for portion in portions:
        records.update({table: len(ids) for table, ids in portion.ids.items()})
    digest = portions_hash(portion.packed for portion in portions)
    return [("", "", {"sha256": digest}), *((table, "", {"records": n}) for table, n in sorted(records.items()))]


def _subjects(changes: Sequence[Audited], portions: Sequence[AuditPortion]) -> dict[str, int | None]:
    """Which portion tells of a record, None where the entry itself does."""
    if not portions:
        return {record_id: None for _, record_id, _ in changes}
    places: dict[str, int | None] = {}
    for place, portion in enumerate(portions):
        for ids in portion.ids.values():
            places.update(dict.fromkeys(ids, place))
    return places
