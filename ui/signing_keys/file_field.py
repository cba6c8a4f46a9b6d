"""A field whose value is a file on this computer."""

from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.editors import Editor
from ui.kit.fields import Field
from ui.kit.text import Words, words


class FileEditor(Editor):
    """The value is a `Path`, None without one. Only the name is shown."""

    def __init__(self, readable: str, *, title: Words, nothing: Words) -> None:
        super().__init__()
        self._readable, self._title, self._nothing = readable, title, nothing
        self._path: Path | None = None
        self.button = Button(tr_noop("Choose a file…"), icon="upload", on_click=self.ask)
        self.button.setAccessibleName(words(title))
        self._name = Label(self._words, role="secondary", wrap=True)
        self._line.addWidget(self.button)
        self._line.addWidget(self._name, 1)

    def ask(self) -> None:
        """Let a file be chosen; returns at once."""
        dialog = QFileDialog(self, words(self._title))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([f"{words(self._title)} ({self._readable})", f"{tr('All files')} (*)"])
        dialog.fileSelected.connect(lambda name: self.choose(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def choose(self, path: Path) -> None:
        """Take a file."""
        self.set_value(path)
        self.edited.emit()

    def focus_widget(self) -> QWidget:
        return self.button

    def set_invalid(self, invalid: bool) -> None:
        """The words below say what is wrong."""

    def value(self) -> Path | None:
        return self._path

    def set_value(self, value: Path | None) -> None:
        self._path = value
        self._name.retranslate()

    def raw(self) -> None:
        """A draft keeps no file of somebody's computer."""

    def set_raw(self, raw: object) -> None:
        """See `raw`."""

    def retranslate(self) -> None:
        self.button.setAccessibleName(words(self._title))
        self._name.retranslate()

    def _words(self) -> str:
        return self._path.name if self._path is not None else words(self._nothing)


@dataclass(frozen=True, slots=True)
class FileField(Field):
    """A file; `readable` are the endings, such as "*.p12 *.pfx"."""

    readable: str = field(default="*", kw_only=True)
    nothing: Words = field(default=tr_noop("No file chosen"), kw_only=True)

    def make_editor(self, context: PageContext) -> Editor:
        return FileEditor(self.readable, title=self.label, nothing=self.nothing)


