"""The rail of facets: what is asked most often first, then the groups of the dictionary, all of it opened on demand."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QScrollArea, QWidget

from app.catalog.rules import specification_dictionary
from app.finder.queries import FacetRow
from app.finder.rules import ENERGY, MAKE, PRICE, SERIES, YEAR, Question, Restriction
from app.finder.wording import is_number, name_of, shown
from app.runtime.language import tr, tr_noop
from ui.finder.range_slider import RangeBox
from ui.kit.controls import Button, Label
from ui.kit.disclosure import Disclosure
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.text import Retranslated, name_widget
from ui.kit.theme import set_role

FIRST = (PRICE, ENERGY, MAKE, "body", "seats", "electric_range", "drive")
_OPENED = (PRICE, ENERGY, MAKE)
_SHOWN_AT_ONCE = 8


class _Value(Retranslated, QCheckBox):
    """One value with its count."""

    def __init__(self, label: Callable[[], str]) -> None:
        super().__init__()
        self._words, self.count = label, 0
        self.retranslate()

    def show_count(self, count: int) -> None:
        """Another count; a value that leaves nothing stays, quieter."""
        self.count = count
        self.retranslate()

    def retranslate(self) -> None:
        text = self._words()
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, 10_000).replace("&", "&&"))
        self.setToolTip(text)
        name_widget(self, f"{text}, {self.count:,}")


class ValuesBox(QWidget):
    """The values of a facet with counts; the frequent ones at once, the others on demand."""

    changed = Signal(object)

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code
        self._lines: dict[str, tuple[QWidget, _Value, Label]] = {}
        self._chosen: list[str] = []
        self._all = False
        self._stack = column(gap=0)
        self._more = Button(self._more_words, kind="quiet", on_click=self._show_all)
        self._more.hide()
        outer = column(self._stack, self._more, gap=0, margins=(0, 0, 0, 8))
        outer.setAlignment(self._more, Qt.AlignmentFlag.AlignLeft)
        self.setLayout(outer)

    def show_facet(self, facet: FacetRow) -> None:
        """Other counts; what stands there stays where it is."""
        for value in facet.values:
            if value.value not in self._lines:
                self._lines[value.value] = self._line(value.value, partial(shown, value.label))
        counts = {value.value: count for value, count in zip(facet.values, facet.counts, strict=True)}
        for code, (_, box, number) in self._lines.items():
            box.show_count(counts.get(code, 0))
            number.set_text(f"{counts.get(code, 0):,}")
        self._show_some()

    def show_restriction(self, restriction: Restriction | None) -> None:
        """What is restricted now."""
        self._chosen = [] if restriction is None else list(restriction.values)
        for code, (_, box, _number) in self._lines.items():
            box.blockSignals(True)
            box.setChecked(code in self._chosen)
            box.blockSignals(False)
        self._show_some()

    def _line(self, code: str, label: Callable[[], str]) -> tuple[QWidget, _Value, Label]:
        box, number = _Value(label), Label("", role="secondary")
        box.setChecked(code in self._chosen)
        box.toggled.connect(partial(self._on_toggled, code))
        line = QWidget()
        layout = row(box, STRETCH, number, gap=4)
        line.setLayout(layout)
        self._stack.addWidget(line)
        return line, box, number

    def _on_toggled(self, code: str, on: bool) -> None:
        self._chosen = [*self._chosen, code] if on else [one for one in self._chosen if one != code]
        self.changed.emit(Restriction(code=self.code, values=tuple(self._chosen)))

    def _show_some(self) -> None:
        """Without counts or choice a value beyond the first ones waits until all are asked for."""
        seen = hidden = 0
        for code, (line, box, _number) in self._lines.items():
            wanted = code in self._chosen or (box.count > 0 and (self._all or seen < _SHOWN_AT_ONCE))
            seen += wanted
            hidden += not wanted and box.count > 0
            line.setVisible(wanted)
        self._hidden = hidden
        self._more.setVisible(hidden > 0)
        self._more.retranslate()

    def _more_words(self) -> str:
        return tr("{n} more", n=getattr(self, "_hidden", 0))

    def _show_all(self) -> None:
        self._all = True
        self._show_some()


class FacetRail(QWidget):
    """Emits what is restricted; `opened` when a facet wants counts it has not got."""

    restricted = Signal(object)
    opened = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._boxes: dict[str, RangeBox | ValuesBox] = {}
        self._disclosures: dict[str, Disclosure] = {}
        self._question = Question()
        self._facets: dict[str, FacetRow] = {}
        self._rank: dict[str, int] = {}
        content = QWidget()
        set_role(content, "plain")
        self._stack = column(gap=2, margins=(0, 0, 10, 8))
        content.setLayout(self._stack)
        for code in FIRST:
            self._stack.addWidget(self._facet(code, opened=code in _OPENED))
        for group, name in specification_dictionary().groups.items():
            self._stack.addWidget(Disclosure(partial(str, name), partial(self._group, group)))
        self._stack.addWidget(Disclosure(tr_noop("Series and year"), self._series))
        order = tr_noop("In each group core parameters come first, then what is asked for most on this desk.")
        self._stack.addWidget(boxed(column(Label(order, role="faint", wrap=True), margins=(4, 12, 0, 0))))
        self._stack.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        self.setLayout(column(scroll))

    def set_order(self, codes: Iterable[str]) -> None:
        """In which order parameters stand in groups that are opened from now on: nothing jumps."""
        self._rank = {code: place for place, code in enumerate(codes)}

    def open_codes(self) -> tuple[str, ...]:
        """The facets whose counts are in sight."""
        return tuple(code for code, one in self._disclosures.items() if one.is_open)

    def show_facets(self, facets: Iterable[FacetRow]) -> None:
        """Other counts."""
        for facet in facets:
            self._facets[facet.code] = facet
            box = self._boxes.get(facet.code)
            if box is not None:
                box.show_facet(facet)

    def facet(self, code: str) -> FacetRow | None:
        """The counts shown last."""
        return self._facets.get(code)

    def show_question(self, question: Question) -> None:
        """What is restricted now."""
        self._question = question
        for code, box in self._boxes.items():
            box.show_restriction(question.restricted(code))

    def open_facet(self, code: str) -> None:
        """Open a facet that is in sight and give it the focus."""
        disclosure = self._disclosures.get(code)
        if disclosure is not None:
            disclosure.handle.setChecked(True)
            disclosure.handle.setFocus(Qt.FocusReason.TabFocusReason)

    def box(self, code: str) -> RangeBox | ValuesBox | None:
        """The controls of a facet that was opened."""
        return self._boxes.get(code)

    def _facet(self, code: str, *, opened: bool = False) -> Disclosure:
        disclosure = Disclosure(partial(name_of, code), partial(self._make_box, code), opened=opened)
        disclosure.toggled.connect(lambda on: self.opened.emit() if on else None)
        self._disclosures[code] = disclosure
        return disclosure

    def _group(self, group: str) -> QWidget:
        known = specification_dictionary().parameters.values()
        rank, last = self._rank, len(self._rank)
        ordered = sorted(known, key=lambda one: (not one.core, rank.get(one.code, last)))
        codes = [one.code for one in ordered if one.group == group]
        return _indented(self._facet(code) for code in codes if code not in FIRST)

    def _series(self) -> QWidget:
        return _indented(self._facet(code) for code in (SERIES, YEAR))

    def _make_box(self, code: str) -> QWidget:
        box: RangeBox | ValuesBox = RangeBox(code) if is_number(code) else ValuesBox(code)
        self._boxes[code] = box
        box.changed.connect(self.restricted)
        if code in self._facets:
            box.show_facet(self._facets[code])
        box.show_restriction(self._question.restricted(code))
        frame = QWidget()
        set_role(frame, "plain")
        frame.setLayout(column(box, margins=(20, 0, 0, 0)))
        return frame


def _indented(widgets: Iterable[QWidget]) -> QWidget:
    frame = QWidget()
    set_role(frame, "plain")
    frame.setLayout(column(*widgets, gap=2, margins=(12, 0, 0, 4)))
    return frame
