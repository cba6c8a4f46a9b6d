"""The filter bar: a search field, and a chip for each facet that opens a list of values with counts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from app.runtime.language import tr, tr_noop
from ui.kit.controls import Button, ReturnClicks, SearchField
from ui.kit.layout import Flow, row
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, set_role, set_size, theme

FILTER = tr_noop("Filter")


@dataclass(frozen=True, slots=True)
class FacetOption:
    """A value to filter by, its words, and how many rows have it (None: unknown)."""

    value: Any
    label: Words
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """A property to filter by. With `single`, choosing one value replaces the other."""

    name: str
    label: Words
    options: list[FacetOption] = field(default_factory=list)
    single: bool = False


class _FacetMenu(QMenu):
    """Stays open while several values are ticked."""

    def mouseReleaseEvent(self, event: Any) -> None:
        action = self.activeAction()
        if action is not None and action.isCheckable() and action.isEnabled():
            action.trigger()
            return
        super().mouseReleaseEvent(event)


class FacetChip(ReturnClicks, Retranslated, Themed, QToolButton):
    """One facet: shows its name, or what was chosen; opens the list by click, Space or Down."""

    changed = Signal()

    def __init__(self, facet: Facet, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facet = facet
        self._options = list(facet.options)
        self._chosen: list[Any] = []
        self._menu = _FacetMenu(self)
        self._menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # the chip's is turned for its chevron
        self._menu.aboutToShow.connect(self._fill_menu)
        set_role(self, "chip", active=False)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self.open_menu)
        self.restyle()
        self.retranslate()

    def chosen(self) -> list[Any]:
        """The chosen values, in the order they were chosen."""
        return list(self._chosen)

    def set_options(self, options: Iterable[FacetOption]) -> None:
        """New values and counts; chosen values stay chosen."""
        self._options = list(options)
        self.retranslate()

    def set_chosen(self, values: Iterable[Any]) -> None:
        """Choose without emitting."""
        self._chosen = list(values)
        self.retranslate()

    def choose(self, value: Any) -> None:
        """Tick or untick a value, as a person does."""
        if value in self._chosen:
            self._chosen.remove(value)
        elif self.facet.single:
            self._chosen = [value]
        else:
            self._chosen.append(value)
        self.retranslate()
        self.changed.emit()

    def open_menu(self) -> None:
        """Show the list below the chip."""
        self._menu.popup(self.mapToGlobal(QPoint(0, self.height() + theme().px(2))))

    def _fill_menu(self) -> None:
        self._menu.clear()
        for option in self._options:
            count = f"\t{option.count:,}" if option.count is not None else ""
            action = QAction(words(option.label).replace("&", "&&") + count, self._menu)
            action.setCheckable(True)
            action.setChecked(option.value in self._chosen)
            action.triggered.connect(lambda _checked=False, value=option.value: self.choose(value))
            self._menu.addAction(action)
        if not self._options:
            nothing = self._menu.addAction(tr("Nothing to choose"))
            nothing.setEnabled(False)
        if self._chosen:
            self._menu.addSeparator()
            self._menu.addAction(tr("Clear")).triggered.connect(self._clear)

    def _clear(self) -> None:
        self._chosen = []
        self.retranslate()
        self.changed.emit()

    def restyle(self) -> None:
        self.setIcon(theme().icon("chevron-down", "accent" if self._chosen else "muted"))
        self.setIconSize(QSize(theme().px(14), theme().px(14)))

    def retranslate(self) -> None:
        name = words(self.facet.label)
        labels = [words(option.label) for option in self._options if option.value in self._chosen]
        if len(self._chosen) > 2:
            shown = tr("{name}: {n} chosen", name=name, n=len(self._chosen))
        elif labels:
            shown = tr("{name}: {values}", name=name, values=", ".join(labels))
        else:
            shown = name
        self.setText(shown.replace("&", "&&"))
        self.setAccessibleName(shown)
        set_role(self, "chip", active=bool(self._chosen))
        self.restyle()

    def keyPressEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.open_menu()
            return
        super().keyPressEvent(event)


class FilterBar(QWidget):
    """Search and facets. `changed(dict)` carries what is set: the search text under "text", facets by name.

    Several-valued facets give a list, single ones the value. What is not set is not in the dict.
    """

    changed = Signal(object)

    def __init__(self, *, placeholder: Words = FILTER, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = SearchField(placeholder)
        set_size(self.search, width=240)
        self.search.searched.connect(lambda _text: self._emit())
        self._chips: dict[str, FacetChip] = {}
        self._chip_line = Flow()
        self._clear = Button(tr_noop("Clear filters"), kind="quiet", icon="x", on_click=self.clear)
        self._clear.hide()
        self._trailing = QHBoxLayout()
        self.line = row(self.search, self._chip_line, self._trailing)
        self.line.setStretch(1, 1)
        self.line.setAlignment(self.search, Qt.AlignmentFlag.AlignTop)
        self._chip_line.addWidget(self._clear)
        self.setLayout(self.line)

    def add_facet(self, facet: Facet) -> FacetChip:
        """Add a chip."""
        chip = FacetChip(facet)
        chip.changed.connect(self._emit)
        self._chips[facet.name] = chip
        self._chip_line.removeWidget(self._clear)
        self._chip_line.addWidget(chip)
        self._chip_line.addWidget(self._clear)
        return chip

    def add_widget(self, widget: QWidget) -> None:
        """Something at the right end, such as a switch between views."""
        self._trailing.addWidget(widget)

    def set_options(self, name: str, options: Iterable[FacetOption]) -> None:
        """New values and counts for a facet."""
        self._chips[name].set_options(options)

    def chip(self, name: str) -> FacetChip:
        """The chip of a facet. Raises KeyError."""
        return self._chips[name]

    def values(self) -> dict[str, Any]:
        """What is set now."""
        found: dict[str, Any] = {}
        if self.search.text().strip():
            found["text"] = self.search.text().strip()
        for name, chip in self._chips.items():
            chosen = chip.chosen()
            if chosen:
                found[name] = chosen[0] if chip.facet.single else chosen
        return found

    def set_values(self, values: dict[str, Any], *, silently: bool = True) -> None:
        """Set everything at once; what is missing is cleared. Emits unless `silently`."""
        self.search.set_silently(str(values.get("text", "")))
        for name, chip in self._chips.items():
            value = values.get(name, [])
            chip.set_chosen(value if isinstance(value, list | tuple) else [value])
        self._show_clear()
        if not silently:
            self._emit()

    def clear(self) -> None:
        """Take all filters away."""
        self.set_values({}, silently=False)

    def _emit(self) -> None:
        self._show_clear()
        self.changed.emit(self.values())

    def _show_clear(self) -> None:
        self._clear.setVisible(any(chip.chosen() for chip in self._chips.values()))
