"""The page of headquarters on a group in memory."""

from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.kernel.clock import FixedClock
from app.kernel.permissions import Actor, Role
from tests.ui.headquarters.memory_centre import NOW, MemoryCentre
from tests.ui.record_pages import Driver, Settle, Show, open_page
from ui.headquarters.headquarters_page import HeadquartersPage
from ui.kit.context import PageContext


@pytest.fixture
def actor(actor_with: Callable[[Role], Actor]) -> Actor:
    return actor_with(Role.ADMINISTRATOR)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def centre() -> MemoryCentre:
    return MemoryCentre()


@pytest.fixture
def open_headquarters(
    context: PageContext, show: Show, settle: Settle, qtbot: QtBot, centre: MemoryCentre
) -> Callable[..., Driver]:
    def opened(**params: Any) -> Driver:
        page: Any = HeadquartersPage(context, centre)
        return open_page(page, context=context, show=show, settle=settle, qtbot=qtbot, **params)

    return opened
