"""Why a record differs from the centre's, in words: what is so here, what is so there, the cause, and the remedy."""

from collections.abc import Mapping

from app.inventory.rules import AllocationState, StockState
from app.runtime.language import tr, tr_noop
from sync.client.differences import UNITS, Difference, Remedy, Why
from ui.kit.columns import State

Codes = Mapping[str, str]
"""Branch codes by id."""

KINDS: dict[str, State] = {
    Why.NOT_SENT: State(tr_noop("Not sent yet"), "warn"),
    Why.NOT_SHOWN: State(tr_noop("Never shown"), "warn"),
    Why.NOT_RECEIVED: State(tr_noop("Not received yet"), "warn"),
    Why.REFUSED: State(tr_noop("Refused"), "bad"),
    Why.MISSING: State(tr_noop("Missing here"), "bad"),
    Why.BEHIND: State(tr_noop("Old here"), "bad"),
    Why.DIFFERS: State(tr_noop("Contents differ"), "bad"),
    Why.UNKNOWN_THERE: State(tr_noop("Missing there"), "bad"),
    Why.ELSEWHERE: State(tr_noop("Elsewhere"), "bad"),
    Why.TWICE: State(tr_noop("Entered twice"), "bad"),
    Why.CLAIMED_THERE: State(tr_noop("Sold there"), "bad"),
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
    Why.DIFFERS: tr_noop("Both sides say the same version, and yet the contents differ: the copy here is damaged."),
    Why.UNKNOWN_THERE: tr_noop("The centre once took it in and does not have it: it came back from an older backup."),
    Why.ELSEWHERE: tr_noop("At the centre branch {branch} owns the vehicle, and this desk has not heard of it."),
    Why.TWICE: tr_noop("The same VIN was entered under {n} records, probably at two desks while apart."),
    Why.CLAIMED_THERE: tr_noop("Order {number} of branch {branch} has it at the centre; this desk does not know."),
    Why.NOT_CLAIMED: tr_noop("An order has it here, and does not hold it at the centre: the claim was lost or let go."),
    Why.HOLD_ENDED: tr_noop("It is held here, and no hold runs at the centre: it ended, or was refused."),
}

_RESOLVES: dict[Remedy, str] = {
    Remedy.EXCHANGE: tr_noop("Exchanging with the centre settles it by itself."),
    Remedy.SHOW_AGAIN: tr_noop("Show it to the centre again: nothing is lost, later changes win field by field."),
    Remedy.FETCH: tr_noop("Fetch it again: the centre's copy takes the place of the one here; what waits here stays."),
    Remedy.LOOK_AT_REFUSED: tr_noop("Look at the refused change: enter it again as it should be, or let it be."),
    Remedy.OPEN_ORDER: tr_noop("Open the order: ask for the vehicle again, choose another one, or cancel."),
    Remedy.OPEN_UNIT: tr_noop("Open the vehicle and put it right."),
}
_UNIT_ADVICE: dict[Why, str] = {
    Why.TWICE: tr_noop("Open it, compare both records, and remove the one that was entered by mistake."),
    Why.HOLD_ENDED: tr_noop("Open it: hold it again if the customer still wants it, or let it go."),
}

VERBS: dict[Remedy, str] = {
    Remedy.EXCHANGE: tr_noop("Exchange now"),
    Remedy.SHOW_AGAIN: tr_noop("Show it again"),
    Remedy.FETCH: tr_noop("Fetch it again"),
    Remedy.LOOK_AT_REFUSED: tr_noop("Look at what was refused"),
    Remedy.OPEN_ORDER: tr_noop("Open the order"),
    Remedy.OPEN_UNIT: tr_noop("Open the vehicle"),
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
    return tr(_UNIT_ADVICE.get(difference.why) or _RESOLVES[difference.remedy])


def record_text(difference: Difference) -> str:
    """VIN or number; of what is not here only that it is a vehicle."""
    if difference.title:
        return difference.title
    return tr("A vehicle") if difference.table == UNITS else tr("A transfer")


def here_text(difference: Difference) -> str:
    """What this desk says."""
    if not difference.here:
        return tr("Not here")
    said = []
    if "allocation_state" in difference.here:
        said.append(tr(AllocationState(difference.here["allocation_state"]).label))
    if difference.here.get("stock_state") not in (None, "IN_STOCK"):
        said.append(tr(StockState(difference.here["stock_state"]).label))
    if difference.here.get("location"):
        said.append(str(difference.here["location"]))
    return " · ".join([*said, tr("version {n}", n=difference.here.get("ver", 0))])


def there_text(difference: Difference, codes: Codes) -> str:
    """What the centre says."""
    there = difference.there
    if difference.why is Why.ELSEWHERE:
        return tr("Branch {branch}", branch=codes.get(there["branch_id"], "–"))
    if difference.why is Why.CLAIMED_THERE:
        return tr("Order {number}", number=there.get("number") or "–")
    if difference.why in (Why.NOT_CLAIMED, Why.HOLD_ENDED):
        return tr(AllocationState.FREE.label)
    if difference.why is Why.TWICE:
        return tr("{n} records", n=len(there["entries"]) + 1)
    return tr("version {n}", n=there["ver"]) if "ver" in there else tr("Not there")
