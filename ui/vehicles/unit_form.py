"""Taking a unit into the books, or changing it: the VIN is checked, decoded and compared while it is typed."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.catalog.queries import TrimDetail, get_trim, list_trims
from app.catalog.vin import VIN_LENGTH, VinOrigin, check_vin, decode_vin
from app.inventory.commands import AddUnit, ChangeUnit, FittedOption
from app.inventory.queries import UnitDetail, UnitRow, find_unit_by_vin, list_colours, list_locations
from app.inventory.rules import StockState
from app.inventory.vin_matching import TrimMatch, match_trims
from app.kernel.clock import branch_date
from app.kernel.errors import DomainError
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Choice, Label
from ui.kit.detail_panel import Facts
from ui.kit.fields import (
    Advice,
    DateField,
    Field,
    IntegerField,
    LookupField,
    MoneyField,
    Section,
    SegmentField,
    TextField,
    ToggleField,
    VinField,
)
from ui.kit.form import Form
from ui.kit.layout import Card
from ui.kit.record_line import RecordLine
from ui.kit.suggest_field import SuggestField
from ui.kit.text import Words
from ui.vehicles.options_editor import OptionsField

ODOMETER_LIMIT = 2_000_000


@dataclass(frozen=True, slots=True)
class VinFindings:
    """What is known of a VIN: the unit that has it already, what it says by itself, which trims its like are."""

    vin: str
    unit: UnitRow | None
    origin: VinOrigin
    matches: tuple[TrimMatch, ...] = ()


def examine_vin(reader: Any, vin: str) -> VinFindings:
    """Looks the VIN and its like up in the books and decodes it."""
    origin = decode_vin(vin, today=branch_date(reader.now))
    return VinFindings(vin, find_unit_by_vin(reader, vin), origin, match_trims(reader, vin))


class UnitForm(Form):
    """Fields named like those of the commands. With `detail` it changes that unit, else it makes a new one."""

    vin_examined = Signal(object)
    """VinFindings, or None while there is no whole VIN."""

    def __init__(self, context: PageContext, detail: UnitDetail | None = None) -> None:
        self._detail = detail
        self._taken: dict[str, UnitRow] = {}
        self._may_see_cost = context.may(Permission.INVENTORY_VIEW_COST)
        super().__init__(context, self._declared(new=detail is None))
        self.set_values(_shown(detail, branch_date(context.clock.now()).isoformat()))
        self.set_field_visible("vin_warning_acknowledged", False)
        if detail is not None:
            row = detail.row
            self.editor("trim_id").choose(Choice(row.trim_id, lambda: str(row.name)))
            self.set_field_visible("cost", self._may_see_cost)
            self.mark_clean()
            self._on_vin_changed()
        self.changed.connect(self._on_changed)
        self.draft_restored.connect(self._on_vin_changed)

    def command(self) -> AddUnit | ChangeUnit:
        """The command for what stands in the form; `check_all` comes first."""
        typed = self.values()
        values: dict[str, Any] = {
            name: typed[name]
            for name in ("trim_id", "vin", "stock_number", "engine_number", "exterior_colour", "interior_colour",
                         "location", "list_price", "floor_price", "options")
        }  # fmt: skip
        values |= {
            "cost": typed.get("cost"),
            "arrived_on": date.fromisoformat(typed["arrived_on"]),
            "manufactured_on": date.fromisoformat(typed["manufactured_on"]) if typed["manufactured_on"] else None,
            "odometer_km": typed["odometer_km"] or 0,
            "vin_warning_acknowledged": bool(typed.get("vin_warning_acknowledged")),
        }
        if self._detail is None:
            return AddUnit(**values, in_transit=typed["where"] == StockState.IN_TRANSIT)
        return ChangeUnit(unit_id=self._detail.row.id, expected_revision=self._detail.row.revision, **values)

    def fill_vin(self, vin: str) -> None:
        """Enter a VIN as if it had been typed."""
        self.set_value("vin", vin)
        self.changed.emit("vin")

    def take_trim(self, match: TrimMatch) -> None:
        """Enter the trim that the VIN suggests; its guide price follows where no price is entered."""
        self.editor("trim_id").choose(Choice(match.trim_id, lambda: str(match.name)))
        self.cell("trim_id").forget()
        self.changed.emit("trim_id")
        self.focus_field("exterior_colour")

    def margin(self) -> tuple[Decimal, Decimal] | None:
        """List price less cost, and its share of the list price in percent; None until both are entered."""
        cost = self.values().get("cost")
        price = self.value("list_price")
        if not price or cost is None:
            return None
        return price - cost, ((price - cost) * 100 / price).quantize(Decimal("0.1"))

    def summary(self) -> Label:
        """The margin, for the footer; follows what is typed."""
        label = Label(self._margin_words, role="secondary")
        self.changed.connect(lambda name: label.retranslate() if name in ("cost", "list_price") else None)
        return label

    def _margin_words(self) -> str:
        margin = self.margin()
        if margin is None:
            return ""
        return tr("Margin {amount} ({share})", amount=formats.yuan(margin[0]), share=formats.percent(margin[1]))

    # --- fields ----------------------------------------------------------------------------------

    def _declared(self, *, new: bool) -> list[Section]:
        where = [
            Choice(StockState.IN_STOCK, tr_noop("In the house")),
            Choice(StockState.IN_TRANSIT, tr_noop("On its way")),
        ]
        vehicle: list[Field] = [
            VinField("vin", tr_noop("VIN"), required=True, check=self._check_vin, span=2),
            ToggleField(
                "vin_warning_acknowledged", tr_noop("Check digit"), required=True, span=2,
                text=tr_noop("The car itself shows exactly this VIN"),
            ),
            LookupField(
                "trim_id", tr_noop("Model"), required=True, search=_find_trims, span=2,
                placeholder=tr_noop("Make, series, year or trim; initials work too"),
            ),
            SuggestField(
                "exterior_colour", tr_noop("Exterior colour"), required=True, max_length=40, suggest=list_colours
            ),
            TextField("interior_colour", tr_noop("Interior colour"), max_length=40),
            TextField("engine_number", tr_noop("Engine number"), max_length=40),
            TextField(
                "stock_number", tr_noop("Stock number"), max_length=24,
                hint=tr_noop("Empty takes the next one.") if new else "",
            ),
        ]  # fmt: skip
        stock: list[Field] = [
            DateField("arrived_on", tr_noop("Arrived on"), required=True),
            SuggestField("location", tr_noop("Place"), max_length=60, suggest=list_locations),
            DateField("manufactured_on", tr_noop("Made on")),
            IntegerField("odometer_km", tr_noop("Odometer"), suffix=tr_noop("km"), least=0, most=ODOMETER_LIMIT),
        ]
        if new:
            stock.insert(0, SegmentField("where", tr_noop("Where is it?"), choices=where, required=True, span=2))
        prices: list[Field] = [
            MoneyField("cost", tr_noop("Cost"), required=new),
            MoneyField("list_price", tr_noop("List price"), required=True),
            MoneyField("floor_price", tr_noop("Floor price"), required=True, check=self._check_floor),
            OptionsField("options", tr_noop("Fitted options"), span=2),
        ]
        return [
            Section(tr_noop("Vehicle"), vehicle),
            Section(tr_noop("Stock"), stock),
            Section(tr_noop("Prices with VAT"), prices),
        ]

    def _check_vin(self, text: str) -> Words | Advice | None:
        found = check_vin(text)
        taken = self._taken.get(found.vin)
        if taken is not None:
            return lambda: tr(
                "Already in stock as {stock_number} ({branch}). Open that unit instead.",
                stock_number=taken.stock_number, branch=taken.branch_code,
            )  # fmt: skip
        if found.warning is None:
            return None
        warning = found.warning
        return Advice(lambda: str(warning))

    def _check_floor(self, floor: Decimal) -> Words | None:
        price = self.value("list_price")
        if price is not None and floor > price:
            return tr_noop("The floor price is above the list price. Lower it or raise the other.")
        return None

    # --- slots -----------------------------------------------------------------------------------

    def _on_changed(self, name: str) -> None:
        if name == "vin":
            self._on_vin_changed()
        elif name == "trim_id" and self.editor("trim_id").chosen is not None:
            self.context.operations.run_query(
                self, get_trim, self.value("trim_id"), on_done=self._on_trim, on_error=lambda _error: True, key="trim"
            )

    def _on_vin_changed(self) -> None:
        text = self.value("vin") or ""
        try:
            found = check_vin(text) if len(text) == VIN_LENGTH else None
        except DomainError:
            found = None
        doubtful = found is not None and not found.check_digit_ok
        known = self._detail is not None and text == self._detail.row.vin
        self.set_field_visible("vin_warning_acknowledged", doubtful and not known)
        if found is None:
            self.set_hint("vin", "")
            self.vin_examined.emit(None)
            return
        self.cell("vin").check(show=True)
        self.context.operations.run_query(self, examine_vin, found.vin, on_done=self._on_vin_examined, key="vin")

    def _on_vin_examined(self, findings: VinFindings) -> None:
        own = self._detail is not None and findings.unit is not None and findings.unit.id == self._detail.row.id
        if findings.unit is not None and not own:
            self._taken[findings.vin] = findings.unit
        if self.value("vin") == findings.vin:
            self.cell("vin").check(show=True)
            self.vin_examined.emit(replace(findings, unit=None) if own else findings)

    def _on_trim(self, trim: TrimDetail) -> None:
        if self.value("list_price") is None and trim.row.guide_price:
            self.set_value("list_price", trim.row.guide_price)
            self.changed.emit("list_price")


class VinCard(Card):
    """Beside the form: what the VIN says, which trims its like are, or which unit has it already."""

    opened = Signal(str)
    matched = Signal(object)
    """TrimMatch, when somebody takes one that is offered."""

    def __init__(self) -> None:
        super().__init__(tr_noop("What the VIN says"))
        self._text = Label("", role="secondary", wrap=True)
        self._facts = Facts()
        self._lines: list[QWidget] = []
        self.add(self._text, self._facts)
        self.show_findings(None)

    def show_findings(self, findings: VinFindings | None) -> None:
        """Say what is known, or what to type."""
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = []
        if findings is None:
            self._text.set_words(
                tr_noop("Type its 17 characters: maker and model year are read from them, and doubles are found.")
            )
            self._facts.set_facts([])
            return
        origin = findings.origin
        self._facts.set_facts(
            [
                (tr_noop("Maker"), lambda: str(origin.maker) or tr("not known")),
                (tr_noop("Country"), lambda: str(origin.country) or tr("not known")),
                (tr_noop("Model year"), lambda: _year_words(origin)),
            ]
        )
        unit = findings.unit
        self._text.set_words(tr_noop("This unit has it already:") if unit is not None else tr_noop("Not in stock yet."))
        if unit is not None:
            taken = RecordLine(
                lambda: str(unit.name), subtitle=lambda: f"{unit.stock_number} · {unit.branch_code}", icon="car",
                tone="bad",
            )  # fmt: skip
            taken.clicked.connect(lambda: self.opened.emit(unit.id))
            self._add_line(taken)
        elif findings.matches:
            self._offer(findings.matches)

    def _offer(self, matches: tuple[TrimMatch, ...]) -> None:
        self._add_line(Label(tr_noop("Vehicles with such a VIN are:"), role="secondary", wrap=True))
        for match in matches:
            line = RecordLine(
                partial(str, match.name), subtitle=partial(_share_words, match), icon="car",
                tooltip=partial(_reason_words, match),
            )  # fmt: skip
            line.clicked.connect(partial(self.matched.emit, match))
            self._add_line(line)

    def _add_line(self, line: QWidget) -> None:
        self._lines.append(line)
        self.add(line)


def _year_words(origin: VinOrigin) -> str:
    likely = [str(one.year) for one in origin.years if one.plausible]
    others = [str(one.year) for one in origin.years if not one.plausible]
    if not likely:
        return tr("not known")
    return tr("{year} (or {others})", year=likely[0], others=", ".join(others)) if others else likely[0]


def _share_words(match: TrimMatch) -> str:
    return tr("{count} of {total} with {pattern}", count=match.count, total=match.total, pattern=match.pattern)


def _reason_words(match: TrimMatch) -> str:
    return f"{match.name}\n{match.reason}"


def _find_trims(reader: Any, text: str) -> list[Choice]:
    return [
        Choice(row.id, partial(str, row.full_name), partial(formats.yuan, row.guide_price))
        for row in list_trims(reader, text=text, limit=30)
    ]


def _shown(detail: UnitDetail | None, today: str) -> dict[str, Any]:
    if detail is None:
        return {"where": StockState.IN_STOCK, "arrived_on": today}
    row = detail.row
    return {
        "vin": row.vin, "stock_number": row.stock_number, "engine_number": detail.engine_number,
        "exterior_colour": row.exterior_colour.stored(), "interior_colour": row.interior_colour.stored(),
        "location": row.location, "list_price": row.list_price, "floor_price": row.floor_price, "cost": row.cost,
        "arrived_on": row.arrived_on.isoformat(), "odometer_km": detail.odometer_km,
        "manufactured_on": detail.manufactured_on.isoformat() if detail.manufactured_on else None,
        "options": tuple(
            FittedOption(name_zh=one.name.zh, name_en=one.name.en, price=one.price) for one in detail.options
        ),
    }  # fmt: skip
