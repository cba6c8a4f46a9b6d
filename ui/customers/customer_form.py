"""Entering or changing a customer: few required fields, checks while typing, and who it might already be."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.customers.choices import normal_email, normal_region
from app.customers.commands import ChangeCustomer, CreateCustomer
from app.customers.queries import CustomerDetails, DuplicateRow, find_duplicates
from app.customers.rules import CustomerKind, IdentityKind, check_identity, check_identity_card, normal_phone
from app.kernel.clock import branch_date
from app.runtime.language import CHINESE, ENGLISH, language, tr, tr_noop
from app.staff.queries import StaffRow, find_staff
from ui.customers.words import KIND_ICONS, CustomerSource, choices_of
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.fields import (
    Advice,
    ChoiceField,
    Field,
    IdentityField,
    LookupField,
    MultiLineField,
    PhoneField,
    Section,
    SegmentField,
    TextField,
)
from ui.kit.form import Form
from ui.kit.layout import STRETCH, Card, column
from ui.kit.printable import printable
from ui.kit.record_line import RecordLine
from ui.kit.text import Words
from ui.kit.theme import set_role

REMOVE = "-"
"""Typed in a masked optional field, it takes the value away; an empty field keeps it."""
_KEPT = tr_noop("Now {value}. Leave empty to keep it.")
_KEPT_OR_REMOVED = tr_noop("Now {value}. Leave empty to keep it, type - to remove it.")
_MASKED = ("phone", "second_phone", "email", "identity_number", "address", "contact_identity_number")
_OF_COMPANIES = ("contact_name", "contact_identity_number", "legal_representative")
_PERSON_IDS = (IdentityKind.IDENTITY_CARD, IdentityKind.PASSPORT, IdentityKind.OTHER)
_COMPANY_IDS = (IdentityKind.COMPANY_CODE, IdentityKind.OTHER)


class CustomerForm(Form):
    """Fields named like those of the commands. With `details` it changes that customer, else it makes a new one."""

    duplicates_found = Signal(object)

    def __init__(self, context: PageContext, details: CustomerDetails | None = None) -> None:
        self._details = details
        self._today = branch_date(context.clock.now())
        super().__init__(context, self._declared(new=details is None))
        self.set_values(_shown(details))
        self._arrange()
        if details is not None:
            self._say_what_is_kept(details)
            if details.owner_staff_id:
                self.editor("owner_staff_id").choose(Choice(details.owner_staff_id, lambda: details.owner_name))
            self.mark_clean()
        self.changed.connect(self._on_changed)
        self.draft_restored.connect(self._on_draft_restored)

    def command(self, *, despite_duplicate: bool = False) -> CreateCustomer | ChangeCustomer:
        """The command for what stands in the form."""
        typed = self.values()
        typed |= {name: typed.get(name) or "" for name in _OF_COMPANIES}
        typed["identity_kind"] = typed["identity_kind"] or ""
        if self._details is None:
            return CreateCustomer(**typed, despite_duplicate=despite_duplicate)
        for name in _MASKED:
            typed[name] = "" if typed[name] == REMOVE else typed[name] or None
        if typed["identity_number"] is None and typed["identity_kind"] == self._details.identity_kind:
            typed["identity_kind"] = None
        typed["owner_staff_id"] = typed["owner_staff_id"] or ""
        return ChangeCustomer(customer_id=self._details.id, expected_revision=self._details.revision, **typed)

    def look_for_duplicates(self) -> None:
        """Compare phone and identity number with everybody on file."""
        phone, identity = self.value("phone") or "", self.value("identity_number") or ""
        self.context.operations.run_query(
            self, find_duplicates, phone=phone, identity=identity,
            ignore_id=self._details.id if self._details else None,
            on_done=self._on_duplicates, on_error=lambda _error: True, key="duplicates",
        )  # fmt: skip

    # --- fields ----------------------------------------------------------------------------------

    def _declared(self, *, new: bool) -> list[Section]:
        who: list[Field] = [
            SegmentField("kind", tr_noop("Kind"), choices=choices_of(CustomerKind), required=True, span=2),
            TextField("name", tr_noop("Name"), required=True, max_length=120, check=printable),
            TextField("contact_name", tr_noop("Acts for it"), required=True, max_length=60, check=printable),
            PhoneField("phone", tr_noop("Mobile phone"), required=new, check=_check_phone),
        ]
        identity: list[Field] = [
            ChoiceField("identity_kind", tr_noop("Document"), choices=choices_of(IdentityKind, *_PERSON_IDS)),
            IdentityField("identity_number", tr_noop("Number of the document"), check=self._check_identity),
            TextField("legal_representative", tr_noop("Legal representative"), max_length=60, check=printable),
            IdentityField(
                "contact_identity_number", tr_noop("Identity card of who acts for it"),
                check=_or_removed(self._check_contact),
            ),
        ]
        more: list[Field] = [
            TextField("second_phone", tr_noop("Second phone"), max_length=24, check=_or_removed(_check_phone)),
            TextField("email", tr_noop("E-mail"), max_length=120, check=_or_removed(_check_email)),
            TextField("address", tr_noop("Address"), max_length=200, span=2, check=printable),
            TextField("region_code", tr_noop("District code"), max_length=6, check=_check_region),
            ChoiceField("source", tr_noop("Came by"), required=True, choices=choices_of(CustomerSource)),
            LookupField("owner_staff_id", tr_noop("Looked after by"), search=_find_colleagues),
            ChoiceField(
                "paper_language", tr_noop("Papers in"), required=True,
                choices=[Choice(CHINESE, lambda: "中文"), Choice(ENGLISH, lambda: "English")],
            ),
            MultiLineField("note", tr_noop("Note"), max_length=2000, span=2),
        ]  # fmt: skip
        return [
            Section(tr_noop("Who"), who),
            Section(
                tr_noop("Identity"), identity,
                hint=tr_noop("Needed for the contract at the latest. It is checked while you type, and shown masked."),
            ),
            Section(tr_noop("More"), more),
        ]  # fmt: skip

    def _say_what_is_kept(self, details: CustomerDetails) -> None:
        for name in _MASKED:
            kept = getattr(details, name)
            if kept and name == "phone":
                self.set_hint(name, partial(tr, _KEPT, value=kept))
            elif kept:
                self.set_hint(name, partial(tr, _KEPT_OR_REMOVED, value=kept))

    def _check_identity(self, number: str) -> Advice | None:
        if self._details is not None and number == REMOVE:
            return None
        kind = self.value("identity_kind") or self._usual_identity()
        check_identity(kind, number, today=self._today)
        if kind != IdentityKind.IDENTITY_CARD:
            return None
        card = check_identity_card(number, today=self._today)
        if card.warning is not None:
            warning = card.warning
            return Advice(lambda: str(warning))
        return Advice(
            lambda: tr("Born {date}, {sex}", date=card.born_on.isoformat(), sex=tr(card.sex.label)), tone="good"
        )

    def _check_contact(self, number: str) -> None:
        check_identity(IdentityKind.IDENTITY_CARD, number, today=self._today, field="contact_identity_number")

    def _usual_identity(self) -> IdentityKind:
        company = self.value("kind") == CustomerKind.COMPANY
        return IdentityKind.COMPANY_CODE if company else IdentityKind.IDENTITY_CARD

    # --- slots -----------------------------------------------------------------------------------

    def _on_changed(self, name: str) -> None:
        if name == "kind":
            self._arrange()
            self.set_value("identity_kind", self._usual_identity().value)
        if name in ("phone", "identity_number"):
            self.look_for_duplicates()

    def _on_draft_restored(self) -> None:
        kind = self.value("identity_kind")
        self._arrange()
        self.set_value("identity_kind", kind)
        self.look_for_duplicates()

    def _arrange(self) -> None:
        company = self.value("kind") == CustomerKind.COMPANY
        for name in _OF_COMPANIES:
            self.set_field_visible(name, company)
        self.set_choices("identity_kind", choices_of(IdentityKind, *(_COMPANY_IDS if company else _PERSON_IDS)))

    def _on_duplicates(self, found: Sequence[DuplicateRow]) -> None:
        if self._details is None:
            for name in ("phone", "identity_number"):
                same = next((row for row in found if (row.matched == "phone") is (name == "phone")), None)
                said = lambda same=same: tr("{name} has the same number", name=same.name)  # noqa: E731
                self.set_hint(name, said if same else "", tone="warn")
        self.duplicates_found.emit(found)


class DuplicateCard(Card):
    """Beside the form: everybody who shares the phone or the identity number; one click opens them."""

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__(tr_noop("Already on file?"))
        self._text = Label("", role="secondary", wrap=True)
        self._lines: QVBoxLayout = column(gap=0)
        self.anyway = Button(tr_noop("Save anyway"))
        self.anyway.hide()
        self.add(self._text)
        self.body.addLayout(self._lines)
        self.add(self.anyway)
        self.show_found(())

    def show_found(self, found: Sequence[DuplicateRow]) -> None:
        """List them, or say that there is nobody."""
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row in found:
            line = RecordLine(
                partial(str, row.name),
                subtitle=partial(_same_words, row),
                icon=KIND_ICONS.get(row.kind, "user"),
                tone="warn",
            )
            line.clicked.connect(lambda _checked=False, row=row: self.opened.emit(row.id))
            self._lines.addWidget(line)
        self._text.set_words(
            tr_noop("Open the entry instead of making a second one.") if found else
            tr_noop("Phone and identity number are compared with everybody on file while you type. Nobody so far.")
        )  # fmt: skip
        if not found:
            self.anyway.hide()


def duplicate_aside(card: DuplicateCard) -> QWidget:
    """The card at the top of the column beside the form."""
    aside = QWidget()
    set_role(aside, "plain")
    aside.setLayout(column(card, STRETCH))
    return aside


def _shown(details: CustomerDetails | None) -> dict[str, Any]:
    if details is None:
        return {
            "kind": CustomerKind.PERSON.value, "identity_kind": IdentityKind.IDENTITY_CARD.value,
            "source": CustomerSource.WALK_IN.value, "paper_language": language(),
        }  # fmt: skip
    return {
        "kind": details.kind, "name": details.name, "contact_name": details.contact_name,
        "legal_representative": details.legal_representative,
        "identity_kind": details.identity_kind or None, "region_code": details.region_code,
        "source": details.source, "paper_language": details.paper_language, "note": details.note,
    }  # fmt: skip


def _same_words(row: DuplicateRow) -> str:
    return tr("Same {matched} · {phone}", matched=tr(row.matched), phone=row.phone)


def _branch_of(person: StaffRow) -> str:
    return person.branch_name


def _find_colleagues(reader: Any, text: str) -> list[Choice]:
    return [
        Choice(person.id, partial(str, person.name), partial(_branch_of, person)) for person in find_staff(reader, text)
    ]


def _or_removed(check: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: None if text == REMOVE else check(text)


def _check_phone(text: str) -> None:
    normal_phone(text)


def _check_email(text: str) -> None:
    normal_email(text)


def _check_region(text: str) -> Words | Advice | None:
    code = normal_region(text)
    from stdnum import numdb  # its table of districts costs 10 ms

    levels = [level.get("province") or level.get("county", "") for _digits, level in numdb.get("cn/loc").info(code)]
    name = " ".join(level.rpartition("]")[2] for level in levels if level)
    return Advice(lambda: name, tone="good") if name else None
