"""A large import of specifications: it leaves this desk in portions, and all of it arrives at the next one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import db.capture
from app.catalog.commands import ImportSpecifications, SpecificationRecord
from app.catalog.energies import Energy
from app.catalog.import_commands import UndoSpecificationImport
from sync.server.store import Store
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.sync.desks import Desk
from tests.sync.transfer_desks import branch_desk, close, run

PORTION = 20
TRIMS = 60


@pytest.fixture
def desks(database_template: Path, tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    """Two desks of different branches and their centre."""
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}", pool=2)
    store.ensure_schema()
    branches = {"D01": SHANGHAI, "D02": HANGZHOU}
    made = [branch_desk(store, database_template, tmp_path, name, branch=branch) for name, branch in branches.items()]
    yield made[0], made[1]
    close(*made)
    store.close()


def agree(*desks: Desk) -> None:
    for _ in range(2):
        for desk in desks:
            desk.sync()


def catalogue(desk: Desk) -> list[tuple[object, ...]]:
    tables = ("make", "series", "model_year", "trim", "specification_version")
    return [row for table in tables for row in desk.rows(f"SELECT id, deleted_at IS NULL FROM {table} ORDER BY id")]


def test_in_portions_whole_at_the_other_desk_and_back(
    desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = desks
    agree(here, there)
    monkeypatch.setattr(db.capture, "PORTION", PORTION)
    records = tuple(
        SpecificationRecord(make_zh="小鹏", series_zh=f"P{n % 3}", year=2026, trim_zh=f"{n}", energy=Energy.ELECTRIC,
                            parameters={"length": 4800 + n})
        for n in range(TRIMS)
    )  # fmt: skip
    taken = run(here, ImportSpecifications(records=records, source="Book"))
    sizes = here.rows("SELECT count(*) FROM outbox_operation WHERE state = 'pending' GROUP BY txn_id ORDER BY min(n)")
    assert sum(size for (size,) in sizes) == 2 * (TRIMS + 1 + 3 + 3), "each entry and its version"
    assert {size for (size,) in sizes[:-1]} == {PORTION} and len(sizes) == 7
    first = here.rows("SELECT table_name FROM outbox_operation WHERE state = 'pending' ORDER BY n LIMIT 4")
    assert first == [("make",), ("series",), ("model_year",), ("trim",)], "what is above goes before what is below"
    agree(here, there)
    assert catalogue(here) == catalogue(there) and there.one("SELECT count(*) FROM trim") >= TRIMS
    run(here, UndoSpecificationImport(import_id=taken.import_id))
    agree(here, there)
    assert catalogue(here) == catalogue(there)
    assert there.one("SELECT count(*) FROM trim WHERE deleted_at IS NULL AND source = 'Book'") == 0
