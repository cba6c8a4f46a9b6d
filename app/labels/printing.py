"""Labels as PDF pages: vehicle labels, key tags, price sheets, and the page that shows what a printer is off by.

Everything is laid out in millimetres from the left upper corner of the paper and shifted as a whole by the offset of
the printer, so that preview, file and paper are the same.
"""

from collections.abc import Sequence

from app.documents.fonts import require_printable
from app.labels.label_data import Dealer, LabelUnit
from app.labels.rules import LabelContent, LabelLayout, PrinterOffset, label_run


def render_labels(
    units: Sequence[LabelUnit],
    layout: LabelLayout,
    *,
    content: LabelContent,
    dealer: Dealer,
    language: str,
    first: int = 1,
    copies: int = 1,
    offset: PrinterOffset | None = None,
) -> bytes:
    """The pages with these labels, beginning with label `first` of the first page.

    Raises NothingToLabel, FirstLabelOutside, TooManyLabels or CharactersNotPrintable.
    """
    run = list(label_run(layout, vehicles=len(units), copies=copies, first=first))
    require_printable(*(text for unit in units for text in _texts(unit, language)))
    # ReportLab costs a tenth of a second; whoever only reads the papers does not pay for it.
    from app.labels.sheet import LabelSheet

    sheet = LabelSheet(layout, language=language, offset=offset or PrinterOffset())
    for number, place in run:
        sheet.draw(units[number], place, content=content, dealer=dealer)
    return sheet.finished(title=units[0].vin if len(units) == 1 else "")


def render_test_page(layout: LabelLayout, *, offset: PrinterOffset | None = None, language: str = "") -> bytes:
    """A page with two lines that should stand 20.0 mm from the left and the upper edge, rulers in millimetres beside
    them, and the outline of every label, shifted by the offset under trial."""
    from app.labels.sheet import LabelSheet

    sheet = LabelSheet(layout, language=language, offset=offset or PrinterOffset())
    sheet.draw_test()
    return sheet.finished(title="")


def _texts(unit: LabelUnit, language: str) -> tuple[str, ...]:
    names = (unit.heading, unit.version, unit.exterior_colour, unit.interior_colour, unit.energy)
    return (*(name.in_language(language) for name in names), unit.stock_number, unit.location)

