"""Securing vehicles for this desk at the centre, as pages ask for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Permission
from app.leases.port import Secured
from app.wiring.desk import Desk

if TYPE_CHECKING:
    from sync.client.leases import LeaseKeeper


class Link(Protocol):
    """The part of the link to the centre that is needed here."""

    def exchange(self) -> None:
        """Exchange on the caller's thread. Raises SyncProblem."""

    def leases(self) -> "LeaseKeeper":
        """Raises NotEnrolled where no service is set up."""


class VehicleLeases:
    """`app.leases.port.LeasePort`. Every call is made on a worker thread."""

    def __init__(self, desk: Desk, link: Link) -> None:
        self._desk, self._link = desk, link

    def secure(self, vins: Sequence[str], hours: int) -> Secured:
        """See `LeasePort`."""
        self._require_right()
        keeper = self._link.leases()
        self._link.exchange()
        answer = keeper.secure(vins, hours=hours, by=self._desk.actor.staff_id)
        return Secured(answer.until, answer.refused)

    def give_back(self, vins: Sequence[str]) -> bool:
        """See `LeasePort`."""
        from sync.client.errors import SyncProblem

        self._require_right()
        keeper = self._link.leases()
        keeper.give_back(vins)
        try:
            keeper.keep()
        except SyncProblem:
            return False
        return True

    def _require_right(self) -> None:
        if not self._desk.actor.may(Permission.INVENTORY_SECURE):
            raise PermissionDenied(permission=Permission.INVENTORY_SECURE.value)
