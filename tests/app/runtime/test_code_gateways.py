"""Codes on their way: into the file for training, and by e-mail to a server that answers as real ones do."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.runtime.code_gateways import (
    EMAIL,
    PHONE,
    PLAIN,
    STARTTLS,
    TLS,
    CodeMessage,
    CodeNotSent,
    FileGateway,
    Gateways,
    MailServer,
    ReceiverRefused,
    SendingNotAllowed,
    SmtpGateway,
    WayMissing,
)

MESSAGE = CodeMessage(channel=EMAIL, address="lina@example.com", subject="签署验证码", text="482913 是您的验证码。")


class _Talk(socketserver.StreamRequestHandler):
    """Speaks SMTP as RFC 5321 asks, with AUTH PLAIN; takes `boss:right` and refuses strangers."""

    def handle(self) -> None:
        self._say("220 mail.example.com")
        while line := self.rfile.readline().decode("utf-8").strip():
            verb, *rest = line.split(maxsplit=1)
            if not self._answer(verb.upper(), rest[0] if rest else ""):
                return

    def _answer(self, verb: str, rest: str) -> bool:
        if verb == "EHLO":
            self._say("250-mail.example.com", "250-AUTH PLAIN", "250 SMTPUTF8")
        elif verb == "AUTH":
            right = rest.endswith("AGJvc3MAcmlnaHQ=")  # "\0boss\0right"
            self._say("235 welcome" if right else "535 who are you")
        elif verb == "RCPT":
            self._say("550 nobody here" if "stranger" in rest else "250 ok")
        elif verb == "DATA":
            self._say("354 go on")
            lines = iter(self.rfile.readline, b".\r\n")
            self.server.mails.append(b"".join(lines))  # type: ignore[attr-defined]
            self._say("250 kept")
        elif verb == "QUIT":
            self._say("221 bye")
            return False
        else:
            self._say("250 ok")
        return True

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails: list[bytes] = []


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


def gateway(server: _Server, *, user: str = "boss", password: str = "right", security: str = PLAIN) -> SmtpGateway:
    address = MailServer(host="127.0.0.1", port=server.server_address[1], sender="codes@dealer.example", user=user,
                         security=security)  # fmt: skip
    return SmtpGateway(address, lambda: password)


def test_a_code_goes_by_mail(server: _Server) -> None:
    gateway(server).send(MESSAGE)
    (mail,) = server.mails
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
    with pytest.raises(CodeNotSent):
        gateway(server, security=STARTTLS).send(MESSAGE)
    with pytest.raises(CodeNotSent):
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
