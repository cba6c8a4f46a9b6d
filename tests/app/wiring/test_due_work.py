"""Work that falls due: asked about by those who may do it, done only where there is some."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from app.kernel.changes import Changes
from app.kernel.commands import Command
from app.kernel.permissions import Permission
from app.wiring.due_work import DUE_WORK, DueWork, DueWorks


class Sweep(Command):
    """Stands for the command of a kind of work."""


def something_to_sweep(_reader: object) -> bool:
    raise AssertionError("asked on the caller's thread")


@dataclass
class Seat:
    """Who sits at the desk."""

    signed_in: bool = True
    rights: set[Permission] = field(default_factory=set)

    @property
    def actor(self) -> Any:
        return SimpleNamespace(may=self.rights.__contains__)


class Asked(QObject):
    """Stands for the operations: answers what was asked as it is told."""

    changes_published = Signal(object, object)

    def __init__(self, due: bool, *, fails: bool = False) -> None:
        super().__init__()
        self.due, self.fails = due, fails
        self.queries: list[str] = []
        self.commands: list[Command] = []

    def run_query(self, _owner: QObject, query: Any, *, on_done: Any, on_error: Any, key: str) -> None:
        assert query is something_to_sweep
        self.queries.append(key)
        if self.fails:
            assert on_error(OSError("the disk is full"))
        else:
            on_done(self.due)

    def run_command(self, _owner: QObject, command: Command, *, on_error: Any) -> None:
        self.commands.append(command)


WORK = DueWork("sweeping", 5, lambda: (something_to_sweep, Sweep), Permission.INVENTORY_HOLD, tables=("price_line",))


def works(seat: Seat, asked: Asked, qtbot: QtBot) -> DueWorks:
    return DueWorks(seat, asked, asked, (WORK,))  # type: ignore[arg-type]


@pytest.mark.parametrize("due", [True, False])
def test_it_is_done_where_there_is_some(due: bool, qtbot: QtBot) -> None:
    asked = Asked(due)
    made = works(Seat(rights={Permission.INVENTORY_HOLD}), asked, qtbot)
    made.start()
    assert asked.queries == ["sweeping"]
    assert [type(command) for command in asked.commands] == ([Sweep] if due else [])
    made.stop()


@pytest.mark.parametrize("seat", [Seat(signed_in=False, rights={Permission.INVENTORY_HOLD}), Seat()])
def test_nobody_is_asked_who_may_not(seat: Seat, qtbot: QtBot) -> None:
    asked = Asked(True)
    works(seat, asked, qtbot).look()
    assert asked.queries == [] and asked.commands == []


def test_it_is_looked_for_when_its_records_arrive(qtbot: QtBot) -> None:
    asked = Asked(False)
    made = works(Seat(rights={Permission.INVENTORY_HOLD}), asked, qtbot)
    asked.changes_published.emit(Changes({"customer": frozenset({"1"})}), made)
    assert asked.queries == []
    asked.changes_published.emit(Changes({"price_line": frozenset({"1"})}), made)
    assert asked.queries == ["sweeping"]


def test_what_goes_wrong_is_written_down_and_tried_again(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    asked = Asked(True, fails=True)
    made = works(Seat(rights={Permission.INVENTORY_HOLD}), asked, qtbot)
    made.look()
    assert "sweeping" in caplog.text and "the disk is full" in caplog.text and asked.commands == []
    asked.fails = False
    made.look()
    assert len(asked.commands) == 1


def test_every_kind_of_work_is_what_it_says() -> None:
    assert len({work.key for work in DUE_WORK}) == len(DUE_WORK)
    for work in DUE_WORK:
        query, command = work.parts()
        assert callable(query) and issubclass(command, Command)
