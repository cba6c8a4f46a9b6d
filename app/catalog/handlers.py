"""What commands do to the catalogue."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.catalog.commands import (
    ChangeTrim,
    CreateMake,
    CreateModelYear,
    CreateSeries,
    CreateTrim,
    RemoveTrim,
)
from app.catalog.energies import NEW_ENERGY, Energy
from app.catalog.errors import NameTaken, NotNewEnergy, PriceNegative, SeatsOutOfRange, TrimInUse, YearOutOfRange
from app.catalog.rules import check_parameters
from app.kernel.chinese_names import pinyin_initials
from app.kernel.commands import requires
from app.kernel.errors import limited_text, require_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.inventory import VehicleUnit

FIRST_YEAR = 1950


@requires(Permission.CATALOG_EDIT)
def create_make(command: CreateMake, uow: UnitOfWork) -> str:
    """Add a make; returns its id."""
    name = require_text(command.name_zh, field="name_zh", limit=60)
    _require_free(uow, select(Make.id).where(Make.name_zh == name, Make.deleted_at.is_(None)), name)
    make = Make(
        name_zh=name,
        name_en=limited_text(command.name_en, field="name_en", limit=60),
        name_initials=pinyin_initials(name, person=False),
        country=limited_text(command.country, field="country", limit=2).upper(),
    )
    return uow.add(make).id


@requires(Permission.CATALOG_EDIT)
def create_series(command: CreateSeries, uow: UnitOfWork) -> str:
    """Add a series to a make; returns its id."""
    make = uow.get(Make, command.make_id, field="make_id")
    name = require_text(command.name_zh, field="name_zh", limit=80)
    same = select(Series.id).where(Series.make_id == make.id, Series.name_zh == name, Series.deleted_at.is_(None))
    _require_free(uow, same, name)
    series = Series(
        make_id=make.id,
        name_zh=name,
        name_en=limited_text(command.name_en, field="name_en", limit=80),
        name_initials=pinyin_initials(name, person=False),
        body=limited_text(command.body, field="body", limit=24),
    )
    return uow.add(series).id


@requires(Permission.CATALOG_EDIT)
def create_model_year(command: CreateModelYear, uow: UnitOfWork) -> str:
    """Add a model year to a series; returns its id, also of one that is there already."""
    series = uow.get(Series, command.series_id, field="series_id")
    year = checked_year(command.year, latest=uow.now.year + 2)
    known = uow.session.execute(
        select(ModelYear.id).where(
            ModelYear.series_id == series.id, ModelYear.year == year, ModelYear.deleted_at.is_(None)
        )
    ).scalar()
    return known or uow.add(ModelYear(series_id=series.id, year=year)).id


@requires(Permission.CATALOG_EDIT)
def create_trim(command: CreateTrim, uow: UnitOfWork) -> str:
    """Add a trim to a model year; returns its id."""
    model_year = uow.get(ModelYear, command.model_year_id, field="model_year_id")
    name = require_text(command.name_zh, field="name_zh", limit=120)
    _require_free(uow, _same_trim(model_year.id, name), name)
    trim = Trim(model_year_id=model_year.id, source=limited_text(command.source, field="source", limit=120))
    _set_trim(trim, command, name)
    uow.add(trim)
    uow.session.flush()
    uow.undo_with(RemoveTrim(trim_id=trim.id, expected_revision=trim.revision))
    return trim.id


@requires(Permission.CATALOG_EDIT)
def change_trim(command: ChangeTrim, uow: UnitOfWork) -> str:
    """Set every editable field of a trim; returns its id."""
    trim = uow.get(Trim, command.trim_id, field="trim_id")
    uow.check_revision(trim, command.expected_revision)
    name = require_text(command.name_zh, field="name_zh", limit=120)
    _require_free(uow, _same_trim(trim.model_year_id, name).where(Trim.id != trim.id), name)
    before: dict[str, Any] = {
        "name_zh": trim.name_zh, "name_en": trim.name_en, "energy": Energy(trim.energy), "seats": trim.seats,
        "guide_price": trim.guide_price, "in_tax_directory": trim.in_tax_directory, "parameters": trim.parameters,
    }  # fmt: skip
    _set_trim(trim, command, name)
    uow.session.flush()
    uow.undo_with(ChangeTrim(trim_id=trim.id, expected_revision=trim.revision, **before))
    return trim.id


@requires(Permission.CATALOG_EDIT)
def remove_trim(command: RemoveTrim, uow: UnitOfWork) -> str:
    """Take a trim out of the catalogue; returns its id."""
    trim = uow.get(Trim, command.trim_id, field="trim_id")
    uow.check_revision(trim, command.expected_revision)
    units = uow.session.execute(
        select(func.count())
        .select_from(VehicleUnit)
        .where(VehicleUnit.trim_id == trim.id, VehicleUnit.deleted_at.is_(None))
    ).scalar_one()
    if units:
        raise TrimInUse(units=units)
    trim.deleted_at = uow.now
    return trim.id


def checked_year(year: int, *, latest: int) -> int:
    """The year; raises YearOutOfRange."""
    if not FIRST_YEAR <= year <= latest:
        raise YearOutOfRange(field="year", year=year, lowest=FIRST_YEAR, highest=latest)
    return year


def trim_values(
    *, energy: Energy, seats: int, guide_price: Decimal, in_tax_directory: bool, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """The checked column values of a trim apart from its names.

    Raises SeatsOutOfRange, PriceNegative, NotNewEnergy and the specification errors.
    """
    if not 1 <= seats <= 60:
        raise SeatsOutOfRange(field="seats", seats=seats)
    if guide_price < 0:
        raise PriceNegative(field="guide_price")
    if in_tax_directory and Energy(energy) not in NEW_ENERGY:
        raise NotNewEnergy(field="in_tax_directory")
    return {
        "energy": Energy(energy).value,
        "seats": seats,
        "guide_price": guide_price,
        "in_tax_directory": in_tax_directory,
        "parameters": check_parameters(parameters),
    }


def _set_trim(trim: Trim, command: CreateTrim | ChangeTrim, name_zh: str) -> None:
    values = trim_values(
        energy=command.energy,
        seats=command.seats,
        guide_price=command.guide_price,
        in_tax_directory=command.in_tax_directory,
        parameters=command.parameters,
    )
    trim.name_zh = name_zh
    trim.name_en = limited_text(command.name_en, field="name_en", limit=120)
    for key, value in values.items():
        setattr(trim, key, value)


def _same_trim(model_year_id: str, name: str) -> Any:
    return select(Trim.id).where(
        Trim.model_year_id == model_year_id, Trim.name_zh == name, Trim.deleted_at.is_(None)
    )


def _require_free(uow: UnitOfWork, same: Any, name: str) -> None:
    if uow.session.execute(same.limit(1)).first() is not None:
        raise NameTaken(field="name_zh", name=name)
