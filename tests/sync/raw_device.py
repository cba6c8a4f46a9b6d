"""A client written from `docs/sync_protocol.md` alone: plain HTTP, plain JSON, no code of the desk's side."""

import hashlib
import time
from collections.abc import Callable
from typing import Any

import httpx

from db.ids import new_id

BRANCH = "b" * 31 + "1"
_clock = iter(range(1, 1 << 16))


def clock_text(*, ms: int | None = None, device: str = "raw00001") -> str:
    """A hybrid time; each call is later than the one before."""
    return f"{ms if ms is not None else time.time_ns() // 1_000_000:012x}{next(_clock):04x}-{device}"


class RawDevice:
    """One enrolled device. `put`, `claim` and `release` make operations; `push` numbers, chains and sends them."""

    def __init__(self, url: str, code: str, *, branch_id: str = BRANCH) -> None:
        self.http = httpx.Client(base_url=url, timeout=20.0, trust_env=False)
        enrolled = self.http.post("/v1/enrol", json={"code": code, "branch_id": branch_id})
        if enrolled.status_code != 200:
            self.http.close()
            raise AssertionError(enrolled.text)
        self.identity = enrolled.json()
        self.device_id: str = self.identity["device_id"]
        self.branch_id = self.identity["branch_id"]
        self.n, self.hash = 0, ""
        self.token = self.new_token()

    def new_token(self) -> str:
        """Exchange the key for a token."""
        client = f"{self.identity['tenant']}.{self.identity['device_id']}"
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": self.identity["key"]}
        return str(self.http.post("/oauth/token", data=form).json()["access_token"])

    def clock(self, *, ms: int | None = None) -> str:
        """A reading of this device's hybrid clock."""
        return clock_text(ms=ms, device=self.device_id[-8:])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, name: str, message: Any) -> httpx.Response:
        """One authorised request."""
        return self.http.post(f"/v1/{name}", json=message, headers=self.headers)

    def put(self, table: str = "customer", record_id: str | None = None, /, **values: Any) -> dict[str, Any]:
        """A change of one record; a new one when no id is given. Keys that are no fields: `scope`, `base`, `clock`…"""
        operation = {
            "txn": values.pop("txn", None) or new_id(), "v": 1, "kind": "put", "table": table,
            "id": record_id or new_id(), "scope": values.pop("scope", self.branch_id),
            "base": values.pop("base", 0), "clock": values.pop("clock", None) or self.clock(),
            "at": values.pop("at", time.time_ns() // 1000), "by": values.pop("by", ""),
        }  # fmt: skip
        if values.pop("new", record_id is None):
            operation["new"] = True
        return {**operation, "fields": values}

    def claim(
        self, vin: str, holder_id: str, *, vehicle_id: str = "", kind: str = "order", until: int | None = None,
        number: str = "SH01-D01-SO-000001", txn: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        """A claim of a vehicle."""
        fields = {
            "vehicle_id": vehicle_id or "c" * 32, "kind": kind, "holder_id": holder_id, "number": number,
            "branch_id": self.branch_id, "desk_code": "D01", "until": until, "at": time.time_ns() // 1000,
        }  # fmt: skip
        return {
            "txn": txn or new_id(), "v": 1, "kind": "claim", "table": "vehicle_claim", "id": vin,
            "scope": self.branch_id, "base": 0, "fields": fields, "clock": self.clock(),
        }  # fmt: skip

    def message(self, operations: list[dict[str, Any]], *, n: int | None = None, before: str | None = None) -> Any:
        """The push of these operations after number `n`."""
        start = self.n if n is None else n
        numbered = [{"n": start + place, **one} for place, one in enumerate(operations, start=1)]
        return {"previous": {"n": start, "hash": self.hash if before is None else before}, "operations": numbered}

    def chained(self, message: Any) -> str:
        """The hash after a message's operations."""
        digest = message["previous"]["hash"]
        for one in message["operations"]:
            line = f"{digest}|{one['n']}|{one['txn']}|{one['kind']}|{one['table']}|{one['id']}"
            digest = hashlib.sha256(line.encode()).hexdigest()[:32]
        return digest

    def push(self, *operations: dict[str, Any]) -> dict[str, Any]:
        """Send, expect success, and count on."""
        message = self.message(list(operations))
        answer = self.post("push", message)
        assert answer.status_code == 200, answer.text
        self.n, self.hash = self.n + len(operations), self.chained(message)
        return answer.json()  # type: ignore[no-any-return]

    def pull(self, cursors: dict[str, int] | None = None, **more: Any) -> dict[str, Any]:
        """One page."""
        answer = self.post("pull", {"cursors": cursors or {}, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def pull_all(self, cursors: dict[str, int] | None = None, **more: Any) -> list[list[Any]]:
        """Every row after the cursors."""
        rows: list[list[Any]] = []
        known = dict(cursors or {})
        while True:
            page = self.pull(known, **more)
            rows += page["rows"]
            known |= page["cursors"]
            if not page["more"]:
                return rows

    def acknowledged(self) -> dict[str, Any]:
        """What tells the centre that this device knows of all that came from it."""
        return {"n": self.n, "hash": self.hash}

    def close(self) -> None:
        self.http.close()


SCOPE, TABLE, ID, VER, SEQ, CREATED, UPDATED, FIELDS, CLOCKS = range(9)
"""Places in a row of the feed."""

Join = Callable[..., RawDevice]
"""Enrols a device: `join("D02", scopes=[])`."""


def outcomes(answer: dict[str, Any]) -> list[str]:
    """What became of each operation, with the code where there is one."""
    return [result[1] if len(result) == 4 else f"{result[1]} {result[4]}".strip() for result in answer["results"]]


def put_customer(device: RawDevice, record_id: str | None = None, /, **values: Any) -> dict[str, Any]:
    """A change of a customer."""
    return device.put("customer", record_id, **values)


def new_order(device: RawDevice, number: str = "SH01-D01-SO-000001", **values: Any) -> dict[str, Any]:
    """A new order that the centre has not spoken about."""
    return device.put("sales_order", claim_state="provisional", number=number, **values)
