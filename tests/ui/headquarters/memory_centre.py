"""`HeadquartersPort` with a small group in memory, which remembers what was asked of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SHANGHAI, HANGZHOU = "b" * 31 + "1", "b" * 31 + "2"
DESKS = ("d" * 31 + "1", "d" * 31 + "2", "d" * 31 + "3")
VIN = "LSVAA4182E2184847"


def micros(**ago: float) -> int:
    """An instant before now in microseconds."""
    return int((NOW - timedelta(**ago)).timestamp() * 1_000_000)


def branch(branch_id: str, code: str, **changed: Any) -> dict[str, Any]:
    known = {
        "id": branch_id, "code": code, "name_zh": "上海徐汇店", "name_en": "Shanghai Xuhui", "desks": 2, "revoked": 0,
        "last_contact": micros(minutes=1), "lag": 0, "lag_at": micros(minutes=2), "conflicts": 0, "refused": 0,
        "quarantined": 0, "leases": 0, "rows": 12_431,
    }  # fmt: skip
    return {**known, **changed}


def desk(device_id: str, code: str, **changed: Any) -> dict[str, Any]:
    known = {
        "id": device_id, "branch_id": SHANGHAI, "branch_code": "SH01", "desk_code": code, "role": "administrator",
        "scopes": ["group", SHANGHAI], "enrolled_at": micros(days=90), "last_contact": micros(minutes=1),
        "last_push": micros(minutes=9), "revoked_at": None, "replaces": "", "replaced": False, "operations": 1843,
        "program": "0.1.0", "schema": 2,
        "platform": "Windows 11; AMD64", "protocol": 1, "lag": 0, "lag_at": micros(minutes=2), "lag_by_scope": {},
        "refused": 0, "quarantined": 0,
    }  # fmt: skip
    return {**known, **changed}


def kept(n: int, **changed: Any) -> dict[str, Any]:
    known = {
        "device_id": DESKS[1], "n": n, "hash": f"{n:032x}", "reason": "device_revoked",
        "received_at": micros(minutes=30), "txn": f"t{n}", "kind": "put", "table": "customer",
        "record_id": "c" * 31 + str(n), "made_at": micros(hours=2), "by": "",
        "fields": {"name": "张伟", "phone": "•••", "identity_kind": "identity_card", "note": "", "name_pinyin": "zw"},
    }  # fmt: skip
    return {**known, **changed}


@dataclass
class MemoryCentre:
    """Everything that can be asked for. `refuse` makes the next request fail."""

    signed_in: bool = True
    stays: bool = True
    refuse: list[BaseException] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows: dict[str, list[dict[str, Any]]] = {
            "desks": [
                desk(DESKS[0], "D01"),
                desk(DESKS[1], "D02", revoked_at=micros(hours=1), quarantined=2, lag=14, lag_by_scope={SHANGHAI: 14},
                     last_contact=micros(minutes=30)),
                desk(DESKS[2], "D01", branch_id=HANGZHOU, branch_code="HZ01", last_contact=micros(days=5), lag=2310,
                     lag_at=micros(days=5), lag_by_scope={HANGZHOU: 2300, "group": 10}, scopes="*",
                     platform="Linux 6.1.0; x86_64"),
            ],
            "conflicts": [
                {"order_id": "o" * 32, "vin": VIN, "at": micros(hours=3), "branch_id": SHANGHAI, "branch_code": "SH01",
                 "number": "SH01-D02-SO-000031", "state": "CONFIRMED",
                 "winner": {"number": "HZ01-SO-2026-000007", "desk_code": "D01"}},
            ],
            "leases": [
                {"vin": VIN, "lease_id": "l" * 32, "device_id": DESKS[0], "branch_id": SHANGHAI, "branch_code": "SH01",
                 "desk_code": "D01", "staff_id": "", "at": micros(hours=1), "until": micros(hours=-7)},
            ],
            "quarantine": [kept(1), kept(2)],
            "log": [
                {"id": f"{2 - place:032x}", "at": micros(minutes=5 * place), "person_id": "p", "who": "li.na",
                 "what": what, "about": about, "detail": detail, "address": "10.1.2.3", "request_id": "r" * 32}
                for place, (what, about, detail) in enumerate([
                    ("desk_revoked", DESKS[1], {"desk": "SH01-D02", "reason": "laptop stolen"}),
                    ("password_wrong", "li.na", {"failed": 3, "locked_seconds": 0}),
                    ("signed_in", "li.na", {}),
                ])
            ],
        }  # fmt: skip
        self.answers = {name: {"rows": told, "next": None, "now": micros()} for name, told in rows.items()}
        self.answers["overview"] = {
            "branches": [
                branch(SHANGHAI, "SH01", desks=1, revoked=1, quarantined=2, conflicts=1, leases=1, refused=3),
                branch(HANGZHOU, "HZ01", name_zh="杭州滨江店", name_en="Hangzhou Binjiang", desks=1, lag=2310,
                       last_contact=micros(days=5), lag_at=micros(days=5), rows=8_012),
            ],
            "group_rows": 951, "now": micros(),
        }  # fmt: skip
        self.answers |= {
            "make-code": {"code": "K7QF-2M9D-XR4T", "expires_at": micros(hours=-24)},
            "revoke": {"desk": {}, "now": 0}, "change-scopes": {"desk": {}, "now": 0},
            "release": {"outcomes": {"accepted": 1, "rejected": 1}}, "drop": {"outcomes": {"dropped": 1}},
            "end-lease": {"outcomes": {"ended": 1}},
        }  # fmt: skip

    @property
    def is_signed_in(self) -> bool:
        return self.signed_in

    def can_stay(self) -> bool:
        return self.stays

    def resume(self) -> bool:
        return self.signed_in

    def _refuse(self) -> None:
        if self.refuse:
            raise self.refuse.pop(0)

    def sign_in(self, progress: Any, *, stay: bool) -> None:
        self._refuse()
        progress("…", None)
        self.asked.append(("sign_in", {"stay": stay}))
        self.signed_in = True

    def begin_by_hand(self, *, stay: bool) -> str:
        return "https://service.example:8420/oauth/authorize?client_id=forecourt-desktop&state=0123456789"

    def finish_by_hand(self, code: str) -> None:
        self.asked.append(("finish", {"code": code}))
        self._refuse()
        self.signed_in = True

    def sign_out(self) -> None:
        self.signed_in = False
        self._refuse()

    def ask(self, question: str, **message: Any) -> dict[str, Any]:
        self.asked.append((question, message))
        self._refuse()
        told: dict[str, Any] = self.answers[question]
        if question == "desks" and message.get("branch_id"):
            rows = [row for row in told["rows"] if row["branch_id"] == message["branch_id"]]
            return {**told, "rows": rows}
        return told

    def last(self, question: str) -> dict[str, Any]:
        """What was asked last of a kind."""
        return [message for name, message in self.asked if name == question][-1]
