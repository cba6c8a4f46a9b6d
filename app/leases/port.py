"""What pages ask for when vehicles are to be secured. `app.wiring` implements it; every call waits for the centre."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Secured:
    """What became of a wish: until when each vehicle is secured, by VIN, and why the others are not (code, detail)."""

    until: Mapping[str, datetime] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)


class LeasePort(Protocol):
    """Called on a worker thread."""

    def secure(self, vins: Sequence[str], hours: int) -> Secured:
        """Exchange first, so that the centre knows what this desk knows; then secure these vehicles, or for longer.

        Raises PermissionDenied, or a SyncProblem where there is no centre or it does not answer.
        """

    def give_back(self, vins: Sequence[str]) -> bool:
        """Count on these leases no longer; tells whether the centre has heard of it. It will at the next contact.

        Raises PermissionDenied.
        """
