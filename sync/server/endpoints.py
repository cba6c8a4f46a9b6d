"""How an endpoint is declared. Routes, checks and the OpenAPI document follow from the list in `endpoint_list`.

An endpoint is one entry: where it is, what travels both ways, who may call it, what does the work and how it can
refuse. Most read a JSON message and answer one (`work`); what is bytes, a form or a page has a `reply` instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from fastapi import Request, Response
from pydantic import BaseModel

from sync.protocol.codes import ErrorCode
from sync.protocol.limits import BODY_BYTES
from sync.server.contents import Contents
from sync.server.databases import Stores
from sync.server.desk_visits import DeskVisits
from sync.server.devices import Device
from sync.server.store import Store
from sync.server.upkeep import CursorNotes


class Caller(Enum):
    """Who may call an endpoint. `callers.AUTHENTICATE` knows how each shows who it is."""

    ANYONE = "anyone"
    DESK = "desk"
    PERSON = "person"


class Pace(Enum):
    """Which allowance a request draws on; `allowances` has the numbers."""

    SYNC = "sync"
    """What desks do all day: push, pull, publish."""
    QUESTION = "question"
    CONTENT = "content"
    SECRET = "secret"
    """What could be used to guess a code, a key or a password."""
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Parts:
    """What one running service is made of."""

    store: Stores
    """Of all groups: `store.of(tenant)` is one's database; a `work` gets that of its caller."""
    contents: Contents
    cursors: CursorNotes
    clock_ms: Callable[[], int]
    extra: dict[str, Any] = field(default_factory=dict)
    """What only some endpoints need, by a name of their own."""
    visits: DeskVisits | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request for a `reply`. `body` is as it travelled, within the endpoint's limit."""

    parts: Parts
    request: Request
    body: bytes
    caller: Any
    """The Device, the person, or None where anyone may call."""
    address: str
    """Where it came from."""
    request_id: str
    now_ms: int


class Work(Protocol):
    """Does what a message asks, on a worker thread; raises Refusal."""

    def __call__(self, store: Store, caller: Any, message: Any, /, *, now_ms: int) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address and method of the service.

    Exactly one of `work`, `bound` and `reply` does the work:

    - `work(store, caller, message, now_ms=…)` gets the caller (a Device, a person, or None) and the message: an object
      of the model `message`, or the plain value where `checked_by_work` says that the work checks by hand;
    - `bound(parts)` gives such a work for a service whose other parts it needs;
    - `reply(call)` gives the whole response.
    """

    name: str
    """In logs and metrics, and `operationId`."""
    path: str
    method: str = "POST"
    tag: str = "desk"
    summary: str
    caller: Caller = Caller.DESK
    pace: Pace = Pace.QUESTION
    message: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    work: Work | None = None
    bound: Callable[[Parts], Work] | None = None
    reply: Callable[[Call], Response] | None = None
    tenant_of: Callable[[Any], str] | None = None
    """The group a message speaks for, where the caller has not shown who it is."""
    checked_by_work: bool = False
    """The message is not put through its model: too large for doing everything twice. Tests prove they agree."""
    serves_any_version: bool = False
    """A desk that speaks a protocol long gone may call it all the same: what waits there has to reach the centre."""
    codes: tuple[ErrorCode, ...] = ()
    """How it can refuse, besides what every request can meet (`openapi.common_codes`)."""
    guesses: tuple[ErrorCode, ...] = ()
    """Refusals that count as a wrong guess against the address they came from."""
    guessed: Callable[[Any], str] | None = None
    """What of a message (of the Call, where there is a `reply`) says whose secret is being guessed; without it the
    secret itself is all there is."""
    body_limit: int = BODY_BYTES
    example: Mapping[str, Any] | None = None
    answer_example: Mapping[str, Any] | None = None
    documented: bool = True
    """Whether the OpenAPI document tells of it."""
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Which requests follow from an answer: by the endpoint's name, its message's keys and the answer's."""
    openapi: Mapping[str, Any] = field(default_factory=dict)
    """Further keys of the operation in the OpenAPI document: parameters, bodies that are no JSON."""

    def work_in(self, parts: Parts) -> Work:
        """The work of this endpoint in one service."""
        work = self.bound(parts) if self.bound is not None else self.work
        if work is None:
            raise ValueError(f"{self.name} has no work")
        return work


__all__ = ["Call", "Caller", "Device", "Endpoint", "Pace", "Parts", "Work"]
