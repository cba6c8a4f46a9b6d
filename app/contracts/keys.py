"""The keys this desk signs with, given once at start-up; whoever starts the program keeps them in the key store."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from app.contracts.errors import SigningKeyMissing
from app.contracts.signing_keys import SigningKey, create_authority, create_dealer_key


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


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKeys:
    """Keys held in memory. `to_text` is a secret: it goes into the device's sealed secrets and nowhere else."""

    authority_key: SigningKey
    dealer_key: SigningKey
    further_roots: tuple[bytes, ...] = ()
    """Certificates of other desks' authorities, so that their contracts verify here."""

    @classmethod
    def create(cls, *, organisation: str, branch: str, now: datetime) -> Self:
        """A new authority and a seal key under it."""
        authority = create_authority(organisation=organisation, now=now)
        dealer = create_dealer_key(authority, organisation=organisation, branch=branch, now=now)
        return cls(authority_key=authority, dealer_key=dealer)

    def authority(self) -> SigningKey:
        """The authority."""
        return self.authority_key

    def dealer(self) -> SigningKey:
        """The seal's key."""
        return self.dealer_key

    def trusted_roots(self) -> Sequence[bytes]:
        """One's own authority and those one was given."""
        return (self.authority_key.certificate_pem, *self.further_roots)

    def to_text(self) -> str:
        """Everything as JSON text."""
        keys = {"authority": self.authority_key, "dealer": self.dealer_key}
        parts: dict[str, object] = {
            name: [key.certificate_pem.decode("ascii"), key.key_pem.decode("ascii")] for name, key in keys.items()
        }
        return json.dumps(parts | {"roots": [root.decode("ascii") for root in self.further_roots]})

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The keys back; raises SigningKeyMissing where the text is none of ours."""
        try:
            parts = json.loads(text)
            authority, dealer = (
                SigningKey(certificate_pem=certificate.encode("ascii"), key_pem=key.encode("ascii"))
                for certificate, key in (parts["authority"], parts["dealer"])
            )
            roots = tuple(root.encode("ascii") for root in parts["roots"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SigningKeyMissing() from error
        return cls(authority_key=authority, dealer_key=dealer, further_roots=roots)


_provider: list[SigningKeys] = []


def use_signing_keys(keys: SigningKeys | None) -> None:
    """Sign with these keys from now on; None takes them away. Called once at start-up."""
    _provider[:] = [] if keys is None else [keys]


def signing_keys() -> SigningKeys:
    """The keys given at start-up; raises SigningKeyMissing."""
    if not _provider:
        raise SigningKeyMissing()
    return _provider[0]


def known_roots() -> Sequence[bytes]:
    """What verification trusts at this desk; nothing on a desk without keys, where every signature is untrusted."""
    return _provider[0].trusted_roots() if _provider else ()
