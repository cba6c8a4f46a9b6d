"""Every way in which the centre says no. `docs/sync_protocol.md` explains each; a test compares."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Why a request as a whole was not answered with success; the HTTP status is in `HTTP_STATUS`."""

    MALFORMED = "malformed"
    BODY_CORRUPT = "body_corrupt"
    TOKEN_MISSING = "token_missing"
    TOKEN_EXPIRED = "token_expired"
    DEVICE_KEY_WRONG = "device_key_wrong"
    TOKEN_REFUSED = "token_refused"
    ENROLMENT_CODE_WRONG = "enrolment_code_wrong"
    DEVICE_REVOKED = "device_revoked"
    NOT_PERMITTED = "not_permitted"
    DESK_UNKNOWN = "desk_unknown"
    DESK_CODE_TAKEN = "desk_code_taken"
    BRANCH_UNKNOWN = "branch_unknown"
    ALREADY_DECIDED = "already_decided"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    OPERATIONS_MISSING = "operations_missing"
    RESTORE_DOUBTED = "restore_doubted"
    HISTORY_DIFFERS = "history_differs"
    EPOCH_CHANGED = "epoch_changed"
    BRANCH_DIFFERS = "branch_differs"
    CURSOR_TOO_OLD = "cursor_too_old"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    ENCODING_UNKNOWN = "encoding_unknown"
    UPGRADE_REQUIRED = "upgrade_required"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    TOO_MANY_REQUESTS = "too_many_requests"
    SNAPSHOT_GONE = "snapshot_gone"
    CONTENT_DENIED = "content_denied"
    CONTENT_UNKNOWN = "content_unknown"
    CONTENT_OFFSET = "content_offset"
    CONTENT_CORRUPT = "content_corrupt"
    CONTENT_FULL = "content_full"
    INTERNAL = "internal"
    BUSY = "busy"


HTTP_STATUS: dict[ErrorCode, int] = {
    ErrorCode.MALFORMED: 400,
    ErrorCode.BODY_CORRUPT: 400,
    ErrorCode.TOKEN_MISSING: 401,
    ErrorCode.TOKEN_EXPIRED: 401,
    ErrorCode.DEVICE_KEY_WRONG: 401,
    ErrorCode.TOKEN_REFUSED: 400,
    ErrorCode.ENROLMENT_CODE_WRONG: 403,
    ErrorCode.DEVICE_REVOKED: 403,
    ErrorCode.NOT_PERMITTED: 403,
    ErrorCode.DESK_UNKNOWN: 404,
    ErrorCode.DESK_CODE_TAKEN: 409,
    ErrorCode.BRANCH_UNKNOWN: 409,
    ErrorCode.ALREADY_DECIDED: 409,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.OPERATIONS_MISSING: 409,
    ErrorCode.RESTORE_DOUBTED: 409,
    ErrorCode.HISTORY_DIFFERS: 409,
    ErrorCode.EPOCH_CHANGED: 409,
    ErrorCode.BRANCH_DIFFERS: 409,
    ErrorCode.CURSOR_TOO_OLD: 410,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.TOO_SLOW: 408,
    ErrorCode.ENCODING_UNKNOWN: 415,
    ErrorCode.UPGRADE_REQUIRED: 426,
    ErrorCode.TOO_MANY_ATTEMPTS: 429,
    ErrorCode.TOO_MANY_REQUESTS: 429,
    ErrorCode.SNAPSHOT_GONE: 404,
    ErrorCode.CONTENT_DENIED: 403,
    ErrorCode.CONTENT_UNKNOWN: 404,
    ErrorCode.CONTENT_OFFSET: 409,
    ErrorCode.CONTENT_CORRUPT: 400,
    ErrorCode.CONTENT_FULL: 507,
    ErrorCode.INTERNAL: 500,
    ErrorCode.BUSY: 503,
}


class Outcome(StrEnum):
    """What became of one operation."""

    ACCEPTED = "accepted"
    CONFLICT = "conflict"
    """A claim that lost. The order stays, flagged, with the winner's reference."""
    REJECTED = "rejected"


class Rejection(StrEnum):
    """Why one operation was refused for good. It counts as answered: the operations after it go on."""

    OPERATION_MALFORMED = "operation_malformed"
    OPERATION_TOO_LARGE = "operation_too_large"
    FIELD_INVALID = "field_invalid"
    SCOPE_DENIED = "scope_denied"
    PERMISSION_DENIED = "permission_denied"
    RECORD_UNKNOWN = "record_unknown"
    RECORD_DELETED = "record_deleted"
    RECORD_IN_USE = "record_in_use"
    RECORD_IMMUTABLE = "record_immutable"
    RECORD_MOVED = "record_moved"
    RECORD_HELD = "record_held"
    MONTH_CLOSED = "month_closed"
    VEHICLE_CLAIMED = "vehicle_claimed"
    LEASE_LIMIT = "lease_limit"
    TRANSFER_LOST = "transfer_lost"
    TRANSFER_REFUSED = "transfer_refused"
    TRANSACTION_REJECTED = "transaction_rejected"
