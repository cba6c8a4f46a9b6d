"""Customers on the real database, and the page that shows them."""

from collections.abc import Callable
from typing import Any

import pytest

from app.kernel.chinese_names import name_pinyin
from db.models.customers import Customer
from tests.factories.records import Records
from ui.customers.customers_page import CustomersPage
from ui.kit.context import PageContext

PEOPLE = ("王伟", "李娜", "张敏", "刘洋", "陈静", "王建国")


@pytest.fixture
def people(records: Records) -> list[Customer]:
    """Six people with phones of their own, found by name and pinyin."""
    made = []
    for name in PEOPLE:
        pinyin = name_pinyin(name, person=True)
        made.append(
            records.customer(name=name, name_initials=pinyin.initials, name_pinyin=pinyin.full, identity_number="")
        )
    return made


@pytest.fixture
def page(
    context: PageContext, people: list[Customer], show: Callable[..., Any], settle: Callable[[], None]
) -> CustomersPage:
    """The page, opened, its first rows there."""
    made = show(CustomersPage(context), 1072, 740)
    context.actions.set_scope(made.scope)
    made.activate({})
    settle()
    return made
