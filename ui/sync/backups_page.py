"""Backups of this desk: which there are, where they lie, one made now, and how one is put back."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame

from app.desk.backups import Backup
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.feedback import EmptyState, ToneIcon
from ui.kit.keys import Key
from ui.kit.layout import boxed, column, row
from ui.kit.operations import Progress
from ui.kit.page import Page
from ui.kit.text import Retranslated
from ui.kit.theme import set_role
from ui.sync.ports import BackupPort
from ui.sync.record_list import RecordList

_KEPT_DAYS = 1


class BackupsPage(Page):
    """For those who look after the desk."""

    title = tr_noop("Backups")

    def __init__(self, context: PageContext, port: BackupPort) -> None:
        super().__init__(context)
        self._port = port
        self.add_action(
            Action("backups.make", tr_noop("Back up now"), self.back_up_now, key=Key.NEW, icon="archive",
                   permission=Permission.SYNC_CONFIGURE),
            primary=True,
        )  # fmt: skip
        self.add_action(Action("backups.refresh", tr_noop("Fetch again"), self.refresh, key=Key.REFRESH))
        self.add_action(Action("backups.folder", tr_noop("Open the folder"), self._open_folder, key="Ctrl+O"))
        self.card = _Card(context, port)
        self.list = RecordList(
            context, key="backups", name=self.title, columns=_columns(context), list_rows=self._list_rows,
            empty=_nothing_yet(),
        )  # fmt: skip
        self.set_body(boxed(column(self.card, self.list, gap=16)))
        self.list.model.rows_shown.connect(self._on_rows_shown)
        port.feed.changed.connect(self._on_feed_changed)

    def activate(self, params: Mapping[str, Any]) -> None:
        self.refresh()
        self.list.take_focus()

    def refresh(self) -> None:
        """Look into the folder again."""
        self.list.refresh()

    def back_up_now(self) -> None:
        """Make one; the bar below says that it goes on."""
        job = self.context.operations.run_long(
            self, self._make, title=tr_noop("Making a backup"), on_done=self._on_made
        )  # fmt: skip
        button = self.header_button("backups.make")
        if button is not None:
            button.busy_while(job)

    def retranslate(self) -> None:
        super().retranslate()
        if hasattr(self, "list"):
            self._on_rows_shown()

    # --- inside ----------------------------------------------------------------------------------

    def _make(self, progress: Progress) -> Backup:
        progress(tr_noop("Copying and checking"), None)
        return self._port.back_up_now()

    def _on_made(self, backup: Backup) -> None:
        size = formats_size(backup.size)
        self.context.notifications.show(lambda: tr("Backed up and checked: {size}", size=size), tone="good")
        self.refresh()

    def _list_rows(self, _reader: Any, *, after: Any = None, limit: int) -> Sequence[Backup]:
        # They are files, and at most some fifty: the reader is not needed.
        return [] if after is not None else self._port.list_backups()

    def _on_rows_shown(self) -> None:
        rows = self.list.model.rows
        self.set_subtitle(trn("{n} backup", "{n} backups", len(rows)) if rows else "")
        self.card.show_newest(rows[0] if rows else None)

    def _on_feed_changed(self) -> None:
        if self.isVisible():
            self.refresh()

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._port.folder)))


class _Card(Retranslated, QFrame):
    """How old the newest is, where they lie, and how one is put back."""

    def __init__(self, context: PageContext, port: BackupPort) -> None:
        super().__init__()
        set_role(self, "card")
        self._context, self._port = context, port
        self._newest: Backup | None = None
        self._icon = ToneIcon("good", size=20)
        self.headline = Label(self._headline, role="section", wrap=True)
        self.place = Label(lambda: str(port.folder), wrap=True)
        rhythm = Label(
            tr_noop(
                "One is made every half hour while something changes, and when the window is closed. The newest eight "
                "are kept, then one a day for two weeks, one a week for eight weeks, one a month for a year."
            ),
            role="secondary", wrap=True,
        )  # fmt: skip
        copy_elsewhere = Label(
            tr_noop(
                "They lie on the same disk as the data. Copy the whole folder to another place now and then, with its "
                "folder “contents”, which holds the pictures and documents of all backups once. Everything is "
                "encrypted, and opens with the passphrase or the recovery code."
            ),
            role="secondary", wrap=True,
        )  # fmt: skip
        restore = Label(
            lambda: tr(
                "To put one back, close this window and run: {command}", command="python3 bootstrap.py restore"
            ),
            role="secondary", wrap=True,
        )  # fmt: skip
        head = row(self._icon, self.headline, gap=10)
        head.setStretch(1, 1)
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        folder = row(self.place, Button(tr_noop("Copy path"), kind="quiet", icon="copy", on_click=self._copy), gap=8)
        folder.setStretch(0, 1)
        restore.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setLayout(column(head, rhythm, folder, copy_elsewhere, restore, gap=8, margins=(16, 14, 16, 14)))

    def show_newest(self, backup: Backup | None) -> None:
        """How fresh the newest is."""
        self._newest = backup
        self.retranslate()

    def retranslate(self) -> None:
        old = self._newest is None or self._age_days() >= _KEPT_DAYS
        self._icon.set_tone("warn" if old else "good")
        self.headline.retranslate()

    def _age_days(self) -> float:
        assert self._newest is not None
        return (self._context.clock.now() - self._newest.made_at).total_seconds() / 86_400

    def _headline(self) -> str:
        if self._newest is None:
            return tr("There is no backup yet.")
        now = self._context.clock.now()
        return tr("The last backup was made {ago}.", ago=formats.ago(self._newest.made_at, now))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(str(self._port.folder))


def formats_size(size: int) -> str:
    """12.4 MB."""
    return tr("{n} MB", n=f"{size / 1e6:,.1f}")


def _columns(context: PageContext) -> tuple[Column, ...]:
    return (
        Column("made_at", tr_noop("Made at"), kind="moment", width=148),
        Column("age", tr_noop("How old"), width=132, value=lambda backup: backup.made_at,
               format=lambda at: formats.ago(at, context.clock.now())),
        Column("size", tr_noop("Size"), width=96, kind="integer", format=formats_size),
        Column("id", tr_noop("Folder"), width=220, kind="code", stretch=True),
    )  # fmt: skip


def _nothing_yet() -> EmptyState:
    return EmptyState(
        tr_noop("No backup yet"), tr_noop("The first is made by itself soon after something changed."), icon="archive"
    )
