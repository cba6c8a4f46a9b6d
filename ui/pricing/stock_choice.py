"""Choosing vehicles for a price change by the filters of the stock page."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.catalog.energies import Energy
from app.inventory.queries import IN_THE_HOUSE, AgeBand, FacetValue, PriceBand, UnitFacets, UnitFilter, unit_facets
from app.inventory.rules import AllocationState, StockState
from app.kernel.labels import Labelled
from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.filters import Facet, FacetOption, FilterBar

_MOST_OPTIONS = 40
_FACETS = {
    "make_ids": ("makes", tr_noop("Make")), "price_bands": ("price_bands", tr_noop("Price")),
    "energies": ("energies", tr_noop("Energy")), "colours": ("colours", tr_noop("Colour")),
    "age_bands": ("age_bands", tr_noop("Age")), "stock_states": ("stock_states", tr_noop("Where")),
}  # fmt: skip


class StockChoice(FilterBar):
    """The filter bar with the stock's facets and their counts; only free vehicles of one's own branch are priced."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(placeholder=tr_noop("Model, colour, VIN, stock number"))
        self._context = context
        for name, (_, label) in _FACETS.items():
            self.add_facet(Facet(name, label))
        self.changed.connect(lambda _values: self.count())

    def unit_filter(self) -> UnitFilter:
        """What is chosen."""
        values = self.values()
        return UnitFilter(
            text=str(values.get("text", "")),
            make_ids=_chosen(values, "make_ids"),
            price_bands=tuple(PriceBand(value) for value in _chosen(values, "price_bands")),
            energies=tuple(Energy(value) for value in _chosen(values, "energies")),
            colours=_chosen(values, "colours"),
            age_bands=tuple(AgeBand(value) for value in _chosen(values, "age_bands")),
            allocation_states=(AllocationState.FREE,),
            stock_states=tuple(StockState(value) for value in _chosen(values, "stock_states")) or IN_THE_HOUSE,
            branch_ids=(self._context.actor.branch_id,),
        )

    def count(self) -> None:
        """Fetch the values of the chips and how many vehicles have each."""
        self._context.operations.run_query(
            self, unit_facets, self.unit_filter(), on_done=self._on_counted, key="facets", after_ms=200
        )

    def _on_counted(self, facets: UnitFacets) -> None:
        for name, (attribute, _) in _FACETS.items():
            self.set_options(name, _options(getattr(facets, attribute)))


def _chosen(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(values.get(name, ()))


def _options(values: Iterable[FacetValue]) -> list[FacetOption]:
    shown = [value for value in values if value.count][:_MOST_OPTIONS]
    return [FacetOption(value.value, _label(value), value.count) for value in shown]


def _label(value: FacetValue) -> Any:
    label = value.label
    return label.label if isinstance(label, Labelled) else lambda: str(label)
