"""Who this desk is to the service, and where that is kept."""

import json
from dataclasses import asdict, dataclass
from typing import Protocol

from app.runtime.device_secrets import forget_device_secret, read_device_secret, store_device_secret
from app.runtime.paths import Profile

_SECRET = "service-credentials"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The desk's name at the service and its key; the key opens everything, so it never appears in a log."""

    tenant: str
    device_id: str
    key: str

    def __repr__(self) -> str:
        return f"Credentials({self.tenant!r}, {self.device_id!r}, …)"


class CredentialStore(Protocol):
    """Keeps one desk's credentials."""

    def load(self) -> Credentials | None: ...

    def save(self, credentials: Credentials) -> None: ...

    def forget(self) -> None: ...


class SealedCredentials:
    """Kept in the profile, sealed under the key of the desk's database."""

    def __init__(self, profile: Profile, database_key: bytes) -> None:
        self._profile, self._key = profile, database_key

    def load(self) -> Credentials | None:
        """None where the desk is not enrolled, or the secret belongs to another database."""
        stored = read_device_secret(self._profile, self._key, name=_SECRET)
        if stored is None:
            return None
        try:
            return Credentials(**json.loads(stored))
        except (ValueError, TypeError):
            return None

    def save(self, credentials: Credentials) -> None:
        store_device_secret(self._profile, self._key, name=_SECRET, value=json.dumps(asdict(credentials)))

    def forget(self) -> None:
        forget_device_secret(self._profile, name=_SECRET)


class KeptCredentials:
    """Kept in memory: for tests and for tools that enrol for one run."""

    def __init__(self, credentials: Credentials | None = None) -> None:
        self._credentials = credentials

    def load(self) -> Credentials | None:
        return self._credentials

    def save(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def forget(self) -> None:
        self._credentials = None
