"""Where the QR code of a desk sends phones: to the service as the desk knows it, or as the service says."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from app.contracts.phone_queries import PhoneTerms
from app.kernel.clock import FixedClock
from app.runtime.language import CHINESE, ENGLISH
from app.wiring.phone_signing import PhoneSigning
from sync.client.errors import AnswerNotUnderstood, NotOffered, PhonesNeedTls
from sync.client.transport import HttpTransport

TERMS = PhoneTerms(
    contract_id="c" * 32, party="buyer", number="SH01-D01-CON-000017", house="车行", signer="李娜",
    role={CHINESE: "买方", ENGLISH: "Buyer"}, language=CHINESE, clauses=(), notice={CHINESE: (), ENGLISH: ()},
    digest="d" * 64, document=b"", sign_until=None,
)  # fmt: skip


class Service:
    """What a desk's transport is asked here."""

    tenant = "main"

    def __init__(self, address: str, answer: dict[str, Any] | None) -> None:
        self.address, self.answer = address, answer

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]:
        assert (question, message) == ("signing-place", {})
        if self.answer is None:
            raise NotOffered(address=self.address)
        return self.answer

    def transport(self) -> HttpTransport:
        return cast(HttpTransport, self)


def address_told_by(service: Service) -> str:
    return PhoneSigning(service, FixedClock(datetime(2026, 11, 20, tzinfo=UTC))).prepare(TERMS).address


def told(address: str, **answer: Any) -> str:
    return address_told_by(Service(address, answer))


def test_as_the_desk_knows_it() -> None:
    assert told("https://centre.example:8420", page="").startswith("https://centre.example:8420/sign#main.")
    assert told("http://127.0.0.1:8420", page="").startswith("http://127.0.0.1:8420/sign#main.")


def test_a_service_from_before_is_where_the_desk_knows_it() -> None:
    assert address_told_by(Service("https://centre.example", None)).startswith("https://centre.example/sign#main.")


def test_as_the_service_says() -> None:
    """A desk within the house may reach it without TLS: phones do not."""
    for desk in ("https://centre.house:8420", "http://10.0.0.5:8420"):
        assert told(desk, page="https://sign.example.cn/sign").startswith("https://sign.example.cn/sign#main.")


def test_phones_are_sent_nowhere_without_tls() -> None:
    with pytest.raises(PhonesNeedTls):
        told("http://centre.example:8420", page="")
    for page in ("http://sign.example.cn/sign", "javascript:alert(1)", 7, None):
        with pytest.raises(AnswerNotUnderstood):
            told("https://centre.example", page=page)
    with pytest.raises(AnswerNotUnderstood):
        told("https://centre.example")
