"""Costs in words: the stacks of the bars, what is missing, what was assumed, where the figures come from."""

import re
from collections.abc import Sequence
from decimal import Decimal

from app.comparison.ownership import CostKind, OwnershipCost
from app.comparison.queries import Comparison
from app.kernel.money import ZERO, format_money
from app.kernel.reference_data import ReferenceStatus
from app.runtime.language import CHINESE, tr_in, tr_noop

STACK: tuple[tuple[str, tuple[CostKind, ...]], ...] = (
    (tr_noop("Loss of value"), (CostKind.PRICE, CostKind.RESIDUAL)),
    (tr_noop("Purchase tax and plates"), (CostKind.PURCHASE_TAX, CostKind.PLATES)),
    (tr_noop("Fuel and power"), (CostKind.ENERGY,)),
    (tr_noop("Insurance"), (CostKind.COMPULSORY, CostKind.COMMERCIAL)),
    (tr_noop("Maintenance"), (CostKind.MAINTENANCE,)),
    (tr_noop("Vehicle and vessel tax"), (CostKind.VESSEL_TAX,)),
)
"""What the stretches of a bar are made of; together they are the total. The residual value is taken off the price."""


def bars_of(cost: OwnershipCost) -> tuple[Decimal, ...]:
    """The lengths of the stretches, which add up to the total; what is not known is not drawn."""
    return tuple(
        sum(((-1 if kind is CostKind.RESIDUAL else 1) * (cost.amount(kind) or ZERO) for kind in kinds), ZERO)
        for _label, kinds in STACK
    )


def missing_words(cost: OwnershipCost, language: str) -> str:
    """"Incomplete: without fuel and power"; empty where nothing is missing."""
    if cost.complete:
        return ""
    if language == CHINESE:
        kinds = "、".join(tr_in(language, kind.label) for kind in cost.missing)
    else:
        kinds = ", ".join(kind.label[0].lower() + kind.label[1:] for kind in cost.missing)
    return tr_in(language, "Incomplete: without {kinds}", kinds=kinds)


def assumption_pairs(comparison: Comparison, language: str) -> list[tuple[str, str]]:
    """Everything that was taken for granted, as label and value."""
    assumed, city = comparison.assumed, comparison.city
    quotas = (assumed.quota_fuel, assumed.quota_plug_in, assumed.quota_electric)
    place = tr_in(language, "entered by hand") if city is None else city.name.in_language(language)
    limit = assumed.third_party_limit
    pairs = [
        (tr_in(language, "Kept for"), tr_in(language, "{n} years", n=assumed.years)),
        (tr_in(language, "Driven in a year"), f"{assumed.annual_km:,} km"),
        (tr_in(language, "Of that in town"), _percent(assumed.city_share)),
        (tr_in(language, "Plug-in hybrids on electricity"), _percent(assumed.plug_in_share)),
        (tr_in(language, "Charged at home"), _percent(assumed.home_charging_share)),
        (tr_in(language, "Petrol"), _price(assumed.petrol_price, tr_in(language, "l"))),
        (tr_in(language, "Diesel"), _price(assumed.diesel_price, tr_in(language, "l"))),
        (tr_in(language, "Electricity at home"), _price(assumed.home_price, "kWh")),
        (tr_in(language, "Electricity in public"), _price(assumed.public_price, "kWh")),
        (tr_in(language, "Hydrogen"), _price(assumed.hydrogen_price, "kg")),
        (tr_in(language, "Plates in"), place),
        (tr_in(language, "Quota: petrol / plug-in / electric"), " / ".join(f"¥{amount:,.0f}" for amount in quotas)),
    ]
    if limit is not None:
        pairs.append((tr_in(language, "Third-party cover"), format_money(limit)))
    return pairs


def cost_sources(costs: Sequence[OwnershipCost], language: str) -> list[str]:
    """One line a kind of cost: where its figures come from and how far they can be trusted."""
    lines = []
    for kind in CostKind:
        figures = [cost.figure(kind) for cost in costs]
        sources = dict.fromkeys(
            part
            for figure in figures
            if str(figure.source)
            for part in re.split("; |；", figure.source.in_language(language))
        )
        statuses = dict.fromkeys(f.status for f in figures if f.status not in (None, ReferenceStatus.LAW))
        if not sources:
            continue
        colon, apart = ("：", "；") if language == CHINESE else (": ", "; ")
        said = apart.join(sources)
        trust = apart.join(tr_in(language, _TRUST[status]) for status in statuses if status is not None)
        lines.append(f"{tr_in(language, kind.label)}{colon}{said}" + (f" · {trust}" if trust else ""))
    return lines


_TRUST = {
    ReferenceStatus.CHECK: tr_noop("reference value, to be checked"),
    ReferenceStatus.SECONDARY: tr_noop("from a secondary source"),
    ReferenceStatus.HOUSE: tr_noop("set by the house"),
    ReferenceStatus.LAW: "",
}


def _percent(share: Decimal) -> str:
    shown = f"{share * 100:.1f}".rstrip("0").rstrip(".")
    return f"{shown} %"


def _price(price: Decimal, unit: str) -> str:
    return f"¥{price:.2f} / {unit}"
