"""Why a record differs from the centre's, in words: what is so here, what is so there, the cause, and the remedy."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.audit.rules import field_label
from app.contracts.rules import ContractState
from app.desk.record_titles import RecordKey
from app.inventory.rules import AllocationState, CertificateState, PdiState, QualityState, StockState
from app.kernel.labels import Bilingual, Labelled
from app.month_close.order_books import CAUSES, GRAVE, RESOLUTIONS, BookFault
from app.orders.rules import LIVE_STATES, ClaimState, OrderState
from app.payments.rules import PaymentKind, PaymentState
from app.runtime.language import pick, tr, tr_noop
from app.transfers.rules import CertificateTravel, Condition, TransferKind, TransferState
from sync.client.differences import (
    CONTRACTS,
    LINES,
    ORDERS,
    PAYMENTS,
    TRANSFERS,
    UNITS,
    Difference,
    FieldPair,
    Remedy,
    Why,
)
from ui.kit.columns import State
from ui.kit.stored_values import value_text
from ui.sync.writer_words import written_text

Codes = Mapping[str, str]
"""What records are called by their ids: the codes of branches, the names of people, the numbers of orders."""

_NAMED_FIELDS = 2
_LABELLED: dict[str, type[Labelled]] = {
    "allocation_state": AllocationState, "asked_state": TransferState, "certificate_by": CertificateTravel,
    "certificate_state": CertificateState, "condition": Condition, "kind": TransferKind, "pdi_state": PdiState,
    "quality_state": QualityState, "state": TransferState, "stock_state": StockState,
}  # fmt: skip
_LABELLED_OF: dict[str, dict[str, type[Labelled]]] = {
    ORDERS: {"state": OrderState, "claim_state": ClaimState},
    PAYMENTS: {"state": PaymentState, "kind": PaymentKind},
    CONTRACTS: {"state": ContractState},
}
"""Where a field of a table means something else than in the other tables."""
_OVER = frozenset(state.value for state in OrderState) - {state.value for state in LIVE_STATES}
_NAMED = {"order_id": "sales_order", "customer_id": "customer", "staff_id": "staff_member", "unit_id": "vehicle_unit"}
"""How fields end that hold the id of a record with a name, and its table."""

KINDS: dict[str, State] = {
    Why.NOT_SENT: State(tr_noop("Not sent yet"), "warn"),
    Why.NOT_SHOWN: State(tr_noop("Never shown"), "warn"),
    Why.NOT_RECEIVED: State(tr_noop("Not received yet"), "warn"),
    Why.REFUSED: State(tr_noop("Refused"), "bad"),
    Why.MISSING: State(tr_noop("Missing here"), "bad"),
    Why.BEHIND: State(tr_noop("Old here"), "bad"),
    Why.AHEAD: State(tr_noop("Newer here"), "bad"),
    Why.DIFFERS: State(tr_noop("Contents differ"), "bad"),
    Why.UNKNOWN_THERE: State(tr_noop("Missing there"), "bad"),
    Why.ELSEWHERE: State(tr_noop("Elsewhere"), "bad"),
    Why.TWICE: State(tr_noop("Entered twice"), "bad"),
    Why.CLAIMED_THERE: State(tr_noop("Sold there"), "bad"),
    Why.HELD_THERE: State(tr_noop("Held there"), "warn"),
    Why.NOT_CLAIMED: State(tr_noop("Sale unknown there"), "bad"),
    Why.HOLD_ENDED: State(tr_noop("Hold over there"), "warn"),
    **{Why(fault.value): State(fault.label, "bad" if fault in GRAVE else "warn") for fault in BookFault},
}
_RECORDS = {
    UNITS: tr_noop("A vehicle"), TRANSFERS: tr_noop("A transfer"), ORDERS: tr_noop("An order"),
    LINES: tr_noop("A line of an order"), PAYMENTS: tr_noop("A payment"), CONTRACTS: tr_noop("A contract"),
}  # fmt: skip

_CAUSES: dict[Why, str] = {
    Why.NOT_SENT: tr_noop("It was changed at this desk after the last exchange, and the centre has not answered yet."),
    Why.NOT_SHOWN: tr_noop("It came here when the desk was set up, and the centre was never shown it."),
    Why.NOT_RECEIVED: tr_noop("It was entered or changed at another desk after this desk's last exchange."),
    Why.REFUSED: tr_noop("The centre refused a change that was made here, and nobody has looked at that yet."),
    Why.MISSING: tr_noop("This desk has read past it in the feed, and yet it is not here: the copy here is damaged."),
    Why.BEHIND: tr_noop("This desk has read further than this version: a later one got lost here."),
    Why.AHEAD: tr_noop("This desk has a newer version than the centre: the centre came back from an older backup."),
    Why.DIFFERS: tr_noop("Both sides say the same version, and yet the contents differ: the copy here is damaged."),
    Why.UNKNOWN_THERE: tr_noop("The centre once took it in and does not have it: it came back from an older backup."),
    Why.ELSEWHERE: tr_noop("At the centre branch {branch} owns the vehicle, and this desk has not heard of it."),
    Why.TWICE: tr_noop("The same VIN was entered under {n} records, probably at two desks while apart."),
    Why.CLAIMED_THERE: tr_noop(
        "Order {number} of branch {branch} has it at the centre, and the vehicle's record does not say so."
    ),
    Why.HELD_THERE: tr_noop("A hold of branch {branch} runs at the centre, and the vehicle's record does not say so."),
    Why.NOT_CLAIMED: tr_noop("It is on an order here that does not hold it at the centre: the claim was lost."),
    Why.HOLD_ENDED: tr_noop("The vehicle is held here, and no hold runs at the centre: it was lost there."),
}

_RESOLVES: dict[Remedy, str] = {
    Remedy.EXCHANGE: tr_noop("Exchanging with the centre settles it by itself."),
    Remedy.SHOW_AGAIN: tr_noop("Show it to the centre again: nothing is lost, later changes win field by field."),
    Remedy.FETCH: tr_noop("Fetch it again: the centre's copy takes the place of the one here; what waits here stays."),
    Remedy.LOOK_AT_REFUSED: tr_noop("Look at the refused change: enter it again as it should be, or let it be."),
    Remedy.SETTLE: tr_noop("The centre decides once more who has the vehicle."),
    Remedy.OPEN_UNIT: tr_noop("Open the vehicle and put it right."),
}
_ADVICE: dict[Why, str] = {
    Why.TWICE: tr_noop("Open it, compare both records, and remove the one that was entered by mistake."),
    Why.CLAIMED_THERE: tr_noop(
        "The centre decides again: if the order still stands, the vehicle goes to it; if not, it becomes free."
    ),
    Why.HELD_THERE: tr_noop(
        "The centre decides again: if the hold was ended since, the vehicle is free; if not, it is held."
    ),
    Why.NOT_CLAIMED: tr_noop("It is asked for again: the order gets it, unless another one has it by now."),
    Why.HOLD_ENDED: tr_noop("It is asked for again: held until the same time, unless somebody else has it by now."),
}

_CANCELLED_HERE = tr_noop("It was cancelled here, and at the centre it still counts: the centre has not been told yet.")
_MONEY_HERE: dict[Why, str] = {
    Why.NOT_SENT: tr_noop("The money was entered here, and the centre has not heard of it yet."),
    Why.NOT_SHOWN: tr_noop("The money was entered here, and the centre was never shown it."),
    Why.REFUSED: tr_noop("The money was entered here, and the centre refused the entry; nobody has looked at it."),
    Why.UNKNOWN_THERE: tr_noop("The money was entered here, and the centre lost the entry with an older backup."),
}

VERBS: dict[Remedy, str] = {
    Remedy.EXCHANGE: tr_noop("Exchange now"),
    Remedy.SHOW_AGAIN: tr_noop("Show it again"),
    Remedy.FETCH: tr_noop("Fetch it again"),
    Remedy.LOOK_AT_REFUSED: tr_noop("Look at what was refused"),
    Remedy.SETTLE: tr_noop("Have it settled"),
    Remedy.OPEN_UNIT: tr_noop("Open the vehicle"),
    Remedy.ASK_AGAIN: tr_noop("Ask the centre again"),
    Remedy.FREE_UNIT: tr_noop("Free the vehicle"),
    Remedy.OPEN_RECORD: tr_noop("Open it"),
    Remedy.TELL_SERVICE: tr_noop("Copy what to tell"),
}


def named_records(differences: Iterable[Difference]) -> set[RecordKey]:
    """The records whose names the differing fields need."""
    return {
        (table, str(value))
        for one in differences
        for pair in one.fields
        for end, table in _NAMED.items()
        for value in (pair.here, pair.there)
        if value and pair.name.endswith(end)
    }


def titles_of(differences: Iterable[Difference]) -> dict[str, str]:
    """What the differing records are called, also those that are not here: others name them by their ids."""
    return {one.record_id: one.title for one in differences if one.title}


def cause_text(difference: Difference, codes: Codes) -> str:
    """Where the difference comes from."""
    there, fault = difference.there, difference.why.fault
    if fault is not None:
        return tr(CAUSES[fault], **_fault_values(difference, codes))
    return tr(_cause(difference)).format(
        branch=codes.get(str(there.get("branch_id", "")), "–"), number=there.get("number") or "–",
        n=len(there.get("entries", ())) + 1,
    )  # fmt: skip


def _cause(difference: Difference) -> str:
    if difference.table == PAYMENTS and difference.why in _MONEY_HERE:
        return _MONEY_HERE[difference.why]
    states = {pair.name: (pair.here, pair.there) for pair in difference.fields}.get("state", ("", ""))
    unsent = difference.why in (Why.NOT_SENT, Why.AHEAD)
    if difference.table == ORDERS and unsent and states[0] in _OVER and states[1] not in _OVER:
        return _CANCELLED_HERE
    return _CAUSES[difference.why]


def _fault_values(difference: Difference, codes: Codes) -> dict[str, Any]:
    """The placeholders of a broken rule's cause."""
    there = difference.there
    return {
        "vin": there.get("vin") or "–", "number": there.get("number") or "–", "other": there.get("other") or "–",
        "branch": codes.get(str(there.get("branch_id", "")), "–"),
        "time": value_text("ordered_at", there.get("ordered_at")),
        "total": value_text("amount", there.get("total")), "sum": value_text("amount", there.get("lines_total")),
        "paid": value_text("amount", there.get("paid")), "n": there.get("n", there.get("lines", 0)),
    }  # fmt: skip


def resolve_text(difference: Difference) -> str:
    """What puts it right."""
    fault = difference.why.fault
    return tr(RESOLUTIONS[fault] if fault is not None else _ADVICE.get(difference.why) or _RESOLVES[difference.remedy])


def record_text(difference: Difference) -> str:
    """VIN or number, of a line its order and words; of what no side names only that it is a vehicle."""
    if difference.table == LINES:
        facts = difference.here if difference.here.get("label_zh") else difference.there
        words = pick(facts.get("label_zh"), facts.get("label_en"))
        return " · ".join(part for part in (difference.title, words) if part) or tr(_RECORDS[LINES])
    return difference.title or tr(_RECORDS[difference.table])


def here_text(difference: Difference, codes: Codes) -> str:
    """What this desk says, in a few words: what it says differently, or how the record stands."""
    if not difference.here:
        return tr("Not here")
    if difference.fields:
        return _pairs_text(difference.table, [(one.name, one.here) for one in difference.fields], codes)
    standing, number = _standing_text(difference.table, difference.here), difference.here.get("stock_number")
    return f"{number} · {standing}" if number and difference.why is Why.TWICE else standing


def there_text(difference: Difference, codes: Codes) -> str:
    """What the centre says, in a few words."""
    there = difference.there
    if difference.fields:
        return _pairs_text(difference.table, [(one.name, one.there) for one in difference.fields], codes)
    if difference.why.fault is not None:
        return _fault_there(difference, codes)
    if difference.why is Why.ELSEWHERE:
        return tr("Branch {branch}", branch=codes.get(there["branch_id"], "–"))
    if difference.why is Why.CLAIMED_THERE:
        return tr("Order {number}", number=there.get("number") or "–")
    if difference.why is Why.HELD_THERE:
        return tr("Held until {time}", time=value_text("held_until", there.get("until")))
    if difference.why is Why.NOT_CLAIMED:
        return tr("No order")
    if difference.why is Why.HOLD_ENDED:
        return tr("No hold")
    if difference.why is Why.TWICE:
        return tr("{n} records", n=len(there["entries"]) + 1)
    return _standing_text(difference.table, there) if there else tr("Not there")


def _fault_there(difference: Difference, codes: Codes) -> str:
    """What the centre, or the rest of the books, says where a rule is broken."""
    values = _fault_values(difference, codes)
    match difference.why.fault:
        case BookFault.CLAIM_OTHER | BookFault.UNIT_LOST | BookFault.UNIT_OTHER:
            return tr("Order {number}", number=values["number"])
        case BookFault.CLAIM_MISSING | BookFault.PROVISIONAL_LONG:
            return tr("No order")
        case BookFault.CLAIM_KEPT | BookFault.CLAIM_UNHEARD:
            return tr("Has {vin}", vin=values["vin"])
        case BookFault.TOTALS:
            return tr("Lines: {sum}", sum=values["sum"])
        case BookFault.OVERPAID:
            return tr("Paid: {paid}", paid=values["paid"])
        case BookFault.CONTRACT_OVER | BookFault.CONTRACT_UNSURE | BookFault.CONTRACT_CUSTOMER:
            return tr("Order {number}", number=values["number"])
        case BookFault.CONTRACT_TWICE:
            return str(values["other"])
        case BookFault.NUMBER_TWICE:
            return tr("{n} orders", n=values["n"])
        case BookFault.NUMBER_MISSING:
            return tr("No number here")
        case BookFault.VEHICLE_UNKNOWN:
            return tr("No vehicle")
    return tr("No such order")


def pair_text(table: str, pair: FieldPair, codes: Codes) -> str:
    """What both sides say of one field, each with who wrote it, where and when."""
    here, there = (_value(table, pair.name, value, codes) for value in (pair.here, pair.there))
    said = [tr("{here} here, {there} at the centre", here=here, there=there)]
    if pair.here_by is not None:
        said.append(tr("here: {writer}", writer=written_text(pair.here_by)))
    if pair.there_by is not None and pair.there_by != pair.here_by:
        said.append(tr("at the centre: {writer}", writer=written_text(pair.there_by)))
    return "\n".join(said)


def _standing_text(table: str, facts: Mapping[str, Any]) -> str:
    """How a record stands: its states and place; at least its version."""
    if facts.get("deleted_at") is not None:
        return tr("Removed")
    said = []
    for name in ("amount", "on_road_total", "allocation_state", "stock_state", "state", "claim_state"):
        usual = name == "stock_state" and facts.get(name) == StockState.IN_STOCK
        if facts.get(name) and not usual:
            said.append(_value(table, name, facts[name], {}))
    if facts.get("location"):
        said.append(str(facts["location"]))
    return " · ".join(dict.fromkeys(said)) or tr("version {n}", n=facts.get("ver", 0))


def _pairs_text(table: str, values: list[tuple[str, Any]], codes: Codes) -> str:
    named = " · ".join(
        f"{field_label(name)} {_value(table, name, value, codes)}" for name, value in values[:_NAMED_FIELDS]
    )
    more = len(values) - _NAMED_FIELDS
    return tr("{fields} and {n} more", fields=named, n=more) if more > 0 else named


def _value(table: str, name: str, value: Any, codes: Codes) -> str:
    if name.endswith("_id") and value in codes:
        return codes[value]
    labels = _LABELLED_OF[table].get(name) if table in _LABELLED_OF else _LABELLED.get(name)
    if labels is not None and value in tuple(labels):
        return tr(labels(value).label)
    if name.endswith("_colour") and value:
        return str(Bilingual.from_stored(str(value)))
    return value_text(name, value)
