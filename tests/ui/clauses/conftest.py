"""The page of the clause library, opened by somebody who may write and approve."""

from collections.abc import Callable
from typing import Any

import pytest

from app.kernel.permissions import Actor
from ui.clauses.clauses_page import ClausesPage
from ui.kit.context import PageContext


@pytest.fixture
def actor(manager: Actor) -> Actor:
    return manager


@pytest.fixture
def page(context: PageContext, show: Callable[..., Any], settle: Callable[[], None]) -> ClausesPage:
    """The page, opened."""
    made = ClausesPage(context)
    context.operations.changes_published.connect(made.on_changes)
    show(made, 1440, 860)
    made.activate({})
    settle()
    return made
