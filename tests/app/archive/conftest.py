"""A desk that sells and seals."""

from tests.app.contracts.conftest import desk, held_keys  # noqa: F401
