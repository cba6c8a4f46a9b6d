"""What a signer has before them, without an application around it."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.contracts.queries import ClauseRow
from app.kernel.clock import FixedClock
from app.runtime.language import language
from tests.journeys.pens import sign_with_pen
from ui.kit.theme import Theme
from ui.signing.acknowledged import _usable
from ui.signing.camera import camera_problem, jpeg_of
from ui.signing.surface import SigningSurface, Turn
from ui.signing.tongue import Tongue

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
CLAUSES = tuple(
    ClauseRow(id=f"c{n}", number=f"4.{n}", text=f"条款{n}", text_zh=f"条款{n}", text_en=f"Clause {n}") for n in (1, 2)
)


@pytest.fixture
def surface(qtbot: QtBot, theme: Theme) -> SigningSurface:
    made = SigningSurface(FixedClock(NOW), Tongue())
    qtbot.addWidget(made)
    made.begin(Turn(party="buyer", name="张伟", clauses=CLAUSES))
    made.show()
    return made


def test_clauses_are_in_the_papers_language_until_the_signer_chooses_one(surface: SigningSurface) -> None:
    before = language()
    assert [box.words() for box in surface.clauses.boxes] == ["条款1", "条款2"]
    surface.choose_language("en")
    assert [box.words() for box in surface.clauses.boxes] == ["Clause 1", "Clause 2"]
    assert surface.clauses.boxes[0].text() == "I have taken note of clause 4.1"
    surface.choose_language("zh_CN")
    assert "4.1" in surface.clauses.boxes[0].text() and "clause" not in surface.clauses.boxes[0].text()
    assert surface.pad.accessibleName() != "Signature" and language() == before


def test_every_acknowledgement_has_its_own_time_and_can_be_taken_back(surface: SigningSurface) -> None:
    first, second = surface.clauses.boxes
    first.click()
    surface.clauses._clock.advance(timedelta(seconds=7))
    second.click()
    assert [item.at for item in surface.acknowledgements()] == [NOW, NOW + timedelta(seconds=7)]
    first.click()
    assert [item.clause_id for item in surface.acknowledgements()] == ["c2"] and not surface.is_ready()


def test_kept_acknowledgements_come_with_their_times(surface: SigningSurface) -> None:
    earlier = NOW - timedelta(hours=2)
    surface.begin(Turn(party="buyer", name="张伟", clauses=CLAUSES), kept={"c2": earlier})
    assert [(item.clause_id, item.at) for item in surface.acknowledgements()] == [("c2", earlier)]


def test_too_little_for_a_signature_is_asked_for_again(surface: SigningSurface) -> None:
    sign_with_pen(surface.pad)
    surface.ask_again()
    said = surface.advice.text()
    assert surface.pad.is_empty() and "full name" in said
    sign_with_pen(surface.pad)
    assert surface.advice.text() != said


def test_nothing_is_signed_before_the_pages_are_there(surface: SigningSurface) -> None:
    for box in surface.clauses.boxes:
        box.click()
    sign_with_pen(surface.pad)
    assert not surface.is_ready() and not surface.go.isEnabled()


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (None, {}),
        ({"digest": "b", "given": {"c1": NOW.isoformat()}}, {}),
        ({"digest": "a", "given": {"c1": NOW.isoformat()}}, {"c1": NOW}),
        ({"digest": "a", "given": {"c1": (NOW - timedelta(days=1)).isoformat()}}, {}),
        ({"digest": "a", "given": {"c1": (NOW + timedelta(hours=1)).isoformat()}}, {}),
    ],
)
def test_acknowledgements_are_kept_for_these_bytes_and_a_day(found: dict | None, kept: dict[str, datetime]) -> None:
    assert _usable(found, "a", NOW) == kept


def test_without_a_camera_it_says_what_to_do(surface: SigningSurface) -> None:
    assert "choose the file" in camera_problem()


def test_a_photo_becomes_a_jpeg(surface: SigningSurface) -> None:
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    assert jpeg_of(picture)[:3] == b"\xff\xd8\xff"
