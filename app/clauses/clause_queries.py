"""Reading clauses: the list with its search, one in full with all of its versions, what can be written in one.

A house has some hundreds of clauses, so that all are put together in memory and then filtered: the shipped ones have no
rows, and which version counts is decided by a rule (`app.contracts.templates.text_versions`).
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.clauses.checks import HouseNames, clause_problems, house_names
from app.clauses.kinds import DocumentKind, kind_of, kind_words, kinds, kinds_from
from app.clauses.text_checks import TextProblem
from app.clauses.version_rows import VersionRow, actions_of, names_of, staff_ids, version_row
from app.clauses.where_used import naming_templates
from app.contracts.templates.in_force import clause_id, clauses_of, full_code, shipped_versions
from app.contracts.templates.template import Clause, ContractTemplate
from app.contracts.templates.text_versions import TextPhase, in_force, phase_on
from app.kernel.clock import branch_date
from app.kernel.errors import RecordNotFound
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.clause_library import ClauseVersion, LibraryClause

_WAITING = (TextPhase.PROPOSED, TextPhase.DRAFT, TextPhase.SCHEDULED)
_SHOWN = 28


@dataclass(frozen=True, slots=True)
class ClauseText:
    """What one version of a clause says."""

    zh: str
    en: str
    limits_customer: bool
    conditions: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseVersionRow(VersionRow):
    """One version of a clause; a shipped one has the id `shipped/<number>` and nobody who drafted it."""

    text: ClauseText


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRow:
    """One clause in the list. What it says is of the version that counts today, else of the newest."""

    id: str
    code: str
    title: Bilingual
    tags: tuple[str, ...]
    phase: TextPhase
    """IN_FORCE, SHIPPED where the shipped words count, else where the newest version stands."""
    waiting: TextPhase | None
    """A newer version that is drafted, awaits approval, or is scheduled."""
    number: int
    kinds: tuple[Bilingual, ...]
    limits_customer: bool
    conditions: tuple[str, ...]
    effective_from: date | None
    effective_to: date | None
    used_in: tuple[tuple[str, Bilingual], ...]
    """Code and name of the templates that print it."""
    changed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseDetail:
    """A clause in full, its versions the newest first."""

    row: ClauseRow
    versions: tuple[ClauseVersionRow, ...]

    @property
    def actions(self) -> tuple[str, ...]:
        """What can be done with the newest version, and "new_version"."""
        return self.versions[0].actions

    @property
    def current(self) -> ClauseVersionRow:
        """The version that counts today, else the newest."""
        counting = (TextPhase.IN_FORCE, TextPhase.SHIPPED)
        return next((one for one in self.versions if one.phase in counting), self.versions[0])

    def version(self, version_id: str) -> ClauseVersionRow | None:
        """The version of an id."""
        return next((one for one in self.versions if one.id == version_id), None)


@dataclass(frozen=True, slots=True)
class KindPalette:
    """What a text of a kind may ask for: placeholders with what they are and look like, and conditions."""

    kind: DocumentKind
    house: HouseNames


def list_clauses(
    reader: Reader, *, after: str | None = None, limit: int = 100, text: str = "",
    phase: str | Sequence[str] | None = None, kind: str | Sequence[str] | None = None,
    condition: str | Sequence[str] | None = None, tag: str | Sequence[str] | None = None,
    limits: str | Sequence[str] | None = None,
) -> tuple[ClauseRow, ...]:  # fmt: skip
    """Clauses by their codes, from behind the row of the id `after`. `text` finds all of its words in the code, the
    title, the tags and the words of the versions that count or are newest; `phase` also finds what waits."""
    reader.require(Permission.CONTRACTS_VIEW)
    found = _filtered(reader, text=text, phase=phase, kind=kind, condition=condition, tag=tag, limits=limits)
    rows = [clause.row for clause in found]
    begin = next((n for n, row in enumerate(rows, start=1) if row.id == after), 0)
    return tuple(rows[begin : begin + limit])


def count_clauses(reader: Reader, **filters: str | Sequence[str] | None) -> tuple[int, int]:
    """How many match the filters of `list_clauses`, and how many there are."""
    reader.require(Permission.CONTRACTS_VIEW)
    everything = _everything(reader)
    return len(_filtered(reader, everything, **filters)), len(everything)  # type: ignore[arg-type]


def get_clause(reader: Reader, record_id: str) -> ClauseDetail:
    """One clause by its id, or by the id of one of its versions; raises RecordNotFound."""
    reader.require(Permission.CONTRACTS_VIEW)
    version = reader.session.get(ClauseVersion, record_id)
    wanted = record_id if version is None else version.clause_id
    for detail in _everything(reader):
        if detail.row.id == wanted:
            return detail
    raise RecordNotFound(field="clause_id")


def list_details(reader: Reader) -> list[ClauseDetail]:
    """All clauses in full, by their codes."""
    reader.require(Permission.CONTRACTS_VIEW)
    return _everything(reader)


def list_tags(reader: Reader) -> tuple[str, ...]:
    """All tags that clauses have."""
    reader.require(Permission.CONTRACTS_VIEW)
    return tuple(sorted({tag for tags in reader.session.scalars(select(LibraryClause.tags)) for tag in tags}))


def get_palettes(reader: Reader, codes: Sequence[str]) -> list[KindPalette]:
    """The same for several kinds."""
    return [get_palette(reader, code) for code in codes]


def get_palette(reader: Reader, kind: str) -> KindPalette:
    """What a text of a kind may ask for; raises DocumentKindUnknown."""
    reader.require(Permission.CLAUSES_EDIT)
    return KindPalette(kind_of(kind), house_names(reader.session, kind))


def check_clause(reader: Reader, kind_codes: Sequence[str], text_zh: str, text_en: str) -> list[TextProblem]:
    """All that is wrong with half-typed words, for marking them."""
    reader.require(Permission.CLAUSES_EDIT)
    return clause_problems(reader.session, kinds_from(tuple(kind_codes)), text_zh, text_en)


# --- inside --------------------------------------------------------------------------------------


def _everything(reader: Reader) -> list[ClauseDetail]:
    """All clauses, shipped and of the house, by their codes."""
    session, today = reader.session, branch_date(reader.now)
    shipped = _shipped()
    rows = {clause.id: clause for clause in session.scalars(select(LibraryClause))}
    versions: dict[str, list[ClauseVersion]] = {}
    query = select(ClauseVersion).where(ClauseVersion.deleted_at.is_(None))
    for version in session.scalars(query.order_by(ClauseVersion.number, ClauseVersion.id)):
        versions.setdefault(version.clause_id, []).append(version)
    people = names_of(session, staff_ids(one for some in versions.values() for one in some))
    naming = naming_templates(session, today)
    codes = {clause_id(code): code for code in shipped}
    codes |= {id_: rows[id_].code for id_ in versions if id_ in rows}
    return [
        _detail(
            reader, id_, code, rows.get(id_), versions.get(id_, []), shipped.get(code, ()), people,
            used_in=naming.get(code, ()),
        )
        for id_, code in sorted(codes.items(), key=lambda item: item[1])
    ]  # fmt: skip


_Shipped = tuple[ContractTemplate, Clause]


def _shipped() -> dict[str, tuple[_Shipped, ...]]:
    """By their codes the shipped clauses that are still printed, each in the words it had, the oldest first."""
    found: dict[str, list[_Shipped]] = {}
    for kind in kinds():
        versions = shipped_versions(kind.code)
        newest = {clause.id for clause in clauses_of(versions[-1])} if versions else set()
        for template in versions:
            for clause in clauses_of(template):
                said = found.setdefault(full_code(kind.code, clause.id), []) if clause.id in newest else []
                if not said or said[-1][1] != clause:
                    said.append((template, clause))
    return {code: tuple(said) for code, said in found.items()}


def _detail(
    reader: Reader, id_: str, code: str, row: LibraryClause | None, versions: list[ClauseVersion],
    shipped: tuple[_Shipped, ...], people: Mapping[str, str], *, used_in: tuple[tuple[str, Bilingual], ...],
) -> ClauseDetail:  # fmt: skip
    today = branch_date(reader.now)
    counting = in_force(versions, today)
    shown = [
        version_row(
            ClauseVersionRow, reader, one, phase=phase_on(one, versions, today), people=people,
            text=ClauseText(
                one.text_zh, one.text_en, one.limits_customer, tuple(one.conditions), tuple(one.kinds)
            ),
        )
        for one in versions
    ]  # fmt: skip
    older = [_shipped_row(reader, *one, counts=counting is None and one is shipped[-1]) for one in shipped]
    rows = tuple(reversed(older + shown))
    current = next((one for one in rows if one.phase in (TextPhase.IN_FORCE, TextPhase.SHIPPED)), rows[0])
    waiting = next((one.phase for one in rows if one.phase in _WAITING and one is not current), None)
    return ClauseDetail(
        row=ClauseRow(
            id=id_, code=code, title=_title(row, current.text), tags=tuple(row.tags) if row is not None else (),
            phase=current.phase, waiting=waiting, number=current.number,
            kinds=tuple(_kind_words(one) for one in current.text.kinds),
            limits_customer=current.text.limits_customer, conditions=current.text.conditions,
            effective_from=current.effective_from, effective_to=current.effective_to, used_in=used_in,
            changed_at=max((one.changed_at for one in rows if one.changed_at is not None), default=None),
        ),
        versions=rows,
    )  # fmt: skip


def _shipped_row(reader: Reader, template: ContractTemplate, clause: Clause, *, counts: bool) -> ClauseVersionRow:
    conditions = tuple(one for one in clause.applies_when if one != "always")
    return ClauseVersionRow(
        id=f"shipped/{template.version}", number=template.version,
        phase=TextPhase.SHIPPED if counts else TextPhase.SUPERSEDED,
        effective_from=date.fromisoformat(template.valid_from), basis=template.source,
        actions=actions_of(reader, None, own=False), shipped=True,
        text=ClauseText(
            clause.text.zh, clause.text.en, clause.limits_customer, conditions, (template.code,)
        ),
    )  # fmt: skip


def _title(row: LibraryClause | None, text: ClauseText) -> Bilingual:
    """What somebody called it, else how its words begin."""
    if row is not None and row.title_zh:
        return Bilingual(row.title_zh, row.title_en)
    return Bilingual(_beginning(text.zh), _beginning(text.en, _SHOWN * 2))


def _beginning(text: str, length: int = _SHOWN) -> str:
    plain = text.replace("**", "")
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def _kind_words(code: str) -> Bilingual:
    known = next((kind for kind in kinds() if kind.code == code), None)
    return kind_words(known) if known is not None else Bilingual(code, code)


def _filtered(
    reader: Reader, everything: list[ClauseDetail] | None = None, *, text: str = "",
    phase: str | Sequence[str] | None = None, kind: str | Sequence[str] | None = None,
    condition: str | Sequence[str] | None = None, tag: str | Sequence[str] | None = None,
    limits: str | Sequence[str] | None = None,
) -> list[ClauseDetail]:  # fmt: skip
    words = _folded(text).split()
    phases, of_kinds, conditions, tags = (set(_several(one)) for one in (phase, kind, condition, tag))

    def fits(clause: ClauseDetail) -> bool:
        row, said = clause.row, clause.current.text
        return (
            (not phases or bool(phases & {row.phase.value, row.waiting.value if row.waiting else ""}))
            and (not of_kinds or bool(of_kinds & set(said.kinds)))
            and (not conditions or bool(conditions & set(said.conditions)))
            and (not tags or bool(tags & set(row.tags)))
            and (not limits or said.limits_customer)
            and all(word in _searched(clause) for word in words)
        )

    return [clause for clause in (_everything(reader) if everything is None else everything) if fits(clause)]


def _several(value: str | Sequence[str] | None) -> Iterable[str]:
    return (value,) if isinstance(value, str) else value or ()


def _searched(clause: ClauseDetail) -> str:
    row, newest, said = clause.row, clause.versions[0].text, clause.current.text
    parts = (row.code, row.title.zh, row.title.en, *row.tags, said.zh, said.en, newest.zh, newest.en)
    return _folded("\n".join(parts))


def _folded(text: str) -> str:
    """Without the difference of capitals, full width and bold."""
    return unicodedata.normalize("NFKC", text).casefold().replace("**", "")
