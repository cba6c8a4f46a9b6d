"""A contract in the place of the list: its pages at the left, at the right who signed and what checking found."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.contracts.checking import VerificationRow, verify_contract
from app.contracts.queries import ContractDetail, DocumentRow, contract_document
from app.documents.drawn_fields import with_fields_drawn
from app.runtime.language import tr, tr_noop
from ui.contracts.contract_panel import contract_content
from ui.contracts.report_view import ReportView
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.layout import STRETCH, boxed, column, empty, row
from ui.kit.pdf_view import PdfView
from ui.kit.print_history import PrintHistory
from ui.kit.theme import set_role, set_size

ASIDE_WIDTH = 348
STAGE_WORDS = {
    "draft": tr_noop("The draft; nothing is fixed yet"),
    "locked": tr_noop("The locked document as it is signed"),
    "stamped": tr_noop("The sealed document with all signatures and time-stamps"),
    "sealed": tr_noop("The sealed document with all signatures"),
}


class DocumentSheet(QWidget):
    """`verbs` are buttons for what the contract offers now; they stand at the right above the pages."""

    def __init__(
        self,
        context: PageContext,
        detail: ContractDetail,
        *,
        back: Button,
        make_verbs: Callable[[], list[Button]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.detail = detail
        self.document: DocumentRow | None = None
        self._make_verbs = make_verbs
        self.view = PdfView()
        self.stage = Label("", role="secondary")
        self.report = ReportView()
        self._verbs = row(gap=8)
        self._facts = column(gap=0)
        stack = column(row(back, self.stage, STRETCH, self._verbs, gap=12), gap=12)
        across = row(gap=16)
        across.addWidget(self.view, 1)
        across.addWidget(self._aside())
        stack.addLayout(across, 1)
        self.setLayout(stack)
        self.refresh(detail)

    def refresh(self, detail: ContractDetail) -> None:
        """The contract as it stands now; its pages are read again only when they are other ones."""
        self.detail = detail
        empty(self._facts)
        self._facts.addWidget(self._content())
        self._show_verbs()
        if self.document is None or not self._is_shown(detail):
            self.context.operations.run_query(
                self, contract_document, detail.row.id, on_done=self._on_document, key="document"
            )

    def check(self) -> None:
        """Compare the stored bytes with their signatures and with what the house remembers."""
        self.context.operations.run_query(
            self, verify_contract, self.detail.row.id, on_done=self.show_report, key="check"
        )

    def show_report(self, report: VerificationRow) -> None:
        """Show what was found, and bring it into sight."""
        self.report.set_report(report)
        self._scroll.verticalScrollBar().setValue(0)

    def _is_shown(self, detail: ContractDetail) -> bool:
        sealed = detail.row.sealed_at is not None
        return self.document is not None and (
            self.document.stage in ("sealed", "stamped") if sealed else self.document.digest == detail.shown_digest
        )

    def _on_document(self, document: DocumentRow) -> None:
        self.document = document
        number = document.number
        self.context.operations.run_plain(
            self, lambda: with_fields_drawn(document.content),
            on_done=lambda shown: self.view.show_pdf(shown, lambda: tr("Contract {number}", number=number)),
        )  # fmt: skip
        self.stage.set_words(STAGE_WORDS[document.stage])
        self._show_verbs()

    def _show_verbs(self) -> None:
        empty(self._verbs)
        for verb in self._make_verbs():
            self._verbs.addWidget(verb)

    def _content(self) -> QWidget:
        go = self.context.navigator.open
        content = contract_content(self.detail, go=go, show=lambda other: go("contracts", contract_id=other))
        prints = PrintHistory(self.context, source="contract", record_id=self.detail.row.id)
        return boxed(column(content, prints, gap=16))

    def _aside(self) -> QWidget:
        holder = QWidget()
        set_role(holder, "plain")
        holder.setLayout(column(self.report, self._facts, STRETCH, gap=20, margins=16))
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(holder)
        card = QFrame()
        set_role(card, "card")
        card.setLayout(column(self._scroll, margins=1))
        set_size(card, width=ASIDE_WIDTH)
        return card
