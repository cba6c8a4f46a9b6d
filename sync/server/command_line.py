"""The service's commands: `serve` is the default, `--help` lists them all."""

import argparse
import sys
from collections.abc import Sequence

from sync.protocol.codes import ErrorCode
from sync.server.backup.problems import ArchiveDamaged, ArchiveInUse, NothingToRestore, ToolFailed, ToolMissing
from sync.server.commands import GROUPS
from sync.server.commands.declaring import Subcommands
from sync.server.moving import MoveFailed
from sync.server.refusals import Refusal
from sync.server.settings import DEFAULT_PORT, ServiceSettings
from sync.server.store import ServiceTooOld, StoreUnavailable

_SERVING = (
    "workers", "drain_seconds", "behind_proxy", "root_path", "metrics", "log_format", "log_level", "rate_limits",
    "archive", "archive_days", "public_url", "revocation_networks",
)  # fmt: skip
"""Options of `serve` that are settings of the same name."""
_PROBLEMS = (
    ArchiveDamaged, ArchiveInUse, MoveFailed, NothingToRestore, ServiceTooOld, StoreUnavailable, ToolFailed,
    ToolMissing,
)  # fmt: skip
"""Errors that are said in a line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser, commands = _parser()
    if not given or (given[0] not in commands.names and given[0] not in ("-h", "--help")):
        given.insert(0, "serve")
    asked = parser.parse_args(given)
    try:
        return int(asked.run(asked, _settings(asked)))
    except KeyboardInterrupt:
        return 0
    except Refusal as refusal:
        if refusal.code != ErrorCode.BUSY:
            raise
        print("forecourt service: the group is being moved to another database; try again soon", file=sys.stderr)
        return 1
    except (OSError, ValueError, *_PROBLEMS) as error:
        print(f"forecourt service: {error}", file=sys.stderr)
        return 1


def _parser() -> tuple[argparse.ArgumentParser, Subcommands]:
    parser = argparse.ArgumentParser(prog="python -m sync.server", description="The central service of Forecourt.")
    commands = Subcommands(parser)
    for group in GROUPS:
        group.add(commands)
    return parser, commands


def _settings(asked: argparse.Namespace) -> ServiceSettings:
    return ServiceSettings(
        host=getattr(asked, "host", "127.0.0.1"), port=getattr(asked, "port", DEFAULT_PORT),
        database=asked.database, data=asked.data, tls_cert=getattr(asked, "tls_cert", None),
        tls_key=getattr(asked, "tls_key", None), tenants=asked.tenants, contents=getattr(asked, "contents", ""),
        **{name: getattr(asked, name) for name in _SERVING if hasattr(asked, name)},
    )  # fmt: skip
