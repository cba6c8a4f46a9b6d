"""Why a certificate or an authority cannot be revoked."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class AuthorityElsewhere(DomainError):
    code = "authority_elsewhere"
    text = tr_noop(
        "This certificate was given out by the desk {desk}, whose key is kept there alone. Revoke it at that desk; if "
        "the desk is lost, withdraw its whole authority."
    )


class CertificateUnknown(DomainError):
    code = "certificate_unknown"
    text = tr_noop("No authority of this house gave out this certificate. Choose it from the list.")


class AlreadyRevoked(DomainError):
    code = "already_revoked"
    text = tr_noop("This certificate was revoked before, from {at} on.")


class RevocationInFuture(DomainError):
    code = "revocation_in_future"
    text = tr_noop("A certificate is revoked from a time that has passed. Enter when it was lost, at the latest now.")
