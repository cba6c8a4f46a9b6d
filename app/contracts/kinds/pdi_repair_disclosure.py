"""The disclosure of repairs before the sale (PDI 检修告知书), signed on the customer's own copy."""

from app.contracts.kind_parts import (
    COMMON,
    COMMON_CONDITIONS,
    CUSTOMER_AND_DEALER,
    VEHICLE,
    DocumentKind,
    RetentionClass,
    Subject,
    day,
    lines,
    money,
    placeholders,
    text,
)
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

KIND = DocumentKind(
    code="pdi_repair_disclosure",
    title=Words("新车交付前检修告知书", "Pre-delivery Repair Disclosure"),
    purpose=Words(
        "交付前维修或更换过部件的，逐项告知客户，并由客户在其留存件上签字。",
        "Tells the customer of every repair and part replaced before delivery; signed on the customer's own copy.",
    ),
    about=(Subject.CUSTOMER, Subject.UNIT),
    conditions=COMMON_CONDITIONS | {"safety", "from_inspection", "compensation", "promise"},
    placeholders=COMMON | VEHICLE | placeholders(
        inspected_on=("检查日", "Day of the inspection", "2026年11月20日", "20 November 2026"),
        inspector=("检查人", "Inspector", "赵师傅", "赵师傅"),
        repairs=("检修项数", "Number of repairs", "2", "2"),
        compensation=("补偿金额", "Compensation", "¥2,000.00", "¥2,000.00"),
        compensation_capitals=("补偿金额大写", "The same in capitals", "贰仟元整", "贰仟元整"),
        promise=("附加承诺", "Further promise", "左前门漆面质保延长至 60 个月", "左前门漆面质保延长至 60 个月"),
        told_on=("告知日", "Day of the disclosure", "2026年11月23日", "23 November 2026"),
    ),
    entries=(
        day("told_on", "告知日", "Told on"),
        lines(
            "repairs", "检查记录以外的检修", "Repairs not in the inspection record",
            text("part", "部位", "Part", limit=60), text("finding", "原因", "What was wrong", limit=120),
            text("repair", "检修或更换", "What was done", limit=120), day("repaired_on", "完成日", "Done on"),
            required=False,
        ),
        money("compensation", "补偿金额", "Compensation", required=False),
        text("promise", "附加承诺", "Further promise", required=False),
    ),
    roles=CUSTOMER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="PD",
    retention=RetentionClass.REPAIR,
)  # fmt: skip
