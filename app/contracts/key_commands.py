"""What is kept of a key that was taken in, and the warning before one ends."""

from dataclasses import dataclass
from datetime import date

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSigningKey(Command):
    """Put into the audit trail that this desk signs with another key from now on, and tick off warnings about the one
    before. `use` is a code of `app.contracts.key_intake.KeyUse`, `fingerprint` the SHA-256 of the certificate.

    Whoever calls has taken the key already; the key itself is in no command.
    """

    use: str
    fingerprint: str
    subject: str
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WarnOfEndingKeys(Command):
    """Leave a task for each certificate of this desk that ends soon and that somebody has to replace. Returns how many
    there are. Only one a certificate, however often it is asked."""
