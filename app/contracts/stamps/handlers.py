"""Storing time-stamped bytes."""

import hashlib

from sqlalchemy import select

from app.contracts.stamps.commands import StampContract
from app.contracts.stamps.errors import StampOutdated
from app.contracts.stamps.stamping import STAMPED_STAGE, present_digest
from app.kernel.commands import requires
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.quotations.calculation import live
from db.models.contracts import Contract, ContractDocument


@requires(Permission.CONTRACTS_SEAL)
def stamp_contract(command: StampContract, uow: UnitOfWork) -> str:
    """Store time-stamped bytes, if they begin with exactly what stands in the rows."""
    contract = live(uow.session, Contract, command.contract_id, field="contract_id")
    prepared = command.prepared
    before = present_digest(contract)
    fits = (
        prepared.contract_id == contract.id
        and prepared.before_digest == before
        and hashlib.sha256(prepared.content).hexdigest() == prepared.digest
        and _begins_with(uow, contract.id, before, prepared.content)
    )
    if not fits:
        raise StampOutdated()
    uow.add(
        ContractDocument(
            scope=contract.branch_id,
            contract_id=contract.id,
            stage=STAMPED_STAGE,
            digest=prepared.digest,
            content=prepared.content,
        )
    )
    contract.stamped_digest = prepared.digest
    contract.stamped_at = contract.stamped_at or prepared.at
    contract.stamp_ends_at = prepared.ends_at
    uow.record("ContractStamped")
    return contract.id


def _begins_with(uow: UnitOfWork, contract_id: str, digest: str, content: bytes) -> bool:
    query = select(ContractDocument.content).where(
        ContractDocument.contract_id == contract_id,
        ContractDocument.digest == digest,
        ContractDocument.deleted_at.is_(None),
    )
    before = uow.session.scalars(query.limit(1)).first()
    return before is not None and len(content) > len(before) and content.startswith(before)
