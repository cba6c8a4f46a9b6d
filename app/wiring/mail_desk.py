"""What the page of sending codes asks of this desk: how codes go out now, other settings, and a test message."""

from dataclasses import replace
from typing import TYPE_CHECKING

from app.kernel.errors import PermissionDenied, ValueNotAllowed
from app.kernel.permissions import Permission
from app.runtime.settings import Settings, save_settings
from app.wiring.desk import Desk
from ui.shell.preferences import Preferences

if TYPE_CHECKING:
    from ui.signing_keys.ports import CodeSettings


class MailDesk:
    """`ui.signing_keys.ports.CodesPort` on a desk. The password is sealed with the desk's other secrets."""

    def __init__(self, desk: Desk, preferences: Preferences) -> None:
        self._desk, self._preferences = desk, preferences

    def settings(self) -> "CodeSettings":
        """As they are kept."""
        from app.wiring.code_sending import CODE_FILE, kept_mail_password, way_of
        from ui.signing_keys.ports import CodeSettings

        kept = self._preferences.settings
        return CodeSettings(
            way=way_of(kept), host=kept.mail_host, port=kept.mail_port, security=kept.mail_security,
            user=kept.mail_user, sender=kept.mail_sender, has_password=bool(kept_mail_password(self._desk)),
            code_file=str(self._desk.profile.root / CODE_FILE),
        )  # fmt: skip

    def save(self, settings: "CodeSettings", password: str | None) -> "CodeSettings":
        """Keep them, and send codes that way from now on."""
        from app.contracts.signers.code_sending import use_code_gateways
        from app.wiring.code_sending import gateways_of, keep_mail_password

        self._require_right()
        values = self._values(settings)
        changed: Settings = replace(self._preferences.settings, **values)  # type: ignore[arg-type]
        save_settings(self._desk.profile, changed)
        if password is not None:
            keep_mail_password(self._desk, password)
        self._preferences.change(**values)
        use_code_gateways(*gateways_of(self._desk, changed))
        return self.settings()

    def send_test(self, settings: "CodeSettings", password: str | None, address: str) -> None:
        """Send a message with these settings; a password that was not typed is the kept one."""
        from app.contracts.signers.code_settings import require_address, require_mail_server
        from app.runtime.code_gateways import EMAIL, CodeMessage, SmtpGateway
        from app.runtime.language import tr
        from app.wiring.code_sending import kept_mail_password

        self._require_right()
        to = require_address(address, field="test_address")
        server = require_mail_server(
            host=settings.host, port=settings.port, security=settings.security, user=settings.user,
            sender=settings.sender,
        )  # fmt: skip
        text = tr("One-time codes of this desk reach this address. Nothing else needs to be done.")
        message = CodeMessage(channel=EMAIL, address=to, subject=tr("Test of the sending of codes"), text=text)
        SmtpGateway(server, lambda: kept_mail_password(self._desk) if password is None else password).send(message)

    def _values(self, settings: "CodeSettings") -> dict[str, object]:
        """The settings as they are kept; where mail is not sent, what was typed of the server stays as it is."""
        from app.contracts.signers.code_settings import WAYS, require_mail_server

        if settings.way not in WAYS:
            raise ValueNotAllowed(field="way", value=settings.way[:20])
        if settings.way != "smtp":
            return {"code_way": settings.way}
        server = require_mail_server(
            host=settings.host, port=settings.port, security=settings.security, user=settings.user,
            sender=settings.sender,
        )  # fmt: skip
        return {
            "code_way": settings.way, "mail_host": server.host, "mail_port": server.port,
            "mail_security": server.security, "mail_user": server.user, "mail_sender": server.sender,
        }  # fmt: skip

    def _require_right(self) -> None:
        if not self._desk.actor.may(Permission.SYNC_CONFIGURE):
            raise PermissionDenied(permission=Permission.SYNC_CONFIGURE.value)
