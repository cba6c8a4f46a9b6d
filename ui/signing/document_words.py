"""What the kinds of document are called."""

from app.contracts.kinds.registry import KINDS
from app.runtime.language import language


def kind_words(code: str) -> str:
    """A kind in the language in use; its code where this version does not know it."""
    return KINDS[code].title.in_language(language()) if code in KINDS else code
