"""What stock counts refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class NothingToCount(DomainError):
    code = "nothing_to_count"
    text = tr_noop("No vehicle should stand there. Choose other places, or count the whole branch.")


class NothingChosen(DomainError):
    code = "nothing_chosen"
    text = tr_noop("None of these vehicles should stand in the house. Choose others, or count places.")


class CountClosed(DomainError):
    code = "count_closed"
    text = tr_noop("This count is closed ({state}) and stays as it is. Begin another one.")


class CountUnderWay(DomainError):
    code = "count_under_way"
    text = tr_noop("Count {number} of the same vehicles is open. Finish it or give it up first.")


class NumberNotReadable(DomainError):
    code = "number_not_readable"
    text = tr_noop("“{text}” is no vehicle number. Read it again, or type its last digits.")


class TailNotClear(DomainError):
    code = "tail_not_clear"
    text = tr_noop("“{tail}” fits {n} vehicles. Type more digits, or choose one.")


class TailUnknown(DomainError):
    code = "tail_unknown"
    text = tr_noop("No vehicle of this count ends with “{tail}”. Scan the whole number.")


class ReasonDoesNotFit(DomainError):
    code = "reason_does_not_fit"
    text = tr_noop("“{reason}” does not fit what was found. Choose another reason.")


class NothingToDecide(DomainError):
    code = "nothing_to_decide"
    text = tr_noop("This vehicle is no difference any more. Look at the list again.")


class SignedByCounter(DomainError):
    code = "signed_by_counter"
    text = tr_noop("Whoever counted does not sign the count off. Ask a second manager.")


class CountNotReady(DomainError):
    code = "count_not_ready"
    text = tr_noop("The count cannot be signed off yet: {obstacles}. Settle that first.")


class AdjustmentImpossible(DomainError):
    code = "adjustment_impossible"
    text = tr_noop("{vin}: “{reason}” cannot be posted as the vehicle stands now. Decide it again.")
