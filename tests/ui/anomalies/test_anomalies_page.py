"""The work list as people use it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from app.catalog.commands import ImportSpecifications, SpecificationRecord
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.runtime.language import set_language
from db.models.catalog import Trim
from tests.factories.records import Records
from tests.ui.workplaces import Travels
from ui.anomalies.anomalies_page import AnomaliesPage
from ui.kit.context import PageContext
from ui.kit.operations import Operations

Settle = Callable[[], None]


@pytest.fixture
def actor(manager: Actor) -> Actor:
    """Whoever looks after the catalogue."""
    return manager


@pytest.fixture
def wrong(records: Records) -> list[Trim]:
    """Two trims that cannot be, and a vehicle without a colour."""
    made = [records.trim(name_en=f"Trim {n}", parameters={"length": 4000, "wheelbase": 4200 + n}) for n in range(2)]
    records.unit(made[0], exterior_colour="", engine_number="E1", list_price=Decimal("150000.00"))
    return made


@pytest.fixture
def page(
    context: PageContext, wrong: list[Trim], show: Callable[..., Any], settle: Settle, operations: Operations
) -> AnomaliesPage:
    made: AnomaliesPage = show(AnomaliesPage(context))
    context.actions.set_scope(made.scope)
    operations.changes_published.connect(made.on_changes)
    made.activate({})
    settle()
    return made


def said(page: AnomaliesPage) -> str:
    return " ".join(label.text() for label in page.panel.findChildren(QLabel))


def test_lists_explains_and_leads_on(page: AnomaliesPage, settle: Settle, navigator: Travels) -> None:
    assert page.model.rowCount() == 3 and "3 findings" in page.describe()
    page.table.selectRow(0)
    settle()
    assert "wheelbase of 4,20" in said(page) and "Cannot be" in said(page)
    page.table.open_current()
    assert navigator.went[-1][0] == "catalogue"


def test_dismissed_with_a_reason_and_back_after_a_change(
    page: AnomaliesPage, settle: Settle, context: PageContext, dispatcher: Dispatcher, actor: Actor, wrong: list[Trim]
) -> None:
    page.table.selectRow(0)
    settle()
    page.table.selectAll()
    settle()
    assert context.actions.run("anomalies.dismiss")
    question = page.question
    assert question is not None
    question.submit()
    assert page.model.rowCount() == 3, "without a reason nothing is dismissed"
    question.form.set_values({"reason": "On show only"})
    question.submit()
    settle()
    assert page.model.rowCount() == 0
    page.filters.set_values({"standing": "dismissed"}, silently=False)
    settle()
    assert page.model.rowCount() == 3
    page.table.selectRow(0)
    settle()
    assert "On show only" in said(page) and actor.name in said(page)
    assert context.actions.run("anomalies.restore")
    settle()
    assert page.model.rowCount() == 2
    page.filters.set_values({}, silently=False)
    settle()
    assert page.model.rowCount() == 1


def test_speaks_chinese_after_a_switch(page: AnomaliesPage, settle: Settle) -> None:
    page.table.selectRow(0)
    settle()
    set_language("zh_CN")
    page.retranslate()
    assert "不可能" in said(page) and "轴距" in said(page)


def test_a_mended_trim_leaves_the_list(
    page: AnomaliesPage, settle: Settle, operations: Operations, wrong: list[Trim]
) -> None:
    mended = SpecificationRecord(
        make_zh="大众", series_zh="朗逸", year=2026, trim_zh=wrong[1].name_zh, parameters={"wheelbase": 2500}
    )
    operations.run_command(page, ImportSpecifications(records=(mended,), source="x"))
    settle()
    assert page.model.rowCount() < 3
