"""Lists of clauses as files: taken in by the kit's import sheet, saved where somebody says."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from app.catalog.import_report import save_report
from app.clauses.commands import ImportClauses
from app.clauses.transfer import REQUIRED, ClauseField, check_list, clause_list, read_list, suggest_mapping, table_of
from app.kernel.commands import Command
from app.runtime.atomic_file import write_atomically
from app.runtime.language import tr, tr_noop, trn
from ui.kit.context import PageContext
from ui.kit.import_plan import ImportField, ImportPlan, Progress
from ui.kit.import_sheet import ImportSheet

_READABLE = "*.json"


class ClauseImportSheet(ImportSheet):
    """The kit's sheet without the empty table: a list of clauses is made by saving one."""

    def __init__(self, context: PageContext, *, on_leave: Callable[[], object]) -> None:
        super().__init__(context, clause_import_plan(), on_leave=on_leave)
        self._template.hide()


def clause_import_plan() -> ImportPlan:
    """What the entries of a list can stand for, and how it is read, checked and written."""
    return ImportPlan(
        key="clauses",
        intro=tr_noop(
            "A list of clauses in JSON, as this page saves it. Each becomes a draft that somebody proposes and "
            "somebody else approves; nothing that counts is changed by importing."
        ),
        fields=[ImportField(field, field.label, field in REQUIRED) for field in ClauseField],
        read_file=lambda path, _sheet: read_list(path),
        read_text=table_of,
        suggest=_suggest,
        check=_check,
        command=_command,
        save_report=save_report,  # type: ignore[arg-type]
        taken=_taken,
        result=lambda ids: trn("{n} draft stored", "{n} drafts stored", len(ids)),
        invitation=tr_noop("Drop a JSON file here"),
        readable=_READABLE,
    )


def ask_path(parent: QWidget, chosen: Callable[[Path], object]) -> QFileDialog:
    """Ask where to save, and hand the path to `chosen`; returns at once."""
    dialog = QFileDialog(parent, tr("Save the clauses"), "", f"JSON ({_READABLE})")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("json")
    dialog.selectFile(f"{tr('Clauses')}.json")
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def save_list(reader: Any, path: Path, **filters: Any) -> Path:
    """On a reader thread: write the clauses that are found. Raises ProfileReadOnly, DiskFull or DiskFailing."""
    write_atomically(path, clause_list(reader, **filters), mode=0o644)
    return path


def _suggest(headers: Sequence[str]) -> Any:
    return suggest_mapping(headers)


def _check(reader: Any, table: Any, mapping: Any, progress: Progress) -> Any:
    return check_list(reader, table=table, mapping=mapping, progress=progress)


def _command(checked: Any, _skip_bad_rows: bool, _progress: Progress) -> Command:
    return ImportClauses(rows=checked.prepared)


def _taken(count: int) -> str:
    return trn("{n} clause", "{n} clauses", count)
