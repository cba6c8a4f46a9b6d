"""Which contracts stand before and after one: replaced, amended, amending; and how one was terminated."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.kinds.registry import SALE
from app.contracts.kinds.termination_agreement import KIND
from app.contracts.rules import IN_FORCE, ContractState
from db.models.contracts import Contract

AGREEMENT = KIND.code


@dataclass(frozen=True, slots=True)
class Named:
    """Another contract."""

    id: str
    number: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What stands before and after a contract."""

    amends: Named | None = None
    changes: str = ""
    """What it changes of the contract it amends, as its paper says."""
    replaces: Named | None = None
    """The contract that ended, in whose place it was drafted."""
    replaced_by: Named | None = None
    """What took its place: a sealed amendment, or a contract drafted after it ended."""
    amendments: tuple[Named, ...] = ()
    """All amendments of it, the oldest first, whatever became of them."""
    agreements: tuple[Named, ...] = ()
    """Documents by which the parties end this sales contract, the oldest first, whatever became of them."""
    ends: Named | None = None
    """The sales contract that this termination agreement ends."""
    rivals: tuple[Named, ...] = ()
    """Other sealed amendments of the contract it amends: desks that did not know of each other. A person decides which
    one counts by voiding the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Termination:
    """How a contract ended before it was performed; amounts are None where no order was cancelled with it."""

    day: date
    ground: str
    """A code of `app.contracts.after_signing.termination_rules.TerminationGround`."""
    returned: Decimal | None
    forfeited: Decimal | None
    penalty: Decimal | None
    agreement: Named | None
    """The document by which the parties ended it, where they signed one."""


def lineage_of(session: Session, contract: Contract) -> Lineage:
    """What stands before and after a contract."""
    amends = session.get(Contract, contract.amends_id) if contract.amends_id else None
    after = session.get(Contract, contract.replaced_by_id) if contract.replaced_by_id else None
    # Every contract about the same customer: few, and found by an index.
    query = select(Contract).where(
        Contract.customer_id == contract.customer_id, Contract.replaced_by_id == contract.id,
        Contract.deleted_at.is_(None),
    )  # fmt: skip
    before = next((one for one in session.scalars(query) if one.id != contract.amends_id), None)
    return Lineage(
        amends=_named(amends),
        changes=contract.amendment_changes,
        replaces=_named(before),
        replaced_by=_named(after),
        amendments=tuple(_kept(session, contract.id)),
        agreements=tuple(Named(one.id, one.number, one.state) for one in agreements_about(session, contract)),
        ends=_named(_ended_by(session, contract)),
        rivals=tuple(_rivals(session, contract)),
    )


def termination_of(session: Session, contract: Contract) -> Termination | None:
    """How a contract was terminated; None for one that was not."""
    if contract.terminated_on is None or contract.state != ContractState.TERMINATED:
        return None
    return Termination(
        agreement=_named(sealed_agreement(session, contract)),
        day=contract.terminated_on, ground=contract.termination_ground, returned=contract.termination_returned,
        forfeited=contract.termination_forfeited, penalty=contract.termination_penalty,
    )  # fmt: skip


def agreements_about(session: Session, contract: Contract) -> list[Contract]:
    """The termination agreements drafted over a sealed sales contract, the oldest first.

    An agreement names the contract that binds the order when it is drafted: the last one sealed before.
    """
    if contract.template_code != SALE or contract.sealed_at is None:
        return []
    return [one for one in _over(session, contract.order_id, AGREEMENT) if _ended_by(session, one) is contract]


def sealed_agreement(session: Session, contract: Contract) -> Contract | None:
    """The agreement in force by which the parties ended a sales contract, or are about to; None without one."""
    return next((one for one in agreements_about(session, contract) if one.state in IN_FORCE), None)


def _ended_by(session: Session, agreement: Contract) -> Contract | None:
    if agreement.template_code != AGREEMENT:
        return None
    before = [one for one in _over(session, agreement.order_id, SALE)
              if one.sealed_at is not None and one.sealed_at <= agreement.created_at]  # fmt: skip
    return max(before, key=lambda one: one.sealed_at or one.created_at, default=None)


def _over(session: Session, order_id: str, kind: str) -> list[Contract]:
    query = select(Contract).where(
        Contract.order_id == order_id, Contract.template_code == kind, Contract.deleted_at.is_(None)
    )
    return list(session.scalars(query.order_by(Contract.id))) if order_id else []


def _kept(session: Session, contract_id: str) -> list[Named]:
    query = select(Contract).where(Contract.amends_id == contract_id, Contract.deleted_at.is_(None))
    return [Named(one.id, one.number, one.state) for one in session.scalars(query.order_by(Contract.id))]


def _rivals(session: Session, contract: Contract) -> list[Named]:
    if not contract.amends_id or contract.state not in IN_FORCE:
        return []
    return [one for one in _kept(session, contract.amends_id) if one.id != contract.id and one.state in IN_FORCE]


def _named(contract: Contract | None) -> Named | None:
    return Named(contract.id, contract.number, contract.state) if contract is not None else None
