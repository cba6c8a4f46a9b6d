"""Six trims from their rows to the customer's PDF: specifications, costs, charts, in both languages by turns.

What a customer waits for after "Print": effective parameters read from the encrypted database, costs worked out, three
to ten pages laid out with vector charts. Libraries are loaded before, as they are at a desk that printed once. Beside
it, in the same run, what the PDF library alone needs to put the same texts on as many pages without any layout.
"""

import io
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from app.comparison.queries import ComparisonTerms, comparison_pdf, get_comparison
from app.documents.fonts import REGULAR, register_fonts
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from app.runtime.language import CHINESE, ENGLISH
from benchmarks.figures import Figure, percentile
from tests.factories.compared import six_trims
from tests.factories.databases import build_template, open_copy
from tests.factories.people import actor_of, staff_of
from tests.factories.records import Records

PRINTS = 12
WARM_UP = 2
GOAL_MS = 300.0
_NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
_ON_A_PAGE = 120


def run() -> list[Figure]:
    """The median of one print, and how many times the bare library's."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder:
        ours, bare, pages = _printed(Path(folder))
    median, floor = percentile(ours, 0.5), percentile(bare, 0.5)
    return [
        Figure(
            name="comparison",
            value=median,
            unit="ms",
            peer=f"bare ReportLab, same texts without layout: {floor:.0f} ms; {pages} pages of six trims",
            ratio=median / floor,
            goal=f"≤ {GOAL_MS:g} ms",
            holds=median <= GOAL_MS,
        )
    ]


def _printed(folder: Path) -> tuple[list[float], list[float], int]:
    clock, actor = FixedClock(_NOON), actor_of(staff_of(Role.SALESPERSON))
    database = open_copy(build_template(folder / "template.db"), folder / "desk.db")
    try:
        dispatcher, records = Dispatcher(database, clock=clock), Records(database, clock=clock, actor=actor)
        terms = ComparisonTerms(trim_ids=tuple(trim.id for trim in six_trims(records)))
        found = dispatcher.read(get_comparison, actor, terms)
        texts = [cell.text.zh for group in found.groups for line in group.lines for cell in line.cells]
        ours: list[float] = []
        bare: list[float] = []
        pages = 0
        for language, _number in zip(cycle((CHINESE, ENGLISH)), range(WARM_UP + PRINTS), strict=False):
            made: list[bytes] = []
            ours.append(_timed(lambda: made.append(dispatcher.read(comparison_pdf, actor, terms, language=language))))  # noqa: B023
            pages = made[0].count(b"/Type /Page\n")
            bare.append(_timed(lambda: _bare(texts)))
        return ours[WARM_UP:], bare[WARM_UP:], pages
    finally:
        database.close()


def _bare(texts: list[str]) -> bytes:
    """The texts on pages, in their order, nothing else."""
    from reportlab.pdfgen.canvas import Canvas

    register_fonts()
    target = io.BytesIO()
    canvas = Canvas(target, pageCompression=1)
    for start in range(0, len(texts), _ON_A_PAGE):
        canvas.setFont(REGULAR, 8)
        for number, text in enumerate(texts[start : start + _ON_A_PAGE]):
            canvas.drawString(40 + 90 * (number % 6), 800 - 12 * (number // 6), text)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
