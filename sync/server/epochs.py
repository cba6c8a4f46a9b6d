"""When a new epoch begins: somebody says that this database came from a backup, or a desk shows that it did.

What a desk shows is what this database has forgotten, so nothing here can prove it. A new epoch makes every desk of
the group show and read everything again: a faulty or hostile one that begins them one after the other would keep the
whole group at that. So desks may begin a few a day; beyond that a person at the centre has to look, and is told.
"""

import logging

from db.ids import new_id
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import EPOCHS_OF_DESK, EPOCHS_OF_GROUP
from sync.server.administration_log import Act, note
from sync.server.devices import Device, ensure_open
from sync.server.numbers import skip_ahead
from sync.server.refusals import Refusal
from sync.server.store import Connection, Store

_log = logging.getLogger(__name__)
_DAY = 24 * 3600 * 1_000_000
KEPT_DAYS = 90
_COLUMNS = ("tenant_id", "claim_id", "at", "device_id", "desk", "granted")


def start_epoch(store: Store, tenant: str) -> str:
    """Tell all desks that this database came from a backup: they send what it may lack, and read everything again."""
    with store.write() as connection:
        return _begin(store, connection, tenant)


def _begin(store: Store, connection: Connection, tenant: str) -> str:
    epoch = new_id()
    store.run(connection, "UPDATE tenant SET epoch = ? WHERE tenant_id = ?", (epoch, tenant))
    skip_ahead(store, connection, tenant=tenant)
    # Desks go on under new identities: they may take over what they had, and nobody else may.
    store.run(connection, "UPDATE vehicle_lease SET lease_id = '' WHERE tenant_id = ?", (tenant,))
    return epoch


def found_restored(store: Store, device: Device, *, epoch: str, now: int) -> str:
    """A desk says that this database had more in this very epoch: it came from a backup, and nobody told it.

    Every other desk has to hear of it, also those that would not notice: what was written here since stands in places
    they have read already. Gives the new epoch, which begins once, however many desks find it out. `now` in
    microseconds. Raises Refusal RESTORE_DOUBTED where this desk, or the group's desks together, found as many within a
    day as may be believed; that is told to headquarters once a day.
    """
    with store.read() as connection:  # whoever asks again and again costs no write
        present = _epoch(store, connection, device.tenant)
        doubted, told = _judged(store, connection, device, now=now)
    if present == epoch and doubted and told:
        raise _refusal(device)
    with store.write() as connection:
        ensure_open(store, connection, device.tenant)
        present = _epoch(store, connection, device.tenant, lock=store.lock)
        if present != epoch:
            return present
        doubted, told = _judged(store, connection, device, now=now)
        if not (doubted and told):
            _note(store, connection, device, granted=not doubted, now=now)
        if not doubted:
            return _begin(store, connection, device.tenant)
    raise _refusal(device)


def _epoch(store: Store, connection: Connection, tenant: str, *, lock: str = "") -> str:
    found = store.run(connection, f"SELECT epoch FROM tenant WHERE tenant_id = ?{lock}", (tenant,))
    return str(found.scalar())


def _refusal(device: Device) -> Refusal:
    _log.warning("%s says again that the database of %s came from a backup: not believed", device.id, device.tenant)
    return Refusal(ErrorCode.RESTORE_DOUBTED, desk=EPOCHS_OF_DESK, group=EPOCHS_OF_GROUP)


def _desk_of(device: Device) -> str:
    """A desk under whatever identity: it takes a new one with each epoch."""
    return f"{device.branch_id}/{device.desk_code}"


def _judged(store: Store, connection: Connection, device: Device, *, now: int) -> tuple[bool, bool]:
    """Whether so many epochs were begun by this desk, or by all, that one more is not believed; and whether
    headquarters were told so of this desk, both within a day."""
    rows = store.run(
        connection, "SELECT desk, granted FROM restore_claim WHERE tenant_id = ? AND at > ? AND at <= ?",
        (device.tenant, now - _DAY, now + _DAY),  # the clocks of several instances differ a little
    ).fetchall()  # fmt: skip
    own = _desk_of(device)
    begun = [desk for desk, granted in rows if granted]
    doubted = begun.count(own) >= EPOCHS_OF_DESK or len(begun) >= EPOCHS_OF_GROUP
    return doubted, any(desk == own and not granted for desk, granted in rows)


def _note(store: Store, connection: Connection, device: Device, *, granted: bool, now: int) -> None:
    _log.warning(
        "the database of %s came from a backup and nobody said so: %s knows; %s", device.tenant, device.id,
        "a new epoch begins" if granted else "too many of these in a day: not believed",
    )  # fmt: skip
    store.run(
        connection, "DELETE FROM restore_claim WHERE tenant_id = ? AND at < ?", (device.tenant, now - KEPT_DAYS * _DAY)
    )
    store.insert_many(
        connection, "restore_claim", _COLUMNS,
        [(device.tenant, new_id(), now, device.id, _desk_of(device), int(granted))],
    )  # fmt: skip
    name = f"{device.branch_code}-{device.desk_code}"
    act = Act(tenant=device.tenant, who=name, at=now)
    note(store, connection, act, "restore_found" if granted else "restore_doubted", device.id, desk=name)
