"""Handler of termination."""

from app.contracts.after_signing.consents import end_consents
from app.contracts.after_signing.milestones import end_milestones
from app.contracts.after_signing.termination_agreements import agreed_in
from app.contracts.after_signing.termination_commands import TerminateContract
from app.contracts.after_signing.termination_rules import defaulting_by, ground_of, require_day
from app.contracts.amended import UNDER_WAY, amendments_of
from app.contracts.errors import AgreedOtherwise, AmendmentUnderway
from app.contracts.kinds.registry import SALE, kind_of
from app.contracts.lineage import sealed_agreement
from app.contracts.rules import CONTRACT, ContractAction, ContractState
from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import limited_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.orders.ending import cancel, deposit_settlement
from app.orders.rules import ORDER, OrderAction, OrderState
from app.quotations.calculation import live
from app.quotations.drafting import REASON_LIMIT
from db.models.contracts import Contract
from db.models.orders import SalesOrder


@requires(Permission.CONTRACTS_VOID)
def terminate_contract(command: TerminateContract, uow: UnitOfWork) -> str:
    """End a contract in force, and with it the order where that is wanted."""
    contract = live(uow.session, Contract, command.contract_id, field="contract_id")
    uow.require(kind_of(contract.template_code).permission)
    uow.check_revision(contract, command.expected_revision)
    transition = CONTRACT.check(ContractState(contract.state), ContractAction.TERMINATE, reason=command.reason)
    ground = ground_of(command.ground)
    sealed_on = branch_date(contract.sealed_at or contract.created_at)
    require_day(command.terminated_on, sealed_on=sealed_on, today=branch_date(uow.now))
    _require_no_amendment(uow, contract)
    _follow_agreement(uow, contract, command)
    reason = limited_text(command.reason, field="reason", limit=REASON_LIMIT)
    contract.void_reason = reason
    contract.terminated_on, contract.termination_ground = command.terminated_on, ground.value
    contract.state = transition.target.value
    end_milestones(uow, contract)
    end_consents(uow, contract)
    if contract.template_code == SALE and contract.order_id:
        _end_order(uow, contract, command)
    uow.reason = reason
    uow.record("ContractTerminated")
    return contract.id


def _follow_agreement(uow: UnitOfWork, contract: Contract, command: TerminateContract) -> None:
    """Hold the termination to what the parties signed. Raises AgreedOtherwise."""
    agreement = sealed_agreement(uow.session, contract)
    if agreement is None:
        return
    agreed = agreed_in(agreement)
    if command.ground != agreed.ground:
        raise AgreedOtherwise(field="ground", number=agreement.number)
    if command.terminated_on != agreed.ended_on:
        raise AgreedOtherwise(field="terminated_on", number=agreement.number)
    uow.note(table="contract", record_id=contract.id, agreement=agreement.number)


def _require_no_amendment(uow: UnitOfWork, contract: Contract) -> None:
    underway = next((one for one in amendments_of(uow.session, contract.id) if one.state in UNDER_WAY), None)
    if underway is not None:
        raise AmendmentUnderway(contract=underway.number)


def _end_order(uow: UnitOfWork, contract: Contract, command: TerminateContract) -> None:
    """Cancel the order where that is wanted and it is not delivered yet, and say what becomes of the deposits.

    They stay with an order that stays.
    """
    order = live(uow.session, SalesOrder, contract.order_id, field="contract_id")
    if not command.cancel_order or not ORDER.may(OrderState(order.state), OrderAction.CANCEL):
        return
    uow.require(Permission.ORDERS_CANCEL)
    defaulting = defaulting_by(ground_of(command.ground))
    settlement = deposit_settlement(uow.session, order, defaulting, on_date=branch_date(uow.now))
    contract.termination_returned = settlement.returned
    contract.termination_forfeited = settlement.forfeited
    contract.termination_penalty = settlement.penalty
    uow.session.flush()
    cancel(uow, order, reason=command.reason, defaulting=defaulting)
