"""The scene of the page pictures: each list about the centre has something in it, and its pages show it."""

from datetime import UTC, datetime
from pathlib import Path

from app.tour import page_pictures
from app.tour.centre_scene import PicturedSync, status_of
from app.tour.contract_states import STATES, set_up, states_of
from app.tour.guided_sale import main_window
from app.tour.hands import Hands
from app.tour.pictured_headquarters import PicturedHeadquarters
from app.wiring.start import Application
from sync.client.status import SyncState
from tests.journeys import page_walk
from tests.journeys.test_every_page import application, demo_branch, profile_root
from ui.headquarters.headquarters_page import HeadquartersPage
from ui.sync.months_page import MonthsPage
from ui.sync.sync_page import SyncPage

__all__ = ["application", "demo_branch", "profile_root"]


def test_every_list_has_something_to_show(application: Application, hands: Hands) -> None:
    window = main_window(application)
    tell = page_pictures._prepare(application, window)
    status = status_of(application.desk)
    assert status.state is SyncState.AGREED and status.unsent and status.rejected == 2 and status.overridden == 2
    for view in ("", *page_pictures._views("sync")):
        window.pages.open("sync", **({"tab": view} if view else {}))
        page = window.pages.current_page
        assert isinstance(page, SyncPage) and isinstance(page._port, PicturedSync)
        tell()
        if view == "conflicts" and not status.conflicts:
            continue  # a branch as small as this may have no order that could lose its vehicle
        shown = page.tabs[view or page.tab].content
        hands.wait(lambda shown=shown: shown.model.rows, f"{view or 'waiting'} has rows")
    for view in ("branches", *page_pictures._views("headquarters")):
        window.pages.open("headquarters", tab=view)
        headquarters = window.pages.current_page
        assert isinstance(headquarters, HeadquartersPage)
        hands.wait(lambda view=view, page=headquarters: page.tabs[view].content.model.rows, f"{view} has rows")
    window.pages.open("months")
    months = window.pages.current_page
    assert isinstance(months, MonthsPage)
    hands.wait(lambda: months.model.rows, "a month was closed")


def test_the_pictured_headquarters_answer_what_the_page_asks() -> None:
    port = PicturedHeadquarters(datetime(2026, 11, 22, tzinfo=UTC), ["V1", "V2", "V3", "V4"])
    assert {row["branch_id"] for row in port.ask("desks", branch_id="5" * 31 + "0")["rows"]} == {"5" * 31 + "0"}
    assert port.ask("end-lease", vin="V1")["outcomes"] == {}


def test_every_further_state_of_the_pages_about_contracts_is_reached(
    application: Application, hands: Hands, tmp_path: Path
) -> None:
    """Each shows what it is named for, with a name for every control and no word cut."""
    stage = set_up(application, main_window(application), hands, tmp_path)
    wrong, reached = [], []
    for name, shown, shows in states_of(stage, STATES):
        reached.append(name)
        root = stage.page if shown is stage.window else shown
        in_sight = [one for one in (root, *root.findChildren(shows)) if isinstance(one, shows) and one.isVisible()]
        wrong += [] if in_sight else [f"{name}: no {shows.__name__} in sight"]
        wrong += [f"{name}: without a name: {one}" for one in page_walk.unnamed(root)]
        wrong += [f"{name}: cut: {one}" for one in page_walk.cut(root)]
        spoken = page_walk.left_in_chinese(root) if root is stage.page else []  # the customer reads Chinese
        wrong += [f"{name}: Chinese: {one}" for one in spoken]
    assert not wrong, "\n".join(wrong)
    assert len(reached) == sum(map(len, STATES.values()))
