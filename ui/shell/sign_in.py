"""Choosing who one is and saying the password: at the start, and over the locked window."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget

from app.kernel.errors import DomainError
from app.kernel.permissions import ROLE_LABELS, Actor
from app.runtime.language import tr, tr_noop
from ui.kit.controls import Button, Label
from ui.kit.layout import STRETCH, Divider, column, row
from ui.kit.operations import Operations
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, set_role, set_size, theme
from ui.shell.avatar import Avatar
from ui.shell.ports import StaffTile, StartPort

NAME_LIMIT = 60
SECRET_LIMIT = 200


class _Entry(Retranslated, QLineEdit):
    """A line with a placeholder; `arrow(step)` for Up and Down."""

    arrow = Signal(int)

    def __init__(self, placeholder: Words, *, limit: int, secret: bool = False) -> None:
        super().__init__()
        self._placeholder = placeholder
        self.setMaxLength(limit)
        if secret:
            self.setEchoMode(QLineEdit.EchoMode.Password)
        self.retranslate()

    def set_words(self, placeholder: Words) -> None:
        """Another placeholder."""
        self._placeholder = placeholder
        self.retranslate()

    def retranslate(self) -> None:
        self.setPlaceholderText(words(self._placeholder))
        self.setAccessibleName(words(self._placeholder))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.arrow.emit(1 if event.key() == Qt.Key.Key_Down else -1)
            return
        super().keyPressEvent(event)


class SignInCard(Retranslated, Themed, QFrame):
    """Names at the left, password at the right. `signed_in(actor)` when the name and the secret fit."""

    signed_in = Signal(object)

    def __init__(
        self, port: StartPort, operations: Operations, *, quick: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._port, self._operations, self._quick = port, operations, quick
        self._staff: list[StaffTile] = []
        self._chosen: StaffTile | None = None
        self._waiting_seconds = 0
        self._preferred = ""
        set_role(self, "overlay-card")
        set_size(self, width=720, height=448)
        self._build()
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._on_tick)
        self.restyle()
        self.retranslate()

    def load(self, *, prefer: str = "") -> None:
        """Fetch who may sign in; `prefer` is the staff id or login to begin with."""
        self._preferred = prefer
        self._operations.run_plain(self, self._port.list_staff, on_done=self.set_staff)

    def set_staff(self, staff: Sequence[StaffTile]) -> None:
        """Show these people."""
        if not self._staff:  # painting people needs what the first paint of the window can do without
            from ui.shell.staff_tiles import StaffDelegate

            self._list.setItemDelegate(StaffDelegate(self._list))
        self._staff = list(staff)
        self._show_matching()
        for tile in self._staff:
            if self._preferred and self._preferred in (tile.staff_id, tile.login):
                self._choose(tile)
                break

    def reset(self) -> None:
        """Nobody chosen, nothing typed."""
        self._secret.clear()
        self._name.clear()
        self._say("")

    def focus_start(self) -> None:
        """The focus on the name, or on the password where the name is known."""
        (self._secret if self._chosen is not None else self._name).setFocus()

    @property
    def name_field(self) -> QLineEdit:
        """Where the name is typed."""
        return self._name

    @property
    def secret_field(self) -> QLineEdit:
        """Where the password or PIN is typed."""
        return self._secret

    @property
    def staff_list(self) -> QListWidget:
        """Who may sign in."""
        return self._list

    # --- inside ----------------------------------------------------------------------------------

    def _build(self) -> None:
        self._name = _Entry(tr_noop("Your name"), limit=NAME_LIMIT)
        self._name.textEdited.connect(self._on_name_edited)
        self._name.returnPressed.connect(self._on_name_entered)
        self._name.arrow.connect(self._move)
        self._list = QListWidget()
        set_role(self._list, "staff")
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._list.itemClicked.connect(self._on_item_clicked)
        self._list.itemActivated.connect(self._on_item_clicked)
        self._avatar = Avatar("", size=56)
        self._person = Label("", role="title")
        self._role = Label("", role="secondary")
        self._secret = _Entry(tr_noop("Password"), limit=SECRET_LIMIT, secret=True)
        self._secret.returnPressed.connect(self._submit)
        self._message = Label("", role="field-message", wrap=True)
        self._go = Button(tr_noop("Sign in"), kind="primary", on_click=self._submit)
        self._heading = Label(tr_noop("Who is at this desk?"), role="section")
        left = column(self._heading, self._name, self._list, margins=(24, 24, 16, 12), gap=12)
        right = column(
            STRETCH, self._avatar, 8, self._person, self._role, 16, self._secret, self._message, 4, self._go, STRETCH,
            margins=(32, 24, 32, 24), gap=4,
        )  # fmt: skip
        set_size(self._message, height=36, at_least=True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignTop)
        halves = row(left, Divider(vertical=True), right, gap=0)
        halves.setStretch(0, 5)
        halves.setStretch(2, 5)
        self.setLayout(halves)

    def _show_matching(self) -> None:
        typed = self._name.text().strip().lower()
        self._list.clear()
        for tile in self._staff:
            if not typed or any(typed in text.lower() for text in (tile.name, tile.login, tile.initials)):
                item = QListWidgetItem(tile.name)
                item.setData(Qt.ItemDataRole.UserRole, tile)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{tile.name}, {tr(ROLE_LABELS[tile.role])}")
                self._list.addItem(item)
        if self._list.count():
            self._list.setCurrentRow(0)

    def _choose(self, tile: StaffTile | None) -> None:
        self._chosen = tile
        for line in range(self._list.count()):
            if self._list.item(line).data(Qt.ItemDataRole.UserRole) is tile:
                self._list.setCurrentRow(line)
        self._say("")
        self.retranslate()
        self._secret.setFocus()

    def _move(self, step: int) -> None:
        if self._list.count():
            self._list.setCurrentRow((self._list.currentRow() + step) % self._list.count())

    def _on_name_edited(self, _text: str) -> None:
        self._chosen = None
        self._show_matching()
        self.retranslate()

    def _on_name_entered(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self._choose(item.data(Qt.ItemDataRole.UserRole))
        elif self._name.text().strip():
            self._secret.setFocus()

    def _on_item_clicked(self, item: QListWidgetItem) -> None:
        self._choose(item.data(Qt.ItemDataRole.UserRole))

    def _submit(self) -> None:
        login = self._chosen.login if self._chosen is not None else self._name.text().strip()
        secret = self._secret.text()
        if self._waiting_seconds or not login:
            self._name.setFocus()
            return
        if not secret:
            self._say(tr_noop("Enter the password."))
            self._secret.setFocus()
            return
        port, quick = self._port, self._quick
        job = self._operations.run_plain(
            self,
            lambda: port.sign_in(login, secret, quick=quick),
            on_done=self._on_signed_in,
            on_error=self._on_refused,
            writes=True,
        )
        self._go.setEnabled(False)
        job.finished.connect(lambda: self._go.setEnabled(self._waiting_seconds == 0))

    def _on_signed_in(self, actor: Actor) -> None:
        self.reset()
        self.signed_in.emit(actor)

    def _on_refused(self, error: BaseException) -> bool:
        self._secret.selectAll()
        self._secret.setFocus()
        if not isinstance(error, DomainError):
            return False
        seconds = error.params.get("seconds")
        if seconds:
            self._waiting_seconds = int(seconds)
            self._tick.start()
            self._on_tick(first=True)
        else:
            self._say(error.message)
        return True

    def _on_tick(self, *, first: bool = False) -> None:
        self._waiting_seconds -= 0 if first else 1
        self._go.setEnabled(self._waiting_seconds <= 0)
        if self._waiting_seconds <= 0:
            self._waiting_seconds = 0
            self._tick.stop()
            self._say("")
            return
        left = self._waiting_seconds
        self._say(lambda: tr("Too many wrong attempts. Wait {seconds} s, then try again.", seconds=left))

    def _say(self, text: Words) -> None:
        self._message.set_words(text)
        set_role(self._message, "field-message", tone="bad" if text else "neutral")
        set_role(self._secret, "input", invalid=bool(text) and self._waiting_seconds == 0)
        self._secret.setAccessibleDescription(self._message.text())

    def message(self) -> str:
        """What it says below the password."""
        return self._message.text()

    def restyle(self) -> None:
        self._list.setIconSize(QSize(theme().px(32), theme().px(32)))

    def retranslate(self) -> None:
        tile = self._chosen
        name = tile.name if tile is not None else self._name.text().strip()
        self._avatar.set_name(name)
        self._avatar.setVisible(bool(name))
        self._person.set_text(name or tr("Welcome"))
        self._role.set_text(tr(ROLE_LABELS[tile.role]) if tile is not None else tr("Choose your name, then sign in."))
        may_pin = self._quick and tile is not None and tile.has_pin
        self._secret.set_words(tr_noop("PIN or password") if may_pin else tr_noop("Password"))
        self._list.setAccessibleName(tr("People at this desk"))
        if self._staff:
            self._list.viewport().update()
