"""Paper in the place of the table: seen first, in the language wanted, then printed or saved."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from app.printing.queries import PaperToPrint
from app.runtime.language import CHINESE, ENGLISH, tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Segmented
from ui.kit.layout import STRETCH, column, row
from ui.kit.pdf_view import PdfView
from ui.kit.print_dialog import PrintHow, open_print
from ui.kit.text import Words, words


@dataclass(frozen=True, slots=True)
class Paper:
    """A document made for somebody: its bytes, and the language it is in."""

    content: bytes
    language: str


class PaperSheet(QWidget):
    """`fetch(reader, language)` returns a `Paper` on a reader thread; an empty language is the customer's own.

    `prints` names the record whose prints are recorded (a `PrintSource` and its id); `kind` is the kind of paper whose
    settings for printing this desk remembers.
    """

    def __init__(
        self,
        context: PageContext,
        fetch: Callable[..., Paper],
        *,
        title: Words,
        file_name: str,
        back: Button,
        prints: tuple[str, str] = ("", ""),
        kind: str = "paper",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.paper: Paper | None = None
        self._prints, self._kind = prints, kind
        self._fetch, self._title, self._file_name = fetch, title, file_name
        self.language = Segmented(
            [Choice(CHINESE, lambda: "中文"), Choice(ENGLISH, lambda: "English")], name=tr_noop("Paper language")
        )
        self.language.chosen.connect(self.load)
        self.view = PdfView()
        self.save = Button(tr_noop("Save as PDF"), icon="download", on_click=self.save_as)
        self.go = Button(tr_noop("Print"), kind="primary", icon="printer", on_click=self.print)
        for button in (self.save, self.go):
            button.setEnabled(False)
        tools = row(back, self.language, STRETCH, self.save, self.go, gap=12)
        stack = column(tools, gap=12)
        stack.addWidget(self.view, 1)
        self.setLayout(stack)
        self.load("")

    def load(self, language: str) -> None:
        """Make the paper in a language."""
        self.context.operations.run_query(self, self._fetch, language, on_done=self._on_paper, key="paper")

    def print(self) -> None:
        """Ask how; what is seen is what is printed."""
        if self.paper is None:
            return
        content, (source, record_id) = self.paper.content, self._prints
        paper = PaperToPrint(
            label=words(self._title), fetch=lambda _reader: content, source=source, record_id=record_id
        )
        open_print(self, self.context, [paper], title=self._title, how=PrintHow(kind=self._kind))

    def save_as(self) -> None:
        """Into a file of one's choice."""
        if self.paper is not None:
            save_pdf(self, self.context, self.paper.content, name=self._file_name)

    def _on_paper(self, paper: Paper) -> None:
        self.paper = paper
        self.language.set_value(paper.language)
        self.view.show_pdf(paper.content, self._title)
        for button in (self.save, self.go):
            button.setEnabled(True)
        self.go.setFocus()


def save_pdf(parent: QWidget, context: PageContext, content: bytes, *, name: str) -> QFileDialog:
    """Ask where, then write the whole file or none; a notification says so. Returns at once."""
    dialog = QFileDialog(parent, tr("Save as PDF"), "", "PDF (*.pdf)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("pdf")
    dialog.selectFile(f"{name}.pdf")
    dialog.fileSelected.connect(lambda chosen: write_pdf(parent, context, content, Path(chosen)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def write_pdf(parent: QWidget, context: PageContext, content: bytes, path: Path) -> None:
    """Write the bytes beside what is there, then put them in its place."""
    from app.runtime.atomic_file import write_atomically

    def said(_value: Any) -> None:
        context.notifications.show(lambda: tr("Saved as {file}", file=path.name), tone="good")

    context.operations.run_plain(parent, lambda: write_atomically(path, content, mode=0o644), on_done=said)
