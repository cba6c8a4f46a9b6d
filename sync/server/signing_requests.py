"""Requests to read and sign a document on a phone: how they are opened, answered, taken and erased.

A desk makes a token and a code. The token opens what the centre keeps of the request and is not stored, so that the
database alone shows nobody a document or a signature; the code is what whoever only photographed the QR code lacks.
The first browser that shows both has the request; the centre's clock says when what was read, acknowledged and given.
A request ends once. Then the document is erased, and what was given when its desk has stored it.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.protocol.limits import SIGNING_CODE_TRIES, SIGNING_KEPT_HOURS
from sync.server.devices import Device, digest, ensure_open
from sync.server.store import Connection, Store

_KEY_USE = b"forecourt signing request"
_COLUMNS = (
    "request_id", "device_id", "branch_id", "token_hash", "code_hash", "session_hash", "digest", "state",
    "wrong_codes", "pages", "pages_seen", "acknowledged", "sealed_document", "sealed_terms", "sealed_answer",
    "created_at", "until", "opened_at", "read_at", "finished_at",
)  # fmt: skip
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM signing_request WHERE tenant_id = ? AND "
_KEPT = int(timedelta(hours=SIGNING_KEPT_HOURS) / timedelta(microseconds=1))
_REMEMBERED = int(timedelta(days=7) / timedelta(microseconds=1))
"""So long a request that is over is told from one that never was."""


class State(StrEnum):
    """Where a request stands. All but the first are ends; `TAKEN` follows `SIGNED` and `DECLINED`."""

    OPEN = "open"
    SIGNED = "signed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LOCKED = "locked"
    """After too many wrong codes."""
    EXPIRED = "expired"
    TAKEN = "taken"


class Wrong(StrEnum):
    """Why a phone is not let in, or what it sent is not taken, besides the states."""

    UNKNOWN = "unknown"
    CODE = "code"
    ELSEWHERE = "elsewhere"
    """Another browser has the request."""
    UNREAD = "unread"
    CLAUSES = "clauses"
    CLAUSE = "clause"
    SHORT = "short"
    LONG = "long"
    REASON = "reason"
    MALFORMED = "malformed"


class NotTaken(Exception):
    """What a phone sent was not taken; `why` is a `Wrong` or the `State` that stands against it."""

    def __init__(self, why: Wrong | State) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(slots=True)
class Request:
    """One row. Times in microseconds."""

    request_id: str
    device_id: str
    branch_id: str
    token_hash: str
    code_hash: str
    session_hash: str
    digest: str
    state: str
    wrong_codes: int
    pages: int
    pages_seen: int
    acknowledged: str
    sealed_document: str
    sealed_terms: str
    sealed_answer: str
    created_at: int
    until: int
    opened_at: int | None
    read_at: int | None
    finished_at: int | None

    def standing(self, now: int) -> State:
        """The state now: nobody has to note that a request has expired."""
        if self.state == State.OPEN and self.until <= now:
            return State.EXPIRED
        if self.state in (State.SIGNED, State.DECLINED) and (self.finished_at or 0) + _KEPT <= now:
            return State.EXPIRED
        return State(self.state)

    def times(self) -> dict[str, int]:
        """Clause → when it was acknowledged."""
        found: dict[str, int] = json.loads(self.acknowledged)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a desk asks for. `terms` is what the page says around the document."""

    request_id: str
    token: str
    code: str
    digest: str
    document: bytes
    pages: int
    terms: Mapping[str, Any]
    until: int


class Seal:
    """Closes and opens texts under a token (Fernet with a key of its own, derived by HKDF)."""

    def __init__(self, token: str) -> None:
        key = HKDF(SHA256(), 32, salt=None, info=_KEY_USE).derive(token.encode("ascii", "replace"))
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, data: bytes) -> str:
        return self._fernet.encrypt(data).decode("ascii")

    def open(self, sealed: str) -> bytes:
        """Raises NotTaken(UNKNOWN) for what another token closed."""
        try:
            return self._fernet.decrypt(sealed.encode("ascii"))
        except InvalidToken as error:
            raise NotTaken(Wrong.UNKNOWN) from error


def _code_hash(token: str, code: str) -> str:
    """Six digits are guessed at once from any hash, except with a key that is not there."""
    return hmac.new(token.encode("ascii", "replace"), code.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


# --- the desk's side ---------------------------------------------------------------------------------


def find(store: Store, connection: Connection, tenant: str, request_id: str, *, lock: bool = False) -> Request | None:
    """A request by its id."""
    statement = _SELECT + "request_id = ?" + (store.lock if lock else "")
    row = store.run(connection, statement, (tenant, request_id)).first()
    return Request(*row) if row is not None else None


def open_requests(store: Store, connection: Connection, device: Device, *, now: int) -> int:
    """How many requests of a desk are open."""
    return int(
        store.run(
            connection,
            "SELECT count(*) FROM signing_request WHERE tenant_id = ? AND until > ? AND device_id = ? AND state = ?",
            (device.tenant, now, device.id, State.OPEN.value),
        ).scalar()
    )


def add(store: Store, connection: Connection, device: Device, asked: Opening, *, now: int) -> None:
    """Keep a new request."""
    seal = Seal(asked.token)
    row = (
        device.tenant, asked.request_id, device.id, device.branch_id, digest(asked.token),
        _code_hash(asked.token, asked.code), "", asked.digest, State.OPEN.value, 0, asked.pages, 0, "{}",
        seal.close(asked.document), seal.close(json.dumps(asked.terms).encode("utf-8")), "", now, asked.until,
        None, None, None,
    )  # fmt: skip
    store.insert_many(connection, "signing_request", ("tenant_id", *_COLUMNS), [row])


def answer_of(request: Request, token: str) -> dict[str, Any]:
    """What was given on the phone; empty where nothing is kept."""
    if not request.sealed_answer:
        return {}
    told: dict[str, Any] = json.loads(Seal(token).open(request.sealed_answer))
    return told


def end(store: Store, connection: Connection, tenant: str, request_id: str, state: State) -> None:
    """A request is over, and nothing of its document and its answer is left."""
    store.run(
        connection,
        "UPDATE signing_request SET state = ?, sealed_document = '', sealed_terms = '', sealed_answer = ''"
        " WHERE tenant_id = ? AND request_id = ?",
        (state.value, tenant, request_id),
    )


def erase_old(store: Store, connection: Connection, tenant: str, *, now: int) -> int:
    """Erase what nobody came for, and forget requests long over; tells how many rows changed."""
    erased = store.run(
        connection,
        "UPDATE signing_request SET state = ?, sealed_document = '', sealed_terms = '', sealed_answer = ''"
        " WHERE tenant_id = ? AND until <= ? AND (state = ? OR (state IN (?, ?) AND finished_at <= ?))",
        (State.EXPIRED.value, tenant, now, State.OPEN.value, State.SIGNED.value, State.DECLINED.value, now - _KEPT),
    )
    gone = store.run(
        connection, "DELETE FROM signing_request WHERE tenant_id = ? AND until <= ? AND state IN (?, ?, ?, ?)",
        (tenant, now - _REMEMBERED, State.WITHDRAWN.value, State.LOCKED.value, State.EXPIRED.value,
         State.TAKEN.value),
    )  # fmt: skip
    return erased.rowcount + gone.rowcount


# --- the phone's side --------------------------------------------------------------------------------


class Visit:
    """What a browser does with one request, under its token. Raises NotTaken. `now` is in microseconds."""

    def __init__(self, store: Store, tenant: str, token: str, *, now: int) -> None:
        self._store, self._tenant, self._token, self._now = store, tenant, token, now

    def enter(self, code: str, *, session: str, browser: str) -> None:
        """Show the code. `session` is the secret the browser gets, `browser` the one it already has."""
        wrong: Wrong | State | None = None
        with self._store.write() as connection:
            ensure_open(self._store, connection, self._tenant)
            request = self._found(connection, lock=True)
            known = request.session_hash
            if known and not hmac.compare_digest(known, digest(browser)):
                # Whoever has it is not to be locked out by others who guess.
                raise NotTaken(Wrong.ELSEWHERE)
            if not hmac.compare_digest(request.code_hash, _code_hash(self._token, code)):
                wrong = self._count(connection, request)
            else:
                self._set(connection, request, session_hash=digest(session), opened_at=request.opened_at or self._now)
        if wrong is not None:  # it stays counted
            raise NotTaken(wrong)

    def _count(self, connection: Connection, request: Request) -> Wrong | State:
        self._set(connection, request, wrong_codes=request.wrong_codes + 1)
        if request.wrong_codes < SIGNING_CODE_TRIES:
            return Wrong.CODE
        end(self._store, connection, self._tenant, request.request_id, State.LOCKED)
        return State.LOCKED

    def read(self, session: str, *, whatever_state: bool = False) -> Request:
        """The request as this browser may see it; with `whatever_state` also one that is over."""
        with self._store.read() as connection:
            request = self._found(connection, whatever_state=whatever_state)
        self._require_session(request, session)
        return request

    def terms(self, request: Request) -> dict[str, Any]:
        """What the page says around the document; empty once the request is over."""
        if not request.sealed_terms:
            return {}
        told: dict[str, Any] = json.loads(Seal(self._token).open(request.sealed_terms))
        return told

    def document(self, request: Request) -> bytes:
        """The bytes whose digest the request names."""
        return Seal(self._token).open(request.sealed_document)

    def note_seen(self, session: str, pages: int) -> Request:
        """Pages came into sight up to this one."""
        with self._changing(session) as (connection, request):
            if not 0 < pages <= request.pages:
                raise NotTaken(Wrong.MALFORMED)
            if pages > request.pages_seen:
                read_at = self._now if pages == request.pages else request.read_at
                self._set(connection, request, pages_seen=pages, read_at=read_at)
            return request

    def note_clause(self, session: str, clause: str, *, taken: bool) -> Request:
        """A clause was acknowledged, or taken back; the first time counts."""
        with self._changing(session) as (connection, request):
            if clause not in {one["id"] for one in self.terms(request)["clauses"]}:
                raise NotTaken(Wrong.CLAUSE)
            times = request.times()
            if taken:
                times.setdefault(clause, self._now)
            else:
                times.pop(clause, None)
            self._set(connection, request, acknowledged=json.dumps(times))
            return request

    def sign(self, session: str, answer: Mapping[str, Any]) -> Request:
        """The signature. Sent again it is taken as sent once: the first one stays."""
        return self._give(session, answer, State.SIGNED)

    def decline(self, session: str, answer: Mapping[str, Any]) -> Request:
        """The person does not sign, and says why."""
        return self._give(session, answer, State.DECLINED)

    def _give(self, session: str, answer: Mapping[str, Any], state: State) -> Request:
        with self._changing(session, again=state) as (connection, request):
            if request.state == state:
                return request
            if state is State.SIGNED:
                self._require_read(request)
            sealed = Seal(self._token).close(json.dumps(dict(answer)).encode("utf-8"))
            self._set(
                connection, request, state=state.value, sealed_answer=sealed, sealed_document="", sealed_terms="",
                finished_at=self._now,
            )  # fmt: skip
            return request

    def _require_read(self, request: Request) -> None:
        if request.read_at is None:
            raise NotTaken(Wrong.UNREAD)
        if {one["id"] for one in self.terms(request)["clauses"]} - request.times().keys():
            raise NotTaken(Wrong.CLAUSES)

    # --- rows ----------------------------------------------------------------------------------------

    @contextmanager
    def _changing(self, session: str, *, again: State | None = None) -> Iterator[tuple[Connection, Request]]:
        """A transaction in which one open request of this browser is changed; `again`: one in this state, too."""
        with self._store.write() as connection:
            ensure_open(self._store, connection, self._tenant)
            request = self._found(connection, lock=True, again=again)
            self._require_session(request, session)
            yield connection, request

    def _found(
        self, connection: Connection, *, lock: bool = False, whatever_state: bool = False, again: State | None = None
    ) -> Request:  # fmt: skip
        statement = _SELECT + "token_hash = ?" + (self._store.lock if lock else "")
        row = self._store.run(connection, statement, (self._tenant, digest(self._token))).first()
        if row is None:
            raise NotTaken(Wrong.UNKNOWN)
        request = Request(*row)
        state = request.standing(self._now)
        if state not in (State.OPEN, again) and not whatever_state:
            raise NotTaken(state)
        return request

    def _require_session(self, request: Request, session: str) -> None:
        if not request.session_hash or not hmac.compare_digest(request.session_hash, digest(session)):
            raise NotTaken(Wrong.ELSEWHERE)

    def _set(self, connection: Connection, request: Request, **values: Any) -> None:
        names = ", ".join(f"{name} = ?" for name in values)
        self._store.run(
            connection, f"UPDATE signing_request SET {names} WHERE tenant_id = ? AND request_id = ?",
            (*values.values(), self._tenant, request.request_id),
        )  # fmt: skip
        for name, value in values.items():
            setattr(request, name, value)
