"""A comparison on paper and as a workbook."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QWidget

from app.comparison.queries import ComparisonTerms, comparison_pdf, comparison_sheets
from app.runtime.language import language, tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button

if TYPE_CHECKING:
    from ui.kit.paper_sheet import Paper, PaperSheet


def comparison_paper(context: PageContext, terms: ComparisonTerms, *, on_back: Callable[[], None]) -> "PaperSheet":
    """The comparison as it will be printed, in either language."""
    from ui.kit.paper_sheet import Paper, PaperSheet

    def fetch(reader: Any, wanted: str) -> "Paper":
        chosen = wanted or language()
        return Paper(comparison_pdf(reader, terms, language=chosen), chosen)

    return PaperSheet(
        context, fetch, title=tr_noop("Vehicle comparison"), file_name=_file_name(context),
        back=Button(tr_noop("Back to the comparison"), kind="quiet", icon="arrow-left", on_click=on_back),
    )  # fmt: skip


def ask_for_workbook(page: QWidget, context: PageContext, *, on_chosen: Callable[[Path], None]) -> QFileDialog:
    """Ask where the workbook goes."""
    dialog = QFileDialog(page, tr("Save as XLSX"), f"{_file_name(context)}.xlsx", "XLSX (*.xlsx)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("xlsx")
    dialog.fileSelected.connect(lambda chosen: on_chosen(Path(chosen)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def write_workbook(page: QWidget, context: PageContext, terms: ComparisonTerms, *, path: Path) -> None:
    """Make the workbook in the language in use and write it, off the GUI thread; say so when it is written."""

    def written(content: bytes) -> None:
        from app.runtime.atomic_file import write_atomically

        context.operations.run_plain(
            page, lambda: write_atomically(path, content, mode=0o644), on_done=lambda _done: said()
        )

    def said() -> None:
        context.notifications.show(lambda: tr("Saved as {file}", file=path.name), tone="good")

    context.operations.run_query(page, comparison_sheets, terms, language=language(), on_done=written, key="sheets")


def _file_name(context: PageContext) -> str:
    day = context.clock.now().strftime("%Y%m%d")
    return f"{tr('Vehicle comparison')} {day}"
