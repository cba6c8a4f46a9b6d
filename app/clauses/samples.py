"""A sale that never was, for the preview of a text: its facts are chosen so that the text's conditions hold."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from app.contracts.paper import ContractPaper
from app.documents.paper_data import (
    DepositKind,
    PaperDeposit,
    PaperLine,
    PaperParty,
    PaperPlan,
    PaperVehicle,
    PlanKind,
    Watermark,
    Words,
)

_DAY = date(2026, 11, 23)
_NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
_LINES = (
    PaperLine(label=Words("车辆价格", "Vehicle price"), amount=Decimal("209800.00")),
    PaperLine(
        label=Words("车辆购置税", "Purchase tax"), amount=Decimal("9283.19"), collected_for_others=True
    ),
    PaperLine(label=Words("交强险", "Compulsory insurance"), amount=Decimal("950.00"), collected_for_others=True),
    PaperLine(label=Words("上牌服务", "Registration service"), amount=Decimal("500.00")),
)  # fmt: skip
_PLAN = PaperPlan(
    kind=PlanKind.EQUAL_INSTALMENT, lender="示例汽车金融有限公司", down_payment=Decimal("70533.19"),
    principal=Decimal("150000.00"), annual_rate=Decimal("0.045"), months=36, first_instalment=Decimal("4462.04"),
    last_instalment=Decimal("4462.04"), total_interest=Decimal("10633.39"),
)  # fmt: skip
_COMPANY = PaperParty(
    name="示例科技有限公司", is_company=True, identity="91310000MA1K00000X", phone="021-0000 0000",
    address="上海市示例路 2 号", representative="李示例",
)  # fmt: skip

_SALE = ContractPaper(
    number="SH00-D00-CT-000000",
    order_number="SH00-D00-SO-000000",
    drafted_at=_NOON,
    signing_place=Words("上海市示例路 1 号", "1 Example Road, Shanghai"),
    seller=PaperParty(
        name="示例汽车销售服务有限公司", is_company=True, identity="91310000MA1K00001X", phone="021-0000 0001",
        address="上海市示例路 1 号", representative="王示例",
    ),
    buyer=PaperParty(
        name="张示例", identity="310000199001010000", phone="130 0000 0000", address="上海市示例路 3 号 101 室"
    ),
    vehicle=PaperVehicle(
        name=Words("示例品牌 示例车型 2026款", "Example make, example model 2026"), vin="LEXAMPLE0SAMPLE00",
        model_year=2026, exterior=Words("白色", "White"), interior=Words("黑色", "Black"),
        energy=Words("纯电动", "Battery electric"), odometer_km=12,
    ),
    lines=_LINES,
    total=sum((line.amount for line in _LINES), Decimal(0)),
    contract_price=Decimal("210300.00"),
    delivery_on=date(2026, 12, 6),
    delivery_place=Words("示例店", "Example branch"),
    salesperson="陈示例",
    watermark=Watermark.DRAFT,
)  # fmt: skip


def sample_sale(conditions: Iterable[str]) -> ContractPaper:
    """The sale in which these conditions hold; what they leave open is: a loan and earnest money."""
    asked = set(conditions)
    deposit = None if "no_deposit" in asked else _deposit(advance="advance" in asked)
    return replace(
        _SALE,
        buyer=_COMPANY if "company_buyer" in asked else _SALE.buyer,
        plan=None if "no_plan" in asked else _PLAN,
        deposit=deposit,
        provisional="provisional" in asked,
        secured_until=_NOON.replace(hour=10) if "secured" in asked else None,
        new_energy="new_energy" in asked,
    )


def _deposit(*, advance: bool) -> PaperDeposit:
    return PaperDeposit(
        kind=DepositKind.ADVANCE if advance else DepositKind.EARNEST_MONEY, amount=Decimal("20000.00"),
        received_on=_DAY, receipt_number="SH00-D00-PM-000000",
    )  # fmt: skip
