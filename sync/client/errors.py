"""What can go wrong between this desk and the centre, in words that say what happens next.

`passing` problems go away by themselves: work continues offline and the desk tries again. All others need somebody.
"""

from typing import Any, ClassVar

from app.runtime.errors import EnvironmentProblem
from app.runtime.language import tr_noop
from sync.protocol.codes import ErrorCode, Rejection


class SyncProblem(EnvironmentProblem):
    """Base. `detail` is what the centre sent beside the code; `retry_after` is in seconds, None if it said nothing."""

    code = "sync_problem"
    text = tr_noop("The service and this desk could not come to terms. Changes are kept here; see the Sync page.")
    passing: ClassVar[bool] = False

    def __init__(
        self, *, detail: dict[str, Any] | None = None, retry_after: float | None = None, request_id: str = "",
        **params: Any,
    ) -> None:  # fmt: skip
        super().__init__(**params)
        self.detail = detail or {}
        self.retry_after = retry_after
        self.request_id = request_id


class ServiceUnreachable(SyncProblem):
    code = "service_unreachable"
    text = tr_noop("The service at {address} does not answer. Work goes on; changes are kept and sent later.")
    passing = True


class ServiceTimedOut(SyncProblem):
    code = "service_timed_out"
    text = tr_noop("The service at {address} takes too long to answer. Work goes on; changes are sent later.")
    passing = True


class ServiceBusy(SyncProblem):
    code = "service_busy"
    text = tr_noop("The service is busy. Changes are kept and sent in a moment.")
    passing = True


class ServiceFailing(SyncProblem):
    code = "service_failing"
    text = tr_noop("The service has a fault (status {status}). Changes are kept; tell whoever runs the service.")
    passing = True


class AnswerNotUnderstood(SyncProblem):
    code = "answer_not_understood"
    text = tr_noop(
        "Something other than the service answered at {address}, perhaps a sign-in page of the network. "
        "Check the network and the address; changes are kept."
    )
    passing = True


class AnswerDamaged(SyncProblem):
    code = "answer_damaged"
    text = tr_noop("The service's answer arrived damaged. It is asked again; nothing was lost.")
    passing = True


class CertificateNotTrusted(SyncProblem):
    code = "certificate_not_trusted"
    text = tr_noop(
        "The service at {address} cannot prove who it is. Nothing was sent. Check the address and the certificate."
    )


class AddressNotUsable(SyncProblem):
    code = "address_not_usable"
    text = tr_noop("“{address}” is not an address of a service. Enter one such as https://service.example:8420.")


class ExchangeElsewhere(SyncProblem):
    """Two processes work on one database file: one of them exchanges, the other one waits."""

    code = "exchange_elsewhere"
    text = tr_noop("Another program exchanges for this desk just now. This one goes on in a moment.")
    passing = True


class NotEnrolled(SyncProblem):
    code = "not_enrolled"
    text = tr_noop("This desk is not enrolled at a service. Ask for an enrolment code and enter it on the Sync page.")


class DeviceKeyRefused(SyncProblem):
    code = "device_key_refused"
    text = tr_noop("The service does not know this desk. Changes are kept; enrol the desk again with a new code.")


class SignInOver(SyncProblem):
    code = "sign_in_over"
    text = tr_noop("You are no longer signed in at headquarters. Sign in again.")


class SignInTimedOut(SyncProblem):
    code = "sign_in_timed_out"
    text = tr_noop("Nobody signed in within ten minutes. Begin again.")


class SignInRefused(SyncProblem):
    code = "sign_in_refused"
    text = tr_noop("Headquarters did not let you in ({reason}). Begin again, or ask whoever runs the service.")


class NoBrowser(SyncProblem):
    code = "no_browser"
    text = tr_noop("No browser could be opened here. Open the address on any device, and enter the code it shows.")


class CodeNotAccepted(SyncProblem):
    code = "sign_in_code_refused"
    text = tr_noop("This code is wrong, too old or was used before. Open the address again and enter the new code.")


class DeskUnknown(SyncProblem):
    code = "desk_unknown"
    text = tr_noop("The centre has no such desk any more. Look at the list again.")


class DeskCodeTaken(SyncProblem):
    code = "desk_code_taken"
    text = tr_noop("Another desk of this branch has this name already: their documents would get the same numbers.")


class BranchNotThere(SyncProblem):
    code = "branch_not_there"
    text = tr_noop("The centre knows no such branch. Look at the list of branches again.")


class AlreadyDecided(SyncProblem):
    code = "already_decided"
    text = tr_noop("Somebody else has decided this meanwhile. Look at the list again.")


class DeviceRevoked(SyncProblem):
    code = "device_revoked"
    text = tr_noop(
        "This desk was shut out at the centre. Its changes are kept here and set aside there; ask the administrator."
    )


class EnrolmentCodeRefused(SyncProblem):
    code = "enrolment_code_refused"
    text = tr_noop("This enrolment code is mistyped, used or expired. Check it, or ask for a new one.")


class TooManyAttempts(SyncProblem):
    code = "too_many_attempts"
    text = tr_noop("Too many wrong codes from here. Wait a minute and try again.")


class TooManyRequests(SyncProblem):
    code = "too_many_requests"
    text = tr_noop("This desk asks the service more often than it may. It waits a little and goes on by itself.")
    passing = True


class BranchDiffers(SyncProblem):
    code = "branch_differs"
    text = tr_noop(
        "The centre's branch {branch} is not the one this desk was set up with. "
        "Set the desk up empty and enrol it again."
    )


class BranchUnknown(SyncProblem):
    code = "branch_unknown"
    text = tr_noop(
        "The centre knows no branch {branch} yet. Enrol the desk that has the branch's data first, or check the code."
    )


class NotPermitted(SyncProblem):
    code = "not_permitted"
    text = tr_noop("The centre does not tell this desk, or this role, what was asked. Ask the administrator.")


class UpgradeRequired(SyncProblem):
    code = "upgrade_required"
    text = tr_noop(
        "This version of Forecourt is too old for the service. What is entered here is still sent, but nothing new is "
        "received. Install the new version."
    )


class ServiceTooOld(SyncProblem):
    code = "service_too_old"
    text = tr_noop(
        "The service is older than this desk's Forecourt. Ask whoever runs it to update it; changes are kept."
    )


class RequestRefused(SyncProblem):
    """The service could not read what was sent: a fault of one of the two programs."""

    code = "request_refused"
    text = tr_noop("The service refused a message ({reason}). Changes are kept; install the newest version.")


class RequestTooLarge(RequestRefused):
    code = "request_too_large"
    text = tr_noop("A change is too large for the service. It is set aside on the Sync page; the others go on.")


class TokenExpired(SyncProblem):
    """Handled by the transport, which gets a new token."""

    code = "token_expired"
    text = tr_noop("The service no longer accepts this desk's pass. It is renewed by itself.")
    passing = True


class HistoryDiffers(SyncProblem):
    """This desk's operations are not those the centre has under its name: a restored or cloned disk. Healed."""

    code = "history_differs"
    text = tr_noop(
        "This desk's data was restored or copied. It is given a new identity and sends again what is needed."
    )
    passing = True


class CentreLostOperations(SyncProblem):
    """The centre has less than it acknowledged: restored from a backup. Healed."""

    code = "centre_lost_operations"
    text = tr_noop("The centre was restored from a backup. This desk sends again what the centre lacks.")
    passing = True


class EpochChanged(CentreLostOperations):
    code = "epoch_changed"


class CursorTooOld(SyncProblem):
    """This desk was away too long to go on where it was; it reads the scope again. Healed."""

    code = "cursor_too_old"
    text = tr_noop("This desk was away for long. It reads its data again.")
    passing = True


class SnapshotGone(SyncProblem):
    """The centre has dropped the snapshot this desk was reading. Handled: it begins with another."""

    code = "snapshot_gone"
    text = tr_noop("The centre prepares this branch's data anew. Reading it begins again in a moment.")
    passing = True


class ContentDenied(SyncProblem):
    code = "content_denied"
    text = tr_noop("The centre knows no record here that has this picture or document. It is tried again later.")


class ContentUnknown(SyncProblem):
    code = "content_unknown"
    text = tr_noop("The centre does not have this picture or document yet: the desk that added it has not sent it.")


class ContentDamaged(SyncProblem):
    code = "content_damaged"
    text = tr_noop("A picture or document arrived damaged. It is sent again.")
    passing = True


class ContentsFull(SyncProblem):
    code = "contents_full"
    text = tr_noop("The centre has no room for more pictures and documents. Tell whoever runs the service.")


BY_CODE: dict[ErrorCode, type[SyncProblem]] = {
    ErrorCode.MALFORMED: RequestRefused,
    ErrorCode.BODY_CORRUPT: AnswerDamaged,
    ErrorCode.TOKEN_MISSING: TokenExpired,
    ErrorCode.TOKEN_EXPIRED: TokenExpired,
    ErrorCode.DEVICE_KEY_WRONG: DeviceKeyRefused,
    ErrorCode.TOKEN_REFUSED: SignInOver,
    ErrorCode.DESK_UNKNOWN: DeskUnknown,
    ErrorCode.DESK_CODE_TAKEN: DeskCodeTaken,
    ErrorCode.BRANCH_UNKNOWN: BranchNotThere,
    ErrorCode.ALREADY_DECIDED: AlreadyDecided,
    ErrorCode.ENROLMENT_CODE_WRONG: EnrolmentCodeRefused,
    ErrorCode.DEVICE_REVOKED: DeviceRevoked,
    ErrorCode.NOT_PERMITTED: NotPermitted,
    ErrorCode.NOT_FOUND: AnswerNotUnderstood,
    ErrorCode.METHOD_NOT_ALLOWED: AnswerNotUnderstood,
    ErrorCode.OPERATIONS_MISSING: CentreLostOperations,
    ErrorCode.HISTORY_DIFFERS: HistoryDiffers,
    ErrorCode.EPOCH_CHANGED: EpochChanged,
    ErrorCode.BRANCH_DIFFERS: BranchDiffers,
    ErrorCode.CURSOR_TOO_OLD: CursorTooOld,
    ErrorCode.TOO_LARGE: RequestTooLarge,
    ErrorCode.TOO_SLOW: ServiceTimedOut,
    ErrorCode.ENCODING_UNKNOWN: RequestRefused,
    ErrorCode.UPGRADE_REQUIRED: UpgradeRequired,
    ErrorCode.TOO_MANY_ATTEMPTS: TooManyAttempts,
    ErrorCode.TOO_MANY_REQUESTS: TooManyRequests,
    ErrorCode.SNAPSHOT_GONE: SnapshotGone,
    ErrorCode.CONTENT_DENIED: ContentDenied,
    ErrorCode.CONTENT_UNKNOWN: ContentUnknown,
    ErrorCode.CONTENT_OFFSET: ContentDamaged,
    ErrorCode.CONTENT_CORRUPT: ContentDamaged,
    ErrorCode.CONTENT_FULL: ContentsFull,
    ErrorCode.INTERNAL: ServiceFailing,
    ErrorCode.BUSY: ServiceBusy,
}

REJECTION_TEXTS: dict[str, str] = {
    Rejection.OPERATION_MALFORMED: tr_noop("The centre could not read this change. Open the record and save it again."),
    Rejection.OPERATION_TOO_LARGE: tr_noop("This change is too large to be sent. Make the document smaller."),
    Rejection.FIELD_INVALID: tr_noop(
        "The field “{field}” holds what the centre cannot keep. Correct it and save again."
    ),
    Rejection.SCOPE_DENIED: tr_noop("This desk may not change records of that branch. Ask the administrator."),
    Rejection.PERMISSION_DENIED: tr_noop("The role of who did this does not allow it. A colleague may do it again."),
    Rejection.RECORD_UNKNOWN: tr_noop("The centre does not have this record. Send the whole record again."),
    Rejection.RECORD_DELETED: tr_noop("Somebody deleted this record meanwhile. What was entered is kept here only."),
    Rejection.RECORD_IN_USE: tr_noop("It cannot be deleted: a sale, a payment or a contract refers to it."),
    Rejection.RECORD_IMMUTABLE: tr_noop("This document stands as it is. Make a new version instead."),
    Rejection.RECORD_MOVED: tr_noop(
        "This vehicle belongs to another branch by now. What was entered about it is kept here only; tell them."
    ),
    Rejection.TRANSFER_LOST: tr_noop(
        "The vehicle went elsewhere before this transfer. Call the transfer off, or choose another vehicle."
    ),
    Rejection.TRANSFER_REFUSED: tr_noop(
        "Somebody else was first: at the centre the transfer stands otherwise. Look at it, and decide again."
    ),
    Rejection.VEHICLE_CLAIMED: tr_noop("Somebody else has this vehicle. Choose another one."),
    Rejection.LEASE_LIMIT: tr_noop(
        "This desk has {limit} vehicles secured already. Give one back before another is secured."
    ),
    Rejection.TRANSACTION_REJECTED: tr_noop("It belongs to a change that was refused, and went with it."),
}
"""Texts of refused operations by code; placeholders are filled from the operation's detail."""


_TAKEN_BACK = tr_noop("The record stands as the centre has it; what was entered is kept in this list.")
_HERE_ONLY = tr_noop("What was entered is on this desk only: nobody else sees it, and the centre does not count it.")
REJECTION_EFFECTS: dict[str, str] = {
    Rejection.OPERATION_TOO_LARGE: _HERE_ONLY,
    Rejection.RECORD_UNKNOWN: _HERE_ONLY,
    Rejection.RECORD_DELETED: tr_noop("The record is removed everywhere; what was entered is kept in this list."),
    Rejection.RECORD_IN_USE: tr_noop("The record stays, here and everywhere."),
    Rejection.TRANSFER_LOST: tr_noop("The transfer stands still. The vehicle is where the centre says."),
    Rejection.TRANSFER_REFUSED: tr_noop("The transfer stands as the centre has it. The vehicle did not move."),
    Rejection.VEHICLE_CLAIMED: tr_noop("The vehicle is not held for your customer."),
    Rejection.TRANSACTION_REJECTED: tr_noop("It takes effect as soon as the one that was the reason is put right."),
}
"""What a refusal means for the work, by code; for all others the record was taken back to what the centre has."""


def rejection_effect(code: str) -> str:
    """The English literal for what a refusal means; pass it through `tr`."""
    return REJECTION_EFFECTS.get(code, _TAKEN_BACK)


def rejection_text(code: str) -> str:
    """The English literal for a refused operation's code; pass it through `tr` with the operation's detail."""
    return REJECTION_TEXTS.get(code, SyncProblem.text)
