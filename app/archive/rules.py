"""How long a document is kept: by its kind's class, from the day it was closed, to the end of that calendar year.

Accounting law counts years from the first day of the year after (会计档案管理办法, art. 14); the same is used for all,
because it never ends earlier.
"""

from datetime import date, datetime

from app.contracts.kinds.registry import RetentionClass
from app.kernel.clock import branch_date
from app.kernel.reference_data import ReferenceBook, bundled_reference


def retention_years(kind: RetentionClass, on_date: date, reference: ReferenceBook | None = None) -> int:
    """For how many years such a document is kept by the rules of a day. Raises ReferenceMissing."""
    years = (reference or bundled_reference()).at("document_retention", on_date).values["years"]
    return int(years[kind.value])


def kept_until(kind: RetentionClass, closed_at: datetime, reference: ReferenceBook | None = None) -> date:
    """The last day on which a document closed at that instant has to be kept."""
    day = branch_date(closed_at)
    return date(day.year + retention_years(kind, day, reference), 12, 31)
