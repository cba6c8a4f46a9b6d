"""A purchase proposal on paper, and as a file for the maker."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from app.replenishment.exports import proposal_csv, proposal_pdf, proposal_xlsx
from app.replenishment.proposal_queries import ProposalDetail
from app.runtime.language import CHINESE, ENGLISH, language, tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.page import Page


def proposal_paper(context: PageContext, detail: ProposalDetail, *, back: Button) -> QWidget:
    """The proposal on paper, in a sheet."""
    from ui.kit.paper_sheet import Paper, PaperSheet

    def fetch(reader: Any, chosen: str) -> Paper:
        code = chosen or language()
        code = CHINESE if code == CHINESE else ENGLISH
        return Paper(proposal_pdf(reader, detail.row.id, paper_language=code), code)

    return PaperSheet(
        context, fetch, title=tr_noop("Purchase proposal"), file_name=detail.row.number, back=back
    )


def ask_where(parent: QWidget, file_name: str, *, on_chosen: Callable[[Path], object]) -> None:
    """Ask where a proposal goes, as CSV or XLSX by the suffix of the name."""
    suffix = Path(file_name).suffix[1:]
    kinds = "CSV (*.csv)" if suffix == "csv" else "XLSX (*.xlsx)"
    dialog = QFileDialog(parent, tr("Save the proposal"), "", kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(file_name)
    dialog.fileSelected.connect(lambda chosen: on_chosen(Path(chosen)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def write_proposal(page: Page, proposal_id: str, path: Path) -> None:
    """Write a proposal as CSV or XLSX, whole or not at all; a notification says so."""
    from app.runtime.atomic_file import write_atomically

    make = proposal_csv if path.suffix.lower() == ".csv" else proposal_xlsx

    def written(content: bytes) -> None:
        page.context.operations.run_plain(
            page, lambda: write_atomically(path, content, mode=0o644),
            on_done=lambda _value: page.context.notifications.show(
                lambda: tr("Saved as {file}", file=path.name), tone="good"
            ),
        )  # fmt: skip

    page.context.operations.run_query(page, make, proposal_id, on_done=written, key="export")
