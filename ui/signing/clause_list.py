"""The clauses that limit the customer, each with a box of its own: the law wants every one acknowledged by itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from app.contracts.commands import ClauseAcknowledgement
from app.contracts.queries import ClauseRow
from app.kernel.clock import Clock
from app.runtime.language import CHINESE, tr_noop
from ui.kit.controls import Label
from ui.kit.layout import boxed, column
from ui.kit.text import Retranslated
from ui.kit.theme import set_role
from ui.signing.tongue import Tongue


class ClauseBox(Retranslated, QCheckBox):
    """One clause's box; Space ticks it and the focus goes on to the next."""

    def __init__(self, clause: ClauseRow, tongue: Tongue) -> None:
        super().__init__()
        self.clause = clause
        self.at: datetime | None = None
        self._tongue = tongue
        self.retranslate()

    def words(self) -> str:
        """The clause in the language of whoever signs; in the paper's where nobody chose one."""
        if not self._tongue.is_chosen:
            return self.clause.text
        return self.clause.text_zh if self._tongue.code == CHINESE else self.clause.text_en

    def retranslate(self) -> None:
        self.setText(self._tongue(tr_noop("I have taken note of clause {number}"), number=self.clause.number))
        self.setAccessibleName(f"{self.text()}: {self.words()}")


class ClauseList(QWidget):
    """Emits `changed` whenever a clause was acknowledged or taken back."""

    changed = Signal()

    def __init__(self, clock: Clock, tongue: Tongue | None = None) -> None:
        super().__init__()
        set_role(self, "plain")
        self._clock, self._tongue = clock, tongue or Tongue()
        self.boxes: list[ClauseBox] = []
        self._layout = column(gap=12)
        self.setLayout(self._layout)

    def set_clauses(self, clauses: Sequence[ClauseRow], kept: Mapping[str, datetime] | None = None) -> None:
        """Show these; those in `kept` (clause id → when) are acknowledged already."""
        while (item := self._layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.boxes = [ClauseBox(clause, self._tongue) for clause in clauses]
        for box in self.boxes:
            box.at = (kept or {}).get(box.clause.id)
            box.setChecked(box.at is not None)
            text = Label(box.words, role="secondary", wrap=True)
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
