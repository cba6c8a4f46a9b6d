"""enrol, devices, scopes, revoke: who takes part, and what they read."""

import argparse
from datetime import datetime

from app.kernel.permissions import Role
from db.types import instant_at
from sync.server.administration_views import list_desks as all_desks
from sync.server.commands.declaring import Subcommands, now, with_store
from sync.server.devices import ALL_SCOPES, MOST_HOURS, Device, branch_ids, list_devices, make_code, revoke
from sync.server.scopes import change_scopes
from sync.server.store import Store

_HOUR = 3600


def add(to: Subcommands) -> None:
    enrolling = to.command(
        "enrol", with_store(_enrol, makes_group=True), tenant=True, help="print a one-time code for a desk"
    )
    enrolling.add_argument("--branch", required=True, metavar="CODE", help="the desk's branch, such as SH01")
    enrolling.add_argument("--desk", required=True, metavar="CODE", help="the desk's short name, such as D02")
    enrolling.add_argument(
        "--scopes", default="", metavar="CODES", help="further branches the desk reads: SH02,BJ01; or * for all"
    )
    enrolling.add_argument(
        "--role", default=Role.ADMINISTRATOR.value, choices=[role.value for role in Role],
        help="what the desk may do for people the centre does not know yet (default: %(default)s)",
    )  # fmt: skip
    enrolling.add_argument(
        "--hours", type=int, default=24, help=f"how long the code is good, at most {MOST_HOURS} (default: %(default)s)"
    )
    to.command("devices", with_store(_devices), tenant=True, help="list the desks")
    scopes = to.command("scopes", with_store(_scopes), tenant=True, help="change which branches a desk reads")
    scopes.add_argument("device", help="the desk's id, as `devices` shows it")
    scopes.add_argument(
        "--scopes", required=True, metavar="CODES",
        help='the branches it reads besides its own, such as SH02,BJ01; "" for none, * for all',
    )  # fmt: skip
    scopes.add_argument("--branch", default="", metavar="CODE", help="move the desk to this branch")
    scopes.add_argument("--desk", default="", metavar="CODE", help="give the desk another short name")
    revoking = to.command("revoke", with_store(_revoke), tenant=True, help="take a desk's rights away")
    revoking.add_argument("device", help="the desk's id, as `devices` shows it")


def _enrol(store: Store, asked: argparse.Namespace) -> int:
    if not 1 <= asked.hours <= MOST_HOURS:
        raise ValueError(f"--hours is from 1 to {MOST_HOURS}")
    listed = ALL_SCOPES if asked.scopes == ALL_SCOPES else [code for code in asked.scopes.split(",") if code]
    if listed != ALL_SCOPES:
        with store.read() as connection:
            known = branch_ids(store, connection, asked.tenant)
        unknown = [code for code in listed if code not in known]
        if unknown:
            raise ValueError(f"no branch {', '.join(unknown)} has reached the centre yet; known: {', '.join(known)}")
    code = make_code(
        store, tenant=asked.tenant, branch_code=asked.branch, desk_code=asked.desk, scopes=listed, role=asked.role,
        now=now(), seconds=asked.hours * _HOUR,
    )  # fmt: skip
    print(code)
    return 0


def _line(device: Device) -> str:
    scopes = "all" if device.scopes is None else f"{len(device.scopes)} scopes"
    state = "revoked" if device.revoked_at else "active"
    return (
        f"{device.id}  {device.branch_code}-{device.desk_code}  {state}  {scopes}  seen {_shown(device.last_seen_at)}"
    )


def _shown(at: int) -> str:
    instant: datetime = instant_at(at)
    return instant.strftime("%Y-%m-%d %H:%M UTC")


def _devices(store: Store, asked: argparse.Namespace) -> int:
    with store.read() as connection:
        known = all_desks(store, connection, asked.tenant, branch_id="", after="", limit=-1)
    seen = {desk["id"]: desk for desk in known}
    for device in list_devices(store, asked.tenant):
        desk = seen.get(device.id)
        if desk is None:  # an identity of the centre itself, for what was released out of quarantine
            continue
        device.last_seen_at = desk["last_contact"]
        behind = "" if not desk["lag"] else f"  {desk['lag']} rows behind"
        program = f"  version {desk['program']}" if desk["program"] else ""
        print(f"{_line(device)}{behind}{program}{'  replaced' if desk['replaced'] else ''}")
    return 0


def _scopes(store: Store, asked: argparse.Namespace) -> int:
    listed = ALL_SCOPES if asked.scopes == ALL_SCOPES else [code for code in asked.scopes.split(",") if code]
    change = change_scopes(
        store, asked.tenant, asked.device, listed, now=now(), branch=asked.branch, desk_code=asked.desk
    )  # fmt: skip
    print(f"{_line(change.device)}; {len(change.gained)} gained, {len(change.lost)} lost")
    return 0


def _revoke(store: Store, asked: argparse.Namespace) -> int:
    if not revoke(store, asked.tenant, asked.device, now=now()):
        raise ValueError(f"no active desk {asked.device}")
    print("revoked; what it still sends is kept in quarantine")
    return 0
