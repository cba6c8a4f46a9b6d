"""Headquarters over HTTP: what people who run the group see and do. Each request shows a person's token; what it needs
is said in one place (`_seen`, `_done`): a scope given at signing in, and a role that allows it."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from app.kernel.permissions import Permission, Role
from sync.protocol.codes import ErrorCode
from sync.server import administration_views as views
from sync.server import quarantine
from sync.server.administration_log import list_entries, note
from sync.server.devices import ALL_SCOPES, MOST_HOURS, branch_ids, ensure_open, find_device, make_code, revoke
from sync.server.endpoints import Caller, Endpoint, Pace
from sync.server.leases import end_lease
from sync.server.messages import Answer, Count, Identifier, Message
from sync.server.person_sessions import READ, WRITE, Person
from sync.server.refusals import Refusal
from sync.server.scopes import DeskCodeTaken, NoSuchBranch, NoSuchDesk, change_scopes
from sync.server.store import Connection, Store

PAGE_ROWS = 200
Limit = Annotated[int, Field(ge=1, le=PAGE_ROWS)]
Reason = Annotated[str, Field(min_length=3, max_length=200, pattern="^[^\\x00]*$", examples=["laptop stolen"])]
Name = Annotated[str, Field(pattern="^[A-Z0-9]{1,12}$", examples=["SH01"])]
Maybe = Annotated[str, Field(pattern="^([0-9a-f]{32})?$")]
_Branch = Annotated[str, Field(max_length=32, pattern="^[^\\x00]*$")]
Scopes = Literal["*"] | Annotated[list[_Branch], Field(max_length=500)]


class OverviewMessage(Message):
    """Nothing has to be said."""


class DesksMessage(Message):
    """Desks of a branch, or of all, after one of them."""

    branch_id: Maybe = ""
    after: Maybe = ""
    limit: Limit = 100


class PageMessage(Message):
    """A page of a list that goes from new to old; `after` is the last entry there was."""

    after: Maybe = ""
    limit: Limit = 100


class LeasesMessage(Message):
    """Leases after a VIN."""

    after: Annotated[str, Field(pattern="^[0-9A-Z]{0,17}$")] = ""
    limit: Limit = 100


class LogMessage(PageMessage):
    """Entries of the log before one of them, of one kind or of all."""

    what: Annotated[str, Field(pattern="^[a-z_]{0,40}$")] = ""


class CodeMessage(Message):
    """A one-time code for a desk. `scopes` are codes of branches it reads besides its own, or `*`."""

    branch: Name
    desk: Name
    scopes: Scopes = Field(default_factory=list)
    role: Literal["salesperson", "service_advisor", "parts_clerk", "cashier", "branch_manager", "administrator"] = (
        "administrator"
    )
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] = 24


class ScopesMessage(Message):
    """What a desk reads from now on: codes or ids of branches, or `*`."""

    device_id: Identifier
    scopes: Scopes
    reason: Reason


class RevokeMessage(Message):
    """Shut a desk out."""

    device_id: Identifier
    reason: Reason


class QuarantineMessage(Message):
    """What is set aside, of one desk or of all; `after` are the device, number and hash of the last there was."""

    device_id: Maybe = ""
    after: Annotated[list[str | int], Field(max_length=3)] = Field(default_factory=list)
    limit: Limit = 100


class DecisionMessage(Message):
    """Operations of one desk by number and hash; none named: all of it."""

    device_id: Identifier
    operations: Annotated[
        list[Annotated[list[str | int], Field(min_length=2, max_length=2)]], Field(max_length=quarantine.MOST_AT_ONCE)
    ] = Field(default_factory=list)
    reason: Reason


class EndLeaseMessage(Message):
    """Take a vehicle's lease away."""

    vin: Annotated[str, Field(pattern="^[0-9A-Z]{3,17}$", examples=["LSVAA4182E2184847"])]
    reason: Reason


class RowsAnswer(Answer):
    """A page; `next` asks for the one after it, null at the end."""

    rows: list[dict[str, Any]]
    next: Any
    now: int


class OverviewAnswer(Answer):
    """All branches with their figures."""

    branches: list[dict[str, Any]]
    group_rows: int
    now: int


class CodeAnswer(Answer):
    """Shown once."""

    code: str
    expires_at: int


class DeskAnswer(Answer):
    """The desk as it is now."""

    desk: dict[str, Any]
    now: int


class DecidedAnswer(Answer):
    """How many operations became what."""

    outcomes: dict[str, Count]


# --- what is seen ------------------------------------------------------------------------------------

Look = Callable[[Store, Connection, Person, Any, int], dict[str, Any]]
Do = Callable[[Store, Person, Any, int], dict[str, Any]]


def _seen(look: Look) -> Any:
    """Looking: the scope for reading, and the permission to see headquarters."""

    def work(store: Store, person: Person, message: Any, /, *, now_ms: int) -> dict[str, Any]:
        person.require(Permission.HEADQUARTERS_VIEW, READ)
        with store.read() as connection:
            return {**look(store, connection, person, message, now_ms * 1000), "now": now_ms * 1000}

    return work


def _done(act: Do) -> Any:
    """Changing something: the scope for writing, and the permission to run headquarters."""

    def work(store: Store, person: Person, message: Any, /, *, now_ms: int) -> dict[str, Any]:
        person.require(Permission.HEADQUARTERS_MANAGE, WRITE)
        return act(store, person, message, now_ms * 1000)

    return work


def _page(rows: list[dict[str, Any]], limit: int, key: str) -> dict[str, Any]:
    return {"rows": rows, "next": rows[-1][key] if len(rows) == limit else None}


def _overview(store: Store, connection: Connection, person: Person, message: Any, now: int) -> dict[str, Any]:
    return views.overview(store, connection, person.tenant, now=now)


def _desks(store: Store, connection: Connection, person: Person, message: Any, now: int) -> dict[str, Any]:
    rows = views.list_desks(
        store, connection, person.tenant, branch_id=message.branch_id, after=message.after, limit=message.limit
    )
    return _page(rows, message.limit, "id")


def _conflicts(store: Store, connection: Connection, person: Person, message: Any, now: int) -> dict[str, Any]:
    rows = views.list_conflicts(store, connection, person.tenant, after=message.after, limit=message.limit)
    return _page(rows, message.limit, "order_id")


def _leases(store: Store, connection: Connection, person: Person, message: Any, now: int) -> dict[str, Any]:
    rows = views.list_leases(
        store, connection, person.tenant, after=message.after, limit=message.limit, now=now
    )  # fmt: skip
    return _page(rows, message.limit, "vin")


def _log(store: Store, connection: Connection, person: Person, message: Any, now: int) -> dict[str, Any]:
    rows = list_entries(
        store, connection, person.tenant, before=message.after, limit=message.limit, what=message.what
    )
    return _page(rows, message.limit, "id")


def _quarantine(store: Store, connection: Connection, person: Person, message: Any, now: int) -> dict[str, Any]:
    found = quarantine.list_open(
        store, connection, person.tenant, device_id=message.device_id, after=_after(message.after),
        limit=message.limit,
    )  # fmt: skip
    rows = [
        {
            "device_id": one.device_id, "n": one.n, "hash": one.hash, "reason": one.reason,
            "received_at": one.received_at, "txn": _text(one.operation, "txn"), "kind": _text(one.operation, "kind"),
            "table": _text(one.operation, "table"), "record_id": _text(one.operation, "id"),
            "made_at": one.operation.get("at"), "by": _text(one.operation, "by"),
            "fields": quarantine.fields_of(one.operation),
        }
        for one in found
    ]  # fmt: skip
    last = found[-1] if len(found) == message.limit else None
    return {"rows": rows, "next": None if last is None else [last.device_id, last.n, last.hash]}


def _after(told: list[Any]) -> tuple[str, int, str]:
    if not told:
        return ("", 0, "")
    if [type(part) for part in told] != [str, int, str] or not -1 < told[1] < 1 << 62 or "\x00" in told[0] + told[2]:
        raise Refusal(ErrorCode.MALFORMED, field="after")
    return (told[0], told[1], told[2])


def _text(operation: dict[str, Any], name: str) -> str:
    return str(operation.get(name) or "")


# --- what is done ------------------------------------------------------------------------------------


def _make_code(store: Store, person: Person, message: CodeMessage, now: int) -> dict[str, Any]:
    with store.read() as connection:
        known = branch_ids(store, connection, person.tenant)
    listed = [] if message.scopes == ALL_SCOPES else list(message.scopes)
    unknown = sorted(code for code in {*listed, message.branch} if code not in known)
    if unknown:
        raise Refusal(ErrorCode.BRANCH_UNKNOWN, branches=unknown)
    code = make_code(
        store, tenant=person.tenant, branch_code=message.branch, desk_code=message.desk, scopes=message.scopes,
        role=Role(message.role).value, now=now, seconds=message.hours * 3600,
    )  # fmt: skip
    with store.write() as connection:
        ensure_open(store, connection, person.tenant)
        note(
            store, connection, person.act, "code_made", f"{message.branch}-{message.desk}", scopes=message.scopes,
            role=message.role, hours=message.hours,
        )  # fmt: skip
    return {"code": code, "expires_at": now + message.hours * 3_600_000_000}


def _change_scopes(store: Store, person: Person, message: ScopesMessage, now: int) -> dict[str, Any]:
    try:
        change = change_scopes(store, person.tenant, message.device_id, message.scopes, now=now)
    except NoSuchDesk as error:
        raise Refusal(ErrorCode.DESK_UNKNOWN) from error
    except NoSuchBranch as error:
        raise Refusal(ErrorCode.BRANCH_UNKNOWN, branches=error.unknown) from error
    except DeskCodeTaken as error:
        raise Refusal(ErrorCode.DESK_CODE_TAKEN) from error
    with store.write() as connection:
        ensure_open(store, connection, person.tenant)
        note(
            store, connection, person.act, "scopes_changed", message.device_id, reason=message.reason,
            gained=sorted(change.gained), lost=sorted(change.lost),
        )  # fmt: skip
    return _desk_now(store, person, message.device_id, now)


def _revoke(store: Store, person: Person, message: RevokeMessage, now: int) -> dict[str, Any]:
    with store.read() as connection:
        known = find_device(store, connection, person.tenant, message.device_id)
    if known is None:
        raise Refusal(ErrorCode.DESK_UNKNOWN)
    if not revoke(store, person.tenant, message.device_id, now=now):
        raise Refusal(ErrorCode.ALREADY_DECIDED)
    with store.write() as connection:
        ensure_open(store, connection, person.tenant)
        name = f"{known.branch_code}-{known.desk_code}"
        note(store, connection, person.act, "desk_revoked", message.device_id, desk=name, reason=message.reason)
    return _desk_now(store, person, message.device_id, now)


def _desk_now(store: Store, person: Person, device_id: str, now: int) -> dict[str, Any]:
    with store.read() as connection:
        desk = views.get_desk(store, connection, person.tenant, device_id)
    if desk is None:
        raise Refusal(ErrorCode.DESK_UNKNOWN)
    return {"desk": desk, "now": now}


def _keys(message: DecisionMessage) -> list[tuple[int, str]] | None:
    if not message.operations:
        return None
    for key in message.operations:
        if [type(part) for part in key] != [int, str]:
            raise Refusal(ErrorCode.MALFORMED, field="operations")
    return [(int(key[0]), str(key[1])) for key in message.operations]


def _release(store: Store, person: Person, message: DecisionMessage, now: int) -> dict[str, Any]:
    outcomes = quarantine.release(store, person.act, message.device_id, _keys(message), reason=message.reason)
    return _decided(outcomes)


def _drop(store: Store, person: Person, message: DecisionMessage, now: int) -> dict[str, Any]:
    dropped = quarantine.drop(store, person.act, message.device_id, _keys(message), reason=message.reason)
    return _decided({quarantine.DROPPED: dropped} if dropped else {})


def _decided(outcomes: dict[str, int]) -> dict[str, Any]:
    if not outcomes:
        raise Refusal(ErrorCode.ALREADY_DECIDED)
    return {"outcomes": outcomes}


def _end_lease(store: Store, person: Person, message: EndLeaseMessage, now: int) -> dict[str, Any]:
    ended = end_lease(store, person.tenant, message.vin, now=now)
    if ended is None:
        raise Refusal(ErrorCode.ALREADY_DECIDED)
    with store.write() as connection:
        ensure_open(store, connection, person.tenant)
        note(
            store, connection, person.act, "lease_ended", message.vin, reason=message.reason,
            desk=f"{ended.branch_code}-{ended.desk_code}",
        )  # fmt: skip
    return {"outcomes": {"ended": 1}}


def _endpoint(
    name: str, summary: str, work: Any, message: type[BaseModel], answer: type[BaseModel], *codes: ErrorCode
) -> Endpoint:
    return Endpoint(
        name=f"administration_{name}", path=f"/v1/administration/{name.replace('_', '-')}", tag="administration",
        caller=Caller.PERSON, pace=Pace.QUESTION, summary=summary, message=message, answer=answer, work=work,
        codes=(ErrorCode.NOT_PERMITTED, *codes),
    )  # fmt: skip


_TAKEN = (ErrorCode.DESK_UNKNOWN, ErrorCode.BRANCH_UNKNOWN, ErrorCode.DESK_CODE_TAKEN)
_E = ErrorCode
ADMINISTRATION_ENDPOINTS = (
    _endpoint("overview", "Every branch with its figures", _seen(_overview), OverviewMessage, OverviewAnswer),
    _endpoint("desks", "Desks of a branch, or of all", _seen(_desks), DesksMessage, RowsAnswer),
    _endpoint("conflicts", "Orders that lost their vehicle", _seen(_conflicts), PageMessage, RowsAnswer),
    _endpoint("leases", "Vehicles secured for desks", _seen(_leases), LeasesMessage, RowsAnswer),
    _endpoint("quarantine", "Operations set aside", _seen(_quarantine), QuarantineMessage, RowsAnswer),
    _endpoint("log", "Who did what here", _seen(_log), LogMessage, RowsAnswer),
    _endpoint("make_code", "A one-time code for a desk", _done(_make_code), CodeMessage, CodeAnswer,
              _E.BRANCH_UNKNOWN),
    _endpoint("change_scopes", "Which branches a desk reads", _done(_change_scopes), ScopesMessage, DeskAnswer,
              *_TAKEN),
    _endpoint("revoke", "Shut a desk out", _done(_revoke), RevokeMessage, DeskAnswer, _E.DESK_UNKNOWN,
              _E.ALREADY_DECIDED),
    _endpoint("release", "Apply operations that were set aside", _done(_release), DecisionMessage, DecidedAnswer,
              _E.ALREADY_DECIDED),
    _endpoint("drop", "Let operations that were set aside be", _done(_drop), DecisionMessage, DecidedAnswer,
              _E.ALREADY_DECIDED),
    _endpoint("end_lease", "Take a lease away", _done(_end_lease), EndLeaseMessage, DecidedAnswer,
              _E.ALREADY_DECIDED),
)  # fmt: skip
