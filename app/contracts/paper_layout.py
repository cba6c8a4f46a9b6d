"""How a contract is laid out: parties, vehicle, price, terms in two columns, and where to sign."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from reportlab.platypus import KeepTogether, Table
from reportlab.platypus.flowables import Flowable

from app.contracts.contract_template import (
    Article,
    Clause,
    ContractTemplate,
    TemplateNotice,
    chinese_ordinal,
    filled_runs,
)
from app.contracts.signing_block import parties_block, signatures_block
from app.documents.blocks import OWN_FONT, Commands, Gap, columns, label_grid, notice, section
from app.documents.boxes import FieldBox
from app.documents.paper_data import DepositKind, Words
from app.documents.places import PlaceKind
from app.documents.sale_blocks import Tongue, lines_table, plan_pairs, vehicle_grid
from app.documents.styles import (
    A4_WIDTH,
    ACCENT,
    ACCENT_WASH,
    BODY,
    GRID,
    INK,
    LABEL,
    MUTED,
    PAGE_MARGIN,
    SUBTITLE,
    TITLE,
    Align,
    TextStyle,
)
from app.documents.text_block import TextBlock, first_baseline
from app.documents.text_runs import Run
from app.documents.wording import branch_date, day_in_words, money
from app.runtime.language import CHINESE, tr_in, tr_noop

if TYPE_CHECKING:
    from app.contracts.paper import ContractPaper

_WIDTH = A4_WIDTH - 2 * PAGE_MARGIN
_NUMBER = 3.5 * GRID
_GUTTER = 2.5 * GRID
_COLUMN = (_WIDTH - _NUMBER - _GUTTER) / 2
_CHINESE_CLAUSE = TextStyle(size=8.5, leading=12.5, align=Align.JUSTIFY)
_ENGLISH_CLAUSE = TextStyle(size=7.2, leading=10.2)
_LEADING_ENGLISH_CLAUSE = TextStyle(size=8, leading=12)
_DEPOSIT_NAMES = {
    DepositKind.EARNEST_MONEY: tr_noop("Earnest money"),
    DepositKind.ADVANCE: tr_noop("Advance payment"),
}

Asked = tuple[int, str, str, Words]


class ContractLayout:
    """Builds the story of one contract. `asked` lists, after `story()`, what is to be acknowledged."""

    _asked_words = tr_noop("Limits your rights: acknowledgement {n}")
    """What stands above a clause that is acknowledged by itself."""

    def __init__(
        self,
        paper: "ContractPaper",
        *,
        template: ContractTemplate,
        articles: tuple[Article, ...],
        facts: frozenset[str],
        values: Mapping[str, Mapping[str, str]],
        languages: tuple[str, str],
    ) -> None:
        self._paper = paper
        self._template = template
        self._articles = articles
        self._facts = facts
        self._values = values
        self._first, self._second = languages
        self._tongue = Tongue(*languages)
        self.asked: list[Asked] = []

    def story(self) -> list[Flowable]:
        """All flowables in order."""
        self.asked = []
        return [
            self._head(),
            Gap(GRID),
            *self._notices("top"),
            *self._parties(),
            *self._vehicle(),
            *self._price(),
            *self._money_agreed(),
            *self._heading(tr_noop("Terms")),
            *self._notices("terms"),
            *self._terms(),
            self._signing(),
        ]

    def _heading(self, text: str) -> list[Flowable]:
        return section(tr_in(self._first, text), tr_in(self._second, text))

    def _head(self) -> Flowable:
        paper = self._paper
        right = LABEL.but(align=Align.RIGHT, size=8, leading=12)
        title = self._template.title
        version = self._tongue.label(tr_noop("Version")) + f" {paper.version}"
        drafted = day_in_words(branch_date(paper.drafted_at), self._first)
        facts = [
            TextBlock(paper.number, right.but(color=INK, bold=True)),
            TextBlock(f"{drafted}  {paper.signing_place.in_language(self._first)}", right),
            TextBlock(f"{self._tongue.label(tr_noop('Order'))} {paper.order_number}", right),
            TextBlock(version, right),
        ]
        if paper.replaces:
            facts.append(TextBlock(f"{self._tongue.label(tr_noop('Replaces'))} {paper.replaces}", right))
        names = [
            TextBlock(title.in_language(self._first), TITLE),
            TextBlock(title.in_language(self._second), SUBTITLE),
        ]
        return columns([[names, facts]], [_WIDTH * 0.55, _WIDTH * 0.45])

    def _notices(self, place: str) -> Iterable[Flowable]:
        for item in self._template.notices_at(place, self._facts):
            yield self._notice(item)
            yield Gap(GRID)

    def _notice(self, item: TemplateNotice) -> Flowable:
        inner = _WIDTH - 3 * GRID
        half = (inner - _GUTTER) / 2
        cells = [
            TextBlock(self._filled(item.text, item.id, code), self._clause_style(code))
            for code in (self._first, self._second)
        ]
        row = columns([[cells[0], "", cells[1]]], [half, _GUTTER, half])
        return notice([row], width=_WIDTH, tone=item.tone)

    def _parties(self) -> list[Flowable]:
        paper = self._paper
        block = parties_block(paper.seller, paper.buyer, paper.co_signers, tongue=self._tongue, width=_WIDTH)
        return [*self._heading(tr_noop("The parties")), *block]

    def _vehicle(self) -> list[Flowable]:
        vehicle = self._paper.vehicle
        name = TextBlock(
            [
                Run(vehicle.name.in_language(self._first), bold=True),
                Run("  " + vehicle.name.in_language(self._second), color=MUTED),
            ],
            BODY.but(size=10, leading=20),
        )
        grid = vehicle_grid(vehicle, tongue=self._tongue, width=_WIDTH, shares=(1, 1, 1, 1), named=False)
        return [*self._heading(tr_noop("The vehicle")), name, grid]

    def _price(self) -> list[Flowable]:
        table = lines_table(self._paper.lines, self._paper.total, tongue=self._tongue, width=_WIDTH)
        return [*self._heading(tr_noop("The on-road total")), table]

    def _money_agreed(self) -> list[Flowable]:
        paper = self._paper
        label = self._tongue.label
        pairs = [(label(tr_noop("Contract price")), money(paper.contract_price))]
        if paper.deposit:
            pairs.append((label(_DEPOSIT_NAMES[paper.deposit.kind]), money(paper.deposit.amount)))
            if paper.deposit.received_on:
                pairs.append((label(tr_noop("Receipt no.")), paper.deposit.receipt_number))
                pairs.append((label(tr_noop("Received on")), day_in_words(paper.deposit.received_on, self._first)))
        if paper.plan:
            pairs += plan_pairs(paper.plan, tongue=self._tongue)
        return [*self._heading(tr_noop("Money agreed")), label_grid(pairs, width=_WIDTH, shares=(1, 1, 1, 1))]

    def _terms(self) -> Iterable[Flowable]:
        for number, article in enumerate(self._articles, start=1):
            yield self._article_heading(number, article)
            for index, clause in enumerate(article.clauses, start=1):
                yield self._clause(clause, f"{number}.{index}")

    def _article_heading(self, number: int, article: Article) -> Flowable:
        names = {
            CHINESE: f"第{chinese_ordinal(number)}条　{article.title.zh}",
        }
        first = names.get(self._first, f"Article {number}  {article.title.en}")
        second = names.get(self._second, f"Article {number}  {article.title.en}")
        style = BODY.but(bold=True, leading=16)
        heading = columns(
            [[TextBlock(first, style), "", TextBlock(second, style.but(bold=False, color=MUTED, size=8))]],
            [_NUMBER + _COLUMN, _GUTTER, _COLUMN],
        )
        heading.spaceBefore = 1.25 * GRID
        heading.keepWithNext = True
        return heading

    def _clause(self, clause: Clause, number: str) -> Flowable:
        cells = [
            TextBlock(self._filled(clause.text, clause.id, code), self._clause_style(code, clause.limits_customer))
            for code in (self._first, self._second)
        ]
        number_style = LABEL.but(size=8, leading=12.5, bold=clause.limits_customer)
        row: list[Sequence[Flowable] | Flowable | str] = [TextBlock(number, number_style), cells[0], "", cells[1]]
        widths = [_NUMBER, _COLUMN, _GUTTER, _COLUMN]
        if not clause.limits_customer:
            return columns([row], widths, extra=[("BOTTOMPADDING", (0, 0), (-1, -1), 3), *self._baselines()])
        return self._conspicuous(clause, number, row, widths)

    def _conspicuous(
        self,
        clause: Clause,
        number: str,
        row: list[Sequence[Flowable] | Flowable | str],
        widths: list[float],
    ) -> Flowable:
        order = len(self.asked) + 1
        self.asked.append((order, clause.id, number, clause.text))
        label = LABEL.but(color=ACCENT, bold=True, leading=12)
        words = self._asked_words
        tick = FieldBox(
            f"acknowledge_{order:02d}",
            PlaceKind.ACKNOWLEDGEMENT,
            size=(12, 12),
            description=f"{tr_in(CHINESE, words, n=order)} ({number})",
        )
        head: list[Sequence[Flowable] | Flowable | str] = [
            tick,
            TextBlock(tr_in(self._first, words, n=order), label),
            "",
            TextBlock(tr_in(self._second, words, n=order), label),
        ]
        return Table(
            [head, row],
            colWidths=widths,
            spaceBefore=3,
            spaceAfter=5,
            style=[
                *OWN_FONT,
                ("BACKGROUND", (0, 0), (-1, -1), ACCENT_WASH),
                ("LINEBEFORE", (0, 0), (0, -1), 2, ACCENT),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("LEFTPADDING", (0, 0), (0, -1), GRID),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (-1, 0), (-1, -1), GRID),
                ("TOPPADDING", (0, 0), (-1, 0), 5),
                ("BOTTOMPADDING", (0, 0), (-1, 0), 2),
                ("TOPPADDING", (0, 1), (-1, 1), 0),
                ("BOTTOMPADDING", (0, 1), (-1, 1), 5),
                ("NOSPLIT", (0, 0), (-1, -1)),
                *self._baselines(),
            ],
        )

    def _clause_style(self, language: str, conspicuous: bool = False) -> TextStyle:
        leads = language == self._first
        english = _LEADING_ENGLISH_CLAUSE if leads else _ENGLISH_CLAUSE
        style = _CHINESE_CLAUSE if language == CHINESE else english
        strong = leads or conspicuous or language == CHINESE
        return style.but(bold=conspicuous, color=INK if strong else MUTED)

    def _baselines(self) -> Commands:
        """Padding that puts the first lines of both columns on one baseline."""
        first, second = (first_baseline(self._clause_style(code)) for code in (self._first, self._second))
        column, pad = (3, first - second) if first > second else (1, second - first)
        return [("TOPPADDING", (column, -1), (column, -1), pad)]

    def _filled(self, text: Words, clause: str, language: str) -> tuple[Run, ...]:
        return filled_runs(text.in_language(language), self._values[language], clause=clause)

    def _signing(self) -> Flowable:
        paper = self._paper
        return KeepTogether(
            [
                *self._heading(tr_noop("Signatures"))[1:],
                *self._notices("signing"),
                Gap(GRID),
                *signatures_block(paper.seller, paper.buyer, paper.co_signers, tongue=self._tongue, width=_WIDTH),
            ]
        )
