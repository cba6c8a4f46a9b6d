"""The keys the heads of the log are signed with: Ed25519, one in use a group, the private half sealed.

A key is replaced by one that the key before signs, so that desks follow. A key nobody can open any more (the service's
own key was lost) can only be replaced without that: every desk then says that the key changed, until people there
accept it.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.protocol.document_log import KeyRenewal, LogHead, head_bytes, key_id_of
from sync.server.document_log import LogState, open_log, read_state
from sync.server.service_key import ServiceKey, WrongServiceKey
from sync.server.store import Connection, Store

_COLUMNS = ("tenant_id", "n", "public_key", "sealed_key", "signature", "made_at")


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The public keys of a log in their order, the last one in use, and its sealed private half."""

    public: tuple[str, ...]
    signatures: tuple[str, ...]
    sealed: str

    @property
    def current(self) -> str:
        return self.public[-1]

    def renewals(self, log: str) -> list[KeyRenewal]:
        """How each key follows the one before; where one was lost there is nothing to show."""
        steps = zip(self.public, self.public[1:], self.signatures[1:], strict=False)
        return [
            KeyRenewal(log=log, previous=before, public_key=after, signature=signature)
            for before, after, signature in steps if signature
        ]  # fmt: skip


def read_keys(store: Store, connection: Connection, tenant: str) -> LogKeys | None:
    """None where there is none yet."""
    rows = store.run(
        connection,
        "SELECT public_key, signature, sealed_key FROM document_log_key WHERE tenant_id = ? ORDER BY n", (tenant,),
    ).fetchall()  # fmt: skip
    if not rows:
        return None
    return LogKeys(tuple(row[0] for row in rows), tuple(row[1] for row in rows), str(rows[-1][2]))


def ensure_keys(store: Store, connection: Connection, key: ServiceKey, *, tenant: str, now: int) -> LogKeys:
    """The keys; the first one is made where there is none. Locks the log."""
    open_log(store, connection, tenant)
    keys = read_keys(store, connection, tenant)
    if keys is None:
        _add(store, connection, key, tenant=tenant, n=1, made=Ed25519PrivateKey.generate(), signature="", now=now)
        keys = read_keys(store, connection, tenant)
    assert keys is not None
    return keys


def renew_key(
    store: Store, connection: Connection, key: ServiceKey, *, tenant: str, now: int, lost: bool = False
) -> LogKeys:  # fmt: skip
    """Put a new key in the place of the present one, which signs it. Raises WrongServiceKey where the present one
    cannot be opened, unless it is said to be `lost`: then nothing says that the new one follows."""
    keys = ensure_keys(store, connection, key, tenant=tenant, now=now)
    state = read_state(store, connection, tenant)
    assert state is not None
    made = Ed25519PrivateKey.generate()
    renewal = KeyRenewal(log=state.log, previous=keys.current, public_key=public_of(made), signature="")
    signature = "" if lost else _open(key, keys).sign(renewal.signed_bytes()).hex()
    n = len(keys.public) + 1
    _add(store, connection, key, tenant=tenant, n=n, made=made, signature=signature, now=now)
    renewed = read_keys(store, connection, tenant)
    assert renewed is not None
    return renewed


def sign_head(key: ServiceKey, keys: LogKeys, state: LogState, *, root: str, at: int) -> LogHead:
    """A signed head. Raises WrongServiceKey."""
    data = head_bytes(log=state.log, epoch=state.epoch, size=state.size, root=root, at=at)
    return LogHead(
        log=state.log, epoch=state.epoch, size=state.size, root=root, at=at, key_id=key_id_of(keys.current),
        signature=_open(key, keys).sign(data).hex(),
    )  # fmt: skip


def public_of(private: Ed25519PrivateKey) -> str:
    """The public half, in hex."""
    return private.public_key().public_bytes_raw().hex()


def _open(key: ServiceKey, keys: LogKeys) -> Ed25519PrivateKey:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key.open(keys.sealed)))
    if public_of(private) != keys.current:
        raise WrongServiceKey
    return private


def _add(
    store: Store, connection: Connection, key: ServiceKey, *, tenant: str, n: int, made: Ed25519PrivateKey,
    signature: str, now: int,
) -> None:  # fmt: skip
    sealed = key.seal(made.private_bytes_raw().hex())
    store.insert_many(
        connection, "document_log_key", _COLUMNS, [(tenant, n, public_of(made), sealed, signature, now)]
    )  # fmt: skip
