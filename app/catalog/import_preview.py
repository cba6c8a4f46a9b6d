"""What an import would do, before anything is written: entry by entry, field by field, old and new in words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.catalog.energies import Energy
from app.catalog.errors import PriceNegative, SeatsOutOfRange, YearOutOfRange
from app.catalog.import_commands import Level, SpecificationRecord
from app.catalog.import_report import RowProblem, Severity
from app.catalog.import_tree import CatalogueTree, NodeChange, SpecificationImport, uppermost_first
from app.catalog.inheritance import merged
from app.catalog.name_slips import NameSlip, find_slips
from app.catalog.rules import specification_dictionary, value_text
from app.catalog.specification_files import CheckedSpecifications
from app.catalog.specification_mapping import SpecificationField
from app.catalog.version_rules import PARAMETER
from app.catalog.versions import own_of
from app.kernel.errors import DomainError
from app.kernel.labels import Bilingual, Labelled, Note, note
from app.kernel.money import format_money
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr_noop
from db.models.catalog import ModelYear

FIRST_YEAR = 1950
_PROGRESS_EVERY = 100
_YES, _NO = tr_noop("Yes"), tr_noop("No")
_LABELS = {
    "name_zh": tr_noop("Chinese name"), "name_en": tr_noop("English name"), "country": tr_noop("Country"),
    "body": tr_noop("Body"), "year": tr_noop("Model year"), "energy": tr_noop("Energy"), "seats": tr_noop("Seats"),
    "guide_price": tr_noop("Guide price"), "in_tax_directory": tr_noop("In the tax directory"),
    "source": tr_noop("Source"),
}  # fmt: skip


class PreviewKind(Labelled):
    """What happens to an entry."""

    ADDED = "added", tr_noop("New")
    CHANGED = "changed", tr_noop("Will change")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """One difference: a new entry, or one field of an entry that is there. Texts are worded when shown."""

    id: str
    line: int
    place: str
    kind: PreviewKind
    level: Level
    name: Bilingual
    field: str
    label: object
    before: object
    after: object
    percent: Decimal | None = None
    """By how much a price changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """Everything an import would do, with the records as they would be taken in and what hinders them."""

    checked: CheckedSpecifications
    rows: tuple[PreviewRow, ...]
    result: SpecificationImport
    unchanged: int
    price_changes: tuple[Decimal, ...]
    effects: tuple["RecordEffect", ...]
    slips: tuple[NameSlip, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEffect:
    """What one record of the file will be: the trim's whole content afterwards, for the checks of its values."""

    line: int
    place: str
    name: Bilingual
    trim_id: str
    series_id: str
    make: Bilingual
    year: int
    before: dict[str, Any] | None
    content: dict[str, Any]
    parameters: dict[str, Any]
    """What holds in full, inherited values too."""


def trim_columns(record: SpecificationRecord, *, latest: int) -> dict[str, Any]:
    """The column values a record gives for its trim; raises YearOutOfRange, SeatsOutOfRange or PriceNegative."""
    if record.level in (Level.MODEL_YEAR, Level.TRIM) and not FIRST_YEAR <= (record.year or 0) <= latest:
        raise YearOutOfRange(field="year", year=record.year or 0, lowest=FIRST_YEAR, highest=latest)
    if record.level is not Level.TRIM:
        return {}
    if record.seats is not None and not 1 <= record.seats <= 60:
        raise SeatsOutOfRange(field="seats", seats=record.seats)
    if record.guide_price is not None and record.guide_price < 0:
        raise PriceNegative(field="guide_price")
    given = {
        "energy": None if record.energy is None else Energy(record.energy).value, "seats": record.seats,
        "guide_price": record.guide_price, "in_tax_directory": record.in_tax_directory,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def preview_import(
    reader: Reader,
    checked: CheckedSpecifications,
    *,
    source: str = "",
    columns: dict[SpecificationField, str] | None = None,
    decided: Mapping[str, str] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> ImportPreview:
    """Lay the checked records over the catalogue as the import would; `progress` may raise to cancel.

    `columns` are the headings of the fields, for the problems that only the catalogue shows; `decided` is what somebody
    said of names that look misspelt.
    """
    reader.require(Permission.CATALOG_EDIT)
    tree = CatalogueTree(reader.session, source or checked.name)
    reader.session.expunge_all()
    kept: list[int] = []
    rows: list[PreviewRow] = []
    effects: list[RecordEffect] = []
    problems = list(checked.problems)
    unchanged = 0
    for done, number in enumerate(uppermost_first(checked.records)):
        record = checked.records[number]
        if progress is not None and done % _PROGRESS_EVERY == 0:
            progress("", done / len(checked.records))
        line, place, start = checked.lines[number], checked.places[number], len(tree.changes)
        try:
            tree.take_in(record, trim_columns(record, latest=reader.now.year + 2))
        except DomainError as error:
            del tree.changes[start:]
            problems.append(_problem(error, record, line=line, place=place, columns=columns or {}))
            continue
        kept.append(number)
        changes = tree.changes[start:]
        unchanged += not changes
        rows += _preview_rows(tree, changes, line=line, place=place)
        effects += _effects(tree, changes, record, line=line, place=place)
    slips = find_slips(tree, checked.records, checked.lines, checked.places, decided=decided or {})
    problems += [_asked(slip, columns or {}) for slip in slips]
    return ImportPreview(
        checked=_only(checked, sorted(kept), problems),
        rows=tuple(rows),
        result=tree.result(),
        unchanged=unchanged,
        price_changes=tuple(row.percent for row in rows if row.percent is not None),
        effects=tuple(effects),
        slips=tuple(slips),
    )


def _asked(slip: NameSlip, columns: dict[SpecificationField, str]) -> RowProblem:
    heading = columns.get(slip.target, columns.get(SpecificationField.FULL_NAME, ""))
    return RowProblem(
        line=slip.line, place=slip.place, column=heading, value=slip.written, code="name_looks_misspelt",
        note=note(tr_noop("Looks like {name}: take it as that, or leave it"), name=slip.known),
        severity=Severity.WARNING,
    )  # fmt: skip


def _problem(
    error: DomainError, record: SpecificationRecord, *, line: int, place: str, columns: dict[SpecificationField, str]
) -> RowProblem:
    known = {member.value: heading for member, heading in columns.items()}
    heading = known.get(error.field or "", known.get(SpecificationField.TRIM_ZH.value, ""))
    value = record.trim_zh or record.series_zh or record.make_zh
    return RowProblem.of(error, line=line, column=heading, value=value, place=place)


def _only(checked: CheckedSpecifications, kept: Sequence[int], problems: list[RowProblem]) -> CheckedSpecifications:
    """The checked file without the records that the catalogue refuses."""
    return CheckedSpecifications(
        name=checked.name,
        total=checked.total,
        records=tuple(checked.records[number] for number in kept),
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
        refused=len({problem.line for problem in problems if problem.severity is Severity.ERROR}),
        lines=tuple(checked.lines[number] for number in kept),
        places=tuple(checked.places[number] for number in kept),
    )


def _preview_rows(tree: CatalogueTree, changes: list[NodeChange], *, line: int, place: str) -> Iterator[PreviewRow]:
    for change in changes:
        level = Level(change.node.__tablename__)
        name = full_name(tree.path_of(change.node))
        known: dict[str, Any] = {"line": line, "place": place, "level": level, "name": name}
        if change.before is None:
            yield PreviewRow(
                id=f"{change.node.id}:", kind=PreviewKind.ADDED, field="", label="", before="",
                after=_about_new(change), **known,
            )  # fmt: skip
            continue
        above = {f"{PARAMETER}{code}": value for code, value in tree.inherited(change.node).items()}
        for field, value in change.delta.set.items():
            if field == "source":
                continue
            old = change.before.get(field)
            now = worded(field, old) if field in change.before else ""
            if not now and field in above:
                now = note(tr_noop("{value} (inherited)"), value=worded(field, above[field]))
            yield PreviewRow(
                id=f"{change.node.id}:{field}", kind=PreviewKind.CHANGED, field=field, label=field_label(field),
                before=now, after=worded(field, value),
                percent=_percent(old, value) if field == "guide_price" else None, **known,
            )  # fmt: skip


def _about_new(change: NodeChange) -> object:
    content = change.delta.set
    count = sum(field.startswith(PARAMETER) for field in content)
    if change.node.__tablename__ != "trim":
        return note(tr_noop("Parameters: {n}"), n=count) if count else ""
    price = worded("guide_price", content["guide_price"])
    return note(tr_noop("{price}; parameters: {n}"), price=price, n=count) if content["guide_price"] else note(
        tr_noop("No price; parameters: {n}"), n=count
    )  # fmt: skip


def _effects(
    tree: CatalogueTree, changes: list[NodeChange], record: SpecificationRecord, *, line: int, place: str
) -> Iterator[RecordEffect]:
    if record.level is not Level.TRIM:
        return
    for change in changes:
        if change.node.__tablename__ == "trim":
            make, series, year, trim = path = tree.path_of(change.node)
            content = change.delta.over(change.before or {})
            yield RecordEffect(
                line=line, place=place, name=full_name(path), trim_id=trim.id, series_id=series.id,
                make=Bilingual(make.name_zh, make.name_en), year=year.year, before=change.before, content=content,
                parameters=merged(tree.inherited(trim), own_of(content)),
            )  # fmt: skip


def full_name(path: Sequence[Any]) -> Bilingual:
    """The names from the make down, in one line."""
    zh = [f"{node.year}款" if isinstance(node, ModelYear) else node.name_zh for node in path]
    en = [str(node.year) if isinstance(node, ModelYear) else node.name_en or node.name_zh for node in path]
    return Bilingual(" ".join(zh), " ".join(en))


def field_label(field: str) -> object:
    """What a field of an entry is called."""
    if field.startswith(PARAMETER):
        parameter = specification_dictionary().parameters.get(field.removeprefix(PARAMETER))
        return parameter.name if parameter else field.removeprefix(PARAMETER)
    return Note(_LABELS[field])


def worded(field: str, value: Any) -> object:
    """A stored value of a field in words, in both languages."""
    if value is None:
        return Note(tr_noop("taken away"))
    if field.startswith(PARAMETER):
        parameter = specification_dictionary().parameters.get(field.removeprefix(PARAMETER))
        return value_text(parameter, value) if parameter else str(value)
    if field == "guide_price":
        return format_money(Decimal(value).scaleb(-2), symbol=False)
    if field == "energy":
        return Note(Energy(value).label)
    if isinstance(value, bool):
        return Note(_YES if value else _NO)
    return str(value)


def _percent(before: Any, after: Any) -> Decimal | None:
    if not before:
        return None
    return ((Decimal(after) - Decimal(before)) * 100 / Decimal(before)).quantize(Decimal("0.1"))
