"""Messages, dialogs, search fields, segments, formats, skeletons, progress."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.runtime.language import set_language, tr_noop
from ui.kit import formats
from ui.kit.controls import Button, Choice, SearchField, Segmented
from ui.kit.detail_panel import DetailPanel, Facts
from ui.kit.dialogs import InlinePanel, ask, ask_reason
from ui.kit.feedback import MessageBar, ProgressStrip, Skeleton
from ui.kit.operations import Operations

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def press(qtbot: QtBot, where: QWidget, text: str) -> None:
    """Click the button with these words."""
    button = next(one for one in where.findChildren(QPushButton) if one.text() == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_message_bar_says_one_thing_with_one_verb(qtbot: QtBot, show: Callable[..., Any]) -> None:
    ran: list[str] = []
    bar = MessageBar()
    holder = QWidget()
    from ui.kit.layout import column

    holder.setLayout(column(bar))
    show(holder, 500, 100)
    bar.show_error("Wrong.")
    assert bar.text() == "Wrong." and bar.tone == "bad" and bar.accessibleName() == "Wrong."
    bar.show_message("Kept.", tone="info", action="Continue", on_action=lambda: ran.append("go"))
    press(qtbot, bar, "Continue")
    assert ran == ["go"] and bar.text() == ""


def test_asking_runs_only_the_verb(qtbot: QtBot, show: Callable[..., Any]) -> None:
    parent, ran = show(QWidget()), []
    dialog = ask(parent, title="Cancel order?", text="It cannot be undone.", verb="Cancel order", danger=True,
                 on_yes=lambda: ran.append(1), keep="Keep order")  # fmt: skip
    qtbot.keyClick(dialog, Qt.Key.Key_Return)  # the harmless one is the default
    qtbot.waitUntil(lambda: not parent.findChildren(type(dialog)))
    assert ran == []
    dialog = ask(parent, title="Cancel order?", text="It cannot be undone.", verb="Cancel order", danger=True,
                 on_yes=lambda: ran.append(1))  # fmt: skip
    press(qtbot, dialog, "Cancel order")
    qtbot.waitUntil(lambda: not parent.findChildren(type(dialog)))
    assert ran == [1]


def test_a_reason_is_required(qtbot: QtBot, show: Callable[..., Any]) -> None:
    parent, reasons = show(QWidget()), []
    dialog = ask_reason(parent, title="Reveal?", text="It is logged.", verb="Reveal", on_reason=reasons.append)
    verb = next(one for one in dialog.findChildren(QPushButton) if one.text() == "Reveal")
    assert not verb.isEnabled()
    qtbot.keyClicks(dialog.focusWidget(), "customer calls")
    assert verb.isEnabled()
    qtbot.mouseClick(verb, Qt.MouseButton.LeftButton)
    assert reasons == ["customer calls"]
    qtbot.waitUntil(lambda: not parent.findChildren(type(dialog)))


def test_an_inline_panel_goes_when_it_is_dismissed(qtbot: QtBot, show: Callable[..., Any]) -> None:
    panel = InlinePanel("Hold until?")
    panel.add(Button("18:00"))
    panel.add_button("Hold", panel.dismiss, kind="primary")
    holder = QWidget()
    panel.setParent(holder)
    show(holder)
    press(qtbot, panel, "Hold")
    assert not panel.isVisible()


def test_search_says_a_text_once(qtbot: QtBot, show: Callable[..., Any]) -> None:
    field, said = show(SearchField("Find"), 200, 40), []
    field.searched.connect(said.append)
    qtbot.keyClicks(field, "abc")
    assert said == ["a", "ab", "abc"]
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClicks(field, " ")
    field.set_silently("other")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert said == ["a", "ab", "abc"]


def test_a_search_with_a_delay_comes_after_the_last_key_or_with_return(qtbot: QtBot, show: Callable[..., Any]) -> None:
    field, said = show(SearchField("Find", delay_ms=20), 200, 40), []
    field.searched.connect(said.append)
    qtbot.keyClicks(field, "abc")
    qtbot.waitUntil(lambda: said == ["abc"])
    qtbot.keyClicks(field, "d")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert said == ["abc", "abcd"] and not field._timer.isActive()
    qtbot.keyClicks(field, "e")
    field.set_silently("other")
    assert not field._timer.isActive() and said == ["abc", "abcd"]


def test_segments(qtbot: QtBot, show: Callable[..., Any]) -> None:
    segments, chosen = show(Segmented([Choice(1, "One"), Choice(2, "Two")], name="Which"), 200, 40), []
    segments.chosen.connect(chosen.append)
    assert segments.value() is None
    qtbot.mouseClick(segments.buttons()[1], Qt.MouseButton.LeftButton)
    assert chosen == [2] and segments.value() == 2
    segments.set_value(1)
    assert chosen == [2] and segments.value() == 1
    segments.set_value("unknown")
    assert segments.value() is None and segments.accessibleName() == "Which"


def test_a_busy_button_waits_for_its_job(operations: Operations, qtbot: QtBot, show: Callable[..., Any]) -> None:
    gate, button = threading.Event(), show(Button("Save"), 100, 40)
    job = operations.run_plain(button, lambda: gate.wait(5))
    button.busy_while(job)
    assert not button.isEnabled()
    gate.set()
    qtbot.waitUntil(button.isEnabled)


def test_a_progress_strip_follows_its_job_and_cancels_it(
    operations: Operations, qtbot: QtBot, show: Callable[..., Any]
) -> None:
    gate, holder = threading.Event(), show(QWidget(), 600, 60)

    def work(progress: Any) -> None:
        progress("row 1", 0.25)
        assert gate.wait(5)
        progress("row 2", 0.5)

    job = operations.run_long(QObject(holder), work, title="Importing")
    strip = ProgressStrip(job, parent=holder)
    qtbot.waitUntil(strip.isVisible)
    qtbot.waitUntil(lambda: strip._message.text() == "row 1" and strip._bar.value() == 250)
    press(qtbot, strip, "Cancel")
    assert job.cancelled
    with qtbot.waitSignal(job.finished):
        gate.set()
    qtbot.waitUntil(lambda: not holder.findChildren(ProgressStrip))


def test_what_a_job_is_doing_follows_the_language_while_it_stands_there(
    operations: Operations, qtbot: QtBot, show: Callable[..., Any]
) -> None:
    gate, holder = threading.Event(), show(QWidget(), 600, 60)

    def work(progress: Any) -> None:
        progress(tr_noop("Comparing with the centre"), 0.25)
        assert gate.wait(5)

    job = operations.run_long(QObject(holder), work, title="Comparing with the centre")
    strip = ProgressStrip(job, parent=holder)
    qtbot.waitUntil(lambda: strip._message.text() == "Comparing with the centre")
    set_language("zh_CN")
    assert strip._message.text() == strip._title.text() == "正在与中心核对"
    with qtbot.waitSignal(job.finished):
        gate.set()


def test_a_skeleton_waits_before_it_is_drawn(qtbot: QtBot, show: Callable[..., Any]) -> None:
    skeleton = show(Skeleton(), 300, 200)
    blank = skeleton.grab().toImage()
    skeleton.start()
    assert skeleton.grab().toImage() == blank
    qtbot.waitUntil(lambda: skeleton.grab().toImage() != blank)
    skeleton.stop()
    assert not skeleton.isVisible()


def test_the_detail_panel_replaces_what_it_shows(qtbot: QtBot, show: Callable[..., Any]) -> None:
    panel = show(DetailPanel(), 380, 400)
    first = Facts([("VIN", "LDC"), ("Free", lambda: "yes")])
    panel.show_content("One", first, actions=[Button("Hold", kind="primary")])
    assert panel.content() is first
    second = Facts([("VIN", "WBA")])
    panel.show_content("Two", second)
    assert panel.content() is second
    with qtbot.waitSignal(panel.closed):
        panel.close_panel()


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (5, "just now", "刚刚"),
        (720, "12 min ago", "12 分钟前"),
        (10_800, "3 h ago", "3 小时前"),
        (172_800, "2 days ago", "2 天前"),
    ],
)
def test_how_long_ago(seconds: int, english: str, chinese: str) -> None:
    instant = NOW - timedelta(seconds=seconds)
    assert formats.ago(instant, NOW) == english
    set_language("zh_CN")
    assert formats.ago(instant, NOW) == chinese


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (40, "40 s"), (1199, "19 min"), (3600, "1 h"), (7199, "1 h 59 min"), (40_000, "11 h"),
     (90_000, "1 day")],
)  # fmt: skip
def test_what_runs_out_is_told_to_the_minute(seconds: float, said: str) -> None:
    assert formats.remaining(seconds) == said


def test_how_values_are_written() -> None:
    assert formats.money(Decimal("218900")) == "218,900.00" and formats.yuan(Decimal("-1")) == "-¥1.00"
    assert formats.money(None) == formats.count(None) == formats.date_text(None) == formats.moment(None) == "–"
    assert formats.count(2031) == "2,031" and formats.kilometres(12480) == "12,480 km"
    assert formats.percent(Decimal("4.50")) == "4.5 %" and formats.percent(Decimal("20")) == "20 %"
    assert formats.moment(NOW) == "2026-11-22 12:00" and formats.clock_time(NOW) == "12:00"
    assert formats.date_text(NOW.date()) == "2026-11-22"
    set_language("zh_CN")
    assert formats.percent(Decimal("20")) == "20%"
