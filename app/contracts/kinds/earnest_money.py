"""The earnest money agreement (定金协议), Civil Code 586 to 588."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.about_orders import OF_ORDER_CONDITIONS, order_body, order_values, require_order
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.errors import DaysOutOfOrder, EarnestMoneyTooHigh
from app.contracts.kinds.facts import DocumentFacts
from app.documents.paper_data import Words
from app.documents.wording import branch_date
from app.kernel.money import format_money
from app.kernel.permissions import Permission
from app.runtime.language import tr_noop

KIND = declare.DocumentKind(
    code="earnest_money",
    title=Words("定金协议", "Earnest Money Agreement"),
    purpose=Words(
        "为订立车辆买卖合同交付定金的约定，适用定金罚则。",
        "Earnest money given so that the sales contract will be made; the rule of forfeit and double return applies.",
    ),
    about=(declare.Subject.ORDER,),
    conditions=declare.COMMON_CONDITIONS | OF_ORDER_CONDITIONS | {"received", "not_received"},
    placeholders=declare.COMMON | declare.VEHICLE | declare.OF_ORDER | declare.placeholders(
        amount=("定金数额", "Earnest money", "¥20,000.00", "¥20,000.00"),
        amount_capitals=("定金大写", "The same in capitals", "贰万元整", "贰万元整"),
        limit=("定金上限", "Most that counts as earnest money", "¥39,960.00", "¥39,960.00"),
        pay_by=("交付定金日", "Day by which it is paid", "2026年11月24日", "24 November 2026"),
        contract_by=("最迟签约日", "Last day for the contract", "2026年11月30日", "30 November 2026"),
        received=("已收定金", "Earnest money received", "¥20,000.00", "¥20,000.00"),
        received_on=("收款日", "Day it was received", "2026年11月23日", "23 November 2026"),
        receipt_number=("收据编号", "Number of the receipt", "SH01-D02-PM-000045", "SH01-D02-PM-000045"),
    ),
    entries=(
        declare.money("amount", "定金数额", "Earnest money", smallest=1),
        declare.day("pay_by", "最迟交付定金日", "To be paid by"),
        declare.day("contract_by", "最迟签约日", "Contract to be signed by", not_past=True),
    ),
    roles=declare.CUSTOMER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="EM",
    retention=declare.RetentionClass.SALE,
)  # fmt: skip


def suggest(facts: DocumentFacts) -> dict[str, Any]:
    """What was received already."""
    order, today = require_order(facts), branch_date(facts.drafted_at)
    received = order.earnest_received
    days = {"pay_by": today, "contract_by": today + timedelta(days=7)}
    return days | ({"amount": received.amount} if received is not None else {})


def compose(facts: DocumentFacts, entries: Mapping[str, Any]) -> Body:
    """The agreement over an amount; what was received of it is said with its receipt."""
    order = require_order(facts)
    amount = entries["amount"]
    if amount > order.earnest_limit:
        raise EarnestMoneyTooHigh(field="amount", limit=format_money(order.earnest_limit))
    if entries["contract_by"] < entries["pay_by"]:
        raise DaysOutOfOrder(field="contract_by", earlier=tr_noop("To be paid by"))
    received = order.earnest_received
    pairs: list[on_paper.Pair] = [
        (Words("合同价款", "Contract price"), on_paper.money(order.contract_price)),
        (Words("定金上限（20 %）", "Upper limit (20 %)"), on_paper.money(order.earnest_limit)),
        (Words("最迟交付定金日", "To be paid by"), on_paper.day(entries["pay_by"])),
        (Words("最迟签约日", "Contract by"), on_paper.day(entries["contract_by"])),
    ]
    if received is not None:
        pairs += [
            (Words("已收定金", "Received"), on_paper.money(received.amount)),
            (Words("收款日", "Received on"), on_paper.day(received.received_on)),
            (Words("收据编号", "Receipt no."), on_paper.same(received.receipt_number)),
        ]
    pairs += on_paper.account(facts.house)
    blocks = (
        on_paper.VehicleBlock(title=Words("所订车辆", "Vehicle"), vehicle=order.vehicle),
        on_paper.AmountBlock(
            title=Words("定金", "Earnest money"), label=Words("定金数额", "Earnest money"), amount=amount,
            pairs=tuple(pairs),
        ),
    )  # fmt: skip
    values = order_values(order) | {
        "amount": on_paper.money(amount),
        "amount_capitals": on_paper.capitals(amount),
        "limit": on_paper.money(order.earnest_limit),
        "pay_by": on_paper.day(entries["pay_by"]),
        "contract_by": on_paper.day(entries["contract_by"]),
        "received": on_paper.money(received.amount if received else None),
        "received_on": on_paper.day(received.received_on if received else None),
        "receipt_number": on_paper.same(received.receipt_number if received else ""),
    }
    return order_body(order, blocks, values, {"received" if received else "not_received"})
