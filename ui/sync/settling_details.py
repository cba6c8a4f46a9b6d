"""Panels about a value two desks changed, a row that could not be written here, and where fields come from."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from app.audit.rules import field_label
from app.desk.refused_commands import RevealReplacedValue
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from sync.client.quarantine import NOT_KNOWN, FieldOrigin, Unwritten, list_origins
from sync.client.writers import CENTRE
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.detail_panel import Facts
from ui.kit.fields import TextField
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.stored_values import is_derived
from ui.kit.text import Words
from ui.sync.lines import ReplacedLine
from ui.sync.value_words import reference_names, shown
from ui.sync.writer_words import desk_text, person_text, written_text

_REASON_LIMIT = 200


class ReplacedDetails(PanelSection):
    """Both values side by side, who entered them and when."""

    def __init__(self, context: PageContext, line: ReplacedLine) -> None:
        super().__init__("")
        replaced = line.row
        self._context, self._replaced, self._names = context, replaced, line.names
        self.own, self.theirs = Label("", role="section", wrap=True), Label("", role="section", wrap=True)
        self._say(replaced.own_value, replaced.their_value)
        self.add(Label(self._what, wrap=True))
        sides = row(
            _side(tr_noop("Entered here"), self.own, self._own_facts()),
            _side(tr_noop("In force now"), self.theirs, self._their_facts()), gap=12,
        )
        for place in (0, 1):
            sides.setStretch(place, 1)
        self.add(boxed(sides))
        if replaced.is_personal and context.may(Permission.CUSTOMERS_REVEAL):
            self.add(boxed(row(Button(tr_noop("Show both"), icon="eye", on_click=self._ask_reveal), QWidget())))
        if not context.may(Permission.SYNC_CONFIGURE):
            self.add(Label(tr_noop("A branch manager can say which of them stays."), role="secondary", wrap=True))
        elif not replaced.may_use_own:
            self.add(
                Label(
                    tr_noop("This is changed where its rules are: open the record."), role="secondary", wrap=True
                )
            )  # fmt: skip
        self.add(FieldOrigins(context, replaced.table, replaced.record_id))

    def _what(self) -> str:
        return tr(
            "Two desks changed “{field}” without knowing of each other. The later change counts.",
            field=field_label(self._replaced.field),
        )

    def _say(self, own: object, theirs: object) -> None:
        table, field = self._replaced.table, self._replaced.field
        self.own.set_words(lambda: shown(table, field, own, self._names))
        self.theirs.set_words(lambda: shown(table, field, theirs, self._names))

    def _own_facts(self) -> list[Words]:
        replaced = self._replaced
        return [
            lambda: replaced.own_person or "–",
            tr_noop("this desk"), lambda: formats.moment(replaced.own_at),
        ]  # fmt: skip

    def _their_facts(self) -> list[Words]:
        other = self._replaced.other
        facts: list[Words] = [lambda: desk_text(other), lambda: formats.moment(other.at)]
        return [lambda: person_text(other), *facts] if other.kind != CENTRE else facts

    def _ask_reveal(self) -> None:
        entry = self._replaced.entry
        self.ask(
            PanelForm(
                self._context, tr_noop("Show both values"),
                [TextField("reason", tr_noop("What for?"), required=True, max_length=_REASON_LIMIT, span=2)],
                text=tr_noop("The look and its reason are kept in the audit trail."), verb=tr_noop("Show it"),
                command=lambda values: RevealReplacedValue(entry=entry, reason=values["reason"]),
                on_done=lambda both: self._say(*both),
            )
        )  # fmt: skip


def _side(title: Words, value: Label, facts: Sequence[Words]) -> QWidget:
    parts = [Label(title, role="secondary", wrap=True), value]
    parts += [Label(fact, role="secondary", wrap=True) for fact in facts]
    return boxed(column(*parts, STRETCH, gap=4, margins=12), role="card")


class FieldOrigins(PanelSection):
    """Why each field says what it says: who wrote it last, when, and what it replaced."""

    def __init__(self, context: PageContext, table: str, record_id: str) -> None:
        super().__init__(tr_noop("Where the fields come from"))
        self._table = table
        self._names: Mapping[str, str] = {}
        context.operations.run_query(self, list_named_origins, table, record_id, on_done=self._show, key="origins")

    def _show(self, told: tuple[Sequence[FieldOrigin], Mapping[str, str]]) -> None:
        origins, self._names = told
        if not origins:
            self.add(Label(tr_noop("The record is not here."), role="secondary"))
        for origin in [one for one in origins if not is_derived(one.name)][:_FIELDS_SHOWN]:
            self.add(self._line(origin))

    def _line(self, origin: FieldOrigin) -> QWidget:
        def said() -> str:
            value = shown(self._table, origin.name, origin.value, self._names)
            return tr("{record}: {field}", record=field_label(origin.name), field=value)

        def whence() -> str:
            said = written_text(origin.writer)
            if origin.before is NOT_KNOWN:
                return said
            before = shown(self._table, origin.name, origin.before, self._names)
            return f"{said} · {tr('before: {value}', value=before)}"

        return boxed(column(Label(said, wrap=True), Label(whence, role="secondary", wrap=True), gap=2))


_FIELDS_SHOWN = 20


def list_named_origins(reader: Any, table: str, record_id: str) -> tuple[list[FieldOrigin], dict[str, str]]:
    """Where the fields come from, with the names of the records they refer to."""
    origins = list_origins(reader, table, record_id)
    values = [(one.name, value) for one in origins for value in (one.value, one.before)]
    return origins, reference_names(reader, values)


def unwritten_details(line: Unwritten, title: str, branch: str) -> QWidget:
    """A record the centre has and this desk cannot write."""
    text = Label(
        tr_noop(
            "This record came from the centre and does not fit this desk's database. All others are up to date. It is "
            "tried again after an update of Forecourt, or when you say so; if it stays, send what the database says "
            "to support."
        ),
        wrap=True,
    )
    facts: list[tuple[Words, Words | QWidget]] = [
        (tr_noop("Record"), lambda: title or f"…{line.record_id[-8:]}"),
        (tr_noop("Branch"), lambda: branch or tr("Shared by all branches")),
        (tr_noop("Since"), lambda: formats.moment(line.since)),
        (tr_noop("Tried last"), lambda: formats.moment(line.tried_at)),
        (tr_noop("What the database says"), lambda: line.error),
    ]
    return boxed(column(text, Facts(facts), gap=12))
