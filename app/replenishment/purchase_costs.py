"""What a unit will probably cost: what the newest units of its trim cost here, else a share of the guide price."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from app.kernel.money import cents
from db.lists import listed
from db.models.catalog import Trim
from db.models.inventory import VehicleUnit

USUAL_SHARE = Decimal("0.92")
"""Of the guide price, where no unit of the trim is on file."""
_NEWEST = 20
_LAST_ENTERED: Any = literal_column("vehicle_unit.rowid")
"""The order in which units came into this database: by it, the index over trims needs no sorting."""


def expected_costs(session: Session, trim_ids: Collection[str], *, branch_id: str) -> dict[str, Decimal]:
    """The mean cost of the newest units of each trim."""
    guides = select(Trim.id, Trim.guide_price).where(Trim.id.in_(listed(sorted(trim_ids))))
    found = {row[0]: cents(row[1] * USUAL_SHARE) for row in session.execute(guides)}
    for trim_id in found:
        newest = (
            select(VehicleUnit.cost)
            .where(VehicleUnit.trim_id == trim_id, VehicleUnit.branch_id == branch_id)
            .order_by(_LAST_ENTERED.desc())
            .limit(_NEWEST)
            .subquery()
        )
        total, count = session.execute(select(func.sum(newest.c.cost), func.count())).one()
        if count:
            found[trim_id] = cents(Decimal(total) / count)
    return found
