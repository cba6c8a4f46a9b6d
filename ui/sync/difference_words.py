"""Why a record differs from the centre's, in words: what is so here, what is so there, the cause, and the remedy."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.audit.rules import field_label
from app.desk.record_titles import RecordKey
from app.inventory.rules import AllocationState, CertificateState, PdiState, QualityState, StockState
from app.kernel.labels import Bilingual, Labelled
from app.runtime.language import tr, tr_noop
from app.transfers.rules import CertificateTravel, Condition, TransferKind, TransferState
from sync.client.differences import UNITS, Difference, FieldPair, Remedy, Why
from ui.kit.columns import State
from ui.kit.stored_values import value_text

Codes = Mapping[str, str]
"""What records are called by their ids: the codes of branches, the names of people, the numbers of orders."""

_NAMED_FIELDS = 2
_LABELLED: dict[str, type[Labelled]] = {
    "allocation_state": AllocationState, "asked_state": TransferState, "certificate_by": CertificateTravel,
    "certificate_state": CertificateState, "condition": Condition, "kind": TransferKind, "pdi_state": PdiState,
    "quality_state": QualityState, "state": TransferState, "stock_state": StockState,
}  # fmt: skip
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
}

_CAUSES: dict[Why, str] = {
    Why.NOT_SENT: tr_noop("It was changed at this desk after the last exchange, and the centre has not answered yet."),
    Why.NOT_SHOWN: tr_noop("It came here when the desk was set up, and the centre was never shown it."),
    Why.NOT_RECEIVED: tr_noop("Somebody changed it at another desk after this desk's last exchange."),
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

VERBS: dict[Remedy, str] = {
    Remedy.EXCHANGE: tr_noop("Exchange now"),
    Remedy.SHOW_AGAIN: tr_noop("Show it again"),
    Remedy.FETCH: tr_noop("Fetch it again"),
    Remedy.LOOK_AT_REFUSED: tr_noop("Look at what was refused"),
    Remedy.SETTLE: tr_noop("Have it settled"),
    Remedy.OPEN_UNIT: tr_noop("Open the vehicle"),
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


def cause_text(difference: Difference, codes: Codes) -> str:
    """Where the difference comes from."""
    there = difference.there
    return tr(_CAUSES[difference.why]).format(
        branch=codes.get(str(there.get("branch_id", "")), "–"), number=there.get("number") or "–",
        n=len(there.get("entries", ())) + 1,
    )  # fmt: skip


def resolve_text(difference: Difference) -> str:
    """What puts it right."""
    return tr(_ADVICE.get(difference.why) or _RESOLVES[difference.remedy])


def record_text(difference: Difference) -> str:
    """VIN or number; of what no side names only that it is a vehicle."""
    if difference.title:
        return difference.title
    return tr("A vehicle") if difference.table == UNITS else tr("A transfer")


def here_text(difference: Difference, codes: Codes) -> str:
    """What this desk says, in a few words: what it says differently, or how the record stands."""
    if not difference.here:
        return tr("Not here")
    if difference.fields:
        return _pairs_text([(one.name, one.here) for one in difference.fields], codes)
    standing, number = _standing_text(difference.here), difference.here.get("stock_number")
    return f"{number} · {standing}" if number and difference.why is Why.TWICE else standing


def there_text(difference: Difference, codes: Codes) -> str:
    """What the centre says, in a few words."""
    there = difference.there
    if difference.fields:
        return _pairs_text([(one.name, one.there) for one in difference.fields], codes)
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
    return _standing_text(there) if there else tr("Not there")


def pair_text(pair: FieldPair, codes: Codes) -> str:
    """What both sides say of one field."""
    here, there = (_value(pair.name, value, codes) for value in (pair.here, pair.there))
    return tr("{here} here, {there} at the centre", here=here, there=there)


def _standing_text(facts: Mapping[str, Any]) -> str:
    """How a record stands: its states and place; at least its version."""
    if facts.get("deleted_at") is not None:
        return tr("Removed")
    said = []
    for name in ("allocation_state", "stock_state", "state"):
        usual = name == "stock_state" and facts.get(name) == StockState.IN_STOCK
        if facts.get(name) and not usual:
            said.append(_value(name, facts[name], {}))
    if facts.get("location"):
        said.append(str(facts["location"]))
    return " · ".join(said) or tr("version {n}", n=facts.get("ver", 0))


def _pairs_text(values: list[tuple[str, Any]], codes: Codes) -> str:
    named = " · ".join(f"{field_label(name)} {_value(name, value, codes)}" for name, value in values[:_NAMED_FIELDS])
    more = len(values) - _NAMED_FIELDS
    return tr("{fields} and {n} more", fields=named, n=more) if more > 0 else named


def _value(name: str, value: Any, codes: Codes) -> str:
    if name.endswith("_id") and value in codes:
        return codes[value]
    labels = _LABELLED.get(name)
    if labels is not None and value in tuple(labels):
        return tr(labels(value).label)
    if name.endswith("_colour") and value:
        return str(Bilingual.from_stored(str(value)))
    return value_text(name, value)
