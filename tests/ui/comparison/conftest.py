"""Six trims of six kinds on the real database, and the page that compares them."""

from collections.abc import Callable
from typing import Any

import pytest

from app.kernel.permissions import Actor
from db.models.catalog import Trim
from tests.factories.compared import six_trims
from tests.factories.records import Records
from ui.comparison.comparison_page import ComparisonPage
from ui.kit.context import PageContext


@pytest.fixture
def actor(salesperson: Actor) -> Actor:
    """Whoever stands before the customer."""
    return salesperson


@pytest.fixture
def trims(records: Records) -> list[Trim]:
    """Electric, petrol, hybrid, plug-in, range-extended, diesel."""
    return six_trims(records, filled=False)


@pytest.fixture
def page(
    context: PageContext, trims: list[Trim], show: Callable[..., Any], settle: Callable[[], None]
) -> ComparisonPage:
    """The page with all six, told of every change as the window does."""
    made = show(ComparisonPage(context), 1072, 740)
    context.actions.set_scope(made.scope)
    context.operations.changes_published.connect(made.on_changes)
    made.activate({"trim_ids": [trim.id for trim in trims]})
    settle()
    return made
