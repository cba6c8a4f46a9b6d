"""How this desk sends one-time codes: by the mail server of its settings, else into a file of the profile."""

from typing import TYPE_CHECKING

from app.contracts.signers.code_sending import use_code_gateways
from app.runtime.code_gateways import CodeGateway, ConsoleGateway, FileGateway, MailServer, SmtpGateway
from app.runtime.device_secrets import forget_device_secret, read_device_secret, store_device_secret
from app.runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from app.wiring.desk import Desk

SECRET_NAME = "mail_password"
CODE_FILE = "last_code.txt"


def give_code_gateways(desk: "Desk") -> None:
    """Codes of this process go out as the desk's settings say."""
    use_code_gateways(*gateways_of(desk, load_settings(desk.profile).settings))


def keep_mail_password(desk: "Desk", password: str) -> None:
    """Seal the mail server's password under the database key, or forget it where it is empty."""
    if password:
        store_device_secret(desk.profile, desk.key, name=SECRET_NAME, value=password)
    else:
        forget_device_secret(desk.profile, name=SECRET_NAME)


def kept_mail_password(desk: "Desk") -> str | None:
    """The password as it is sealed here; None without one."""
    return read_device_secret(desk.profile, desk.key, name=SECRET_NAME)


def mail_server_of(settings: Settings) -> MailServer | None:
    """The mail server of a desk; None where none is set up."""
    if not (settings.mail_host and settings.mail_sender):
        return None
    return MailServer(
        host=settings.mail_host, port=settings.mail_port, sender=settings.mail_sender, user=settings.mail_user,
        security=settings.mail_security,
    )  # fmt: skip


def way_of(settings: Settings) -> str:
    """How codes are sent: what was chosen, else by mail where a server is named, else into the file."""
    return settings.code_way or ("smtp" if mail_server_of(settings) is not None else "file")


def gateways_of(desk: "Desk", settings: Settings) -> list[CodeGateway]:
    """What sends codes under these settings."""
    way, server = way_of(settings), mail_server_of(settings)
    if way == ConsoleGateway.way:
        return [ConsoleGateway()]
    if way == SmtpGateway.way:
        # Where mail is really sent, nothing pretends to send text messages: the other way is then simply missing.
        return [] if server is None else [SmtpGateway(server, lambda: kept_mail_password(desk))]
    return [FileGateway(desk.profile.root / CODE_FILE)]
