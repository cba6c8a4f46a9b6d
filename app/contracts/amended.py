"""Which contract another one amends, what paper says of it, and what follows for both when the amendment is sealed.

An amendment is a contract of its own with a number of its own; it says the whole agreement anew. The amended contract
stays in force until the amendment is sealed.
"""

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from app.contracts.errors import AmendedContractEnded
from app.contracts.rules import CONTRACT, IN_FORCE, ContractAction, ContractState
from app.documents.paper_data import PaperAmendment
from app.kernel.clock import branch_date
from app.kernel.ids import derived_id
from app.kernel.unit_of_work import UnitOfWork
from app.tasks.follow_up import create_task, tick_off
from app.tasks.rules import TaskKind, TaskState
from db.models.contracts import Contract
from db.models.tasks import Task

_KNOWN_GONE = (ContractState.SUPERSEDED.value, ContractState.DISPOSED.value)
UNDER_WAY = (ContractState.LOCKED, ContractState.PARTIALLY_SIGNED, ContractState.SIGNED)


def amended_contract(session: Session, contract: Contract) -> Contract | None:
    """The contract that this one amends; None where it amends nothing."""
    return session.get(Contract, contract.amends_id) if contract.amends_id else None


def amendment_of(session: Session, contract: Contract) -> PaperAmendment | None:
    """What the paper of an amendment says of the amended contract; None for other contracts."""
    amended = amended_contract(session, contract)
    if amended is None or amended.sealed_at is None:
        return None
    return PaperAmendment(
        number=amended.number, sealed_on=branch_date(amended.sealed_at), digest=amended.sealed_digest,
        changes=contract.amendment_changes,
    )  # fmt: skip


def amendments_of(session: Session, contract_id: str) -> list[Contract]:
    """All amendments of a contract, the oldest first."""
    query = select(Contract).where(Contract.amends_id == contract_id, Contract.deleted_at.is_(None))
    return list(session.scalars(query.order_by(Contract.id)))


def require_amended_in_force(session: Session, contract: Contract) -> None:
    """Raises AmendedContractEnded where the contract that this one amends is no longer in force."""
    amended = amended_contract(session, contract)
    if amended is not None and amended.state not in IN_FORCE:
        raise AmendedContractEnded(number=amended.number, state=ContractState(amended.state).label)


def supersede(session: Session, contract: Contract) -> None:
    """The sealed amendment takes the place of what it amends. Raises AmendedContractEnded."""
    amended = amended_contract(session, contract)
    if amended is None:
        return
    require_amended_in_force(session, contract)
    amended.state = CONTRACT.next_state(amended.state, ContractAction.SUPERSEDE).value
    amended.replaced_by_id = contract.id


def reinstate(session: Session, contract: Contract) -> Contract | None:
    """A sealed amendment was voided: what it had taken the place of is in force again, and is returned.

    Where another amendment of the same contract was sealed, too (two desks did not know of each other), that one has
    the place now, and None is returned; so it is where the amended contract ended otherwise.
    """
    amended = amended_contract(session, contract)
    if amended is None or amended.state != ContractState.SUPERSEDED or amended.replaced_by_id != contract.id:
        return None
    other = next((one for one in amendments_of(session, amended.id) if one is not contract and one.state in IN_FORCE),
                 None)  # fmt: skip
    if other is not None:
        amended.replaced_by_id = other.id
        return None
    amended.state = CONTRACT.next_state(amended.state, ContractAction.REINSTATE).value
    amended.replaced_by_id = None
    return amended


def colliding() -> Select[Contract, Contract]:
    """Sealed amendments beside the contract they amend, where that does not say so: another amendment was sealed at
    another desk, or it was voided or terminated there, and neither desk knew of the other."""
    amended = aliased(Contract)
    return (
        select(Contract, amended)
        .join(amended, amended.id == Contract.amends_id)
        .where(
            Contract.amends_id.is_not(None), Contract.state.in_([state.value for state in IN_FORCE]),
            Contract.deleted_at.is_(None),
            or_(amended.state.not_in(_KNOWN_GONE), amended.replaced_by_id != Contract.id),
        )
        .order_by(Contract.id)
    )  # fmt: skip


def untold(session: Session) -> list[tuple[Contract, Contract]]:
    """Of these, those that nobody has been told of yet."""
    pairs = [(row[0], row[1]) for row in session.execute(colliding())]
    return [pair for pair in pairs if pair[1].state not in IN_FORCE and session.get(Task, _task_id(*pair)) is None]


def still_standing(session: Session) -> list[tuple[Contract, Contract]]:
    """Of these, those whose amended contract was only filed away elsewhere meanwhile: nobody has to decide anything."""
    pairs = [(row[0], row[1]) for row in session.execute(colliding())]
    return [pair for pair in pairs if pair[1].state in IN_FORCE]


def settled(session: Session) -> list[Task]:
    """Open tasks about amendments that no longer collide: somebody decided which one counts."""
    still = {_task_id(row[0], row[1]) for row in session.execute(colliding())}
    query = select(Task).where(
        Task.kind == TaskKind.SETTLE_AMENDMENTS.value, Task.state == TaskState.OPEN.value, Task.deleted_at.is_(None)
    )
    return [task for task in session.scalars(query) if task.id not in still]


def tend_amendments(uow: UnitOfWork) -> int:
    """Tell of amendments that collide, once however many desks notice, and tick off what is settled; how many.

    What was only filed away meanwhile is superseded after all.
    """
    standing = still_standing(uow.session)
    for contract, amended in standing:
        amended.state, amended.replaced_by_id = ContractState.SUPERSEDED.value, contract.id
    uow.session.flush()
    fresh, over = untold(uow.session), settled(uow.session)
    for contract, amended in fresh:
        create_task(
            uow, kind=TaskKind.SETTLE_AMENDMENTS, record_table="contract", record_id=contract.id,
            params={"number": contract.number, "amended": amended.number},
            branch_id=contract.branch_id, task_id=_task_id(contract, amended),
        )  # fmt: skip
    for task in over:
        tick_off(task, uow)
    return len(standing) + len(fresh) + len(over)


def _task_id(contract: Contract, amended: Contract) -> str:
    return derived_id(TaskKind.SETTLE_AMENDMENTS.value, contract.id, amended.id)
