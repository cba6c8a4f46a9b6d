"""What commands do to the catalogue."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from app.catalog.commands import (
    ChangeMake,
    ChangeModelYear,
    ChangeSeries,
    ChangeTrim,
    CreateMake,
    CreateModelYear,
    CreateSeries,
    CreateTrim,
)
from app.catalog.energies import NEW_ENERGY, Energy
from app.catalog.errors import NameTaken, NotNewEnergy, PriceNegative, SeatsOutOfRange, YearOutOfRange
from app.catalog.removal_handlers import removal_of
from app.catalog.rules import check_own_parameters
from app.catalog.version_commands import UndoVersion
from app.catalog.version_rules import PARAMETER
from app.catalog.versions import add_entry, change_entry, content_of, require_reason, undone_words
from app.kernel.chinese_names import pinyin_initials
from app.kernel.commands import requires
from app.kernel.errors import limited_text, require_text
from app.kernel.money import to_fen
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.catalog import Make, ModelYear, Series, Trim

FIRST_YEAR = 1950


@requires(Permission.CATALOG_EDIT)
def create_make(command: CreateMake, uow: UnitOfWork) -> str:
    """Add a make; returns its id."""
    name = _free_make_name(uow, command.name_zh)
    make = Make(
        name_zh=name,
        name_en=limited_text(command.name_en, field="name_en", limit=60),
        name_initials=pinyin_initials(name, person=False),
        country=limited_text(command.country, field="country", limit=2).upper(),
        parameters={},
    )
    return _added(uow, make, command.reason)


@requires(Permission.CATALOG_EDIT)
def create_series(command: CreateSeries, uow: UnitOfWork) -> str:
    """Add a series to a make; returns its id."""
    make = uow.get(Make, command.make_id, field="make_id")
    name = _free_series_name(uow, make.id, command.name_zh)
    series = Series(
        make_id=make.id,
        name_zh=name,
        name_en=limited_text(command.name_en, field="name_en", limit=80),
        name_initials=pinyin_initials(name, person=False),
        body=limited_text(command.body, field="body", limit=24),
        parameters={},
    )
    return _added(uow, series, command.reason)


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
    return known or _added(uow, ModelYear(series_id=series.id, year=year, parameters={}), command.reason)


def _added(uow: UnitOfWork, entry: Any, reason: str) -> str:
    uow.reason = reason
    add_entry(uow, entry, reason=reason)
    uow.session.flush()
    uow.undo_with(removal_of(entry, reason=undone_words(reason)))
    return str(entry.id)


@requires(Permission.CATALOG_EDIT)
def create_trim(command: CreateTrim, uow: UnitOfWork) -> str:
    """Add a trim to a model year; returns its id."""
    model_year = uow.get(ModelYear, command.model_year_id, field="model_year_id")
    name = _free_trim_name(uow, model_year.id, command.name_zh)
    trim = Trim(model_year_id=model_year.id, source=limited_text(command.source, field="source", limit=120))
    trim.name_zh, trim.name_en = name, limited_text(command.name_en, field="name_en", limit=120)
    for key, value in _trim_values(command).items():
        setattr(trim, key, value)
    uow.reason = command.reason
    add_entry(uow, trim, reason=command.reason)
    uow.session.flush()
    uow.undo_with(removal_of(trim, reason=undone_words(command.reason)))
    return trim.id


@requires(Permission.CATALOG_EDIT)
def change_make(command: ChangeMake, uow: UnitOfWork) -> str:
    """Set every editable field of a make; returns the id of the version."""
    make = uow.get(Make, command.make_id, field="make_id")
    uow.check_revision(make, command.expected_revision)
    fields = {
        "name_zh": _free_make_name(uow, command.name_zh, but=make.id),
        "name_en": limited_text(command.name_en, field="name_en", limit=60),
        "country": limited_text(command.country, field="country", limit=2).upper(),
    }
    return _changed(uow, make, fields, command)


@requires(Permission.CATALOG_EDIT)
def change_series(command: ChangeSeries, uow: UnitOfWork) -> str:
    """Set every editable field of a series; returns the id of the version."""
    series = uow.get(Series, command.series_id, field="series_id")
    uow.check_revision(series, command.expected_revision)
    fields = {
        "name_zh": _free_series_name(uow, series.make_id, command.name_zh, but=series.id),
        "name_en": limited_text(command.name_en, field="name_en", limit=80),
        "body": limited_text(command.body, field="body", limit=24),
    }
    return _changed(uow, series, fields, command)


@requires(Permission.CATALOG_EDIT)
def change_model_year(command: ChangeModelYear, uow: UnitOfWork) -> str:
    """Set what a model year says itself; returns the id of the version."""
    year = uow.get(ModelYear, command.model_year_id, field="model_year_id")
    uow.check_revision(year, command.expected_revision)
    return _changed(uow, year, {}, command)


@requires(Permission.CATALOG_EDIT)
def change_trim(command: ChangeTrim, uow: UnitOfWork) -> str:
    """Set every editable field of a trim; returns the id of the version."""
    trim = uow.get(Trim, command.trim_id, field="trim_id")
    uow.check_revision(trim, command.expected_revision)
    values = _trim_values(command)
    fields = {
        "name_zh": _free_trim_name(uow, trim.model_year_id, command.name_zh, but=trim.id),
        "name_en": limited_text(command.name_en, field="name_en", limit=120),
        "energy": values["energy"],
        "seats": values["seats"],
        "guide_price": to_fen(values["guide_price"]),
        "in_tax_directory": values["in_tax_directory"],
    }
    return _changed(uow, trim, fields, command)


def _changed(
    uow: UnitOfWork, entry: Any, fields: Mapping[str, Any],
    command: ChangeMake | ChangeSeries | ChangeModelYear | ChangeTrim,
) -> str:  # fmt: skip
    """Make the entry say these fields and the command's parameters, from its day on."""
    energy = fields.get("energy", "")
    parameters = check_own_parameters(command.parameters, energy=energy)
    kept = {field: value for field, value in content_of(entry).items() if not field.startswith(PARAMETER)}
    own = {f"{PARAMETER}{code}": value for code, value in parameters.items()}
    return _changed_to(uow, entry, {**kept, **fields, **own}, reason=command.reason, day=command.effective_from)


def _changed_to(uow: UnitOfWork, entry: Any, content: Mapping[str, Any], *, reason: str, day: date | None) -> str:
    version = change_entry(uow, entry, content, reason=require_reason(uow, reason), effective_from=day)
    if version is None:
        return ""
    uow.undo_with(UndoVersion(version_id=version.id))
    return version.id


def checked_year(year: int, *, latest: int) -> int:
    """The year; raises YearOutOfRange."""
    if not FIRST_YEAR <= year <= latest:
        raise YearOutOfRange(field="year", year=year, lowest=FIRST_YEAR, highest=latest)
    return year


def _trim_values(command: CreateTrim | ChangeTrim) -> dict[str, Any]:
    """The checked column values of a trim apart from its names.

    Raises SeatsOutOfRange, PriceNegative, NotNewEnergy and the specification errors.
    """
    energy = Energy(command.energy)
    if not 1 <= command.seats <= 60:
        raise SeatsOutOfRange(field="seats", seats=command.seats)
    if command.guide_price < 0:
        raise PriceNegative(field="guide_price")
    if command.in_tax_directory and energy not in NEW_ENERGY:
        raise NotNewEnergy(field="in_tax_directory")
    return {
        "energy": energy.value,
        "seats": command.seats,
        "guide_price": command.guide_price,
        "in_tax_directory": command.in_tax_directory,
        "parameters": check_own_parameters(command.parameters, energy=energy.value),
    }


def _free_make_name(uow: UnitOfWork, given: str, *, but: str = "") -> str:
    name = require_text(given, field="name_zh", limit=60)
    _require_free(uow, select(Make.id).where(Make.name_zh == name, Make.id != but, Make.deleted_at.is_(None)), name)
    return name


def _free_series_name(uow: UnitOfWork, make_id: str, given: str, *, but: str = "") -> str:
    name = require_text(given, field="name_zh", limit=80)
    same = select(Series.id).where(
        Series.make_id == make_id, Series.name_zh == name, Series.id != but, Series.deleted_at.is_(None)
    )
    _require_free(uow, same, name)
    return name


def _free_trim_name(uow: UnitOfWork, model_year_id: str, given: str, *, but: str = "") -> str:
    name = require_text(given, field="name_zh", limit=120)
    same = select(Trim.id).where(
        Trim.model_year_id == model_year_id, Trim.name_zh == name, Trim.id != but, Trim.deleted_at.is_(None)
    )
    _require_free(uow, same, name)
    return name


def _require_free(uow: UnitOfWork, same: Any, name: str) -> None:
    if uow.session.execute(same.limit(1)).first() is not None:
        raise NameTaken(field="name_zh", name=name)
