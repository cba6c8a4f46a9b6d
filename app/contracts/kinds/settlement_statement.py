"""The settlement of a repair (维修结算单)."""

from app.contracts.kind_parts import (
    COMMON,
    COMMON_CONDITIONS,
    CUSTOMER_AND_DEALER,
    OF_CUSTOMER_VEHICLE,
    DocumentKind,
    EntryForm,
    RetentionClass,
    Subject,
    choice,
    day,
    lines,
    money,
    placeholders,
    text,
    whole_number,
)
from app.contracts.kinds.repair_authorisation import PAYERS
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

KIND = DocumentKind(
    code="settlement_statement",
    title=Words("车辆维修结算单", "Repair Settlement Statement"),
    purpose=Words(
        "维修完工后的工时、配件与费用，及维修质量保证期。",
        "Labour, parts and money of a finished repair, and how long the work is guaranteed.",
    ),
    about=(Subject.CUSTOMER_VEHICLE,),
    conditions=COMMON_CONDITIONS
    | {"assembly_repair", "second_grade", "minor_repair", "discount", "warranty_work", "insurer_work", "parts",
       "authorised"},
    placeholders=COMMON | OF_CUSTOMER_VEHICLE | placeholders(
        received_on=("进厂日", "Brought in on", "2026年11月23日", "23 November 2026"),
        completed_on=("完工日", "Completed on", "2026年11月25日", "25 November 2026"),
        labour=("工时费", "Labour", "¥1,200.00", "¥1,200.00"),
        parts=("配件费", "Parts", "¥1,180.00", "¥1,180.00"),
        discount=("优惠", "Discount", "¥80.00", "¥80.00"),
        total=("费用合计", "Total", "¥2,300.00", "¥2,300.00"),
        due=("客户应付", "Due from the customer", "¥1,200.00", "¥1,200.00"),
        due_capitals=("客户应付大写", "The same in capitals", "壹仟贰佰元整", "壹仟贰佰元整"),
        authorisation_number=("委托书编号", "Number of the authorisation", "SH01-D02-RA-000012", "SH01-D02-RA-000012"),
        next_service=("下次保养", "Next service", "2027年5月25日或 48,500 km", "25 May 2027 or 48,500 km"),
    ),
    entries=(
        text("vehicle", "车辆名称", "Vehicle", limit=120),
        text("plate", "号牌号码", "Plate", form=EntryForm.PLATE, limit=12, personal=True),
        text("vin", "车辆识别代号", "VIN", form=EntryForm.VIN, limit=40),
        whole_number("odometer_km", "出厂里程（km）", "Odometer (km)", largest=2_000_000),
        day("received_on", "进厂日", "Brought in on"),
        day("completed_on", "完工日", "Completed on"),
        lines(
            "jobs", "维修项目", "Labour",
            text("job", "项目", "Work", limit=120), money("price", "工时费", "Labour"),
            choice("payer", "付款方", "Paid by", *PAYERS, default="customer"),
        ),
        lines(
            "parts", "配件", "Parts",
            text("part", "配件名称", "Part", limit=100), text("code", "配件编码", "Part no.", required=False, limit=40),
            whole_number("count", "数量", "Number", smallest=1, largest=999),
            money("price", "单价", "Unit price"),
            choice("payer", "付款方", "Paid by", *PAYERS, default="customer"),
            required=False,
        ),
        money("discount", "优惠（客户部分）", "Discount to the customer", required=False),
        choice(
            "grade", "维修类别", "Kind of work",
            ("minor_repair", "一级维护、小修及专项修理", "First-grade service or minor repair"),
            ("second_grade", "二级维护", "Second-grade service"),
            ("assembly_repair", "整车或总成修理", "Repair of the vehicle or of an assembly"),
        ),
        day("next_service_on", "下次保养日", "Next service on"),
        whole_number("next_service_km", "下次保养里程（km）", "Next service at (km)", largest=2_000_000),
    ),
    roles=CUSTOMER_AND_DEALER,
    permission=Permission.WORKSHOP_BOOK,
    number_kind="RS",
    retention=RetentionClass.REPAIR,
    several_at_once=True,
)  # fmt: skip
