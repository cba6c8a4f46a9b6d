"""Taking many specifications into the catalogue at once, and taking that back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.catalog.energies import Energy
from app.kernel.commands import Command
from app.kernel.labels import Labelled
from app.runtime.language import tr_noop


class Level(Labelled):
    """The level of the catalogue that a row of a list describes."""

    MAKE = "make", tr_noop("Make")
    SERIES = "series", tr_noop("Series")
    MODEL_YEAR = "model_year", tr_noop("Model year")
    TRIM = "trim", tr_noop("Trim")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificationRecord:
    """One entry as a source describes it; names in the source's language where only one is known.

    None and empty texts are what the source does not say: an entry that is there keeps its value. `parameters` are
    laid over those the entry has itself; a value of None takes an inherited one away. A guide price of zero says that
    the source knows none. `record_id` names the entry where the source is an export of ours, so that names can change.
    """

    make_zh: str
    make_en: str = ""
    country: str = ""
    series_zh: str = ""
    series_en: str = ""
    body: str = ""
    year: int | None = None
    trim_zh: str = ""
    trim_en: str = ""
    energy: Energy | None = None
    seats: int | None = None
    guide_price: Decimal | None = None
    in_tax_directory: bool | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    level: Level = Level.TRIM
    record_id: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells entries of one list apart."""
        parts: tuple[Any, ...] = (self.make_zh, self.series_zh, self.year, self.trim_zh)
        return (self.level.value, *parts[: list(Level).index(self.level) + 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSpecifications(Command):
    """Take in many entries, all or none: what is missing is added, an entry of the same name is brought up to date.

    Returns `SpecificationImport(makes, series, model_years, trims_added, trims_changed, import_id)`. Can be undone as a
    whole. `effective_from` is the day the values come into force, today for None. `progress(message, fraction)` is
    called now and then and may raise to cancel.
    """

    records: tuple[SpecificationRecord, ...]
    source: str
    effective_from: date | None = None
    reason: str = ""
    progress: Callable[[str, float], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoSpecificationImport(Command):
    """Take an import back as a whole: what it added goes, what it changed gets its former values. Returns its id.

    Raises ImportUndoneAlready, ImportChangedSince (somebody changed what it brought), or ImportInUse (units are of a
    trim it added); nothing changes then.
    """

    import_id: str
    progress: Callable[[str, float], None] | None = None
