"""The words of documents that are signed or on their way to it: one full-text table for everything on the paper.

A document is found by whole words of its text (Chinese as pairs of characters), and by beginnings of what has a name
or a number: people in Chinese and pinyin, any piece of a VIN or number, amounts, digests. The two kinds of terms stand
in one table, the latter behind a mark, so that "zh" looks through names and not through every English word. No
positions are kept: in a contract of four pages nearly all words are the template's, and a list of where they stand
would be larger than the documents. Rows are numbered by the time their document was drafted, so that the newest come
first without sorting.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from db.direct import driver_of
from db.one_piece import integers
from db.search import chinese, code_text, runs_of

TABLE = "search_archive"
_MARK = "\ue000"
"""In front of terms that are found by their beginning: a letter of nobody's, which the tokenizer takes for one."""
_SHORTEST_PIECE = 3
_LONGEST_CODE = 40
_MOST_WORDS = 8
_QR = re.compile(r"\s*FORECOURT:[^:\s]{1,60}:([0-9a-f]{64})\s*", re.IGNORECASE)
_DIGEST = re.compile(r"\s*((?:[0-9a-f]{4}\s){2,15}[0-9a-f]{4})\s*", re.IGNORECASE)
"""As it stands on paper, in groups of four; in one piece it is a word like any other."""
_NUMBER = re.compile(r"\s*[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+-?\s*")

SCHEMA = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5("
    "terms, content='', contentless_delete=1, detail=none, tokenize='ascii')",
    f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('pgsz', 3960)",
    f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('automerge', 8)",
)
"""Creates the table; see `db.search` for the sizes."""


def text_terms(text: str) -> set[str]:
    """The terms of running text: pairs of Chinese characters, other words whole."""
    terms: set[str] = set()
    for run in runs_of(text):
        if chinese(run):
            terms.update(run[i : i + 2] for i in range(len(run) - 1))
        else:
            terms.add(run)
    return terms


def name_terms(name: str) -> set[str]:
    """Beginnings are enough for these: single characters, pinyin, Latin words."""
    terms: set[str] = set()
    for run in runs_of(name):
        terms.update(run if chinese(run) else (run,))
    return {_MARK + term for term in terms}


def code_terms(code: str) -> set[str]:
    """Every piece of a number of at least three characters is the beginning of one of these."""
    plain = code_text(code)[:_LONGEST_CODE]
    ends = range(max(1, len(plain) - _SHORTEST_PIECE + 1))
    return {_MARK + plain[i:] for i in ends} | name_terms(code) if plain else set()


def whole_terms(code: str) -> set[str]:
    """For what is found by its own beginning only, such as a digest."""
    return {_MARK + code.casefold()} if code else set()


def expression_of(typed: str) -> str:
    """What is typed as a full-text expression that all of it has to match; empty where nothing is left to look for.

    The content of a document's QR code, or a digest as printed, is found as the digest.
    """
    digest = digest_in(typed)
    if digest:
        return _beginning(digest)
    parts = [part for part in (_of_word(word) for word in typed.split()[:_MOST_WORDS]) if part]
    return " AND ".join(parts)


def digest_in(typed: str) -> str:
    """The digest, or its beginning, as a QR code says it or the foot of a page; empty for anything else."""
    scanned, printed = _QR.fullmatch(typed), _DIGEST.fullmatch(typed)
    if scanned:
        return scanned[1].casefold()
    digest = re.sub(r"\s", "", printed[1]).casefold() if printed else ""
    return "" if digest.isdigit() else digest  # the number of a card stands in groups of four, too


def _of_word(word: str) -> str:
    runs = [_of_run(run) for run in runs_of(word)]
    if not runs:
        return ""
    whole = " AND ".join(runs)
    if _NUMBER.fullmatch(word):
        return f"({_beginning(code_text(word))} OR ({whole}))"
    return f"({whole})" if len(runs) > 1 else whole


def _of_run(run: str) -> str:
    if not chinese(run):
        return f'("{run}" OR {_beginning(run)})'
    if len(run) == 1:
        return f'"{_MARK}{run}"'
    return "(" + " AND ".join(f'"{run[i : i + 2]}"' for i in range(len(run) - 1)) + ")"


def _beginning(run: str) -> str:
    return f'"{_MARK}{run}"*'


def words_of(typed: str) -> list[str]:
    """What to mark in a text that was found, the longest first: Chinese as it was typed, and other words."""
    if digest_in(typed):
        return []
    return sorted({run for word in typed.split()[:_MOST_WORDS] for run in runs_of(word)}, key=len, reverse=True)


def put_words(connection: Any, entries: Sequence[tuple[int, Iterable[str]]]) -> None:
    """Write the terms of documents by the number of their entry, in place of earlier ones."""
    driver = driver_of(connection)
    drop_words(connection, [number for number, _ in entries])
    driver.executemany(
        f"INSERT INTO {TABLE} (rowid, terms) VALUES (?, ?)",
        [(number, " ".join(terms)) for number, terms in entries],
    )


def drop_words(connection: Any, numbers: Sequence[int]) -> None:
    """Make these entries findable no more."""
    driver_of(connection).executemany(f"DELETE FROM {TABLE} WHERE rowid = ?", [(number,) for number in numbers])


MATCHING = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH :expression"
"""The numbers of the entries that match `expression_of`."""


def newest_matching(connection: Any, expression: str, *, before: int | None, limit: int) -> list[int]:
    """The numbers of the newest entries that match, the highest first; reads no further than it has to."""
    if not expression:
        return []
    return integers(
        connection,
        f"SELECT rowid AS n FROM {TABLE} WHERE {TABLE} MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
        (expression, (1 << 63) - 1 if before is None else before, limit),
    )
