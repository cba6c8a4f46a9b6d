"""What belongs to a vehicle goes where it goes, and is found without looking through a branch's records."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.attachments.commands import AttachFiles
from app.attachments.intake import GivenFile, take_in
from app.attachments.queries import get_content, list_attachments
from app.custody.commands import HandCertificates, RegisterKeys
from app.custody.key_queries import get_unit_keys
from app.custody.queries import get_certificate
from app.custody.rules import CustodyStep, Holder
from app.inspections.commands import AnswerItem, BeginInspection, NoteDefect
from app.inspections.queries import get_unit_inspections
from app.inspections.rules import Severity, Verdict, checklist_on
from app.inventory.commands import MoveUnit
from app.kernel.clock import branch_date
from app.kernel.permissions import Role
from app.unit_costs.commands import AddUnitCost
from app.unit_costs.rules import CostKind
from sync.client.content_courier import ContentCourier
from sync.server.schema import downgrade
from sync.server.store import Store
from sync.server.tables import replica_row
from sync.server.upkeep import check
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.factories.pictures import picture
from tests.sync.conftest import Group
from tests.sync.desks import Desk
from tests.sync.transfer_desks import approved, dispatcher_of, received, run, wanted

FOLLOWING = (
    "inspection", "inspection_answer", "inspection_defect", "certificate_entry", "vehicle_key", "key_entry",
    "unit_move", "unit_cost", "attachment",
)  # fmt: skip


def read(desk: Desk, query: Any, *args: Any) -> Any:
    return dispatcher_of(desk).read(query, desk.actor(Role.BRANCH_MANAGER), *args)


def cared_for(desk: Desk, unit: Any) -> str:
    """Give a unit all that may belong to one; the id of the defect, which has a photograph."""
    inspection = run(desk, BeginInspection(unit_id=unit.id))
    items = checklist_on(branch_date(desk.clock.now()), unit.energy).items
    run(desk, AnswerItem(inspection_id=inspection, item=items[0].code, verdict=Verdict.OK))
    defect = str(
        run(
            desk,
            NoteDefect(inspection_id=inspection, item=items[1].code, severity=Severity.COSMETIC, description="划痕"),
        )
    )
    run(desk, RegisterKeys(unit_id=unit.id, count=2, slot="A-11"))
    run(
        desk,
        HandCertificates(
            unit_ids=(unit.id,), step=CustodyStep.RECEIVE, from_kind=Holder.CARRIER, document_number="WAB123"
        ),
    )
    run(desk, MoveUnit(unit_id=unit.id, location="B-01"))
    run(
        desk,
        AddUnitCost(
            unit_id=unit.id, kind=CostKind.FREIGHT, amount=Decimal("800.00"),
            happened_on=branch_date(desk.clock.now()),
        ),
    )  # fmt: skip
    taken = read(desk, take_in, [GivenFile("scratch.jpg", picture(3))])
    run(desk, AttachFiles(subject_table="inspection_defect", subject_id=defect, files=taken.files))
    return defect


def moved(here: Desk, there: Desk, unit: Any) -> None:
    """Take a unit from one branch to the other."""
    transfer = wanted(there, unit)
    for desk in (there, here):
        desk.sync()
    approved(here, transfer)
    for desk in (here, there):
        desk.sync()
    received(there, transfer)
    for desk in (there, here):
        desk.sync()


def live(desk: Desk, unit_id: str) -> dict[str, int]:
    """How many records of a unit a desk has, by table."""
    counted = {
        table: desk.one(f"SELECT count(*) FROM {table} WHERE unit_id = ? AND deleted_at IS NULL", unit_id)
        for table in FOLLOWING
    }
    return {table: count for table, count in counted.items() if count}


def scopes(group: Group, unit_id: str) -> set[object]:
    """Where the records of a unit lie at the centre."""
    rows = group.rows(
        "SELECT r.scope FROM unit_follower f JOIN replica_row r ON r.tenant_id = f.tenant_id"
        " AND r.table_name = f.table_name AND r.record_id = f.record_id WHERE f.tenant_id = ? AND f.unit_id = ?",
        unit_id,
    )
    return {row[0] for row in rows}


def two_branches(group: Group) -> tuple[Desk, Desk, Any]:
    """A desk in Shanghai with a vehicle and one in Hangzhou, each reading its own branch."""
    here, there = group.desk("D01", scopes=[]), group.desk("D02", branch=HANGZHOU, scopes=[])
    unit = here.records.unit(location="A-01", certificate_state="PENDING_SCAN")
    for desk in (here, there, here):
        desk.sync()
    return here, there, unit


def test_all_that_belongs_to_a_vehicle_goes_with_it(group: Group) -> None:
    here, there, unit = two_branches(group)
    defect = cared_for(here, unit)
    courier = ContentCourier(here.database, here.engine.transport, clock=here.clock)
    before = live(here, unit.id)
    assert set(before) == set(FOLLOWING)
    here.sync()
    courier.carry()
    moved(here, there, unit)
    assert live(here, unit.id) == {}
    assert live(there, unit.id) == before
    assert scopes(group, unit.id) == {HANGZHOU.id}
    found = read(there, get_unit_inspections, unit.id)
    assert found.newest is not None and found.newest.answered == 2 and len(found.newest.defects) == 1
    assert len(read(there, get_unit_keys, unit.id).row.keys) == 2
    assert read(there, get_certificate, unit.id).row.document_number == "WAB123"
    fetcher = ContentCourier(there.database, there.engine.transport, clock=there.clock)
    (photo,) = read(there, list_attachments, "inspection_defect", defect)
    assert read(there, get_content, photo.content) is None
    fetcher.carry()
    assert read(there, get_content, photo.content) is not None
    assert [finding for finding in check(group.store, tenant=group.tenant) if "not with" in finding.what] == []


def test_what_was_written_before_one_heard_of_it_goes_after_the_vehicle(group: Group) -> None:
    here, there, unit = two_branches(group)
    late = group.desk("D03", scopes=[])
    late.sync()
    moved(here, there, unit)
    inspection = run(late, BeginInspection(unit_id=unit.id))
    items = checklist_on(branch_date(late.clock.now()), unit.energy).items
    run(late, AnswerItem(inspection_id=inspection, item=items[0].code, verdict=Verdict.OK))
    for desk in (late, there, late):
        desk.sync()
    assert live(there, unit.id) == {"inspection": 1, "inspection_answer": 1}
    assert live(late, unit.id) == {}
    assert scopes(group, unit.id) == {HANGZHOU.id}


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_centre_of_before_learns_what_belongs_to_which_vehicle(
    backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    cluster = request.getfixturevalue("cluster") if backend == "postgresql" else None
    store = Store(f"sqlite:///{tmp_path / 'old.db'}" if cluster is None else cluster.create_database(), pool=2)
    store.ensure_schema()
    rows = [
        ("a" * 32, "unit_cost", 0, '{"unit_id":"u1","amount":5}'),
        ("b" * 32, "unit_cost", 1, '{"deleted_at":5}'),
        ("c" * 32, "attachment", 0, '{"unit_id":null}'),
        ("d" * 32, "customer", 0, '{"name":"u1"}'),
    ]
    columns = [column.name for column in replica_row.columns]
    with store.write() as connection:
        store.insert_many(
            connection, "replica_row", columns,
            [("t", table, record, SHANGHAI.id, n, 1, deleted, body, "{}", 0, 0, "", 0, len(body))
             for n, (record, table, deleted, body) in enumerate(rows, start=1)],
        )  # fmt: skip
    downgrade(store.engine, "0002")
    store.ensure_schema()
    with store.read() as connection:
        kept = store.run(connection, "SELECT tenant_id, unit_id, table_name, record_id FROM unit_follower").fetchall()
    store.close()
    assert [tuple(row) for row in kept] == [("t", "u1", "unit_cost", "a" * 32)]
