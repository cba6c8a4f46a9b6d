"""Roots of time-stamps this desk trusts: those the centre named, from the first time on for ever.

They stay at the desk and do not travel: each desk asks the centre it is enrolled at, over the connection it trusts for
everything else. A root is only added, so that what it proved stays proved; its revocation list is kept up to date.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from sqlalchemy import insert, select, update

from app.contracts.keys.revocation import RevocationLists
from app.contracts.keys.signing_keys import certificate_of, is_issued_by, is_self_issued
from db.engine import Database
from db.models.contracts import TimeStampRoot

_ROOTS: Any = TimeStampRoot.__table__

if TYPE_CHECKING:
    from app.contracts.stamps.time_stamping import StampAuthority


def keep_roots(database: Database, about: "StampAuthority", *, now: datetime) -> int:
    """Remember roots that are new, and newer lists; tells how many roots are new. What is no root is passed over."""
    roots = [read for read in map(_root, about.roots) if read is not None]
    added = 0
    with database.exclusive() as connection:
        known = {row[0]: row[1] for row in connection.execute(select(_ROOTS.c.fingerprint, _ROOTS.c.revocation_list))}
        for root in roots:
            fingerprint = root.fingerprint(hashes.SHA256()).hex()
            newest = _newest_list(root, about.revocation_lists, known.get(fingerprint, ""))
            if fingerprint not in known:
                added += 1
                row = {"fingerprint": fingerprint, "certificate_pem": _pem(root), "first_seen_at": now}
                connection.execute(insert(_ROOTS).values(**row, revocation_list=newest))
            elif newest != known[fingerprint]:
                changed = update(_ROOTS).where(_ROOTS.c.fingerprint == fingerprint)
                connection.execute(changed.values(revocation_list=newest))
    return added


def _root(pem: bytes) -> x509.Certificate | None:
    from app.contracts.keys.errors import SigningKeyUnusable

    try:
        read = certificate_of(pem)
    except SigningKeyUnusable:
        return None
    return read if is_self_issued(read) and is_issued_by(read, read) else None


def _newest_list(root: x509.Certificate, lists: tuple[bytes, ...], present: str) -> str:
    """The newest of the lists this root has signed; a list never loses what an earlier one had revoked."""
    best, best_at = present, _made_at(present)
    for pem in lists:
        text = pem.decode("ascii")
        at = _made_at(text)
        if RevocationLists([pem]).cover(root) and at is not None and (best_at is None or at > best_at):
            best, best_at = text, at
    return best


def _made_at(text: str) -> datetime | None:
    try:
        return x509.load_pem_x509_crl(text.encode("ascii")).last_update_utc if text else None
    except ValueError:
        return None


def _pem(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM).decode("ascii")
