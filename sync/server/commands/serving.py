"""serve: listen and answer."""

import argparse
from pathlib import Path

from sync.server.commands.declaring import Subcommands
from sync.server.logs import FORMATS, JSON, LEVELS
from sync.server.settings import DEFAULT_PORT, ServiceSettings


def add(to: Subcommands) -> None:
    serving = to.command("serve", _serve, help="listen and answer (the default)")
    serving.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serving.add_argument("--port", type=int, default=DEFAULT_PORT, help="port, 0 for a free one (default: %(default)s)")
    serving.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain (PEM); with --tls-key")
    serving.add_argument("--tls-key", type=Path, metavar="FILE", help="private key (PEM)")
    serving.add_argument(
        "--workers", type=int, default=1, metavar="N",
        help="processes that answer, with PostgreSQL only (default: %(default)s)",
    )  # fmt: skip
    serving.add_argument(
        "--drain-seconds", type=float, default=0.0, metavar="S",
        help="when told to end, say not ready for so long before taking nothing new (default: %(default)s)",
    )  # fmt: skip
    serving.add_argument(
        "--behind-proxy", default="", metavar="ADDRESSES",
        help="addresses or networks of the proxies in front, such as 10.0.0.5,10.1.0.0/16: what they forward about the "
        "caller is believed, and of nobody else",
    )  # fmt: skip
    serving.add_argument("--root-path", default="", metavar="PATH", help="where the proxy shows it, such as /forecourt")
    serving.add_argument(
        "--public-url", default="", metavar="URL",
        help="where phones reach the service to sign, such as https://sign.example.cn (default: where the desks do)",
    )  # fmt: skip
    serving.add_argument(
        "--revocation-networks", default="", metavar="NETWORKS",
        help="networks such as 10.2.0.0/16 from which revocation lists of outside authorities may be fetched although "
        "they are not public",
    )  # fmt: skip
    serving.add_argument(
        "--metrics", default="", metavar="HOST:PORT", help="serve Prometheus metrics there (default: not at all)"
    )
    serving.add_argument("--log-format", choices=FORMATS, default=JSON, help="default: %(default)s")
    serving.add_argument("--log-level", choices=LEVELS, default="info", help="default: %(default)s")
    serving.add_argument(
        "--no-rate-limits", dest="rate_limits", action="store_false",
        help="count no requests; wrong codes and keys are counted all the same",
    )  # fmt: skip
    serving.add_argument(
        "--archive", type=Path, metavar="DIR",
        help="archive a SQLite database there every two seconds, so that any moment can be gone back to",
    )  # fmt: skip
    serving.add_argument(
        "--archive-days", type=int, default=14, metavar="N",
        help="how far back the archive reaches (default: %(default)s)",
    )  # fmt: skip
    serving.add_argument(
        "--contents", default="", metavar="DIR",
        help='where pictures and documents are kept: a folder, or "database" (default: a folder beside a SQLite file, '
        "the database of a server)",
    )  # fmt: skip


def _serve(asked: argparse.Namespace, settings: ServiceSettings) -> int:
    from sync.server.running import serve  # the web framework, which the other commands do without

    serve(settings)
    return 0
