"""What can go wrong between this desk and the centre, in words that say what happens next.

`passing` problems go away by themselves: work continues offline and the desk tries again. All others need somebody.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from app.runtime.errors import EnvironmentProblem
from app.runtime.language import CHINESE, language, tr, tr_noop
from sync.protocol.codes import ErrorCode


def sentences(said: Iterable[str]) -> str:
    """Whole sentences one after the other, as the language in use writes them."""
    return ("" if language() == CHINESE else " ").join(filter(None, said))


class SyncProblem(EnvironmentProblem):
    """Base. `detail` is what the centre sent beside the code; `retry_after` is in seconds, None if it said nothing.

    Each says three things: `text`, what happened; `effect`, what that means for the work; `advice`, what to do.
    """

    code = "sync_problem"
    text = tr_noop("The service and this desk could not come to terms.")
    effect: ClassVar[str] = tr_noop("Work goes on; changes are kept here.")
    advice: ClassVar[str] = tr_noop("Look at the Sync page. If it stays, tell whoever runs the service the reference.")
    passing: ClassVar[bool] = False

    def __init__(
        self, *, detail: dict[str, Any] | None = None, retry_after: float | None = None, request_id: str = "",
        **params: Any,
    ) -> None:  # fmt: skip
        super().__init__(**params)
        self.detail = detail or {}
        self.retry_after = retry_after
        self.request_id = request_id

    def message(self) -> str:
        """All three in the language in use."""
        return sentences(tr(said, **self.params) for said in (self.text, self.effect, self.advice))


class ServiceUnreachable(SyncProblem):
    code = "service_unreachable"
    text = tr_noop("The service at {address} does not answer.")
    effect = tr_noop("Work goes on; changes are kept here and sent later.")
    advice = tr_noop(
        "It is tried again by itself. If it lasts, check this computer's network, then ask whoever runs the "
        "service."
    )
    passing = True


class ServiceTimedOut(SyncProblem):
    code = "service_timed_out"
    text = tr_noop("The service at {address} takes too long to answer.")
    effect = tr_noop("Work goes on; changes are kept here and sent later.")
    advice = tr_noop("It is tried again by itself. If it lasts, have the network checked.")
    passing = True


class ServiceBusy(SyncProblem):
    code = "service_busy"
    text = tr_noop("The service is busy just now.")
    effect = tr_noop("Changes are kept and sent in a moment.")
    advice = tr_noop("Nothing needs to be done.")
    passing = True


class ServiceFailing(SyncProblem):
    code = "service_failing"
    text = tr_noop("The service has a fault (status {status}).")
    effect = tr_noop("Work goes on; changes are kept and sent as soon as it works again.")
    advice = tr_noop("Tell whoever runs the service, with the reference.")
    passing = True


class AnswerNotUnderstood(SyncProblem):
    code = "answer_not_understood"
    text = tr_noop("Something other than the service answered at {address}, perhaps a sign-in page of the network.")
    effect = tr_noop("Work goes on; changes are kept here.")
    advice = tr_noop("Sign in to the network in a browser, or check the address of the service.")
    passing = True


class AnswerDamaged(SyncProblem):
    code = "answer_damaged"
    text = tr_noop("The service's answer arrived damaged.")
    effect = tr_noop("It counts as not received: nothing was lost.")
    advice = tr_noop("It is asked again by itself. If it happens often, have the network checked.")
    passing = True


class CertificateNotTrusted(SyncProblem):
    code = "certificate_not_trusted"
    text = tr_noop("The service at {address} cannot prove who it is.")
    effect = tr_noop("Nothing was sent to it; changes are kept here.")
    advice = tr_noop("Check the address. If it is right, ask whoever runs the service about its certificate.")


class AddressNotUsable(SyncProblem):
    code = "address_not_usable"
    text = tr_noop("“{address}” is not an address of a service.")
    effect = tr_noop("Nothing was changed.")
    advice = tr_noop("Enter one such as https://service.example:8420.")


class PhonesNeedTls(SyncProblem):
    code = "phones_need_tls"
    text = tr_noop("The centre is reached without TLS ({address}): no phone is sent there.")
    effect = tr_noop("Everything can be signed at this desk.")
    advice = tr_noop("Ask the administrator to give the service a certificate.")


class ExchangeElsewhere(SyncProblem):
    """Two processes work on one database file: one of them exchanges, the other one waits."""

    code = "exchange_elsewhere"
    text = tr_noop("Another program exchanges for this desk just now.")
    effect = tr_noop("Nothing is sent twice; this one goes on in a moment.")
    advice = tr_noop("Nothing needs to be done. If it lasts, close the other Forecourt on this computer.")
    passing = True


class NotEnrolled(SyncProblem):
    code = "not_enrolled"
    text = tr_noop("This desk is not enrolled at a service.")
    effect = tr_noop("Everything that is entered stays on this computer.")
    advice = tr_noop("Ask for an enrolment code and enter it on the Sync page.")


class DeviceKeyRefused(SyncProblem):
    code = "device_key_refused"
    text = tr_noop("The service does not know this desk.")
    effect = tr_noop("Work goes on; changes are kept here and not sent.")
    advice = tr_noop("Ask for a new enrolment code and enter it on the Sync page; then they are sent.")


class SignInOver(SyncProblem):
    code = "sign_in_over"
    text = tr_noop("You are no longer signed in at headquarters.")
    effect = tr_noop("What was done before stands; the work of this desk goes on.")
    advice = tr_noop("Sign in again.")


class SignInTimedOut(SyncProblem):
    code = "sign_in_timed_out"
    text = tr_noop("Nobody signed in within ten minutes.")
    effect = tr_noop("Nothing was changed.")
    advice = tr_noop("Begin again.")


class SignInRefused(SyncProblem):
    code = "sign_in_refused"
    text = tr_noop("Headquarters did not let you in ({reason}).")
    effect = tr_noop("Nothing was changed.")
    advice = tr_noop("Begin again, or ask whoever runs the service.")


class NoBrowser(SyncProblem):
    code = "no_browser"
    text = tr_noop("No browser could be opened here.")
    effect = tr_noop("The sign-in waits for you.")
    advice = tr_noop("Open the address on any device, and enter the code it shows.")


class CodeNotAccepted(SyncProblem):
    code = "sign_in_code_refused"
    text = tr_noop("This code is wrong, too old or was used before.")
    effect = tr_noop("You are not signed in; nothing was changed.")
    advice = tr_noop("Open the address again and enter the new code.")


class DeskUnknown(SyncProblem):
    code = "desk_unknown"
    text = tr_noop("The centre has no such desk any more.")
    effect = tr_noop("Nothing was changed.")
    advice = tr_noop("Look at the list again.")


class DeskCodeTaken(SyncProblem):
    code = "desk_code_taken"
    text = tr_noop("Another desk of this branch has this name already: their documents would get the same numbers.")
    effect = tr_noop("Nothing was changed.")
    advice = tr_noop("Choose another name.")


class BranchNotThere(SyncProblem):
    code = "branch_not_there"
    text = tr_noop("The centre knows no such branch.")
    effect = tr_noop("Nothing was changed.")
    advice = tr_noop("Look at the list of branches again.")


class AlreadyDecided(SyncProblem):
    code = "already_decided"
    text = tr_noop("Somebody else has decided this meanwhile.")
    effect = tr_noop("Their decision stands; yours was not carried out.")
    advice = tr_noop("Look at the list again.")


class DeviceRevoked(SyncProblem):
    code = "device_revoked"
    text = tr_noop("This desk was shut out at the centre.")
    effect = tr_noop("Its changes are kept here and set aside there; nothing new is received.")
    advice = tr_noop("Ask the administrator.")


class EnrolmentCodeRefused(SyncProblem):
    code = "enrolment_code_refused"
    text = tr_noop("This enrolment code is mistyped, used or expired.")
    effect = tr_noop("This desk was not connected; everything here is as it was.")
    advice = tr_noop("Check it, or ask for a new one.")


class TooManyAttempts(SyncProblem):
    code = "too_many_attempts"
    text = tr_noop("Too many wrong codes came from here.")
    effect = tr_noop("For a minute no code is accepted, not even a right one.")
    advice = tr_noop("Wait a minute and try again.")


class TooManyRequests(SyncProblem):
    code = "too_many_requests"
    text = tr_noop("This desk asks the service more often than it may.")
    effect = tr_noop("Changes are kept; it waits a little and goes on by itself.")
    advice = tr_noop("Nothing needs to be done. If it lasts, tell whoever runs the service.")
    passing = True


class BranchDiffers(SyncProblem):
    code = "branch_differs"
    text = tr_noop("The centre's branch {branch} is not the one this desk was set up with.")
    effect = tr_noop("This desk was not connected; everything here is as it was.")
    advice = tr_noop("Ask for a code of this desk's own branch, or set the desk up empty and enrol it again.")


class BranchUnknown(SyncProblem):
    code = "branch_unknown"
    text = tr_noop("The centre knows no branch {branch} yet.")
    effect = tr_noop("This desk was not connected; everything here is as it was.")
    advice = tr_noop("Enrol the desk that has the branch's data first, or check the code.")


class NotPermitted(SyncProblem):
    code = "not_permitted"
    text = tr_noop("The centre does not tell this desk, or this role, what was asked.")
    effect = tr_noop("Everything else goes on.")
    advice = tr_noop("Ask the administrator.")


class UpgradeRequired(SyncProblem):
    code = "upgrade_required"
    text = tr_noop("This version of Forecourt is too old for the service.")
    effect = tr_noop("What is entered here is still sent, but nothing new is received.")
    advice = tr_noop("Install the new version.")


class ServiceTooOld(SyncProblem):
    code = "service_too_old"
    text = tr_noop("The service is older than this desk's Forecourt.")
    effect = tr_noop("Work goes on; changes are kept here and not sent.")
    advice = tr_noop("Ask whoever runs the service to update it.")


class RequestRefused(SyncProblem):
    """The service could not read what was sent: a fault of one of the two programs."""

    code = "request_refused"
    text = tr_noop("The service refused a message ({reason}).")
    effect = tr_noop("Changes are kept here, and what waits is tried again.")
    advice = tr_noop("Install the newest version. If it stays, tell support the reference.")


class RequestTooLarge(RequestRefused):
    code = "request_too_large"
    text = tr_noop("A change is too large for the service.")
    effect = tr_noop("It is set aside on the Sync page; the others go on.")
    advice = tr_noop("Open it there and make it smaller.")


class TokenExpired(SyncProblem):
    """Handled by the transport, which gets a new token."""

    code = "token_expired"
    text = tr_noop("The service no longer accepts this desk's pass.")
    effect = tr_noop("Changes are kept; the pass is renewed by itself.")
    advice = tr_noop("Nothing needs to be done.")
    passing = True


class HistoryDiffers(SyncProblem):
    """This desk's operations are not those the centre has under its name: a restored or cloned disk. Healed."""

    code = "history_differs"
    text = tr_noop("This desk's data was restored or copied.")
    effect = tr_noop(
        "It gets a new identity and sends again what is needed; nothing is lost and nothing counted "
        "twice."
    )
    advice = tr_noop("Nothing needs to be done, unless another computer works with the same data: then close it there.")
    passing = True


class CentreLostOperations(SyncProblem):
    """The centre has less than it acknowledged: restored from a backup. Healed."""

    code = "centre_lost_operations"
    text = tr_noop("The centre was restored from a backup.")
    effect = tr_noop("This desk sends again what the centre lacks; work goes on.")
    advice = tr_noop("Nothing needs to be done. Until both agree, do not count on secured vehicles.")
    passing = True


class EpochChanged(CentreLostOperations):
    code = "epoch_changed"


class RestoreDoubted(SyncProblem):
    """This desk knows more than the centre, and said so too often for the centre to believe it once more."""

    code = "restore_doubted"
    text = tr_noop("This desk says that the centre lost something, and has said so too often today.")
    effect = tr_noop("Nothing is exchanged; work goes on, changes are kept here. Do not count on secured vehicles.")
    advice = tr_noop("Tell the administrator: whoever runs the service has to say whether it was restored.")


class CursorTooOld(SyncProblem):
    """This desk was away too long to go on where it was; it reads the scope again. Healed."""

    code = "cursor_too_old"
    text = tr_noop("This desk was away for long.")
    effect = tr_noop("It reads its data again; what was entered here is kept.")
    advice = tr_noop("Nothing needs to be done. It takes a while.")
    passing = True


class SnapshotGone(SyncProblem):
    """The centre has dropped the snapshot this desk was reading. Handled: it begins with another."""

    code = "snapshot_gone"
    text = tr_noop("The centre prepares this branch's data anew.")
    effect = tr_noop("Reading it begins again in a moment; nothing is lost.")
    advice = tr_noop("Nothing needs to be done.")
    passing = True


class NotOffered(SyncProblem):
    """The service has no such address: it is older than this desk. Handled: what it cannot do is done without."""

    code = "not_offered"
    text = tr_noop("The centre is an older version and cannot do this.")
    effect = tr_noop("Everything else goes on.")
    advice = tr_noop("Ask the administrator to update it.")
    passing = True


class ContentDenied(SyncProblem):
    code = "content_denied"
    text = tr_noop("The centre knows no record here that has this picture or document.")
    effect = tr_noop("The picture or document does not travel for now; everything else goes on.")
    advice = tr_noop("Nothing needs to be done: it is tried again later.")


class ContentUnknown(SyncProblem):
    code = "content_unknown"
    text = tr_noop("The centre does not have this picture or document yet: the desk that added it has not sent it.")
    effect = tr_noop("The record itself is complete.")
    advice = tr_noop("Ask the other desk to connect, and look again later.")


class ContentDamaged(SyncProblem):
    code = "content_damaged"
    text = tr_noop("A picture or document arrived damaged.")
    effect = tr_noop("It is sent again; the original is untouched.")
    advice = tr_noop("Nothing needs to be done.")
    passing = True


class ContentsFull(SyncProblem):
    code = "contents_full"
    text = tr_noop("The centre has no room for more pictures and documents.")
    effect = tr_noop("They stay on this computer; everything else is sent.")
    advice = tr_noop("Tell whoever runs the service.")


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
    ErrorCode.NOT_FOUND: NotOffered,
    ErrorCode.METHOD_NOT_ALLOWED: AnswerNotUnderstood,
    ErrorCode.OPERATIONS_MISSING: CentreLostOperations,
    ErrorCode.RESTORE_DOUBTED: RestoreDoubted,
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


def _kinds(kind: type[SyncProblem]) -> Iterable[type[SyncProblem]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)


def problem_kind(code: str) -> type[SyncProblem]:
    """The kind of problem with this code, the base for one nobody knows."""
    return next((kind for kind in _kinds(SyncProblem) if kind.code == code), SyncProblem)
