"""How price changes are worded and coloured."""

from decimal import Decimal

from app.pricing.preview import STOPPING, PriceWarning
from app.pricing.queries import PriceChangeRow, PriceLineRow
from app.pricing.rules import Formula, FormulaKind, PriceKind, PricePhase, Rounding
from app.runtime.language import tr
from ui.kit import formats
from ui.kit.columns import State

_TONES = {
    PricePhase.DRAFT: "neutral",
    PricePhase.PENDING_APPROVAL: "warn",
    PricePhase.SCHEDULED: "info",
    PricePhase.IN_FORCE: "good",
    PricePhase.ENDED: "neutral",
    PricePhase.REJECTED: "bad",
    PricePhase.WITHDRAWN: "neutral",
}
PHASES = {phase: State(phase.label, _TONES[phase]) for phase in PricePhase}
KINDS = {PriceKind.LIST: "tag", PriceKind.FLOOR: "arrow-down", PriceKind.BOTH: "tag",
         PriceKind.CAMPAIGN: "badge-percent"}  # fmt: skip
"""The icon of a kind."""


def signed(amount: Decimal) -> str:
    """An amount with its sign: +1,000.00, -5,000.00."""
    text = formats.money(abs(amount))
    return f"+{text}" if amount > 0 else f"-{text}" if amount < 0 else text


def formula_words(formula: Formula | None) -> str:
    """A formula as one says it: "-5,000.00, ending in 800"."""
    if formula is None:
        return "–"
    match formula.kind:
        case FormulaKind.SET:
            text = formats.money(formula.value)
        case FormulaKind.BY_AMOUNT:
            text = signed(formula.value)
        case FormulaKind.BY_PERCENT:
            text = f"{'+' if formula.value > 0 else ''}{formats.percent(formula.value)}"
        case _:
            text = tr("{percent} of the guide price", percent=formats.percent(formula.value))
    if formula.rounding is Rounding.NONE:
        return text
    rounding = tr(formula.rounding.label)
    return tr("{formula}, {rounding}", formula=text, rounding=rounding[:1].lower() + rounding[1:])


def days_words(row: PriceChangeRow) -> str:
    """From when to when it counts."""
    first = formats.date_text(row.valid_from)
    if row.valid_to is None:
        return tr("from {date}", date=first)
    return tr("{first} to {last}", first=first, last=formats.date_text(row.valid_to))


def line_words(line: PriceLineRow, formula: Formula | None) -> str:
    """What a line says: "150,000.00 → 148,000.00", and of the floor price where it changes too."""
    if line.campaign_price is not None:
        return _arrow(line.list_before, line.campaign_price)
    said = []
    if line.list_price is not None:
        said.append(_arrow(line.list_before, line.list_price))
    if line.floor_price is not None:
        floor = _arrow(line.floor_before, line.floor_price)
        said.append(tr("floor {price}", price=floor) if said else floor)
    return " · ".join(said) or formula_words(formula)


def _arrow(before: Decimal | None, after: Decimal) -> str:
    return formats.money(after) if before is None else f"{formats.money(before)} → {formats.money(after)}"


def warning_state(warnings: tuple[PriceWarning, ...]) -> str:
    """The key of the gravest warning in `WARNINGS`; "" for none."""
    return warnings[0].value if warnings else ""


WARNINGS = {"": State("", "neutral")} | {
    one.value: State(one.label, "bad" if one in STOPPING else "warn" if one is not PriceWarning.LARGE else "info")
    for one in PriceWarning
}
