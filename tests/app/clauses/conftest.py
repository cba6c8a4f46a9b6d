"""The clause library at a desk."""

import pytest

from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from tests.app.clauses.library_desk import LibraryDesk
from tests.app.sale_desk import SaleDesk
from tests.factories.records import Records


@pytest.fixture
def library(dispatcher: Dispatcher, records: Records, clock: FixedClock) -> LibraryDesk:
    """Who writes, who approves, who sells."""
    return LibraryDesk(SaleDesk(dispatcher, records, clock))
