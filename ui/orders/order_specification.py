"""The version of the catalogue a vehicle was sold by, and what the catalogue says differently now."""

from functools import partial

from PySide6.QtWidgets import QWidget

from app.catalog.history import Difference
from app.catalog.sold_versions import SoldSpecification
from app.runtime.language import tr, trn
from ui.kit import formats
from ui.kit.controls import Label
from ui.kit.detail_panel import Facts
from ui.kit.disclosure import Disclosure
from ui.kit.layout import boxed, column


def specification_note(sold: SoldSpecification) -> QWidget:
    """One line; what differs now on demand."""
    return Disclosure(lambda: _title(sold), lambda: _content(sold))


def _title(sold: SoldSpecification) -> str:
    if not sold.changed:
        return tr("Sold by version {n} of the catalogue", n=sold.number)
    return trn(
        "Sold by version {version} of the catalogue; {n} difference now",
        "Sold by version {version} of the catalogue; {n} differences now", len(sold.changed), version=sold.number,
    )  # fmt: skip


def _content(sold: SoldSpecification) -> QWidget:
    day = formats.date_text(sold.effective_from)
    since = Label(lambda: tr("In force since {day}; the order keeps it.", day=day), role="secondary", wrap=True)
    facts = Facts([(partial(str, one.label), partial(_both, one)) for one in sold.changed])
    return boxed(column(since, facts, gap=8, margins=(20, 0, 0, 8)))


def _both(one: Difference) -> str:
    return tr("{sold} when sold, {now} now", sold=str(one.before) or "–", now=str(one.after) or "–")
