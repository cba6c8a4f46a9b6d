"""Which contracts wait for a time-stamp, and making it: what is needed is read first, the centre is asked without a
transaction, the result is checked before anybody stores it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from app.contracts.finishing import expected_document
from app.contracts.keys.held_keys import known_roots
from app.contracts.proof.time_proof import ProofLevel
from app.contracts.proof.trust import TimeTrust, check, time_trust
from app.contracts.rules import ContractState
from app.contracts.stamps.commands import PreparedStamp
from app.contracts.stamps.errors import NotYetSealed, StampNotSound
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.quotations.calculation import live
from db.models.contracts import Contract, ContractDocument, SigningAuthority

if TYPE_CHECKING:
    from app.contracts.proof.verification import ExpectedDocument
    from app.contracts.stamps.time_stamping import StampCentre, StampedDocument

STAMPED_STAGE = "stamped"
STAMPED_STATES = (
    ContractState.SEALED, ContractState.ARCHIVED, ContractState.SUPERSEDED, ContractState.TERMINATED,
)  # fmt: skip
"""What was in force once stays provable."""
RENEWED_BEFORE = timedelta(days=365)
"""An archive time-stamp follows so long before the certificate of the newest one ends."""
_FEWEST, _TRIED_AGAIN = 2, 4
"""Time-stamps a document gets at first; how often another follows because a revocation list was missing."""
LEFT_TO_ITS_DESK = timedelta(days=1)
"""So long only the desk that drafted a contract has it time-stamped; afterwards any does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StampMaterial:
    """Everything that is needed to have a contract time-stamped, read in one piece."""

    contract_id: str
    before_digest: str
    content: bytes
    roots: tuple[bytes, ...]
    authorities: tuple[bytes, ...]
    trust: TimeTrust
    expected: "ExpectedDocument"


def contracts_to_stamp(reader: Reader, *, limit: int = 10) -> list[str]:
    """Ids of sealed contracts without a time-stamp, this desk's first, then of those whose proof is to be renewed."""
    reader.require(Permission.CONTRACTS_VIEW)
    states = [state.value for state in STAMPED_STATES]
    open_ones = select(Contract.id).where(Contract.state.in_(states), Contract.deleted_at.is_(None))
    own = f"{reader.actor.branch_code}-{reader.actor.desk_code}-"
    waiting = and_(Contract.stamp_ends_at.is_(None), Contract.sealed_digest != "")
    late = Contract.sealed_at < reader.now - LEFT_TO_ITS_DESK
    found: list[str] = []
    for condition in (
        and_(waiting, Contract.number.startswith(own, autoescape=True)),
        and_(waiting, late),
        Contract.stamp_ends_at < reader.now + RENEWED_BEFORE,
    ):
        if len(found) < limit:
            query = open_ones.where(condition).order_by(Contract.sealed_at).limit(limit)
            found += [one for one in reader.session.scalars(query) if one not in found]
    return found[:limit]


def stamp_material(reader: Reader, contract_id: str) -> StampMaterial:
    """What is needed for one contract. Raises NotYetSealed, RecordNotFound."""
    reader.require(Permission.CONTRACTS_SEAL)
    contract = live(reader.session, Contract, contract_id, field="contract_id")
    digest = present_digest(contract)
    query = select(ContractDocument).where(
        ContractDocument.contract_id == contract_id,
        ContractDocument.digest == digest,
        ContractDocument.deleted_at.is_(None),
    )
    document = reader.session.scalars(query.limit(1)).first()
    if document is None:  # still on its way from another desk
        raise NotYetSealed()
    known = select(SigningAuthority.certificate_pem).where(SigningAuthority.deleted_at.is_(None))
    published = tuple(pem.encode("ascii") for pem in reader.session.scalars(known))
    roots = tuple(known_roots())
    return StampMaterial(
        contract_id=contract_id,
        before_digest=digest,
        content=document.content,
        roots=roots,
        authorities=tuple(dict.fromkeys((*roots, *published))),
        trust=time_trust(reader.session),
        expected=expected_document(reader.session, contract),
    )


def present_digest(contract: Contract) -> str:
    """The digest of a contract's newest bytes; raises NotYetSealed."""
    if contract.state not in STAMPED_STATES or not contract.sealed_digest:
        raise NotYetSealed()
    return contract.stamped_digest or contract.sealed_digest


def make_stamp(material: StampMaterial, centre: "StampCentre", *, now: datetime) -> PreparedStamp:
    """Have the centre time-stamp the contract, and check the result; writes nothing.

    Raises StampRefused, StampNotSound, and whatever asking the centre raises.
    """
    from app.contracts.stamps.time_stamping import stamp

    made = stamp(
        material.content, centre, authorities=material.authorities, revocation_lists=material.trust.revocation_lists
    )
    level = _require_sound(made.pdf, material, now=max(now, made.at))
    return PreparedStamp(
        contract_id=material.contract_id,
        before_digest=material.before_digest,
        digest=made.sha256,
        at=made.at,
        ends_at=_due_again(made, level),
        content=made.pdf,
    )


def _due_again(made: "StampedDocument", level: ProofLevel) -> datetime:
    """When the certificate ends; earlier where a list was missing, so that it is stamped once more with it.

    An outside authority may not have been reached: tried again after one day, two, four, eight, and then no more.
    """
    tried = made.count - _FEWEST
    if level is ProofLevel.B_LTA or tried >= _TRIED_AGAIN:
        return made.ends_at
    return min(made.ends_at, made.newest_at + RENEWED_BEFORE + timedelta(days=2**tried))


def _require_sound(pdf: bytes, material: StampMaterial, *, now: datetime) -> ProofLevel:
    """The signatures may be of an authority that is not known here yet; their bytes and the proof have to be right."""
    report = check(pdf, material.roots, material.expected, material.trust, now=now)
    if report.verdict.value not in ("intact", "untrusted"):
        raise StampNotSound(finding=report.summary())
    if report.proof.level is ProofLevel.B_B or any(one.found.known is False for one in report.proof.stamps):
        raise StampNotSound(finding=report.level_words())
    return report.proof.level
