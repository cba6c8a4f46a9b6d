"""What a sale under way has come to, and how it is kept across a crash."""

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self

from app.contracts.rules import ContractState
from app.orders.queries import OrderDetail
from app.runtime.language import tr_noop
from ui.kit.text import Words

DRAFT_KEY = "sale"


class Step(StrEnum):
    """The stations of a sale, in their order."""

    VEHICLE = "vehicle"
    CUSTOMER = "customer"
    OFFER = "offer"
    PAYMENT = "payment"
    CONTRACT = "contract"
    SIGNING = "signing"
    DONE = "done"


STEP_LABELS: dict[str, Words] = {
    Step.VEHICLE: tr_noop("Vehicle"),
    Step.CUSTOMER: tr_noop("Customer"),
    Step.OFFER: tr_noop("Offer"),
    Step.PAYMENT: tr_noop("Payment"),
    Step.CONTRACT: tr_noop("Contract"),
    Step.SIGNING: tr_noop("Signatures"),
    Step.DONE: tr_noop("Sealed"),
}
ORDER = tuple(Step)


_CONTRACT_STEPS = {
    ContractState.DRAFT: Step.CONTRACT,
    ContractState.LOCKED: Step.SIGNING,
    ContractState.PARTIALLY_SIGNED: Step.SIGNING,
    ContractState.SIGNED: Step.SIGNING,
    ContractState.SEALED: Step.DONE,
    ContractState.ARCHIVED: Step.DONE,
}
"""Where a sale goes on whose contract is in this state; others have to be drafted anew."""


@dataclass(slots=True)
class SaleState:
    """Ids only: what they stand for is read again, so that nothing stale is shown after a crash or a pull."""

    step: str = Step.VEHICLE
    vehicle_unit_id: str = ""
    customer_id: str = ""
    quotation_id: str = ""
    order_id: str = ""
    contract_id: str = ""

    @classmethod
    def of_order(cls, order: OrderDetail) -> Self:
        """Where the sale of an order goes on: at its live contract, at a new one, or at its first payment."""
        ids = {"order_id": order.row.id, "customer_id": order.row.customer_id}
        ids["vehicle_unit_id"] = order.row.vehicle_unit_id
        found = [(_CONTRACT_STEPS.get(ContractState(contract.state)), contract) for contract in order.contracts]
        live = [(step, contract) for step, contract in found if step is not None]
        # An amendment under way is gone on with before the contract that it amends.
        for step, contract in sorted(live, key=lambda one: one[0] is Step.DONE):
            return cls(step=step, contract_id=contract.id, **ids)
        return cls(step=Step.CONTRACT if order.payments else Step.PAYMENT, **ids)

    @property
    def begun(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.vehicle_unit_id or self.customer_id)

    def stored(self) -> dict[str, Any]:
        """As a draft's payload."""
        return asdict(self)

    @classmethod
    def from_stored(cls, payload: dict[str, Any]) -> Self:
        """From a draft's payload; what is unknown or not text is left out."""
        known = {field.name for field in fields(cls)}
        state = cls(**{name: value for name, value in payload.items() if name in known and isinstance(value, str)})
        if state.step not in ORDER:
            state.step = Step.VEHICLE
        return state
