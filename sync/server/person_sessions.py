"""Sign-ins of people: authorization codes, sessions and their tokens. Only hashes of secrets are kept.

Every secret begins with the group's name (`main.…`), so that it is found by a key. A session ends as a whole: when
its refresh token is shown a second time, when its authorization code is, when the person signs out or is shut out.
"""

import secrets
from dataclasses import dataclass

from app.kernel.permissions import Permission
from db.ids import new_id
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import TOKEN_SECONDS
from sync.server.accounts import Account, account_of
from sync.server.administration_log import Act, note
from sync.server.devices import digest, ensure_open, is_tenant
from sync.server.refusals import Refusal
from sync.server.store import Connection, Store

CODE_SECONDS = 120
SHOWN_CODE_SECONDS = 300
"""A code that a person carries to the desk by hand may take longer."""
SESSION_SECONDS, KEPT_SESSION_SECONDS = 12 * 3600, 30 * 24 * 3600
READ, WRITE, STAY = "administration.read", "administration.write", "offline_access"
SCOPES = (READ, WRITE, STAY)
_SECOND = 1_000_000
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in, for one request."""

    account: Account
    session_id: str
    scopes: frozenset[str]
    act: Act

    @property
    def tenant(self) -> str:
        return self.account.tenant

    @property
    def id(self) -> str:
        return self.account.id

    def require(self, permission: Permission, scope: str) -> None:
        """Raises Refusal NOT_PERMITTED unless the role and what was asked for at signing in allow it."""
        if scope not in self.scopes or permission not in self.account.permissions:
            raise Refusal(ErrorCode.NOT_PERMITTED, permission=permission.value)


@dataclass(frozen=True, slots=True)
class Grant:
    """What an authorization code or a refresh token stands for."""

    tenant: str
    person_id: str
    client_id: str
    scopes: tuple[str, ...]
    session_id: str
    redirect_uri: str = ""
    challenge: str = ""
    used: bool = False


def new_secret(tenant: str) -> str:
    """A code or token of a group."""
    return f"{tenant}.{secrets.token_urlsafe(_SECRET_BYTES)}"


def tenant_of(secret: str) -> str:
    """The group a code or token names; "" for what is none."""
    tenant, _, rest = secret.partition(".")
    return tenant if rest and len(secret) <= 200 and is_tenant(tenant) else ""


def keep_code(store: Store, connection: Connection, grant: Grant, code: str, *, until: int) -> None:
    """Remember an authorization code. `until` in microseconds."""
    store.insert_many(
        connection, "authorization_code",
        ("tenant_id", "code_hash", "person_id", "client_id", "redirect_uri", "challenge", "scopes", "expires_at",
         "session_id"),
        [(grant.tenant, digest(code), grant.person_id, grant.client_id, grant.redirect_uri, grant.challenge,
          " ".join(grant.scopes), until, "")],
    )  # fmt: skip


def find_code(store: Store, connection: Connection, code: str, *, now: int) -> Grant | None:
    """What the code stands for; None for one that is unknown or too old. `used` where it was exchanged before."""
    tenant = tenant_of(code)
    row = store.run(
        connection,
        "SELECT person_id, client_id, redirect_uri, challenge, scopes, expires_at, session_id FROM authorization_code"
        " WHERE tenant_id = ? AND code_hash = ?",
        (tenant, digest(code)),
    ).first()
    if row is None or (row[5] <= now and not row[6]):
        return None
    return Grant(
        tenant, row[0], row[1], tuple(row[4].split()), row[6], redirect_uri=row[2], challenge=row[3], used=bool(row[6])
    )


def find_refresh(store: Store, connection: Connection, token: str, *, now: int) -> Grant | None:
    """What a refresh token stands for; None for one that is unknown, or whose session is over."""
    tenant = tenant_of(token)
    row = store.run(
        connection,
        "SELECT s.person_id, s.client_id, s.scopes, s.session_id, t.used_at FROM person_token t JOIN person_session s"
        " ON s.tenant_id = t.tenant_id AND s.session_id = t.session_id WHERE t.tenant_id = ? AND t.token_hash = ?"
        " AND t.kind = 'refresh' AND s.ended_at IS NULL AND s.until > ?",
        (tenant, digest(token), now),
    ).first()
    if row is None:
        return None
    return Grant(tenant, row[0], row[1], tuple(row[2].split()), row[3], used=row[4] is not None)


def begin_session(store: Store, connection: Connection, grant: Grant, code: str, *, now: int) -> str | None:
    """Use the code up and begin a session; None when somebody else was quicker with it."""
    session_id = new_id()
    done = store.run(
        connection,
        "UPDATE authorization_code SET session_id = ? WHERE tenant_id = ? AND code_hash = ? AND session_id = ''",
        (session_id, grant.tenant, digest(code)),
    ).rowcount
    if not done:
        return None
    seconds = KEPT_SESSION_SECONDS if STAY in grant.scopes else SESSION_SECONDS
    store.insert_many(
        connection, "person_session",
        ("tenant_id", "session_id", "person_id", "client_id", "scopes", "began_at", "until", "ended_at"),
        [(grant.tenant, session_id, grant.person_id, grant.client_id, " ".join(grant.scopes), now,
          now + seconds * _SECOND, None)],
    )  # fmt: skip
    return session_id


def use_refresh(store: Store, connection: Connection, grant: Grant, token: str, *, now: int) -> bool:
    """Use a refresh token up; False when it was used before."""
    return bool(
        store.run(
            connection,
            "UPDATE person_token SET used_at = ? WHERE tenant_id = ? AND token_hash = ? AND used_at IS NULL",
            (now, grant.tenant, digest(token)),
        ).rowcount
    )


def keep_tokens(
    store: Store, connection: Connection, tenant: str, session_id: str, *, access: str, refresh: str, now: int
) -> None:  # fmt: skip
    """Remember a session's next pair of tokens; access tokens that are over make room."""
    store.run(
        connection,
        "DELETE FROM person_token WHERE tenant_id = ? AND session_id = ? AND kind = 'access' AND expires_at <= ?",
        (tenant, session_id, now),
    )
    until = now + KEPT_SESSION_SECONDS * _SECOND
    store.insert_many(
        connection, "person_token", ("tenant_id", "token_hash", "session_id", "kind", "expires_at", "used_at"),
        [(tenant, digest(access), session_id, "access", now + TOKEN_SECONDS * _SECOND, None),
         (tenant, digest(refresh), session_id, "refresh", until, None)],
    )  # fmt: skip


def end_session(store: Store, connection: Connection, tenant: str, session_id: str, *, now: int) -> bool:
    """End a sign-in with all its tokens; tells whether it was going on."""
    return bool(
        store.run(
            connection,
            "UPDATE person_session SET ended_at = ? WHERE tenant_id = ? AND session_id = ? AND ended_at IS NULL",
            (now, tenant, session_id),
        ).rowcount
    )


def end_robbed_session(store: Store, act: Act, grant: Grant, what: str) -> None:
    """Something that works once was shown twice: the session it began ends, and it is written down."""
    with store.write() as connection:
        ensure_open(store, connection, grant.tenant)
        ended = bool(grant.session_id) and end_session(
            store, connection, grant.tenant, grant.session_id, now=act.at
        )
        account = account_of(store, connection, grant.tenant, grant.person_id)
        if account is not None:
            named = Act(
                tenant=grant.tenant, who=account.login, at=act.at, person_id=account.id, address=act.address,
                request_id=act.request_id,
            )  # fmt: skip
            note(store, connection, named, what, account.login, ended=ended)


def revoke_token(store: Store, act: Act, token: str, *, client_id: str) -> None:
    """End the session a token belongs to; nothing happens for what is none."""
    tenant = tenant_of(token)
    with store.write() as connection:
        ensure_open(store, connection, tenant)
        row = store.run(
            connection,
            "SELECT t.session_id, s.person_id FROM person_token t JOIN person_session s ON s.tenant_id = t.tenant_id"
            " AND s.session_id = t.session_id WHERE t.tenant_id = ? AND t.token_hash = ? AND s.client_id = ?",
            (tenant, digest(token), client_id),
        ).first()
        if row is None or not end_session(store, connection, tenant, row[0], now=act.at):
            return
        account = account_of(store, connection, tenant, row[1])
        who = account.login if account is not None else ""
        named = Act(
            tenant=tenant, who=who, at=act.at, person_id=row[1], address=act.address, request_id=act.request_id
        )
        note(store, connection, named, "signed_out", who)


_AUTHENTICATE = (
    "SELECT s.person_id, s.session_id, s.scopes, t.expires_at FROM person_token t JOIN person_session s"
    " ON s.tenant_id = t.tenant_id AND s.session_id = t.session_id WHERE t.tenant_id = ? AND t.token_hash = ?"
    " AND t.kind = 'access' AND s.ended_at IS NULL AND s.until > ?"
)


def authenticate_person(
    store: Store, authorization: str, *, now: int, address: str = "", request_id: str = ""
) -> Person:  # fmt: skip
    """The person behind an Authorization header. Raises Refusal TOKEN_MISSING or TOKEN_EXPIRED."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    tenant = tenant_of(token)
    if scheme.lower() != "bearer" or not tenant:
        raise Refusal(ErrorCode.TOKEN_MISSING)
    with store.read() as connection:
        row = store.run(connection, _AUTHENTICATE, (tenant, digest(token), now)).first()
        if row is None or row[3] <= now:
            raise Refusal(ErrorCode.TOKEN_EXPIRED)
        account = account_of(store, connection, tenant, row[0])
    if account is None or not account.may_enter:
        raise Refusal(ErrorCode.TOKEN_EXPIRED)
    act = Act(
        tenant=tenant, who=account.login, at=now, person_id=account.id, address=address, request_id=request_id
    )
    return Person(account, row[1], frozenset(row[2].split()), act)
