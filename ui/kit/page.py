"""The frame every page has: title and one primary action, filter bar, body, detail panel, message bar."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.kernel.changes import Changes
from app.kernel.errors import DomainError
from app.runtime.language import tr_noop
from ui.kit.actions import Action, tooltip_text
from ui.kit.context import PageContext
from ui.kit.controls import Button, IconButton, Label
from ui.kit.detail_panel import DetailPanel
from ui.kit.feedback import EmptyState, MessageBar, Skeleton
from ui.kit.filters import FilterBar
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, column, row
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import set_role, theme

__all__ = ["Page", "PageContext"]


class Page(Retranslated, QWidget):
    """Base of all pages. Made once, when first opened; then activated and deactivated."""

    title: Words = ""
    scope: str = ""
    """Where its actions live; default: the class's module and name."""

    def __init__(self, context: PageContext, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.scope = self.scope or f"{type(self).__module__}.{type(self).__qualname__}"
        set_role(self, "page")
        self._menu_actions: list[Action] = []
        self._build_header()
        self.messages = MessageBar()
        self.filters = FilterBar()
        self.filters.hide()
        self.panel = DetailPanel()
        self._stack = QStackedWidget()
        self._skeleton = Skeleton(rows=8)
        self._empty: EmptyState | None = None
        self._body: QWidget | None = None
        self._stack.addWidget(self._skeleton)
        # The chips have the whole width, so that no line of them appears or goes with the panel.
        self.filters.line.setContentsMargins(theme().px(24), 0, theme().px(24), theme().px(12))
        content = column(self.messages, gap=12, margins=(24, 0, 24, 24))
        content.addWidget(self._stack, 1)
        across = QHBoxLayout()
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addLayout(content, 1)
        across.addWidget(self.panel)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.header)
        outer.addWidget(self.filters)
        outer.addLayout(across, 1)
        self._register_own_actions()
        Page.retranslate(self)

    # --- what pages implement --------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        """The page comes to the front; `params` are those of `navigator.open`. Fetch here."""

    def deactivate(self) -> None:
        """Another page comes to the front."""

    def on_changes(self, changes: Changes, initiator: object) -> None:
        """Rows were written, here or elsewhere. Also called while the page is hidden."""

    def retranslate(self) -> None:
        """Set every text again that the page set itself. Call super."""
        self._title.set_words(self.title)
        self.setAccessibleName(words(self.title))
        self._retranslate_menu()

    # --- what pages call -------------------------------------------------------------------------

    def set_title(self, title: Words) -> None:
        """Another title, such as the number of the order shown."""
        self.title = title
        self._title.set_words(title)

    def set_subtitle(self, text: Words) -> None:
        """What the page shows: "214 of 2,031 vehicles"."""
        self._subtitle.set_words(text)
        self._subtitle.setVisible(bool(text))

    def set_body(self, body: QWidget) -> None:
        """The page's content."""
        self._body = body
        self._stack.addWidget(body)
        self._stack.setCurrentWidget(body)

    def set_loading(self, loading: bool) -> None:
        """Show a skeleton (after 150 ms) instead of the body."""
        if loading:
            self._stack.setCurrentWidget(self._skeleton)
            self._skeleton.start()
        else:
            self._skeleton.stop()
            self._show_body()

    def set_empty(self, empty: EmptyState | None) -> None:
        """Show an empty state instead of the body; None shows the body again."""
        if self._empty is not None and self._empty is not empty:
            self._stack.removeWidget(self._empty)
            self._empty.deleteLater()
        self._empty = empty
        if empty is not None and self._stack.indexOf(empty) < 0:
            self._stack.addWidget(empty)
        self._show_body()

    def add_action(self, action: Action, *, primary: bool = False, button: bool = False, menu: bool = False) -> None:
        """Register an action of this page.

        `primary`: the one button at the right of the header; `button`: a secondary button beside it; `menu`: in the
        header's menu. Everything is in the palette and under F1. Buttons are hidden without the permission.
        """
        self.context.actions.add(action, self, scope=self.scope)
        permitted = self.context.may(action.permission)
        if menu:
            self._menu_actions.append(action)
            self._more.setVisible(True)
        elif (primary or button) and permitted:
            made = Button.for_action(action, self.context.actions, kind="primary" if primary else "secondary")
            made.setObjectName(action.id)
            if primary:
                self._header_buttons.addWidget(made)
            else:
                self._header_buttons.insertWidget(0, made)

    def header_button(self, action_id: str) -> Button | None:
        """The header's button for an action, if it is shown there."""
        return self.header.findChild(Button, action_id)

    def areas(self) -> list[QWidget]:
        """What F6 goes through: filter bar, body, detail panel."""
        return [area for area in (self.filters, self._stack, self.panel) if area is not None]

    def show_error(self, error: DomainError) -> bool:
        """The funnel asks: first the page's forms, then the message bar."""
        from ui.kit.form import Form

        for form in self.findChildren(Form):
            if form.isVisible() and form.show_error(error):
                return True
        self.messages.show_error(error.message)
        return True

    def close_page(self) -> None:
        """It is closed for good: what is half typed is kept as a draft of its owner."""
        from ui.kit.form import Form

        for form in self.findChildren(Form):
            form.save_draft_if_due()
        self.hide()
        self.deleteLater()

    # --- inside ----------------------------------------------------------------------------------

    def _build_header(self) -> None:
        self.header = QWidget()
        set_role(self.header, "page-header")
        self._title = Label("", role="title")
        self._subtitle = Label("", role="secondary")
        self._subtitle.hide()
        self._header_buttons = row(gap=8)
        self._more = IconButton("more-horizontal", tr_noop("More actions"), on_click=self.open_menu)
        self._more.hide()
        titles = row(self._title, self._subtitle, gap=12)
        titles.setAlignment(self._subtitle, Qt.AlignmentFlag.AlignBottom)
        self._subtitle.setContentsMargins(0, 0, 0, theme().px(3))
        line = row(titles, STRETCH, self._more, self._header_buttons, margins=(24, 16, 24, 12))
        self.header.setLayout(line)

    def _register_own_actions(self) -> None:
        add = self.context.actions.add
        add(Action(f"{self.scope}.menu", tr_noop("More actions"), self.open_menu, key=Key.MORE), self, self.scope)
        add(
            Action(f"{self.scope}.escape", tr_noop("Close details"), self._on_escape, key=Key.CANCEL),
            self,
            self.scope,
        )

    def open_menu(self) -> None:
        """Show the header's menu."""
        if not self._menu_actions:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self._menu_actions:
            if not self.context.actions.permitted(action):
                continue
            entry = menu.addAction(words(action.text))
            if action.icon:
                entry.setIcon(theme().icon(action.icon))
            entry.setEnabled(action.is_enabled())
            entry.setToolTip(tooltip_text(action))
            entry.triggered.connect(lambda _checked=False, action_id=action.id: self.context.actions.run(action_id))
        menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))

    def _on_escape(self) -> None:
        self.panel.close_panel()

    def _show_body(self) -> None:
        shown = self._empty or self._body
        if shown is not None:
            self._stack.setCurrentWidget(shown)

    def _retranslate_menu(self) -> None:
        self._more.retranslate()
