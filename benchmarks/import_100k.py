"""A stock list of 100,000 units with 1 % bad rows, taken in without them.

Ours: reading the file, the check of every row against rules, catalogue and stock, and the command that writes the rows
with numbers, audit trail, outbox and search index. The peer parses the same file and inserts the same rows of units,
ready at hand, by sqlcipher3 into the same table with its indexes, on a database of the same kind (WAL,
synchronous=FULL). Then the import is cancelled twice, in the check and while writing: nothing may be left behind. The
cycle collector is off meanwhile, as it is on the threads of the window that do such work.
"""

import csv
import gc
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from app.demo.catalogue import DemoTrim, build_catalogue
from app.demo.identifiers import Identifiers
from app.demo.loading import Loader
from app.inventory.commands import ImportUnits
from app.inventory.import_units import Progress, check_units, read_file, suggest_mapping
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from benchmarks.figures import Figure
from db.engine import Database, connect
from tests.factories.databases import KEY, build_template, open_copy
from tests.factories.people import actor_of, staff_of

ROWS = 100_000
BAD_EVERY = 100
GOAL = 3.0
_NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
_HEADINGS = (
    "VIN", "品牌", "车系", "年款", "车型", "外观颜色", "内饰颜色", "进价", "指导价", "底价", "库存编号", "发动机号",
    "库位", "入库日期", "生产日期", "里程", "库存状态",
)  # fmt: skip
_COLOURS = ("珍珠白 / Pearl White", "星空黑 / Starry Black", "青岚灰 / Mist Grey", "赤霞红 / Sunset Red")
_BAD = (("VIN", "LSV1"), ("车型", "没有这一款"), ("指导价", "面议"), ("入库日期", "昨天"), ("外观颜色", ""))


class _Stopped(Exception):
    """What a cancelled import raises."""


def run(rows: int = ROWS) -> list[Figure]:
    """Seconds of the import and their ratio to bare parsing and inserting."""
    gc.disable()
    try:
        with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as name:
            seconds, bare, taken, left = _measured(Path(name), rows)
    finally:
        gc.enable()
    ratio = seconds / bare
    return [
        Figure(
            name="import-100k",
            value=seconds,
            unit="s",
            peer=f"parsing and bare sqlcipher3 inserts of the same {taken:,} rows: {bare:.2f} s",
            ratio=ratio,
            goal=f"≤ {GOAL:g} ×",
            holds=ratio <= GOAL,
        ),
        Figure(
            name="import-100k cancelled",
            value=float(left),
            unit="rows left",
            peer="no row of any table may differ",
            ratio=None,
            goal="0 rows",
            holds=left == 0,
        ),
    ]


def _measured(folder: Path, rows: int) -> tuple[float, float, int, int]:
    """Seconds of ours and of the peer, the units taken in, and what cancelling left behind."""
    template = _with_catalogue(folder / "template.db", folder / "units.csv", rows)
    with closing(open_copy(template, folder / "cancelled.db")) as database:
        left = _cancelled(database, folder / "units.csv")
    gc.collect()
    with closing(open_copy(template, folder / "ours.db")) as database:
        seconds, taken = _import(database, folder / "units.csv")
    return seconds, _bare(template, folder, taken), taken, left


def _with_catalogue(path: Path, listed: Path, rows: int) -> Path:
    build_template(path)
    loader = Loader(Random(7))
    catalogue = build_catalogue(loader, at=_NOW, this_year=_NOW.year)
    with closing(Database(path, KEY)) as database, database.exclusive() as connection:
        loader.write(connection)
    _write_list(listed, catalogue.new, rows)
    return path


def _write_list(path: Path, trims: list[DemoTrim], rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _HEADINGS)
        writer.writeheader()
        writer.writerows(_listed_units(trims, rows))


def _listed_units(trims: list[DemoTrim], rows: int) -> Iterator[dict[str, object]]:
    chance = Random(11)
    numbers = Identifiers(chance)
    for n in range(rows):
        trim = chance.choice(trims)
        price = int(trim.guide_price)
        row: dict[str, object] = {
            "VIN": numbers.vin(trim.make_en, country=trim.country, imported=trim.imported, year=trim.year),
            "品牌": trim.make_zh, "车系": trim.series_zh, "年款": trim.year, "车型": trim.name_zh,
            "外观颜色": chance.choice(_COLOURS), "内饰颜色": "黑色 / Black", "进价": price * 92 // 100,
            "指导价": f"{price:,}", "底价": price * 95 // 100, "库存编号": f"IM-{n:06d}", "发动机号": f"E{n:07d}",
            "库位": f"{chance.choice('ABCDEF')}-{chance.randrange(1, 61):02d}",
            "入库日期": (_NOW - timedelta(days=chance.randrange(400))).date().isoformat(), "生产日期": "2025/01/15",
            "里程": chance.randrange(5, 60), "库存状态": "在库",
        }  # fmt: skip
        if n % BAD_EVERY == BAD_EVERY - 1:
            heading, value = chance.choice(_BAD)
            row[heading] = value
        yield row


def _import(database: Database, listed: Path, progress: Progress | None = None) -> tuple[float, int]:
    dispatcher, actor = Dispatcher(database, clock=FixedClock(_NOW)), actor_of(staff_of(Role.BRANCH_MANAGER))
    began = time.perf_counter()
    table = read_file(listed)
    checked = dispatcher.read(
        check_units, actor, table=table, mapping=suggest_mapping(table.headers), progress=progress
    )
    result = dispatcher.execute(ImportUnits(prepared=checked, skip_bad_rows=True, progress=progress), actor).value
    seconds = time.perf_counter() - began
    if result.left_out != len(table.rows) // BAD_EVERY:
        raise RuntimeError(f"{result.left_out} rows were left out of {len(table.rows)}")
    return seconds, len(result.unit_ids)


def _cancelled(database: Database, listed: Path) -> int:
    """How many rows are different after cancelling in the check and while writing."""
    before = _counts(database)
    for share in (0.5, 1.5):
        steps: list[float] = []

        def stop(message: str, fraction: float, share: float = share, steps: list[float] = steps) -> None:
            runs = 1 + any(later < earlier for earlier, later in pairwise(steps))
            steps.append(fraction)
            if runs - 1 + fraction >= share:
                raise _Stopped

        try:
            _import(database, listed, stop)
        except _Stopped:
            continue
        raise RuntimeError("the import could not be cancelled")
    after = _counts(database)
    return sum(abs(after[name] - before[name]) for name in before)


def _counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        connection = session.connection()
        tables = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).scalars()
        return {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar() for name in tables.all()}


def _bare(template: Path, folder: Path, taken: int) -> float:
    """Seconds to parse the file and to insert the rows the import made, in one transaction."""
    with closing(connect(folder / "ours.db", KEY)) as source:
        found: list[Any] = source.execute("SELECT * FROM vehicle_unit").fetchall()
    if len(found) != taken:
        raise RuntimeError(f"{len(found)} rows are there, {taken} were taken in")
    with closing(open_copy(template, folder / "bare.db")):
        pass
    marks = ", ".join("?" * len(found[0]))
    began = time.perf_counter()
    with (folder / "units.csv").open(encoding="utf-8", newline="") as file:
        parsed = list(csv.reader(file))
    with closing(connect(folder / "bare.db", KEY)) as bare:
        bare.execute("BEGIN IMMEDIATE")
        bare.executemany(f"INSERT INTO vehicle_unit VALUES ({marks})", found)
        bare.execute("COMMIT")
        seconds = time.perf_counter() - began
    if len(parsed) <= taken:
        raise RuntimeError("the file has fewer rows than were taken in")
    return seconds
