"""What other branches have: asked of the centre, or from memory where this desk reads their branches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select

from app.catalog.queries import list_trims, trim_rows
from app.kernel.labels import UNNAMED, Bilingual
from app.kernel.money import from_fen
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.inventory import VehicleUnit
from db.models.staff import Branch

MOST_TRIMS = 100
_LOCAL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupUnit:
    """A vehicle of another branch. `taken` is "order", "hold", "transfer", or empty: it can be asked for."""

    id: str
    branch_id: str
    branch_code: str
    branch: Bilingual
    vin: str
    stock_number: str
    trim_id: str
    model: Bilingual
    exterior_colour: Bilingual
    interior_colour: Bilingual
    stock_state: str
    list_price: Decimal
    arrived_on: date | None
    odometer_km: int
    taken: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to ask the centre for: `trims` of the models named in the text, or a piece of a number."""

    trims: tuple[str, ...]
    text: str
    by: str


def understand(reader: Reader, text: str) -> Wanted:
    """Names of models become trims, which every desk has; what names none is looked for in VINs and stock numbers."""
    reader.require(Permission.TRANSFERS_REQUEST)
    wanted = text.strip()[:60]
    trims = tuple(trim.id for trim in list_trims(reader, text=wanted, limit=MOST_TRIMS)) if wanted else ()
    return Wanted(trims=trims, text="" if trims else wanted, by=reader.actor.staff_id)


def named(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> tuple[GroupUnit, ...]:
    """The centre's rows with the names of branches and models, in stored values."""
    branches = {branch.id: branch for branch in reader.session.scalars(select(Branch))}
    trims = {trim.id: trim.full_name for trim in trim_rows(reader, sorted({str(row["trim_id"]) for row in rows}))}
    return tuple(_named(row, branches.get(row["branch_id"]), trims.get(row["trim_id"], UNNAMED)) for row in rows)


def _named(row: Mapping[str, Any], branch: Branch | None, model: Bilingual) -> GroupUnit:
    arrived = row.get("arrived_on")
    return GroupUnit(
        id=row["id"],
        branch_id=row["branch_id"],
        branch_code=branch.code if branch is not None else "—",
        branch=UNNAMED if branch is None else Bilingual(branch.name_zh, branch.name_en),
        vin=row.get("vin") or "",
        stock_number=row.get("stock_number") or "",
        trim_id=row.get("trim_id") or "",
        model=model,
        exterior_colour=Bilingual.from_stored(row.get("exterior_colour") or ""),
        interior_colour=Bilingual.from_stored(row.get("interior_colour") or ""),
        stock_state=row.get("stock_state") or "IN_STOCK",
        list_price=from_fen(row.get("list_price") or 0),
        arrived_on=date.fromisoformat(arrived) if arrived else None,
        odometer_km=row.get("odometer_km") or 0,
        taken=row.get("taken") or "",
    )


def known_here(reader: Reader, text: str) -> tuple[GroupUnit, ...]:
    """What this desk itself knows of other branches, for when the centre is away: as old as the last exchange."""
    wanted = understand(reader, text)
    unit = VehicleUnit
    query = select(unit).where(
        unit.branch_id != reader.actor.branch_id, unit.deleted_at.is_(None),
        unit.stock_state.in_(("IN_STOCK", "IN_TRANSIT")),
    )  # fmt: skip
    if wanted.trims:
        query = query.where(unit.trim_id.in_(wanted.trims))
    elif wanted.text:
        found = (column.icontains(wanted.text, autoescape=True) for column in (unit.vin, unit.stock_number))
        query = query.where(or_(*found))
    rows = reader.session.scalars(query.order_by(unit.id).limit(_LOCAL))
    return named(reader, [_as_row(one) for one in rows])


def _as_row(unit: VehicleUnit) -> dict[str, Any]:
    taken = {"HELD": "hold", "ALLOCATED": "order", "DELIVERED": "order"}.get(unit.allocation_state, "")
    return {
        "id": unit.id, "branch_id": unit.branch_id, "vin": unit.vin, "stock_number": unit.stock_number,
        "trim_id": unit.trim_id, "exterior_colour": unit.exterior_colour, "interior_colour": unit.interior_colour,
        "stock_state": unit.stock_state, "list_price": int(unit.list_price * 100),
        "arrived_on": unit.arrived_on.isoformat(), "odometer_km": unit.odometer_km, "taken": taken,
    }  # fmt: skip
