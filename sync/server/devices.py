"""Desks the centre knows: enrolment by a one-time code, a key for each desk, short-lived tokens."""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from db.base import GROUP_SCOPE
from db.ids import new_id
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import TOKEN_SECONDS
from sync.protocol.operations import is_identifier
from sync.server.desk_names import note_named
from sync.server.refusals import Refusal
from sync.server.store import Connection, Store

ALL_SCOPES = "*"
DEFAULT_TENANT = "main"
MOST_HOURS = 24 * 14
"""How long a code may be good."""
NO_KEY = ""
"""In the place of a key's hash, for identities of the centre itself: no key fits."""
_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_GROUPS, _CODE_GROUP = 3, 4
_MOVING_SECONDS = 2
_TENANT = re.compile(r"[a-z0-9-]{1,32}")
_DESK = re.compile(r"[A-Z0-9]{1,12}")
_COLUMNS = (
    "tenant_id", "device_id", "branch_id", "branch_code", "desk_code", "scopes", "role", "key_hash", "last_n",
    "last_hash", "seen_n", "replaces", "enrolled_at", "last_seen_at", "revoked_at",
)  # fmt: skip


@dataclass(slots=True)
class Device:
    """A desk as the centre knows it. `scopes` is a frozen set, or None for all."""

    tenant: str
    id: str
    branch_id: str
    branch_code: str
    desk_code: str
    scopes: frozenset[str] | None
    role: str
    key_hash: str
    last_n: int
    last_hash: str
    seen_n: int
    replaces: str
    enrolled_at: int
    last_seen_at: int
    revoked_at: int | None

    @classmethod
    def stored(cls, row: Any) -> "Device":
        values = list(row)
        scopes = json.loads(values[5])
        values[5] = None if scopes == ALL_SCOPES else frozenset(scopes)
        return cls(*values)

    def named(self, claim: dict[str, Any]) -> dict[str, Any]:
        """A claim with the name this centre knows the desk by: one that was moved says another until it has heard, and
        one that a restored centre takes for where it was before, too."""
        if not isinstance(claim.get("desk_code"), str) or claim["desk_code"] == self.desk_code:
            return claim
        return {**claim, "desk_code": self.desk_code}

    def may_use(self, scope: str) -> bool:
        """Whether this desk reads and writes that scope."""
        return self.scopes is None or scope in self.scopes


def digest(secret: str) -> str:
    """How secrets of full strength are kept: SHA-256, nothing to guess."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def is_tenant(name: object) -> bool:
    """Whether this can name a dealer group."""
    return isinstance(name, str) and _TENANT.fullmatch(name) is not None


def ensure_tenant(store: Store, connection: Connection, name: str, *, now: int) -> None:
    """Make the tenant unless it is there. `now` in microseconds."""
    store.insert_missing(
        connection, "tenant", ("tenant_id", "epoch", "created_at"), [(name, new_id(), now)]
    )  # fmt: skip
    store.insert_missing(
        connection, "sync_scope", ("tenant_id", "scope", "head", "min_seq"), [(name, GROUP_SCOPE, 0, 0)]
    )


def epoch_of(store: Store, connection: Connection, name: str) -> str:
    """The tenant's epoch. Raises Refusal BUSY while the tenant is on its way to another database."""
    row = store.run(connection, "SELECT epoch, closed FROM tenant WHERE tenant_id = ?", (name,)).first()
    if row is not None and row[1]:
        raise Refusal(ErrorCode.BUSY, retry_after=_MOVING_SECONDS)
    return "" if row is None else str(row[0])


def ensure_open(store: Store, connection: Connection, name: str) -> None:
    """Every transaction that writes for a tenant asks this first, or `epoch_of`. Raises Refusal BUSY as that does."""
    epoch_of(store, connection, name)


def make_code(
    store: Store, *, tenant: str, branch_code: str, desk_code: str, scopes: Iterable[str] | str, role: str,
    now: int, seconds: int,
) -> str:  # fmt: skip
    """A one-time enrolment code such as `K7QF-2M9D-XR4T`; only its hash is kept. `now` in microseconds.

    `scopes` are branch codes the desk reads besides its own branch and the group, or `"*"` for all.
    """
    if not _DESK.fullmatch(desk_code) or not _DESK.fullmatch(branch_code):
        raise ValueError("a branch and a desk are named by up to 12 capital letters and digits")
    if not is_tenant(tenant):
        raise ValueError("a group is named by up to 32 small letters, digits and hyphens")
    code = new_code()
    listed = ALL_SCOPES if scopes == ALL_SCOPES else sorted(scopes)
    with store.write() as connection:
        ensure_tenant(store, connection, tenant, now=now)
        ensure_open(store, connection, tenant)
        store.run(
            connection,
            "INSERT INTO enrolment_code (tenant_id, code_hash, branch_code, desk_code, scopes, role, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                tenant, digest(plain_code(code)), branch_code, desk_code, json.dumps(listed), role,
                now + seconds * 1_000_000,
            ),
        )  # fmt: skip
    return f"{tenant}-{code}" if tenant != DEFAULT_TENANT else code


def new_code() -> str:
    """A one-time code such as `K7QF-2M9D-XR4T`: 58 random bits, easy to read out."""
    letters = [secrets.choice(_CODE_LETTERS) for _ in range(_CODE_GROUPS * _CODE_GROUP)]
    return "-".join("".join(letters[i : i + _CODE_GROUP]) for i in range(0, len(letters), _CODE_GROUP))


def plain_code(code: str) -> str:
    """A one-time code as it is kept, however it was typed."""
    return re.sub(r"[\s-]", "", code).upper()


def _tenant_and_code(text: str) -> tuple[str, str]:
    """`K7QF-2M9D-XR4T`, or `tenant-K7QF-2M9D-XR4T`."""
    size = _CODE_GROUPS * (_CODE_GROUP + 1) - 1
    head, tail = text.strip()[:-size], text.strip()[-size:]
    name = head.rstrip("-").lower()
    return (name, tail) if is_tenant(name) else (DEFAULT_TENANT, text)


def tenant_in_code(code: str) -> str:
    """The tenant an enrolment code belongs to."""
    return _tenant_and_code(code)[0]


def tenant_in_token(authorization: str) -> str:
    """The tenant an Authorization header speaks for, as far as it says so itself; the usual one otherwise."""
    tenant, dot, _ = authorization.partition(" ")[2].strip().partition(".")
    return tenant if dot and is_tenant(tenant) else DEFAULT_TENANT


def enrol(
    store: Store, *, code: str, branch_id: str, after_n: int, after_hash: str, now: int
) -> dict[str, Any]:  # fmt: skip
    """Exchange a code for a device identity and its key.

    `branch_id` is the desk's own, or empty for a desk without data: then the centre must know the branch's code.
    Raises Refusal ENROLMENT_CODE_WRONG or BRANCH_DIFFERS.
    """
    tenant, plain = _tenant_and_code(code)
    with store.write() as connection:
        ensure_open(store, connection, tenant)
        row = store.run(
            connection,
            "SELECT branch_code, desk_code, scopes, role, expires_at, used_at FROM enrolment_code"
            " WHERE tenant_id = ? AND code_hash = ?" + store.lock,
            (tenant, digest(plain_code(plain))),
        ).first()
        if row is None or row[4] <= now or row[5] is not None:
            raise Refusal(ErrorCode.ENROLMENT_CODE_WRONG)
        branch = _branch_id(store, connection, tenant=tenant, code=row[0], told=branch_id)
        scopes = _scope_ids(store, connection, tenant=tenant, listed=json.loads(row[2]), own=branch)
        store.run(
            connection,
            "UPDATE enrolment_code SET used_at = ? WHERE tenant_id = ? AND code_hash = ?",
            (now, tenant, digest(plain_code(plain))),
        )
        return _insert_device(
            store, connection, tenant=tenant, branch_id=branch, branch_code=row[0], desk_code=row[1], scopes=scopes,
            role=row[3], after=(after_n, after_hash), replaces="", now=now,
        )  # fmt: skip


def _branch_id(store: Store, connection: Connection, *, tenant: str, code: str, told: str) -> str:
    known = branch_ids(store, connection, tenant).get(code)
    if known is None and told and _is_another(store, connection, tenant=tenant, code=code, told=told):
        raise Refusal(ErrorCode.BRANCH_DIFFERS, branch=code, known=True)
    if known is None and not told:
        raise Refusal(ErrorCode.BRANCH_DIFFERS, branch=code, known=False)
    if known is not None and told and known != told:
        raise Refusal(ErrorCode.BRANCH_DIFFERS, branch=code, known=True)
    if known is None and not is_identifier(told):
        raise Refusal(ErrorCode.MALFORMED, field="branch_id")
    return known or told


def _is_another(store: Store, connection: Connection, *, tenant: str, code: str, told: str) -> bool:
    """Whether a desk that joined before, and whose branch has not arrived yet, has another id for this code: one of the
    two was set up by itself, and both would count the same numbers."""
    row = store.run(
        connection,
        "SELECT 1 FROM device WHERE tenant_id = ? AND branch_code = ? AND branch_id <> ? AND revoked_at IS NULL",
        (tenant, code, told),
    ).first()
    return row is not None


def branch_ids(store: Store, connection: Connection, tenant: str) -> dict[str, str]:
    """Ids of the branches whose records have reached the centre, by code."""
    rows = store.run(
        connection,
        "SELECT record_id, body FROM replica_row WHERE tenant_id = ? AND table_name = 'branch' AND deleted = 0",
        (tenant,),
    )
    return {json.loads(row[1]).get("code", ""): row[0] for row in rows}


def _scope_ids(store: Store, connection: Connection, *, tenant: str, listed: Any, own: str) -> Any:
    if listed == ALL_SCOPES:
        return ALL_SCOPES
    known = branch_ids(store, connection, tenant)
    return sorted({GROUP_SCOPE, own, *(known[code] for code in listed if code in known)})


def _insert_device(
    store: Store, connection: Connection, *, tenant: str, branch_id: str, branch_code: str, desk_code: str,
    scopes: Any, role: str, after: tuple[int, str], replaces: str, now: int,
) -> dict[str, Any]:  # fmt: skip
    device_id, key = new_id(), secrets.token_urlsafe(32)
    store.insert_many(
        connection, "device", _COLUMNS,
        [(tenant, device_id, branch_id, branch_code, desk_code, json.dumps(scopes), role, digest(key), after[0],
          after[1], after[0], replaces, now, now, None)],
    )  # fmt: skip
    note_named(store, connection, tenant, device_id)
    store.insert_missing(
        connection, "sync_scope", ("tenant_id", "scope", "head", "min_seq"), [(tenant, branch_id, 0, 0)]
    )
    return {
        "tenant": tenant, "device_id": device_id, "key": key, "branch_id": branch_id, "branch_code": branch_code,
        "desk_code": desk_code, "scopes": scopes, "epoch": epoch_of(store, connection, tenant),
    }  # fmt: skip


def new_identity(store: Store, connection: Connection, device: Device, *, now: int) -> Device:
    """An identity nobody has the key of, shut from the start: the centre itself acts as it for this desk."""
    scopes: Any = ALL_SCOPES if device.scopes is None else sorted(device.scopes)
    device_id = new_id()
    store.insert_many(
        connection, "device", _COLUMNS,
        [(device.tenant, device_id, device.branch_id, device.branch_code, device.desk_code, json.dumps(scopes),
          device.role, NO_KEY, 0, "", 0, device.id, now, now, now)],
    )  # fmt: skip
    made = find_device(store, connection, device.tenant, device_id)
    assert made is not None
    return made


def renew(store: Store, device: Device, *, after_n: int, after_hash: str, now: int) -> dict[str, Any]:
    """A further identity for a desk whose history parted from the one the centre has: same branch, same scopes.

    The old identity stays good: the other copy of the disk may be at work with it.
    """
    if device.revoked_at is not None:
        raise Refusal(ErrorCode.DEVICE_REVOKED)
    scopes: Any = ALL_SCOPES if device.scopes is None else sorted(device.scopes)
    with store.write() as connection:
        ensure_open(store, connection, device.tenant)
        return _insert_device(
            store, connection, tenant=device.tenant, branch_id=device.branch_id, branch_code=device.branch_code,
            desk_code=device.desk_code, scopes=scopes, role=device.role, after=(after_n, after_hash),
            replaces=device.id, now=now,
        )  # fmt: skip


_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM device"


def find_device(
    store: Store, connection: Connection, tenant: str, device_id: str, *, lock: bool = False
) -> Device | None:
    """The device, its row locked until the transaction ends if asked for."""
    row = store.run(
        connection,
        f"{_SELECT} WHERE tenant_id = ? AND device_id = ?" + (store.lock if lock else ""),
        (tenant, device_id),
    ).first()
    return None if row is None else Device.stored(row)


def list_devices(store: Store, tenant: str) -> list[Device]:
    """All desks of a tenant, in the order of their enrolment."""
    with store.read() as connection:
        rows = store.run(connection, f"{_SELECT} WHERE tenant_id = ? ORDER BY enrolled_at, device_id", (tenant,))
        return [Device.stored(row) for row in rows]


def revoke(store: Store, tenant: str, device_id: str, *, now: int) -> bool:
    """Take a desk's rights and its leases away; tells whether it had them. What it still sends goes into quarantine."""
    from sync.server.leases import end_leases_of  # which knows desks by this module

    with store.write() as connection:
        ensure_open(store, connection, tenant)
        done = store.run(
            connection,
            "UPDATE device SET revoked_at = ? WHERE tenant_id = ? AND device_id = ? AND revoked_at IS NULL",
            (now, tenant, device_id),
        )
        if done.rowcount:
            end_leases_of(store, connection, tenant, device_id, now=now)
        return bool(done.rowcount)


def issue_token(store: Store, *, tenant: str, device_id: str, key: str, now: int) -> dict[str, Any]:
    """A token for a device that shows its key; raises Refusal DEVICE_KEY_WRONG. `now` in microseconds."""
    device = device_with_key(store, tenant=tenant, device_id=device_id, key=key)
    if device is None:
        raise Refusal(ErrorCode.DEVICE_KEY_WRONG)
    token = f"{tenant}.{secrets.token_urlsafe(24)}"
    keep_token(store, device, token, now=now)
    return {"access_token": token, "expires_in": TOKEN_SECONDS}


def device_with_key(store: Store, *, tenant: str, device_id: str, key: str) -> Device | None:
    """The device whose key this is, also a revoked one; None for any other."""
    with store.read() as connection:
        device = find_device(store, connection, tenant, device_id)
    known = device.key_hash if device is not None else ""
    return device if secrets.compare_digest(known, digest(key)) else None


def keep_token(store: Store, device: Device, token: str, *, now: int) -> None:
    """Remember a token of a device; those that are over make room. `now` in microseconds."""
    with store.write() as connection:
        ensure_open(store, connection, device.tenant)
        store.run(
            connection,
            "DELETE FROM access_token WHERE tenant_id = ? AND device_id = ? AND expires_at <= ?",
            (device.tenant, device.id, now),
        )
        store.run(
            connection,
            "INSERT INTO access_token (tenant_id, token_hash, device_id, expires_at) VALUES (?, ?, ?, ?)",
            (device.tenant, digest(token.partition(".")[2]), device.id, now + TOKEN_SECONDS * 1_000_000),
        )


_AUTHENTICATE = (
    f"SELECT {', '.join(f'd.{name}' for name in _COLUMNS)}, t.expires_at, g.closed FROM access_token t"
    " JOIN device d ON d.tenant_id = t.tenant_id AND d.device_id = t.device_id"
    " JOIN tenant g ON g.tenant_id = t.tenant_id"
    " WHERE t.tenant_id = ? AND t.token_hash = ?"
)


def authenticate(store: Store, authorization: str, *, now: int) -> Device:
    """The device behind an Authorization header. Raises Refusal TOKEN_MISSING or TOKEN_EXPIRED.

    A revoked device is returned as well: the caller decides what it may still do.
    """
    scheme, _, token = authorization.partition(" ")
    tenant, _, secret = token.strip().partition(".")
    if scheme.lower() != "bearer" or not is_tenant(tenant) or not secret:
        raise Refusal(ErrorCode.TOKEN_MISSING)
    with store.read() as connection:
        row = store.run(connection, _AUTHENTICATE, (tenant, digest(secret))).first()
    if row is None or row[-2] <= now:
        raise Refusal(ErrorCode.TOKEN_EXPIRED)
    if row[-1]:
        raise Refusal(ErrorCode.BUSY, retry_after=_MOVING_SECONDS)
    return Device.stored(row[:-2])
