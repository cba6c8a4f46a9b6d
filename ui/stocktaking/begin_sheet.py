"""What a new count is about: the whole branch, some of its places, or vehicles named one by one."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from app.inventory.queries import UnitFilter
from app.runtime.language import tr, tr_noop, trn
from app.stocktaking.commands import StartCount
from app.stocktaking.rules import Coverage
from app.stocktaking.scope import Chosen, CountPlace, find_chosen, find_filtered, list_count_places
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.editing import FormSheet
from ui.kit.fields import MultiLineField, Section, SegmentField, TextField, WidgetField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, empty, row
from ui.kit.text import Retranslated, name_widget
from ui.kit.theme import theme

_NOTE = 400
_ACROSS = 2
_LIST_LIMIT = 100_000
_TOLD = 3
_WAIT_MS = 250


class _PlaceBox(Retranslated, QCheckBox):
    """One place with its name."""

    def __init__(self, place: CountPlace) -> None:
        super().__init__()
        self.place = place
        self.retranslate()

    def retranslate(self) -> None:
        name = str(self.place.name)
        code = self.place.code or tr("no place")
        text = code if name in ("", code) else f"{code} · {name}"
        self.setText(text.replace("&", "&&"))
        name_widget(self, f"{text}, {vehicles(self.place.units)}")


class PlacePicks(QWidget):
    """The places of the branch, each to be ticked, with how many vehicles should stand there."""

    changed = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: list[_PlaceBox] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme().px(24))
        self._grid.setVerticalSpacing(theme().px(4))
        self.setLayout(self._grid)

    def show_places(self, places: Sequence[CountPlace]) -> None:
        """These places; what was ticked stays ticked."""
        ticked = set(self.codes())
        empty(self._grid)
        self.boxes = [_PlaceBox(place) for place in places]
        for place, box in enumerate(self.boxes):
            box.setChecked(box.place.code in ticked)
            box.toggled.connect(lambda _on: self.changed.emit())
            line = QWidget()
            figure = Label(partial(formats.count, box.place.units), role="secondary")
            line.setLayout(row(box, STRETCH, figure, gap=8))
            self._grid.addWidget(line, place // _ACROSS, place % _ACROSS)
        for across in range(_ACROSS):
            self._grid.setColumnStretch(across, 1)

    def codes(self) -> tuple[str, ...]:
        """The codes of what is ticked."""
        return tuple(box.place.code for box in self.boxes if box.isChecked())

    def units(self) -> int:
        """How many vehicles should stand at what is ticked."""
        return sum(box.place.units for box in self.boxes if box.isChecked())

    def all_units(self) -> int:
        """How many vehicles should stand in the branch."""
        return sum(box.place.units for box in self.boxes)


class BeginSheet(FormSheet):
    """What is to be counted. `begun(count id)`. `chosen` offers what a filter of the stock page shows."""

    begun = Signal(str)

    def __init__(self, context: PageContext, *, cancel: Button, chosen: UnitFilter | None = None) -> None:
        self.context = context
        self.places = PlacePicks()
        self.places.changed.connect(self._say)
        self._from_stock = Chosen()
        self._typed = Chosen()
        self._says_stock = chosen is not None
        self.go = Button(tr_noop("Freeze the list and begin"), kind="primary", icon="check", on_click=self.send)
        self.told = Label("", role="secondary")
        super().__init__(_form(context, self.places), buttons=[cancel, self.go], summary=self.told)
        form = self.form
        form.set_value("coverage", (Coverage.BRANCH if chosen is None else Coverage.SELECTION).value)
        form.changed.connect(self._on_changed)
        form.submitted.connect(self.send)
        self._on_changed("coverage")
        context.operations.run_query(self, list_count_places, on_done=self._on_places, key="places")
        if chosen is not None:
            form.set_hint("unit_ids", tr_noop("Looking for what the stock page shows…"))
            context.operations.run_query(self, find_filtered, chosen, on_done=self._on_filtered, key="filtered")

    @property
    def unit_ids(self) -> tuple[str, ...]:
        """The vehicles of the selection: from the stock page, and what was typed."""
        return tuple(dict.fromkeys((*self._from_stock.unit_ids, *self._typed.unit_ids)))

    @property
    def coverage(self) -> Coverage:
        """What is chosen."""
        return Coverage(self.form.value("coverage") or Coverage.BRANCH.value)

    def send(self) -> None:
        """Store it, if everything is all right."""
        if not self.go.isEnabled() or not self.form.check_all():
            return
        coverage = self.coverage
        if coverage is Coverage.PLACES and not self.places.codes():
            self.form.cell("places").show_problem(tr_noop("Choose at least one place."))
            return
        if coverage is Coverage.SELECTION:
            self._look_up(self._send_selection)
            return
        places = self.places.codes() if coverage is Coverage.PLACES else ()
        self._start(StartCount(coverage=coverage.value, places=places, note=self.form.value("note")))

    def _send_selection(self) -> None:
        if not self.unit_ids:
            self.form.cell("unit_ids").show_problem(tr_noop("Name at least one vehicle that stands here."))
            return
        self._start(
            StartCount(coverage=Coverage.SELECTION.value, unit_ids=self.unit_ids, note=self.form.value("note"))
        )

    def _start(self, command: StartCount) -> None:
        self.go.busy_while(self.context.operations.run_command(self.form, command, on_done=self.begun.emit))

    # --- what is chosen --------------------------------------------------------------------------

    def _on_changed(self, name: str) -> None:
        if name == "coverage":
            self.form.set_field_visible("places", self.coverage is Coverage.PLACES)
            self.form.set_field_visible("unit_ids", self.coverage is Coverage.SELECTION)
        elif name == "unit_ids":
            self._look_up(None, after_ms=_WAIT_MS)
        self._say()

    def _look_up(self, then: Callable[[], None] | None, *, after_ms: int = 0) -> None:
        """Which vehicles the typed list names, and what to do once it is known."""

        def found(chosen: Chosen) -> None:
            self._typed = chosen
            self._say()
            if then is not None:
                then()

        text = str(self.form.value("unit_ids") or "")
        self.context.operations.run_query(self, find_chosen, text, on_done=found, key="typed", after_ms=after_ms)

    def _on_places(self, places: Sequence[CountPlace]) -> None:
        self.places.show_places(places)
        self._say()

    def _on_filtered(self, chosen: Chosen) -> None:
        self._from_stock = chosen
        self._say()

    def _say(self) -> None:
        self.form.cell("places").forget()
        if self._says_stock or self._typed.left_out:
            self.form.set_hint("unit_ids", self._selection_hint, tone="warn" if self._typed.left_out else "neutral")
        else:
            self.form.set_hint("unit_ids", "")
        self.told.set_words(self._told)

    def _selection_hint(self) -> str:
        said = []
        if self._says_stock:
            n = len(self._from_stock.unit_ids)
            said.append(trn("{n} vehicle from the stock page.", "{n} vehicles from the stock page.", n))
        left_out = self._typed.left_out
        if left_out:
            named = ", ".join(left_out[:_TOLD]) + ("…" if len(left_out) > _TOLD else "")
            said.append(tr("Not in stock here: {numbers}", numbers=named))
        return " ".join(said)

    def _told(self) -> str:
        counted: dict[Coverage, Callable[[], int]] = {
            Coverage.BRANCH: self.places.all_units, Coverage.PLACES: self.places.units,
            Coverage.SELECTION: lambda: len(self.unit_ids),
        }  # fmt: skip
        units = counted[self.coverage]()
        return tr("On the list: {vehicles}", vehicles=vehicles(units))


def vehicles(units: int) -> str:
    """So many vehicles."""
    return trn("{n} vehicle", "{n} vehicles", units)


def _form(context: PageContext, places: QWidget) -> Form:
    return Form(
        context,
        [
            Section(
                tr_noop("What is counted"),
                [
                    SegmentField("coverage", tr_noop("Coverage"), required=True, span=2,
                                 choices=[Choice(one.value, one.label) for one in Coverage]),
                    WidgetField("places", tr_noop("Places"), span=2, make=lambda: places, mark_optional=False),
                    MultiLineField("unit_ids", tr_noop("Vehicles"), span=2, max_length=_LIST_LIMIT, lines=8,
                                   mark_optional=False,
                                   placeholder=tr_noop("VINs or stock numbers, one a line: scanned, typed or pasted")),
                    TextField("note", tr_noop("Note"), max_length=_NOTE, span=2),
                ],
            )
        ],
    )  # fmt: skip
