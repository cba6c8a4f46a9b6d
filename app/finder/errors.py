"""What can be wrong with a saved search."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class SearchNameTaken(DomainError):
    """The same person has a search of that name."""

    code = "search_name_taken"
    text = tr_noop("You have a search called “{name}” already. Choose another name, or open and change that one.")
