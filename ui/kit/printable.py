"""A name is kept as it is written, and its writer told at once where paper cannot show it."""

import re

from app.documents.errors import CharactersNotPrintable
from app.documents.fonts import require_printable
from ui.kit.fields import Advice

_USUAL = re.compile(r"[ -~·、，。（）\u4e00-\u9fa5]*")
"""What the typeface has for certain (a test says so): for these it is not read, which takes a moment."""


def printable(text: str) -> Advice | None:
    """For fields whose text is printed later: names the characters that the typeface lacks and says what to do."""
    if _USUAL.fullmatch(text):
        return None
    try:
        require_printable(text)
    except CharactersNotPrintable as error:
        return Advice(error.message)
    return None
