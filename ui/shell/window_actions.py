"""What can be done from every page."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from app.runtime.language import CHINESE, ENGLISH, language, tr, tr_noop
from ui.kit.actions import Action
from ui.kit.keys import Key
from ui.kit.text import words
from ui.kit.theme import theme
from ui.shell.pages import PageSpec
from ui.shell.preferences import choose_language, choose_scheme
from ui.shell.scan_answer import gap_actions

if TYPE_CHECKING:
    from ui.shell.main_window import MainWindow

EVERYWHERE = tr_noop("Everywhere")
GO_TO = tr_noop("Go to")
LOOK = tr_noop("Look")
SCALES = (100, 125, 150, 200)


def add_window_actions(window: "MainWindow") -> None:
    """Register the window's own actions."""
    for action in (*_everywhere(window), *_look(window), *_scanner(window)):
        window.actions_registry.add(action, window)


def _everywhere(window: "MainWindow") -> tuple[Action, ...]:
    def one(action_id: str, text: object, handler: object, key: Key | None, icon: str) -> Action:
        return Action(f"window.{action_id}", text, handler, key=key, icon=icon, group=EVERYWHERE)  # type: ignore[arg-type]

    def undo_words() -> str:
        step = window.operations.undo_step
        return tr("Undo: {name}", name=words(step.name)) if step is not None else tr("Undo")

    undo = replace(
        one("undo", undo_words, window.undo, Key.UNDO, "undo"),
        enabled=lambda: True,
    )
    return (
        one("palette", tr_noop("Find or do anything"), window.open_palette, Key.PALETTE, "search"),
        one("keys", tr_noop("Show all keys"), window.open_keys, Key.KEYS, "keyboard"),
        undo,
        one("back", tr_noop("Back"), window.pages.back, Key.BACK, "arrow-left"),
        one("lock", tr_noop("Lock or switch user"), window.lock, Key.LOCK, "lock"),
        one("messages", tr_noop("Messages"), window.open_messages, Key.NOTIFICATIONS, "bell"),
        one("next_area", tr_noop("Next area"), window.next_area, Key.NEXT_AREA, "layout-grid"),
        one(
            "navigation",
            tr_noop("Narrow or widen the navigation"),
            window.navigation.toggle,
            Key.NAVIGATION,
            "panel-left",
        ),
        one("close", tr_noop("Close Forecourt"), window.close, Key.QUIT, "log-out"),
    )


def _look(window: "MainWindow") -> tuple[Action, ...]:
    preferences = window.preferences

    def scheme(name: str, text: str, icon: str) -> Action:
        return Action(
            f"look.{name}", text, lambda: choose_scheme(preferences, theme(), name), icon=icon, group=LOOK,
            keywords="theme colour 主题 颜色",
        )  # fmt: skip

    def scale(percent: int) -> Action:
        return Action(
            f"look.scale_{percent}", lambda: tr("Scale {n} %", n=percent), lambda: _set_scale(window, percent),
            icon="zoom-in", group=LOOK, keywords="zoom size 大小 缩放",
        )  # fmt: skip

    def speak_other() -> None:
        choose_language(preferences, ENGLISH if language() == CHINESE else CHINESE)

    return (
        Action(
            "look.language", lambda: "English" if language() == CHINESE else "中文", speak_other, icon="languages",
            group=LOOK, keywords="language chinese zhongwen 语言 英文",
        ),
        scheme("light", tr_noop("Light"), "sun"),
        scheme("dark", tr_noop("Dark"), "moon"),
        scheme("system", tr_noop("Light or dark as the system"), "monitor"),
        Action(
            "look.density", tr_noop("Compact or comfortable rows"), lambda: _turn_density(window), icon="list",
            group=LOOK,
        ),
        *(scale(percent) for percent in SCALES),
    )  # fmt: skip


def _scanner(window: "MainWindow") -> tuple[Action, ...]:
    def choose(gap: int) -> None:
        window.preferences.change(scanner_gap_ms=gap)
        window.context.scanner.set_longest_gap_ms(gap)
        window.notifications.show(
            lambda: tr("Keys at most {n} ms apart are taken for a scan on this desk.", n=gap), tone="good"
        )

    return tuple(
        Action(f"scanner.gap_{gap}", text, partial(choose, gap), icon="scan-barcode", group=EVERYWHERE,
               keywords="barcode vin 扫码 扫描枪 条码")
        for gap, text in gap_actions()
    )  # fmt: skip


def _set_scale(window: "MainWindow", percent: int) -> None:
    window.preferences.change(scale=percent)
    theme().choose(replace(theme().look, scale=percent / 100))


def _turn_density(window: "MainWindow") -> None:
    density = "compact" if theme().look.density == "comfortable" else "comfortable"
    window.preferences.change(density=density)
    theme().choose(replace(theme().look, density=density))


def add_page_actions(window: "MainWindow", specs: list[PageSpec]) -> None:
    """One action for each page, those of the navigation first: the first nine have Alt and their number."""
    registry = window.actions_registry
    for action_id in registry.ids():
        if action_id.startswith("go."):
            registry.remove(action_id)
    for number, spec in enumerate(specs, start=1):
        registry.add(
            Action(
                f"go.{spec.key}", spec.title, partial(window.pages.open, spec.key),
                key=f"Alt+{number}" if number <= 9 else None, icon=spec.icon, group=GO_TO, permission=spec.permission,
            ),
            window,
        )  # fmt: skip
