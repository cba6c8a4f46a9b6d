"""A document as it will be signed: read on the screen together, its parties beside it, printed, locked."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea

from app.contracts.commands import LockContract
from app.contracts.queries import ContractDetail, DocumentRow, contract_document, get_contract
from app.contracts.rules import ContractAction
from app.printing.queries import contract_to_print
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.layout import STRETCH, boxed, column
from ui.kit.pdf_view import PdfView
from ui.kit.station import Station
from ui.kit.theme import set_size, theme
from ui.signing.parties_editor import PartiesEditor

SIDE_WIDTH = 380


class ReadingStation(Station):
    """`locked(contract id)`: the bytes are fixed and can be signed. Whoever uses it says how the paper is drafted
    again (`draft_again`) and arranges `across` with its own head and verbs."""

    locked = Signal(str)

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._detail: ContractDetail | None = None
        self._document: DocumentRow | None = None
        self.view = PdfView(on_print=self._print)
        self.parties = PartiesEditor(context)
        self.parties.changed.connect(self.draft_again)
        self.go = Button(tr_noop("Lock for signing"), kind="primary", icon="lock", on_click=self._lock)
        self.go.setEnabled(False)
        self.side = side = QScrollArea()
        side.setWidgetResizable(True)
        side.setFrameShape(QFrame.Shape.NoFrame)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side.setWidget(boxed(column(Label(tr_noop("Who signs"), role="section"), self.parties, STRETCH, gap=12)))
        set_size(side, width=SIDE_WIDTH)
        self.across = QHBoxLayout()
        self.across.setSpacing(theme().px(16))
        self.across.addWidget(self.view, 1)
        self.across.addWidget(side)

    def draft_again(self) -> None:
        """The parties are others: the paper has to say so."""
        raise NotImplementedError

    def say(self, detail: ContractDetail) -> None:
        """What the reader has to know beforehand."""
        self.messages.clear()

    def take_focus(self) -> None:
        """Reading, then locking."""
        self.view.setFocus()
        self.go.setFocus()

    @property
    def document(self) -> DocumentRow | None:
        """What is shown."""
        return self._document

    def forget(self) -> None:
        """Another document."""
        self._show_nothing()

    def fetch(self, contract_id: str) -> None:
        """Read it anew. Only both together can be locked: the pages under the revision that goes with them."""
        self._show_nothing()
        run = self.context.operations.run_query
        run(self, get_contract, contract_id, on_done=self._on_detail, key="detail")
        run(self, contract_document, contract_id, on_done=self._on_document, key="document")

    def _show_nothing(self) -> None:
        self._detail = self._document = None
        self.go.setEnabled(False)

    def _print(self) -> None:
        from ui.kit.print_dialog import PrintHow, open_print

        if self._document is not None:
            paper = contract_to_print(self._document.contract_id, self._document.number)
            open_print(self, self.context, [paper], title=tr_noop("Contract"), how=PrintHow(kind="contract"))

    def _on_detail(self, detail: ContractDetail) -> None:
        self._detail = detail
        self.parties.set_contract(detail)
        self.say(detail)
        self._ready()

    def _on_document(self, document: DocumentRow) -> None:
        self._document = document
        self.view.show_pdf(document.content, lambda: tr("Contract"))
        self._ready()

    def _ready(self) -> None:
        detail = self._detail
        ready = detail is not None and self._document is not None
        self.go.setEnabled(ready and detail is not None and ContractAction.LOCK in detail.actions)
        if ready and self.isVisible() and not self._is_drafting():
            self.go.setFocus()

    def _is_drafting(self) -> bool:
        """Whether the focus is on what drafts again, and stays there."""
        return False

    def _lock(self) -> None:
        if self._detail is None or self._document is None:
            return
        command = LockContract(
            contract_id=self._detail.row.id, expected_revision=self._detail.row.revision,
            shown_digest=self._document.digest,
        )  # fmt: skip
        job = self.context.operations.run_command(
            self, command, on_done=lambda _value: self.locked.emit(command.contract_id)
        )
        self.go.busy_while(job)
