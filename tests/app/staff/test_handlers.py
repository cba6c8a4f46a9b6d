"""People and branches through the dispatcher."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.kernel.clock import FixedClock
from app.kernel.commands import Command
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import DomainError, RecordChangedMeanwhile, RecordNotFound
from app.kernel.permissions import Actor, Role
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
from app.staff.first_branch import open_first_branch
from app.staff.queries import count_staff, find_staff, get_branch, get_staff_member, list_branches, list_staff
from app.staff.sign_in import list_staff_tiles, sign_in, sign_in_with_pin
from db.engine import Database
from db.models.staff import StaffMember
from db.schema import ensure_desk, upgrade
from tests.factories.databases import KEY
from tests.factories.people import HANGZHOU, PASSWORD, SHANGHAI, actor_of, staff_of

NEW = CreateStaffMember(
    branch_id=SHANGHAI.id, login="Ma.Chao", name="马超", name_en="Ma Chao", role="cashier", password="seven quiet lamps"
)
WANG, ADMIN = staff_of(Role.SALESPERSON), staff_of(Role.ADMINISTRATOR)
BRANCH = CreateBranch(code="nj01", name_zh="南京店", name_en="Nanjing", work_bays={"general": 3})


def refusal(dispatcher: Dispatcher, command: Command, actor: Actor) -> tuple[str | None, str]:
    with pytest.raises(DomainError) as refused:
        dispatcher.execute(command, actor)
    return refused.value.field, refused.value.code


def test_a_new_colleague_signs_in(
    dispatcher: Dispatcher, administrator: Actor, clock: FixedClock, database: Database
) -> None:
    outcome = dispatcher.execute(NEW, administrator)
    signed_in = sign_in(database, "ma.chao", "seven quiet lamps", clock=clock)
    assert (signed_in.staff_id, signed_in.role) == (outcome.value, Role.CASHIER)
    (found,) = dispatcher.read(find_staff, administrator, "mc")
    assert (found.name, found.branch_name) == ("马超", "Shanghai Test Branch")
    assert "seven quiet lamps" not in repr(NEW)
    assert outcome.undo is not None
    dispatcher.execute(outcome.undo, administrator)
    assert outcome.value not in {tile.id for tile in list_staff_tiles(database)}


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"login": "x"}, "login", "login_unusable"),
        ({"login": "ma chao"}, "login", "login_unusable"),
        ({"login": "马超"}, "login", "login_unusable"),
        ({"login": "a" * 41}, "login", "login_unusable"),
        ({"login": "WANGFANG"}, "login", "login_taken"),
        ({"name": ""}, "name", "value_required"),
        ({"name": "马" * 61}, "name", "value_too_long"),
        ({"role": "emperor"}, "role", "value_not_allowed"),
        ({"branch_id": "f" * 32}, "branch_id", "record_not_found"),
        ({"phone": "1" * 33}, "phone", "value_too_long"),
        ({"password": "short"}, "password", "password_too_short"),
        ({"password": "x" * 129}, "password", "value_too_long"),
        ({"password": "12345678"}, "password", "password_too_easy"),
        ({"password": "aaaaaaaaaa"}, "password", "password_too_easy"),
        ({"password": "Password"}, "password", "password_too_easy"),
        ({"password": "machao2026"}, "password", "password_too_easy"),
        ({"password": "ma.chao1"}, "password", "password_too_easy"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    dispatcher: Dispatcher, administrator: Actor, values: dict[str, Any], field: str, code: str
) -> None:
    assert refusal(dispatcher, replace(NEW, **values), administrator) == (field, code)
    assert dispatcher.read(count_staff, administrator) == (9, 9)


def test_a_change_keeps_what_is_not_named_and_is_undone(dispatcher: Dispatcher, administrator: Actor) -> None:
    change = ChangeStaffMember(
        staff_id=WANG.id, expected_revision=1, name="王芳芳", role="cashier", branch_id=HANGZHOU.id
    )
    outcome = dispatcher.execute(change, administrator)
    row = dispatcher.read(get_staff_member, administrator, WANG.id)
    assert (row.name, row.role, row.branch_id, row.login, row.revision) == (
        "王芳芳", "cashier", HANGZHOU.id, "wangfang", 2,
    )  # fmt: skip
    assert dispatcher.read(find_staff, administrator, "wff")
    assert outcome.undo is not None
    dispatcher.execute(outcome.undo, administrator)
    row = dispatcher.read(get_staff_member, administrator, WANG.id)
    assert (row.name, row.role, row.branch_id) == ("王芳", "salesperson", SHANGHAI.id)
    assert dispatcher.read(find_staff, administrator, "wf")
    with pytest.raises(RecordChangedMeanwhile):
        dispatcher.execute(change, administrator)


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"login": "liqiang"}, "login", "login_taken"),
        ({"name": " "}, "name", "value_required"),
        ({"role": "x"}, "role", "value_not_allowed"),
        ({"branch_id": "x"}, "branch_id", "record_not_found"),
    ],
)
def test_a_bad_change_is_refused(
    dispatcher: Dispatcher, administrator: Actor, values: dict[str, Any], field: str, code: str
) -> None:
    change = ChangeStaffMember(staff_id=WANG.id, expected_revision=1, **values)
    assert refusal(dispatcher, change, administrator) == (field, code)


def test_the_last_administrator_stays(dispatcher: Dispatcher, administrator: Actor) -> None:
    demote = ChangeStaffMember(staff_id=ADMIN.id, expected_revision=1, role="cashier")
    assert refusal(dispatcher, demote, administrator) == ("role", "last_administrator")
    assert refusal(dispatcher, DeactivateStaffMember(staff_id=ADMIN.id, reason="x"), administrator) == (
        None, "own_account",
    )  # fmt: skip
    second = dispatcher.execute(replace(NEW, role="administrator"), administrator).value
    assert refusal(dispatcher, demote, administrator) == ("role", "own_account")
    other = replace(actor_of(ADMIN), staff_id=second)
    assert refusal(dispatcher, DeactivateStaffMember(staff_id=second, reason="x"), other) == (None, "own_account")
    dispatcher.execute(demote, other)
    assert refusal(dispatcher, DeactivateStaffMember(staff_id=second, reason="x"), administrator) == (
        None, "last_administrator",
    )  # fmt: skip


def test_leaving_needs_a_reason_and_can_be_taken_back(dispatcher: Dispatcher, administrator: Actor) -> None:
    assert refusal(dispatcher, DeactivateStaffMember(staff_id=WANG.id, reason=" "), administrator) == (
        "reason", "value_required",
    )  # fmt: skip
    outcome = dispatcher.execute(DeactivateStaffMember(staff_id=WANG.id, reason="离职"), administrator)
    assert not dispatcher.read(get_staff_member, administrator, WANG.id).active
    assert dispatcher.read(count_staff, administrator, active=True) == (8, 9)
    assert outcome.undo == ReactivateStaffMember(staff_id=WANG.id)
    dispatcher.execute(replace(NEW, login="wangfang"), administrator)
    assert refusal(dispatcher, outcome.undo, administrator) == ("login", "login_taken")


def test_everybody_changes_their_own_password(
    dispatcher: Dispatcher, salesperson: Actor, clock: FixedClock, database: Database
) -> None:
    change = ChangeOwnPassword(current_password=PASSWORD, new_password="seven quiet lamps")
    assert refusal(dispatcher, replace(change, current_password="x"), salesperson) == (
        "current_password", "password_wrong",
    )  # fmt: skip
    assert refusal(dispatcher, replace(change, new_password="x"), salesperson) == (
        "new_password", "password_too_short",
    )  # fmt: skip
    dispatcher.execute(change, salesperson)
    sign_in(database, WANG.login, "seven quiet lamps", clock=clock)


@pytest.mark.parametrize("pin", ["", "123", "1234", "4321", "0000", "123456789", "12a4", "１２５９"])
def test_an_easy_pin_is_refused(dispatcher: Dispatcher, salesperson: Actor, pin: str) -> None:
    assert refusal(dispatcher, SetPin(current_password=PASSWORD, pin=pin), salesperson) == ("pin", "pin_too_easy")


def test_a_pin_is_set_and_taken_away_by_its_owner(
    dispatcher: Dispatcher, salesperson: Actor, clock: FixedClock, database: Database
) -> None:
    assert refusal(dispatcher, SetPin(current_password="x", pin="2580"), salesperson) == (
        "current_password", "password_wrong",
    )  # fmt: skip
    dispatcher.execute(SetPin(current_password=PASSWORD, pin="2580"), salesperson)
    sign_in_with_pin(database, WANG.id, "2580", clock=clock)
    dispatcher.execute(SetPin(current_password=PASSWORD, pin=None), salesperson)
    assert not dispatcher.read(get_staff_member, salesperson, WANG.id).has_pin


def test_secrets_reach_the_outbox_hashed_and_the_audit_trail_not_at_all(
    dispatcher: Dispatcher, administrator: Actor
) -> None:
    dispatcher.execute(SetPassword(staff_id=WANG.id, password="seven quiet lamps"), administrator)
    with dispatcher.database.read() as session:
        connection = session.connection()
        (body,) = connection.exec_driver_sql("SELECT body FROM outbox_operation").scalars()
        (changes,) = connection.exec_driver_sql("SELECT changes FROM audit_entry").scalars()
    assert "$argon2id$" in body
    assert "argon2" not in changes
    assert "seven quiet lamps" not in body + changes


def test_a_branch_is_opened_and_changed(dispatcher: Dispatcher, administrator: Actor) -> None:
    branch_id = dispatcher.execute(BRANCH, administrator).value
    assert [branch.code for branch in dispatcher.read(list_branches, administrator)] == ["HZ01", "NJ01", "SH01"]
    change = ChangeBranch(
        branch_id=branch_id, expected_revision=1, work_bays={"general": 5, "paint": 1}, lock_minutes=3
    )
    outcome = dispatcher.execute(change, administrator)
    branch = dispatcher.read(get_branch, administrator, branch_id)
    assert (branch.work_bays, branch.lock_minutes, branch.name) == ({"general": 5, "paint": 1}, 3, "Nanjing")
    assert outcome.undo is not None
    dispatcher.execute(outcome.undo, administrator)
    branch = dispatcher.read(get_branch, administrator, branch_id)
    assert (branch.work_bays, branch.lock_minutes) == ({"general": 3}, 10)
    assert dispatcher.read(get_branch, administrator).code == "SH01"


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"code": "S"}, "code", "code_unusable"),
        ({"code": "SH-01"}, "code", "code_unusable"),
        ({"code": "sh01"}, "code", "branch_code_taken"),
        ({"name_zh": " "}, "name_zh", "value_required"),
        ({"name_en": ""}, "name_en", "value_required"),
        ({"uscc": "123"}, "uscc", "value_not_allowed"),
        ({"uscc": "1" * 41}, "uscc", "value_too_long"),
        ({"address_zh": "路" * 201}, "address_zh", "value_too_long"),
        ({"work_bays": {"general": -1}}, "work_bays", "bay_count_wrong"),
        ({"work_bays": {"general": 1.5}}, "work_bays", "bay_count_wrong"),
        ({"lock_minutes": 0}, "lock_minutes", "lock_minutes_wrong"),
        ({"lock_minutes": 121}, "lock_minutes", "lock_minutes_wrong"),
    ],
)
def test_a_bad_branch_is_refused(
    dispatcher: Dispatcher, administrator: Actor, values: dict[str, Any], field: str, code: str
) -> None:
    assert refusal(dispatcher, replace(BRANCH, **values), administrator) == (field, code)


def test_staff_lists_page_filter_and_hide_phones(
    dispatcher: Dispatcher, administrator: Actor, salesperson: Actor
) -> None:
    first = dispatcher.read(list_staff, administrator, limit=5)
    rest = dispatcher.read(list_staff, administrator, limit=5, after=first[-1].cursor)
    logins = [row.login for row in first + rest]
    assert logins == sorted(logins)
    assert len(logins) == 9
    assert {row.phone for row in first} == {"13800000000"}
    assert {row.phone for row in dispatcher.read(list_staff, salesperson)} == {""}
    assert {row.name for row in dispatcher.read(list_staff, salesperson, role="branch_manager")} == {"赵敏", "徐军"}
    assert dispatcher.read(count_staff, salesperson, branch_id=HANGZHOU.id) == (2, 9)
    assert dispatcher.read(list_staff, salesperson, text="%") == ()


ANY = "f" * 32
MANAGED = [
    NEW,
    ChangeStaffMember(staff_id=ANY, expected_revision=1),
    SetPassword(staff_id=ANY, password="seven quiet lamps"),
    DeactivateStaffMember(staff_id=ANY, reason="x"),
    ReactivateStaffMember(staff_id=ANY),
    BRANCH,
    ChangeBranch(branch_id=ANY, expected_revision=1),
]


@pytest.mark.parametrize("command", MANAGED, ids=lambda command: type(command).__name__)
def test_only_administrators_manage_staff(
    dispatcher: Dispatcher, actor_with: Callable[[Role], Actor], command: Command
) -> None:
    for role in Role:
        if role != Role.ADMINISTRATOR:
            assert refusal(dispatcher, command, actor_with(role)) == (None, "permission_denied")
    if command not in (NEW, BRANCH):
        with pytest.raises(RecordNotFound):
            dispatcher.execute(command, actor_with(Role.ADMINISTRATOR))


def test_everybody_may_change_their_own(dispatcher: Dispatcher, actor_with: Callable[[Role], Actor]) -> None:
    for role in Role:
        dispatcher.execute(SetPin(current_password=PASSWORD, pin="2580"), actor_with(role))


@pytest.fixture
def empty(tmp_path: Any) -> Any:
    database = Database(tmp_path / "empty.db", KEY)
    upgrade(database)
    yield database
    database.close()


def open_branch(database: Database, clock: FixedClock, **values: Any) -> str:
    given = {"branch": BRANCH, "administrator": replace(NEW, branch_id="", role="cashier"), "desk_code": "d01"}
    return open_first_branch(database, clock=clock, **(given | values))


def test_the_first_branch_is_opened_once(empty: Database, clock: FixedClock) -> None:
    ensure_desk(empty)
    branch_id = open_branch(empty, clock)
    signed_in = sign_in(empty, "ma.chao", NEW.password, clock=clock)
    assert (signed_in.role, signed_in.branch_id, signed_in.branch_code) == (Role.ADMINISTRATOR, branch_id, "NJ01")
    assert signed_in.desk_code == "D01"
    with empty.read() as session:
        member = session.get_one(StaffMember, signed_in.staff_id)
        assert (member.branch_id, member.scope) == (branch_id, "group")
        assert session.connection().exec_driver_sql("SELECT count(*) FROM outbox_operation").scalar() == 2
    with pytest.raises(DomainError) as refused:
        open_branch(empty, clock)
    assert refused.value.code == "already_set_up"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"desk_code": "?"}, "desk_code"),
        ({"branch": replace(BRANCH, code="?")}, "code"),
        ({"administrator": replace(NEW, password="12345678")}, "password"),
    ],
)
def test_a_bad_first_branch_leaves_nothing(
    empty: Database, clock: FixedClock, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        open_branch(empty, clock, **values)
    assert refused.value.field == field
    with empty.read() as session:
        for table in ("branch", "staff_member", "outbox_operation", "audit_entry"):
            assert session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0
    open_branch(empty, clock)
