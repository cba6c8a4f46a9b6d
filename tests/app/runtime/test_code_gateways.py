"""Codes on their way: into the file for training, and by e-mail to a server that answers as real ones do."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.runtime.code_gateways import (
    EMAIL,
    PHONE,
    PLAIN,
    STARTTLS,
    TLS,
    CertificateNotTrusted,
    CodeMessage,
    CodeNotSent,
    EncryptionMissing,
    FileGateway,
    Gateways,
    MailServer,
    ReceiverRefused,
    SenderRefused,
    SendingNotAllowed,
    SmtpGateway,
    WayMissing,
)

MESSAGE = CodeMessage(channel=EMAIL, address="lina@example.com", subject="签署验证码", text="482913 是您的验证码。")


class _Talk(socketserver.StreamRequestHandler):
    """Speaks SMTP as RFC 5321 asks, with AUTH PLAIN; takes `boss:right` and refuses strangers."""

    server: "_Server"

    def handle(self) -> None:
        if self.server.tls_at_once:
            self._encrypt()
        self._say("220 mail.example.com")
        with suppress(OSError):
            while line := self.rfile.readline().decode("utf-8").strip():
                verb, *rest = line.split(maxsplit=1)
                if not self._answer(verb.upper(), rest[0] if rest else ""):
                    return

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.request.close()  # the server closes the line it knows, not the encrypted one around it

    def _encrypt(self) -> None:
        assert self.server.tls is not None
        with suppress(OSError):  # the other side may not trust the certificate
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
            self.setup()

    def _answer(self, verb: str, rest: str) -> bool:
        if verb == "EHLO":
            offered = ["250-STARTTLS"] if self.server.tls is not None and not self._is_encrypted else []
            self._say("250-mail.example.com", *offered, "250-AUTH PLAIN", "250 SMTPUTF8")
        elif verb == "STARTTLS":
            self._say("220 go ahead")
            self._encrypt()
        elif verb == "MAIL":
            self._say("553 not your address" if "wrong@" in rest else "250 ok")
        elif verb == "AUTH":
            right = rest.endswith("AGJvc3MAcmlnaHQ=")  # "\0boss\0right"
            self._say("235 welcome" if right else "535 who are you")
        elif verb == "RCPT":
            self._say("550 nobody here" if "stranger" in rest else "250 ok")
        elif verb == "DATA":
            self._say("354 go on")
            lines = iter(self.rfile.readline, b".\r\n")
            self.server.mails.append((self._is_encrypted, b"".join(lines)))
            self._say("250 kept")
        elif verb == "QUIT":
            self._say("221 bye")
            return False
        else:
            self._say("250 ok")
        return True

    @property
    def _is_encrypted(self) -> bool:
        return isinstance(self.request, ssl.SSLSocket)

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails: list[tuple[bool, bytes]] = []
        self.tls: ssl.SSLContext | None = None
        self.tls_at_once = False


@pytest.fixture
def server() -> Iterator[_Server]:
    """A mail server on this computer."""
    running = _Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def gateway(
    server: _Server, *, user: str = "boss", password: str = "right", security: str = PLAIN, host: str = "127.0.0.1",
    sender: str = "codes@dealer.example", trusts: Path | None = None,
) -> SmtpGateway:  # fmt: skip
    address = MailServer(host=host, port=server.server_address[1], sender=sender, user=user, security=security)
    context = None if trusts is None else ssl.create_default_context(cafile=str(trusts))
    return SmtpGateway(address, lambda: password, context=context)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for "localhost" with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@pytest.fixture
def encrypted(server: _Server, certificate: Path) -> _Server:
    """The same server, which can encrypt."""
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(certificate)
    return server


@pytest.mark.parametrize("security", [STARTTLS, TLS])
def test_a_code_goes_encrypted(encrypted: _Server, certificate: Path, security: str) -> None:
    encrypted.tls_at_once = security == TLS
    gateway(encrypted, security=security, host="localhost", trusts=certificate).send(MESSAGE)
    ((was_encrypted, mail),) = encrypted.mails
    assert was_encrypted and b"To: lina@example.com" in mail


@pytest.mark.parametrize("security", [STARTTLS, TLS])
def test_a_certificate_nobody_vouches_for_gets_no_code(encrypted: _Server, security: str) -> None:
    encrypted.tls_at_once = security == TLS
    with pytest.raises(CertificateNotTrusted) as refused:
        gateway(encrypted, security=security, host="localhost").send(MESSAGE)
    assert encrypted.mails == [] and "certificate" in refused.value.message()


def test_a_certificate_of_another_server_gets_no_code(encrypted: _Server, certificate: Path) -> None:
    with pytest.raises(CertificateNotTrusted):
        gateway(encrypted, security=STARTTLS, host="127.0.0.1", trusts=certificate).send(MESSAGE)
    assert encrypted.mails == []


def test_a_wrong_password_over_an_encrypted_line_is_said(encrypted: _Server, certificate: Path) -> None:
    with pytest.raises(SendingNotAllowed):
        gateway(encrypted, password="left", security=STARTTLS, host="localhost", trusts=certificate).send(MESSAGE)
    assert encrypted.mails == []


def test_a_sender_that_is_not_the_users_is_said(server: _Server) -> None:
    with pytest.raises(SenderRefused):
        gateway(server, sender="wrong@dealer.example").send(MESSAGE)


def test_a_code_goes_by_mail(server: _Server) -> None:
    gateway(server).send(MESSAGE)
    ((encrypted, mail),) = server.mails
    assert not encrypted
    assert b"To: lina@example.com" in mail and b"Auto-Submitted: auto-generated" in mail
    from email import message_from_bytes, policy

    read = message_from_bytes(mail, policy=policy.default)
    assert read["Subject"] == MESSAGE.subject and read.get_content().strip() == MESSAGE.text


def test_a_wrong_password_is_said(server: _Server) -> None:
    with pytest.raises(SendingNotAllowed):
        gateway(server, password="left").send(MESSAGE)
    assert server.mails == []


def test_an_address_nobody_has_is_said(server: _Server) -> None:
    stranger = CodeMessage(channel=EMAIL, address="stranger@example.com", subject="x", text="y")
    with pytest.raises(ReceiverRefused):
        gateway(server).send(stranger)


def test_a_server_without_encryption_gets_no_code(server: _Server) -> None:
    with pytest.raises(EncryptionMissing):
        gateway(server, security=STARTTLS).send(MESSAGE)
    with pytest.raises(EncryptionMissing):
        gateway(server, security=TLS).send(MESSAGE)
    elsewhere = MailServer(host="mail.example.com", port=25, sender="a@b.example", security=PLAIN)
    with pytest.raises(CodeNotSent):
        SmtpGateway(elsewhere, lambda: None).send(MESSAGE)
    assert server.mails == []


def test_nobody_there_is_said_without_the_address(server: _Server, caplog: pytest.LogCaptureFixture) -> None:
    port = server.server_address[1]
    nobody = MailServer(host="127.0.0.1", port=1, sender="a@b.example", security=PLAIN)
    assert port != 1
    with pytest.raises(CodeNotSent) as caught:
        SmtpGateway(nobody, lambda: None).send(MESSAGE)
    assert "nobody answers at that port" in caught.value.message()
    assert MESSAGE.address not in caught.value.message() + caplog.text and "482913" not in caplog.text


def test_mail_goes_to_mailboxes_only(server: _Server) -> None:
    with pytest.raises(WayMissing):
        gateway(server).send(CodeMessage(channel=PHONE, address="13900139001", subject="x", text="y"))


def test_the_file_holds_the_last_code_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "codes" / "last.txt"
    for text in ("111111", "222222"):
        FileGateway(path).send(CodeMessage(channel=PHONE, address="13900139001", subject="x", text=text))
    assert "222222" in path.read_text(encoding="utf-8") and "111111" not in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o077 == 0
    assert [one.name for one in path.parent.iterdir()] == ["last.txt"]


def test_the_first_gateway_that_serves_a_channel_has_it(server: _Server, tmp_path: Path) -> None:
    both = Gateways(gateway(server), FileGateway(tmp_path / "code.txt"))
    ways = {channel: found.way for channel in (EMAIL, PHONE) if (found := both.serving(channel)) is not None}
    assert ways == {EMAIL: "smtp", PHONE: "file"} and both.channels() == {EMAIL, PHONE}


def test_neither_address_nor_code_show_in_a_message() -> None:
    assert "482913" not in repr(MESSAGE) and "lina" not in repr(MESSAGE)
