"""Fetching a small file from an address that stands in a certificate, without being led anywhere else.

Addresses in certificates are strangers' words. So: http and https only, no redirects, no cookies, no credentials; the
name is looked up once and every address it has must be a public one (or lie in a network the operator allowed), and
the connection goes to exactly the address that was checked. Size and the whole time are bounded, also against a
server that sends a byte every now and then. The standard library's client is used because it alone takes a socket that
is connected already.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

SECONDS = 5.0
"""Everything together: looking the name up is bounded by the system, the rest by this."""
_MOST_ADDRESS = 500
_PORTS = {"http": 80, "https": 443}
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""IPv6 that stands for some IPv4 address, and so for a private one too."""


class NotFetched(Exception):
    """`reason` is one of: address, private, unreachable, status, size."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Place:
    """An address that may be asked. `target` is path and query."""

    secure: bool
    host: str
    port: int
    target: str


def networks_of(listed: str) -> tuple[Network, ...]:
    """Networks such as 10.0.0.0/8, parted by commas. Raises ValueError."""
    return tuple(ipaddress.ip_network(one) for one in filter(None, (part.strip() for part in listed.split(","))))


def place_of(address: str) -> Place:
    """Raises NotFetched("address") for what is no plain http or https address."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise NotFetched("address") from error
    plain = address.isascii() and address.isprintable() and " " not in address and len(address) <= _MOST_ADDRESS
    if not plain or parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise NotFetched("address")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme == "https", parts.hostname, port or _PORTS[parts.scheme], target)


def fetch(address: str, *, most: int, allowed: Sequence[Network] = (), seconds: float = SECONDS) -> bytes:
    """What stands there, at most `most` bytes. Raises NotFetched."""
    place = place_of(address)
    held = [_connected(place, allowed, seconds)]
    # A socket that is shut ends whatever waits for it: no server keeps a thread for longer than this.
    guard = threading.Timer(seconds, _shut, [held])
    guard.start()
    try:
        return _read(place, held, most)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotFetched("unreachable") from error
    finally:
        guard.cancel()
        held[-1].close()


def _connected(place: Place, allowed: Sequence[Network], seconds: float) -> socket.socket:
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotFetched("unreachable") from error
    numbers = [str(one[4][0]) for one in found]
    if not numbers or not all(_may_ask(number, place.port, allowed) for number in numbers):
        raise NotFetched("private")
    try:
        return socket.create_connection((numbers[0], place.port), timeout=seconds)
    except OSError as error:
        raise NotFetched("unreachable") from error


def _may_ask(number: str, port: int, allowed: Sequence[Network]) -> bool:
    address = ipaddress.ip_address(number.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if any(address in network for network in allowed):
        return True
    translated = any(address in network for network in _TRANSLATED)
    return address.is_global and not address.is_multicast and not translated and port in _PORTS.values()


def _read(place: Place, held: list[socket.socket], most: int) -> bytes:
    """`held` ends with the socket in use: TLS puts another one on top."""
    if place.secure:
        context = ssl.create_default_context()
        held.append(context.wrap_socket(held[-1], server_hostname=place.host, do_handshake_on_connect=False))
        held[-1].do_handshake()  # type: ignore[attr-defined]
    asking = http.client.HTTPConnection(place.host, place.port)
    asking.sock = held[-1]
    asking.request("GET", place.target, headers={"Accept": "*/*", "Connection": "close"})
    with asking.getresponse() as answer:
        if answer.status != http.client.OK:
            raise NotFetched("status")
        content = answer.read(most + 1)
    if len(content) > most:
        raise NotFetched("size")
    return content


def _shut(held: list[socket.socket]) -> None:
    with suppress(OSError):  # it was over by itself
        held[-1].shutdown(socket.SHUT_RDWR)
