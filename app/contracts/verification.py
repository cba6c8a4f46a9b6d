"""Is this document still what was signed, by whom, and if not: what changed?

The verdict rests on pyHanko's difference analysis, not on signature mathematics alone: a page laid over a signed one
leaves every signature "valid". Nothing inside the file is trusted; roots come from the caller.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.contracts.sealing import EVIDENCE_MARK, SEAL_FIELD, locked_length
from app.contracts.signing_keys import EVIDENCE_URN
from app.runtime.language import tr, tr_noop

_EVIDENCE = re.compile(re.escape(EVIDENCE_MARK) + r"([0-9a-f]{64})")


class Verdict(StrEnum):
    """The one word for the whole document."""

    INTACT = "intact"
    UNTRUSTED = "untrusted"
    CHANGED = "changed"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


class Coverage(StrEnum):
    """How much of the file one signature covers."""

    WHOLE_FILE = "whole_file"
    ITS_REVISION = "its_revision"
    LESS = "less"


class ProblemCode(StrEnum):
    """What can be found. The codes are stable; the words are in PROBLEM_TEXTS."""

    FILE_UNREADABLE = "file_unreadable"
    NO_SIGNATURE = "no_signature"
    SIGNATURE_MISSING = "signature_missing"
    SIGNATURE_UNEXPECTED = "signature_unexpected"
    SIGNATURE_DAMAGED = "signature_damaged"
    CONTENT_ALTERED = "content_altered"
    ADDED_AFTER_LAST_SIGNATURE = "added_after_last_signature"
    FORBIDDEN_CHANGE = "forbidden_change"
    PAGES_ADDED = "pages_added"
    PAGES_REMOVED = "pages_removed"
    PAGES_ALTERED = "pages_altered"
    PAGES_MARKED = "pages_marked"
    FIELDS_CHANGED = "fields_changed"
    CERTIFICATE_UNTRUSTED = "certificate_untrusted"
    EVIDENCE_DIFFERS = "evidence_differs"
    LOCKED_TEXT_DIFFERS = "locked_text_differs"
    FILE_DIFFERS = "file_differs"


PROBLEM_TEXTS: Mapping[ProblemCode, str] = {
    ProblemCode.FILE_UNREADABLE: tr_noop("The file is damaged and cannot be read as a PDF."),
    ProblemCode.NO_SIGNATURE: tr_noop("Nobody has signed this file."),
    ProblemCode.SIGNATURE_MISSING: tr_noop("Missing signature: {fields}."),
    ProblemCode.SIGNATURE_UNEXPECTED: tr_noop("Signature that does not belong here: {fields}."),
    ProblemCode.SIGNATURE_DAMAGED: tr_noop("The signature “{fields}” is damaged."),
    ProblemCode.CONTENT_ALTERED: tr_noop("Bytes that {signer} signed have been altered."),
    ProblemCode.ADDED_AFTER_LAST_SIGNATURE: tr_noop("Something was added after the last signature."),
    ProblemCode.FORBIDDEN_CHANGE: tr_noop("After {signer} signed, the document was changed in a forbidden way."),
    ProblemCode.PAGES_ADDED: tr_noop("Pages were added: {before} became {after}."),
    ProblemCode.PAGES_REMOVED: tr_noop("Pages were removed: {before} became {after}."),
    ProblemCode.PAGES_ALTERED: tr_noop("The content of page {pages} was altered."),
    ProblemCode.PAGES_MARKED: tr_noop("Something was laid over page {pages}."),
    ProblemCode.FIELDS_CHANGED: tr_noop("Form fields were changed: {fields}."),
    ProblemCode.CERTIFICATE_UNTRUSTED: tr_noop("The certificate of {signer} is not from an authority you trust."),
    ProblemCode.EVIDENCE_DIFFERS: tr_noop("The signature of {signer} belongs to other evidence than is kept here."),
    ProblemCode.LOCKED_TEXT_DIFFERS: tr_noop("This is not the text that was locked for signing."),
    ProblemCode.FILE_DIFFERS: tr_noop("This is not the file as it was sealed and stored."),
}
VERDICT_TEXTS: Mapping[Verdict, str] = {
    Verdict.INTACT: tr_noop("Intact: nothing has changed since it was signed."),
    Verdict.UNTRUSTED: tr_noop("Unchanged, but signed with a certificate you do not trust."),
    Verdict.CHANGED: tr_noop("Changed after signing: do not rely on this file."),
    Verdict.UNSIGNED: tr_noop("Not signed."),
    Verdict.UNREADABLE: tr_noop("Cannot be read: ask for the original file."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: a stable code and what fills its text."""

    code: ProblemCode
    values: Mapping[str, str] = field(default_factory=dict)

    def message(self) -> str:
        """The finding in the language in use."""
        return tr(PROBLEM_TEXTS[self.code], **self.values)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """Everything found, signatures in the order in which they were made; `awaiting` are boxes still empty."""

    verdict: Verdict
    signatures: tuple[SignatureReport, ...]
    problems: tuple[Problem, ...]
    awaiting: tuple[str, ...]
    pages: int
    sha256: str

    def summary(self) -> str:
        """The verdict in words, in the language in use."""
        return tr(VERDICT_TEXTS[self.verdict])

    def codes(self) -> frozenset[ProblemCode]:
        """Which kinds of finding there are."""
        return frozenset(problem.code for problem in self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedDocument:
    """What the house remembers of a document; None where it does not know. `evidence` is by field name."""

    signed_fields: tuple[str, ...] | None = None
    locked_sha256: str | None = None
    file_sha256: str | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)


def verify(pdf: bytes, trusted_roots: Sequence[bytes], expected: ExpectedDocument | None = None) -> VerificationReport:
    """Examine a document against the given root certificates (PEM). Never raises for any input bytes."""
    known = expected or ExpectedDocument()
    digest = hashlib.sha256(pdf).hexdigest()
    try:
        signatures, awaiting, pages, problems = _examine(pdf, trusted_roots, known)
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
    problems += _against_memory(pdf, digest, signatures, known)
    return VerificationReport(
        verdict=_verdict(signatures, problems),
        signatures=tuple(signatures),
        problems=tuple(problems),
        awaiting=tuple(awaiting),
        pages=pages,
        sha256=digest,
    )


def _examine(
    pdf: bytes, trusted_roots: Sequence[bytes], known: ExpectedDocument
) -> tuple[list[SignatureReport], list[str], int, list[Problem]]:
    from app.contracts.pades_examination import Examination

    examination = Examination(pdf, trusted_roots)
    problems: list[Problem] = []
    signatures: list[SignatureReport] = []
    for found in examination.signatures():
        report, findings = _report(found, known)
        signatures.append(report)
        problems += findings
    if examination.damaged:
        problems.append(Problem(ProblemCode.SIGNATURE_DAMAGED, {"fields": _listed(examination.damaged)}))
    if signatures and signatures[-1].coverage is not Coverage.WHOLE_FILE:
        problems.append(Problem(ProblemCode.ADDED_AFTER_LAST_SIGNATURE))
        problems += _change_problems(examination.changes_after_last())
    return signatures, examination.awaiting, examination.pages, _once(problems)


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
    pdf: bytes, digest: str, signatures: Sequence[SignatureReport], known: ExpectedDocument
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
    if known.file_sha256 is not None and digest != known.file_sha256:
        problems.append(Problem(ProblemCode.FILE_DIFFERS))
    return problems


def _verdict(signatures: Sequence[SignatureReport], problems: Sequence[Problem]) -> Verdict:
    codes = {problem.code for problem in problems}
    if not signatures and codes <= {ProblemCode.NO_SIGNATURE}:
        return Verdict.UNSIGNED
    if codes - {ProblemCode.CERTIFICATE_UNTRUSTED}:
        return Verdict.CHANGED
    return Verdict.UNTRUSTED if codes else Verdict.INTACT


def _once(problems: list[Problem]) -> list[Problem]:
    seen: list[Problem] = []
    for problem in problems:
        if problem not in seen:
            seen.append(problem)
    return seen


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
