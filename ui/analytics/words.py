"""Months, money scales and comparisons as the manager reads them."""

from decimal import Decimal

from app.analytics.queries import Figure
from app.runtime.language import CHINESE, language, tr, tr_noop
from ui.kit import formats

_SHORT = (
    tr_noop("Jan"), tr_noop("Feb"), tr_noop("Mar"), tr_noop("Apr"), tr_noop("May"), tr_noop("Jun"), tr_noop("Jul"),
    tr_noop("Aug"), tr_noop("Sep"), tr_noop("Oct"), tr_noop("Nov"), tr_noop("Dec"),
)  # fmt: skip
_LONG = (
    tr_noop("January"), tr_noop("February"), tr_noop("March"), tr_noop("April"), tr_noop("May"), tr_noop("June"),
    tr_noop("July"), tr_noop("August"), tr_noop("September"), tr_noop("October"), tr_noop("November"),
    tr_noop("December"),
)  # fmt: skip
_SCALES = ((Decimal(1_000_000), tr_noop("¥ million")), (Decimal(1000), tr_noop("¥ thousand")))
_CHINESE_SCALES = ((Decimal(10_000), tr_noop("¥ ten thousand")),)
_PLAIN = (Decimal(1), "¥")


def month_tick(month: str) -> str:
    """A month on an axis, its year in a second line: "Nov" over "2026"."""
    year, _, number = month.partition("-")
    return f"{tr(_SHORT[int(number) - 1])}\n{year}"


def month_words(month: str) -> str:
    """ "November 2026"."""
    year, _, number = month.partition("-")
    return tr("{month} {year}", month=tr(_LONG[int(number) - 1]), year=year)


def money_scale(largest: Decimal) -> tuple[Decimal, str]:
    """What amounts are divided by on an axis, and its unit: thousands or millions in English, 万 in Chinese."""
    scales = _CHINESE_SCALES if language() == CHINESE else _SCALES
    divisor, unit = next((scale for scale in scales if abs(largest) >= scale[0]), _PLAIN)
    return divisor, tr(unit)


def scaled_text(amount: Decimal, divisor: Decimal) -> str:
    """An amount at a bar, in the axis' unit: at most one place."""
    share = amount / divisor
    return f"{share:,.0f}" if abs(share) >= 100 or divisor == 1 else f"{share:,.1f}"


def change_words(figure: Figure) -> str:
    """How a figure stands to the one before: "6.2 % less"."""
    change = figure.change
    if change is None:
        return tr("nothing to compare with")
    share = formats.percent(abs(round(change * 100, 1)))
    if not round(change, 3):
        return tr("unchanged")
    return tr("{share} more", share=share) if change > 0 else tr("{share} less", share=share)
