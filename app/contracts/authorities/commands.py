"""What is done with this desk's authority: certificates revoked, authorities withdrawn, keys taken in, warnings."""

from dataclasses import dataclass
from datetime import date, datetime

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCertificate(Command):
    """Revoke a certificate that this desk's authority gave out, from a time on. Returns its serial number as text.

    Without a contract it is that of the desk's own seal, which gets another key with the next contract; with
    `contract_id` and `field` (such as `signature_seller`) the one that signed there. `reason` is a code of
    `app.contracts.keys.revocation.RevocationReason`; `at` lies in the past (None: now).
    What a time-stamp proves to have been signed before stays valid.
    Raises AuthorityElsewhere, CertificateUnknown, AlreadyRevoked, RevocationInFuture (field `at`).
    """

    reason: str
    at: datetime | None = None
    contract_id: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAuthority(Command):
    """Trust nothing any more that a desk's authority certified, from a time on: for a desk that is lost with its key.

    Any desk can do that. What a time-stamp proves to have been signed before stays valid.
    Raises AlreadyRevoked, RevocationInFuture (field `at`).
    """

    authority_id: str
    expected_revision: int
    reason: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRevocationList(Command):
    """Sign this desk's revocation list anew before it ends. Returns whether that was due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOutsideLists(Command):
    """Keep what outside authorities say of the key this desk bought: revocation lists (PEM) of its chain.

    Lists of anybody else are passed over. Where one revokes the desk's own authority, which an outside one certified,
    that is withdrawn from then on. Returns whether anything is new.
    """

    lists: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSigningKey(Command):
    """Put into the audit trail that this desk signs with another key from now on, and tick off warnings about the one
    before. `use` is a code of `app.contracts.keys.intake.KeyUse`, `fingerprint` the SHA-256 of the certificate.

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
