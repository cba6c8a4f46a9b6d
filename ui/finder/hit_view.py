"""One hit in the panel: how well it fits and why, where its free units are, and everything that is known about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.attachments.queries import main_pictures
from app.finder.queries import HitDetail, PartRow, get_hit
from app.finder.rules import Judgement, Question
from app.inventory.queries import UnitRow, list_units
from app.inventory.rules import AllocationState, StockState
from app.inventory.unit_filters import UnitFilter, UnitSort
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from ui.finder.words import part_text
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label, MoneyLabel
from ui.kit.disclosure import FactGroups
from ui.kit.layout import STRETCH, column, row
from ui.kit.record_line import RecordLine
from ui.kit.text import Retranslated, Words
from ui.kit.theme import Themed, set_size, theme

Facts = Sequence[tuple[Words, Words]]
_MOST_UNITS = 4
_PICTURE = (332, 152)


@dataclass(frozen=True, slots=True)
class HitShown:
    """What the panel shows: the hit, the free units of this branch, the longest here first, and whether there is a
    picture."""

    detail: HitDetail
    units: tuple[UnitRow, ...]
    pictured: bool = False


def read_hit(reader: Any, question: Question, trim_id: str) -> HitShown:
    """On a reader thread: one hit with its free units here."""
    detail = get_hit(reader, question, trim_id)
    wanted = UnitFilter(
        trim_ids=(trim_id,), branch_ids=(reader.actor.branch_id,), allocation_states=(AllocationState.FREE,),
        stock_states=(StockState.IN_STOCK, StockState.IN_TRANSIT),
    )  # fmt: skip
    page = list_units(reader, filter=wanted, limit=_MOST_UNITS, sort=UnitSort.OLDEST) if (
        detail.row.here or detail.row.coming
    ) else None
    pictured = bool(main_pictures(reader, "trim", [trim_id]))
    return HitShown(detail, () if page is None else tuple(page.rows), pictured)


class PartLine(Retranslated, Themed, QWidget):
    """One part of a fit: a bar as long as what it could count, filled as far as it does, the points, and why."""

    def __init__(self, part: PartRow, *, longest: int) -> None:
        super().__init__()
        self.part = part
        self._longest = max(1, longest)
        self._why = Label(lambda: part_text(part), wrap=True)
        self._points = Label(lambda: tr("{n} of {most}", n=part.points, most=part.most), role="secondary")
        self._bar = _Bar(part, self._longest)
        head = row(self._why, self._points, gap=8)
        head.setStretch(0, 1)
        head.setAlignment(self._points, Qt.AlignmentFlag.AlignTop)
        self.setLayout(column(head, self._bar, gap=3))
        self.retranslate()

    def retranslate(self) -> None:
        part = self.part
        self.setAccessibleName(f"{part_text(part)}, {tr('{n} of {most}', n=part.points, most=part.most)}")


class _Bar(Themed, QWidget):
    def __init__(self, part: PartRow, longest: int) -> None:
        super().__init__()
        self._part, self._longest = part, longest
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(80), theme().px(6))

    def restyle(self) -> None:
        self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        part = self._part
        whole = self.width() * part.most / self._longest
        painter.setBrush(look.color("line"))
        painter.drawRoundedRect(QRectF(0, 1, whole, look.px(4)), 2, 2)
        missing = part.judgement is Judgement.MISSING
        painter.setBrush(look.color("strong_line" if missing else "accent"))
        painter.drawRoundedRect(QRectF(0, 1, whole * min(1.0, part.points / max(1, part.most)), look.px(4)), 2, 2)
        painter.end()


class HitView(QWidget):
    """The panel's content."""

    unit_chosen = Signal(str)
    units_chosen = Signal(str)

    def __init__(self, context: PageContext, shown: HitShown) -> None:
        super().__init__()
        self.shown = shown
        hit = shown.detail.row
        items: list[QWidget] = [_picture(context, hit.id)] if shown.pictured else []
        items.append(_price(hit.guide_price))
        if hit.parts:
            items.append(self._reasons())
        items += [self._stock(), self._specifications()]
        self.setLayout(column(*items, gap=20))

    def _reasons(self) -> QWidget:
        hit = self.shown.detail.row
        longest = max(part.most for part in hit.parts)
        title = Label(tr_noop("Why it fits"), role="section")
        score = Label(lambda: tr("{n} of 100", n=hit.score), role="section")
        lines = [PartLine(part, longest=longest) for part in hit.parts]
        whole = QWidget()
        stack = column(row(title, STRETCH, score), gap=10)
        for line in lines:
            stack.addWidget(line)
        whole.setLayout(stack)
        return whole

    def _stock(self) -> QWidget:
        detail = self.shown.detail
        whole = QWidget()
        trim_id = detail.row.id
        every = Button(tr_noop("All units"), kind="quiet", on_click=lambda: self.units_chosen.emit(trim_id))
        stack = column(row(Label(tr_noop("Free units"), role="section"), STRETCH, every), gap=4)
        if not detail.stock:
            nothing = tr_noop("None is free at any branch, and none is on its way.")
            stack.addWidget(Label(nothing, role="secondary", wrap=True))
        for branch in detail.stock:
            stack.addWidget(_branch_line(branch))
        for unit in self.shown.units:
            line = RecordLine(
                partial(str, unit.exterior_colour), figure=partial(formats.money, unit.list_price),
                subtitle=partial(_unit_words, unit), icon="car",
                tone="good" if unit.stock is StockState.IN_STOCK else "info",
            )  # fmt: skip
            line.clicked.connect(partial(self.unit_chosen.emit, unit.id))
            stack.addWidget(line)
        whole.setLayout(stack)
        return whole

    def _specifications(self) -> QWidget:
        groups: dict[str, list[tuple[Words, Words]]] = {}
        labels: dict[str, Words] = {}
        for one in self.shown.detail.parameters:
            key = one.group.en
            labels[key] = partial(str, one.group)
            groups.setdefault(key, []).append((partial(str, one.label), partial(str, one.text)))
        whole = QWidget()
        facts: list[tuple[Words, Facts]] = [(labels[key], rows) for key, rows in groups.items()]
        content = FactGroups(facts, opened=1) if facts else Label(
            tr_noop("No parameters are entered for this trim."), role="secondary", wrap=True
        )
        whole.setLayout(column(Label(tr_noop("Specification"), role="section"), content, gap=8))
        return whole


def _picture(context: PageContext, trim_id: str) -> QWidget:
    """In a place that is kept free, so that nothing moves when it is loaded."""
    from ui.kit.main_picture import MainPicture

    place = QWidget()
    picture = MainPicture(context, subject_table="trim", subject_id=trim_id, width=_PICTURE[0], height=_PICTURE[1])
    place.setLayout(column(picture))
    set_size(place, height=_PICTURE[1])
    return place


def _price(amount: Any) -> QWidget:
    whole = QWidget()
    figure = MoneyLabel(lambda: formats.yuan(amount))
    whole.setLayout(column(figure, Label(tr_noop("Guide price"), role="secondary"), gap=0))
    return whole


def _unit_words(unit: UnitRow) -> str:
    standing = tr("on its way") if unit.stock is StockState.IN_TRANSIT else str(unit.location)
    return " · ".join(part for part in (standing, unit.vin) if part)


def _branch_line(branch: Any) -> QWidget:
    parts: list[Callable[[], str]] = []
    if branch.standing:
        parts.append(lambda: trn("{n} there", "{n} there", branch.standing))
    if branch.coming:
        parts.append(lambda: trn("{n} on its way", "{n} on their way", branch.coming))
    name = Label(lambda: tr("This branch") if branch.mine else str(branch.name))
    figures = Label(lambda: tr(", ").join(part() for part in parts), role="secondary")
    whole = QWidget()
    whole.setLayout(row(name, STRETCH, figures, gap=8))
    return whole


def hit_verbs(context: PageContext, shown: HitShown, *, marked: bool, on_mark: Callable[[], None]) -> list[QWidget]:
    """What can be done with a hit: sell one of its units, mark it for the comparison."""
    verbs: list[QWidget] = []
    if shown.units and context.may(Permission.QUOTATIONS_EDIT):
        unit = shown.units[0]
        sell = Button(
            tr_noop("Sell one"), kind="primary", icon="handshake",
            on_click=lambda: context.navigator.open("sale", vehicle_unit_id=unit.id),
            tooltip=lambda: tr("The one longest here: {unit}", unit=f"{unit.exterior_colour} · {unit.vin}"),
        )  # fmt: skip
        verbs.append(sell)
    words = tr_noop("Do not compare") if marked else tr_noop("Compare")
    verbs.append(Button(words, icon="git-compare", on_click=on_mark))
    return verbs
