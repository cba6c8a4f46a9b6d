"""The look: every token in both schemes, contrast, sizes that follow the scale, icons in any colour."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontDatabase, QFontMetricsF, QIcon
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from app.runtime.language import set_language
from ui.kit.controls import Badge, Button, Label, StatusDot
from ui.kit.icons import tinted_pixmap
from ui.kit.layout import column
from ui.kit.theme import RESOURCES, TONES, Look, Theme, load_tokens, set_size

ROOT = Path(__file__).resolve().parents[3]


def contrast(first: str, second: str) -> float:
    """The contrast ratio of WCAG 2, 1 to 21."""

    def luminance(color: str) -> float:
        def linear(share: float) -> float:
            return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

        made = QColor(color)
        return 0.2126 * linear(made.redF()) + 0.7152 * linear(made.greenF()) + 0.0722 * linear(made.blueF())

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_both_schemes_have_the_same_tokens() -> None:
    assert set(load_tokens("light")) == set(load_tokens("dark"))
    for scheme in ("light", "dark"):
        assert all(re.fullmatch(r"#([0-9A-F]{6}|[0-9A-F]{8})", color) for color in load_tokens(scheme).values())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_every_surface(scheme: str) -> None:
    tokens = load_tokens(scheme)
    pairs = [
        (text, ground) for text in ("text", "muted") for ground in ("canvas", "surface", "raised", "input", "hover")
    ]
    pairs += [
        ("text", "accent_wash"),
        ("on_accent", "accent"),
        ("on_bad", "bad"),
        ("accent", "surface"),
        ("muted", "navigation"),
    ]
    pairs += [(tone, ground) for tone in TONES[:5] for ground in ("surface", "canvas", f"{tone}_wash")]
    weak = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


def test_the_glyphs_of_the_style_sheet_have_the_tokens_colours() -> None:
    for scheme in ("light", "dark"):
        known = set(load_tokens(scheme).values())
        for file in (RESOURCES / "themes" / scheme).glob("*.svg"):
            assert set(re.findall(r"#[0-9A-Fa-f]{6}", file.read_text())) <= known, file


def test_the_style_sheet_names_only_tokens_and_no_colours() -> None:
    sheet = (RESOURCES / "themes" / "forecourt.qss").read_text(encoding="utf-8")
    assert re.findall(r"#[0-9A-Fa-f]{3,8}\b", sheet) == ["#qt"] or not re.findall(r":\s*#[0-9A-Fa-f]{3,8}\b", sheet)
    assert set(re.findall(r"@([a-z_0-9]+)", sheet)) <= set(load_tokens("light")) | {"glyphs"}


def test_no_widget_is_painted_with_a_literal_colour() -> None:
    wrong = []
    for file in (ROOT / "ui").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if re.search(r"#[0-9A-Fa-f]{6}\b|QColor\(\s*\d|setStyleSheet\(", text) and file.name != "theme.py":
            wrong.append(file.relative_to(ROOT).as_posix())
    assert wrong == []


def test_fonts_are_bundled_and_show_chinese(theme: Theme) -> None:
    assert "Noto Sans SC" in QFontDatabase.families()
    assert QApplication.font().family() == "Noto Sans SC"
    assert theme.font("title", bold=True).pixelSize() == 20


def test_a_choice_reaches_every_window(theme: Theme, show: Callable[..., Any]) -> None:
    window = show(QLineEdit("text"))
    before = window.grab().toImage()
    heard: list[str] = []
    theme.changed.connect(lambda: heard.append(theme.scheme))
    theme.choose(Look(scheme="dark"))
    assert heard == ["dark"] and window.grab().toImage() != before
    assert QApplication.palette().window().color() == QColor(load_tokens("dark")["canvas"])


def test_it_follows_the_system_only_when_asked(theme: Theme, monkeypatch: pytest.MonkeyPatch) -> None:
    system = {"scheme": "light"}  # the off-screen platform has no scheme of its own to set
    monkeypatch.setattr(theme, "_system_scheme", lambda: system["scheme"])
    hints = QApplication.styleHints()
    theme.choose(Look(scheme="system"))
    assert theme.scheme == "light"
    system["scheme"] = "dark"
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.scheme == "dark"
    theme.choose(Look(scheme="light"))
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.scheme == "light"


def test_sizes_follow_the_scale(theme: Theme, show: Callable[..., Any]) -> None:
    window, inner = QWidget(), Label("words", role="title")
    window.setLayout(column(inner, margins=16, gap=8))
    set_size(inner, width=200)
    show(window, 400, 300)
    theme.choose(replace(theme.look, scale=2.0))
    assert inner.width() == 400 and inner.font().pixelSize() == 40
    assert window.layout().contentsMargins().left() == 32 and window.layout().spacing() == 16
    theme.choose(replace(theme.look, scale=1.0))
    assert inner.width() == 200 and window.layout().contentsMargins().left() == 16


@pytest.mark.parametrize("wrong", [{"scheme": "blue"}, {"scale": 0.5}, {"scale": 3.0}, {"density": "tight"}])
def test_looks_that_do_not_exist(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no such look"):
        Look(**wrong)


def test_icons_take_their_colour_and_are_sharp(theme: Theme) -> None:
    icon = theme.icon("car", "accent")
    assert icon is theme.icon("car", "accent")
    plain = icon.pixmap(QSize(16, 16), 1.0).toImage()
    sharp = icon.pixmap(QSize(16, 16), 2.0).toImage()
    assert plain.width() == 16 and sharp.width() == 32
    colours = {
        QColor(sharp.pixel(x, y)).name() for x in range(32) for y in range(32) if sharp.pixelColor(x, y).alpha() == 255
    }
    assert theme.color("accent").name() in colours
    disabled = icon.pixmap(QSize(16, 16), 1.0, QIcon.Mode.Disabled).toImage()
    assert disabled != plain
    assert tinted_pixmap("car", "#000000", 16, 1.0) is tinted_pixmap("car", "#000000", 16, 1.0)


def test_an_icon_that_is_not_bundled_is_an_error(theme: Theme) -> None:
    with pytest.raises(FileNotFoundError):
        theme.icon("no-such-icon")


def test_every_icon_named_in_the_program_is_bundled() -> None:
    named = set()
    for file in (ROOT / "ui").rglob("*.py"):
        named |= set(re.findall(r"""icon=["']([a-z0-9-]+)["']""", file.read_text(encoding="utf-8")))
    missing = {name for name in named if not (RESOURCES / "icons" / f"{name}.svg").exists()}
    assert missing == set()


def test_states_are_words_with_a_dot(show: Callable[..., Any], theme: Theme) -> None:
    dot = show(StatusDot("Held", "warn"), 120, 24)
    assert dot.text() == "Held" and dot.accessibleName() == "Held" and dot.tone == "warn"
    picture = dot.grab().toImage()
    assert picture.pixelColor(5, 12).name() == theme.color("warn").name()
    dot.set_state("Free", "good")
    assert dot.text() == "Free" and dot.grab().toImage().pixelColor(5, 12).name() == theme.color("good").name()


def test_buttons_have_names_and_ampersands_are_shown(show: Callable[..., Any]) -> None:
    button = show(Button("Save & print", icon="printer", tooltip="Saves, then prints"), 200, 40)
    assert button.text() == "Save && print" and button.accessibleName() == "Save & print"
    badge = Badge("3", "bad", parent=button)
    assert badge.property("tone") == "bad"


def test_english_quotation_marks_are_narrow_and_chinese_ones_as_wide_as_a_character(
    theme: Theme, show: Callable[..., QWidget]
) -> None:
    def width() -> float:
        label.ensurePolished()
        return QFontMetricsF(label.font()).horizontalAdvance("“")

    label = show(Label(str, role="secondary"), 200, 40)
    size = label.font().pixelSize()
    assert width() < size * 0.6
    set_language("zh_CN")
    assert width() == size
    set_language("en")
    assert width() < size * 0.6
