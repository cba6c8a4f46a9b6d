"""The service's commands: serve (the default), enrol, devices, revoke, check, compact, restored."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app.kernel.permissions import Role
from db.types import instant_at
from sync.server.devices import ALL_SCOPES, DEFAULT_TENANT, Device, branch_ids, list_devices, make_code, revoke
from sync.server.settings import DEFAULT_PORT, ServiceSettings
from sync.server.store import ServiceTooOld, Store, open_store
from sync.server.upkeep import check, compact, start_epoch

_COMMANDS = ("serve", "enrol", "devices", "revoke", "check", "compact", "restored")
_HOUR = 3600


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0] not in _COMMANDS and given[0] not in ("-h", "--help")):
        given.insert(0, "serve")
    asked = _parser().parse_args(given)
    settings = ServiceSettings(
        host=getattr(asked, "host", "127.0.0.1"), port=getattr(asked, "port", DEFAULT_PORT),
        database=asked.database, data=asked.data, tls_cert=getattr(asked, "tls_cert", None),
        tls_key=getattr(asked, "tls_key", None), contents=getattr(asked, "contents", ""),
    )  # fmt: skip
    try:
        return _run(asked, settings)
    except KeyboardInterrupt:
        return 0
    except (OSError, ServiceTooOld, ValueError) as error:
        print(f"forecourt service: {error}", file=sys.stderr)
        return 1


def _run(asked: argparse.Namespace, settings: ServiceSettings) -> int:
    if asked.command == "serve":
        if bool(settings.tls_cert) != bool(settings.tls_key):
            raise ValueError("--tls-cert and --tls-key belong together")
        from sync.server.running import serve  # the web framework, which the other commands do without

        serve(settings)
        return 0
    store = open_store(settings)
    try:
        return {
            "enrol": _enrol, "devices": _devices, "revoke": _revoke, "check": _check, "compact": _compact,
            "restored": _restored,
        }[asked.command](store, asked)  # fmt: skip
    finally:
        store.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sync.server", description="The central service of Forecourt.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--database", default=os.environ.get("FORECOURT_SERVICE_DATABASE", ""), metavar="URL",
        help="postgresql://user:password@host/name; without it a SQLite file in the data folder",
    )  # fmt: skip
    common.add_argument("--data", type=Path, default=Path("service-data"), metavar="DIR", help="the data folder")
    tenant = argparse.ArgumentParser(add_help=False)
    tenant.add_argument("--tenant", default=DEFAULT_TENANT, help="the dealer group (default: %(default)s)")

    serving = commands.add_parser("serve", parents=[common], help="listen and answer (the default)")
    serving.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serving.add_argument("--port", type=int, default=DEFAULT_PORT, help="port, 0 for a free one (default: %(default)s)")
    serving.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain (PEM); with --tls-key")
    serving.add_argument("--tls-key", type=Path, metavar="FILE", help="private key (PEM)")
    serving.add_argument(
        "--contents", default="", metavar="DIR",
        help='where pictures and documents are kept: a folder, or "database" (default: a folder beside a SQLite file, '
        "the database of a server)",
    )  # fmt: skip

    enrolling = commands.add_parser("enrol", parents=[common, tenant], help="print a one-time code for a desk")
    enrolling.add_argument("--branch", required=True, metavar="CODE", help="the desk's branch, such as SH01")
    enrolling.add_argument("--desk", required=True, metavar="CODE", help="the desk's short name, such as D02")
    enrolling.add_argument(
        "--scopes", default="", metavar="CODES", help="further branches the desk reads: SH02,BJ01; or * for all"
    )
    enrolling.add_argument(
        "--role", default=Role.ADMINISTRATOR.value, choices=[role.value for role in Role],
        help="what the desk may do for people the centre does not know yet (default: %(default)s)",
    )  # fmt: skip
    enrolling.add_argument("--hours", type=int, default=24, help="how long the code is good (default: %(default)s)")

    commands.add_parser("devices", parents=[common, tenant], help="list the desks")
    revoking = commands.add_parser("revoke", parents=[common, tenant], help="take a desk's rights away")
    revoking.add_argument("device", help="the desk's id, as `devices` shows it")
    commands.add_parser("check", parents=[common], help="look for what must never be")
    commands.add_parser("compact", parents=[common, tenant], help="drop tombstones older than 90 days")
    commands.add_parser(
        "restored", parents=[common, tenant], help="tell all desks that this database came from a backup"
    )
    return parser


def _now() -> int:
    return time.time_ns() // 1000


def _enrol(store: Store, asked: argparse.Namespace) -> int:
    listed = ALL_SCOPES if asked.scopes == ALL_SCOPES else [code for code in asked.scopes.split(",") if code]
    if listed != ALL_SCOPES:
        with store.read() as connection:
            known = branch_ids(store, connection, asked.tenant)
        unknown = [code for code in listed if code not in known]
        if unknown:
            raise ValueError(f"no branch {', '.join(unknown)} has reached the centre yet; known: {', '.join(known)}")
    code = make_code(
        store, tenant=asked.tenant, branch_code=asked.branch, desk_code=asked.desk, scopes=listed, role=asked.role,
        now=_now(), seconds=asked.hours * _HOUR,
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
    for device in list_devices(store, asked.tenant):
        print(_line(device))
    return 0


def _revoke(store: Store, asked: argparse.Namespace) -> int:
    if not revoke(store, asked.tenant, asked.device, now=_now()):
        raise ValueError(f"no active desk {asked.device}")
    print("revoked; what it still sends is kept in quarantine")
    return 0


def _check(store: Store, asked: argparse.Namespace) -> int:
    findings = check(store)
    for finding in findings:
        print(f"{finding.count} {finding.what}")
    if not findings:
        print("all is well")
    return 1 if findings else 0


def _compact(store: Store, asked: argparse.Namespace) -> int:
    dropped = compact(store, asked.tenant, now=_now())
    print(f"{sum(dropped.values())} tombstones dropped in {len(dropped)} scopes")
    return 0


def _restored(store: Store, asked: argparse.Namespace) -> int:
    print(f"epoch {start_epoch(store, asked.tenant)}: every desk sends again what this database may lack")
    return 0
