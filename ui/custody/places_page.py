"""The places of the branch: how full each is, and a map of what stands on which spot."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.custody.commands import AddPlace, ChangePlace, RegisterPlacesInUse
from app.custody.place_queries import PlaceDetail, PlaceRow, Spot, get_place, list_places
from app.inventory.places import PlaceKind
from app.inventory.rules import AllocationState
from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from ui.custody.tabs import PLACES, add_tabs
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Badge, Button, Choice, Label
from ui.kit.feedback import EmptyState
from ui.kit.fields import ChoiceField, IntegerField, TextField
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, Flow, boxed, column, empty, row
from ui.kit.page import Page
from ui.kit.panel_form import PanelForm
from ui.kit.printable import printable
from ui.kit.record_line import RecordLine
from ui.kit.theme import set_size

LIST_WIDTH = 300
SPOT_WIDTH = 176
_ICONS = {
    PlaceKind.SHOWROOM: "store", PlaceKind.YARD: "map-pin", PlaceKind.WAREHOUSE: "warehouse",
    PlaceKind.WORKSHOP: "wrench", PlaceKind.DELIVERY: "handshake",
}  # fmt: skip


class PlacesPage(Page):
    """Zones at the left, the spots of one at the right. Opened with `code` it shows that zone."""

    title = tr_noop("Places")
    scope = "places"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.places: tuple[PlaceRow, ...] = ()
        self.detail: PlaceDetail | None = None
        self.question: PanelForm | None = None
        self._code = ""
        self.tabs = add_tabs(self, context, PLACES)
        self._list = column(gap=2)
        self._heading = Label("", role="section")
        self._filled = Badge("", "neutral")
        self._change = Button(tr_noop("Change…"), kind="quiet", icon="pencil", on_click=self._ask_change)
        self._map = Flow(gap=8)
        self._place = column()
        left = boxed(column(self._list, STRETCH))
        set_size(left, width=LIST_WIDTH)
        right = column(row(self._heading, self._filled, STRETCH, self._change), self._place, gap=12)
        right.addWidget(_scrolling(boxed(self._map)), 1)
        body = row(_scrolling(left, width=LIST_WIDTH + 16), gap=16)
        body.addLayout(right, 1)
        self._main = boxed(body)
        self.set_body(self._main)
        edit = Permission.INVENTORY_EDIT
        self.add_action(
            Action("places.register", tr_noop("Take over places in use"), self._register, icon="download",
                   permission=edit, enabled=lambda: any(not place.id for place in self.places)),
            button=True,
        )  # fmt: skip
        self.add_action(
            Action("places.new", tr_noop("New place"), self._ask_new, key=Key.NEW, icon="plus", permission=edit),
            primary=True,
        )

    def activate(self, params: Mapping[str, Any]) -> None:
        self._code = str(params.get("code") or self._code)
        self._fetch()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        if self.isVisible() and changes.touches("stock_place", "vehicle_unit"):
            self._fetch()

    def _fetch(self) -> None:
        self.context.operations.run_query(self, list_places, on_done=self._on_places, key="places")

    def _on_places(self, places: tuple[PlaceRow, ...]) -> None:
        self.places = places
        if not places:
            self.set_empty(
                EmptyState(
                    tr_noop("No places yet"),
                    tr_noop("Enter the zones of the branch: showroom, yards, workshop. Vehicles move between them."),
                    icon="map-pin",
                )
            )
            return
        self.set_empty(None)
        total = sum(place.units for place in places)
        take_over = self.header_button("places.register")
        if take_over is not None:
            take_over.setVisible(any(not place.id for place in places))
        self.set_subtitle(lambda: trn("{n} vehicle", "{n} vehicles", total))
        if self._code not in {place.code for place in places}:
            self._code = places[0].code
        empty(self._list)
        for place in places:
            line = RecordLine(
                partial(_place_title, place), subtitle=partial(_place_words, place), figure=partial(_filling, place),
                icon=_ICONS.get(place.kind, "map-pin") if place.kind is not None else "help-circle",
                tone="bad" if place.full else "good" if place.id else "neutral",
            )  # fmt: skip
            line.clicked.connect(partial(self._open, place.code))
            self._list.addWidget(line)
        self._open(self._code)

    def _open(self, code: str) -> None:
        self._code = code
        self.context.operations.run_query(self, get_place, code, on_done=self._on_detail, key="place")

    def _on_detail(self, detail: PlaceDetail | None) -> None:
        self.detail = detail
        empty(self._map)
        if detail is None:
            return
        place = detail.row
        self._heading.set_words(partial(_place_title, place))
        self._filled.set_words(partial(_filling_words, place))
        self._filled.set_tone("bad" if place.full else "neutral")
        self._change.setVisible(bool(place.id) and self.context.may(Permission.INVENTORY_EDIT))
        for spot in detail.spots:
            self._map.addWidget(self._spot(spot))
        if detail.more:
            more = detail.more
            self._map.addWidget(Label(lambda: trn("{n} more vehicle", "{n} more vehicles", more), role="secondary"))

    def _spot(self, spot: Spot) -> QWidget:
        """One spot with who stands there; several share one where somebody wrote it twice."""
        stack = column(gap=0)
        for unit in spot.units:
            line = RecordLine(
                lambda: spot.name or tr("anywhere"), subtitle=partial(str, unit.series),
                figure=unit.stock_number[-4:], tone=_tone(unit.allocation), tooltip=f"{unit.name}\n{unit.vin}",
            )  # fmt: skip
            line.clicked.connect(partial(self._open_unit, unit.id))
            set_size(line, width=SPOT_WIDTH)
            stack.addWidget(line)
        return boxed(stack, role="card")

    def _open_unit(self, unit_id: str) -> None:
        self.context.navigator.open("vehicles", unit_id=unit_id)

    # --- register --------------------------------------------------------------------------------

    def _register(self) -> None:
        def said(n: int) -> None:
            show = self.context.notifications.show
            show(lambda: trn("{n} place taken over", "{n} places taken over", n), tone="good")

        self.context.operations.run_command(self, RegisterPlacesInUse(), on_done=said)

    def _ask_new(self) -> None:
        question = PanelForm(
            self.context,
            tr_noop("New place"),
            [TextField("code", tr_noop("Code"), required=True, max_length=12), *_fields()],
            verb=tr_noop("Enter the place"),
            command=lambda values: AddPlace(
                code=values["code"], name_zh=values["name_zh"], name_en=values["name_en"], kind=values["kind"],
                capacity=values["capacity"] or 0,
            ),
            name=tr_noop("Enter the place"),
        )  # fmt: skip
        question.form.set_values({"kind": PlaceKind.YARD})
        self.set_empty(None)
        self._show_question(question)

    def _ask_change(self) -> None:
        if self.detail is None or not self.detail.row.id:
            return
        place = self.detail.row
        in_use = [Choice(True, tr_noop("In use")), Choice(False, tr_noop("No more in use"))]
        question = PanelForm(
            self.context,
            tr_noop("Change the place"),
            [*_fields(), ChoiceField("active", tr_noop("Use"), choices=in_use, required=True)],
            verb=tr_noop("Save the place"),
            command=lambda values: ChangePlace(
                place_id=place.id, expected_revision=place.revision, name_zh=values["name_zh"],
                name_en=values["name_en"], kind=values["kind"], capacity=values["capacity"] or 0,
                active=values["active"],
            ),
            name=tr_noop("Save the place"),
        )  # fmt: skip
        question.form.set_values({
            "name_zh": place.name.zh, "name_en": place.name.en, "kind": place.kind, "capacity": place.capacity,
            "active": place.active,
        })  # fmt: skip
        self._show_question(question)

    def _show_question(self, question: PanelForm) -> None:
        if self.question is not None:
            self.question.leave()
        self.question = question
        question.left.connect(self._on_question_left)
        self._place.addWidget(question)
        question.take_focus()

    def _on_question_left(self) -> None:
        self.question = None
        if not self.places:
            self._fetch()

    def _on_escape(self) -> None:
        if self.question is not None:
            self.question.leave()
        else:
            super()._on_escape()


def _fields() -> list[Any]:
    kinds = [Choice(kind, kind.label) for kind in PlaceKind]
    return [
        ChoiceField("kind", tr_noop("Kind"), choices=kinds, required=True),
        TextField("name_zh", tr_noop("Name in Chinese"), check=printable, required=True, max_length=40),
        TextField("name_en", tr_noop("Name in English"), check=printable, max_length=40),
        IntegerField("capacity", tr_noop("Takes so many vehicles"), least=0, most=5000),
    ]


def _scrolling(widget: QWidget, *, width: int = 0) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(widget)
    if width:
        set_size(area, width=width)
    return area


def _place_title(place: PlaceRow) -> str:
    name = str(place.name)
    return place.code if name == place.code or not place.code else f"{place.code} · {name}"


def _place_words(place: PlaceRow) -> str:
    if not place.id:
        return tr("not in the register")
    kind = tr(place.kind.label) if place.kind is not None else ""
    return kind if place.active else f"{kind} · {tr('no more in use')}"


def _filling(place: PlaceRow) -> str:
    return f"{place.units} / {place.capacity}" if place.capacity else str(place.units)


def _filling_words(place: PlaceRow) -> str:
    if not place.capacity:
        return trn("{n} vehicle", "{n} vehicles", place.units)
    return tr("{n} of {total} taken", n=place.units, total=place.capacity)


def _tone(allocation: AllocationState) -> str:
    tones = {AllocationState.FREE: "good", AllocationState.HELD: "warn", AllocationState.ALLOCATED: "info"}
    return tones.get(allocation, "neutral")

