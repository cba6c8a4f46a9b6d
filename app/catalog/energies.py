"""What a car runs on."""

from app.kernel.labels import Labelled
from app.runtime.language import tr_noop


class Energy(Labelled):
    """The kinds of drive a trim can have; the codes stand in `trim.energy` and `vehicle_unit.energy`."""

    PETROL = "petrol", tr_noop("Petrol")
    DIESEL = "diesel", tr_noop("Diesel")
    HYBRID = "hybrid", tr_noop("Hybrid")
    PLUG_IN_HYBRID = "plug_in_hybrid", tr_noop("Plug-in hybrid")
    RANGE_EXTENDED = "range_extended", tr_noop("Range-extended electric")
    ELECTRIC = "electric", tr_noop("Electric")
    FUEL_CELL = "fuel_cell", tr_noop("Fuel cell")


NEW_ENERGY: frozenset[Energy] = frozenset(
    {Energy.PLUG_IN_HYBRID, Energy.RANGE_EXTENDED, Energy.ELECTRIC, Energy.FUEL_CELL}
)
"""The kinds that count as new-energy vehicles (新能源汽车) and can stand in the tax directory."""
