"""A desk that asks somebody to sign on a phone, and that somebody's browser, against a service over HTTP."""

import base64
import hashlib
import io
import re
import secrets
from collections.abc import Mapping
from typing import Any

import httpx
from reportlab.pdfgen.canvas import Canvas

from db.ids import new_id

CODE = "204817"
AGENT = "Mozilla/5.0 (Linux; Android 16) Test"
NAME = [
    [[0, 20, 80, 0.3], [20, 40, 30, 0.5], [40, 60, 110, 0.6], [60, 80, 30, 0.5], [80, 110, 100, 0.4]],
    [[300, 130, 30, 0.5], [320, 150, 105, 0.7], [340, 180, 40, 0.5], [360, 60, 118, 0.4], [380, 220, 112, 0.3]],
]
"""Something that is a signature."""
CLAUSES = (("deposit", "4.2"), ("delivery", "6.1"))


def paper(pages: int = 2, text: str = "Contract") -> bytes:
    """A PDF."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), invariant=True)
    for number in range(1, pages + 1):
        canvas.drawString(72, 760, f"{text}, page {number}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def terms(**changed: Any) -> dict[str, Any]:
    """What the page says around the document."""
    clauses = [
        {"id": one, "number": number, "zh": f"第{number}条", "en": f"Clause {number}"} for one, number in CLAUSES
    ]
    return {
        "number": "SH01-D01-CON-000017", "house": "上海云驰", "signer": "李娜", "role_zh": "买方", "role_en": "Buyer",
        "language": "zh_CN", "clauses": clauses, "notice_zh": ["用途"], "notice_en": ["Purposes"], **changed,
    }  # fmt: skip


class Asked:
    """One request as its desk knows it. `desk` speaks for the desk: `ask(question, message)`."""

    def __init__(self, desk: Any, tenant: str, **changed: Any) -> None:
        self.desk, self.tenant = desk, tenant
        document = changed.pop("document", paper())
        self.message = {
            "request_id": new_id(), "token": secrets.token_urlsafe(32), "code": CODE, "terms": terms(),
            "digest": hashlib.sha256(document).hexdigest(), "document": base64.b64encode(document).decode(), **changed,
        }  # fmt: skip

    def open(self) -> "Asked":
        self.desk.ask("signing-open", self.message)
        return self

    def _ask(self, what: str, **changed: Any) -> dict[str, Any]:
        named = {name: self.message[name] for name in ("request_id", "token")}
        told: dict[str, Any] = self.desk.ask(f"signing-{what}", {**named, **changed})
        return told

    def look(self, **changed: Any) -> dict[str, Any]:
        return self._ask("state", **changed)

    def withdraw(self) -> dict[str, Any]:
        return self._ask("withdraw")

    def done(self) -> dict[str, Any]:
        return self._ask("done")

    @property
    def key(self) -> str:
        """What stands behind `#` in the QR code."""
        return f"{self.tenant}.{self.message['token']}"


class Phone:
    """A browser. `http` is an httpx client of the service."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        http.headers["user-agent"] = AGENT
        self.page: httpx.Response | None = None

    def enter(self, key: str, code: str = CODE, **headers: str) -> httpx.Response:
        """Show token and code, and follow to the document."""
        form = {"key": key, "code": code, "language": ""}
        self.page = self.http.post("/sign/enter", data=form, headers=headers)
        if self.page.status_code == 303:
            self.page = self.http.get(self.page.headers["location"])
        return self.page

    def get(self, path: str) -> httpx.Response:
        return self.http.get(f"/sign/{path}")

    def say(self, path: str, message: Mapping[str, Any], **headers: str) -> dict[str, Any]:
        """What the page's script says; the answer."""
        told: dict[str, Any] = self.http.post(f"/sign/{path}", json=dict(message), headers=headers).json()
        return told

    def read_all(self, pages: int = 2) -> None:
        for number in range(1, pages + 1):
            assert "why" not in self.say("note", {"seen": number})

    def acknowledge(self, *clauses: str) -> None:
        for clause in clauses or [one for one, _number in CLAUSES]:
            assert clause in self.say("note", {"clause": clause, "taken": True})["acknowledged"]

    def sign(self, strokes: Any = NAME) -> dict[str, Any]:
        return self.say("give", {"strokes": strokes, "pen": "touch", "language": "en"})

    @property
    def heading(self) -> str:
        """The heading in English."""
        assert self.page is not None
        found = re.search(r'<h1>.*?lang="en">([^<]+)<', self.page.text)
        return found[1] if found else ""

    @property
    def problem(self) -> str:
        """What is wrong, in English."""
        assert self.page is not None
        found = re.search(r'id="problem">.*?lang="en">([^<]+)<', self.page.text)
        return found[1] if found else ""
