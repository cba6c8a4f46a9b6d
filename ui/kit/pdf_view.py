"""A PDF in the page: scrolls, zooms, says which page; printing is its page's."""

from collections.abc import Callable

from PySide6.QtCore import QPointF
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import QFrame, QWidget

from app.runtime.language import tr, tr_noop
from ui.kit.controls import IconButton, Label
from ui.kit.layout import STRETCH, column, row
from ui.kit.printing import load_pdf
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import set_role, theme

ZOOM_STEP, LEAST, MOST = 1.25, 0.25, 4.0


class PdfView(Retranslated, QFrame):
    """Shows PDF bytes. `show_pdf(data, title)` keeps the place if the page count is the same.

    With `on_print` it has a button for that. `speak` words it in another language than the window's.
    """

    def __init__(
        self, *, on_print: Callable[[], object] | None = None, speak: Callable[..., str] = tr,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._speak = speak
        set_role(self, "card")
        self._data = b""
        self._title: Words = ""
        self._document: QPdfDocument | None = None
        self.view = QPdfView(self)
        self.view.setPageMode(QPdfView.PageMode.MultiPage)
        self.view.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self._page = Label("", role="secondary")
        self._print = IconButton("printer", tr_noop("Print"), on_click=on_print)
        if on_print is None:
            self._print.hide()
        tools = row(
            self._page, STRETCH,
            IconButton("zoom-out", lambda: speak(tr_noop("Smaller")), on_click=lambda: self.zoom(1 / ZOOM_STEP)),
            IconButton("zoom-in", lambda: speak(tr_noop("Larger")), on_click=lambda: self.zoom(ZOOM_STEP)),
            IconButton("square", lambda: speak(tr_noop("Whole width")), on_click=self.fit_width),
            self._print, gap=4, margins=(12, 4, 8, 4),
        )  # fmt: skip
        outer = column(tools, gap=0, margins=1)
        outer.addWidget(self.view, 1)
        self.setLayout(outer)
        self.view.pageNavigator().currentPageChanged.connect(lambda _page: self.retranslate())

    def show_pdf(self, data: bytes, title: Words) -> None:
        """Show a document. Raises UnreadablePdf."""
        document = load_pdf(data, self)
        before, self._document = self._document, document
        place = self.view.pageNavigator().currentPage() if before is not None else 0
        same = before is not None and before.pageCount() == document.pageCount()
        self._data, self._title = data, title
        self.view.setDocument(document)
        if before is not None:
            before.close()
            before.deleteLater()
        self.view.pageNavigator().jump(place if same else 0, QPointF(), 0)
        self.retranslate()

    def data(self) -> bytes:
        """The bytes shown."""
        return self._data

    def page_count(self) -> int:
        """How many pages; 0 before `show_pdf`."""
        return self._document.pageCount() if self._document is not None else 0

    def page_with(self, words_wanted: str) -> int | None:
        """The first page on which these words stand, counted from 0; blanks and line ends do not count."""
        wanted = "".join(words_wanted.split())
        for page in range(self.page_count()):
            said = self._document.getAllText(page).text() if self._document is not None else ""
            if wanted and wanted in "".join(said.split()):
                return page
        return None

    def page(self) -> int:
        """The page in sight, from 1; 0 before `show_pdf`."""
        return self.view.pageNavigator().currentPage() + 1 if self.page_count() else 0

    def zoom(self, factor: float) -> None:
        """Larger or smaller."""
        self.view.setZoomMode(QPdfView.ZoomMode.Custom)
        self.view.setZoomFactor(max(LEAST, min(MOST, self.view.zoomFactor() * factor)))

    def fit_width(self) -> None:
        """As wide as the room."""
        self.view.setZoomMode(QPdfView.ZoomMode.FitToWidth)

    def retranslate(self) -> None:
        self.view.setAccessibleName(words(self._title))
        page = self.view.pageNavigator().currentPage() + 1
        said = self._speak(tr_noop("Page {n} of {total}"), n=page, total=self.page_count())
        self._page.set_text(said if self.page_count() else "")
        self.view.setPageSpacing(theme().px(8))
