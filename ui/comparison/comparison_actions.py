"""What can be done on the page that compares, each with its key."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.kernel.permissions import Permission
from app.runtime.language import tr_noop
from ui.comparison.comparison_views import CHARTS, COSTS, SPECIFICATIONS
from ui.kit.actions import Action
from ui.kit.keys import Key

if TYPE_CHECKING:
    from ui.comparison.comparison_page import ComparisonPage


def comparison_actions(page: "ComparisonPage", *, enabled: Callable[[], bool]) -> tuple[tuple[Action, str], ...]:
    """The actions with their places: a button of the header, the primary one, its menu, or none. `enabled` holds for
    those that need a trim."""
    return (
        (Action("comparison.sheets", tr_noop("Save as XLSX"), page.save_sheets, key="Ctrl+E",
                icon="file-spreadsheet", enabled=enabled), "button"),
        (Action("comparison.customer", tr_noop("Prepared for"), page.questions.ask_customer, key="Ctrl+U",
                icon="user", permission=Permission.CUSTOMERS_VIEW, enabled=enabled), "button"),
        (Action("comparison.print", tr_noop("Print"), page.open_paper, key=Key.PRINT, icon="printer",
                enabled=enabled), "primary"),
        (Action("comparison.clear", tr_noop("Start anew"), page.clear, icon="eraser", enabled=enabled), "menu"),
        (Action("comparison.add", tr_noop("Add a trim"), page.focus_lookup, key=Key.NEW, icon="plus"), ""),
        (Action("comparison.find", tr_noop("Search"), page.focus_lookup, key=Key.FILTER, icon="search"), ""),
        (Action("comparison.specifications", tr_noop("Show specifications"),
                partial(page.show_view, SPECIFICATIONS), key="Ctrl+1", icon="list"), ""),
        (Action("comparison.costs", tr_noop("Show costs"), partial(page.show_view, COSTS), key="Ctrl+2",
                icon="coins"), ""),
        (Action("comparison.charts", tr_noop("Show charts"), partial(page.show_view, CHARTS), key="Ctrl+3",
                icon="chart-column"), ""),
        (Action("comparison.differences", tr_noop("Only what differs"), page.tools.differing.toggle, key="Ctrl+I",
                icon="filter", enabled=enabled), ""),
        (Action("comparison.assumptions", tr_noop("Assumptions"), page.open_assumptions, key=Key.DETAILS,
                icon="sliders-horizontal", enabled=enabled), ""),
        (Action("comparison.axes", tr_noop("Choose axes"), page.open_axes, key="Ctrl+G", icon="sliders-horizontal",
                enabled=enabled), ""),
        (Action("comparison.refresh", tr_noop("Fetch again"), page.fetch, key=Key.REFRESH, icon="refresh-cw"), ""),
    )  # fmt: skip
