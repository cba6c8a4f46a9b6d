"""Keeping the columns right: built once, kept in the database, brought up to date by what changed.

An index over revision, version and time of each level tells in a millisecond or two whether anything changed; only then
is it looked up what. All of it happens on reader threads. What a desk keeps may be old: it is caught up like any other.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select

from app.catalog.inheritance import effective_parameters
from app.finder.columns import Node, TrimColumns, TrimRecord, shape
from app.finder.names import spoken_words
from app.kernel.chinese_names import name_pinyin
from app.kernel.reading import stop_if_unwanted
from app.kernel.unit_of_work import Reader
from db.direct import driver_of
from db.freshness import until_next_write
from db.lists import listed
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.finder import FinderColumns
from db.one_piece import OnePiece

LEVELS = (Make, Series, ModelYear, Trim)
KEPT_ID = 1
_PIECE = 1_000
_MOST_DATABASES = 2
_WORTH_KEEPING = 200
"""So many trims may differ from what is kept before it is kept again."""

_checksums = " UNION ALL ".join(
    f"SELECT count(*), coalesce(sum(revision), 0), coalesce(sum(ver), 0), coalesce(sum(seq), 0),"
    f" coalesce(max(updated_at), 0), coalesce(sum(updated_at / 1000000), 0)"
    f" FROM {model.__tablename__} WHERE deleted_at IS NULL"
    for model in LEVELS
)


class _Held:
    """The columns of one database."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.columns: TrimColumns | None = None
        self.checksum: Any = None
        self.behind = 0
        """How many trims what is kept in the database does not know; negative: nothing is kept."""


_held: "OrderedDict[str, _Held]" = OrderedDict()
_held_lock = threading.Lock()


def current_columns(reader: Reader) -> TrimColumns:
    """The columns as of this read; built, fetched or brought up to date where needed."""
    held = _held_for(reader)
    checksum = until_next_write(reader.session, "finder checksum", lambda: _checksum(reader))
    with held.lock:
        if held.columns is None or held.checksum != checksum:
            if held.columns is None:
                held.columns, held.behind = _fetched(reader)
            changed = _catch_up(reader, held)
            held.checksum = checksum
            if held.behind >= 0:
                held.behind += changed
        return held.columns


def worth_keeping(reader: Reader) -> bool:
    """Whether what is kept in the database is missing or too far behind."""
    held = _held_for(reader)
    return held.columns is not None and (held.behind < 0 or held.behind > _WORTH_KEEPING)


def note_kept(path: str) -> None:
    """The columns in hand were kept."""
    with _held_lock:
        held = _held.get(path)
    if held is not None:
        held.behind = 0


def database_path(session: Any) -> str:
    """The file behind a session: columns are shared by all of its connections."""
    return str(driver_of(session.connection()).execute("PRAGMA database_list").fetchone()[2])


def _held_for(reader: Reader) -> _Held:
    path = database_path(reader.session)
    with _held_lock:
        held = _held.setdefault(path, _Held())
        _held.move_to_end(path)
        while len(_held) > _MOST_DATABASES:
            _held.popitem(last=False)
        return held


def forget_columns() -> None:
    """Hold nothing in memory, as when the program starts; for measuring."""
    with _held_lock:
        _held.clear()


def _checksum(reader: Reader) -> tuple[Any, ...]:
    return tuple(map(tuple, driver_of(reader.session.connection()).execute(_checksums).fetchall()))


def _fetched(reader: Reader) -> tuple[TrimColumns, int]:
    """What is kept in the database, or nothing."""
    kept = select(FinderColumns.body).where(FinderColumns.id == KEPT_ID, FinderColumns.shape == shape().fingerprint)
    body = reader.session.execute(kept).scalar()
    columns = TrimColumns.unpacked(body) if body else None
    return (columns, 0) if columns is not None else (TrimColumns.empty(), -1)


def _catch_up(reader: Reader, held: _Held) -> int:
    """Bring the columns to the state of this read; returns how many trims were new, different or gone."""
    columns = held.columns
    assert columns is not None
    parents: dict[str, str] = {}
    touched: set[str] = set()
    for model in LEVELS[:-1]:
        for row_id, stamp, above in _stamps(reader, model):
            parents[row_id] = stamp
            if columns.parent_stamps.get(row_id) != stamp or above in touched:
                touched.add(row_id)
    known = dict(zip(columns.lists.ids, columns.lists.stamps, strict=True))
    different: list[tuple[str, str]] = []
    there: set[str] = set()
    for row_id, stamp, above in _stamps(reader, Trim):
        if above not in parents:
            continue
        there.add(row_id)
        if known.get(row_id) != stamp or above in touched:
            different.append((above, row_id))
    gone = known.keys() - there
    if not different and not gone:
        return 0
    # By model year: what the trims of one inherit is read once.
    wanted = [row_id for _, row_id in sorted(different)]
    held.columns = columns.with_changes(_records(reader, wanted), removed=gone, parent_stamps=parents)
    return len(different) + len(gone)


_ABOVE: dict[Any, Any] = {Make: None, Series: Series.make_id, ModelYear: ModelYear.series_id, Trim: Trim.model_year_id}


def _stamps(reader: Reader, model: Any) -> list[list[Any]]:
    """Id, stamp and the id above, of all live rows of a level, out of its index alone."""
    above = _ABOVE[model]
    stamp = func.printf("%d.%d.%d.%d", model.revision, model.ver, func.coalesce(model.seq, -1), model.updated_at)
    columns = [model.id, stamp] if above is None else [model.id, stamp, above]
    rows = OnePiece(select(*columns).where(model.deleted_at.is_(None))).rows(reader.session.connection(), {})
    return rows if above is not None else [[*row, None] for row in rows]


def _records(reader: Reader, trim_ids: Sequence[str]) -> Iterator[list[TrimRecord]]:
    """These trims in full, in pieces that can be stopped in between."""
    for start in range(0, len(trim_ids), _PIECE):
        stop_if_unwanted()
        yield _piece(reader, trim_ids[start : start + _PIECE])


def _piece(reader: Reader, trim_ids: Sequence[str]) -> list[TrimRecord]:
    stamp = func.printf("%d.%d.%d.%d", Trim.revision, Trim.ver, func.coalesce(Trim.seq, -1), Trim.updated_at)
    query = (
        select(
            Trim.id, stamp, ModelYear.id, Trim.name_zh, Trim.name_en, Trim.energy, Trim.seats, Trim.guide_price,
            ModelYear.year, Series.id, Series.name_zh, Series.name_en, Series.name_initials, Series.body,
            Make.id, Make.name_zh, Make.name_en, Make.name_initials,
        )
        .join(ModelYear, ModelYear.id == Trim.model_year_id)
        .join(Series, Series.id == ModelYear.series_id)
        .join(Make, Make.id == Series.make_id)
        .where(Trim.id.in_(listed(trim_ids)))
    )  # fmt: skip
    parameters = effective_parameters(reader, trim_ids)
    return [_record(row, parameters.get(row[0], {})) for row in reader.session.execute(query)]


def _record(row: Any, parameters: dict[str, Any]) -> TrimRecord:
    series = Node(row[9], row[10], row[11], row[12], _pinyin(row[10]))
    make = Node(row[14], row[15], row[16], row[17], _pinyin(row[15]))
    # What the trim itself says of seats always holds; the body of the series where no parameter says another.
    parameters.setdefault("body", row[13])
    parameters["seats"] = row[6]
    return TrimRecord(
        id=row[0], stamp=row[1], year_id=row[2], make=make, series=series, year=row[8], name_zh=row[3], name_en=row[4],
        pinyin=spoken_words(row[3]), energy=row[5], price=float(row[7]), parameters=parameters,
    )  # fmt: skip


def _pinyin(name: str) -> str:
    return name_pinyin(name, person=False).full
