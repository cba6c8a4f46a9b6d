"""Reads of the finder: a question answered with hits, counts and reasons; one hit in full; saved searches."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import cast

from sqlalchemy import select

from app.catalog.energies import Energy
from app.catalog.interest import ordered_parameters
from app.catalog.queries import ParameterRow, parameter_rows
from app.catalog.rules import ParameterType, specification_dictionary, value_text
from app.finder.answering import OWN_FACETS, Answering, FacetCount
from app.finder.columns import TrimColumns
from app.finder.hits import HitRow, KeyFact, PartRow, bare_hit, hit_at, plain_text
from app.finder.keeping import current_columns, database_path, worth_keeping
from app.finder.names import Correction, NameIndex
from app.finder.phrases import Understood, parse, waiting_words, without_phrase
from app.finder.rules import (
    ENERGY,
    MAKE,
    NO,
    SERIES,
    YEAR,
    YES,
    Question,
    Restriction,
    StockWish,
    question_from_json,
)
from app.finder.stock import BranchStock, FreeUnits, free_units, stock_by_branch
from app.kernel.errors import RecordNotFound
from app.kernel.labels import Bilingual, Labelled
from app.kernel.permissions import Permission
from app.kernel.reading import stop_if_unwanted
from app.kernel.unit_of_work import Reader
from db.models.catalog import Make, Series
from db.models.customers import Customer
from db.models.finder import SavedSearch
from db.models.staff import StaffMember

__all__ = [
    "BranchStock", "Correction", "FacetCount", "FacetRow", "FacetValue", "Found", "HitDetail", "HitRow",
    "KeyFact", "PackedColumns", "PartRow", "SavedSearchRow", "Understood", "best_hits", "codes_by_interest",
    "columns_to_keep", "find_trims", "get_hit", "list_saved_searches", "prepare_columns", "without_phrase",
]  # fmt: skip

PAGE = 40
MOST_VALUES = 200
"""So many of the most frequent values of an open-ended facet (series, texts) are counted out."""
_MOST_ANSWERS = 8
_CHOSEN = (ParameterType.CHOICE, ParameterType.BOOLEAN)


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet."""

    value: str
    label: Bilingual | Labelled


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetRow:
    """A facet with how many trims each choice would leave: `counts` of a number by bins from `start` in steps, of
    anything else by `values`; `missing` does not state it."""

    code: str
    start: float = 0.0
    step: float = 1.0
    values: tuple[FacetValue, ...] = ()
    counts: tuple[int, ...] = ()
    missing: int = 0

    def count_of(self, value: str) -> int:
        """How many trims a value would leave."""
        return next((n for one, n in zip(self.values, self.counts, strict=True) if one.value == value), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer: how many fit of how many, a page of hits, counts, what was understood of the text and what was taken
    for slips. `next` continues the list, None at its end. `worth_keeping`: the columns should be kept (KeepColumns)."""

    matching: int
    total: int
    hits: tuple[HitRow, ...]
    next: int | None
    facets: tuple[FacetRow, ...]
    understood: tuple[Understood, ...]
    corrections: tuple[Correction, ...]
    obtainable: int
    worth_keeping: bool
    named: Mapping[str, Bilingual]
    """Names of the makes and series that are asked for, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HitDetail:
    """One trim in full: all parameters, and where its free units are."""

    row: HitRow
    parameters: tuple[ParameterRow, ...]
    stock: tuple[BranchStock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearchRow:
    """A question under a name."""

    id: str
    revision: int
    name: str
    customer_id: str | None
    customer_name: str
    staff_name: str
    mine: bool
    question: Question
    updated_at: datetime
    named: Mapping[str, Bilingual]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedColumns:
    """What `KeepColumns` keeps."""

    path: str
    body: bytes


def prepare_columns(reader: Reader) -> int:
    """Have the columns ready; returns how many trims there are. Not to be stopped half-way."""
    _permit(reader)
    columns = current_columns(reader)
    columns.names(NameIndex)
    parse(" ")  # what phrases look like is put together once
    return len(columns)


def find_trims(reader: Reader, question: Question, *, after: int | None = None, limit: int = PAGE) -> Found:
    """Answer a question; `after` continues where `Found.next` says."""
    _permit(reader)
    columns = current_columns(reader)
    answering, understood = _answering(reader, columns, question)
    ranking = answering.ranking
    start = after or 0
    shown = ranking[start : start + limit].tolist()
    stop_if_unwanted()
    facets = () if after else _facets(answering, question)
    free, fitting = answering.free, answering.fitting
    return Found(
        matching=len(fitting), total=len(columns), hits=tuple(hit_at(answering, position) for position in shown),
        next=start + limit if start + limit < len(fitting) else None, facets=facets, understood=understood,
        corrections=answering.corrections, obtainable=int((free.total[fitting] > 0).sum()),
        worth_keeping=worth_keeping(reader),
        named={one: columns.nodes[one].label for one in _ids_asked_for(question) if one in columns.nodes},
    )  # fmt: skip


def get_hit(reader: Reader, question: Question, trim_id: str) -> HitDetail:
    """One trim in full, judged as the question says even where it does not fit it; raises RecordNotFound."""
    _permit(reader)
    columns = current_columns(reader)
    place = columns.place_of.get(trim_id)
    if place is None:
        raise RecordNotFound
    answering, _ = _answering(reader, columns, question)
    position = _position(answering, place)
    row = bare_hit(answering, place) if position is None else hit_at(answering, position)
    stated = {
        code: value
        for code, parameter in specification_dictionary().parameters.items()
        if (value := columns.stored(parameter, place)) is not None
    }
    rank = {one.code: place for place, one in enumerate(ordered_parameters(reader, stated))}
    groups = {str(name.en): place for place, name in enumerate(specification_dictionary().groups.values())}
    rows = sorted(parameter_rows(stated), key=lambda one: (groups[one.group.en], rank[one.code]))
    return HitDetail(row=row, parameters=tuple(rows), stock=stock_by_branch(reader, trim_id))


def codes_by_interest(reader: Reader) -> tuple[str, ...]:
    """All parameters in the order in which they are offered: core first, then what is asked for most at this desk."""
    reader.require(Permission.CATALOG_VIEW)
    return tuple(one.code for one in ordered_parameters(reader))


def columns_to_keep(reader: Reader) -> PackedColumns:
    """The columns as they are now, packed."""
    _permit(reader)
    return PackedColumns(path=database_path(reader.session), body=current_columns(reader).packed())


def list_saved_searches(
    reader: Reader, *, customer_id: str | None = None, limit: int = 100
) -> tuple[SavedSearchRow, ...]:
    """Searches of this branch, one's own first, the newest first; with a customer, those kept for them."""
    _permit(reader)
    query = (
        select(SavedSearch, Customer.name, StaffMember.name)
        .outerjoin(Customer, Customer.id == SavedSearch.customer_id)
        .outerjoin(StaffMember, StaffMember.id == SavedSearch.staff_id)
        .where(SavedSearch.branch_id == reader.actor.branch_id, SavedSearch.deleted_at.is_(None))
        .order_by(SavedSearch.staff_id != reader.actor.staff_id, SavedSearch.updated_at.desc(), SavedSearch.id)
        .limit(limit)
    )
    if customer_id is not None:
        query = query.where(SavedSearch.customer_id == customer_id)
    found = reader.session.execute(query).all()
    questions = {row.id: question_from_json(row.question) for row, _, _ in found}
    named = _names_of(reader, {one for question in questions.values() for one in _ids_asked_for(question)})
    return tuple(
        SavedSearchRow(
            id=row.id, revision=row.revision, name=row.name, customer_id=row.customer_id,
            customer_name=customer or "", staff_name=staff or "", mine=row.staff_id == reader.actor.staff_id,
            question=questions[row.id], updated_at=row.updated_at, named=named,
        )
        for row, customer, staff in found
    )  # fmt: skip


def best_hits(reader: Reader, search_id: str, *, most: int = 4) -> tuple[str, ...]:
    """The trims that fit a saved search best, one of each series while there are enough; raises RecordNotFound."""
    saved = reader.get(SavedSearch, search_id)
    hits = find_trims(reader, replace(question_from_json(saved.question), facets=())).hits
    by_series: dict[str, str] = {}
    for hit in hits:
        by_series.setdefault(f"{hit.make.zh} {hit.series.zh}", hit.id)
    chosen = list(by_series.values())
    return tuple([*chosen, *(hit.id for hit in hits if hit.id not in chosen)][:most])


# --- inside ------------------------------------------------------------------------------------------


def _permit(reader: Reader) -> None:
    reader.require(Permission.CATALOG_VIEW)
    reader.require(Permission.INVENTORY_VIEW)


def _answering(reader: Reader, columns: TrimColumns, question: Question) -> tuple[Answering, tuple[Understood, ...]]:
    free: FreeUnits = free_units(reader, columns)
    parsed = parse(question.text)
    understood, words, stock = list(parsed.understood), parsed.words, question.stock
    restrictions: list[Restriction] = list(question.restrictions)
    for one in understood:
        if one.restriction is not None:
            restrictions.append(one.restriction)
        if one.stock is not None and stock is not StockWish.HERE:
            stock = one.stock
    named = None
    if words:
        index = columns.names(NameIndex)
        named = index.match(words)
        if not named.fitting.any():
            for phrase, code in waiting_words(words):
                words = without_phrase(words, phrase)
                understood.append(Understood(phrase, waiting_for=code))
            named = index.match(words) if words else None
    answering = Answering(
        columns, free, question, restrictions=restrictions, named=named, stock=stock, words=words
    )
    return answering, tuple(understood)


def _ids_asked_for(question: Question) -> Iterator[str]:
    """The makes and series a question restricts to."""
    return (value for one in question.restrictions if one.code in (MAKE, SERIES) for value in one.values)


def _names_of(reader: Reader, ids: Collection[str]) -> dict[str, Bilingual]:
    if not ids:
        return {}
    queries = (select(model.id, model.name_zh, model.name_en).where(model.id.in_(ids)) for model in (Make, Series))
    return {row[0]: Bilingual(row[1], row[2]) for query in queries for row in reader.session.execute(query)}


def _position(answering: Answering, place: int) -> int | None:
    import numpy as np

    position = int(np.searchsorted(answering.fitting, place))
    return position if position < len(answering.fitting) and answering.fitting[position] == place else None


def _facets(answering: Answering, question: Question) -> tuple[FacetRow, ...]:
    """The counts; those of the last questions are kept as long as the columns and what is free."""
    columns = answering.columns
    musts = tuple(replace(one, weight=0) for one in question.importances if one.must)
    key = (id(answering.free), answering.restrictions, answering.words, answering.stock, musts, question.facets)
    known = columns.answers.get(key)
    if known is None:
        codes = (*OWN_FACETS, *specification_dictionary().parameters) if question.facets is None else question.facets
        # What is free is kept beside its counts: as long as it lives no other can have its identity.
        known = (answering.free, tuple(_facet_row(columns, one) for one in answering.facets(codes)))
        columns.answers[key] = known
        while len(columns.answers) > _MOST_ANSWERS:
            columns.answers.popitem(last=False)
    return cast(tuple[FacetRow, ...], known[1])


def _facet_row(columns: TrimColumns, facet: FacetCount) -> FacetRow:
    code = facet.code
    if facet.bins is not None:
        bins = facet.bins
        return FacetRow(code=code, start=bins.start, step=bins.step, counts=facet.counts, missing=facet.missing)
    values = columns.kept(("values", code), lambda: _values(columns, code))
    if _has_choices(code) and code not in OWN_FACETS:
        return FacetRow(code=code, values=values, counts=facet.counts, missing=facet.missing)
    counted = [pair for pair in zip(values, facet.counts, strict=True) if pair[1]]
    if code == YEAR:
        counted.sort(key=lambda pair: pair[0].value, reverse=True)
    elif code != ENERGY:
        counted.sort(key=lambda pair: -pair[1])
    shown = counted[:MOST_VALUES]
    return FacetRow(
        code=code, values=tuple(value for value, _ in shown), counts=tuple(count for _, count in shown),
        missing=facet.missing,
    )  # fmt: skip


def _values(columns: TrimColumns, code: str) -> tuple[FacetValue, ...]:
    return tuple(FacetValue(value, _value_label(columns, code, value)) for value in columns.vocabulary(code))


@cache
def _has_choices(code: str) -> bool:
    parameter = specification_dictionary().parameters.get(code)
    return code in OWN_FACETS or (parameter is not None and parameter.type in _CHOSEN)


def _value_label(columns: TrimColumns, code: str, value: str) -> Bilingual | Labelled:
    if code in (MAKE, SERIES):
        return columns.nodes[value].label
    if code == ENERGY:
        return Energy(value)
    return _dictionary_label(code, value)


@lru_cache(maxsize=20_000)
def _dictionary_label(code: str, value: str) -> Bilingual:
    parameter = specification_dictionary().parameters.get(code)
    if parameter is None:
        return plain_text(value)
    is_truth = parameter.type is ParameterType.BOOLEAN and value in (YES, NO)
    return value_text(parameter, value == YES if is_truth else value)
