"""Workers never destroy a widget, and the cycle collector keeps to the GUI thread while they live."""

import gc
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ui.kit.operations import Operations


class _Held:
    """Remembers on which thread it went."""

    def __init__(self, gone: list[str]) -> None:
        self._gone = gone

    def __del__(self) -> None:
        self._gone.append(threading.current_thread().name)


def test_what_a_job_held_goes_on_the_gui_thread(operations: Operations, settle: Callable[[], None]) -> None:
    gone: list[str] = []
    for _round in range(50):
        held, widget = _Held(gone), QWidget()

        def work(_reader: Any, held: _Held = held, widget: QWidget = widget) -> int:
            return id(held) + id(widget)

        operations.run_query(QApplication.instance(), work, on_done=lambda _value: None)
        del held, widget, work
    settle()
    gc.collect()
    assert set(gone) == {threading.main_thread().name} and len(gone) == 50


def test_what_a_failed_job_held_goes_on_the_gui_thread(
    operations: Operations, settle: Callable[[], None], qtbot: QtBot
) -> None:
    gone: list[str] = []

    def fail(held: _Held) -> Callable[[Any], None]:
        def work(_reader: Any) -> None:
            raise ValueError(id(held))

        return work

    for _round in range(20):
        operations.run_query(QObject(), fail(_Held(gone)), on_done=print, on_error=lambda _error: True)
        operations.run_query(
            QApplication.instance(), fail(_Held(gone)), on_done=print, on_error=lambda _error: True
        )
    operations.errors = type("Quiet", (), {"present": lambda *_args, **_more: None})()
    settle()
    gc.collect()
    assert set(gone) == {threading.main_thread().name} and len(gone) == 40


def test_the_collector_runs_by_itself_only_without_workers(operations: Operations) -> None:
    assert not gc.isenabled()
    thresholds = gc.get_threshold()
    cycles = [[] for _number in range(thresholds[0] + 10)]
    for cycle in cycles:
        cycle.append(cycle)
    operations._collector.collect()
    assert gc.get_count()[0] <= thresholds[0]
    operations.close()
    assert gc.isenabled()
