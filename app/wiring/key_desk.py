"""What the page of signing keys asks of this desk: making keys, and taking one of a real authority."""

from typing import TYPE_CHECKING

from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Permission
from app.wiring.desk import Desk

if TYPE_CHECKING:
    from app.contracts.keys.intake import KeyUse
    from app.contracts.keys.signing_keys import SigningKey
    from app.wiring.signing import DeskKeys
    from ui.signing_keys.ports import BroughtKey


class KeyDesk:
    """`ui.signing_keys.ports.KeysPort` on a desk. Passwords and keys are in no log, no command and no error."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def make(self) -> None:
        """Make this desk's keys now instead of at the first signature. Raises PermissionDenied."""
        self._require_right()
        self._keys().authority()

    def take(self, brought: "BroughtKey") -> str:
        """Sign with this key from now on; gives the fingerprint of its certificate. Raises PermissionDenied and what
        `app.contracts.keys.intake.examine_key` raises."""
        from app.contracts.keys.errors import KeyAlreadyUsed
        from app.contracts.keys.intake import KeyUse, examine_key

        self._require_right()
        use = KeyUse(brought.use)
        key = examine_key(
            brought.content, passphrase=brought.passphrase, use=use, now=self._desk.clock.now(), name=brought.name,
            further=brought.further, further_name=brought.further_name,
        )  # fmt: skip
        keys = self._keys()
        if keys.are_made() and key.fingerprint() in (keys.authority().fingerprint(), keys.dealer().fingerprint()):
            raise KeyAlreadyUsed(field="file")
        keys.use(key)
        return self._note(key, use)

    def seal_with_own(self) -> str:
        """Seal with a key that this desk's authority certifies again; gives the fingerprint of its certificate.
        Raises PermissionDenied, and KeyAlreadyUsed where it is so already."""
        from app.contracts.keys.errors import KeyAlreadyUsed
        from app.contracts.keys.intake import KeyUse
        from app.contracts.keys.signing_keys import is_bought

        self._require_right()
        keys = self._keys()
        if not is_bought(keys.dealer(), keys.authority()):
            raise KeyAlreadyUsed()
        return self._note(keys.seal_with_own(now=self._desk.clock.now()), KeyUse.SEAL)

    def _note(self, key: "SigningKey", use: "KeyUse") -> str:
        from app.contracts.authorities.commands import NoteSigningKey
        from app.contracts.authorities.queries import certificate_row

        certificate, fingerprint = certificate_row(key.certificate_pem), key.fingerprint()
        self._desk.dispatcher.execute(
            NoteSigningKey(use=use.value, fingerprint=fingerprint, subject=certificate.subject,
                           ends_on=certificate.valid_until.date()),
            self._desk.actor,
        )  # fmt: skip
        return fingerprint

    def _keys(self) -> "DeskKeys":
        from app.contracts.keys.held_keys import signing_keys
        from app.wiring.signing import DeskKeys

        held = signing_keys()
        assert isinstance(held, DeskKeys)
        return held

    def _require_right(self) -> None:
        if not self._desk.actor.may(Permission.CONTRACTS_REVOKE):
            raise PermissionDenied(permission=Permission.CONTRACTS_REVOKE.value)
