"""Boxes that people fill: where to sign, where the seal goes, where a clause is acknowledged.

Each tells the canvas where it landed, so that fields are placed by the layout and by nothing else.
"""

from reportlab.platypus.flowables import Flowable

from app.documents.places import PlaceKind
from app.documents.styles import ACCENT, HAIRLINE, LINE


class FieldBox(Flowable):
    """An outlined box of a fixed size that becomes a form field of the given kind."""

    def __init__(self, name: str, kind: PlaceKind, *, size: tuple[float, float], description: str) -> None:
        super().__init__()
        self.width, self.height = size
        self._name, self._kind, self._description = name, kind, description

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        ticked = self._kind is PlaceKind.ACKNOWLEDGEMENT
        canvas.setStrokeColor(ACCENT if ticked else LINE)
        canvas.setLineWidth(1.0 if ticked else HAIRLINE)
        if self._kind is PlaceKind.SEAL:
            canvas.setDash(2, 2)
        canvas.rect(0, 0, self.width, self.height, stroke=1, fill=0)
        canvas.setDash()
        canvas.note_place(
            name=self._name,
            kind=self._kind,
            rect=(0.0, 0.0, self.width, self.height),
            description=self._description,
        )
