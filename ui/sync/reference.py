"""The reference of a problem with the service: the id of the request, which also stands in the service's log."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.runtime.language import tr, tr_noop
from ui.kit.controls import IconButton, Label
from ui.kit.layout import STRETCH, row


class Reference(QWidget):
    """The id, selectable, with a button that copies it."""

    def __init__(self, request_id: str = "", *, named: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._named, self.request_id = named, ""
        self.label = Label("", role="secondary")
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setMinimumWidth(1)  # so long that it would keep what it stands in from being narrow
        self.copy = IconButton("copy", tr_noop("Copy the reference"), on_click=self._copy, size=14)
        line = row(self.label, self.copy, STRETCH, gap=4)
        self.setLayout(line)
        self.show_reference(request_id)

    def show_reference(self, request_id: str) -> None:
        """Another id; without one nothing is seen."""
        self.request_id = request_id
        if self._named:
            self.label.set_words(lambda: tr("Reference: {id}", id=self.request_id))
        else:
            self.label.set_text(request_id)
        if self.parent() is not None or not request_id:
            self.setVisible(bool(request_id))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.request_id)
