"""One price change in the panel: what, for what, from when, who proposed and decided."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from app.pricing.queries import PriceChangeDetail, PriceLineRow
from app.pricing.rules import PriceLevel, PricePhase
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.controls import Badge, Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import STRETCH, Divider, boxed, column, row
from ui.kit.record_line import RecordLine
from ui.kit.text import Words
from ui.kit.theme import set_role
from ui.pricing.words import PHASES, days_words, formula_words, line_words

LINES_SHOWN = 12
_COUNTED = (PricePhase.SCHEDULED, PricePhase.IN_FORCE, PricePhase.ENDED)
Go = Callable[..., object]
"""`navigator.open`."""


def change_content(detail: PriceChangeDetail, *, go: Go) -> QWidget:
    """The panel's content."""
    state = PHASES[detail.row.phase]
    status = row(StatusDot(state.label, state.tone), STRETCH, gap=12)
    if detail.row.below_floor:
        status.addWidget(Badge(tr_noop("Below the floor"), "warn"))
    stack = column(status, gap=16)
    if detail.own and detail.row.phase is PricePhase.PENDING_APPROVAL:
        own = tr_noop("You proposed it: somebody else has to approve it.")
        stack.addWidget(Label(own, role="secondary", wrap=True))
    if detail.decision_note or detail.decided_by:
        stack.addWidget(_decision(detail))
    stack.addWidget(Facts(_facts(detail)))
    stack.addWidget(Divider())
    stack.addLayout(_lines(detail, go=go))
    return boxed(stack)


def _decision(detail: PriceChangeDetail) -> QWidget:
    facts: list[tuple[Words, Words]] = []
    if detail.decided_by:
        facts.append((tr_noop("Decided by"), lambda: f"{detail.decided_by} · {formats.moment(detail.decided_at)}"))
    if detail.decision_note:
        facts.append((tr_noop("Note"), detail.decision_note))
    box = boxed(column(Facts(facts), margins=12))
    set_role(box, "message", tone=PHASES[detail.row.phase].tone)
    return box


def _facts(detail: PriceChangeDetail) -> list[tuple[Words, Words]]:
    line = detail.row
    facts: list[tuple[Words, Words]] = [
        (tr_noop("Kind"), lambda: tr(line.kind.label)),
        (tr_noop("Counts"), lambda: days_words(line)),
    ]
    if detail.formula is not None:
        facts.append((tr_noop("New price"), lambda: formula_words(detail.formula)))
    if line.largest_change is not None:
        facts.append((tr_noop("Largest change"), lambda: formats.percent(line.largest_change)))
    if line.number:
        facts.append((tr_noop("Number"), line.number))
    if line.phase in _COUNTED and not detail.decided_by:
        facts.append((tr_noop("Approval"), lambda: tr("Not needed: a small change")))
    facts += [
        (tr_noop("Proposed by"), lambda: f"{line.drafted_by} · {formats.moment(line.created_at)}"),
        (tr_noop("Reason"), detail.reason or "–"),
    ]
    return facts


def _lines(detail: PriceChangeDetail, *, go: Go) -> Any:
    count = detail.row.lines
    stack = column(Label(lambda: trn("{n} line", "{n} lines", count), role="section"), gap=2)
    for line in detail.lines[:LINES_SHOWN]:
        stack.addWidget(_line(line, detail, go=go))
    more = count - min(count, LINES_SHOWN)
    if more > 0:
        stack.addWidget(Label(lambda: tr("and {n} further lines", n=formats.count(more)), role="secondary"))
    return stack


def _line(line: PriceLineRow, detail: PriceChangeDetail, *, go: Go) -> RecordLine:
    icon = "car" if line.level is PriceLevel.UNIT else "layers"
    shown = RecordLine(
        lambda: str(line.name) or line.vin, subtitle=lambda: line_words(line, detail.formula), icon=icon
    )
    if line.level is PriceLevel.UNIT:
        shown.clicked.connect(lambda: go("vehicles", unit_id=line.subject_id))
    else:
        where = {"trim_id": line.subject_id} if line.level is PriceLevel.TRIM else {}
        shown.clicked.connect(lambda: go("catalogue", **where))
    return shown
