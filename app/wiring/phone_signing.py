"""Signing on a phone: what the desk asks the centre for it."""

import base64
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from app.contracts.phone_queries import PhoneTerms
from app.contracts.signers.identity_rules import new_code
from app.runtime.language import CHINESE, ENGLISH
from db.ids import new_id
from db.types import instant_at
from sync.protocol.limits import SIGNING_SECONDS
from ui.signing.phone_port import PhoneAnswer, PhoneRequest, PhoneState

if TYPE_CHECKING:
    from app.kernel.clock import Clock
    from sync.client.transport import HttpTransport

_LEAST_SECONDS = 60
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TOKEN_BYTES = 32


class Link(Protocol):
    """The part of the link to the centre that is needed here."""

    def transport(self) -> "HttpTransport":
        """Raises NotEnrolled where no service is set up."""


class PhoneSigning:
    """`ui.signing.phone_port.PhonePort`."""

    def __init__(self, link: Link, clock: "Clock") -> None:
        self._link, self._clock = link, clock

    def prepare(self, terms: PhoneTerms) -> PhoneRequest:
        """See `PhonePort`."""
        transport = self._link.transport()
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        return PhoneRequest(
            contract_id=terms.contract_id, party=terms.party, signer=terms.signer, digest=terms.digest,
            request_id=new_id(), token=token, code=new_code(), clauses=len(terms.clauses),
            address=f"{self._page(transport)}#{transport.tenant}.{token}",
        )  # fmt: skip

    def open(self, request: PhoneRequest, terms: PhoneTerms) -> PhoneState:
        """See `PhonePort`."""
        message = {
            "request_id": request.request_id, "token": request.token, "code": request.code, "digest": terms.digest,
            "document": base64.b64encode(terms.document).decode("ascii"), "terms": _worded(terms),
            "seconds": self._seconds(terms.sign_until),
        }  # fmt: skip
        return self._asked("open", message)

    def look(self, request: PhoneRequest) -> PhoneState:
        """See `PhonePort`."""
        return self._asked("state", _named(request))

    def withdraw(self, request: PhoneRequest) -> PhoneState:
        """See `PhonePort`."""
        return self._asked("withdraw", _named(request))

    def done(self, request: PhoneRequest) -> None:
        """See `PhonePort`."""
        self._asked("done", _named(request))

    def _seconds(self, until: datetime | None) -> int:
        """No request outlives the time for signing."""
        left = (until - self._clock.now()).total_seconds() if until is not None else SIGNING_SECONDS
        return int(min(max(left, _LEAST_SECONDS), SIGNING_SECONDS))

    def _page(self, transport: "HttpTransport") -> str:
        """Where the centre says that phones find it, else as this desk does. Raises PhonesNeedTls."""
        from sync.client.errors import AnswerNotUnderstood, NotOffered

        try:
            page = transport.ask("signing-place", {}).get("page")
        except NotOffered:  # an older centre: phones come as desks do
            page = ""
        if not isinstance(page, str) or (page and not page.startswith("https://")):
            raise AnswerNotUnderstood(address=transport.address)
        return page or _page_address(transport.address)

    def _asked(self, what: str, message: dict[str, Any]) -> PhoneState:
        from sync.client.errors import AnswerNotUnderstood

        transport = self._link.transport()
        told = transport.ask(f"signing-{what}", message)
        try:
            return _state(told)
        except (KeyError, TypeError, ValueError) as error:
            raise AnswerNotUnderstood(address=transport.address) from error


def _page_address(service: str) -> str:
    """Where the page is. Phones are never sent anywhere in plain text, but for trials on one machine."""
    from sync.client.errors import PhonesNeedTls

    parts = urlsplit(service)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise PhonesNeedTls(address=service)
    return f"{service}/sign"


def _named(request: PhoneRequest) -> dict[str, Any]:
    return {"request_id": request.request_id, "token": request.token}


def _worded(terms: PhoneTerms) -> dict[str, Any]:
    clauses = [
        {"id": one.id, "number": one.number, "zh": one.text_zh, "en": one.text_en} for one in terms.clauses
    ]  # fmt: skip
    return {
        "number": terms.number, "house": terms.house, "signer": terms.signer, "role_zh": terms.role[CHINESE],
        "role_en": terms.role[ENGLISH], "language": terms.language, "clauses": clauses,
        "notice_zh": list(terms.notice[CHINESE]), "notice_en": list(terms.notice[ENGLISH]),
    }  # fmt: skip


def _state(told: dict[str, Any]) -> PhoneState:
    given = told["answer"]
    return PhoneState(
        state=str(told["state"]), left=max(0.0, ((told["until"] or told["now"]) - told["now"]) / 1_000_000),
        pages=int(told["pages"]), pages_seen=int(told["pages_seen"]), wrong_codes=int(told["wrong_codes"]),
        acknowledged={str(one): instant_at(at) for one, at in told["acknowledged"].items()},
        opened_at=_at(told["opened_at"]), read_at=_at(told["read_at"]), finished_at=_at(told["finished_at"]),
        answer=_answer(given) if given is not None else None,
    )  # fmt: skip


def _answer(given: dict[str, Any]) -> PhoneAnswer:
    known = {name: given[name] for name in PhoneAnswer.__slots__ if name in given}
    return PhoneAnswer(**known)


def _at(value: int | None) -> datetime | None:
    return instant_at(value) if value is not None else None
