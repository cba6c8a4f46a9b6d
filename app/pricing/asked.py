"""What customers are asked for a page of vehicles today: the list price, or less while a campaign runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual
from app.kernel.unit_of_work import Reader
from app.pricing.effective import PRICED_COLUMNS, guide_prices, priced, read_rules
from app.pricing.rules import PriceKind, PriceState, counting_price
from db.freshness import until_next_write
from db.lists import as_list, listed_as
from db.models.inventory import VehicleUnit
from db.models.pricing import PriceChange


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPrice:
    """The price asked for one vehicle; `campaign` and `until` only while one lowers it."""

    unit_id: str
    list_price: Decimal
    asked: Decimal
    campaign: Bilingual | None = None
    until: date | None = None


_UNITS = select(*PRICED_COLUMNS, VehicleUnit.branch_id).where(
    VehicleUnit.id.in_(listed_as("units")), VehicleUnit.deleted_at.is_(None)
)


def asked_prices(reader: Reader, unit_ids: Sequence[str]) -> dict[str, AskedPrice]:
    """What is asked today, by unit; some milliseconds for a page of units. Units that are not there are left out."""
    units = reader.session.execute(_UNITS, {"units": as_list(unit_ids)}).all()
    today = branch_date(reader.now)
    if units and _campaigns_run(reader, today):
        return _as_listed(units) | _lowered(reader, units, today)
    return _as_listed(units)


def _as_listed(units: Iterable[Any]) -> dict[str, AskedPrice]:
    """What is asked while no campaign lowers it, for rows with `id` and `list_price`."""
    return {one.id: AskedPrice(unit_id=one.id, list_price=one.list_price, asked=one.list_price) for one in units}


def _campaigns_run(reader: Reader, today: date) -> bool:
    """Whether there is any campaign to look for: most days there is none. Asked once between two writes."""
    running = select(PriceChange.id).where(
        PriceChange.kind == PriceKind.CAMPAIGN.value, PriceChange.state == PriceState.APPROVED.value,
        PriceChange.valid_from <= today, PriceChange.valid_to >= today, PriceChange.deleted_at.is_(None),
    )  # fmt: skip
    found: bool = until_next_write(
        reader.session, f"campaigns on {today}", lambda: reader.session.scalar(running.limit(1)) is not None
    )
    return found


def _lowered(reader: Reader, units: Sequence[Any], today: date) -> dict[str, AskedPrice]:
    guides = guide_prices(reader.session, {unit.trim_id for unit in units})
    subjects = {subject for unit in units for subject in (unit.id, unit.trim_id, unit.series_id)}
    book = read_rules(reader.session, subjects, until=today, kind=PriceKind.CAMPAIGN)
    found = {}
    for unit in units:
        facts = priced(unit, guides.get(unit.trim_id, unit.list_price))
        price = counting_price(book.of(facts, unit.branch_id), facts, today)
        if price.campaign is not None:
            found[unit.id] = AskedPrice(
                unit_id=unit.id, list_price=price.list_price, asked=price.asked, campaign=price.campaign.name,
                until=price.campaign.valid_to,
            )  # fmt: skip
    return found


class AskedBook:
    """Remembers what is asked for the rows of a table: `note` where they are read, `of` where they are shown."""

    def __init__(self) -> None:
        self._known: dict[str, AskedPrice] = {}
        self._changed = False

    def note(self, reader: Reader, rows: Iterable[Any]) -> None:
        """Read what is asked for these rows, which have `id` and `list_price`; nothing is read on a day without
        campaigns."""
        noted = list(rows)
        if not noted:
            return
        running = _campaigns_run(reader, branch_date(reader.now))
        found = asked_prices(reader, [row.id for row in noted]) if running else _as_listed(noted)
        known = self._known
        self._changed = self._changed or any(known[one] != price for one, price in found.items() if one in known)
        self._known = known | found  # whole at once: another thread may be painting

    def take_changed(self) -> bool:
        """Whether since the last call a price became another that was noted before, so that it has to be shown anew
        although its row is the same."""
        changed, self._changed = self._changed, False
        return changed

    def of(self, row: Any) -> AskedPrice | None:
        """What is asked for a row; None before it was read, or where the row has meanwhile another list price."""
        found = self._known.get(row.id)
        return found if found is not None and found.list_price == row.list_price else None
