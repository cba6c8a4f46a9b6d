"""Reads for labels: what stands on them, and what the printers at this desk are off by."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import select

from app.catalog.queries import get_trim
from app.inventory.unit_rows import UnitRow, rows_by_id
from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.labels.errors import NothingToLabel, TooManyLabels
from app.labels.label_data import Dealer, LabelUnit
from app.labels.rules import MOST_LABELS, LabelContent, PrinterOffset
from app.runtime.language import CHINESE, ENGLISH, tr_in
from db.models.labels import PrintOffset
from db.models.staff import Branch

_SPECIFICATIONS = 12


def get_label_units(reader: Reader, unit_ids: Sequence[str], *, content: LabelContent) -> tuple[LabelUnit, ...]:
    """The vehicles in the order asked for, deleted ones left out; with specifications only where they are printed.

    Raises NothingToLabel or TooManyLabels.
    """
    reader.require(Permission.INVENTORY_VIEW)
    wanted = list(dict.fromkeys(unit_ids))
    if len(wanted) > MOST_LABELS:
        raise TooManyLabels(field="units", limit=MOST_LABELS)
    rows = {row.id: row for row in rows_by_id(reader, wanted)}
    if not rows:
        raise NothingToLabel(field="units")
    trims: dict[str, _Trim] = {}
    for row in rows.values():
        if row.trim_id not in trims:
            trims[row.trim_id] = _trim(reader, row, with_values=content is LabelContent.WINDSCREEN)
    return tuple(_unit(rows[unit_id], trims[rows[unit_id].trim_id]) for unit_id in wanted if unit_id in rows)


def get_dealer(reader: Reader) -> Dealer:
    """The branch as it stands on a price sheet printed today."""
    branch = reader.get(Branch, reader.actor.branch_id)
    return Dealer(
        name=Bilingual(branch.company_zh or branch.name_zh, branch.company_en or branch.name_en),
        phone=branch.phone,
        address=Bilingual(branch.address_zh, branch.address_en),
        on=branch_date(reader.now),
    )


def list_print_offsets(reader: Reader, form: str) -> Mapping[str, PrinterOffset]:
    """What each printer of this desk has to shift a form by, by the printer's name."""
    query = select(PrintOffset).where(PrintOffset.form == form)
    return {kept.printer: PrinterOffset(kept.right, kept.down) for kept in reader.session.scalars(query)}


_Trim = tuple[Decimal, tuple[tuple[Bilingual, Bilingual], ...]]


def _trim(reader: Reader, row: UnitRow, *, with_values: bool) -> _Trim:
    detail = get_trim(reader, row.trim_id)
    shown = detail.parameters[:_SPECIFICATIONS] if with_values else ()
    return detail.row.guide_price, tuple((one.label, one.text) for one in shown)


def _unit(row: UnitRow, trim: _Trim) -> LabelUnit:
    guide_price, specifications = trim
    label = row.energy.label
    return LabelUnit(
        id=row.id, vin=row.vin, stock_number=row.stock_number, make=row.make, series=row.series, year=row.year,
        trim=row.trim, energy=Bilingual(tr_in(CHINESE, label), tr_in(ENGLISH, label)),
        exterior_colour=row.exterior_colour, interior_colour=row.interior_colour, location=row.location,
        list_price=row.list_price, guide_price=guide_price, specifications=specifications,
    )  # fmt: skip
