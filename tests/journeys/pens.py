"""A pen with pressure and a finger, as Qt hears of them."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEventPoint, QInputDevice, QPointingDevice, QTabletEvent, QTouchEvent
from PySide6.QtWidgets import QApplication

from ui.kit.signature_pad import SignaturePad

STROKES = (
    ((40, 70), (70, 30), (95, 110), (120, 40), (150, 90), (185, 45), (210, 95)),
    ((230, 50), (255, 105), (280, 60), (300, 100), (120, 118), (330, 112)),
)


def sign_with_pen(pad: SignaturePad, strokes: Sequence[Sequence[tuple[int, int]]] = STROKES) -> None:
    """Pressure rises and falls within each stroke; a point every five milliseconds."""
    device = QPointingDevice(
        "pen", 7, QInputDevice.DeviceType.Stylus, QPointingDevice.PointerType.Pen,
        QInputDevice.Capability.Pressure, 1, 1,
    )  # fmt: skip
    clock = 1_000
    for stroke in strokes:
        for index, (x, y) in enumerate(stroke):
            kind = QEvent.Type.TabletPress if index == 0 else QEvent.Type.TabletMove
            clock += 5
            _tablet(pad, device, kind, QPointF(x, y), 0.2 + 0.1 * (index % 7), clock)
        _tablet(pad, device, QEvent.Type.TabletRelease, QPointF(*stroke[-1]), 0.0, clock)
    QApplication.processEvents()


def _tablet(
    pad: SignaturePad, device: QPointingDevice, kind: QEvent.Type, at: QPointF, pressure: float, stamp: int
) -> None:
    event = QTabletEvent(
        kind, device, at, pad.mapToGlobal(at), pressure, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier,
        Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton,
    )  # fmt: skip
    event.setTimestamp(stamp)
    QApplication.sendEvent(pad, event)


def sign_with_finger(pad: SignaturePad, strokes: Sequence[Sequence[tuple[int, int]]] = STROKES) -> None:
    """One finger; nothing else touches the glass."""
    device = QPointingDevice(
        "glass", 8, QInputDevice.DeviceType.TouchScreen, QPointingDevice.PointerType.Finger,
        QInputDevice.Capability.Position, 5, 0,
    )  # fmt: skip
    for stroke in strokes:
        _touch(pad, device, QEvent.Type.TouchBegin, QEventPoint.State.Pressed, stroke[0])
        for place in stroke[1:]:
            _touch(pad, device, QEvent.Type.TouchUpdate, QEventPoint.State.Updated, place)
        _touch(pad, device, QEvent.Type.TouchEnd, QEventPoint.State.Released, stroke[-1])
    QApplication.processEvents()


def _touch(
    pad: SignaturePad, device: QPointingDevice, kind: QEvent.Type, state: QEventPoint.State, place: tuple[int, int]
) -> None:
    at = QPointF(*place)
    point = QEventPoint(0, state, at, pad.mapToGlobal(at))
    QApplication.sendEvent(pad, QTouchEvent(kind, device, Qt.KeyboardModifier.NoModifier, [point]))
