"""check, compact, restored, move-tenant: what is kept, and where."""

import argparse
import sys

from sync.server.commands.declaring import Subcommands, now, with_store, with_stores
from sync.server.databases import Databases, Stores
from sync.server.moving import drop_left_behind, move_tenant
from sync.server.store import Store
from sync.server.upkeep import check, compact, start_epoch


def add(to: Subcommands) -> None:
    to.command("check", with_store(_check), help="look for what must never be")
    to.command("compact", with_store(_compact), tenant=True, help="drop tombstones older than 90 days")
    to.command("restored", with_store(_restored), tenant=True, help="tell all desks that this database is a backup's")
    moving = to.command("move-tenant", with_stores(_move), tenant=True, help="move a group to another database")
    moving.add_argument("--to", required=True, metavar="NAME", help='a database of the --tenants file, or "default"')
    dropping = to.command("drop-moved", with_stores(_drop), tenant=True, help="delete what a moved group left behind")
    dropping.add_argument("--in", required=True, dest="place", metavar="NAME", help="the database it was moved from")


def _check(store: Store, asked: argparse.Namespace) -> int:
    findings = check(store)
    for finding in findings:
        print(f"{finding.count} {finding.what}")
    if not findings:
        print("all is well")
    return 1 if findings else 0


def _compact(store: Store, asked: argparse.Namespace) -> int:
    dropped = compact(store, asked.tenant, now=now())
    print(f"{sum(dropped.values())} tombstones dropped in {len(dropped)} scopes")
    return 0


def _restored(store: Store, asked: argparse.Namespace) -> int:
    print(f"epoch {start_epoch(store, asked.tenant)}: every desk sends again what this database may lack")
    return 0


def _several(stores: Stores) -> Databases:
    if not isinstance(stores, Databases):
        raise ValueError("there is one database only; --tenants FILE names others")
    return stores


def _move(stores: Stores, asked: argparse.Namespace) -> int:
    copied = move_tenant(
        _several(stores), asked.tenant, asked.to,
        progress=lambda table, rows: print(f"{table}: {rows} rows", file=sys.stderr, flush=True),
    )  # fmt: skip
    rows = sum(one.rows for one in copied.values())
    print(f"{asked.tenant} is in {asked.to}: {rows} rows in {len(copied)} tables, alike by count and digest")
    return 0


def _drop(stores: Stores, asked: argparse.Namespace) -> int:
    print(f"{drop_left_behind(_several(stores).named(asked.place), asked.tenant)} rows deleted")
    return 0
