"""The hand-over sheet (交车确认单)."""

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
    lines,
    placeholders,
    text,
    whole_number,
)
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

KIND = DocumentKind(
    code="delivery_note",
    title=Words("交车确认单", "Delivery Note"),
    purpose=Words(
        "车辆、随车文件与物品交付的确认，及当面发现的瑕疵。",
        "That vehicle, papers and things were handed over, and the defects seen at that moment.",
    ),
    about=(Subject.ORDER,),
    conditions=COMMON_CONDITIONS | {"paid", "outstanding", "new_energy", "defects", "no_defects", "contract_signed"},
    placeholders=COMMON | VEHICLE | OF_ORDER | placeholders(
        delivered_on=("交付日", "Day of delivery", "2026年12月1日", "1 December 2026"),
        delivered_at=("交付地点", "Place of delivery", "上海浦东店", "Shanghai Pudong"),
        odometer=("里程表读数", "Odometer", "18 km", "18 km"),
        energy_level=("电量或油量", "Charge or fuel", "80 %", "80 %"),
        keys=("钥匙数量", "Keys", "2", "2"),
        invoice_number=("发票号码", "Number of the invoice", "131002600012", "131002600012"),
        outstanding=("尚欠款项", "Still to pay", "¥0.00", "¥0.00"),
        contract_number=("买卖合同编号", "Number of the sales contract", "SH01-D02-CT-000123", "SH01-D02-CT-000123"),
    ),
    entries=(
        day("delivered_on", "交付日", "Delivered on"),
        whole_number("odometer_km", "里程表读数（km）", "Odometer (km)", largest=2_000_000),
        whole_number("energy_percent", "电量或油量（%）", "Charge or fuel (%)", largest=100),
        whole_number("keys", "钥匙数量", "Keys", smallest=1, largest=9, default="2"),
        text("invoice_number", "机动车销售统一发票号码", "Number of the vehicle invoice", limit=24),
        lines(
            "handed_over", "随车文件与物品", "Papers and things handed over",
            text("thing", "名称", "Thing", limit=60),
            whole_number("count", "数量", "Number", smallest=1, largest=99),
            text("remark", "备注", "Remark", required=False, limit=80),
        ),
        lines(
            "defects", "当面发现的瑕疵及处理", "Defects seen and what is done about them",
            text("part", "部位", "Part", limit=60), text("finding", "瑕疵", "Defect", limit=120),
            text("remedy", "处理", "Remedy", limit=120),
            required=False,
        ),
    ),
    roles=CUSTOMER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="DN",
    retention=RetentionClass.SALE,
)  # fmt: skip
