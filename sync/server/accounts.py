"""People who may sign in at the centre: who they are, their passwords, and what slows down guessing."""

import json
import re
import secrets
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.kernel.permissions import ROLE_PERMISSIONS, Permission, Role
from app.staff.passwords import hash_password, needs_rehash, password_matches
from db.ids import new_id
from sync.server.administration_log import Act, note
from sync.server.devices import digest, ensure_open, ensure_tenant, new_code, plain_code
from sync.server.refusals import Refusal
from sync.server.store import Connection, Store

ACTIVE, DISABLED = "active", "disabled"
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
SETUP_SECONDS = 3 * 24 * 3600
FREE_FAILURES, FIRST_LOCK, LONGEST_LOCK = 5, 30, 900
"""After so many failures in a row a login is closed for 30 s, then for twice as long each time, up to 15 minutes."""
_FORGOTTEN = 24 * 3600 * 1_000_000
_LOGIN = re.compile(r"[^\s\x00-\x1f]{2,64}")
_SECOND = 1_000_000
_COLUMNS = (
    "tenant_id", "person_id", "login", "name", "roles", "staff_id", "state", "password_hash", "setup_hash",
    "setup_until", "totp_sealed", "totp_step", "created_at", "changed_at", "signed_in_at",
)  # fmt: skip
_hashing = threading.BoundedSemaphore(2)
"""Each look at a password takes 64 MiB for a moment: more at once would let strangers fill the memory."""


class AccountProblem(ValueError):
    """An account cannot be made or changed so; the text says why, for whoever runs the service."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person as the centre knows them."""

    tenant: str
    id: str
    login: str
    name: str
    roles: tuple[Role, ...]
    staff_id: str
    state: str
    password_hash: str
    setup_hash: str
    setup_until: int
    totp_sealed: str
    totp_step: int
    created_at: int
    changed_at: int
    signed_in_at: int | None

    @classmethod
    def stored(cls, row: Any) -> "Account":
        values = list(row)
        known = {role.value for role in Role}
        values[4] = tuple(Role(name) for name in json.loads(values[4]) if name in known)
        return cls(*values)

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the roles allow; nothing for an account that is shut."""
        if self.state != ACTIVE:
            return frozenset()
        return frozenset().union(*(ROLE_PERMISSIONS[role] for role in self.roles))

    @property
    def may_enter(self) -> bool:
        """Whether there is anything here for this person."""
        return Permission.HEADQUARTERS_VIEW in self.permissions


def plain_login(typed: str) -> str:
    """A login as it is kept: any case and width is the same."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def add_account(
    store: Store, act: Act, *, login: str, name: str, roles: Iterable[Role], staff_id: str = ""
) -> str:  # fmt: skip
    """Make an account; returns the one-time code with which the person chooses a password. Raises AccountProblem."""
    plain, shown = plain_login(login), name.strip()
    if not _LOGIN.fullmatch(plain):
        raise AccountProblem("a login has 2 to 64 characters and no blanks")
    if not 0 < len(shown) <= 80:
        raise AccountProblem("a name has 1 to 80 characters")
    code = new_code()
    with store.write() as connection:
        ensure_tenant(store, connection, act.tenant, now=act.at)
        ensure_open(store, connection, act.tenant)
        if find_account(store, connection, act.tenant, plain) is not None:
            raise AccountProblem(f"there is an account {plain} already")
        listed = json.dumps([role.value for role in roles])
        values = (
            act.tenant, new_id(), plain, shown, listed, staff_id, ACTIVE, "", digest(plain_code(code)),
            act.at + SETUP_SECONDS * _SECOND, "", 0, act.at, act.at, None,
        )  # fmt: skip
        store.insert_many(connection, "person_account", _COLUMNS, [values])
        note(store, connection, act, "person_added", plain, roles=json.loads(listed))
    return code


_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM person_account WHERE tenant_id = ?"


def find_account(store: Store, connection: Connection, tenant: str, login: str) -> Account | None:
    """The account of a login as it is kept."""
    row = store.run(connection, f"{_SELECT} AND login = ?", (tenant, login)).first()
    return None if row is None else Account.stored(row)


def account_of(
    store: Store, connection: Connection, tenant: str, person_id: str, *, lock: bool = False
) -> Account | None:  # fmt: skip
    """The account of an id, its row locked until the transaction ends if asked for."""
    row = store.run(
        connection, f"{_SELECT} AND person_id = ?" + (store.lock if lock else ""), (tenant, person_id)
    ).first()
    return None if row is None else Account.stored(row)


def list_accounts(store: Store, tenant: str) -> list[Account]:
    """All accounts of a group by login."""
    with store.read() as connection:
        rows = store.run(connection, f"{_SELECT} ORDER BY login", (tenant,))
        return [Account.stored(row) for row in rows]


def set_state(store: Store, act: Act, login: str, state: str) -> None:
    """Shut an account or open it again; shutting ends whatever it is signed in to. Raises AccountProblem."""
    with store.write() as connection:
        ensure_open(store, connection, act.tenant)
        known = _known(store, connection, act, login)
        _update(store, connection, act, known.id, state=state)
        if state == DISABLED:
            end_sessions(store, connection, act.tenant, known.id, at=act.at)
        note(store, connection, act, "person_disabled" if state == DISABLED else "person_enabled", known.login)


def reset_password(store: Store, act: Act, login: str) -> str:
    """Take the password away; returns a one-time code with which a new one is chosen. Raises AccountProblem."""
    code = new_code()
    with store.write() as connection:
        ensure_open(store, connection, act.tenant)
        known = _known(store, connection, act, login)
        _update(
            store, connection, act, known.id, password_hash="", setup_hash=digest(plain_code(code)),
            setup_until=act.at + SETUP_SECONDS * _SECOND,
        )  # fmt: skip
        forget_failures(store, connection, act.tenant, known.login)
        end_sessions(store, connection, act.tenant, known.id, at=act.at)
        note(store, connection, act, "password_reset", known.login)
    return code


def reset_second_factor(store: Store, act: Act, login: str) -> None:
    """The second factor is set up anew at the next sign-in. Raises AccountProblem."""
    with store.write() as connection:
        ensure_open(store, connection, act.tenant)
        known = _known(store, connection, act, login)
        _update(store, connection, act, known.id, totp_sealed="", totp_step=0)
        store.run(
            connection, "DELETE FROM recovery_code WHERE tenant_id = ? AND person_id = ?", (act.tenant, known.id)
        )
        end_sessions(store, connection, act.tenant, known.id, at=act.at)
        note(store, connection, act, "second_factor_reset", known.login)


def _known(store: Store, connection: Connection, act: Act, login: str) -> Account:
    known = find_account(store, connection, act.tenant, plain_login(login))
    if known is None:
        raise AccountProblem(f"there is no account {login}")
    return known


def _update(store: Store, connection: Connection, act: Act, person_id: str, **values: Any) -> None:
    changed = {**values, "changed_at": act.at}
    store.run(
        connection,
        f"UPDATE person_account SET {', '.join(f'{name} = ?' for name in changed)}"
        " WHERE tenant_id = ? AND person_id = ?",
        (*changed.values(), act.tenant, person_id),
    )


def end_sessions(store: Store, connection: Connection, tenant: str, person_id: str, *, at: int) -> int:
    """End all sign-ins of a person; their tokens are good for nothing from now on."""
    return store.run(
        connection,
        "UPDATE person_session SET ended_at = ? WHERE tenant_id = ? AND person_id = ? AND ended_at IS NULL",
        (at, tenant, person_id),
    ).rowcount


# --- passwords ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody typed opened: the account, by its password or by a one-time code."""

    account: Account
    by_code: bool


def judge_password(store: Store, tenant: str, *, login: str, typed: str, now: int) -> Shown | None:
    """Whose password or one-time code this is; takes as long for somebody who is unknown. `now` in microseconds."""
    with store.read() as connection:
        known = find_account(store, connection, tenant, plain_login(login))
    by_code = (
        known is not None and known.setup_hash != "" and known.setup_until > now
        and secrets.compare_digest(known.setup_hash, digest(plain_code(typed)))
    )  # fmt: skip
    with _hashing:
        by_password = password_matches(known.password_hash if known is not None else None, typed)
    if known is None or known.state != ACTIVE or not (by_code or by_password):
        return None
    if by_password and needs_rehash(known.password_hash):
        _store_password(store, known, typed, now=now)
    return Shown(known, by_code=by_code)


def password_problem(account: Account, password: str) -> str | None:
    """Why this is no password for the account: "short", "long" or "login"; None for a good one."""
    if len(password) < SHORTEST_PASSWORD:
        return "short"
    if len(password) > LONGEST_PASSWORD:
        return "long"
    return "login" if account.login in plain_login(password) else None


def choose_password(store: Store, act: Act, account: Account, password: str) -> bool:
    """Set the password and use up the one-time code; False when somebody else was quicker with it."""
    with _hashing:
        made = hash_password(password)
    with store.write() as connection:
        ensure_open(store, connection, act.tenant)
        done = store.run(
            connection,
            "UPDATE person_account SET password_hash = ?, setup_hash = '', changed_at = ? WHERE tenant_id = ?"
            " AND person_id = ? AND setup_hash = ? AND setup_hash <> '' AND setup_until > ?",
            (made, act.at, act.tenant, account.id, account.setup_hash, act.at),
        ).rowcount
        if done:
            end_sessions(store, connection, act.tenant, account.id, at=act.at)
            note(store, connection, act, "password_chosen", account.login)
    return bool(done)


def _store_password(store: Store, account: Account, password: str, *, now: int) -> None:
    with _hashing:
        made = hash_password(password)
    with store.write() as connection:
        ensure_open(store, connection, account.tenant)
        store.run(
            connection,
            "UPDATE person_account SET password_hash = ?, changed_at = ? WHERE tenant_id = ? AND person_id = ?"
            " AND password_hash = ?",
            (made, now, account.tenant, account.id, account.password_hash),
        )


# --- failures in a row -------------------------------------------------------------------------------


def locked_for(store: Store, tenant: str, login: str, *, now: int) -> int:
    """Seconds for which nobody gets in under this login, 0 when it is open. `now` in microseconds."""
    with store.read() as connection:
        until = store.run(
            connection, "SELECT locked_until FROM sign_in_attempt WHERE tenant_id = ? AND login_hash = ?",
            (tenant, digest(plain_login(login))),
        ).scalar()  # fmt: skip
    return 0 if until is None or until <= now else -(-(until - now) // _SECOND)


def note_failure(store: Store, act: Act, login: str, what: str) -> None:
    """Count a wrong password or code, close the login after too many, and write it down."""
    key = (act.tenant, digest(plain_login(login)))
    with store.write() as connection:
        ensure_open(store, connection, act.tenant)
        row = store.run(
            connection,
            "SELECT failed, at FROM sign_in_attempt WHERE tenant_id = ? AND login_hash = ?" + store.lock, key,
        ).first()  # fmt: skip
        failed = 1 + (row[0] if row is not None and row[1] > act.at - _FORGOTTEN else 0)
        seconds = min(LONGEST_LOCK, FIRST_LOCK << min(failed - FREE_FAILURES, 6)) if failed >= FREE_FAILURES else 0
        store.run(
            connection,
            "INSERT INTO sign_in_attempt (tenant_id, login_hash, failed, locked_until, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (tenant_id, login_hash) DO UPDATE SET failed = excluded.failed,"
            " locked_until = excluded.locked_until, at = excluded.at",
            (*key, failed, act.at + seconds * _SECOND, act.at),
        )
        note(store, connection, act, what, plain_login(login), failed=failed, locked_seconds=seconds)


def forget_failures(store: Store, connection: Connection, tenant: str, login: str) -> None:
    """Somebody got in."""
    store.run(
        connection, "DELETE FROM sign_in_attempt WHERE tenant_id = ? AND login_hash = ?", (tenant, digest(login))
    )


def prune_people(store: Store, *, now: int) -> int:
    """Drop what nobody can use any more: old codes, tokens, sessions and failures; tells how many rows went."""
    with store.read() as connection:
        tenants = [str(row[0]) for row in store.run(connection, "SELECT tenant_id FROM tenant ORDER BY tenant_id")]
    return sum(_prune_group(store, tenant, now=now) for tenant in tenants)


_PRUNE = (
    ("DELETE FROM authorization_code WHERE tenant_id = ? AND expires_at <= ?", _FORGOTTEN),
    ("DELETE FROM person_token WHERE tenant_id = ? AND kind = 'access' AND expires_at <= ?", 0),
    ("DELETE FROM person_token WHERE tenant_id = ? AND NOT EXISTS (SELECT 1 FROM person_session s WHERE s.tenant_id ="
     " person_token.tenant_id AND s.session_id = person_token.session_id AND s.ended_at IS NULL AND s.until > ?)", 0),
    ("DELETE FROM person_session WHERE tenant_id = ? AND until <= ?", 0),
    ("DELETE FROM sign_in_attempt WHERE tenant_id = ? AND at <= ?", _FORGOTTEN),
)  # fmt: skip
"""What goes, and how long after its end."""


def _prune_group(store: Store, tenant: str, *, now: int) -> int:
    with store.write() as connection:
        try:
            ensure_open(store, connection, tenant)
        except Refusal:  # it moves, or lives elsewhere: whoever has it then prunes it
            return 0
        return sum(store.run(connection, one, (tenant, now - later)).rowcount for one, later in _PRUNE)
