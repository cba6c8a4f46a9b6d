"""A service advisor's day in a branch with two general bays and one for bodywork."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from app.kernel.clock import BRANCH_TIME
from app.kernel.permissions import Actor
from db.models.customers import Customer, CustomerVehicle
from tests.factories.records import Records
from ui.kit.context import PageContext
from ui.workshop.day_page import DayPage


@pytest.fixture
def actor(advisor: Actor) -> Actor:
    """刘洋 at the workshop counter."""
    return advisor


@pytest.fixture
def at() -> Callable[..., datetime]:
    """A time on the test's day in the branch: `at(14, 30)`; noon is now."""
    return lambda hour, minute=0, day=22: datetime(2026, 11, day, hour, minute, tzinfo=BRANCH_TIME).astimezone(UTC)


@pytest.fixture
def customer(records: Records) -> Customer:
    """张伟."""
    return records.customer()


@pytest.fixture
def vehicle(records: Records, customer: Customer) -> CustomerVehicle:
    """Her car."""
    return records.customer_vehicle(customer, plate="沪A12345")


@pytest.fixture
def open_page(context: PageContext, show: Callable[..., Any], settle: Callable[[], None]) -> Callable[..., DayPage]:
    """Opens the page with parameters, and waits until the day is there."""

    def opened(**params: Any) -> DayPage:
        page = show(DayPage(context))
        context.operations.changes_published.connect(page.on_changes)  # as the window does
        page.activate(params)
        settle()
        return page

    return opened
