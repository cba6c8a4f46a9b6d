"""What the panel shows of a unit's inspections: the newest with its defects, and those before."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from app.inspections.queries import DefectRow, InspectionRow, UnitInspections
from app.inspections.rules import DefectState
from app.runtime.language import tr, tr_noop
from ui.inspections.words import (
    DEFECT_TONES,
    RESULT_TONES,
    WORK_STATES,
    defect_words,
    due_text,
    due_tooltip,
    inspection_words,
)
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.disclosure import Disclosure
from ui.kit.layout import STRETCH, Card, boxed, column, row
from ui.kit.record_line import RecordLine
from ui.kit.text import Words

Verb = Callable[[str, DefectRow], object]


def inspection_content(
    context: PageContext, record: UnitInspections, *, act: Verb, may_inspect: bool, show: Callable[[str], object]
) -> QWidget:
    """`act(verb, defect)` with "repair", "clear" or "reopen"; `show(inspection_id)` opens a report."""
    line, newest = record.row, record.newest
    state = WORK_STATES[line.state]
    facts: list[tuple[Words, Words | QWidget]] = [
        (tr_noop("Status"), StatusDot(state.label, state.tone)),
        (tr_noop("Inspect by"), lambda: f"{due_text(line)} · {due_tooltip(line)}"),
        (tr_noop("VIN"), lambda: line.vin),
        (tr_noop("Place"), lambda: line.place or "–"),
    ]
    if newest is not None:
        shown = newest.row
        facts += [
            (tr_noop("Inspector"), lambda: shown.inspector or "–"),
            (tr_noop("Items"), lambda: tr("{n} of {total} items answered", n=newest.answered,
                                          total=len(newest.checklist.items))),
            (tr_noop("Odometer"), lambda: formats.kilometres(shown.odometer_km)),
        ]  # fmt: skip
        if shown.battery_percent is not None:
            facts.append((tr_noop("Battery"), lambda: f"{shown.battery_percent} %"))
    stack = column(Facts(facts), gap=16)
    defects = [d for d in newest.defects if d.state is not DefectState.WITHDRAWN] if newest is not None else []
    if defects:
        cards = column(Label(tr_noop("Defects"), role="section"), gap=8)
        for defect in defects:
            cards.addWidget(_defect_card(context, defect, act=act, may_inspect=may_inspect))
        stack.addLayout(cards)
    if record.history:
        lines = column(Label(tr_noop("Inspections"), role="section"), gap=2)
        for one in record.history:
            lines.addWidget(_history_line(one, show))
        stack.addLayout(lines)
    return boxed(stack)


def _history_line(one: InspectionRow, show: Callable[[str], object]) -> RecordLine:
    line = RecordLine(
        partial(_label, one), subtitle=partial(inspection_words, one), icon="clipboard-check",
        tone=RESULT_TONES[one.state],
    )  # fmt: skip
    line.clicked.connect(partial(_call, show, one.id))
    return line


def _label(one: InspectionRow) -> str:
    return tr(one.state.label)


def _call(show: Callable[[str], object], inspection_id: str) -> None:
    show(inspection_id)


def _defect_card(context: PageContext, defect: DefectRow, *, act: Verb, may_inspect: bool) -> QWidget:
    card = Card()
    dot = StatusDot(defect.severity.label, DEFECT_TONES[defect.state])
    card.add(Label(partial(str, defect.item_text), role="secondary", wrap=True))
    head = row(Label(lambda: defect.description, wrap=True), dot, gap=8)
    head.setStretch(0, 1)
    card.body.addLayout(head)
    card.add(Label(partial(defect_words, defect), role="secondary", wrap=True))
    card.add(Disclosure(tr_noop("Photos"), partial(_gallery, context, defect, may_inspect)))
    verbs: list[QWidget | None] = []
    if may_inspect and defect.state is DefectState.OPEN:
        verbs.append(Button(tr_noop("Repaired…"), icon="wrench", on_click=partial(act, "repair", defect)))
    elif may_inspect and defect.state is DefectState.REPAIRED:
        verbs.append(Button(tr_noop("It is gone"), icon="check", on_click=partial(act, "clear", defect)))
        verbs.append(Button(tr_noop("Not good…"), kind="quiet", on_click=partial(act, "reopen", defect)))
    if verbs:
        card.body.addLayout(row(*verbs, STRETCH))
    return card


def _gallery(context: PageContext, defect: DefectRow, editable: bool) -> QWidget:
    from ui.kit.gallery import Gallery

    return Gallery(
        context, subject_table="inspection_defect", subject_id=defect.id, editable=editable, pictures_only=True
    )
