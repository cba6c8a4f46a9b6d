"""The operating system's key store, and nothing that only looks like one."""

from typing import TYPE_CHECKING

from app.runtime.errors import KeyringUnavailable
from app.runtime.language import tr

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE_NAME = "Forecourt"
# Plain text or next to it (keyrings.alt), no store at all (null, fail): a database key must not go there.
_NONE_AT_ALL = ("keyring.backends.null", "keyring.backends.fail", "keyring.backends.chainer")
_REFUSED = ("keyrings.alt", *_NONE_AT_ALL)


def find_backend() -> "KeyringBackend":
    """The key store in use. Raises KeyringUnavailable with the reason; imports keyring (about 50 ms)."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    try:
        chosen = keyring.get_keyring()
        candidates = list(chosen.backends) if isinstance(chosen, ChainerBackend) else [chosen]
    except Exception as error:
        # A configured backend that does not import, a session bus that is gone: all mean the same here.
        raise KeyringUnavailable(reason=f"{type(error).__name__}: {error}") from error
    for backend in candidates:
        if not type(backend).__module__.startswith(_REFUSED):
            return backend
    refused = {type(backend).__module__ for backend in candidates}
    if refused <= set(_NONE_AT_ALL):
        raise KeyringUnavailable(reason=tr("no key store is running"))
    raise KeyringUnavailable(reason=tr("{store} is not safe enough", store=", ".join(sorted(refused))))


def put(account: str, value: str) -> None:
    """Store `value` and read it back. Raises KeyringUnavailable when the store is absent, locked or forgetful."""
    backend = find_backend()
    try:
        backend.set_password(SERVICE_NAME, account, value)
        kept = backend.get_password(SERVICE_NAME, account)
    except Exception as error:
        raise KeyringUnavailable(reason=f"{type(error).__name__}: {error}") from error
    if kept != value:
        raise KeyringUnavailable(reason=tr("{store} did not keep it", store=type(backend).__module__))


def get(account: str) -> str | None:
    """The stored value, None if there is none. Raises KeyringUnavailable when the store is absent or locked."""
    backend = find_backend()
    try:
        return backend.get_password(SERVICE_NAME, account)
    except Exception as error:
        raise KeyringUnavailable(reason=f"{type(error).__name__}: {error}") from error


def remove(account: str) -> None:
    """Forget the value; nothing happens if there is none. Raises KeyringUnavailable when locked or absent."""
    from keyring.errors import PasswordDeleteError

    backend = find_backend()
    try:
        backend.delete_password(SERVICE_NAME, account)
    except PasswordDeleteError:
        return
    except Exception as error:
        raise KeyringUnavailable(reason=f"{type(error).__name__}: {error}") from error
