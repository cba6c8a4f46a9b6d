"""On which grounds a contract ends, and who defaulted by them: Civil Code, art. 562, 563, 566, 586-588."""

from datetime import date

from app.contracts.errors import TerminationDayWrong
from app.kernel.errors import ValueNotAllowed
from app.kernel.labels import Labelled
from app.orders.rules import DefaultingParty
from app.runtime.language import tr_noop


class TerminationGround(Labelled):
    """Why a contract ends before it was performed."""

    AGREEMENT = "agreement", tr_noop("Both sides agree (Civil Code 562)")
    AGREED_RIGHT = "agreed_right", tr_noop("A right the contract gives (Civil Code 562)")
    BUYER_BREACH = "buyer_breach", tr_noop("The buyer broke it (Civil Code 563)")
    SELLER_BREACH = "seller_breach", tr_noop("The dealer broke it (Civil Code 563)")
    FORCE_MAJEURE = "force_majeure", tr_noop("Force majeure (Civil Code 563)")
    STATUTORY = "statutory", tr_noop("Another right by law")


_DEFAULTING = {
    TerminationGround.BUYER_BREACH: DefaultingParty.BUYER,
    TerminationGround.SELLER_BREACH: DefaultingParty.DEALER,
}


def ground_of(code: str) -> TerminationGround:
    """The ground of a code; raises ValueNotAllowed (field `ground`)."""
    ground = next((one for one in TerminationGround if one == code), None)
    if ground is None:
        raise ValueNotAllowed(field="ground", value=code[:40])
    return ground


def defaulting_by(ground: TerminationGround) -> DefaultingParty:
    """Who broke the agreement; nobody where it ends without a breach, so that everything goes back."""
    return _DEFAULTING.get(ground, DefaultingParty.NOBODY)


def require_day(day: date, *, sealed_on: date, today: date) -> None:
    """Raises TerminationDayWrong (field `terminated_on`) before the sealing and in the future."""
    if not sealed_on <= day <= today:
        raise TerminationDayWrong(field="terminated_on", first=sealed_on.isoformat())
