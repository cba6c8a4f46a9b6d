"""Finding records by what people type: names in Chinese, pinyin initials, pieces of a VIN, a phone or a number.

Each kind has two full-text tables whose rowid is the id of its `search_entry`: names as single characters and bigrams
with pinyin (prefix search), codes as trigrams (any piece of three characters or more). Both are contentless: the text
itself is kept once, in the record. Beginnings of up to ten letters are indexed by themselves: for a longer one SQLite
has to read the whole list of a common word before it knows the newest. Positions are kept for codes only.
"""

import json
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from db.direct import driver_of
from db.one_piece import integers

KINDS = ("vehicle", "customer", "order", "contract", "quotation")
"""Kinds of findable records, in the order in which the palette shows them."""

_RUN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[^\W_]+", re.UNICODE)
_HYPHENATED = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+")
_GROUPED = re.compile(r"\+?\d+(?:\s+\d+)+")
_MOST_TOKENS = 4
_FIRST_BATCH, _LARGEST_BATCH = 128, 2048
_MOST_EFFORT = 12000
"""When a search over names and codes together settles for what it found, in rows looked at."""
_EFFORT_OF_SEEKING = 400
"""What setting out for a batch costs, in rows."""
_HIGHEST = (1 << 63) - 1
_NODE_BYTES = 3960
"""A node of the index fits a page of the encrypted file with its own head; the default spills over into a second."""
_MERGED_PAGES = 200
MERGED_TOGETHER = 8
"""SQLite's own choice is four; towards a million orders, merging was then a third of what taking one in costs. What
thousands that arrive at once leave is merged by `merge_some`."""


class SearchText(NamedTuple):
    """What is findable of one record."""

    kind: str
    title: str
    subtitle: str
    names: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchSource:
    """How a table's rows become findable; only a change of one of `fields` writes the index."""

    fields: frozenset[str]
    text: Callable[["Lookups", dict[str, Any]], SearchText]


class Lookups:
    """What else has to be read to make a record findable; the same question is asked once, however many records."""

    def __init__(self, connection: Any) -> None:
        self._driver = driver_of(connection)
        self._known: dict[tuple[str, str], Any] = {}
        self.vehicle_names: dict[str, tuple[str, str]] = {}
        """By trim: what a vehicle is called, and all its names in one line."""

    @property
    def remembered(self) -> int:
        """How many answers are kept."""
        return len(self._known)

    def row(self, statement: str, key: str) -> Any:
        """The first row of a statement with one parameter, None without one."""
        question = (statement, key)
        if question not in self._known:
            self._known[question] = self._driver.execute(statement, (key,)).fetchone()
        return self._known[question]


def schema_statements() -> list[str]:
    """The statements that create the full-text tables; used by the first migration."""
    statements = []
    for kind in KINDS:
        statements.append(
            f"CREATE VIRTUAL TABLE search_{kind}_name USING fts5("
            "terms, content='', contentless_delete=1, detail=none, tokenize='ascii', prefix='1 2 3 4 5 6 7 8 9 10')"
        )
        statements.append(
            f"CREATE VIRTUAL TABLE search_{kind}_code USING fts5("
            "terms, content='', contentless_delete=1, tokenize='trigram')"
        )
        statements += [
            f"INSERT INTO {table} ({table}, rank) VALUES ('pgsz', {_NODE_BYTES})" for table in tables_of(kind)
        ]
    return statements


def merging_statements(pieces: int = MERGED_TOGETHER) -> list[str]:
    """What has the full-text tables merge so many of their pieces at a time."""
    return [
        f"INSERT INTO {table} ({table}, rank) VALUES ('automerge', {pieces})"
        for kind in KINDS for table in tables_of(kind)
    ]  # fmt: skip


def tables_of(kind: str) -> tuple[str, str]:
    """The two full-text tables of a kind: of names and of codes."""
    return f"search_{kind}_name", f"search_{kind}_code"


def merge_some(connection: Any, *, begin: bool = False) -> bool:
    """Bring the pieces of the index a step closer to one, which is what a search has to look through; tells whether
    there is more to do. A step writes at most `_MERGED_PAGES` pages a table; the first, with `begin`, decides what is
    merged.

    SQLite merges while it writes, but thousands of records that arrive at once leave a dozen pieces.
    """
    driver, unfinished = driver_of(connection), False
    for kind in KINDS:
        for table in tables_of(kind):
            before = driver.total_changes
            pages = -_MERGED_PAGES if begin else _MERGED_PAGES
            driver.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)", (pages,))
            unfinished = unfinished or driver.total_changes - before >= 2
    return unfinished


def chinese(run: str) -> bool:
    """Whether a run is of Chinese characters."""
    return run[0] >= "\u3400" and unicodedata.category(run[0]) == "Lo"


def runs_of(text: str) -> list[str]:
    """The words of a text as they are compared: each is one term, without accents and capitals."""
    if not text.isascii():
        plain = (letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
        text = unicodedata.normalize("NFKC", "".join(plain))
    return _RUN.findall(text.casefold())


@lru_cache(maxsize=20_000)
def name_terms(text: str) -> str:
    """The index terms of a name: Chinese runs as characters and pairs, other words as they are."""
    terms: list[str] = []
    for run in runs_of(text):
        if chinese(run):
            terms += list(run)
            terms += [run[i : i + 2] for i in range(len(run) - 1)]
        else:
            terms.append(run)
    return " ".join(terms)


def code_text(code: str) -> str:
    """A number as it is compared: without hyphens, blanks and capitals."""
    plain = code.replace("-", "")
    if plain.isascii() and plain.isalnum():
        return plain.lower()
    return "".join(runs_of(code))


def _name_match(run: str) -> str:
    if chinese(run):
        pieces = [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
        return " AND ".join(f'"{piece}"' for piece in pieces)
    return f'"{run}"*'


def _code_match(run: str) -> str:
    return f'"{run}"'


def match_plans(text: str) -> list[tuple[str | None, str | None]]:
    """The ways a typed text can match, each as (name expression, code expression), either None.

    All words as beginnings of names first; then each word of three or more Latin letters or digits as a piece of a code
    with the others as names. At most four words count. A number written with hyphens, or in groups
    of digits as phone numbers are, is a piece of a code as a whole. Empty for a text with nothing to search for.
    """
    runs = runs_of(text)[:_MOST_TOKENS]
    if not runs:
        return []
    plans: list[tuple[str | None, str | None]] = [(" AND ".join(map(_name_match, runs)), None)]
    if _HYPHENATED.fullmatch(text.strip()) or _GROUPED.fullmatch(text.strip()):
        plans.append((None, _code_match(code_text(text))))
    for i, run in enumerate(runs):
        if not chinese(run) and len(run) >= 3:
            others = [_name_match(other) for j, other in enumerate(runs) if j != i]
            plans.append((" AND ".join(others) or None, _code_match(run)))
    return plans


def match_sql(kind: str, plan: tuple[str | None, str | None]) -> tuple[str, list[str]]:
    """A SELECT of all rowids of one plan, without ordering, and its parameters; for conditions on lists of thousands.

    An intersection, not a join: that would ask the second table once for every row of the first.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}")
    parts, values = [], []
    for suffix, expression in zip(("name", "code"), plan, strict=True):
        if expression:
            table = f"search_{kind}_{suffix}"
            parts.append(f"SELECT rowid FROM {table} WHERE {table} MATCH ?")
            values.append(expression)
    return " INTERSECT ".join(parts), values


def find_rowids(connection: Any, *, kind: str, text: str, limit: int, before: int | None = None) -> list[int]:
    """Rowids of matching entries, newest first, below `before`; `connection` is SQLAlchemy's.

    Every way but the first only has to look above the oldest entry of a page that is full already, which keeps
    common words fast.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}")
    found: list[int] = []
    top = _HIGHEST if before is None else before - 1
    for name, code in match_plans(text):
        floor = found[-1] if len(found) >= limit else 0
        if name and code:
            more = _in_both(connection, kind, name, code, top=top, floor=floor, limit=limit)
        else:
            table = f"search_{kind}_name" if name else f"search_{kind}_code"
            more = _seek(connection, table, name or code or "", top=top, floor=floor, limit=limit)
        if more:
            found = sorted({*found, *more}, reverse=True)[:limit]
    return found


def _seek(connection: Any, table: str, expression: str, *, top: int, floor: int, limit: int) -> list[int]:
    """Matching rowids in (floor, top], newest first."""
    return integers(
        connection,
        f"SELECT rowid AS n FROM {table} WHERE {table} MATCH ? AND rowid <= ? AND rowid > ?"
        " ORDER BY rowid DESC LIMIT ?",
        (expression, top, floor, limit),
    )


def _in_both(connection: Any, kind: str, name: str, code: str, *, top: int, floor: int, limit: int) -> list[int]:
    """Rowids that match in both tables, newest first.

    The two lists are read from the newest down in batches, each skipping what the other has passed: a join would ask
    the second table once for every row of the first.
    """
    sides = (_Side(f"search_{kind}_code", code), _Side(f"search_{kind}_name", name))
    found: list[int] = []
    effort = 0
    while len(found) < limit and effort < _MOST_EFFORT:
        for side, other in (sides, sides[::-1]):
            if not side.rowids:
                top = other.rowids[-1] if other.rowids else top
                side.rowids = _seek(connection, side.table, side.match, top=top, floor=floor, limit=side.size)[::-1]
                effort += _EFFORT_OF_SEEKING + len(side.rowids)
                if not side.rowids:
                    return found
        _take_common(sides, found)
        top = found[-1] - 1 if found else top
    return found[:limit]


@dataclass(slots=True)
class _Side:
    """One of two lists on their way down: the batch in hand, rising, so that the newest is at its end."""

    table: str
    match: str
    rowids: list[int] = field(default_factory=list)
    size: int = _FIRST_BATCH

    def skip_above(self, rowid: int) -> None:
        """Drop what is newer; the next batch is larger where this one was useful, smaller where it was not."""
        kept = bisect_right(self.rowids, rowid)
        useless = kept == 0 and len(self.rowids) > self.size // 2
        self.size = max(self.size // 2, _FIRST_BATCH) if useless else min(self.size * 2, _LARGEST_BATCH)
        del self.rowids[kept:]


def _take_common(sides: tuple[_Side, _Side], found: list[int]) -> None:
    """Move common rowids off the two ends until one batch is used up."""
    one, other = sides
    while one.rowids and other.rowids:
        newest, against = one.rowids[-1], other.rowids[-1]
        if newest == against:
            found.append(newest)
            one.rowids.pop()
            other.rowids.pop()
        elif newest > against:
            one.skip_above(against)
        else:
            other.skip_above(newest)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One found record."""

    kind: str
    record_id: str
    title: str
    subtitle: str


def find_entries(connection: Any, *, kind: str, text: str, limit: int = 8) -> list[SearchHit]:
    """Found records of one kind, newest first."""
    rowids = find_rowids(connection, kind=kind, text=text, limit=limit)
    if not rowids:
        return []
    marks = ",".join("?" * len(rowids))
    rows = connection.exec_driver_sql(
        f"SELECT kind, record_id, title, subtitle FROM search_entry WHERE id IN ({marks}) ORDER BY id DESC",
        tuple(rowids),
    )
    return [SearchHit(*row) for row in rows]


def index_rows(connection: Any, changed: Iterable[tuple[Any, AbstractSet[str]]]) -> None:
    """Bring the index up to date for rows (objects or mappings with attribute access) and their changed fields."""
    for row, fields in changed:
        source = SOURCES.get(row.__tablename__)
        if source is not None and not source.fields.isdisjoint(fields):
            index_record(connection, table=row.__tablename__, values=row.__dict__)


def index_record(connection: Any, *, table: str, values: dict[str, Any]) -> None:
    """Write or remove the entry of one record; does nothing for tables that are not findable."""
    source = SOURCES.get(table)
    if source is None:
        return
    text = source.text(Lookups(connection), values)
    record_id = values["id"]
    execute = driver_of(connection).execute
    row = execute("SELECT id FROM search_entry WHERE kind = ? AND record_id = ?", (text.kind, record_id)).fetchone()
    known = None if row is None else row[0]
    if known is not None:
        for table_name in (f"search_{text.kind}_name", f"search_{text.kind}_code"):
            execute(f"DELETE FROM {table_name} WHERE rowid = ?", (known,))
    if values.get("deleted_at") is not None:
        execute("DELETE FROM search_entry WHERE id = ?", (known,))
        return
    if known is None:
        known = execute(
            "INSERT INTO search_entry (kind, record_id, title, subtitle) VALUES (?, ?, ?, ?)",
            (text.kind, record_id, text.title, text.subtitle),
        ).lastrowid
    else:
        execute("UPDATE search_entry SET title = ?, subtitle = ? WHERE id = ?", (text.title, text.subtitle, known))
    _insert_terms(connection, [(known, text)])


def remove_entries(connection: Any, record_ids: Sequence[str]) -> None:
    """Make these records findable no more; does nothing for those that are not."""
    execute, many = driver_of(connection).execute, driver_of(connection).executemany
    found = execute(
        "SELECT id, kind FROM search_entry WHERE record_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(record_ids)),),
    ).fetchall()
    for kind in {kind for _, kind in found}:
        rowids = [(rowid,) for rowid, of in found if of == kind]
        for table in tables_of(kind):
            many(f"DELETE FROM {table} WHERE rowid = ?", rowids)
    many("DELETE FROM search_entry WHERE id = ?", [(rowid,) for rowid, _ in found])


def index_new_records(
    connection: Any, *, table: str, rows: Sequence[dict[str, Any]], first_id: int, lookups: Lookups | None = None
) -> None:
    """Index many records that are known to be new, with rowids from `first_id` on. Whoever calls this for one portion
    after the other keeps the `lookups`."""
    source = SOURCES.get(table)
    if source is None or not rows:
        return
    lookups = lookups or Lookups(connection)
    entries = [(first_id + i, source.text(lookups, values)) for i, values in enumerate(rows)]
    connection.exec_driver_sql(
        "INSERT INTO search_entry (id, kind, record_id, title, subtitle) VALUES (?, ?, ?, ?, ?)",
        [(n, t.kind, values["id"], t.title, t.subtitle) for (n, t), values in zip(entries, rows, strict=True)],
    )
    _insert_terms(connection, entries)


@lru_cache(maxsize=5_000)
def _all_terms(names: tuple[str, ...]) -> str:
    """Of all names of a record; a thousand orders of a few hundred customers have the same ones."""
    return " ".join(name_terms(name) for name in names if name)


def _insert_terms(connection: Any, entries: Sequence[tuple[int, SearchText]]) -> None:
    kind, insert = entries[0][1].kind, driver_of(connection).executemany
    insert(
        f"INSERT INTO search_{kind}_name (rowid, terms) VALUES (?, ?)",
        [(n, _all_terms(text.names)) for n, text in entries],
    )
    insert(
        f"INSERT INTO search_{kind}_code (rowid, terms) VALUES (?, ?)",
        [(n, " ".join(code_text(code) for code in text.codes if code)) for n, text in entries],
    )


def _vehicle_names(lookups: Lookups, trim_id: str) -> tuple[str, str]:
    """What a vehicle of a trim is called, and every name of its make, series, year and trim in one line."""
    known = lookups.vehicle_names.get(trim_id)
    if known is None:
        row = lookups.row(
            "SELECT make.name_zh, make.name_en, make.name_initials, series.name_zh, series.name_en,"
            " series.name_initials, trim.name_zh, trim.name_en, model_year.year FROM trim"
            " JOIN model_year ON model_year.id = trim.model_year_id"
            " JOIN series ON series.id = model_year.series_id JOIN make ON make.id = series.make_id WHERE trim.id = ?",
            trim_id,
        )
        names = [str(value) for value in row] if row else []
        called = " ".join(part for part in names[0:7:3] if part)
        known = lookups.vehicle_names[trim_id] = (called, " ".join(dict.fromkeys(filter(None, names))))
    return known


def _vehicle(lookups: Lookups, values: dict[str, Any]) -> SearchText:
    called, names = _vehicle_names(lookups, values["trim_id"])
    vin, colour, number = values["vin"], values.get("exterior_colour") or "", values.get("stock_number") or ""
    return SearchText(
        kind="vehicle",
        title=called or vin,
        subtitle=" · ".join(filter(None, (vin, colour, number))),
        names=(names, colour, values.get("location") or ""),
        codes=(vin, number),
    )


def masked_phone(phone: str) -> str:
    """A phone number with its middle hidden: `138****5678`."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"


def _customer(lookups: Lookups, values: dict[str, Any]) -> SearchText:
    phone = values.get("phone") or ""
    return SearchText(
        kind="customer",
        title=values["name"],
        subtitle=masked_phone(phone) if phone else "",
        names=(
            values["name"],
            values.get("name_initials") or "",
            values.get("name_pinyin") or "",
            (values.get("name_pinyin") or "").replace(" ", ""),
            values.get("contact_name") or "",
        ),
        codes=(phone, values.get("second_phone") or "", values.get("identity_number") or ""),
    )


def _customer_names(lookups: Lookups, customer_id: str) -> tuple[str, ...]:
    row = lookups.row("SELECT name, name_initials, name_pinyin FROM customer WHERE id = ?", customer_id)
    return tuple(row) if row else ("",)


def _numbered(kind: str) -> Callable[[Any, dict[str, Any]], SearchText]:
    def text(lookups: Lookups, values: dict[str, Any]) -> SearchText:
        names = _customer_names(lookups, values["customer_id"])
        number = values.get("final_number") or values["number"]
        return SearchText(
            kind=kind, title=number, subtitle=names[0], names=names,
            codes=(values["number"], values.get("final_number") or ""),
        )  # fmt: skip

    return text


SOURCES: dict[str, SearchSource] = {
    "vehicle_unit": SearchSource(
        frozenset({"vin", "trim_id", "stock_number", "exterior_colour", "location", "deleted_at"}), _vehicle
    ),
    "customer": SearchSource(
        frozenset(
            {
                "name",
                "name_initials",
                "name_pinyin",
                "contact_name",
                "phone",
                "second_phone",
                "identity_number",
            }
            | {"deleted_at"}
        ),
        _customer,
    ),
    "sales_order": SearchSource(frozenset({"number", "final_number", "customer_id", "deleted_at"}), _numbered("order")),
    "contract": SearchSource(frozenset({"number", "customer_id", "deleted_at"}), _numbered("contract")),
    "quotation": SearchSource(frozenset({"number", "customer_id", "deleted_at"}), _numbered("quotation")),
}
