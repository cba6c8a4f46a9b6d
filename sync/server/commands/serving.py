"""serve: listen and answer."""

import argparse
from pathlib import Path

from sync.server.commands.declaring import Subcommands
from sync.server.settings import DEFAULT_PORT, ServiceSettings


def add(to: Subcommands) -> None:
    serving = to.command("serve", _serve, help="listen and answer (the default)")
    serving.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serving.add_argument("--port", type=int, default=DEFAULT_PORT, help="port, 0 for a free one (default: %(default)s)")
    serving.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain (PEM); with --tls-key")
    serving.add_argument("--tls-key", type=Path, metavar="FILE", help="private key (PEM)")
    serving.add_argument(
        "--contents", default="", metavar="DIR",
        help='where pictures and documents are kept: a folder, or "database" (default: a folder beside a SQLite file, '
        "the database of a server)",
    )  # fmt: skip


def _serve(asked: argparse.Namespace, settings: ServiceSettings) -> int:
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise ValueError("--tls-cert and --tls-key belong together")
    from sync.server.running import serve  # the web framework, which the other commands do without

    serve(settings)
    return 0
