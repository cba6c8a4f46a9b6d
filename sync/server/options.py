"""Whether what `serve` was told can work, said before anything is opened: what is wrong, and what to do about it."""

import ipaddress
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from sync.server.list_fetching import networks_of
from sync.server.settings import ServiceSettings

_MOST_PORT = 65535
_EVERYBODY = "*"
_LONGEST_URL = 200


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
    _check_public_url(settings.public_url, settings.root_path)
    _check_networks(settings.revocation_networks)
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


def _check_public_url(url: str, root_path: str) -> None:
    """What phones are told: over TLS, and nothing a browser or the page would stumble over behind it."""
    if not url:
        return
    example = "--public-url is an address such as https://sign.example.cn or https://example.cn/forecourt"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{example}: {error}") from error
    if parts.scheme != "https":
        raise ValueError(f"{example}: phones are never sent anywhere without TLS")
    if not parts.hostname or port == 0 or not (url.isascii() and url.isprintable()) or " " in url:
        raise ValueError(f"{example}: not {url!r}")
    if parts.query or parts.fragment or "?" in url or "#" in url or "@" in parts.netloc:
        raise ValueError(f"{example}: without a name, a query or anything after #")
    if parts.path.rstrip("/") != root_path.rstrip("/"):
        raise ValueError(
            f"--public-url ends in {parts.path or '/'}, but --root-path says {root_path or '/'}: the proxy shows the"
            " service below one path, and both have to name it"
        )
    if len(url) > _LONGEST_URL:
        raise ValueError(f"--public-url has at most {_LONGEST_URL} characters, so that a phone reads it off a screen")


def _check_networks(listed: str) -> None:
    try:
        networks_of(listed)
    except ValueError as error:
        raise ValueError(f"--revocation-networks takes networks such as 10.2.0.0/16,fd00::/8: {error}") from error


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
