"""Handlers of the archive's commands."""

from app.archive.commands import ExportedEvidence, ExportEvidence, LiftLegalHold, PlaceLegalHold
from app.archive.errors import ContractNotSealed, ContractStillOpen, HoldAlreadyLifted
from app.archive.evidence_export import digest_of, package_of
from app.archive.rules import CLOSED_STATES
from app.kernel.commands import requires
from app.kernel.errors import require_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.archive import LegalHold
from db.models.contracts import Contract

REASON_LIMIT = 400


@requires(Permission.CONTRACTS_HOLD)
def place_legal_hold(command: PlaceLegalHold, uow: UnitOfWork) -> str:
    """Raises ValueRequired (`reason`), ContractStillOpen."""
    reason = uow.reason = require_text(command.reason, field="reason", limit=REASON_LIMIT)
    contract = uow.get(Contract, command.contract_id, field="contract_id")
    if contract.state not in CLOSED_STATES:
        raise ContractStillOpen(field="contract_id")
    hold = uow.add(
        LegalHold(
            scope=contract.scope, contract_id=contract.id, reason=reason, placed_at=uow.now,
            placed_by_staff_id=uow.actor.staff_id,
        )
    )  # fmt: skip
    uow.record("LegalHoldPlaced")
    return hold.id


@requires(Permission.CONTRACTS_HOLD)
def lift_legal_hold(command: LiftLegalHold, uow: UnitOfWork) -> str:
    """Raises ValueRequired (`reason`), HoldAlreadyLifted."""
    reason = uow.reason = require_text(command.reason, field="reason", limit=REASON_LIMIT)
    hold = uow.get(LegalHold, command.legal_hold_id, field="legal_hold_id")
    if hold.lifted_at is not None:
        raise HoldAlreadyLifted(field="legal_hold_id")
    hold.lifted_at, hold.lifted_by_staff_id, hold.lift_reason = uow.now, uow.actor.staff_id, reason
    uow.record("LegalHoldLifted")
    return hold.id


@requires(Permission.CONTRACTS_EXPORT)
def export_evidence(command: ExportEvidence, uow: UnitOfWork) -> ExportedEvidence:
    """Raises ValueRequired (`reason`), ContractNotSealed, RecordNotFound."""
    reason = uow.reason = require_text(command.reason, field="reason", limit=REASON_LIMIT)
    contract = uow.get(Contract, command.contract_id, field="contract_id")
    if not contract.sealed_digest:
        raise ContractNotSealed(field="contract_id")
    exported = package_of(uow.session, contract, exported_by=uow.actor.name, reason=reason, now=uow.now)
    uow.note(table="contract", record_id=contract.id, exported="evidence", sha256=digest_of(exported.content))
    uow.record("EvidenceExported")
    return exported
