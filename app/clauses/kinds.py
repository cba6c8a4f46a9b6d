"""The kinds of document a text can be written for (`app.contracts.kinds.registry`), as the library speaks of them."""

from app.contracts.kinds.errors import DocumentKindUnknown
from app.contracts.kinds.registry import KINDS, DocumentKind, kind_of
from app.kernel.labels import Bilingual

__all__ = ["DocumentKind", "kind_of", "kind_words", "kinds", "kinds_from"]


def kinds() -> tuple[DocumentKind, ...]:
    """All kinds, in the order in which people meet them."""
    return tuple(KINDS.values())


def kinds_from(codes: tuple[str, ...] | list[str]) -> tuple[DocumentKind, ...]:
    """The kinds by their codes, each once and in their order; raises DocumentKindUnknown (field `kinds`) also for
    none."""
    unknown = next((code for code in codes if code not in KINDS), "" if not codes else None)
    if unknown is not None:
        raise DocumentKindUnknown(field="kinds", code=unknown)
    return tuple(kind for kind in kinds() if kind.code in codes)


def kind_words(kind: DocumentKind) -> Bilingual:
    """What a kind is called, worded when it is shown."""
    return Bilingual(kind.title.zh, kind.title.en)
