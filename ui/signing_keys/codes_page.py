"""Sending codes: into a file of this desk for training, or by e-mail over a server, tried out before it is needed."""

from collections.abc import Mapping
from typing import Any

from app.kernel.permissions import Permission
from app.runtime.code_gateways import PLAIN, STARTTLS, TLS
from app.runtime.language import tr, tr_noop
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice
from ui.kit.fields import IntegerField, PasswordField, Section, SegmentField, TextField
from ui.kit.form import Form, FormFrame
from ui.kit.keys import Key
from ui.kit.page import Page
from ui.kit.text import Words
from ui.signing_keys.ports import CodeSettings, CodesPort

_SERVER = ("host", "port", "security", "user", "password", "sender", "test_address")
_CONCERNS = {
    "sending_not_allowed": "password", "receiver_refused": "test_address", "code_not_sent": "host",
    "mail_encryption_missing": "security", "mail_certificate_not_trusted": "host", "mail_sender_refused": "sender",
}  # fmt: skip
"""Beside which field a problem of sending belongs."""


class CodesPage(Page):
    """One form; the server's part is there where codes go by e-mail."""

    title = tr_noop("Sending codes")

    def __init__(self, context: PageContext, port: CodesPort) -> None:
        super().__init__(context)
        self._port = port
        self._kept: CodeSettings | None = None
        self.form = _form(context, self._file_words, self._password_hint)
        self.test = Button(tr_noop("Send a test message"), icon="send", on_click=self.send_test)
        self.keep = Button(tr_noop("Save"), kind="primary", on_click=self.save)
        self.frame = FormFrame(self.form, buttons=[self.test, self.keep])
        self.set_body(self.frame)
        self.form.changed.connect(self._on_changed)
        self.form.submitted.connect(self.save)
        self.add_action(
            Action("code_sending.save", tr_noop("Save"), self.save, key=Key.SAVE, icon="save",
                   permission=Permission.SYNC_CONFIGURE)
        )  # fmt: skip
        self._show_server()

    def activate(self, params: Mapping[str, Any]) -> None:
        if not self.form.dirty:
            self.context.operations.run_plain(self, self._port.settings, on_done=self._show)
        self.form.focus_first()

    # --- what people do --------------------------------------------------------------------------

    def save(self) -> None:
        """Keep what stands there, and send codes that way from now on."""
        if not self.keep.isEnabled() or not self.form.check_all():
            return
        settings, password = self._typed()
        job = self.context.operations.run_plain(
            self.form, lambda: self._port.save(settings, password), on_done=self._on_saved, writes=True
        )
        self.keep.busy_while(job)

    def send_test(self) -> None:
        """Send a message with what stands there, whether it is kept or not."""
        if not self.test.isEnabled():
            return
        self.form.messages.clear()
        settings, password = self._typed()
        address = self.form.value("test_address")
        job = self.context.operations.run_remote(
            self.form, lambda: self._port.send_test(settings, password, address),
            on_done=lambda _nothing: self._on_sent(address), on_error=self._on_not_sent,
        )  # fmt: skip
        self.test.busy_while(job)

    # --- inside ----------------------------------------------------------------------------------

    def _typed(self) -> tuple[CodeSettings, str | None]:
        said = self.form.values()
        settings = CodeSettings(
            way=said["way"], host=said["host"], port=said["port"] or 0, security=said["security"], user=said["user"],
            sender=said["sender"],
        )  # fmt: skip
        forgets = not said["user"]  # without a user, no password is of use
        return settings, ("" if forgets else said["password"] or None)

    def _show(self, kept: CodeSettings) -> None:
        self._kept = kept
        names = ("way", "host", "port", "security", "user", "sender")
        self.form.set_values({name: getattr(kept, name) for name in names} | {"password": ""})
        self.form.mark_clean()
        self._show_server()
        self.form.retranslate()

    def _on_saved(self, kept: CodeSettings) -> None:
        self._show(kept)
        said = {
            "smtp": tr_noop("Codes go out by e-mail from now on."),
            "console": tr_noop("Codes are written to the console from now on."),
        }.get(kept.way, tr_noop("Codes are written into the file of this desk from now on."))
        self.context.notifications.show(said, tone="good")

    def _on_sent(self, address: str) -> None:
        self.messages.show_good(lambda: tr("The mail server has taken a message to {address}.", address=address))

    def _on_not_sent(self, error: BaseException) -> bool:
        problem: Any = error
        field = _CONCERNS.get(getattr(problem, "code", ""))
        if field is None:
            return False
        problem.field = field
        return self.form.show_error(problem)

    def _on_changed(self, name: str) -> None:
        if name == "way":
            self._show_server()
        if name == "security":
            port = {STARTTLS: 587, TLS: 465, PLAIN: 25}.get(self.form.value("security"))
            if self.form.value("port") in (None, 587, 465, 25):
                self.form.set_value("port", port)

    def _show_server(self) -> None:
        by_mail = self.form.value("way") == "smtp"
        for name in _SERVER:
            self.form.set_field_visible(name, by_mail)
        self.test.setVisible(by_mail)

    def _file_words(self) -> str:
        way = self.form.value("way") if hasattr(self, "form") else ""
        if way == "smtp":
            return tr("Codes go to the e-mail address of the signer. Text messages are not sent by this desk.")
        if way == "console":
            return tr("For whoever develops: the code stands where the program was started.")
        path = self._kept.code_file if self._kept is not None else ""
        return tr("For training: the last code stands in {path}, and the screen says so.", path=path)

    def _password_hint(self) -> str:
        if self._kept is not None and self._kept.has_password:
            return tr("One is kept, sealed at this desk. Empty: it stays as it is.")
        return tr("Kept sealed at this desk, never shown again.")


def _form(context: PageContext, way_hint: Words, password_hint: Words) -> Form:
    ways = [
        Choice("file", tr_noop("File (training)")), Choice("smtp", tr_noop("By e-mail")),
        Choice("console", tr_noop("Console")),
    ]  # fmt: skip
    securities = [
        Choice(STARTTLS, tr_noop("STARTTLS")), Choice(TLS, tr_noop("TLS")), Choice(PLAIN, tr_noop("Unencrypted")),
    ]  # fmt: skip
    return Form(
        context,
        [
            Section(
                tr_noop("One-time codes"),
                [SegmentField("way", tr_noop("Send them by"), required=True, span=2, choices=ways, hint=way_hint)],
                hint=tr_noop("A signer enters a code to show that an address or a phone is theirs."),
            ),
            Section(
                tr_noop("Mail server"),
                [
                    TextField("host", tr_noop("Server"), max_length=200, placeholder=_host, mark_optional=False),
                    IntegerField("port", tr_noop("Port"), least=1, most=65535, mark_optional=False),
                    SegmentField("security", tr_noop("Encryption"), span=2, choices=securities, mark_optional=False),
                    TextField("user", tr_noop("User"), max_length=200, mark_optional=False),
                    PasswordField("password", tr_noop("Password"), hint=password_hint, mark_optional=False),
                    TextField("sender", tr_noop("Sender's address"), max_length=200, placeholder=_sender,
                              mark_optional=False),
                    TextField("test_address", tr_noop("Send a test message to"), max_length=200, mark_optional=False),
                ],
            ),
        ],
    )  # fmt: skip


def _host() -> str:
    return "smtp.example.com"


def _sender() -> str:
    return "codes@dealer.example"
