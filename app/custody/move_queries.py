"""Reading where units stood before."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.custody.lists import staff_names
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.custody import UnitMove


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """A unit was put somewhere else."""

    id: str
    source: str
    target: str
    note: str
    moved_at: datetime
    moved_by: str


def list_moves(reader: Reader, unit_id: str, *, limit: int = 50) -> tuple[MoveRow, ...]:
    """Where a unit stood, the last move first."""
    reader.require(Permission.INVENTORY_VIEW)
    query = select(UnitMove).where(UnitMove.unit_id == unit_id, UnitMove.deleted_at.is_(None))
    moves = list(reader.session.scalars(query.order_by(UnitMove.moved_at.desc(), UnitMove.id.desc()).limit(limit)))
    names = staff_names(reader, {move.moved_by_staff_id for move in moves})
    return tuple(
        MoveRow(
            id=move.id,
            source=move.from_location,
            target=move.to_location,
            note=move.note,
            moved_at=move.moved_at,
            moved_by=names.get(move.moved_by_staff_id, ""),
        )
        for move in moves
    )
