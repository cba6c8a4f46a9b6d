"""One page at a time as it will leave the printer, with what is laid over it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from app.documents.drawn_fields import with_fields_drawn
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import IconButton, Label
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.printing import SpoolPaper, load_pdf, render_page
from ui.kit.text import Retranslated
from ui.kit.theme import set_role, theme

_WIDTH, _HEIGHT = 360, 480


class PrintPreview(Retranslated, QFrame):
    """Shows the pages of several papers one after the other; they are drawn on a worker thread."""

    def __init__(self, context: PageContext, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.context = context
        self._papers: Sequence[SpoolPaper] = ()
        self._paper, self._page, self._pages = 0, 1, 0
        self._said = Label(self._words, role="secondary")
        self._back = IconButton("chevron-left", tr_noop("Page before"), on_click=lambda: self.turn(-1))
        self._on = IconButton("chevron-right", tr_noop("Next page"), on_click=lambda: self.turn(1))
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setFixedSize(theme().px(_WIDTH), theme().px(_HEIGHT))
        tools = boxed(row(self._said, STRETCH, self._back, self._on, gap=4, margins=(12, 4, 8, 4)))
        self.setLayout(column(tools, self._picture, gap=0, margins=1))
        self._tell()

    @property
    def place(self) -> tuple[int, int]:
        """The paper in sight, from 0, and its page, from 1."""
        return self._paper, self._page

    def picture(self) -> QImage:
        """What is shown."""
        return self._picture.pixmap().toImage()

    def show_papers(self, papers: Sequence[SpoolPaper]) -> None:
        """Begin with the first page of the first one."""
        self._papers, self._paper, self._page, self._pages = papers, 0, 1, 0
        self._draw()

    def turn(self, step: int) -> None:
        """One page on or back, also into the next or the last paper."""
        if self._page + step > self._pages and self._paper + 1 < len(self._papers):
            self._paper, self._page = self._paper + 1, 1
        elif self._page + step < 1 and self._paper > 0:
            self._paper, self._page = self._paper - 1, 0
        elif 1 <= self._page + step <= self._pages:
            self._page += step
        else:
            return
        self._draw()

    def _draw(self) -> None:
        self._tell()
        if not self._papers:
            return
        ratio = self.devicePixelRatioF()
        draw = _drawing(
            self._papers[self._paper], self._page, self._picture.width() * ratio, self._picture.height() * ratio
        )
        self.context.operations.run_query(
            self, lambda _reader: draw(), on_done=self._on_drawn, on_error=self._on_failed, key="page"
        )

    def _on_drawn(self, drawn: tuple[QImage, int, int]) -> None:
        picture, self._page, self._pages = drawn
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        self._picture.setPixmap(QPixmap.fromImage(picture))
        self._tell()

    def _on_failed(self, _error: BaseException) -> bool:
        """The report says what is wrong with it; the others can be printed all the same."""
        self._picture.clear()
        self._pages = 1
        self._tell()
        return True

    def _tell(self) -> None:
        self._said.retranslate()
        self._back.setEnabled(self._paper > 0 or self._page > 1)
        self._on.setEnabled(self._page < self._pages or self._paper + 1 < len(self._papers))

    def _words(self) -> str:
        if not self._papers or not self._pages:
            return ""
        page = tr("Page {n} of {total}", n=self._page, total=self._pages)
        return page if len(self._papers) == 1 else f"{self._papers[self._paper].label} · {page}"

    def retranslate(self) -> None:
        self._picture.setAccessibleName(tr("Preview of the page"))


def _drawing(paper: SpoolPaper, page: int, width: float, height: float) -> Callable[[], tuple[QImage, int, int]]:
    """Draws a page (from 1; 0 is the last one) as large as it fits: the picture, its number, how many there are."""

    def draw() -> tuple[QImage, int, int]:
        document = load_pdf(with_fields_drawn(paper.content))
        pages = document.pageCount()
        number = page or pages
        points = document.pagePointSize(number - 1)
        over = paper.overlay((points.width(), points.height())) if paper.overlay is not None else b""
        dots = 72 * min(width / points.width(), height / points.height())
        return render_page(document, number, dots=dots, overlay=load_pdf(over) if over else None), number, pages

    return draw
