"""A photo taken at the desk.

Qt's multimedia part brings 20 MB of video decoders; installers leave it out, an installation from packages has it. It
is looked for by name when somebody asks, and where it is missing the page says what to do instead.
"""

from importlib import import_module

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from app.runtime.language import tr_noop
from ui.kit.controls import Button
from ui.kit.layout import STRETCH, column, row
from ui.kit.theme import set_role, theme

JPEG_QUALITY = 90
_MULTIMEDIA = "PySide6.QtMultimedia"


def camera_problem() -> str:
    """Why no photo can be taken here (`tr_noop` literal); empty where it can."""
    try:
        multimedia = import_module(_MULTIMEDIA)
    except ImportError:
        return tr_noop("This installation has no camera support. Take the photo with a phone and choose the file.")
    if not multimedia.QMediaDevices.videoInputs():
        return tr_noop("There is no camera at this computer. Take the photo with a phone and choose the file.")
    return ""


def jpeg_of(image: QImage) -> bytes:
    """A picture as JPEG bytes."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", JPEG_QUALITY)  # type: ignore[call-overload]
    return bytes(data.data())


class CameraView(QWidget):
    """The picture of the camera, and the verb that takes it: `taken(JPEG bytes)`, or `left`."""

    taken = Signal(bytes)
    left = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        multimedia = import_module(_MULTIMEDIA)
        set_role(self, "plain")
        self._session = multimedia.QMediaCaptureSession(self)
        self._camera = multimedia.QCamera(self)
        self._capture = multimedia.QImageCapture(self)
        picture: QWidget = import_module(f"{_MULTIMEDIA}Widgets").QVideoWidget()
        picture.setMinimumHeight(theme().px(220))
        self._session.setCamera(self._camera)
        self._session.setImageCapture(self._capture)
        self._session.setVideoOutput(picture)
        self._capture.imageCaptured.connect(lambda _number, image: self._finish(image))
        take = Button(tr_noop("Take the photo"), kind="primary", icon="eye", on_click=self._capture.capture)
        stop = Button(tr_noop("Cancel"), kind="quiet", on_click=self._leave)
        self.setLayout(column(picture, row(stop, STRETCH, take), gap=8))
        self._camera.start()

    def _finish(self, image: QImage) -> None:
        self._camera.stop()
        self.taken.emit(jpeg_of(image))

    def _leave(self) -> None:
        self._camera.stop()
        self.left.emit()
