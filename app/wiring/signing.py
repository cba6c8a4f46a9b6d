"""Where this desk's signing keys come from: the device's sealed secrets, made at the first signature."""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.runtime.device_secrets import read_device_secret, store_device_secret

if TYPE_CHECKING:
    from app.contracts.keys.signing_keys import SigningKey
    from app.wiring.desk import Desk

SECRET_NAME = "signing_keys"
UNNAMED_HOUSE = "Forecourt"


class DeskKeys:
    """`app.contracts.keys.held_keys.SigningKeys` of one desk; safe to ask from any thread."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._keys: HeldKeys | None = None
        self._lock = threading.Lock()

    def are_made(self) -> bool:
        """Whether this desk has keys already; asking makes none."""
        return self._keys is not None or signing_keys_are_there(self._desk)

    def authority(self) -> "SigningKey":
        """The desk's authority."""
        return self._held().authority()

    def dealer(self) -> "SigningKey":
        """The key of the dealer's seal."""
        return self._held().dealer()

    def trusted_roots(self) -> Sequence[bytes]:
        """This desk's own root and those the other desks of the group have made known."""
        return tuple(dict.fromkeys([*self._held().trusted_roots(), *self._published()]))

    def renew_dealer(self, *, now: datetime) -> "SigningKey":
        """Another key for the seal, kept from now on. Raises SigningKeyUnusable."""
        held = self._held()
        with self._lock:
            self._keep(held.renewed(now=now))
            assert self._keys is not None
            return self._keys.dealer()

    def seal_with_own(self, *, now: datetime) -> "SigningKey":
        """Seal with a key that this desk's authority certifies, in place of a bought one, which is forgotten."""
        held = self._held()
        with self._lock:
            self._keep(held.sealed_anew(now=now))
            assert self._keys is not None
            return self._keys.dealer()

    def take(self, container: bytes, *, passphrase: bytes) -> str:
        """Sign with a key from a real authority's PKCS#12 from now on; gives the fingerprint of its certificate.

        One that may certify takes the place of the desk's authority, any other that of the seal's key. Raises
        SigningKeyUnusable for a wrong passphrase, or a key that cannot be used.
        """
        from app.contracts.keys.signing_keys import from_pkcs12

        return self.use(from_pkcs12(container, passphrase=passphrase))

    def use(self, key: "SigningKey") -> str:
        """Sign with a key that was looked at; see `take`."""
        held = self._held()
        with self._lock:
            keys = held.with_key(key, now=self._desk.clock.now())
            self._keep(keys)
        self._publish(keys.authority_key.certificate_pem, keys)
        if keys.seal_root() != keys.authority_key.certificate_pem:
            self._publish(keys.seal_root(), keys)
        return key.fingerprint()

    def _keep(self, keys: HeldKeys) -> None:
        store_device_secret(self._desk.profile, self._desk.key, name=SECRET_NAME, value=keys.to_text())
        self._keys = keys

    def _published(self) -> list[bytes]:
        from sqlalchemy import select

        from db.models.contracts import SigningAuthority

        with self._desk.database.read() as session:
            known = session.scalars(
                select(SigningAuthority.certificate_pem).where(SigningAuthority.deleted_at.is_(None))
            )
            return [pem.encode("ascii") for pem in known]

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
        self._publish(keys.authority_key.certificate_pem, keys)
        return keys

    def _publish(self, certificate_pem: bytes, keys: HeldKeys) -> None:
        """Let the other desks of the group check what this one signs; the certificate travels as a record does, with
        the first list of what it revoked, where it is this desk's own."""
        from sqlalchemy import select

        from app.contracts.keys.revocation import new_list
        from app.contracts.keys.signing_keys import fingerprint_of
        from db.capture import Author
        from db.models.contracts import SigningAuthority

        actor, now = self._desk.actor, self._desk.clock.now()
        author, fingerprint = Author(actor.staff_id, actor.branch_id, actor.desk_code), fingerprint_of(certificate_pem)
        own = certificate_pem == keys.authority_key.certificate_pem
        with self._desk.database.transaction(now=now, author=author) as transaction:
            known = select(SigningAuthority.id).where(SigningAuthority.fingerprint == fingerprint)
            if transaction.session.scalars(known.limit(1)).first() is not None:
                return
            transaction.session.add(
                SigningAuthority(
                    branch_id=actor.branch_id,
                    desk_code=actor.desk_code,
                    fingerprint=fingerprint,
                    certificate_pem=certificate_pem.decode("ascii"),
                    revocation_list=new_list(keys.authority_key, (), now=now).decode("ascii") if own else "",
                )
            )
            transaction.commit(name="PublishSigningAuthority")

    def _house(self) -> tuple[str, str]:
        from db.models.desk import DeskState
        from db.models.staff import Branch

        with self._desk.database.read() as session:
            state = session.get(DeskState, 1)
            branch = session.get(Branch, state.branch_id) if state is not None and state.branch_id else None
        if branch is None:
            return UNNAMED_HOUSE, ""
        return branch.company_zh or branch.name_zh or UNNAMED_HOUSE, branch.name_zh or branch.code


def signing_keys_are_there(desk: "Desk") -> bool:
    """Whether this desk has keys already; asking makes none."""
    return read_device_secret(desk.profile, desk.key, name=SECRET_NAME) is not None


def give_signing_keys(desk: "Desk") -> None:
    """Contracts of this process are signed with this desk's keys."""
    use_signing_keys(DeskKeys(desk))
