"""A desk that sells, seals and prints."""

from collections.abc import Iterator

import pytest

from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from tests.app.contracts.conftest import held_keys  # noqa: F401
from tests.app.sale_desk import SaleDesk
from tests.factories.records import Records


@pytest.fixture
def desk(
    dispatcher: Dispatcher, records: Records, clock: FixedClock, held_keys: HeldKeys  # noqa: F811
) -> Iterator[SaleDesk]:
    """王芳's desk, with keys."""
    use_signing_keys(held_keys)
    yield SaleDesk(dispatcher, records, clock)
    use_signing_keys(None)
