"""The rules that concern units, read from the database; prices decided by `rules.counting_price` alone."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual
from app.pricing.rules import (
    CountingPrice,
    Formula,
    PricedUnit,
    PriceKind,
    PriceLevel,
    PriceRule,
    PriceState,
    counting_price,
)
from db.lists import as_list, listed, listed_as
from db.models.catalog import Trim
from db.models.inventory import VehicleUnit
from db.models.pricing import PriceChange, PriceLine

_AMOUNTS = (
    (PriceKind.LIST, "list_price"), (PriceKind.FLOOR, "floor_price"), (PriceKind.CAMPAIGN, "campaign_price"),
)  # fmt: skip

_LINE_COLUMNS = (
    PriceLine.id, PriceLine.change_id, PriceLine.branch_id, PriceLine.level, PriceLine.subject_id,
    PriceLine.list_price, PriceLine.floor_price, PriceLine.campaign_price,
)  # fmt: skip
PRICED_COLUMNS = (
    VehicleUnit.id, VehicleUnit.trim_id, VehicleUnit.series_id, VehicleUnit.created_at, VehicleUnit.list_price,
    VehicleUnit.floor_price,
)  # fmt: skip
"""What `priced` needs of a unit."""


class RuleBook:
    """Approved rules by what they speak about; `of(unit)` are those that can concern a unit."""

    def __init__(self, rules: Iterable[tuple[str, PriceRule]]) -> None:
        self._rules: dict[tuple[str, str], list[PriceRule]] = defaultdict(list)
        for branch_id, rule in rules:
            # What is said about one unit goes with it to another branch; a trim's price is its branch's own.
            place = "" if rule.level is PriceLevel.UNIT else branch_id
            self._rules[place, rule.subject_id].append(rule)

    def of(self, unit: PricedUnit, branch_id: str) -> list[PriceRule]:
        """All rules about a unit of a branch, its trim and its series."""
        found = list(self._rules.get(("", unit.unit_id), ()))
        for subject in (unit.trim_id, unit.series_id):
            found += self._rules.get((branch_id, subject), ())
        return found


def read_rules(
    session: Session, subjects: Collection[str], *, until: date | None = None, kind: PriceKind | None = None
) -> RuleBook:
    """The approved rules about these units, trims and series; with `until`, those that begin by that day, with `kind`
    those of changes of a kind; campaigns that are over by `until` are left out then."""
    if not subjects:
        return RuleBook(())
    asked = {"subjects": as_list(sorted(subjects)), "until": until, "kind": None if kind is None else kind.value}
    given = {name: value for name, value in asked.items() if value is not None}
    lines = session.execute(_lines(until=until is not None, kind=kind is not None), given).all()
    if not lines:
        return RuleBook(())
    named = listed(sorted({line.change_id for line in lines}))
    changes = {one.id: one for one in session.scalars(select(PriceChange).where(PriceChange.id.in_(named)))}
    return RuleBook((line.branch_id, rule) for line in lines for rule in rules_of(line, changes[line.change_id]))


@cache
def _lines(*, until: bool, kind: bool) -> Select[*tuple[Any, ...]]:
    """The statement of `read_rules`, made once for what it is restricted by: every sale and every list asks it."""
    query = (
        select(*_LINE_COLUMNS)
        .join(PriceChange, PriceChange.id == PriceLine.change_id)
        .where(
            PriceLine.subject_id.in_(listed_as("subjects")),
            PriceLine.deleted_at.is_(None),
            PriceChange.deleted_at.is_(None),
            PriceChange.state == PriceState.APPROVED.value,
        )
    )
    last_day = bindparam("until", type_=PriceChange.valid_from.type)
    if until:
        query = query.where(PriceChange.valid_from <= last_day)
    if kind:
        query = query.where(PriceChange.kind == bindparam("kind"))
        if until:
            query = query.where(or_(PriceChange.valid_to.is_(None), PriceChange.valid_to >= last_day))
    return query


def rules_of(line: Any, change: PriceChange) -> list[PriceRule]:
    """What a line of an approved change says, one rule for each kind of price; `line` is a row or record of
    `price_line`."""
    if change.decided_at is None:
        return []
    formula = Formula.from_stored(change.formula or {})
    found = []
    for kind, column in _AMOUNTS:
        amount: Decimal | None = getattr(line, column)
        by_formula = formula if amount is None and change.kind == kind and formula is not None else None
        if amount is None and by_formula is None:
            continue
        found.append(
            PriceRule(
                id=line.id, kind=kind, level=PriceLevel(line.level), subject_id=line.subject_id,
                valid_from=change.valid_from, valid_to=change.valid_to, decided_at=change.decided_at, amount=amount,
                formula=by_formula, below_floor=change.below_floor, change_id=change.id,
                name=Bilingual(change.name_zh, change.name_en),
            )
        )  # fmt: skip
    return found


def priced(unit: Any, guide_price: Decimal) -> PricedUnit:
    """What decides a unit's prices; `unit` is a row or record of `vehicle_unit`."""
    return PricedUnit(
        unit_id=unit.id, trim_id=unit.trim_id, series_id=unit.series_id, entered_on=branch_date(unit.created_at),
        list_price=unit.list_price, floor_price=unit.floor_price, guide_price=guide_price,
    )  # fmt: skip


def guide_prices(session: Session, trim_ids: Collection[str]) -> dict[str, Decimal]:
    """Guide price by trim."""
    query = select(Trim.id, Trim.guide_price).where(Trim.id.in_(listed(sorted(trim_ids))))
    return {row[0]: row[1] for row in session.execute(query)}


def price_of_unit(session: Session, unit: VehicleUnit, guide_price: Decimal, day: date) -> CountingPrice:
    """What counts for a unit on a day."""
    facts = priced(unit, guide_price)
    book = read_rules(session, {unit.id, unit.trim_id, unit.series_id})
    return counting_price(book.of(facts, unit.branch_id), facts, day)


def asked_today(session: Session, unit: VehicleUnit, guide_price: Decimal, day: date) -> CountingPrice:
    """What a customer is asked for a unit: its list and floor price as they stand, less a running campaign."""
    facts = priced(unit, guide_price)
    book = read_rules(session, {unit.id, unit.trim_id, unit.series_id}, until=day, kind=PriceKind.CAMPAIGN)
    return counting_price(book.of(facts, unit.branch_id), facts, day)
