"""What the centre answered when a vehicle was to be secured, in one sentence; several pages ask for it."""

from collections.abc import Mapping

from app.leases.port import Secured
from app.runtime.language import tr, tr_noop, trn
from sync.client.errors import sentences
from sync.client.refusal_words import refusal_words as words_of
from ui.kit import formats
from ui.kit.controls import Choice
from ui.kit.text import Words

HOURS = (
    Choice("4", tr_noop("For four hours")),
    Choice("24", tr_noop("For a day")),
    Choice("72", tr_noop("For three days")),
    Choice("168", tr_noop("For a week")),
)
"""How long a vehicle can be asked for."""
_NAMED = 3


def answer_words(answer: Secured) -> tuple[Words, str]:
    """The sentence and its tone: which vehicles are secured until when, or why one is not."""
    refused = list(answer.refused.items())
    if not refused:
        until = min(answer.until.values(), default=None)
        if until is None:
            return tr_noop("Nothing was asked for."), "info"
        count = len(answer.until)
        return (
            lambda: trn(
                "Secured until {time}: it can be sold here offline.", "{n} vehicles are secured until {time}.", count,
                time=formats.moment(until),
            ),
            "good",
        )  # fmt: skip
    if len(refused) == 1 and not answer.until:
        return lambda: _not_secured(*refused[0]), "bad"
    return lambda: _partly(answer), "warn" if answer.until else "bad"


def _partly(answer: Secured) -> str:
    """How many of several, and of the first few that are not, why."""
    refused, asked = list(answer.refused.items()), len(answer.until) + len(answer.refused)
    said = [tr("{n} of {all} vehicles are secured.", n=len(answer.until), all=asked)]
    said += [_not_secured(vin, told) for vin, told in refused[:_NAMED]]
    if len(refused) > _NAMED:
        more = len(refused) - _NAMED
        said.append(trn("{n} more is not secured either.", "{n} more are not secured either.", more))
    return "\n".join(said)


def _not_secured(vin: str, told: tuple[str, Mapping[str, object]]) -> str:
    return tr("{vin} is not secured: {why}", vin=vin, why=refusal_words(told[0], dict(told[1])))


def refusal_words(code: str, detail: dict[str, object]) -> str:
    """Why the centre does not keep a vehicle for this desk."""
    winner = detail.get("winner")
    if isinstance(winner, dict):
        number = str(winner.get("number") or "")
        if winner.get("kind") == "lease":
            return tr("desk {desk} has it secured.", desk=number)
        if winner.get("order_id"):
            return tr("it is sold on order {number}.", number=number or "–")
        if winner.get("transfer_id"):
            return tr("transfer {number} gives it to another branch.", number=number or "–")
        return tr("a colleague holds it.")
    words = words_of(code)
    return sentences(tr(said, limit=detail.get("limit", "–"), field="–") for said in (words.text, words.advice))


def given_back_words(heard: bool) -> str:
    """Whether the centre knows already."""
    if heard:
        return tr_noop("Given back. Other desks can sell it again.")
    return tr_noop("Given back here. Other desks can sell it once this desk is connected.")
