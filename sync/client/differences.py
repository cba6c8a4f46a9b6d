"""What can differ between this desk and the centre, why, and what puts it right. Nothing is looked at here."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.month_close.order_books import BookFault
from db.digests import differing_fields
from sync.client.writers import Writer

MOST_DIFFERENCES = 2_000
"""So many are told one by one; of more, only how many."""
UNITS, TRANSFERS = "vehicle_unit", "vehicle_transfer"
ORDERS, LINES, PAYMENTS, CONTRACTS = "sales_order", "sales_order_line", "payment", "contract"
TABLES = (UNITS, TRANSFERS, ORDERS, LINES, PAYMENTS, CONTRACTS)
"""What is compared, in this order."""
_SHOWN = (
    "vin", "stock_number", "allocation_state", "order_id", "held_until", "stock_state", "location", "number", "state",
    "final_number", "claim_state", "on_road_total", "amount", "kind", "label_zh", "label_en",
)  # fmt: skip


class Why(StrEnum):
    """Why a record is not the same on both sides."""

    NOT_SENT = "not_sent"
    """Changed here, and the centre has not answered yet."""
    NOT_SHOWN = "not_shown"
    """Came here without an operation, as in a seeded branch, and was never shown to the centre."""
    NOT_RECEIVED = "not_received"
    """Changed at the centre after this desk's last exchange."""
    REFUSED = "refused"
    """The centre refused a change of it, and nobody has looked at that."""
    MISSING = "missing"
    """The centre has it and this desk has passed it by."""
    BEHIND = "behind"
    """This desk has an older version, although it has read further."""
    AHEAD = "ahead"
    """This desk has a newer version than the centre, which came back from a backup."""
    DIFFERS = "differs"
    """The same version, and yet not the same contents."""
    UNKNOWN_THERE = "unknown_there"
    """This desk counts it as acknowledged, and the centre does not have it."""
    ELSEWHERE = "elsewhere"
    """Another branch owns it at the centre."""
    TWICE = "twice"
    """The same VIN stands under several records."""
    CLAIMED_THERE = "claimed_there"
    """An order has it at the centre that the vehicle's record does not say."""
    HELD_THERE = "held_there"
    """A hold runs at the centre that the vehicle's record does not say."""
    NOT_CLAIMED = "not_claimed"
    """The vehicle's record says an order that does not hold it at the centre."""
    HOLD_ENDED = "hold_ended"
    """The vehicle's record says a hold, and at the centre none runs."""

    # What is wrong about an order although both copies agree, by the rules of `app.month_close.order_books`.
    CLAIM_OTHER = "claim_other"
    CLAIM_MISSING = "claim_missing"
    CLAIM_KEPT = "claim_kept"
    CLAIM_UNHEARD = "claim_unheard"
    PROVISIONAL_LONG = "provisional_long"
    UNIT_LOST = "unit_lost"
    UNIT_OTHER = "unit_other"
    VEHICLE_UNKNOWN = "vehicle_unknown"
    NUMBER_MISSING = "number_missing"
    NUMBER_TWICE = "number_twice"
    TOTALS = "totals"
    OVERPAID = "overpaid"
    PAYMENT_ORPHAN = "payment_orphan"
    LINE_ORPHAN = "line_orphan"
    CONTRACT_ORPHAN = "contract_orphan"
    CONTRACT_OVER = "contract_over"
    CONTRACT_UNSURE = "contract_unsure"
    CONTRACT_TWICE = "contract_twice"
    CONTRACT_CUSTOMER = "contract_customer"
    ORDER_LOST = "order_lost"
    SALE_LOST = "sale_lost"
    OWNER_OTHER = "owner_other"

    @property
    def fault(self) -> BookFault | None:
        """The rule that was broken, None where the copies themselves differ."""
        return _FAULTS.get(self.value)


_FAULTS = {fault.value: fault for fault in BookFault}


class Remedy(StrEnum):
    """What puts it right."""

    EXCHANGE = "exchange"
    SHOW_AGAIN = "show_again"
    FETCH = "fetch"
    SETTLE = "settle"
    """The centre decides once more who has the vehicle."""
    LOOK_AT_REFUSED = "look_at_refused"
    OPEN_UNIT = "open_unit"
    ASK_AGAIN = "ask_again"
    """The order asks the centre for its vehicle once more."""
    FREE_UNIT = "free_unit"
    """The vehicle is no longer kept for an order that does not exist."""
    OPEN_RECORD = "open_record"
    """Nothing does it by itself: a person has to."""
    TELL_SERVICE = "tell_service"
    """Only whoever runs the service can."""


REMEDIES: dict[Why, Remedy] = {
    Why.NOT_SENT: Remedy.EXCHANGE,
    Why.NOT_SHOWN: Remedy.SHOW_AGAIN,
    Why.NOT_RECEIVED: Remedy.EXCHANGE,
    Why.REFUSED: Remedy.LOOK_AT_REFUSED,
    Why.MISSING: Remedy.FETCH,
    Why.BEHIND: Remedy.FETCH,
    Why.AHEAD: Remedy.SHOW_AGAIN,
    Why.DIFFERS: Remedy.FETCH,
    Why.UNKNOWN_THERE: Remedy.SHOW_AGAIN,
    Why.ELSEWHERE: Remedy.FETCH,
    Why.TWICE: Remedy.OPEN_UNIT,
    Why.CLAIMED_THERE: Remedy.SETTLE,
    Why.HELD_THERE: Remedy.SETTLE,
    Why.NOT_CLAIMED: Remedy.SETTLE,
    Why.HOLD_ENDED: Remedy.SETTLE,
    Why.CLAIM_OTHER: Remedy.ASK_AGAIN,
    Why.CLAIM_MISSING: Remedy.ASK_AGAIN,
    Why.CLAIM_KEPT: Remedy.SETTLE,
    Why.CLAIM_UNHEARD: Remedy.ASK_AGAIN,
    Why.PROVISIONAL_LONG: Remedy.ASK_AGAIN,
    Why.UNIT_LOST: Remedy.OPEN_RECORD,
    Why.UNIT_OTHER: Remedy.SETTLE,
    Why.VEHICLE_UNKNOWN: Remedy.OPEN_RECORD,
    Why.NUMBER_MISSING: Remedy.ASK_AGAIN,
    Why.NUMBER_TWICE: Remedy.TELL_SERVICE,
    Why.TOTALS: Remedy.OPEN_RECORD,
    Why.OVERPAID: Remedy.OPEN_RECORD,
    Why.PAYMENT_ORPHAN: Remedy.OPEN_RECORD,
    Why.LINE_ORPHAN: Remedy.TELL_SERVICE,
    Why.CONTRACT_ORPHAN: Remedy.OPEN_RECORD,
    Why.CONTRACT_OVER: Remedy.OPEN_RECORD,
    Why.CONTRACT_UNSURE: Remedy.OPEN_RECORD,
    Why.CONTRACT_TWICE: Remedy.OPEN_RECORD,
    Why.CONTRACT_CUSTOMER: Remedy.OPEN_RECORD,
    Why.ORDER_LOST: Remedy.FREE_UNIT,
    Why.SALE_LOST: Remedy.OPEN_UNIT,
    Why.OWNER_OTHER: Remedy.SETTLE,
}


TWO_COPIES = frozenset({Why.NOT_SENT, Why.NOT_RECEIVED, Why.REFUSED, Why.MISSING, Why.BEHIND, Why.AHEAD, Why.DIFFERS})
"""What differs between the copy here and the centre's, so that both are worth showing."""


@dataclass(frozen=True, slots=True)
class FieldPair:
    """A field that the two copies say differently, in stored values, and who wrote each where that is known."""

    name: str
    here: Any
    there: Any
    here_by: Writer | None = field(default=None, compare=False)
    there_by: Writer | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One record that is not the same on both sides. `here` and `there` are stored values worth showing.

    `fields` are those the two copies say differently, as far as both sides have one. `branch_id` is the scope it was
    found in; `dated` the instant (microseconds) it belongs to: of what waits here the earliest change, of orders and
    money their own, None where it concerns every month.
    """

    table: str
    record_id: str
    title: str
    why: Why
    here: dict[str, Any]
    there: dict[str, Any]
    fields: tuple[FieldPair, ...] = ()
    branch_id: str = ""
    dated: int | None = None

    @property
    def id(self) -> str:
        return f"{self.table}:{self.record_id}:{self.why}"

    @property
    def remedy(self) -> Remedy:
        """What puts it right."""
        return REMEDIES[self.why]

    def beside(self, ours: dict[str, Any] | None, theirs: dict[str, Any]) -> "Difference":
        """With the centre's copy beside the one here, None where there is none here."""
        title = self.title or title_of(self.table, theirs)
        there = {**self.there, **facts_of(theirs)}
        if ours is None or removed(ours) or removed(theirs):
            return replace(self, title=title, there=there)
        names = differing_fields(self.table, ours, theirs)
        pairs = tuple(FieldPair(name, ours.get(name), theirs.get(name)) for name in names)
        return replace(self, title=title, there=there, fields=pairs)


def facts_of(fields: dict[str, Any]) -> dict[str, Any]:
    """What of a record is worth showing on one line."""
    return {name: fields[name] for name in (*_SHOWN, "deleted_at") if fields.get(name) not in (None, "")}


def removed(fields: dict[str, Any]) -> bool:
    """Whether this copy says that the record is no more."""
    return fields.get("deleted_at") is not None


def title_of(table: str, fields: dict[str, Any]) -> str:
    """What people call a record; empty where this copy does not say it."""
    if table == UNITS:
        return str(fields.get("vin") or "")
    return str(fields.get("final_number") or fields.get("number") or "")


@dataclass(slots=True)
class Comparison:
    """What was looked at in one branch, and what differs; `total` counts also what is not listed.

    `until` (microseconds) is the end of the month that is looked at, None for all times: of `total`, `unsettled` are
    those that concern what was before it.
    """

    at: datetime
    branch_id: str = ""
    until: int | None = None
    room: int = MOST_DIFFERENCES
    looked_at: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    total: int = 0
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many differ, by table and `Why`."""
    unsettled: int = 0
    seen: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    """What both sides were found to hold, fed page by page."""

    def add(self, difference: Difference) -> None:
        """List it, as long as there is room."""
        self.total += 1
        self.kinds[difference.table, difference.why.value] += 1
        if self.until is None or difference.dated is None or difference.dated < self.until:
            self.unsettled += 1
        if len(self.differences) < self.room:
            self.differences.append(difference)

    def name_lines(self) -> None:
        """Call lines of orders that are not here by the number that the centre says of their order."""
        numbers = {one.record_id: one.title for one in self.differences if one.table == ORDERS}
        for place, one in enumerate(self.differences):
            if one.table == LINES and not one.title:
                self.differences[place] = replace(one, title=numbers.get(str(one.there.get("order_id")), ""))

    @property
    def id(self) -> str:
        return self.branch_id

    @property
    def digest(self) -> str:
        """SHA-256 over what both sides were found to hold, and over what differed, as hex."""
        whole = self.seen.copy()
        whole.update(repr(sorted(self.kinds.items())).encode("utf-8"))
        return whole.hexdigest()
