"""Why the centre refused a change, in words: what happened, what that means for the work, and what to do."""

from typing import NamedTuple

from app.runtime.language import tr_noop
from sync.protocol.codes import Rejection


class RefusalWords(NamedTuple):
    """English literals to pass through `tr` with the operation's detail: what happened, what that means for the work
    (how the record stands now, here and at the centre), and what to do."""

    text: str
    effect: str
    advice: str


_TAKEN_BACK = tr_noop("The record stands as the centre has it; what was entered is kept in this list.")
_HERE_ONLY = tr_noop("What was entered is on this desk only: nobody else sees it, and the centre does not count it.")
REFUSAL_WORDS: dict[str, RefusalWords] = {
    Rejection.OPERATION_MALFORMED: RefusalWords(
        tr_noop("The centre could not read this change."),
        _TAKEN_BACK,
        tr_noop("Open the record and save it again."),
    ),
    Rejection.OPERATION_TOO_LARGE: RefusalWords(
        tr_noop("This change is too large to be sent."),
        _HERE_ONLY,
        tr_noop("Make the document smaller and save it again."),
    ),
    Rejection.FIELD_INVALID: RefusalWords(
        tr_noop("The field “{field}” holds what the centre cannot keep."),
        _TAKEN_BACK,
        tr_noop("Correct it in the list “Refused” and send it again."),
    ),
    Rejection.SCOPE_DENIED: RefusalWords(
        tr_noop("This desk may not change records of that branch."),
        _TAKEN_BACK,
        tr_noop("Ask the administrator, or let a desk of that branch do it."),
    ),
    Rejection.PERMISSION_DENIED: RefusalWords(
        tr_noop("The role of who did this does not allow it."),
        _TAKEN_BACK,
        tr_noop("A colleague whose role allows it may send it again from here."),
    ),
    Rejection.RECORD_UNKNOWN: RefusalWords(
        tr_noop("The centre does not have this record."),
        _HERE_ONLY,
        tr_noop("Send it again: the whole record goes then."),
    ),
    Rejection.RECORD_DELETED: RefusalWords(
        tr_noop("Somebody deleted this record meanwhile."),
        tr_noop("The record is removed everywhere; what was entered is kept in this list."),
        tr_noop("Enter it anew if it is still needed, else let it be."),
    ),
    Rejection.RECORD_IN_USE: RefusalWords(
        tr_noop("It cannot be deleted: a sale, a payment or a contract refers to it."),
        tr_noop("The record stays, here and everywhere."),
        tr_noop("Let it be, or cancel first what refers to it."),
    ),
    Rejection.RECORD_IMMUTABLE: RefusalWords(
        tr_noop("This document stands as it is."),
        _TAKEN_BACK,
        tr_noop("Make a new version instead."),
    ),
    Rejection.RECORD_MOVED: RefusalWords(
        tr_noop("This vehicle belongs to another branch by now."),
        tr_noop("What was entered about it is kept in this list only."),
        tr_noop("Tell the other branch, then let it be."),
    ),
    Rejection.RECORD_HELD: RefusalWords(
        tr_noop("{number} is on legal hold: it is not destroyed."),
        tr_noop("Everything on the list stays, here and everywhere."),
        tr_noop("Lift the hold, or leave the document out of the list; then confirm the list anew."),
    ),
    Rejection.MONTH_CLOSED: RefusalWords(
        tr_noop("{month} is closed: nothing is entered into it any more."),
        _HERE_ONLY,
        tr_noop("Correct its day to one of {open} or later and send it again, or have the month opened again."),
    ),
    Rejection.TRANSFER_LOST: RefusalWords(
        tr_noop("The vehicle went elsewhere before this transfer."),
        tr_noop("The transfer stands still. The vehicle is where the centre says."),
        tr_noop("Call the transfer off, or choose another vehicle."),
    ),
    Rejection.TRANSFER_REFUSED: RefusalWords(
        tr_noop("Somebody else was first: at the centre the transfer stands otherwise."),
        tr_noop("The transfer stands as the centre has it. The vehicle did not move."),
        tr_noop("Look at it, and decide again."),
    ),
    Rejection.VEHICLE_CLAIMED: RefusalWords(
        tr_noop("Somebody else has this vehicle."),
        tr_noop("The vehicle is not held for your customer."),
        tr_noop("Choose another one, or ask who has it."),
    ),
    Rejection.LEASE_LIMIT: RefusalWords(
        tr_noop("This desk has {limit} vehicles secured already."),
        tr_noop("This one was not secured; the others stay."),
        tr_noop("Give one back before another is secured."),
    ),
    Rejection.TRANSACTION_REJECTED: RefusalWords(
        tr_noop("It belongs to a change that was refused, and went with it."),
        tr_noop("It takes effect as soon as the one that was the reason is put right."),
        tr_noop("Put that one right: this one is sent with it."),
    ),
}
UNKNOWN_REFUSAL = RefusalWords(
    tr_noop("The centre refused this change, for a reason this version of Forecourt does not know."),
    _TAKEN_BACK,
    tr_noop("Install the newest version, then send it again."),
)


def refusal_words(code: str) -> RefusalWords:
    """The words for a refused operation's code."""
    return REFUSAL_WORDS.get(code, UNKNOWN_REFUSAL)
