"""Branches, staff and customers of the demo."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from app.customers.choices import NOTICE_VERSION, ConsentChannel, ConsentPurpose, CustomerSource
from app.demo.identifiers import Identifiers
from app.demo.loading import Loader
from app.demo.names import REGIONS, address, company_name, foreign_name, person_name
from app.kernel.chinese_names import name_pinyin
from app.kernel.permissions import Role
from db.types import microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchPlan:
    """A branch: its data, its share of the trade, its plates, its bays."""

    code: str
    name_zh: str
    name_en: str
    company_zh: str
    company_en: str
    region: str
    address_zh: str
    address_en: str
    phone: str
    legal_representative: str
    bank_zh: str
    bank_account: str
    share: float
    plate_province: str
    plate_letters: str
    work_bays: dict[str, int]


BRANCHES: tuple[BranchPlan, ...] = (
    BranchPlan(
        code="SH01", name_zh="上海浦东店", name_en="Shanghai Pudong", company_zh="上海沪驰汽车销售服务有限公司",
        company_en="Shanghai Huchi Automobile Sales & Service Co., Ltd.", region="310115",
        address_zh="上海市浦东新区沪南公路2600号", address_en="2600 Hunan Highway, Pudong, Shanghai",
        phone="02158001600", legal_representative="沈国华", bank_zh="中国工商银行上海浦东支行",
        bank_account="1001280109300012345",
        share=0.46, plate_province="沪", plate_letters="ABDEFGJK",
        work_bays={"general": 4, "body": 2, "paint": 1, "high_voltage": 2, "alignment": 1, "wash": 2},
    ),
    BranchPlan(
        code="HZ01", name_zh="杭州滨江店", name_en="Hangzhou Binjiang", company_zh="杭州浙驰汽车销售服务有限公司",
        company_en="Hangzhou Zhechi Automobile Sales & Service Co., Ltd.", region="330108",
        address_zh="杭州市滨江区江南大道3880号", address_en="3880 Jiangnan Avenue, Binjiang, Hangzhou",
        phone="057188006188", legal_representative="沈国华", bank_zh="招商银行杭州滨江支行",
        bank_account="571908765410901",
        share=0.32, plate_province="浙", plate_letters="A",
        work_bays={"general": 3, "body": 1, "paint": 1, "high_voltage": 1, "alignment": 1, "wash": 1},
    ),
    BranchPlan(
        code="SZ01", name_zh="苏州高新区店", name_en="Suzhou New District", company_zh="苏州吴驰汽车销售服务有限公司",
        company_en="Suzhou Wuchi Automobile Sales & Service Co., Ltd.", region="320505",
        address_zh="苏州市虎丘区长江路668号", address_en="668 Changjiang Road, Huqiu, Suzhou",
        phone="051268006655", legal_representative="沈国华", bank_zh="中国建设银行苏州高新区支行",
        bank_account="32250199743600000668",
        share=0.22, plate_province="苏", plate_letters="EU",
        work_bays={"general": 3, "body": 1, "paint": 1, "high_voltage": 1, "alignment": 1, "wash": 1},
    ),
)  # fmt: skip

STAFF: tuple[tuple[str, str, str, str, Role], ...] = (
    ("SH01", "zhaomin", "赵敏", "Zhao Min", Role.BRANCH_MANAGER),
    ("SH01", "wangfang", "王芳", "Wang Fang", Role.SALESPERSON),
    ("SH01", "liqiang", "李强", "Li Qiang", Role.SALESPERSON),
    ("SH01", "liuyang", "刘洋", "Liu Yang", Role.SERVICE_ADVISOR),
    ("SH01", "chenjing", "陈静", "Chen Jing", Role.CASHIER),
    ("SH01", "sunlei", "孙磊", "Sun Lei", Role.PARTS_CLERK),
    ("HZ01", "xujun", "徐军", "Xu Jun", Role.BRANCH_MANAGER),
    ("HZ01", "huanglei", "黄蕾", "Huang Lei", Role.SALESPERSON),
    ("HZ01", "maxin", "马欣", "Ma Xin", Role.SERVICE_ADVISOR),
    ("SZ01", "zhuhua", "朱华", "Zhu Hua", Role.BRANCH_MANAGER),
    ("SZ01", "hujie", "胡杰", "Hu Jie", Role.SALESPERSON),
    ("SH01", "admin", "周涛", "Zhou Tao", Role.ADMINISTRATOR),
)
"""Branch, login, name, name in Latin letters, role: the logins people try the demo with."""


@dataclass(slots=True)
class DemoBranch:
    """A branch and its people; `counters` number its documents."""

    id: str
    plan: BranchPlan
    staff: dict[Role, list[str]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    def number(self, kind: str) -> str:
        """The next provisional number of the branch's first desk."""
        self.counters[kind] = self.counters.get(kind, 0) + 1
        return f"{self.plan.code}-D01-{kind}-{self.counters[kind]:06d}"

    def one_of(self, role: Role, chance: Random) -> str:
        """Somebody of a role, a manager where the branch has nobody of it."""
        return chance.choice(self.staff.get(role) or self.staff[Role.BRANCH_MANAGER])


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """A customer as the sales need them."""

    id: str
    name: str
    company: bool
    branch: DemoBranch
    since: datetime


def build_branches(loader: Loader, *, at: datetime, password_hash: str, chance: Random) -> dict[str, DemoBranch]:
    """Three branches and the people who work there; all sign in with the same password."""
    numbers = Identifiers(chance)
    branches: dict[str, DemoBranch] = {}
    for plan in BRANCHES:
        branch_id = loader.add(
            "branch", at=at, code=plan.code, name_zh=plan.name_zh, name_en=plan.name_en, company_zh=plan.company_zh,
            company_en=plan.company_en, uscc=numbers.company_code(plan.region), address_zh=plan.address_zh,
            address_en=plan.address_en, phone=plan.phone,
            legal_representative=plan.legal_representative, bank_zh=plan.bank_zh, bank_account=plan.bank_account,
            work_bays=plan.work_bays,
        )  # fmt: skip
        branches[plan.code] = DemoBranch(branch_id, plan)
    for code, login, name, name_en, role in STAFF:
        staff_id = loader.add(
            "staff_member", at=at, branch_id=branches[code].id, login=login, name=name, name_en=name_en,
            name_initials=name_pinyin(name).initials, role=role.value, phone=numbers.mobile(),
            password_hash=password_hash,
        )  # fmt: skip
        branches[code].staff.setdefault(role, []).append(staff_id)
    return branches


class CustomerMaker:
    """Makes customers: seven in ten people with identity cards, two in ten companies, the rest from abroad."""

    def __init__(self, loader: Loader, chance: Random, *, numbers: Identifiers, today: date) -> None:
        self._loader, self._chance, self._numbers, self._today = loader, chance, numbers, today
        self.made: list[DemoCustomer] = []
        self._by_branch: dict[str, list[DemoCustomer]] = {}

    def known(self, branch: DemoBranch, *, before: datetime) -> DemoCustomer | None:
        """Somebody the branch met before, None while it knows nobody."""
        known = self._by_branch.get(branch.id)
        found = self._chance.choice(known) if known else None
        return found if found is not None and found.since < before else None

    def make(self, branch: DemoBranch, at: datetime, *, source: CustomerSource | None = None) -> DemoCustomer:
        """A new customer of a branch, met at an instant."""
        chance, kind = self._chance, self._chance.random()
        region = chance.choice(REGIONS[branch.plan.code])
        company, abroad = kind > 0.82, 0.70 < kind <= 0.82
        contact = person_name(chance)
        name = company_name(chance, region) if company else foreign_name(chance) if abroad else contact
        if company:
            identity = ("company_code", self._numbers.company_code(region.code))
        elif abroad:
            identity = ("passport", self._numbers.passport())
        else:
            identity = ("identity_card", self._numbers.identity_card(today=self._today))
        spoken = name_pinyin(name, person=not company)
        customer_id = self._loader.add(
            "customer", at=at, scope=branch.id, branch_id=branch.id, kind="company" if company else "person",
            name=name, name_initials=spoken.initials, name_pinyin=spoken.full, identity_kind=identity[0],
            identity_number=identity[1], phone=self._numbers.mobile(), region_code=region.code,
            address=address(chance, region), contact_name=contact if company else "",
            legal_representative=contact if company else "",
            paper_language="en" if abroad else "zh_CN", source=(source or _source(chance)).value,
            owner_staff_id=branch.one_of(Role.SALESPERSON, chance),
        )  # fmt: skip
        customer = DemoCustomer(customer_id, name, company, branch, at)
        self.made.append(customer)
        self._by_branch.setdefault(branch.id, []).append(customer)
        self._consents(customer)
        return customer

    def _consents(self, customer: DemoCustomer) -> None:
        if self._chance.random() < 0.45:
            withdrawn = customer.since + timedelta(days=40) if self._chance.random() < 0.06 else None
            self.consent(customer, ConsentPurpose.MARKETING, customer.since, withdrawn=withdrawn)

    def consent(
        self,
        customer: DemoCustomer,
        purpose: ConsentPurpose,
        at: datetime,
        *,
        recipient: str = "",
        withdrawn: datetime | None = None,
    ) -> None:
        """A consent to one purpose."""
        self._loader.add(
            "consent", at=at, scope=customer.branch.id, customer_id=customer.id, purpose=purpose.value,
            recipient=recipient, notice_version=NOTICE_VERSION, channel=ConsentChannel.IN_PERSON.value,
            given_at=microseconds(at), withdrawn_at=None if withdrawn is None else microseconds(withdrawn),
        )  # fmt: skip


_SOURCES: Sequence[tuple[CustomerSource, float]] = (
    (CustomerSource.WALK_IN, 0.38),
    (CustomerSource.ONLINE, 0.27),
    (CustomerSource.PHONE, 0.10),
    (CustomerSource.REFERRAL, 0.16),
    (CustomerSource.EVENT, 0.06),
    (CustomerSource.SERVICE, 0.03),
)


def _source(chance: Random) -> CustomerSource:
    return chance.choices([source for source, _ in _SOURCES], [weight for _, weight in _SOURCES])[0]
