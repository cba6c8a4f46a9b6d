"""Reading the people who sign in and their branches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, or_, select

from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import pick
from db.models.staff import Branch, StaffMember


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person. `phone` is empty for those who may not manage staff; `role` is a `Role`'s code."""

    id: str
    cursor: str
    revision: int
    login: str
    name: str
    name_en: str
    role: str
    branch_id: str
    branch_name_zh: str
    branch_name_en: str
    phone: str = field(repr=False)
    active: bool
    has_pin: bool

    @property
    def branch_name(self) -> str:
        """The branch's name in the language in use."""
        return pick(self.branch_name_zh, self.branch_name_en)


@dataclass(frozen=True, slots=True)
class BranchRow:
    """One branch; `work_bays` holds the number of bays by type."""

    id: str
    revision: int
    code: str
    name_zh: str
    name_en: str
    company_zh: str
    company_en: str
    uscc: str
    address_zh: str
    address_en: str
    phone: str
    legal_representative: str
    bank_zh: str
    bank_account: str
    work_bays: Mapping[str, int]
    lock_minutes: int

    @property
    def name(self) -> str:
        """The name in the language in use."""
        return pick(self.name_zh, self.name_en)


def list_staff(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 200,
    text: str | None = None,
    role: str | None = None,
    branch_id: str | None = None,
    active: bool | None = None,
) -> tuple[StaffRow, ...]:
    """The people by sign-in name, from behind the cursor `after`; `text` is a piece of a name, initials or login."""
    query = _filtered(_staff(), text=text, role=role, branch_id=branch_id, active=active)
    if after is not None:
        query = query.where(StaffMember.login > after)
    rows = reader.session.execute(query.order_by(StaffMember.login).limit(limit))
    return tuple(_staff_row(reader, member, branch) for member, branch in rows)


def count_staff(
    reader: Reader,
    *,
    text: str | None = None,
    role: str | None = None,
    branch_id: str | None = None,
    active: bool | None = None,
) -> tuple[int, int]:
    """How many match, and how many there are."""
    everyone = select(func.count()).select_from(StaffMember).where(StaffMember.deleted_at.is_(None))
    matching = _filtered(everyone, text=text, role=role, branch_id=branch_id, active=active)
    return reader.session.scalar(matching) or 0, reader.session.scalar(everyone) or 0


def find_staff(reader: Reader, text: str, *, role: str | None = None, limit: int = 20) -> tuple[StaffRow, ...]:
    """Active people whose name, initials or sign-in name contains the text; for choosing a colleague in a form."""
    return list_staff(reader, text=text, role=role, active=True, limit=limit)


def get_staff_member(reader: Reader, staff_id: str) -> StaffRow:
    """One person, also one who no longer signs in; raises RecordNotFound."""
    member = reader.get(StaffMember, staff_id)
    return _staff_row(reader, member, reader.session.get(Branch, member.branch_id))


def list_branches(reader: Reader) -> tuple[BranchRow, ...]:
    """All branches by code."""
    rows = reader.session.scalars(select(Branch).where(Branch.deleted_at.is_(None)).order_by(Branch.code))
    return tuple(_branch_row(branch) for branch in rows)


def get_branch(reader: Reader, branch_id: str | None = None) -> BranchRow:
    """One branch, by default the one the actor works at; raises RecordNotFound."""
    return _branch_row(reader.get(Branch, branch_id or reader.actor.branch_id))


def _staff() -> Select[StaffMember, Branch]:
    return (
        select(StaffMember, Branch)
        .outerjoin(Branch, Branch.id == StaffMember.branch_id)
        .where(StaffMember.deleted_at.is_(None))
    )


def _filtered(query: Any, *, text: str | None, role: str | None, branch_id: str | None, active: bool | None) -> Any:
    wanted = (text or "").strip()[:60]
    if wanted:
        columns = (StaffMember.name, StaffMember.name_en, StaffMember.name_initials, StaffMember.login)
        query = query.where(or_(*(column.icontains(wanted, autoescape=True) for column in columns)))
    if role is not None:
        query = query.where(StaffMember.role == role)
    if branch_id is not None:
        query = query.where(StaffMember.branch_id == branch_id)
    if active is not None:
        query = query.where(StaffMember.active.is_(active))
    return query


def _staff_row(reader: Reader, member: StaffMember, branch: Branch | None) -> StaffRow:
    return StaffRow(
        id=member.id,
        cursor=member.login,
        revision=member.revision,
        login=member.login,
        name=member.name,
        name_en=member.name_en,
        role=member.role,
        branch_id=member.branch_id,
        branch_name_zh=branch.name_zh if branch else "",
        branch_name_en=branch.name_en if branch else "",
        phone=member.phone if reader.actor.may(Permission.STAFF_MANAGE) else "",
        active=member.active,
        has_pin=bool(member.pin_hash),
    )


def _branch_row(branch: Branch) -> BranchRow:
    return BranchRow(
        id=branch.id,
        revision=branch.revision,
        code=branch.code,
        name_zh=branch.name_zh,
        name_en=branch.name_en,
        company_zh=branch.company_zh,
        company_en=branch.company_en,
        uscc=branch.uscc,
        address_zh=branch.address_zh,
        address_en=branch.address_en,
        phone=branch.phone,
        legal_representative=branch.legal_representative,
        bank_zh=branch.bank_zh,
        bank_account=branch.bank_account,
        work_bays=dict(branch.work_bays or {}),
        lock_minutes=branch.lock_minutes,
    )
