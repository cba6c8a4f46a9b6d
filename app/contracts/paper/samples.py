"""One made-up paper of every kind, from facts alone: for pictures, for the editor's preview and for tests.

Nobody in it exists; the identity number and the VIN are the specimens of their standards.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from app.contracts.kinds.entries import checked_entries
from app.contracts.kinds.facts import (
    CustomerVehicleFacts,
    DocumentFacts,
    OrderFacts,
    PaymentFacts,
    RepairFact,
    UnitFacts,
)
from app.contracts.kinds.registry import KINDS, SALE, kind_of
from app.contracts.kinds.roles import PartyRole, RolePlace, SigningOrder
from app.contracts.paper.document_paper import DocumentPaper, SignerPlace, document_paper, render_document
from app.contracts.paper.sale_paper import ContractPaper, RenderedContract, render_contract
from app.contracts.templates.template import ContractTemplate, latest_version, load_template
from app.documents.paper_data import (
    DepositKind,
    PaperDeposit,
    PaperLine,
    PaperParty,
    PaperPlan,
    PaperVehicle,
    PlanKind,
    Words,
)

DAY = date(2026, 11, 23)
DRAFTED_AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
HOUSE = PaperParty(
    name="上海浦江汽车销售服务有限公司",
    is_company=True,
    identity="91110108MA01YBNX62",
    phone="021-5555 0101",
    address="上海市浦东新区龙阳路 1800 号",
    representative="林晓",
    legal_representative="沈国华",
    bank="中国工商银行上海浦东支行",
    bank_account="1001280109300012345",
)
CUSTOMER = PaperParty(
    name="陈思远",
    identity="11010519491231002X",
    phone="13800138000",
    address="上海市徐汇区漕溪北路 88 号 12 楼 1203 室",
)
VEHICLE = PaperVehicle(
    name=Words("比亚迪 海豹 2026 款 700 km 长续航版", "BYD Seal 2026 Long Range 700 km"),
    vin="LDC613P23A1305189",
    model_year=2026,
    exterior=Words("极光白", "Aurora White"),
    interior=Words("深海蓝", "Deep Sea Blue"),
    energy=Words("纯电动", "Battery electric"),
    engine_number="TZ200XYC6031742",
    odometer_km=18,
)
PLAN = PaperPlan(
    kind=PlanKind.EQUAL_INSTALMENT,
    lender="示例汽车金融有限公司",
    down_payment=Decimal("60000.00"),
    principal=Decimal("150000.00"),
    annual_rate=Decimal("0.045"),
    months=36,
    first_instalment=Decimal("4462.04"),
    last_instalment=Decimal("4461.99"),
    total_interest=Decimal("10633.39"),
)
LINES = (
    PaperLine(
        label=Words("车辆价格", "Vehicle price"), amount=Decimal("205800.00"), note=Words("含增值税 13 %", "VAT 13 %")
    ),
    PaperLine(label=Words("行车记录仪", "Dash camera"), amount=Decimal("1280.00")),
    PaperLine(label=Words("现车优惠", "Stock discount"), amount=Decimal("-7280.00")),
    PaperLine(
        label=Words("车辆购置税", "Purchase tax"), amount=Decimal("8849.56"), collected_for_others=True,
        note=Words("减半征收，2026-2027 年", "Halved, 2026-2027"),
    ),
    PaperLine(label=Words("交强险", "Compulsory insurance"), amount=Decimal("950.00"), collected_for_others=True),
    PaperLine(label=Words("商业险", "Commercial insurance"), amount=Decimal("5240.00"), collected_for_others=True),
    PaperLine(label=Words("上牌费", "Plate fee"), amount=Decimal("125.00"), collected_for_others=True),
)  # fmt: skip
DEPOSIT = PaperDeposit(
    kind=DepositKind.EARNEST_MONEY,
    amount=Decimal("20000.00"),
    received_on=DAY,
    receipt_number="SH01-D02-RC-000045",
)
ORDER = OrderFacts(
    number="SH01-D02-SO-000088",
    vehicle=VEHICLE,
    lines=LINES,
    total=sum((line.amount for line in LINES), Decimal(0)),
    contract_price=Decimal("199800.00"),
    earnest_limit=Decimal("39960.00"),
    outstanding=Decimal("0.00"),
    salesperson="林晓",
    delivery_place=Words("上海浦东店", "Shanghai Pudong"),
    delivery_on=date(2026, 12, 1),
    deposit=DEPOSIT,
    earnest_received=DEPOSIT,
    plan=PLAN,
    new_energy=True,
    contract_number="SH01-D02-CT-000123",
    received=Decimal("30000.00"),
)
UNIT = UnitFacts(
    vehicle=VEHICLE,
    repairs=(
        RepairFact(
            part=Words("左前门", "Front left door"), finding="运输途中漆面划伤约 3 cm", repair="局部补漆并抛光",
            done_on=date(2026, 11, 20), done_by="钣喷车间",
        ),
        RepairFact(
            part=Words("12 V 蓄电池", "12 V battery"), finding="静置电压 11.6 V，低于标准", repair="更换原厂蓄电池",
            done_on=date(2026, 11, 20), done_by="机电车间",
        ),
    ),
    inspected_on=date(2026, 11, 20),
    inspector="赵立群",
)  # fmt: skip
PAYMENT = PaymentFacts(
    number="SH01-D02-RC-000045",
    nature="earnest_money",
    purpose=Words("定金", "Earnest money (定金)"),
    method=Words("银行转账", "Bank transfer"),
    amount=Decimal("20000.00"),
    received_at=datetime(2026, 11, 23, 7, 42, tzinfo=UTC),
    reference="ICBC-20261123-0087",
    order_number="SH01-D02-SO-000088",
    vehicle=VEHICLE,
    order_total=ORDER.total,
    outstanding=ORDER.total - Decimal("20000.00"),
)
OWN_VEHICLE = CustomerVehicleFacts(
    name="大众 朗逸 1.4T 舒适版",
    plate="沪A12345",
    vin="LSVFA49J232037048",
    odometer_km=38_512,
    appointment_number="SH01-D02-SA-000031",
    work="60,000 km 保养；低速转向有异响",
    authorisation_number="SH01-D02-RA-000012",
)
_VEHICLE_ENTRIES = {"vehicle": OWN_VEHICLE.name, "plate": "沪A12345", "vin": OWN_VEHICLE.vin, "odometer_km": 38_512}
_JOBS = [
    {"job": "更换机油及机油滤清器", "price": "180", "payer": "customer"},
    {"job": "更换前制动片（左、右）", "price": "320", "payer": "customer"},
    {"job": "检修转向拉杆球头，四轮定位", "price": "460", "payer": "customer"},
    {"job": "中控屏软件升级（召回）", "price": "0", "payer": "warranty"},
]
ENTRIES: Mapping[str, Mapping[str, Any]] = {
    "vehicle_order": {"contract_by": date(2026, 11, 30), "wishes": "加装行车记录仪；交车前贴膜（前挡 70 % 透光）"},
    "earnest_money": {"amount": "20000", "pay_by": date(2026, 11, 24), "contract_by": date(2026, 11, 30)},
    "loan_intent": {
        "lender": "示例汽车金融有限公司", "answer_by": date(2026, 12, 7), "if_refused": "pay_otherwise",
        "employer": "上海示例科技有限公司",
    },
    "trade_in": _VEHICLE_ENTRIES | {
        "registered_on": date(2020, 6, 18), "price": "86000", "settlement": "set_off", "new_vehicle": "比亚迪 海豹",
        "hand_over_on": date(2026, 12, 1), "pay_within_days": 3, "charge": "unencumbered",
        "accidents": "accident_disclosed", "accident": "2022 年 5 月后保险杠更换，无结构损伤",
        "findings": [
            {"part": "前保险杠", "finding": "左侧划痕约 4 cm，已补漆"},
            {"part": "轮胎", "finding": "右后胎花纹深度 3.2 mm"},
            {"part": "内饰", "finding": "驾驶席坐垫轻微磨损"},
        ],
    },
    "test_drive": {
        "licence_number": "310105199001011234", "licence_class": "C1", "licence_valid_until": date(2030, 5, 1),
        "plate": "沪AD88888", "starts_on": DAY, "starts_at": "14:30", "returns_at": "15:15", "odometer_out": 1_204,
        "route": "龙阳路 1800 号—罗山路—张江路—祖冲之路—返回门店，约 12 km", "passengers": 1,
    },
    "delivery_note": {
        "delivered_on": date(2026, 12, 1), "odometer_km": 18, "energy_percent": 80, "keys": 2,
        "invoice_number": "131002600012",
        "handed_over": [
            {"thing": "机动车销售统一发票", "count": 1, "remark": "发票联、抵扣联"},
            {"thing": "车辆合格证", "count": 1, "remark": ""},
            {"thing": "三包凭证", "count": 1, "remark": ""},
            {"thing": "保修手册及使用说明书", "count": 1, "remark": "电子版见车机"},
            {"thing": "随车工具及补胎工具", "count": 1, "remark": ""},
        ],
        "defects": [{"part": "右后视镜外壳", "finding": "细小划痕", "remedy": "2026-12-05 前免费抛光"}],
    },
    "termination_agreement": {
        "ground": "agreement", "ended_on": DAY, "reason": "客户因工作调动不再购车", "paid_within": 7,
        "other": "已安装的行车记录仪由经销商拆除并收回",
    },
    "repair_authorisation": _VEHICLE_ENTRIES | {
        "energy_percent": 55, "received_on": DAY, "fault": OWN_VEHICLE.work, "jobs": _JOBS,
        "ready_by": date(2026, 11, 25), "old_parts": "parts_returned", "road_test": "road_test",
        "valuables": "儿童座椅一个",
    },
    "pdi_repair_disclosure": {
        "told_on": DAY, "compensation": "2000", "promise": "左前门漆面质保延长至 60 个月",
        "repairs": [],
    },
    "settlement_statement": _VEHICLE_ENTRIES | {
        "received_on": DAY, "completed_on": date(2026, 11, 25), "jobs": _JOBS,
        "parts": [
            {"part": "全合成机油 5W-30", "code": "G 055 167 M4", "count": 4, "price": "118", "payer": "customer"},
            {"part": "机油滤清器", "code": "04E 115 561 H", "count": 1, "price": "62", "payer": "customer"},
            {"part": "前制动片组", "code": "5Q0 698 151 A", "count": 1, "price": "486", "payer": "customer"},
        ],
        "discount": "80", "grade": "minor_repair", "next_service_on": date(2027, 5, 25), "next_service_km": 48_500,
    },
    "receipt": {"payer": ""},
    "privacy_consent": {
        "contact": "021-5555 0101，privacy@example.com", "sensitive": "yes", "share_insurer": "yes",
        "insurer": "示例财产保险股份有限公司", "share_bank": "yes", "bank": "示例汽车金融有限公司", "marketing": "no",
    },
}  # fmt: skip


def sample_facts(kind: str) -> DocumentFacts:
    """Everything there can be, whatever of it the kind looks at."""
    return DocumentFacts(
        number=f"SH01-D02-{kind_of(kind).number_kind}-000123",
        drafted_at=DRAFTED_AT,
        signing_place=Words(HOUSE.address, "1800 Longyang Road, Shanghai"),
        house=HOUSE,
        house_name=Words(HOUSE.name, "Shanghai Pujiang Auto Sales Co., Ltd."),
        house_address=Words(HOUSE.address, "1800 Longyang Road, Pudong, Shanghai"),
        customer=CUSTOMER,
        handled_by="林晓",
        order=ORDER,
        unit=UNIT,
        payment=PAYMENT,
        vehicle=OWN_VEHICLE,
    )


def sample_signers(kind: str, customer: PaperParty = CUSTOMER) -> tuple[SignerPlace, ...]:
    """One signer of each role there has to be."""
    order = SigningOrder(
        places=tuple(
            RolePlace(role=PartyRole(role.code), least=role.least, most=role.most) for role in kind_of(kind).roles
        )
    )
    return tuple(
        SignerPlace(code=code, name=HOUSE.name if code == "dealer" else customer.name) for code in order.first_codes()
    )


def sample_paper(kind: str) -> DocumentPaper:
    """The sample of a kind other than the sales contract."""
    entries = checked_entries(kind_of(kind), ENTRIES[kind], today=DAY)
    return document_paper(kind, sample_facts(kind), entries, signers=sample_signers(kind))


def sample_sale() -> ContractPaper:
    """The sample of the sales contract."""
    return ContractPaper(
        number="SH01-D02-CT-000123",
        order_number=ORDER.number,
        drafted_at=DRAFTED_AT,
        signing_place=Words(HOUSE.address, "1800 Longyang Road, Shanghai"),
        seller=HOUSE,
        buyer=CUSTOMER,
        vehicle=VEHICLE,
        lines=LINES,
        total=ORDER.total,
        contract_price=ORDER.contract_price,
        delivery_on=date(2026, 12, 1),
        delivery_place=ORDER.delivery_place,
        salesperson=ORDER.salesperson,
        deposit=DEPOSIT,
        plan=PLAN,
        new_energy=True,
    )


def render_sample(kind: str, language: str, template: ContractTemplate | None = None) -> RenderedContract:
    """The sample of a kind as a PDF, from the newest shipped template or the one given."""
    words = template or load_template(kind, latest_version(kind))
    if kind == SALE:
        return render_contract(sample_sale(), words, language)
    return render_document(sample_paper(kind), words, language)


def all_kinds() -> tuple[str, ...]:
    """The codes of all kinds."""
    return tuple(KINDS)
