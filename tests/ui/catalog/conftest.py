"""A small catalogue on the real database, and the page that shows it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from app.kernel.permissions import Actor
from db.models.catalog import Trim
from tests.factories.records import Records
from ui.catalog.catalogue_page import CataloguePage
from ui.kit.context import PageContext


@pytest.fixture
def actor(manager: Actor) -> Actor:
    """Whoever may edit the catalogue."""
    return manager


@pytest.fixture
def trims(records: Records) -> list[Trim]:
    """Two makes; 朗逸 2025 and 2026, 汉 2026 in two trims."""
    volkswagen = records.make()
    lavida = records.series(volkswagen)
    byd = records.make(name_zh="比亚迪", name_en="BYD", name_initials="byd")
    han = records.model_year(records.series(byd, name_zh="汉", name_en="Han", name_initials="h"))
    electric = {"energy": "electric", "in_tax_directory": True}
    return [
        records.trim(records.model_year(lavida, year=2025), parameters={"length": 4670, "airbags": 4}),
        records.trim(records.model_year(lavida, year=2026), parameters={"length": 4720, "airbags": 6}),
        records.trim(
            han, name_zh="旗舰版", name_en="Flagship", guide_price=Decimal("260000.00"), **electric,
            parameters={"length": 4995, "electric_range": 605, "motor_power": 380, "airbags": 11, "sunroof": "single"},
        ),
        records.trim(
            han, name_zh="豪华版", name_en="Luxury", guide_price=Decimal("210000.00"), **electric,
            parameters={"length": 4995, "electric_range": 506, "motor_power": 180, "airbags": 11},
        ),
    ]  # fmt: skip


@pytest.fixture
def page(
    context: PageContext, trims: list[Trim], show: Callable[..., Any], settle: Callable[[], None]
) -> CataloguePage:
    """The page, opened, the makes there, told of every change as the window does."""
    made = show(CataloguePage(context), 1072, 740)
    context.actions.set_scope(made.scope)
    context.operations.changes_published.connect(made.on_changes)
    made.activate({})
    settle()
    return made
