"""What signing on a phone asks of the centre. `app.wiring` implements it; every call is made on a worker thread."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from app.contracts.phone_queries import PhoneTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRequest:
    """A request as its desk keeps it until what was given is stored: with it alone it goes on after a crash."""

    contract_id: str
    party: str
    signer: str
    digest: str
    request_id: str
    token: str = field(repr=False)
    code: str = field(repr=False)
    address: str = field(repr=False)
    """What the QR code says."""
    clauses: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "PhoneRequest | None":
        """None for what is none."""
        try:
            return cls(**{name: kept[name] for name in cls.__slots__})
        except KeyError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneAnswer:
    """What was given on the phone: a signature, or the reason why not."""

    reason: str = ""
    strokes: Sequence[Sequence[Sequence[float]]] = field(default=(), repr=False)
    pen: str = "touch"
    language: str = ""
    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneState:
    """Where a request stands (`docs/sync_protocol.md` has the states). `left` are seconds until it expires."""

    state: str
    left: float
    pages: int
    pages_seen: int
    acknowledged: Mapping[str, datetime]
    wrong_codes: int
    opened_at: datetime | None
    read_at: datetime | None
    finished_at: datetime | None
    answer: PhoneAnswer | None


class PhonePort(Protocol):
    """Raises a SyncProblem where there is no centre, or it does not answer."""

    def prepare(self, terms: PhoneTerms) -> PhoneRequest:
        """A request with new secrets, not yet known to the centre. Raises AddressNotUsable without TLS."""

    def open(self, request: PhoneRequest, terms: PhoneTerms) -> PhoneState:
        """Tell the centre; told again it stays the one it is."""

    def look(self, request: PhoneRequest) -> PhoneState:
        """How far it is."""

    def withdraw(self, request: PhoneRequest) -> PhoneState:
        """Take it back; what was given before is told."""

    def done(self, request: PhoneRequest) -> None:
        """What was given is stored here, or is not wanted: the centre forgets it."""
