"""The row of this desk's authority, and whether its revocation list ends."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.keys.held_keys import signing_keys
from app.contracts.keys.revocation import is_stale
from app.kernel.unit_of_work import Reader
from db.models.contracts import SigningAuthority


def revocation_list_is_due(reader: Reader) -> bool:
    """Whether this desk's own list has to be signed anew; False where its authority was never published."""
    row = own_authority(reader.session)
    return row is not None and (
        not row.revocation_list or is_stale(row.revocation_list.encode("ascii"), now=reader.now)
    )


def own_authority(session: Session) -> SigningAuthority | None:
    """The row of this desk's authority."""
    query = select(SigningAuthority).where(
        SigningAuthority.fingerprint == signing_keys().authority().fingerprint(), SigningAuthority.deleted_at.is_(None)
    )
    return session.scalars(query.limit(1)).first()
