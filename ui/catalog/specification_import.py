"""The import of specification tables, as the kit's import sheet wants it declared: a column for each parameter."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from app.catalog.commands import ImportSpecifications
from app.catalog.import_report import RowProblem, save_report
from app.catalog.rules import specification_dictionary
from app.catalog.source_tables import SourceTable, read_file, read_text
from app.catalog.specification_files import (
    REQUIRED,
    CheckedSpecifications,
    ParameterColumn,
    SpecificationField,
    SpecificationMapping,
    check_specifications,
    suggest_mapping,
)
from app.catalog.units import find_unit
from app.kernel.commands import Command
from app.runtime.language import tr, tr_noop, trn
from ui.kit.context import PageContext
from ui.kit.import_plan import ImportField, ImportPlan, Progress
from ui.kit.import_sheet import ImportSheet

_UNIT = re.compile(r"[(\[（]([^)\]）]+)[)\]）]\s*$")


@dataclass(frozen=True, slots=True)
class CheckedTrims:
    """A checked table as the import sheet reads it."""

    checked: CheckedSpecifications
    warned: int = 0

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self.checked.total

    @property
    def refused(self) -> int:
        """How many cannot be taken in."""
        return self.checked.refused

    @property
    def problems(self) -> tuple[RowProblem, ...]:
        """What is wrong, row by row."""
        return self.checked.problems


def specification_import_sheet(context: PageContext, *, on_leave: Callable[[], object]) -> ImportSheet:
    """The sheet that takes in specifications."""
    return ImportSheet(context, specification_import_plan(), on_leave=on_leave)


def specification_import_plan() -> ImportPlan:
    """Names, price and energy of a trim, and every parameter of the dictionary."""
    parameters = specification_dictionary().parameters.values()
    fields = [ImportField(field, field.label, field in REQUIRED) for field in SpecificationField]
    fields += [ImportField(one.code, partial(str, one.name)) for one in parameters]
    return ImportPlan(
        key="specifications",
        intro=tr_noop("One trim a row, a column for each parameter; units may stand in brackets in the heading."),
        fields=fields,
        read_file=lambda path, sheet: _read_file(path, sheet),
        read_text=read_text,
        suggest=_suggest,
        check=_check,
        command=_command,
        save_report=save_report,  # type: ignore[arg-type]
        taken=lambda count: trn("{n} trim", "{n} trims", count),
        result=_result,
    )


def _read_file(path: Path, sheet: str) -> SourceTable:
    return read_file(path, sheet=sheet)


def _suggest(headers: Sequence[str]) -> dict[Any, int]:
    found = suggest_mapping(headers)
    return {**found.fields, **{one.code: one.column for one in found.parameters}}


def _check(_reader: Any, table: Any, mapping: Mapping[Any, int], progress: Progress) -> CheckedTrims:
    fields = {key: column for key, column in mapping.items() if isinstance(key, SpecificationField)}
    parameters = tuple(
        ParameterColumn(str(key), column, _unit_in(table.headers[column]))
        for key, column in mapping.items()
        if not isinstance(key, SpecificationField)
    )
    whole = SpecificationMapping(fields, parameters)
    return CheckedTrims(check_specifications(table, whole, progress=progress))


def _unit_in(heading: str) -> str:
    found = _UNIT.search(heading)
    unit = find_unit(found.group(1)) if found else None
    return unit.code if unit else ""


def _command(checked: Any, skip_bad_rows: bool, progress: Progress) -> Command:
    table: CheckedSpecifications = checked.checked
    records = table.records if skip_bad_rows else table.require_good()
    return ImportSpecifications(records=records, source=table.name or tr("Pasted table"), progress=progress)


def _result(value: Any) -> str:
    added = trn("{n} trim added", "{n} trims added", value.trims_added)
    return tr("{added}, {n} brought up to date", added=added, n=value.trims_changed)
