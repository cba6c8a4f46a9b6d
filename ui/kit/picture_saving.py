"""Saving a picture or document to a place of the person's choice."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.attachments.queries import AttachmentRow
from app.attachments.rules import name_for_disk
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.feedback import MessageBar
from ui.kit.picture_loading import save_content

MISSING = tr_noop("Not at this desk yet. It is fetched as soon as the centre can be reached.")


class PictureSaver:
    """Asks where to, saves, and says in a message bar what became of it."""

    def __init__(self, context: PageContext, parent: QWidget, messages: MessageBar) -> None:
        self._context, self._parent, self._messages = context, parent, messages

    def ask(self, wanted: AttachmentRow) -> None:
        """The system's dialog."""
        dialog = QFileDialog(self._parent, tr("Save as"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(name_for_disk(wanted.name, wanted.media_type))
        dialog.fileSelected.connect(lambda name: self.save(wanted, Path(name)))
        dialog.open()

    def save(self, wanted: AttachmentRow, path: Path) -> None:
        """Write its bytes there."""
        self._context.operations.run_query(
            self._parent, save_content, wanted.content, path, on_done=self._say_saved, on_error=self._say_unsaved
        )

    def _say_saved(self, done: bool) -> None:
        if done:
            self._messages.show_good(tr_noop("Saved."))
        else:
            self._messages.show_info(MISSING)

    def _say_unsaved(self, error: BaseException) -> bool:
        if not isinstance(error, OSError):
            return False
        reason = error.strerror or type(error).__name__
        self._messages.show_error(
            lambda: tr("The file could not be saved: {reason}. Choose another place.", reason=reason)
        )
        return True
