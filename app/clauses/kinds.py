"""The kinds of document a text can be written for: what each can fill, and under which conditions."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.clauses.errors import DocumentKindUnknown
from app.documents.paper_data import Words
from app.kernel.labels import Bilingual


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What a text may ask for in braces: what it is, and what it looks like."""

    description: Words
    sample: Words


@dataclass(frozen=True, slots=True)
class KnownKind:
    """One kind of document as the library sees it."""

    code: str
    title: Words
    placeholders: Mapping[str, Placeholder]
    conditions: frozenset[str]

def kinds() -> tuple[KnownKind, ...]:
    """All kinds, in the order in which they are shown."""
    return tuple(_KINDS.values())


def kind_of(code: str, *, field: str = "kind") -> KnownKind:
    """A kind by its code; raises DocumentKindUnknown."""
    if code not in _KINDS:
        raise DocumentKindUnknown(field=field, kind=code)
    return _KINDS[code]


def kind_words(kind: KnownKind) -> Bilingual:
    """What a kind is called, worded when it is shown."""
    return Bilingual(kind.title.zh, kind.title.en)


def _rows(**rows: tuple[str, str, str, str]) -> dict[str, Placeholder]:
    return {name: Placeholder(Words(zh, en), Words(said, read)) for name, (zh, en, said, read) in rows.items()}


_SALE = _rows(
    number=("合同编号", "Number of the contract", "SH01-D02-CT-000123", "SH01-D02-CT-000123"),
    order_number=("订单编号", "Number of the order", "SH01-D02-SO-000088", "SH01-D02-SO-000088"),
    seller=("卖方名称", "The seller's company", "上海浦江汽车销售服务有限公司", "上海浦江汽车销售服务有限公司"),
    buyer=("买方姓名或名称", "The buyer's name", "陈思远", "陈思远"),
    vehicle=("车辆名称", "Name of the vehicle", "比亚迪 汉 EV 2026款", "BYD Han EV 2026"),
    vin=("车辆识别代号", "VIN", "LDC613P23A1305189", "LDC613P23A1305189"),
    total=("落地总价", "On-road total", "¥210,000.00", "¥210,000.00"),
    total_capitals=("落地总价大写", "On-road total in capitals", "贰拾壹万元整", "贰拾壹万元整"),
    contract_price=("合同价款", "Price of what the seller sells", "¥200,000.00", "¥200,000.00"),
    contract_price_capitals=("合同价款大写", "The same in capitals", "贰拾万元整", "贰拾万元整"),
    collected=("代收费用合计", "Collected for others", "¥15,853.50", "¥15,853.50"),
    signing_place=("签署地", "Place of signing", "上海市浦东新区", "Pudong, Shanghai"),
    secured_until=("车辆锁定至", "Until when the vehicle is secured", "2026年11月23日 18:00", "23 November 2026"),
    delivery_on=("交付日期", "Day of delivery", "2026年12月6日", "6 December 2026"),
    delivery_place=("交付地点", "Place of delivery", "卖方展厅", "the showroom"),
    salesperson=("销售顾问", "Salesperson", "林晓", "林晓"),
    deposit=("定金或订金数额", "Earnest money or advance", "¥20,000.00", "¥20,000.00"),
    deposit_capitals=("定金或订金大写", "That amount in capitals", "贰万元整", "贰万元整"),
    deposit_limit=("定金上限（价款 20 %）", "Most earnest money (20 % of the price)", "¥40,000.00", "¥40,000.00"),
    lender=("贷款机构", "Lender", "示例汽车金融有限公司", "示例汽车金融有限公司"),
    down_payment=("首付款", "Down payment", "¥69,900.50", "¥69,900.50"),
    principal=("贷款本金", "Principal", "¥150,000.00", "¥150,000.00"),
    annual_rate=("年利率", "Annual rate", "4.50 %", "4.50 %"),
    months=("期数（月）", "Months", "36", "36"),
    first_instalment=("首期还款额", "First instalment", "¥4,462.04", "¥4,462.04"),
    total_interest=("利息总额", "Total interest", "¥10,633.39", "¥10,633.39"),
)

_KINDS: dict[str, KnownKind] = {
    "vehicle_sale": KnownKind(
        "vehicle_sale", Words("汽车买卖合同", "Vehicle sales contract"), _SALE,
        frozenset(
            {
                "provisional", "secured", "collected", "earnest_money", "advance", "no_deposit", "plan", "no_plan",
                "new_energy", "company_buyer",
            }
        ),
    ),
}  # fmt: skip
