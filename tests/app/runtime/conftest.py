import logging
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from app.runtime.key_wrapping import Cost
from app.runtime.language import language, set_language
from app.runtime.paths import Profile

# The cheapest Argon2id takes: the tests are about slots, not about the price of a guess.
CHEAP = Cost(passes=1, memory_kib=64, lanes=1)


class MemoryKeyring(KeyringBackend):
    """A keyring that keeps what it is given, for one test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "desk").prepare()


@pytest.fixture
def use_keyring() -> Iterator[object]:
    """A function that puts a keyring backend in use until the test ends."""
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.fixture
def memory_keyring(use_keyring) -> MemoryKeyring:
    backend = MemoryKeyring()
    use_keyring(backend)
    return backend


@pytest.fixture
def no_keyring(use_keyring) -> None:
    from keyring.backends.fail import Keyring

    use_keyring(Keyring())


@pytest.fixture(autouse=True)
def same_language_after() -> Iterator[None]:
    before = language()
    yield
    set_language(before)


@pytest.fixture(autouse=True)
def same_logging_after() -> Iterator[None]:
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)
