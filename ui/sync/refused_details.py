"""The panel about a refused change: why, who, field by field, what was refused with it; corrected here and sent."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.audit.rules import field_label, field_words
from app.desk.refused_commands import CorrectRefusedChange, RevealRefusedValue
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from sync.client.quarantine import NOT_KNOWN, FieldChange, Refused, get_refused
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import IconButton, Label
from ui.kit.detail_panel import Facts
from ui.kit.fields import TextField
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.stored_values import is_derived
from ui.kit.text import Words
from ui.sync.lines import OperationLine
from ui.sync.reference import Reference
from ui.sync.value_words import decision_text, entered_values, form_fields, form_values, shown
from ui.sync.words import advice_text, effect_text, fields_text, reason_text, table_text, winner_text

SHOWN_MS = 30_000
_REASON_LIMIT = 200


class RefusedDetails(PanelSection):
    """Fetches the change by its number. `on_sent` is called when it was corrected and is on its way."""

    def __init__(self, context: PageContext, line: OperationLine, *, on_sent: Callable[[int], object]) -> None:
        super().__init__("")
        self._context, self._line, self._on_sent = context, line, on_sent
        self.refused: Refused | None = None
        self.add(Label(lambda: reason_text(line.row), wrap=True))
        self.add(Label(lambda: effect_text(line.row), role="secondary", wrap=True))
        self.add(Label(lambda: advice_text(line.row), wrap=True))
        if not context.may(Permission.SYNC_CONFIGURE):
            whose = tr_noop("A branch manager can correct it, send it again or let it be: show them this.")
            self.add(Label(whose, wrap=True))
        context.operations.run_query(self, get_refused, line.row.n, on_done=self._show, key="refused")

    @property
    def can_be_corrected(self) -> bool:
        """Whether there is anything to enter again."""
        return self.refused is not None and self.refused.is_here and bool(self._fields())

    def correct(self) -> None:
        """Ask for the values; the one the centre complained of stands first."""
        refused = self.refused
        if refused is None or not self.can_be_corrected:
            return
        form = PanelForm(
            self._context, tr_noop("Correct it and send it again"), self._fields(),
            text=self._together_words(refused), verb=tr_noop("Send it"), command=self._command,
            on_done=self._on_sent,
        )  # fmt: skip
        form.form.set_values(form_values(refused.changes))
        self.ask(form)

    def _fields(self) -> list[Any]:
        refused = self.refused
        wrong = str(self._line.row.detail.get("field") or "")
        return [] if refused is None else form_fields(refused.table, refused.changes, wrong=wrong)

    def _together_words(self, refused: Refused) -> Words:
        others = len(refused.members) - 1
        if others < 1:
            return ""
        return lambda: trn(
            "{n} change was refused with it and is sent with it.",
            "{n} changes were refused with it and are sent with it.", others,
        )

    def _command(self, values: Mapping[str, Any]) -> CorrectRefusedChange:
        assert self.refused is not None
        entered = entered_values(self.refused.changes, values)
        return CorrectRefusedChange(operation=self.refused.n, values=entered)

    # --- what is shown ---------------------------------------------------------------------------

    def _show(self, refused: Refused | None) -> None:
        if refused is None:
            return
        self.refused = refused
        facts: list[tuple[Words, Words | QWidget]] = [
            (tr_noop("Entered by"), lambda: refused.person or "–"),
            (tr_noop("Changed at"), lambda: formats.moment(refused.at)),
        ]
        if refused.refused_at is not None:
            facts.append((tr_noop("Refused at"), lambda: formats.moment(refused.refused_at)))
        winner = self._line.row.detail.get("winner")
        if winner:
            line = self._line
            said = winner_text(winner, line.winner_branch, line.winner_person)
            facts.append((tr_noop("The vehicle is with"), lambda: said))
        self.add(Facts(facts))
        if refused.request_id:  # too long for a fact where a scroll bar stands beside it
            self.add(Reference(refused.request_id, named=True))
        if refused.changes and refused.kind == "put":
            self.add(Label(tr_noop("What was to change"), role="section"))
            if not refused.centre_has_it:
                self.add(Label(tr_noop("The centre does not have this record."), role="secondary", wrap=True))
            self.add(*(self._change(refused, change) for change in self._worth_showing(refused)))
        if len(refused.members) > 1:
            self.add(Label(tr_noop("Refused together"), role="section"))
            self.add(*(_member(one) for one in refused.members))
        if refused.decisions:
            self.add(Label(tr_noop("What was decided"), role="section"))
            self.add(*(_decision(one) for one in refused.decisions))

    def _worth_showing(self, refused: Refused) -> list[FieldChange]:
        """The field the centre complained of first; of a new record only what was entered."""
        wrong = str(self._line.row.detail.get("field") or "")
        kept = [
            change
            for change in refused.changes
            if change.name == wrong
            or (not is_derived(change.name) and (refused.centre_has_it or change.after not in (None, "", 0, False)))
        ]
        return sorted(kept, key=lambda change: change.name != wrong)

    def _change(self, refused: Refused, change: FieldChange) -> QWidget:
        name = Label(lambda: field_label(change.name), role="secondary", wrap=True)
        value = Label(lambda: _change_text(refused, change), wrap=True)
        top = row(name, STRETCH, gap=4)
        if change.is_personal and change.after and self._context.may(Permission.CUSTOMERS_REVEAL):
            top.addWidget(
                IconButton(
                    "eye", lambda: tr("Show {name}", name=field_label(change.name)), size=14,
                    on_click=lambda: self._ask_reveal(change, value),
                )
            )  # fmt: skip
        stack = column(top, value, gap=2)
        if refused.centre_has_it:
            stack.addWidget(Label(lambda: _centre_text(refused, change), role="secondary", wrap=True))
        return boxed(stack)

    def _ask_reveal(self, change: FieldChange, value: Label) -> None:
        assert self.refused is not None
        n = self.refused.n

        def show_value(real: str) -> None:
            words = tr("Entered: {value}", value=real)
            value.set_text(words)
            QTimer.singleShot(SHOWN_MS, value, lambda: value.set_words(lambda: _change_text(self.refused, change)))

        self.ask(
            PanelForm(
                self._context, lambda: tr("Show {name}", name=field_label(change.name)),
                [
                    TextField(
                        "reason", tr_noop("What for?"), required=True, max_length=_REASON_LIMIT, span=2,
                        placeholder=tr_noop("For example: calling about the delivery"),
                    )
                ],
                text=tr_noop("The look and its reason are kept in the audit trail. The value is shown for 30 seconds."),
                verb=tr_noop("Show it"),
                command=lambda values: RevealRefusedValue(operation=n, field=change.name, reason=values["reason"]),
                on_done=show_value,
            )
        )  # fmt: skip


def _change_text(refused: Refused | None, change: FieldChange) -> str:
    assert refused is not None
    after = shown(refused.table, change.name, change.after)
    if change.before is NOT_KNOWN:
        return tr("Entered: {value}", value=after)
    return tr("{before} → {after}", before=shown(refused.table, change.name, change.before), after=after)


def _centre_text(refused: Refused, change: FieldChange) -> str:
    return tr("At the centre: {value}", value=shown(refused.table, change.name, change.centre))


def _member(member: Any) -> QWidget:
    def said() -> str:
        what = table_text(member.table)
        fields = fields_text(member.fields) if member.kind == "put" else ""
        text = tr("{record}: {field}", record=what, field=fields) if fields else what
        return tr("{change} – this one was the reason", change=text) if member.is_culprit else text

    return Label(said, wrap=True, role="body" if member.is_culprit else "secondary")


def _decision(decision: Any) -> QWidget:
    def said() -> str:
        named = tr(", ").join(tr(field_words(name)) for name in decision.fields)
        parts = [decision_text(decision.what), named, decision.person, formats.moment(decision.at)]
        return " · ".join(part for part in parts if part)

    return Label(said, wrap=True, role="secondary")
