"""Branches granted to a desk, taken from it, and a desk that is moved: nothing is lost, nothing stays behind."""

from pathlib import Path
from typing import Any

import pytest

from db.ids import new_id
from db.models.customers import Customer
from sync.client import leaving
from sync.client.exchange import Moved
from sync.server.devices import DEFAULT_TENANT, list_devices, revoke
from sync.server.scopes import DeskCodeTaken, NoSuchBranch, NoSuchDesk, change_scopes
from sync.server.upkeep import start_epoch
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.sync.conftest import Group
from tests.sync.desks import Desk
from tests.sync.sales_at_desks import sell
from tests.sync.service_process import ServiceProcess


def device_of(desk: Desk) -> str:
    return str(desk.one("SELECT device_id FROM desk_state"))


def grant(group: Group, desk: Desk, *branches: str, **more: str) -> Any:
    """Give the desk these branches besides its own."""
    return change_scopes(group.store, group.tenant, device_of(desk), branches, now=1, **more)


@pytest.fixture
def two(group: Group) -> tuple[Desk, Desk]:
    """A desk in Shanghai that reads Hangzhou as well, and one in Hangzhou; both have the other's customers."""
    one = group.desk("D01", scopes=[])
    other = group.desk("D01", branch=HANGZHOU, scopes=[])
    one.sync()
    other.sync()
    grant(group, one, HANGZHOU.code)
    other.records.save(*[_person(other, f"杭州{i}") for i in range(30)])
    one.records.save(*[_person(one, f"上海{i}") for i in range(10)])
    other.sync()
    one.sync()
    return one, other


def _person(desk: Desk, name: str) -> Customer:
    return Customer(branch_id=desk.branch.id, kind="person", name=name, phone="13900000000")


def _of(desk: Desk, branch: str) -> int:
    return int(desk.one("SELECT count(*) FROM customer WHERE scope = ? AND deleted_at IS NULL", branch))


def test_a_granted_branch_is_read_from_the_start(group: Group, two: tuple[Desk, Desk]) -> None:
    one, other = two
    assert _of(one, HANGZHOU.id) == 30 and _of(other, SHANGHAI.id) == 0
    change = grant(group, other, SHANGHAI.code)
    assert change.gained == {SHANGHAI.id} and not change.lost
    other.changes.clear()
    other.sync()
    assert _of(other, SHANGHAI.id) == 10 and other.snapshot() == one.snapshot()
    assert sum(len(changes.ids("customer")) for changes in other.changes) == 10
    found = other.engine.check_copy(asked=True)
    assert found is not None and not found.repaired


def test_a_branch_taken_away_leaves_nothing_behind(group: Group, two: tuple[Desk, Desk]) -> None:
    one, other = two
    assert grant(group, one).lost == {HANGZHOU.id}
    one.changes.clear()
    one.sync()
    assert _of(one, HANGZHOU.id) == 0 and _of(one, SHANGHAI.id) == 10
    assert one.one("SELECT count(*) FROM customer WHERE scope = ?", HANGZHOU.id) == 0
    assert one.one("SELECT count(*) FROM search_entry WHERE kind = 'customer'") == 10
    assert one.rows("SELECT count(*) FROM search_customer_name('杭州*')") in ([(0,)], [])
    assert one.rows("SELECT scope FROM sync_cursor ORDER BY scope") == sorted([(SHANGHAI.id,), ("group",)])
    assert sum(len(changes.ids("customer")) for changes in one.changes) == 30
    other.records.save(_person(other, "后来"))
    other.sync()
    one.sync()
    assert _of(one, HANGZHOU.id) == 0
    grant(group, one, HANGZHOU.code)
    one.sync()
    assert _of(one, HANGZHOU.id) == 31 and one.snapshot()["customer"].keys() >= other.snapshot()["customer"].keys()
    found = one.engine.check_copy(asked=True)
    assert found is not None and not found.repaired


@pytest.mark.parametrize("joins_again", [False, True])
def test_a_branch_taken_away_while_the_centre_was_restored_leaves_nothing_either(
    group: Group, two: tuple[Desk, Desk], joins_again: bool
) -> None:
    one, _ = two
    start_epoch(group.store, group.tenant)
    if joins_again:  # with a new code, which names its own branch only
        revoke(group.store, group.tenant, device_of(one), now=1)
        group.join(one, scopes=[])
    else:
        grant(group, one)
    one.sync()
    assert one.one("SELECT count(*) FROM customer WHERE scope = ?", HANGZHOU.id) == 0
    assert _of(one, SHANGHAI.id) == 10
    assert one.rows("SELECT scope FROM sync_cursor ORDER BY scope") == sorted([(SHANGHAI.id,), ("group",)])


def test_a_sale_is_kept_whose_vehicle_went_with_a_branch(group: Group, two: tuple[Desk, Desk]) -> None:
    one, other = two
    unit = other.records.unit(branch_id=HANGZHOU.id)
    other.sync()
    one.sync()
    order = sell(one, unit.id)
    grant(group, one)
    one.sync()
    state = group.rows(
        "SELECT body FROM replica_row WHERE tenant_id = ? AND table_name = 'sales_order' AND record_id = ?", order
    )
    assert len(state) == 1 and '"claim_state":"confirmed"' in str(state[0][0])
    assert one.engine.status.rejected == 0 and one.engine.status.unsent == 0


def test_what_was_not_sent_of_a_branch_taken_away_is_refused_visibly(group: Group, two: tuple[Desk, Desk]) -> None:
    one, other = two
    theirs = str(one.rows("SELECT id FROM customer WHERE scope = ? ORDER BY id", HANGZHOU.id)[0][0])
    one.set(Customer, theirs, name="离线改的")
    mine = one.records.customer(name="自己的")
    grant(group, one)
    report = one.sync()
    assert report.rejected == 1
    ((state, body, result),) = one.rows(
        "SELECT state, body, result FROM outbox_operation WHERE record_id = ? AND state <> 'pending'", theirs
    )
    assert state == "rejected" and "离线改的" in body and "scope_denied" in result
    assert one.row("customer", theirs) == {} and one.row("customer", mine.id)["ver"] == 1
    assert one.engine.status.rejected == 1
    other.sync()
    assert other.row("customer", theirs)["name"] != "离线改的"


def test_a_removal_that_is_interrupted_goes_on(small_group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    one = small_group.desk("D01", scopes=[])
    other = small_group.desk("D01", branch=HANGZHOU, scopes=[])
    one.sync()
    other.sync()
    grant(small_group, one, HANGZHOU.code)
    other.records.save(*[_person(other, f"杭州{i}") for i in range(30)])
    other.sync()
    one.sync()
    grant(small_group, one)
    monkeypatch.setattr(leaving, "_AT_ONCE", 7)
    remove, left = leaving._remove_some, [2]

    def dying(exchange: Any, table: str, scope: str) -> int:
        done = remove(exchange, table, scope)
        if done:
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
        return done

    monkeypatch.setattr(leaving, "_remove_some", dying)
    with pytest.raises(KeyboardInterrupt):
        one.sync()
    assert 0 < one.one("SELECT count(*) FROM customer WHERE scope = ?", HANGZHOU.id) < 30
    assert one.rows("SELECT leaving FROM sync_cursor WHERE scope = ?", HANGZHOU.id) == [(1,)]
    grant(small_group, one, HANGZHOU.code)  # granted again before it was all gone
    left[0] = 1000
    one.sync()
    assert _of(one, HANGZHOU.id) == 30 and one.one("SELECT count(*) FROM sync_cursor WHERE leaving = 1") == 0
    found = one.engine.check_copy(asked=True)
    assert found is not None and not found.repaired


def test_contents_that_only_the_branch_had_go_with_it(small_group: Group) -> None:
    one = small_group.desk("D01", scopes=[HANGZHOU.code])
    contents = one.database.contents
    shared, own = contents.put(b"shared" * 100), contents.put(b"own" * 100)
    for scope, sha256 in ((SHANGHAI.id, shared), (HANGZHOU.id, shared), (HANGZHOU.id, own)):
        with one.database.exclusive() as connection:
            _insert(connection, scope, sha256)
    with one.database.exclusive() as connection:
        connection.exec_driver_sql(
            "INSERT INTO sync_cursor (scope, seq, sweeping, leaving) VALUES (?, 5, 0, 1)", (HANGZHOU.id,)
        )
    with one.engine._exchange() as exchange:
        leaving.remove_lost(exchange)
    assert contents.has(shared) and not contents.has(own)
    assert one.one("SELECT count(*) FROM attachment") == 1


def _insert(connection: Any, scope: str, sha256: str) -> None:
    """An attachment row with whatever its columns need."""
    values: dict[str, Any] = {}
    for _, name, kind, needed, default, _ in connection.exec_driver_sql("PRAGMA table_info(attachment)").fetchall():
        if needed and default is None:
            values[name] = 1 if kind.startswith(("INT", "BIG", "BOOL")) else "{}"
    values |= {"id": new_id(), "scope": scope, "sha256": sha256, "ver": 1}
    columns = ", ".join(values)
    connection.exec_driver_sql(
        f"INSERT INTO attachment ({columns}) VALUES ({', '.join('?' * len(values))})", tuple(values.values())
    )


def test_a_desk_is_moved_to_another_branch(group: Group, two: tuple[Desk, Desk]) -> None:
    one, _ = two
    moved: list[Moved] = []
    one.engine._on_moved = moved.append
    before = one.records.customer(name="搬家前")
    with pytest.raises(DeskCodeTaken):
        grant(group, one, branch=HANGZHOU.code)
    grant(group, one, branch=HANGZHOU.code, desk_code="D07")
    one.sync()
    assert moved == [Moved(HANGZHOU.id, HANGZHOU.code, "D07")]
    assert one.rows("SELECT branch_id, desk_code FROM desk_state") == [(HANGZHOU.id, "D07")]
    assert _of(one, SHANGHAI.id) == 0 and _of(one, HANGZHOU.id) == 30
    assert one.rows("SELECT state FROM outbox_operation WHERE record_id = ?", before.id) == [("rejected",)]
    assert any(changes.everything for changes in one.changes)
    one.sync()
    assert len(moved) == 1


def test_a_desk_that_comes_back_to_a_branch_gets_also_what_it_wrote_there_itself(
    group: Group, two: tuple[Desk, Desk]
) -> None:  # fmt: skip
    one, _ = two
    here = one.snapshot()
    grant(group, one, HANGZHOU.code, branch=HANGZHOU.code, desk_code="D07")
    one.sync()
    assert _of(one, SHANGHAI.id) == 0 and _of(one, HANGZHOU.id) == 30
    grant(group, one, HANGZHOU.code, branch=SHANGHAI.code, desk_code="D01")
    one.engine._page_rows = 4
    one.sync()
    assert _of(one, SHANGHAI.id) == 10 and one.snapshot() == here
    assert one.one("SELECT sum(sweeping) FROM sync_cursor") == 0


def test_what_cannot_be_granted_is_said(small_group: Group) -> None:
    desk = small_group.desk("D01", scopes=[])
    desk.sync()
    with pytest.raises(NoSuchBranch, match="GZ09"):
        grant(small_group, desk, "GZ09")
    with pytest.raises(NoSuchDesk):
        change_scopes(small_group.store, small_group.tenant, "f" * 32, "*", now=1)
    everything = change_scopes(small_group.store, small_group.tenant, device_of(desk), "*", now=1)
    assert everything.scopes == "*" and everything.gained
    by_id = change_scopes(small_group.store, small_group.tenant, device_of(desk), [HANGZHOU.id], now=1)
    assert by_id.scopes == sorted({HANGZHOU.id, SHANGHAI.id, "group"})


def test_the_command_changes_scopes(own_service: ServiceProcess, database_template: Path, tmp_path: Path) -> None:
    group = Group(own_service, database_template, tmp_path)
    group.tenant = DEFAULT_TENANT
    try:
        desk = group.desk("D31", scopes=[])
        desk.sync()
        said = own_service.administer("scopes", device_of(desk), "--scopes", HANGZHOU.code)
        assert "1 gained, 0 lost" in said
        device = next(one for one in list_devices(group.store, group.tenant) if one.id == device_of(desk))
        assert device.scopes == {"group", SHANGHAI.id, HANGZHOU.id}
    finally:
        group.close()
