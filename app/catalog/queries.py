"""Reads of the catalogue: the tree make > series > model year > trim, and one trim in full."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.catalog.energies import Energy
from app.kernel.labels import Bilingual
from app.kernel.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeRow:
    """A make; `trims` counts the trims below it."""

    id: str
    name: Bilingual
    initials: str
    country: str
    trims: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow:
    """A series; `years` newest first."""

    id: str
    make_id: str
    name: Bilingual
    initials: str
    body: str
    years: tuple[int, ...]
    trims: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimRow:
    """A trim in a list."""

    id: str
    make_id: str
    series_id: str
    model_year_id: str
    make: Bilingual
    series: Bilingual
    year: int
    name: Bilingual
    energy: Energy
    seats: int
    guide_price: Decimal
    in_tax_directory: bool
    revision: int

    @property
    def full_name(self) -> Bilingual:
        """Make, series, year and trim in one line."""
        return Bilingual(
            f"{self.make.zh} {self.series.zh} {self.year}款 {self.name.zh}",
            f"{self.make.en or self.make.zh} {self.series.en or self.series.zh} {self.year} "
            f"{self.name.en or self.name.zh}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRow:
    """One specification as it is shown: `value` in the dictionary's unit, `text` worded in both languages."""

    code: str
    group: Bilingual
    label: Bilingual
    value: Any
    unit: Bilingual
    text: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimDetail:
    """A trim with its parameters in the dictionary's order, unknown codes last; `units` counts live units of it."""

    row: TrimRow
    parameters: tuple[ParameterRow, ...]
    raw_parameters: dict[str, Any]
    source: str
    units: int


def list_makes(reader: Reader) -> tuple[MakeRow, ...]:
    """All makes, by their English name."""
    raise NotImplementedError


def list_series(reader: Reader, *, make_id: str | None = None) -> tuple[SeriesRow, ...]:
    """The series of one make, or of all, by name."""
    raise NotImplementedError


def list_trims(
    reader: Reader,
    *,
    make_id: str | None = None,
    series_id: str | None = None,
    text: str = "",
    after: str | None = None,
    limit: int = 500,
) -> tuple[TrimRow, ...]:
    """Trims, newest model year first; `text` filters by words in any of the names; `after` is the last row's id."""
    raise NotImplementedError


def get_trim(reader: Reader, trim_id: str) -> TrimDetail:
    """One trim in full; raises RecordNotFound."""
    raise NotImplementedError
