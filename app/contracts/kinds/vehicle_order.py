"""The order form (车辆订购单): what the customer orders before the sales contract is made."""

from app.contracts.kind_parts import (
    COMMON,
    COMMON_CONDITIONS,
    CUSTOMER_AND_DEALER,
    OF_ORDER,
    OF_PLAN,
    VEHICLE,
    DocumentKind,
    RetentionClass,
    Subject,
    day,
    placeholders,
    text,
)
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

KIND = DocumentKind(
    code="vehicle_order",
    title=Words("车辆订购单", "Vehicle Order Form"),
    purpose=Words(
        "客户订购车辆的凭据；在订立买卖合同之前说明车辆、价格与期限。",
        "What the customer orders, at which price and until when, before the sales contract is made.",
    ),
    about=(Subject.ORDER,),
    conditions=COMMON_CONDITIONS
    | {"earnest_money", "advance", "no_deposit", "plan", "no_plan", "new_energy", "delivery_agreed", "wishes"},
    placeholders=COMMON | VEHICLE | OF_ORDER | OF_PLAN | placeholders(
        contract_by=("最迟签约日", "Last day for the contract", "2026年11月30日", "30 November 2026"),
        delivery_on=("预计交付日", "Expected day of delivery", "2026年12月1日", "1 December 2026"),
        deposit=("已收定金或订金", "Earnest money or advance received", "¥20,000.00", "¥20,000.00"),
        deposit_capitals=("已收款项大写", "The same in capitals", "贰万元整", "贰万元整"),
        deposit_limit=("定金上限", "Most that counts as earnest money", "¥39,960.00", "¥39,960.00"),
        wishes=("客户特别要求", "The customer's wishes", "加装行车记录仪", "加装行车记录仪"),
    ),
    entries=(
        day("contract_by", "最迟签约日", "Contract to be signed by", not_past=True),
        text("wishes", "客户特别要求", "The customer's wishes", required=False),
    ),
    roles=CUSTOMER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="VO",
    retention=RetentionClass.SALE,
)  # fmt: skip
