"""The rows of the lists, read from what the centre told. Unknown keys are passed over: a later centre tells more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Told = Mapping[str, Any]


def moment_of(microseconds: Any) -> datetime | None:
    """An instant of the centre; None for 0 and what is none."""
    if not isinstance(microseconds, int) or microseconds <= 0:
        return None
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchLine:
    """One branch with its figures. `lag` are changes its slowest desk has not read; None where none told."""

    id: str
    code: str
    name_zh: str
    name_en: str
    desks: int
    revoked: int
    last_contact: datetime | None
    lag: int | None
    lag_at: datetime | None
    conflicts: int
    refused: int
    quarantined: int
    leases: int
    rows: int

    @classmethod
    def told(cls, row: Told) -> "BranchLine":
        return cls(
            id=row["id"], code=row["code"], name_zh=row["name_zh"], name_en=row["name_en"], desks=row["desks"],
            revoked=row["revoked"], last_contact=moment_of(row["last_contact"]), lag=row["lag"],
            lag_at=moment_of(row["lag_at"]), conflicts=row["conflicts"], refused=row["refused"],
            quarantined=row["quarantined"], leases=row["leases"], rows=row["rows"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLine:
    """One desk. `scopes` are ids of branches, or None for all."""

    id: str
    branch_id: str
    branch_code: str
    desk_code: str
    scopes: tuple[str, ...] | None
    enrolled_at: datetime | None
    last_contact: datetime | None
    last_push: datetime | None
    revoked_at: datetime | None
    replaces: str
    replaced: bool
    operations: int
    program: str
    platform: str
    protocol: int
    schema: int
    ahead_ms: int
    lag: int | None
    lag_at: datetime | None
    lag_by_scope: Mapping[str, int]
    refused: int
    quarantined: int
    unsent: int | None
    """Changes it had not sent when it last said so, at `unsent_said_at`; None where it never did."""
    oldest_unsent_at: datetime | None
    unsent_said_at: datetime | None
    doubted_at: datetime | None
    """When the centre last did not believe it that the centre itself had lost something."""

    @property
    def name(self) -> str:
        return f"{self.branch_code}-{self.desk_code}"

    @classmethod
    def told(cls, row: Told) -> "DeskLine":
        return cls(
            id=row["id"], branch_id=row["branch_id"], branch_code=row["branch_code"], desk_code=row["desk_code"],
            scopes=None if row["scopes"] == "*" else tuple(row["scopes"]), enrolled_at=moment_of(row["enrolled_at"]),
            last_contact=moment_of(row["last_contact"]), last_push=moment_of(row["last_push"]),
            revoked_at=moment_of(row["revoked_at"]), replaces=row["replaces"],
            replaced=bool(row.get("replaced")), operations=row["operations"],
            program=row["program"], platform=row["platform"], protocol=row["protocol"],
            schema=row.get("schema") or 0, ahead_ms=row.get("ahead_ms") or 0, lag=row["lag"],
            lag_at=moment_of(row["lag_at"]), lag_by_scope=dict(row["lag_by_scope"]), refused=row["refused"],
            quarantined=row["quarantined"], unsent=row.get("unsent"),
            oldest_unsent_at=moment_of(row.get("oldest_unsent_at")),
            unsent_said_at=moment_of(row.get("unsent_said_at")), doubted_at=moment_of(row.get("doubted_at")),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictLine:
    """One order that lost its vehicle; `winner` as in `docs/sync_protocol.md`."""

    id: str
    vin: str
    at: datetime | None
    branch_code: str
    number: str
    state: str
    winner: Mapping[str, Any]

    @classmethod
    def told(cls, row: Told) -> "ConflictLine":
        return cls(
            id=row["order_id"], vin=row["vin"], at=moment_of(row["at"]), branch_code=row["branch_code"],
            number=row["number"], state=row["state"], winner=dict(row["winner"] or {}),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseLine:
    """One vehicle secured for a desk."""

    id: str
    desk: str
    at: datetime | None
    until: datetime | None

    @classmethod
    def told(cls, row: Told) -> "LeaseLine":
        return cls(
            id=row["vin"], desk=f"{row['branch_code']}-{row['desk_code']}", at=moment_of(row["at"]),
            until=moment_of(row["until"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLine:
    """One operation set aside."""

    device_id: str
    n: int
    hash: str
    reason: str
    received_at: datetime | None
    made_at: datetime | None
    txn: str
    kind: str
    table: str
    record_id: str
    fields: Mapping[str, str]

    @property
    def id(self) -> str:
        return f"{self.device_id}:{self.n}:{self.hash}"

    @classmethod
    def told(cls, row: Told) -> "KeptLine":
        return cls(
            device_id=row["device_id"], n=row["n"], hash=row["hash"], reason=row["reason"],
            received_at=moment_of(row["received_at"]), made_at=moment_of(row["made_at"]), txn=row["txn"],
            kind=row["kind"], table=row["table"], record_id=row["record_id"], fields=dict(row["fields"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One entry of the log."""

    id: str
    at: datetime | None
    who: str
    what: str
    about: str
    detail: Mapping[str, Any]
    address: str
    request_id: str

    @classmethod
    def told(cls, row: Told) -> "LogLine":
        return cls(
            id=row["id"], at=moment_of(row["at"]), who=row["who"], what=row["what"], about=row["about"],
            detail=dict(row["detail"]), address=row["address"], request_id=row["request_id"],
        )  # fmt: skip
