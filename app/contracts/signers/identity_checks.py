"""What is on record of a signer's identity, and what in it makes one look twice."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.errors import BuyerUnderAge
from app.contracts.kinds.roles import PartyRole
from app.contracts.sealing.evidence import IdentityEvidence
from app.contracts.signers.identity_rules import (
    ADULT,
    LATELY,
    OLD,
    SUSPICIOUS_FAILURES,
    RiskHint,
    StepKind,
    StepResult,
    age_on,
)
from app.customers.errors import (
    IdentityCharactersWrong,
    IdentityCheckDigitWrong,
    IdentityDateWrong,
    IdentityLengthWrong,
)
from app.customers.queries import duplicates_of
from app.customers.rules import IdentityKind, check_identity_card
from app.kernel.clock import branch_date
from app.kernel.unit_of_work import UnitOfWork
from db.models.contracts import Contract
from db.models.signing import ContractParty, IdentityStep
from db.models.staff import StaffMember

_BUYS = frozenset({PartyRole.BUYER.value})


def steps_of(session: Session, party_id: str) -> list[IdentityStep]:
    """The steps of one party, in the order in which they were taken."""
    query = select(IdentityStep).where(IdentityStep.party_id == party_id, IdentityStep.deleted_at.is_(None))
    return list(session.scalars(query.order_by(IdentityStep.at, IdentityStep.id)))


def identity_evidence(session: Session, party: ContractParty | None) -> tuple[IdentityEvidence, ...]:
    """The steps as the evidence of a signature carries them."""
    steps = steps_of(session, party.id) if party is not None else []
    names = dict.fromkeys(step.by_staff_id for step in steps)
    for staff_id in names:
        member = session.get(StaffMember, staff_id)
        names[staff_id] = member.name if member else staff_id
    return tuple(
        IdentityEvidence(
            step_id=step.id, kind=step.kind, result=step.result, at=step.at, by=names[step.by_staff_id] or "",
            detail=dict(step.detail), attachment_sha256=step.attachment_sha256,
        )
        for step in steps
    )  # fmt: skip


def add_step(
    uow: UnitOfWork, party: ContractParty, kind: StepKind, result: StepResult, *, detail: dict[str, Any],
    attachment_sha256: str = "",
) -> IdentityStep:  # fmt: skip
    """Put a step on record."""
    return uow.add(
        IdentityStep(
            scope=party.scope, contract_id=party.contract_id, party_id=party.id, kind=kind.value, result=result.value,
            at=uow.now, by_staff_id=uow.actor.staff_id, detail=detail, attachment_sha256=attachment_sha256,
        )
    )  # fmt: skip


def born_on(party: ContractParty, today: date) -> date | None:
    """The date of birth in the number of an identity card; None for every other document."""
    if party.identity_kind != IdentityKind.IDENTITY_CARD or not party.identity_number:
        return None
    try:
        return check_identity_card(party.identity_number, today=today).born_on
    except (IdentityCharactersWrong, IdentityCheckDigitWrong, IdentityDateWrong, IdentityLengthWrong):
        return None


def require_of_age(uow: UnitOfWork, contract: Contract, party: ContractParty | None) -> None:
    """Raises BuyerUnderAge for a buyer who is a minor: the only hint that stops a signature."""
    born = born_on(party, branch_date(uow.now)) if party is not None and party.role in _BUYS else None
    if party is not None and born is not None and age_on(born, branch_date(uow.now)) < ADULT:
        raise BuyerUnderAge(name=party.name)


def hints_of(session: Session, party: ContractParty, *, now: datetime) -> tuple[RiskHint, ...]:
    """What is to be looked at twice, from the party's own data and the steps on record."""
    found: list[RiskHint] = []
    today = branch_date(now)
    born = born_on(party, today)
    if born is not None and age_on(born, today) < ADULT:
        found.append(RiskHint.UNDER_AGE)
    if born is not None and age_on(born, today) > OLD:
        found.append(RiskHint.OLD)
    steps = steps_of(session, party.id)
    compared = [step.detail for step in steps if step.kind == StepKind.CARD_CHECK]
    if compared and not compared[-1].get("name_matches", True):
        found.append(RiskHint.NAME_DIFFERS)
    if compared and not compared[-1].get("number_matches", True):
        found.append(RiskHint.NUMBER_DIFFERS)
    if sum(step.result == StepResult.FAILED for step in steps) >= SUSPICIOUS_FAILURES:
        found.append(RiskHint.MANY_FAILURES)
    if any(step.kind == StepKind.PHONE and step.detail.get("wrong_codes") for step in steps):
        found.append(RiskHint.WRONG_PHONE_CODE)
    if party.phone and _phone_is_shared(session, party, now=now):
        found.append(RiskHint.PHONE_SHARED)
    return tuple(found)


def _phone_is_shared(session: Session, party: ContractParty, *, now: datetime) -> bool:
    """Whether another customer has this phone, or another person signed with it lately."""
    if duplicates_of(session, phone=party.phone, identity="", ignore_id=party.customer_id, limit=1):
        return True
    others = select(ContractParty.id).where(
        ContractParty.phone == party.phone,
        ContractParty.identity_number != party.identity_number,
        ContractParty.created_at >= now - LATELY,
        ContractParty.deleted_at.is_(None),
    )
    return session.scalar(others.limit(1)) is not None


def note_hints(uow: UnitOfWork, party: ContractParty) -> tuple[RiskHint, ...]:
    """Put on record what is new to look at twice; tells all there is."""
    uow.session.flush()
    hints = hints_of(uow.session, party, now=uow.now)
    known = {step.detail.get("hint") for step in steps_of(uow.session, party.id) if step.kind == StepKind.RISK_HINT}
    for hint in hints:
        if hint.value not in known:
            add_step(uow, party, StepKind.RISK_HINT, StepResult.NOTED, detail={"hint": hint.value})
    return hints
