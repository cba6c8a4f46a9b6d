"""Whether an order that lost its vehicle can get it after all: what had it may be over meanwhile.

As far as this desk knows; the centre decides.
"""

from dataclasses import dataclass
from datetime import datetime

from app.inventory.holding import promise_of, secured_elsewhere, standing_of
from app.inventory.rules import AllocationState, StockState, effective_allocation
from app.kernel.unit_of_work import Reader
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder


@dataclass(frozen=True, slots=True)
class AskingAgain:
    """The vehicle is not sold to anybody. `until` is when a lease or a hold of somebody else ends, None where it is
    free."""

    until: datetime | None = None

    @property
    def now(self) -> bool:
        """Whether the centre can give it to the order at once."""
        return self.until is None


def asking_again(reader: Reader, order: SalesOrder) -> AskingAgain | None:
    """None where the vehicle is another order's, promised to another branch, or has left."""
    unit = reader.session.get(VehicleUnit, order.vehicle_unit_id)
    if unit is None or unit.deleted_at is not None or unit.stock_state == StockState.OUT:
        return None
    if unit.order_id is not None and (unit.order_id != order.id or (order.claim_winner or {}).get("order_id")):
        return None
    if promise_of(reader.session, unit) is not None:
        return None
    standing = standing_of(unit)
    ends = [secured_elsewhere(unit, reader.actor, now=reader.now)]
    if effective_allocation(standing, reader.now) is AllocationState.HELD and not (
        unit.held_by_staff_id == reader.actor.staff_id or unit.held_for_customer_id == order.customer_id
    ):
        ends.append(unit.held_until)
    return AskingAgain(max((end for end in ends if end is not None), default=None))
