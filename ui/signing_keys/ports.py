"""What these pages ask of the desk. `app.wiring` implements it; every call is made on a worker thread."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtKey:
    """A file with a key of a real authority, and what opens it; neither shows in a `repr`.

    `use` is a code of `app.contracts.keys.intake.KeyUse`; `further` are certificates that the file leaves out.
    """

    use: str
    name: str
    content: bytes = field(repr=False)
    passphrase: str = field(repr=False)
    further: bytes = field(default=b"", repr=False)
    further_name: str = ""


class KeysPort(Protocol):
    """This desk's keys."""

    def make(self) -> None:
        """Make them now instead of at the first signature. Raises PermissionDenied."""

    def take(self, brought: BroughtKey) -> str:
        """Sign with this key from now on; gives the fingerprint of its certificate. Raises PermissionDenied, and what
        `app.contracts.keys.intake.examine_key` raises, with its field."""

    def seal_with_own(self) -> str:
        """Seal with a key of this desk's own again instead of a bought one, which is forgotten; gives the fingerprint
        of its certificate. Raises PermissionDenied, and KeyAlreadyUsed where it is so already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSettings:
    """How this desk sends one-time codes. `way` is one of "file", "console", "smtp"; `has_password` says whether one is
    kept. The password itself is never handed out."""

    way: str
    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    sender: str = ""
    has_password: bool = False
    code_file: str = ""
    """Where codes are written for training."""


class CodesPort(Protocol):
    """The sending of codes."""

    def settings(self) -> CodeSettings:
        """As they are kept."""

    def save(self, settings: CodeSettings, password: str | None) -> CodeSettings:
        """Keep them and send codes that way from now on; None leaves the kept password as it is, "" forgets it.

        Raises PermissionDenied, MailSettingsIncomplete and the like, ProfileReadOnly, DiskFull.
        """

    def send_test(self, settings: CodeSettings, password: str | None, address: str) -> None:
        """Send a message with these settings, kept or not. Slow: it talks to the mail server. Raises PermissionDenied
        and what a gateway raises."""
