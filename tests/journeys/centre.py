"""A central service for journeys: started, killed, replaced by nonsense, and looked into."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from sync.server.devices import DEFAULT_TENANT, make_code
from sync.server.store import Store
from sync.server.upkeep import check
from tests.sync.service_process import ServiceProcess


class Centre:
    """`with Centre(folder) as centre: centre.code("D01")`. The service may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.service = ServiceProcess(folder)

    def __enter__(self) -> "Centre":
        self.service.start()
        self.store = Store(f"sqlite:///{self.service.data / 'service.db'}", pool=2)
        return self

    def __exit__(self, *details: object) -> None:
        self.store.close()
        self.service.stop()

    @property
    def url(self) -> str:
        """Where it listens, the same after each start."""
        return self.service.url

    def code(self, desk: str, *, branch: str = "SH01", group: str = DEFAULT_TENANT) -> str:
        """A one-time code that is good for ten minutes; `group` for a dealer group of its own at this service."""
        return make_code(
            self.store, tenant=group, branch_code=branch, desk_code=desk, scopes="*", role="administrator",
            now=time.time_ns() // 1000, seconds=600,
        )  # fmt: skip

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read the centre's database."""
        with self.store.read() as connection:
            return [tuple(row) for row in self.store.run(connection, statement, values)]

    def ids(self, table: str, *, group: str = DEFAULT_TENANT) -> list[str]:
        """The records of a kind that the centre has, each as often as it has it."""
        statement = "SELECT record_id FROM replica_row WHERE tenant_id = ? AND table_name = ?"
        return [row[0] for row in self.rows(statement, group, table)]

    def owners(self, *, group: str = DEFAULT_TENANT) -> dict[str, str]:
        """VIN → the order that holds the vehicle. A VIN is a key of the table: there cannot be two."""
        statement = "SELECT vin, holder_id FROM vehicle_claim WHERE tenant_id = ? AND kind = 'order'"
        return dict(self.rows(statement, group))

    def findings(self) -> list[Any]:
        """What the service's own check finds wrong; should be nothing."""
        return list(check(self.store))

    @contextmanager
    def replaced_by(self, *, status: int, body: str, kind: str = "text/html") -> Iterator[None]:
        """While the service is down, something else answers at its address."""
        port = int(self.url.rpartition(":")[2])

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                content = body.encode("utf-8")
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST

            def log_message(self, *_args: Any) -> None:
                """Not on the test's output."""

        server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
