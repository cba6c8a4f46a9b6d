"""Why so many: the reasons of a suggestion in words and figures, the formula with its sources, sales by month."""

from PySide6.QtWidgets import QWidget

from app.kernel.labels import Note
from app.replenishment.need_rows import FORMULA, SOURCES, NeedRow, OrderingPolicy
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.controls import Label
from ui.kit.detail_panel import Facts
from ui.kit.disclosure import Disclosure
from ui.kit.layout import Divider, boxed, column
from ui.kit.theme import set_size
from ui.replenishment.words import colour_text, money_or_dash


def need_content(row: NeedRow, policy: OrderingPolicy) -> QWidget:
    """The panel's content for one trim."""
    head = Label(lambda: trn("Order {n} vehicle", "Order {n} vehicles", row.suggested), role="number")
    colours = Label(lambda: _colours(row), role="secondary", wrap=True)
    stack = column(head, colours, gap=12)
    stack.addWidget(Label(lambda: tr("Why {n}?", n=row.suggested), role="section"))
    for number, reason in enumerate(row.reasons(policy), start=1):
        stack.addWidget(Label(_numbered(number, reason), wrap=True))
    stack.addWidget(Disclosure(tr_noop("Formula and sources"), _formula))
    stack.addWidget(Divider())
    stack.addWidget(Label(tr_noop("Sold by month"), role="section"))
    stack.addWidget(_chart(row))
    facts = [
        (tr_noop("Not for sale now"), formats.count(row.blocked)),
        (tr_noop("Guide price"), formats.money(row.place.guide_price)),
    ]
    if row.unit_cost is not None:
        facts.append((tr_noop("Expected cost each"), money_or_dash(row.unit_cost)))
    stack.addWidget(Facts(facts))
    return boxed(stack)


def _numbered(number: int, reason: Note) -> object:
    return lambda: f"{number}. {reason}"


def _colours(row: NeedRow) -> str:
    if not row.colours:
        return tr("Nothing to order now.")
    return ", ".join(f"{count} × {colour_text(colour)}" for colour, count in row.colours)


def _formula() -> QWidget:
    legend = tr_noop(
        "S: target. X: sales until the next order has arrived. α: service level. d: sales a day in season. R: days "
        "between orders. L, σ: lead time and its spread. q: how much more than Poisson sales vary."
    )
    stack = column(Label(lambda: FORMULA, wrap=True), Label(legend, role="secondary", wrap=True), gap=8)
    stack.addWidget(Label(tr_noop("Sources"), role="section"))
    for source in SOURCES:
        stack.addWidget(Label(lambda source=source: source, role="secondary", wrap=True))
    return boxed(stack)


def _chart(row: NeedRow) -> QWidget:
    from ui.charts.bars import BarChart
    from ui.charts.series import Series

    chart = BarChart(tr_noop("Sold by month"))
    months = row.monthly[-12:]
    names = [f"{month[1]:02d}" for month, _ in months]
    chart.show_series(
        names, [Series(tr_noop("Sold"), [float(count) for _, count in months], running=frozenset({len(months) - 1}))],
        said=[f"{month[0]}-{month[1]:02d}: {count}" for month, count in months],
    )  # fmt: skip
    set_size(chart, height=160)
    return chart
