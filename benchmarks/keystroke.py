"""A key pressed in the search field of the real stock page, to the painted rows, on a million units.

The page, its table, its queries and its threads are the program's own; the person types letter by letter, as unevenly
as people do, so that now and then counts and facets of the letters before are still being read. The peer asks the same
encrypted database by `LIKE '%…%'` over the same texts, and is spared the painting. FORECOURT_BENCH_UNITS makes the
stock smaller.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import exp
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.figures import Figure, percentile
from benchmarks.million_units import KEY, TODAY, UNITS, million_units

TYPED = (
    "byd", "比亚迪 汉", "tesla model y", "宝马 白", "lsv", "理想l9", "volkswagen tiguan", "dm-i 旗舰", "st-0998",
    "珍珠白", "porsche cayenne", "A-12", "hq h5", "奔驰 glc 4matic",
)  # fmt: skip
"""Makes, series, pinyin initials, colours, places, pieces of stock numbers; the VINs are taken from the stock."""
GOAL_MS, GOAL_RATIO = 20.0, 0.1
KEY_EVERY, UNEVEN, SHORTEST, LONGEST = 0.18, 0.45, 0.07, 0.7
"""Seconds between keys: the median of a log-normal distribution, its sigma, and what it is cut to."""
PAUSE, SETTLE = 0.6, 2.0
"""Seconds after a text and before the first."""
_PATIENCE = 30.0
_PEER_SAMPLES = 14
_PEER_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class _Workplace:
    """A desk's door for the page, on the benchmark's database."""

    dispatcher: Any
    actor: Any

    def read(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.dispatcher.read(function, self.actor, *args, **kwargs)


def run() -> list[Figure]:
    """p95 from key to painted rows, and against LIKE."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    count = int(os.environ.get("FORECOURT_BENCH_UNITS", UNITS))
    path = million_units(count)
    texts = (*TYPED, *_pieces_of_vins(path))
    _read_through(path)
    ours, typed = _type_on_the_page(path, texts)
    _read_through(path)
    peer = _ask_by_like(path, typed)
    p95, median, peer_p95 = percentile(ours, 0.95), percentile(ours, 0.5), percentile(peer, 0.95)
    words = f"LIKE '%…%' on the same {count:,} encrypted units, p95 {peer_p95 * 1000:.0f} ms, without painting"
    return [
        Figure(
            name="keystroke", value=round(p95 * 1000, 2), unit="ms p95", peer=words, ratio=round(p95 / peer_p95, 5),
            goal=f"≤ {GOAL_MS:g} ms and ≤ {GOAL_RATIO:g} ×",
            holds=p95 * 1000 <= GOAL_MS and p95 / peer_p95 <= GOAL_RATIO,
        ),
        Figure(
            name="keystroke-median", value=round(median * 1000, 2), unit="ms p50",
            peer=f"the same, p50 {percentile(peer, 0.5) * 1000:.0f} ms", ratio=round(median / percentile(peer, 0.5), 5),
            goal="–", holds=None,
        ),
    ]  # fmt: skip


def _read_through(path: Path) -> None:
    """Bring the file into the system's page cache, for both sides alike: a disk is not what is measured."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def _pieces_of_vins(path: Path) -> tuple[str, ...]:
    """The last six of three VINs from the stock, one of them with its make."""
    from db.engine import connect

    connection = connect(path, KEY, read_only=True)
    rows = connection.execute(
        "SELECT v.vin, m.name_zh FROM vehicle_unit v JOIN make m ON m.id = v.make_id WHERE v.stock_state = 'IN_STOCK'"
        " AND v.deleted_at IS NULL ORDER BY v.stock_state, v.arrived_on LIMIT 3"
    ).fetchall()
    connection.close()
    return (rows[0][0][-6:], rows[1][0][:8], f"{rows[2][1]} {rows[2][0][-6:]}")


def _type_on_the_page(path: Path, texts: tuple[str, ...]) -> tuple[list[float], list[str]]:
    """Seconds from key to painted rows for every letter after the first text, and what stood in the field then."""
    from PySide6.QtWidgets import QApplication

    from ui.kit.theme import Look, install_theme

    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    theme = install_theme(application, Look(scheme="light"))
    with _desk(path, theme) as context:
        return _Typist(application, context).type_all(texts)


class _Typist:
    """Presses keys on the page and looks when its rows are painted."""

    def __init__(self, application: Any, context: Any) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        from ui.vehicles.vehicles_page import VehiclesPage

        self._application = application
        self._shown = self._wanted = False
        self._loop = QEventLoop()  # waits without turning, so that the readers have the interpreter to themselves
        self._alarm = QTimer(singleShot=True)
        self._alarm.timeout.connect(self._loop.quit)
        self._page = VehiclesPage(context)
        self._page.resize(1280, 800)
        self._page.model.rows_shown.connect(self._on_rows_shown)
        self._page.show()
        self._page.activate({})

    def _on_rows_shown(self) -> None:
        self._shown = True
        if self._wanted:
            self._loop.quit()

    def _wait(self, seconds: float) -> None:
        """Let the window live for a while, or until the rows are there when they are wanted."""
        self._alarm.start(max(1, int(seconds * 1000)))
        self._loop.exec()
        self._alarm.stop()

    def type_all(self, texts: tuple[str, ...]) -> tuple[list[float], list[str]]:
        """Type each text into the emptied field; the first one warms the caches and is not counted."""
        seconds: list[float] = []
        typed: list[str] = []
        rhythm = Random(11)
        self._wait(SETTLE)
        for number, text in enumerate(texts):
            for letter in text:
                taken = self._press(letter)
                if number and letter != " ":
                    seconds.append(taken)
                    typed.append(self._page.filters.search.text())
                until_next = min(LONGEST, max(SHORTEST, KEY_EVERY * exp(rhythm.gauss(0.0, UNEVEN))))
                self._wait(max(0.0, until_next - taken))
            self._shown = False
            self._page.filters.search.clear()
            self._wait(PAUSE)
        self._page.close()
        self._page.deleteLater()
        self._application.processEvents()
        return seconds, typed

    def _press(self, letter: str) -> float:
        from PySide6.QtCore import QEvent, Qt
        from PySide6.QtGui import QKeyEvent

        self._shown = letter == " "  # a blank changes nothing that is searched for
        began = time.perf_counter()
        event = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
        self._application.sendEvent(self._page.filters.search, event)
        if not self._shown:
            self._wanted = True
            self._wait(_PATIENCE)
            self._wanted = False
        self._application.processEvents()  # paints what the rows have changed
        return time.perf_counter() - began


class _desk:
    """What a page needs, on the benchmark's database, with somebody signed in who may see everything."""

    def __init__(self, path: Path, theme: Any) -> None:
        self._path, self._theme = path, theme

    def __enter__(self) -> Any:
        from app.demo.stock import at_time
        from app.kernel.clock import FixedClock
        from app.kernel.dispatcher import Dispatcher
        from app.kernel.permissions import Role, actor_for
        from db.engine import Database
        from tests.ui.workplaces import MemoryDrafts, Notes, Travels
        from ui.kit.actions import ActionRegistry
        from ui.kit.context import PageContext
        from ui.kit.errors import ErrorPresenter
        from ui.kit.operations import Operations
        from ui.kit.view_settings import MemoryViewSettings

        clock = FixedClock(at_time(TODAY, 12))
        self._database = Database(self._path, KEY)
        actor = actor_for(
            staff_id="5" * 32, name="Bench", role=Role.BRANCH_MANAGER, branch_id="b" * 32, branch_code="SH01",
            desk_code="D01",
        )  # fmt: skip
        notes, errors = Notes(), ErrorPresenter()
        errors.attach(notifications=notes, show_bug=lambda text: print(text, file=sys.stderr))
        self._operations = Operations(_Workplace(Dispatcher(self._database, clock=clock), actor), errors=errors)
        actions = ActionRegistry()
        actions.use_actor(lambda: actor)
        return PageContext(
            operations=self._operations, navigator=Travels(), drafts=MemoryDrafts(), notifications=notes,
            theme=self._theme, actions=actions, views=MemoryViewSettings(), clock=clock,
        )  # fmt: skip

    def __exit__(self, *_: object) -> None:
        self._operations.close()
        self._database.close()


_LIKE = """
SELECT v.id, v.vin, m.name_zh, s.name_zh, y.year, t.name_zh, v.exterior_colour, v.location, v.list_price, v.arrived_on,
 v.stock_state, v.allocation_state FROM vehicle_unit v JOIN trim t ON t.id = v.trim_id
 JOIN model_year y ON y.id = t.model_year_id JOIN series s ON s.id = v.series_id JOIN make m ON m.id = v.make_id
 WHERE v.deleted_at IS NULL AND v.stock_state IN ('IN_TRANSIT', 'IN_STOCK', 'LENT') AND {words}
 ORDER BY v.arrived_on DESC, v.id DESC LIMIT 100
"""
_LIKE_COLUMNS = (
    "v.vin", "v.stock_number", "v.exterior_colour", "v.location", "m.name_zh", "m.name_en", "m.name_initials",
    "s.name_zh", "s.name_en", "s.name_initials", "t.name_zh", "t.name_en",
)  # fmt: skip


def _ask_by_like(path: Path, typed: list[str]) -> list[float]:
    """Seconds of the peer for an even choice of what was typed; one that takes longer than its patience is cut."""
    from db.engine import connect

    connection = connect(path, KEY, read_only=True)
    step = max(1, len(typed) // _PEER_SAMPLES)
    seconds: list[float] = []
    for text in typed[::step]:
        parts = [f"({' OR '.join(f'{column} LIKE ?' for column in _LIKE_COLUMNS)})" for _ in text.split()]
        values = [f"%{word}%" for word in text.split() for _ in _LIKE_COLUMNS]
        began = time.perf_counter()
        connection.set_progress_handler(lambda: int(time.perf_counter() - began > _PEER_PATIENCE), 100_000)  # noqa: B023
        try:
            connection.execute(_LIKE.format(words=" AND ".join(parts)), values).fetchall()
        except Exception as error:
            if "interrupted" not in str(error):
                raise
        seconds.append(time.perf_counter() - began)
    connection.close()
    return seconds
