"""Endpoints by which a desk joins and shows who it is."""

from typing import Annotated, Any, Literal

from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.server.devices import Device, enrol, renew, tenant_in_code
from sync.server.endpoints import Caller, Endpoint, Pace
from sync.server.messages import Answer, Count, Digest, Identifier, Message
from sync.server.store import Store


class EnrolMessage(Message):
    """A one-time code, the desk's branch (empty for a desk without data), and where its operations begin."""

    code: Annotated[str, Field(min_length=4, max_length=80, pattern="^[^\\x00]*$", examples=["K7QF-2M9D-XR4T"])]
    branch_id: Annotated[str, Field(pattern="^([0-9a-f]{32})?$")] = ""
    after_n: Count = 0
    after_hash: Digest = ""


class RenewMessage(Message):
    """A desk asking for a further identity, and where its operations begin."""

    after_n: Count
    after_hash: Digest


class EnrolAnswer(Answer):
    """A desk's identity. The key is shown once."""

    tenant: str
    device_id: Identifier
    key: str
    branch_id: Identifier
    branch_code: str
    desk_code: str
    scopes: list[str] | Literal["*"]
    epoch: str


def _enrol(store: Store, caller: None, message: EnrolMessage, /, *, now_ms: int) -> dict[str, Any]:
    return enrol(
        store, code=message.code, branch_id=message.branch_id, after_n=message.after_n,
        after_hash=message.after_hash, now=now_ms * 1000,
    )  # fmt: skip


def _renew(store: Store, device: Device, message: RenewMessage, /, *, now_ms: int) -> dict[str, Any]:
    return renew(store, device, after_n=message.after_n, after_hash=message.after_hash, now=now_ms * 1000)


JOINING_ENDPOINTS = (
    Endpoint(
        name="enrol", path="/v1/enrol", summary="Exchange a one-time code for a desk's identity", tag="joining",
        caller=Caller.ANYONE, pace=Pace.SECRET, message=EnrolMessage, answer=EnrolAnswer, work=_enrol,
        tenant_of=lambda message: tenant_in_code(message.code),
        codes=(ErrorCode.ENROLMENT_CODE_WRONG, ErrorCode.BRANCH_DIFFERS),
        guesses=(ErrorCode.ENROLMENT_CODE_WRONG,),
    ),
    Endpoint(
        name="renew", path="/v1/renew", summary="A further identity for a desk whose history parted", tag="joining",
        pace=Pace.SECRET, message=RenewMessage, answer=EnrolAnswer, work=_renew, codes=(ErrorCode.DEVICE_REVOKED,),
        serves_any_version=True,
    ),
)  # fmt: skip
