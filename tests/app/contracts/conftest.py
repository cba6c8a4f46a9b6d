"""A desk that sells and holds keys to sign with."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from tests.app.sale_desk import SaleDesk
from tests.factories.records import Records


@pytest.fixture(scope="session")
def held_keys() -> HeldKeys:
    """The keys of the test dealer, made once."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    return HeldKeys.create(organisation="上海测试店汽车销售有限公司", branch="SH01", now=begin)


@pytest.fixture
def desk(dispatcher: Dispatcher, records: Records, clock: FixedClock, held_keys: HeldKeys) -> Iterator[SaleDesk]:
    """王芳's desk, with keys."""
    use_signing_keys(held_keys)
    yield SaleDesk(dispatcher, records, clock)
    use_signing_keys(None)
