"""The log of one desk: turned over by size, without personal data, every line with its request.

Logs leave the computer in bug reports, so what identifies a person is masked while a line is formatted, tracebacks
included: identity card, phone and bank card numbers, keys and recovery codes.
"""

import contextvars
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.runtime.atomic_file import environment_problem
from app.runtime.paths import Profile

LOG_NAME = "forecourt.log"
_LARGEST_FILE = 2 * 1024 * 1024
_OLDER_FILES = 5
_LONGEST_LINE = 20_000
_FORMAT = "%(asctime)s %(levelname)s %(request)s %(threadName)s %(name)s: %(message)s"

_request: contextvars.ContextVar[str] = contextvars.ContextVar("forecourt_request", default="-")

# No letter or digit on either side: record ids are 32 hexadecimal digits and stay readable.
_ALONE = (r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])")
_RECOVERY_CODE = re.compile(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){5}\b")
_KEY = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{64}(?![0-9A-Fa-f])")
_NAMED_SECRET = re.compile(
    r"(?i)\b(passphrase|password|secret|token|authorization)(['\"]?\s*[=:]\s*)(bearer\s+)?[^\s,;})]+"
)
_IDENTITY = re.compile(_ALONE[0] + r"[1-9]\d{5}(?:18|19|20)\d{2}[01]\d[0-3]\d\d{3}[\dXx]" + _ALONE[1])
_OLD_IDENTITY = re.compile(_ALONE[0] + r"[1-9]\d{5}\d{2}[01]\d[0-3]\d\d{3}" + _ALONE[1])
_BANK_CARD = re.compile(_ALONE[0] + r"\d{4}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?" + _ALONE[1])
_PHONE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?![0-9A-Za-z])")
_LANDLINE = re.compile(r"(?<![0-9A-Za-z])0\d{2,3}-\d{7,8}(?![0-9A-Za-z])")


def without_personal_data(text: str) -> str:
    """The text with personal numbers reduced to their last four digits and secrets removed."""
    text = _NAMED_SECRET.sub(r"\1\2***", text)
    text = _RECOVERY_CODE.sub("***recovery code***", text)
    text = _KEY.sub("***key***", text)
    for pattern in (_IDENTITY, _OLD_IDENTITY, _BANK_CARD, _PHONE, _LANDLINE):
        text = pattern.sub(_last_four, text)
    return text


@contextmanager
def request_context(request_id: str) -> Iterator[None]:
    """Every line logged inside carries this id, so that a desk's log and the service's can be read together."""
    token = _request.set(request_id)
    try:
        yield
    finally:
        _request.reset(token)


def current_request() -> str:
    """The id of the request being handled, "-" outside of any."""
    return _request.get()


class PrivateFormatter(logging.Formatter):
    """Adds the request and UTC time, keeps one line per event readable, masks personal data."""

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        record.request = _request.get()
        text = super().format(record)
        if len(text) > _LONGEST_LINE:
            text = f"{text[:_LONGEST_LINE]}… ({len(text)} characters)"
        return without_personal_data(text)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def configure_logging(profile: Profile, *, level: int = logging.INFO, to_console: bool = False) -> Path:
    """Log the whole process into the profile, replacing what was configured here before; returns the file.

    Raises DiskFull, ProfileReadOnly or DiskFailing. Call `close_logging` before the folder is removed.
    """
    from logging.handlers import RotatingFileHandler

    close_logging()
    path = profile.logs_dir / LOG_NAME
    try:
        profile.logs_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        file_handler = RotatingFileHandler(
            path, maxBytes=_LARGEST_FILE, backupCount=_OLDER_FILES, encoding="utf-8", errors="backslashreplace"
        )
    except OSError as error:
        raise environment_problem(error, folder=profile.logs_dir) from error
    handlers: list[logging.Handler] = [file_handler]
    # A windowed build on Windows has no console at all.
    if to_console and sys.stderr is not None:
        handlers.append(logging.StreamHandler())
    root = logging.getLogger()
    root.setLevel(level)
    for handler in handlers:
        handler.setFormatter(PrivateFormatter())
        handler.set_name(_HANDLER_NAME)
        root.addHandler(handler)
    return path


def close_logging() -> None:
    """Flush and remove the handlers `configure_logging` added; others, such as a test's, stay."""
    root = logging.getLogger()
    for handler in [one for one in root.handlers if one.get_name() == _HANDLER_NAME]:
        root.removeHandler(handler)
        handler.close()


_HANDLER_NAME = "forecourt"


def _last_four(match: re.Match[str]) -> str:
    return "***" + match.group()[-4:]
