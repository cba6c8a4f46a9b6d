"""Reading what this desk and the others sign with: certificates, revocation lists, and what ends when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.keys.held_keys import keys_are_made, signing_keys
from app.contracts.keys.intake import algorithm_of, name_of
from app.contracts.keys.revocation import (
    RevocationLists,
    Revoked,
    issuer_of,
    list_addresses,
    list_days,
    lists_in,
    revoked_in,
)
from app.contracts.keys.signing_keys import certificate_of, is_bought
from app.contracts.proof.trust import time_trust
from app.kernel.errors import RecordNotFound
from app.kernel.ids import derived_id
from app.kernel.labels import Labelled
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr_noop
from db.models.contracts import SigningAuthority

WARNED_BEFORE = timedelta(days=60)
"""So long before a certificate ends that nobody but a real authority can renew, the administrators are told."""
REVOKE_SEAL, WITHDRAW, MAKE, OWN_SEAL = "revoke_seal", "withdraw", "make", "own_seal"
"""What can be done with an authority."""


class AuthorityState(Labelled):
    """How an authority of the group stands."""

    TRUSTED = "trusted", tr_noop("Trusted")
    ENDING = "ending", tr_noop("Ends soon")
    LIST_OLD = "list_old", tr_noop("List out of date")
    ENDED = "ended", tr_noop("Certificate ended")
    SEAL_REVOKED = "seal_revoked", tr_noop("Seal revoked")
    """This desk's: what it bought to seal with was revoked, and nobody here can make another."""
    WITHDRAWN = "withdrawn", tr_noop("No longer trusted")


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRow:
    """What one reads off a certificate. `fingerprint` is its SHA-256, `pem` the certificate itself, `above` the names
    of those above it."""

    subject: str
    issuer: str
    fingerprint: str
    algorithm: str
    valid_from: datetime
    valid_until: datetime
    serial: str
    pem: bytes
    above: tuple[str, ...] = ()

    @property
    def spelled_fingerprint(self) -> str:
        """In groups of four, to be compared with the eye."""
        return _in_fours(self.fingerprint)

    @property
    def spelled_serial(self) -> str:
        """The same for the serial number."""
        return _in_fours(self.serial)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityRow:
    """One authority of the group. `list_signed_at` is when it last said what it revoked; None where it never did."""

    id: str
    revision: int
    desk_code: str
    own: bool
    state: AuthorityState
    subject: str
    fingerprint: str
    valid_until: datetime
    list_signed_at: datetime | None
    revoked: int
    withdrawn_at: datetime | None
    withdrawn_reason: str

    @property
    def number(self) -> str:
        """What it is called."""
        return self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRow:
    """The certificate of this desk's seal. `bought` says that it is of a real authority, which alone can renew it.

    `revoked` is what was revoked, the certificate's own or one above it, called `revoked_subject`. `told_at` is when a
    bought one's authority last said what it revoked; None where nothing is known, `tells` says whether anything can be.
    """

    certificate: CertificateRow
    bought: bool
    revoked: Revoked | None
    revoked_subject: str
    told_at: datetime | None
    tells: bool
    ends_soon: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityDetail:
    """An authority in full; `seal` where it is this desk's."""

    row: AuthorityRow
    certificate: CertificateRow
    list_until: datetime | None
    revoked: tuple[Revoked, ...]
    seal: SealRow | None
    actions: tuple[str, ...]


def list_authorities(reader: Reader, *, after: str | None = None, limit: int = 100) -> tuple[AuthorityRow, ...]:
    """All authorities of the group, this desk's first; a group has some dozens of desks."""
    reader.require(Permission.CONTRACTS_REVOKE)
    rows = sorted((_row(reader, one, _own_fingerprint()) for one in _stored(reader.session)), key=_order)
    begin = next((n for n, row in enumerate(rows, start=1) if row.id == after), 0)
    return tuple(rows[begin : begin + limit])


def count_authorities(reader: Reader) -> int:
    """How many there are."""
    reader.require(Permission.CONTRACTS_REVOKE)
    return len(_stored(reader.session))


def get_authority(reader: Reader, authority_id: str) -> AuthorityDetail:
    """One in full; raises RecordNotFound."""
    reader.require(Permission.CONTRACTS_REVOKE)
    stored = reader.session.get(SigningAuthority, authority_id)
    if stored is None or stored.deleted_at is not None:
        raise RecordNotFound(field="authority_id")
    row = _row(reader, stored, _own_fingerprint())
    seal = _seal(reader, stored) if row.own else None
    days = _days(stored)
    return AuthorityDetail(
        row=row, certificate=certificate_row(stored.certificate_pem.encode("ascii")), list_until=days and days[1],
        revoked=_revoked(stored), seal=seal, actions=_actions(row, seal),
    )  # fmt: skip


def has_keys(reader: Reader) -> bool:
    """Whether this desk has made its keys."""
    reader.require(Permission.CONTRACTS_REVOKE)
    return keys_are_made()


def certificate_row(pem: bytes, chain: tuple[bytes, ...] = ()) -> CertificateRow:
    """What stands in a certificate. Raises SigningKeyUnusable."""
    read = certificate_of(pem)
    return CertificateRow(
        subject=name_of(read.subject), issuer=name_of(read.issuer), fingerprint=read.fingerprint(hashes.SHA256()).hex(),
        algorithm=algorithm_of(read.public_key()), valid_from=read.not_valid_before_utc,
        valid_until=read.not_valid_after_utc, serial=f"{read.serial_number:X}", pem=pem,
        above=tuple(name_of(certificate_of(one).subject) for one in chain),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingKey:
    """A certificate of this desk that ends soon, and the authority it stands with."""

    authority_id: str
    desk_code: str
    subject: str
    fingerprint: str
    ends_on: date


def warning_id(ending: EndingKey) -> str:
    """The id of the task about one certificate."""
    return derived_id("signing key ending", ending.fingerprint)


def ending_keys(session: Session, now: datetime) -> list[EndingKey]:
    """What ends within 60 days and does not renew itself: this desk's authority, and a bought key of its seal."""
    if not keys_are_made():
        return []
    keys = signing_keys()
    fingerprint = keys.authority().fingerprint()
    own = next((one for one in _stored(session) if one.fingerprint == fingerprint), None)
    if own is None:
        return []
    bought = [keys.dealer()] if is_bought(keys.dealer(), keys.authority()) else []
    found = []
    for key in (keys.authority(), *bought):
        certificate = certificate_of(key.certificate_pem)
        if certificate.not_valid_after_utc - now < WARNED_BEFORE:
            found.append(
                EndingKey(
                    authority_id=own.id, desk_code=own.desk_code, subject=name_of(certificate.subject),
                    fingerprint=key.fingerprint(), ends_on=certificate.not_valid_after_utc.date(),
                )
            )  # fmt: skip
    return found


def _in_fours(digits: str) -> str:
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


# --- inside --------------------------------------------------------------------------------------


def _stored(session: Session) -> list[SigningAuthority]:
    query = select(SigningAuthority).where(SigningAuthority.deleted_at.is_(None)).order_by(SigningAuthority.id)
    return list(session.scalars(query))


def _own_fingerprint() -> str:
    return signing_keys().authority().fingerprint() if keys_are_made() else ""


def _order(row: AuthorityRow) -> tuple[bool, str, str]:
    return not row.own, row.desk_code, row.id


def _row(reader: Reader, stored: SigningAuthority, own: str) -> AuthorityRow:
    certificate = certificate_of(stored.certificate_pem.encode("ascii"))
    days, is_own = _days(stored), stored.fingerprint == own
    state = _state(stored, certificate, days, reader.now)
    if is_own and state is not AuthorityState.WITHDRAWN and _bought_seal_is_revoked(reader, stored):
        state = AuthorityState.SEAL_REVOKED
    return AuthorityRow(
        id=stored.id, revision=stored.revision, desk_code=stored.desk_code, own=is_own,
        state=state, subject=name_of(certificate.subject),
        fingerprint=stored.fingerprint, valid_until=certificate.not_valid_after_utc, list_signed_at=days and days[0],
        revoked=len(_revoked(stored)), withdrawn_at=stored.withdrawn_at, withdrawn_reason=stored.withdrawn_reason,
    )  # fmt: skip


Days = tuple[datetime, datetime | None] | None


def _state(stored: SigningAuthority, certificate: x509.Certificate, days: Days, now: datetime) -> AuthorityState:
    if stored.withdrawn_at is not None:
        return AuthorityState.WITHDRAWN
    if certificate.not_valid_after_utc < now:
        return AuthorityState.ENDED
    if certificate.not_valid_after_utc - now < WARNED_BEFORE:
        return AuthorityState.ENDING
    if days is not None and days[1] is not None and days[1] < now:
        return AuthorityState.LIST_OLD
    return AuthorityState.TRUSTED


def _revoked(stored: SigningAuthority) -> tuple[Revoked, ...]:
    """What the authority itself has revoked; a row of an outside one holds lists of those below it too."""
    own = certificate_of(stored.certificate_pem.encode("ascii")).subject
    return tuple(one for pem in lists_in(stored.revocation_list) if issuer_of(pem) == own for one in revoked_in(pem))


def _days(stored: SigningAuthority) -> Days:
    """Of the oldest of its lists."""
    return min(map(list_days, lists_in(stored.revocation_list)), key=lambda days: days[0], default=None)


def _chain_of_seal(stored: SigningAuthority) -> tuple[x509.Certificate, ...]:
    seal = signing_keys().dealer()
    above = seal.chain or (stored.certificate_pem.encode("ascii"),)
    return tuple(map(certificate_of, (seal.certificate_pem, *above)))


def _revoked_seal(reader: Reader, stored: SigningAuthority) -> tuple[x509.Certificate, Revoked] | None:
    return _known_lists(reader).of_chain(_chain_of_seal(stored))


def _bought_seal_is_revoked(reader: Reader, stored: SigningAuthority) -> bool:
    keys = signing_keys()
    return is_bought(keys.dealer(), keys.authority()) and _revoked_seal(reader, stored) is not None


def _known_lists(reader: Reader) -> RevocationLists:
    return RevocationLists(time_trust(reader.session).revocation_lists)


def _seal(reader: Reader, stored: SigningAuthority) -> SealRow:
    keys, chain = signing_keys(), _chain_of_seal(stored)
    seal = keys.dealer()
    row, bought = certificate_row(seal.certificate_pem, seal.chain), is_bought(seal, keys.authority())
    found = _revoked_seal(reader, stored)
    return SealRow(
        certificate=row, bought=bought, revoked=found and found[1],
        revoked_subject=name_of(found[0].subject) if found else "", told_at=_known_lists(reader).newest(chain[1]),
        tells=bool(list_addresses(chain[0])), ends_soon=bought and row.valid_until - reader.now < WARNED_BEFORE,
    )  # fmt: skip


def _actions(row: AuthorityRow, seal: SealRow | None) -> tuple[str, ...]:
    if row.own:
        if seal is not None and seal.bought:
            return (OWN_SEAL,)
        return (REVOKE_SEAL,) if seal is not None and seal.revoked is None else ()
    return (WITHDRAW,) if row.withdrawn_at is None else ()
