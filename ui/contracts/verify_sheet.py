"""Checking a file: a PDF or an evidence package, dropped here or chosen, against its signatures and what is kept."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPen
from PySide6.QtWidgets import QFileDialog, QFrame, QScrollArea, QStackedWidget, QWidget

from app.contracts.errors import DocumentTooLarge
from app.contracts.file_check import FileCheck, LogStands, check_file, largest_bytes
from app.document_log.comparison import can_compare, compare_head
from app.documents.drawn_fields import with_fields_drawn
from app.runtime.language import tr, tr_noop
from sync.protocol.document_log import Fault, LogFault
from ui.contracts.package_view import PackageView
from ui.contracts.report_view import ReportView
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.feedback import MessageBar, ToneIcon
from ui.kit.layout import STRETCH, column, row
from ui.kit.pdf_view import PdfView
from ui.kit.printing import UnreadablePdf
from ui.kit.theme import Themed, set_role, set_size, theme

ASIDE_WIDTH = 380
_TO_BE_ASKED = (LogStands.OTHER_SIZE, LogStands.FORKED, LogStands.OTHER_KEY)
_BYTES_PER_MB = 1_000_000
_BEGINNING = 2048
_ALL_FILES = tr_noop("All files")


def verify_path(reader: Any, path: Path) -> FileCheck:
    """Read a file and check it; runs on a reader thread. Raises DocumentTooLarge before reading, OSError, and what
    `check_file` raises."""
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
        size, most = path.stat().st_size, largest_bytes(beginning)
        if size > most:
            limit = most // _BYTES_PER_MB
            raise DocumentTooLarge(field="content", size=f"{size / _BYTES_PER_MB:.0f}", limit=limit)
        return check_file(reader, beginning + file.read(most))


class DropZone(Themed, QFrame):
    """A dashed field that takes one file: `dropped(path)`. What it is, its content will say."""

    dropped = Signal(str)

    def __init__(self, choose: Button, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._over = False
        picture = ToneIcon("neutral", size=32)
        picture.set_tone("neutral", "shield-check")
        title = Label(tr_noop("Drop a PDF or an evidence package here"), role="section")
        hint = Label(
            tr_noop("It is compared with its signatures and with the contracts kept here. Nothing of it is stored."),
            role="secondary", wrap=True,
        )  # fmt: skip
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        set_size(hint, width=360)
        stack = column(STRETCH, gap=8, margins=24)
        middle = Qt.AlignmentFlag.AlignHCenter
        stack.addWidget(picture, 0, middle)
        stack.addWidget(title, 0, middle)
        stack.addLayout(row(STRETCH, hint, STRETCH))
        stack.addSpacing(theme().px(8))
        stack.addWidget(choose, 0, middle)
        stack.addStretch(1)
        self.setLayout(stack)

    def restyle(self) -> None:
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_file(event) is not None:
            self._over = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._over = False
        self.update()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_file(event)
        self._over = False
        self.update()
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)

    def paintEvent(self, _event: QEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(look.color("accent" if self._over else "strong_line"), look.px(2 if self._over else 1))
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(look.color("accent_wash" if self._over else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), look.px(6), look.px(6))
        painter.end()


def dropped_file(event: QDropEvent) -> str | None:
    """The path of the one file that is dragged; None for several, folders and what is not on this computer."""
    urls = event.mimeData().urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = urls[0].toLocalFile()
    return None if Path(path).is_dir() else path


class VerifySheet(QWidget):
    """Begins with a place to drop a file; afterwards the pages stand at the left, what was found at the right."""

    checked = Signal(object)

    def __init__(self, context: PageContext, *, back: Button, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.setAcceptDrops(True)
        self.messages = MessageBar()
        self.file_name = Label("", role="secondary")
        self.another = Button(tr_noop("Check another file"), icon="upload", on_click=self.choose)
        self.another.hide()
        self.choose_button = Button(tr_noop("Choose a file"), kind="primary", icon="upload", on_click=self.choose)
        self.zone = DropZone(self.choose_button)
        self.zone.dropped.connect(lambda path: self.check(Path(path)))
        self.view = PdfView()
        self.package = PackageView()
        self.report = ReportView()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.zone)
        self._stack.addWidget(self._result())
        outer = column(row(back, self.file_name, STRETCH, self.another, gap=12), self.messages, gap=12)
        outer.addWidget(self._stack, 1)
        self.setLayout(outer)

    def choose(self) -> QFileDialog:
        """Ask for a file; returns at once."""
        dialog = QFileDialog(self, tr("Choose the file to check"), "", f"PDF, ZIP (*.pdf *.zip);;{tr(_ALL_FILES)} (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda chosen: self.check(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def check(self, path: Path) -> None:
        """Read and check a file."""
        self.messages.clear()
        self.file_name.set_words(lambda: tr("Checking {file}", file=path.name))
        job = self.context.operations.run_query(
            self, verify_path, path, on_done=lambda found: self._on_checked(path, found),
            on_error=lambda error: self._on_failed(path, error), key="check",
        )  # fmt: skip
        for button in (self.choose_button, self.another):
            button.busy_while(job)
        job.finished.connect(self.take_focus)  # after the buttons work again

    def show_error(self, error: Any) -> bool:
        """The funnel asks: what cannot be checked is said above."""
        self.messages.show_error(error.message)
        return True

    def take_focus(self) -> None:
        """Return opens the dialog."""
        (self.choose_button if self._stack.currentIndex() == 0 else self.another).setFocus()

    def _result(self) -> QWidget:
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        holder = QWidget()
        set_role(holder, "plain")
        holder.setLayout(column(self.package, self.report, STRETCH, gap=16, margins=(0, 0, 8, 0)))
        scroll.setWidget(holder)
        set_size(scroll, width=ASIDE_WIDTH)
        across = row(gap=16)
        across.addWidget(self.view, 1)
        across.addWidget(scroll)
        frame = QWidget()
        set_role(frame, "plain")
        frame.setLayout(across)
        return frame

    def _on_checked(self, path: Path, found: FileCheck) -> None:
        self.file_name.set_text(path.name)
        self.package.set_check(found)
        self.report.set_report(found.document)
        self.context.operations.run_plain(
            self, lambda: with_fields_drawn(found.pdf), on_done=lambda shown: self._show_pages(path, shown)
        )
        self._stack.setCurrentIndex(1)
        self.another.show()
        self._compare_logs(found)
        self.checked.emit(found.document)

    def _compare_logs(self, found: FileCheck) -> None:
        """Where only the centre can prove that one log continues the other, it is asked, if it can be."""
        head = next((one for one in found.heads if one.stands in _TO_BE_ASKED), None)
        if head is None or not can_compare():
            return

        def told(fault: Fault | None) -> None:
            if self.package.found is found:
                self.package.set_log(fault)

        def failed(error: BaseException) -> bool:
            if self.package.found is found:
                self.package.set_log(error.fault if isinstance(error, LogFault) else None,
                                     asked=isinstance(error, LogFault))  # fmt: skip
            return True

        self.context.operations.run_remote(
            self, lambda: compare_head(head.head, head.public_key), on_done=told, on_error=failed
        )

    def _show_pages(self, path: Path, content: bytes) -> None:
        try:
            self.view.show_pdf(content, lambda: path.name)
            self.view.show()
        except UnreadablePdf:
            self.view.hide()

    def _on_failed(self, path: Path, error: BaseException) -> bool:
        self.file_name.set_text("")
        if not isinstance(error, OSError):
            return False
        self.messages.show_error(lambda: tr("{file} cannot be read. Copy it to this computer, then try again.",
                                            file=path.name))  # fmt: skip
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.check(Path(path))
