"""Signing: one party after the other reads, acknowledges and signs, here or in a window of the customer's own."""

from datetime import datetime
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QScrollArea, QStackedWidget

from app.contracts.commands import ContractSigned, DeclineContract, PreparedSeal, SealContract, SignContract
from app.contracts.kinds.roles import PartyRole, acknowledges
from app.contracts.preparing import prepare_seal
from app.contracts.queries import ContractDetail, DocumentRow, contract_document, get_contract
from app.contracts.rules import ContractState
from app.contracts.signers.party_queries import PartyRow
from app.kernel.errors import DomainError
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.disclosure import Disclosure
from ui.kit.fields import Section, TextField
from ui.kit.form import Form
from ui.kit.pdf_view import PdfView
from ui.kit.printable import printable
from ui.kit.signature_pad import SignaturePad
from ui.kit.station import Station
from ui.signing.acknowledged import KeptAcknowledgements
from ui.signing.clause_list import ClauseList
from ui.signing.customer_window import CustomerWindow
from ui.signing.identity_panel import IdentityPanel
from ui.signing.party_strip import PartyStrip
from ui.signing.phone_port import PhonePort
from ui.signing.phone_signing import PhoneSigning
from ui.signing.surface import PAD_HEIGHT, PAD_WIDTH, SigningSurface, Turn
from ui.signing.tongue import Tongue
from ui.signing.watch_panel import WatchPanel

DEALER = PartyRole.DEALER.value
DESK, CUSTOMER = "desk", "customer"
__all__ = ["PAD_HEIGHT", "PAD_WIDTH", "SigningStation"]


class SigningStation(Station):
    """`sealed(contract id)` when everybody has signed and the seal is on it; `ended` when a party declined."""

    sealed = Signal(str)
    ended = Signal()

    def __init__(self, context: PageContext, phones: PhonePort | None = None) -> None:
        super().__init__(context)
        self._contract_id = self._asked = ""
        self._detail: ContractDetail | None = None
        self._document: DocumentRow | None = None
        self._kept = KeptAcknowledgements(context, self)
        self.customer: CustomerWindow | None = None
        self.phone = PhoneSigning(context, phones, self) if phones is not None else None
        self.strip = PartyStrip()
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
        tongue = Tongue()
        self.identity = IdentityPanel(context, self._spoken)
        self.identity.recorded.connect(self._read_again)
        self.known = Disclosure(tr_noop("Check who signs"), lambda: self.identity)
        self.surface = SigningSurface(
            context.clock, tongue, above=[self.strip, self.known], before_pad=[self.form], own_verbs=False
        )
        self.surface.changed.connect(self._on_surface_changed)
        self.surface.declined.connect(self._decline)
        self.surface.language_chosen.connect(lambda _code: self.identity.word_again())
        self.watch = WatchPanel(self.take_back)
        self._shown = QStackedWidget()
        self._shown.addWidget(self.surface)
        self._shown.addWidget(self.watch)
        if self.phone is not None:
            self._shown.addWidget(self.phone.panel)
            self.phone.begun.connect(self._on_phone_begun)
            self.phone.ended.connect(self._on_phone_ended)
            self.phone.signed.connect(self._on_signed)
            self.phone.declined.connect(self._on_declined)
        self.progress = Label("", role="secondary", wrap=True)
        self.hand_over = Button(tr_noop("Show in the customer's window"), icon="monitor", on_click=self.open_customer)
        self.by_phone = Button(tr_noop("Sign on a phone"), icon="qr-code", on_click=self.open_phone)
        self.refuse = Button(tr_noop("Declines"), kind="quiet", icon="ban", on_click=self._ask_reason)
        self.go = Button(
            tr_noop("Sign"), kind="primary", icon="pen-line", on_click=lambda: self._sign(self.surface, DESK)
        )
        self.identity.explaining.connect(self._explain)
        ways = [self.hand_over, self.by_phone, self.refuse]
        self.arrange([self._shown, self.progress], secondary=ways, primary=self.go)

    # --- what the page calls ---------------------------------------------------------------------

    def begin(self, contract_id: str) -> None:
        """A locked contract, perhaps signed by some parties already."""
        if contract_id != self._contract_id:
            self.take_back()
            self._asked = ""
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
        """The code of who signs next; empty when nobody is missing."""
        missing = self._detail.missing if self._detail is not None else ()
        return missing[0] if missing else ""

    def ready_for(self, party: str) -> bool:
        """Whether this party's signature is waited for, with the document in sight."""
        return self.party == party and self._document is not None and self._asked == party

    def take_focus(self) -> None:
        """The first clause that is not acknowledged, else the pad."""
        self.surface.take_focus()

    @property
    def clauses(self) -> ClauseList:
        """Those of the surface at the desk."""
        return self.surface.clauses

    @property
    def pad(self) -> SignaturePad:
        """The one at the desk."""
        return self.surface.pad

    @property
    def view(self) -> PdfView:
        """The pages at the desk."""
        return self.surface.view

    @property
    def scroll_area(self) -> QScrollArea:
        """What the side of the surface scrolls in."""
        return self.surface.scroll_area

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever leaves this place takes the document from the customer's screen, too."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.take_back()
            if self.phone is not None:
                self.phone.pause()

    # --- whose turn it is ------------------------------------------------------------------------

    def _row(self) -> PartyRow | None:
        parties = self._detail.parties if self._detail is not None else ()
        return next((party for party in parties if party.code == self.party), None)

    def _on_document(self, document: DocumentRow) -> None:
        self._document = document
        self.surface.show_document(document.content)
        self._on_surface_changed()

    def _read_again(self) -> None:
        """A step was recorded: the record of the signer changes, what is drawn and ticked stays."""
        self.context.operations.run_query(self, get_contract, self._contract_id, on_done=self._on_detail, key="detail")

    def _on_detail(self, detail: ContractDetail) -> None:
        self._detail = detail
        party = self.party
        self.strip.set_parties(detail.parties, turn=party)
        if detail.row.state == ContractState.EXPIRED or self._is_over(detail):
            self.messages.show_error(
                tr_noop("The time for signing is over. Draft a new contract that replaces this one.")
            )
        if not party:
            self.take_back()
            if detail.row.state == ContractState.SIGNED:
                self._prepare_seal()
            return
        row = self._row()
        self.known.setVisible(row is not None and acknowledges(party) and bool(row.id))
        if row is not None and acknowledges(party):
            self.identity.begin(self._contract_id, row)
        if self.phone is not None and not self.phone.is_running:
            self.phone.resume(self._contract_id, party)
        if self._asked == party:
            return
        self._asked = party
        self.form.set_values({"signer_name": self.context.actor.name if party == DEALER else row.signer if row else ""})
        self.surface.begin(self._turn(party))
        self.hand_over.setVisible(acknowledges(party))
        self.by_phone.setVisible(self.phone is not None and acknowledges(party) and row is not None and bool(row.id))
        self.refuse.setVisible(acknowledges(party))
        if acknowledges(party):
            self._kept.load(self._contract_id, party, detail.shown_digest, self._on_kept)
        if self.customer is not None:
            if party == DEALER:
                self.take_back()
            else:
                self.customer.say(tr_noop("Thank you. Please hand over to the next person."))
        self._on_surface_changed()
        self.take_focus()

    def _is_over(self, detail: ContractDetail) -> bool:
        return bool(detail.missing) and detail.sign_until is not None and self.context.clock.now() >= detail.sign_until

    def _turn(self, party: str) -> Turn:
        detail, row = self._detail, self._row()
        name = self.context.actor.name if party == DEALER else row.signer if row is not None else ""
        clauses = detail.clauses if detail is not None and acknowledges(party) else ()
        return Turn(party=party, name=name, clauses=clauses)

    def _is_before(self, surface: SigningSurface) -> bool:
        """Whether the person who signs next is the one this surface was given to."""
        return bool(self.party) and surface.turn is not None and surface.turn.party == self.party

    def _on_kept(self, kept: dict[str, datetime]) -> None:
        """Acknowledgements given before an interruption are shown as given, with their own times."""
        if not kept or self.surface.acknowledgements() or not self.pad.is_empty():
            return
        self.surface.begin(self._turn(self.party), kept=kept)
        first = min(kept.values())
        self.messages.show_info(
            lambda: tr(
                "Signing was interrupted. What was acknowledged at {time} is kept; the signature is given anew.",
                time=formats.moment(first),
            )
        )
        self._on_surface_changed()

    def _on_surface_changed(self) -> None:
        self._show_verb()
        active = self.customer.surface if self.customer is not None else self.surface
        # The customer's window may still hold what the person before has ticked.
        if self._detail is not None and self._is_before(active) and acknowledges(self.party):
            self._kept.save(self._contract_id, self.party, self._detail.shown_digest, active.acknowledgements())
        if self.customer is not None:
            self.watch.show_state(self.customer, party=self.party)

    def _show_verb(self) -> None:
        phone = self.phone is not None and self.phone.is_running
        away = self.customer is not None or phone
        for button in (self.hand_over, self.by_phone, self.refuse):
            button.setEnabled(not phone)
        self.go.setEnabled(not away and self._document is not None and bool(self.party) and self.surface.is_ready())
        self.progress.setVisible(not away)  # the panel that stands there then says it
        if not self.clauses.is_complete():
            self.progress.set_words(tr_noop("Tick each clause: it limits what the customer may claim."))
        elif self.pad.is_empty():
            self.progress.set_words(tr_noop("Sign with mouse, finger or pen; by keyboard: arrows move, Space draws."))
        else:
            self.progress.set_words("")

    # --- the customer's own phone ----------------------------------------------------------------

    def open_phone(self) -> None:
        """The document goes to the customer's phone; here stand the QR code and how far they are."""
        if self.phone is not None and acknowledges(self.party):
            self.take_back()
            self.messages.clear()
            self.phone.start(self._contract_id, self.party)

    def _on_phone_begun(self) -> None:
        if self.phone is not None:
            self.take_back()
            self._shown.setCurrentWidget(self.phone.panel)
        self._show_verb()

    def _on_phone_ended(self) -> None:
        self._shown.setCurrentWidget(self.surface)
        self._show_verb()

    # --- the customer's window -------------------------------------------------------------------

    def open_customer(self) -> None:
        """The document goes to the customer's own window; here stands how far they are."""
        row, document = self._row(), self._document
        if row is None or document is None or not acknowledges(self.party):
            return
        if self.customer is None:
            language = self.surface.tongue.code if self.surface.tongue.is_chosen else row.language
            paper = self._detail.row.paper_language if self._detail is not None else ""
            self.customer = CustomerWindow(self.context.clock, language=language or paper, desk=self)
            self.customer.signed.connect(self._on_customer_signed)
            self.customer.declined.connect(lambda reason: self._decline(reason))
            self.customer.changed.connect(self._on_surface_changed)
            self.customer.surface.view.view.pageNavigator().currentPageChanged.connect(
                lambda _page: self._on_surface_changed()
            )
        kept = {item.clause_id: item.at for item in self.surface.acknowledgements()}
        self.customer.begin(self._turn(self.party), document.content, kept=kept)
        self._shown.setCurrentWidget(self.watch)
        self.customer.show()
        self.customer.raise_()
        self._on_surface_changed()

    def take_back(self) -> None:
        """Close the customer's window; what was acknowledged there is shown here."""
        window, self.customer = self.customer, None
        self._shown.setCurrentWidget(self.surface)
        if window is None:
            return
        if self._asked == self.party and self._is_before(window.surface) and acknowledges(self.party):
            kept = {item.clause_id: item.at for item in window.surface.acknowledgements()}
            self.surface.begin(self._turn(self.party), kept=kept)
        window.close_for_good()
        self._on_surface_changed()

    def _spoken(self) -> str:
        """What the signer reads now, wherever that is."""
        return self.customer.tongue.code if self.customer is not None else self.surface.tongue.code

    def _explain(self, notice: Any) -> None:
        if self.customer is not None:
            self.customer.explain(notice)

    def _on_customer_signed(self) -> None:
        if self.customer is not None:
            self._sign(self.customer.surface, CUSTOMER)

    # --- signing and declining -------------------------------------------------------------------

    def _sign(self, surface: SigningSurface, screen: str) -> None:
        detail, document = self._detail, self._document
        if detail is None or document is None or not self._is_before(surface):
            return
        if not surface.is_ready() or not self.form.check_all():
            return
        paper_language = detail.row.paper_language
        command = SignContract(
            contract_id=detail.row.id, expected_revision=detail.row.revision, party=self.party,
            signer_name=self.form.value("signer_name"), strokes=surface.strokes(),
            acknowledgements=surface.acknowledgements() if acknowledges(self.party) else (),
            shown_digest=document.digest, pen=surface.pad.tool(), screen=screen,
            language=surface.tongue.code if surface.tongue.is_chosen else paper_language,
        )  # fmt: skip
        party = self.party
        job = self.context.operations.run_command(
            self.form, command, on_done=lambda signed: self._on_signed(party, signed),
            on_error=lambda error: self._on_unsigned(surface, error),
        )  # fmt: skip
        self.go.busy_while(job)

    def _on_unsigned(self, surface: SigningSurface, error: BaseException) -> bool:
        """What is wrong is said to the salesperson; the signer is only asked to sign again."""
        if isinstance(error, DomainError) and error.field == "strokes":
            surface.ask_again()
        return False

    def _on_signed(self, party: str, _signed: ContractSigned | None = None) -> None:
        self._kept.forget(self._contract_id, party)
        self.messages.clear()
        if self.customer is not None:
            self.customer.say(tr_noop("Thank you. You have signed."))
        self.refresh()

    def _ask_reason(self) -> None:
        """The same words and the same field the customer has in the other window."""
        self.surface.ask_reason()

    def _decline(self, reason: str) -> None:
        detail, row = self._detail, self._row()
        if detail is None or row is None:
            return
        command = DeclineContract(
            contract_id=detail.row.id, expected_revision=detail.row.revision, reason=reason,
            party=self.party if row.id else "",
        )  # fmt: skip
        party = self.party
        self.context.operations.run_command(self, command, on_done=lambda _value: self._on_declined(party))

    def _on_declined(self, party: str) -> None:
        self._kept.forget(self._contract_id, party)
        self._asked = ""
        if self.customer is not None:
            window, self.customer = self.customer, None
            window.close_for_good()
            self._shown.setCurrentWidget(self.surface)
        self.go.setEnabled(False)
        self.messages.show_warning(tr_noop("A party declined. This contract cannot be signed any more."))
        self.refresh()
        self.ended.emit()

    # --- the seal --------------------------------------------------------------------------------

    def _prepare_seal(self) -> None:
        self.surface.begin(Turn(party="", name=""))
        self.progress.set_words(tr_noop("Everybody has signed. The document is being sealed."))
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
        self.progress.set_words(tr_noop("All signatures are stored; the seal is still missing."))
        self.messages.show_message(
            tr_noop("The document could not be sealed. The signatures are kept; seal it again later."),
            tone="warn", action=tr_noop("Seal again"), on_action=self.refresh,
        )  # fmt: skip
        return False
