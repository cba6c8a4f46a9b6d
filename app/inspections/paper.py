"""The report of an inspection, drafted from what is stored."""

from app.attachments.queries import get_content, list_attachments
from app.documents.inspection_report import (
    InspectionPaper,
    ReportDefect,
    ReportGroup,
    ReportItem,
    render_inspection_report,
)
from app.documents.paper_data import PaperVehicle, Words
from app.inspections.queries import DefectRow, InspectionDetail, get_inspection
from app.inspections.rules import DefectState, InspectionState, Verdict
from app.kernel.labels import Bilingual
from app.kernel.unit_of_work import Reader
from db.models.staff import Branch

_MOST_PICTURES = 6


def inspection_pdf(reader: Reader, inspection_id: str, *, language: str) -> bytes:
    """The report as a PDF in a language; raises RecordNotFound."""
    return render_inspection_report(_paper(reader, get_inspection(reader, inspection_id)), language).pdf


def _paper(reader: Reader, detail: InspectionDetail) -> InspectionPaper:
    row, unit = detail.row, detail.unit
    branch = reader.session.get(Branch, unit.branch_id)
    passed = {InspectionState.PASSED: True, InspectionState.FAILED: False}.get(row.state)
    return InspectionPaper(
        number=unit.stock_number or unit.vin,
        dealer=(branch.company_zh or branch.name_zh) if branch is not None else "",
        vehicle=PaperVehicle(
            name=_words(unit.name), vin=unit.vin, exterior=_words(unit.exterior_colour), odometer_km=row.odometer_km
        ),
        result=row.state.label,
        passed=passed,
        inspector=row.finished_by or row.inspector,
        started_at=row.started_at,
        made_at=row.finished_at or row.started_at,
        finished_at=row.finished_at,
        checklist=detail.checklist.version,
        source=_words(detail.checklist.source),
        battery_percent=row.battery_percent,
        remark=row.note,
        groups=tuple(
            ReportGroup(text=_words(group.text), items=tuple(_item(detail, item.code) for item in group.items))
            for group in detail.checklist.groups
        ),
        defects=tuple(_defect(reader, d) for d in detail.defects if d.state is not DefectState.WITHDRAWN),
    )


def _item(detail: InspectionDetail, code: str) -> ReportItem:
    item, answer = detail.checklist.find(code), detail.answers.get(code)
    assert item is not None
    unit = item.measure.unit if item.measure is not None else ""
    return ReportItem(
        text=_words(item.text),
        verdict=answer.verdict.label if answer else "",
        is_defect=answer is not None and answer.verdict is Verdict.DEFECT,
        measured=f"{answer.measured} {unit}".strip() if answer and answer.measured else "",
        note=answer.note if answer else "",
    )


def _defect(reader: Reader, defect: DefectRow) -> ReportDefect:
    pictures = []
    for row in list_attachments(reader, "inspection_defect", defect.id)[:_MOST_PICTURES]:
        data = get_content(reader, row.thumb) if row.thumb is not None else None
        if data is not None:
            pictures.append(data)
    return ReportDefect(
        item=_words(defect.item_text),
        severity=defect.severity.label,
        description=defect.description,
        state=defect.state.label,
        repair=defect.repair,
        pictures=tuple(pictures),
    )


def _words(name: Bilingual) -> Words:
    return Words(name.zh, name.en)
