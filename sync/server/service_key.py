"""The service's own key: seals what has to be read again (second factors) and what passes through a browser.

It stands apart from the database, so that a stolen database or backup gives away no second factor. All instances on
one database need the same key: `FORECOURT_SERVICE_KEY`, or the file that `FORECOURT_SERVICE_KEY_FILE` names, else
`service.key` in the data folder, made at the first start. Several keys, one a line, may be given: the first seals, all
open, so that a key can be replaced step by step.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

VARIABLE, FILE_VARIABLE = "FORECOURT_SERVICE_KEY", "FORECOURT_SERVICE_KEY_FILE"
FILE_NAME = "service.key"


class ServiceKeyProblem(ValueError):
    """The key cannot be used; the text says what to do, for whoever runs the service."""


class WrongServiceKey(RuntimeError):
    """Something was sealed under another key."""

    def __init__(self) -> None:
        super().__init__(
            "the service's key does not open what another key sealed: every instance needs the same"
            f" {VARIABLE} (or {FILE_NAME}); a lost key means that all second factors have to be set up anew"
        )


class ServiceKey:
    """Seals and opens short texts (Fernet: AES-128-CBC with HMAC-SHA-256)."""

    def __init__(self, text: str) -> None:
        try:
            self._keys = MultiFernet([Fernet(key) for key in text.replace(",", " ").split()])
        except ValueError as error:
            raise ServiceKeyProblem(
                f"the service's key is not 32 bytes in URL-safe base64; look at {VARIABLE} or {FILE_NAME}"
            ) from error

    def seal(self, text: str) -> str:
        """The text, unreadable and unchangeable."""
        return self._keys.encrypt(text.encode("utf-8")).decode("ascii")

    def open(self, sealed: str) -> str:
        """What was sealed. Raises WrongServiceKey."""
        try:
            return self._keys.decrypt(sealed.encode("ascii", "replace")).decode("utf-8")
        except InvalidToken as error:
            raise WrongServiceKey() from error

    def open_young(self, sealed: str, *, seconds: int) -> str | None:
        """What was sealed at most so many seconds ago; None for anything else."""
        try:
            return self._keys.decrypt(sealed.encode("ascii", "replace"), ttl=seconds).decode("utf-8")
        except (InvalidToken, UnicodeDecodeError):
            return None


def passing_key() -> ServiceKey:
    """A key of this process alone, for a service nobody signs in at for longer."""
    return ServiceKey(Fernet.generate_key().decode("ascii"))


def open_service_key(data: Path, *, environment: Mapping[str, str] = os.environ) -> ServiceKey:
    """The key from the environment or a file; made where there is none yet. Raises ServiceKeyProblem or OSError."""
    told = environment.get(VARIABLE, "").strip()
    if told:
        return ServiceKey(told)
    named = environment.get(FILE_VARIABLE, "").strip()
    path = Path(named) if named else data / FILE_NAME
    if not named:
        _make(path)
    text = path.read_text(encoding="ascii").strip()
    if not text:
        raise ServiceKeyProblem(f"{path} is empty: put the service's key there, or remove the file")
    return ServiceKey(text)


def _make(path: Path) -> None:
    """A new key, unless one is there. Whole or not at all: several workers start at once and read it."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}-{time.monotonic_ns()}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, Fernet.generate_key() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        if not path.exists():
            os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
