"""Operations: one writer, two readers, answers on the GUI thread, nothing delivered to the dead."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.kernel.changes import Changes
from app.kernel.commands import Outcome
from app.kernel.reading import stop_if_unwanted
from tests.ui.workplaces import MemoryWorkplace, Notes, RenameNote
from ui.kit.operations import Job, Operations
from ui.kit.text import words


def read_note(reader: Any, note_id: str) -> str:
    """A query."""
    return reader.workplace.notes[note_id]


def test_a_command_runs_on_the_writer_and_answers_on_the_gui_thread(
    operations: Operations, workplace: MemoryWorkplace, qtbot: QtBot
) -> None:
    parent, answers, published = QWidget(), [], []
    qtbot.addWidget(parent)
    operations.changes_published.connect(lambda changes, initiator: published.append((changes, initiator)))

    def done(value: Any) -> None:
        answers.append((value, QThread.currentThread() is QApplication.instance().thread()))

    operations.run_command(parent, RenameNote(note_id="n1", text="second"), on_done=done)
    qtbot.waitUntil(lambda: bool(published))
    assert answers == [("first", True)]
    assert published == [(Changes({"note": frozenset({"n1"})}), parent)]
    assert workplace.notes == {"n1": "second"}
    assert all(name.startswith("writer") for name in workplace.threads)


def test_commands_keep_their_order(
    operations: Operations, workplace: MemoryWorkplace, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    parent, answers = QObject(), []
    for number in range(20):
        operations.run_command(parent, RenameNote(note_id="n1", text=str(number)), on_done=answers.append)
    settle()
    assert answers == ["first", *map(str, range(19))]
    assert workplace.notes["n1"] == "19"


def test_queries_run_on_two_readers(operations: Operations, workplace: MemoryWorkplace, qtbot: QtBot) -> None:
    parent, together = QObject(), threading.Barrier(2)
    answers: list[Any] = []

    def meet(_reader: Any) -> int:
        return together.wait(5)

    for _number in range(2):
        operations.run_query(parent, meet, on_done=answers.append)
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert sorted(answers) == [0, 1]


def test_only_the_newest_query_of_a_key_is_answered(
    operations: Operations, workplace: MemoryWorkplace, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    parent, answers, asked = QObject(), [], []
    workplace.gate = threading.Event()

    def echo(_reader: Any, text: str) -> str:
        asked.append(text)
        return text

    for text in ("a", "ab", "abc", "abcd"):
        operations.run_query(parent, echo, text, on_done=answers.append, key="search")
    operations.run_query(parent, echo, "other", on_done=answers.append, key="other")
    workplace.gate.set()
    settle()
    assert sorted(answers) == ["abcd", "other"]
    assert "abc" not in asked  # it was still waiting, so it never began


def test_answers_for_a_destroyed_parent_are_dropped(
    operations: Operations, workplace: MemoryWorkplace, qtbot: QtBot, settle: Callable[[], None], bugs: list[str]
) -> None:
    workplace.gate = threading.Event()
    holder, answers = QWidget(), []
    parent = QWidget(holder)
    operations.run_query(parent, read_note, "n1", on_done=answers.append)
    operations.run_command(parent, RenameNote(note_id="n1", text="kept"), on_done=answers.append)
    holder.deleteLater()
    qtbot.waitSignal(holder.destroyed, raising=False)
    QApplication.sendPostedEvents(holder, 52)
    workplace.gate.set()
    settle()
    assert answers == [] and bugs == []
    assert workplace.notes["n1"] == "kept"  # what was asked for is done all the same


def test_an_error_handler_may_deal_with_the_error(
    operations: Operations, workplace: MemoryWorkplace, settle: Callable[[], None], notifications: Notes
) -> None:
    parent, seen = QObject(), []
    workplace.fail_with = OSError(28, "No space left on device")

    def handle(error: BaseException) -> bool:
        seen.append(error)
        return True

    operations.run_command(parent, RenameNote(note_id="n1", text="x"), on_error=handle)
    settle()
    assert len(seen) == 1 and notifications.shown == []


def test_retry_runs_the_same_command_again(
    operations: Operations, workplace: MemoryWorkplace, settle: Callable[[], None], notifications: Notes
) -> None:
    parent, answers = QObject(), []
    workplace.fail_with = OSError(28, "No space left on device")
    operations.run_command(parent, RenameNote(note_id="n1", text="x"), on_done=answers.append)
    settle()
    text, tone, action, retry = notifications.shown[0]
    assert "disk is full" in words(text) and tone == "bad" and action == "Try again"
    retry()
    settle()
    assert answers == ["first"] and workplace.notes["n1"] == "x"


def test_undo_takes_back_the_newest_and_names_it(
    operations: Operations, workplace: MemoryWorkplace, settle: Callable[[], None]
) -> None:
    parent, undone = QObject(), []
    operations.run_command(parent, RenameNote(note_id="n1", text="b"))
    operations.run_command(parent, RenameNote(note_id="n1", text="c"), name="Call it c")
    settle()
    assert operations.undo_step is not None and operations.undo_step.name == "Call it c"
    operations.undo(parent, on_done=undone.append)
    settle()
    assert workplace.notes["n1"] == "b" and undone[0].name == "Call it c"
    assert words(operations.undo_step.name) == "Rename note"
    operations.undo(parent)
    settle()
    assert workplace.notes["n1"] == "first"
    assert operations.undo(parent) is None


def test_a_refused_undo_is_said_and_not_offered_again(
    operations: Operations, workplace: MemoryWorkplace, settle: Callable[[], None], notifications: Notes
) -> None:
    parent = QObject()
    operations.run_command(parent, RenameNote(note_id="n1", text="b"))
    settle()
    workplace.fail_with = OSError(30, "Read-only file system")
    operations.undo(parent)
    settle()
    assert operations.undo_step is None and len(notifications.shown) == 1


def test_long_work_tells_its_progress_and_publishes_its_outcome(
    operations: Operations, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    parent, heard, started, published, answers = QObject(), [], [], [], []
    operations.long_started.connect(started.append)
    operations.changes_published.connect(lambda changes, _initiator: published.append(changes))
    go = threading.Event()

    def work(progress: Any) -> Outcome[int]:
        assert go.wait(5)
        progress("half", 0.5)
        progress("whole", 1.0)
        return Outcome(7, Changes({"note": frozenset({"n1"})}))

    job = operations.run_long(parent, work, title="Importing", on_done=answers.append, writes=True)
    job.progressed.connect(lambda message, fraction: heard.append((message, fraction)))
    go.set()
    settle()
    assert started == [job] and answers == [7] and len(published) == 1
    assert heard[-1] == ("whole", 1.0)


def test_cancelled_long_work_ends_without_an_answer_or_an_error(
    operations: Operations, qtbot: QtBot, bugs: list[str], notifications: Notes
) -> None:
    parent, answers, steps = QObject(), [], []
    begun, go = threading.Event(), threading.Event()

    def work(progress: Any) -> None:
        begun.set()
        assert go.wait(5)
        for number in range(10):
            progress(str(number), number / 10)
            steps.append(number)

    job = operations.run_long(parent, work, title="Importing", on_done=answers.append)
    assert begun.wait(5)
    with qtbot.waitSignal(job.finished):
        job.cancel()
        go.set()
    assert answers == [] and steps == [] and bugs == [] and notifications.shown == []


def test_long_work_cancelled_in_the_middle_of_a_read_is_no_error(
    operations: Operations, qtbot: QtBot, bugs: list[str], notifications: Notes
) -> None:
    parent, answers = QObject(), []

    def work(progress: Any) -> None:
        while True:
            stop_if_unwanted()
            time.sleep(0.001)

    job = operations.run_long(parent, work, title="Checking", on_done=answers.append)
    with qtbot.waitSignal(job.finished):
        job.cancel()
    assert answers == [] and bugs == [] and notifications.shown == []


def test_close_finishes_what_has_been_asked_of_the_writer(
    operations: Operations, workplace: MemoryWorkplace, qtbot: QtBot
) -> None:
    parent = QObject()
    for number in range(5):
        operations.run_command(parent, RenameNote(note_id="n1", text=str(number)))
    operations.close()
    operations.close()
    assert workplace.notes["n1"] == "4"
    with pytest.raises(RuntimeError):
        operations.run_command(parent, RenameNote(note_id="n1", text="late"))


def test_a_bug_reaches_the_bug_dialog_without_the_values_typed(
    operations: Operations,
    workplace: MemoryWorkplace,
    settle: Callable[[], None],
    bugs: list[str],
    expected_errors: list[str],
) -> None:
    expected_errors.append("unexpected error")
    workplace.fail_with = KeyError("张三 13800138000")
    operations.run_command(QObject(), RenameNote(note_id="n1", text="secret"))
    operations.run_command(parent := QObject(), RenameNote(note_id="n1", text="y"))
    settle()
    assert len(bugs) == 1 and parent is not None
    assert "KeyError" in bugs[0] and "13800138000" not in bugs[0] and "secret" not in bugs[0]


def test_a_job_says_once_that_it_is_finished(operations: Operations, qtbot: QtBot) -> None:
    job: Job = operations.run_query(QApplication.instance(), read_note, "n1", on_done=lambda _text: None)
    with qtbot.waitSignal(job.finished):
        assert not job.is_finished
    assert job.is_finished
