"""A group's stock of a million units in the encrypted database, built once and kept outside the tree.

The catalogue is the demo's with twenty thousand further trims. Units are entered in the order in which they arrived:
the older, the likelier sold. Search entries are made by the program's own indexing.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

from platformdirs import user_cache_path

from app.demo.catalogue import DemoTrim, build_catalogue
from app.demo.identifiers import Identifiers
from app.demo.loading import Loader
from app.demo.people import BRANCHES, DemoBranch, build_branches
from app.demo.stock import COLOURS
from benchmarks.many_trims import TRIMS, add_trims
from db.engine import Database
from db.ids import new_id
from db.models.inventory import VehicleUnit
from db.schema import ensure_desk, upgrade
from db.search import index_new_records, merge_some

UNITS = 1_000_000
KEY = hashlib.sha256(b"forecourt benchmarks").digest()
TODAY = date(2026, 11, 22)
_NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
_ROOT = Path(__file__).resolve().parents[1]
_SHAPED_BY = (
    "db/search.py", "db/models/inventory.py", "db/models/catalog.py", "benchmarks/million_units.py",
    "benchmarks/many_trims.py", "resources/demo/catalogue.json", "resources/reference/specification_dictionary.json",
)  # fmt: skip
_CHUNK = 20_000
_DAYS = 1_500
_COLUMNS = (
    "id", "scope", "branch_id", "trim_id", "make_id", "series_id", "energy", "vin", "stock_number", "engine_number",
    "exterior_colour", "interior_colour", "location", "cost", "list_price", "floor_price", "currency", "arrived_on",
    "odometer_km", "stock_state", "allocation_state", "pdi_state", "quality_state", "certificate_state", "ver",
    "revision", "created_at", "updated_at", "field_clock",
)  # fmt: skip


def million_units(count: int = UNITS) -> Path:
    """The database file; built when there is none for the present schema and catalogue, by a process of its own so that
    what is measured afterwards does not begin with a full heap."""
    path = _path_for(count)
    if not path.exists():
        subprocess.run([sys.executable, "-P", "-m", "benchmarks.million_units", str(count)], check=True, cwd=_ROOT)
    return path


def _path_for(count: int) -> Path:
    fingerprint = hashlib.sha256(b"".join((_ROOT / name).read_bytes() for name in _SHAPED_BY)).hexdigest()[:12]
    folder = Path(os.environ.get("FORECOURT_BENCH_CACHE") or user_cache_path("Forecourt") / "benchmarks")
    return folder / f"units-{count}-{fingerprint}.db"


def _build(count: int) -> None:
    whole = _path_for(count)
    whole.parent.mkdir(parents=True, exist_ok=True)
    for stale in whole.parent.glob(f"units-{count}-*"):
        stale.unlink()
    path = whole.with_suffix(".part")
    _fill(path, count)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.replace(whole)


def _fill(path: Path, count: int) -> None:
    began = time.perf_counter()
    database = Database(path, KEY)
    try:
        upgrade(database)
        ensure_desk(database)
        chance = Random(7)
        loader = Loader(chance)
        branches = list(build_branches(loader, at=_NOW, password_hash="", chance=chance).values())
        catalogue = build_catalogue(loader, at=_NOW, this_year=TODAY.year)
        trims = [*catalogue.new, *catalogue.imported]
        trims += add_trims(loader, trims, Random(8), at=_NOW, count=min(TRIMS, count // 2))
        with database.exclusive() as connection:
            loader.write(connection)
            for index in VehicleUnit.__table__.indexes:
                index.drop(connection)
        done = 0
        for rows in _rows(chance, trims, branches, count):
            _write(database, rows, first_id=done + 1)
            done += len(rows)
            seconds = time.perf_counter() - began
            print(f"\r  building {done:,} units, {seconds:.0f} s", end="", file=sys.stderr, flush=True)
        with database.exclusive() as connection:
            for index in VehicleUnit.__table__.indexes:
                index.create(connection)
        with database.exclusive() as connection:
            begin = True
            while merge_some(connection, begin=begin):
                begin = False
        print(file=sys.stderr)
    finally:
        database.close()


def _write(database: Database, rows: list[tuple[Any, ...]], *, first_id: int) -> None:
    marks = ", ".join("?" * len(_COLUMNS))
    with database.exclusive() as connection:
        connection.exec_driver_sql(f"INSERT INTO vehicle_unit ({', '.join(_COLUMNS)}) VALUES ({marks})", rows)
        named = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        index_new_records(connection, table="vehicle_unit", rows=named, first_id=first_id)


def _rows(
    chance: Random, trims: list[DemoTrim], branches: list[DemoBranch], count: int
) -> Iterator[list[tuple[Any, ...]]]:
    numbers = Identifiers(chance)
    weights = list(accumulate(trim.weight for trim in trims))
    colours, shares = [colour for colour, _ in COLOURS], list(accumulate(share for _, share in COLOURS))
    places = list(accumulate(plan.share for plan in BRANCHES))
    rows: list[tuple[Any, ...]] = []
    for n in range(count):
        age = round(_DAYS * (1 - n / count))
        trim = chance.choices(trims, cum_weights=weights)[0]
        branch = chance.choices(branches, cum_weights=places)[0].id
        sold = chance.random() < 1 - 0.5 ** (age / 120)
        allocation = "DELIVERED" if sold else chance.choices(("FREE", "ALLOCATED"), (9, 1))[0]
        price = int(trim.guide_price * 100)
        rows.append(
            (
                new_id(), branch, branch, trim.id, trim.make_id, trim.series_id, trim.energy.value,
                numbers.vin(trim.make_en, country=trim.country, imported=trim.imported, year=trim.year),
                f"ST-{n:07d}", f"E{n:07d}", chance.choices(colours, cum_weights=shares)[0], "黑色 / Black",
                f"{chance.choice('ABCDEF')}-{chance.randrange(1, 61):02d}", price * 92 // 100, price,
                price * 95 // 100, "CNY", (TODAY - timedelta(days=age)).isoformat(), 10,
                "OUT" if sold else "IN_STOCK", allocation, "PASS", "NORMAL", "IN_SAFE", 0, 1, n, n, '{"*":""}',
            )
        )  # fmt: skip
        if len(rows) == _CHUNK:
            yield rows
            rows = []
    if rows:
        yield rows


if __name__ == "__main__":
    _build(int(sys.argv[1]))
