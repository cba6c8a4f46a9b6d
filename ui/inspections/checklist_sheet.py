"""The checklist at the car: a group at a time, an answer with one key or one tap, the next item by itself.

Every answer is stored at once. Whoever opens the inspection next, here or at another desk, goes on where it stands.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.inspections.commands import AnswerItem, FinishInspection, NoteDefect, SetReadings, WithdrawDefect
from app.inspections.errors import ChecklistIncomplete
from app.inspections.queries import DefectRow, InspectionDetail
from app.inspections.rules import DefectState, InspectionState, Item, ItemGroup, Severity, Verdict
from app.kernel.commands import Command
from app.runtime.language import tr, tr_noop
from ui.inspections.words import DEFECT_TONES, defect_words
from ui.kit.context import PageContext
from ui.kit.controls import Badge, Button, Choice, Label, Segmented, StatusDot
from ui.kit.disclosure import Disclosure
from ui.kit.editors import LineEditor
from ui.kit.fields import IntegerField, SegmentField, TextField
from ui.kit.fields import Section as FormSection
from ui.kit.form import Form
from ui.kit.layout import STRETCH, boxed, column, empty, row
from ui.kit.panel_form import PanelForm
from ui.kit.printable import printable
from ui.kit.record_line import RecordLine
from ui.kit.theme import set_role, set_size

GROUPS_WIDTH = 232
_KEYS = {
    Qt.Key.Key_1: Verdict.OK, Qt.Key.Key_O: Verdict.OK,
    Qt.Key.Key_2: Verdict.DEFECT, Qt.Key.Key_D: Verdict.DEFECT,
    Qt.Key.Key_3: Verdict.NOT_APPLICABLE, Qt.Key.Key_N: Verdict.NOT_APPLICABLE,
}  # fmt: skip


class ItemRow(QFrame):
    """One item: what to look at, the three answers, what was measured, and defects noted here."""

    def __init__(self, sheet: "ChecklistSheet", item: Item) -> None:
        super().__init__()
        set_role(self, "card")
        self._sheet, self.item = sheet, item
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verdict = Segmented(
            [Choice(Verdict.OK, lambda: f"1 {tr(Verdict.OK.label)}"),
             Choice(Verdict.DEFECT, lambda: f"2 {tr(Verdict.DEFECT.label)}"),
             Choice(Verdict.NOT_APPLICABLE, lambda: f"3 {tr(Verdict.NOT_APPLICABLE.label)}")],
            name=lambda: str(item.text),
        )  # fmt: skip
        self.verdict.chosen.connect(self.answer)
        self.measured: LineEditor | None = None
        title = Label(lambda: str(item.text), wrap=True)
        self._note = Label("", role="secondary", wrap=True)
        line = row(column(title, self._note, gap=0), gap=12)
        line.setStretch(0, 1)
        if item.measure is not None:
            self.measured = LineEditor(max_length=40, suffix=item.measure.unit)
            self.measured.set_name(tr("Reading: {item}", item=str(item.text)))
            set_size(self.measured, width=120)
            self.measured.left.connect(self._on_measured)
            line.addWidget(self.measured)
        line.addWidget(self.verdict, 0, Qt.AlignmentFlag.AlignVCenter)
        self._below = column(gap=4)
        self._place = column()
        self.setLayout(column(line, self._below, self._place, gap=4, margins=(12, 8, 12, 8)))
        self.question: PanelForm | None = None

    def show_answer(self) -> None:
        """What is stored now."""
        detail = self._sheet.detail
        answer = detail.answers.get(self.item.code)
        self.verdict.set_value(answer.verdict if answer else None)
        if self.measured is not None and not self.measured.line.hasFocus():
            self.measured.set_value(answer.measured if answer else "")
        self._note.set_words(partial(self._hint, answer.by if answer else ""))
        self._note.setVisible(bool(self._note.text()))
        empty(self._below)
        for defect in detail.defects:
            if defect.item == self.item.code and defect.state is not DefectState.WITHDRAWN:
                self._below.addWidget(self._defect(defect))

    def answer(self, verdict: Verdict) -> None:
        """A person answered: a defect asks what it is, the others are stored and lead on."""
        if verdict is Verdict.DEFECT:
            self._ask_defect()
            return
        reading = self.measured.text() if self.measured is not None else ""
        self._sheet.run(
            AnswerItem(inspection_id=self._sheet.detail.row.id, item=self.item.code, verdict=verdict, measured=reading)
        )
        self._sheet.lead_on(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _KEYS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.answer(_KEYS[key])
        elif key == Qt.Key.Key_Backspace:
            self._sheet.run(AnswerItem(inspection_id=self._sheet.detail.row.id, item=self.item.code, verdict=None))
        elif key == Qt.Key.Key_Down:
            self._sheet.lead_on(self)
        elif key == Qt.Key.Key_Up:
            self._sheet.lead_back(self)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        self._sheet.scroll_area.ensureWidgetVisible(self)

    def _hint(self, by: str) -> str:
        parts = [str(self.item.hint)] if self.item.hint is not None else []
        if self.item.measure is not None and self.item.measure.low is not None:
            parts.append(self.item.measure.bounds())
        if not self.item.mandatory:
            parts.append(tr("may be left out"))
        if by and by != self._sheet.context.actor.name:
            parts.append(by)
        return " · ".join(parts)

    def _on_measured(self) -> None:
        assert self.measured is not None
        reading, answer = self.measured.text(), self._sheet.detail.answers.get(self.item.code)
        known = answer.measured if answer is not None else ""
        if reading == known or (answer is not None and answer.verdict is Verdict.DEFECT):
            return
        measure = self.item.measure
        unusual = measure is not None and measure.is_unusual(reading)
        self.measured.set_invalid(unusual)
        verdict = answer.verdict if answer is not None else (None if unusual else Verdict.OK)
        self._sheet.run(
            AnswerItem(inspection_id=self._sheet.detail.row.id, item=self.item.code, verdict=verdict, measured=reading)
        )

    def _ask_defect(self) -> None:
        if self.question is not None and isValid(self.question):
            self.question.take_focus()
            return
        form = PanelForm(
            self._sheet.context,
            tr_noop("What is wrong?"),
            [
                SegmentField("severity", tr_noop("Severity"), span=2, required=True,
                             choices=[Choice(severity, severity.label) for severity in Severity]),
                TextField("description", tr_noop("Description"), required=True, max_length=400, span=2,
                          check=printable),
                TextField("responsible", tr_noop("To be put right by"), check=printable, max_length=80, span=2,
                          placeholder=tr_noop("Workshop, maker, carrier, a name")),
            ],
            verb=tr_noop("Note the defect"),
            command=lambda values: NoteDefect(
                inspection_id=self._sheet.detail.row.id, item=self.item.code, severity=values["severity"],
                description=values["description"], responsible=values["responsible"],
                measured=self.measured.text() if self.measured is not None else "",
            ),
            name=tr_noop("Note the defect"),
        )  # fmt: skip
        form.form.set_values({"severity": Severity.QUALITY})
        form.left.connect(self._on_question_left)
        self.question = form
        self._place.addWidget(form)
        form.take_focus()

    def _on_question_left(self) -> None:
        self.question = None
        self.show_answer()
        self.setFocus()

    def _defect(self, defect: DefectRow) -> QWidget:
        dot = StatusDot(defect.severity.label, DEFECT_TONES[defect.state])
        said = Label(lambda: defect.description, wrap=True)
        how = Label(partial(defect_words, defect), role="secondary", wrap=True)
        line = row(dot, said, gap=12)
        line.setStretch(1, 1)
        if defect.state is DefectState.OPEN and self._sheet.is_open:
            line.addWidget(Button(tr_noop("Withdraw"), kind="quiet", on_click=partial(self._withdraw, defect)))
        photos = Disclosure(tr_noop("Photos"), partial(self._gallery, defect))
        return boxed(column(line, how, photos, gap=2))

    def _gallery(self, defect: DefectRow) -> QWidget:
        from ui.kit.gallery import Gallery

        return Gallery(
            self._sheet.context, subject_table="inspection_defect", subject_id=defect.id, editable=True,
            pictures_only=True,
        )  # fmt: skip

    def _withdraw(self, defect: DefectRow) -> None:
        self._sheet.run(WithdrawDefect(defect_id=defect.id, reason=tr("Entered by mistake")))


class ChecklistSheet(QWidget):
    """Groups at the left, the items of one at the right, what is missing and the result below."""

    def __init__(
        self, context: PageContext, detail: InspectionDetail, *, back: Button, on_finished: Callable[[], object]
    ) -> None:
        super().__init__()
        self.context, self.detail = context, detail
        self._on_finished = on_finished
        self._group = self._first_open_group()
        self._lines: dict[str, RecordLine] = {}
        self.rows: list[ItemRow] = []
        self._groups_stack = column(gap=2)
        self._items: QVBoxLayout = column(gap=8)
        holder = boxed(column(self._items, STRETCH))
        self.scroll_area = QScrollArea()
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroll_area.setWidget(holder)
        self._readings_timer = QTimer(self)
        self._readings_timer.setSingleShot(True)
        self._readings_timer.setInterval(800)
        self._readings_timer.timeout.connect(self._store_readings)
        self.readings = self._readings_form()
        left = boxed(column(self._groups_stack, 8, self.readings, STRETCH))
        set_size(left, width=GROUPS_WIDTH)
        self.progress = Label("", role="secondary")
        self.result = Badge("", "neutral")
        self.finish = Button(tr_noop("Finish the inspection"), kind="primary", icon="check", on_click=self._finish)
        self.fail = Button(tr_noop("Finish as failed"), on_click=partial(self._finish, as_failed=True))
        keys = Label(tr_noop("Keys: 1 OK, 2 defect, 3 not applicable, ↑ ↓ between items"), role="secondary")
        body = row(left, gap=16)
        body.addWidget(self.scroll_area, 1)
        outer = column(row(back, STRETCH, keys), gap=12)
        outer.addLayout(body, 1)
        outer.addLayout(row(self.progress, self.result, STRETCH, self.fail, self.finish, gap=12))
        self.setLayout(outer)
        self._show_group(self._group)
        self.show_detail(detail)
        QTimer.singleShot(0, self, self._focus_first)

    @property
    def is_open(self) -> bool:
        """Whether answers can still be given."""
        return self.detail.row.state is InspectionState.OPEN

    def show_detail(self, detail: InspectionDetail) -> None:
        """The inspection as it is stored now."""
        self.detail = detail
        for line in self.rows:
            if line.question is None:
                line.show_answer()
        self._show_groups()
        blocking = sum(1 for defect in detail.defects if defect.blocks)
        total = len(detail.checklist.items)
        self.progress.set_words(lambda: tr("{n} of {total} items answered", n=detail.answered, total=total))
        missing = detail.checklist.missing(detail.answers)
        self.result.setVisible(bool(blocking))
        self.result.set_words(tr_noop("Will fail: a defect is open"))
        self.result.set_tone("bad")
        self.fail.setVisible(bool(missing) and self.is_open)
        self.finish.setEnabled(self.is_open and not missing)

    def run(self, command: Command) -> None:
        """Store something; the page shows what became of it."""
        self.context.operations.run_command(self, command)

    def lead_on(self, line: ItemRow) -> None:
        """To the next item, at the end of a group to the next group."""
        place = self.rows.index(line) + 1
        if place < len(self.rows):
            self.rows[place].setFocus()
            return
        groups = self.detail.checklist.groups
        here = [group.code for group in groups].index(self._group.code) + 1
        if here < len(groups):
            self._show_group(groups[here])
            self._focus_first()
        else:
            self.finish.setFocus()

    def lead_back(self, line: ItemRow) -> None:
        """To the item before, at the beginning of a group to the group before."""
        place = self.rows.index(line)
        if place:
            self.rows[place - 1].setFocus()
            return
        groups = self.detail.checklist.groups
        here = [group.code for group in groups].index(self._group.code)
        if here:
            self._show_group(groups[here - 1])
            self.rows[-1].setFocus()

    def _focus_first(self) -> None:
        unanswered = (line for line in self.rows if line.item.code not in self.detail.answers)
        line = next(unanswered, self.rows[0] if self.rows else None)
        if line is not None:
            line.setFocus()

    def _first_open_group(self) -> ItemGroup:
        groups = self.detail.checklist.groups
        for group in groups:
            if any(item.code not in self.detail.answers for item in group.items):
                return group
        return groups[0]

    def _show_group(self, group: ItemGroup) -> None:
        self._group = group
        empty(self._items)
        self.rows = [ItemRow(self, item) for item in group.items]
        for line in self.rows:
            self._items.addWidget(line)
            line.show_answer()
            line.verdict.setEnabled(self.is_open)
        self._show_groups()
        self.scroll_area.verticalScrollBar().setValue(0)

    def _show_groups(self) -> None:
        empty(self._groups_stack)
        for group in self.detail.checklist.groups:
            codes = [item.code for item in group.items]
            done = sum(1 for code in codes if code in self.detail.answers)
            bad = any(defect.item in codes and defect.blocks for defect in self.detail.defects)
            icon = "alert-triangle" if bad else "check" if done == len(codes) else "circle"
            line = RecordLine(
                partial(str, group.text), figure=f"{done} / {len(codes)}",
                icon="chevron-right" if group.code == self._group.code else icon,
            )  # fmt: skip
            line.clicked.connect(partial(self._open_group, group))
            self._groups_stack.addWidget(line)

    def _open_group(self, group: ItemGroup) -> None:
        self._show_group(group)
        self._focus_first()

    def _readings_form(self) -> Form:
        electric = self.detail.checklist.find("hv_soc") is not None
        fields: list[Any] = [IntegerField("odometer_km", tr_noop("Odometer"), suffix="km", least=0, span=2)]
        if electric:
            fields.append(IntegerField("battery_percent", tr_noop("Battery"), suffix="%", least=0, most=100, span=2))
        fields.append(TextField("note", tr_noop("Remark"), check=printable, max_length=400, span=2))
        form = Form(self.context, [FormSection("", fields)], submit_on_return=True)
        line = self.detail.row
        form.set_values({"odometer_km": line.odometer_km, "note": line.note})
        if electric:
            form.set_values({"battery_percent": line.battery_percent})
        form.mark_clean()
        form.submitted.connect(self._store_readings)
        form.changed.connect(lambda _name: self._readings_timer.start())
        return form

    def _store_readings(self) -> None:
        if not self.is_open or not self.readings.dirty or not self.readings.check_all():
            return
        values = self.readings.values()
        self.run(
            SetReadings(
                inspection_id=self.detail.row.id, odometer_km=values["odometer_km"],
                battery_percent=values.get("battery_percent"), note=values["note"],
            )
        )  # fmt: skip
        self.readings.mark_clean()

    def _finish(self, *, as_failed: bool = False) -> None:
        self._store_readings()
        job = self.context.operations.run_command(
            self, FinishInspection(inspection_id=self.detail.row.id, as_failed=as_failed),
            on_done=self._on_done, on_error=self._on_error,
        )  # fmt: skip
        self.finish.busy_while(job)

    def _on_done(self, state: InspectionState) -> None:
        good = state is InspectionState.PASSED
        text = tr_noop("The inspection has passed.") if good else tr_noop("The inspection has failed.")
        self.context.notifications.show(text, tone="good" if good else "warn")
        self._on_finished()

    def _on_error(self, error: BaseException) -> bool:
        if isinstance(error, ChecklistIncomplete):
            self._show_group(self._first_open_group())
            self._focus_first()
        return False
