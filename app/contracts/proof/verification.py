"""Is this document still what was signed, by whom, and if not: what changed?

The verdict rests on pyHanko's difference analysis, not on signature mathematics alone: a page laid over a signed one
leaves every signature "valid". Nothing inside the file is trusted; roots come from the caller.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from app.contracts.keys.revocation import Withdrawal
from app.contracts.keys.signing_keys import EVIDENCE_URN
from app.contracts.proof.findings import PROBLEM_TEXTS, Problem, ProblemCode, Verdict, shown, verdict_of
from app.contracts.proof.time_findings import time_findings
from app.contracts.proof.time_proof import NO_PROOF, ProofLevel, TimeProof, prove
from app.contracts.sealing.steps import EVIDENCE_MARK, SEAL_FIELD, locked_length
from app.runtime.language import tr, tr_noop

__all__ = [
    "LEVEL_TEXTS", "PROBLEM_TEXTS", "VERDICT_TEXTS", "Coverage", "ExpectedDocument", "Problem", "ProblemCode",
    "SignatureReport", "Verdict", "VerificationReport", "Withdrawal", "verify",
]  # fmt: skip
_EVIDENCE = re.compile(re.escape(EVIDENCE_MARK) + r"([0-9a-f]{64})")


class Coverage(StrEnum):
    """How much of the file one signature covers."""

    WHOLE_FILE = "whole_file"
    ITS_REVISION = "its_revision"
    LESS = "less"


VERDICT_TEXTS: Mapping[Verdict, str] = {
    Verdict.INTACT: tr_noop("Intact: nothing has changed since it was signed."),
    Verdict.UNTRUSTED: tr_noop("Unchanged, but signed with a certificate you do not trust."),
    Verdict.CHANGED: tr_noop("Changed after signing: do not rely on this file."),
    Verdict.UNSIGNED: tr_noop("Not signed."),
    Verdict.UNREADABLE: tr_noop("Cannot be read: ask for the original file."),
}


LEVEL_TEXTS: Mapping[ProofLevel, str] = {
    ProofLevel.B_B: tr_noop("Signed; no time-stamp proves when (PAdES B-B)."),
    ProofLevel.B_T: tr_noop(
        "Proved to have existed since {at} by the time-stamp of “{authority}” (PAdES B-T). The proof can be checked "
        "until {until}."
    ),
    ProofLevel.B_LTA: tr_noop(
        "Proved to have existed since {at} by the time-stamp of “{authority}”; what is needed to check it is in the "
        "file, under an archive time-stamp (PAdES B-LTA). The proof is to be renewed before {until}."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """One signature. `signed_at` is what the signing desk's clock said; `changes` are findings since it was made."""

    field: str
    signer: str
    organisation: str
    signed_at: datetime | None
    is_seal: bool
    reason: str
    coverage: Coverage
    intact: bool
    trusted: bool
    certificate_sha256: str
    evidence_sha256: str | None
    changes: tuple[Problem, ...]
    proved_at: datetime | None = None
    """When a time-stamp that is trusted proves it to have been there; None without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """Everything found, signatures in the order in which they were made; `awaiting` are boxes still empty."""

    verdict: Verdict
    signatures: tuple[SignatureReport, ...]
    problems: tuple[Problem, ...]
    awaiting: tuple[str, ...]
    pages: int
    sha256: str
    proof: TimeProof = NO_PROOF

    def summary(self) -> str:
        """The verdict in words, in the language in use."""
        return tr(VERDICT_TEXTS[self.verdict])

    def codes(self) -> frozenset[ProblemCode]:
        """Which kinds of finding there are."""
        return frozenset(problem.code for problem in self.problems)

    def level_words(self) -> str:
        """How far the signatures prove themselves, in the language in use; empty where nobody signed."""
        if not self.signatures:
            return ""
        at, until = self.proof.at, self.proof.ends_at
        if at is None or until is None:
            return tr(LEVEL_TEXTS[ProofLevel.B_B])
        told = {"at": shown(at), "authority": self.proof.authority, "until": shown(until)}
        return tr(LEVEL_TEXTS[self.proof.level], **told)

    def with_findings(self, *further: Problem) -> Self:
        """The same with findings from elsewhere; the verdict follows from all of them."""
        problems = tuple(_once([*self.problems, *further]))
        return replace(self, problems=problems, verdict=verdict_of(problems, signed=bool(self.signatures)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedDocument:
    """What the house remembers of a document; None where it does not know. `evidence` is by field name.

    `file_sha256` is of the sealed file; time-stamps may have been added to it since, `stamped_sha256s` are those known.
    """

    signed_fields: tuple[str, ...] | None = None
    locked_sha256: str | None = None
    file_sha256: str | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    stamped_sha256s: frozenset[str] = frozenset()


def verify(
    pdf: bytes, trusted_roots: Sequence[bytes], expected: ExpectedDocument | None = None, *,
    time_roots: Sequence[bytes] = (), revocation_lists: Sequence[bytes] = (), withdrawn: Sequence[Withdrawal] = (),
    now: datetime | None = None,
) -> VerificationReport:  # fmt: skip
    """Examine a document against the given root certificates (PEM). Never raises for any input bytes.

    `trusted_roots` are those of signatures, `time_roots` those of time-stamps. `revocation_lists` (PEM or DER) are
    looked at besides those in the file. `now` is the time at which the newest time-stamp has to hold.
    """
    known = expected or ExpectedDocument()
    digest = hashlib.sha256(pdf).hexdigest()
    trust = (trusted_roots, time_roots, revocation_lists, withdrawn)
    try:
        signatures, awaiting, pages, problems, proof = _examine(pdf, trust, known, now or datetime.now(UTC))
    except Exception:
        # Hostile or damaged bytes make a PDF parser fail in any way there is; all of them mean the same here.
        return VerificationReport(
            verdict=Verdict.UNREADABLE,
            signatures=(),
            problems=(Problem(ProblemCode.FILE_UNREADABLE),),
            awaiting=(),
            pages=0,
            sha256=digest,
        )
    # What stands behind the sealed bytes can only be time-stamps, or `_examine` has found it.
    only_stamps = bool(proof.stamps) and Problem(ProblemCode.ADDED_AFTER_LAST_SIGNATURE) not in problems
    problems += _against_memory(pdf, digest, signatures, known, only_stamps=only_stamps)
    return VerificationReport(
        verdict=verdict_of(problems, signed=bool(signatures)),
        signatures=tuple(signatures),
        problems=tuple(problems),
        awaiting=tuple(awaiting),
        pages=pages,
        sha256=digest,
        proof=proof,
    )


def _examine(
    pdf: bytes, trust: tuple[Any, ...], known: ExpectedDocument, now: datetime
) -> tuple[list[SignatureReport], list[str], int, list[Problem], TimeProof]:
    from app.contracts.proof.pades_examination import Examination, Trust

    roots, time_roots, lists, withdrawn = trust
    examination = Examination(pdf, Trust(roots=roots, time_roots=time_roots, lists=lists, withdrawn=withdrawn))
    problems: list[Problem] = []
    signatures: list[SignatureReport] = []
    found_signatures = examination.signatures()
    last = found_signatures[-1].revision if found_signatures else 0
    proof = prove(examination.stamps(), signed_revision=last, now=now)
    for found in found_signatures:
        report, findings = _report(found, known)
        signatures.append(replace(report, proved_at=proof.of_revision(found.revision)))
        problems += findings
    problems += time_findings(found_signatures, proof, now=now)
    if examination.damaged:
        problems.append(Problem(ProblemCode.SIGNATURE_DAMAGED, {"fields": _listed(examination.damaged)}))
    if signatures and not examination.ends_covered():
        problems.append(Problem(ProblemCode.ADDED_AFTER_LAST_SIGNATURE))
        problems += _change_problems(examination.changes_after_last())
    return signatures, examination.awaiting, examination.pages, _once(problems), proof


def _report(found: Any, known: ExpectedDocument) -> tuple[SignatureReport, list[Problem]]:
    who = {"signer": found.signer or found.field}
    problems: list[Problem] = []
    if not found.intact:
        problems.append(Problem(ProblemCode.CONTENT_ALTERED, who))
    elif not found.trusted:
        problems.append(Problem(ProblemCode.CERTIFICATE_UNTRUSTED, who))
    if not found.container_clean:
        problems.append(Problem(ProblemCode.SIGNATURE_DAMAGED, {"fields": found.field}))
    changes: list[Problem] = []
    if found.forbidden_change:
        changes = [Problem(ProblemCode.FORBIDDEN_CHANGE, who), *_change_problems(found.changes)]
    evidence, agrees = _evidence_digest(found.reason, found.alternative_names)
    bound = known.evidence.get(found.field)
    if not agrees or (bound is not None and bound != evidence):
        problems.append(Problem(ProblemCode.EVIDENCE_DIFFERS, who))
    report = SignatureReport(
        field=found.field,
        signer=found.signer,
        organisation=found.organisation,
        signed_at=found.signed_at,
        is_seal=found.field == SEAL_FIELD,
        reason=found.reason,
        coverage=Coverage(found.coverage),
        intact=found.intact and not found.forbidden_change,
        trusted=found.trusted,
        certificate_sha256=found.certificate_sha256,
        evidence_sha256=evidence,
        changes=tuple(changes),
    )
    return report, problems + changes


def _evidence_digest(reason: str, alternative_names: Iterable[str]) -> tuple[str | None, bool]:
    """The digest a signature carries, and whether its text and its certificate agree on it."""
    said = _EVIDENCE.search(reason)
    digest = said[1] if said else None
    certified = [name.removeprefix(EVIDENCE_URN) for name in alternative_names if name.startswith(EVIDENCE_URN)]
    return digest, not certified or certified == [digest]


def _change_problems(changes: Any) -> list[Problem]:
    if changes is None:
        return []
    problems = []
    counts = {"before": str(changes.pages_before), "after": str(changes.pages_after)}
    if changes.pages_after > changes.pages_before:
        problems.append(Problem(ProblemCode.PAGES_ADDED, counts))
    elif changes.pages_after < changes.pages_before:
        problems.append(Problem(ProblemCode.PAGES_REMOVED, counts))
    if changes.pages_altered:
        problems.append(Problem(ProblemCode.PAGES_ALTERED, {"pages": _listed(map(str, changes.pages_altered))}))
    if changes.pages_marked:
        problems.append(Problem(ProblemCode.PAGES_MARKED, {"pages": _listed(map(str, changes.pages_marked))}))
    fields = (*changes.fields_changed, *changes.fields_removed, *changes.fields_added)
    if fields:
        problems.append(Problem(ProblemCode.FIELDS_CHANGED, {"fields": _listed(sorted(fields))}))
    return problems


def _against_memory(
    pdf: bytes, digest: str, signatures: Sequence[SignatureReport], known: ExpectedDocument, *, only_stamps: bool
) -> list[Problem]:
    problems: list[Problem] = []
    if not signatures:
        problems.append(Problem(ProblemCode.NO_SIGNATURE))
    if known.signed_fields is not None:
        present = {signature.field for signature in signatures}
        missing = sorted(set(known.signed_fields) - present)
        extra = sorted(present - set(known.signed_fields))
        if missing:
            problems.append(Problem(ProblemCode.SIGNATURE_MISSING, {"fields": _listed(missing)}))
        if extra:
            problems.append(Problem(ProblemCode.SIGNATURE_UNEXPECTED, {"fields": _listed(extra)}))
    if known.locked_sha256 is not None and locked_length(pdf, known.locked_sha256) is None:
        problems.append(Problem(ProblemCode.LOCKED_TEXT_DIFFERS))
    if known.file_sha256 is not None and digest not in {known.file_sha256, *known.stamped_sha256s}:
        as_sealed = only_stamps and locked_length(pdf, known.file_sha256) is not None
        problems.append(Problem(ProblemCode.OTHER_STAMPS if as_sealed else ProblemCode.FILE_DIFFERS))
    return problems


def _once(problems: list[Problem]) -> list[Problem]:
    seen: list[Problem] = []
    for problem in problems:
        if problem not in seen:
            seen.append(problem)
    return seen


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
