"""What kinds of tasks there are and how they are worded."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from app.kernel.labels import Bilingual, Labelled
from app.kernel.money import format_money, from_fen
from app.runtime.language import tr, tr_noop


class TaskState(Labelled):
    OPEN = "OPEN", tr_noop("Open")
    DONE = "DONE", tr_noop("Done")


class TaskKind(Labelled):
    """The label words the task; its placeholders are filled from `params`, amounts from `<name>_fen`, names in two
    languages from `<name>_names`."""

    APPROVE_QUOTATION = (
        "approve_quotation",
        tr_noop("Quotation {number} for {customer} is {gap} below the floor price: approve or reject it"),
    )
    RESOLVE_CLAIM_CONFLICT = (
        "resolve_claim_conflict",
        tr_noop("Order {number}: its vehicle went to order {winner}. Find another unit or cancel"),
    )
    LEASE_CONFLICT = (
        "lease_conflict",
        tr_noop("Order {number}: desk {winner} has {vin} secured until {until}. Ask them, find another unit or cancel"),
    )
    LEASE_ENDED = (
        "lease_ended",
        tr_noop("Order {number} for {customer} is provisional again: {vin} was secured until {time}. Connect the desk"),
    )
    REVIEW_ORDER = "review_order", tr_noop("Order {number} for {customer}: review it")
    REOPEN_MONTH = (
        "reopen_month",
        tr_noop("{person} asks that {month} of branch {branch} be opened again: {reason}. Open it, or leave it closed"),
    )
    RETURN_PAYMENT = "return_payment", tr_noop("Order {number} was cancelled: settle {amount} with {customer}")
    CONTRACT_UNSIGNED = (
        "contract_unsigned",
        tr_noop("Document {number} for {customer} still waits for signatures: have it signed by {day}"),
    )
    CONTRACT_PAYMENT_DUE = (
        "contract_payment_due",
        tr_noop("Contract {number}: {customer} has to have paid in full by {day}"),
    )
    CONTRACT_DELIVERY_DUE = (
        "contract_delivery_due",
        tr_noop("Contract {number}: the vehicle has to be handed over to {customer} by {day}"),
    )
    CONFIRM_DISPOSAL = (
        "confirm_disposal",
        tr_noop("Destruction list {number}: {n} documents whose time of keeping is over. Confirm or reject it"),
    )
    SIGNING_KEY_ENDING = (
        "signing_key_ending",
        tr_noop("The certificate “{subject}”, which desk {desk} signs contracts with, ends on {day}: import a new one"),
    )
    SETTLE_AMENDMENTS = (
        "settle_amendments",
        tr_noop(
            "Contract {amended} was amended by {number} at one desk and changed at another one meanwhile: settle which "
            "of them counts, and void what does not"
        ),
    )
    FOLLOW_UP = "follow_up", tr_noop("Follow up with {customer}")
    HOLD_ENDING = "hold_ending", tr_noop("Your hold on {vehicle} ends at {time}: sell it, extend it or let it go")
    HOLD_ENDED = "hold_ended", tr_noop("Your hold on {vehicle} ended at {time}: tell {customer}")
    OFFER_WANTED = "offer_wanted", tr_noop("{vehicle} is there for {customer}, who waits for it: call by {time}")
    WANTED_LEFT = (
        "wanted_left",
        tr_noop("{vehicle} is no longer to be had here: {customer} now waits for any like it. Tell them"),
    )
    APPROVE_PRICES = (
        "approve_prices",
        tr_noop("Price change {number}: {n} lines, up to {percent} %: approve or reject it"),
    )
    APPROVE_PURCHASE = "approve_purchase", tr_noop("Purchase proposal {number}: {n} vehicles: approve or reject it")
    APPROVE_TEXT = "approve_text", tr_noop("{title} (version {n}), written by {person}: approve or reject it")
    APPROVE_TRANSFER = "approve_transfer", tr_noop("Branch {to_branch} asks for {vin} ({number}): approve or reject it")
    TRANSFER_WISH = (
        "transfer_wish",
        tr_noop("Branch {to_branch} wishes for a {vehicle} ({number}), and one is free here: give it, or leave it"),
    )
    SEND_TRANSFER = "send_transfer", tr_noop("Transfer {number}: send {vin} to branch {to_branch}")
    RECEIVE_TRANSFER = (
        "receive_transfer",
        tr_noop("Transfer {number}: {vin} is on its way from {from_branch}. Receive it"),
    )
    TRANSFER_REJECTED = "transfer_rejected", tr_noop("Branch {from_branch} keeps {vin} ({number}): {reason}")
    TRANSFER_CANCELLED = "transfer_cancelled", tr_noop("Transfer {number} of {vin} was called off: {reason}")
    TRANSFER_LOST = (
        "transfer_lost",
        tr_noop("Transfer {number}: {vin} went to {winner} ({winner_branch}) first. Call it off, choose another"),
    )
    VEHICLE_ELSEWHERE = (
        "vehicle_elsewhere",
        tr_noop("{vin} was entered at {branch} and belongs to {owner}: transfer it, or correct the number"),
    )
    VEHICLE_LOST = "vehicle_lost", tr_noop("Count {number}: {vin} is lost and frozen. Look into it")
    ARRANGE_TRANSFER = (
        "arrange_transfer",
        tr_noop("Count {number}: {vin} stands at {place} and belongs to another branch. Arrange a transfer"),
    )
    ENTER_VEHICLE = (
        "enter_vehicle",
        tr_noop("Count {number}: {vin} stands at {place} and is not in the books. Enter it"),
    )
    RECORD_REJECTED = "record_rejected", tr_noop("The centre refused a change of {record}: look at it")


_UNKNOWN_KIND = tr_noop("Look at {record}")
_MISSING = "—"


def task_text(kind: str, params: Mapping[str, Any]) -> str:
    """The task in the language in use. A missing placeholder shows as a dash, an unknown kind in general words.

    A newer version of the program may know more kinds than this one.
    """
    known = next((member for member in TaskKind if member == kind), None)
    text = tr(known.label if known is not None else _UNKNOWN_KIND)
    values: defaultdict[str, str] = defaultdict(lambda: _MISSING)
    for name, value in params.items():
        if name.endswith("_fen") and isinstance(value, int):
            values[name.removesuffix("_fen")] = format_money(from_fen(value))
        elif name.endswith("_names") and isinstance(value, str) and value:
            values[name.removesuffix("_names")] = str(Bilingual.from_stored(value))
        elif value not in (None, ""):
            values[name] = str(value)
    return text.format_map(values)
