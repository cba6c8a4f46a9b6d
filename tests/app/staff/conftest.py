"""Cheap hashes for the tests of signing in: what is tested is the counting, not the price."""

import pytest

from app.staff import passwords


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.HashingCost(passes=1, memory_kib=64, lanes=1))
