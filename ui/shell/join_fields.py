"""At the first start: joining a group that has a centre, instead of beginning with data of one's own."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.runtime.language import tr_noop
from ui.kit.controls import Label
from ui.kit.layout import column
from ui.shell.sign_in import _Entry

ADDRESS_LIMIT, CODE_LIMIT = 200, 120
_CODE_PROBLEMS = frozenset({"enrolment_code_refused", "too_many_attempts", "branch_differs", "branch_unknown"})
ENROL = "python3 bootstrap.py service enrol --branch SH01 --desk D02"


class JoinFields(QWidget):
    """Where the service is and the one-time code it gave. `submitted()` on Return in the last field."""

    submitted = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.address = _Entry(lambda: "https://service.example:8420", limit=ADDRESS_LIMIT)
        self.code = _Entry(tr_noop("One-time code"), limit=CODE_LIMIT)
        self.code.returnPressed.connect(self.submitted.emit)
        explanation = Label(
            tr_noop(
                "Everything of the branch is received from the centre. A code for one use is made on the service's "
                "computer, with the codes of the branch and of this desk:"
            ),
            role="secondary", wrap=True,
        )  # fmt: skip
        self.command = Label(lambda: ENROL, wrap=True)
        self.command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        stack = column(explanation, self.command, gap=8)
        for name, entry in ((tr_noop("Address of the service"), self.address), (tr_noop("One-time code"), self.code)):
            label = Label(name, role="label")
            label.setBuddy(entry)
            stack.addLayout(column(label, entry, gap=2))
        self.setLayout(stack)

    def values(self) -> tuple[str, str]:
        """Address and code as typed."""
        return self.address.text().strip(), self.code.text().strip()

    def focus_wrong(self, code: str) -> None:
        """Put the focus where a problem is mended: in the code where that was refused, else in the address."""
        entry = self.code if code in _CODE_PROBLEMS else self.address
        entry.setFocus()
        entry.selectAll()

    def focus_missing(self) -> None:
        """Put the focus where something is to be typed."""
        (self.code if self.address.text().strip() else self.address).setFocus()
