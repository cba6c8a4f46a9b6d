"""check, compact, restored: what is kept."""

import argparse

from sync.server.commands.declaring import Subcommands, now, with_store
from sync.server.store import Store
from sync.server.upkeep import check, compact, start_epoch


def add(to: Subcommands) -> None:
    to.command("check", with_store(_check), help="look for what must never be")
    to.command("compact", with_store(_compact), tenant=True, help="drop tombstones older than 90 days")
    to.command("restored", with_store(_restored), tenant=True, help="tell all desks that this database is a backup's")


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
