"""Where a certificate is, read off its ledger."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.custody.rules import FIRST_HOLDER, CustodyStep, Holder
from db.lists import listed
from db.models.custody import CertificateEntry
from db.models.inventory import VehicleUnit


def entries_of(session: Session, unit_ids: Collection[str]) -> dict[str, list[CertificateEntry]]:
    """The lines of these units, the oldest first; a line recorded at a desk that was away stands where it happened."""
    query = select(CertificateEntry).where(
        CertificateEntry.unit_id.in_(listed(sorted(unit_ids))), CertificateEntry.deleted_at.is_(None)
    )
    found: dict[str, list[CertificateEntry]] = {}
    for entry in session.scalars(query.order_by(CertificateEntry.happened_at, CertificateEntry.id)):
        found.setdefault(entry.unit_id, []).append(entry)
    return found


def standing(entries: list[CertificateEntry]) -> list[CertificateEntry]:
    """The lines that count: neither corrected nor a correction."""
    corrected = {entry.contra_of for entry in entries if entry.contra_of}
    return [entry for entry in entries if entry.step != CustodyStep.CORRECT and entry.id not in corrected]


def holder_of(unit: VehicleUnit, entries: list[CertificateEntry]) -> tuple[Holder, str]:
    """Who has the certificate now, and the name that was written down."""
    counting = standing(entries)
    if counting:
        return Holder(counting[-1].to_kind), counting[-1].to_name
    return FIRST_HOLDER[unit.certificate_state], ""
