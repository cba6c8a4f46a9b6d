"""What can be checked of any page that is open: names, reach, words, cuts. Each function returns what is wrong."""

import re
from collections.abc import Iterator
from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QToolButton,
    QWidget,
)

from app.runtime.language import CHINESE, catalogue

TAB = Qt.FocusPolicy.TabFocus
HEADINGS = ("title", "section", "group", "label")
OWN_NAMES = frozenset(("English", "中文"))
"""A choice of language offers each under its own name, whatever the window speaks."""
_HAN = re.compile(r"[\u4e00-\u9fff]")
_STAND_INS = (QScrollArea, QScrollBar)
_MOST_STOPS = 400


def described(widget: QWidget) -> str:
    """A widget in a failure message."""
    inside = [type(parent).__name__ for parent in parents(widget)][:3]
    return f"{type(widget).__name__}({spoken_name(widget) or widget.objectName()!r}) in {' < '.join(inside)}"


def parents(widget: QWidget) -> Iterator[QWidget]:
    """The widget's parents, the nearest first."""
    parent = widget.parentWidget()
    while parent is not None:
        yield parent
        parent = parent.parentWidget()


def shown(root: QWidget) -> list[QWidget]:
    """All visible widgets below `root`."""
    return [widget for widget in root.findChildren(QWidget) if widget.isVisible() and widget.width() > 1]


def controls(root: QWidget) -> list[QWidget]:
    """What a person can operate: visible, enabled, takes the focus. Inner parts of a control count with it."""
    return [
        widget
        for widget in shown(root)
        if widget.isEnabled()
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not isinstance(widget, _STAND_INS)
        and not widget.objectName().startswith("qt_")
        and not (isinstance(widget, QLabel) and not widget.focusPolicy() & TAB)  # its text can be marked with the mouse
        and not _is_viewport(widget)
        and not any(isinstance(p, QComboBox | QAbstractSpinBox | QAbstractItemView) for p in parents(widget))
    ]


def _is_viewport(widget: QWidget) -> bool:
    """Whether it is the inside of a scrolling control, which has the name and takes the keys."""
    around = widget.parentWidget()
    return isinstance(around, QAbstractScrollArea) and around.viewport() is widget


def spoken_name(widget: QWidget) -> str:
    """What a screen reader says first."""
    text = getattr(widget, "text", None)
    return widget.accessibleName() or (text() if callable(text) and not isinstance(widget, QLineEdit) else "")


def unnamed(root: QWidget) -> list[str]:
    """Controls a screen reader has no word for."""
    return [described(widget) for widget in controls(root) if not spoken_name(widget).strip()]


def tab_stops(window: QWidget) -> set[QWidget]:
    """Where Tab stops, going once round the window from where the focus is."""
    stops: list[QWidget] = []
    seen: set[QWidget] = set()
    for _ in range(_MOST_STOPS):
        focus = QApplication.focusWidget()
        if focus is None:
            break
        if focus in seen and focus is stops[0]:
            break
        seen.add(focus)
        stops.append(focus)
        if isinstance(focus, QPlainTextEdit | QTextEdit) and not focus.tabChangesFocus():
            focus.focusNextPrevChild(True)
        else:
            QTest.keyClick(focus, Qt.Key.Key_Tab)
    return seen


def unreachable(window: QWidget, root: QWidget) -> list[str]:
    """Controls below `root` that Tab does not stop at, and whose neighbours' arrow keys do not lead to them."""
    stops = tab_stops(window)
    return [
        described(widget)
        for widget in controls(root)
        if widget not in stops and widget.focusProxy() not in stops and not _by_arrows(widget, stops)
    ]


def _by_arrows(widget: QWidget, stops: set[QWidget]) -> bool:
    """Of a group of radio buttons or segments one is a stop and the arrow keys go to the others."""
    if not isinstance(widget, QAbstractButton):
        return False
    group = widget.group()
    mates = group.buttons() if group is not None else []
    if widget.autoExclusive() and widget.parentWidget() is not None:
        mates = [*mates, *widget.parentWidget().findChildren(type(widget))]
    return any(mate in stops for mate in mates)


def texts(root: QWidget) -> Iterator[tuple[str, QWidget]]:
    """Every text on show: labels, buttons, headers, choices, placeholders, names and tooltips."""
    for widget in shown(root):
        for part in (*_own_texts(widget), widget.accessibleName(), widget.toolTip()):
            if part.strip():
                yield part.strip(), widget


def _own_texts(widget: QWidget) -> list[str]:
    if isinstance(widget, QLabel | QAbstractButton):
        return [widget.text()]
    if isinstance(widget, QLineEdit | QPlainTextEdit):
        return [widget.placeholderText()]
    if isinstance(widget, QComboBox):
        return [widget.itemText(number) for number in range(widget.count())]
    if isinstance(widget, QTabBar):
        return [widget.tabText(number) for number in range(widget.count())]
    if isinstance(widget, QHeaderView) and widget.model() is not None:
        return [str(widget.model().headerData(n, widget.orientation()) or "") for n in range(widget.count())]
    return []


def left_in_english(root: QWidget) -> list[str]:
    """Texts that are English keys although the window speaks Chinese."""
    table = catalogue(CHINESE)
    fixed = {english for english, chinese in table.items() if english != chinese and not _HAN.search(english)}
    fixed -= OWN_NAMES
    return [f"{text!r} of {described(widget)}" for text, widget in texts(root) if text in fixed]


@cache
def _chinese_words() -> frozenset[str]:
    return frozenset(chinese for english, chinese in catalogue(CHINESE).items() if english != chinese) - OWN_NAMES


def left_in_chinese(root: QWidget) -> list[str]:
    """Texts that are translations although the window speaks English; Chinese data are names, not table entries."""
    return [f"{text!r} of {described(w)}" for text, w in texts(root) if _HAN.search(text) and text in _chinese_words()]


def cut(root: QWidget) -> list[str]:
    """Buttons, tabs and headings whose words are wider than their place."""
    return [f"{described(widget)}: {need} > {room}" for widget, need, room in _widths(root) if need > room + 1]


def _widths(root: QWidget) -> Iterator[tuple[QWidget, int, int]]:
    for widget in shown(root):
        if isinstance(widget, QPushButton | QToolButton) and widget.text() and not _only_icon(widget):
            yield widget, widget.minimumSizeHint().width(), widget.width()
        elif isinstance(widget, QLabel) and widget.property("role") in HEADINGS and not widget.wordWrap():
            need = QFontMetrics(widget.font()).horizontalAdvance(widget.text())
            yield widget, need, widget.contentsRect().width()
        elif isinstance(widget, QTabBar) and not widget.usesScrollButtons():
            yield widget, widget.sizeHint().width(), widget.width()


def _only_icon(widget: QAbstractButton) -> bool:
    return isinstance(widget, QToolButton) and widget.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly


def outside(window: QWidget) -> list[str]:
    """Buttons that stand beyond the window's edge, where no scrolling leads."""
    wrong = []
    for widget in shown(window):
        if not isinstance(widget, QAbstractButton):
            continue
        if any(isinstance(parent, QAbstractScrollArea | QGraphicsView) for parent in parents(widget)):
            continue
        right = widget.mapTo(window, widget.rect().topRight()).x()
        if right >= window.width():
            wrong.append(f"{described(widget)} ends at {right} of {window.width()}")
    return wrong
