"""How the clauses of a document are laid out: two languages side by side, notices between, limiting ones by themselves.

Every kind of document has one of these; what stands before and behind the clauses is its own
(`app.contracts.paper.sale_layout`, `app.contracts.paper.document_layout`).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from reportlab.platypus import Table
from reportlab.platypus.flowables import Flowable

from app.contracts.templates.template import (
    Article,
    Clause,
    ContractTemplate,
    TemplateNotice,
    chinese_ordinal,
    filled_runs,
)
from app.documents.blocks import OWN_FONT, Cell, Commands, Gap, columns, folded, height_of, notice, together
from app.documents.boxes import FieldBox
from app.documents.page_frame import text_height
from app.documents.paper_data import Words
from app.documents.places import PlaceKind
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
    Align,
    TextStyle,
)
from app.documents.text_block import TextBlock, first_baseline
from app.documents.text_runs import Run
from app.runtime.language import CHINESE, tr_in, tr_noop

_WIDTH = A4_WIDTH - 2 * PAGE_MARGIN
_NUMBER = 3.5 * GRID
_GUTTER = 2.5 * GRID
_BOTH_WIDTH = _WIDTH - _NUMBER - _GUTTER
CLAUSE_WIDTH = _BOTH_WIDTH / 2
_LEADING_ENGLISH_SHARE = 0.54
"""What the English column has of both where it leads and is set as large as the Chinese: it needs more room."""
CHINESE_CLAUSE = TextStyle(size=8.5, leading=12.5, align=Align.JUSTIFY)
ENGLISH_CLAUSE = TextStyle(size=7.2, leading=10.2)
_LEADING_ENGLISH_CLAUSE = TextStyle(size=8, leading=11.4)
_TALLEST = 60 * GRID
"""A clause up to so many points stays on one page."""
_ROW = 126.0
"""A taller one is set in rows of so many points, between which it may go on to the next page: ten lines of Chinese,
eleven of English where it leads, twelve where it does not."""
_OPENED_BY = 2
"""The first article's heading and its first clause."""
_WITH_SIGNATURES = 2
"""So many clauses at least stand on the page that is signed."""

LIMITS_RIGHTS = tr_noop("Limits your rights: acknowledgement {n}")
"""What stands above a clause that is acknowledged by itself."""

Asked = tuple[int, str, str, Words]


class ClauseLayout:
    """The clauses of one document. `asked` lists, after `terms()`, what is to be acknowledged."""

    def __init__(
        self,
        template: ContractTemplate,
        articles: tuple[Article, ...],
        facts: Iterable[str],
        values: Mapping[str, Mapping[str, str]],
        languages: tuple[str, str],
        *,
        asked_words: str = LIMITS_RIGHTS,
    ) -> None:
        self._template = template
        self._articles = articles
        self._facts = frozenset(facts)
        self._values = values
        self._first, self._second = languages
        share = 0.5 if self._first == CHINESE else _LEADING_ENGLISH_SHARE
        self._widths = (_BOTH_WIDTH * share, _BOTH_WIDTH * (1 - share))
        self._asked_words = asked_words
        self.asked: list[Asked] = []

    def notices(self, place: str) -> Iterable[Flowable]:
        """The boxed texts for one place on the paper."""
        for item in self._template.notices_at(place, self._facts):
            yield self._notice(item)
            yield Gap(GRID)

    def with_signatures(self, heading: Flowable, signing: Sequence[Flowable]) -> list[Flowable]:
        """All clauses under their heading, the last ones on one page with the signatures: nobody signs a page that
        says nothing. The heading and what is said before the terms go with the first clause."""
        self.asked = []
        pieces = [
            piece for number, article in enumerate(self._articles, start=1) for piece in self._article(number, article)
        ]
        opening, signed = [heading, *self.notices("terms")], folded(signing)
        start = _closing_start(pieces, room=text_height() - height_of(signed, _WIDTH))
        if not start and height_of(whole := folded([*opening, *pieces, *signed]), _WIDTH) <= text_height():
            return [together(whole)]
        start = max(start, _OPENED_BY)
        return [
            together([*opening, *pieces[:_OPENED_BY]]), *pieces[_OPENED_BY:start], together([*pieces[start:], *signed])
        ]

    def _article(self, number: int, article: Article) -> Iterable[Flowable]:
        yield self._article_heading(number, article)
        for index, clause in enumerate(article.clauses, start=1):
            yield from self._clause(clause, f"{number}.{index}")

    def _notice(self, item: TemplateNotice) -> Flowable:
        inner = _WIDTH - 3 * GRID
        left = _NUMBER + self._widths[0] - 1.5 * GRID
        cells = [
            TextBlock(self._filled(item.text, item.id, code), self._clause_style(code))
            for code in (self._first, self._second)
        ]
        row = columns([[cells[0], "", cells[1]]], [left, _GUTTER, inner - left - _GUTTER])
        return notice([row], width=_WIDTH, tone=item.tone)

    def _article_heading(self, number: int, article: Article) -> Flowable:
        names = {
            CHINESE: f"第{chinese_ordinal(number)}条　{article.title.zh}",
        }
        first = names.get(self._first, f"Article {number}  {article.title.en}")
        second = names.get(self._second, f"Article {number}  {article.title.en}")
        style = BODY.but(bold=True, leading=15)
        heading = columns(
            [[TextBlock(first, style), "", TextBlock(second, style.but(bold=False, color=MUTED, size=8))]],
            [_NUMBER + self._widths[0], _GUTTER, self._widths[1]],
        )
        heading.spaceBefore = GRID
        heading.keepWithNext = True
        return heading

    def _clause(self, clause: Clause, number: str) -> Iterable[Flowable]:
        """One table; two where it is tall, so that its heading needs room for its beginning only."""
        cells = [
            TextBlock(self._filled(clause.text, clause.id, code), self._clause_style(code, clause.limits_customer))
            for code in (self._first, self._second)
        ]
        number_style = LABEL.but(size=8, leading=12.5, bold=clause.limits_customer)
        inset = GRID if clause.limits_customer else 0.0
        room = (self._widths[0], self._widths[1] - inset)
        rows: list[list[Cell]] = [
            [TextBlock(number, number_style) if not place else "", first, "", second]
            for place, (first, second) in enumerate(_in_rows(cells, room))
        ]
        widths = [_NUMBER, self._widths[0], _GUTTER, self._widths[1]]
        if clause.limits_customer:
            yield self._conspicuous(clause, number, rows, widths)
            return
        begun, *further = rows
        below: Commands = [("BOTTOMPADDING", (0, -1), (-1, -1), 3)]
        yield columns([begun], widths, extra=[*([] if further else below), *self._baselines(0)])
        if further:
            yield columns(further, widths, extra=below)

    def _conspicuous(self, clause: Clause, number: str, rows: list[list[Cell]], widths: list[float]) -> Flowable:
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
        head: list[Cell] = [
            tick,
            TextBlock(tr_in(self._first, words, n=order), label),
            "",
            TextBlock(tr_in(self._second, words, n=order), label),
        ]
        return Table(
            [head, *rows],
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
                ("TOPPADDING", (0, 1), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 1), (-1, -2), 0),
                ("BOTTOMPADDING", (0, -1), (-1, -1), 5),
                ("NOSPLIT", (0, 0), (-1, 1)),
                *self._baselines(1),
            ],
        )

    def _clause_style(self, language: str, conspicuous: bool = False) -> TextStyle:
        leads = language == self._first
        english = _LEADING_ENGLISH_CLAUSE if leads else ENGLISH_CLAUSE
        style = CHINESE_CLAUSE if language == CHINESE else english
        strong = leads or conspicuous or language == CHINESE
        return style.but(bold=conspicuous, color=INK if strong else MUTED)

    def _baselines(self, row: int) -> Commands:
        """Padding that puts the first lines of both columns on one baseline, in the row in which the text begins."""
        first, second = (first_baseline(self._clause_style(code)) for code in (self._first, self._second))
        column, pad = (3, first - second) if first > second else (1, second - first)
        return [("TOPPADDING", (column, row), (column, row), pad)]

    def _filled(self, text: Words, clause: str, language: str) -> tuple[Run, ...]:
        return filled_runs(text.in_language(language), self._values[language], clause=clause)


def _in_rows(cells: Sequence[TextBlock], widths: Sequence[float]) -> Iterable[tuple[Cell, Cell]]:
    """Both languages of a clause, below each other in rows where it is too tall for one."""
    if all(cell.wrap(width, 0)[1] <= _TALLEST for cell, width in zip(cells, widths, strict=True)):
        yield cells[0], cells[1]
        return
    left, right = (_sliced(cell, width) for cell, width in zip(cells, widths, strict=True))
    yield from zip_longest(left, right, fillvalue="")


def _sliced(block: TextBlock, width: float) -> Iterable[TextBlock]:
    while block.wrap(width, 0)[1] > _ROW:
        head, *rest = block.split(width, _ROW)
        if not rest:
            break
        yield head
        (block,) = rest
    yield block


def _closing_start(pieces: Sequence[Flowable], *, room: float) -> int:
    """Where the clauses begin that stand with the signatures: the last ones, with their heading where they are all of
    their article; fewer where they are taller than `room`."""
    start, clauses = len(pieces), 0
    while start and clauses < _WITH_SIGNATURES:
        start -= 1
        clauses += not pieces[start].getKeepWithNext()
    if start and pieces[start - 1].getKeepWithNext():
        start -= 1
    while start < len(pieces) and height_of(pieces[start:], _WIDTH) > room:
        start += 2 if pieces[start].getKeepWithNext() else 1
    return start
