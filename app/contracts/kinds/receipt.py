"""The receipt for money received (收款收据), sealed by the dealer alone."""

from collections.abc import Mapping
from typing import Any

from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.errors import SubjectMissing
from app.contracts.kinds.facts import DocumentFacts
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

KIND = declare.DocumentKind(
    code="receipt",
    title=Words("收款收据", "Receipt"),
    purpose=Words("收到一笔款项的凭据，写明款项性质。", "That one payment was received, and what it is in law."),
    about=(declare.Subject.PAYMENT,),
    conditions=declare.COMMON_CONDITIONS
    | {"earnest_money", "advance", "price", "collected", "insurance", "outstanding", "paid", "paid_by_other"},
    placeholders=declare.COMMON | declare.placeholders(
        amount=("收款金额", "Amount", "¥20,000.00", "¥20,000.00"),
        amount_capitals=("金额大写", "Amount in capitals", "贰万元整", "贰万元整"),
        purpose=("款项性质", "What it is for", "定金", "Earnest money (定金)"),
        method=("收款方式", "Method", "银行转账", "Bank transfer"),
        received_at=("收款时间", "Received at", "2026年11月23日 15:42", "23 November 2026 15:42"),
        payer=("付款人", "Paid by", "陈思远", "陈思远"),
        payment_number=("收款单号", "Number of the payment", "SH01-D02-PM-000045", "SH01-D02-PM-000045"),
        order_number=("订单编号", "Number of the order", "SH01-D02-SO-000088", "SH01-D02-SO-000088"),
        outstanding=("尚欠款项", "Still to pay", "¥199,900.50", "¥199,900.50"),
    ),
    entries=(
        declare.text(
            "payer", "代付人（非客户本人付款时填写）", "Payer, where it is not the customer", required=False, limit=120,
            personal=True,
        ),
    ),
    roles=declare.DEALER_ONLY,
    permission=Permission.PAYMENTS_RECEIVE,
    number_kind="RV",
    retention=declare.RetentionClass.MONEY,
)  # fmt: skip


def compose(facts: DocumentFacts, entries: Mapping[str, Any]) -> Body:
    """The receipt for one payment; raises SubjectMissing (field `payment_id`)."""
    payment = facts.payment
    if payment is None:
        raise SubjectMissing(field="payment_id", subject=declare.Subject.PAYMENT.label)
    payer = entries["payer"] or facts.customer.name
    values = {
        "amount": on_paper.money(payment.amount),
        "amount_capitals": on_paper.capitals(payment.amount),
        "purpose": payment.purpose,
        "method": payment.method,
        "received_at": on_paper.moment(payment.received_at),
        "payer": on_paper.same(payer),
        "payment_number": on_paper.same(payment.number),
        "order_number": on_paper.same(payment.order_number),
        "outstanding": on_paper.money(payment.outstanding),
    }
    pairs: list[on_paper.Pair] = [
        (Words("付款人", "Paid by"), values["payer"]),
        (Words("收款方式", "Method"), payment.method),
        (Words("流水号", "Reference"), on_paper.same(payment.reference)),
        (Words("收款时间", "Received at"), values["received_at"]),
        (Words("收款人", "Taken by"), on_paper.same(facts.handled_by)),
        (Words("落地总价", "On-road total"), on_paper.money(payment.order_total)),
        (Words("尚欠款项", "Still to pay"), values["outstanding"]),
    ]
    if payment.vehicle is not None:
        pairs.append((Words("车辆识别代号", "VIN"), on_paper.same(payment.vehicle.vin)))
    owed = payment.outstanding is not None and payment.outstanding > 0
    holding = {payment.nature, "outstanding" if owed else "paid", *(["paid_by_other"] if entries["payer"] else [])}
    references = [(Words("收款单", "Payment"), values["payment_number"])]
    if payment.order_number:
        references.append((Words("订单", "Order"), values["order_number"]))
    return on_paper.Body(
        blocks=(
            on_paper.AmountBlock(
                title=Words("今收到", "Received with thanks"), label=payment.purpose, amount=payment.amount,
                pairs=tuple(pairs),
            ),
        ),
        values=values,
        conditions=frozenset(holding),
        references=tuple(references),
        keywords=(payment.number, payment.order_number),
    )  # fmt: skip
