"""The repair authorisation (维修委托书)."""

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
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

PAYERS = (
    ("customer", "客户自付", "Customer"),
    ("warranty", "三包/质保", "Warranty"),
    ("insurer", "保险", "Insurer"),
    ("house", "本店承担", "House"),
)
"""Who pays for a line: the same on estimate and settlement."""

KIND = DocumentKind(
    code="repair_authorisation",
    title=Words("车辆维修委托书", "Repair Authorisation"),
    purpose=Words(
        "客户委托维修的项目、预估费用与预计完工日。",
        "Which work the customer has asked for, what it is estimated to cost, and when it will be ready.",
    ),
    about=(Subject.CUSTOMER_VEHICLE,),
    conditions=COMMON_CONDITIONS
    | {"parts_returned", "parts_disposed", "road_test", "no_road_test", "warranty_work", "insurer_work", "valuables",
       "appointment"},
    placeholders=COMMON | OF_CUSTOMER_VEHICLE | placeholders(
        energy_level=("电量或油量", "Charge or fuel", "55 %", "55 %"),
        fault=("客户报修", "What the customer reports", "低速转向有异响", "低速转向有异响"),
        estimate=("预估费用合计", "Estimate", "¥2,380.00", "¥2,380.00"),
        estimate_capitals=("预估费用大写", "Estimate in capitals", "贰仟叁佰捌拾元整", "贰仟叁佰捌拾元整"),
        customer_share=("客户自付预估", "The customer's share", "¥1,280.00", "¥1,280.00"),
        received_on=("进厂日", "Brought in on", "2026年11月23日", "23 November 2026"),
        ready_by=("预计完工日", "Ready by", "2026年11月25日", "25 November 2026"),
        valuables=("车内物品", "Things left in the vehicle", "儿童座椅一个", "儿童座椅一个"),
        appointment_number=("预约单号", "Number of the appointment", "SH01-D02-SA-000031", "SH01-D02-SA-000031"),
    ),
    entries=(
        text("vehicle", "车辆名称", "Vehicle", limit=120),
        text("plate", "号牌号码", "Plate", form=EntryForm.PLATE, limit=12, personal=True),
        text("vin", "车辆识别代号", "VIN", form=EntryForm.VIN, limit=40),
        whole_number("odometer_km", "进厂里程（km）", "Odometer (km)", largest=2_000_000),
        whole_number("energy_percent", "电量或油量（%）", "Charge or fuel (%)", largest=100),
        day("received_on", "进厂日", "Brought in on"),
        text("fault", "客户报修内容", "What the customer reports", limit=400),
        lines(
            "jobs", "维修项目", "Work",
            text("job", "项目", "Work", limit=120),
            money("price", "预估费用", "Estimate"),
            choice("payer", "付款方", "Paid by", *PAYERS, default="customer"),
        ),
        day("ready_by", "预计完工日", "Ready by"),
        choice(
            "old_parts", "更换下的旧件", "Parts taken out",
            ("parts_returned", "交还客户", "Returned to the customer"),
            ("parts_disposed", "委托本店处理", "Disposed of by the dealer"),
        ),
        choice(
            "road_test", "路试", "Road test",
            ("road_test", "同意路试", "Agreed"), ("no_road_test", "不同意路试", "Not agreed"),
        ),
        text("valuables", "车内物品", "Things left in the vehicle", required=False),
    ),
    roles=CUSTOMER_AND_DEALER,
    permission=Permission.WORKSHOP_BOOK,
    number_kind="RA",
    retention=RetentionClass.REPAIR,
    several_at_once=True,
)  # fmt: skip
