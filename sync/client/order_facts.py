"""What this desk and the centre together know about orders, put before the rules of `app.month_close.order_books`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from app.month_close.order_books import BookFault, ClaimFacts, ContractFacts, Fault, OrderFacts, faults_of
from db.engine import Database
from db.types import dump_json, microseconds
from sync.client.connection import DirectConnection
from sync.client.differences import CONTRACTS, LINES, ORDERS, PAYMENTS, Difference, Why

_NAMED_AT_ONCE = 500
T = TypeVar("T")
_FACTS = (
    "SELECT o.id, o.number, coalesce(o.final_number, ''), o.state, o.claim_state, o.customer_id, o.ordered_at,"
    " o.on_road_total, coalesce(u.vin, ''), coalesce(u.order_id, ''), u.id IS NOT NULL AND u.deleted_at IS NULL,"
    " (SELECT count(*) FROM sales_order_line l WHERE l.order_id = o.id AND l.deleted_at IS NULL),"
    " (SELECT coalesce(sum(amount), 0) FROM sales_order_line l WHERE l.order_id = o.id AND l.deleted_at IS NULL),"
    " (SELECT coalesce(sum(amount), 0) FROM payment p WHERE p.order_id = o.id AND p.deleted_at IS NULL)"
    " FROM sales_order o LEFT JOIN vehicle_unit u ON u.id = o.vehicle_unit_id"
    " WHERE o.deleted_at IS NULL AND o.id IN (SELECT value FROM json_each(?)) ORDER BY o.id"
)
_CONTRACTS_OF = (
    "SELECT order_id, id, number, state, customer_id, replaced_by_id, amends_id FROM contract WHERE deleted_at IS NULL"
    " AND template_code = 'vehicle_sale' AND order_id IN (SELECT value FROM json_each(?)) ORDER BY id"
)
_UNSETTLED_HERE = (
    "SELECT p.order_id FROM (SELECT id, order_id FROM sales_order_line WHERE order_id IN (SELECT value FROM"
    " json_each(?1)) UNION ALL SELECT id, order_id FROM payment WHERE order_id IN (SELECT value FROM json_each(?1))) p"
    " JOIN outbox_operation x ON x.record_id = p.id WHERE x.n > (SELECT acknowledged_n FROM desk_state)"
)
"""Orders of which a part is on its way: they are judged once it has arrived."""
_ORPHANS = {
    PAYMENTS: (Why.PAYMENT_ORPHAN, "SELECT c.id, c.number, c.order_id, c.received_at, c.amount FROM payment c"),
    CONTRACTS: (Why.CONTRACT_ORPHAN, "SELECT c.id, c.number, c.order_id, c.created_at, NULL FROM contract c"),
    LINES: (Why.LINE_ORPHAN, "SELECT c.id, '', c.order_id, c.created_at, c.amount FROM sales_order_line c"),
}
_WITHOUT_ORDER = (
    " LEFT JOIN sales_order o ON o.id = c.order_id WHERE c.scope = ? AND c.deleted_at IS NULL"
    " AND c.order_id <> '' AND (o.id IS NULL OR o.deleted_at IS NOT NULL) AND c.id > ? ORDER BY c.id LIMIT ?"
)
_TWICE = (
    "SELECT o.id, o.final_number, o.ordered_at, t.n FROM sales_order o JOIN (SELECT final_number, count(*) AS n"
    " FROM sales_order WHERE final_number IS NOT NULL AND deleted_at IS NULL GROUP BY final_number"
    " HAVING count(*) > 1) t ON t.final_number = o.final_number WHERE o.scope = ? AND o.deleted_at IS NULL"
    " ORDER BY o.final_number, o.id"
)


class Asks(Protocol):
    """The part of the transport that is needed here."""

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]: ...


class OrderJudge:
    """Judges the orders of one branch, page by page."""

    def __init__(self, database: Database, transport: Asks, *, branch_id: str, by: str, now: datetime) -> None:
        self._database, self._transport, self._branch_id, self._by = database, transport, branch_id, by
        self._now = microseconds(now)

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        with self._database.read() as session:
            return DirectConnection(session.connection()).exec_driver_sql(statement, values).fetchall()

    def faults(self, ids: Sequence[str], about: dict[str, Any]) -> Iterator[Difference]:
        """What is wrong about these orders. `about` is what the centre says of each."""
        if not ids:
            return
        listed = dump_json(list(ids))
        under_way = {row[0] for row in self._rows(_UNSETTLED_HERE, listed)}
        contracts: dict[str, list[ContractFacts]] = {}
        for order_id, *values in self._rows(_CONTRACTS_OF, listed):
            contracts.setdefault(order_id, []).append(ContractFacts(*values))
        for row in self._rows(_FACTS, listed):
            if row[0] in under_way:
                continue
            facts = _facts(row, about.get(row[0]) or {}, contracts.get(row[0], ()))
            for fault in faults_of(facts, now=self._now):
                yield self._difference(fault, dated=facts.ordered_at, state=facts.state)

    def _difference(self, fault: Fault, *, dated: int | None, state: str) -> Difference:
        return Difference(
            table=fault.table, record_id=fault.record_id, title=fault.title, why=Why(fault.kind.value),
            here={"state": state, "ver": 0}, there=fault.detail, branch_id=self._branch_id, dated=dated,
        )  # fmt: skip

    def orphans(self) -> Iterator[Difference]:
        """Payments, contracts and lines of orders that neither side has, and final numbers that stand twice."""
        for table, (why, statement) in _ORPHANS.items():
            after = ""
            while True:
                rows = self._rows(statement + _WITHOUT_ORDER, self._branch_id, after, _NAMED_AT_ONCE)
                unknown = self._unknown_there({row[2] for row in rows})
                for record_id, number, order_id, dated, amount in rows:
                    if order_id in unknown:
                        here = {"ver": 0} if amount is None else {"ver": 0, "amount": amount}
                        yield Difference(
                            table=table, record_id=record_id, title=number, why=why, here=here,
                            there={"order_id": order_id}, branch_id=self._branch_id, dated=dated,
                        )  # fmt: skip
                if len(rows) < _NAMED_AT_ONCE:
                    break
                after = rows[-1][0]
        for order_id, number, dated, count in self._rows(_TWICE, self._branch_id):
            fault = Fault(BookFault.NUMBER_TWICE, ORDERS, order_id, number, {"number": number, "n": count})
            yield self._difference(fault, dated=dated, state="")

    def _unknown_there(self, ids: set[str]) -> set[str]:
        """Of these orders, those that the centre does not have either."""
        if not ids:
            return set()
        answer = self._transport.ask("rows", {"by": self._by, "table": ORDERS, "ids": sorted(ids)})
        buried = {row[2] for row in answer.get("rows") or () if (row[7] or {}).get("deleted_at") is not None}
        return set(answer.get("unknown") or ()) | buried

    def missing_order(self, unit: dict[str, Any], about: dict[str, Any]) -> str:
        """The order that a vehicle is kept for, here or at the centre, and that neither side has; empty without one."""
        unknown = about.get("orders_unknown") or ()
        claim = about.get("claim") or ("", "")
        named = [unit.get("order_id") or "", claim[1] if claim[0] == "order" else ""]
        for order_id in named:
            if order_id and order_id in unknown and not self._has(order_id):
                return str(order_id)
        return ""

    def _has(self, order_id: str) -> bool:
        return bool(self._rows("SELECT 1 FROM sales_order WHERE id = ? AND deleted_at IS NULL", order_id))

    def named(self, told: Iterable[tuple[Difference, T]]) -> list[tuple[Difference, T]]:
        """Lines are called by the number of their order."""
        listed = list(told)
        lines = [one.record_id for one, _ in listed if one.table == LINES and not one.title]
        if not lines:
            return listed
        numbers = dict(
            self._rows(
                "SELECT l.id, coalesce(o.final_number, o.number) FROM sales_order_line l JOIN sales_order o"
                " ON o.id = l.order_id WHERE l.id IN (SELECT value FROM json_each(?))",
                dump_json(lines),
            )
        )
        return [(replace(one, title=one.title or numbers.get(one.record_id, "")), rest) for one, rest in listed]


def _facts(row: Any, about: dict[str, Any], contracts: Sequence[ContractFacts]) -> OrderFacts:
    order_id, number, final, state, claim_state, customer, ordered_at, total, vin, unit_order, known, *sums = row
    claim = about.get("claim")
    return OrderFacts(
        id=order_id, number=number, final_number=final, state=state, claim_state=claim_state, customer_id=customer,
        ordered_at=ordered_at, total=total, lines=sums[0], lines_total=sums[1], paid=sums[2],
        vin=about.get("vin") or vin, unit_order_id=unit_order, unit_known=bool(known),
        claim=None if not claim else ClaimFacts(*claim[:4]), contracts=contracts,
    )  # fmt: skip
