"""The purchase proposal on paper: who orders what, in which colours, what it comes to, and who agreed."""

from datetime import datetime

from reportlab.platypus.flowables import Flowable

from app.documents.blocks import Cell, Gap, Rule, columns, label_grid, ruled_table
from app.documents.drafted_data import data_digest
from app.documents.page_frame import PageFrame, compose
from app.documents.paper_data import Watermark
from app.documents.styles import A4_WIDTH, BODY, GRID, LABEL, PAGE_MARGIN, SUBTITLE, TITLE, VALUE, Align
from app.documents.text_block import TextBlock
from app.documents.wording import day_in_words, figure
from app.replenishment.proposal_queries import ProposalDetail
from app.replenishment.rules import ProposalState
from app.runtime.language import tr_in, tr_noop

_DECIDED = (ProposalState.APPROVED, ProposalState.ORDERED, ProposalState.CLOSED)


def render_proposal(detail: ProposalDetail, *, made_at: datetime, language: str) -> bytes:
    """The PDF. Raises CharactersNotPrintable where a text cannot be printed."""
    title = tr_in(language, "Purchase proposal")
    frame = PageFrame(
        number=detail.row.number, title=title, issuer=detail.company.in_language(language),
        digest=data_digest([[line.trim_id, line.stored_colour, line.quantity, line.note] for line in detail.lines]),
        made_at=made_at, language=language,
        watermark=None if detail.row.state in _DECIDED else Watermark.DRAFT,
    )  # fmt: skip
    return compose(_story(detail, language=language, title=title), frame).pdf


def _story(detail: ProposalDetail, *, language: str, title: str) -> list[Flowable]:
    width = A4_WIDTH - 2 * PAGE_MARGIN
    return [
        TextBlock(title, TITLE),
        TextBlock(detail.company.in_language(language), SUBTITLE),
        Gap(GRID),
        Rule(),
        Gap(1.5 * GRID),
        label_grid(_facts(detail, language), width=width, shares=(1, 1, 1, 1)),
        Gap(GRID),
        _table(detail, language, width),
        Gap(4 * GRID),
        _hands(detail, language, width),
    ]


def _facts(detail: ProposalDetail, language: str) -> list[tuple[str, str]]:
    row = detail.row
    return [
        (tr_in(language, "Branch"), detail.branch.in_language(language)),
        (tr_in(language, "Drafted by"), row.drafted_by),
        (tr_in(language, "Drafted on"), day_in_words(row.drafted_on, language)),
        (tr_in(language, "Status"), tr_in(language, row.state.label)),
        (tr_in(language, "Vehicles"), str(row.units)),
        (tr_in(language, "Service level"), tr_in(language, "{level} %", level=detail.service_level)),
        (tr_in(language, "Note"), row.note),
    ]


def _table(detail: ProposalDetail, language: str, width: float) -> Flowable:
    costs = any(line.unit_cost is not None for line in detail.lines)
    right, head_right = VALUE.but(align=Align.RIGHT), LABEL.but(align=Align.RIGHT)
    head: list[Cell] = [
        TextBlock(tr_in(language, "Model"), LABEL), TextBlock(tr_in(language, "Colour"), LABEL),
        TextBlock(tr_in(language, "Quantity"), head_right),
    ]  # fmt: skip
    shares = [0.56, 0.28, 0.16]
    if costs:
        head += [TextBlock(tr_in(language, "Cost per unit"), head_right),
                 TextBlock(tr_in(language, "Cost in all"), head_right)]  # fmt: skip
        shares = [0.40, 0.18, 0.10, 0.16, 0.16]
    rows: list[list[Cell]] = []
    for line in detail.lines:
        name: list[Flowable] = [TextBlock(line.name.in_language(language), VALUE)]
        name += [TextBlock(line.note, LABEL)] if line.note else []
        row: list[Cell] = [name, TextBlock(line.colour.in_language(language), VALUE),
                           TextBlock(str(line.quantity), right)]  # fmt: skip
        if costs and line.unit_cost is not None and line.value is not None:
            row += [TextBlock(figure(line.unit_cost), right), TextBlock(figure(line.value), right)]
        rows.append(row)
    bold = BODY.but(bold=True)
    total: list[Cell] = [
        TextBlock(tr_in(language, "Total"), bold), "", TextBlock(str(detail.row.units), bold.but(align=Align.RIGHT))
    ]  # fmt: skip
    if costs:
        total += ["", TextBlock(figure(detail.row.value) if detail.row.value is not None else "",
                                bold.but(align=Align.RIGHT))]  # fmt: skip
    return ruled_table(head, [*rows, total], [width * share for share in shares], closing_rows=1)


def _hands(detail: ProposalDetail, language: str, width: float) -> Flowable:
    decided = detail.decided_by if detail.row.state in _DECIDED else ""
    cells = [
        [TextBlock(tr_in(language, label), LABEL), TextBlock(name or " ", VALUE), Rule()]
        for label, name in ((tr_noop("Drafted by"), detail.row.drafted_by), (tr_noop("Approved by"), decided))
    ]
    return columns([cells], [width / 2] * 2, extra=[("RIGHTPADDING", (0, 0), (-2, -1), 2 * GRID)])
