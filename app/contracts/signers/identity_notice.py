"""What a signer is told before their identity is checked: who, what for, how long, and that they may refuse.

Named by the version of the privacy notice (PIPL, art. 17). A photo of a document is sensitive and needs a consent of
its own (art. 29); signing does not depend on it.
"""

from dataclasses import dataclass

from app.customers.choices import NOTICE_VERSION
from app.runtime.language import tr_in, tr_noop

PHOTO_YEARS = 5
"""So long a photo of a document is kept after the sale: the limitation period and a margin."""
_LINES = (
    tr_noop("{house} checks who signs, so that nobody can sign in your name and the contract holds."),
    tr_noop(
        "Compared are name and number of your identity document with the contract. Kept are the result, "
        "the time, who checked, and the number in masked form."
    ),
    tr_noop("A one-time code goes to your phone or mailbox and shows that it is yours. The code itself is not kept."),
    tr_noop(
        "How you sign (line, speed, pressure) is kept encrypted as evidence of this contract, for as long as the "
        "contract has to be kept by law, and is used for nothing else."
    ),
    tr_noop("You may see these data, have them corrected, and ask for their deletion once the law allows it."),
)
_ON_PHONE = tr_noop(
    "You read and sign on your own phone. Kept with the signature are the times, your network address and the name of "
    "your browser. Until {house} has stored it, the central service holds it encrypted for 72 hours at most."
)
_PHOTO = tr_noop(
    "I agree that {house} takes a photo of my identity document, to prove who signed this contract. It is kept "
    "encrypted for {years} years after the sale and then deleted. I may refuse or take this back at any time; I can "
    "sign without it."
)


@dataclass(frozen=True, slots=True)
class IdentityNotice:
    """The words in one language: what is explained, and the separate consent to the photo."""

    version: str
    lines: tuple[str, ...]
    photo_consent: str


def identity_notice(house: str, language: str) -> IdentityNotice:
    """What to show a signer; `house` is the dealer's name."""
    lines = tuple(tr_in(language, line, house=house) for line in _LINES)
    return IdentityNotice(NOTICE_VERSION, lines, tr_in(language, _PHOTO, house=house, years=PHOTO_YEARS))


def phone_notice(house: str, language: str) -> tuple[str, ...]:
    """What somebody is told who signs on a phone: nothing of a document that nobody looks at there."""
    return tuple(tr_in(language, line, house=house) for line in (_LINES[0], _ON_PHONE, *_LINES[-2:]))
