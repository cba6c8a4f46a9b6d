"""Doing what `commands` name: people, passwords, branches."""

from dataclasses import fields
from typing import Any

from sqlalchemy import func, select

from app.kernel.chinese_names import name_pinyin
from app.kernel.codes import usable_code
from app.kernel.commands import requires
from app.kernel.errors import (
    RecordNotFound,
    ValueNotAllowed,
    ValueTooLong,
    limited_text,
    require_text,
)
from app.kernel.permissions import Permission, Role
from app.kernel.unit_of_work import UnitOfWork
from app.runtime.language import tr
from app.staff.commands import (
    ChangeBranch,
    ChangeOwnPassword,
    ChangeStaffMember,
    CreateBranch,
    CreateStaffMember,
    DeactivateStaffMember,
    ReactivateStaffMember,
    SetPassword,
    SetPin,
)
from app.staff.errors import BranchCodeTaken, LastAdministrator, LoginTaken, OwnAccount, PasswordWrong
from app.staff.passwords import hash_password, password_matches
from app.staff.rules import (
    usable_bays,
    usable_lock_minutes,
    usable_login,
    usable_password,
    usable_pin,
)
from db.models.staff import Branch, SignInAttempt, StaffMember

_BRANCH_TEXTS = {
    "name_zh": 80, "name_en": 80, "company_zh": 120, "company_en": 120, "address_zh": 200, "address_en": 200,
    "phone": 32, "legal_representative": 60, "bank_zh": 120, "bank_account": 40,
}  # fmt: skip


@requires(Permission.STAFF_MANAGE)
def create_staff_member(command: CreateStaffMember, uow: UnitOfWork) -> str:
    """Raises for fields: `login`, `name`, `role`, `branch_id`, `password`."""
    _require_branch(uow, command.branch_id)
    member = uow.add(new_staff_member(uow, command))
    uow.undo_with(DeactivateStaffMember(staff_id=member.id, reason=tr("Taken back")))
    uow.record("StaffMemberCreated")
    return member.id


def new_staff_member(uow: UnitOfWork, command: CreateStaffMember) -> StaffMember:
    """The checked row for a new person; also for the first administrator, before there is anybody to ask."""
    login = usable_login(command.login)
    _require_login_free(uow, login, staff_id=None)
    name = require_text(command.name, field="name", limit=60)
    name_en = limited_text(command.name_en, field="name_en", limit=60)
    usable_password(command.password, names=(login, name, name_en))
    return StaffMember(
        branch_id=command.branch_id,
        login=login,
        name=name,
        name_en=name_en,
        name_initials=name_pinyin(name).initials[:60],
        role=_role(command.role).value,
        phone=limited_text(command.phone, field="phone", limit=32),
        password_hash=hash_password(command.password),
        active=True,
    )


@requires(Permission.STAFF_MANAGE)
def change_staff_member(command: ChangeStaffMember, uow: UnitOfWork) -> str:
    """The last active administrator keeps the role; one's own role is not for oneself to take away."""
    member = uow.get(StaffMember, command.staff_id)
    uow.check_revision(member, command.expected_revision)
    wanted: dict[str, Any] = {}
    if command.login is not None:
        wanted["login"] = usable_login(command.login)
        _require_login_free(uow, wanted["login"], staff_id=member.id)
    if command.name is not None:
        wanted["name"] = require_text(command.name, field="name", limit=60)
    if command.name_en is not None:
        wanted["name_en"] = limited_text(command.name_en, field="name_en", limit=60)
    if command.phone is not None:
        wanted["phone"] = limited_text(command.phone, field="phone", limit=32)
    if command.branch_id is not None:
        _require_branch(uow, command.branch_id)
        wanted["branch_id"] = command.branch_id
    if command.role is not None:
        wanted["role"] = _checked_role(uow, member, command.role)
    former = _apply(member, wanted)
    if "name" in wanted:
        member.name_initials = name_pinyin(member.name).initials[:60]
    uow.session.flush()
    if former:
        uow.undo_with(ChangeStaffMember(staff_id=member.id, expected_revision=member.revision, **former))
    return member.id


@requires(Permission.STAFF_MANAGE)
def set_password(command: SetPassword, uow: UnitOfWork) -> None:
    """Also ends the waiting after wrong attempts at this desk."""
    member = uow.get(StaffMember, command.staff_id)
    usable_password(command.password, names=(member.login, member.name, member.name_en))
    member.password_hash = hash_password(command.password)
    _forget_failures(uow, member.id)


@requires(None)
def change_own_password(command: ChangeOwnPassword, uow: UnitOfWork) -> None:
    """Raises PasswordWrong (field `current_password`), or what `usable_password` raises (field `new_password`)."""
    member = _self(uow, command.current_password)
    names = (member.login, member.name, member.name_en)
    usable_password(command.new_password, names=names, field="new_password")
    member.password_hash = hash_password(command.new_password)


@requires(None)
def set_pin(command: SetPin, uow: UnitOfWork) -> None:
    """Raises PasswordWrong (field `current_password`) or PinTooEasy (field `pin`)."""
    member = _self(uow, command.current_password)
    member.pin_hash = None if command.pin is None else hash_password(usable_pin(command.pin))


@requires(Permission.STAFF_MANAGE)
def deactivate_staff_member(command: DeactivateStaffMember, uow: UnitOfWork) -> None:
    """Raises OwnAccount or LastAdministrator."""
    member = uow.get(StaffMember, command.staff_id)
    uow.reason = require_text(command.reason, field="reason", limit=400)
    if member.id == uow.actor.staff_id:
        raise OwnAccount()
    _require_other_administrator(uow, member)
    member.active = False
    member.pin_hash = None
    uow.undo_with(ReactivateStaffMember(staff_id=member.id))


@requires(Permission.STAFF_MANAGE)
def reactivate_staff_member(command: ReactivateStaffMember, uow: UnitOfWork) -> None:
    """The PIN does not come back: it is set anew by its owner."""
    member = uow.get(StaffMember, command.staff_id)
    _require_login_free(uow, member.login, staff_id=member.id)
    member.active = True
    _forget_failures(uow, member.id)


@requires(Permission.STAFF_MANAGE)
def create_branch(command: CreateBranch, uow: UnitOfWork) -> str:
    """Raises for fields: `code`, `name_zh`, `name_en`, `uscc`, `work_bays`, `lock_minutes`."""
    branch = uow.add(new_branch(uow, command))
    uow.record("BranchOpened")
    return branch.id


def new_branch(uow: UnitOfWork, command: CreateBranch) -> Branch:
    """The checked row for a new branch."""
    code = usable_code(command.code, field="code")
    other = uow.session.scalars(select(Branch).where(Branch.code == code, Branch.deleted_at.is_(None))).first()
    if other is not None:
        raise BranchCodeTaken(field="code", name=other.name_zh, value=code)
    return Branch(code=code, **_branch_values(command))


@requires(Permission.STAFF_MANAGE)
def change_branch(command: ChangeBranch, uow: UnitOfWork) -> str:
    """The code stays: it stands in numbers that are printed."""
    branch = uow.get(Branch, command.branch_id)
    uow.check_revision(branch, command.expected_revision)
    former = _apply(branch, _branch_values(command))
    uow.session.flush()
    if former:
        uow.undo_with(ChangeBranch(branch_id=branch.id, expected_revision=branch.revision, **former))
    return branch.id


def _branch_values(command: CreateBranch | ChangeBranch) -> dict[str, Any]:
    given = {f.name: getattr(command, f.name) for f in fields(command)}
    values: dict[str, Any] = {}
    for name, limit in _BRANCH_TEXTS.items():
        if given[name] is not None:
            check = require_text if name in ("name_zh", "name_en") else limited_text
            values[name] = check(given[name], field=name, limit=limit)
    if given["uscc"] is not None:
        values["uscc"] = _company_code(given["uscc"])
    if given["work_bays"] is not None:
        values["work_bays"] = usable_bays(given["work_bays"])
    if given["lock_minutes"] is not None:
        values["lock_minutes"] = usable_lock_minutes(given["lock_minutes"])
    return values


def _company_code(text: str) -> str:
    from stdnum.cn import uscc
    from stdnum.exceptions import ValidationError

    if len(text) > 40:
        raise ValueTooLong(field="uscc", limit=18, length=len(text))
    if not text.strip():
        return ""
    try:
        return str(uscc.validate(text))
    except ValidationError as error:
        raise ValueNotAllowed(field="uscc", value=text.strip()) from error


def _apply(row: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    """Set what differs; returns the former values of what was changed."""
    former = {name: getattr(row, name) for name, value in wanted.items() if getattr(row, name) != value}
    for name in former:
        setattr(row, name, wanted[name])
    return former


def _role(code: str) -> Role:
    if code not in list(Role):
        raise ValueNotAllowed(field="role", value=str(code)[:40])
    return Role(code)


def _checked_role(uow: UnitOfWork, member: StaffMember, code: str) -> str:
    role = _role(code)
    if role != member.role and member.role == Role.ADMINISTRATOR:
        _require_other_administrator(uow, member, field="role")
        if member.id == uow.actor.staff_id:
            raise OwnAccount(field="role")
    return role.value


def _require_other_administrator(uow: UnitOfWork, member: StaffMember, *, field: str | None = None) -> None:
    if member.role != Role.ADMINISTRATOR:
        return
    others = uow.session.scalar(
        select(func.count())
        .select_from(StaffMember)
        .where(
            StaffMember.role == Role.ADMINISTRATOR.value,
            StaffMember.active.is_(True),
            StaffMember.deleted_at.is_(None),
            StaffMember.id != member.id,
        )
    )
    if not others:
        raise LastAdministrator(field=field, name=member.name)


def _require_login_free(uow: UnitOfWork, login: str, *, staff_id: str | None) -> None:
    query = select(StaffMember).where(
        StaffMember.login == login, StaffMember.active.is_(True), StaffMember.deleted_at.is_(None)
    )
    for other in uow.session.scalars(query):
        if other.id != staff_id:
            raise LoginTaken(field="login", name=other.name, login=login)


def _require_branch(uow: UnitOfWork, branch_id: str) -> None:
    branch = uow.session.get(Branch, branch_id)
    if branch is None or branch.deleted_at is not None:
        raise RecordNotFound(field="branch_id")


def _self(uow: UnitOfWork, password: str) -> StaffMember:
    member = uow.get(StaffMember, uow.actor.staff_id)
    if not password_matches(member.password_hash, password):
        raise PasswordWrong(field="current_password")
    return member


def _forget_failures(uow: UnitOfWork, staff_id: str) -> None:
    attempt = uow.session.get(SignInAttempt, staff_id)
    if attempt is not None:
        uow.session.delete(attempt)
