"""The service's log: one line a request, in JSON for machines or as text for people.

A line says who asked by ids that mean nothing outside (tenant, device, person), what, and how it went. Never an
address, a name, a code, a key or anything of a body.
"""

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

JSON, TEXT = "json", "text"
FORMATS = (JSON, TEXT)
LEVELS = ("debug", "info", "warning", "error")
_requests = logging.getLogger("forecourt.requests")


def set_up(*, form: str, level: str) -> None:
    """Everything the process logs goes to standard error in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == JSON else _Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("alembic", "asyncio", "sqlalchemy", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def note_request(told: Mapping[str, Any], *, status: int) -> None:
    """One line about an answered request."""
    level = logging.ERROR if status == 500 else logging.WARNING if status == 503 else logging.INFO
    if _requests.isEnabledFor(level):
        _requests.log(level, "request", extra={"told": told})


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _moment(record), "level": record.levelname.lower(), "event": record.getMessage(),
        }  # fmt: skip
        line |= getattr(record, "told", None) or {"logger": record.name}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode("utf-8")


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = getattr(record, "told", None) or {}
        facts = "".join(f" {key}={value}" for key, value in told.items() if value not in ("", None))
        line = f"{_moment(record)} {record.levelname} {record.getMessage()}{facts}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line
