"""Ways for a one-time code to reach a person: by e-mail, or into a file of this desk for training.

A gateway is called on a worker thread, never inside a transaction. What it is given is not logged and not kept.
"""

import logging
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Protocol

from app.runtime.atomic_file import environment_problem, write_atomically
from app.runtime.errors import EnvironmentProblem
from app.runtime.language import tr, tr_noop

_log = logging.getLogger(__name__)
PHONE, EMAIL = "phone", "email"
STARTTLS, TLS, PLAIN = "starttls", "tls", "plain"
SECURITIES = (STARTTLS, TLS, PLAIN)
TIMEOUT = 15.0
_NO_ANSWER = tr_noop("the mail server did not answer in time")
_NO_SUCH_SERVER = tr_noop("no server of that name is known")
_NOBODY_THERE = tr_noop("nobody answers at that port")
_BROKEN_OFF = tr_noop("the mail server broke off")
_REFUSED = tr_noop("the mail server refused the message")


class CodeNotSent(EnvironmentProblem):
    code = "code_not_sent"
    text = tr_noop("The code could not be sent ({reason}). Check the network and the settings for sending, try again.")

    def message(self) -> str:
        """The reason in the same language."""
        return tr(self.text, reason=tr(str(self.params.get("reason", ""))))


class SendingNotAllowed(EnvironmentProblem):
    code = "sending_not_allowed"
    text = tr_noop("The mail server refused the sign-in. Enter user and password for sending codes again.")


class EncryptionMissing(EnvironmentProblem):
    code = "mail_encryption_missing"
    text = tr_noop(
        "The mail server offers no encrypted connection of this kind at this port. Choose the other kind, with the "
        "port the provider names for it."
    )


class CertificateNotTrusted(EnvironmentProblem):
    code = "mail_certificate_not_trusted"
    text = tr_noop(
        "The certificate of the mail server is not trusted, or is another server's. Check the server's name; for a "
        "server of the house, have its authority installed on this computer."
    )


class SenderRefused(EnvironmentProblem):
    code = "mail_sender_refused"
    text = tr_noop(
        "The mail server does not send for this sender. Enter the address that belongs to the user, or ask the "
        "provider."
    )


class ReceiverRefused(EnvironmentProblem):
    code = "receiver_refused"
    text = tr_noop("The mail server does not take this address. Ask the customer to spell it, correct it, send again.")


class WayMissing(EnvironmentProblem):
    code = "way_missing"
    text = tr_noop("This desk cannot send codes that way. Choose the other way, or set up the sending of codes.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMessage:
    """What to send: `subject` and `text` are ready to read; neither they nor the address show in a `repr`."""

    channel: str
    address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


class CodeGateway(Protocol):
    """Something that can deliver a code."""

    @property
    def way(self) -> str:
        """Its short name (at most 16 letters), which the evidence keeps."""
        ...

    def channels(self) -> frozenset[str]:
        """Which of "phone" and "email" it serves."""
        ...

    def send(self, message: CodeMessage) -> None:
        """Deliver, or raise an EnvironmentProblem; nothing is half sent."""
        ...


class FileGateway:
    """Writes the last code into one file of the profile: for training and demonstration, and said so on the screen."""

    way = "file"

    def __init__(self, path: Path) -> None:
        self.path = path

    def channels(self) -> frozenset[str]:
        """Both."""
        return frozenset({PHONE, EMAIL})

    def send(self, message: CodeMessage) -> None:
        """Replaces what was sent before; raises ProfileReadOnly, DiskFull and the like."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise environment_problem(error, folder=self.path.parent) from error
        write_atomically(self.path, f"{message.subject}\n\n{message.text}\n".encode())


class ConsoleGateway:
    """Says the code on the console, for whoever develops."""

    way = "console"

    def __init__(self, say: Callable[[str], object] = print) -> None:
        self._say = say

    def channels(self) -> frozenset[str]:
        """Both."""
        return frozenset({PHONE, EMAIL})

    def send(self, message: CodeMessage) -> None:
        """Never fails."""
        self._say(f"{message.subject}\n{message.text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where e-mail is handed over. `security`: "starttls", "tls", or "plain" for a server on this computer only."""

    host: str
    port: int
    sender: str
    user: str = ""
    security: str = STARTTLS


class SmtpGateway:
    """Sends by e-mail. `password()` is asked when it sends, so that it lies nowhere in between."""

    way = "smtp"

    def __init__(
        self, server: MailServer, password: Callable[[], str | None], *, context: ssl.SSLContext | None = None
    ) -> None:
        self._server, self._password = server, password
        self._context = context

    def channels(self) -> frozenset[str]:
        """E-mail only."""
        return frozenset({EMAIL})

    def send(self, message: CodeMessage) -> None:
        """Raises CodeNotSent, SendingNotAllowed, EncryptionMissing, CertificateNotTrusted, SenderRefused,
        ReceiverRefused or WayMissing."""
        if message.channel != EMAIL:
            raise WayMissing()
        server = self._server
        try:
            with self._connected() as smtp:
                if server.user:
                    smtp.login(server.user, self._password() or "")
                smtp.send_message(_mail(message, sender=server.sender))
        except EnvironmentProblem:
            raise
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # The exception's own text may quote the address: only its kind is told and logged.
            _log.warning("a code could not be sent by e-mail: %s", type(error).__name__)
            raise _problem_of(error) from None

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.security == TLS:
            context = self._context or ssl.create_default_context()
            return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
        if server.security == PLAIN and server.host not in ("localhost", "127.0.0.1", "::1"):
            raise CodeNotSent(reason="TLS")
        smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        if server.security == STARTTLS:
            try:
                smtp.starttls(context=self._context or ssl.create_default_context())
            except BaseException:
                smtp.close()
                raise
        return smtp


class Gateways:
    """Several gateways as one: the first that serves a channel has it."""

    def __init__(self, *gateways: CodeGateway) -> None:
        self._gateways = gateways

    def serving(self, channel: str) -> CodeGateway | None:
        """Who would deliver; None where nobody does."""
        return next((gateway for gateway in self._gateways if channel in gateway.channels()), None)

    def channels(self) -> frozenset[str]:
        """All channels that are served."""
        return frozenset().union(*(gateway.channels() for gateway in self._gateways))


def _problem_of(error: BaseException) -> EnvironmentProblem:
    """What a person can do about it, in words."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return SendingNotAllowed()
        case smtplib.SMTPRecipientsRefused():
            return ReceiverRefused()
        case smtplib.SMTPSenderRefused():
            return SenderRefused()
        case ssl.SSLCertVerificationError():
            return CertificateNotTrusted()
        case ssl.SSLError() | smtplib.SMTPNotSupportedError():
            return EncryptionMissing()
        case TimeoutError():
            return CodeNotSent(reason=_NO_ANSWER)
        case socket.gaierror():
            return CodeNotSent(reason=_NO_SUCH_SERVER)
        case ConnectionRefusedError():
            return CodeNotSent(reason=_NOBODY_THERE)
        case smtplib.SMTPServerDisconnected() | ConnectionError():
            return CodeNotSent(reason=_BROKEN_OFF)
        case smtplib.SMTPResponseException():
            return CodeNotSent(reason=_REFUSED)
    return CodeNotSent(reason=type(error).__name__)


def _mail(message: CodeMessage, *, sender: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, message.address, message.subject
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2] or None)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    return mail
