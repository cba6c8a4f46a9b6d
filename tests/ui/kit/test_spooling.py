"""One job of many papers: sides in order, sizes, overlays, failures row by row, cancelling."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from reportlab.lib.pagesizes import A4, A5, landscape
from reportlab.pdfgen.canvas import Canvas

from app.printing.errors import PageRangeOutside, PrinterRefuses
from app.printing.rules import Duplex, PrintState
from tests.ui.printed_papers import dots_of, spooled_file
from ui.kit.operations import Cancelled
from ui.kit.printing import Offset, SpoolPaper, UnreadablePdf, ended_words, load_pdf

pytestmark = pytest.mark.usefixtures("qapp")


def paper(pages: int, *, size: tuple[float, float] = (350, 150), name: str = "SC-1") -> SpoolPaper:
    """Pages with a black bar across whose distance from the top, in tens of points, is the page's number."""
    target = BytesIO()
    canvas = Canvas(target, pagesize=size)
    for number in range(1, pages + 1):
        canvas.rect(100, size[1] - 10 * number - 10, 200, 10, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return SpoolPaper(name, target.getvalue())


def numbers(document: object) -> list[int]:
    """Which page each printed side is; 0 for a blank one."""
    found = []
    for page in range(1, document.pageCount() + 1):  # type: ignore[attr-defined]
        dark = np.flatnonzero((dots_of(document, page) < 100).any(axis=1))
        found.append(round(float(dark.mean()) / 10 - 0.45) if dark.size else 0)
    return found


def test_sides_copies_and_ranges(tmp_path: Path) -> None:
    cases = [
        ({"copies": 2}, [1, 2, 3, 1, 2, 3]),
        ({"copies": 2, "collate": False}, [1, 1, 2, 2, 3, 3]),
        ({"pages": "2-3"}, [2, 3]),
        ({"duplex": Duplex.LONG_EDGE, "copies": 2}, [1, 2, 3, 0, 1, 2, 3]),
        ({"duplex": Duplex.SHORT_EDGE, "copies": 2, "collate": False}, [1, 2, 1, 2, 3, 0, 3]),
    ]
    for settings, wanted in cases:
        (result,), document = spooled_file(tmp_path / "out.pdf", [paper(3)], **settings)
        assert result.state is PrintState.SENT and numbers(document) == wanted, settings
        assert result.sides == len([side for side in wanted if side])


def test_each_document_begins_on_a_fresh_sheet_in_its_own_size(tmp_path: Path) -> None:
    papers = [paper(1), paper(3, size=landscape(A5)), paper(2, size=A4)]
    results, document = spooled_file(tmp_path / "day.pdf", papers, duplex=Duplex.LONG_EDGE)
    assert numbers(document) == [1, 0, 1, 2, 3, 0, 1, 2] and [one.sides for one in results] == [1, 3, 2]
    sizes = [document.pagePointSize(page) for page in (0, 2, 6)]
    assert [(round(size.width()), round(size.height())) for size in sizes] == [(350, 150), (595, 420), (595, 842)]


def test_what_cannot_be_printed_keeps_back_nobody(tmp_path: Path) -> None:
    papers = [paper(2), SpoolPaper("damaged", b"<html>"), paper(1), paper(2)]
    results, document = spooled_file(tmp_path / "out.pdf", papers, pages="2")
    assert [one.state for one in results] == [
        PrintState.SENT, PrintState.FAILED, PrintState.FAILED, PrintState.SENT
    ]  # fmt: skip
    assert isinstance(results[1].error, UnreadablePdf) and "damaged" in ended_words(results[1])
    assert isinstance(results[2].error, PageRangeOutside) and "1 pages" in ended_words(results[2])
    assert ended_words(results[0]) == "Sent to printer" and document.pageCount() == 2


def test_a_cancelled_job_leaves_no_file_and_says_so_of_each(tmp_path: Path) -> None:
    said: list[float | None] = []

    def until_the_second(_name: str, share: float | None = None) -> None:
        said.append(share)
        if share is not None and share >= 0.5:
            raise Cancelled

    target = tmp_path / "out.pdf"
    results, document = spooled_file(target, [paper(2), paper(2), paper(1)], progress=until_the_second)
    assert [(one.state, one.sides) for one in results] == [
        (PrintState.CANCELLED, 2), (PrintState.CANCELLED, 1), (PrintState.CANCELLED, 0)
    ]  # fmt: skip
    assert document is None and list(tmp_path.iterdir()) == [] and said[0] == 0.0


def test_where_nothing_can_be_written_every_paper_says_so(tmp_path: Path, expected_errors: list[str]) -> None:
    expected_errors.append("QPainter::begin")
    target = tmp_path / "absent" / "out.pdf"
    results, _none = spooled_file(target, [paper(1), paper(1)])
    assert [one.state for one in results] == [PrintState.FAILED] * 2
    assert all(isinstance(one.error, PrinterRefuses) for one in results)


def test_the_overlay_lies_over_each_page_and_the_text_stays(tmp_path: Path) -> None:
    over = BytesIO()
    canvas = Canvas(over, pagesize=A4)
    canvas.setFillGray(0.0, alpha=0.1)
    canvas.rect(0, 0, *A4, stroke=0, fill=1)
    canvas.save()
    plain = paper(2, size=A4)
    asked: list[tuple[float, float]] = []

    def overlay(size: tuple[float, float]) -> bytes:
        asked.append(size)
        return over.getvalue()

    _results, document = spooled_file(tmp_path / "out.pdf", [SpoolPaper("SC-1", plain.content, overlay)])
    page = dots_of(document, 2)
    assert 220 < page[400, 50] < 235 and page[25, 200] < 30 and len(asked) == 1
    assert dots_of(load_pdf(plain.content), 2)[400, 50] == 255, "the paper itself is as it was"


@pytest.mark.parametrize(
    ("offset", "dots"), [(Offset(1, 0), (1, 0)), (Offset(0, -1), (0, -1)), (Offset(20, 7), (20, 7))]
)
def test_a_tenth_of_a_millimetre_moves_the_print_a_tenth_of_a_millimetre(
    tmp_path: Path, offset: Offset, dots: tuple[int, int]
) -> None:
    small = [paper(1, size=(330, 110))]
    _result, plain = spooled_file(tmp_path / "plain.pdf", small, as_fed=True)
    _result, moved = spooled_file(tmp_path / "moved.pdf", small, as_fed=True, offset=offset)
    before, after = (_edges(dots_of(document, dots=1270)) for document in (plain, moved))
    assert after[0] - before[0] == pytest.approx(5 * dots[0], abs=1)  # 1270 dots an inch are 5 a tenth of a millimetre
    assert after[1] - before[1] == pytest.approx(5 * dots[1], abs=1)


def _edges(page: np.ndarray) -> tuple[int, int]:
    dark = page < 128
    return int(np.flatnonzero(dark.any(axis=0))[0]), int(np.flatnonzero(dark.any(axis=1))[0])


def test_labels_are_printed_as_they_are_fed(tmp_path: Path, qapp: QApplication) -> None:
    wide = paper(1, size=(170, 113))
    _result, document = spooled_file(tmp_path / "label.pdf", [wide], as_fed=True)
    size = document.pagePointSize(0)
    assert (round(size.width()), round(size.height())) == (170, 113) and numbers(document) == [1]
