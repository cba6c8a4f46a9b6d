"""check, compact, restored, move-tenant: what is kept, and where."""

import argparse
import json
import sys
from dataclasses import asdict

from sync.server.commands.declaring import Subcommands, no_group, now, with_store, with_stores
from sync.server.databases import Databases, Stores
from sync.server.invariants import check, tenants_in, waiting
from sync.server.moving import drop_left_behind, move_tenant
from sync.server.store import Store
from sync.server.upkeep import compact, recount_digests, start_epoch


def add(to: Subcommands) -> None:
    checking = to.command("check", with_stores(_check), help="look for what must never be, without holding anybody up")
    checking.add_argument("--tenant", default="", help="one dealer group (default: all of them)")
    checking.add_argument("--json", action="store_true", help="for programs: one JSON object")
    to.command("compact", with_store(_compact), tenant=True, help="drop tombstones older than 90 days")
    restored = to.command("restored", with_stores(_restored), help="tell all desks that this database is a backup's")
    restored.add_argument("--tenant", default="", help="one dealer group (default: all of them)")
    to.command("recount-digests", with_store(_recount), tenant=True, help="count what proves copies alike anew")
    moving = to.command("move-tenant", with_stores(_move), tenant=True, help="move a group to another database")
    moving.add_argument("--to", required=True, metavar="NAME", help='a database of the --tenants file, or "default"')
    dropping = to.command("drop-moved", with_stores(_drop), tenant=True, help="delete what a moved group left behind")
    dropping.add_argument("--in", required=True, dest="place", metavar="NAME", help="the database it was moved from")


def _check(stores: Stores, asked: argparse.Namespace) -> int:
    findings, waits, groups = [], {}, []
    for store in stores.every():
        findings += check(store, tenant=asked.tenant)
        with store.read() as connection:
            known = tenants_in(store, connection)
        groups += known
        waits.update({name: waiting(store, name) for name in known if asked.tenant in ("", name)})
    if asked.tenant and not waits:
        raise ValueError(no_group(asked.tenant, groups))
    if asked.json:
        told = {"findings": [asdict(finding) for finding in findings], "groups": waits}
        print(json.dumps(told, ensure_ascii=False, sort_keys=True))
        return 1 if findings else 0
    for finding in findings:
        print(f"{finding.count} {finding.what} ({finding.tenant}: {finding.example or finding.name})")
        print(f"    means: {finding.meaning}")
        print(f"    do: {finding.remedy}")
    if not findings:
        print("all is well" if waits else "no group has joined yet")
    for name, counts in waits.items():
        if counts["quarantined"] or counts["conflicts"]:
            print(f"{name}: {counts['quarantined']} operations in quarantine, {counts['conflicts']} open conflicts")
    return 1 if findings else 0


def _compact(store: Store, asked: argparse.Namespace) -> int:
    dropped = compact(store, asked.tenant, now=now())
    print(f"{sum(dropped.values())} tombstones dropped in {len(dropped)} scopes")
    return 0


def _restored(stores: Stores, asked: argparse.Namespace) -> int:
    told, groups = 0, []
    for store in stores.every():
        with store.read() as connection:
            groups += (known := tenants_in(store, connection))
        for name in (one for one in known if asked.tenant in ("", one)):
            print(f"{name}: epoch {start_epoch(store, name)}: every desk sends again what this database may lack")
            told += 1
    if not told:
        raise ValueError(no_group(asked.tenant, groups) if asked.tenant else "no group has joined yet")
    return 0


def _recount(store: Store, asked: argparse.Namespace) -> int:
    recount_digests(store, asked.tenant)
    print("counted anew")
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
