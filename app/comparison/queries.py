"""Reads of the comparison: up to six trims in full, what they cost, and their paper and sheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from app.attachments.queries import get_content, main_pictures
from app.catalog.inheritance import effective_parameters
from app.catalog.interest import ordered_parameters
from app.catalog.queries import TrimRow, list_trims, trim_rows
from app.comparison.axes import Axis, chosen_axes, possible_axes, usual_axes
from app.comparison.errors import NothingToCompare, TooManyCompared
from app.comparison.lines import MOST, ComparedTrim, LineGroup, chosen_lines, comparison_groups, facts_of
from app.comparison.own_prices import OwnPrice, TakenPrice, taken_prices
from app.comparison.own_rates import OwnRate, rates_of
from app.comparison.ownership import Assumptions, OwnershipCost
from app.comparison.rules import PlateCity, default_assumptions, on_road_total, ownership_cost, plate_cities
from app.insurance.rules import third_party_limits
from app.kernel.clock import branch_date
from app.kernel.permissions import Permission
from app.kernel.reference_data import bundled_reference
from app.kernel.unit_of_work import Reader
from app.quotations.paper_facts import house_address, house_name
from db.models.catalog import Trim
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.staff import Branch, StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonTerms:
    """What is compared, how, and for whom. `assumed` None takes the usual assumptions; `axes` empty the usual axes;
    `prices` stand in the place of guide prices, `rates` in that of consumptions on file."""

    trim_ids: tuple[str, ...]
    reference_id: str = ""
    assumed: Assumptions | None = None
    city: str = "none"
    axes: tuple[str, ...] = ()
    differences_only: bool = False
    everything: bool = True
    prices: tuple[OwnPrice, ...] = ()
    rates: tuple[OwnRate, ...] = ()
    customer_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The trims that are still there, in the order asked for, with all that is worked out of them."""

    terms: ComparisonTerms
    assumed: Assumptions
    trims: tuple[ComparedTrim, ...]
    reference: int
    all_groups: tuple[LineGroup, ...]
    costs: tuple[OwnershipCost, ...]
    possible_axes: tuple[Axis, ...]
    axes: tuple[Axis, ...]
    prepared_for: str = ""
    """The name of the customer, and nothing else of them."""
    looks: Mapping[str, int] = field(default_factory=dict)
    """How often those parameters were looked at here that stand higher for it."""

    @property
    def groups(self) -> tuple[LineGroup, ...]:
        """The lines the terms ask for."""
        return chosen_lines(
            self.all_groups, differences_only=self.terms.differences_only, everything=self.terms.everything
        )

    def chosen(self, *, differences_only: bool, everything: bool) -> "Comparison":
        """The same with other lines."""
        return replace(self, terms=replace(self.terms, differences_only=differences_only, everything=everything))

    @property
    def city(self) -> PlateCity | None:
        """The city whose quotas are counted, None where they were entered by hand."""
        for one in plate_cities(self.assumed.bought_on):
            quotas = (self.assumed.quota_fuel, self.assumed.quota_plug_in, self.assumed.quota_electric)
            if one.code == self.terms.city and quotas == (one.fuel, one.plug_in, one.electric):
                return one
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonChoices:
    """What the inputs offer: cities, limits of third-party liability, and the usual assumptions."""

    usual: Assumptions
    cities: tuple[PlateCity, ...]
    limits: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonHouse:
    """Who hands the comparison out."""

    name: str
    address: str
    phone: str
    branch_code: str
    salesperson: str
    salesperson_phone: str
    printed_on: date
    valid_until: date


def get_choices(reader: Reader) -> ComparisonChoices:
    """What can be assumed today."""
    reader.require(Permission.CATALOG_VIEW)
    day = branch_date(reader.now)
    return ComparisonChoices(
        usual=default_assumptions(day), cities=plate_cities(day), limits=tuple(sorted(third_party_limits(day)))
    )


def get_comparison(reader: Reader, terms: ComparisonTerms) -> Comparison:
    """Everything about these trims side by side; one that is gone is left out.

    Raises TooManyCompared for more than six.
    """
    reader.require(Permission.CATALOG_VIEW)
    wanted = tuple(dict.fromkeys(terms.trim_ids))
    if len(wanted) > MOST:
        raise TooManyCompared(most=MOST)
    day = branch_date(reader.now)
    assumed = terms.assumed or default_assumptions(day)
    trims = tuple(
        replace(trim, facts=replace(trim.facts, own_rates=rates_of(terms.rates, trim.id, trim.energy)))
        for trim in _trims(reader, wanted, day, taken_prices(reader, terms.prices))
    )
    reference = next((place for place, trim in enumerate(trims) if trim.id == terms.reference_id), 0)
    ordered = ordered_parameters(reader)
    order = [one.code for one in ordered]
    costs = tuple(ownership_cost(trim.facts, assumed) for trim in trims)
    possible = possible_axes(trims, costs)
    return Comparison(
        terms=terms,
        assumed=assumed,
        trims=trims,
        reference=reference,
        all_groups=comparison_groups(trims, reference=reference, order=order) if trims else (),
        costs=costs,
        possible_axes=possible,
        axes=chosen_axes(possible, terms.axes or usual_axes(possible)),
        prepared_for=_customer_name(reader, terms.customer_id),
        looks={one.code: one.interest.opened for one in ordered if one.raised},
    )


def _customer_name(reader: Reader, customer_id: str) -> str:
    """Empty without one, and for a customer who was removed meanwhile."""
    if not customer_id:
        return ""
    reader.require(Permission.CUSTOMERS_VIEW)
    customer = reader.session.get(Customer, customer_id)
    return "" if customer is None or customer.deleted_at is not None else customer.name


def _trims(
    reader: Reader, trim_ids: Sequence[str], day: date, prices: Mapping[str, TakenPrice]
) -> tuple[ComparedTrim, ...]:
    parameters = effective_parameters(reader, trim_ids)
    stock = _stock(reader, trim_ids)
    return tuple(
        _compared(
            row, parameters.get(row.id, {}), day=day, in_stock=stock.get(row.id, 0), taken=prices.get(row.id)
        )
        for row in trim_rows(reader, trim_ids)
    )


def _compared(
    row: TrimRow, parameters: dict[str, object], *, day: date, in_stock: int, taken: TakenPrice | None
) -> ComparedTrim:
    facts = facts_of(
        price=row.guide_price if taken is None else taken.amount,
        price_derived=None if taken is None else taken.derived, energy=row.energy, seats=row.seats,
        in_tax_directory=row.in_tax_directory, parameters=parameters,
    )  # fmt: skip
    return ComparedTrim(
        id=row.id, name=row.full_name, make=row.make, series=row.series, year=row.year, trim=row.name, facts=facts,
        guide_price=row.guide_price,
        on_road=on_road_total(facts, on=day), in_stock=in_stock,
    )  # fmt: skip


def _stock(reader: Reader, trim_ids: Sequence[str]) -> dict[str, int]:
    """Units in the house that nobody holds, by trim."""
    query = (
        select(VehicleUnit.trim_id, func.count())
        .where(VehicleUnit.trim_id.in_(trim_ids), VehicleUnit.deleted_at.is_(None))
        .where(VehicleUnit.stock_state == "IN_STOCK", VehicleUnit.allocation_state == "FREE")
        .group_by(VehicleUnit.trim_id)
    )
    return {row[0]: row[1] for row in reader.session.execute(query)}


def find_trims_to_compare(reader: Reader, text: str, *, limit: int = 30) -> tuple[TrimRow, ...]:
    """For the lookup: trims by any of their names, initials or the year."""
    return list_trims(reader, text=text, limit=limit)


def trims_in_stock(reader: Reader, *, most: int = 4) -> tuple[str, ...]:
    """The trims of which most units are free in the house, one of each series: something to begin with."""
    reader.require(Permission.CATALOG_VIEW)
    query = (
        select(VehicleUnit.series_id, VehicleUnit.trim_id, func.count())
        .join(Trim, Trim.id == VehicleUnit.trim_id)
        .where(VehicleUnit.deleted_at.is_(None), Trim.deleted_at.is_(None))
        .where(VehicleUnit.stock_state == "IN_STOCK", VehicleUnit.allocation_state == "FREE")
        .group_by(VehicleUnit.series_id, VehicleUnit.trim_id)
        .order_by(func.count().desc(), VehicleUnit.trim_id)
        .limit(most * 10)
    )
    by_series: dict[str, str] = {}
    for series_id, trim_id, _units in reader.session.execute(query):
        by_series.setdefault(series_id, trim_id)
    return tuple(by_series.values())[:most]


def get_house(reader: Reader, language: str) -> ComparisonHouse:
    """The dealer and the person signed in, for paper in a language."""
    day = branch_date(reader.now)
    branch = reader.get(Branch, reader.actor.branch_id)
    person = reader.session.get(StaffMember, reader.actor.staff_id)
    days = int(bundled_reference().at("house_policy", day).values["quotation_valid_days"])
    return ComparisonHouse(
        name=house_name(branch, language),
        address=house_address(branch, language),
        phone=branch.phone,
        branch_code=branch.code,
        salesperson=person.name if person is not None else reader.actor.name,
        salesperson_phone=person.phone if person is not None else "",
        printed_on=day,
        valid_until=day + timedelta(days=days),
    )


def comparison_pdf(reader: Reader, terms: ComparisonTerms, *, language: str) -> bytes:
    """The comparison on paper. Raises NothingToCompare without a trim."""
    # Paper needs ReportLab, which start-up must not wait for.
    from app.comparison.paper import ComparisonPaper, render_comparison

    found = _something(get_comparison(reader, terms))
    house = get_house(reader, language)
    pictures = _pictures(reader, [trim.id for trim in found.trims])
    paper = ComparisonPaper(comparison=found, house=house, made_at=reader.now, pictures=pictures)
    return render_comparison(paper, language).pdf


def _pictures(reader: Reader, trim_ids: Sequence[str]) -> dict[str, bytes]:
    """The main pictures that are at this desk, small, as files."""
    found = main_pictures(reader, "trim", trim_ids)
    contents = {trim_id: get_content(reader, row.thumb) for trim_id, row in found.items()}
    return {trim_id: content for trim_id, content in contents.items() if content is not None}


def comparison_sheets(reader: Reader, terms: ComparisonTerms, *, language: str) -> bytes:
    """The comparison as an XLSX workbook: specifications, costs, assumptions. Raises NothingToCompare."""
    # openpyxl is large; who prints nothing does not pay for it.
    from app.comparison.workbook import comparison_workbook

    return comparison_workbook(_something(get_comparison(reader, terms)), get_house(reader, language), language)


def _something(comparison: Comparison) -> Comparison:
    if not comparison.trims:
        raise NothingToCompare()
    return comparison
