"""Operations: what a desk tells the centre, and how their order is proven."""

import re
from hashlib import sha256
from operator import itemgetter
from typing import Any, NotRequired, TypedDict

PUT, CLAIM, RELEASE, TRANSFER, VOID = "put", "claim", "release", "transfer", "void"
KINDS = frozenset({PUT, CLAIM, RELEASE, TRANSFER, VOID})
"""`void` stands in for an operation that could not travel; the centre rejects it and goes on."""

CLAIM_TABLE = "vehicle_claim"
"""The table name in operations of kind claim and release; their `id` is the VIN."""

TRANSFER_TABLE = "vehicle_transfer"
"""The table name in operations of kind transfer; their `id` is the transfer's."""

_NUMBER_LIMIT = 1 << 62
ORDER, HOLD = "order", "hold"
"""Kinds of claims."""
LEASE = "lease"
"""The kind of a winner that is a desk to which the centre has secured the vehicle."""

_TABLE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_IDENTIFIER = re.compile(r"[0-9a-f]{32}")
_SCOPE = re.compile(r"group|[0-9a-f]{32}")
_VIN = re.compile(r"[0-9A-Z]{3,17}")
_CLOCK = re.compile(r"[0-9a-f]{16}-[0-9a-zA-Z]{1,40}")
_GOOD_PUT = re.compile(
    rf"put (?!{CLAIM_TABLE} ){_TABLE.pattern} {_IDENTIFIER.pattern} (?:{_SCOPE.pattern}) {_CLOCK.pattern}"
)

_NAMES = itemgetter("kind", "table", "id", "scope", "clock")
_REST = itemgetter("base", "v", "at", "by", "fields")


class Operation(TypedDict):
    """One change. Values of `fields` are as stored: integers (fen, microseconds), text, booleans, JSON, base64."""

    n: int
    txn: str
    v: int
    kind: str
    table: str
    id: str
    scope: str
    base: int
    fields: dict[str, Any]
    clock: str
    at: NotRequired[int]
    by: NotRequired[str]
    new: NotRequired[bool]


class ClaimFields(TypedDict):
    """The `fields` of a claim; a release has `vehicle_id` and `holder_id` only."""

    vehicle_id: str
    kind: str
    holder_id: str
    number: str
    branch_id: str
    desk_code: str
    until: int | None
    at: int


class TransferFields(TypedDict):
    """The `fields` of a transfer: what is asked of the centre. `vin` is empty while no vehicle is named."""

    action: str
    vin: str
    vehicle_id: str
    from_branch_id: str
    to_branch_id: str
    at: int


def chain(previous: str, n: int, *name: str) -> str:
    """The hash that proves a desk's operations up to `n`: 32 hex digits over the one before and this operation's name.

    The name is transaction, kind, table and id; raises TypeError where one of them is no text. Two desks that share an
    identity (a cloned disk) or one that forgot operations (a restored backup) differ here.
    """
    return sha256("|".join((previous, str(n), *name)).encode()).hexdigest()[:32]


def is_identifier(value: object) -> bool:
    """Whether this can be the id of a record."""
    return isinstance(value, str) and _IDENTIFIER.fullmatch(value) is not None


def is_clock(value: object) -> bool:
    """Whether this is the written form of a hybrid time."""
    return isinstance(value, str) and _CLOCK.fullmatch(value) is not None


def is_table(value: object) -> bool:
    """Whether this can be the name of a table, known here or not."""
    return isinstance(value, str) and _TABLE.fullmatch(value) is not None


def is_scope(value: object) -> bool:
    """Whether this names a scope: `group`, or a branch's id."""
    return isinstance(value, str) and _SCOPE.fullmatch(value) is not None


def is_vin(value: object) -> bool:
    """Whether this can stand as a vehicle's number: short ones of old or imported vehicles too."""
    return isinstance(value, str) and _VIN.fullmatch(value) is not None


def problem_in(operation: Any) -> str | None:
    """What is wrong with the form of an operation (its `n` and `txn` were checked before), None for nothing."""
    if _is_good_put(operation):
        return None
    kind = operation.get("kind")
    if kind not in KINDS:
        return "kind"
    if kind == VOID:
        return None
    table = operation.get("table")
    if not isinstance(table, str) or _TABLE.fullmatch(table) is None:
        return "table"
    named = is_vin if kind in (CLAIM, RELEASE) else is_identifier
    if (kind in (CLAIM, RELEASE)) != (table == CLAIM_TABLE) or (kind == TRANSFER and table != TRANSFER_TABLE):
        return "table"
    if not named(operation.get("id")):
        return "id"
    if not is_scope(operation.get("scope")):
        return "scope"
    if not isinstance(operation.get("fields"), dict):
        return "fields"
    if not is_clock(operation.get("clock")):
        return "clock"
    return _problem_in_numbers(operation)


def _is_good_put(operation: Any) -> bool:
    """The short way for what nearly all operations are: a put that says everything it may, all of it well-formed."""
    try:
        kind, table, record_id, scope, clock = _NAMES(operation)
        base, version, at, by, fields = _REST(operation)
    except KeyError:
        return False
    return (
        _GOOD_PUT.fullmatch(f"{kind} {table} {record_id} {scope} {clock}") is not None and type(fields) is dict
        and type(base) is type(version) is type(at) is int and type(by) is str
        and 0 <= base < _NUMBER_LIMIT and 1 <= version < _NUMBER_LIMIT and 0 <= at < _NUMBER_LIMIT
    )  # fmt: skip


def _problem_in_numbers(operation: Any) -> str | None:
    base, version, at = operation.get("base", 0), operation.get("v", 1), operation.get("at", 0)
    for name, value, least in (("base", base, 0), ("v", version, 1), ("at", at, 0)):
        if type(value) is not int or not least <= value < _NUMBER_LIMIT:
            return name
    return None if isinstance(operation.get("by", ""), str) else "by"
