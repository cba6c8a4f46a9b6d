"""What can go wrong with paper, and what to do about it."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class CharactersNotPrintable(DomainError):
    """The typeface has no shape for some characters; printing them would leave boxes or blanks."""

    code = "characters_not_printable"
    text = tr_noop(
        "These characters cannot be printed: {characters}. Write them as the passport or the bank does, "
        "for example in pinyin, and add the proper form by hand."
    )


class AmountNotWritable(DomainError):
    code = "amount_not_writable"
    text = tr_noop("{amount} cannot be written out in words. Check the amount.")
