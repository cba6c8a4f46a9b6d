"""The page about the kinds of document and its pictures."""

import struct
from pathlib import Path

import pytest

from app.contracts.kinds.registry import KINDS
from app.tour.document_pictures import LARGEST, WIDTH, _draw
from app.tour.documents_page import DOCUMENT, PICTURES, page

FOLDER = DOCUMENT.parent / PICTURES


def test_the_page_says_what_the_code_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == page(), "run python -m app.tour.documents_page"


@pytest.mark.parametrize("code", KINDS)
def test_every_kind_has_a_small_picture(code: str) -> None:
    picture = (FOLDER / f"{code}-zh.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) <= LARGEST
    width, height = struct.unpack(">II", picture[16:24])
    assert width == WIDTH and height == pytest.approx(WIDTH * 842 / 595, abs=2)


def test_pictures_are_drawn_again_from_the_same_bytes(tmp_path: Path) -> None:
    from app.contracts.paper.samples import render_sample
    from app.runtime.language import ENGLISH

    pdf = render_sample("receipt", ENGLISH).pdf
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    assert _draw(pdf, 0, first) and _draw(pdf, 0, second)
    assert first.read_bytes() == second.read_bytes() and not _draw(pdf, 7, second)
