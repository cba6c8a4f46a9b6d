"""What can be wrong with a comparison."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class TooManyCompared(DomainError):
    code = "too_many_compared"
    text = tr_noop("{most} trims fit side by side. Take one away first.")


class NothingToCompare(DomainError):
    code = "nothing_to_compare"
    text = tr_noop("None of these trims is in the catalogue any more. Add others.")
