"""Who signs a draft beside the buyer and the dealer: added, changed and taken out before it is locked."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.contracts.kinds.roles import MOST_SIGNERS, PartyRole, signing_order
from app.contracts.queries import ContractDetail
from app.contracts.signers.party_commands import PartyEntry, SetContractParties
from app.contracts.signers.party_queries import PartyRow
from app.customers.rules import IdentityKind
from app.kernel.errors import DomainError
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, IconButton, Label
from ui.kit.fields import ChoiceField, Field, IdentityField, PhoneField, Section, TextField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, boxed, column, empty, row
from ui.kit.printable import printable
from ui.kit.theme import set_role, set_size
from ui.signing.party_strip import party_word

FURTHER = (PartyRole.CO_BUYER, PartyRole.GUARANTOR)
WIDTH = 360


class PartiesEditor(QWidget):
    """`changed` when the parties were set: the paper has to be drafted again."""

    changed = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        set_role(self, "plain")
        self.context = context
        self._detail: ContractDetail | None = None
        self._role = PartyRole.CO_BUYER
        self._lines = column(gap=6)
        self.add_buttons = {
            role: Button(_add_words(role), icon="user-plus", on_click=partial(self.open_form, role))
            for role in FURTHER
        }
        self.heading = Label("", role="section")
        self.form = Form(context, [Section("", _fields())], columns=1, submit_keys=False)
        self.form.changed.connect(lambda _name: self._show_representative())
        self.keep = Button(tr_noop("Add to the contract"), kind="primary", icon="check", on_click=self._add)
        self.leave = Button(tr_noop("Cancel"), kind="quiet", on_click=self.close_form)
        self._entry = boxed(column(self.heading, self.form, row(self.leave, STRETCH, self.keep), gap=10))
        self._entry.hide()
        self._adding = boxed(row(*self.add_buttons.values(), STRETCH, gap=8))
        self.setLayout(column(self._lines, self._adding, self._entry, gap=12))
        set_size(self, width=WIDTH)

    def set_contract(self, detail: ContractDetail) -> None:
        """Show the parties of a contract; they can be changed while it is a draft."""
        self._detail = detail
        empty(self._lines)
        for party in detail.parties:
            self._lines.addLayout(self._line(party))
        order = signing_order(detail.template_code)
        present = [party.role for party in detail.parties]
        for role, button in self.add_buttons.items():
            place = next((place for place in order.places if place.role is role), None)
            room = place is not None and present.count(role.value) < place.most and len(present) < MOST_SIGNERS
            button.setVisible(room)

    def open_form(self, role: PartyRole) -> None:
        """Enter a further party."""
        self._role = role
        self.heading.set_words(_add_words(role))
        self.form.clear()
        self.form.set_value("identity_kind", IdentityKind.IDENTITY_CARD.value)
        self._show_representative()
        self._adding.hide()
        self._entry.show()
        self.form.focus_first()

    def close_form(self) -> None:
        """Nobody is added."""
        self._entry.hide()
        self._adding.show()

    def remove(self, code: str) -> None:
        """Take a further party out."""
        self._set([entry for entry, party in self._entries() if party.code != code])

    # --- inside ----------------------------------------------------------------------------------

    def _line(self, party: PartyRow) -> QHBoxLayout:
        name = Label(lambda: f"{party_word(party.code)}  {party.signer}", wrap=True)
        items: list[object] = [name]
        if party.role in FURTHER:
            items.append(
                IconButton(
                    "x", lambda: tr("Take {name} out of the contract", name=party.name),
                    on_click=lambda: self.remove(party.code),
                )
            )  # fmt: skip
        line = row(*items, gap=8)  # type: ignore[arg-type]
        line.setStretch(0, 1)
        return line

    def _show_representative(self) -> None:
        company = self.form.value("identity_kind") == IdentityKind.COMPANY_CODE
        self.form.set_field_visible("representative", company)

    def _entries(self) -> list[tuple[PartyEntry, PartyRow]]:
        """The further parties as they stand: what is masked here is left empty and so stays."""
        parties: Sequence[PartyRow] = self._detail.parties if self._detail is not None else ()
        return [
            (
                PartyEntry(
                    role=party.role, name=party.name, representative=party.signer if party.is_company else "",
                    identity_kind=party.identity_kind, customer_id=party.customer_id, party_id=party.id,
                ),
                party,
            )
            for party in parties
            if party.role in FURTHER
        ]  # fmt: skip

    def _add(self) -> None:
        if not self.form.check_all():
            return
        given = {name: value or "" for name, value in self.form.values().items()}
        self._set([*(entry for entry, _party in self._entries()), PartyEntry(role=self._role.value, **given)])

    def _set(self, entries: list[PartyEntry]) -> None:
        detail = self._detail
        if detail is None:
            return
        command = SetContractParties(
            contract_id=detail.row.id, expected_revision=detail.row.revision, parties=tuple(entries)
        )
        job = self.context.operations.run_command(
            self.form, command, on_done=lambda _codes: self._on_set(), on_error=self._on_error
        )
        self.keep.busy_while(job)

    def _on_set(self) -> None:
        self.close_form()
        self.changed.emit()

    def _on_error(self, error: BaseException) -> bool:
        """An error beside a party's field belongs beside the field of the form."""
        if not isinstance(error, DomainError) or self._entry.isHidden():
            return False
        error.field = (error.field or "").rpartition(".")[2]
        self.form.show_error(error)
        return True


def _add_words(role: PartyRole) -> str:
    return tr_noop("Add a guarantor") if role is PartyRole.GUARANTOR else tr_noop("Add a co-buyer")


def _fields() -> list[Field]:
    kinds = [Choice(kind.value, kind.label) for kind in IdentityKind]
    return [
        TextField("name", tr_noop("Name"), required=True, max_length=60, check=printable),
        ChoiceField("identity_kind", tr_noop("Document"), choices=kinds, required=True),
        IdentityField("identity_number", tr_noop("Number of the document"), required=True),
        TextField("representative", tr_noop("Who signs for the company"), max_length=60, check=printable),
        PhoneField("phone", tr_noop("Phone"), required=True),
        TextField("email", tr_noop("E-mail"), max_length=120),
        TextField("address", tr_noop("Address"), max_length=200, check=printable),
    ]
