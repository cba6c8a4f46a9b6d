"""A purchase proposal in the panel: where it stands, what is on it, what can be done with it now."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.kernel.commands import Command
from app.replenishment.commands import (
    ApproveProposal,
    CancelProposal,
    CloseProposal,
    MarkProposalOrdered,
    RejectProposal,
    SubmitProposal,
    TakeBackProposal,
)
from app.replenishment.proposal_queries import ProposalDetail, ProposalLineRow
from app.replenishment.rules import ProposalAction, ProposalState
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.fields import MultiLineField
from ui.kit.layout import Divider, boxed, column
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.record_line import RecordLine
from ui.kit.text import Words
from ui.replenishment.words import STATES, colour_text, money_or_dash

_A = ProposalAction
_PLAIN = {
    _A.SUBMIT: SubmitProposal, _A.TAKE_BACK: TakeBackProposal, _A.ORDER: MarkProposalOrdered, _A.CLOSE: CloseProposal,
}  # fmt: skip
_ASKED: dict[_A, tuple[Callable[..., Command], str, str, bool]] = {
    _A.APPROVE: (ApproveProposal, "note", tr_noop("Approve this proposal?"), False),
    _A.REJECT: (RejectProposal, "reason", tr_noop("Reject this proposal?"), True),
    _A.CANCEL: (CancelProposal, "reason", tr_noop("Cancel this proposal?"), True),
}
_ORDER = [_A.APPROVE, _A.ORDER, _A.SUBMIT, _A.REJECT, _A.CLOSE, _A.TAKE_BACK, _A.CANCEL]
"""The verbs, what leads on first."""
ICONS = {_A.SUBMIT: "send", _A.APPROVE: "check", _A.REJECT: "x", _A.ORDER: "truck", _A.CLOSE: "check-circle",
          _A.TAKE_BACK: "undo", _A.CANCEL: "ban"}  # fmt: skip


class ProposalContent(QWidget):
    """The panel's content; `buttons` are the verbs below it."""

    def __init__(self, context: PageContext, detail: ProposalDetail) -> None:
        super().__init__()
        self.context, self.detail = context, detail
        state = STATES[detail.row.state]
        self.section = PanelSection("")
        self.section.add(StatusDot(state.label, state.tone))
        if detail.own and detail.row.state is ProposalState.PENDING_APPROVAL:
            self.section.add(
                Label(tr_noop("You drafted it: somebody else has to approve it."), role="secondary", wrap=True)
            )
        self.section.add(Facts(_facts(detail)), Divider(), _lines(detail))
        self.setLayout(column(self.section))
        self.buttons = self._made_buttons()

    def _made_buttons(self) -> list[Button]:
        found = []
        for number, action in enumerate(sorted(map(ProposalAction, self.detail.actions), key=_ORDER.index)):
            if action is _A.CANCEL and len(self.detail.actions) > 2:
                continue
            made = Button(
                action.label, kind="primary" if number == 0 else "secondary", icon=ICONS[action],
                on_click=partial(self.do, action),
            )  # fmt: skip
            made.setObjectName(f"replenishment.{action}")
            found.append(made)
        return found[:3]

    def do(self, action: ProposalAction) -> None:
        """Do it, or ask what has to be asked first."""
        row = self.detail.row
        if action in _PLAIN:
            command = _PLAIN[action](proposal_id=row.id, expected_revision=row.revision)
            job = self.context.operations.run_command(self, command)
            for button in self.buttons:
                button.busy_while(job)
            return
        made, field, title, danger = _ASKED[action]
        self.section.ask(
            PanelForm(
                self.context, title,
                [MultiLineField(field, tr_noop("Note") if field == "note" else tr_noop("Reason"), span=2,
                                required=field == "reason", max_length=400, lines=3)],
                verb=action.label, danger=danger,
                command=lambda values: made(
                    proposal_id=row.id, expected_revision=row.revision, **{field: values[field]}
                ),
            )
        )  # fmt: skip


def _facts(detail: ProposalDetail) -> list[tuple[Words, Words]]:
    row = detail.row
    facts: list[tuple[Words, Words]] = [
        (tr_noop("Vehicles"), formats.count(row.units)),
        (tr_noop("Cost in all"), money_or_dash(row.value)),
        (tr_noop("Service level"), formats.percent(Decimal(detail.service_level))),
        (tr_noop("Drafted by"), f"{row.drafted_by} · {formats.date_text(row.drafted_on)}"),
    ]
    if detail.ordered_at is not None:
        facts.append((tr_noop("Ordered on"), formats.moment(detail.ordered_at)))
        facts.append((tr_noop("Still to come"), formats.count(row.still_open)))
    if detail.decided_by:
        facts.append((tr_noop("Decided by"), f"{detail.decided_by} · {formats.moment(detail.decided_at)}"))
    if detail.decision_note:
        facts.append((tr_noop("Because"), detail.decision_note))
    if row.note:
        facts.append((tr_noop("Note"), row.note))
    return facts


def _lines(detail: ProposalDetail) -> QWidget:
    stack = column(Label(lambda: trn("{n} line", "{n} lines", len(detail.lines)), role="section"), gap=2)
    for line in detail.lines:
        stack.addWidget(
            RecordLine(
                partial(str, line.name), subtitle=partial(_about, line), figure=partial(_quantity_words, line),
                icon="car",
            )
        )  # fmt: skip
    return boxed(stack)


def _quantity_words(line: ProposalLineRow) -> str:
    return f"× {line.quantity}"


def _about(line: Any) -> str:
    parts = [colour_text(line.stored_colour)]
    if line.quantity != line.suggested and line.suggested:
        parts.append(tr("suggested {n}", n=line.suggested))
    return " · ".join([*parts, *([line.note] if line.note else [])])


