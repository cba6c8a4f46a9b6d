"""What closed books refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class MonthIsClosed(DomainError):
    code = "month_is_closed"
    text = tr_noop(
        "{month} is closed. Enter it with a day of {open} or later, and say in the note what it belongs to; "
        "or ask for {month} to be opened again."
    )
