"""What this desk believes when it checks a document: roots, revocation lists and withdrawals from its database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.keys.revocation import Withdrawal, lists_in
from db.models.contracts import SigningAuthority, TimeStampRoot

if TYPE_CHECKING:
    from datetime import datetime

    from app.contracts.proof.verification import ExpectedDocument, VerificationReport


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeTrust:
    """What `verify` takes besides roots of signatures; PEM."""

    time_roots: tuple[bytes, ...] = ()
    revocation_lists: tuple[bytes, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()


def time_trust(session: Session) -> TimeTrust:
    """Roots of time-stamps, revocation lists of all authorities, and which authorities were withdrawn."""
    roots = session.scalars(select(TimeStampRoot).order_by(TimeStampRoot.first_seen_at)).all()
    authorities = session.scalars(select(SigningAuthority).where(SigningAuthority.deleted_at.is_(None))).all()
    lists = [*(one.revocation_list for one in roots), *(one.revocation_list for one in authorities)]
    return TimeTrust(
        time_roots=tuple(one.certificate_pem.encode("ascii") for one in roots),
        revocation_lists=tuple(one for text in lists for one in lists_in(text)),
        withdrawn=tuple(
            Withdrawal(one.fingerprint, one.withdrawn_at, one.withdrawn_reason)
            for one in authorities
            if one.withdrawn_at is not None
        ),
    )


def check(
    pdf: bytes, roots: Sequence[bytes], expected: "ExpectedDocument | None", trust: TimeTrust, *, now: "datetime"
) -> "VerificationReport":
    """`verify` with all this desk believes."""
    from app.contracts.proof.verification import verify

    return verify(
        pdf, roots, expected, time_roots=trust.time_roots, revocation_lists=trust.revocation_lists,
        withdrawn=trust.withdrawn, now=now,
    )  # fmt: skip
