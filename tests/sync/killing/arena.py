"""Kills desks and the service over and over, and judges at the end.

`python -m tests.sync.killing.arena FOLDER KILLS SEED [DATABASE]`: one process that has imported everything forks each
victim, so that a start costs milliseconds. Prints one line of JSON.
"""

import contextlib
import gc
import importlib
import json
import os
import random
import select
import shutil
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from app.kernel.errors import DomainError
from app.runtime.paths import Profile
from db.engine import Database
from db.schema import upgrade
from sync.client.enrolment import enrol
from sync.server.devices import make_code
from sync.server.settings import READY
from sync.server.store import Store
from tests.factories.databases import KEY, build_template, open_copy
from tests.sync.desks import customer_of
from tests.sync.killing.points import DESK_POINTS, MIGRATION_POINT, SERVICE_POINTS, arm
from tests.sync.killing.victims import Post, act, note_modules, serve_at, work_at
from tests.sync.machine.judged import Judged, JudgedStation
from tests.sync.machine.oracle import judge

DESKS = ("D01", "D02", "D03")
UNITS = 40
LONGEST_LIFE = 0.06
"""Seconds a victim of a random moment is left alone at most."""
POINT_SECONDS = 6.0
"""How long a named point is waited for; then the victim is killed where it is."""
START_SECONDS = 30.0
Work = Callable[[], None]


def fork(work: Work) -> int:
    """Run `work` in a process of its own that never returns here; its id."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(status)


def killed(pid: int) -> bool:
    """Wait for a process that is ending; tells whether it ended by SIGKILL. Raises RuntimeError for another end."""
    _, status = os.waitpid(pid, 0)
    if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
        raise RuntimeError(f"process {pid} ended by itself: {status}")
    return True


class Arena:
    """Three desks of one branch, one service. `kills` counts by victim and point."""

    def __init__(self, folder: Path, *, seed: int, database: str) -> None:
        self.folder, self.database = folder, database
        self.rng = random.Random(seed)
        self.kills: Counter[str] = Counter()
        self.data = folder / "service"
        self.data.mkdir(parents=True)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.store_url = database or f"sqlite:///{self.data / 'service.db'}"
        self.posts = {name: Post(name, Profile(folder / name).prepare()) for name in DESKS}
        self.alive: dict[str, int] = {}
        self.begins: dict[str, dict[str, tuple[int, str]]] = {}

    # --- preparing ------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Enrol every desk; the first one has stock and customers."""
        store = Store(self.store_url, pool=2)
        store.ensure_schema()
        codes = {
            name: make_code(
                store, tenant="main", branch_code="SH01", desk_code=name, scopes="*", role="administrator",
                now=time.time_ns() // 1000, seconds=600,
            )
            for name in DESKS
        }  # fmt: skip
        store.close()
        template = build_template(self.folder / "template.db")
        self.start("service")
        for name, post in self.posts.items():
            open_copy(template, post.profile.database_path, desk_code=name).close()
            post.profile.key_slots_path.write_text("{}", encoding="utf-8")
            desk = post.open(self.url)
            if name == DESKS[0]:
                trim = desk.records.trim()
                records = desk.records
                for _ in range(UNITS):
                    records.unit(trim)
                for who in ("张伟", "李娜", "王芳"):
                    customer_of(desk, name=who)
            enrol(desk.database, desk.engine.transport, code=codes[name], now=datetime.now(UTC))
            known = desk.engine.transport.credentials.load()
            assert known is not None
            after = desk.rows("SELECT acknowledged_n, acknowledged_hash FROM desk_state")[0]
            self.begins[name] = {known.device_id: (after[0], after[1])}
            desk.sync()
            self._shut(desk)
        self._learn()

    def _learn(self) -> None:
        """Import what victims import on their way, so that none of them has to: starts become cheap."""
        noted = self.folder / "modules.txt"
        pid = fork(lambda: self._rehearse(noted))
        if os.waitpid(pid, 0)[1]:
            raise RuntimeError("the rehearsal of a desk failed")
        os.kill(self.alive["service"], signal.SIGTERM)
        os.waitpid(self.alive.pop("service"), 0)
        for name in (noted.read_text() + (self.data / "modules.txt").read_text()).split():
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        gc.collect()
        gc.freeze()  # children share the pages: nothing of the parent's is looked through in them

    def _rehearse(self, noted: Path) -> None:
        post, rng = self.posts[DESKS[0]], random.Random(0)
        desk = post.open(self.url)
        said = os.open(post.said, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        for _ in range(12):
            with contextlib.suppress(DomainError):
                act(desk, rng, said)
            desk.sync()
        note_modules(noted)

    @staticmethod
    def _shut(desk: Any) -> None:
        desk.engine.transport.close()
        desk.database.close()

    # --- living and dying -----------------------------------------------------------------------

    def start(self, name: str, *, point: str = "") -> None:
        """Fork a victim; with a `point` it will kill itself there."""
        count = self.rng.randint(1, 3)
        if name != "service":
            seed = self.rng.randrange(1 << 30)
            work = partial(work_at, self.posts[name], self.url, seed)
            self.alive[name] = fork(lambda: self._armed(point, count, work))
            return
        reading, writing = os.pipe()
        self.alive[name] = fork(
            lambda: self._armed(point, count, lambda: serve_at(self.data, self.database, self.port, writing))
        )
        os.close(writing)
        with os.fdopen(reading, "rb") as ready:
            told, _, _ = select.select([ready], [], [], START_SECONDS)
            line = ready.readline().decode() if told else ""
        if not line.startswith(READY):
            log = self.data / "service.log"
            raise RuntimeError(f"the service did not start: {line}\n{log.read_text() if log.exists() else ''}")

    @staticmethod
    def _armed(point: str, count: int, work: Work) -> None:
        if point:
            arm(point, count)
        work()

    def kill(self, name: str) -> None:
        """SIGKILL at this moment."""
        pid = self.alive.pop(name)
        os.kill(pid, signal.SIGKILL)
        killed(pid)
        self.kills[f"{_kind(name)} at any moment"] += 1

    def kill_at(self, name: str, point: str) -> bool:
        """Restart with a point armed, which is a kill of its own; tells whether it was reached within its time."""
        self.kill(name)
        self.start(name, point=point)
        pid, until = self.alive[name], time.monotonic() + POINT_SECONDS
        while time.monotonic() < until:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
                    raise RuntimeError(f"{name} ended by itself on its way to “{point}”: {status}")
                del self.alive[name]
                self.kills[point] += 1
                return True
            time.sleep(0.002)
        self.kill(name)
        return False

    def run(self, kills: int) -> None:
        """Kill until there were so many."""
        points = [("service", one) for one in SERVICE_POINTS] + [("", one) for one in DESK_POINTS]
        planned = points * 2
        self.rng.shuffle(planned)
        tries = 3 * len(points)
        while self.kills.total() < kills:
            for name in (*DESKS, "service"):
                if name not in self.alive:
                    self.start(name)
            time.sleep(self.rng.uniform(0.0, LONGEST_LIFE))
            if planned:
                victim, point = planned.pop()
                if not self.kill_at(victim or self.rng.choice(DESKS), point) and tries:
                    planned.insert(0, (victim, point))
                    tries -= 1
            else:
                self.kill("service" if self.rng.random() < 0.4 else self.rng.choice(DESKS))
        for name in list(self.alive):
            self.kill(name)

    def migrations(self, kills: int) -> None:
        """A desk's file is brought from nothing to the present schema by processes that die on the way."""
        for number in range(kills):
            path = self.folder / f"migrated-{number}.db"
            for at in sorted(self.rng.sample(range(1, 14), 2)):
                pid = fork(lambda at=at, path=path: self._armed(  # type: ignore[misc]
                    MIGRATION_POINT, at, lambda: _migrate(path)))  # fmt: skip
                _, status = os.waitpid(pid, 0)
                if os.WIFSIGNALED(status):
                    self.kills[MIGRATION_POINT] += 1
            _migrate(path)
            database = Database(path, KEY)
            database.check_integrity()
            database.close()

    # --- judging --------------------------------------------------------------------------------

    def judge(self) -> dict[str, Any]:
        """Start everything once more, agree, and look at what there is."""
        self.start("service")
        stations = {
            name: JudgedStation(post.open(self.url), self.begins[name]) for name, post in self.posts.items()
        }  # fmt: skip
        sold = [post.said.read_text().split() if post.said.exists() else [] for post in self.posts.values()]
        orders = {order: name for name, ids in zip(self.posts, sold, strict=True) for order in ids}
        assert len(orders) == sum(map(len, sold))
        world = Judged(self.store_url, stations, orders)
        try:
            world.settle()
            judge(world)  # type: ignore[arg-type]
            for station in world.stations.values():
                station.desk.database.check_integrity()
            lost = world.centre.rows("SELECT count(*) FROM claim_conflict")[0][0]
            return {"orders": len(world.orders), "conflicts": lost}
        finally:
            world.close()
            os.kill(self.alive["service"], signal.SIGKILL)
            killed(self.alive.pop("service"))

    def stop(self) -> None:
        """End what is still there."""
        for pid in self.alive.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _kind(name: str) -> str:
    return "service" if name == "service" else "desk"


def _migrate(path: Path) -> None:
    database = Database(path, KEY)
    try:
        upgrade(database)
    finally:
        database.close()


def main(folder: Path, kills: int, seed: int, database: str) -> None:
    """One fight; its summary on standard output."""
    begun = time.perf_counter()
    arena = Arena(folder, seed=seed, database=database)
    try:
        arena.prepare()
        arena.run(kills)
        arena.migrations(4)
        fought = time.perf_counter() - begun
        found = arena.judge()
    finally:
        arena.stop()
        shutil.rmtree(folder / "template.db", ignore_errors=True)
    total = time.perf_counter() - begun
    print(json.dumps({"kills": dict(arena.kills), "fought": fought, "seconds": total, **found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else "")
