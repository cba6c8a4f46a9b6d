"""The paper beside the editor: drawn anew on a reader thread when typing pauses; until then the last one stays."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.clauses.preview import Preview
from app.kernel.errors import DomainError
from app.runtime.language import CHINESE, ENGLISH, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Choice, Label, Segmented
from ui.kit.feedback import EmptyState, MessageBar
from ui.kit.layout import column, row
from ui.kit.pdf_view import PdfView

PAUSE_MS = 400


class LivePreview(QWidget):
    """`ask()` gives the query and its arguments as they stand now, or None while there is nothing to draw."""

    def __init__(
        self, context: PageContext, ask: Callable[[], tuple[Callable[..., Preview], tuple[Any, ...]] | None]
    ) -> None:
        super().__init__()
        self.context, self._ask = context, ask
        self.shown: Preview | None = None
        self.drawn = 0
        """How many papers were drawn, for tests."""
        self.language = Segmented(
            [Choice(CHINESE, lambda: "中文"), Choice(ENGLISH, lambda: "English")], name=tr_noop("Paper language")
        )
        self.language.set_value(CHINESE)
        self.language.chosen.connect(lambda _code: self.draw())
        self.messages = MessageBar()
        self.state = Label("", role="secondary", wrap=True)
        self.view = PdfView()
        tools = row(Label(tr_noop("The paper"), role="section"), self.state, self.language, gap=12)
        tools.setStretch(1, 1)
        stack = column(tools, self.messages, gap=8)
        self._waiting = EmptyState(
            tr_noop("Nothing to draw yet"), tr_noop("Once both languages are written, the paper stands here."),
            icon="file-text",
        )  # fmt: skip
        self._places = QStackedWidget()
        self._places.addWidget(self._waiting)
        self._places.addWidget(self.view)
        stack.addWidget(self._places, 1)
        self.setLayout(stack)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self.draw)

    def touch(self) -> None:
        """Something was typed: draw once typing pauses."""
        self._timer.start()
        if self.shown is not None:
            self.state.set_words(tr_noop("being drawn …"))

    def draw(self) -> None:
        """Draw now; an answer to what was typed before is dropped."""
        self._timer.stop()
        asked = self._ask()
        if asked is None:
            self.state.set_words("")
            return
        function, arguments = asked
        self.state.set_words(tr_noop("being drawn …"))
        self.context.operations.run_query(
            self, function, *arguments, language=self.language.value(), on_done=self._on_drawn,
            on_error=self._on_failed, key="preview",
        )  # fmt: skip

    def _on_drawn(self, preview: Preview) -> None:
        first, self.shown = self.shown is None or self.shown.anchor != preview.anchor, preview
        self.drawn += 1
        self.messages.clear()
        self.state.set_words(tr_noop("of facts made up for it"))
        self.view.show_pdf(preview.pdf, tr_noop("Preview"))
        self._places.setCurrentWidget(self.view)
        if first and preview.anchor:
            self._go_to(preview.anchor)

    def _on_failed(self, error: BaseException) -> bool:
        """What is wrong stands beside the paper of before; anything unforeseen goes the usual way."""
        self.state.set_words(tr_noop("not drawn") if self.shown is None else tr_noop("as it was before"))
        if not isinstance(error, DomainError):
            return False
        self.messages.show_message(error.message, tone="warn")
        return True

    def _go_to(self, anchor: str) -> None:
        page = self.view.page_with(anchor)
        if page is not None:
            self.view.view.pageNavigator().jump(page, QPointF(), 0)
