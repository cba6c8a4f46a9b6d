"""A small stock on the real database, and the page that shows it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.kernel.permissions import Actor
from db.models.inventory import VehicleUnit
from tests.factories.records import Records
from ui.kit.context import PageContext
from ui.vehicles.vehicles_page import VehiclesPage

WHITE, BLUE = "珍珠白 / Pearl White", "极光蓝 / Aurora Blue"


@pytest.fixture
def actor(manager: Actor) -> Actor:
    """Whoever may do everything with stock."""
    return manager


@pytest.fixture
def stock(records: Records) -> list[VehicleUnit]:
    """Two makes: three white petrol cars, two blue electric ones, one of these still on its way."""
    lavida = records.trim()
    byd = records.make(name_zh="比亚迪", name_en="BYD", name_initials="byd")
    han = records.series(byd, name_zh="汉", name_en="Han", name_initials="h")
    electric = records.trim(
        records.model_year(han), name_zh="旗舰版", name_en="Flagship", energy="electric",
        guide_price=Decimal("260000.00"), in_tax_directory=True,
        parameters={"length": 4995, "electric_range": 605, "motor_power": 380, "airbags": 11,
                    "knee_airbags": "standard"},
    )  # fmt: skip
    today = records.today()
    units = [records.unit(lavida, arrived_on=today - timedelta(days=days)) for days in (3, 40, 200)]
    units.append(
        records.unit(electric, exterior_colour=BLUE, list_price=Decimal("255000.00"), location="B-07", pdi_state="PASS")
    )
    units.append(
        records.unit(
            electric, exterior_colour=BLUE, list_price=Decimal("258000.00"), stock_state="IN_TRANSIT",
            arrived_on=today + timedelta(days=5),
        )
    )  # fmt: skip
    return units


@pytest.fixture
def page(
    context: PageContext, stock: list[VehicleUnit], show: Callable[..., Any], settle: Callable[[], None]
) -> VehiclesPage:
    """The page, opened, its first rows and counts there, told of every change as the window does."""
    made = show(VehiclesPage(context), 1072, 740)
    context.actions.set_scope(made.scope)
    context.operations.changes_published.connect(made.on_changes)
    made.activate({})
    settle()
    return made
