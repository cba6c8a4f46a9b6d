"""A centre with a log, and a desk at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.server.store import Store
from tests.sync.desks import Desk
from tests.sync.lease_desks import Centre


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}", pool=2)
    store.ensure_schema()
    made = Centre(store)
    yield made
    made.close()


@pytest.fixture
def desk(centre: Centre, database_template: Path, tmp_path: Path) -> Desk:
    return centre.desk(database_template, tmp_path, "D01")
