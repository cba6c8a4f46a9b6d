"""The navigation at the left: icon and word, grouped, 208 px; 56 px when narrowed to icons."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.runtime.language import tr
from ui.kit.actions import key_text
from ui.kit.controls import IconButton, Label
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, boxed, column, empty, row
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, set_role, theme
from ui.shell.pages import Group, PageSpec

WIDE, NARROW = 208, 56
_ROOM_FOR_NAMES = 800


class NavigationItem(Retranslated, Themed, QToolButton):
    """One page; the current one is marked by surface, text colour and accessible state."""

    def __init__(self, spec: PageSpec, place: int, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec, self._place = spec, place
        self._current = self._narrow = False
        set_role(self, "nav-item", current=False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.restyle()
        self.retranslate()

    def set_current(self, current: bool) -> None:
        """Whether its page is in front."""
        self._current = current
        set_role(self, "nav-item", current=current)
        self.restyle()
        self.retranslate()

    def set_narrow(self, narrow: bool) -> None:
        """Only the icon."""
        self._narrow = narrow
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(style.ToolButtonIconOnly if narrow else style.ToolButtonTextBesideIcon)
        self.retranslate()

    def restyle(self) -> None:
        look = theme()
        self.setIcon(look.icon(self.spec.icon, "accent" if self._current else "muted"))
        self.setIconSize(QSize(look.px(18), look.px(18)))
        self.setFixedHeight(look.px(34))

    def retranslate(self) -> None:
        title = words(self.spec.title)
        key = f" ({key_text(f'Alt+{self._place}')})" if self._place <= 9 else ""
        self.setText(f"  {title}")
        self.setToolTip(f"{title}{key}")
        self.setAccessibleName(tr("{page}, current page", page=title) if self._current else title)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)


class Navigation(Retranslated, Themed, QFrame):
    """`chosen(page key)`; `narrowed(bool)` when a person changed its width."""

    chosen = Signal(str)
    narrowed = Signal(bool)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "navigation")
        self.narrow = False
        self._cramped = self._was_wide = False
        self.items: list[NavigationItem] = []
        self._groups: list[QWidget] = []
        self._brand = Label(lambda: tr("Forecourt"), role="section")
        self._branch = Label("", role="secondary")
        self._holder = QWidget()
        set_role(self._holder, "plain")
        self._list = QVBoxLayout(self._holder)
        self._list.setContentsMargins(theme().px(8), 0, theme().px(8), theme().px(8))
        self._list.setSpacing(theme().px(2))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._holder)
        self._scroll = scroll
        self._toggle = IconButton("chevrons-left", self._toggle_words, on_click=self.toggle)
        self._names = boxed(column(self._brand, self._branch, gap=0))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 1, 0)
        outer.setSpacing(0)
        outer.addLayout(column(self._names, margins=(18, 16, 12, 12)))
        outer.addWidget(scroll, 1)
        outer.addLayout(row(self._toggle, STRETCH, margins=(14, 4, 8, 2)))
        self.restyle()

    def set_branch(self, name: Words) -> None:
        """The name below the product's."""
        self._branch.set_words(name)

    def show_pages(self, specs: Sequence[PageSpec]) -> None:
        """Show these pages under their groups' headings."""
        empty(self._list)
        self.items, self._groups = [], []
        for group in Group:
            members = [spec for spec in specs if spec.group == group and spec.in_navigation]
            if not members:
                continue
            heading = Label(str(group), role="group")
            self._groups.append(heading)
            self._list.addWidget(heading)
            for spec in members:
                item = NavigationItem(spec, len(self.items) + 1)
                item.clicked.connect(lambda _checked=False, key=spec.key: self.chosen.emit(key))
                self.items.append(item)
                self._list.addWidget(item)
        self._list.addStretch(1)
        self.set_narrow(self.narrow)

    def set_current(self, key: str) -> None:
        """Mark the page in front, and have its place in sight."""
        for item in self.items:
            item.set_current(item.spec.key == key)
            if item.spec.key == key:
                QTimer.singleShot(0, item, partial(self._scroll.ensureWidgetVisible, item))

    def toggle(self) -> None:
        """Narrow to icons, or widen again."""
        self._was_wide = False
        self.set_narrow(not self.narrow)
        self.narrowed.emit(self.narrow)

    def fit(self, room: int) -> None:
        """Narrow by itself where a window of this width, in pixels, becomes too small for a page beside the names, and
        wide again as it was; whoever widens it then has it wide."""
        cramped = room < theme().px(_ROOM_FOR_NAMES)
        if cramped is self._cramped:
            return
        self._cramped = cramped
        if cramped and not self.narrow:
            self._was_wide = True
            self.set_narrow(True)
        elif not cramped and self._was_wide:
            self._was_wide = False
            self.set_narrow(False)

    @property
    def wanted_narrow(self) -> bool:
        """How a person left it, whatever the window's width makes of it."""
        return self.narrow and not self._was_wide

    def set_narrow(self, narrow: bool) -> None:
        """Icons only, or icons and words."""
        self.narrow = narrow
        self._names.setVisible(not narrow)
        for heading in self._groups:
            heading.setVisible(not narrow)
        for item in self.items:
            item.set_narrow(narrow)
        self._toggle.set_icon("chevrons-right" if narrow else "chevrons-left")
        self._toggle.retranslate()
        self.restyle()

    def _toggle_words(self) -> str:
        text = tr("Widen the navigation") if self.narrow else tr("Narrow the navigation")
        return f"{text} ({key_text(Key.NAVIGATION)})"

    def restyle(self) -> None:
        self.setFixedWidth(theme().px(NARROW if self.narrow else WIDE))

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Navigation"))
