"""What proves a handwritten signature: who, when, on what, how the pen moved, and what was acknowledged.

The evidence is kept beside the contract, not in it: a customer's copy need not carry the biometrics of a
signature. Its SHA-256 is in the signature, so that neither can be exchanged.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.contracts.kinds.roles import signature_field
from app.contracts.sealing.errors import EvidenceUnreadable, SignatureTooLong, SignatureTooShort
from app.documents.drafted_data import canonical_json
from app.documents.handwriting import Stroke, StrokePoint, ink_length

EVIDENCE_VERSION = 3
SEAL_EVIDENCE_VERSION = 2
_SINCE_SECOND = frozenset({"party", "identity_steps", "language", "screen"})
"""What the first version of the evidence does not say: kept evidence of that version stays the bytes it was."""
_SECOND, _APART_SINCE = 2, 3
"""From this version on the evidence names the handwriting by its digest, and the strokes are kept beside it: who checks
a signature need not be given what it could be drawn with again."""
_FEWEST_POINTS = 8
_LEAST_INK = 1.4
_MOST_POINTS = 50_000


class SignerRole(StrEnum):
    """For whom somebody signs."""

    BUYER = "buyer"
    CO_BUYER = "co_buyer"
    GUARANTOR = "guarantor"
    CUSTOMER = "customer"
    SELLER = "seller"


class PenKind(StrEnum):
    """What the signature was written with."""

    MOUSE = "mouse"
    TOUCH = "touch"
    PEN = "pen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signed. `identity` may be masked; `identity_check` says how the person was known (card seen, staff)."""

    name: str
    role: SignerRole
    organisation: str = ""
    identity: str = ""
    identity_check: str = ""
    record_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningDevice:
    """Where it was signed."""

    device_id: str
    desk_code: str
    pen: PenKind
    software: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """One clause that limits the customer, acknowledged on its own at its own time."""

    number: int
    clause_id: str
    acknowledged_at: datetime


class Screen(StrEnum):
    """Where the signer read and signed."""

    DESK = "desk"
    CUSTOMER = "customer"
    """In the window of the customer's own."""
    PHONE = "phone"
    """On the signer's own phone, through the centre; the step of that kind says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityEvidence:
    """One step by which the signer was known; `detail` is masked, the photo is named by its SHA-256."""

    step_id: str
    kind: str
    result: str
    at: datetime
    by: str
    detail: dict[str, Any] = dataclasses.field(default_factory=dict)
    attachment_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handwriting:
    """What the evidence says of the strokes: their SHA-256 as `strokes_json`, and how many strokes and points."""

    sha256: str
    strokes: int
    points: int

    @classmethod
    def of(cls, strokes: Sequence[Stroke]) -> "Handwriting":
        """Of these strokes."""
        digest = hashlib.sha256(strokes_json(strokes)).hexdigest()
        return cls(sha256=digest, strokes=len(strokes), points=sum(map(len, strokes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureEvidence:
    """Everything about one signature. `document_sha256` is of the locked bytes, before anybody signed.

    `strokes` may be missing where `handwriting` says what they are: evidence that left the house has none.

    `party` is the code of who signed, empty in evidence of the first version; `language` is what the signer read.
    """

    document_number: str
    document_sha256: str
    signer: Signer
    signed_at: datetime
    device: SigningDevice
    strokes: tuple[Stroke, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    place: str = ""
    party: str = ""
    identity_steps: tuple[IdentityEvidence, ...] = ()
    language: str = ""
    screen: Screen = Screen.DESK
    handwriting: Handwriting | None = None
    version: int = EVIDENCE_VERSION

    @property
    def field(self) -> str:
        """The box on paper."""
        role = self.signer.role
        return signature_field(self.party or ("dealer" if role is SignerRole.SELLER else role.value))

    def canonical(self) -> bytes:
        """The exact bytes to keep: UTF-8 JSON with sorted keys."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        if self.version < _SECOND:
            said = {name: value for name, value in said.items() if name not in _SINCE_SECOND}
        if self.version < _APART_SINCE:
            del said["handwriting"]
        else:
            del said["strokes"]
            said["handwriting"] = self.written
        return canonical_json(said)

    @property
    def written(self) -> Handwriting:
        """What is said of the handwriting."""
        return self.handwriting or Handwriting.of(self.strokes)

    @property
    def has_strokes_apart(self) -> bool:
        """Whether the strokes are kept beside the evidence, not in it."""
        return self.version >= _APART_SINCE

    def with_strokes(self, strokes: tuple[Stroke, ...]) -> "SignatureEvidence":
        """With the strokes that are kept beside it. Raises EvidenceUnreadable where they are others."""
        if Handwriting.of(strokes) != self.written:
            raise EvidenceUnreadable()
        return dataclasses.replace(self, strokes=strokes)

    def sha256(self) -> str:
        """The digest that the signature carries."""
        return hashlib.sha256(self.canonical()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SealEvidence:
    """What the dealer's seal closes: the locked bytes and the evidence of every signature before it.

    `log` is the head of the centre's log as the sealing desk knew it, with the key it was signed with. So the heads of
    all desks travel with what they seal, and nobody can take them out: a centre that shows two logs is found out.
    """

    document_number: str
    document_sha256: str
    sealed_by: str
    sealed_at: datetime
    signature_evidence: tuple[str, ...]
    log: Mapping[str, Any] | None = None
    version: int = SEAL_EVIDENCE_VERSION

    def canonical(self) -> bytes:
        """The exact bytes to keep: UTF-8 JSON with sorted keys."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        if self.version < SEAL_EVIDENCE_VERSION:
            del said["log"]
        return canonical_json(said)

    def sha256(self) -> str:
        """The digest that the seal carries."""
        return hashlib.sha256(self.canonical()).hexdigest()


def strokes_from(samples: Iterable[Iterable[Sequence[float]]]) -> tuple[Stroke, ...]:
    """Exact strokes from what a pad reports: per stroke (t_ms, x, y) or (t_ms, x, y, pressure 0..1)."""
    strokes = []
    for samples_of_stroke in samples:
        points = tuple(_point(sample) for sample in samples_of_stroke)
        if points:
            strokes.append(points)
    return tuple(strokes)


def strokes_json(strokes: Sequence[Stroke]) -> bytes:
    """The exact bytes of strokes, whose digest the evidence carries."""
    return canonical_json({"strokes": strokes})


def strokes_from_json(raw: Any) -> tuple[Stroke, ...]:
    """Kept strokes. Raises EvidenceUnreadable."""
    try:
        return tuple(tuple(StrokePoint(*point) for point in stroke) for stroke in raw)
    except (TypeError, ValueError) as error:
        raise EvidenceUnreadable() from error


def _point(sample: Sequence[float]) -> StrokePoint:
    pressure = sample[3] if len(sample) > 3 and sample[3] is not None else 0.5
    permille = min(max(round(pressure * 1000), 0), 1000)
    return StrokePoint(round(sample[0]), round(sample[1] * 100), round(sample[2] * 100), permille)


def require_signature(strokes: Sequence[Stroke]) -> None:
    """Raise SignatureTooShort for a dot or a dash, SignatureTooLong for more points than any hand makes."""
    count = sum(len(stroke) for stroke in strokes)
    if count > _MOST_POINTS:
        raise SignatureTooLong(limit=_MOST_POINTS)
    if count < _FEWEST_POINTS or ink_length(strokes) < _LEAST_INK:
        raise SignatureTooShort()


def evidence_from_json(data: bytes) -> SignatureEvidence:
    """The evidence as it was kept. Raises EvidenceUnreadable; its digest is the digest of the same bytes."""
    try:
        evidence = _evidence(json.loads(data))
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceUnreadable() from error
    if evidence.canonical() != data:
        raise EvidenceUnreadable()
    return evidence


def _evidence(raw: dict[str, Any]) -> SignatureEvidence:
    signer, device = raw["signer"], raw["device"]
    return SignatureEvidence(
        document_number=raw["document_number"],
        document_sha256=raw["document_sha256"],
        signer=Signer(**signer | {"role": SignerRole(signer["role"])}),
        signed_at=datetime.fromisoformat(raw["signed_at"]),
        device=SigningDevice(**device | {"pen": PenKind(device["pen"])}),
        strokes=() if "handwriting" in raw else strokes_from_json(raw["strokes"]),
        handwriting=Handwriting(**raw["handwriting"]) if "handwriting" in raw else None,
        acknowledgements=tuple(
            Acknowledgement(**item | {"acknowledged_at": datetime.fromisoformat(item["acknowledged_at"])})
            for item in raw["acknowledgements"]
        ),
        place=raw["place"],
        version=raw["version"],
        **_since_second(raw),
    )


def _since_second(raw: dict[str, Any]) -> dict[str, Any]:
    if raw["version"] < _SECOND:
        return {}
    return {
        "party": raw["party"],
        "identity_steps": tuple(
            IdentityEvidence(**step | {"at": datetime.fromisoformat(step["at"])}) for step in raw["identity_steps"]
        ),
        "language": raw["language"],
        "screen": Screen(raw["screen"]),
    }
