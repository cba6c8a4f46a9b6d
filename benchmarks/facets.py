"""Questions to the catalogue as somebody asks them in front of a customer, on 20,000 trims and a million units.

Texts letter by letter, values ticked one after the other, ends of ranges and weights dragged: each step is a question
to the encrypted database, answered with forty hits with reasons, free units by place, and the counts of *all* facets (a
page asks for those that are open only). As in the window, where it runs between events on the GUI thread, the cycle
collector does not run in between. The peer answers the same restrictions from the same tables by plain SQL over
`json_extract`, hits and the counts of five facets, without fit, text and reasons. FORECOURT_BENCH_UNITS makes the stock
smaller.
"""

import gc
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, percentile
from benchmarks.million_units import KEY, TODAY, UNITS, million_units

GOAL_MS = 50.0
TYPED = (
    "byd", "比亚迪 汉", "理想l9", "续航600km以上 suv", "under 200,000 awd", "volkswagn", "7座 mpv 40万以下", "tigaun",
    "纯电 15-25万", "宝马 四驱", "奔驰 glc", "fengtian", "座椅加热 全景天窗 <30万", "model y",
)  # fmt: skip
_WRITES = 6
_PEER_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class _Desk:
    """A desk's dispatcher on the benchmark's database, and who sits there."""

    dispatcher: Any
    actor: Any

    def ask(self, question: Any) -> Any:
        from app.finder.queries import find_trims

        return self.dispatcher.read(find_trims, self.actor, question)


def run() -> list[Figure]:
    """p95 of a question, and what it takes to be ready for the first one."""
    from app.kernel.clock import FixedClock
    from app.kernel.dispatcher import Dispatcher
    from db.engine import Database

    count = int(os.environ.get("FORECOURT_BENCH_UNITS", UNITS))
    path = million_units(count)
    _read_through(path)
    database = Database(path, KEY)
    gc.disable()
    try:
        from app.demo.stock import at_time

        desk = _Desk(Dispatcher(database, clock=FixedClock(at_time(TODAY, 12))), _actor(path))
        anew, kept, trims = _opening(desk)
        questions = list(_questions(desk))
        seconds = [_timed(lambda one=one: desk.ask(one)) for one in questions]  # type: ignore[misc]
        after_writes = _after_writes(database, desk, questions[len(questions) // 2])
    finally:
        gc.enable()
        database.close()
    peer = _ask_plainly(path, questions)
    return _figures(seconds, peer, anew=anew, kept=kept, after=after_writes, trims=trims, units=count)


def _figures(
    seconds: list[float], peer: list[float], *, anew: float, kept: float, after: list[float], trims: int, units: int
) -> list[Figure]:
    p95, median, peer_p95 = percentile(seconds, 0.95), percentile(seconds, 0.5), percentile(peer, 0.95)
    what = f"{trims:,} trims, {units:,} units"
    words = f"json_extract over the same {what}, five facets, p95 {peer_p95 * 1000:.0f} ms"
    return [
        Figure(
            name="facets", value=round(p95 * 1000, 2), unit="ms p95", peer=words, ratio=round(p95 / peer_p95, 5),
            goal=f"≤ {GOAL_MS:g} ms", holds=p95 * 1000 <= GOAL_MS,
        ),
        _told("facets-median", median * 1000, "ms p50", f"{len(seconds)} questions, all facets counted"),
        _told("facets-after-write", percentile(after, 0.5) * 1000, "ms", "the first question after a unit was written"),
        _told("facets-open", kept * 1000, "ms", f"{what}: columns as this desk keeps them, until they can be asked"),
        _told("facets-open-anew", anew * 1000, "ms", "the same with nothing kept: the whole catalogue is read"),
    ]  # fmt: skip


def _told(name: str, value: float, unit: str, words: str) -> Figure:
    return Figure(name=name, value=round(value, 2), unit=unit, peer=words, ratio=None, goal="–", holds=None)


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _read_through(path: Path) -> None:
    """Bring the file into the system's page cache: a disk is not what is measured."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def _actor(path: Path) -> Any:
    from app.kernel.permissions import Role, actor_for
    from db.engine import connect

    connection = connect(path, KEY, read_only=True)
    branch = connection.execute("SELECT id FROM branch ORDER BY id LIMIT 1").fetchone()[0]
    connection.close()
    return actor_for(
        staff_id="5" * 32, name="Bench", role=Role.SALESPERSON, branch_id=branch, branch_code="SH01", desk_code="D01"
    )


def _opening(desk: _Desk) -> tuple[float, float, int]:
    """Seconds until questions can be asked with nothing kept, and with the columns kept; and how many trims."""
    from app.finder.commands import KeepColumns
    from app.finder.keeping import forget_columns
    from app.finder.queries import columns_to_keep, prepare_columns

    def prepare() -> Any:
        return desk.dispatcher.read(prepare_columns, desk.actor)

    forget_columns()
    _forget_kept(desk)
    anew = _timed(prepare)
    packed = desk.dispatcher.read(columns_to_keep, desk.actor)
    desk.dispatcher.execute(KeepColumns(path=packed.path, body=packed.body), desk.actor)
    forget_columns()
    kept = _timed(prepare)
    return anew, kept, prepare()


def _forget_kept(desk: _Desk) -> None:
    with desk.dispatcher.database.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM finder_columns")


def _questions(desk: _Desk) -> Iterator[Any]:
    """Everything that is asked, each question once."""
    from app.finder.rules import Importance, Question, Restriction, StockWish

    everything = Question(facets=None)
    yield everything
    for text in TYPED:
        for end in range(1, len(text) + 1):
            if text[end - 1] != " ":
                yield replace(everything, text=text[:end])
    asked = everything
    for step in _ticks(desk.ask(everything)):
        asked = asked.with_restriction(step)
        yield asked
    for low in range(50_000, 300_000, 10_000):
        yield asked.with_restriction(Restriction(code="@price", low=float(low), high=low + 200_000.0))
    for km in range(200, 700, 25):
        yield everything.with_restriction(Restriction(code="electric_range", low=float(km)))
    matters = (
        "electric_range", "@price", "acceleration_0_100", "luggage_volume", "heated_seats", "consumption_combined",
    )  # fmt: skip
    for turn in range(40):
        importances = tuple(
            Importance(code=code, weight=(turn * (place + 3)) % 11) for place, code in enumerate(matters)
        )
        stock = StockWish.HERE if turn % 3 == 0 else StockWish.ANY
        yield replace(everything, importances=importances, stock=stock, text="suv" if turn % 2 else "")


def _ticks(found: Any) -> Iterator[Any]:
    """One restriction after the other, each leaving something."""
    from app.finder.rules import Restriction

    facets = {facet.code: facet for facet in found.facets}
    for code in ("@energy", "drive", "body", "heated_seats", "adaptive_cruise", "@make"):
        facet = facets[code]
        counted = sorted(zip(facet.counts, facet.values, strict=True), key=lambda pair: -pair[0])[:3]
        yield Restriction(code=code, values=tuple(value.value for _, value in counted))


def _after_writes(database: Any, desk: _Desk, question: Any) -> list[float]:
    """A write makes the free units be counted anew; every reading connection notices it for itself."""
    found: list[float] = []
    for _ in range(_WRITES):
        with database.exclusive() as connection:
            connection.exec_driver_sql(
                "UPDATE vehicle_unit SET location = location WHERE id = (SELECT id FROM vehicle_unit LIMIT 1)"
            )
        found.append(_timed(lambda: desk.ask(question)))
    return found


# --- the peer ----------------------------------------------------------------------------------------

_FROM = (
    " FROM trim t JOIN model_year y ON y.id = t.model_year_id JOIN series s ON s.id = y.series_id"
    " JOIN make m ON m.id = s.make_id WHERE t.deleted_at IS NULL"
)
_COUNTED = ("@energy", "@make", "drive", "body", "heated_seats")
_OWN = {"@energy": "t.energy", "@make": "m.id", "@price": "t.guide_price / 100.0", "@year": "y.year"}


def _column(code: str) -> str:
    """A parameter with what it inherits."""
    levels = ", ".join(f"json_extract({level}.parameters, '$.{code}')" for level in "tysm")
    return _OWN.get(code) or f"coalesce({levels})"


def _condition(restriction: Any) -> tuple[str, list[Any]]:
    column = _column(restriction.code)
    if restriction.values:
        return f"{column} IN ({', '.join('?' * len(restriction.values))})", list(restriction.values)
    ends = [(sign, end) for sign, end in ((">=", restriction.low), ("<=", restriction.high)) if end is not None]
    return " AND ".join(f"{column} {sign} ?" for sign, _ in ends), [end for _, end in ends]


def _ask_plainly(path: Path, questions: list[Any]) -> list[float]:
    """Seconds for an even choice of the questions with restrictions; one that takes longer than its patience is cut."""
    from db.engine import connect

    connection = connect(path, KEY, read_only=True)
    restricted = [question for question in questions if question.restrictions]
    found = [_timed(lambda one=one: _plainly(connection, one)) for one in restricted[:: max(1, len(restricted) // 6)]]  # type: ignore[misc]
    connection.close()
    return found


def _plainly(connection: Any, question: Any) -> None:
    began = time.perf_counter()
    connection.set_progress_handler(lambda: int(time.perf_counter() - began > _PEER_PATIENCE), 100_000)
    free = (
        "(SELECT count(*) FROM vehicle_unit v WHERE v.trim_id = t.id AND v.deleted_at IS NULL AND v.stock_state IN"
        " ('IN_STOCK', 'IN_TRANSIT') AND v.allocation_state = 'FREE' AND v.quality_state = 'NORMAL')"
    )
    try:
        rules = {one.code: _condition(one) for one in question.restrictions}
        where, values = _where(rules)
        connection.execute(
            f"SELECT t.id, t.name_zh, t.guide_price, {free}{_FROM}{where} ORDER BY t.guide_price, t.id LIMIT 40", values
        ).fetchall()
        for code in _COUNTED:
            where, values = _where({key: rule for key, rule in rules.items() if key != code})
            connection.execute(f"SELECT {_column(code)}, count(*){_FROM}{where} GROUP BY 1", values).fetchall()
    except Exception as error:
        if "interrupted" not in str(error):
            raise


def _where(rules: dict[str, tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
    bound = [one for _, values in rules.values() for one in values]
    return "".join(f" AND {rule}" for rule, _ in rules.values()), bound
