"""One document from its draft to its seal, in a place of its own: changed, read, locked, signed, printed.

For every kind but the sales contract, which is a step of the sale.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.contracts.documents.queries import DocumentForm, redraft_form
from app.contracts.queries import ContractDetail, get_contract
from app.contracts.rules import ContractState
from app.kernel.changes import Changes
from app.runtime.language import tr, tr_noop
from ui.contracts.contract_states import CONTRACT_STATES
from ui.contracts.new_document import DocumentFormSheet
from ui.contracts.read_station import REDRAFT, ReadStation
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.kit.layout import boxed, row
from ui.kit.page import Page
from ui.kit.stepper import ROOMY, Stepper
from ui.kit.text import Words, words
from ui.kit.theme import theme
from ui.signing.document_words import kind_words
from ui.signing.done_station import DoneStation
from ui.signing.phone_port import PhonePort
from ui.signing.signing_station import SigningStation


class Step(StrEnum):
    """The stations of a document, in their order."""

    FORM = "form"
    READING = "reading"
    SIGNING = "signing"
    DONE = "done"


STEP_LABELS: dict[str, Words] = {
    Step.FORM: tr_noop("Filled in"),
    Step.READING: tr_noop("Read and locked"),
    Step.SIGNING: tr_noop("Signatures"),
    Step.DONE: tr_noop("Sealed"),
}
_STEPS = {
    ContractState.DRAFT: Step.READING,
    ContractState.LOCKED: Step.SIGNING,
    ContractState.PARTIALLY_SIGNED: Step.SIGNING,
    ContractState.SIGNED: Step.SIGNING,
    ContractState.SEALED: Step.DONE,
    ContractState.ARCHIVED: Step.DONE,
}
"""Where a document in this state goes on; in others there is nothing more to do with it."""


class DocumentPage(Page):
    """`navigator.open("document", document_id=…)` goes on where the document stands, `form=True` with changing it."""

    title = tr_noop("Sign a document")

    def __init__(self, context: PageContext, phones: PhonePort | None = None) -> None:
        super().__init__(context)
        self.step = Step.READING
        self.document_id = ""
        self.detail: ContractDetail | None = None
        self.form: DocumentFormSheet | None = None
        self._wants_form = self._wants_focus = False
        self.stepper = Stepper(STEP_LABELS)
        self.stepper.chosen.connect(self._on_step_chosen)
        self.reading = ReadStation(context)
        self.reading.change_wanted.connect(self._fetch_form)
        self.reading.locked.connect(lambda _contract_id: self._read())
        self.signing = SigningStation(context, phones)
        self.signing.sealed.connect(lambda _contract_id: self._read())
        self.signing.ended.connect(self._read)
        self.done = DoneStation(context, go_on=tr_noop("Back to the documents"))
        self.done.finished.connect(self._leave)
        self._stations = QStackedWidget()
        for station in (self.reading, self.signing, self.done):
            self._stations.addWidget(station)
        across = row(self.stepper, gap=16)
        across.addWidget(self._stations, 1)
        self.set_body(boxed(across))
        self.add_action(
            Action("document.back", tr_noop("Back to the documents"), self._leave, icon="arrow-left",
                   key="Ctrl+Backspace"), button=True,
        )  # fmt: skip

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        """Go on with a document; without one, with the one in hand."""
        asked = str(params.get("document_id") or "")
        if asked and asked != self.document_id:
            self._take(asked)
        self._wants_form, self._wants_focus = bool(params.get("form")), True
        if self.document_id:
            self._read()
        else:
            self.set_empty(self._nothing_in_hand())

    def on_changes(self, changes: Changes, initiator: object) -> None:
        """Another desk went on with it, or somebody in another place of this one."""
        own = isinstance(initiator, QWidget) and (initiator is self or self.isAncestorOf(initiator))
        touched = changes.everything or self.document_id in changes.ids("contract")
        if self.document_id and touched and not own and self.isVisible():
            self._read()

    def _take(self, document_id: str) -> None:
        self.document_id, self.detail = document_id, None
        self._drop_form()
        self.reading.forget()
        self.set_title(type(self).title)
        self.set_subtitle("")
        self.messages.clear()

    def _read(self) -> None:
        self.context.operations.run_query(
            self, get_contract, self.document_id, on_done=self._on_detail, on_error=self._on_missing, key="document"
        )

    def _on_missing(self, _error: BaseException) -> bool:
        self.document_id = ""
        self.set_empty(self._nothing_in_hand())
        return False

    def _on_detail(self, detail: ContractDetail) -> None:
        if detail.row.id != self.document_id:
            return
        self.set_empty(None)
        before, self.detail = self.detail, detail
        line = detail.row
        self.set_title(lambda: f"{kind_words(line.kind)} {line.number}")
        self.set_subtitle(lambda: line.customer_name)
        step = _STEPS.get(ContractState(line.state))
        if step is None:
            self._end(line.state)
        elif self._wants_form and REDRAFT in detail.actions:
            self._wants_form = False
            self._fetch_form()
        elif self.form is None or step is not Step.READING:  # a form in front stays in front
            self._show(step, anew=before is None or before.row.revision != line.revision)

    def _end(self, state: str) -> None:
        """Out of force: nothing is signed any more; the list says why."""
        self._drop_form()
        word = CONTRACT_STATES[state].label
        self.context.notifications.show(
            lambda: tr("This document is not signed any more: {state}.", state=words(word)), tone="warn"
        )
        self._leave()

    def _leave(self) -> None:
        self.context.navigator.open("contracts", **({"contract_id": self.document_id} if self.document_id else {}))

    def _nothing_in_hand(self) -> EmptyState:
        return EmptyState(
            tr_noop("No document in hand"), tr_noop("Choose one that waits for signatures, or draft a new one."),
            icon="pen-line", action=Button(tr_noop("Choose a document"), icon="file-text", on_click=self._leave),
        )  # fmt: skip

    # --- stations --------------------------------------------------------------------------------

    def _show(self, step: Step, *, anew: bool = True) -> None:
        same, self.step = self.step is step, step
        if step is not Step.FORM:
            self._drop_form()
        stations: dict[Step, ReadStation | SigningStation | DoneStation] = {
            Step.READING: self.reading, Step.SIGNING: self.signing, Step.DONE: self.done,
        }  # fmt: skip
        station = stations.get(step)
        shown = station or self.form
        if shown is None:
            return
        self._stations.setCurrentWidget(shown)
        self._fit()
        self.stepper.show_progress(step, self._reached())
        if station is not None and (anew or not same):
            station.begin(self.document_id)
        if self.isVisible() and (self._wants_focus or not same):
            self._wants_focus = False
            shown.take_focus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The steps stand there where pages and verbs do not need their room."""
        self.stepper.setVisible(self.step is not Step.FORM and self.width() >= theme().px(ROOMY))

    def _reached(self) -> Step:
        return Step.READING if self.step is Step.FORM else self.step

    def _on_step_chosen(self, step: str) -> None:
        """Back to the form, as long as it is a draft."""
        if step == Step.FORM and self.detail is not None and REDRAFT in self.detail.actions:
            self._fetch_form()

    def _fetch_form(self) -> None:
        self.context.operations.run_query(
            self, redraft_form, self.document_id, on_done=self._open_form, key="form"
        )  # fmt: skip

    def _open_form(self, begun: DocumentForm) -> None:
        self._drop_form()
        cancel = Button(tr_noop("Cancel"), kind="quiet", on_click=lambda: self._show(Step.READING))
        self.form = DocumentFormSheet(self.context, begun, cancel=cancel)
        self.form.drafted.connect(self._on_drafted)
        self._stations.addWidget(self.form)
        self._show(Step.FORM)

    def _on_drafted(self, contract_id: str) -> None:
        self._drop_form()
        self.document_id, self.detail = contract_id, None
        self._read()

    def _drop_form(self) -> None:
        form: QWidget | None = self.form
        self.form = None
        if form is not None:
            self._stations.removeWidget(form)
            form.deleteLater()
