"""What stands on the transfer note, put together from the records."""

from typing import Any

from app.documents.paper_data import PaperParty, PaperVehicle, Words
from app.documents.transfer_note import TransferPaper, render_transfer_note
from app.kernel.labels import Bilingual
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr_in
from app.transfers.queries import TransferDetail
from app.transfers.rules import CertificateTravel, Condition
from db.models.inventory import VehicleUnit
from db.models.staff import Branch


def transfer_note(reader: Reader, detail: TransferDetail, *, language: str) -> bytes:
    """The note as a PDF."""
    return render_transfer_note(_paper(reader, detail, language), language).pdf


def _paper(reader: Reader, detail: TransferDetail, language: str) -> TransferPaper:
    row = detail.row
    by = {stage.state: stage for stage in detail.stages}
    return TransferPaper(
        number=row.number,
        source=_party(reader, row.source.id if row.source else None, language),
        target=_party(reader, row.target.id, language),
        vehicle=_vehicle(reader, detail),
        stock_number=row.stock_number,
        requested_at=row.requested_at,
        made_at=reader.now,
        needed_by=row.needed_by,
        asked_by=by["PENDING"].by,
        approved_by=by["APPROVED"].by,
        approved_at=by["APPROVED"].at,
        departed_at=by["DEPARTED"].at,
        sent_by=by["DEPARTED"].by,
        carrier=detail.carrier,
        driver=detail.driver,
        keys=_figure(detail.keys),
        certificate=_worded(CertificateTravel, detail.certificate_by, language, more=detail.courier_number),
        departure_odometer=_kilometres(detail.departure_odometer_km),
        arrived_at=by["MOVED"].at,
        received_by=by["MOVED"].by,
        arrival_odometer=_kilometres(detail.arrival_odometer_km),
        keys_arrived=_figure(detail.keys_arrived),
        certificate_arrived=_yes_or_no(detail.certificate_arrived, language),
        condition=_worded(Condition, detail.condition, language),
        damage=detail.damage_note,
        order_number=detail.order_number,
        note=detail.note,
    )


def _party(reader: Reader, branch_id: str | None, language: str) -> PaperParty:
    branch = reader.session.get(Branch, branch_id) if branch_id else None
    if branch is None:
        return PaperParty(name="—", is_company=True)
    return PaperParty(
        name=f"{Bilingual(branch.name_zh, branch.name_en).in_language(language)} ({branch.code})",
        is_company=True,
        phone=branch.phone,
        address=Bilingual(branch.address_zh, branch.address_en).in_language(language),
    )


def _vehicle(reader: Reader, detail: TransferDetail) -> PaperVehicle:
    row = detail.row
    unit = reader.session.get(VehicleUnit, row.unit_id) if row.unit_id else None
    return PaperVehicle(
        name=Words(row.model.zh, row.model.en),
        vin=row.vin,
        exterior=Words(row.exterior_colour.zh, row.exterior_colour.en),
        interior=Words(row.interior_colour.zh, row.interior_colour.en),
        engine_number=unit.engine_number if unit is not None else "",
    )


def _figure(number: int | None) -> str:
    return "" if number is None else str(number)


def _kilometres(number: int | None) -> str:
    return "" if number is None else f"{number:,} km"


def _worded(kinds: Any, code: str, language: str, *, more: str = "") -> str:
    if not code:
        return ""
    return " ".join(part for part in (tr_in(language, kinds(code).label), more) if part)


def _yes_or_no(value: bool | None, language: str) -> str:
    if value is None:
        return ""
    return tr_in(language, "Arrived") if value else tr_in(language, "Still missing")
