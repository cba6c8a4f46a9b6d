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
from app.catalog.inheritance import in_full
from app.catalog.name_slips import NameSlip, find_slips
from app.catalog.preview_rows import EntryChange, PreviewKind, PreviewRow, PreviewRows, full_name
from app.catalog.specification_files import CheckedSpecifications
from app.catalog.specification_mapping import SpecificationField
from app.catalog.version_rules import Delta, code_in, field_of
from app.kernel.errors import DomainError
from app.kernel.labels import Bilingual, note
from app.kernel.money import from_fen
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr_noop

FIRST_YEAR = 1950
_PROGRESS_EVERY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """Everything an import would do, with the records as they would be taken in and what hinders them."""

    checked: CheckedSpecifications
    rows: PreviewRows
    result: SpecificationImport
    unchanged: int
    price_changes: tuple[Decimal, ...]
    effects: tuple["RecordEffect", ...]
    slips: tuple[NameSlip, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEffect:
    """What one record of the file makes of its trim, for the checks of its values: the trim as it is, apart from its
    session, and what is said anew. A book may have thousands of trims with hundreds of values: nothing is copied."""

    name: Bilingual
    series_id: str
    make: Bilingual
    year: int
    trim: Any
    is_new: bool
    said: Mapping[str, Any]
    above: Mapping[str, Any]
    """What it inherits; shared with its sisters."""

    @property
    def energy(self) -> str:
        """As it will be."""
        return str(self.said.get("energy", self.trim.energy))

    @property
    def seats(self) -> int:
        """As they will be."""
        return int(self.said.get("seats", self.trim.seats))

    @property
    def guide_price(self) -> Decimal:
        """As it will be, in yuan."""
        price = self.said.get("guide_price")
        return self.trim.guide_price if price is None else from_fen(price)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What will hold in full, inherited values too."""
        said = {code: value for field, value in self.said.items() if (code := code_in(field))}
        own = self.trim.parameters or {}
        return in_full(self.above, {**own, **said} if said else own)

    def pair(self, code: str) -> tuple[Any, Any]:
        """An own parameter as it is and as it will be."""
        known = (self.trim.parameters or {}).get(code)
        return known, self.said.get(field_of(code), known)


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
    entries: list[EntryChange] = []
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
        entries += _entries(tree, changes, line=line, place=place)
        effects += _effects(tree, changes, record)
        tree.changes[start:] = [_in_short(change) for change in changes]
    slips = find_slips(tree, checked.records, checked.lines, checked.places, decided=decided or {})
    problems += [_asked(slip, columns or {}) for slip in slips]
    return ImportPreview(
        checked=_only(checked, sorted(kept), problems),
        rows=PreviewRows(entries),
        result=tree.result(),
        unchanged=unchanged,
        price_changes=tuple(share for one in entries if (share := one.price_change()) is not None),
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


def _entries(tree: CatalogueTree, changes: list[NodeChange], *, line: int, place: str) -> Iterator[EntryChange]:
    for change in changes:
        is_new = change.before is None
        yield EntryChange(
            line=line, place=place, name=full_name(tree.path_of(change.node)), node=change.node, is_new=is_new,
            said={} if is_new else change.delta.set, earlier=change.earlier, inherited=tree.inherited(change.node),
            fields=() if is_new else tuple(field for field in change.delta.set if field != "source"),
        )  # fmt: skip


def _effects(
    tree: CatalogueTree, changes: list[NodeChange], record: SpecificationRecord
) -> Iterator[RecordEffect]:
    if record.level is not Level.TRIM:
        return
    for change in changes:
        if change.node.__tablename__ == "trim":
            make, series, year, trim = path = tree.path_of(change.node)
            yield RecordEffect(
                name=full_name(path), series_id=series.id, make=Bilingual(make.name_zh, make.name_en), year=year.year,
                trim=trim, is_new=change.before is None, said=tree.said(trim), above=tree.inherited(trim),
            )  # fmt: skip


def _in_short(change: NodeChange) -> NodeChange:
    """A change whose fields have been told: only what kind it was is asked for later."""
    return NodeChange(change.node, None if change.before is None else {}, Delta({}))


__all__ = [
    "ImportPreview", "PreviewKind", "PreviewRow", "PreviewRows", "RecordEffect", "preview_import", "trim_columns",
]  # fmt: skip
