"""What a kind of document is made of: what it is about, what clauses may ask for, what a person fills in, who signs.

The texts of a kind are a template (`resources/contract_templates/<code>`); what is declared here is what a template may
rely on. Names are kept in both languages, because paper says both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.documents.paper_data import Words
from app.kernel.labels import Labelled
from app.kernel.permissions import Permission
from app.runtime.language import tr_noop

LONGEST_TEXT = 200
MOST_LINES = 60
"""Lines of one list on one paper."""


class Subject(Labelled):
    """A record a document is about; every document is about a customer as well."""

    ORDER = "order", tr_noop("Order")
    CUSTOMER = "customer", tr_noop("Customer")
    UNIT = "unit", tr_noop("Vehicle")
    PAYMENT = "payment", tr_noop("Payment")
    CUSTOMER_VEHICLE = "customer_vehicle", tr_noop("Customer's vehicle")


class RetentionClass(Labelled):
    """How long a document is kept is data (`resources/reference/document_retention.json`), by these classes."""

    SALE = "sale", tr_noop("Sale of a vehicle")
    MONEY = "money", tr_noop("Accounting voucher")
    REPAIR = "repair", tr_noop("Repair record")
    TEST_DRIVE = "test_drive", tr_noop("Test drive")
    CONSENT = "consent", tr_noop("Notice and consent")


class EntryType(StrEnum):
    """How an entry is typed and what it is afterwards: text, Decimal, date, int, a choice's code, a list of lines."""

    TEXT = "text"
    MONEY = "money"
    DAY = "day"
    WHOLE_NUMBER = "whole_number"
    CHOICE = "choice"
    LINES = "lines"


class EntryForm(StrEnum):
    """What more is asked of a text than its length."""

    ANY = "any"
    VIN = "vin"
    PLATE = "plate"
    TIME = "time"
    LICENCE = "licence"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What a clause may ask for in braces: what it is, and what it looks like."""

    description: Words
    sample: Words


@dataclass(frozen=True, slots=True)
class EntryChoice:
    """One of the answers to choose from; on paper stands its label."""

    code: str
    label: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something a person fills in because no row of the database has it.

    `smallest` and `largest` bound money and whole numbers; for a day `not_past` asks for today or later. `columns` are
    the cells of a line (no lines in lines). `personal` marks what has to be masked where it is shown to others.
    """

    name: str
    label: Words
    type: EntryType
    required: bool = True
    limit: int = LONGEST_TEXT
    form: EntryForm = EntryForm.ANY
    smallest: int | None = None
    largest: int | None = None
    not_past: bool = False
    choices: tuple[EntryChoice, ...] = ()
    columns: tuple["Entry", ...] = ()
    personal: bool = False
    default: str = ""
    """What stands in the form at first: a text, or the code of a choice."""


@dataclass(frozen=True, slots=True)
class KindRole:
    """A role in which people sign a kind of document: at least and at most so many."""

    code: str
    """buyer, co_buyer, guarantor, customer or dealer."""
    least: int = 1
    most: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """One kind of document.

    `conditions` are what `applies_when` of its clauses may name besides "always"; `placeholders` what their texts may
    ask for besides the template's own terms and `article_<id>`. `roles` stand in the order of signing.
    """

    code: str
    title: Words
    purpose: Words
    about: tuple[Subject, ...]
    conditions: frozenset[str]
    placeholders: Mapping[str, Placeholder]
    entries: tuple[Entry, ...]
    roles: tuple[KindRole, ...]
    permission: Permission
    """Needed to draft, lock, sign and seal it, besides the permission for the step."""
    number_kind: str
    """Two letters in the document's number."""
    retention: RetentionClass
    several_at_once: bool = False
    """Whether there may be several of them about the same records at the same time, such as repairs of one vehicle."""
    entry_names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "entry_names", frozenset(entry.name for entry in self.entries))

    @property
    def role_codes(self) -> tuple[str, ...]:
        """The roles in the order of signing."""
        return tuple(role.code for role in self.roles)

    def is_about(self, subject: Subject) -> bool:
        """Whether a record of this sort has to be named."""
        return subject in self.about


BUYER_AND_DEALER = (
    KindRole("buyer"),
    KindRole("co_buyer", least=0, most=2),
    KindRole("guarantor", least=0, most=2),
    KindRole("dealer"),
)
CUSTOMER_AND_DEALER = (KindRole("customer"), KindRole("dealer"))
DEALER_ONLY = (KindRole("dealer"),)
CUSTOMER_ONLY = (KindRole("customer"),)


def text(name: str, zh: str, en: str, **more: object) -> Entry:
    """A line of text to fill in."""
    return Entry(name=name, label=Words(zh, en), type=EntryType.TEXT, **more)  # type: ignore[arg-type]


def money(name: str, zh: str, en: str, **more: object) -> Entry:
    """An amount to fill in."""
    more.setdefault("smallest", 0)
    return Entry(name=name, label=Words(zh, en), type=EntryType.MONEY, **more)  # type: ignore[arg-type]


def day(name: str, zh: str, en: str, **more: object) -> Entry:
    """A calendar day to fill in."""
    return Entry(name=name, label=Words(zh, en), type=EntryType.DAY, **more)  # type: ignore[arg-type]


def whole_number(name: str, zh: str, en: str, **more: object) -> Entry:
    """A count or a reading to fill in."""
    more.setdefault("smallest", 0)
    return Entry(name=name, label=Words(zh, en), type=EntryType.WHOLE_NUMBER, **more)  # type: ignore[arg-type]


def choice(name: str, zh: str, en: str, *answers: tuple[str, str, str], **more: object) -> Entry:
    """One of several answers: (code, Chinese, English)."""
    choices = tuple(EntryChoice(code, Words(label_zh, label_en)) for code, label_zh, label_en in answers)
    return Entry(name=name, label=Words(zh, en), type=EntryType.CHOICE, choices=choices, **more)  # type: ignore[arg-type]


def lines(name: str, zh: str, en: str, *columns: Entry, **more: object) -> Entry:
    """A list to fill in, line by line."""
    return Entry(name=name, label=Words(zh, en), type=EntryType.LINES, columns=columns, **more)  # type: ignore[arg-type]


def placeholders(**rows: tuple[str, str, str, str]) -> dict[str, Placeholder]:
    """Placeholders by name, each as (description zh, description en, sample zh, sample en)."""
    return {
        name: Placeholder(Words(zh, en), Words(sample_zh, sample_en))
        for name, (zh, en, sample_zh, sample_en) in rows.items()
    }


COMMON = placeholders(
    number=("文件编号", "Number of the document", "SH01-D02-CT-000123", "SH01-D02-CT-000123"),
    drafted_on=("文件日期", "Day of the document", "2026年11月23日", "23 November 2026"),
    house=("经销商名称", "The dealer's company", "上海浦江汽车有限公司", "Shanghai Pujiang Auto Co., Ltd."),
    house_phone=("经销商电话", "The dealer's phone", "021-5555 0101", "021-5555 0101"),
    house_address=("经销商地址", "The dealer's address", "上海市龙阳路 1800 号", "1800 Longyang Road, Shanghai"),
    customer=("客户姓名或名称", "The customer's name", "陈思远", "陈思远"),
    signing_place=("签署地", "Place of signing", "上海市龙阳路 1800 号", "1800 Longyang Road, Shanghai"),
    handled_by=("经办人", "Who handles it for the dealer", "林晓", "林晓"),
)
"""What every kind but the sales contract has."""

COMMON_CONDITIONS = frozenset({"company_customer", "person_customer"})

VEHICLE = placeholders(
    vehicle=("车辆名称", "Name of the vehicle", "比亚迪 海豹 2026 款 长续航版", "BYD Seal 2026 Long Range"),
    vin=("车辆识别代号", "VIN", "LDC613P23A1305189", "LDC613P23A1305189"),
)

OF_ORDER = placeholders(
    order_number=("订单编号", "Number of the order", "SH01-D02-SO-000088", "SH01-D02-SO-000088"),
    total=("落地总价", "On-road total", "¥219,900.50", "¥219,900.50"),
    total_capitals=("落地总价大写", "On-road total in capitals", "贰拾壹万玖仟玖佰元伍角", "贰拾壹万玖仟玖佰元伍角"),
    contract_price=("合同价款", "Price of what the dealer sells", "¥199,800.00", "¥199,800.00"),
    contract_price_capitals=("合同价款大写", "That price in capitals", "壹拾玖万玖仟捌佰元整", "壹拾玖万玖仟捌佰元整"),
    salesperson=("销售顾问", "Salesperson", "林晓", "林晓"),
)

OF_PLAN = placeholders(
    lender=("贷款机构", "Lender", "示例汽车金融有限公司", "示例汽车金融有限公司"),
    down_payment=("首付款", "Down payment", "¥60,000.00", "¥60,000.00"),
    principal=("贷款本金", "Principal", "¥150,000.00", "¥150,000.00"),
    annual_rate=("年利率", "Annual rate", "4.50 %", "4.50 %"),
    months=("期数（月）", "Months", "36", "36"),
    first_instalment=("首期还款额", "First instalment", "¥4,462.04", "¥4,462.04"),
    total_interest=("利息总额", "Total interest", "¥10,633.39", "¥10,633.39"),
)

OF_CUSTOMER_VEHICLE = VEHICLE | placeholders(
    plate=("号牌号码", "Plate", "沪A·12345", "沪A·12345"),
    odometer=("里程表读数", "Odometer", "38,512 km", "38,512 km"),
)
