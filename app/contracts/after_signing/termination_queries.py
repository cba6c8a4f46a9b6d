"""What terminating a contract would mean, before somebody does it."""

from dataclasses import dataclass

from app.contracts.after_signing.termination_agreements import Agreed, agreed_in
from app.contracts.after_signing.termination_rules import TerminationGround, defaulting_by
from app.contracts.kinds.registry import SALE
from app.contracts.lineage import sealed_agreement
from app.kernel.clock import branch_date
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.orders.ending import deposit_settlement
from app.orders.rules import ORDER, DepositSettlement, OrderAction, OrderState
from app.quotations.calculation import live
from db.models.contracts import Contract
from db.models.orders import SalesOrder


@dataclass(frozen=True, slots=True)
class TerminationChoice:
    """A ground, and what becomes of the deposits by it; None where no order is behind the document."""

    ground: str
    settlement: DepositSettlement | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminationChoices:
    """All grounds of one contract. `order_can_end`: its order is not delivered yet and can be cancelled with it."""

    choices: tuple[TerminationChoice, ...]
    order_can_end: bool
    agreed: Agreed | None = None
    """What the parties signed about it, where they did."""


def termination_choices(reader: Reader, contract_id: str) -> TerminationChoices:
    """What each ground would mean today; raises RecordNotFound."""
    reader.require(Permission.CONTRACTS_VOID)
    contract = live(reader.session, Contract, contract_id, field="contract_id")
    order, agreement = None, sealed_agreement(reader.session, contract)
    if contract.template_code == SALE and contract.order_id:
        order = reader.session.get(SalesOrder, contract.order_id)
    return TerminationChoices(
        choices=tuple(TerminationChoice(ground.value, _settled(reader, order, ground)) for ground in TerminationGround),
        order_can_end=order is not None and ORDER.may(OrderState(order.state), OrderAction.CANCEL),
        agreed=agreed_in(agreement) if agreement is not None else None,
    )


def _settled(reader: Reader, order: SalesOrder | None, ground: TerminationGround) -> DepositSettlement | None:
    if order is None:
        return None
    return deposit_settlement(reader.session, order, defaulting_by(ground), on_date=branch_date(reader.now))
