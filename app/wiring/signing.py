"""Where this desk's signing keys come from: the device's sealed secrets, made at the first signature."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.contracts.keys import HeldKeys, use_signing_keys
from app.runtime.device_secrets import read_device_secret, store_device_secret

if TYPE_CHECKING:
    from app.contracts.signing_keys import SigningKey
    from app.wiring.desk import Desk

SECRET_NAME = "signing_keys"
UNNAMED_HOUSE = "Forecourt"


class DeskKeys:
    """`app.contracts.keys.SigningKeys` of one desk; safe to ask from any thread."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._keys: HeldKeys | None = None
        self._lock = threading.Lock()

    def authority(self) -> "SigningKey":
        """The desk's authority."""
        return self._held().authority()

    def dealer(self) -> "SigningKey":
        """The key of the dealer's seal."""
        return self._held().dealer()

    def trusted_roots(self) -> Sequence[bytes]:
        """What verification trusts here."""
        return self._held().trusted_roots()

    def _held(self) -> HeldKeys:
        with self._lock:
            if self._keys is None:
                self._keys = self._stored() or self._made()
            return self._keys

    def _stored(self) -> HeldKeys | None:
        text = read_device_secret(self._desk.profile, self._desk.key, name=SECRET_NAME)
        return None if text is None else HeldKeys.from_text(text)

    def _made(self) -> HeldKeys:
        organisation, branch = self._house()
        keys = HeldKeys.create(organisation=organisation, branch=branch, now=self._desk.clock.now())
        store_device_secret(self._desk.profile, self._desk.key, name=SECRET_NAME, value=keys.to_text())
        return keys

    def _house(self) -> tuple[str, str]:
        from db.models.desk import DeskState
        from db.models.staff import Branch

        with self._desk.database.read() as session:
            state = session.get(DeskState, 1)
            branch = session.get(Branch, state.branch_id) if state is not None and state.branch_id else None
        if branch is None:
            return UNNAMED_HOUSE, ""
        return branch.company_zh or branch.name_zh or UNNAMED_HOUSE, branch.name_zh or branch.code


def give_signing_keys(desk: "Desk") -> None:
    """Contracts of this process are signed with this desk's keys."""
    use_signing_keys(DeskKeys(desk))
