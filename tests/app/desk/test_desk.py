"""Drafts, preferences and the desk's place: they stay at the desk."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.desk.commands import ConfigureDesk, DiscardDraft, SaveDraft, SavePreference
from app.desk.housekeeping import purge_old_drafts, set_up_desk
from app.desk.queries import get_desk, get_draft, get_preference, list_drafts, list_preferences
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import DomainError
from app.kernel.permissions import Actor, Role
from db.engine import Database
from db.schema import upgrade
from tests.factories.databases import KEY
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.factories.records import Records


def count(database: Database, table: str) -> int:
    with database.read() as session:
        return int(session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_a_draft_belongs_to_its_owner(dispatcher: Dispatcher, salesperson: Actor, manager: Actor) -> None:
    dispatcher.execute(SaveDraft(form_key="customer.new", payload={"name": "半个"}), salesperson)
    dispatcher.execute(SaveDraft(form_key="customer.new", payload={"name": "半个名字"}), salesperson)
    draft = dispatcher.read(get_draft, salesperson, "customer.new")
    assert draft is not None
    assert draft.payload == {"name": "半个名字"}
    assert dispatcher.read(get_draft, manager, "customer.new") is None
    assert dispatcher.read(list_drafts, manager) == ()
    dispatcher.execute(DiscardDraft(form_key="customer.new"), manager)
    assert dispatcher.read(list_drafts, salesperson) == (draft,)
    dispatcher.execute(DiscardDraft(form_key="customer.new"), salesperson)
    assert dispatcher.read(list_drafts, salesperson) == ()


def test_drafts_and_preferences_are_neither_sent_nor_audited(dispatcher: Dispatcher, salesperson: Actor) -> None:
    outcome = dispatcher.execute(SaveDraft(form_key="customer.new", payload={"phone": "13812345678"}), salesperson)
    dispatcher.execute(SavePreference(key="view.customers", value={"columns": ["name"]}), salesperson)
    assert not outcome.changes
    assert (count(dispatcher.database, "outbox_operation"), count(dispatcher.database, "audit_entry")) == (0, 0)


def test_a_draft_survives_the_process(dispatcher: Dispatcher, salesperson: Actor, clock: FixedClock) -> None:
    dispatcher.execute(SaveDraft(form_key="order", payload={"price": "218,9"}), salesperson)
    path = dispatcher.database.path
    dispatcher.database.close()
    again = Database(path, KEY)
    try:
        (draft,) = Dispatcher(again, clock=clock).read(list_drafts, salesperson)
        assert (draft.id, draft.payload, draft.updated_at) == ("order", {"price": "218,9"}, clock.now())
    finally:
        again.close()


@pytest.mark.parametrize(
    ("command", "field", "code"),
    [
        (SaveDraft(form_key="", payload={}), "form_key", "value_required"),
        (SaveDraft(form_key="x" * 81, payload={}), "form_key", "value_too_long"),
        (SaveDraft(form_key="x", payload={"note": "x" * 30_000_000}), None, "draft_too_large"),
        (SavePreference(key=" ", value=1), "key", "value_required"),
        (SavePreference(key="x", value=["x" * 40_000]), None, "preference_too_large"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_kept_says_so(
    dispatcher: Dispatcher, salesperson: Actor, command: Any, field: str | None, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        dispatcher.execute(command, salesperson)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_old_drafts_are_forgotten(dispatcher: Dispatcher, salesperson: Actor, clock: FixedClock) -> None:
    dispatcher.execute(SaveDraft(form_key="old", payload={}), salesperson)
    clock.advance(timedelta(days=20))
    dispatcher.execute(SaveDraft(form_key="new", payload={}), salesperson)
    assert purge_old_drafts(dispatcher.database, clock=clock) == 0
    clock.advance(timedelta(days=11))
    assert purge_old_drafts(dispatcher.database, clock=clock) == 1
    assert [draft.form_key for draft in dispatcher.read(list_drafts, salesperson)] == ["new"]


def test_a_preference_is_kept_replaced_and_forgotten(
    dispatcher: Dispatcher, salesperson: Actor, manager: Actor
) -> None:
    assert dispatcher.read(get_preference, salesperson, "view.a", 7) == 7
    for value in ({"columns": ["a"]}, [1, None], "wide", 0, False):
        dispatcher.execute(SavePreference(key="view.a", value=value), salesperson)
        assert dispatcher.read(get_preference, salesperson, "view.a") == value
    dispatcher.execute(SavePreference(key="other", value=1), salesperson)
    assert dispatcher.read(list_preferences, salesperson, "view.") == {"view.a": False}
    assert dispatcher.read(list_preferences, manager) == {}
    dispatcher.execute(SavePreference(key="view.a", value=None), salesperson)
    dispatcher.execute(SavePreference(key="view.a", value=None), salesperson)
    assert dispatcher.read(get_preference, salesperson, "view.a") is None


def test_a_desk_is_placed_before_anybody_signs_in(tmp_path: Any) -> None:
    database = Database(tmp_path / "new.db", KEY)
    try:
        upgrade(database)
        device = set_up_desk(database, branch_id=SHANGHAI.id, desk_code="d07")
        assert set_up_desk(database, branch_id=HANGZHOU.id, desk_code="D08") == device
        with database.read() as session:
            row = session.connection().exec_driver_sql("SELECT branch_id, desk_code FROM desk_state").one()
            assert tuple(row) == (SHANGHAI.id, "D07")
        with pytest.raises(DomainError):
            set_up_desk(database, branch_id=SHANGHAI.id, desk_code="Desk 1")
    finally:
        database.close()


def test_a_desk_is_moved_while_nothing_is_unsent(
    dispatcher: Dispatcher, manager: Actor, records: Records, database: Database
) -> None:
    dispatcher.execute(ConfigureDesk(branch_id=HANGZHOU.id, desk_code="d02"), manager)
    desk = dispatcher.read(get_desk, manager)
    assert desk is not None
    assert (desk.branch_id, desk.desk_code, desk.service_url) == (HANGZHOU.id, "D02", "")
    assert count(database, "audit_entry") == 1
    records.customer()
    dispatcher.execute(ConfigureDesk(branch_id=HANGZHOU.id, desk_code="D02"), manager)
    with pytest.raises(DomainError) as refused:
        dispatcher.execute(ConfigureDesk(branch_id=SHANGHAI.id, desk_code="D02"), manager)
    assert refused.value.code == "desk_has_unsent_changes"


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [({"desk_code": "a b"}, "desk_code", "code_unusable"), ({"branch_id": "x"}, "branch_id", "record_not_found")],
)
def test_a_desk_needs_a_real_place(
    dispatcher: Dispatcher, manager: Actor, values: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        dispatcher.execute(ConfigureDesk(**({"branch_id": SHANGHAI.id, "desk_code": "D02"} | values)), manager)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_roles(dispatcher: Dispatcher, actor_with: Callable[[Role], Actor]) -> None:
    for role in Role:
        actor = actor_with(role)
        dispatcher.execute(SaveDraft(form_key="x", payload={}), actor)
        dispatcher.execute(DiscardDraft(form_key="x"), actor)
        dispatcher.execute(SavePreference(key="x", value=1), actor)
        configure = ConfigureDesk(branch_id=SHANGHAI.id, desk_code="D01")
        if role in (Role.BRANCH_MANAGER, Role.ADMINISTRATOR):
            dispatcher.execute(configure, actor)
        else:
            with pytest.raises(DomainError) as refused:
                dispatcher.execute(configure, actor)
            assert refused.value.code == "permission_denied"
