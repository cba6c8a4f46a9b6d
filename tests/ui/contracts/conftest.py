"""The page of contracts at a desk that sells."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot

from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from tests.app.sale_desk import SaleDesk
from tests.factories.records import Records
from tests.ui.record_pages import Driver, Settle, Show, open_page
from ui.contracts.contracts_page import ContractsPage
from ui.kit.context import PageContext


@pytest.fixture(scope="session")
def held_keys() -> HeldKeys:
    """The keys of the test dealer, made once."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    return HeldKeys.create(organisation="上海测试店汽车销售有限公司", branch="SH01", now=begin)


@pytest.fixture
def desk(dispatcher: Dispatcher, records: Records, clock: FixedClock, held_keys: HeldKeys) -> Iterator[SaleDesk]:
    """王芳's desk, with keys to sign; what it does is not published to pages."""
    use_signing_keys(held_keys)
    yield SaleDesk(dispatcher, records, clock)
    use_signing_keys(None)


@pytest.fixture
def actor(request: pytest.FixtureRequest, actor_with: Callable[[Role], Actor]) -> Actor:
    """The salesperson, or the role named by `parametrize("actor", [...], indirect=True)`."""
    return actor_with(getattr(request, "param", Role.SALESPERSON))


@pytest.fixture
def open_contracts(context: PageContext, show: Show, settle: Settle, qtbot: QtBot) -> Callable[..., Driver]:
    """Opens the page: `open_contracts(contract_id=…)`."""

    def opened(**params: object) -> Driver:
        return open_page(ContractsPage(context), context=context, show=show, settle=settle, qtbot=qtbot, **params)

    return opened
