"""Signing by mouse, touch, pen and keyboard; showing and printing PDF."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEventPoint, QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from app.runtime.language import set_language
from ui.kit.pdf_view import PdfView
from ui.kit.printing import UnreadablePdf, load_pdf
from ui.kit.signature_pad import MAX_POINTS, SignaturePad, pen_width


@pytest.fixture
def pad(show: Callable[..., Any]) -> SignaturePad:
    """An empty pad with the focus."""
    pad = show(SignaturePad(), 480, 180)
    pad.setFocus()
    return pad


@pytest.fixture(scope="module")
def two_pages() -> bytes:
    """A PDF of two A4 pages, each with a black square of 100 points 100 points from its lower left corner."""
    target = BytesIO()
    canvas = Canvas(target, pagesize=(595, 842))
    for _page in range(2):
        canvas.rect(100, 100, 100, 100, fill=1)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def drag(pad: SignaturePad, *points: tuple[int, int]) -> None:
    """A stroke by mouse."""
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(*points[0]))
    for point in points[1:]:
        QTest.mouseMove(pad, QPoint(*point))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(*points[-1]))


def test_strokes_by_mouse_keep_time_and_place(pad: SignaturePad) -> None:
    said: list[int] = []
    pad.changed.connect(lambda: said.append(1))
    drag(pad, (20, 100), (60, 80), (100, 120))
    drag(pad, (150, 90), (180, 90))
    strokes = pad.strokes()
    assert [len(stroke) for stroke in strokes] == [3, 2] and said == [1, 1]
    assert [point[1:3] for point in strokes[0]] == [(20.0, 100.0), (60.0, 80.0), (100.0, 120.0)]
    times = [point[0] for stroke in strokes for point in stroke]
    assert times[0] == 0 and times == sorted(times)
    assert pad.canvas() == (480, 180) and not pad.is_empty()
    pad.take_back()
    assert len(pad.strokes()) == 1
    pad.clear()
    assert pad.is_empty()


def test_points_do_not_depend_on_the_scale(pad: SignaturePad, theme: Any) -> None:
    from dataclasses import replace

    theme.choose(replace(theme.look, scale=2.0))
    assert pad.width() == 960
    drag(pad, (40, 200), (120, 160))
    assert [point[1:3] for point in pad.strokes()[0]] == [(20.0, 100.0), (60.0, 80.0)]


def test_a_pen_brings_its_pressure(pad: SignaturePad) -> None:
    device = QPointingDevice(
        "pen", 1, QInputDevice.DeviceType.Stylus, QPointingDevice.PointerType.Pen,
        QInputDevice.Capability.Pressure, 1, 1,
    )  # fmt: skip
    for kind, at, pressure in (
        (QEvent.Type.TabletPress, QPointF(10, 50), 0.25),
        (QEvent.Type.TabletMove, QPointF(30, 60), 0.9),
        (QEvent.Type.TabletRelease, QPointF(30, 60), 0.0),
    ):
        event = QTabletEvent(
            kind, device, at, pad.mapToGlobal(at), pressure, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier,
            Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton,
        )  # fmt: skip
        QApplication.sendEvent(pad, event)
    assert [point[3] for point in pad.strokes()[0]] == [0.25, 0.9]
    assert pen_width(0.9) > pen_width(0.25)


def test_a_finger_signs(pad: SignaturePad) -> None:
    device = QTest.createTouchDevice()
    QTest.touchEvent(pad, device).press(0, QPoint(20, 50), pad).commit()
    QTest.touchEvent(pad, device).move(0, QPoint(60, 70), pad).commit()
    QTest.touchEvent(pad, device).release(0, QPoint(60, 70), pad).commit()
    assert [point[1:3] for point in pad.strokes()[0]] == [(20.0, 50.0), (60.0, 70.0)]
    assert QEventPoint is not None


def test_the_keyboard_moves_the_pen(pad: SignaturePad, qtbot: QtBot) -> None:
    qtbot.keyClick(pad, Qt.Key.Key_Right)
    assert pad.is_empty()
    qtbot.keyClick(pad, Qt.Key.Key_Space)
    qtbot.keyClick(pad, Qt.Key.Key_Right)
    qtbot.keyClick(pad, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(pad, Qt.Key.Key_Space)
    ((start, right, down),) = pad.strokes()
    assert right[1] - start[1] == 4 and down[2] - right[2] == 20
    qtbot.keyClick(pad, Qt.Key.Key_Left)  # lifted: moves without drawing
    assert len(pad.strokes()[0]) == 3
    qtbot.keyClick(pad, Qt.Key.Key_Backspace)
    assert pad.is_empty()


def test_points_stay_on_the_pad_and_are_limited(pad: SignaturePad) -> None:
    drag(pad, (10, 10), (5000, -400))
    assert pad.strokes()[0][1][1:3] == (480.0, 0.0)
    pad._count = MAX_POINTS
    drag(pad, (10, 10), (20, 20))
    assert len(pad.strokes()) == 1


def test_no_picture_leaves_the_pad(pad: SignaturePad) -> None:
    drag(pad, (20, 100), (200, 100))
    assert not [name for name in ("image", "png", "save") if hasattr(pad, name)]


def test_the_ball_of_the_hand_does_not_write(pad: SignaturePad) -> None:
    device = QTest.createTouchDevice()
    QTest.touchEvent(pad, device).press(0, QPoint(20, 50), pad).commit()
    QTest.touchEvent(pad, device).press(1, QPoint(300, 120), pad).move(0, QPoint(40, 60), pad).commit()
    QTest.touchEvent(pad, device).release(0, QPoint(40, 60), pad).release(1, QPoint(300, 120), pad).commit()
    assert [point[1:3] for point in pad.strokes()[0]][:2] == [(20.0, 50.0), (40.0, 60.0)] and len(pad.strokes()) == 1
    assert pad.tool() == "touch"



def test_the_pad_speaks(pad: SignaturePad) -> None:
    assert pad.accessibleName() == "Signature" and "Space" in pad.accessibleDescription()
    set_language("zh_CN")
    assert pad.accessibleName() == "签名"


def test_a_pdf_is_shown_and_says_its_pages(two_pages: bytes, show: Callable[..., Any], qtbot: QtBot) -> None:
    view = show(PdfView(), 700, 500)
    view.show_pdf(two_pages, lambda: "Contract SC-1")
    assert view.page_count() == 2 and view.data() == two_pages
    assert view.view.accessibleName() == "Contract SC-1" and view._page.text() == "Page 1 of 2"
    view.zoom(1.25)
    view.fit_width()
    view.show_pdf(two_pages, "Again")
    assert view.page_count() == 2
    qtbot.waitUntil(lambda: view.view.verticalScrollBar().maximum() > 0)


def test_what_is_no_pdf_is_refused(show: Callable[..., Any]) -> None:
    with pytest.raises(UnreadablePdf):
        load_pdf(b"<html>not a pdf</html>")
