"""What can be done to the catalogue: makes, series, model years, trims.

Every change is a version: `reason` says why, `effective_from` from which day on (None: today). A change that comes into
force on a day ahead waits as a version until then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.catalog.energies import Energy
from app.catalog.import_commands import ImportSpecifications as ImportSpecifications
from app.catalog.import_commands import SpecificationRecord as SpecificationRecord
from app.catalog.removal_commands import RemoveEntry as RemoveEntry
from app.catalog.removal_commands import RemoveTrim as RemoveTrim
from app.catalog.removal_commands import RestoreEntry as RestoreEntry
from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateMake(Command):
    """Add a make; returns its id. `country` is the ISO code of the maker's home ("CN"), or empty.

    Raises NameTaken (field `name_zh`) for a name that another make has.
    """

    name_zh: str
    name_en: str = ""
    country: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSeries(Command):
    """Add a series to a make; returns its id. Raises NameTaken within the make."""

    make_id: str
    name_zh: str
    name_en: str = ""
    body: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateModelYear(Command):
    """Add a model year to a series; returns its id, also of one that is there already."""

    series_id: str
    year: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTrim(Command):
    """Add a trim to a model year; returns its id.

    `parameters` holds the trim's own `{code: value}`, numbers in the dictionary's own units or with theirs ("150 PS");
    the specification errors name the field `parameters.<code>`. `in_tax_directory` is for new-energy trims only
    (NotNewEnergy).
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
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMake(Command):
    """Set every editable field of a make; returns the id of the version, "" when nothing differs. Can be undone.

    `parameters` is all the make says itself, for every series below it. Raises ReasonRequired, EffectiveDateOutOfRange,
    NameTaken and the specification errors.
    """

    make_id: str
    expected_revision: int
    name_zh: str
    name_en: str
    country: str
    parameters: Mapping[str, Any]
    reason: str
    effective_from: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSeries(Command):
    """Set every editable field of a series, like ChangeMake; None as a value takes an inherited one away."""

    series_id: str
    expected_revision: int
    name_zh: str
    name_en: str
    body: str
    parameters: Mapping[str, Any]
    reason: str
    effective_from: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeModelYear(Command):
    """Set what a model year says itself, like ChangeSeries. The year stays: another year is another entry."""

    model_year_id: str
    expected_revision: int
    parameters: Mapping[str, Any]
    reason: str
    effective_from: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTrim(Command):
    """Set every editable field of a trim; returns the id of the version, "" when nothing differs. Can be undone.

    `parameters` is all the trim says itself; None takes an inherited value away. Units that exist keep their own
    prices, offers and orders the version they were made with.
    """

    trim_id: str
    expected_revision: int
    name_zh: str
    name_en: str
    energy: Energy
    seats: int
    guide_price: Decimal
    in_tax_directory: bool
    parameters: Mapping[str, Any]
    reason: str
    effective_from: date | None = None
