"""Which pages there are, and how people travel between them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.page import Page
from ui.kit.text import Words, words

HISTORY = 50


class Group(StrEnum):
    """Headings of the navigation, in their order."""

    SALES = tr_noop("Sales")
    STOCK = tr_noop("Stock")
    SERVICE = tr_noop("Service")
    OFFICE = tr_noop("Office")
    DESK = tr_noop("Desk")


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page as the window knows it; `factory(context)` is called when it is opened first, and imports there."""

    key: str
    title: Words
    icon: str
    factory: Callable[[PageContext], Page]
    permission: Permission | None = None
    group: Group = Group.SALES
    in_navigation: bool = True
    under: str = ""
    """The page whose place in the navigation is marked while this one is in front, for pages reached by its tabs."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page with what it was opened with."""

    key: str
    params: Mapping[str, Any]


class PageHost(QStackedWidget):
    """Makes pages when they are first opened, keeps them, and goes back. It is the context's `Navigator`."""

    page_changed = Signal(str)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.specs: dict[str, PageSpec] = {}
        self._pages: dict[str, Page] = {}
        self._visits: list[Visit] = []
        self._context: PageContext | None = None

    def register(self, spec: PageSpec) -> None:
        """Add a page. Raises ValueError for a key used twice."""
        if spec.key in self.specs:
            raise ValueError(f"page {spec.key!r} is registered twice")
        self.specs[spec.key] = spec

    def use_context(self, context: PageContext) -> None:
        """What pages are made with."""
        self._context = context

    @property
    def current_key(self) -> str:
        """The key of the page in front; empty before the first."""
        return self._visits[-1].key if self._visits else ""

    @property
    def current_page(self) -> Page | None:
        """The page in front."""
        return self._pages.get(self.current_key)

    @property
    def can_go_back(self) -> bool:
        """Whether there is a page before this one."""
        return len(self._visits) > 1

    def permitted(self) -> list[PageSpec]:
        """The pages the person signed in may open: group by group, then in the order they were registered."""
        context = self._context
        if context is None:
            return []
        order = list(Group)
        return sorted(
            (spec for spec in self.specs.values() if context.may(spec.permission)),
            key=lambda spec: order.index(spec.group),
        )

    def page(self, key: str) -> Page | None:
        """A page that was opened before."""
        return self._pages.get(key)

    def open(self, page_key: str, /, **params: Any) -> None:
        """Open a page; says so in a notification where it does not exist or is not allowed."""
        context = self._context
        spec = self.specs.get(page_key)
        if context is None:
            raise RuntimeError("the page host has no context yet")
        if spec is None:
            context.notifications.show(tr_noop("This page is not part of this installation."), tone="warn")
            return
        if not context.may(spec.permission):
            title = spec.title
            context.notifications.show(
                lambda: tr("Your role cannot open {page}. Switch user, or ask a manager.", page=words(title)),
                tone="warn",
            )
            return
        self._visits = [*self._visits[-HISTORY + 1 :], Visit(page_key, params)]
        self._show(self._visits[-1])

    def back(self) -> None:
        """Return to the page before."""
        if self.can_go_back:
            self._visits.pop()
            self._show(self._visits[-1])

    def close_all(self) -> None:
        """Forget all pages: another person takes the desk."""
        page = self.current_page
        if page is not None:
            page.deactivate()
        for key in list(self._pages):
            closing = self._pages.pop(key)
            self.removeWidget(closing)
            if self._context is not None:
                self._context.actions.remove_scope(closing.scope)
            closing.close_page()
        self._visits = []

    def publish(self, changes: Changes, initiator: object) -> None:
        """Tell every page that is open, in front or not."""
        for page in list(self._pages.values()):
            page.on_changes(changes, initiator)

    def _show(self, visit: Visit) -> None:
        before = self.currentWidget()
        page = self._made(visit.key)
        if before is not page and isinstance(before, Page):
            before.deactivate()
        self.setCurrentWidget(page)
        assert self._context is not None
        self._context.actions.set_scope(page.scope)
        page.activate(visit.params)
        self.page_changed.emit(visit.key)

    def _made(self, key: str) -> Page:
        page = self._pages.get(key)
        if page is None:
            assert self._context is not None
            page = self.specs[key].factory(self._context)
            self._pages[key] = page
            self.addWidget(page)
        return page
