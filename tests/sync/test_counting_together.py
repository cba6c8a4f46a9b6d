"""Several desks count the same stock at once, and offline: every scan counts, whichever meets the centre first."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.kernel.permissions import Role
from app.stocktaking.commands import DecideDifference, RecordScan, SignOff, StartCount
from app.stocktaking.queries import get_count, list_verdicts
from app.stocktaking.rules import Outcome
from db.models.stocktaking import StockCount
from sync.server.store import Store
from tests.factories.people import SHANGHAI
from tests.sync.desks import Desk
from tests.sync.transfer_desks import branch_desk, close, dispatcher_of, run


@pytest.fixture
def desks(database_template: Path, tmp_path: Path) -> Iterator[list[Desk]]:
    """Three desks of one branch that know its six vehicles."""
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}", pool=2)
    store.ensure_schema()
    made = [branch_desk(store, database_template, tmp_path, name, branch=SHANGHAI) for name in ("D01", "D02", "D03")]
    records = made[0].records
    trim = records.trim()
    for place in range(6):
        records.unit(trim, location=f"A-{place:02d}")
    for desk in (*made, *made):
        desk.sync()
    yield made
    close(*made)
    store.close()


def outcomes(desk: Desk, count: str) -> dict[str, str]:
    rows = dispatcher_of(desk).read(list_verdicts, desk.actor(), count)
    return {row.vin: row.outcome for row in rows}


def test_scans_of_all_desks_come_together(desks: list[Desk]) -> None:
    first, second, third = desks
    count = run(first, StartCount(), role=Role.SALESPERSON)
    for desk in (first, second, third):
        desk.sync()
    vins = [row[0] for row in first.rows("SELECT vin FROM vehicle_unit ORDER BY location")]
    for desk, seen in ((first, vins[0:2]), (second, vins[1:4]), (third, vins[3:5])):
        for vin in seen:
            run(desk, RecordScan(count_id=count, text=vin, location="A"), role=Role.SALESPERSON)
    assert outcomes(second, count)[vins[0]] == "MISSING"  # while apart, each knows its own
    for desk in (third, first, second, third, first):
        desk.sync()
    told: list[Any] = [outcomes(desk, count) for desk in desks]
    assert told[0] == told[1] == told[2]
    assert [told[0][vin] for vin in vins] == ["MATCHED"] * 5 + ["MISSING"]
    detail = dispatcher_of(third).read(get_count, third.actor(), count)
    assert detail.scanned == 5 and first.one("SELECT count(*) FROM stock_count_scan") == 7


def test_what_was_signed_off_stands_whatever_comes_later(desks: list[Desk]) -> None:
    first, second, _ = desks
    count = run(first, StartCount(), role=Role.SALESPERSON)
    for desk in desks:
        desk.sync()
    vins = [row[0] for row in first.rows("SELECT vin FROM vehicle_unit ORDER BY location")]
    for vin in vins:
        run(first, RecordScan(count_id=count, text=vin, location="A"), role=Role.SALESPERSON)
    run(second, RecordScan(count_id=count, text=vins[0], location="B-09"), role=Role.SALESPERSON)  # offline
    run(second, DecideDifference(count_id=count, vin=vins[0], reason="PLACE_CORRECTED"), role=Role.SALESPERSON)
    run(first, SignOff(count_id=count, expected_revision=first.row("stock_count", count)["revision"]))
    first.sync()
    second.sync()
    first.sync()
    for desk in (first, second):
        detail = dispatcher_of(desk).read(get_count, desk.actor(), count)
        assert (detail.row.state, detail.row.differences) == ("SIGNED", 0)
        assert detail.of(Outcome.MATCHED) == 6
    assert first.one("SELECT location FROM vehicle_unit WHERE vin = ?", vins[0]) == "A-00"
    second.do(lambda uow: setattr(uow.get(StockCount, count), "state", "COUNTING"))
    second.sync()
    assert second.row("stock_count", count)["state"] == "SIGNED"  # the centre lets nobody open it again
