"""Desks and a centre whose clocks are set by the test, for leases: nothing waits for real time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.kernel.clock import FixedClock
from sync.client.engine import SyncEngine
from sync.client.enrolment import enrol
from sync.server.devices import issue_token, make_code
from sync.server.store import Store
from tests.factories.databases import open_copy
from tests.factories.people import SHANGHAI, BranchFixture
from tests.sync.desks import Desk
from tests.sync.direct_transport import DirectTransport
from tests.sync.losing_transport import LosingTransport


@dataclass(slots=True)
class Centre:
    """A centre in this process; its clock stands still until it is moved, and the desks' clocks with it."""

    store: Store
    clock: FixedClock = field(default_factory=lambda: FixedClock(datetime.now(UTC)))
    desks: list[Desk] = field(default_factory=list)

    @property
    def now_ms(self) -> int:
        return int(self.clock.now().timestamp() * 1000)

    def wait(self, span: timedelta) -> None:
        """Time goes by everywhere."""
        self.clock.advance(span)
        for desk in self.desks:
            desk.clock.advance(span)

    def desk(
        self, template: Path, folder: Path, name: str, *, branch: BranchFixture = SHANGHAI,
        ahead: timedelta = timedelta(0),
    ) -> Desk:  # fmt: skip
        """A desk whose clock is ahead of the centre's, or behind."""
        database = open_copy(template, folder / f"{name}-{len(self.desks)}.db", branch_id=branch.id, desk_code=name)
        clock = FixedClock(self.clock.now() + ahead)
        transport: Any = LosingTransport(
            FreshTransport(self.store, clock_ms=lambda: self.now_ms), lambda called, count: ""  # type: ignore[arg-type]
        )
        code = make_code(
            self.store, tenant="main", branch_code=branch.code, desk_code=name, scopes="*", role="administrator",
            now=self.now_ms * 1000, seconds=600,
        )  # fmt: skip
        enrol(database, transport, code=code, now=clock.now())
        engine = SyncEngine(database, transport, clock=clock, page_rows=50, batch_operations=20)
        desk = Desk(name, database, engine, clock, branch, [], [])
        self.desks.append(desk)
        return desk

    def close(self) -> None:
        for desk in self.desks:
            desk.database.close()
        self.store.close()


class FreshTransport(DirectTransport):
    """Always has a token that is good: what the test is about is not that these end."""

    def _call(self, work: Callable[..., Any], message: bytes) -> dict[str, Any]:
        known = self.credentials.load()
        if known is not None:
            token = issue_token(
                self._store, tenant=known.tenant, device_id=known.device_id, key=known.key, now=self._now() * 1000
            )
            self._token = token["access_token"]
        return super()._call(work, message)


def secure(desk: Desk, *vins: str, hours: int = 24) -> Any:
    """Take leases at a desk, as its manager would."""
    return desk.engine.leases.secure(vins, hours=hours, by="")


def cut(desk: Desk, lost: str = "request") -> None:
    """The desk's line is dead: nothing arrives, or no answer comes back."""
    desk.engine.transport.plan = lambda called, count: lost  # type: ignore[attr-defined]


def mend(desk: Desk) -> None:
    """The line works again."""
    desk.engine.transport.plan = lambda called, count: ""  # type: ignore[attr-defined]
