"""What is to be said of a document's times: its time-stamps, certificates that ended or were revoked, moved clocks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from app.contracts.proof.findings import Problem, ProblemCode, shown
from app.contracts.proof.time_proof import (
    CertificateState,
    JudgedStamp,
    StampState,
    TimeProof,
    certificate_state,
    clock_was_ahead,
)

if TYPE_CHECKING:
    from app.contracts.proof.pades_examination import FoundSignature

_STAMP_CODES = {
    StampState.DAMAGED: ProblemCode.STAMP_DAMAGED,
    StampState.UNKNOWN: ProblemCode.STAMP_UNTRUSTED,
    StampState.REVOKED: ProblemCode.STAMP_REVOKED,
    StampState.EXPIRED: ProblemCode.STAMP_EXPIRED,
}
_CERTIFICATE_CODES = {
    CertificateState.EXPIRED_PROVED: ProblemCode.EXPIRED_LATER,
    CertificateState.EXPIRED_UNPROVED: ProblemCode.CERTIFICATE_EXPIRED,
    CertificateState.REVOKED_LATER: ProblemCode.REVOKED_LATER,
    CertificateState.REVOKED_BEFORE: ProblemCode.CERTIFICATE_REVOKED,
    CertificateState.REVOKED_UNPROVED: ProblemCode.REVOCATION_UNPROVED,
}


def time_findings(signatures: Sequence["FoundSignature"], proof: TimeProof, *, now: datetime) -> list[Problem]:
    """Everything about times, signatures first."""
    found: list[Problem] = []
    for signature in signatures:
        proved_at = proof.of_revision(signature.revision)
        found += _of_certificate(signature, proved_at, now)
        if clock_was_ahead(signed_at=signature.signed_at, proved_at=proved_at):
            assert signature.signed_at is not None and proved_at is not None
            times = {"signed": shown(signature.signed_at), "at": shown(proved_at)}
            found.append(Problem(ProblemCode.CLOCK_AHEAD, {"signer": _name(signature)} | times))
    return found + list(_of_order(signatures)) + list(_of_stamps(proof.stamps))


def _of_order(signatures: Sequence["FoundSignature"]) -> Iterable[Problem]:
    """Each signature stands on those before it: none can be earlier than the one it was put on."""
    for earlier, later in pairwise(signatures):
        if clock_was_ahead(signed_at=earlier.signed_at, proved_at=later.signed_at):
            assert earlier.signed_at is not None and later.signed_at is not None
            told = {"earlier": _name(earlier), "at": shown(earlier.signed_at), "signed": shown(later.signed_at)}
            yield Problem(ProblemCode.CLOCK_BACK, {"signer": _name(later)} | told)


def _of_certificate(signature: "FoundSignature", proved_at: datetime | None, now: datetime) -> list[Problem]:
    state = certificate_state(
        signed_at=signature.signed_at, proved_at=proved_at, ends_at=signature.ends_at, revoked=signature.revoked,
        now=now,
    )  # fmt: skip
    code = _CERTIFICATE_CODES.get(state)
    if code is None or not signature.trusted:
        return []
    if signature.revoked is None:
        return [Problem(code, {"signer": _name(signature), "at": shown(signature.ends_at)})]
    told = {"signer": _name(signature), "at": shown(signature.revoked.at), "reason": signature.revoked.label()}
    return [Problem(code, told, frozenset({"reason"}))]


def _of_stamps(stamps: Iterable[JudgedStamp]) -> Iterable[Problem]:
    for one in stamps:
        code = _STAMP_CODES.get(one.state)
        if code is None:
            continue
        told = {
            "field": one.found.field,
            "authority": one.found.authority,
            "at": shown(one.found.at),
            "ended": shown(one.found.ends_at),
        }
        revoked = one.found.revoked
        if revoked is not None:
            told |= {"revoked": shown(revoked.at), "reason": revoked.label()}
        yield Problem(code, told, frozenset({"reason"}) if revoked is not None else frozenset())


def _name(signature: "FoundSignature") -> str:
    return signature.signer or signature.field
