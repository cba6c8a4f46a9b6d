"""Three desks at work behind a faulty proxy, then the final oracle.

`python -m tests.sync.faulty.journey FOLDER REQUESTS SEED`: a process of its own, so that it can run in a network of its
own. Prints one line of JSON.
"""

import json
import logging
import os
import random
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.kernel.errors import DomainError
from app.runtime.paths import Profile
from sync.client.enrolment import enrol
from sync.client.errors import SyncProblem
from tests.factories.databases import build_template, open_copy
from tests.sync.desks import Desk, customer_of
from tests.sync.faulty.proxy import PATIENCE, Proxy
from tests.sync.killing.victims import Post, act
from tests.sync.machine.judged import Judged, JudgedStation
from tests.sync.machine.oracle import judge
from tests.sync.service_process import ServiceProcess

DESKS = ("D01", "D02", "D03")
UNITS = 60
MOST_SECONDS = 240.0


def prepared(folder: Path, service: ServiceProcess) -> tuple[list[Post], dict[str, Any]]:
    """Desks that have joined and agreed over a network without faults."""
    template = build_template(folder / "template.db")
    posts, begins = [], {}
    for name in DESKS:
        post = Post(name, Profile(folder / name).prepare())
        open_copy(template, post.profile.database_path, desk_code=name).close()
        post.profile.key_slots_path.write_text("{}", encoding="utf-8")
        desk = post.open(service.url)
        if name == DESKS[0]:
            records = desk.records
            trim = records.trim()
            for _ in range(UNITS):
                records.unit(trim)
            for who in ("张伟", "李娜", "王芳"):
                customer_of(desk, name=who)
        enrol(desk.database, desk.engine.transport, code=service.enrol("SH01", name), now=datetime.now(UTC))
        known = desk.engine.transport.credentials.load()
        assert known is not None
        begins[name] = {known.device_id: desk.rows("SELECT acknowledged_n, acknowledged_hash FROM desk_state")[0]}
        desk.sync()
        desk.engine.transport.close()
        desk.database.close()
        posts.append(post)
    return posts, begins


def work(post: Post, proxy: Proxy, requests: int, seed: int, failed: list[BaseException]) -> None:
    """One desk: something is done, then exchanged, until the proxy has seen enough."""
    rng, desk = random.Random(seed), _impatient(post, proxy.url)
    said = os.open(post.said, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    until = time.monotonic() + MOST_SECONDS
    try:
        while proxy.requests < requests and time.monotonic() < until:
            with suppress(DomainError):
                act(desk, rng, said)
            with suppress(SyncProblem):
                desk.sync()
    except BaseException as error:
        failed.append(error)
        raise
    finally:
        os.close(said)
        desk.engine.transport.close()
        desk.database.close()


def _impatient(post: Post, url: str) -> Desk:
    desk = post.open(url)
    desk.engine.transport._timeout = (PATIENCE, PATIENCE)
    return desk


def run(folder: Path, requests: int, seed: int) -> dict[str, Any]:
    """The whole journey; raises AssertionError with what is not as it must be."""
    begun = time.perf_counter()
    with ServiceProcess(folder / "service", arguments=("--no-rate-limits",)) as service:
        posts, begins = prepared(folder, service)
        port = int(service.url.rpartition(":")[2])
        failed: list[BaseException] = []
        with Proxy(("127.0.0.1", port), seed=seed) as proxy:
            threads = [
                threading.Thread(target=work, args=(post, proxy, requests, seed + at, failed))
                for at, post in enumerate(posts)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert not failed, failed
        stations = {post.name: JudgedStation(post.open(service.url), begins[post.name]) for post in posts}
        orders = {order: post.name for post in posts for order in post.said.read_text().split()}
        world = Judged(f"sqlite:///{service.data / 'service.db'}", stations, orders)
        try:
            world.settle()
            judge(world)  # type: ignore[arg-type]
            renewed = world.centre.rows("SELECT count(*) FROM device WHERE replaces <> ''")[0][0]
        finally:
            world.close()
        assert "Traceback" not in service.log(), service.log()[-3000:]
    return {
        "requests": proxy.requests, "met": dict(proxy.met), "orders": len(orders), "renewed": renewed,
        "seconds": round(time.perf_counter() - begun, 1),
    }  # fmt: skip


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    print(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
