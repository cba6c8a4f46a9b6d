"""Reading templates: the list, one in full with all of its versions, and the clauses that can be put into one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.clauses.clause_queries import ClauseRow, list_clauses
from app.clauses.kinds import kind_words, kinds
from app.clauses.version_rows import VersionRow, actions_of, names_of, staff_ids, version_row
from app.contracts.templates.in_force import TemplateTerms, shipped_terms, shipped_versions, stored_terms, template_id
from app.contracts.templates.text_versions import TextPhase, in_force, phase_on
from app.kernel.clock import branch_date
from app.kernel.errors import RecordNotFound
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.clause_library import LibraryTemplate, TemplateVersion

_WAITING = (TextPhase.PROPOSED, TextPhase.DRAFT, TextPhase.SCHEDULED)
_COUNTING = (TextPhase.IN_FORCE, TextPhase.SHIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersionRow(VersionRow):
    """One version of a template; a shipped one has the id `shipped/<number>`."""

    terms: TemplateTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRow:
    """One template in the list; what it says is of the version that counts today, else of the newest."""

    id: str
    code: str
    kind: str
    kind_name: Bilingual
    title: Bilingual
    phase: TextPhase
    waiting: TextPhase | None
    number: int
    articles: int
    clauses: int
    effective_from: date | None
    effective_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDetail:
    """A template in full, its versions the newest first."""

    row: TemplateRow
    versions: tuple[TemplateVersionRow, ...]

    @property
    def actions(self) -> tuple[str, ...]:
        """What can be done with the newest version."""
        return self.versions[0].actions

    def version(self, version_id: str) -> TemplateVersionRow | None:
        """The version of an id."""
        return next((one for one in self.versions if one.id == version_id), None)


def list_templates(
    reader: Reader, *, after: str | None = None, limit: int = 100, text: str = "",
    phase: str | Sequence[str] | None = None, kind: str | Sequence[str] | None = None,
) -> tuple[TemplateRow, ...]:  # fmt: skip
    """Templates by kind and code, from behind the row of the id `after`."""
    reader.require(Permission.CONTRACTS_VIEW)
    rows = _filtered(_everything(reader), text=text, phase=phase, kind=kind)
    begin = next((n for n, row in enumerate(rows, start=1) if row.id == after), 0)
    return tuple(rows[begin : begin + limit])


def count_templates(reader: Reader, **filters: Any) -> tuple[int, int]:
    """How many match the filters of `list_templates`, and how many there are."""
    reader.require(Permission.CONTRACTS_VIEW)
    everything = _everything(reader)
    return len(_filtered(everything, **filters)), len(everything)


def get_template(reader: Reader, record_id: str) -> TemplateDetail:
    """One template by its id, or by the id of one of its versions; raises RecordNotFound."""
    reader.require(Permission.CONTRACTS_VIEW)
    version = reader.session.get(TemplateVersion, record_id)
    wanted = record_id if version is None else version.template_id
    for detail in _everything(reader):
        if detail.row.id == wanted:
            return detail
    raise RecordNotFound(field="template_id")


def clauses_for(reader: Reader, kind: str) -> tuple[ClauseRow, ...]:
    """The clauses that can be put into a template of a kind."""
    return list_clauses(reader, kind=kind, limit=10_000)


# --- inside --------------------------------------------------------------------------------------


def _everything(reader: Reader) -> list[TemplateDetail]:
    session = reader.session
    rows = {template.code: template for template in session.scalars(select(LibraryTemplate))}
    versions: dict[str, list[TemplateVersion]] = {}
    query = select(TemplateVersion).where(TemplateVersion.deleted_at.is_(None))
    for version in session.scalars(query.order_by(TemplateVersion.number, TemplateVersion.id)):
        versions.setdefault(version.template_id, []).append(version)
    people = names_of(session, staff_ids(one for some in versions.values() for one in some))
    found = []
    for place, kind in enumerate(kinds()):
        codes = {template.code for template in rows.values() if template.kind == kind.code}
        for code in sorted(codes | {kind.code}):
            known = versions.get(template_id(code), [])
            if known or shipped_versions(code):
                found.append((place, code, _detail(reader, code, kind.code, known, people)))
    return [detail for _, _, detail in sorted(found, key=lambda item: item[:2])]


def _detail(
    reader: Reader, code: str, kind: str, versions: list[TemplateVersion], people: Mapping[str, str]
) -> TemplateDetail:
    today = branch_date(reader.now)
    counting = in_force(versions, today)
    shipped = shipped_versions(code)
    older = [
        TemplateVersionRow(
            id=f"shipped/{one.version}", number=one.version, basis=one.source, shipped=True,
            phase=TextPhase.SHIPPED if counting is None and one is shipped[-1] else TextPhase.SUPERSEDED,
            effective_from=date.fromisoformat(one.valid_from), actions=actions_of(reader, None, own=False),
            terms=shipped_terms(one),
        )
        for one in shipped
    ]  # fmt: skip
    own = [
        version_row(
            TemplateVersionRow, reader, one, phase=phase_on(one, versions, today), people=people,
            terms=stored_terms(one, code),
        )
        for one in versions
    ]  # fmt: skip
    rows = tuple(reversed(older + own))
    current = next((one for one in rows if one.phase in _COUNTING), rows[0])
    said = current.terms
    return TemplateDetail(
        row=TemplateRow(
            id=template_id(code), code=code, kind=kind, title=Bilingual(said.title.zh, said.title.en),
            kind_name=next(kind_words(one) for one in kinds() if one.code == kind), phase=current.phase,
            waiting=next((one.phase for one in rows if one.phase in _WAITING and one is not current), None),
            number=current.number, articles=len(said.articles),
            clauses=sum(len(article["clauses"]) for article in said.articles),
            effective_from=current.effective_from, effective_to=current.effective_to,
        ),
        versions=rows,
    )  # fmt: skip


def _filtered(
    everything: list[TemplateDetail], *, text: str = "", phase: str | Sequence[str] | None = None,
    kind: str | Sequence[str] | None = None,
) -> list[TemplateRow]:  # fmt: skip
    words = text.casefold().split()

    def fits(row: TemplateRow) -> bool:
        said = f"{row.code} {row.title.zh} {row.title.en} {row.kind_name.zh} {row.kind_name.en}".casefold()
        phases = {row.phase.value, row.waiting.value if row.waiting else ""}
        return (
            all(word in said for word in words)
            and (not phase or not phases.isdisjoint((phase,) if isinstance(phase, str) else phase))
            and (not kind or row.kind in ((kind,) if isinstance(kind, str) else kind))
        )

    return [detail.row for detail in everything if fits(detail.row)]
