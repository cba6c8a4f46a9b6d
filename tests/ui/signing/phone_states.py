"""A request on a phone and where it may stand."""

from typing import Any

from ui.signing.phone_port import PhoneRequest, PhoneState

REQUEST = PhoneRequest(
    contract_id="c" * 32, party="buyer", signer="欧阳娜", digest="d" * 64, request_id="a" * 32, code="204817",
    token="kq3Z" * 10 + "abc", address="https://service.example:8420/sign#main." + "kq3Z" * 10 + "abc", clauses=2,
)  # fmt: skip


def state(**changed: Any) -> PhoneState:
    """Open and not yet looked at."""
    values: dict[str, Any] = {
        "state": "open", "left": 1800, "pages": 4, "pages_seen": 0, "acknowledged": {}, "wrong_codes": 0,
        "opened_at": None, "read_at": None, "finished_at": None, "answer": None,
    }  # fmt: skip
    return PhoneState(**(values | changed))
