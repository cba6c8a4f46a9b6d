"""Signing on the screen: the customer acknowledges each limiting clause and signs, then the dealer signs."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from app.contracts.commands import ContractSigned, PreparedSeal, SealContract, SignContract
from app.contracts.queries import ContractDetail, DocumentRow, contract_document, get_contract, prepare_seal
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.fields import Section, TextField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, column, row
from ui.kit.pdf_view import PdfView
from ui.kit.printable import printable
from ui.kit.signature_pad import SignaturePad
from ui.kit.theme import set_role, theme
from ui.sales.clause_list import ClauseList
from ui.sales.station import Station

BUYER, DEALER = "buyer", "dealer"
SIDE_WIDTH = 420
PAD_WIDTH, PAD_HEIGHT = 372, 140


class SigningStation(Station):
    """`sealed(contract id)` when both have signed and the seal is on it."""

    sealed = Signal(str)

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._contract_id = self._asked = ""
        self._detail: ContractDetail | None = None
        self._document: DocumentRow | None = None
        self.view = PdfView()
        self.who = Label("", role="section", wrap=True)
        self.clauses = ClauseList(context.clock)
        self.clauses.changed.connect(self._on_clauses_changed)
        self.form = Form(
            context,
            [
                Section(
                    "",
                    [
                        TextField(
                            "signer_name", tr_noop("Signs"), required=True, max_length=120, span=2, check=printable
                        )
                    ],
                )
            ],
            submit_keys=False,
        )
        self.pad = SignaturePad(width=PAD_WIDTH, height=PAD_HEIGHT)
        self.pad.changed.connect(self._show_verb)
        self.wipe = Button(tr_noop("Wipe"), kind="quiet", icon="eraser", on_click=self.pad.clear)
        self.progress = Label("", role="secondary", wrap=True)
        self.go = Button(tr_noop("Sign"), kind="primary", icon="pen-line", on_click=self._sign)
        across = QHBoxLayout()
        across.setSpacing(theme().px(16))
        across.addWidget(self.view, 1)
        across.addWidget(self._side())
        self.arrange([across], secondary=[self.progress], primary=self.go)

    def begin(self, contract_id: str) -> None:
        """A locked contract, perhaps signed by one party already."""
        self._contract_id = contract_id
        self.refresh()

    def refresh(self) -> None:
        """Read what is stored and ask the next party."""
        run = self.context.operations.run_query
        run(self, get_contract, self._contract_id, on_done=self._on_detail, key="detail")
        if self._document is None or self._document.contract_id != self._contract_id:
            run(self, contract_document, self._contract_id, on_done=self._on_document, key="document")

    @property
    def party(self) -> str:
        """Who signs next; empty when nobody is missing."""
        missing = self._detail.missing if self._detail is not None else ()
        return missing[0] if missing else ""

    def ready_for(self, party: str) -> bool:
        """Whether this party's signature is waited for, with the document in sight."""
        return self.party == party and self._document is not None and self._asked == party

    def take_focus(self) -> None:
        """The first clause that is not acknowledged, else the pad."""
        if self.party == BUYER and self.clauses.focus_first():
            return
        self.pad.setFocus()

    def _side(self) -> QWidget:
        content = QWidget()
        set_role(content, "plain")
        pad_head = row(Label(tr_noop("Signature"), role="secondary"), STRETCH, self.wipe)
        content.setLayout(column(self.who, self.clauses, self.form, pad_head, self.pad, STRETCH, gap=12))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setFixedWidth(theme().px(SIDE_WIDTH))
        scroll.setWidget(content)
        self.scroll = scroll
        return scroll

    def _on_document(self, document: DocumentRow) -> None:
        self._document = document
        self.view.show_pdf(document.content, lambda: tr("Contract"))
        self._show_verb()

    def _on_detail(self, detail: ContractDetail) -> None:
        self._detail = detail
        party = self.party
        if not party:
            self._prepare_seal()
            return
        buyer = party == BUYER
        self.clauses.set_clauses(detail.clauses if buyer else ())
        self.clauses.setVisible(buyer and bool(detail.clauses))
        self.who.set_words(
            tr_noop("The customer acknowledges each clause and signs") if buyer else tr_noop("The dealer signs")
        )
        self.form.set_values({"signer_name": detail.buyer_name if buyer else self.context.actor.name})
        self.pad.clear()
        self._asked = party
        self.scroll.verticalScrollBar().setValue(0)
        self._show_verb()
        self.take_focus()

    def _on_clauses_changed(self) -> None:
        self._show_verb()
        if self.clauses.is_complete():
            self.scroll.ensureWidgetVisible(self.pad)
            self.pad.setFocus()

    def _show_verb(self) -> None:
        ready = self._document is not None and bool(self.party)
        clauses = self.party != BUYER or self.clauses.is_complete()
        self.go.setEnabled(ready and clauses and not self.pad.is_empty())
        if not clauses:
            self.progress.set_words(tr_noop("Tick each clause: it limits what the customer may claim."))
        elif self.pad.is_empty():
            self.progress.set_words(tr_noop("Sign with mouse, finger or pen; by keyboard: arrows move, Space draws."))
        else:
            self.progress.set_words("")

    def _sign(self) -> None:
        detail, document = self._detail, self._document
        if detail is None or document is None or not self.go.isEnabled() or not self.form.check_all():
            return
        command = SignContract(
            contract_id=detail.row.id, expected_revision=detail.row.revision, party=self.party,
            signer_name=self.form.value("signer_name"), strokes=self.pad.strokes(),
            acknowledgements=self.clauses.acknowledgements() if self.party == BUYER else (),
            shown_digest=document.digest,
        )  # fmt: skip
        self.go.busy_while(self.context.operations.run_command(self.form, command, on_done=self._on_signed))

    def _on_signed(self, _signed: ContractSigned) -> None:
        self.refresh()

    def _prepare_seal(self) -> None:
        self.who.set_words(tr_noop("Sealing"))
        self.progress.set_words(tr_noop("Both have signed. The document is being sealed."))
        self.clauses.setVisible(False)
        self.go.setEnabled(False)
        self.context.operations.run_query(
            self, prepare_seal, self._contract_id, on_done=self._seal, on_error=self._on_seal_failed, key="seal"
        )

    def _seal(self, prepared: PreparedSeal) -> None:
        if self._detail is None:
            return
        command = SealContract(
            contract_id=prepared.contract_id, expected_revision=self._detail.row.revision, prepared=prepared
        )
        self.context.operations.run_command(
            self, command, on_done=lambda _value: self.sealed.emit(prepared.contract_id),
            on_error=self._on_seal_failed,
        )  # fmt: skip

    def _on_seal_failed(self, _error: BaseException) -> bool:
        self.progress.set_words(tr_noop("Both signatures are stored; the seal is still missing."))
        self.messages.show_message(
            tr_noop("The document could not be sealed. The signatures are kept; seal it again later."),
            tone="warn", action=tr_noop("Seal again"), on_action=self.refresh,
        )  # fmt: skip
        return False
