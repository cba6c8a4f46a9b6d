"""The filters above the hits - text, stock, order -, and how a question stands in them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.finder.rules import Order, Question, StockWish
from app.runtime.language import tr_noop
from ui.kit.filters import Facet, FacetOption, FilterBar
from ui.kit.theme import set_size


def add_question_filters(filters: FilterBar) -> None:
    """What can be asked without the rail."""
    filters.show()
    filters.search.set_words(tr_noop("Model, pinyin, “under 200,000”, “7 seats”"))
    set_size(filters.search, width=400)
    filters.add_facet(Facet("stock", tr_noop("Stock"), _options(StockWish), single=True))
    filters.add_facet(Facet("order", tr_noop("Sort order"), _options(Order), single=True))


def filter_values(question: Question) -> dict[str, Any]:
    """A question as the filters show it; what is usual is not said."""
    values: dict[str, Any] = {"text": question.text}
    if question.stock is not StockWish.ANY:
        values["stock"] = question.stock.value
    if question.order is not Order.BEST:
        values["order"] = question.order.value
    return values


def filtered(question: Question, values: Mapping[str, Any]) -> Question:
    """The question with what the filters say now."""
    return replace(
        question, text=values.get("text", ""), stock=StockWish(values.get("stock", StockWish.ANY)),
        order=Order(values.get("order", Order.BEST)),
    )  # fmt: skip


def _options(kind: type[StockWish] | type[Order]) -> list[FacetOption]:
    return [FacetOption(one.value, one.label) for one in kind]
