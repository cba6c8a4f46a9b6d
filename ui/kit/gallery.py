"""Pictures and documents of one record: a grid that takes files by drop, paste and dialog.

Everything that takes time (looking at files, making small pictures, storing, reading) happens on worker threads.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QFrame, QMenu, QWidget

from app.attachments.commands import (
    DOCUMENT,
    PICTURE,
    ArrangeAttachments,
    Attached,
    AttachFiles,
    RemoveAttachment,
    RenameAttachment,
)
from app.attachments.intake import GivenFile, TakenIn, accepted_endings, take_in
from app.attachments.queries import AttachmentRow, MainPictureRow, list_attachments, main_pictures
from app.kernel.changes import Changes
from app.runtime.language import tr, tr_noop, trn
from ui.kit.context import PageContext
from ui.kit.controls import IconButton, Label
from ui.kit.feedback import MessageBar
from ui.kit.fields import TextField
from ui.kit.gallery_grid import TileGrid, TileModel
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.operations import Progress
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.picture_loading import packed
from ui.kit.picture_saving import PictureSaver
from ui.kit.picture_view import PictureView, page_around
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import set_role

_TABLES = ("attachment",)
_INHERITING = ("vehicle_unit", "trim", "model_year")
_SHOWN_FROM = {
    "trim": tr_noop("The picture of its trim is shown until it has one of its own."),
    "model_year": tr_noop("The picture of its model year is shown until it has one of its own."),
    "series": tr_noop("The picture of its series is shown until it has one of its own."),
}


class Gallery(Retranslated, QFrame):
    """The pictures (`purpose` "picture"), documents ("document") or files of a feature's own purpose of one record.

    `title` stands above, with the number of files. `changed(count)` whenever the files were read. Without
    `editable`, files are looked at and saved only; the handlers decide again. It keeps itself fresh.
    """

    changed = Signal(int)

    def __init__(
        self, context: PageContext, *, subject_table: str, subject_id: str, purpose: str = PICTURE,
        editable: bool = False, pictures_only: bool | None = None, title: Words | None = None,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        set_role(self, "plain")
        self._context = context
        self._table, self._subject, self.purpose, self._editable = subject_table, subject_id, purpose, editable
        self._pictures_only = purpose != DOCUMENT if pictures_only is None else pictures_only
        self._title = title if title is not None else self._usual_title()
        self._view: PictureView | None = None
        self._loaded = False
        self._shown_from = ""
        self.model = TileModel(context, parent=self)
        self.grid = TileGrid(self.model, editable=editable)
        self.messages = MessageBar()
        self.saver = PictureSaver(context, self, self.messages)
        self._build()
        self._connect()
        self.setAcceptDrops(editable)
        context.operations.changes_published.connect(self._on_changes)
        self.retranslate()
        self.reload()

    def _usual_title(self) -> Words:
        return tr_noop("Pictures") if self._pictures_only else tr_noop("Documents")

    def _build(self) -> None:
        self._heading, self._count = Label(self._title, role="section"), Label("", role="secondary")
        adding = tr_noop("Add pictures") if self._pictures_only else tr_noop("Add documents")
        self.add_button = IconButton(
            "image-plus" if self._pictures_only else "file-plus", adding, on_click=self.ask_files
        )
        if not self._editable:  # never shown by hand before it has a place: it would open a window of its own
            self.add_button.hide()
        self._nothing = Label("", role="secondary", wrap=True)
        self._inherited = Label(lambda: tr(_SHOWN_FROM[self._shown_from]) if self._shown_from else "", wrap=True)
        self._inherited.hide()
        self._tools = self._made_tools()
        self._section = PanelSection("")
        self._section.hide()  # takes no room while nothing is asked
        self.setLayout(
            column(
                row(self._heading, self._count, STRETCH, self.add_button, gap=8), self.messages, self._section,
                self.grid, self._tools, self._inherited, self._nothing, gap=8,
            )
        )  # fmt: skip

    def _made_tools(self) -> QWidget:
        """The verbs about the chosen tile."""
        self.open_button = IconButton("eye", tr_noop("Look at it"), on_click=self._open_current)
        self.save_button = IconButton("download", tr_noop("Save as"), on_click=self.ask_save)
        self.main_button = IconButton("star", tr_noop("Make it the main picture"), on_click=lambda: self._move(0))
        self.earlier_button = IconButton("arrow-left", tr_noop("Move forward"), on_click=lambda: self._shift(-1))
        self.later_button = IconButton("arrow-right", tr_noop("Move back"), on_click=lambda: self._shift(1))
        self.name_button = IconButton("pencil", tr_noop("Name it"), on_click=self._ask_name)
        self.remove_button = IconButton("trash-2", tr_noop("Remove it"), on_click=self._remove)
        changing = (self.main_button, self.earlier_button, self.later_button, self.name_button, self.remove_button)
        for button in changing if not self._editable else ():
            button.hide()
        return boxed(row(self.open_button, self.save_button, *changing, STRETCH, gap=2))

    def _connect(self) -> None:
        self.grid.opened.connect(self.open_at)
        self.grid.moved.connect(self._arrange)
        self.grid.removed.connect(self._remove)
        self.grid.renamed.connect(self._ask_name)
        self.grid.pasted.connect(self.paste)
        self.grid.chosen.connect(self._show_tools)

    # --- what pages call -------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the rows again."""
        self._context.operations.run_query(
            self, list_attachments, self._table, self._subject, self.purpose, key="attachments",
            on_done=self._show_rows,
        )  # fmt: skip

    def set_subject(self, subject_table: str, subject_id: str) -> None:
        """Show the files of another record."""
        if (subject_table, subject_id) != (self._table, self._subject):
            self._table, self._subject = subject_table, subject_id
            self.messages.clear()
            self.reload()

    @property
    def rows(self) -> Sequence[AttachmentRow]:
        """What is shown."""
        return self.model.rows

    @property
    def view(self) -> PictureView | None:
        """The large view, while it is open."""
        return self._view

    def add_files(self, given: Sequence[Path | GivenFile | QImage]) -> None:
        """Take files in and attach them; a bar with Cancel appears if it takes long."""
        if not given or not self._editable:
            return
        workplace, pictures_only = self._context.operations.workplace, self._pictures_only

        def work(progress: Progress) -> TakenIn:
            name = tr("Picture from the clipboard")
            ready = [GivenFile(f"{name}.png", packed(one)) if isinstance(one, QImage) else one for one in given]
            taken: TakenIn = workplace.read(take_in, ready, pictures_only=pictures_only, progress=progress)
            return taken

        job = self._context.operations.run_long(
            self, work, title=tr_noop("Adding files"), on_done=self._attach, on_error=None
        )
        self.add_button.setEnabled(False)
        job.finished.connect(self._on_added)

    def paste(self) -> None:
        """Add what is on the clipboard: files, or a picture."""
        found = _files_of(QGuiApplication.clipboard().mimeData())
        if found:
            self.add_files(found)
        else:
            self.messages.show_info(tr_noop("There is no picture and no file on the clipboard."))

    def ask_files(self) -> None:
        """The system's dialog."""
        dialog = QFileDialog(self, words(self.add_button.accessibleName()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        endings = " ".join(f"*{ending}" for ending in accepted_endings(pictures_only=self._pictures_only))
        dialog.setNameFilters([f"{words(self._usual_title())} ({endings})", f"{tr('All files')} (*)"])
        dialog.filesSelected.connect(lambda names: self.add_files([Path(name) for name in names]))
        dialog.open()

    def ask_save(self) -> None:
        """Ask where to, and save what is chosen."""
        chosen = self.grid.current_row()
        if chosen is not None:
            self.saver.ask(chosen)

    def open_at(self, place: int) -> None:
        """The large view, in the place of the page."""
        if self._view is not None or not 0 <= place < len(self.rows):
            return
        self._view = PictureView(self._context, page_around(self), self.rows, place, editable=self._editable)
        self._view.closed.connect(self._on_view_closed)
        self._view.come_up()

    # --- inside ----------------------------------------------------------------------------------

    def _on_changes(self, changes: Changes, _initiator: object) -> None:
        if changes.touches(*_TABLES):
            self.reload()

    def _show_rows(self, rows: Sequence[AttachmentRow]) -> None:
        self._loaded = True
        current = self.grid.current_row()
        self.model.show_rows(rows)
        if current is not None:
            self.grid.choose(current.id)
        if self._view is not None:
            self._view.show_rows(rows)
        self.retranslate()
        self._show_tools()
        self.changed.emit(len(rows))
        if not rows and self.purpose == PICTURE and self._table in _INHERITING:
            self._context.operations.run_query(
                self, main_pictures, self._table, [self._subject], key="inherited", on_done=self._show_inherited
            )

    def _show_inherited(self, pictures: dict[str, MainPictureRow]) -> None:
        """Say whose picture stands for this record while it has none."""
        row = pictures.get(self._subject)
        self._shown_from = row.inherited_from if row is not None else ""
        self._inherited.retranslate()
        self._show_tools()

    def _show_tools(self) -> None:
        chosen, rows = self.grid.current_row(), self.rows
        self.grid.setVisible(bool(rows))
        self._tools.setVisible(chosen is not None)
        self._nothing.setVisible(self._loaded and not rows)
        self._inherited.setVisible(self._loaded and not rows and bool(self._shown_from))
        if chosen is not None:
            place = self.grid.currentIndex().row()
            self.main_button.setEnabled(place > 0 and chosen.is_picture)
            self.earlier_button.setEnabled(place > 0)
            self.later_button.setEnabled(place < len(rows) - 1)

    def _on_added(self) -> None:
        self.add_button.setEnabled(True)

    def _attach(self, taken: TakenIn) -> None:
        self.messages.clear()
        if taken.refused:
            self.messages.show_warning(lambda: _refusals(taken))
        if taken.files:
            command = AttachFiles(
                subject_table=self._table, subject_id=self._subject, purpose=self.purpose, files=taken.files
            )
            self._context.operations.run_command(self, command, on_done=partial(self._say_attached, taken))

    def _say_attached(self, taken: TakenIn, attached: Attached) -> None:
        if attached.already and not taken.refused:
            self.messages.show_info(lambda: tr("Here already: {names}", names=", ".join(attached.already)))

    def _open_current(self) -> None:
        self.open_at(self.grid.currentIndex().row())

    def _on_view_closed(self, attachment_id: str) -> None:
        self._view = None
        self.grid.choose(attachment_id)
        self.grid.setFocus()

    def _shift(self, by: int) -> None:
        self._move(self.grid.currentIndex().row() + by)

    def _move(self, place: int) -> None:
        chosen = self.grid.current_row()
        if chosen is not None:
            self._arrange(chosen.id, place)

    def _arrange(self, attachment_id: str, place: int) -> None:
        order = [one.id for one in self.rows if one.id != attachment_id]
        place = max(0, min(place, len(order)))
        order.insert(place, attachment_id)
        if self._editable and order != [one.id for one in self.rows]:
            self.grid.choose(attachment_id)
            command = ArrangeAttachments(
                subject_table=self._table, subject_id=self._subject, purpose=self.purpose, attachment_ids=tuple(order)
            )
            self._context.operations.run_command(self, command)

    def _remove(self) -> None:
        chosen = self.grid.current_row()
        if chosen is not None and self._editable:
            self._context.operations.run_command(self, RemoveAttachment(attachment_id=chosen.id))

    def _ask_name(self) -> None:
        chosen = self.grid.current_row()
        if chosen is None or not self._editable:
            return
        question = PanelForm(
            self._context, tr_noop("Name it"),
            [TextField("title", tr_noop("What it shows"), max_length=120, span=2, placeholder=chosen.file_name)],
            verb=tr_noop("Save"),
            command=lambda values: RenameAttachment(attachment_id=chosen.id, title=values["title"]),
        )  # fmt: skip
        question.form.set_values({"title": chosen.title})
        question.left.connect(self._on_question_left)
        if self._section.question is not None:
            self._section.question.leave()  # it takes the section away with it
        self._section.show()
        self._section.ask(question)

    def _on_question_left(self) -> None:
        self._section.hide()
        self.grid.setFocus()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.grid.current_row() is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button in self._tools.findChildren(IconButton):
            if button.isVisible():
                entry = menu.addAction(button.accessibleName())
                entry.setIcon(button.icon())
                entry.setEnabled(button.isEnabled())
                entry.triggered.connect(lambda _checked=False, pressed=button: pressed.click())
        menu.popup(event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._editable and _may_hold_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.add_files(_files_of(event.mimeData()))

    def retranslate(self) -> None:
        number = len(self.model.rows)
        self._count.set_text(str(number) if number else "")
        if not self._editable:
            nothing = tr("No pictures yet.") if self._pictures_only else tr("No documents yet.")
        elif self._pictures_only:
            nothing = tr(
                "No pictures yet. Drop some here, paste them, or add them. What the camera noted, such as the place, "
                "is not kept."
            )
        else:
            nothing = tr("No documents yet. Drop some here, paste them, or add them.")
        self._nothing.set_text(nothing)
        self.setAccessibleName(words(self._title))


def _may_hold_files(carried: QMimeData) -> bool:
    return carried.hasImage() or any(url.isLocalFile() for url in carried.urls())


def _files_of(carried: QMimeData | None) -> list[Path | GivenFile | QImage]:
    """The files a drop or the clipboard carries, else its picture."""
    if carried is None:
        return []
    files: list[Path | GivenFile | QImage] = [Path(url.toLocalFile()) for url in carried.urls() if url.isLocalFile()]
    if not files and carried.hasImage():
        image = carried.imageData()
        image = image.toImage() if isinstance(image, QPixmap) else image
        files = [image] if isinstance(image, QImage) and not image.isNull() else []
    return files


def _refusals(taken: TakenIn) -> str:
    """The first refusal in full, and how many more there are."""
    text = taken.refused[0].message()
    more = len(taken.refused) - 1
    return text if not more else f"{text} {trn('{n} more file was not added.', '{n} more files were not added.', more)}"
