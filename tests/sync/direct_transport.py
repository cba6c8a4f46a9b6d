"""A transport that calls the service's functions in this process: the same messages, no network in between."""

import time
from collections.abc import Callable
from typing import Any

from sync.client.credentials import Credentials, KeptCredentials
from sync.client.errors import BY_CODE
from sync.protocol import codec
from sync.server.closing import closing
from sync.server.closing_endpoints import ClosingMessage
from sync.server.devices import authenticate, enrol, issue_token, renew
from sync.server.digests import digest
from sync.server.document_log_endpoints import LogMessage, tell_log
from sync.server.inquiries import compare, fetch_rows, find_stock
from sync.server.leases import LeaseMessage, change_leases
from sync.server.publish import apply_publication
from sync.server.pull import page_after_push, read_page
from sync.server.push import Push, apply_push
from sync.server.refusals import Refusal
from sync.server.service_key import ServiceKey, passing_key
from sync.server.store import Store

_KEY = passing_key()


class DirectTransport:
    """Speaks for one desk to a store."""

    address = "direct"

    def __init__(
        self, store: Store, *, clock_ms: Callable[[], int] | None = None, service_key: ServiceKey = _KEY
    ) -> None:
        self._store, self._key = store, service_key
        self._now = clock_ms or (lambda: time.time_ns() // 1_000_000)
        self.credentials = KeptCredentials()
        self._token = ""

    @property
    def is_enrolled(self) -> bool:
        return self.credentials.load() is not None

    def _call(self, work: Any, message: bytes) -> dict[str, Any]:
        try:
            device = authenticate(self._store, f"Bearer {self._token}", now=self._now() * 1000)
            answer = work(device, codec.load(message))
        except Refusal as refusal:
            raise BY_CODE[refusal.code](detail=refusal.detail, address=self.address, reason="", status=0) from refusal
        return codec.load(codec.dump(answer))  # type: ignore[no-any-return]

    def _take(self, answer: dict[str, Any]) -> dict[str, Any]:
        known = Credentials(answer["tenant"], answer["device_id"], answer["key"])
        self.credentials.save(known)
        token = issue_token(
            self._store, tenant=known.tenant, device_id=known.device_id, key=known.key, now=self._now() * 1000
        )
        self._token = token["access_token"]
        return answer

    def enrol(self, *, code: str, branch_id: str, after_n: int, after_hash: str) -> dict[str, Any]:
        return self._take(
            enrol(
                self._store, code=code, branch_id=branch_id, after_n=after_n, after_hash=after_hash,
                now=self._now() * 1000,
            )
        )  # fmt: skip

    def renew(self, *, after_n: int, after_hash: str) -> dict[str, Any]:
        def work(device: Any, message: Any) -> dict[str, Any]:
            return renew(self._store, device, after_n=after_n, after_hash=after_hash, now=self._now() * 1000)

        return self._take(self._call(work, b"{}"))

    def push(self, body: bytes) -> dict[str, Any]:
        def work(device: Any, message: Any) -> dict[str, Any]:
            answer = apply_push(self._store, device, Push.read(message), now_ms=self._now())
            answer["page"] = page_after_push(self._store, device, message["pull"], now_ms=self._now())
            return answer

        return self._call(work, body)

    def pull(self, message: dict[str, Any]) -> dict[str, Any]:
        return self._call(
            lambda device, told: read_page(self._store, device, told, now_ms=self._now()), codec.dump(message)
        )

    def pull_ahead(self, message: dict[str, Any]) -> Callable[[], dict[str, Any]]:
        page = self.pull(message)
        return lambda: page

    def publish(self, message: dict[str, Any]) -> dict[str, Any]:
        return self._call(
            lambda device, told: apply_publication(self._store, device, told, now_ms=self._now()), codec.dump(message)
        )

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]:
        def work(device: Any, told: Any) -> dict[str, Any]:
            if question == "lease":
                return change_leases(self._store, device, LeaseMessage.model_validate(told), now_ms=self._now())
            if question == "log":
                return tell_log(
                    self._store, device, LogMessage.model_validate(told), key=self._key, now_ms=self._now()
                )  # fmt: skip
            if question == "closing":
                return closing(self._store, device, ClosingMessage.model_validate(told), now_ms=self._now())
            if question == "rows":
                return fetch_rows(self._store, device, told)
            asked = {"stock": find_stock, "compare": compare, "digest": digest}[question]
            return asked(self._store, device, told, now_ms=self._now())

        return self._call(work, codec.dump(message))

    def close(self) -> None:
        """Nothing is open."""
