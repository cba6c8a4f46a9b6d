"""How an inspection report is laid out: result and readings, defects with pictures, every item, hands."""

import io

from reportlab.platypus import Image
from reportlab.platypus.flowables import Flowable

from app.documents.blocks import Gap, Rule, columns, label_grid, notice, ruled_table, section
from app.documents.inspection_report import InspectionPaper, ReportDefect, ReportGroup
from app.documents.styles import A4_WIDTH, BAD, BODY, GRID, LABEL, PAGE_MARGIN, SECOND, SUBTITLE, TITLE, VALUE, Align
from app.documents.text_block import TextBlock
from app.documents.wording import moment_in_words
from app.runtime.language import tr_in, tr_noop

WIDTH = A4_WIDTH - 2 * PAGE_MARGIN
PICTURE_SIDE = 9 * GRID
PICTURES_IN_A_ROW = 6
_HEAD = (tr_noop("Item"), tr_noop("Verdict"), tr_noop("Reading and remark"))
_HANDS = (tr_noop("Inspector"), tr_noop("Approved by"), tr_noop("Date"))


def inspection_story(paper: InspectionPaper, *, language: str, title: str) -> list[Flowable]:
    """All flowables of a report."""
    story: list[Flowable] = [_head(paper, language, title), Gap(GRID), Rule(), Gap(GRID), _facts(paper, language)]
    if paper.remark:
        story += [Gap(GRID), notice([TextBlock(paper.remark, BODY)], width=WIDTH)]
    if paper.defects:
        story += section(tr_in(language, "Defects"))
        for defect in paper.defects:
            story += _defect(defect, language)
    for group in paper.groups:
        story += _group(group, language)
    story += [Gap(2 * GRID), TextBlock(_basis(paper, language), SECOND), Gap(2 * GRID), _hands(paper, language)]
    return story


def _head(paper: InspectionPaper, language: str, title: str) -> Flowable:
    result = tr_in(language, paper.result)
    style = TITLE.but(align=Align.RIGHT, **({"color": BAD} if paper.passed is False else {}))
    name = paper.vehicle.name.in_language(language)
    left = [TextBlock(title, TITLE), TextBlock(name, SUBTITLE)]
    return columns([[left, TextBlock(result, style)]], [WIDTH * 0.65, WIDTH * 0.35])


def _facts(paper: InspectionPaper, language: str) -> Flowable:
    vehicle = paper.vehicle
    facts = [
        ("VIN", vehicle.vin),
        (tr_in(language, "Colour"), vehicle.exterior.in_language(language) if vehicle.exterior else ""),
        (tr_in(language, "Odometer"), "" if vehicle.odometer_km is None else f"{vehicle.odometer_km:,} km"),
        (tr_in(language, "Battery"), "" if paper.battery_percent is None else f"{paper.battery_percent} %"),
        (tr_in(language, "Inspector"), paper.inspector),
        (tr_in(language, "Begun"), moment_in_words(paper.started_at, language)),
        (tr_in(language, "Finished"), moment_in_words(paper.finished_at, language) if paper.finished_at else ""),
    ]
    return label_grid(facts, width=WIDTH, shares=(1, 1, 1))


def _defect(defect: ReportDefect, language: str) -> list[Flowable]:
    head = f"{defect.item.in_language(language)} · {tr_in(language, defect.severity)}"
    blocks: list[Flowable] = [
        TextBlock(head, BODY.but(bold=True)), TextBlock(defect.description, BODY),
        TextBlock(tr_in(language, defect.state) + (f" · {defect.repair}" if defect.repair else ""), SECOND),
    ]  # fmt: skip
    if defect.pictures:
        pictures = [_picture(data) for data in defect.pictures[:PICTURES_IN_A_ROW]]
        blocks.append(columns([pictures], [PICTURE_SIDE + GRID / 2] * len(pictures)))
    return [notice(blocks, width=WIDTH, tone="warn"), Gap(GRID)]


def _picture(data: bytes) -> Flowable:
    image = Image(io.BytesIO(data))
    share = PICTURE_SIDE / max(image.imageWidth, image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * share, image.imageHeight * share
    return image


def _group(group: ReportGroup, language: str) -> list[Flowable]:
    rows = []
    for item in group.items:
        style = BODY.but(bold=True, color=BAD) if item.is_defect else BODY
        said = " · ".join(part for part in (item.measured, item.note) if part)
        verdict = tr_in(language, item.verdict) if item.verdict else "–"
        name = TextBlock(item.text.in_language(language), BODY)
        rows.append([name, TextBlock(verdict, style), TextBlock(said, BODY)])
    head = [TextBlock(tr_in(language, name), LABEL) for name in _HEAD]
    widths = [WIDTH * 0.55, WIDTH * 0.2, WIDTH * 0.25]
    return [*section(group.text.in_language(language)), ruled_table(head, rows, widths, padding=2.0)]


def _basis(paper: InspectionPaper, language: str) -> str:
    return tr_in(
        language, "By {source}, version {version}", source=paper.source.in_language(language), version=paper.checklist
    )


def _hands(paper: InspectionPaper, language: str) -> Flowable:
    cells = [
        [TextBlock(tr_in(language, label), LABEL), TextBlock(name or " ", VALUE), Rule()]
        for label, name in zip(_HANDS, (paper.inspector, "", ""), strict=True)
    ]
    return columns([cells], [WIDTH / 3] * 3, extra=[("RIGHTPADDING", (0, 0), (-2, -1), 2 * GRID)])
