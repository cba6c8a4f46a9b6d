"""Signing in at a desk: by password, or by PIN for the quick switch. There is no actor before it, so it is no command.

Wrong attempts are counted per person at this desk and survive a restart; the wait grows by `app.staff.rules`. Signing
in and being refused are in the audit trail.
"""

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.kernel.clock import Clock
from app.kernel.permissions import Actor, Role, actor_for
from app.kernel.unit_of_work import UnitOfWork, unit_of_work
from app.runtime.language import pick
from app.staff.errors import DeskNotSetUp, PinNotUsable, PinRefused, SignInRefused
from app.staff.passwords import hash_password, needs_rehash, password_matches
from app.staff.rules import pin_usable, require_may_try, sign_in_wait
from db.engine import Database
from db.models.desk import DeskState
from db.models.staff import Branch, SignInAttempt, StaffMember


@dataclass(frozen=True, slots=True)
class StaffTile:
    """One person on the sign-in page. `pin_usable`: a PIN is set and was not mistyped too often."""

    id: str
    login: str
    name: str
    name_en: str
    initials: str
    role: str
    branch_id: str
    pin_usable: bool

    @property
    def shown_name(self) -> str:
        """The name in the language in use."""
        return pick(self.name, self.name_en)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, where, and for how long the desk may stand idle. `actor` gives the commands."""

    staff_id: str
    login: str
    name: str
    name_en: str
    role: Role
    has_pin: bool
    branch_id: str
    branch_code: str
    branch_name_zh: str
    branch_name_en: str
    desk_code: str
    lock_minutes: int
    actor: Actor = field(repr=False)

    @property
    def shown_name(self) -> str:
        """The person's name in the language in use."""
        return pick(self.name, self.name_en)

    @property
    def branch_name(self) -> str:
        """The branch's name in the language in use."""
        return pick(self.branch_name_zh, self.branch_name_en)


@dataclass(frozen=True, slots=True)
class _Person:
    """What signing in needs to know, read before the hash is computed so that no transaction waits for it."""

    signed_in: SignedIn
    password_hash: str
    pin_hash: str | None
    failures: int


def list_staff_tiles(database: Database) -> tuple[StaffTile, ...]:
    """Who may sign in at this desk: the people of its branch first, then the others, each by sign-in name."""
    with database.read() as session:
        desk = session.get(DeskState, 1)
        here = desk.branch_id if desk else None
        failures = {row.staff_id: row.failures for row in session.scalars(select(SignInAttempt))}
        people = session.scalars(_active().order_by(StaffMember.login)).all()
        ordered = sorted(people, key=lambda person: person.branch_id != here)
        return tuple(_tile(person, failures.get(person.id, 0)) for person in ordered)


def seconds_to_wait(database: Database, staff_id: str, *, clock: Clock) -> int:
    """Whole seconds until this person may try again, for a countdown; 0 when they may."""
    with database.read() as session:
        attempt = session.get(SignInAttempt, staff_id)
        if attempt is None:
            return 0
        wait = sign_in_wait(attempt.failures, attempt.last_failed_at, clock.now())
        return -int(-wait.total_seconds() // 1)


def sign_in(database: Database, login: str, password: str, *, clock: Clock) -> SignedIn:
    """Sign in by name and password.

    Raises SignInRefused (field `password`), SignInDelayed while the wait after wrong attempts lasts, and DeskNotSetUp.
    """
    return _sign_in(database, password, clock=clock, wanted=StaffMember.login == login[:200].strip().casefold())


def sign_in_as(database: Database, staff_id: str, password: str, *, clock: Clock) -> SignedIn:
    """Sign in by the tile that was clicked and password; raises what `sign_in` raises."""
    return _sign_in(database, password, clock=clock, wanted=StaffMember.id == staff_id)


def sign_in_with_pin(database: Database, staff_id: str, pin: str, *, clock: Clock) -> SignedIn:
    """The quick switch: sign in by tile and PIN.

    Raises PinRefused, SignInDelayed, DeskNotSetUp, and PinNotUsable (ask for the password) where no PIN is set or it
    was mistyped too often; a sign-in by password makes it usable again.
    """
    person = _find(database, StaffMember.id == staff_id, clock=clock)
    if person is None or not person.pin_hash or not pin_usable(person.failures):
        raise PinNotUsable(field="pin")
    if not password_matches(person.pin_hash, pin.strip()):
        _count_failure(database, person, clock=clock)
        raise PinRefused(field="pin")
    return _admit(database, person, clock=clock)


def verify_pin(database: Database, staff_id: str, pin: str, *, clock: Clock) -> None:
    """Open a locked desk for the one who locked it; the same counting and errors as `sign_in_with_pin`."""
    sign_in_with_pin(database, staff_id, pin, clock=clock)


def _sign_in(database: Database, password: str, *, clock: Clock, wanted: ColumnElement[bool]) -> SignedIn:
    person = _find(database, wanted, clock=clock)
    matches = password_matches(person.password_hash if person else None, password)
    if person is None:
        raise SignInRefused(field="password")
    if not matches:
        _count_failure(database, person, clock=clock)
        raise SignInRefused(field="password")
    return _admit(database, person, clock=clock, password=password)


def _active() -> Select[StaffMember]:
    return select(StaffMember).where(StaffMember.active.is_(True), StaffMember.deleted_at.is_(None))


def _find(database: Database, wanted: ColumnElement[bool], *, clock: Clock) -> _Person | None:
    """The person who may try now; raises SignInDelayed or DeskNotSetUp."""
    with database.read() as session:
        member = session.scalars(_active().where(wanted).order_by(StaffMember.id).limit(1)).first()
        if member is None:
            return None
        attempt = session.get(SignInAttempt, member.id)
        failures = attempt.failures if attempt else 0
        require_may_try(failures, attempt.last_failed_at if attempt else None, clock.now())
        return _Person(_signed_in(session, member), member.password_hash, member.pin_hash, failures)


def _signed_in(session: Session, member: StaffMember) -> SignedIn:
    """Numbers and scope are the desk's branch, where the person works today, not the one they are employed at."""
    desk = session.get(DeskState, 1)
    branch = session.get(Branch, desk.branch_id or member.branch_id) if desk else None
    if desk is None or branch is None:
        raise DeskNotSetUp()
    actor = actor_for(
        staff_id=member.id, name=member.name, role=Role(member.role),
        branch_id=branch.id, branch_code=branch.code, desk_code=desk.desk_code,
    )  # fmt: skip
    return SignedIn(
        staff_id=member.id, login=member.login, name=member.name, name_en=member.name_en, role=actor.role,
        has_pin=bool(member.pin_hash), branch_id=branch.id, branch_code=branch.code, branch_name_zh=branch.name_zh,
        branch_name_en=branch.name_en, desk_code=desk.desk_code, lock_minutes=branch.lock_minutes, actor=actor,
    )  # fmt: skip


def _count_failure(database: Database, person: _Person, *, clock: Clock) -> None:
    now = clock.now()
    with unit_of_work(database, actor=person.signed_in.actor, now=now) as (uow, transaction):
        attempt = uow.session.get(SignInAttempt, person.signed_in.staff_id)
        if attempt is None:
            attempt = uow.add(SignInAttempt(staff_id=person.signed_in.staff_id, failures=0))
        attempt.failures += 1
        attempt.last_failed_at = now
        _record(uow, person, refused=attempt.failures)
        transaction.commit(name="RefuseSignIn")


def _admit(database: Database, person: _Person, *, clock: Clock, password: str | None = None) -> SignedIn:
    """Forget the failures, write the entry, and store the password anew where the cost of hashing has changed."""
    fresh = hash_password(password) if password is not None and needs_rehash(person.password_hash) else None
    with unit_of_work(database, actor=person.signed_in.actor, now=clock.now()) as (uow, transaction):
        attempt = uow.session.get(SignInAttempt, person.signed_in.staff_id)
        if attempt is not None:
            uow.session.delete(attempt)
        if fresh is not None:
            uow.get(StaffMember, person.signed_in.staff_id).password_hash = fresh
        _record(uow, person, desk=person.signed_in.desk_code)
        transaction.commit(name="SignIn")
    return person.signed_in


def _record(uow: UnitOfWork, person: _Person, **detail: object) -> None:
    uow.note(table="staff_member", record_id=person.signed_in.staff_id, **detail)


def _tile(person: StaffMember, failures: int) -> StaffTile:
    return StaffTile(
        id=person.id,
        login=person.login,
        name=person.name,
        name_en=person.name_en,
        initials=person.name_initials,
        role=person.role,
        branch_id=person.branch_id,
        pin_usable=bool(person.pin_hash) and pin_usable(failures),
    )
