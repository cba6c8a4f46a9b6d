"""The way of a contract from the draft to its proof as single steps, each to be killed at every moment of it."""

import base64
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.contracts.authorities.commands import RefreshRevocationList
from app.contracts.commands import ArchiveContract, LockContract
from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.contracts.queries import get_contract
from app.contracts.stamps.commands import StampContract
from app.contracts.stamps.roots import keep_roots
from app.contracts.stamps.stamping import make_stamp, stamp_material
from app.kernel.clock import FixedClock
from db.engine import Database
from db.models.contracts import Contract
from sync.client.document_log import LogKeeper
from sync.server.devices import Device, ensure_tenant
from sync.server.document_log import enter
from sync.server.document_log_endpoints import LogMessage, tell_log
from sync.server.service_key import ServiceKey
from tests.app.contracts.stamping_samples import LocalCentre
from tests.app.sale_desk import SaleDesk
from tests.factories.databases import KEY

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
TENANT = "main"
SERVICE_KEY = ServiceKey(base64.urlsafe_b64encode(bytes(32)).decode("ascii"))
"""The same in every process, as at a service that is started again."""


class LogOfCentre:
    """The centre's log as the desk asks for it, without a network between."""

    address = "local"
    is_enrolled = True

    def __init__(self, centre: LocalCentre) -> None:
        self._centre = centre

    def ask(self, _question: str, message: dict[str, Any]) -> dict[str, Any]:
        device = Device(
            tenant=TENANT, id="d" * 32, branch_id="", branch_code="SH01", desk_code="D01", scopes=None, role="desk",
            key_hash="", last_n=0, last_hash="", seen_n=0, replaces="", enrolled_at=0, last_seen_at=0, revoked_at=None,
        )  # fmt: skip
        now_ms = int(NOW.timestamp() * 1000)
        return tell_log(self._centre.store, device, LogMessage(**message), key=SERVICE_KEY, now_ms=now_ms)


@dataclass
class Post:
    """A desk at a file, and the centre beside it."""

    desk: SaleDesk
    contract_id: str
    folder: Path

    @classmethod
    def at(cls, file: Path, contract_id: str, folder: Path) -> "Post":
        database = Database(file, KEY)
        use_signing_keys(HeldKeys.from_text((folder / "keys.json").read_text(encoding="ascii")))
        return cls(SaleDesk.reopened(database, FixedClock(NOW)), contract_id, folder)

    def close(self) -> None:
        self.desk.dispatcher.database.close()

    def lock(self) -> None:
        detail = self.desk.read(get_contract, self.contract_id)
        revision, shown = detail.row.revision, detail.shown_digest
        self.desk.do(LockContract(contract_id=self.contract_id, expected_revision=revision, shown_digest=shown))

    def sign(self, party: str) -> None:
        self.desk.do(self.desk.signature(self.contract_id, party))

    def make_seal(self) -> None:
        """Both signatures and the seal in the PDF, checked; nothing is stored."""
        self._keep("seal", self.desk.seal(self.contract_id))

    def store_seal(self) -> None:
        self.desk.do(self._kept("seal"))

    def trust(self) -> None:
        with self._centre() as centre:
            keep_roots(self.desk.dispatcher.database, centre.authority(), now=NOW)
        self.desk.do(RefreshRevocationList())

    def make_stamp(self) -> None:
        """Both time-stamps and what is between them, checked; nothing is stored."""
        with self._centre() as centre:
            made = make_stamp(self.desk.read(stamp_material, self.contract_id), centre, now=NOW)
        self._keep("stamp", StampContract(contract_id=self.contract_id, prepared=made))

    def store_stamp(self) -> None:
        self.desk.do(self._kept("stamp"))

    def archive(self) -> None:
        revision = self.desk.read(get_contract, self.contract_id).row.revision
        self.desk.do(ArchiveContract(contract_id=self.contract_id, expected_revision=revision))

    def prove(self) -> None:
        sealed = self.desk.row(Contract, self.contract_id).sealed_digest
        with self._centre() as centre:
            with centre.store.write() as connection:
                ensure_tenant(centre.store, connection, TENANT, now=int(NOW.timestamp() * 1e6))
                enter(centre.store, connection, tenant=TENANT, digests=[sealed], now=int(NOW.timestamp() * 1e6))
            keeper = LogKeeper(
                self.desk.dispatcher.database, LogOfCentre(centre), clock=self.desk.clock, on_changes=lambda _: None
            )  # fmt: skip
            keeper.keep(asked=True)

    def _keep(self, name: str, command: Any) -> None:
        (self.folder / f"{name}.pickle").write_bytes(pickle.dumps(command))

    def _kept(self, name: str) -> Any:
        return pickle.loads((self.folder / f"{name}.pickle").read_bytes())

    def _centre(self) -> "_Opened":
        # A copy each time: what is killed is the desk, and two must not write to one centre.
        copy = self.folder / f"centre-{os.getpid()}"
        shutil.copytree(self.folder / "centre", copy, dirs_exist_ok=True)
        return _Opened(copy)


class _Opened:
    def __init__(self, folder: Path) -> None:
        self._centre = LocalCentre(folder, now=NOW + timedelta(minutes=5), key=SERVICE_KEY)

    def __enter__(self) -> LocalCentre:
        return self._centre

    def __exit__(self, *_: object) -> None:
        self._centre.close()


STEPS: dict[str, Callable[[Post], None]] = {
    "lock": Post.lock,
    "the buyer signs": lambda post: post.sign("buyer"),
    "the dealer signs": lambda post: post.sign("dealer"),
    "make the seal": Post.make_seal,
    "store the sealed document": Post.store_seal,
    "trust the centre": Post.trust,
    "make the time-stamps": Post.make_stamp,
    "store the time-stamped document": Post.store_stamp,
    "prove the entry": Post.prove,
    "archive": Post.archive,
}
"""In their order; each finds the file as the one before left it."""
