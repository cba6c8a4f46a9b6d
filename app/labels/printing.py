"""Labels as PDF pages: vehicle labels, key tags, price sheets, and the page that shows what a printer is off by.

Everything is laid out in millimetres from the left upper corner of the paper and shifted as a whole by the offset of
the printer, so that preview, file and paper are the same.
"""

from collections.abc import Sequence

from app.documents.errors import CharactersNotPrintable
from app.documents.fonts import require_printable
from app.labels.errors import LabelNotPrintable
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

    Raises NothingToLabel, FirstLabelOutside, TooManyLabels, LabelNotPrintable (field `unit_ids`) or, for the dealer,
    CharactersNotPrintable.
    """
    run = list(label_run(layout, vehicles=len(units), copies=copies, first=first))
    require_printable(dealer.name.in_language(language), dealer.address.in_language(language), dealer.phone)
    for unit in units:
        _require_label_printable(unit, language)
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


def _require_label_printable(unit: LabelUnit, language: str) -> None:
    try:
        require_printable(*_texts(unit, language))
    except CharactersNotPrintable as error:
        raise LabelNotPrintable(
            field="unit_ids", vehicle=unit.stock_number or unit.vin, characters=error.params["characters"]
        ) from error


def _texts(unit: LabelUnit, language: str) -> tuple[str, ...]:
    names = (unit.heading, unit.version, unit.exterior_colour, unit.interior_colour, unit.energy)
    told = (words.in_language(language) for pair in unit.specifications for words in pair)
    return (*(name.in_language(language) for name in names), *told, unit.stock_number, unit.location)

