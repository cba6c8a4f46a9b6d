"""Destruction lists in the place of the archive's list: what is proposed, who confirms it, and what was destroyed."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.archive.commands import ConfirmDisposal, ProposeDisposal, RejectDisposal
from app.archive.disposal import DisposalState
from app.archive.queries import DisposalLineRow, DisposalRow, disposal_lines, list_disposals
from app.archive.search import ArchiveRow
from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label, StatusDot
from ui.kit.disclosure import Disclosure
from ui.kit.fields import MultiLineField, TextField
from ui.kit.layout import STRETCH, Card, boxed, column, empty, row
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.text import Words
from ui.kit.theme import set_size
from ui.signing.document_words import kind_words

_WIDTH = 720
_REASON_LIMIT, _NAME_LIMIT = 400, 60
_TONES = {DisposalState.PROPOSED: "warn", DisposalState.CONFIRMED: "neutral", DisposalState.REJECTED: "bad"}
_OWN = tr_noop("You proposed this list: somebody else has to confirm it.")
_NOT_PERMITTED = tr_noop("Your role does not permit this. Ask the branch manager.")


class DisposalSheet(QWidget):
    """With `chosen` it begins by asking for the reason of a new list. `wanted` is the list to begin with."""

    def __init__(
        self, context: PageContext, *, back: Button, chosen: Sequence[ArchiveRow] = (), wanted: str = "",
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.context, self._wanted = context, wanted
        self.proposal = PanelSection("")
        self.proposal.hide()
        self.cards: dict[str, DisposalCard] = {}
        self._rows: tuple[DisposalRow, ...] | None = None
        self._lists = column(gap=12)
        self._nothing = Label(tr_noop("Nothing was ever proposed for destruction."), role="secondary")
        self._nothing.hide()
        middle = boxed(column(self.proposal, self._nothing, self._lists, STRETCH, gap=16))
        set_size(middle, width=_WIDTH)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(boxed(row(middle, STRETCH)))
        stack = column(row(back, STRETCH), gap=12)
        stack.addWidget(self._scroll, 1)
        self.setLayout(stack)
        context.operations.changes_published.connect(self._on_changes)
        self.refresh()
        if chosen:
            self._ask_reason(chosen)

    def take_focus(self) -> None:
        """What is asked, if anything is."""
        if self.proposal.question is not None:
            self.proposal.question.take_focus()

    def refresh(self) -> None:
        """Read the lists again."""
        self.context.operations.run_query(self, list_disposals, on_done=self._show, key="disposals")

    def _on_changes(self, changes: Changes, _initiator: object) -> None:
        if changes.touches("disposal_list"):
            self.refresh()

    def _show(self, rows: tuple[DisposalRow, ...]) -> None:
        if rows == self._rows:
            return
        self._rows = rows
        empty(self._lists)
        self.cards = {line.id: DisposalCard(self.context, line, opened=line.id == self._wanted) for line in rows}
        for card in self.cards.values():
            self._lists.addWidget(card)
        self._nothing.setVisible(not rows and self.proposal.question is None)

    def _ask_reason(self, chosen: Sequence[ArchiveRow]) -> None:
        self.proposal.show()
        ids = tuple(line.id for line in chosen)
        field = MultiLineField("reason", tr_noop("Reason"), required=True, span=2, max_length=_REASON_LIMIT, lines=3)
        self.proposal.ask(
            PanelForm(
                self.context,
                lambda: trn("Propose to destroy {n} document?", "Propose to destroy {n} documents?", len(ids)), [field],
                verb=tr_noop("Propose it"), danger=True,
                text=tr_noop(
                    "Somebody else has to confirm the list. Then pages, signatures and personal data are erased at "
                    "every desk and at the centre; number, digests and days remain."
                ),
                command=lambda values: ProposeDisposal(contract_ids=ids, reason=values["reason"]),
                on_done=lambda _value: self._say(tr_noop("The list waits for a second person.")),
            )
        )  # fmt: skip

    def _say(self, text: Words) -> None:
        self.context.notifications.show(text, tone="good")


class DisposalCard(Card):
    """One list: who, when, why, what, and what can be done with it."""

    def __init__(self, context: PageContext, line: DisposalRow, *, opened: bool = False) -> None:
        super().__init__()
        self.context, self.line = context, line
        state = DisposalState(line.state)
        self.section = PanelSection("")
        self._lines = column(gap=4, margins=(20, 0, 0, 0))
        number = Label("", role="section")
        number.set_text(line.number)
        reason = Label("", wrap=True)
        reason.set_text(line.reason)
        self.body.addLayout(row(number, STRETCH, StatusDot(state.label, _TONES[state]), gap=8))
        self.add(reason, *(Label(said, role="secondary", wrap=True) for said in _history(line)))
        self.named = Disclosure(
            lambda: trn("{n} document", "{n} documents", line.documents), lambda: boxed(self._lines), opened=opened
        )  # fmt: skip
        self.named.toggled.connect(self._on_named)
        self.add(self.named)
        self.confirm = Button(tr_noop("Confirm and destroy"), kind="danger", on_click=self.ask_confirmation)
        self.reject = Button(tr_noop("Reject"), on_click=self.ask_rejection)
        if state is DisposalState.PROPOSED:
            self._verbs = boxed(row(self.confirm, self.reject, STRETCH, gap=8))
            self._permit()
            self.add(self._verbs, self.section)
        if opened:
            self._on_named(True)

    def _permit(self) -> None:
        actor = self.context.operations.actor
        permitted = actor.may(Permission.CONTRACTS_DISPOSE)
        own = actor.staff_id == self.line.proposed_by_staff_id
        self.confirm.setEnabled(permitted and not own)
        self.reject.setEnabled(permitted)
        for button in (self.confirm, self.reject):
            button.setToolTip("" if permitted else tr(_NOT_PERMITTED))
        if permitted and own:
            self.confirm.setToolTip(tr(_OWN))
            self.add(Label(_OWN, role="secondary", wrap=True))

    def _on_named(self, on: bool) -> None:
        if on and not self._lines.count():
            run = self.context.operations.run_query
            run(self, disposal_lines, self.line.id, on_done=self._show_lines, key="lines")

    def _show_lines(self, lines: tuple[DisposalLineRow, ...]) -> None:
        empty(self._lines)
        for line in lines:
            said = Label(partial(_line_words, line), wrap=True)
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._lines.addWidget(said)

    def ask_confirmation(self) -> None:
        """Who watches that it is done."""
        line = self.line
        field = TextField("supervisor", tr_noop("Supervised by"), required=True, span=2, max_length=_NAME_LIMIT)
        self._ask(
            lambda: trn("Destroy {n} document?", "Destroy {n} documents?", line.documents), field,
            verb=tr_noop("Destroy"), danger=True,
            text=tr_noop("This cannot be undone. Name who watches that it is done."),
            command=lambda values: ConfirmDisposal(disposal_list_id=line.id, supervisor=values["supervisor"]),
            said=lambda: tr("The documents of list {number} are destroyed.", number=line.number),
        )  # fmt: skip

    def ask_rejection(self) -> None:
        """Why the documents are kept."""
        line = self.line
        field = MultiLineField("reason", tr_noop("Reason"), required=True, span=2, max_length=_REASON_LIMIT, lines=2)
        self._ask(
            tr_noop("Why are these documents kept?"), field, verb=tr_noop("Reject the list"), danger=False, text="",
            command=lambda values: RejectDisposal(disposal_list_id=line.id, reason=values["reason"]),
            said=lambda: tr("List {number} is rejected.", number=line.number),
        )  # fmt: skip

    def _ask(
        self, title: Words, field: Any, *, verb: Words, danger: bool, text: Words, command: Any, said: Words
    ) -> None:
        question = PanelForm(
            self.context, title, [field], verb=verb, danger=danger, text=text, command=command,
            on_done=lambda _value: self.context.notifications.show(said, tone="good"),
        )  # fmt: skip
        self._verbs.hide()  # the same words would stand there twice
        question.left.connect(self._verbs.show)
        self.section.ask(question)


def _history(line: DisposalRow) -> list[Words]:
    said: list[Words] = [
        lambda: tr("Proposed {time} by {person}", time=formats.moment(line.proposed_at), person=line.proposed_by)
    ]
    if line.state == DisposalState.CONFIRMED:
        said.append(
            lambda: tr(
                "Confirmed {time} by {person}, supervised by {supervisor}", time=formats.moment(line.decided_at),
                person=line.decided_by, supervisor=line.supervisor,
            )
        )  # fmt: skip
    elif line.state == DisposalState.REJECTED:
        said.append(
            lambda: tr(
                "Rejected {time} by {person}: {reason}", time=formats.moment(line.decided_at), person=line.decided_by,
                reason=line.decision_note,
            )
        )  # fmt: skip
    return said


def _line_words(line: DisposalLineRow) -> str:
    parts = [line.number, kind_words(line.kind), tr("kept until {day}", day=formats.date_text(line.kept_until))]
    if line.sealed_digest:
        parts.append(tr("digest {digest}", digest=line.sealed_digest[:16]))
    return " · ".join(parts)
