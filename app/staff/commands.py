"""What can be done about the people who sign in and the branches they work at."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateStaffMember(Command):
    """Let somebody sign in; returns the id. `role` is a `Role`; the password is set here and changed by its owner."""

    branch_id: str
    login: str
    name: str
    role: str
    password: str = field(repr=False)
    name_en: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStaffMember(Command):
    """Change what is known of somebody; None leaves a value as it is. Undone by the former values."""

    staff_id: str
    expected_revision: int
    login: str | None = None
    name: str | None = None
    name_en: str | None = None
    role: str | None = None
    branch_id: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPassword(Command):
    """Give somebody a new password and end the waiting after wrong ones; for administrators."""

    staff_id: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOwnPassword(Command):
    """Change the password of the one who is signed in."""

    current_password: str = field(repr=False)
    new_password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPin(Command):
    """Set the short number for the quick switch of the one who is signed in; None takes it away."""

    current_password: str = field(repr=False)
    pin: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivateStaffMember(Command):
    """No longer let somebody sign in; what they did stays theirs. Undone by ReactivateStaffMember."""

    staff_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactivateStaffMember(Command):
    """Let somebody sign in again."""

    staff_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBranch(Command):
    """Open a further branch; returns the id. `work_bays` holds bays by type: `{"general": 4}`."""

    code: str
    name_zh: str
    name_en: str
    company_zh: str = ""
    company_en: str = ""
    uscc: str = ""
    address_zh: str = ""
    address_en: str = ""
    phone: str = ""
    legal_representative: str = ""
    bank_zh: str = ""
    bank_account: str = ""
    work_bays: Mapping[str, int] = field(default_factory=dict)
    lock_minutes: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBranch(Command):
    """Change a branch's data, work bays or lock time; None leaves a value as it is. Undone by the former values."""

    branch_id: str
    expected_revision: int
    name_zh: str | None = None
    name_en: str | None = None
    company_zh: str | None = None
    company_en: str | None = None
    uscc: str | None = None
    address_zh: str | None = None
    address_en: str | None = None
    phone: str | None = None
    legal_representative: str | None = None
    bank_zh: str | None = None
    bank_account: str | None = None
    work_bays: Mapping[str, int] | None = None
    lock_minutes: int | None = None
