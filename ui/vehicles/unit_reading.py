"""One read for the whole panel of a unit: itself, who waits, inspections, certificate, keys, moves, costs."""

from dataclasses import dataclass
from typing import Any

from app.custody.key_queries import UnitKeysDetail, get_unit_keys
from app.custody.move_queries import MoveRow, list_moves
from app.custody.queries import CertificateDetail, get_certificate
from app.inspections.queries import InspectionRow, list_unit_inspections
from app.inventory.queries import UnitDetail, get_unit
from app.inventory.queue_queries import WishRow, list_queue
from app.kernel.permissions import Permission
from app.transfers.queries import TransferRow, find_transfer_of_unit
from app.unit_costs.queries import UnitCosts, get_unit_costs


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRecord:
    """All the panel shows of a unit."""

    detail: UnitDetail
    transfer: TransferRow | None
    """The one that is under way."""
    queue: tuple[WishRow, ...]
    inspections: tuple[InspectionRow, ...]
    certificate: CertificateDetail
    keys: UnitKeysDetail
    moves: tuple[MoveRow, ...]
    costs: UnitCosts | None
    """None for who may not see costs."""


def get_unit_record(reader: Any, unit_id: str) -> UnitRecord:
    """A unit with all that belongs to it; raises RecordNotFound."""
    return UnitRecord(
        detail=get_unit(reader, unit_id),
        transfer=find_transfer_of_unit(reader, unit_id),
        queue=list_queue(reader, unit_id),
        inspections=list_unit_inspections(reader, unit_id),
        certificate=get_certificate(reader, unit_id),
        keys=get_unit_keys(reader, unit_id),
        moves=list_moves(reader, unit_id),
        costs=get_unit_costs(reader, unit_id) if reader.actor.may(Permission.INVENTORY_VIEW_COST) else None,
    )
