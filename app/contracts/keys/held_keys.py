"""The keys this desk signs with, given once at start-up; whoever starts the program keeps them in the key store."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, Self

from cryptography.x509.oid import NameOID

from app.contracts.errors import SigningKeyMissing
from app.contracts.keys.errors import SigningKeyUnusable
from app.contracts.keys.signing_keys import (
    SigningKey,
    certificate_of,
    certifies,
    check_key,
    create_authority,
    create_dealer_key,
)


class SigningKeys(Protocol):
    """Where signing takes its keys from. Implementations may ask a key store; they are called from any thread."""

    def authority(self) -> SigningKey:
        """Certifies the one-off keys of handwritten signatures."""
        ...

    def dealer(self) -> SigningKey:
        """The key of the dealer's electronic seal."""
        ...

    def trusted_roots(self) -> Sequence[bytes]:
        """Root certificates (PEM) that verification trusts."""
        ...

    def are_made(self) -> bool:
        """Whether there are keys already; asking makes none."""
        ...

    def renew_dealer(self, *, now: datetime) -> SigningKey:
        """Another key for the seal, after the present one was revoked or nears its end; kept from now on.

        Raises SigningKeyUnusable where the present one came from a real authority: only that can give another.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKeys:
    """Keys held in memory. `to_text` is a secret: it goes into the device's sealed secrets and nowhere else."""

    authority_key: SigningKey
    dealer_key: SigningKey
    further_roots: tuple[bytes, ...] = ()
    """Certificates of other desks' authorities, so that their contracts verify here."""
    organisation: str = ""
    branch: str = ""
    """Whose seal it is, as its certificate says."""

    @classmethod
    def create(cls, *, organisation: str, branch: str, now: datetime) -> Self:
        """A new authority and a seal key under it."""
        authority = create_authority(organisation=organisation, now=now)
        dealer = create_dealer_key(authority, organisation=organisation, branch=branch, now=now)
        return cls(authority_key=authority, dealer_key=dealer, organisation=organisation, branch=branch)

    def are_made(self) -> bool:
        """They are."""
        return True

    def authority(self) -> SigningKey:
        """The authority."""
        return self.authority_key

    def dealer(self) -> SigningKey:
        """The seal's key."""
        return self.dealer_key

    def trusted_roots(self) -> Sequence[bytes]:
        """One's own authority, that of the seal's key, and those one was given."""
        return tuple(dict.fromkeys((self.authority_key.certificate_pem, self.seal_root(), *self.further_roots)))

    def seal_root(self) -> bytes:
        """What the seal's certificate is traced to: the desk's authority, or the top of a real authority's chain."""
        chain = self.dealer_key.chain
        own = self.authority_key.certificate_pem
        return own if not chain or own in chain else chain[-1]

    def renewed(self, *, now: datetime) -> Self:
        """The same with another key of the seal. Raises SigningKeyUnusable, see `SigningKeys.renew_dealer`."""
        if self.seal_root() != self.authority_key.certificate_pem:
            raise SigningKeyUnusable()
        return self.sealed_anew(now=now)

    def renew_dealer(self, *, now: datetime) -> SigningKey:
        """A further key of the seal; the keys themselves stay as they are."""
        return self.renewed(now=now).dealer_key

    def with_key(self, key: SigningKey, *, now: datetime) -> Self:
        """The same with a key from a real authority: in place of the desk's own authority where it may certify, else
        in place of the seal's key. Raises SigningKeyUnusable."""
        if certifies(key):
            check_key(key, authority_pem=key.chain[0] if key.chain else key.certificate_pem, now=now)
            return replace(self, authority_key=key, dealer_key=key).sealed_anew(now=now)
        if not key.chain:
            raise SigningKeyUnusable()
        check_key(key, authority_pem=key.chain[0], now=now)
        return replace(self, dealer_key=key)

    def sealed_anew(self, *, now: datetime) -> Self:
        """The same with a seal's key from the present authority."""
        dealer = create_dealer_key(
            self.authority_key, organisation=self.organisation or _organisation_of(self.dealer_key),
            branch=self.branch, now=now,
        )  # fmt: skip
        return replace(self, dealer_key=dealer)

    def to_text(self) -> str:
        """Everything as JSON text."""
        keys = {"authority": self.authority_key, "dealer": self.dealer_key}
        parts: dict[str, object] = {name: _spelled(key) for name, key in keys.items()}
        told = {"organisation": self.organisation, "branch": self.branch}
        return json.dumps(parts | told | {"roots": [root.decode("ascii") for root in self.further_roots]})

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The keys back; raises SigningKeyMissing where the text is none of ours."""
        try:
            parts = json.loads(text)
            authority, dealer = (_read(parts[name]) for name in ("authority", "dealer"))
            roots = tuple(root.encode("ascii") for root in parts["roots"])
            names = {name: str(parts.get(name, "")) for name in ("organisation", "branch")}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SigningKeyMissing() from error
        return cls(authority_key=authority, dealer_key=dealer, further_roots=roots, **names)


def _spelled(key: SigningKey) -> list[str]:
    """Certificate, key, and the certificates above."""
    return [part.decode("ascii") for part in (key.certificate_pem, key.key_pem, *key.chain)]


def _read(parts: list[str]) -> SigningKey:
    certificate, key, *chain = (part.encode("ascii") for part in parts)
    return SigningKey(certificate_pem=certificate, key_pem=key, chain=tuple(chain))


def _organisation_of(key: SigningKey) -> str:
    names = certificate_of(key.certificate_pem).subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(names[0].value) if names else ""


_provider: list[SigningKeys] = []


def use_signing_keys(keys: SigningKeys | None) -> None:
    """Sign with these keys from now on; None takes them away. Called once at start-up."""
    _provider[:] = [] if keys is None else [keys]


def signing_keys() -> SigningKeys:
    """The keys given at start-up; raises SigningKeyMissing."""
    if not _provider:
        raise SigningKeyMissing()
    return _provider[0]


def keys_are_made() -> bool:
    """Whether this desk has keys already; asking makes none."""
    return bool(_provider) and _provider[0].are_made()


def known_roots() -> Sequence[bytes]:
    """What verification trusts at this desk; nothing on a desk without keys, where every signature is untrusted."""
    return _provider[0].trusted_roots() if _provider else ()
