"""Colours, type, spacing and icons: tokens from `resources/themes`, one style sheet, own palettes on Fusion.

Widgets are styled by role (`set_role(widget, "card")`), never by literal colours. What paints itself asks
`theme().color("accent")` and repaints on `restyle()`.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QLayout, QStyleFactory, QWidget

from app.runtime.language import ENGLISH, language, on_language_changed

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
SCHEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")
TONES = ("good", "warn", "bad", "info", "accent", "neutral")
FONT_FAMILY = "Noto Sans SC"
TYPE = {"body": 13, "secondary": 12, "section": 15, "title": 20, "number": 28}
"""Pixel sizes of the roles of type, at 100 %."""

_NARROW_MARKS = QFont.Tag("pwid")
_CHINESE_MARKS = re.compile("[，（）]|[\u4e00-\u9fff][“‘]|[”’][\u4e00-\u9fff]")
"""Those of Chinese marks that would become narrow with the English ones."""
_ROW_HEIGHT = {"comfortable": 34, "compact": 28}
_PIXELS = re.compile(r"(\d+)px")
_TOKEN = re.compile(r"@([a-z_0-9]+)")


@lru_cache(maxsize=4)
def load_tokens(scheme: str) -> dict[str, str]:
    """The colour tokens of "light" or "dark", name to "#RRGGBB" or "#AARRGGBB"."""
    tokens: dict[str, str] = json.loads((RESOURCES / "themes" / f"{scheme}.json").read_text(encoding="utf-8"))
    return tokens


@dataclass(frozen=True, slots=True)
class Look:
    """What a person chose: scheme "system", "light" or "dark"; scale 1.0 to 2.0; density."""

    scheme: str = "system"
    scale: float = 1.0
    density: str = "comfortable"

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES or self.density not in DENSITIES or not 1.0 <= self.scale <= 2.0:
            raise ValueError(f"no such look: {self}")


class Theme(QObject):
    """The look in use. One per application, made by `install_theme`; read through `theme()`."""

    changed = Signal()

    def __init__(self, app: QApplication, look: Look) -> None:
        super().__init__(app)
        self._app = app
        self.look = look
        self.scheme = "light"
        self._tokens: dict[str, str] = {}
        self._colors: dict[str, QColor] = {}
        self._follow_system = True
        app.styleHints().colorSchemeChanged.connect(self._on_system_scheme_changed)

    def choose(self, look: Look) -> None:
        """Put a look on every window, at once."""
        ratio = look.scale / self.look.scale
        self.look = look
        self._apply()
        if ratio != 1.0:
            _rescale_layouts(self._app, ratio)
            _resize_widgets(self._app)
        self.changed.emit()

    def color(self, token: str) -> QColor:
        """The colour of a token; a copy, so that callers may change its alpha."""
        found = self._colors.get(token)
        if found is None:
            found = self._colors[token] = QColor(self._tokens[token])
        return QColor(found)

    def tone(self, tone: str) -> QColor:
        """The colour of a tone: good, warn, bad, info, accent; neutral is muted text."""
        return self.color("muted" if tone == "neutral" else tone)

    def wash(self, tone: str) -> QColor:
        """The quiet background that goes with a tone."""
        return self.color(f"{tone}_wash")

    def px(self, pixels: float) -> int:
        """A length of the 100 % design in the scale in use; never less than one pixel."""
        return max(1, round(pixels * self.look.scale)) if pixels else 0

    @property
    def row_height(self) -> int:
        """The height of a table row, in pixels."""
        return self.px(_ROW_HEIGHT[self.look.density])

    def font(self, role: str = "body", *, bold: bool = False, tabular: bool = False) -> QFont:
        """The font of a role of type; `tabular` for figures that stand in columns."""
        font = QFont(self._app.font())
        font.setPixelSize(self.px(TYPE[role]))
        font.setBold(bold)
        if tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def icon(self, name: str, token: str = "muted") -> QIcon:
        """The lucide icon in the colour of a token; kept per colour, size and pixel ratio."""
        from ui.kit.icons import tinted_icon

        return tinted_icon(name, self.color(token), self.color("faint"))

    def _on_system_scheme_changed(self, _scheme: Qt.ColorScheme) -> None:
        if self.look.scheme == "system":
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        self.scheme = self.look.scheme if self.look.scheme != "system" else self._system_scheme()
        self._tokens = load_tokens(self.scheme)
        self._colors.clear()
        self._app.setFont(self._face())
        self._app.setPalette(self._palette())
        self._app.setStyleSheet(self._style_sheet())

    def _face(self) -> QFont:
        """The font of the window; in English its marks are narrow, else “ and ’ are as wide as a Chinese character."""
        font = QFont(FONT_FAMILY)
        font.setPixelSize(self.px(TYPE["body"]))
        font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
        if language() == ENGLISH:
            font.setFeature(_NARROW_MARKS, 1)
        return font

    def follow_language(self) -> None:
        """The marks of the language in use, after a switch."""
        narrow = _NARROW_MARKS in self._app.font().featureTags()
        if narrow != (language() == ENGLISH):
            self._app.setFont(self._face())
            self._app.setStyleSheet(self._style_sheet())

    def _system_scheme(self) -> str:
        return "dark" if self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"

    def _palette(self) -> QPalette:
        role = QPalette.ColorRole
        wanted = {
            role.Window: "canvas", role.WindowText: "text", role.Base: "input", role.AlternateBase: "canvas",
            role.ToolTipBase: "raised", role.ToolTipText: "text", role.PlaceholderText: "muted",
            role.Text: "text", role.Button: "surface", role.ButtonText: "text", role.BrightText: "bad",
            role.Highlight: "accent", role.HighlightedText: "on_accent", role.Link: "accent",
            role.LinkVisited: "accent", role.Light: "surface", role.Midlight: "line", role.Mid: "strong_line",
            role.Dark: "strong_line", role.Shadow: "strong_line", role.Accent: "accent",
        }  # fmt: skip
        palette = QPalette()
        for color_role, token in wanted.items():
            palette.setColor(color_role, self.color(token))
        for color_role in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, color_role, self.color("faint"))
        return palette

    def _style_sheet(self) -> str:
        template = _template()
        filled = _TOKEN.sub(lambda found: self._token_text(found[1]), template)
        return _PIXELS.sub(lambda found: f"{self.px(int(found[1]))}px", filled)

    def _token_text(self, token: str) -> str:
        if token == "glyphs":
            return (RESOURCES / "themes" / self.scheme).as_posix()
        return self._tokens[token]


@lru_cache(maxsize=1)
def _template() -> str:
    return (RESOURCES / "themes" / "forecourt.qss").read_text(encoding="utf-8")


def _rescale_layouts(app: QApplication, ratio: float) -> None:
    for window in app.topLevelWidgets():
        for layout in window.findChildren(QLayout):
            margins = layout.contentsMargins()
            layout.setContentsMargins(
                round(margins.left() * ratio), round(margins.top() * ratio),
                round(margins.right() * ratio), round(margins.bottom() * ratio),
            )  # fmt: skip
            if layout.spacing() > 0:
                layout.setSpacing(round(layout.spacing() * ratio))


def set_size(widget: QWidget, *, width: int | None = None, height: int | None = None, at_least: bool = False) -> None:
    """Fix a widget's size (or, with `at_least`, its minimum) in pixels of the 100 % design; it follows the scale."""
    if width is not None:
        widget.setProperty("design_width", width)
    if height is not None:
        widget.setProperty("design_height", height)
    if at_least:
        widget.setProperty("design_least", True)
    _apply_size(widget)


def _apply_size(widget: QWidget) -> None:
    width, height = widget.property("design_width"), widget.property("design_height")
    least = bool(widget.property("design_least"))
    if width is not None:
        (widget.setMinimumWidth if least else widget.setFixedWidth)(theme().px(width))
    if height is not None:
        (widget.setMinimumHeight if least else widget.setFixedHeight)(theme().px(height))


def _resize_widgets(app: QApplication) -> None:
    for widget in app.allWidgets():
        _apply_size(widget)


_installed: list[Theme] = []


def install_theme(app: QApplication, look: Look | None = None) -> Theme:
    """Give the application its fonts and look; call once, before the first widget is made."""
    from ui.kit.fonts import add_fonts

    add_fonts()
    app.setStyle(QStyleFactory.create("Fusion"))
    made = Theme(app, look or Look())
    if not _installed:
        on_language_changed(lambda: theme().follow_language())
    _installed[:] = [made]
    made._apply()
    return made


def theme() -> Theme:
    """The installed theme. Raises RuntimeError before `install_theme`."""
    if not _installed:
        raise RuntimeError("install_theme(app) comes before the first widget")
    return _installed[0]


class Themed:
    """Mixin for widgets that size or paint themselves: `restyle()` is called when the look changes."""

    def restyle(self) -> None:
        """Set sizes and icons again; a repaint follows by itself."""

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.restyle()
        super().changeEvent(event)  # type: ignore[misc]


def has_wide_marks(text: str) -> bool:
    """Whether the marks in a text are Chinese ones, which an English window would set as narrow as its own."""
    return language() == ENGLISH and _CHINESE_MARKS.search(text) is not None


def with_wide_marks(font: QFont) -> QFont:
    """The font with marks as wide as Chinese characters."""
    wide = QFont(font)
    wide.setFeature(_NARROW_MARKS, 0)
    return wide


def widen_marks(widget: QWidget, text: str) -> None:
    """Show a text with the marks of its own language, whatever the window speaks."""
    wide = has_wide_marks(text)
    if wide != bool(widget.property("wide_marks")):
        widget.setProperty("wide_marks", wide)
        widget.setFont(with_wide_marks(QFont()) if wide else QFont())


def set_role(widget: QWidget, role: str, **properties: str | bool) -> None:
    """Style a widget by what it is: sets the `role` property (and others) the style sheet selects on."""
    changed = False
    for name, value in {"role": role, **properties}.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed and widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # else that is yet to come
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)
