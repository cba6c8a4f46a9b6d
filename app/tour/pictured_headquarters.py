"""Headquarters of a small group, for the pictures: what they would tell, without asking anybody."""

from datetime import datetime, timedelta
from typing import Any

from db.types import microseconds
from ui.kit.operations import Progress

_SHANGHAI, _HANGZHOU, _BEIJING = ("5" * 31 + str(n) for n in range(3))
_DESKS = tuple("d" * 31 + str(n) for n in range(5))


class PicturedHeadquarters:
    """`ui.headquarters.ports.HeadquartersPort` with somebody signed in."""

    is_signed_in = True

    def __init__(self, now: datetime, vins: list[str]) -> None:
        self._now, self._vins = now, vins

    def can_stay(self) -> bool:
        """As on a computer with a key store."""
        return True

    def resume(self) -> bool:
        """Signed in already."""
        return True

    def sign_in(self, progress: Progress, *, stay: bool) -> None:
        """Signed in already."""

    def begin_by_hand(self, *, stay: bool) -> str:
        """The address to open elsewhere."""
        return "https://centre.example:8420/oauth/authorize"

    def finish_by_hand(self, code: str) -> None:
        """Signed in already."""

    def sign_out(self) -> None:
        """Signed in all the time."""

    def ask(self, question: str, **message: Any) -> dict[str, Any]:
        """The lists; orders are answered as if they had been carried out."""
        if question == "overview":
            return {"branches": self._branches(), "group_rows": 951, "now": self._at()}
        rows: list[dict[str, Any]] = getattr(self, f"_{question}", list)()
        wanted = message.get("branch_id")
        return {"rows": [row for row in rows if wanted in (None, row.get("branch_id"))], "next": None,
                "now": self._at(), "outcomes": {}}  # fmt: skip

    def _at(self, **ago: float) -> int:
        return microseconds(self._now - timedelta(**ago))

    def _branches(self) -> list[dict[str, Any]]:
        def branch(branch_id: str, code: str, zh: str, en: str, **changed: Any) -> dict[str, Any]:
            return {
                "id": branch_id, "code": code, "name_zh": zh, "name_en": en, "desks": 2, "revoked": 0,
                "last_contact": self._at(minutes=1), "lag": 0, "lag_at": self._at(minutes=2), "conflicts": 0,
                "refused": 0, "quarantined": 0, "leases": 0, "rows": 18_431, **changed,
            }  # fmt: skip

        return [
            branch(_SHANGHAI, "SH01", "上海徐汇店", "Shanghai Xuhui", revoked=1, conflicts=1, leases=3, refused=2,
                   quarantined=2),
            branch(_HANGZHOU, "HZ01", "杭州滨江店", "Hangzhou Binjiang", lag=14, rows=12_012),
            branch(_BEIJING, "BJ01", "北京亚运村店", "Beijing Yayuncun", desks=1, lag=2310,
                   last_contact=self._at(days=2), lag_at=self._at(days=2), rows=9_771),
        ]  # fmt: skip

    def _desks(self) -> list[dict[str, Any]]:
        def desk(place: int, branch_id: str, branch: str, code: str, **changed: Any) -> dict[str, Any]:
            return {
                "id": _DESKS[place], "branch_id": branch_id, "branch_code": branch, "desk_code": code,
                "role": "salesperson", "scopes": ["group", branch_id], "enrolled_at": self._at(days=90 + place),
                "last_contact": self._at(minutes=1), "last_push": self._at(minutes=9), "revoked_at": None,
                "replaces": "", "operations": 1843 + 97 * place, "program": "0.1.0", "platform": "Windows 11; AMD64",
                "protocol": 1, "lag": 0, "lag_at": self._at(minutes=2), "lag_by_scope": {}, "refused": 0,
                "quarantined": 0, "unsent": 0, "unsent_said_at": self._at(minutes=1), **changed,
            }  # fmt: skip

        return [
            desk(0, _SHANGHAI, "SH01", "D01", role="administrator", scopes="*"),
            desk(1, _SHANGHAI, "SH01", "D02", revoked_at=self._at(hours=1), quarantined=2, unsent=2,
                 oldest_unsent_at=self._at(hours=2)),
            desk(2, _HANGZHOU, "HZ01", "D01", lag=14, lag_by_scope={_HANGZHOU: 14}),
            desk(3, _HANGZHOU, "HZ01", "D02", ahead_ms=540_000),
            desk(4, _BEIJING, "BJ01", "D01", last_contact=self._at(days=2), lag=2310, lag_at=self._at(days=2),
                 lag_by_scope={_BEIJING: 2300, "group": 10}, unsent=None, unsent_said_at=0,
                 platform="Linux 6.1.0; x86_64"),
        ]  # fmt: skip

    def _conflicts(self) -> list[dict[str, Any]]:
        return [
            {"order_id": "a" * 32, "vin": self._vins[-1], "at": self._at(hours=3), "branch_id": _SHANGHAI,
             "branch_code": "SH01", "number": "SH01-D02-SO-000031", "state": "CONFIRMED",
             "winner": {"number": "HZ01-SO-2026-000007", "desk_code": "D01", "branch_id": _HANGZHOU}},
        ]  # fmt: skip

    def _leases(self) -> list[dict[str, Any]]:
        return [
            {"vin": vin, "lease_id": "e" * 32, "device_id": _DESKS[0], "branch_id": _SHANGHAI, "branch_code": "SH01",
             "desk_code": "D01", "staff_id": "", "at": self._at(hours=place + 1),
             "until": self._at(hours=-7 * place - 1)}
            for place, vin in enumerate(self._vins[:3])
        ]  # fmt: skip

    def _quarantine(self) -> list[dict[str, Any]]:
        return [
            {"device_id": _DESKS[1], "n": n, "hash": f"{n:032x}", "reason": "device_revoked",
             "received_at": self._at(minutes=30), "txn": f"t{n}", "kind": "put", "table": table,
             "record_id": "c" * 31 + str(n), "made_at": self._at(hours=2), "by": "", "fields": fields}
            for n, (table, fields) in enumerate((("customer", {"name": "张伟"}), ("payment", {"number": "SH01-D02-1"})))
        ]  # fmt: skip

    def _log(self) -> list[dict[str, Any]]:
        return [
            {"id": f"{9 - place:032x}", "at": self._at(minutes=7 * place), "person_id": "p", "who": "li.na",
             "what": what, "about": about, "detail": detail, "address": "10.1.2.3", "request_id": "4f" * 16}
            for place, (what, about, detail) in enumerate([
                ("desk_revoked", _DESKS[1], {"desk": "SH01-D02", "reason": "笔记本电脑被盗"}),
                ("lease_ended", self._vins[0], {"desk": "SH01-D02", "reason": "展会提前结束"}),
                ("password_wrong", "li.na", {"failed": 1, "locked_seconds": 0}),
                ("signed_in", "li.na", {}),
            ])
        ]  # fmt: skip
