"""The price of a unit in the stock table: what is asked today, and the list price where a campaign lowers it."""

from decimal import Decimal

from app.inventory.queries import UnitRow
from app.pricing.queries import AskedBook
from app.runtime.language import tr
from ui.kit import formats


def asked_of(book: AskedBook, row: UnitRow) -> Decimal:
    """What is asked for a unit."""
    found = book.of(row)
    return row.list_price if found is None else found.asked


def list_price_of(book: AskedBook, row: UnitRow) -> str:
    """The list price where less is asked, else nothing."""
    found = book.of(row)
    return "" if found is None or found.campaign is None else f"{found.list_price:,.0f}"


def campaign_of(book: AskedBook, row: UnitRow) -> str:
    """Which campaign lowers a price, and until when."""
    found = book.of(row)
    if found is None or found.campaign is None:
        return ""
    if found.until is None:
        return tr("Campaign “{name}”", name=str(found.campaign))
    return tr("Campaign “{name}” until {date}", name=str(found.campaign), date=formats.date_text(found.until))
