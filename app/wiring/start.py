"""Starting the application: the first window is painted before anything heavy is imported."""

import logging
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLibraryInfo, QLocale, QLockFile, QObject, Qt, QTimer, QTranslator, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.kernel.changes import Changes
from app.kernel.permissions import Actor, Permission
from app.runtime.language import CHINESE, language, on_language_changed, set_language, tr, tr_noop
from app.runtime.paths import Profile
from app.wiring.archive_keeper import ArchiveKeeper
from app.wiring.catalogue_keeper import CatalogueKeeper
from app.wiring.desk import Desk, StoredDrafts
from app.wiring.due_work import DueWorks
from app.wiring.ports import FirstRunDoor, StartDoor, find_records, find_unit_id
from ui.kit.errors import ErrorPresenter
from ui.kit.operations import Operations
from ui.kit.text import follow_language
from ui.kit.theme import install_theme
from ui.kit.view_settings import FileViewSettings
from ui.shell.preferences import DeskPreferences, look_of

if TYPE_CHECKING:
    from app.wiring.backups import BackupKeeper
    from app.wiring.sync_link import SyncLink
    from sync.client.exchange import Moved
    from sync.client.status import SyncStatus

log = logging.getLogger(__name__)
SAY_PAINTED = "FORECOURT_SAY_PAINTED"
"""Set in the environment, the first paint of the first window is said on standard output, for the start benchmark."""


class ProfileInUse(Exception):
    """Another process works on this profile."""

    code = "profile_in_use"
    text = tr_noop("Forecourt is already running with this data. Switch to its window.")


class _Bridge(QObject):
    """Carries what other threads tell to the GUI thread."""

    changes = Signal(object)
    backup_failed = Signal(object)
    moved = Signal(object)


class Application(QObject):
    """Everything between the process and its windows. Make it on the GUI thread, then `show_first_window()`."""

    window_changed = Signal(object)

    def __init__(self, qt: QApplication, profile: Profile, *, spoken: str | None = None) -> None:
        super().__init__()
        self.qt = qt
        self.profile = profile
        self.preferences = DeskPreferences(profile)
        set_language(spoken or self.preferences.settings.spoken_language)
        self.theme = install_theme(qt, look_of(self.preferences.settings))
        self.desk = Desk(profile)
        self.errors = ErrorPresenter(self)
        self.operations = Operations(self.desk, errors=self.errors, parent=self)
        self._due = DueWorks(self.desk, self.operations, self)
        self._archive = ArchiveKeeper(self.desk, self.operations, self)
        self.start_door = StartDoor(self.desk)
        self._catalogue = CatalogueKeeper(self.desk, self.operations, parent=self)
        self.window: QWidget | None = None
        self._lock: QLockFile | None = None
        self._bridge = _Bridge(self)
        self._link: SyncLink | None = None
        self._backups: BackupKeeper | None = None
        self.keeps_backups = True
        """Whether the desk backs itself up; a throwaway profile does without."""
        self._qt_texts: QTranslator | None = None
        self._stop_following = follow_language(qt)
        self._stop_listening = on_language_changed(self._load_qt_texts)
        self._load_qt_texts()

    def take_profile(self) -> None:
        """Make sure no other process works on this profile. Raises ProfileInUse and the profile's own errors."""
        self.profile.prepare()
        lock = QLockFile(str(self.profile.root / "forecourt.lock"))
        lock.setStaleLockTime(0)
        if not lock.tryLock(200):
            raise ProfileInUse
        self._lock = lock

    def show_first_window(self) -> QWidget:
        """First run, or sign-in."""
        if self.profile.is_set_up and self.profile.key_slots_path.exists():
            return self._show_sign_in()
        return self._show_first_run()

    def close(self) -> None:
        """End everything in order: pages, work under way, synchronisation, database, lock. Idempotent."""
        window, self.window = self.window, None
        if window is not None:
            window.close()
            window.deleteLater()
        self.operations.close()
        self._stop_behind()
        self.desk.close()
        self._stop_listening()
        self._stop_following()
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    # --- windows ---------------------------------------------------------------------------------

    def _show_first_run(self, *, created: bool = False) -> QWidget:
        from ui.shell.first_run import FirstRunWindow

        window = FirstRunWindow(FirstRunDoor(self.desk), self.operations, self.preferences, created=created)
        window.finished.connect(self._show_sign_in)
        return self._replace(window)

    def _show_sign_in(self) -> QWidget:
        from ui.shell.start_window import StartWindow

        window = StartWindow(self.start_door, self.operations, self.preferences)
        window.signed_in.connect(self._show_main)
        window.nothing_here.connect(lambda: self._show_first_run(created=True))
        return self._replace(window)

    def _show_main(self, actor: Actor) -> QWidget:
        from app.wiring.centre_questions import CentreQuestions
        from app.wiring.headquarters import HeadquartersDoor
        from app.wiring.key_desk import KeyDesk
        from app.wiring.mail_desk import MailDesk
        from app.wiring.pages import page_specs
        from app.wiring.phone_signing import PhoneSigning
        from app.wiring.vehicle_leases import VehicleLeases
        from ui.orders.lease_watch import LeaseWatch
        from ui.shell.main_window import MainWindow
        from ui.staff.own_access import add_own_access_actions
        from ui.vehicles.hold_watch import HoldWatch

        link, backups = self._make_behind()
        window = MainWindow(
            operations=self.operations, errors=self.errors, port=self.start_door, preferences=self.preferences,
            drafts=StoredDrafts(self.desk), views=FileViewSettings(self.profile.root / "views.json"),
            clock=self.desk.clock, search=find_records, unit_by_vin=find_unit_id,
            branch_name=lambda: self._branch_name(),
        )  # fmt: skip
        centre = CentreQuestions(self.desk, link, on_changes=self._bridge.changes.emit)
        leases = VehicleLeases(self.desk, link)
        headquarters = HeadquartersDoor(self.desk, link)
        phones = PhoneSigning(link, self.desk.clock)
        for spec in page_specs(
            sync=link, backups=backups, centre=centre, leases=leases, headquarters=headquarters, phones=phones,
            keys=KeyDesk(self.desk), codes=MailDesk(self.desk, self.preferences),
        ):  # fmt: skip
            window.register_page(spec)
        window.user_changed.connect(lambda _actor: backups.note_left())
        window.user_changed.connect(lambda _actor: headquarters.leave())
        window.user_changed.connect(lambda _actor: self._due.look())
        add_own_access_actions(window.actions_registry, window, window.context)
        HoldWatch(window.context, window)
        LeaseWatch(window.context, window)
        self._replace(window)
        window.start(actor)
        QTimer.singleShot(0, self, self._start_behind)
        return window

    def _branch_name(self) -> str:
        return self.desk.actor.branch_code if self.desk.signed_in else ""

    def _replace(self, window: QWidget) -> QWidget:
        before, self.window = self.window, window
        if os.environ.get(SAY_PAINTED):
            window.installEventFilter(_PaintWatch(window))
        window.show()
        if before is not None:
            before.hide()
            before.deleteLater()
        self.window_changed.emit(window)
        return window

    # --- what goes on behind the window ----------------------------------------------------------

    def _make_behind(self) -> "tuple[SyncLink, BackupKeeper]":
        """The centre and the backups; made with the first main window, started when it stands."""
        from app.wiring.backups import BackupKeeper
        from app.wiring.sync_link import SyncLink
        from ui.sync.ports import BackupFeed, StatusFeed

        if self._link is None or self._backups is None:
            feed = StatusFeed(self)
            link = SyncLink(
                self.desk, feed=feed, on_changes=self._bridge.changes.emit, preferences=self.preferences,
                on_moved=self._bridge.moved.emit,
            )  # fmt: skip
            keeper = BackupKeeper(self.desk, feed=BackupFeed(self), on_problem=self._bridge.backup_failed.emit)
            self._link, self._backups = link, keeper
            feed.changed.connect(self._on_sync_status)
            self._bridge.changes.connect(self._on_received)
            self._bridge.backup_failed.connect(self._on_backup_failed)
            self._bridge.moved.connect(self._on_moved)
            self.operations.changes_published.connect(self._on_changes_published)
        return self._link, self._backups

    def _start_behind(self) -> None:
        if self.desk.is_open and self._link is not None and self._backups is not None:
            self._link.start()
            self._catalogue.start()
            self._due.start()
            self._archive.start()
            if self.keeps_backups:
                self._backups.start()

    def _stop_behind(self) -> None:
        self._catalogue.stop()
        self._due.stop()
        self._archive.stop()
        link, self._link = self._link, None
        if link is not None:
            link.stop()
        keeper, self._backups = self._backups, None
        if keeper is not None and self.keeps_backups:
            keeper.finish()

    def _on_received(self, changes: Changes) -> None:
        self.operations.publish(changes, self._link)
        self._catalogue.note_received(changes)

    def _on_changes_published(self, _changes: object, initiator: object) -> None:
        if initiator is self._archive:
            return  # what this desk can find concerns nobody else
        if self._backups is not None:
            self._backups.note_change()
        if self._link is not None and initiator is not self._link:  # what came from the centre need not go there
            self._link.poke()

    def _on_sync_status(self, status: "SyncStatus") -> None:
        from app.wiring.sync_link import shown

        tell: Callable[[object], None] | None = getattr(self.window, "set_sync_status", None)
        if tell is not None:
            tell(shown(status))

    def _on_moved(self, moved: "Moved") -> None:
        """This desk is another branch's from now on: its window says so, and people are told."""
        from ui.shell.main_window import MainWindow

        if isinstance(self.window, MainWindow):
            self.window.navigation.set_branch(self._branch_name)
            self.window.notifications.show(
                lambda: tr(
                    "This desk belongs to branch {branch} now, as {desk}. The records of its former branch were taken "
                    "off it.", branch=moved.branch_code, desk=moved.desk_code,
                ),
                tone="warn",
            )  # fmt: skip

    def _on_backup_failed(self, error: Exception) -> None:
        from app.wiring.backups import failure_words
        from ui.shell.main_window import MainWindow

        window, text = self.window, failure_words(error)
        if text is None:
            self.errors.present(error)
        elif isinstance(window, MainWindow):
            may_look = window.context.may(Permission.SYNC_CONFIGURE)
            window.notifications.show(
                text, tone="bad", action=tr_noop("Open backups") if may_look else None,
                on_action=lambda: window.pages.open("backups"),
            )  # fmt: skip

    # --- Qt's own texts --------------------------------------------------------------------------

    def _load_qt_texts(self) -> None:
        if self._qt_texts is not None:
            self.qt.removeTranslator(self._qt_texts)
            self._qt_texts = None
        QLocale.setDefault(QLocale("zh_CN" if language() == CHINESE else "en_GB"))
        if language() == CHINESE:
            texts = QTranslator(self)
            if texts.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
                self.qt.installTranslator(texts)
                self._qt_texts = texts


class _PaintWatch(QObject):
    """Says once, on standard output, that its window was painted."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self._say)
        return False

    def _say(self) -> None:
        sys.stdout.write("painted\n")
        sys.stdout.flush()


def run(profile: Profile, *, spoken: str | None = None) -> int:
    """Run the application until its window is closed; returns the exit code."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    # Every point of a pen counts as evidence: none is left out because the screen is slower.
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    qt = QApplication(sys.argv[:1])
    qt.setApplicationName("Forecourt")
    qt.setDesktopFileName("forecourt")
    try:
        application = Application(qt, profile, spoken=spoken)
        application.take_profile()
    except Exception as error:
        if getattr(error, "code", None) is None:
            raise
        return _say_and_leave(error)
    application.show_first_window()
    qt.lastWindowClosed.connect(qt.quit)
    code = qt.exec()
    application.close()
    return code


def _say_and_leave(error: Exception) -> int:
    from PySide6.QtWidgets import QMessageBox

    from ui.kit.errors import worded_message

    text = worded_message(error)
    print(text, file=sys.stderr)
    if QApplication.platformName() != "offscreen":
        QMessageBox.critical(None, tr("Forecourt"), text)
    return 1
