"""The axes of a radar chart: each trim as a share of the best among those compared, 1 being the best.

    higher is better: value ÷ best        lower is better: best ÷ value

So the distances between the trims stay in proportion: a radar that stretched them to its rim would make ten grams look
like ten kilometres.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.catalog.rules import Better, specification_dictionary, value_text
from app.comparison.lines import ComparedTrim
from app.comparison.ownership import OwnershipCost
from app.kernel.labels import Bilingual
from app.runtime.language import CHINESE, ENGLISH, tr_in, tr_noop

FEWEST_AXES, MOST_AXES = 3, 8
TOTAL_COST = "total_cost"
GUIDE_PRICE = "guide_price"
USUAL = (
    GUIDE_PRICE, TOTAL_COST, "system_power", "engine_power", "motor_power", "acceleration_0_100", "electric_range",
    "total_range", "consumption_combined", "electricity_consumption", "luggage_volume", "wheelbase", "airbags",
    "automation_level", "charging_power", "battery_capacity", "engine_torque", "top_speed", "curb_weight",
    "warranty_years",
)  # fmt: skip
"""What is drawn unless somebody chooses: the first that most of the trims have."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis. `shares` are 0…1, None where a value is not on file; `texts` are the values themselves."""

    code: str
    name: Bilingual
    lower_is_better: bool
    shares: tuple[float | None, ...]
    texts: tuple[Bilingual, ...]


def share_of_best(values: Sequence[Decimal | None], *, lower_is_better: bool) -> tuple[float | None, ...]:
    """Each value as a share of the best; all 0 or 1 where a proportion has no meaning (nothing above zero)."""
    known = [value for value in values if value is not None]
    if not known:
        return tuple(None for _value in values)
    best = min(known) if lower_is_better else max(known)
    return tuple(None if value is None else _share(value, best, lower=lower_is_better) for value in values)


def _share(value: Decimal, best: Decimal, *, lower: bool) -> float:
    if value == best:
        return 1.0
    above, below = (best, value) if lower else (value, best)
    return float(max(Decimal(0), above / below)) if below > 0 else 0.0


def possible_axes(trims: Sequence[ComparedTrim], costs: Sequence[OwnershipCost]) -> tuple[Axis, ...]:
    """Everything that can be an axis: a number with a better direction that at least two of the trims have."""
    axes = [
        _axis(
            GUIDE_PRICE, _both(_price_label(trims)), [trim.facts.price or None for trim in trims], lower=True
        ),
        _axis(
            TOTAL_COST, _both(tr_noop("Cost of ownership")), [c.total if c.complete else None for c in costs],
            lower=True,
        ),
    ]  # fmt: skip
    for code, parameter in specification_dictionary().parameters.items():
        if not parameter.is_number or parameter.better not in (Better.HIGHER, Better.LOWER):
            continue
        values = [trim.facts.number(code) for trim in trims]
        shown = tuple(
            value_text(parameter, trim.facts.parameters[code]) if value is not None else Bilingual("–", "–")
            for trim, value in zip(trims, values, strict=True)
        )
        lower = parameter.better is Better.LOWER
        axes.append(Axis(code, parameter.name, lower, share_of_best(values, lower_is_better=lower), shown))
    enough = min(2, len(trims))
    return tuple(axis for axis in axes if sum(share is not None for share in axis.shares) >= enough)


def usual_axes(possible: Sequence[Axis], *, most: int = 6) -> tuple[str, ...]:
    """The codes of the axes that tell most: usual ones that all have, then those some have, then any."""
    by_code = {axis.code: axis for axis in possible}
    usual = [by_code[code] for code in USUAL if code in by_code]
    ranked = sorted(usual, key=lambda axis: any(share is None for share in axis.shares))
    rest = [axis for axis in possible if axis.code not in USUAL]
    return tuple(axis.code for axis in [*ranked, *rest][:most])


def chosen_axes(possible: Sequence[Axis], codes: Sequence[str]) -> tuple[Axis, ...]:
    """The axes of these codes in this order, at most eight; codes that are not possible now are left out."""
    by_code = {axis.code: axis for axis in possible}
    return tuple(by_code[code] for code in dict.fromkeys(codes) if code in by_code)[:MOST_AXES]


def _axis(code: str, name: Bilingual, values: Sequence[Decimal | None], *, lower: bool) -> Axis:
    texts = [f"¥{value:,.0f}" if value is not None else "–" for value in values]
    return Axis(
        code, name, lower, share_of_best(values, lower_is_better=lower), tuple(Bilingual(text, text) for text in texts)
    )


def _price_label(trims: Sequence[ComparedTrim]) -> str:
    taken = any(trim.facts.price_derived is not None for trim in trims)
    return tr_noop("Price of this comparison") if taken else tr_noop("Guide price")


def _both(text: str) -> Bilingual:
    return Bilingual(tr_in(CHINESE, text), tr_in(ENGLISH, text))
