"""The loan intent (贷款意向书): the buyer asks the dealer to bring a loan application to a lender."""

from app.contracts.kind_parts import (
    BUYER_AND_DEALER,
    COMMON,
    COMMON_CONDITIONS,
    OF_ORDER,
    OF_PLAN,
    VEHICLE,
    DocumentKind,
    RetentionClass,
    Subject,
    choice,
    day,
    placeholders,
    text,
)
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

KIND = DocumentKind(
    code="loan_intent",
    title=Words("汽车贷款意向书", "Car Loan Intent"),
    purpose=Words(
        "客户拟申请的车贷方案，及贷款未获批准时的处理；不构成贷款合同。",
        "The loan the customer means to apply for, and what happens if it is refused. It is no loan contract.",
    ),
    about=(Subject.ORDER,),
    conditions=COMMON_CONDITIONS | {"pay_otherwise", "withdraw", "employer"},
    placeholders=COMMON | VEHICLE | OF_ORDER | OF_PLAN | placeholders(
        last_instalment=("末期还款额", "Last instalment", "¥4,462.13", "¥4,462.13"),
        answer_by=("最迟答复日", "Last day for the lender's answer", "2026年12月7日", "7 December 2026"),
        employer=("工作单位", "Employer", "上海示例科技有限公司", "上海示例科技有限公司"),
    ),
    entries=(
        text("lender", "贷款机构", "Lender", limit=120),
        day("answer_by", "最迟答复日", "Lender to answer by", not_past=True),
        choice(
            "if_refused", "贷款未获批准时", "If the loan is refused",
            ("pay_otherwise", "客户改以其他方式付款", "The customer pays by other means"),
            ("withdraw", "客户取消订购并取回已付款项", "The customer withdraws and is paid back"),
        ),
        text("employer", "工作单位", "Employer", required=False, limit=120, personal=True),
    ),
    roles=BUYER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="LI",
    retention=RetentionClass.SALE,
)  # fmt: skip
