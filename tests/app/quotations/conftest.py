"""A desk that sells."""

import pytest

from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from tests.app.sale_desk import SaleDesk
from tests.factories.records import Records


@pytest.fixture
def desk(dispatcher: Dispatcher, records: Records, clock: FixedClock) -> SaleDesk:
    """王芳's desk with one customer and one trim."""
    return SaleDesk(dispatcher, records, clock)
