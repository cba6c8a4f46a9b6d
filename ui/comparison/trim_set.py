"""Which trims stand side by side: one taken away, one moved, which the others are measured by, kept for tomorrow."""

from dataclasses import replace

from app.comparison.lines import MOST
from app.comparison.queries import ComparisonTerms
from ui.kit.context import PageContext

_KEY = "comparison"


def baseline_id(terms: ComparisonTerms) -> str:
    """The trim the others are measured by: the one chosen, else the first."""
    if terms.reference_id in terms.trim_ids:
        return terms.reference_id
    return terms.trim_ids[0] if terms.trim_ids else ""


def without_trim(terms: ComparisonTerms, trim_id: str) -> ComparisonTerms:
    """One column less."""
    left = tuple(one for one in terms.trim_ids if one != trim_id)
    return replace(terms, trim_ids=left, reference_id="" if terms.reference_id == trim_id else terms.reference_id)


def moved_trim(terms: ComparisonTerms, here: int, there: int) -> ComparisonTerms:
    """A column at another place; the others are measured by the same trim as before."""
    ids = list(terms.trim_ids)
    ids.insert(there, ids.pop(here))
    return replace(terms, trim_ids=tuple(ids), reference_id=baseline_id(terms))


def keep_terms(context: PageContext, terms: ComparisonTerms) -> None:
    """What stands here is here again tomorrow, for the person at this desk."""
    context.views.save(
        _KEY,
        {"trim_ids": list(terms.trim_ids), "reference_id": terms.reference_id,
         "axes": list(terms.axes), "everything": terms.everything},
    )  # fmt: skip


def kept_terms(context: PageContext, terms: ComparisonTerms) -> ComparisonTerms:
    """These terms with the trims that stood here last."""
    kept = context.views.load(_KEY) or {}
    return replace(
        terms,
        trim_ids=tuple(str(one) for one in kept.get("trim_ids", ()))[:MOST],
        reference_id=str(kept.get("reference_id", "")),
        axes=tuple(str(one) for one in kept.get("axes", ())),
        everything=bool(kept.get("everything", False)),
    )
