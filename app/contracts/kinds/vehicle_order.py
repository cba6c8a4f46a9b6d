"""The order form (车辆订购单): what the customer orders before the sales contract is made."""

from collections.abc import Mapping
from typing import Any

from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.about_orders import DEPOSIT_NAMES, OF_ORDER_CONDITIONS, order_body, order_values, require_order
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.facts import DocumentFacts
from app.documents.paper_data import DepositKind, Words
from app.kernel.permissions import Permission

KIND = declare.DocumentKind(
    code="vehicle_order",
    title=Words("车辆订购单", "Vehicle Order Form"),
    purpose=Words(
        "客户订购车辆的凭据；在订立买卖合同之前说明车辆、价格与期限。",
        "What the customer orders, at which price and until when, before the sales contract is made.",
    ),
    about=(declare.Subject.ORDER,),
    conditions=declare.COMMON_CONDITIONS | OF_ORDER_CONDITIONS
    | {"earnest_money", "advance", "no_deposit", "delivery_agreed", "wishes"},
    placeholders=declare.COMMON | declare.VEHICLE | declare.OF_ORDER | declare.OF_PLAN | declare.placeholders(
        contract_by=("最迟签约日", "Last day for the contract", "2026年11月30日", "30 November 2026"),
        delivery_on=("预计交付日", "Expected day of delivery", "2026年12月1日", "1 December 2026"),
        deposit=("已收定金或订金", "Earnest money or advance received", "¥20,000.00", "¥20,000.00"),
        deposit_capitals=("已收款项大写", "The same in capitals", "贰万元整", "贰万元整"),
        deposit_limit=("定金上限", "Most that counts as earnest money", "¥39,960.00", "¥39,960.00"),
        wishes=("客户特别要求", "The customer's wishes", "加装行车记录仪", "加装行车记录仪"),
    ),
    entries=(
        declare.day("contract_by", "最迟签约日", "Contract to be signed by", not_past=True),
        declare.text("wishes", "客户特别要求", "The customer's wishes", required=False),
    ),
    roles=declare.CUSTOMER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="VO",
    retention=declare.RetentionClass.SALE,
)  # fmt: skip


def compose(facts: DocumentFacts, entries: Mapping[str, Any]) -> Body:
    """The order form of an order."""
    order = require_order(facts)
    deposit = order.deposit
    limited = deposit is not None and deposit.kind is DepositKind.EARNEST_MONEY
    received = deposit.amount if deposit else None
    pairs: list[on_paper.Pair] = [
        (Words("合同价款", "Contract price"), on_paper.money(order.contract_price)),
        (Words("最迟签约日", "Contract by"), on_paper.day(entries["contract_by"])),
        (Words("预计交付日", "Expected delivery"), on_paper.day(order.delivery_on)),
    ]
    if deposit is not None:
        pairs.append((DEPOSIT_NAMES[deposit.kind], on_paper.money(deposit.amount)))
    pairs += on_paper.account(facts.house)
    blocks: list[on_paper.Block] = [
        on_paper.VehicleBlock(title=Words("所订车辆", "Vehicle ordered"), vehicle=order.vehicle),
        on_paper.PriceBlock(title=Words("落地总价", "On-road total"), lines=order.lines, total=order.total),
        on_paper.PairsBlock(title=Words("订购约定", "What is agreed"), pairs=tuple(pairs)),
    ]
    if order.plan is not None:
        blocks.append(on_paper.PlanBlock(title=Words("拟贷款方案", "Loan intended"), plan=order.plan))
    if entries["wishes"]:
        blocks.append(
            on_paper.StatementBlock(
                title=Words("客户特别要求", "The customer's wishes"), text=on_paper.same(entries["wishes"])
            )
        )
    holding = {
        deposit.kind.value if deposit else "no_deposit",
        *(["delivery_agreed"] if order.delivery_on else []),
        *(["wishes"] if entries["wishes"] else []),
    }
    values = order_values(order) | on_paper.plan_values(order.plan) | {
        "contract_by": on_paper.day(entries["contract_by"]),
        "delivery_on": on_paper.day(order.delivery_on),
        "deposit": on_paper.money(received),
        "deposit_capitals": on_paper.capitals(received),
        "deposit_limit": on_paper.money(order.earnest_limit if limited else None),
        "wishes": on_paper.same(entries["wishes"]),
    }  # fmt: skip
    return order_body(order, blocks, values, holding)
