"""What the parties of a sealed termination agreement agreed on."""

from dataclasses import dataclass
from datetime import date

from app.contracts.kinds.entries import checked_entries
from app.contracts.kinds.registry import kind_of
from db.models.contracts import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """`ground` is a code of `termination_rules.TerminationGround`; `number` that of the agreement."""

    number: str
    ground: str
    ended_on: date
    reason: str


def agreed_in(agreement: Contract) -> Agreed:
    """What a termination agreement says, read from what was filled in."""
    said = checked_entries(kind_of(agreement.template_code), agreement.form_entries or {}, today=None)
    return Agreed(number=agreement.number, ground=said["ground"], ended_on=said["ended_on"], reason=said["reason"])
