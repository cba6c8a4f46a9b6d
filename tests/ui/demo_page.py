"""A page such as features make them, over rows in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ui.kit.actions import Action
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Button, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.list_page import ListPage
from ui.kit.text import words

STATES = {
    "FREE": State("Free", "good"),
    "HELD": State("Held", "warn"),
    "ALLOCATED": State("Allocated", "info"),
    "DELIVERED": State("Delivered", "neutral"),
}
_MODELS = ("比亚迪 汉 EV 冠军版", "Toyota Camry 2.5 XLE", "问界 M7 Max", "Volkswagen ID.4 Pro")
_COLOURS = ("雪域白", "曜石黑", "珍珠蓝")


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A vehicle on the floor."""

    id: str
    vin: str
    model: str
    state: str
    price: Decimal
    days: int
    colour: str


def units(count: int = 2031) -> list[UnitRow]:
    """Vehicles, always the same."""
    names = list(STATES)
    return [
        UnitRow(
            id=f"{number:05}",
            vin=f"LDC613P23A13{number:05}",
            model=_MODELS[number % 4],
            state=names[number * 7 % 5 % 4],
            price=Decimal(128_900 + number * 731),
            days=number * 3 % 240,
            colour=_COLOURS[number % 3],
        )
        for number in range(count)
    ]


class UnitSource:
    """Answers the page's queries; counts them."""

    def __init__(self, rows: Sequence[UnitRow]) -> None:
        self.rows = list(rows)
        self.asked: list[dict[str, Any]] = []

    def matching(self, filters: dict[str, Any]) -> list[UnitRow]:
        """Rows that fit the filters, sorted as asked."""
        text = str(filters.get("text", "")).lower()
        states = filters.get("state", [])
        found = [
            row for row in self.rows if text in f"{row.vin} {row.model}".lower() and (not states or row.state in states)
        ]
        if filters.get("sort"):
            found.sort(key=lambda row: getattr(row, filters["sort"]), reverse=filters["descending"])
        return found

    def list_rows(self, _reader: Any, *, after: Any, limit: int, **filters: Any) -> list[UnitRow]:
        """A page of rows after the one with this id."""
        self.asked.append({"after": after, "limit": limit, **filters})
        found = self.matching(filters)
        start = 0 if after is None else [row.id for row in found].index(after) + 1
        return found[start : start + limit]

    def count_rows(self, _reader: Any, **filters: Any) -> tuple[int, int]:
        """How many match, and how many there are."""
        return len(self.matching(filters)), len(self.rows)


class UnitsPage(ListPage):
    """Vehicles in stock."""

    title = "Vehicles"
    key = "units"
    watches = ("vehicle_unit",)
    columns = (
        Column("vin", "VIN", kind="code", width=164),
        Column("model", "Model", width=160, stretch=True),
        Column("state", "Status", states=STATES, width=112),
        Column("colour", "Colour", width=84),
        Column("price", "List price", kind="money", width=112, sort="price"),
        Column("days", "Age", kind="integer", width=72, sort="days"),
    )

    def __init__(self, context: PageContext, source: UnitSource) -> None:
        self.source = source
        self.opened: list[UnitRow] = []
        super().__init__(context)
        self.add_action(Action("units.import", "Import", lambda: None, key="Ctrl+I", icon="upload"), button=True)
        self.add_action(Action("units.new", "New vehicle", lambda: None, key=Key.NEW, icon="plus"), primary=True)
        options = [FacetOption(name, state.label, 400) for name, state in STATES.items()]
        for name in ("Make", "Energy", "Age"):
            self.filters.add_facet(Facet(name.lower(), name))
        self.filters.add_facet(Facet("state", "Status", options))

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Any:
        return self.source.list_rows(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> Any:
        return self.source.count_rows(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return f"{matched:,} of {total:,} vehicles"

    def show_details(self, row: UnitRow) -> None:
        state = STATES[row.state]
        facts = Facts(
            [
                ("VIN", row.vin),
                ("Colour", row.colour),
                ("List price", f"¥{row.price:,.2f}"),
                ("In stock", f"{row.days} days"),
                ("Status", StatusDot(words(state.label), state.tone)),
            ]
        )
        buttons = [Button("Hold vehicle", kind="primary"), Button("Quote")]
        self.panel.show_content(lambda: row.model, facts, subtitle=lambda: row.vin, actions=buttons)

    def open_row(self, row: UnitRow) -> None:
        self.opened.append(row)
