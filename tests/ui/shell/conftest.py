"""The shell over a desk in memory: what is tested here is the window, not the dealership."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.kernel.clock import FixedClock
from app.kernel.permissions import Permission, Role
from tests.ui.demo_page import UnitSource, UnitsPage, units
from tests.ui.workplaces import MemoryDrafts, MemoryStart, MemoryWorkplace, actor_as
from ui.kit.context import PageContext
from ui.kit.errors import ErrorPresenter
from ui.kit.fields import Section, TextField
from ui.kit.form import Form
from ui.kit.operations import Operations
from ui.kit.page import Page
from ui.kit.view_settings import MemoryViewSettings
from ui.shell.main_window import MainWindow
from ui.shell.pages import Group, PageSpec
from ui.shell.ports import SearchHit
from ui.shell.preferences import MemoryPreferences


@pytest.fixture
def workplace() -> MemoryWorkplace:
    """One note, one salesperson."""
    return MemoryWorkplace()


@pytest.fixture
def start_port(workplace: MemoryWorkplace) -> MemoryStart:
    """Six people with one password."""
    return MemoryStart(workplace)


@pytest.fixture
def preferences() -> MemoryPreferences:
    """The desk's settings, in memory."""
    return MemoryPreferences()


@pytest.fixture
def errors() -> ErrorPresenter:
    """The funnel; the window attaches itself."""
    return ErrorPresenter()


class NotePage(Page):
    """A page with a form that keeps a draft."""

    title = "Notes"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.form = Form(context, [Section("", [TextField("text", "Text"), TextField("more", "More")])])
        self.form.keep_draft("note")
        self.set_body(self.form)
        self.visits: list[dict[str, Any]] = []

    def activate(self, params: Any) -> None:
        self.visits.append(dict(params))


def search(_reader: Any, text: str, *, limit: int) -> list[SearchHit]:
    """Finds a vehicle, and an approval only managers may open."""
    hits = [
        SearchHit("Vehicles", f"LDC{text}1", "units", {"select": "00003"}, subtitle="Camry", icon="car"),
        SearchHit("Customers", "王小明", "notes", {"customer_id": "c1"}, icon="user"),
        SearchHit("Approvals", "Quotation 7", "approvals", {}),
    ]
    return hits[:limit]


def unit_by_vin(_reader: Any, vin: str) -> str | None:
    """One unit is in the books."""
    return "u1" if vin == "LSVAA4182T0000001" else None


@pytest.fixture
def make_window(
    operations: Operations,
    errors: ErrorPresenter,
    start_port: MemoryStart,
    preferences: MemoryPreferences,
    drafts: MemoryDrafts,
    clock: FixedClock,
    qtbot: QtBot,
) -> Iterator[Callable[..., MainWindow]]:
    """Makes the window with four pages; started as the salesperson unless told otherwise."""
    source = UnitSource(units(120))

    def make(role: Role = Role.SALESPERSON) -> MainWindow:
        window = MainWindow(
            operations=operations, errors=errors, port=start_port, preferences=preferences, drafts=drafts,
            views=MemoryViewSettings(), clock=clock, search=search, unit_by_vin=unit_by_vin,
            branch_name=lambda: "杭州西湖店",
        )  # fmt: skip
        for spec in (
            PageSpec("sync", "Sync", "refresh-cw", NotePage, group=Group.DESK),
            PageSpec("units", "Vehicles", "car", lambda context: UnitsPage(context, source)),
            PageSpec("notes", "Notes", "file-text", NotePage),
            PageSpec("approvals", "Approvals", "check", NotePage, permission=Permission.QUOTATIONS_APPROVE),
            PageSpec("hidden", "Hidden", "eye-off", NotePage, in_navigation=False),
        ):
            window.register_page(spec)
        qtbot.addWidget(window)
        operations.workplace.actor = actor_as(role)  # type: ignore[misc]
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
        window.start(operations.actor)
        qtbot.waitUntil(lambda: operations.settled())
        QApplication.processEvents()
        return window

    yield make


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    """The window of a salesperson."""
    return make_window()


@pytest.fixture
def later(clock: FixedClock) -> Callable[[float], None]:
    """Moves the clock by minutes."""
    return lambda minutes: clock.advance(timedelta(minutes=minutes))
