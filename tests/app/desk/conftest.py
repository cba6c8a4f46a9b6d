"""A profile as the backups find it."""

from pathlib import Path

import pytest

from app.runtime.device_secrets import store_device_secret
from app.runtime.paths import Profile
from tests.factories.databases import KEY


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """A profile with key slots and a sealed secret; the test's database stands for the one in it."""
    made = Profile(tmp_path / "profile").prepare()
    made.key_slots_path.write_text('{"wrapped": "key"}', encoding="utf-8")
    store_device_secret(made, KEY, name="service-credentials", value="who we are")
    return made
