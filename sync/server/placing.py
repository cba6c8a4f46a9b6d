"""Where a request gets its database: by the group it speaks for, before anything of the group is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sync.protocol.codes import ErrorCode
from sync.server.databases import Stores
from sync.server.devices import DEFAULT_TENANT
from sync.server.refusals import Refusal
from sync.server.store import Store

_SOON_SECONDS = 1


@contextmanager
def placed(stores: Stores, tenant: str) -> Iterator[Store]:
    """The group's database. What is refused there because the group is elsewhere by now becomes BUSY: try again."""
    try:
        yield stores.of(tenant)
    except Refusal as refusal:
        if stores.look_again(tenant):
            raise Refusal(ErrorCode.BUSY, retry_after=_SOON_SECONDS) from refusal
        raise


def tenant_of(caller: Any) -> str:
    """The group somebody who has shown who they are speaks for; the usual one for nobody."""
    return str(getattr(caller, "tenant", DEFAULT_TENANT))
