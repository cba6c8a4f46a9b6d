"""Certificates that are to be good for nothing any more."""

from dataclasses import dataclass
from datetime import datetime

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCertificate(Command):
    """Revoke a certificate that this desk's authority gave out, from a time on. Returns its serial number as text.

    Without a contract it is that of the desk's own seal, which gets another key with the next contract; with
    `contract_id` and `field` (such as `signature_seller`) the one that signed there. `reason` is a code of
    `app.contracts.revocation.RevocationReason`; `at` lies in the past (None: now).
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
