"""Several vehicles of the stock table at once: secured together for selling offline, printed on labels together."""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from PySide6.QtWidgets import QWidget

from app.inventory.queries import UnitRow
from app.leases.port import LeasePort, Secured
from app.runtime.language import tr, tr_noop, trn
from sync.protocol.limits import LEASES_A_DESK
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.detail_panel import DetailPanel
from ui.kit.feedback import ToneIcon
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.lease_words import refusal_words
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.record_line import RecordLine
from ui.kit.text import Words
from ui.vehicles.unit_questions import secure_question

SHOWN = 100
"""So many of the chosen vehicles are named."""


class HasUnits(Protocol):
    """What is needed of the page."""

    context: PageContext
    leases: LeasePort | None
    panel: DetailPanel

    def add_action(self, action: Action) -> None: ...


class SeveralUnits:
    """What the panel shows while more than one vehicle is selected."""

    def __init__(self, page: HasUnits) -> None:
        self._page = page
        self.rows: list[UnitRow] = []
        """Empty unless several are selected."""
        self.head: PanelSection | None = None
        page.add_action(
            Action("vehicles.labels", tr_noop("Print labels…"), self._print_labels, icon="qr-code",
                   enabled=lambda: bool(self.rows))
        )  # fmt: skip

    def choose(self, rows: Sequence[UnitRow]) -> bool:
        """Take what is selected; whether these are several, and the panel shows them."""
        before, self.rows = self.rows, list(rows) if len(rows) > 1 else []
        if self.rows and ([one.id for one in before] != [one.id for one in self.rows] or self._page.panel.isHidden()):
            self._show(self._lines())
        return bool(self.rows)

    @property
    def may_be_secured(self) -> bool:
        """Whether the centre can be asked; which of them it gives is its word."""
        return bool(self.rows) and self._page.leases is not None and len(self.rows) <= LEASES_A_DESK

    def ask_to_secure(self) -> None:
        """For how long."""
        port, rows = self._page.leases, list(self.rows)
        if port is None or self.head is None or not rows:
            return
        question: PanelForm = secure_question(
            self._page.context, [one.vin for one in rows], port, on_answered=partial(self.show_answer, rows)
        )
        self.head.ask(question)

    def show_answer(self, rows: Sequence[UnitRow], answer: Secured) -> None:
        """Which were secured until when, and which not and why, the latter first."""
        if [one.id for one in rows] != [one.id for one in self.rows]:
            self._tell_elsewhere(answer)
            return
        refused = [one for one in rows if one.vin in answer.refused]
        secured = [one for one in rows if one.vin in answer.until]
        section = PanelSection("")
        section.add(Label(_summary(len(secured), len(rows)), role="section", wrap=True))
        section.add(*(_refused_line(one, answer) for one in refused), *(_secured_line(one, answer) for one in secured))
        self._show(section, answered=True)

    # --- inside ----------------------------------------------------------------------------------

    def _show(self, section: PanelSection, *, answered: bool = False) -> None:
        self.head = section
        registry, panel = self._page.context.actions, self._page.panel
        panel.show()  # the buttons ask what is in the panel
        buttons: list[QWidget] = []
        for name in ("vehicles.labels",) if answered else ("vehicles.secure", "vehicles.labels"):
            action = registry.get(name)
            if registry.permitted(action) and action.is_enabled():
                kind = "secondary" if buttons or answered else "primary"
                buttons.append(Button.for_action(action, registry, kind=kind))
        if answered:
            show = partial(self._page.context.navigator.open, "sync", tab="leases")
            buttons.insert(0, Button(tr_noop("Secured vehicles"), kind="primary", icon="lock", on_click=show))
        count = len(self.rows)
        panel.show_content(
            lambda: trn("{n} vehicle", "{n} vehicles", count), section, subtitle=tr_noop("selected"), actions=buttons
        )

    def _lines(self) -> PanelSection:
        section = PanelSection("")
        if self._page.leases is not None and len(self.rows) > LEASES_A_DESK:
            section.add(
                Label(lambda: tr("At most {n} vehicles can be secured for a desk.", n=LEASES_A_DESK), role="secondary",
                      wrap=True)
            )  # fmt: skip
        for one in self.rows[:SHOWN]:
            section.add(self._line(one))
        more = len(self.rows) - SHOWN
        if more > 0:
            section.add(Label(lambda: tr("and {n} more", n=more), role="secondary"))
        return section

    def _line(self, unit: UnitRow) -> RecordLine:
        line = RecordLine(
            lambda: str(unit.name), subtitle=lambda: f"{unit.vin} · {unit.exterior_colour}", icon="car",
            tooltip=lambda: str(unit.name),
        )  # fmt: skip
        line.clicked.connect(partial(self._page.context.navigator.open, "vehicles", unit_id=unit.id))
        return line

    def _print_labels(self) -> None:
        self._page.context.navigator.open("labels", unit_ids=[one.id for one in self.rows])

    def _tell_elsewhere(self, answer: Secured) -> None:
        """Something else is in the panel by now."""
        secured, asked = len(answer.until), len(answer.until) + len(answer.refused)
        navigator = self._page.context.navigator
        self._page.context.notifications.show(
            _summary(secured, asked), tone="good" if secured == asked else "warn", action=tr_noop("Secured vehicles"),
            on_action=partial(navigator.open, "sync", tab="leases"),
        )  # fmt: skip


def _summary(secured: int, asked: int) -> Words:
    if secured == asked:
        return lambda: trn("{n} vehicle is secured.", "All {n} vehicles are secured.", secured)
    if not secured:
        return tr_noop("None of them is secured.")
    return lambda: tr("{n} of {all} are secured.", n=secured, all=asked)


def _secured_line(unit: UnitRow, answer: Secured) -> QWidget:
    until = answer.until[unit.vin]
    return _told(unit, lambda: tr("Secured until {time}", time=formats.moment(until)), tone="good")


def _refused_line(unit: UnitRow, answer: Secured) -> QWidget:
    code, detail = answer.refused[unit.vin]
    return _told(unit, lambda: tr("Not secured. {why}", why=_sentence(refusal_words(code, dict(detail)))), tone="bad")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _told(unit: UnitRow, text: Words, *, tone: str) -> QWidget:
    told = column(
        Label(lambda: str(unit.name), wrap=True), Label(lambda: unit.vin, role="secondary"),
        Label(text, wrap=True), gap=0,
    )  # fmt: skip
    line = row(column(4, ToneIcon(tone), STRETCH, gap=0), told, gap=10)
    line.setStretch(1, 1)
    return boxed(line)
