"""The reconciliation as a file: a workbook, a PDF or plain lines."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from app.month_close.queries import list_late_postings
from app.runtime.language import tr
from sync.client.group_reconciliation import GroupComparison
from ui.sync.reconciliation_report import Made, report_of

_FORMS = "Excel (*.xlsx);;PDF (*.pdf);;CSV (*.csv)"


def ask_path(parent: QWidget, chosen: Any) -> QFileDialog:
    """Ask where, and hand the path to `chosen`; returns at once."""
    dialog = QFileDialog(parent, tr("Save the report"), "", _FORMS)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("xlsx")
    dialog.selectFile(f"{tr('Reconciliation')}.xlsx")
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def write_report(
    reader: Any, path: Path, found: GroupComparison, spoken: str, codes: Mapping[str, str], titles: Mapping[str, str]
) -> Path:
    """On a reader thread: all that was found, with what came late for closed months; the ending decides the form.

    `codes` are what records are called by their ids, `titles` the names of branches. Raises OSError.
    """
    from app.documents.reconciliation_report import HEADS, reconciliation_book, render_reconciliation
    from app.documents.tables import csv_table
    from app.runtime.atomic_file import write_atomically

    late = list_late_postings(reader, [one.branch_id for one in found.branches])
    actor = reader.actor
    desk = f"{actor.branch_code}-{actor.desk_code}"
    paper = report_of(found, Made(reader.now, actor.name, desk, codes, titles), late=late)
    match path.suffix.lower():
        case ".pdf":
            content = render_reconciliation(paper, spoken).pdf
        case ".xlsx":
            content = reconciliation_book(paper, spoken)
        case _:
            content = csv_table([tr(head) for head in HEADS], [line.cells for line in paper.lines])
    write_atomically(path, content, mode=0o644)
    return path
