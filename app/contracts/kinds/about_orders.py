"""What the kinds about an order share."""

from collections.abc import Iterable, Mapping

from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds.errors import SubjectMissing
from app.contracts.kinds.facts import DocumentFacts, OrderFacts
from app.contracts.kinds.parts import Subject
from app.documents.paper_data import DepositKind, Words

DEPOSIT_NAMES = {
    DepositKind.EARNEST_MONEY: Words("定金", "Earnest money"),
    DepositKind.ADVANCE: Words("订金", "Advance payment"),
}


def require_order(facts: DocumentFacts) -> OrderFacts:
    """The order the document is about; raises SubjectMissing (field `order_id`)."""
    if facts.order is None:
        raise SubjectMissing(field="order_id", subject=Subject.ORDER.label)
    return facts.order


def order_values(order: OrderFacts) -> dict[str, Words]:
    """The placeholders of an order and its vehicle."""
    return on_paper.vehicle_values(order.vehicle) | {
        "order_number": on_paper.same(order.number),
        "total": on_paper.money(order.total),
        "total_capitals": on_paper.capitals(order.total),
        "contract_price": on_paper.money(order.contract_price),
        "contract_price_capitals": on_paper.capitals(order.contract_price),
        "salesperson": on_paper.same(order.salesperson),
    }


OF_ORDER_CONDITIONS = frozenset({"new_energy", "new_vehicle", "used_vehicle", "plan", "no_plan"})
"""What every kind about an order can go by."""


def _of_order(order: OrderFacts) -> frozenset[str]:
    return frozenset(
        {
            "used_vehicle" if order.used else "new_vehicle",
            "plan" if order.plan else "no_plan",
            *(["new_energy"] if order.new_energy else []),
        }
    )


def order_body(
    order: OrderFacts, blocks: Iterable[on_paper.Block], values: Mapping[str, Words], conditions: Iterable[str]
) -> on_paper.Body:
    """A body that names the order at its head."""
    return on_paper.Body(
        blocks=tuple(blocks),
        values=dict(values),
        conditions=frozenset(conditions) | _of_order(order),
        references=((Words("订单", "Order"), on_paper.same(order.number)),),
        keywords=(order.number, order.vehicle.vin),
    )
