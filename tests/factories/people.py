"""The branches and people every test database starts with."""

from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher

from app.kernel.permissions import Actor, Role, actor_for

PASSWORD = "correct horse battery"
"""Signs in everybody in tests."""


@dataclass(frozen=True, slots=True)
class BranchFixture:
    """A branch of the test group."""

    id: str
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class StaffFixture:
    """A person of the test group; `pin` is None for everybody."""

    id: str
    login: str
    name: str
    name_en: str
    initials: str
    role: Role
    branch: BranchFixture


SHANGHAI = BranchFixture("b" * 31 + "1", "SH01", "上海测试店", "Shanghai Test Branch")
HANGZHOU = BranchFixture("b" * 31 + "2", "HZ01", "杭州测试店", "Hangzhou Test Branch")
BRANCHES = (SHANGHAI, HANGZHOU)

STAFF = (
    StaffFixture("5" * 31 + "1", "wangfang", "王芳", "Wang Fang", "wf", Role.SALESPERSON, SHANGHAI),
    StaffFixture("5" * 31 + "2", "liqiang", "李强", "Li Qiang", "lq", Role.SALESPERSON, SHANGHAI),
    StaffFixture("5" * 31 + "3", "zhaomin", "赵敏", "Zhao Min", "zm", Role.BRANCH_MANAGER, SHANGHAI),
    StaffFixture("5" * 31 + "4", "chenjing", "陈静", "Chen Jing", "cj", Role.CASHIER, SHANGHAI),
    StaffFixture("5" * 31 + "5", "liuyang", "刘洋", "Liu Yang", "ly", Role.SERVICE_ADVISOR, SHANGHAI),
    StaffFixture("5" * 31 + "6", "sunlei", "孙磊", "Sun Lei", "sl", Role.PARTS_CLERK, SHANGHAI),
    StaffFixture("5" * 31 + "7", "admin", "周涛", "Zhou Tao", "zt", Role.ADMINISTRATOR, SHANGHAI),
    StaffFixture("5" * 31 + "8", "huanglei", "黄蕾", "Huang Lei", "hl", Role.SALESPERSON, HANGZHOU),
    StaffFixture("5" * 31 + "9", "xujun", "徐军", "Xu Jun", "xj", Role.BRANCH_MANAGER, HANGZHOU),
)

_CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def staff_of(role: Role, branch: BranchFixture = SHANGHAI) -> StaffFixture:
    """The first person of a role in a branch; raises LookupError without one."""
    for person in STAFF:
        if person.role == role and person.branch == branch:
            return person
    raise LookupError(f"nobody is {role} in {branch.code}")


def actor_of(person: StaffFixture, *, desk_code: str = "D01") -> Actor:
    """The person at a desk of their branch."""
    return actor_for(
        staff_id=person.id, name=person.name, role=person.role,
        branch_id=person.branch.id, branch_code=person.branch.code, desk_code=desk_code,
    )  # fmt: skip


def branch_values() -> list[dict[str, Any]]:
    """The branches as column values."""
    return [
        {
            "id": branch.id, "code": branch.code, "name_zh": branch.name_zh, "name_en": branch.name_en,
            "company_zh": f"{branch.name_zh}汽车销售有限公司", "company_en": f"{branch.name_en} Motors Ltd.",
            "uscc": "91110108MA01YBNX62", "address_zh": "测试路1号", "address_en": "1 Test Road",
            "phone": "02150001234", "bank_zh": "测试银行", "bank_account": "6222000011112222",
            "work_bays": {"general": 2, "body": 1},
        }
        for branch in BRANCHES
    ]  # fmt: skip


def staff_values() -> list[dict[str, Any]]:
    """The people as column values; one cheap hash of PASSWORD for all of them."""
    password_hash = _CHEAP_HASHER.hash(PASSWORD)
    return [
        {
            "id": person.id, "branch_id": person.branch.id, "login": person.login, "name": person.name,
            "name_en": person.name_en, "name_initials": person.initials, "role": person.role.value,
            "phone": "13800000000", "password_hash": password_hash,
        }
        for person in STAFF
    ]  # fmt: skip
