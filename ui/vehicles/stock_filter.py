"""Between the filter bar and the stock: what is chosen as a `UnitFilter`, counts as options of the chips."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.catalog.energies import Energy
from app.inventory.queries import (
    IN_THE_HOUSE,
    AgeBand,
    FacetValue,
    PriceBand,
    UnitFacets,
    UnitFilter,
    UnitSort,
)
from app.inventory.rules import AllocationState, StockState
from app.kernel.labels import Labelled
from app.runtime.language import tr_noop
from ui.kit.filters import Facet, FacetOption

MOST_OPTIONS = 40
"""So many makes or colours are offered; what is rarer is found by typing."""

_SORTS = {
    ("price", False): UnitSort.CHEAPEST,
    ("price", True): UnitSort.DEAREST,
    ("age", False): UnitSort.NEWEST,
    ("age", True): UnitSort.OLDEST,
}


def stock_facets() -> list[Facet]:
    """The chips of the stock page, named like the fields of `UnitFilter`, without values yet."""
    return [
        Facet("make_ids", tr_noop("Make")),
        Facet("price_bands", tr_noop("Price")),
        Facet("energies", tr_noop("Energy")),
        Facet("colours", tr_noop("Colour")),
        Facet("age_bands", tr_noop("Age")),
        Facet("allocation_states", tr_noop("Status")),
        Facet("stock_states", tr_noop("Where")),
        Facet("branch_ids", tr_noop("Branch")),
    ]


def unit_filter(values: Mapping[str, Any]) -> UnitFilter:
    """The filter for what is chosen; without a choice of stock states, what is in the house or on its way."""
    return UnitFilter(
        text=str(values.get("text", "")),
        make_ids=_chosen(values, "make_ids"),
        trim_ids=_chosen(values, "trim_ids"),
        price_bands=tuple(PriceBand(value) for value in _chosen(values, "price_bands")),
        energies=tuple(Energy(value) for value in _chosen(values, "energies")),
        colours=_chosen(values, "colours"),
        age_bands=tuple(AgeBand(value) for value in _chosen(values, "age_bands")),
        allocation_states=tuple(AllocationState(value) for value in _chosen(values, "allocation_states")),
        stock_states=tuple(StockState(value) for value in _chosen(values, "stock_states")) or IN_THE_HOUSE,
        branch_ids=_chosen(values, "branch_ids"),
    )


def unit_sort(values: Mapping[str, Any]) -> UnitSort:
    """The order for what was clicked in the table's header; without, what stands here first."""
    return _SORTS.get((str(values.get("sort", "")), bool(values.get("descending"))), UnitSort.HERE_FIRST)


def facet_options(facets: UnitFacets) -> dict[str, list[FacetOption]]:
    """The values of each chip with their counts."""
    return {
        "make_ids": _options(facets.makes),
        "price_bands": _options(facets.price_bands),
        "energies": _options(value for value in facets.energies if value.count),
        "colours": _options(facets.colours),
        "age_bands": _options(facets.age_bands),
        "allocation_states": _options(facets.allocation_states),
        "stock_states": _options(facets.stock_states),
        "branch_ids": _options(facets.branches),
    }


def _chosen(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(values.get(name, ()))


def _options(values: Iterable[FacetValue]) -> list[FacetOption]:
    return [FacetOption(value.value, _label(value), value.count) for value in list(values)[:MOST_OPTIONS]]


def _label(value: FacetValue) -> Any:
    label = value.label
    return label.label if isinstance(label, Labelled) else lambda: str(label)
