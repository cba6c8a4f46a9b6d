"""The earnest money agreement (定金协议), Civil Code 586 to 588."""

from app.contracts.kind_parts import (
    COMMON,
    COMMON_CONDITIONS,
    CUSTOMER_AND_DEALER,
    OF_ORDER,
    VEHICLE,
    DocumentKind,
    RetentionClass,
    Subject,
    day,
    money,
    placeholders,
)
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

KIND = DocumentKind(
    code="earnest_money",
    title=Words("定金协议", "Earnest Money Agreement"),
    purpose=Words(
        "为订立车辆买卖合同交付定金的约定，适用定金罚则。",
        "Earnest money given so that the sales contract will be made; the rule of forfeit and double return applies.",
    ),
    about=(Subject.ORDER,),
    conditions=COMMON_CONDITIONS | {"received", "not_received"},
    placeholders=COMMON | VEHICLE | OF_ORDER | placeholders(
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
        money("amount", "定金数额", "Earnest money", smallest=1),
        day("pay_by", "最迟交付定金日", "To be paid by"),
        day("contract_by", "最迟签约日", "Contract to be signed by", not_past=True),
    ),
    roles=CUSTOMER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="EM",
    retention=RetentionClass.SALE,
)  # fmt: skip
