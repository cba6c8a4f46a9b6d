"""The receipt for money received (收款收据), sealed by the dealer alone."""

from app.contracts.kind_parts import (
    COMMON,
    COMMON_CONDITIONS,
    DEALER_ONLY,
    DocumentKind,
    RetentionClass,
    Subject,
    placeholders,
    text,
)
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

KIND = DocumentKind(
    code="receipt",
    title=Words("收款收据", "Receipt"),
    purpose=Words("收到一笔款项的凭据，写明款项性质。", "That one payment was received, and what it is in law."),
    about=(Subject.PAYMENT,),
    conditions=COMMON_CONDITIONS
    | {"earnest_money", "advance", "price", "collected", "insurance", "outstanding", "paid", "paid_by_other"},
    placeholders=COMMON | placeholders(
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
    entries=(text("payer", "代付人（非客户本人付款时填写）", "Payer, where it is not the customer", required=False,
                  limit=120, personal=True),),
    roles=DEALER_ONLY,
    permission=Permission.PAYMENTS_RECEIVE,
    number_kind="RV",
    retention=RetentionClass.MONEY,
)  # fmt: skip
