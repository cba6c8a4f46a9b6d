"""What can go wrong with time-stamps and with certificates that are to be revoked."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class StampRefused(DomainError):
    code = "stamp_refused"
    text = tr_noop(
        "The centre gave no time-stamp ({reason}). The contract stays sealed as it is; it is tried again by itself."
    )


class StampNotSound(DomainError):
    code = "stamp_not_sound"
    text = tr_noop(
        "The time-stamped document did not pass its own check ({finding}). Nothing was stored; report this."
    )


class StampOutdated(DomainError):
    code = "stamp_outdated"
    text = tr_noop("The contract was time-stamped elsewhere meanwhile. Nothing needs to be done.")


class NotYetSealed(DomainError):
    code = "not_yet_sealed"
    text = tr_noop("Only a sealed contract gets a time-stamp. Seal it first.")


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
