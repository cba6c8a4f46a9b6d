"""The stock: filter as you type, chips with live counts, everything about the selected unit beside the table."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton
from shiboken6 import isValid

from app.catalog.queries import TrimDetail, get_trim
from app.inventory.commands import RemoveUnit
from app.inventory.queries import (
    IN_THE_HOUSE,
    UnitCount,
    UnitDetail,
    UnitFacets,
    UnitRow,
    count_units,
    list_units,
    unit_facets,
)
from app.inventory.vin_matching import TrimMatch
from app.kernel.changes import Changes
from app.kernel.clock import Clock
from app.kernel.commands import Command
from app.kernel.errors import RecordNotFound
from app.kernel.permissions import Permission
from app.leases.port import LeasePort
from app.pricing.queries import AskedBook
from app.runtime.language import tr, tr_noop
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.dialogs import ask_reason
from ui.kit.editing import EditingPage, FormSheet
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, boxed, column
from ui.kit.panel_form import PanelForm
from ui.kit.table_model import COUNT_AFTER_MS
from ui.kit.text import Words
from ui.vehicles.asked_price import asked_of, campaign_of, list_price_of
from ui.vehicles.running_out import RunningOut
from ui.vehicles.several_units import SeveralUnits
from ui.vehicles.stock_filter import facet_options, stock_facets, unit_filter, unit_sort
from ui.vehicles.unit_actions import UnitActions
from ui.vehicles.unit_form import UnitForm, VinCard, examine_vin
from ui.vehicles.unit_reading import UnitRecord, get_unit_record
from ui.vehicles.unit_view import UnitView
from ui.vehicles.words import STANDINGS, age_of, hold_left, hold_tooltip, place_of, standing_of, standing_tooltip

_MODEL = "trim_ids"


def stock_columns(clock: Clock, *, with_cost: bool, book: AskedBook) -> tuple[Column, ...]:
    """The columns of the stock table; floor price and cost for those who may see them. The price is what is asked
    today, the list price struck out before it."""
    columns = [
        Column("name", tr_noop("Vehicle"), width=232, stretch=True, format=str),
        Column("standing", tr_noop("Status"), kind="state", width=108, states=STANDINGS, value=standing_of,
               tooltip=standing_tooltip),
        Column("list_price", tr_noop("Price"), kind="money", width=148, sort="price",
               value=partial(asked_of, book), struck=partial(list_price_of, book), tooltip=partial(campaign_of, book)),
        Column("age", tr_noop("Age"), kind="integer", width=88, sort="age", value=lambda row: row, format=age_of),
        Column("held", tr_noop("Hold"), width=92, value=lambda row: row.held_until and row,
               format=partial(hold_left, clock), tooltip=hold_tooltip),
        Column("exterior_colour", tr_noop("Colour"), width=128, format=str),
        Column("place", tr_noop("Place"), width=92, value=place_of),
        Column("vin", tr_noop("VIN"), kind="code", width=164),
        Column("stock_number", tr_noop("Stock number"), kind="code", width=120, visible=False),
        Column("energy", tr_noop("Energy"), width=108, visible=False, format=lambda energy: tr(energy.label)),
        Column("arrived_on", tr_noop("Arrived on"), kind="date", width=96, visible=False),
        Column("interior_colour", tr_noop("Interior colour"), width=104, visible=False, format=str),
    ]  # fmt: skip
    if with_cost:
        columns += [
            Column("floor_price", tr_noop("Floor price"), kind="money", width=108, visible=False),
            Column("cost", tr_noop("Cost"), kind="money", width=108, visible=False),
        ]
    return tuple(columns)


class VehiclesPage(EditingPage):
    """Opened with `unit_id` it shows that unit, with `trim_id` the units of a trim, with `unknown_vin` it offers to
    take that VIN into stock, with `new_vin` it does."""

    title = tr_noop("Vehicles")
    scope = "vehicles"
    key = "vehicles"
    multiple = True
    watches = ("vehicle_unit", "sales_order", "trim", "price_change")
    concerns = (
        "vehicle_transfer", "vehicle_lease",
        "unit_wish", "inspection", "inspection_defect", "certificate_entry", "vehicle_key", "unit_move",
    )  # fmt: skip
    """Tables the panel shows something of."""

    def __init__(self, context: PageContext, leases: LeasePort | None = None) -> None:
        self.book = AskedBook()
        self.leases = leases
        with_cost = context.may(Permission.INVENTORY_VIEW_COST)
        self.columns = stock_columns(context.clock, with_cost=with_cost, book=self.book)  # type: ignore[misc]
        self._view: UnitView | None = None
        self._changed_elsewhere = False
        self._wanted = ""
        super().__init__(context)
        self.filters.search.set_words(tr_noop("Model, VIN, place, pinyin"))
        for facet in stock_facets():
            self.filters.add_facet(facet)
        self.filters.add_facet(Facet(_MODEL, tr_noop("Model"), single=False)).hide()
        self.filters.changed.connect(self._on_stock_filters_changed)
        self.model.rows_shown.connect(self._show_asked)
        self.running_out = RunningOut(self.table, self.model, context.clock, until=lambda row: row.held_until)
        self._add_page_actions()
        self.several = SeveralUnits(self)
        self.unit_actions = UnitActions(self)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_table_menu_requested)

    # --- the list --------------------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Any:
        page = list_units(reader, filter=unit_filter(filters), after=after, limit=limit, sort=unit_sort(filters))
        self.book.note(reader, page.rows)
        return page

    def _show_asked(self) -> None:
        if self.book.take_changed():
            self.model.retranslate()

    def count_rows(self, reader: Any, **filters: Any) -> UnitCount:
        return count_units(reader, unit_filter(filters))

    def describe_count(self, matched: Any, total: int | None) -> str:
        found: UnitCount = matched
        n = f"{found.matching:,}+" if found.capped else f"{found.matching:,}"
        return tr("{n} of {all} vehicles", n=n, all=f"{found.total:,}")

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        may = self.context.may(Permission.INVENTORY_IMPORT)
        return EmptyState(
            tr_noop("No vehicles in stock yet"),
            tr_noop("Import the stock list you have, as CSV or XLSX, or add the first vehicle."),
            icon="car",
            action=Button(tr_noop("Import vehicles"), kind="primary", on_click=self.open_import) if may else None,
        )

    def activate(self, params: Mapping[str, Any]) -> None:
        if params.get("unit_id"):
            self.close_sheet()
            self.context.operations.run_query(
                self, get_unit_record, params["unit_id"], on_done=self._on_wanted, on_error=self._on_gone, key="wanted"
            )
        elif params.get("unknown_vin"):
            self._offer_stock(str(params["unknown_vin"]))
        elif params.get("new_vin"):
            self.enter_new(vin=str(params["new_vin"]))
        elif params.get("trim_id"):
            self.close_sheet()
            self.context.operations.run_query(
                self, get_trim, params["trim_id"], on_done=self._on_wanted_trim, key="wanted"
            )
        else:
            super().activate(params)
        self._fetch_facets()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        super().on_changes(changes, initiator)
        if not changes.touches(*self.watches, *self.concerns):
            return
        if self.isVisible() and changes.touches(*self.watches):
            self._fetch_facets()
        view = self.view
        if view is not None:
            self._changed_elsewhere = initiator is not self
            self._fetch(view.detail.row.id)

    def show_details(self, row: UnitRow) -> None:
        self._fetch(row.id)

    def open_row(self, row: UnitRow) -> None:
        """Return goes into the panel, to its first verb."""
        if self.panel.isHidden():
            self._fetch(row.id)
        for button in self.panel.findChildren(QPushButton):
            if button.isVisible() and button.isEnabled():
                button.setFocus(Qt.FocusReason.TabFocusReason)
                return

    # --- one unit --------------------------------------------------------------------------------

    @property
    def view(self) -> UnitView | None:
        """The unit in the panel."""
        return self._view if self._view is not None and isValid(self._view) else None

    @property
    def record(self) -> UnitRecord | None:
        """All about the unit in the panel, None while a sheet stands in front."""
        view = self.view
        shown = self.sheet is None and not self.panel.isHidden() and not self.several.rows
        return view.record if view is not None and shown else None

    @property
    def detail(self) -> UnitDetail | None:
        """The unit in the panel, None while a sheet stands in front."""
        record = self.record
        return record.detail if record is not None else None

    def ask(self, question: PanelForm) -> None:
        """Ask above the unit's prices."""
        view = self.view
        if view is not None:
            view.head.ask(question)

    def run(self, command: Command, name: Words) -> None:
        """Run a command about the unit shown."""
        self.context.operations.run_command(self, command, name=name)

    def _fetch(self, unit_id: str) -> None:
        self._wanted = unit_id
        self.context.operations.run_query(
            self, get_unit_record, unit_id, on_done=self._on_record, on_error=self._on_gone, key="unit"
        )

    def _on_record(self, record: UnitRecord) -> None:
        detail = record.detail
        if self.sheet is not None or detail.row.id != self._wanted:
            return
        view = self.view
        if view is None or view.detail.row.id != detail.row.id:
            self._view = view = UnitView(self.context, record)
            view.hold_ended.connect(partial(self._fetch, detail.row.id))
            view.hold_ended.connect(self.model.refresh)
            self._show_in_panel(view)
            return
        former = view.record
        view.show_record(record)
        if _verbs_of(former) != _verbs_of(record):
            self.panel.set_actions(self.unit_actions.buttons())
        self.panel.show()

    def _show_in_panel(self, view: UnitView) -> None:
        detail = view.detail
        self.panel.show()  # the buttons ask what is in the panel
        self.panel.show_content(
            lambda: str(detail.row.name),
            view,
            subtitle=lambda: f"{detail.row.exterior_colour} · {detail.row.stock_number}",
            actions=self.unit_actions.buttons(),
        )

    def _on_wanted(self, record: UnitRecord) -> None:
        row = record.detail.row
        filters: dict[str, Any] = {"text": row.vin}
        if row.stock not in IN_THE_HOUSE:
            filters["stock_states"] = [row.stock.value]
        self._show_model_chip(None)
        self.table.setFocus()
        self.table.clearSelection()  # or the row selected before would stay the one
        super().activate({"filters": filters, "select": row.id})
        self._wanted = row.id
        self._on_record(record)
        self._fetch_facets()

    def _on_wanted_trim(self, trim: TrimDetail) -> None:
        self._show_model_chip(trim)
        super().activate({"filters": {_MODEL: [trim.row.id]}})
        self._fetch_facets()

    def _show_model_chip(self, trim: TrimDetail | None) -> None:
        chip = self.filters.chip(_MODEL)
        if trim is not None:
            chip.set_options([FacetOption(trim.row.id, lambda: str(trim.row.full_name), trim.units)])
        chip.setVisible(trim is not None)

    def _on_table_selected(self, row: UnitRow | None) -> None:
        chosen = [one for one in self.table.selected_rows() if one is not None]
        if self.sheet is None and self.several.choose(chosen):
            self._wanted = ""
            return
        row = chosen[0] if chosen else None
        if row is None:
            self._wanted = ""  # an answer under way is no longer asked for
        super()._on_table_selected(row)

    def _on_gone(self, error: BaseException) -> bool:
        if isinstance(error, RecordNotFound):
            self.panel.close_panel()
            gone, self._view = self.view, None
            looked_for = self.filters.values().get("text")
            if gone is not None and self._changed_elsewhere and looked_for == gone.detail.row.vin:
                self.filters.clear()  # the VIN was put there to show a vehicle that was taken off this desk
        return False

    def _on_table_menu_requested(self, at: QPoint) -> None:
        row = self.model.row_at(self.table.rowAt(at.y()))
        detail = self.detail
        if row is not None and detail is not None and detail.row.id == row.id:
            self.unit_actions.open_menu(self.table, self.table.viewport().mapToGlobal(at))

    # --- facets ----------------------------------------------------------------------------------

    def _on_stock_filters_changed(self, values: dict[str, Any]) -> None:
        if _MODEL not in values:
            self._show_model_chip(None)
        self._fetch_facets()

    def _fetch_facets(self) -> None:
        wanted = unit_filter(self.filters.values())
        self.context.operations.run_query(
            self, unit_facets, wanted, on_done=self._on_facets, key="facets", after_ms=COUNT_AFTER_MS
        )

    def _on_facets(self, facets: UnitFacets) -> None:
        for name, options in facet_options(facets).items():
            self.filters.set_options(name, options)

    # --- adding, changing, removing, importing ---------------------------------------------------

    def _add_page_actions(self) -> None:
        self.add_action(
            Action("vehicles.import", tr_noop("Import"), self.open_import, key="Ctrl+I", icon="upload",
                   permission=Permission.INVENTORY_IMPORT, enabled=lambda: self.sheet is None),
            button=True,
        )  # fmt: skip
        self.add_action(
            Action("vehicles.new", tr_noop("New vehicle"), self.enter_new, key=Key.NEW, icon="plus",
                   permission=Permission.INVENTORY_EDIT, enabled=lambda: self.sheet is None),
            primary=True,
        )  # fmt: skip
        self.add_action(
            Action("vehicles.count", tr_noop("Count what is listed…"), self._count_listed, icon="clipboard-check",
                   permission=Permission.STOCKTAKING_COUNT, enabled=lambda: self.sheet is None),
            menu=True,
        )  # fmt: skip

    def _count_listed(self) -> None:
        self.context.navigator.open("counts", begin=unit_filter(self.filters.values()))

    def enter_new(self, *, vin: str = "", match: TrimMatch | None = None) -> None:
        """The form for a new unit, perhaps with a VIN that was scanned; an unfinished entry stays where it is."""
        form = UnitForm(self.context)
        self._open_form(form, tr_noop("New vehicle"), tr_noop("Add the vehicle"))
        form.keep_draft(f"vehicles.new.{vin}" if vin else "vehicles.new")
        if vin:
            form.fill_vin(vin)
            form.focus_field("trim_id")
        if match is not None:
            form.take_trim(match)

    def _offer_stock(self, vin: str) -> None:
        """A scanned VIN nobody has entered: what it says, and one key to take it in."""
        self.close_sheet()
        super().activate({})
        self.table.clearSelection()
        card = VinCard()
        card.matched.connect(lambda match: self.enter_new(vin=vin, match=match))
        self.context.operations.run_query(card, examine_vin, vin, on_done=card.show_findings, key="vin")
        take = Button(tr_noop("Take into stock"), kind="primary", icon="plus", on_click=lambda: self.enter_new(vin=vin))
        leave = Button(tr_noop("Leave it"), on_click=self.panel.close_panel)
        self.panel.show_content(
            lambda: vin, boxed(column(card, STRETCH)), subtitle=tr_noop("This VIN is not in the books."),
            actions=[take, leave],
        )  # fmt: skip
        take.setFocus(Qt.FocusReason.OtherFocusReason)

    def enter_change(self) -> None:
        """The form with the unit shown."""
        detail = self.detail
        if detail is not None:
            form = UnitForm(self.context, detail)
            self._open_form(form, lambda: str(detail.row.name), tr_noop("Save"))
            form.keep_draft(f"vehicles.change.{detail.row.id}")

    def open_import(self) -> None:
        """Taking in a list from a file or the clipboard."""
        from ui.vehicles.unit_import import unit_import_sheet

        self.open_sheet(unit_import_sheet(self.context, on_leave=self.close_sheet), tr_noop("Import vehicles"))

    def ask_removal(self) -> None:
        """Why does this unit go?"""
        detail = self.detail
        if detail is None:
            return
        row = detail.row
        ask_reason(
            self,
            title=tr_noop("Remove this vehicle?"),
            text=lambda: tr("{vin} leaves the books. Only a unit entered by mistake can go.", vin=row.vin),
            verb=tr_noop("Remove"),
            on_reason=lambda reason: self.run(
                RemoveUnit(unit_id=row.id, expected_revision=row.revision, reason=reason),
                tr_noop("Remove the vehicle"),
            ),
            danger=True,
        )

    def _open_form(self, form: UnitForm, title: Words, verb: Words) -> None:
        card = VinCard()
        card.opened.connect(lambda unit_id: self.activate({"unit_id": unit_id}))
        card.matched.connect(form.take_trim)
        form.vin_examined.connect(card.show_findings)
        save = Button(verb, kind="primary", on_click=lambda: self._save(form, save))
        form.submitted.connect(lambda: self._save(form, save))
        aside = boxed(column(card, STRETCH))
        sheet = FormSheet(form, buttons=[self.cancel_button(), save], summary=form.summary(), aside=aside)
        self.open_sheet(sheet, title)

    def _save(self, form: UnitForm, button: Button) -> None:
        if not button.isEnabled() or not form.check_all():
            return
        job = self.context.operations.run_command(form, form.command(), on_done=partial(self._on_saved, form))
        button.busy_while(job)

    def _on_saved(self, form: UnitForm, unit_id: str) -> None:
        form.drop_draft()
        self.activate({"unit_id": unit_id})


def _verbs_of(record: UnitRecord) -> Sequence[object]:
    """What the buttons of the panel depend on."""
    detail = record.detail
    return bool(record.queue), detail.row.allocation, detail.hold, detail.lease, detail.order, detail.obstacles
