"""Whether everything that is written about an order agrees: its claim, vehicle, number, lines, money and contracts.

Pure, and told in stored values (fen, microseconds), so that a desk and the centre judge by the same rules.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.kernel.labels import Labelled
from app.orders.rules import LIVE_STATES, ClaimState
from app.orders.ties import BINDING_STATES, SIGNING_STATES
from app.runtime.language import tr_noop

PATIENCE = 24 * 3600 * 1_000_000
"""So long an order may be provisional before somebody should look, in microseconds."""
_LIVE = frozenset(state.value for state in LIVE_STATES)


class BookFault(Labelled):
    """What is wrong about an order, a payment, a contract or a sold vehicle."""

    CLAIM_OTHER = "claim_other", tr_noop("Sold to another order")
    CLAIM_MISSING = "claim_missing", tr_noop("No claim at the centre")
    CLAIM_KEPT = "claim_kept", tr_noop("Still claimed")
    CLAIM_UNHEARD = "claim_unheard", tr_noop("Claim not heard of")
    PROVISIONAL_LONG = "provisional_long", tr_noop("Provisional too long")
    UNIT_LOST = "unit_lost", tr_noop("Lost its vehicle")
    UNIT_OTHER = "unit_other", tr_noop("Vehicle says otherwise")
    VEHICLE_UNKNOWN = "vehicle_unknown", tr_noop("Vehicle unknown")
    NUMBER_MISSING = "number_missing", tr_noop("No final number")
    NUMBER_TWICE = "number_twice", tr_noop("Number given twice")
    TOTALS = "totals", tr_noop("Total is not its lines")
    OVERPAID = "overpaid", tr_noop("Paid too much")
    PAYMENT_ORPHAN = "payment_orphan", tr_noop("Payment without order")
    LINE_ORPHAN = "line_orphan", tr_noop("Line without order")
    CONTRACT_ORPHAN = "contract_orphan", tr_noop("Contract without order")
    CONTRACT_OVER = "contract_over", tr_noop("Signed, order over")
    CONTRACT_UNSURE = "contract_unsure", tr_noop("Signed, vehicle lost")
    CONTRACT_TWICE = "contract_twice", tr_noop("Signed twice")
    CONTRACT_CUSTOMER = "contract_customer", tr_noop("Another customer signed")
    ORDER_LOST = "order_lost", tr_noop("Sold, order missing")
    SALE_LOST = "sale_lost", tr_noop("Delivered, order missing")
    OWNER_OTHER = "owner_other", tr_noop("Another branch owns it")


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """Who has a vehicle at the centre."""

    kind: str
    holder_id: str
    number: str
    branch_id: str


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """A contract over an order, as far as money and vehicle go."""

    id: str
    number: str
    state: str
    customer_id: str
    replaced_by_id: str | None = None
    amends_id: str | None = None

    @property
    def binds(self) -> bool:
        """Whether somebody has signed it, and nothing has taken its place; an amendment binds once it is sealed."""
        if self.amends_id and self.state in SIGNING_STATES:
            return False
        return self.state in BINDING_STATES and not self.replaced_by_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """What is written about one order. Amounts in fen; `vin` is empty where nobody knows its vehicle."""

    id: str
    number: str
    final_number: str
    state: str
    claim_state: str
    customer_id: str
    ordered_at: int
    total: int
    lines: int
    lines_total: int
    paid: int
    vin: str
    unit_order_id: str
    """The order that the vehicle's record names; empty where it names none, or is not known here."""
    unit_known: bool
    claim: ClaimFacts | None
    contracts: Sequence[ContractFacts] = ()

    @property
    def is_live(self) -> bool:
        return self.state in _LIVE


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `table` and `record_id` name the record somebody has to open; amounts in fen."""

    kind: BookFault
    table: str
    record_id: str
    title: str
    detail: dict[str, Any] = field(default_factory=dict)


def faults_of(order: OrderFacts, *, now: int) -> Iterator[Fault]:
    """Everything wrong about one order at an instant (microseconds); nothing when its books agree."""
    yield from _claim_faults(order, now)
    if order.lines_total != order.total:
        yield _fault(order, BookFault.TOTALS, total=order.total, lines_total=order.lines_total, lines=order.lines)
    if order.is_live and order.paid > order.total:
        yield _fault(order, BookFault.OVERPAID, paid=order.paid, total=order.total)
    yield from _contract_faults(order)


def _claim_faults(order: OrderFacts, now: int) -> Iterator[Fault]:
    claim, own = order.claim, order.claim is not None and order.claim.holder_id == order.id
    if not order.is_live:
        if own:
            yield _fault(order, BookFault.CLAIM_KEPT, vin=order.vin)
        return
    if not order.vin:
        yield _fault(order, BookFault.VEHICLE_UNKNOWN)
        return
    if own:
        yield from _own_claim_faults(order)
    elif order.claim_state == ClaimState.CONFLICT:
        yield _fault(order, BookFault.UNIT_LOST, vin=order.vin, **_winner(claim))
    elif order.claim_state == ClaimState.PROVISIONAL and now - order.ordered_at < PATIENCE:
        return
    elif claim is not None:
        yield _fault(order, BookFault.CLAIM_OTHER, vin=order.vin, **_winner(claim))
    elif order.claim_state == ClaimState.PROVISIONAL:
        yield _fault(order, BookFault.PROVISIONAL_LONG, vin=order.vin, ordered_at=order.ordered_at)
    else:
        yield _fault(order, BookFault.CLAIM_MISSING, vin=order.vin)


def _own_claim_faults(order: OrderFacts) -> Iterator[Fault]:
    if order.claim_state != ClaimState.CONFIRMED:
        yield _fault(order, BookFault.CLAIM_UNHEARD, vin=order.vin, claim_state=order.claim_state)
    elif not order.final_number:
        yield _fault(order, BookFault.NUMBER_MISSING)
    if order.unit_known and order.unit_order_id != order.id:
        yield _fault(order, BookFault.UNIT_OTHER, vin=order.vin, order_id=order.unit_order_id)


def _contract_faults(order: OrderFacts) -> Iterator[Fault]:
    binding = [contract for contract in order.contracts if contract.binds]
    for contract in binding:
        if not order.is_live:
            yield _contract_fault(order, contract, BookFault.CONTRACT_OVER)
        elif order.claim_state == ClaimState.CONFLICT:
            yield _contract_fault(order, contract, BookFault.CONTRACT_UNSURE)
        if contract.customer_id != order.customer_id:
            yield _contract_fault(order, contract, BookFault.CONTRACT_CUSTOMER)
    for contract in binding[1:]:
        yield _contract_fault(order, contract, BookFault.CONTRACT_TWICE, other=binding[0].number)


def _winner(claim: ClaimFacts | None) -> dict[str, Any]:
    return {} if claim is None else {"number": claim.number, "branch_id": claim.branch_id, "claimed_by": claim.kind}


def _fault(order: OrderFacts, kind: BookFault, **detail: Any) -> Fault:
    return Fault(kind, "sales_order", order.id, order.final_number or order.number, detail)


def _contract_fault(order: OrderFacts, contract: ContractFacts, kind: BookFault, **detail: Any) -> Fault:
    named = {"order_id": order.id, "number": order.final_number or order.number, **detail}
    return Fault(kind, "contract", contract.id, contract.number, named)


CAUSES: dict[BookFault, str] = {
    BookFault.CLAIM_OTHER: tr_noop(
        "The order counts on {vin}, and at the centre order {number} of branch {branch} has it."
    ),
    BookFault.CLAIM_MISSING: tr_noop("The order counts as confirmed, and at the centre nobody has {vin}."),
    BookFault.CLAIM_KEPT: tr_noop("The order is over, and the centre still keeps {vin} for it: nobody can sell it."),
    BookFault.CLAIM_UNHEARD: tr_noop("At the centre the order has {vin}, and its own record does not say so."),
    BookFault.PROVISIONAL_LONG: tr_noop(
        "The centre has the order since {time} and was never asked for {vin}, or its answer was lost."
    ),
    BookFault.UNIT_LOST: tr_noop("Another order was first at the centre ({number}), and nobody has decided since."),
    BookFault.UNIT_OTHER: tr_noop("The order has {vin} at the centre, and the vehicle's record names another order."),
    BookFault.VEHICLE_UNKNOWN: tr_noop("Neither side knows the vehicle that the order is about."),
    BookFault.NUMBER_MISSING: tr_noop("The centre confirmed the order, and its final number did not get here."),
    BookFault.NUMBER_TWICE: tr_noop("{number} stands on {n} orders: the centre came back from a backup meanwhile."),
    BookFault.TOTALS: tr_noop("The order says {total}, and its {n} lines add up to {sum}."),
    BookFault.OVERPAID: tr_noop("{paid} came in for an order over {total}, probably at two desks while apart."),
    BookFault.PAYMENT_ORPHAN: tr_noop("Money was received for an order that neither side has."),
    BookFault.LINE_ORPHAN: tr_noop("It belongs to an order that neither side has."),
    BookFault.CONTRACT_ORPHAN: tr_noop("It was drawn up for an order that neither side has."),
    BookFault.CONTRACT_OVER: tr_noop("Somebody has signed it, and order {number} is cancelled or taken back."),
    BookFault.CONTRACT_UNSURE: tr_noop("Somebody has signed it, and order {number} lost its vehicle afterwards."),
    BookFault.CONTRACT_TWICE: tr_noop("{other} over the same order {number} is signed, too."),
    BookFault.CONTRACT_CUSTOMER: tr_noop("It names another customer than order {number} does."),
    BookFault.ORDER_LOST: tr_noop("It is kept for an order that neither side has, so that nobody can sell it."),
    BookFault.SALE_LOST: tr_noop("It was handed over under an order that neither side has."),
    BookFault.OWNER_OTHER: tr_noop("Its record lies with this branch, and branch {branch} owns the vehicle."),
}
"""Where each comes from, in words with placeholders."""

_ASK_AGAIN = tr_noop("Ask the centre again: the order gets the vehicle and its number, or you learn who has it.")
RESOLUTIONS: dict[BookFault, str] = {
    BookFault.CLAIM_OTHER: _ASK_AGAIN,
    BookFault.CLAIM_MISSING: _ASK_AGAIN,
    BookFault.CLAIM_KEPT: tr_noop("Show the vehicle to the centre again: it lets go of it."),
    BookFault.CLAIM_UNHEARD: _ASK_AGAIN,
    BookFault.PROVISIONAL_LONG: _ASK_AGAIN,
    BookFault.UNIT_LOST: tr_noop("Open the order: choose another vehicle, or cancel it."),
    BookFault.UNIT_OTHER: tr_noop("Show the vehicle to the centre again: its record is made to say who has it."),
    BookFault.VEHICLE_UNKNOWN: tr_noop("Open the order and cancel it, or have the vehicle entered again."),
    BookFault.NUMBER_MISSING: _ASK_AGAIN,
    BookFault.NUMBER_TWICE: tr_noop("Tell whoever runs the service: one of the orders needs another number."),
    BookFault.TOTALS: tr_noop("Open the order. If a line is missing, fetch it; else cancel it and place it anew."),
    BookFault.OVERPAID: tr_noop("Open the order's payments and reverse what was received twice."),
    BookFault.PAYMENT_ORPHAN: tr_noop("Open the payment: reverse it, and receive it for the right order."),
    BookFault.LINE_ORPHAN: tr_noop("It changes nothing any more; tell whoever runs the service, who can remove it."),
    BookFault.CONTRACT_ORPHAN: tr_noop("Open the contract and void it."),
    BookFault.CONTRACT_OVER: tr_noop("Open the contract and void it."),
    BookFault.CONTRACT_UNSURE: tr_noop("Void the contract, then choose another vehicle for the order or cancel it."),
    BookFault.CONTRACT_TWICE: tr_noop("Open both and void the one that does not count."),
    BookFault.CONTRACT_CUSTOMER: tr_noop("Open the contract, void it, and draw it up anew."),
    BookFault.ORDER_LOST: tr_noop("Free the vehicle: it can be sold again. If the order turns up, it asks anew."),
    BookFault.SALE_LOST: tr_noop("Open the vehicle: take it back, or enter the sale again from its papers."),
    BookFault.OWNER_OTHER: tr_noop("Show the vehicle to the centre again: it puts the record where it belongs."),
}
"""What ends each, at a desk."""

GRAVE = frozenset(BookFault) - {
    BookFault.CLAIM_UNHEARD, BookFault.PROVISIONAL_LONG, BookFault.NUMBER_MISSING, BookFault.LINE_ORPHAN
}  # fmt: skip
"""What somebody may lose a sale or money over."""
