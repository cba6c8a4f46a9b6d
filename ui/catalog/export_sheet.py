"""Giving the catalogue out: a price list or a specification book, all of it or a part, in the form wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame

from app.catalog.export_specifications import ExportKind, collect_export, save_export
from app.catalog.queries import TrimDetail, TrimRow
from app.kernel.errors import DomainError
from app.runtime.language import CHINESE, ENGLISH, language, tr, tr_noop, trn
from ui.catalog.tree_model import Node
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.feedback import MessageBar
from ui.kit.fields import ChoiceField, Section, SegmentField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, column, row
from ui.kit.text import Words, words
from ui.kit.theme import set_role, set_size

WIDTH = 620
FORMS = {"xlsx": "XLSX (*.xlsx)", "csv": "CSV (*.csv)", "json": "JSON (*.json)"}


@dataclass(frozen=True, slots=True)
class ExportScope:
    """A part of the catalogue that can be exported."""

    key: str
    label: Words
    make_id: str | None = None
    series_id: str | None = None
    trim_ids: tuple[str, ...] | None = None


class ExportSheet(QFrame):
    """A few choices and one verb."""

    def __init__(self, context: PageContext, scopes: Sequence[ExportScope], *, back: Button) -> None:
        super().__init__()
        set_role(self, "card")
        self._context, self._scopes = context, {scope.key: scope for scope in scopes}
        self.messages = MessageBar()
        self.form = Form(
            context,
            [
                Section(
                    "",
                    [
                        SegmentField("kind", tr_noop("What"), required=True, span=2,
                                     choices=[Choice(kind, kind.label) for kind in ExportKind]),
                        ChoiceField("scope", tr_noop("Which entries"), required=True, span=2,
                                    choices=[Choice(scope.key, scope.label) for scope in scopes]),
                        SegmentField("form", tr_noop("File type"), required=True,
                                     choices=[Choice(key, partial(str, key.upper())) for key in FORMS]),
                        SegmentField("language", tr_noop("Headings in"), required=True,
                                     choices=[Choice(CHINESE, lambda: "中文"), Choice(ENGLISH, lambda: "English")]),
                    ],
                )
            ],
        )  # fmt: skip
        self.form.set_values(
            {"kind": ExportKind.PRICE_LIST, "scope": scopes[0].key, "form": "xlsx", "language": language()}
        )
        self.form.changed.connect(self._on_changed)
        self.form.submitted.connect(self.ask_path)
        set_size(self.form, width=WIDTH)
        self.save_button = Button(tr_noop("Save…"), kind="primary", icon="download", on_click=self.ask_path)
        hint = Label(
            tr_noop(
                "Each entry's own values are given out, inherited ones with the level they stand at. The headings name "
                "codes, so that the file can be imported again: unchanged, it changes nothing."
            ),
            role="secondary",
            wrap=True,
        )
        set_size(hint, width=WIDTH)
        self.setLayout(
            column(row(back, STRETCH), self.messages, self.form, hint, row(self.save_button, STRETCH), STRETCH, gap=16,
                   margins=24)
        )  # fmt: skip

    def show_error(self, error: DomainError) -> bool:
        """The funnel asks: it stands above the choices."""
        self.messages.show_error(error.message)
        return True

    def save(self, path: Path) -> None:
        """Gather and write, off the GUI thread."""
        said, workplace = self.form.values(), self._context.operations.workplace
        scope = self._scopes[said["scope"]]

        def work(progress: Callable[[str, float | None], None]) -> int:
            progress("", None)
            export = workplace.read(
                collect_export, kind=said["kind"], make_id=scope.make_id, series_id=scope.series_id,
                trim_ids=scope.trim_ids,
            )  # fmt: skip
            save_export(export, path, language=said["language"], progress=progress)
            return len(export.rows)

        self.messages.clear()
        job = self._context.operations.run_long(
            self, work, title=tr_noop("Exporting"), on_done=lambda count: self._on_saved(count, path)
        )
        self.save_button.busy_while(job)

    def ask_path(self) -> None:
        """Where to write it."""
        if not self.save_button.isEnabled():
            return
        said = self.form.values()
        dialog = QFileDialog(self, tr("Save the export"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([FORMS[said["form"]]])
        dialog.setDefaultSuffix(said["form"])
        dialog.selectFile(f"{words(said['kind'].label)} {self._context.clock.now():%Y-%m-%d}")
        dialog.fileSelected.connect(lambda name: self.save(Path(name)))
        dialog.open()

    def _on_changed(self, name: str) -> None:
        if name == "form":
            self.form.set_field_enabled("language", self.form.value("form") != "json")

    def _on_saved(self, count: Any, path: Path) -> None:
        said = trn("{n} entry is in {name}.", "{n} entries are in {name}.", count, name=path.name)
        self.messages.show_good(lambda: said)


def scopes_of(node: Node | None, compared: Sequence[TrimRow], shown: TrimDetail | None) -> list[ExportScope]:
    """The whole catalogue, and what is chosen in it, the narrowest last."""
    scopes = [ExportScope("all", tr_noop("The whole catalogue"))]
    if compared:
        ids = tuple(trim.id for trim in compared)
        scopes.append(ExportScope("compared", lambda: tr("The trims to compare ({n})", n=len(ids)), trim_ids=ids))
    make, series = (node.ancestor(kind) if node is not None else None for kind in ("make", "series"))
    if make is not None:
        scopes.append(ExportScope("make", partial(str, make.label), make_id=make.key))
    if make is not None and series is not None:
        scopes.append(ExportScope("series", lambda: f"{make.label} {series.label}", series_id=series.key))
    if shown is not None:
        scopes.append(ExportScope("trim", partial(str, shown.row.full_name), trim_ids=(shown.row.id,)))
    return scopes
