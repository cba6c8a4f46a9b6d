"""Short codes of branches and desks: they stand in document numbers, so they stay plain."""

import re
import unicodedata

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop

_CODE = re.compile(r"[A-Z0-9]+")


class CodeUnusable(DomainError):
    code = "code_unusable"
    text = tr_noop("A code has {shortest} to {longest} capital letters and digits, such as SH01.")


def usable_code(code: str, *, field: str, shortest: int = 2, longest: int = 8) -> str:
    """The code in capitals; raises CodeUnusable for the field."""
    plain = unicodedata.normalize("NFKC", code[: 4 * longest]).strip().upper()
    if not shortest <= len(plain) <= longest or not _CODE.fullmatch(plain):
        raise CodeUnusable(field=field, shortest=shortest, longest=longest)
    return plain
