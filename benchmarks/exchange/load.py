"""Many desks at once against a service of its own: plain messages of the protocol, so that the service is what works.

The desks live in the benchmark's process. Messages are made before anything is measured; what the service took is its
own processor time, which other work of the machine does not touch.
"""

import contextlib
import http.client
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from db.ids import new_id
from db.types import dump_json
from sync.protocol import codec
from sync.protocol.limits import COMPRESS_FROM
from sync.protocol.operations import chain
from sync.protocol.versions import SCHEMA_VERSION
from sync.server.devices import enrol, issue_token, make_code
from sync.server.store import Store
from tests.sync.postgres_cluster import Cluster
from tests.sync.service_process import ServiceProcess

_SECONDS = 120.0
_RETRIES = 50
Body = dict[str, Any]


@dataclass(slots=True)
class LoadDesk:
    """A desk as the service sees it: its token, where its operations end, how far it has read."""

    branch_id: str
    tenant: str
    device_id: str
    key: str
    token: str = ""
    n: int = 0
    hash: str = ""
    cursors: dict[str, int] = field(default_factory=dict)
    epoch: str = ""

    def push_body(self, operations: Sequence[str], names: Sequence[tuple[str, str, str, str]], *, page: bool) -> bytes:
        """The next push: operations as JSON without their numbers, and `(txn, kind, table, id)` of each."""
        before = {"n": self.n, "hash": self.hash}
        numbered = []
        for text, name in zip(operations, names, strict=True):
            self.n += 1
            self.hash = chain(self.hash, self.n, *name)
            numbered.append(f'{{"n":{self.n},{text[1:]}')
        asked = self.pull_message() if page else None
        head = dump_json({"epoch": self.epoch, "previous": before, "pull": asked})
        return f'{head[:-1]},"operations":[{",".join(numbered)}]}}'.encode()

    def pull_message(self, *, limit: int = 1000) -> dict[str, Any]:
        """What asks for the next page, as a desk that knows all answers asks it."""
        return {
            "epoch": self.epoch, "cursors": self.cursors, "limit": limit,
            "acknowledged": {"n": self.n, "hash": self.hash},
        }  # fmt: skip

    def took(self, page: dict[str, Any] | None) -> bool:
        """Move on by a page; tells whether there is more."""
        if page is None:
            return False
        self.cursors |= page["cursors"]
        self.epoch = page["epoch"]
        return bool(page["more"])


class Line:
    """One kept-alive connection; threads have one each."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)

    def send(self, name: str, body: bytes, desk: LoadDesk) -> Any:
        """One request, repeated while the service is busy. Raises RuntimeError for a refusal."""
        headers = {
            "Authorization": f"Bearer {desk.token}", "Accept-Encoding": codec.ZSTD, "Forecourt-Protocol": "1",
            "Content-Type": "application/json",
        }  # fmt: skip
        if len(body) >= COMPRESS_FROM:
            body, headers["Content-Encoding"] = codec.compress(body, codec.ZSTD), codec.ZSTD
        for _ in range(_RETRIES):
            self._connection.request("POST", f"/v1/{name}", body, headers)
            answer = self._connection.getresponse()
            found = codec.decompress(answer.read(), answer.headers.get("Content-Encoding", ""))
            if answer.status == 200:
                return json.loads(found)
            if answer.status not in (429, 503):
                break
            time.sleep(min(float(answer.headers.get("Retry-After") or 1.0), 2.0))
        raise RuntimeError(f"{name}: {answer.status} {found[:300]!r}")

    def read_all(self, desk: LoadDesk) -> None:
        """Pull to the head."""
        while desk.took(self.send("pull", codec.dump(desk.pull_message(limit=5000)), desk)):
            pass

    def close(self) -> None:
        self._connection.close()


@dataclass(slots=True)
class Centre:
    """A running service, its database, and what of the processor it has used."""

    service: ServiceProcess
    store: Store
    cluster: Cluster | None = None

    def desk(self, branch_code: str, desk_code: str, branch_id: str, *, scopes: str | tuple[str, ...] = ()) -> LoadDesk:
        """Enrol a desk and give it a token."""
        now = time.time_ns() // 1000
        code = make_code(
            self.store, tenant="main", branch_code=branch_code, desk_code=desk_code, scopes=scopes,
            role="administrator", now=now, seconds=600,
        )  # fmt: skip
        known = enrol(self.store, code=code, branch_id=branch_id, after_n=0, after_hash="", now=now)
        desk = LoadDesk(branch_id, known["tenant"], known["device_id"], known["key"])
        self.renew_token(desk)
        return desk

    def renew_token(self, desk: LoadDesk) -> None:
        """Tokens are short-lived; a benchmark asks for them beside the clock."""
        told = issue_token(
            self.store, tenant=desk.tenant, device_id=desk.device_id, key=desk.key, now=time.time_ns() // 1000
        )
        desk.token = told["access_token"]

    def scalar(self, statement: str) -> Any:
        """One value of the service's database; the only `?` is the tenant."""
        with self.store.read() as connection:
            return self.store.run(connection, statement, ("main",)).scalar()

    def used(self) -> float:
        """Processor seconds of the service so far, and of its database server where there is one."""
        pids = [self.service.pid]
        if self.cluster is not None:
            pids.append(int((self.cluster.root / "data" / "postmaster.pid").read_text().split()[0]))
        return sum(_seconds(psutil.Process(pid)) for pid in pids)


def _seconds(process: psutil.Process) -> float:
    """Of a process, the children it has and those it had."""
    taken = process.cpu_times()
    own = taken.user + taken.system + taken.children_user + taken.children_system
    for child in process.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            used = child.cpu_times()
            own += used.user + used.system
    return float(own)


@contextmanager
def centre(folder: Path, *, postgres: bool = False) -> Iterator[Centre]:
    """A service on its SQLite default, or on a PostgreSQL server of its own that writes as durably as in production.

    All desks come from one address here, in minutes instead of a day: so without the limits on how often.
    """
    cluster = Cluster(durable=True) if postgres else None
    try:
        database = cluster.create_database() if cluster is not None else ""
        with ServiceProcess(folder, database=database, arguments=("--no-rate-limits",)) as service:
            store = Store(service.database or f"sqlite:///{service.data / 'service.db'}", pool=4)
            try:
                yield Centre(service, store, cluster)
            finally:
                store.close()
    finally:
        if cluster is not None:
            cluster.stop()


def together(url: str, desks: Sequence[LoadDesk], work: Any, *, threads: int) -> list[Any]:
    """`work(line, desk)` for every desk, on so many threads with a connection each; what each returned."""

    def run(portion: Sequence[LoadDesk]) -> list[Any]:
        line = Line(url)
        try:
            return [work(line, desk) for desk in portion]
        finally:
            line.close()

    with ThreadPoolExecutor(threads) as pool:
        return [one for found in pool.map(run, [desks[at::threads] for at in range(threads)]) for one in found]


def branch_operation(branch_id: str, code: str, template: dict[str, Any]) -> tuple[str, tuple[str, str, str, str]]:
    """The record of a branch as a push carries it; `template` are the fields of another branch."""
    txn = new_id()
    fields = {**template, "code": code, "name_zh": f"{code} 店", "name_en": f"Branch {code}"}
    body = {
        "txn": txn, "v": SCHEMA_VERSION, "kind": "put", "table": "branch", "id": branch_id, "scope": "group", "base": 0,
        "fields": fields, "clock": f"{time.time_ns() // 1_000_000:012x}0000-load0001", "at": 0, "by": "", "new": True,
    }  # fmt: skip
    return dump_json(body), (txn, "put", "branch", branch_id)
