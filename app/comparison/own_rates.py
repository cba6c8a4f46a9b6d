"""Consumptions that are entered for one comparison, where the catalogue has none or the customer knows better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.catalog.energies import Energy
from app.comparison.ownership import Carrier, carriers_of

HIGHEST_RATE = Decimal(100)
"""On 100 km; more is a slip of the hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRate:
    """What a trim needs of a carrier on 100 km."""

    trim_id: str
    carrier: Carrier
    rate: Decimal


def rates_of(asked: Sequence[OwnRate], trim_id: str, energy: Energy) -> Mapping[Carrier, Decimal]:
    """The rates entered for a trim that can be: of what such a car needs, above zero and not beyond reason."""
    needed = carriers_of(energy)
    return {
        one.carrier: one.rate
        for one in asked
        if one.trim_id == trim_id and one.carrier in needed and 0 < one.rate <= HIGHEST_RATE
    }
