"""Which branches a desk reads and writes, and to which one it belongs: changed while desks are at work.

A desk learns of it with its next page: `cursors` names all scopes it has by then. A scope that is new there is read
from the start, a scope that is missing there is taken off the desk. What the desk had not sent of such a scope is
refused operation by operation, and stays visible there.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from db.base import GROUP_SCOPE
from sync.server.desk_names import note_named
from sync.server.devices import ALL_SCOPES, Device, branch_ids, ensure_open, find_device
from sync.server.leases import end_leases_of
from sync.server.store import Connection, Store

_log = logging.getLogger(__name__)


class ScopesRefused(ValueError):
    """A desk cannot get these scopes. The text says why, for whoever runs the service."""


class NoSuchDesk(ScopesRefused):
    """The group has no desk of this id."""


class NoSuchBranch(ScopesRefused):
    """Branches the centre does not know. `unknown` names them."""

    def __init__(self, unknown: list[str], known: list[str]) -> None:
        super().__init__(
            f"no branch {', '.join(unknown)} has reached the centre yet; known: {', '.join(known) or 'none'}"
        )
        self.unknown = unknown


class DeskCodeTaken(ScopesRefused):
    """Another desk of the branch has this code: their documents would get the same numbers."""


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What became different: branch ids. `scopes` is the sorted list the desk has now, or `"*"`."""

    device: Device
    gained: frozenset[str]
    lost: frozenset[str]

    @property
    def scopes(self) -> Any:
        return ALL_SCOPES if self.device.scopes is None else sorted(self.device.scopes)


def change_scopes(
    store: Store, tenant: str, device_id: str, scopes: Iterable[str] | str, *, now: int, branch: str = "",
    desk_code: str = "",
) -> ScopeChange:  # fmt: skip
    """Give a desk these branches besides `group` and its own: codes or ids, or `"*"` for all.

    With `branch` (a code or an id) the desk belongs to that branch from now on, as `desk_code` where one is given; the
    branch it came from is its no more unless it is named, and its leases end. `now` in microseconds. Raises NoSuchDesk,
    NoSuchBranch or DeskCodeTaken.
    """
    with store.write() as connection:
        ensure_open(store, connection, tenant)
        device = find_device(store, connection, tenant, device_id, lock=True)
        if device is None:
            raise NoSuchDesk(f"no desk {device_id}")
        codes = branch_ids(store, connection, tenant)
        before, came_from = _readable(store, connection, device), device.branch_id
        if branch or desk_code:
            _move(store, connection, device, codes, branch=branch, desk_code=desk_code)
        if device.branch_id != came_from:  # the vehicles stay with their branch, and so may its other desks sell them
            end_leases_of(store, connection, tenant, device_id, now=now)
        device.scopes = None
        if scopes != ALL_SCOPES:
            device.scopes = frozenset({GROUP_SCOPE, device.branch_id, *_ids_of(scopes, codes)})
        _write(store, connection, device, is_renamed=bool(branch or desk_code))
        after = _readable(store, connection, device)
    gained, lost = frozenset(after - before), frozenset(before - after)
    _log.info("desk %s: scopes gained %s, lost %s, at %s", device_id, sorted(gained), sorted(lost), now)
    return ScopeChange(device, gained=gained, lost=lost)


def _readable(store: Store, connection: Connection, device: Device) -> set[str]:
    """The scopes a desk reads, of those that have a feed or are branches."""
    rows = store.run(connection, "SELECT scope FROM sync_scope WHERE tenant_id = ?", (device.tenant,))
    known = {row[0] for row in rows.fetchall()} | set(branch_ids(store, connection, device.tenant).values())
    return {scope for scope in known if device.may_use(scope)}


def _ids_of(named: Iterable[str], codes: dict[str, str]) -> list[str]:
    """Ids of branches named by code or id."""
    ids = set(codes.values()) | {GROUP_SCOPE}
    listed = [str(name) for name in named]
    unknown = sorted(name for name in listed if name not in codes and name not in ids)
    if unknown:
        raise NoSuchBranch(unknown, sorted(codes))
    return [codes.get(name, name) for name in listed]


def _move(
    store: Store, connection: Connection, device: Device, codes: dict[str, str], *, branch: str, desk_code: str
) -> None:  # fmt: skip
    """Make it a desk of this branch, under a code that no other desk there has."""
    branch_id = _ids_of([branch], codes)[0] if branch else device.branch_id
    if branch_id == GROUP_SCOPE:
        raise NoSuchBranch([branch], sorted(codes))
    taken = store.run(
        connection,
        "SELECT 1 FROM device WHERE tenant_id = ? AND branch_id = ? AND desk_code = ? AND device_id <> ?"
        " AND revoked_at IS NULL AND device_id <> ? AND replaces <> ? LIMIT 1",
        (device.tenant, branch_id, desk_code or device.desk_code, device.id, device.replaces, device.id),
    ).first()
    shown = next((code for code, known in codes.items() if known == branch_id), device.branch_code)
    if taken is not None:
        raise DeskCodeTaken(f"{shown} has a desk {desk_code or device.desk_code} already; give this one another code")
    device.branch_id, device.branch_code = branch_id, shown
    device.desk_code = desk_code or device.desk_code


def _write(store: Store, connection: Connection, device: Device, *, is_renamed: bool) -> None:
    listed: Any = ALL_SCOPES if device.scopes is None else sorted(device.scopes)
    store.run(
        connection,
        "UPDATE device SET scopes = ?, branch_id = ?, branch_code = ?, desk_code = ? WHERE tenant_id = ?"
        " AND device_id = ?",
        (json.dumps(listed), device.branch_id, device.branch_code, device.desk_code, device.tenant, device.id),
    )
    if is_renamed:
        note_named(store, connection, device.tenant, device.id)
    store.insert_missing(
        connection, "sync_scope", ("tenant_id", "scope", "head", "min_seq"), [(device.tenant, device.branch_id, 0, 0)]
    )
    # How far it had read what it reads no more holds up no compaction, and means nothing when it comes back.
    known = [] if device.scopes is None else sorted(device.scopes)
    if known:
        store.run(
            connection,
            "DELETE FROM device_cursor WHERE tenant_id = ? AND device_id = ? AND NOT " + f"({store.any_of('scope')})",
            (device.tenant, device.id, store.listed(known)),
        )
