"""What an entry of the catalogue says, in layers: the core first, what is looked at often, all of it on demand."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.catalog.entries import EntryDetail, EntryValue, in_other_units
from app.catalog.interest import DAYS, HALF_LIFE, MOST_OFTEN, record_interest
from app.catalog.interest_commands import ForgetInterest
from app.catalog.rules import specification_dictionary
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from ui.catalog.parameter_line import ParameterLine
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label, SearchField
from ui.kit.disclosure import Disclosure
from ui.kit.feedback import EmptyState
from ui.kit.layout import STRETCH, column, empty, row
from ui.kit.text import Words
from ui.kit.theme import set_role


class SpecificationView(QWidget):
    """`take_back_wanted(EntryValue)` when an own value shall give way to the inherited one; `order_changed` when the
    order of parameters was started afresh."""

    take_back_wanted = Signal(object)
    order_changed = Signal()

    def __init__(self, context: PageContext, entry: EntryDetail) -> None:
        super().__init__()
        set_role(self, "plain")
        self._context, self.entry = context, entry
        self._opened: set[str] = set()
        self.lines: list[ParameterLine] = []
        self.groups: dict[str, Disclosure] = {}
        self.search = SearchField(tr_noop("Find a parameter or a value"))
        self.search.searched.connect(self._show)
        self._place = column(gap=16)
        frame = column(gap=12)
        self.setLayout(frame)
        if entry.values or entry.unknown:
            frame.addWidget(self.search)
        else:
            self.search.setParent(self)
            self.search.hide()
        frame.addLayout(self._place)

    def fill(self) -> None:
        """Show the lines, once the view stands where it belongs: many small widgets move slowly."""
        self._show(self.search.text())

    def restore(self, opened: frozenset[str], text: str) -> None:
        """Stand as another view stood, before it is filled: groups that were open, words that were looked for."""
        self._opened = set(opened)
        self.search.set_silently(text)

    @property
    def opened_groups(self) -> frozenset[str]:
        """The groups that stand open, for showing the entry again."""
        return frozenset(self._opened)

    def line(self, code: str) -> ParameterLine | None:
        """The line of a parameter, if it is in sight."""
        return next((line for line in self.lines if line.value.code == code), None)

    def open_group(self, group: str) -> None:
        """Open a group on demand."""
        self.groups[group].handle.setChecked(True)

    # --- what is shown ---------------------------------------------------------------------------

    def _show(self, text: str) -> None:
        empty(self._place)
        self.lines, self.groups = [], {}
        values = self.entry.values
        if not values and not self.entry.unknown:
            self._place.addWidget(_nothing(self._context))
            return
        wanted = text.strip().casefold()
        if wanted:
            self._show_found([value for value in values if wanted in _findable(value)])
        else:
            self._show_layers(values)

    def _show_found(self, found: Sequence[EntryValue]) -> None:
        if found:
            self._add_block("", found)
        else:
            self._place.addWidget(
                EmptyState(tr_noop("No such parameter here"), tr_noop("Look for another word."), icon="search")
            )

    def _show_layers(self, values: Sequence[EntryValue]) -> None:
        core = [value for value in values if value.shown.parameter.core]
        often = [value for value in values if not value.shown.parameter.core and value.shown.interest.opened]
        if core:
            self._add_block(tr_noop("Core parameters"), core)
        if often:
            self._add_block(tr_noop("Looked at most here"), often[:MOST_OFTEN])
        self._add_groups(values)
        if self.entry.unknown:
            self._place.addWidget(_unknown(self.entry))
        self._place.addWidget(self._about_order(values))

    def _add_groups(self, values: Sequence[EntryValue]) -> None:
        stack = column(gap=4)
        self._place.addLayout(stack)
        stack.addWidget(Label(tr_noop("All parameters"), role="section"))
        for code, name in specification_dictionary().groups.items():
            members = [value for value in values if value.shown.parameter.group == code]
            if not members:
                continue
            title = partial("{} ({})".format, name, len(members))
            group = Disclosure(title, partial(self._lines, members), opened=code in self._opened)
            group.toggled.connect(partial(self._on_group_toggled, code))
            self.groups[code] = group
            stack.addWidget(group)

    def _add_block(self, title: Words, values: Sequence[EntryValue]) -> None:
        block = QWidget(self)
        set_role(block, "plain")
        stack = column(gap=4)
        block.setLayout(stack)
        if title:
            stack.addWidget(Label(title, role="section"))
        stack.addWidget(self._lines(values, parent=block))
        self._place.addWidget(block)

    def _lines(self, values: Sequence[EntryValue], *, parent: QWidget | None = None) -> QWidget:
        frame = QWidget(parent)
        set_role(frame, "plain")
        stack = column(gap=0)
        frame.setLayout(stack)
        for value in values:
            line = ParameterLine(value, self._details, parent=frame)
            line.looked_at.connect(self._on_line_looked_at)
            self.lines.append(line)
            stack.addWidget(line)
        return frame

    def _details(self, value: EntryValue) -> QWidget:
        frame = QWidget()
        set_role(frame, "plain")
        stack = column(gap=4, margins=(8, 2, 8, 10))
        stack.addWidget(self._in_other_units(value))
        for words in _explained(value):
            stack.addWidget(Label(words, role="secondary", wrap=True))
        buttons = []
        if value.overrides and self._context.may(Permission.CATALOG_EDIT):
            take_back = Button(
                tr_noop("Use inherited value"), icon="undo", on_click=lambda: self.take_back_wanted.emit(value)
            )
            buttons.append(take_back)
        if value.shown.interest.opened:
            buttons.append(
                Button(tr_noop("Forget these looks"), kind="quiet", on_click=lambda: self._forget((value.code,)))
            )
        if buttons:
            stack.addLayout(row(*buttons, STRETCH))
        frame.setLayout(stack)
        return frame

    def _in_other_units(self, value: EntryValue) -> Label:
        """A line that comes when the value was converted: the unit library is slow to wake."""
        said = Label("", role="secondary", wrap=True)
        said.hide()

        def show(texts: tuple[Bilingual, ...]) -> None:
            said.set_words(lambda: tr("In other units: {values}", values=" · ".join(map(str, texts))))
            said.setVisible(bool(texts))

        trim = self.entry.trim
        energy = trim.row.energy.value if trim is not None else ""
        if value.shown.parameter.unit:
            operations = self._context.operations
            operations.run_query(said, in_other_units, value.code, value.value, energy=energy, on_done=show)
        return said

    def _about_order(self, values: Sequence[EntryValue]) -> QWidget:
        """Why the parameters stand as they do, and the way to start afresh."""
        looks = sum(value.shown.interest.opened for value in values)
        said = Label(lambda: _order_words(looks), role="secondary", wrap=True)
        line = row(said, gap=12)
        line.setStretch(0, 1)
        if looks:
            line.addWidget(Button(tr_noop("Start afresh"), kind="quiet", on_click=lambda: self._forget(())))
        frame = QWidget()
        set_role(frame, "plain")
        frame.setLayout(line)
        return frame

    # --- what is done ----------------------------------------------------------------------------

    def _on_group_toggled(self, code: str, on: bool) -> None:
        (self._opened.add if on else self._opened.discard)(code)

    def _on_line_looked_at(self, code: str) -> None:
        self._context.operations.run_command(self, record_interest((code,)))

    def _forget(self, codes: tuple[str, ...]) -> None:
        forget = ForgetInterest(codes=codes)
        self._context.operations.run_command(self, forget, on_done=lambda _nothing: self.order_changed.emit())


def _findable(value: EntryValue) -> str:
    parameter = value.shown.parameter
    return " ".join((parameter.name.zh, parameter.name.en, value.text.zh, value.text.en)).casefold()


def _explained(value: EntryValue) -> list[Callable[[], str]]:
    """Who says it, and why it stands where it stands."""
    said: list[Callable[[], str]] = []
    level = value.origin
    if value.own and level is not None:
        said.append(
            lambda: tr(
                "Said here; {name} ({level}) says {value}.",
                name=value.origin_name, level=tr(level.label), value=value.inherited,
            )
        )  # fmt: skip
    elif level is not None:
        said.append(lambda: tr("Inherited from {name} ({level}).", name=value.origin_name, level=tr(level.label)))
    else:
        said.append(lambda: tr("Said here; nothing above says otherwise."))
    interest = value.shown.interest
    if interest.opened:
        said.append(lambda: _interest_words(value))
    return said


def _interest_words(value: EntryValue) -> str:
    interest = value.shown.interest
    times = trn("opened {n} time", "opened {n} times", interest.opened)
    why = tr("Shown higher because it was {times} here in the last {days} days.", times=times, days=DAYS)
    if not value.shown.raised:
        why = tr("It was {times} here in the last {days} days.", times=times, days=DAYS)
    formula = tr("Weight {weight} = sum of looks × 0.5^(days ago ÷ {half}).", weight=interest.weight, half=HALF_LIFE)
    return f"{why} {formula}"


def _order_words(looks: int) -> str:
    if not looks:
        return tr("The order follows what is looked at on this desk; none of these was looked at yet.")
    return trn(
        "The order follows what was looked at on this desk: {n} look in {days} days. Who looked is not kept.",
        "The order follows what was looked at on this desk: {n} looks in {days} days. Who looked is not kept.",
        looks, days=DAYS,
    )  # fmt: skip


def _unknown(entry: EntryDetail) -> QWidget:
    from ui.kit.detail_panel import Facts

    facts = Facts([(partial(str, code), str(value)) for code, value in entry.unknown.items()])
    frame = QWidget()
    set_role(frame, "plain")
    frame.setLayout(column(Label(tr_noop("Not in the dictionary"), role="section"), facts, gap=8))
    return frame


def _nothing(context: PageContext) -> EmptyState:
    may = context.may(Permission.CATALOG_EDIT)
    hint = tr_noop("Change the entry to enter them; what stands here holds for everything below.")
    return EmptyState(tr_noop("No parameters yet"), hint if may else "", icon="list")
