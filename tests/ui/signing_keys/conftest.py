"""An open desk behind the pages: real secrets in a real profile, an administrator at it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.contracts.keys.held_keys import use_signing_keys
from app.contracts.signers.code_sending import use_code_gateways
from app.kernel.clock import FixedClock
from app.kernel.permissions import Actor
from app.runtime.paths import Profile
from app.wiring.desk import Desk
from app.wiring.signing import give_signing_keys
from tests.app.contracts.test_key_intake import NOW
from tests.factories.databases import KEY


@pytest.fixture
def clock() -> FixedClock:
    """The day on which the bought certificates count."""
    return FixedClock(NOW)


@pytest.fixture
def desk(database_template: Path, tmp_path: Path, administrator: Actor, clock: FixedClock) -> Iterator[Desk]:
    """The desk, and the workplace of its pages."""
    profile = Profile(tmp_path / "profile").prepare()
    shutil.copyfile(database_template, profile.database_path)
    profile.key_slots_path.write_text("{}", encoding="utf-8")
    opened = Desk(profile, clock=clock)
    opened.open(KEY)
    opened.take_seat(administrator)
    give_signing_keys(opened)
    yield opened
    use_signing_keys(None)
    use_code_gateways()
    opened.close()


@pytest.fixture
def workplace(desk: Desk) -> Desk:
    """Commands and queries of the page go to that desk."""
    return desk
