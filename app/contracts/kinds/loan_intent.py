"""The loan intent (贷款意向书): the buyer asks the dealer to bring a loan application to a lender."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.about_orders import OF_ORDER_CONDITIONS, order_body, order_values, require_order
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.errors import LoanPlanMissing
from app.contracts.kinds.facts import DocumentFacts
from app.documents.paper_data import Words
from app.documents.wording import branch_date
from app.kernel.permissions import Permission

KIND = declare.DocumentKind(
    code="loan_intent",
    title=Words("汽车贷款意向书", "Car Loan Intent"),
    purpose=Words(
        "客户拟申请的车贷方案，及贷款未获批准时的处理；不构成贷款合同。",
        "The loan the customer means to apply for, and what happens if it is refused. It is no loan contract.",
    ),
    about=(declare.Subject.ORDER,),
    conditions=declare.COMMON_CONDITIONS | OF_ORDER_CONDITIONS | {"pay_otherwise", "withdraw", "employer"},
    placeholders=declare.COMMON | declare.VEHICLE | declare.OF_ORDER | declare.OF_PLAN | declare.placeholders(
        last_instalment=("末期还款额", "Last instalment", "¥4,462.13", "¥4,462.13"),
        answer_by=("最迟答复日", "Last day for the lender's answer", "2026年12月7日", "7 December 2026"),
        employer=("工作单位", "Employer", "上海示例科技有限公司", "上海示例科技有限公司"),
    ),
    entries=(
        declare.text("lender", "贷款机构", "Lender", limit=120),
        declare.day("answer_by", "最迟答复日", "Lender to answer by", not_past=True),
        declare.choice(
            "if_refused", "贷款未获批准时", "If the loan is refused",
            ("pay_otherwise", "客户改以其他方式付款", "The customer pays by other means"),
            ("withdraw", "客户取消订购并取回已付款项", "The customer withdraws and is paid back"),
        ),
        declare.text("employer", "工作单位", "Employer", required=False, limit=120, personal=True),
    ),
    roles=declare.BUYER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="LI",
    retention=declare.RetentionClass.SALE,
)  # fmt: skip

_IF_REFUSED = next(entry.choices for entry in KIND.entries if entry.name == "if_refused")


def suggest(facts: DocumentFacts) -> dict[str, Any]:
    """The lender of the offered plan."""
    plan = require_order(facts).plan
    return {"lender": plan.lender if plan else "", "answer_by": branch_date(facts.drafted_at) + timedelta(days=14)}


def compose(facts: DocumentFacts, entries: Mapping[str, Any]) -> Body:
    """The plan of the order, brought to the lender that was entered; raises LoanPlanMissing (field `order_id`)."""
    order = require_order(facts)
    if order.plan is None:
        raise LoanPlanMissing(field="order_id")
    plan = replace(order.plan, lender=entries["lender"])
    refused = next(answer.label for answer in _IF_REFUSED if answer.code == entries["if_refused"])
    pairs = (
        (Words("最迟答复日", "Answer by"), on_paper.day(entries["answer_by"])),
        (Words("贷款未获批准时", "If refused"), refused),
        (Words("工作单位", "Employer"), on_paper.same(entries["employer"])),
    )
    blocks = (
        on_paper.VehicleBlock(title=Words("所购车辆", "Vehicle"), vehicle=order.vehicle),
        on_paper.PriceBlock(title=Words("落地总价", "On-road total"), lines=order.lines, total=order.total),
        on_paper.PlanBlock(title=Words("拟申请的贷款", "Loan to be applied for"), plan=plan),
        on_paper.PairsBlock(title=Words("申请约定", "About the application"), pairs=pairs, across=3),
    )
    values = order_values(order) | on_paper.plan_values(plan) | {
        "last_instalment": on_paper.money(plan.last_instalment),
        "answer_by": on_paper.day(entries["answer_by"]),
        "employer": on_paper.same(entries["employer"]),
    }  # fmt: skip
    holding = {entries["if_refused"], *(["employer"] if entries["employer"] else [])}
    return order_body(order, blocks, values, holding)
