"""What can go wrong with time-stamps."""

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
