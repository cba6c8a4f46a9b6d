"""Who has which key: the board, what is out and overdue, the register of one vehicle's keys."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.custody.commands import GiveKeysToCustomer, HandOutKey, RegisterKeys, ReportKeyLost, ReturnKey
from app.custody.key_queries import (
    KeyEntryRow,
    KeyRow,
    UnitKeysDetail,
    UnitKeysRow,
    count_unit_keys,
    get_unit_keys,
    list_unit_keys,
)
from app.custody.rules import KEY_STEPS_DONE, MOST_KEYS, KeyPurpose, KeyState, key_span
from app.kernel.clock import branch_date
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from app.staff.queries import find_staff
from ui.custody.tabs import KEYS, add_tabs
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, StatusDot
from ui.kit.feedback import EmptyState
from ui.kit.fields import ChoiceField, DateTimeField, IntegerField, LookupField, MultiLineField, TextField
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, Card, boxed, column, row
from ui.kit.panel_form import PanelForm
from ui.kit.record_page import PanelContent, RecordPage

STATES = {
    "OVERDUE": State(tr_noop("Overdue"), "bad"),
    KeyState.LOST.value: State(KeyState.LOST.label, "bad"),
    KeyState.OUT.value: State(KeyState.OUT.label, "warn"),
    KeyState.CUSTOMER.value: State(KeyState.CUSTOMER.label, "neutral"),
    KeyState.BOARD.value: State(KeyState.BOARD.label, "good"),
    "": State(tr_noop("To be entered"), "neutral"),
}
_AWAY = (KeyState.OUT, KeyState.LOST, KeyState.CUSTOMER)
"""Keys that can come back; a customer's with the vehicle, perhaps to another slot."""
TONES = {KeyState.BOARD: "good", KeyState.OUT: "warn", KeyState.CUSTOMER: "neutral", KeyState.LOST: "bad"}


class KeysPage(RecordPage):
    """Keys by vehicle. Opened with `keys_of` (a unit's id) it shows that vehicle's."""

    title = tr_noop("Car keys")
    key = "keys"
    param = "keys_of"
    watches = ("vehicle_key", "vehicle_unit")
    concerns = ("key_entry",)

    def __init__(self, context: PageContext) -> None:
        self.columns = _columns(context)  # type: ignore[misc]
        super().__init__(context)
        self.tabs = add_tabs(self, context, KEYS)
        self.filters.search.set_words(tr_noop("VIN, slot, tag, who has it"))
        options = [FacetOption(code or "NONE", state.label) for code, state in STATES.items()]
        self.filters.add_facet(Facet("state", tr_noop("Status"), options))
        self._add_actions()

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[UnitKeysRow]:
        return list_unit_keys(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> tuple[int, int]:
        return count_unit_keys(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} vehicles", n=formats.count(matched), all=formats.count(total))

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        return EmptyState(
            tr_noop("No keys yet"), tr_noop("Vehicles in the house stand here with their keys."), icon="key-round"
        )

    def get_record(self, reader: Any, record_id: str) -> UnitKeysDetail:
        return get_unit_keys(reader, record_id)

    def panel_content(self, record: UnitKeysDetail) -> PanelContent:
        line = record.row
        return PanelContent(
            title=lambda: str(line.name),
            subtitle=lambda: f"{line.vin} · {line.unit.stock_number}",
            content=self._content(record),
            verbs=("keys.hand_out", "keys.return", "keys.register"),
            more=("keys.lost", "keys.give", "keys.vehicle"),
        )

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        do = Permission.CUSTODY_KEYS
        for action in (
            Action("keys.hand_out", tr_noop("Hand out…"), self._ask_hand_out, key="Ctrl+O", icon="log-out",
                   permission=do, enabled=lambda: bool(self._keys(KeyState.BOARD))),
            Action("keys.return", tr_noop("Take back"), self._ask_return, key="Ctrl+R", icon="log-in", permission=do,
                   enabled=lambda: bool(self._keys(*_AWAY))),
            Action("keys.register", tr_noop("Enter keys…"), self._ask_register, key=Key.NEW, icon="key-round",
                   permission=do, enabled=lambda: self.is_shown and len(self.record.row.keys) < MOST_KEYS),
            Action("keys.lost", tr_noop("Report as lost…"), self._ask_lost, icon="alert-triangle", permission=do,
                   enabled=lambda: bool(self._keys(KeyState.BOARD, KeyState.OUT))),
            Action("keys.give", tr_noop("Give all to the customer…"), self._ask_give, icon="user", permission=do,
                   enabled=lambda: bool(self._keys(KeyState.BOARD, KeyState.OUT))),
            Action("keys.vehicle", tr_noop("Open the vehicle"), self._open_vehicle, icon="car",
                   enabled=lambda: self.is_shown),
        ):  # fmt: skip
            self.add_action(action)

    def _keys(self, *states: KeyState) -> list[KeyRow]:
        return [key for key in self.record.row.keys if key.state in states] if self.is_shown else []

    def _ask_register(self) -> None:
        known = self.record.row.keys
        question = PanelForm(
            self.context,
            tr_noop("Enter the keys"),
            [
                IntegerField("count", tr_noop("How many keys"), required=True, least=1, most=MOST_KEYS),
                TextField("slot", tr_noop("Slot on the board"), required=True, max_length=24),
                TextField("tag", tr_noop("Tag"), max_length=24),
            ],
            verb=tr_noop("Enter the keys"),
            command=lambda values: RegisterKeys(
                unit_id=self.record.row.id, count=values["count"] or 0, slot=values["slot"], tag=values["tag"]
            ),
            name=tr_noop("Enter the keys"),
        )
        question.form.set_values({"count": max(2, len(known) + 1 if known else 2), "slot": self.record.row.slot})
        self.ask(question)

    def _ask_hand_out(self, key: KeyRow | None = None) -> None:
        keys = self._keys(KeyState.BOARD)
        now = self.context.clock.now()
        question = PanelForm(
            self.context,
            tr_noop("Hand out a key"),
            [
                ChoiceField("key_id", tr_noop("Key"), choices=_key_choices(keys), required=True),
                ChoiceField("purpose", tr_noop("What for"), required=True,
                            choices=[Choice(purpose, purpose.label) for purpose in KeyPurpose]),
                LookupField("staff_id", tr_noop("To a colleague"), search=_find_staff,
                            placeholder=tr_noop("Name, pinyin")),
                TextField("holder_name", tr_noop("Or to somebody else"), max_length=80),
                DateTimeField("due_back_at", tr_noop("Back by"), required=True, span=2),
            ],
            verb=tr_noop("Hand out"),
            command=lambda values: HandOutKey(
                key_id=values["key_id"], purpose=values["purpose"], staff_id=values["staff_id"],
                holder_name=values["holder_name"], due_back_at=values["due_back_at"],
            ),
            name=tr_noop("Hand out the key"),
        )  # fmt: skip
        question.form.set_values({
            "key_id": (key or keys[0]).id, "purpose": KeyPurpose.TEST_DRIVE,
            "due_back_at": now + key_span(branch_date(now)),
        })  # fmt: skip
        self.ask(question)

    def _ask_return(self) -> None:
        keys = self._keys(*_AWAY)
        if len(keys) == 1 and keys[0].state is not KeyState.CUSTOMER:
            self.run(ReturnKey(key_id=keys[0].id))
            return
        question = PanelForm(
            self.context,
            tr_noop("Take a key back"),
            [
                ChoiceField("key_id", tr_noop("Key"), choices=_key_choices(keys), required=True),
                TextField("slot", tr_noop("Slot on the board"), max_length=24),
            ],
            verb=tr_noop("Take back"),
            command=lambda values: ReturnKey(key_id=values["key_id"], slot=values["slot"]),
            name=tr_noop("Take back"),
        )
        question.form.set_values({"key_id": keys[0].id, "slot": keys[0].slot})
        self.ask(question)

    def _ask_lost(self) -> None:
        keys = self._keys(KeyState.BOARD, KeyState.OUT)
        question = PanelForm(
            self.context,
            tr_noop("Which key cannot be found?"),
            [
                ChoiceField("key_id", tr_noop("Key"), choices=_key_choices(keys), required=True, span=2),
                MultiLineField("reason", tr_noop("What is known"), required=True, max_length=400, lines=2, span=2),
            ],
            verb=tr_noop("Report as lost"),
            command=lambda values: ReportKeyLost(key_id=values["key_id"], reason=values["reason"]),
            name=tr_noop("Report as lost"),
            danger=True,
        )
        question.form.set_values({"key_id": keys[0].id})
        self.ask(question)

    def _ask_give(self) -> None:
        unit_id = self.record.row.id
        self.ask(
            PanelForm(
                self.context,
                tr_noop("Give all keys to the customer"),
                [TextField("customer_name", tr_noop("Customer"), required=True, max_length=80, span=2)],
                verb=tr_noop("Give them"),
                command=lambda values: GiveKeysToCustomer(unit_id=unit_id, customer_name=values["customer_name"]),
                name=tr_noop("Give all keys to the customer"),
            )
        )

    def _open_vehicle(self) -> None:
        self.context.navigator.open("vehicles", unit_id=self.record.row.id)

    # --- panel -----------------------------------------------------------------------------------

    def _content(self, record: UnitKeysDetail) -> QWidget:
        stack = column(gap=8)
        for key in record.row.keys:
            stack.addWidget(self._key_card(key))
        if not record.row.keys:
            stack.addWidget(Label(tr_noop("The keys of this vehicle are not in the register yet."), role="secondary",
                                  wrap=True))  # fmt: skip
        if record.entries:
            stack.addWidget(Label(tr_noop("Register"), role="section"))
            for line in record.entries:
                said = Label(partial(_entry_words, line), wrap=True)
                stack.addWidget(boxed(column(said, Label(partial(_entry_facts, line), role="secondary"), gap=0)))
        return boxed(stack)

    def _key_card(self, key: KeyRow) -> Card:
        card = Card()
        title = Label(lambda: key_title(key), role="body")
        late = key.overdue
        dot = StatusDot(tr_noop("Overdue") if late else key.state.label, "bad" if late else TONES[key.state])
        line = row(title, STRETCH, dot)
        card.body.addLayout(line)
        card.add(Label(partial(key_place, key), role="secondary", wrap=True))
        if key.state is KeyState.OUT and self.context.may(Permission.CUSTODY_KEYS):
            back = Button(tr_noop("Take back"), icon="log-in", on_click=lambda: self.run(ReturnKey(key_id=key.id)))
            card.body.addLayout(row(back, STRETCH))
        return card


def _columns(context: PageContext) -> tuple[Column, ...]:
    return (
        Column("name", tr_noop("Vehicle"), width=232, stretch=True, format=str, tooltip=lambda line: line.vin),
        Column("worst", tr_noop("Status"), kind="state", states=STATES, width=120),
        Column("slot", tr_noop("Slot"), kind="code", width=72),
        Column("keys", tr_noop("Car keys"), width=80, format=lambda keys: str(len(keys)) if keys else ""),
        Column("who", tr_noop("Handed out to"), width=160, value=lambda line: line, format=_who),
        Column("due", tr_noop("Back by"), width=120, value=lambda line: line, format=partial(_due, context)),
        Column("vin", tr_noop("VIN"), kind="code", width=164),
    )


def _who(line: UnitKeysRow) -> str:
    return ", ".join(key.holder_name for key in line.keys if key.state in (KeyState.OUT, KeyState.CUSTOMER))


def _due(context: PageContext, line: UnitKeysRow) -> str:
    dues = [key.due_back_at for key in line.keys if key.due_back_at is not None]
    if not dues:
        return ""
    late = (context.clock.now() - min(dues)).total_seconds()
    return tr("{span} overdue", span=formats.duration(late)) if late > 0 else formats.moment(min(dues))


def key_title(key: KeyRow) -> str:
    """ "Key 1 · blue 17"."""
    return tr("Key {n}", n=key.number) + (f" · {key.tag}" if key.tag else "")


def key_place(key: KeyRow) -> str:
    """Where a key is and until when."""
    if key.state is KeyState.BOARD:
        return tr("slot {slot}", slot=key.slot)
    parts = [key.holder_name, tr(key.purpose.label) if key.purpose is not None else ""]
    if key.due_back_at is not None:
        parts.append(tr("back by {date}", date=formats.moment(key.due_back_at)))
    return " · ".join(part for part in parts if part) or tr(key.state.label)


def _entry_words(line: KeyEntryRow) -> str:
    return tr("Key {n}: {step}", n=line.number, step=tr(KEY_STEPS_DONE[line.step]))


def _entry_facts(line: KeyEntryRow) -> str:
    purpose = tr(line.purpose.label) if line.purpose is not None else ""
    parts = [formats.moment(line.happened_at), line.target, purpose, line.reason, line.recorded_by]
    return " · ".join(part for part in parts if part)


def _key_choices(keys: Sequence[KeyRow]) -> list[Choice]:
    return [Choice(key.id, partial(key_title, key)) for key in keys]


def _find_staff(reader: Any, text: str) -> list[Choice]:
    return [Choice(person.id, partial(str, person.name)) for person in find_staff(reader, text)]
