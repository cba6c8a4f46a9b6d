"""The frame around every paper: running head, number, page x of y, QR, watermark, metadata; and its composition."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate
from reportlab.platypus.flowables import Flowable

from app.documents.fonts import REGULAR, register_fonts
from app.documents.form_fields import add_fields
from app.documents.paper_data import Watermark
from app.documents.places import Place, RenderedPaper
from app.documents.qr_code import QrStamp, qr_text
from app.documents.styles import GRID, HAIRLINE, INK, LINE, MUTED, PAGE_MARGIN, Align, TextStyle
from app.documents.text_block import TextBlock
from app.documents.watermarks import draw_watermark, watermark_words
from app.runtime.language import tr_in, tr_noop

PRODUCER = "Forecourt"
QR_SIDE = 5.5 * GRID
FOOT_HEIGHT = 11 * GRID
_FOOT = TextStyle(size=7, leading=10, color=MUTED)
_PDF_VERSION = (1, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFrame:
    """What stands around the text. `digest` is of the data drafted from; `made_at` is UTC and goes into the file."""

    number: str
    title: str
    issuer: str
    digest: str
    made_at: datetime
    language: str
    subject: str = ""
    keywords: tuple[str, ...] = ()
    watermark: Watermark | None = None
    second_language: str | None = None
    page_size: tuple[float, float] = A4
    margin: float = PAGE_MARGIN


class PaperCanvas(Canvas):
    """A canvas that knows the number of pages before it writes the first foot, and collects places while drawing."""

    _annotationrefs: list[Any]  # of reportlab's: what stands on the present page, and what it draws
    _code: list[str]

    def __init__(self, target: Any, *, frame: PageFrame, places: list[Place], **_: Any) -> None:
        super().__init__(
            target,
            pagesize=frame.page_size,
            pageCompression=1,
            invariant=1,
            pdfVersion=_PDF_VERSION,
            initialFontName=REGULAR,
            initialFontSize=9,
            lang=frame.language.replace("_", "-"),
        )
        self._frame = frame
        self._places = places
        self._finished: list[dict[str, Any]] = []
        self._qr = QrStamp(self, qr_text(frame.number, frame.digest), side=QR_SIDE)

    def note_place(self, *, name: str, kind: Any, rect: tuple[float, float, float, float], description: str) -> None:
        """Remember a box of the present page, given in the present coordinates."""
        left, bottom = self.absolutePosition(rect[0], rect[1])
        right, top = self.absolutePosition(rect[2], rect[3])
        box = (round(left, 2), round(bottom, 2), round(right, 2), round(top, 2))
        self._places.append(Place(name=name, kind=kind, page=self.getPageNumber(), rect=box, description=description))

    def showPage(self) -> None:
        self._finished.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        self._set_facts()
        widgets = add_fields(self._doc, self._places)
        finished = self._finished
        for index, state in enumerate(finished, start=1):
            self.__dict__.update(state)
            self._annotationrefs = [*self._annotationrefs, *widgets.get(index, [])]
            self._draw_head(index)
            self._draw_foot(index, len(finished))
            super().showPage()
        self._code = []
        super().save()

    @property
    def page_count(self) -> int:
        return len(self._finished)

    def draw_watermark(self) -> None:
        """The word across the page, drawn before anything else so that the text stays readable."""
        mark = self._frame.watermark
        if mark is None:
            return
        languages = [code for code in (self._frame.language, self._frame.second_language) if code]
        draw_watermark(self, mark, words=watermark_words(mark, languages), page_size=self._frame.page_size)

    def _set_facts(self) -> None:
        frame = self._frame
        made = frame.made_at.astimezone(UTC)
        self._doc._timeStamp = SimpleNamespace(YMDhms=made.timetuple()[:6], dhh=0, dmm=0, t=0)
        identifier = frame.digest[:32].encode()
        self._doc._ID = b"\n[<" + identifier + b"><" + identifier + b">]\n"
        self.setTitle(f"{frame.title} {frame.number}")
        self.setAuthor(frame.issuer)
        self.setSubject(frame.subject or frame.title)
        self.setKeywords(", ".join((frame.number, *frame.keywords, f"sha256:{frame.digest}")))
        self.setCreator(PRODUCER)
        self.setProducer(PRODUCER)
        self.setViewerPreference("DisplayDocTitle", "true")

    def _in_languages(self, text: str, *, joiner: str = "  ", **values: object) -> str:
        languages = [self._frame.language, self._frame.second_language]
        return joiner.join(tr_in(code, text, **values) for code in languages if code)

    def _draw_head(self, page: int) -> None:
        if page == 1:
            return
        frame = self._frame
        height = frame.page_size[1]
        y = height - frame.margin + GRID
        self._line_of_text(frame.title, x=frame.margin, y=y + 6)
        self._line_of_text(frame.number, x=frame.margin, y=y + 6, align=Align.RIGHT)
        self._hairline(y + 2)

    def _draw_foot(self, page: int, pages: int) -> None:
        frame = self._frame
        top = frame.margin / 2 + QR_SIDE
        self._hairline(top + GRID)
        self._qr.draw(frame.page_size[0] - frame.margin - QR_SIDE, frame.margin / 2)
        counted = self._in_languages(tr_noop("Page {page} of {pages}"), joiner=" · ", page=page, pages=pages)
        self._line_of_text(f"{frame.title}  {frame.number}", x=frame.margin, y=top - 10, color=INK)
        self._line_of_text(frame.issuer, x=frame.margin, y=top - 22)
        traced = self._in_languages(tr_noop("Data digest"), joiner=" · ")
        self._line_of_text(f"{traced}  {_grouped(frame.digest[:32])}", x=frame.margin, y=top - 34)
        self._line_of_text(counted, x=frame.margin, y=top - 10, align=Align.RIGHT, inset=QR_SIDE + 1.5 * GRID)

    def _line_of_text(
        self, text: str, *, x: float, y: float, color: str = MUTED, align: Align = Align.LEFT, inset: float = 0.0
    ) -> None:
        block = TextBlock(text, _FOOT.but(color=color, align=align))
        width = self._frame.page_size[0] - 2 * self._frame.margin - inset
        block.wrapOn(self, max(width, block.natural_width()), _FOOT.leading)
        block.drawOn(self, x, y)

    def _hairline(self, y: float) -> None:
        self.setStrokeColor(LINE)
        self.setLineWidth(HAIRLINE)
        self.line(self._frame.margin, y, self._frame.page_size[0] - self._frame.margin, y)


def text_height(page_size: tuple[float, float] = A4, margin: float = PAGE_MARGIN) -> float:
    """How much height pages but the first have for the story, in points."""
    return page_size[1] - margin - GRID - _bottom(margin)


def _bottom(margin: float) -> float:
    return margin / 2 + QR_SIDE + 3 * GRID


def compose(story: Sequence[Flowable], frame: PageFrame) -> RenderedPaper:
    """Lay a story out in a frame. The same story and frame give the same bytes, on any day.

    Raises CharactersNotPrintable where the typeface lacks a character of a text.
    """
    register_fonts()
    target = io.BytesIO()
    places: list[Place] = []
    made: list[PaperCanvas] = []

    def new_canvas(filename: Any, **options: Any) -> PaperCanvas:
        made.append(PaperCanvas(filename, frame=frame, places=places, **options))
        return made[-1]

    # Plain bytes for streams: base 85 would only make the file a quarter larger.
    rl_config.useA85 = 0
    _template(target, frame).build(list(story), canvasmaker=new_canvas)
    return RenderedPaper(
        pdf=target.getvalue(), pages=made[0].page_count, data_digest=frame.digest, places=tuple(places)
    )


def _template(target: io.BytesIO, frame: PageFrame) -> BaseDocTemplate:
    width, height = frame.page_size
    bottom = _bottom(frame.margin)
    first = Frame(
        frame.margin, bottom, width - 2 * frame.margin, height - frame.margin - bottom,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0, id="first",
    )  # fmt: skip
    later = Frame(
        frame.margin, bottom, width - 2 * frame.margin, text_height(frame.page_size, frame.margin),
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0, id="later",
    )  # fmt: skip

    def before(canvas: PaperCanvas, _: BaseDocTemplate) -> None:
        canvas.draw_watermark()

    pages = [
        PageTemplate(id="first", frames=[first], onPage=before, autoNextPageTemplate="later"),
        PageTemplate(id="later", frames=[later], onPage=before),
    ]
    return BaseDocTemplate(target, pagesize=frame.page_size, pageTemplates=pages)


def _grouped(text: str) -> str:
    return " ".join(text[index : index + 4] for index in range(0, len(text), 4))
