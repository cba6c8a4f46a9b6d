"""time-stamps: the authority that gives them, and its key."""

import argparse
from datetime import UTC, datetime

from cryptography.hazmat.primitives.hashes import SHA256

from sync.server.commands.declaring import Subcommands, open_present
from sync.server.service_key import open_service_key
from sync.server.settings import ServiceSettings
from sync.server.time_stamp_keys import Authority, Revoked, StampKeys
from sync.server.time_stamps import forget_latest, latest_stamp


def add(to: Subcommands) -> None:
    stamping = to.command("time-stamps", _run, help="show the time-stamp authority, or give it another key")
    stamping.add_argument(
        "--replace-key", choices=[reason.value for reason in Revoked], metavar="REASON",
        help="revoke the key in use and make another one: " + ", ".join(reason.value for reason in Revoked),
    )  # fmt: skip
    stamping.add_argument(
        "--clock-was-wrong", action="store_true",
        help="believe the clock again, although it tells an earlier time than the latest time-stamp",
    )  # fmt: skip


def _run(asked: argparse.Namespace, settings: ServiceSettings) -> int:
    stores = open_present(settings)
    try:
        store, now = stores.every()[0], datetime.now(UTC)
        keys = StampKeys(store, open_service_key(settings.data))
        if asked.replace_key:
            keys.replace_signer(now=now, reason=Revoked(asked.replace_key))
        if asked.clock_was_wrong:
            forget_latest(store)
        _show(keys.authority(now=now), latest_stamp(store))
    finally:
        stores.close()
    return 0


def _show(authority: Authority, latest: datetime | None) -> None:
    revoked = {one.serial: one.reason for one in authority.revoked}
    for title, listed in (("root", authority.roots), ("key", authority.signers)):
        for one in listed:
            certificate = one.read()
            state = revoked.get(certificate.serial_number, "")
            said = f", revoked: {state}" if state else "" if one.sealed_key else ", past"
            print(
                f"{title} {certificate.fingerprint(SHA256()).hex()} {certificate.not_valid_before_utc:%Y-%m-%d} to"
                f" {certificate.not_valid_after_utc:%Y-%m-%d}{said}"
            )
    print(f"latest time-stamp: {latest:%Y-%m-%d %H:%M:%S} UTC" if latest else "no time-stamp was given yet")
