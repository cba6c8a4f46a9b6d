"""An order that says otherwise than the contract sealed over it: found, worded, and proposed for the amendment."""

from decimal import Decimal
from typing import Any

import pytest

from app.contracts.drift import differences, proposed_changes
from app.contracts.queries import get_contract
from app.documents.paper_data import Words
from app.runtime.language import CHINESE, ENGLISH
from db.models.contracts import Contract
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder, SalesOrderLine
from tests.app.contracts.test_amendments import amend, lock, postpone, sealed_amendment, sign
from tests.app.sale_desk import SaleDesk

FACTS: dict[str, Any] = {
    "vin": "LSVAA418XTA000001", "exterior": "珍珠白 / Pearl White", "interior": "黑色 / Black", "loan": None,
    "delivery_on": "2026-12-06", "total": "160000.00",
    "lines": [["裸车价", "Vehicle", "150000.00"], ["交强险", "Compulsory insurance", "950.00"],
              ["装饰", "Accessories", "9050.00"]],
}  # fmt: skip


def said(desk: SaleDesk, contract_id: str, language: str = CHINESE) -> list[str]:
    return [one.in_language(language) for one in desk.read(get_contract, contract_id).drift]


def order_of(desk: SaleDesk, contract_id: str) -> SalesOrder:
    return desk.row(SalesOrder, desk.row(Contract, contract_id).order_id)  # type: ignore[no-any-return]


def test_what_follows_from_the_sale_itself_is_no_drift(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    order = order_of(desk, first)
    assert said(desk, first) == []
    desk.pay(order.id, "30000.00", kind="advance")
    desk.change(SalesOrder, order.id, claim_state="confirmed", final_number="SH01-SO-000001")
    desk.change(Customer, order.customer_id, phone="13900000001")
    detail = desk.read(get_contract, first)
    assert detail.drift == () and not detail.needs_amendment


def test_price_items_vehicle_and_day_changed_after_the_seal_are_named(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    order = order_of(desk, first)
    line = desk.rows(SalesOrderLine, order_id=order.id)[0]
    desk.change(SalesOrderLine, line.id, amount=line.amount - 1000)
    desk.change(SalesOrder, order.id, on_road_total=order.on_road_total - 1000)
    desk.change(VehicleUnit, order.vehicle_unit_id, exterior_colour="极夜黑 / Polar Black")
    postpone(desk, first)
    assert said(desk, first) == [
        "外观颜色由珍珠白改为极夜黑",
        f"{line.label_zh}由¥{line.amount:,.2f}改为¥{line.amount - 1000:,.2f}",
        f"合计金额由¥{order.on_road_total:,.2f}改为¥{order.on_road_total - 1000:,.2f}",
        "交车日期由2026年12月6日改为2026年12月20日",
    ]
    assert said(desk, first, ENGLISH)[0] == "exterior from Pearl White to Polar Black"
    assert desk.read(get_contract, first).needs_amendment


def test_another_vehicle_is_named_by_its_number(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    order, other = order_of(desk, first), desk.unit()
    before = desk.row(VehicleUnit, order.vehicle_unit_id).vin
    desk.change(SalesOrder, order.id, vehicle_unit_id=other.id)
    assert said(desk, first) == [f"车辆由{before}改为{other.vin}"]


def test_the_sealed_amendment_ends_it_and_drifts_by_itself(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    postpone(desk, first)
    draft = amend(desk, first)
    assert said(desk, first) and not desk.read(get_contract, first).needs_amendment, "it is about to be amended"
    lock(desk, draft)
    sign(desk, draft)
    desk.do(desk.seal(draft))
    assert said(desk, first) == said(desk, draft) == []
    order = order_of(desk, first)
    desk.change(SalesOrder, order.id, planned_delivery_on=None)
    assert said(desk, draft) == ["交车日期由2026年12月20日改为未定"] and said(desk, first) == []


@pytest.mark.parametrize("kept", [None, {"total": "1.00"}, FACTS | {"total": "much"}, FACTS | {"lines": [["x"]]}])
def test_of_facts_that_were_not_kept_or_cannot_be_read_nothing_is_said(
    desk: SaleDesk, kept: dict[str, Any] | None
) -> None:
    first = desk.sealed_contract()
    desk.change(Contract, first, form_entries=kept)
    postpone(desk, first)
    assert said(desk, first) == []


def test_an_order_that_ended_asks_for_no_amendment(desk: SaleDesk) -> None:
    first = sealed_amendment(desk, desk.sealed_contract())
    desk.change(SalesOrder, order_of(desk, first).id, state="CANCELLED", planned_delivery_on=None)
    assert said(desk, first) == []


@pytest.mark.parametrize(
    ("changed", "zh", "en"),
    [
        ({"lines": FACTS["lines"][:2]}, "取消装饰（¥9,050.00）", "without Accessories (¥9,050.00)"),
        (
            {"lines": [*FACTS["lines"], ["上牌服务", "Registration", "500.00"]]},
            "增加上牌服务（¥500.00）", "with Registration (¥500.00)",
        ),
        (
            {"loan": {"lender": "示例汽车金融", "principal": "100000.00", "months": 36}},
            "付款方式由全款改为示例汽车金融贷款¥100,000.00、36期",
            "payment from payment in full to loan of ¥100,000.00 from 示例汽车金融 in 36 instalments",
        ),
        ({"lines": [FACTS["lines"][1], FACTS["lines"][0], FACTS["lines"][2]]}, None, None),
    ],
)  # fmt: skip
def test_lines_and_loans_are_compared_by_what_they_are(changed: dict[str, Any], zh: str | None, en: str | None) -> None:
    found = list(differences(FACTS, FACTS | changed))
    assert found == ([] if zh is None else [Words(zh, en or "")])


def test_the_proposal_takes_whole_changes_as_far_as_they_fit() -> None:
    changes = [Words(f"第{number}项由甲改为乙", f"item {number} from a to b") for number in range(3)]
    assert proposed_changes(changes, CHINESE, limit=400) == "第0项由甲改为乙；第1项由甲改为乙；第2项由甲改为乙"
    assert proposed_changes(changes, ENGLISH, limit=33) == "item 0 from a to b"
    assert proposed_changes((), CHINESE, limit=400) == ""
    assert Decimal(FACTS["total"]) == sum(Decimal(line[2]) for line in FACTS["lines"])
