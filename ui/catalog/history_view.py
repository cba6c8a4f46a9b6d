"""The versions of an entry: who changed what, when and why; two of them side by side."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QWidget

from app.catalog.history import Difference, VersionComparison, VersionRow, compare_versions, list_versions
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label, StatusDot
from ui.kit.disclosure import Disclosure
from ui.kit.feedback import EmptyState
from ui.kit.layout import STRETCH, column, empty, row
from ui.kit.text import Retranslated, Words
from ui.kit.theme import set_role, theme

_STATES: dict[str, tuple[str, str]] = {
    "in_force": (tr_noop("In force"), "good"), "past": (tr_noop("Past"), "neutral"),
    "scheduled": (tr_noop("Scheduled"), "info"), "withdrawn": (tr_noop("Withdrawn"), "warn"),
}  # fmt: skip
_FEW = 3


class DifferenceTable(QWidget):
    """What differs, line by line: name, before, after."""

    def __init__(
        self, differences: tuple[Difference, ...], *, before: Words, after: Words, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        self.differences = differences
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme().px(16))
        grid.setVerticalSpacing(theme().px(6))
        for place, share in enumerate((4, 3, 3)):
            grid.setColumnStretch(place, share)
        for place, heading in enumerate((tr_noop("Parameter"), before, after)):
            grid.addWidget(Label(heading, role="secondary"), 0, place)
        for line, one in enumerate(differences, start=1):
            for place, words in enumerate(_cells(one)):
                grid.addWidget(Label(words, wrap=True), line, place, Qt.AlignmentFlag.AlignTop)


def _cells(one: Difference) -> tuple[Words, Words, Words]:
    return partial(str, one.label), partial(_shown, one.before), partial(_shown, one.after)


def _shown(text: object) -> str:
    return str(text) or tr("– (inherited or none)")


class _PickBox(Retranslated, QCheckBox):
    """Takes a version into the comparison."""

    def __init__(self, version: VersionRow) -> None:
        super().__init__()
        self._number = version.number
        self.retranslate()

    def retranslate(self) -> None:
        self.setText(tr("Compare"))
        self.setAccessibleName(tr("Compare version {n}", n=self._number))


class VersionCard(QFrame):
    """One version: number, day, who, why, what it changed. `picked(bool)` for the comparison."""

    picked = Signal(bool)
    return_wanted = Signal()
    withdrawal_wanted = Signal()
    reinstating_wanted = Signal()

    def __init__(self, version: VersionRow, *, editable: bool, pickable: bool) -> None:
        super().__init__()
        set_role(self, "card")
        self.version = version
        words, tone = _STATES[version.state]
        self.box = _PickBox(version)
        self.box.setVisible(False)
        title = Label(lambda: _title(version), role="section")
        head = row(title, StatusDot(words, tone), STRETCH, gap=12)
        if pickable:
            head.addWidget(self.box)
            self.box.toggled.connect(self.picked)
        made = Label(lambda: _made(version), role="secondary", wrap=True)
        stack = column(head, made, gap=4, margins=(16, 12, 16, 12))
        if version.reason:
            stack.addWidget(Label(lambda: tr("Reason: {reason}", reason=version.reason), wrap=True))
        if version.differences:
            stack.addWidget(self._changes())
        buttons = self._buttons() if editable else []
        if buttons:
            stack.addLayout(row(*buttons, STRETCH))
        self.setLayout(stack)
        self.box.setVisible(pickable)

    def _changes(self) -> QWidget:
        version = self.version
        table = partial(
            DifferenceTable, version.differences, before=tr_noop("Before"), after=tr_noop("From then on")
        )
        if version.first:
            return Disclosure(lambda: tr("What it said ({n})", n=len(version.differences)), table)
        if len(version.differences) <= _FEW:
            return table()
        return Disclosure(lambda: tr("What changed ({n})", n=len(version.differences)), table)

    def _buttons(self) -> list[Button]:
        if self.version.state == "scheduled":
            return [Button(tr_noop("Withdraw"), kind="quiet", on_click=self.withdrawal_wanted.emit)]
        if self.version.state == "past":
            return [Button(tr_noop("Return to this version"), kind="quiet", on_click=self.return_wanted.emit)]
        if self.version.state == "withdrawn" and self.version.ahead:
            return [Button(tr_noop("Let it come after all"), kind="quiet", on_click=self.reinstating_wanted.emit)]
        return []


class HistoryView(QWidget):
    """`return_wanted(VersionRow)`, `withdrawal_wanted(VersionRow)` and `reinstating_wanted(VersionRow)` for people who
    may change the catalogue."""

    return_wanted = Signal(object)
    withdrawal_wanted = Signal(object)
    reinstating_wanted = Signal(object)

    def __init__(self, context: PageContext, entry_id: str) -> None:
        super().__init__()
        set_role(self, "plain")
        self._context, self._entry_id = context, entry_id
        self._picked: list[str] = []
        self.cards: list[VersionCard] = []
        self.comparison: DifferenceTable | None = None
        self._hint = Label(tr_noop("Tick two versions to see what differs between them."), role="secondary", wrap=True)
        self._compared = column(gap=8)
        self._place = column(gap=12)
        stack = column(self._hint, gap=12)
        stack.addLayout(self._compared)
        stack.addLayout(self._place)
        self.setLayout(stack)
        self.load()

    def load(self) -> None:
        """Read the versions."""
        self._context.operations.run_query(
            self, list_versions, self._entry_id, on_done=self._show, key="versions"
        )

    def _show(self, versions: tuple[VersionRow, ...]) -> None:
        empty(self._place)
        self._picked = [version.id for version in versions if version.id in self._picked]
        editable, several = self._context.may(Permission.CATALOG_EDIT), len(versions) > 1
        self._hint.setVisible(several)
        self.cards = []
        for version in versions:
            card = VersionCard(version, editable=editable, pickable=several)
            card.box.setChecked(version.id in self._picked)
            card.picked.connect(partial(self._on_card_picked, version.id))
            card.return_wanted.connect(partial(self.return_wanted.emit, version))
            card.withdrawal_wanted.connect(partial(self.withdrawal_wanted.emit, version))
            card.reinstating_wanted.connect(partial(self.reinstating_wanted.emit, version))
            self.cards.append(card)
            self._place.addWidget(card)
        if not versions:
            nothing = EmptyState(
                tr_noop("No versions yet"), tr_noop("The first change keeps how it stood until then."), icon="history"
            )
            self._place.addWidget(nothing)
        self._compare()

    def _on_card_picked(self, version_id: str, on: bool) -> None:
        if on:
            self._picked = [*self._picked, version_id][-2:]
        else:
            self._picked = [one for one in self._picked if one != version_id]
        for card in self.cards:
            card.box.blockSignals(True)
            card.box.setChecked(card.version.id in self._picked)
            card.box.blockSignals(False)
        self._compare()

    def _compare(self) -> None:
        if len(self._picked) == 2:
            self._context.operations.run_query(
                self, compare_versions, (self._picked[0], self._picked[1]), on_done=self._show_comparison, key="compare"
            )
        else:
            empty(self._compared)
            self.comparison = None

    def _show_comparison(self, found: VersionComparison) -> None:
        empty(self._compared)
        if len(self._picked) != 2:
            return
        before, after = found.before, found.after
        self.comparison = DifferenceTable(
            found.differences, before=lambda: tr("Version {n}", n=before.number),
            after=lambda: tr("Version {n}", n=after.number),
        )  # fmt: skip
        card = QFrame()
        set_role(card, "card")
        title = Label(lambda: tr("Version {one} and version {other}", one=before.number, other=after.number),
                      role="section")  # fmt: skip
        stack = column(title, gap=8, margins=16)
        stack.addWidget(self.comparison if found.differences else Label(tr_noop("Both say the same.")))
        card.setLayout(stack)
        self._compared.addWidget(card)


def _title(version: VersionRow) -> str:
    day = formats.date_text(version.effective_from)
    return tr("Version {n}, from {day}", n=version.number, day=day)


def _made(version: VersionRow) -> str:
    when = formats.moment(version.made_at)
    if not version.by:
        return tr("As it stood when versions began, {when}", when=when)
    return tr("{who}, {when}", who=version.by, when=when)
