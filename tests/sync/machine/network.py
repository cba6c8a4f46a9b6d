"""The network of the machine: what a desk sends is lost, doubled, delayed, cut, or arrives, as it was told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sync.client.credentials import KeptCredentials
from sync.client.errors import (
    BY_CODE,
    AnswerDamaged,
    AnswerNotUnderstood,
    BranchDiffers,
    BranchUnknown,
    ServiceBusy,
    ServiceFailing,
    ServiceTimedOut,
    ServiceUnreachable,
)
from sync.client.transport import HttpTransport
from sync.protocol.codec import dump, load
from sync.protocol.codes import ErrorCode
from sync.server.refusals import Refusal
from sync.server.store import StoreUnavailable
from tests.sync.machine.centre import Centre


class Fault(Enum):
    """What happens to one request."""

    NONE = "none"
    REQUEST_LOST = "request lost"
    ANSWER_LOST = "answer lost"
    DOUBLED = "doubled"
    DELAYED = "delayed"
    """The desk waits in vain; the request arrives later, when the desk has long gone on."""
    CUT_REQUEST = "request cut short"
    CUT_ANSWER = "answer cut short"
    FOREIGN = "something else answers"
    BUSY = "busy"
    ROLLED_BACK = "rolled back"
    """The centre does all the work and fails at the commit."""
    DIES_BEFORE = "the desk dies before it sends"
    DIES_AFTER = "the desk dies with the answer in its hand"


class DeskDied(BaseException):
    """The desk's process is gone; nobody catches this but the machine."""


@dataclass(slots=True)
class Line:
    """One desk's way to the centre. `fault` happens to the request number `at` from now; `cut` breaks the line."""

    fault: Fault = Fault.NONE
    at: int = 0
    cut: str = ""
    """"" open, "out" nothing arrives at the centre, "in" nothing comes back."""
    flapping: bool = False
    sent: int = 0

    def begin(self, fault: Fault, at: int) -> None:
        """What shall go wrong from now on."""
        self.fault, self.at, self.sent = fault, at, 0

    def next_fault(self) -> Fault:
        """What happens to the request that is sent now."""
        self.sent += 1
        if self.flapping and self.sent % 2:
            return Fault.REQUEST_LOST if self.sent % 4 == 1 else Fault.ANSWER_LOST
        if self.cut:
            return Fault.REQUEST_LOST if self.cut == "out" else Fault.ANSWER_LOST
        return self.fault if self.sent == self.at else Fault.NONE


@dataclass(slots=True)
class Network:
    """All lines to one centre; `late` are requests that are still on their way."""

    centre: Centre
    late: list[tuple[str, bytes, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """How often each fault really happened."""

    def carry(self, line: Line, name: str, body: bytes, token: str) -> dict[str, Any]:
        """Send one request over a line; the answer, or what a desk's transport raises."""
        fault = line.next_fault()
        if fault is not Fault.NONE:
            self.counts[fault.value] = self.counts.get(fault.value, 0) + 1
        self._on_the_way(fault, name, body, token)
        if fault is Fault.ROLLED_BACK:
            self.centre.store.break_commits = True
        try:
            answer = self.centre.deliver(name, body, token)
            if fault is Fault.DOUBLED and name != "enrol":
                answer = self.centre.deliver(name, body, token)
        except Refusal as refusal:
            raise problem_of(refusal) from refusal
        except StoreUnavailable as error:
            raise ServiceBusy(retry_after=1.0) from error
        finally:
            self.centre.store.break_commits = False
        self._on_the_way_back(fault)
        return answer

    def _on_the_way(self, fault: Fault, name: str, body: bytes, token: str) -> None:
        if fault is Fault.DIES_BEFORE:
            raise DeskDied
        if fault is Fault.REQUEST_LOST:
            raise ServiceUnreachable(address="centre")
        if fault is Fault.CUT_REQUEST:
            raise ServiceFailing(status=502)
        if fault is Fault.FOREIGN:
            raise AnswerNotUnderstood(address="centre")
        if fault is Fault.BUSY:
            raise ServiceBusy(retry_after=1.0)
        if fault is Fault.DELAYED:
            if name not in ("enrol", "renew", "token"):
                self.late.append((name, body, token))
            raise ServiceTimedOut(address="centre")

    @staticmethod
    def _on_the_way_back(fault: Fault) -> None:
        if fault is Fault.DIES_AFTER:
            raise DeskDied
        if fault is Fault.ANSWER_LOST:
            raise ServiceTimedOut(address="centre")
        if fault is Fault.CUT_ANSWER:
            raise AnswerDamaged()

    def deliver_late(self, which: int) -> None:
        """One of the delayed requests arrives now; nobody waits for its answer any more."""
        name, body, token = self.late.pop(which % len(self.late))
        try:
            self.centre.deliver(name, body, token)
        except (Refusal, StoreUnavailable):
            return


def problem_of(refusal: Refusal) -> Exception:
    """What the transport makes of a refusal."""
    kind: Any = BY_CODE[ErrorCode(refusal.code)]
    if kind is BranchDiffers and not refusal.detail.get("known", True):
        kind = BranchUnknown
    return kind(  # type: ignore[no-any-return]
        detail=refusal.detail, address="centre", status=400, reason=str(refusal.code), branch=""
    )


class SimulatedTransport(HttpTransport):
    """The desk's real transport with a simulated wire: tokens, renewals and their retries are the real ones."""

    def __init__(self, network: Network, line: Line, credentials: KeptCredentials) -> None:
        super().__init__("http://centre.invalid", credentials)
        self._network, self.line = network, line
        self.begins: dict[str, tuple[int, str]] = {}
        """Where the operations of each identity begin: device id to number and hash before its first."""

    def send_form(self, name: str, fields: Mapping[str, str]) -> dict[str, Any]:
        tenant, _, device_id = fields["client_id"].partition(".")
        shown = dump({"tenant": tenant, "device_id": device_id, "key": fields["client_secret"]})
        return self._network.carry(self.line, name, shown, "")

    def pull_ahead(self, message: dict[str, Any]) -> Callable[[], dict[str, Any]]:
        page = self.pull(message)
        return lambda: page

    def _send(self, name: str, body: bytes | None, token: str, read: Any = None) -> Any:
        answer = self._network.carry(self.line, name, body or b"{}", token)
        if name in ("enrol", "renew") and body is not None:
            told = load(body)
            self.begins[answer["device_id"]] = (told["after_n"], told["after_hash"])
        return answer
