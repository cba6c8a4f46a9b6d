"""Identifiers, made by the desk that makes the record, so that no desk ever waits for a number."""

import re

from uuid_utils import uuid7

_HEX_ID = re.compile(r"[0-9a-f]{32}")


def new_id() -> str:
    """A UUIDv7 (RFC 9562) as 32 lower-case hex digits: unique everywhere, ordered by the time it was made."""
    return uuid7().hex


def is_id(text: str) -> bool:
    """Whether the text has the form of an identifier."""
    return _HEX_ID.fullmatch(text) is not None
