"""Draws what is printed onto a pre-printed form, its outline for the eye, and the page that shows a printer's error."""

import io
from collections.abc import Mapping

from app.documents.fonts import require_printable
from app.kernel.errors import DomainError
from app.labels.rules import CROSS, PrinterOffset
from app.printing.errors import FormTextTooLong
from app.printing.forms import FieldAlign, FormPlace, PreprintedForm

_SMALLEST = 6.0
_TENTH = 72.0 / 254.0
"""Points in a tenth of a millimetre."""


def text_problems(form: PreprintedForm, values: Mapping[str, str]) -> dict[str, DomainError]:
    """What cannot be printed, by fact: CharactersNotPrintable or FormTextTooLong, each for its field."""
    problems: dict[str, DomainError] = {}
    for place in form.places:
        try:
            _size_of(place, values.get(place.fact, ""))
        except DomainError as error:
            problems.setdefault(place.fact, error)
    return problems


def render_form(
    form: PreprintedForm, values: Mapping[str, str], *, offset: PrinterOffset | None = None, outlined: bool = False
) -> bytes:
    """The page with the texts alone, shifted by the offset; `outlined` with the places of the form, for the screen.

    Raises CharactersNotPrintable or FormTextTooLong.
    """
    from reportlab.pdfgen.canvas import Canvas

    from app.documents.fonts import REGULAR, register_fonts
    from app.documents.styles import HAIRLINE, INK, LINE, paint

    register_fonts()
    target = io.BytesIO()
    width, height = (side * _TENTH for side in form.page)
    canvas = Canvas(target, pagesize=(width, height), pageCompression=1, invariant=1, initialFontName=REGULAR)
    canvas.setTitle(str(form.name))
    canvas.setCreator("Forecourt")
    canvas.setProducer("Forecourt")
    if outlined:
        canvas.setStrokeColor(paint(LINE))
        canvas.setLineWidth(HAIRLINE)
        for place in form.places:
            canvas.rect(
                place.left * _TENTH, height - (place.top + place.height) * _TENTH, place.width * _TENTH,
                place.height * _TENTH,
            )  # fmt: skip
    shift = offset or PrinterOffset()
    canvas.translate(shift.right * _TENTH, -shift.down * _TENTH)
    canvas.setFillColor(paint(INK))
    for place in form.places:
        _draw(canvas, place, values.get(place.fact, ""), height=height)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _draw(canvas: object, place: FormPlace, text: str, *, height: float) -> None:
    from app.documents.fonts import CAP_HEIGHT, REGULAR, text_width

    if not text:
        return
    size = _size_of(place, text)
    room = place.width * _TENTH - text_width(text, size=size)
    x = place.left * _TENTH + {FieldAlign.LEFT: 0.0, FieldAlign.CENTRE: room / 2, FieldAlign.RIGHT: room}[place.align]
    middle = height - (place.top + place.height / 2) * _TENTH
    canvas.setFont(REGULAR, size)  # type: ignore[attr-defined]
    canvas.drawString(x, middle - CAP_HEIGHT * size / 2, text)  # type: ignore[attr-defined]


def _size_of(place: FormPlace, text: str) -> float:
    """The size a text is printed at: what the form says, or as much smaller as it needs."""
    from app.documents.fonts import text_width

    require_printable(text, field=place.fact)
    wide = text_width(text, size=1.0)
    size = min(place.size, place.width * _TENTH / wide) if wide else place.size
    if size < _SMALLEST:
        raise FormTextTooLong(field=place.fact)
    return size


def render_form_test(form: PreprintedForm, *, offset: PrinterOffset | None = None, language: str) -> bytes:
    """The calibration page: lines at 20.0 mm, rulers, and the outline of every place, shifted by an offset on trial."""
    from app.documents.test_page import TestPage

    page = TestPage((form.page[0] / 10, form.page[1] / 10), cross=float(CROSS))
    shift = offset or PrinterOffset()
    page.shift(shift.right, shift.down)
    for place in form.places:
        page.outline(place.left / 10, place.top / 10, place.width / 10, place.height / 10)
    page.draw_lines()
    page.instruct(form.name.in_language(language), language=language)
    return page.finished(form.name.in_language(language))
