"""The agreement by which the parties end a signed sales contract (汽车买卖合同解除协议).

Civil Code 562 to 567 and 586 to 588. What becomes of the money is not filled in but follows from who defaulted, as in
`app.orders.rules.settle_deposits`, so that paper and termination never say different things.
"""

from collections.abc import Mapping
from typing import Any

from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.about_orders import OF_ORDER_CONDITIONS, order_body, order_values, require_order
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.errors import SignedContractMissing
from app.contracts.kinds.facts import DocumentFacts, OrderFacts
from app.documents.paper_data import Words
from app.documents.wording import branch_date
from app.kernel.labels import UNNAMED
from app.kernel.money import ZERO
from app.kernel.permissions import Permission
from app.orders.rules import DefaultingParty, DepositSettlement, EarnestSplit, settle_deposits

_GROUNDS = (
    ("agreement", "双方协商一致", "Both sides agree"),
    ("buyer_breach", "客户违约", "The customer's breach"),
    ("seller_breach", "经销商违约", "The dealer's breach"),
    ("force_majeure", "不可抗力", "Force majeure"),
)
DEFAULTING: Mapping[str, DefaultingParty] = {
    "agreement": DefaultingParty.NOBODY,
    "buyer_breach": DefaultingParty.BUYER,
    "seller_breach": DefaultingParty.DEALER,
    "force_majeure": DefaultingParty.NOBODY,
}
"""Who defaulted, by the ground; the grounds are those of a termination."""

KIND = declare.DocumentKind(
    code="termination_agreement",
    title=Words("汽车买卖合同解除协议", "Agreement to Terminate a Vehicle Sales Contract"),
    purpose=Words(
        "双方解除已签署的汽车买卖合同，并结清定金与其他款项。",
        "The parties end a signed sales contract and settle earnest money and other payments.",
    ),
    about=(declare.Subject.ORDER,),
    conditions=declare.COMMON_CONDITIONS
    | OF_ORDER_CONDITIONS
    | {*DEFAULTING, "money_received", "nothing_received", "returned", "forfeited", "penalty", "further_terms"},
    placeholders=declare.COMMON | declare.VEHICLE | declare.OF_ORDER | declare.placeholders(
        contract_number=("所解除的买卖合同", "The contract that ends", "SH01-D02-CT-000123", "SH01-D02-CT-000123"),
        ended_on=("解除日", "Day on which it ends", "2026年11月30日", "30 November 2026"),
        reason=("解除原因", "Why it ends", "客户工作调动，不再购车", "客户工作调动，不再购车"),
        received=("已收款项合计", "Received altogether", "¥30,000.00", "¥30,000.00"),
        earnest=("其中定金", "Of it earnest money", "¥20,000.00", "¥20,000.00"),
        advance=("其中其他款项", "Of it other payments", "¥10,000.00", "¥10,000.00"),
        returned=("退还金额", "What goes back", "¥30,000.00", "¥30,000.00"),
        returned_capitals=("退还金额大写", "The same in capitals", "叁万元整", "叁万元整"),
        forfeited=("不予返还的定金", "Earnest money that stays", "¥20,000.00", "¥20,000.00"),
        penalty=("另行支付的定金罚额", "Paid on top", "¥20,000.00", "¥20,000.00"),
        paid_within=("退款期限（日）", "Days within which it is paid", "7", "7"),
        other=("其他约定", "What else is agreed", "装潢件由客户自行取回", "装潢件由客户自行取回"),
    ),
    entries=(
        declare.choice("ground", "解除事由", "Ground", *_GROUNDS, default="agreement"),
        declare.day("ended_on", "解除日", "Ends on"),
        declare.text("reason", "解除原因", "Reason"),
        declare.whole_number(
            "paid_within", "退款期限（日）", "Paid back within days", smallest=1, largest=60, default="7"
        ),
        declare.text("other", "其他约定", "What else is agreed", required=False),
    ),
    roles=declare.BUYER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="TA",
    retention=declare.RetentionClass.SALE,
    several_at_once=True,
)  # fmt: skip


def suggest(facts: DocumentFacts) -> dict[str, Any]:
    """Today."""
    return {"ended_on": branch_date(facts.drafted_at)}


def compose(facts: DocumentFacts, entries: Mapping[str, Any]) -> Body:
    """What ends, and what becomes of the money; raises SignedContractMissing (`order_id`)."""
    order = require_order(facts)
    if not order.contract_number:
        raise SignedContractMissing(field="order_id")
    earnest = order.earnest_received.amount if order.earnest_received is not None else ZERO
    settled = settlement(order, entries["ground"])
    ground = next(Words(zh, en) for code, zh, en in _GROUNDS if code == entries["ground"])
    values = order_values(order) | {
        "contract_number": on_paper.same(order.contract_number),
        "ended_on": on_paper.day(entries["ended_on"]),
        "reason": on_paper.same(entries["reason"]),
        "received": on_paper.money(order.received),
        "earnest": on_paper.money(earnest),
        "advance": on_paper.money(order.received - earnest),
        "returned": on_paper.money(settled.returned),
        "returned_capitals": on_paper.capitals(settled.returned),
        "forfeited": on_paper.money(settled.forfeited),
        "penalty": on_paper.money(settled.penalty),
        "paid_within": on_paper.same(entries["paid_within"]),
        "other": on_paper.same(entries["other"]),
    }
    ending = (
        (Words("所解除的合同", "Contract"), values["contract_number"]),
        (Words("解除事由", "Ground"), ground),
        (Words("解除日", "Ends on"), values["ended_on"]),
        (Words("销售顾问", "Salesperson"), on_paper.same(order.salesperson)),
    )
    blocks = (
        on_paper.VehicleBlock(title=Words("合同车辆", "Vehicle"), vehicle=order.vehicle),
        on_paper.PairsBlock(title=Words("合同的解除", "What ends"), pairs=ending),
        _money_table(order, settled),
    )
    holding = {
        entries["ground"],
        "money_received" if order.received else "nothing_received",
        *(name for name in ("returned", "forfeited", "penalty") if getattr(settled, name)),
        *(["further_terms"] if entries["other"] else []),
    }
    return order_body(order, blocks, values, holding)


def settlement(order: OrderFacts, ground: str) -> DepositSettlement:
    """What becomes of everything received, by who defaulted."""
    earnest = order.earnest_received.amount if order.earnest_received is not None else ZERO
    split = EarnestSplit(paid=earnest, cap=order.earnest_limit, source=UNNAMED)
    return settle_deposits(split, advance=order.received - earnest, defaulting=DEFAULTING[ground])


def _money_table(order: OrderFacts, settled: DepositSettlement) -> on_paper.TableBlock:
    rows = [(Words("已收款项", "Received"), on_paper.figure(order.received))]
    if settled.forfeited:
        rows.append((Words("不予返还的定金", "Earnest money that stays"), on_paper.figure(-settled.forfeited)))
    if settled.penalty:
        rows.append((Words("经销商另行支付", "Paid on top by the dealer"), on_paper.figure(settled.penalty)))
    return on_paper.TableBlock(
        title=Words("款项结算", "Settlement"),
        columns=(
            on_paper.TableColumn(Words("项目", "Item"), 80),
            on_paper.TableColumn(Words("金额（元）", "Amount (CNY)"), 20, figures=True),
        ),
        rows=tuple(rows),
        totals=((Words("经销商应付客户", "Due to the customer"), settled.to_customer),),
        capitals=bool(settled.to_customer),
    )
