"""What can be done to the catalogue: makes, series, model years, trims."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.catalog.energies import Energy
from app.catalog.import_commands import ImportSpecifications as ImportSpecifications
from app.catalog.import_commands import SpecificationRecord as SpecificationRecord
from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateMake(Command):
    """Add a make; returns its id. `country` is the ISO code of the maker's home ("CN"), or empty.

    Raises NameTaken (field `name_zh`) for a name that another make has.
    """

    name_zh: str
    name_en: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSeries(Command):
    """Add a series to a make; returns its id. Raises NameTaken within the make."""

    make_id: str
    name_zh: str
    name_en: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateModelYear(Command):
    """Add a model year to a series; returns its id, also of one that is there already."""

    series_id: str
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTrim(Command):
    """Add a trim to a model year; returns its id.

    `parameters` holds `{code: value}` in the dictionary's own units; the specification errors name the field
    `parameters.<code>`. `in_tax_directory` is for new-energy trims only (NotNewEnergy).
    """

    model_year_id: str
    name_zh: str
    name_en: str = ""
    energy: Energy
    seats: int = 5
    guide_price: Decimal
    in_tax_directory: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTrim(Command):
    """Set every editable field of a trim; returns its id. Can be undone. Units that exist keep their own prices."""

    trim_id: str
    expected_revision: int
    name_zh: str
    name_en: str
    energy: Energy
    seats: int
    guide_price: Decimal
    in_tax_directory: bool
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTrim(Command):
    """Take a trim out of the catalogue; raises TrimInUse while a unit is of this trim."""

    trim_id: str
    expected_revision: int
