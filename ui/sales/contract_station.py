"""The contract as it will be signed: drafted from the order, read on the screen, printed, locked."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea

from app.contracts.commands import ContractDrafted, DraftContract, LockContract
from app.contracts.document_queries import sale_templates
from app.contracts.queries import ContractDetail, DocumentRow, contract_document, get_contract
from app.contracts.rules import ContractState
from app.contracts.template_choice import TemplateChoice
from app.printing.queries import contract_to_print
from app.runtime.language import CHINESE, ENGLISH, language, tr, tr_noop
from ui.kit import formats
from ui.kit.choice_editors import ChoiceEditor
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.pdf_view import PdfView
from ui.kit.theme import set_size, theme
from ui.sales.station import Station
from ui.signing.parties_editor import PartiesEditor

SIDE_WIDTH = 380


class ContractStation(Station):
    """`locked(contract id)`: the bytes are fixed and can be signed."""

    drafted = Signal(str)
    locked = Signal(str)

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._order_id = ""
        self._detail: ContractDetail | None = None
        self._document: DocumentRow | None = None
        self.language = Segmented(
            [Choice(CHINESE, lambda: "中文"), Choice(ENGLISH, lambda: "English")], name=tr_noop("Language of the paper")
        )
        self.language.chosen.connect(self._draft)
        self.text = ChoiceEditor([], may_be_empty=False)
        self.text.combo.setAccessibleName(tr("Text of the house"))
        self.text.edited.connect(self._draft)
        self.text.hide()
        self.view = PdfView(on_print=self._print)
        self.parties = PartiesEditor(context)
        self.parties.changed.connect(self._draft)
        self.again = Button(tr_noop("Draft again"), icon="rotate-ccw", on_click=lambda: self._draft())
        self.go = Button(tr_noop("Lock for signing"), kind="primary", icon="lock", on_click=self._lock)
        self.go.setEnabled(False)
        side = QScrollArea()
        side.setWidgetResizable(True)
        side.setFrameShape(QFrame.Shape.NoFrame)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side.setWidget(boxed(column(Label(tr_noop("Who signs"), role="section"), self.parties, STRETCH, gap=12)))
        set_size(side, width=SIDE_WIDTH)
        across = QHBoxLayout()
        across.setSpacing(theme().px(16))
        across.addWidget(self.view, 1)
        across.addWidget(side)
        self.arrange(
            [
                row(Label(tr_noop("Read the contract together"), role="section"), STRETCH, self.text, self.language),
                across,
            ],
            secondary=[self.again], primary=self.go,
        )  # fmt: skip

    def begin(self, order_id: str, contract_id: str, *, language: str = CHINESE) -> None:
        """Draft the contract of an order, or go on with the one that was drafted."""
        same = order_id == self._order_id and self._document is not None
        self._order_id = order_id
        self.language.set_value(language)
        if not same:
            self._fetch_texts()
        if contract_id and not same:
            self._fetch(contract_id)
        elif not same:
            self._draft()

    def take_focus(self) -> None:
        """Reading, then locking."""
        self.view.setFocus()
        self.go.setFocus()

    def _print(self) -> None:
        from ui.kit.print_dialog import PrintHow, open_print

        if self._document is not None:
            paper = contract_to_print(self._document.contract_id, self._document.number)
            open_print(self, self.context, [paper], title=tr_noop("Contract"), how=PrintHow(kind="contract"))

    @property
    def document(self) -> DocumentRow | None:
        """What is shown."""
        return self._document

    def forget(self) -> None:
        """Another sale."""
        self._order_id, self._detail, self._document = "", None, None
        self.go.setEnabled(False)

    def _draft(self, _language: object = "") -> None:
        self.go.setEnabled(False)
        command = DraftContract(
            order_id=self._order_id, language=self.language.value() or CHINESE, template=self.text.value() or ""
        )
        job = self.context.operations.run_command(self, command, on_done=self._on_drafted)
        self.again.busy_while(job)

    def _fetch_texts(self) -> None:
        """Which texts of the house apply to this sale; where there is one, nobody is asked."""
        self._on_texts(())
        run = self.context.operations.run_query
        run(self, sale_templates, self._order_id, on_done=self._on_texts, on_error=lambda _error: True, key="texts")

    def _on_texts(self, texts: Sequence[TemplateChoice]) -> None:
        choices = [Choice(one.code, lambda title=one.title: title.in_language(language())) for one in texts]
        self.text.set_choices(choices if len(choices) > 1 else [])
        self.text.setVisible(len(choices) > 1)
        if len(choices) > 1:
            self.text.set_value(choices[0].value)

    def _on_drafted(self, drafted: ContractDrafted) -> None:
        self.drafted.emit(drafted.contract_id)
        # Only both together can be locked: the new pages under the revision that goes with them.
        self._detail = self._document = None
        self._fetch(drafted.contract_id)

    def _fetch(self, contract_id: str) -> None:
        run = self.context.operations.run_query
        run(self, get_contract, contract_id, on_done=self._on_detail, key="detail")
        run(self, contract_document, contract_id, on_done=self._on_document, key="document")

    def _on_detail(self, detail: ContractDetail) -> None:
        self._detail = detail
        self.parties.set_contract(detail)
        if detail.row.provisional:
            self.messages.show_message(
                tr_noop("The centre has not yet confirmed this sale; the contract says so."), tone="info"
            )
        elif detail.row.secured_until is not None:
            until = detail.row.secured_until
            self.messages.show_message(
                lambda: tr(
                    "The centre keeps the vehicle for this desk until {time}; the contract says so.",
                    time=formats.moment(until),
                ),
                tone="good",
            )  # fmt: skip
        else:
            self.messages.clear()
        self._ready()

    def _on_document(self, document: DocumentRow) -> None:
        self._document = document
        self.view.show_pdf(document.content, lambda: tr("Contract"))
        self._ready()

    def _ready(self) -> None:
        ready = self._detail is not None and self._document is not None
        self.go.setEnabled(ready and self._detail.row.state == ContractState.DRAFT)
        if ready and self.isVisible() and not self.again.hasFocus():
            self.go.setFocus()

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
