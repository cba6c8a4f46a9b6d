"""What the sending of one-time codes needs, checked before it is kept. Pure."""

import re

from app.kernel.errors import DomainError, ValueNotAllowed, require_text
from app.runtime.code_gateways import PLAIN, SECURITIES, MailServer
from app.runtime.language import tr_noop

WAYS = ("file", "console", "smtp")
_THIS_COMPUTER = ("localhost", "127.0.0.1", "::1")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?|::1")
_ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class MailHostNotPossible(DomainError):
    code = "mail_host_not_possible"
    text = tr_noop("“{host}” is no name of a server. Enter it as the provider gives it: smtp.example.com.")


class MailAddressNotPossible(DomainError):
    code = "mail_address_not_possible"
    text = tr_noop("“{address}” is no e-mail address. Enter one such as codes@dealer.example.")


class MailPortNotPossible(DomainError):
    code = "mail_port_not_possible"
    text = tr_noop("A port is a number from 1 to 65535; 587 with STARTTLS, 465 with TLS are usual.")


class MailNeedsEncryption(DomainError):
    code = "mail_needs_encryption"
    text = tr_noop("Without encryption, codes only go to a server on this computer. Choose STARTTLS or TLS.")


def require_mail_server(*, host: str, port: int | None, security: str, user: str, sender: str) -> MailServer:
    """The server that was typed. Raises ValueRequired, MailHostNotPossible (field `host`), MailPortNotPossible
    (`port`), MailNeedsEncryption, ValueNotAllowed (`security`), MailAddressNotPossible (`sender`)."""
    host = require_text(host, field="host", limit=200)
    if not _HOST.fullmatch(host):
        raise MailHostNotPossible(field="host", host=host[:80])
    if port is None or not 0 < port < 65536:
        raise MailPortNotPossible(field="port")
    if security not in SECURITIES:
        raise ValueNotAllowed(field="security", value=security[:20])
    if security == PLAIN and host not in _THIS_COMPUTER:
        raise MailNeedsEncryption(field="security")
    return MailServer(
        host=host, port=port, security=security, user=user.strip(), sender=require_address(sender, field="sender")
    )


def require_address(address: str, *, field: str) -> str:
    """An e-mail address; raises ValueRequired or MailAddressNotPossible."""
    cleaned = require_text(address, field=field, limit=200)
    if not _ADDRESS.fullmatch(cleaned):
        raise MailAddressNotPossible(field=field, address=cleaned[:80])
    return cleaned
