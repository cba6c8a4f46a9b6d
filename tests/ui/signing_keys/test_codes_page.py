"""The page of sending codes: settings kept with their mistakes said, a test message sent off the GUI thread."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.contracts.signers.code_sending import ways
from app.runtime.paths import Profile
from app.runtime.settings import load_settings
from app.wiring.code_sending import give_code_gateways, kept_mail_password
from app.wiring.desk import Desk
from app.wiring.mail_desk import MailDesk
from tests.app.runtime.test_code_gateways import _Server, server  # noqa: F401  (a fixture)
from tests.ui.workplaces import Notes
from ui.kit.context import PageContext
from ui.shell.preferences import DeskPreferences
from ui.signing_keys.codes_page import CodesPage

Show, Settle = Callable[..., Any], Callable[[], None]


@pytest.fixture
def page(desk: Desk, context: PageContext, show: Show, settle: Settle) -> Iterator[CodesPage]:
    """The page on a desk that writes codes into its file."""
    give_code_gateways(desk)
    made = CodesPage(context, MailDesk(desk, DeskPreferences(desk.profile)))
    show(made, 1072, 800)
    made.activate({})
    settle()
    yield made


def fill(page: CodesPage, port: int, **changes: Any) -> None:
    """What a person enters for the mail server of this computer."""
    page.form.set_value("way", "smtp")
    page.form.changed.emit("way")
    given = {"host": "127.0.0.1", "port": port, "security": "plain", "user": "boss", "password": "right",
             "sender": "codes@dealer.example", "test_address": "chef@dealer.example"}  # fmt: skip
    page.form.set_values(given | changes)


def port_of(server: _Server) -> int:  # noqa: F811
    return int(server.server_address[1])


def test_a_desk_writes_codes_into_its_file_until_somebody_says_otherwise(page: CodesPage, desk: Desk) -> None:
    assert page.form.value("way") == "file" and page.test.isHidden() and not page.form.cell("host").isVisible()
    assert ways() == {"email": "file", "phone": "file"}
    assert str(desk.profile.root) in page._file_words()


def test_settings_are_kept_and_used_at_once(
    page: CodesPage, settle: Settle, desk: Desk, server: _Server, notifications: Notes  # noqa: F811
) -> None:
    fill(page, port_of(server))
    page.save()
    settle()
    assert notifications.shown[-1][0] == "Codes go out by e-mail from now on."
    assert ways() == {"email": "smtp"} and kept_mail_password(desk) == "right"
    kept = load_settings(Profile(desk.profile.root)).settings
    assert (kept.code_way, kept.mail_host, kept.mail_sender) == ("smtp", "127.0.0.1", "codes@dealer.example")
    assert "right" not in desk.profile.settings_path.read_text(encoding="utf-8")
    assert page.form.value("password") == "", "it is not shown again"
    page.save()
    settle()
    assert kept_mail_password(desk) == "right", "an empty field leaves it as it is"
    page.form.set_value("user", "")
    page.save()
    settle()
    assert kept_mail_password(desk) is None, "without a user there is nothing to keep"
    page.form.set_value("way", "console")
    page.save()
    settle()
    assert ways() == {"email": "console", "phone": "console"}
    assert load_settings(desk.profile).settings.mail_host == "127.0.0.1", "what was typed of the server stays"


def test_mistakes_stand_beside_their_fields(page: CodesPage, settle: Settle, desk: Desk) -> None:
    for name, value, part in (
        ("host", "http://mail", "no name of a server"), ("host", "", "Fill in"),
        ("sender", "codes", "no e-mail address"),
        ("security", "plain", "Without encryption"),
    ):  # fmt: skip
        fill(page, 587, **{"host": "mail.example.com", "security": "starttls"} | {name: value})
        page.save()
        settle()
        assert part in page.form.cell(name).message(), name
    assert ways() == {"email": "file", "phone": "file"} and kept_mail_password(desk) is None


def test_a_test_message_goes_out_and_troubles_are_worded(
    page: CodesPage, settle: Settle, server: _Server, desk: Desk  # noqa: F811
) -> None:
    fill(page, port_of(server))
    page.send_test()
    settle()
    assert len(server.mails) == 1 and "chef@dealer.example" in page.messages.text()
    assert kept_mail_password(desk) is None, "trying out keeps nothing"
    for changes, field, part in (
        ({"password": "left"}, "password", "refused the sign-in"),
        ({"test_address": "stranger@dealer.example"}, "test_address", "does not take this address"),
        ({"test_address": ""}, "test_address", "Fill in"),
        ({"sender": "wrong@dealer.example"}, "sender", "does not send for this sender"),
        ({"security": "starttls"}, "security", "no encrypted connection"),
        ({"port": 1}, "host", "nobody answers at that port"),
    ):  # fmt: skip
        fill(page, **{"port": port_of(server)} | changes)
        page.send_test()
        settle()
        assert part in page.form.cell(field).message(), field
    assert len(server.mails) == 1


def test_the_usual_port_goes_with_the_encryption(page: CodesPage, tmp_path: Path) -> None:
    fill(page, 587, security="starttls")
    page.form.set_value("security", "tls")
    page.form.changed.emit("security")
    assert page.form.value("port") == 465
    page.form.set_value("port", 2525)
    page.form.set_value("security", "starttls")
    page.form.changed.emit("security")
    assert page.form.value("port") == 2525, "what somebody chose stays"
