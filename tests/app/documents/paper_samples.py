"""The sale of `app.contracts.paper.samples` with another vehicle, and a buyer whose name has a rare character."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from app.contracts.paper import samples
from app.documents.paper_data import PaperLine, PaperParty, PaperVehicle, PlanKind, Words
from app.documents.quotation import QuotationPaper
from app.documents.receipt import ReceiptPaper, ReceiptPurpose

NOON = datetime(2026, 11, 22, 4, 5, 6, tzinfo=UTC)

SELLER = replace(
    samples.HOUSE, phone="021-5888 6600", address="上海市浦东新区川沙路1188号", representative="周明远"
)
BUYER = PaperParty(
    name="欧阳䶮",
    identity="11010519491231002X",
    phone="138 1234 5678",
    address="上海市徐汇区漕溪北路88号2号楼1602室",
)
VEHICLE = PaperVehicle(
    name=Words("比亚迪 汉 EV 2026款 605KM 前驱尊贵型", "BYD Han EV 2026 605 km FWD Premium"),
    vin="LDC613P23A1305189",
    model_year=2026,
    exterior=Words("雪域白", "Snow white"),
    interior=Words("米棕拼色", "Beige and brown"),
    energy=Words("纯电动", "Battery electric"),
    engine_number="TZ200XSQ 8812345",
    certificate_number="WAB123456789012",
    odometer_km=12,
)
LINES = (
    PaperLine(
        label=Words("车辆价格", "Vehicle price"),
        amount=Decimal("209800.00"),
        note=Words("含增值税", "VAT included"),
    ),
    PaperLine(label=Words("选装：21英寸轮毂", "Option: 21-inch wheels"), amount=Decimal("6000.00")),
    PaperLine(
        label=Words("车辆购置税", "Purchase tax"),
        amount=Decimal("9283.19"),
        note=Words("新能源减半，2026–2027年", "New energy, half rate, 2026–2027"),
        collected_for_others=True,
    ),
    PaperLine(label=Words("交强险", "Compulsory insurance"), amount=Decimal("950.00"), collected_for_others=True),
    PaperLine(label=Words("商业保险", "Commercial insurance"), amount=Decimal("5620.31"), collected_for_others=True),
    PaperLine(label=Words("上牌服务", "Registration service"), amount=Decimal("500.00")),
    PaperLine(label=Words("车身贴膜", "Protective film"), amount=Decimal("3800.00")),
    PaperLine(label=Words("店庆优惠", "Anniversary discount"), amount=Decimal("-10053.00")),
    PaperLine(
        label=Words("置换补贴", "Trade-in subsidy"),
        amount=Decimal("-6000.00"),
        note=Words("沪商消〔2026〕18号", "Municipal scheme 2026/18"),
    ),
)
TOTAL = sum((line.amount for line in LINES), Decimal(0))
CONTRACT_PRICE = Decimal("204047.00")
PLAN = replace(
    samples.PLAN, lender="上汽财务有限责任公司", down_payment=Decimal("69900.50"), last_instalment=Decimal("4462.04")
)
FALLING_PLAN = replace(
    PLAN, kind=PlanKind.EQUAL_PRINCIPAL, lender="中国建设银行", first_instalment=Decimal("4729.17"),
    last_instalment=Decimal("4182.29"), total_interest=Decimal("10406.25"),
)  # fmt: skip
EARNEST_MONEY = replace(samples.DEPOSIT, received_on=date(2026, 11, 22), receipt_number="PD01-D2-RC-000482")
RECEIPT = ReceiptPaper(
    number="PD01-D2-RC-000482",
    order_number="PD01-D2-SO-000123",
    customer=PaperParty(name="欧阳䶮", identity="110105********002X"),
    dealer=SELLER,
    purpose=ReceiptPurpose.EARNEST_MONEY,
    amount=Decimal("20000.00"),
    method="银行卡",
    received_at=NOON,
    cashier="林晓雯",
    reference="6217 **** 8890 / 20261122040506",
    vehicle=VEHICLE,
    order_total=TOTAL,
    outstanding=TOTAL - Decimal("20000.00"),
)
QUOTATION = QuotationPaper(
    number="PD01-D2-QT-000310",
    version=2,
    issued_at=NOON,
    valid_until=date(2026, 11, 29),
    seller=SELLER,
    customer=PaperParty(name="欧阳䶮", phone="138 **** 5678"),
    salesperson="陈嘉宁",
    salesperson_phone="139 0000 1234",
    vehicle=replace(VEHICLE, engine_number="", certificate_number="", odometer_km=None),
    lines=LINES,
    total=TOTAL,
    plans=(PLAN, FALLING_PLAN),
    remarks="赠送首次保养一次；随车配充电枪一把。",
)
