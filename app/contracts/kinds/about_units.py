"""What the kinds about a unit in stock share."""

from app.contracts.kinds.errors import SubjectMissing
from app.contracts.kinds.facts import DocumentFacts, UnitFacts
from app.contracts.kinds.parts import Subject


def require_unit(facts: DocumentFacts) -> UnitFacts:
    """The unit the document is about; raises SubjectMissing (field `unit_id`)."""
    if facts.unit is None:
        raise SubjectMissing(field="unit_id", subject=Subject.UNIT.label)
    return facts.unit
