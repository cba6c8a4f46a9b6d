"""The import of stock lists, as the kit's import sheet wants it declared."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.catalog.import_report import save_report
from app.inventory.commands import ImportUnits
from app.inventory.import_units import REQUIRED, UnitField, check_units, read_file, read_text, suggest_mapping
from app.kernel.commands import Command
from app.runtime.language import tr_noop, trn
from ui.kit.context import PageContext
from ui.kit.import_plan import ImportField, ImportPlan, Progress
from ui.kit.import_sheet import ImportSheet


def unit_import_sheet(context: PageContext, *, on_leave: Callable[[], object]) -> ImportSheet:
    """The sheet that takes in a stock list."""
    return ImportSheet(context, unit_import_plan(), on_leave=on_leave)


def unit_import_plan() -> ImportPlan:
    """What the columns of a stock list can stand for, and how it is read, checked and written."""
    return ImportPlan(
        key="units",
        intro=tr_noop(
            "One vehicle a row, as the maker or the old system lists them. Nothing is written before you say so."
        ),
        fields=[ImportField(field, field.label, field in REQUIRED) for field in UnitField],
        read_file=_read_file,
        read_text=read_text,
        suggest=_suggest,
        check=_check,
        command=_command,
        save_report=save_report,  # type: ignore[arg-type]
        taken=_taken,
        result=lambda value: trn("{n} vehicle imported", "{n} vehicles imported", len(value.unit_ids)),
    )


def _read_file(path: Path, sheet: str) -> Any:
    return read_file(path, sheet=sheet)


def _suggest(headers: Sequence[str]) -> Any:
    return suggest_mapping(headers)


def _check(reader: Any, table: Any, mapping: Any, progress: Progress) -> Any:
    return check_units(reader, table=table, mapping=mapping, progress=progress)


def _command(checked: Any, skip_bad_rows: bool, progress: Progress) -> Command:
    return ImportUnits(prepared=checked, skip_bad_rows=skip_bad_rows, progress=progress)


def _taken(count: int) -> str:
    return trn("{n} vehicle", "{n} vehicles", count)
