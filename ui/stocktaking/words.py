"""Words and tones for stock counts."""

from app.runtime.language import tr, tr_noop, trn
from app.stocktaking.queries import CountRow, VerdictRow
from app.stocktaking.rules import CountState, Coverage, Method, Outcome, Reason
from ui.kit.columns import State

STATES: dict[str, State] = {
    CountState.COUNTING.value: State(CountState.COUNTING.label, "accent"),
    CountState.RECOUNTING.value: State(CountState.RECOUNTING.label, "warn"),
    CountState.SIGNED.value: State(CountState.SIGNED.label, "good"),
    CountState.ABANDONED.value: State(CountState.ABANDONED.label, "neutral"),
}

OUTCOMES: dict[str, State] = {
    Outcome.MATCHED.value: State(Outcome.MATCHED.label, "good"),
    Outcome.WRONG_PLACE.value: State(Outcome.WRONG_PLACE.label, "warn"),
    Outcome.MISSING.value: State(Outcome.MISSING.label, "bad"),
    Outcome.SURPLUS.value: State(Outcome.SURPLUS.label, "info"),
    Outcome.UNKNOWN.value: State(Outcome.UNKNOWN.label, "bad"),
    Outcome.EXPLAINED.value: State(Outcome.EXPLAINED.label, "neutral"),
}


def covered_text(row: CountRow) -> str:
    """What is counted."""
    words = tr(Coverage(row.coverage).label)
    return f"{words}: {', '.join(place or tr('no place') for place in row.places)}" if row.places else words


def method_text(code: str) -> str:
    """How a number got in."""
    return tr(Method(code).label)


def reason_text(row: VerdictRow) -> str:
    """What was decided, or what explains it; a dash where it is open."""
    if row.reason:
        words = tr(Reason(row.reason).label)
        return f"{words} · {row.note}" if row.note else words
    if row.why:
        return tr(row.why)
    return "–" if row.outcome in (Outcome.MATCHED, Outcome.EXPLAINED) else tr("To be decided")


def differences_text(row: CountRow) -> str:
    """How many differences there were; a dash before the sign-off."""
    if row.differences is None:
        return "–"
    return trn("{n} difference", "{n} differences", row.differences) if row.differences else tr_none()


def tr_none() -> str:
    """No difference at all."""
    return tr("None")


SCAN_HINT = tr_noop("Scan, or type a VIN, a stock number or the last digits")
