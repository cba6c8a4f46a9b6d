"""From when a signed document is proved to have existed, by whom, and how long that can be checked.

Pure rules over what was found in the file. Time-stamps are judged from the last one back: each has to hold at the time
the next one proves, the last one now. What a time-stamp covers existed at its time; so a signature stays good although
its certificate has ended or was revoked later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.contracts.keys.revocation import Revoked

CLOCK_SLACK = timedelta(minutes=1)
"""Clocks of computers differ by so much without anybody having moved one."""


class ProofLevel(StrEnum):
    """How far a document's signatures prove themselves (ETSI EN 319 142-1)."""

    B_B = "B-B"
    B_T = "B-T"
    B_LTA = "B-LTA"


class StampState(StrEnum):
    """What one time-stamp is worth."""

    GOOD = "good"
    DAMAGED = "damaged"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStamp:
    """A document time-stamp as it stands in the file. `known`: its certificate leads to an authority that is trusted.

    `revision` counts the states of the file; `with_lists`: what it covers holds all revocation lists needed later.
    """

    field: str
    at: datetime
    authority: str
    intact: bool
    known: bool
    ends_at: datetime
    revoked: Revoked | None
    revision: int
    with_lists: bool
    certificate_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedStamp:
    """A time-stamp and what it is worth; `held_at` is the time at which it has to hold."""

    found: FoundStamp
    state: StampState
    held_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeProof:
    """What all time-stamps of a document prove together. Times are None where nothing is proved.

    `ends_at` is when the newest time-stamp's certificate ends: before, an archive time-stamp has to follow.
    """

    level: ProofLevel
    at: datetime | None
    authority: str
    ends_at: datetime | None
    stamps: tuple[JudgedStamp, ...]

    def of_revision(self, revision: int) -> datetime | None:
        """The earliest time at which that state of the file is proved to have existed."""
        times = [
            one.found.at for one in self.stamps if one.state is StampState.GOOD and one.found.revision > revision
        ]
        return min(times, default=None)


NO_PROOF = TimeProof(level=ProofLevel.B_B, at=None, authority="", ends_at=None, stamps=())


def prove(stamps: Sequence[FoundStamp], *, signed_revision: int, now: datetime) -> TimeProof:
    """Judge time-stamps, the oldest first, for a document whose last signature stands in `signed_revision`."""
    judged: list[JudgedStamp] = []
    holds_at = now
    for stamp in reversed(stamps):
        state = _state(stamp, holds_at)
        judged.insert(0, JudgedStamp(found=stamp, state=state, held_at=holds_at))
        if state is StampState.GOOD:
            holds_at = stamp.at
    good = [one.found for one in judged if one.state is StampState.GOOD and one.found.revision > signed_revision]
    if not good:
        return TimeProof(level=ProofLevel.B_B, at=None, authority="", ends_at=None, stamps=tuple(judged))
    first, last = min(good, key=lambda one: one.at), good[-1]
    long_term = len(good) > 1 and last.with_lists
    return TimeProof(
        level=ProofLevel.B_LTA if long_term else ProofLevel.B_T,
        at=first.at,
        authority=first.authority,
        ends_at=last.ends_at,
        stamps=tuple(judged),
    )


def _state(stamp: FoundStamp, holds_at: datetime) -> StampState:
    if not stamp.intact:
        return StampState.DAMAGED
    if not stamp.known:
        return StampState.UNKNOWN
    if stamp.revoked is not None and not _before_revocation(stamp, stamp.revoked, holds_at):
        return StampState.REVOKED
    return StampState.EXPIRED if stamp.ends_at < holds_at else StampState.GOOD


def _before_revocation(stamp: FoundStamp, revoked: Revoked, holds_at: datetime) -> bool:
    """RFC 3161 (4): what was stamped before stays good, unless the key may have been in other hands: then only what
    another time-stamp proves to have been there before."""
    return holds_at < revoked.at or (stamp.at < revoked.at and not revoked.is_compromise)


class CertificateState(StrEnum):
    """What became of a signer's certificate since, and what that means for the signature."""

    GOOD = "good"
    EXPIRED_PROVED = "expired_proved"
    EXPIRED_UNPROVED = "expired_unproved"
    REVOKED_LATER = "revoked_later"
    REVOKED_BEFORE = "revoked_before"
    REVOKED_UNPROVED = "revoked_unproved"


def certificate_state(
    *, signed_at: datetime | None, proved_at: datetime | None, ends_at: datetime, revoked: Revoked | None, now: datetime
) -> CertificateState:
    """Judge a signature by when it was made: `proved_at` by a time-stamp, `signed_at` as the signing desk said."""
    if revoked is not None:
        if proved_at is not None and proved_at < revoked.at:
            return CertificateState.REVOKED_LATER
        if proved_at is None and signed_at is not None and signed_at < revoked.at:
            return CertificateState.REVOKED_UNPROVED
        return CertificateState.REVOKED_BEFORE
    if ends_at < now:
        proved = proved_at is not None and proved_at <= ends_at
        return CertificateState.EXPIRED_PROVED if proved else CertificateState.EXPIRED_UNPROVED
    return CertificateState.GOOD


def clock_was_ahead(*, signed_at: datetime | None, proved_at: datetime | None) -> bool:
    """Whether a signature claims to be later than the time-stamp that covers it: the desk's clock was moved."""
    return signed_at is not None and proved_at is not None and signed_at > proved_at + CLOCK_SLACK
