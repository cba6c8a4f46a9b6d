"""Whether what `serve` was told can work, said before anything is opened: what is wrong, and what to do about it."""

import ipaddress
import ssl
from pathlib import Path

from sync.server.settings import ServiceSettings

_MOST_PORT = 65535
_EVERYBODY = "*"


def check_options(settings: ServiceSettings) -> None:
    """Raises ValueError in words for whoever runs the service."""
    if not 0 <= settings.port <= _MOST_PORT:
        raise ValueError(f"--port is a number from 1 to {_MOST_PORT}, or 0 for a free one; not {settings.port}")
    _check_workers(settings)
    if settings.drain_seconds < 0:
        raise ValueError("--drain-seconds is not negative")
    if settings.archive is not None and settings.archive_days < 1:
        raise ValueError("--archive-days is at least 1")
    if settings.root_path and not settings.root_path.startswith("/"):
        raise ValueError(f"--root-path begins with a slash: /{settings.root_path}")
    _check_proxies(settings.behind_proxy)
    _check_certificate(settings.tls_cert, settings.tls_key)


def _check_workers(settings: ServiceSettings) -> None:
    if settings.workers < 1:
        raise ValueError("--workers is at least 1")
    if settings.workers > 1 and not settings.database.startswith("postgres"):
        raise ValueError(
            "several workers need PostgreSQL: give --database postgresql://… or leave --workers away. A SQLite file is"
            " written by one process at a time, so that more of them would only wait for each other"
        )


def _check_proxies(listed: str) -> None:
    for one in filter(None, (part.strip() for part in listed.split(","))):
        if one == _EVERYBODY:
            raise ValueError("--behind-proxy * would let every caller pretend to be elsewhere: name the proxies")
        try:
            ipaddress.ip_network(one)
        except ValueError as error:
            raise ValueError(
                f"--behind-proxy takes addresses and networks such as 10.0.0.5,10.1.0.0/16: {error}"
            ) from error


def _check_certificate(chain: Path | None, key: Path | None) -> None:
    if bool(chain) != bool(key):
        raise ValueError("--tls-cert and --tls-key belong together")
    if chain is None or key is None:
        return
    for name, path in (("--tls-cert", chain), ("--tls-key", key)):
        try:
            path.open("rb").close()
        except OSError as error:
            raise ValueError(f"{name}: {path}: {error.strerror}") from error
    try:
        # An empty password: a key that has one would be asked for on the terminal, which a service does not have.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key, password="")
    except ssl.SSLError as error:
        raise ValueError(
            f"{chain} and {key} cannot be used ({error.reason or error}): the first is a certificate and those above it"
            " as PEM, the second its private key as PEM without a password"
        ) from error
