"""A drafted document locked, signed by everybody in their order, and sealed at a desk."""

from datetime import timedelta
from typing import Any

from app.contracts.commands import ClauseAcknowledgement, ContractDrafted, LockContract, SealContract, SignContract
from app.contracts.preparing import prepare_seal
from app.contracts.queries import get_contract
from tests.app.sale_desk import SaleDesk, hand


def lock(desk: SaleDesk, drafted: ContractDrafted, actor: Any) -> None:
    """Fix what was drafted."""
    command = LockContract(
        contract_id=drafted.contract_id, expected_revision=drafted.revision, shown_digest=drafted.digest
    )
    desk.do(command, actor)


def sign_by_all(desk: SaleDesk, contract_id: str, actor: Any) -> None:
    """Everybody who is awaited signs, a minute after one another; who is no dealer acknowledges every clause."""
    number = 0
    while missing := desk.read(get_contract, contract_id, actor=actor).missing:
        number += 1
        detail, role = desk.read(get_contract, contract_id, actor=actor), missing[0]
        seen = tuple(ClauseAcknowledgement(clause_id=clause.id, at=desk.clock.now()) for clause in detail.clauses)
        desk.do(
            SignContract(
                contract_id=contract_id, expected_revision=detail.row.revision, party=role,
                signer_name=actor.name if role == "dealer" else desk.customer.name, strokes=hand(number),
                acknowledgements=() if role == "dealer" else seen, shown_digest=detail.shown_digest,
                identity_check="identity card seen", pen="pen",
            ),
            actor,
        )  # fmt: skip
        desk.clock.advance(timedelta(minutes=1))


def seal(desk: SaleDesk, contract_id: str, actor: Any) -> None:
    """Close it with the dealer's seal."""
    prepared = desk.read(prepare_seal, contract_id, actor=actor)
    revision = desk.read(get_contract, contract_id, actor=actor).row.revision
    desk.do(SealContract(contract_id=contract_id, expected_revision=revision, prepared=prepared), actor)


def complete(desk: SaleDesk, drafted: ContractDrafted, actor: Any) -> None:
    """All of it."""
    lock(desk, drafted, actor)
    sign_by_all(desk, drafted.contract_id, actor)
    seal(desk, drafted.contract_id, actor)
