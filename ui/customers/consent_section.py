"""What a customer agrees to, purpose by purpose: giving and withdrawing are equally easy (PIPL, art. 15)."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.customers.commands import GiveConsent, WithdrawConsent
from app.customers.queries import ConsentRow, CustomerDetails
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.customers.words import PURPOSE_HINTS, ConsentChannel, ConsentPurpose, choices_of, label_of
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, IconButton, Label, StatusDot
from ui.kit.fields import ChoiceField, Field, TextField
from ui.kit.layout import column, row
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.text import Words
from ui.kit.theme import theme


class ConsentSection(PanelSection):
    """One line a purpose; for purposes with a recipient one line a recipient."""

    def __init__(self, context: PageContext, details: CustomerDetails) -> None:
        super().__init__(tr_noop("Consents"))
        self._context, self._details = context, details
        self._lines: QVBoxLayout = column(gap=6)
        holder = QWidget()
        holder.setLayout(self._lines)
        self.add(holder)
        for purpose in ConsentPurpose:
            self._add_purpose(purpose)

    def ask_consent(self, purpose: ConsentPurpose) -> None:
        """Ask how, and for whom, the customer agrees."""
        fields: list[Field] = [
            ChoiceField(
                "channel", tr_noop("How it was given"), required=True, choices=choices_of(ConsentChannel), span=2
            )
        ]
        if purpose.names_recipient:
            fields.insert(0, TextField("recipient", tr_noop("Recipient"), required=True, max_length=120, span=2))
        question = PanelForm(
            self._context,
            purpose.label,
            fields,
            text=PURPOSE_HINTS[purpose],
            verb=tr_noop("Record the consent"),
            command=lambda values: self._give_command(purpose, values),
            name=tr_noop("Give consent"),
        )
        question.form.set_values({"channel": ConsentChannel.IN_PERSON.value})
        self.ask(question)

    def _give_command(self, purpose: ConsentPurpose, values: Mapping[str, Any]) -> GiveConsent:
        return GiveConsent(
            customer_id=self._details.id,
            purpose=purpose.value,
            recipient=values.get("recipient", ""),
            channel=values["channel"],
        )

    def _add_purpose(self, purpose: ConsentPurpose) -> None:
        rows = [consent for consent in self._details.consents if consent.purpose == purpose]
        holding = [consent for consent in rows if consent.holds]
        for consent in holding:
            self._add_holding(purpose, consent)
        if not holding:
            self._add_open(purpose, rows[0] if rows else None)

    def _add_holding(self, purpose: ConsentPurpose, consent: ConsentRow) -> None:
        button = Button(tr_noop("Withdraw"), kind="quiet", on_click=lambda: self._withdraw(consent, button))
        button.setObjectName(f"withdraw-{purpose.value}")
        buttons: list[QWidget] = [button]
        if purpose.names_recipient:
            more = IconButton("plus", tr_noop("Another recipient"), on_click=lambda: self.ask_consent(purpose), size=14)
            buttons.insert(0, more)
        if consent.contract_id and self._context.may(Permission.CONTRACTS_VIEW):
            buttons.insert(0, self._document_button(consent.contract_id))
        dot = StatusDot(lambda: _purpose_words(purpose, consent.recipient), "good")
        self._place_line(dot, lambda: _given_words(consent), buttons)

    def _document_button(self, contract_id: str) -> IconButton:
        go = self._context.navigator.open
        return IconButton(
            "file-text", tr_noop("Show the document"), size=14,
            on_click=lambda: go("contracts", contract_id=contract_id),
        )  # fmt: skip

    def _add_open(self, purpose: ConsentPurpose, withdrawn: ConsentRow | None) -> None:
        button = Button(tr_noop("Give"), kind="quiet", on_click=lambda: self.ask_consent(purpose))
        button.setObjectName(f"give-{purpose.value}")
        dot = StatusDot(lambda: _purpose_words(purpose, ""), "neutral")
        self._place_line(dot, lambda: _open_words(withdrawn), [button])

    def _place_line(self, dot: StatusDot, said: Words, buttons: list[QWidget]) -> None:
        when = Label(said, role="secondary", wrap=True)
        when.setContentsMargins(theme().px(16), 0, 0, 0)
        line = row(column(dot, when, gap=0), gap=0)
        line.setStretch(0, 1)
        may = self._context.may(Permission.CUSTOMERS_EDIT)
        for button in buttons:
            if not may:
                button.hide()
            line.addWidget(button)
        self._lines.addLayout(line)

    def _withdraw(self, consent: ConsentRow, button: Button) -> None:
        command = WithdrawConsent(consent_id=consent.id)
        job = self._context.operations.run_command(self, command, name=tr_noop("Withdraw consent"))
        button.busy_while(job)


def _purpose_words(purpose: ConsentPurpose, recipient: str) -> str:
    return f"{tr(purpose.label)} · {recipient}" if recipient else tr(purpose.label)


def _given_words(consent: ConsentRow) -> str:
    if consent.document:
        return tr("Given {date} in {document}", date=formats.day_of(consent.given_at), document=consent.document)
    channel = label_of(ConsentChannel, consent.channel)
    return tr("Given {date}, {channel}", date=formats.day_of(consent.given_at), channel=channel)


def _open_words(withdrawn: ConsentRow | None) -> str:
    if withdrawn is None or withdrawn.withdrawn_at is None:
        return tr("Not given")
    return tr("Withdrawn {date}", date=formats.day_of(withdrawn.withdrawn_at))
