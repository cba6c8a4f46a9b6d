"""Why so many: the reasons of a suggestion in words and figures, the formula with its sources, sales by month."""

from decimal import Decimal
from functools import partial

from PySide6.QtWidgets import QWidget

from app.kernel.labels import Listing, Note
from app.replenishment.demand import HALF_LIFE_MONTHS
from app.replenishment.need_rows import FORMULA, SOURCES, NeedRow, OrderingPolicy
from app.replenishment.rules import HousePolicy
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.controls import Label
from ui.kit.detail_panel import Facts
from ui.kit.disclosure import Disclosure
from ui.kit.layout import Divider, boxed, column
from ui.kit.text import Words
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
    stack.addWidget(Disclosure(tr_noop("Formula and sources"), lambda: _formula(policy.house)))
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


def _numbered(number: int, reason: Note) -> Words:
    return lambda: f"{number}. {reason}"


def _colours(row: NeedRow) -> str:
    if not row.colours:
        return tr("Nothing to order now.")
    return str(Listing(f"{count} × {colour_text(colour)}" for colour, count in row.colours))


def _formula(house: HousePolicy) -> QWidget:
    legend = tr_noop(
        "Q: to order. I: free, coming and on order. S: target; S − E[X] of it is the safety stock. X: sales until the "
        "next order has arrived. α: service level. d: sales a day. k: season. R: days between orders. L, σ: lead time "
        "and its spread. q: how much more than Poisson sales vary."
    )
    judged = tr_noop(
        "d: sales by selling days, season taken out; a month counts half after {months} months. k: sales of the whole "
        "branch in a calendar month against an even year; the days of the Spring Festival count {share}. q: Pearson's "
        "statistic by its degrees of freedom, at least 1. k and q are drawn towards 1 where little was sold."
    )
    share = formats.percent(Decimal(str(house.festival_share * 100)))
    stack = column(*(Label(partial(str, line)) for line in FORMULA), gap=4)
    stack.addWidget(Label(legend, role="secondary", wrap=True))
    stack.addWidget(
        Label(lambda: tr(judged, months=round(HALF_LIFE_MONTHS), share=share), role="secondary", wrap=True)
    )
    stack.addWidget(Label(tr_noop("Sources"), role="section"))
    for source in SOURCES:
        stack.addWidget(Label(partial(str, source), role="secondary", wrap=True))
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
