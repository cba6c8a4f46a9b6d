"""The window: navigation, pages, status, and what lies over them."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.kernel.clock import Clock
from app.kernel.permissions import Actor
from app.runtime.language import tr, tr_noop
from ui.kit.actions import ActionRegistry
from ui.kit.context import Drafts, PageContext, ViewSettings
from ui.kit.errors import ErrorPresenter
from ui.kit.feedback import ProgressStrip
from ui.kit.operations import Job, Operations, UndoStep
from ui.kit.scanner import Scanner
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import set_role, theme
from ui.shell.bug_dialog import BugDialog
from ui.shell.inactivity import InactivityWatch
from ui.shell.key_overlay import KeyOverlay
from ui.shell.lock_overlay import LockOverlay
from ui.shell.navigation import Navigation
from ui.shell.notifications import NotificationCentre, NotificationList, ToastArea
from ui.shell.overlay import Overlay
from ui.shell.pages import PageHost, PageSpec
from ui.shell.palette import Palette
from ui.shell.ports import SearchQuery, StartPort, SyncStatus
from ui.shell.preferences import Preferences
from ui.shell.scan_answer import ScanAnswer, UnitByVin
from ui.shell.scan_watch import ScanWatch
from ui.shell.status_bar import StatusBar
from ui.shell.window_actions import add_window_actions

MINIMUM = (1024, 640)
SYNC_PAGE = "sync"


class MainWindow(Retranslated, QWidget):
    """Everything somebody signed in sees. `register_page` first, then `start(actor)`."""

    closed = Signal()
    user_changed = Signal(object)
    """(Actor): another person took the desk."""

    def __init__(
        self,
        *,
        operations: Operations,
        errors: ErrorPresenter,
        port: StartPort,
        preferences: Preferences,
        drafts: Drafts,
        views: ViewSettings,
        clock: Clock,
        search: SearchQuery | None = None,
        unit_by_vin: UnitByVin | None = None,
        branch_name: Words = "",
    ) -> None:
        super().__init__()
        set_role(self, "canvas")
        self.operations, self.preferences, self._port = operations, preferences, port
        self._actor: Actor | None = None
        self.notifications = NotificationCentre(clock, self)
        errors.attach(notifications=self.notifications, show_bug=self.show_bug)
        self.actions_registry = ActionRegistry(self)
        self.actions_registry.use_actor(lambda: self._actor)
        self.pages = PageHost()
        self.context = PageContext(
            operations=operations, navigator=self.pages, drafts=drafts, notifications=self.notifications,
            theme=theme(), actions=self.actions_registry, views=views, clock=clock, scanner=Scanner(self),
        )  # fmt: skip
        self.pages.use_context(self.context)
        self._build(clock, branch_name)
        self.toasts = ToastArea(self.notifications, self)
        self.palette_overlay = Palette(
            self, operations=operations, actions=self.actions_registry, navigate=self.pages.open, search=search,
            may_open=lambda key: key in {spec.key for spec in self.pages.permitted()},
        )  # fmt: skip
        self.keys_overlay = KeyOverlay(self, self.actions_registry)
        self.messages_overlay = NotificationList(self.notifications, clock, self)
        self.lock_overlay = LockOverlay(self, port, operations)
        self.lock_overlay.signed_in.connect(self._on_lock_signed_in)
        self.inactivity = InactivityWatch(self)
        self.inactivity.idle.connect(self.lock)
        self.scan_watch = ScanWatch(self, self.context.scanner, listening=self._hears_scans)
        self.context.scanner.set_longest_gap_ms(preferences.settings.scanner_gap_ms)
        self.context.scanner.answer_with(ScanAnswer(self, self.context, unit_by_vin).answer)
        operations.changes_published.connect(self.pages.publish)
        operations.long_started.connect(self._on_long_started)
        self.pages.page_changed.connect(self._on_page_changed)
        add_window_actions(self)
        self._keep_minimum()
        theme().changed.connect(self._keep_minimum)
        self.resize(theme().px(1280), theme().px(800))
        self._restore_place()
        self.retranslate()

    # --- what start-up calls ---------------------------------------------------------------------

    def register_page(self, spec: PageSpec) -> None:
        """Add a page; before `start`."""
        self.pages.register(spec)

    def start(self, actor: Actor) -> None:
        """Somebody signed in: show what they may use."""
        self._actor = actor
        self.status.set_actor(actor)
        permitted = [spec for spec in self.pages.permitted() if spec.in_navigation]
        self.navigation.show_pages(permitted)
        self._add_page_actions([*permitted, *(spec for spec in self.pages.permitted() if not spec.in_navigation)])
        self._fetch_lock_minutes()
        if permitted:
            self.pages.open(permitted[0].key)

    def set_sync_status(self, status: SyncStatus) -> None:
        """What is known about the centre; call on the GUI thread."""
        self.status.sync.set_status(status)

    @property
    def actor(self) -> Actor | None:
        """Who works here; None before `start`."""
        return self._actor

    @property
    def locked(self) -> bool:
        """Whether somebody has to sign in first."""
        return not self.lock_overlay.isHidden()

    # --- what people do --------------------------------------------------------------------------

    def lock(self) -> None:
        """Cover everything until somebody signs in. Drafts are saved; nothing is closed yet."""
        if self._actor is None or self.locked:
            return
        self._close_overlays()
        self._close_other_windows()
        self.toasts.clear()
        self.inactivity.stop()
        self.actions_registry.block(True)
        self.lock_overlay.lock(prefer=self._actor.staff_id)
        self._content.setEnabled(False)
        self.lock_overlay.take_focus()

    def open_palette(self) -> None:
        """Ctrl+K."""
        self._close_overlays()
        self.palette_overlay.open_over()

    def open_keys(self) -> None:
        """F1."""
        self._close_overlays()
        self.keys_overlay.open_over()

    def open_messages(self) -> None:
        """The last notifications."""
        self._close_overlays()
        self.messages_overlay.open_over()

    def undo(self) -> None:
        """Ctrl+Z: take back the newest undoable command and say which."""
        if self.operations.undo(self, on_done=self._on_undone) is None:
            self.notifications.show(tr_noop("There is nothing to undo."))

    def show_bug(self, debug_text: str) -> None:
        """The bug dialog; one at a time."""
        if self.findChild(BugDialog) is None:
            BugDialog(self, debug_text).open()

    def next_area(self) -> None:
        """F6: navigation, filter bar, body, detail panel, and round again."""
        page = self.pages.current_page
        areas: list[QWidget] = [self.navigation]
        if page is not None:
            areas += [area for area in page.areas() if area.isVisible()]
        inside = [number for number, area in enumerate(areas) if area.isAncestorOf(self.focusWidget() or self)]
        start = inside[0] if inside else -1
        for offset in range(1, len(areas) + 1):
            if _focus_into(areas[(start + offset) % len(areas)]):
                return

    # --- inside ----------------------------------------------------------------------------------

    def _build(self, clock: Clock, branch_name: Words) -> None:
        self._clock, self._leaving = clock, False
        self.navigation = Navigation()
        self.navigation.set_branch(branch_name)
        self.navigation.chosen.connect(lambda key: self.pages.open(key))
        self.status = StatusBar(
            clock=clock, centre=self.notifications, on_switch_user=self.lock, on_messages=self.open_messages,
            on_keys=self.open_keys,
        )  # fmt: skip
        self.status.sync_clicked.connect(self._on_sync_clicked)
        self._content = QWidget()
        set_role(self._content, "canvas")
        self._strips = QVBoxLayout()
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.pages, 1)
        right.addLayout(self._strips)
        right.addWidget(self.status)
        across = QHBoxLayout(self._content)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.navigation)
        across.addLayout(right, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._content)

    def _add_page_actions(self, specs: list[PageSpec]) -> None:
        from ui.shell.window_actions import add_page_actions

        add_page_actions(self, specs)

    def _close_overlays(self) -> None:
        for overlay in self.findChildren(Overlay):
            if overlay is not self.lock_overlay:
                overlay.close_over()

    def _close_other_windows(self) -> None:
        """Dialogs, menus and lists stand above the window: locked, they would still be read and answered."""
        for widget in QApplication.topLevelWidgets():
            if widget is not self and widget.isVisible():
                widget.close()

    def _hears_scans(self) -> bool:
        """Only while somebody works in the window itself: not locked, no dialog, menu or overlay in front."""
        return (
            self._actor is not None
            and self.isActiveWindow()
            and QApplication.activePopupWidget() is None
            and not any(overlay.isVisible() for overlay in self.findChildren(Overlay))
        )

    def _fetch_lock_minutes(self) -> None:
        self.operations.run_plain(self, self._port.lock_minutes, on_done=self._on_lock_minutes)

    def _on_lock_minutes(self, branch_minutes: int) -> None:
        own = self.preferences.settings.lock_minutes
        limits = [minutes for minutes in (own, branch_minutes) if minutes > 0]
        self.inactivity.set_minutes(min(limits) if limits else 0)

    def _on_lock_signed_in(self, actor: Actor) -> None:
        self.actions_registry.block(False)
        self._content.setEnabled(True)
        self.inactivity.resume()
        if self._actor is not None and actor.staff_id == self._actor.staff_id:
            return
        self.pages.close_all()
        self.operations.forget_undo()
        self.notifications.forget()
        self.start(actor)
        self.preferences.change(last_staff_id=actor.staff_id)
        self.user_changed.emit(actor)

    def _on_undone(self, step: UndoStep) -> None:
        self.notifications.show(lambda: tr("Undone: {name}", name=words(step.name)), tone="good")

    def _on_long_started(self, job: Job) -> None:
        self._strips.addWidget(ProgressStrip(job))

    def _on_page_changed(self, key: str) -> None:
        self.navigation.set_current(self.pages.specs[key].under or key)
        self.retranslate()

    def _on_sync_clicked(self) -> None:
        if SYNC_PAGE in self.pages.specs:
            self.pages.open(SYNC_PAGE)

    def _ask_to_leave(self) -> bool:
        """Say what has not reached the centre before the day ends here; tells whether somebody has to answer."""
        status = self.status.sync.status
        if not status.configured or not status.unsent or self._actor is None:
            return False
        from ui.shell.leaving import ask_to_leave

        ask_to_leave(self, status, now=self._clock.now(), on_leave=self.leave)
        return True

    def leave(self) -> None:
        """Close without asking: what was not sent stays here and is sent the next time."""
        self._leaving = True
        self.close()

    def _keep_minimum(self) -> None:
        """Larger with the scale, as far as the screen has room."""
        room = self.screen().availableSize()
        least = [max(side, min(theme().px(side), there)) for side, there in zip(MINIMUM, room.toTuple(), strict=True)]
        self.setMinimumSize(*least)
        self.navigation.fit(self.width())

    def _restore_place(self) -> None:
        from PySide6.QtCore import QByteArray

        saved = self.preferences.settings.window
        if saved:
            narrow, _, geometry = saved.partition(":")
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii", "ignore")))
            self.navigation.set_narrow(narrow == "narrow")

    def _save_place(self) -> None:
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self.preferences.change(window=f"{'narrow' if self.navigation.wanted_narrow else 'wide'}:{geometry}")

    # --- Qt --------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        spec = self.pages.specs.get(self.pages.current_key)
        name = tr("Forecourt")
        self.setWindowTitle(f"{words(spec.title)} – {name}" if spec is not None else name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.navigation.fit(self.width())

    def closeEvent(self, event: QCloseEvent) -> None:
        if event.spontaneous() and not self._leaving and self._ask_to_leave():
            event.ignore()
            return
        self.inactivity.stop()
        self._save_place()
        self.pages.close_all()
        super().closeEvent(event)
        self.closed.emit()


def _focus_into(area: QWidget) -> bool:
    """Put the focus on the first control inside; False when there is none."""
    if area.focusPolicy() & area.focusPolicy().TabFocus and area.isEnabled():
        area.setFocus()
        return True
    for child in area.findChildren(QWidget):
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & child.focusPolicy().TabFocus:
            child.setFocus()
            return True
    return False
