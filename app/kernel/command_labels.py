"""Commands in people's words, for the audit trail and for "Undo: …"."""

import re

from app.runtime.language import tr

_WORD = re.compile(r"(?<!^)(?=[A-Z])")
_ACRONYMS = {"Pdi": "PDI", "Pin": "PIN", "Vin": "VIN"}


def command_words(name: str) -> str:
    """`ChangeCustomer` as "Change customer", the key of its translation."""
    first, *others = _WORD.split(name)
    return " ".join((first, *(_ACRONYMS.get(word, word.lower()) for word in others)))


def command_label(name: str) -> str:
    """The command in the language in use; a test proves that every command has a translation."""
    return tr(command_words(name))
