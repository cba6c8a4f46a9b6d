"""The page of payments at a desk that sells."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from tests.app.sale_desk import SaleDesk
from tests.factories.records import Records
from tests.ui.record_pages import Driver, Settle, Show, open_page
from ui.kit.context import PageContext
from ui.payments.payments_page import PaymentsPage


@pytest.fixture
def desk(dispatcher: Dispatcher, records: Records, clock: FixedClock) -> SaleDesk:
    """王芳's desk; what it does is not published to pages."""
    return SaleDesk(dispatcher, records, clock)


@pytest.fixture
def actor(request: pytest.FixtureRequest, actor_with: Callable[[Role], Actor]) -> Actor:
    """The cashier, or the role named by `parametrize("actor", [...], indirect=True)`."""
    return actor_with(getattr(request, "param", Role.CASHIER))


@pytest.fixture
def open_payments(context: PageContext, show: Show, settle: Settle, qtbot: QtBot) -> Callable[..., Driver]:
    """Opens the page: `open_payments(payment_id=…)`."""

    def opened(**params: object) -> Driver:
        return open_page(PaymentsPage(context), context=context, show=show, settle=settle, qtbot=qtbot, **params)

    return opened
