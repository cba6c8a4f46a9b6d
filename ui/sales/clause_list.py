"""The clauses that limit the customer, each with a box of its own: the law wants every one acknowledged by itself."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from app.contracts.commands import ClauseAcknowledgement
from app.contracts.queries import ClauseRow
from app.kernel.clock import Clock
from app.runtime.language import tr
from ui.kit.controls import Label
from ui.kit.layout import boxed, column
from ui.kit.text import Retranslated
from ui.kit.theme import set_role


class ClauseBox(Retranslated, QCheckBox):
    """One clause's box; Space ticks it and the focus goes on to the next."""

    def __init__(self, clause: ClauseRow) -> None:
        super().__init__()
        self.clause = clause
        self.at: datetime | None = None
        self.retranslate()

    def retranslate(self) -> None:
        self.setText(tr("I have taken note of clause {number}", number=self.clause.number))
        self.setAccessibleName(f"{self.text()}: {self.clause.text}")


class ClauseList(QWidget):
    """Emits `changed` whenever a clause was acknowledged or taken back."""

    changed = Signal()

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        set_role(self, "plain")
        self._clock = clock
        self.boxes: list[ClauseBox] = []
        self._layout = column(gap=12)
        self.setLayout(self._layout)

    def set_clauses(self, clauses: Sequence[ClauseRow]) -> None:
        """Show these, none acknowledged."""
        while (item := self._layout.takeAt(0)) is not None:
            if item.widget() is not None:
                item.widget().deleteLater()
        self.boxes = [ClauseBox(clause) for clause in clauses]
        for box in self.boxes:
            text = Label("", role="secondary", wrap=True)
            text.set_text(box.clause.text)
            box.toggled.connect(lambda on, box=box: self._on_box_toggled(box, on))
            self._layout.addWidget(boxed(column(box, text, gap=4, margins=12), role="clause"))

    def acknowledgements(self) -> tuple[ClauseAcknowledgement, ...]:
        """What was ticked, and when."""
        return tuple(
            ClauseAcknowledgement(clause_id=box.clause.id, at=box.at)
            for box in self.boxes
            if box.isChecked() and box.at is not None
        )

    def is_complete(self) -> bool:
        """Whether every clause is acknowledged."""
        return all(box.isChecked() for box in self.boxes)

    def focus_first(self) -> bool:
        """The focus to the first that is not yet ticked; False when all are."""
        for box in self.boxes:
            if not box.isChecked():
                box.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return False

    def _on_box_toggled(self, box: ClauseBox, on: bool) -> None:
        box.at = self._clock.now() if on else None
        if on and box.hasFocus():
            self.focus_first()
        self.changed.emit()
