"""Reading the archive: how long a contract is kept, what holds it, what was agreed for which day."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from app.archive.disposal import DisposalState
from app.archive.rules import kept_until
from app.contracts.after_signing.milestones import MilestoneKind
from app.contracts.kinds.registry import KINDS, SALE, RetentionClass
from app.contracts.rules import CLOSED, ContractState
from app.kernel.clock import branch_date
from app.kernel.money import ZERO
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.payments.receiving import entries_in
from app.payments.rules import paid_total
from app.quotations.calculation import live
from db.models.archive import ContractMilestone, LegalHold
from db.models.contracts import Contract
from db.models.disposal import DisposalLine, DisposalList
from db.models.orders import SalesOrder
from db.models.staff import StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """One legal hold; `lifted_at` None while it rests on the contract."""

    id: str
    reason: str
    placed_at: datetime
    placed_by: str
    lifted_at: datetime | None
    lifted_by: str
    lift_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneRow:
    """What has to have happened by a day; `met` says whether it has, `overdue` that it has not in time."""

    id: str
    kind: MilestoneKind
    due_on: date
    amount: Decimal | None
    met: bool
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalRow:
    """A list of documents to be destroyed, or of what was."""

    id: str
    number: str
    state: str
    """A `app.archive.disposal.DisposalState`."""
    reason: str
    documents: int
    proposed_by_staff_id: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    supervisor: str
    decision_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalLineRow:
    """One document on a list."""

    contract_id: str
    number: str
    kind: str
    sealed_digest: str
    closed_on: date
    kept_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingRow:
    """How a contract is kept. `kept_until` is None while it is not closed; `may_go` once the time is over and nothing
    holds it."""

    retention: RetentionClass
    kept_until: date | None
    holds: tuple[HoldRow, ...]
    milestones: tuple[MilestoneRow, ...]
    may_go: bool
    sealed: bool
    """Whether there is evidence to export."""
    destroyed: "DisposalRow | None"
    """The list by which it was destroyed, None while it is there."""

    @property
    def held(self) -> bool:
        """Whether a hold rests on it."""
        return any(hold.lifted_at is None for hold in self.holds)


_IN_FORCE = (ContractState.SEALED, ContractState.ARCHIVED)
"""Where something is due by what was agreed."""


def contract_keeping(reader: Reader, contract_id: str) -> KeepingRow:
    """How one contract is kept; raises RecordNotFound."""
    reader.require(Permission.CONTRACTS_VIEW)
    contract = live(reader.session, Contract, contract_id, field="contract_id")
    kind = KINDS.get(contract.template_code, KINDS[SALE]).retention
    closed = contract.state in CLOSED
    until = kept_until(kind, contract.sealed_at or contract.updated_at) if closed else None
    holds = _holds(reader, contract_id)
    over = until is not None and until < branch_date(reader.now)
    return KeepingRow(
        retention=kind,
        kept_until=until,
        holds=holds,
        milestones=_milestones(reader, contract) if contract.state in _IN_FORCE else (),
        sealed=bool(contract.sealed_digest) and contract.state != ContractState.DISPOSED,
        destroyed=_destroyed_by(reader, contract),
        may_go=over and all(hold.lifted_at is not None for hold in holds),
    )


def _holds(reader: Reader, contract_id: str) -> tuple[HoldRow, ...]:
    lifter = aliased(StaffMember)
    query = (
        select(LegalHold, StaffMember.name, lifter.name)
        .outerjoin(StaffMember, StaffMember.id == LegalHold.placed_by_staff_id)
        .outerjoin(lifter, lifter.id == LegalHold.lifted_by_staff_id)
        .where(LegalHold.contract_id == contract_id, LegalHold.deleted_at.is_(None))
        .order_by(LegalHold.placed_at, LegalHold.id)
    )
    return tuple(
        HoldRow(
            id=hold.id, reason=hold.reason, placed_at=hold.placed_at, placed_by=name or "", lifted_at=hold.lifted_at,
            lifted_by=lifted_by or "", lift_reason=hold.lift_reason,
        )
        for hold, name, lifted_by in reader.session.execute(query)
    )  # fmt: skip


def _milestones(reader: Reader, contract: Contract) -> tuple[MilestoneRow, ...]:
    query = (
        select(ContractMilestone)
        .where(ContractMilestone.contract_id == contract.id, ContractMilestone.deleted_at.is_(None))
        .order_by(ContractMilestone.due_on, ContractMilestone.id)
    )
    found = list(reader.session.scalars(query))
    if not found:
        return ()
    order = reader.session.get(SalesOrder, contract.order_id)
    paid = paid_total(entries_in(reader.session, contract.order_id))
    today = branch_date(reader.now)
    rows = []
    for milestone in found:
        kind = MilestoneKind(milestone.kind)
        if kind is MilestoneKind.PAYMENT_DUE:
            met = paid >= (milestone.amount or ZERO)
        else:
            met = order is not None and order.delivered_at is not None
        rows.append(
            MilestoneRow(
                id=milestone.id, kind=kind, due_on=milestone.due_on, amount=milestone.amount, met=met,
                overdue=not met and milestone.due_on < today,
            )
        )  # fmt: skip
    return tuple(rows)


def count_held(reader: Reader) -> int:
    """How many holds rest on contracts here."""
    reader.require(Permission.CONTRACTS_VIEW)
    query = select(func.count()).select_from(LegalHold)
    return reader.session.scalar(query.where(LegalHold.lifted_at.is_(None), LegalHold.deleted_at.is_(None))) or 0


def _destroyed_by(reader: Reader, contract: Contract) -> DisposalRow | None:
    line = reader.session.get(DisposalLine, contract.id) if contract.state == ContractState.DISPOSED else None
    return None if line is None else next(iter(_disposals(reader, DisposalList.id == line.list_id)), None)


def list_disposals(reader: Reader, *, limit: int = 50) -> tuple[DisposalRow, ...]:
    """Lists for destruction: those that wait first, then the newest."""
    reader.require(Permission.CONTRACTS_VIEW)
    return tuple(_disposals(reader, DisposalList.deleted_at.is_(None), limit=limit))


def disposal_lines(reader: Reader, list_id: str, *, limit: int = 500) -> tuple[DisposalLineRow, ...]:
    """What a list names."""
    reader.require(Permission.CONTRACTS_VIEW)
    query = select(DisposalLine).where(DisposalLine.list_id == list_id, DisposalLine.deleted_at.is_(None))
    return tuple(
        DisposalLineRow(
            contract_id=line.contract_id, number=line.number, kind=line.kind, sealed_digest=line.sealed_digest,
            closed_on=line.closed_on, kept_until=line.kept_until,
        )
        for line in reader.session.scalars(query.order_by(DisposalLine.number).limit(limit))
    )  # fmt: skip


def _disposals(reader: Reader, condition: ColumnElement[bool], *, limit: int = 1) -> list[DisposalRow]:
    decider = aliased(StaffMember)
    query = (
        select(DisposalList, StaffMember.name, decider.name)
        .outerjoin(StaffMember, StaffMember.id == DisposalList.proposed_by_staff_id)
        .outerjoin(decider, decider.id == DisposalList.decided_by_staff_id)
        .where(condition)
        .order_by(DisposalList.state != DisposalState.PROPOSED.value, DisposalList.proposed_at.desc())
        .limit(limit)
    )
    return [
        DisposalRow(
            id=row.id, number=row.number, state=row.state, reason=row.reason, documents=row.documents,
            proposed_by_staff_id=row.proposed_by_staff_id, proposed_by=proposed_by or "", proposed_at=row.proposed_at,
            decided_by=decided_by or "", decided_at=row.decided_at, supervisor=row.supervisor,
            decision_note=row.decision_note,
        )
        for row, proposed_by, decided_by in reader.session.execute(query)
    ]  # fmt: skip
