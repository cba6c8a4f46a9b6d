"""Clause lists as files: those of another house taken in row by row, those of this house given out. JSON only, because
a cell of a table would cut a long clause.

`{"format": "forecourt-clauses", "clauses": [{"code", "title_zh", "title_en", "tags", "kinds", "text_zh", "text_en",
"limits_customer", "conditions", "effective_from", "effective_to", "basis"}]}`; `tags`, `kinds` and `conditions` are
lists of text, days are ISO 8601. Everything in it is text that was printed or is to be; there is no formula in JSON.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.catalog.import_report import RowProblem, Severity
from app.catalog.source_tables import SourceTable
from app.clauses.checks import clause_problems, require_clause_text
from app.clauses.clause_queries import list_clauses, list_details
from app.clauses.commands import SaveClauseDraft
from app.clauses.errors import ClauseColumnsMissing, ClauseListNotReadable, ClauseTwiceInList, ClauseUnchanged
from app.clauses.kinds import DocumentKind, kinds_from
from app.clauses.rules import BASIS_LIMIT, TITLE_LIMIT, require_code, require_conditions, require_days, require_tags
from app.kernel.clock import branch_date
from app.kernel.errors import DomainError, ValueNotAllowed, limited_text, require_text
from app.kernel.labels import Labelled, Listing, note
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr, tr_noop

FORMAT = "forecourt-clauses"
LIST_BYTES, MOST_CLAUSES = 4 << 20, 2_000
_YES, _NO = ("true", "yes", "1", "是"), ("", "false", "no", "0", "否")


class ClauseField(Labelled):
    """What a clause in a list says, by the name it has in the file."""

    CODE = "code", tr_noop("Code")
    TITLE_ZH = "title_zh", tr_noop("Title (Chinese)")
    TITLE_EN = "title_en", tr_noop("Title (English)")
    TAGS = "tags", tr_noop("Tags")
    KINDS = "kinds", tr_noop("Kinds of document")
    TEXT_ZH = "text_zh", tr_noop("Text (Chinese)")
    TEXT_EN = "text_en", tr_noop("Text (English)")
    LIMITS = "limits_customer", tr_noop("Limits the customer")
    CONDITIONS = "conditions", tr_noop("Applies where")
    FROM = "effective_from", tr_noop("Counts from")
    TO = "effective_to", tr_noop("Last day")
    BASIS = "basis", tr_noop("Basis")


REQUIRED = (ClauseField.CODE, ClauseField.TITLE_ZH, ClauseField.KINDS, ClauseField.TEXT_ZH, ClauseField.TEXT_EN)
Mapped = Mapping[ClauseField, int]
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseImport:
    """A checked list: the drafts that can be stored, and everything worth saying about the others.

    `refused` counts clauses with an error, `warned` those that are taken in with a warning.
    """

    name: str
    total: int
    prepared: tuple[SaveClauseDraft, ...]
    problems: tuple[RowProblem, ...]
    refused: int
    warned: int


def read_list(path: Path) -> SourceTable:
    """The clauses of a file as a table, a row each. Raises ClauseListNotReadable."""
    try:
        if path.stat().st_size > LIST_BYTES:
            raise ClauseListNotReadable(name=path.name)
        return table_of(path.read_text(encoding="utf-8-sig"), name=path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise ClauseListNotReadable(name=path.name) from error


def table_of(text: str, *, name: str = "") -> SourceTable:
    """The clauses of a text as a table; raises ClauseListNotReadable."""
    try:
        found = json.loads(text) if len(text) <= LIST_BYTES else None
    except (ValueError, RecursionError) as error:
        raise ClauseListNotReadable(name=name or tr("Pasted text")) from error
    clauses = found.get("clauses") if isinstance(found, dict) else found
    if not isinstance(clauses, list) or not 0 < len(clauses) <= MOST_CLAUSES:
        raise ClauseListNotReadable(name=name or tr("Pasted text"))
    if not all(isinstance(one, dict) for one in clauses):
        raise ClauseListNotReadable(name=name or tr("Pasted text"))
    headers = tuple(dict.fromkeys(str(key) for one in clauses for key in one))
    rows = tuple(tuple(_cell(one.get(key)) for key in headers) for one in clauses)
    lines = tuple(range(1, len(rows) + 1))
    return SourceTable(name=name, headers=headers, rows=rows, lines=lines, has_header=True, encoding="utf-8")


def suggest_mapping(headers: Sequence[str]) -> dict[ClauseField, int]:
    """Which heading stands for which field: its name in the file, or what it is called in a language."""
    known = {one.value: one for one in ClauseField} | {tr(one.label).casefold(): one for one in ClauseField}
    found: dict[ClauseField, int] = {}
    for number, heading in enumerate(headers):
        target = known.get(heading.strip().casefold())
        if target is not None:
            found.setdefault(target, number)
    return found


def check_list(
    reader: Reader, *, table: SourceTable, mapping: Mapped, progress: Progress | None = None
) -> ClauseImport:
    """Check every clause as storing it would, and gather what can be stored. Raises ClauseColumnsMissing."""
    reader.require(Permission.CLAUSES_EDIT)
    missing = [one.label for one in REQUIRED if one not in mapping]
    if missing:
        raise ClauseColumnsMissing(fields=Listing(note(one) for one in missing), field="mapping")
    check = _Check(reader.session, table, mapping, branch_date(reader.now), said=_said(reader))
    for number in range(len(table.rows)):
        if progress is not None:
            progress(tr("Checking {n} of {total}", n=number + 1, total=len(table.rows)), number / len(table.rows))
        check.look_at(number)
    return check.result()


def clause_list(reader: Reader, **filters: Any) -> bytes:
    """The clauses that `list_clauses` finds, as they count today or else stand newest, as a file's bytes (UTF-8)."""
    reader.require(Permission.CLAUSES_EDIT)
    wanted = [row.id for row in list_clauses(reader, limit=MOST_CLAUSES, **filters)]
    details = {one.row.id: one for one in list_details(reader)}
    clauses = []
    for detail in (details[id_] for id_ in wanted):
        row, version = detail.row, detail.current
        clauses.append(
            {
                "code": row.code, "title_zh": row.title.zh, "title_en": row.title.en, "tags": list(row.tags),
                "kinds": list(version.text.kinds), "text_zh": version.text.zh, "text_en": version.text.en,
                "limits_customer": version.text.limits_customer, "conditions": list(version.text.conditions),
                "effective_from": version.effective_from.isoformat(),
                "effective_to": version.effective_to.isoformat() if version.effective_to else None,
                "basis": version.basis,
            }
        )  # fmt: skip
    return json.dumps({"format": FORMAT, "clauses": clauses}, ensure_ascii=False, indent=1).encode() + b"\n"


def _said(reader: Reader) -> dict[str, tuple[Any, ...]]:
    """What each clause says where it counts, by its code."""
    return {one.row.code: _words(one.current.text) for one in list_details(reader)}


def _words(text: Any) -> tuple[Any, ...]:
    return (text.zh, text.en, text.limits_customer, tuple(sorted(text.conditions)), frozenset(text.kinds))


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)


@dataclass(slots=True)
class _Check:
    """One run over a list. All of a clause is looked at, so that it is mended once."""

    session: Session
    table: SourceTable
    mapping: Mapped
    today: date
    said: Mapping[str, tuple[Any, ...]]
    prepared: list[SaveClauseDraft] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    warned: set[int] = field(default_factory=set)
    codes: dict[str, int] = field(default_factory=dict)

    def look_at(self, number: int) -> None:
        """One clause: a draft, or problems."""
        read = _Row(self, number)
        code = read.tried(ClauseField.CODE, require_code) or ""
        earlier = self.codes.setdefault(code, self.table.lines[number])
        if code and earlier != self.table.lines[number]:
            self.refuse(number, ClauseField.CODE, ClauseTwiceInList(code=code, line=earlier))
        title = read.tried(ClauseField.TITLE_ZH, lambda text: require_text(text, field="title_zh", limit=TITLE_LIMIT))
        english = read.tried(ClauseField.TITLE_EN, lambda text: limited_text(text, field="title_en", limit=TITLE_LIMIT))
        kinds = read.tried(ClauseField.KINDS, lambda text: kinds_from(_parts(text))) or ()
        words = self._text(number, read, kinds)
        conditions = read.tried(ClauseField.CONDITIONS, lambda text: require_conditions(_parts(text), kinds))
        limits = read.tried(ClauseField.LIMITS, _truth)
        begins, ends = read.tried(ClauseField.FROM, _day), read.tried(ClauseField.TO, _day)
        basis = read.tried(ClauseField.BASIS, lambda text: limited_text(text, field="basis", limit=BASIS_LIMIT))
        if number in self.refused:
            return
        draft = SaveClauseDraft(
            code=code, title_zh=title or "", title_en=english or "", basis=basis or "",
            tags=tuple(require_tags(_parts(read.text(ClauseField.TAGS)))), kinds=tuple(kind.code for kind in kinds),
            text_zh=words[0], text_en=words[1], limits_customer=bool(limits), conditions=tuple(conditions or ()),
            effective_from=max(begins or self.today, self.today), effective_to=ends,
        )  # fmt: skip
        self._keep(number, draft, begins)

    def _text(self, number: int, read: "_Row", kinds: Sequence[DocumentKind]) -> tuple[str, str]:
        zh, en = read.text(ClauseField.TEXT_ZH), read.text(ClauseField.TEXT_EN)
        errors = [one.error for one in clause_problems(self.session, kinds, zh, en)] if kinds else []
        for error in errors:
            self.refuse(number, ClauseField(error.field or ""), error)
        if not errors:
            try:
                return require_clause_text(self.session, kinds, zh, en) if kinds else (zh, en)
            except DomainError as error:
                self.refuse(number, ClauseField(error.field or ClauseField.TEXT_ZH), error)
        return zh, en

    def _keep(self, number: int, draft: SaveClauseDraft, begins: date | None) -> None:
        try:
            require_days(draft.effective_from, draft.effective_to, today=self.today)
        except DomainError as error:
            self.refuse(number, ClauseField.TO, error)
            return
        words = (draft.text_zh, draft.text_en, draft.limits_customer, tuple(sorted(draft.conditions)))
        if self.said.get(draft.code) == (*words, frozenset(draft.kinds)):
            self.refuse(number, ClauseField.CODE, ClauseUnchanged())
            return
        if begins is not None and begins < self.today:
            text = note(tr_noop("This day has passed: the draft counts from {today}."), today=self.today.isoformat())
            self._tell(number, ClauseField.FROM, "clause_day_moved", text, Severity.WARNING)
            self.warned.add(number)
        self.prepared.append(draft)

    def refuse(self, number: int, target: ClauseField, error: DomainError) -> None:
        """Something that has to be mended."""
        self.refused.add(number)
        line, said = self.table.lines[number], self.text(number, target)
        self.problems.append(RowProblem.of(error, line=line, column=tr(target.label), value=said))

    def _tell(self, number: int, target: ClauseField, code: str, text: Any, severity: Severity) -> None:
        self.problems.append(
            RowProblem(line=self.table.lines[number], column=tr(target.label), value=self.text(number, target),
                       code=code, note=text, severity=severity)
        )  # fmt: skip

    def text(self, number: int, target: ClauseField) -> str:
        """What the file says, empty where it says nothing."""
        column = self.mapping.get(target)
        return "" if column is None else self.table.cell(self.table.rows[number], column)

    def result(self) -> ClauseImport:
        """Everything found, in the order of the file."""
        return ClauseImport(
            name=self.table.name, total=len(self.table.rows), prepared=tuple(self.prepared),
            problems=tuple(sorted(self.problems, key=lambda one: one.line)), refused=len(self.refused),
            warned=len(self.warned - self.refused),
        )  # fmt: skip


@dataclass(slots=True)
class _Row:
    check: _Check
    number: int

    def text(self, target: ClauseField) -> str:
        """The cell."""
        return self.check.text(self.number, target)

    def tried(self, target: ClauseField, read: Callable[[str], Any]) -> Any:
        """The cell as `read` understands it; None where that is refused."""
        try:
            return read(self.text(target))
        except DomainError as error:
            self.check.refuse(self.number, target, error)
            return None


def _parts(text: str) -> tuple[str, ...]:
    return tuple(_split(text))


def _split(text: str) -> Iterator[str]:
    parts: Iterable[str] = text.replace("，", ",").replace("、", ",").split(",")
    yield from (part.strip() for part in parts if part.strip())


def _truth(text: str) -> bool:
    word = text.strip().casefold()
    if word not in (*_YES, *_NO):
        raise ValueNotAllowed(value=text[:40])
    return word in _YES


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueNotAllowed(value=text[:40]) from error
