"""How far a price change goes: the largest change it makes, which decides whether somebody else has to agree.

What a line of a vehicle says was there is checked by the handler. What is said about whole trims and series is measured
here against the vehicles it reaches; a trim without vehicles is measured against its guide price.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.inventory.rules import AllocationState, StockState
from app.kernel.permissions import Actor
from app.pricing.commands import ProposedPrice, ProposePrices
from app.pricing.rules import Formula, FormulaKind, PriceKind, PriceLevel, PriceState, change_share
from db.lists import listed
from db.models.catalog import ModelYear, Trim
from db.models.inventory import VehicleUnit
from db.models.pricing import PriceChange, PriceLine

_NONE = Decimal("0.0")
_OPEN_STOCK = (StockState.IN_TRANSIT.value, StockState.IN_STOCK.value, StockState.LENT.value)
_OPEN_ALLOCATION = (AllocationState.FREE.value, AllocationState.HELD.value)


@dataclass(frozen=True, slots=True)
class Extent:
    """The largest change in percent; `open_ended` where vehicles still to come can be changed by more than that."""

    largest: Decimal
    open_ended: bool


@dataclass(frozen=True, slots=True)
class _Present:
    """What the vehicles of a trim cost now: the lowest and the highest price, or the guide price without vehicles."""

    guide: Decimal
    prices: tuple[Decimal, ...]


def extent_of(session: Any, command: ProposePrices, actor: Actor) -> Extent:
    """How far a change goes in the actor's branch."""
    units = [line for line in command.lines if line.level is PriceLevel.UNIT]
    wholes = [line for line in command.lines if line.level is not PriceLevel.UNIT]
    shares = [_of_unit(line) for line in units]
    if wholes:
        present = _present(session, wholes, command.kind, actor.branch_id)
        shares += [_of_trim(line, one, command) for line, trims in present for one in trims]
    by_formula = command.kind is PriceKind.CAMPAIGN and any(line.campaign_price is None for line in wholes)
    percent = command.formula if by_formula and _is_percent(command.formula) else None
    if percent is not None:
        shares.append(max(-percent.value, _NONE))  # of whatever is still to come
    return Extent(max(shares, default=_NONE), open_ended=by_formula and percent is None)


def _is_percent(formula: Formula | None) -> bool:
    return formula is not None and formula.kind is FormulaKind.BY_PERCENT


def _of_unit(line: ProposedPrice) -> Decimal:
    pairs = ((line.list_before, line.list_price), (line.floor_before, line.floor_price))
    shares = [change_share(before, after) for before, after in pairs]
    return max(*shares, change_share(line.list_before, line.campaign_price))


def _of_trim(line: ProposedPrice, present: _Present, command: ProposePrices) -> Decimal:
    amount = {
        PriceKind.LIST: line.list_price, PriceKind.FLOOR: line.floor_price, PriceKind.CAMPAIGN: line.campaign_price,
    }.get(command.kind)  # fmt: skip
    formula = command.formula if amount is None else None
    return max(
        change_share(before, amount if formula is None else formula.apply(before, present.guide))
        for before in present.prices
    )


def _present(
    session: Any, lines: Collection[ProposedPrice], kind: PriceKind, branch_id: str
) -> list[tuple[ProposedPrice, list[_Present]]]:
    trims = _trims_of(session, lines)
    prices = _prices_of(session, {trim_id for found in trims.values() for trim_id, _ in found}, kind, branch_id)
    return [
        (line, [_Present(guide, prices.get(trim_id, (guide,))) for trim_id, guide in trims.get(line.subject_id, ())])
        for line in lines
    ]


def _trims_of(session: Any, lines: Iterable[ProposedPrice]) -> dict[str, list[tuple[str, Decimal]]]:
    """The trims and their guide prices that each trim or series of the lines stands for."""
    named = listed([line.subject_id for line in lines])
    query = (
        select(Trim.id, Trim.guide_price, ModelYear.series_id)
        .join(ModelYear, ModelYear.id == Trim.model_year_id)
        .where(Trim.deleted_at.is_(None), Trim.id.in_(named) | ModelYear.series_id.in_(named))
    )
    found: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for trim_id, guide, series_id in session.execute(query):
        found[trim_id].append((trim_id, guide))
        found[series_id].append((trim_id, guide))
    return found


def _prices_of(
    session: Any, trim_ids: Collection[str], kind: PriceKind, branch_id: str
) -> dict[str, tuple[Decimal, ...]]:
    """By trim the lowest and the highest price of those vehicles that what is said of their trim reaches."""
    price = VehicleUnit.floor_price if kind is PriceKind.FLOOR else VehicleUnit.list_price
    query = (
        select(VehicleUnit.trim_id, func.min(price), func.max(price))
        .where(
            VehicleUnit.branch_id == branch_id, VehicleUnit.stock_state.in_(_OPEN_STOCK),
            VehicleUnit.allocation_state.in_(_OPEN_ALLOCATION), VehicleUnit.deleted_at.is_(None),
            VehicleUnit.trim_id.in_(listed(sorted(trim_ids))),
        )
        .group_by(VehicleUnit.trim_id)
    )  # fmt: skip
    if kind is not PriceKind.CAMPAIGN:
        query = query.where(~_own_price(PriceLine.floor_price if kind is PriceKind.FLOOR else PriceLine.list_price))
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def _own_price(amount: Any) -> Any:
    """Whether a vehicle has a price of its own, which goes before what is said of its trim."""
    return (
        select(PriceLine.id)
        .join(PriceChange, PriceChange.id == PriceLine.change_id)
        .where(
            PriceLine.subject_id == VehicleUnit.id, amount.is_not(None), PriceLine.deleted_at.is_(None),
            PriceChange.state == PriceState.APPROVED.value, PriceChange.kind != PriceKind.CAMPAIGN.value,
        )
        .exists()
    )  # fmt: skip
