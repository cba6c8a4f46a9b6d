"""A desk in memory instead of the database: what is tested here is the toolkit, not the dealership."""

import pytest

from tests.ui.workplaces import MemoryWorkplace


@pytest.fixture
def workplace() -> MemoryWorkplace:
    """One note, one salesperson."""
    return MemoryWorkplace()
