"""Signing on a phone at the centre: who gets in, what is kept, how a request ends, and what is left of it."""

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.client.credentials import KeptCredentials
from sync.client.errors import ContentDamaged, DeviceRevoked, RequestRefused, TooManyRequests
from sync.client.transport import HttpTransport
from sync.protocol.limits import (
    SIGNING_CODE_TRIES,
    SIGNING_DOCUMENT,
    SIGNING_KEPT_HOURS,
    SIGNING_OPEN,
    SIGNING_SECONDS,
)
from sync.server.attempts import ATTEMPTS
from sync.server.devices import digest, make_code, revoke
from sync.server.document_pictures import NotDrawable, page_sizes
from sync.server.signing_endpoints import PUBLIC_URL
from sync.server.store import Store
from sync.server.upkeep import check, prune
from sync.server.web import make_app
from tests.sync.conftest import Group
from tests.sync.phone_requests import AGENT, CODE, NAME, Asked, Phone, paper, terms
from tests.sync.served_app import served

SECOND = 1_000_000


class Centre:
    """A service in this process whose clock the test sets."""

    def __init__(self, store: Store, url: str) -> None:
        self.store, self.url = store, url
        self.now_ms = time.time_ns() // 1_000_000
        self._transports: list[HttpTransport] = []
        self._clients: list[httpx.Client] = []

    def wait(self, seconds: float) -> None:
        self.now_ms += int(seconds * 1000)

    def desk(self, name: str = "D01", *, group: str = "main", branch: str = "SH01") -> HttpTransport:
        code = make_code(
            self.store, tenant=group, branch_code=branch, desk_code=name, scopes="*", role="sales",
            now=self.now_ms * 1000, seconds=600,
        )  # fmt: skip
        transport = HttpTransport(self.url, KeptCredentials(), read_seconds=20.0)
        transport.enrol(code=code, branch_id=digest(branch)[:32], after_n=0, after_hash="")
        self._transports.append(transport)
        return transport

    def phone(self) -> Phone:
        self._clients.append(httpx.Client(base_url=self.url, timeout=20.0, trust_env=False))
        return Phone(self._clients[-1])

    def row(self) -> dict[str, Any]:
        """The only request there is, as it lies in the database."""
        with self.store.read() as connection:
            cursor = connection.execute("SELECT * FROM signing_request")
            (row,) = cursor.fetchall()
            return dict(zip([column[0] for column in cursor.description], row, strict=True))

    def close(self) -> None:
        for one in (*self._transports, *self._clients):
            one.close()


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}", pool=4)
    store.ensure_schema()
    made = Centre(store, "")
    with served(make_app(store, clock_ms=lambda: made.now_ms)) as (host, port):
        made.url = f"http://{host}:{port}"
        yield made
        made.close()
    assert check(store) == []
    store.close()


def test_from_the_desk_to_the_phone_and_back(group: Group) -> None:
    """On both databases, with every statement looked at."""
    desk = group.transport()
    desk.enrol(code=group.code(), branch_id="b" * 32, after_n=0, after_hash="")
    asked = Asked(desk, group.tenant).open()
    with httpx.Client(base_url=group.service.url, timeout=20.0, trust_env=False) as http:
        phone = Phone(http)
        assert phone.enter(asked.key, "000000").status_code == 403
        assert phone.problem.startswith("This is not the code.")
        page = phone.enter(asked.key)
        assert page.status_code == 200 and "李娜" in page.text and "第4.2条" in page.text and "Clause 6.1" in page.text
        assert phone.get("document.pdf").content == base64.b64decode(str(asked.message["document"]))
        picture = phone.get("pages/2")
        assert picture.headers["content-type"] == "image/png" and picture.content.startswith(b"\x89PNG")
        phone.read_all()
        state = asked.look()
        assert (state["state"], state["pages_seen"], state["acknowledged"]) == ("open", 2, {})
        phone.acknowledge()
        assert phone.sign()["state"] == "signed"
        state = asked.look()
        answer = state["answer"]
        assert (answer["strokes"], answer["pen"], answer["language"]) == (NAME, "touch", "en")
        assert (answer["user_agent"], answer["address"], state["wrong_codes"]) == (AGENT, "127.0.0.1", 1)
        assert state["opened_at"] <= state["read_at"] <= min(state["acknowledged"].values())
        assert max(state["acknowledged"].values()) <= state["finished_at"] <= state["now"]
        assert asked.done()["state"] == "taken" and asked.look()["answer"] is None
        assert "It has arrived at the desk." in phone.get("read").text
    left = group.rows("SELECT sealed_document, sealed_terms, sealed_answer FROM signing_request WHERE tenant_id = ?")
    assert left == [("", "", "")]
    assert prune(group.store, now=(time.time_ns() // 1000) + 8 * 24 * 3600 * SECOND) >= 1
    assert group.rows("SELECT 1 FROM signing_request WHERE tenant_id = ?") == []


@pytest.mark.parametrize(
    ("told", "page"),
    [("", ""), ("https://sign.example.cn", "https://sign.example.cn/sign"),
     ("https://example.cn/forecourt/", "https://example.cn/forecourt/sign")],
)  # fmt: skip
def test_the_service_says_where_phones_find_it(tmp_path: Path, told: str, page: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}", pool=4)
    store.ensure_schema()
    with served(make_app(store, extra={PUBLIC_URL: told})) as (host, port):
        centre = Centre(store, f"http://{host}:{port}")
        assert centre.desk().ask("signing-place", {})["page"] == page
        centre.close()
    store.close()


def test_the_database_alone_shows_neither_document_nor_signature(centre: Centre) -> None:
    asked = Asked(centre.desk(), "main").open()
    phone = centre.phone()
    phone.enter(asked.key)
    phone.read_all()
    phone.acknowledge()
    kept = json.dumps(centre.row())
    phone.sign()
    kept += json.dumps(centre.row())
    token = str(asked.message["token"])
    for secret in (token, CODE, "李娜", "%PDF", str(asked.message["document"])[:40], "strokes", AGENT):
        assert secret not in kept and json.dumps(secret)[1:-1] not in kept
    assert centre.row()["sealed_document"] == "", "what was signed needs no document here any more"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"digest": "0" * 64}, ContentDamaged),
        ({"document": b"no PDF at all"}, RequestRefused),
        ({"document": paper(61)}, RequestRefused),
        ({"document": b"%PDF" + b"x" * SIGNING_DOCUMENT}, RequestRefused),
        ({"code": "12345"}, RequestRefused),
        ({"token": "short"}, RequestRefused),
        ({"seconds": 24 * 3600 + 1}, RequestRefused),
        ({"terms": terms(language="fr")}, RequestRefused),
    ],
)
def test_what_no_phone_could_show_is_refused(centre: Centre, change: dict[str, Any], problem: type[Exception]) -> None:
    with pytest.raises(problem):
        Asked(centre.desk(), "main", **change).open()
    with centre.store.read() as connection:
        assert connection.execute("SELECT count(*) FROM signing_request").fetchone()[0] == 0


def test_a_question_whose_answer_got_lost_is_asked_again(centre: Centre) -> None:
    asked = Asked(centre.desk(), "main").open()
    phone = centre.phone()
    phone.enter(asked.key)
    asked.open()
    assert asked.look()["opened_at"] is not None
    asked.message["token"] = "A" * 43
    with pytest.raises(RequestRefused):
        asked.open()


def test_a_desk_has_so_many_requests_open(centre: Centre) -> None:
    desk = centre.desk()
    for _n in range(SIGNING_OPEN):
        Asked(desk, "main").open()
    with pytest.raises(TooManyRequests):
        Asked(desk, "main").open()
    centre.wait(SIGNING_SECONDS)
    Asked(desk, "main").open()


def test_wrong_codes_lock_a_request_for_good(centre: Centre) -> None:
    asked = Asked(centre.desk(), "main").open()
    phone = centre.phone()
    for _n in range(SIGNING_CODE_TRIES - 1):
        assert phone.enter(asked.key, "000000").status_code == 403
    assert "Locked after too many wrong codes." in phone.enter(asked.key, "000000").text
    assert "Locked after too many wrong codes." in phone.enter(asked.key).text
    state = asked.look()
    assert (state["state"], state["wrong_codes"], state["opened_at"]) == ("locked", SIGNING_CODE_TRIES, None)
    assert centre.row()["sealed_document"] == ""


def test_whoever_guesses_tokens_is_slowed_down(centre: Centre) -> None:
    phone = centre.phone()
    key = f"main.{'A' * 43}"
    for _n in range(ATTEMPTS):
        phone.enter(key)
        assert phone.problem.startswith("This QR code is not known here.")
    assert phone.enter(key).status_code == 429
    assert phone.problem.startswith("Too many wrong attempts")
    for nonsense in ("", "main", "..", "main." + "x" * 300, "ma in.tok", "main.tok.en.more"):
        assert phone.enter(nonsense).status_code == 400


def test_the_first_browser_has_the_request(centre: Centre) -> None:
    asked = Asked(centre.desk(), "main").open()
    first, second = centre.phone(), centre.phone()
    first.enter(asked.key)
    second.enter(asked.key)
    assert second.problem.startswith("This document is open on another phone already.")
    for _n in range(SIGNING_CODE_TRIES + 1):
        second.enter(asked.key, "000000")
    assert first.enter(asked.key).status_code == 200, "nobody else can lock it any more"
    first.read_all()
    assert second.get("pages/1").status_code == 403
    second.http.cookies.set("forecourt_signing", f"{asked.key}.{'B' * 43}")
    for path in ("pages/1", "document.pdf", "read"):
        assert second.get(path).status_code == 403, path
    assert second.say("note", {"seen": 1}) == {"why": "elsewhere"}


def test_a_request_expires_and_is_erased(centre: Centre) -> None:
    asked = Asked(centre.desk(), "main", seconds=120).open()
    phone = centre.phone()
    phone.enter(asked.key)
    phone.read_all()
    phone.acknowledge()
    centre.wait(120)
    assert phone.sign() == {"why": "expired"} and asked.look()["state"] == "expired"
    assert "The time for signing here is over." in phone.get("read").text
    assert phone.get("document.pdf").status_code == 403
    assert centre.row()["sealed_document"] != ""
    assert prune(centre.store, now=centre.now_ms * 1000) == 1
    row = centre.row()
    assert (row["state"], row["sealed_document"], row["sealed_terms"]) == ("expired", "", "")


def test_a_signature_waits_for_its_desk_and_not_for_ever(centre: Centre) -> None:
    asked = Asked(centre.desk(), "main").open()
    phone = centre.phone()
    phone.enter(asked.key)
    phone.read_all()
    phone.acknowledge()
    phone.sign()
    centre.wait(SIGNING_KEPT_HOURS * 3600 - 60)
    prune(centre.store, now=centre.now_ms * 1000)
    assert asked.withdraw()["answer"]["strokes"] == NAME, "what was given is not withdrawn any more"
    centre.wait(60)
    prune(centre.store, now=centre.now_ms * 1000)
    assert asked.look()["state"] == "expired" and centre.row()["sealed_answer"] == ""


def test_nobody_signs_before_reading_and_acknowledging(centre: Centre) -> None:
    asked = Asked(centre.desk(), "main").open()
    phone = centre.phone()
    phone.enter(asked.key)
    phone.say("note", {"seen": 1})
    phone.acknowledge("deposit")
    assert phone.sign() == {"why": "unread"}
    phone.say("note", {"seen": 2})
    assert phone.sign() == {"why": "clauses"}
    phone.acknowledge("delivery")
    assert phone.say("note", {"clause": "deposit", "taken": False})["acknowledged"].keys() == {"delivery"}
    assert phone.sign() == {"why": "clauses"}
    phone.acknowledge("deposit")
    assert phone.sign([[[0, 10, 10, 0.5], [20, 60, 10, 0.5]]]) == {"why": "short"}
    assert asked.look()["answer"] is None
    assert phone.sign()["state"] == "signed"


def test_the_first_acknowledgement_and_the_first_signature_count(centre: Centre) -> None:
    asked = Asked(centre.desk(), "main").open()
    phone = centre.phone()
    phone.enter(asked.key)
    phone.read_all()
    phone.acknowledge()
    first = asked.look()["acknowledged"]
    centre.wait(5)
    phone.acknowledge()
    assert asked.look()["acknowledged"] == first
    phone.sign()
    told = asked.look()
    centre.wait(5)
    assert phone.sign([*NAME, NAME[0]])["state"] == "signed", "sent again, it is taken as sent once"
    assert phone.say("decline", {"reason": "changed my mind", "language": "en"}) == {"why": "signed"}
    again = asked.look()
    assert (again["answer"], again["finished_at"]) == (told["answer"], told["finished_at"])


def test_declining_needs_a_reason(centre: Centre) -> None:
    asked = Asked(centre.desk(), "main").open()
    phone = centre.phone()
    phone.enter(asked.key)
    assert phone.say("decline", {"reason": "  ", "language": "zh_CN"}) == {"why": "reason"}
    assert phone.say("decline", {"reason": "价格不对 <b>", "language": "zh_CN"})["state"] == "declined"
    told = asked.look()
    assert (told["state"], told["answer"]["reason"]) == ("declined", "价格不对 <b>")
    assert "You have declined." in phone.get("read").text
    asked.done()
    assert asked.look()["state"] == "taken"


def test_a_request_taken_back_is_gone_from_the_phone(centre: Centre) -> None:
    asked = Asked(centre.desk(), "main").open()
    phone = centre.phone()
    phone.enter(asked.key)
    assert asked.withdraw()["state"] == "withdrawn"
    assert phone.say("note", {"seen": 1}) == {"why": "withdrawn"}
    assert "The desk has taken this document back." in phone.get("read").text
    assert phone.get("pages/1").status_code == 403
    assert centre.row()["sealed_document"] == centre.row()["sealed_terms"] == ""


@pytest.mark.parametrize(
    "message",
    [
        {"strokes": "no", "pen": "touch", "language": "en"},
        {"strokes": [[[0, 1, 1]]], "pen": "touch", "language": "en"},
        {"strokes": [[[0, 1, 1, 2]] * 9], "pen": "touch", "language": "en"},
        {"strokes": [[[0, 1, 10**9, 0.5]] * 9], "pen": "touch", "language": "en"},
        {"strokes": [[[True, 1, 1, 0.5]] * 9], "pen": "touch", "language": "en"},
        {"strokes": NAME, "pen": "brush", "language": "en"},
        {"strokes": NAME, "pen": "touch", "language": "fr"},
    ],
)
def test_what_is_no_signature_is_not_taken(centre: Centre, message: dict[str, Any]) -> None:
    asked = Asked(centre.desk(), "main").open()
    phone = centre.phone()
    phone.enter(asked.key)
    assert phone.say("give", message) == {"why": "malformed"}
    assert phone.http.post("/sign/give", content=b"[" * 5000, headers={"content-type": "application/json"}).json() == {
        "why": "malformed"
    }
    assert phone.http.post("/sign/give", content=b"x" * (2 << 20) + b"x").status_code == 413


def test_other_desks_learn_nothing(centre: Centre) -> None:
    """One of another group, one of another branch; one of the same branch with the token may go on."""
    asked = Asked(centre.desk(), "main").open()
    own_token = str(asked.message["token"])
    beside, elsewhere = centre.desk("D02"), centre.desk("D09", branch="HZ01")
    foreign = centre.desk("D01", group="other")
    for desk in (foreign, elsewhere):
        asked.desk = desk
        assert asked.look()["state"] == "unknown" and asked.withdraw()["state"] == "unknown"
    asked.desk = beside
    assert asked.look()["state"] == "open"
    assert asked.look(token="A" * 43)["state"] == "unknown"
    phone = centre.phone()
    assert phone.enter(f"other.{own_token}").status_code == 403
    revoke(centre.store, "main", beside.credentials.load().device_id, now=centre.now_ms * 1000)
    with pytest.raises(DeviceRevoked):
        asked.look()


def test_another_site_cannot_act_for_the_customer(centre: Centre) -> None:
    asked = Asked(centre.desk(), "main").open()
    phone = centre.phone()
    foreign = {"sec-fetch-site": "cross-site"}
    assert phone.enter(asked.key, **foreign).status_code == 400
    phone.enter(asked.key)
    assert phone.say("note", {"seen": 1}, **foreign) == {"why": "malformed"}
    sent = phone.http.post("/sign/note", content=b'{"seen": 1}', headers={"content-type": "text/plain"})
    assert sent.json() == {"why": "malformed"} and asked.look()["pages_seen"] == 0
    cookie = next(iter(phone.http.cookies.jar))
    assert cookie.has_nonstandard_attr("HttpOnly") and cookie.get_nonstandard_attr("SameSite") == "strict"


def test_pages_load_nothing_foreign_and_run_nothing_of_their_own(centre: Centre) -> None:
    asked = Asked(centre.desk(), "main", terms=terms(signer="<script>alert(1)</script>")).open()
    phone = centre.phone()
    assert phone.enter(asked.key).status_code == 200
    assert phone.page is not None and "<script>alert" not in phone.page.text and "&lt;script&gt;" in phone.page.text
    for page in (phone.page, phone.http.get("/sign"), phone.get("read")):
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")
        assert "://" not in page.text and "style=" not in page.text and "onclick" not in page.text
        assert str(asked.message["token"]) not in page.text
    for name, kind in (("page.css", "text/css"), ("page.js", "text/javascript")):
        file = phone.get(name)
        assert file.headers["content-type"].startswith(kind) and "://" not in file.text and "{{" not in file.text


@pytest.mark.parametrize("document", [b"", b"%PDF-1.7\n%%EOF", b"\x00" * 100, paper()[:300]])
def test_what_cannot_be_drawn_is_named(document: bytes) -> None:
    with pytest.raises(NotDrawable):
        page_sizes(document)


