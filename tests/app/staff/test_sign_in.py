"""Signing in at a desk: passwords, PINs, waiting, what is written down."""

from datetime import timedelta

import pytest

from app.audit.queries import list_audit_entries
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import DomainError
from app.kernel.permissions import ROLE_PERMISSIONS, Actor, Role
from app.staff import passwords
from app.staff.commands import DeactivateStaffMember, SetPassword, SetPin
from app.staff.errors import PinNotUsable, PinRefused, SignInDelayed, SignInRefused
from app.staff.sign_in import (
    list_staff_tiles,
    seconds_to_wait,
    sign_in,
    sign_in_as,
    sign_in_with_pin,
    verify_pin,
)
from db.engine import Database
from db.models.desk import DeskState
from db.models.staff import SignInAttempt, StaffMember
from db.schema import upgrade
from tests.factories.databases import KEY
from tests.factories.people import PASSWORD, SHANGHAI, staff_of

WANG = staff_of(Role.SALESPERSON)


def fail(database: Database, clock: FixedClock, times: int) -> None:
    """Type a wrong password so many times, waiting as long as asked before each."""
    for _ in range(times):
        clock.advance(timedelta(seconds=seconds_to_wait(database, WANG.id, clock=clock)))
        with pytest.raises(SignInRefused):
            sign_in(database, WANG.login, "wrong horse", clock=clock)


def failures(database: Database) -> int:
    with database.read() as session:
        attempt = session.get(SignInAttempt, WANG.id)
        return attempt.failures if attempt else 0


def test_the_right_password_opens_the_desk_with_the_roles_permissions(database: Database, clock: FixedClock) -> None:
    signed_in = sign_in(database, " WangFang ", PASSWORD, clock=clock)
    assert (signed_in.name, signed_in.role, signed_in.branch_code) == ("王芳", Role.SALESPERSON, "SH01")
    assert (signed_in.desk_code, signed_in.lock_minutes, signed_in.has_pin) == ("D01", 10, False)
    assert signed_in.actor.permissions == ROLE_PERMISSIONS[Role.SALESPERSON]
    assert (signed_in.actor.staff_id, signed_in.actor.branch_id) == (WANG.id, SHANGHAI.id)


def test_somebody_from_another_branch_works_for_the_branch_of_the_desk(database: Database, clock: FixedClock) -> None:
    visitor = sign_in(database, "huanglei", PASSWORD, clock=clock)
    assert (visitor.actor.branch_id, visitor.actor.branch_code) == (SHANGHAI.id, "SH01")


@pytest.mark.parametrize(
    ("login", "password"),
    [("wangfang", "wrong horse"), ("nobody", PASSWORD), ("", ""), ("wangfang", ""), ("' OR 1=1 --", PASSWORD)],
)
def test_a_wrong_name_and_a_wrong_password_read_the_same(
    database: Database, clock: FixedClock, login: str, password: str
) -> None:
    with pytest.raises(SignInRefused) as refused:
        sign_in(database, login, password, clock=clock)
    assert (refused.value.field, refused.value.code) == ("password", "sign_in_refused")


def test_a_pasted_book_is_no_password_and_never_hashed(
    database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[int] = []
    whole = passwords._plain
    monkeypatch.setattr(passwords, "_plain", lambda password: hashed.append(len(password)) or whole(password))
    with pytest.raises(SignInRefused):
        sign_in(database, "wangfang", "x" * 30_000_000, clock=clock)
    with pytest.raises(SignInRefused):
        sign_in(database, "x" * 30_000_000, "x", clock=clock)
    assert hashed == [1]


def test_the_wait_grows_and_ends(database: Database, clock: FixedClock) -> None:
    waits = []
    for _ in range(11):
        fail(database, clock, 1)
        waits.append(seconds_to_wait(database, WANG.id, clock=clock))
    assert waits == [0, 0, 5, 10, 20, 40, 80, 160, 300, 300, 300]
    with pytest.raises(SignInDelayed) as refused:
        sign_in(database, WANG.login, PASSWORD, clock=clock)
    assert (refused.value.field, refused.value.params["seconds"]) == ("password", 300)
    clock.advance(timedelta(seconds=299, milliseconds=500))
    assert seconds_to_wait(database, WANG.id, clock=clock) == 1
    clock.advance(timedelta(seconds=1))
    sign_in(database, WANG.login, PASSWORD, clock=clock)
    assert failures(database) == 0


def test_a_refusal_while_waiting_is_not_counted(database: Database, clock: FixedClock) -> None:
    fail(database, clock, 3)
    for _ in range(5):
        with pytest.raises(SignInDelayed):
            sign_in(database, WANG.login, "wrong horse", clock=clock)
    assert failures(database) == 3


def test_the_wait_survives_a_restart_and_is_the_persons_own(database: Database, clock: FixedClock) -> None:
    fail(database, clock, 4)
    path = database.path
    database.close()
    again = Database(path, KEY)
    try:
        with pytest.raises(SignInDelayed):
            sign_in_as(again, WANG.id, PASSWORD, clock=clock)
        sign_in(again, "liqiang", PASSWORD, clock=clock)
    finally:
        again.close()


def test_failures_stay_at_this_desk(database: Database, clock: FixedClock) -> None:
    fail(database, clock, 2)
    with database.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM outbox_operation").scalar() == 0


def test_signing_in_and_being_refused_are_in_the_audit_trail(
    database: Database, clock: FixedClock, dispatcher: Dispatcher, manager: Actor
) -> None:
    fail(database, clock, 1)
    sign_in(database, WANG.login, PASSWORD, clock=clock)
    entries = dispatcher.read(list_audit_entries, manager)
    assert [(entry.command, entry.staff_name) for entry in entries] == [("SignIn", "王芳"), ("RefuseSignIn", "王芳")]
    assert "wrong horse" not in repr(entries)


def test_a_hash_of_another_cost_is_replaced(
    database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.HashingCost(passes=2, memory_kib=64, lanes=1))
    sign_in(database, WANG.login, PASSWORD, clock=clock)
    with database.read() as session:
        stored = session.get_one(StaffMember, WANG.id).password_hash
    assert "t=2" in stored
    assert not passwords.needs_rehash(stored)
    sign_in(database, WANG.login, PASSWORD, clock=clock)
    with database.read() as session:
        assert session.get_one(StaffMember, WANG.id).password_hash == stored


def test_the_default_cost_is_the_one_of_the_rfc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.HashingCost())
    stored = passwords.hash_password("correct horse battery")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.password_matches(stored, "correct horse battery")
    assert not passwords.password_matches(stored, "correct horse batterx")


def test_a_damaged_or_missing_hash_opens_nothing() -> None:
    for stored in (None, "", "x", "$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA"):
        assert not passwords.password_matches(stored, "x")


def test_full_width_input_is_the_same_password() -> None:
    assert passwords.password_matches(passwords.hash_password("horse123"), "ｈｏｒｓｅ１２３")


def test_the_pin_opens_until_it_was_mistyped_three_times(
    database: Database, dispatcher: Dispatcher, clock: FixedClock, salesperson: Actor
) -> None:
    with pytest.raises(PinNotUsable):
        sign_in_with_pin(database, WANG.id, "2580", clock=clock)
    dispatcher.execute(SetPin(current_password=PASSWORD, pin="2580"), salesperson)
    assert sign_in_with_pin(database, WANG.id, "2580", clock=clock).has_pin
    verify_pin(database, WANG.id, " 2580 ", clock=clock)
    for _ in range(3):
        with pytest.raises(PinRefused) as refused:
            sign_in_with_pin(database, WANG.id, "1379", clock=clock)
        assert refused.value.field == "pin"
    clock.advance(timedelta(minutes=10))
    with pytest.raises(PinNotUsable):
        sign_in_with_pin(database, WANG.id, "2580", clock=clock)
    (tile,) = [tile for tile in list_staff_tiles(database) if tile.id == WANG.id]
    assert not tile.pin_usable
    sign_in(database, WANG.login, PASSWORD, clock=clock)
    sign_in_with_pin(database, WANG.id, "2580", clock=clock)


def test_the_tiles_begin_with_the_people_of_the_branch(
    database: Database, dispatcher: Dispatcher, administrator: Actor
) -> None:
    tiles = list_staff_tiles(database)
    assert len(tiles) == 9
    assert [tile.branch_id == SHANGHAI.id for tile in tiles] == [True] * 7 + [False] * 2
    assert (tiles[-2].login, tiles[-2].initials) == ("huanglei", "hl")
    dispatcher.execute(DeactivateStaffMember(staff_id=WANG.id, reason="离职"), administrator)
    assert WANG.id not in {tile.id for tile in list_staff_tiles(database)}


def test_who_was_deactivated_cannot_sign_in(
    database: Database, dispatcher: Dispatcher, administrator: Actor, clock: FixedClock
) -> None:
    dispatcher.execute(DeactivateStaffMember(staff_id=WANG.id, reason="离职"), administrator)
    for attempt in (sign_in(database, "liqiang", PASSWORD, clock=clock),):
        assert attempt.name == "李强"
    with pytest.raises(SignInRefused):
        sign_in(database, WANG.login, PASSWORD, clock=clock)
    with pytest.raises(PinNotUsable):
        sign_in_with_pin(database, WANG.id, "2580", clock=clock)


def test_an_administrator_ends_the_waiting(
    database: Database, dispatcher: Dispatcher, administrator: Actor, clock: FixedClock
) -> None:
    fail(database, clock, 6)
    dispatcher.execute(SetPassword(staff_id=WANG.id, password="another fine horse"), administrator)
    sign_in(database, WANG.login, "another fine horse", clock=clock)


def test_a_desk_without_a_place_says_so(database: Database, clock: FixedClock) -> None:
    with database.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM desk_state")
    with pytest.raises(DomainError) as refused:
        sign_in(database, WANG.login, PASSWORD, clock=clock)
    assert refused.value.code == "desk_not_set_up"


def test_an_empty_database_knows_nobody(tmp_path: object, make_database: object, clock: FixedClock) -> None:
    from pathlib import Path

    empty = Database(Path(str(tmp_path)) / "empty.db", KEY)
    try:
        upgrade(empty)
        assert list_staff_tiles(empty) == ()
        with pytest.raises(SignInRefused):
            sign_in(empty, "admin", "x", clock=clock)
        with empty.read() as session:
            assert session.get(DeskState, 1) is None
    finally:
        empty.close()
