"""How versions of texts are worded and coloured."""

from functools import partial

from app.clauses.condition_words import condition_words
from app.clauses.kinds import kind_of
from app.clauses.version_rows import VersionRow
from app.contracts.templates.text_versions import TextPhase
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.columns import State
from ui.kit.controls import Choice

_TONES = {
    TextPhase.DRAFT: "neutral",
    TextPhase.PROPOSED: "warn",
    TextPhase.SCHEDULED: "info",
    TextPhase.IN_FORCE: "good",
    TextPhase.SUPERSEDED: "neutral",
    TextPhase.ENDED: "neutral",
    TextPhase.REJECTED: "bad",
    TextPhase.WITHDRAWN: "neutral",
    TextPhase.SHIPPED: "accent",
}
PHASES = {phase: State(phase.label, _TONES[phase]) for phase in TextPhase}
CODE_HINT = tr_noop("Small letters, digits, “_” and dots: house.charging")


def days_words(version: VersionRow) -> str:
    """From when to when a version counts."""
    begin = formats.date_text(version.effective_from.isoformat())
    if version.effective_to is None:
        return tr("from {day}", day=begin)
    return tr("{first} to {last}", first=begin, last=formats.date_text(version.effective_to.isoformat()))


def version_words(version: VersionRow) -> str:
    """What a version is called among the others."""
    if version.shipped:
        return tr("Version {n} (shipped)", n=version.number)
    return tr("Version {n}", n=version.number)


def condition_choices(*kinds: str) -> list[Choice]:
    """The conditions that occur in every one of these kinds, to be ticked."""
    shared = [kind_of(code).conditions for code in kinds]
    codes = sorted(frozenset.intersection(*shared)) if shared else []
    return [Choice(code, partial(str, condition_words(code))) for code in codes]


def conditions_words(conditions: tuple[str, ...]) -> str:
    """Under which conditions a clause is printed."""
    if not conditions:
        return tr("Always")
    words = [str(condition_words(one)) for one in conditions]
    return tr("{first} and {second}", first=tr(", ").join(words[:-1]), second=words[-1]) if len(words) > 1 else words[0]
