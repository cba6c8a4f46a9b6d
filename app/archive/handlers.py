"""Handlers of the archive's commands."""

from sqlalchemy import select

from app.archive.commands import (
    ConfirmDisposal,
    ExportedEvidence,
    ExportEvidence,
    LiftLegalHold,
    PlaceLegalHold,
    ProposeDisposal,
    RejectDisposal,
)
from app.archive.disposal import MOST, NUMBER_KIND, DisposalState, destroy, line_of, require_may_go
from app.archive.errors import (
    ContractNotSealed,
    ContractStillOpen,
    DisposalDecided,
    DisposalListed,
    HoldAlreadyLifted,
    NothingToDispose,
    OwnDisposal,
    PassphraseTooShort,
    TooManyToDispose,
)
from app.archive.evidence_export import digest_of, package_of
from app.contracts.rules import CLOSED
from app.contracts.sealing.handwriting import LEAST_PASSPHRASE
from app.kernel.commands import requires
from app.kernel.errors import require_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.tasks.follow_up import close_tasks, create_task
from app.tasks.rules import TaskKind
from db.models.archive import LegalHold
from db.models.contracts import Contract
from db.models.disposal import DisposalLine, DisposalList

REASON_LIMIT = 400
_NAME_LIMIT = 60


@requires(Permission.CONTRACTS_HOLD)
def place_legal_hold(command: PlaceLegalHold, uow: UnitOfWork) -> str:
    """Raises ValueRequired (`reason`), ContractStillOpen."""
    reason = uow.reason = require_text(command.reason, field="reason", limit=REASON_LIMIT)
    contract = uow.get(Contract, command.contract_id, field="contract_id")
    if contract.state not in CLOSED:
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
    """Raises ValueRequired (`reason`), PassphraseTooShort (`passphrase`), ContractNotSealed, RecordNotFound."""
    reason = uow.reason = require_text(command.reason, field="reason", limit=REASON_LIMIT)
    if command.passphrase and len(command.passphrase) < LEAST_PASSPHRASE:
        raise PassphraseTooShort(field="passphrase", least=LEAST_PASSPHRASE)
    contract = uow.get(Contract, command.contract_id, field="contract_id")
    if not contract.sealed_digest:
        raise ContractNotSealed(field="contract_id")
    exported = package_of(
        uow.session, contract, exported_by=uow.actor.name, reason=reason, now=uow.now,
        passphrase=command.passphrase,
    )  # fmt: skip
    uow.note(table="contract", record_id=contract.id, exported="evidence", sha256=digest_of(exported.content))
    uow.record("EvidenceExported")
    return exported


@requires(Permission.CONTRACTS_DISPOSE)
def propose_disposal(command: ProposeDisposal, uow: UnitOfWork) -> str:
    """Raises ValueRequired (`reason`), NothingToDispose, TooManyToDispose, DisposalTooEarly, DisposalHeld,
    DisposalListed."""
    reason = uow.reason = require_text(command.reason, field="reason", limit=REASON_LIMIT)
    wanted = tuple(dict.fromkeys(command.contract_ids))
    if not wanted:
        raise NothingToDispose(field="contract_ids")
    if len(wanted) > MOST:
        raise TooManyToDispose(field="contract_ids", limit=MOST)
    contracts = [uow.get(Contract, contract_id, field="contract_ids") for contract_id in wanted]
    days = [require_may_go(uow, contract) for contract in contracts]
    proposed = uow.add(
        DisposalList(
            scope=uow.actor.branch_id, branch_id=uow.actor.branch_id, number=uow.next_number(NUMBER_KIND),
            state=DisposalState.PROPOSED.value, reason=reason, documents=len(contracts),
            proposed_by_staff_id=uow.actor.staff_id, proposed_at=uow.now,
        )
    )  # fmt: skip
    uow.session.flush()  # the centre is to know the list before its lines
    for contract, until in zip(contracts, days, strict=True):
        line = uow.session.get(DisposalLine, contract.id)
        if line is None:
            uow.add(line_of(contract, proposed.id, until))
            continue
        if uow.get(DisposalList, line.list_id).state != DisposalState.REJECTED:
            raise DisposalListed(field="contract_ids", number=contract.number)
        line.list_id, line.kept_until = proposed.id, until
    create_task(
        uow, kind=TaskKind.CONFIRM_DISPOSAL, record_table="disposal_list", record_id=proposed.id,
        params={"number": proposed.number, "n": len(contracts)},
    )  # fmt: skip
    uow.record("DisposalProposed")
    return proposed.id


@requires(Permission.CONTRACTS_DISPOSE)
def confirm_disposal(command: ConfirmDisposal, uow: UnitOfWork) -> int:
    """Raises ValueRequired (`supervisor`), DisposalDecided, OwnDisposal, DisposalTooEarly, DisposalHeld."""
    supervisor = require_text(command.supervisor, field="supervisor", limit=_NAME_LIMIT)
    chosen = _undecided(uow, command.disposal_list_id)
    if chosen.proposed_by_staff_id == uow.actor.staff_id:
        raise OwnDisposal(field="disposal_list_id")
    query = select(DisposalLine).where(DisposalLine.list_id == chosen.id, DisposalLine.deleted_at.is_(None))
    contracts = [uow.get(Contract, line.contract_id) for line in uow.session.scalars(query)]
    for contract in contracts:
        require_may_go(uow, contract)
    chosen.state, chosen.supervisor = DisposalState.CONFIRMED.value, supervisor
    uow.reason = chosen.reason
    _decide(uow, chosen)
    uow.session.flush()  # the centre lets parts of a document go only once it knows that the list is confirmed
    for contract in contracts:
        destroy(uow, contract)
    uow.record("DocumentsDestroyed")
    return len(contracts)


@requires(Permission.CONTRACTS_DISPOSE)
def reject_disposal(command: RejectDisposal, uow: UnitOfWork) -> None:
    """Raises ValueRequired (`reason`), DisposalDecided."""
    note = uow.reason = require_text(command.reason, field="reason", limit=REASON_LIMIT)
    chosen = _undecided(uow, command.disposal_list_id)
    chosen.state, chosen.decision_note = DisposalState.REJECTED.value, note
    _decide(uow, chosen)
    uow.record("DisposalRejected")


def _undecided(uow: UnitOfWork, list_id: str) -> DisposalList:
    chosen = uow.get(DisposalList, list_id, field="disposal_list_id")
    if chosen.state != DisposalState.PROPOSED:
        raise DisposalDecided(field="disposal_list_id")
    return chosen


def _decide(uow: UnitOfWork, chosen: DisposalList) -> None:
    chosen.decided_by_staff_id, chosen.decided_at = uow.actor.staff_id, uow.now
    close_tasks(uow, record_id=chosen.id, kind=TaskKind.CONFIRM_DISPOSAL)
