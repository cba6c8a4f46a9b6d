"""The keys of this desk that outside authorities certified, and keeping what those say of them."""

from dataclasses import dataclass

from cryptography import x509
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.keys.held_keys import SigningKeys, keys_are_made, signing_keys
from app.contracts.keys.revocation import RevocationLists, Revoked, lists_in, with_newer
from app.contracts.keys.signing_keys import SigningKey, certificate_of, fingerprint_of, is_bought
from db.models.contracts import SigningAuthority

MOST_TEXT = 100_000
"""So much of lists fits into a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideChain:
    """A key of this desk that an outside authority certified: its certificate first, the root last (PEM)."""

    certificates: tuple[bytes, ...]
    seals: bool
    """Whether it is the seal's own key; else the desk's authority's, which certifies the seal's."""

    def read(self) -> tuple[x509.Certificate, ...]:
        """The certificates."""
        return tuple(map(certificate_of, self.certificates))

    @property
    def kept_with(self) -> str:
        """The fingerprint of the authority whose row keeps the lists: what verification traces the seal to."""
        return fingerprint_of(self.certificates[-1] if self.seals else self.certificates[0])


def outside_chains(keys: SigningKeys | None = None) -> list[OutsideChain]:
    """Those of this desk: none, or one, or two where both keys were brought. Asking makes no keys."""
    if keys is None and not keys_are_made():
        return []
    held = keys or signing_keys()
    seal, authority = held.dealer(), held.authority()
    found = [_chain(authority, seals=False)] if authority.chain else []
    return [_chain(seal, seals=True), *found] if is_bought(seal, authority) else found


def _chain(key: SigningKey, *, seals: bool) -> OutsideChain:
    return OutsideChain(certificates=(key.certificate_pem, *key.chain), seals=seals)


def keep_lists(session: Session, chain: OutsideChain, lists: tuple[bytes, ...]) -> bool:
    """Put newer lists of the seal's chain into the row of its root; what does not fit is left out, from the end."""
    row = _row(session, chain)
    if row is None:
        return False
    text = ""
    for pem in with_newer(lists_in(row.revocation_list), lists, chain=chain.read()):
        further = pem.decode("ascii")
        text += further if len(text) + len(further) <= MOST_TEXT else ""
    if text == row.revocation_list:
        return False
    row.revocation_list = text
    return True


def withdraw_revoked(session: Session, chain: OutsideChain, lists: tuple[bytes, ...]) -> bool:
    """Withdraw this desk's authority where the outside one above it has revoked it."""
    row, found = _row(session, chain), RevocationLists(lists).of_chain(chain.read())
    if row is None or found is None or row.withdrawn_at is not None:
        return False
    revoked: Revoked = found[1]
    row.withdrawn_at, row.withdrawn_reason = revoked.at, revoked.reason
    return True


def _row(session: Session, chain: OutsideChain) -> SigningAuthority | None:
    query = select(SigningAuthority).where(
        SigningAuthority.fingerprint == chain.kept_with, SigningAuthority.deleted_at.is_(None)
    )
    return session.scalars(query.limit(1)).first()
