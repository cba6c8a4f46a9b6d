"""What an evidence package, or a signed PDF alone, proves: every finding in words, and since when it is proved.

Needs nothing but the file. What somebody hands over besides (root certificates, the log's public key) comes from
elsewhere and decides about trust: what came with the package proves that it agrees with itself, no more.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from app.contracts.keys.signing_keys import certificate_of
from app.contracts.kinds.roles import party_of_field, role_of
from app.contracts.proof.package import EvidencePackage
from app.contracts.proof.package_findings import (
    FINDING_TEXTS,
    LOG_FAULTS,
    PENS,
    STANDING_TEXTS,
    Finding,
    FindingCode,
    Standing,
    Values,
)
from app.contracts.proof.time_proof import clock_was_ahead
from app.contracts.proof.verification import (
    ExpectedDocument,
    SignatureReport,
    Verdict,
    VerificationReport,
    verify,
)
from app.contracts.sealing.errors import EvidenceUnreadable, HandwritingLocked
from app.contracts.sealing.evidence import SignatureEvidence, evidence_from_json
from app.contracts.sealing.handwriting import open_handwriting
from app.contracts.sealing.steps import SEAL_FIELD, locked_length
from app.documents.wording import moment_in_words
from app.kernel.errors import DomainError
from app.kernel.labels import Listing, note
from app.runtime.language import language, tr, tr_noop
from sync.protocol.document_log import Fault, LogFault, LogProof, key_id_of, verify_log_proof

__all__ = [
    "FINDING_TEXTS", "LOG_FAULTS", "Finding", "FindingCode", "KnownFromElsewhere", "PackageReport", "Standing",
    "examine_document", "examine_package",
]  # fmt: skip
Said = dict[str, str | Callable[[], str]]
"""What fills the words of a finding; what depends on the language in use is asked when it is read."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageReport:
    """Everything found. `proved_since` is the earliest instant by which somebody besides the dealer saw the sealed
    document: None where only the desk's own clock speaks."""

    number: str
    title: str
    document: VerificationReport
    findings: tuple[Finding, ...]
    proved_since: datetime | None

    @property
    def standing(self) -> Standing:
        """The worst of all findings."""
        found = {finding.standing for finding in self.findings}
        return next((one for one in (Standing.BROKEN, Standing.OPEN) if one in found), Standing.HOLDS)

    def summary(self) -> str:
        """The whole in one sentence, in the language in use."""
        return tr(STANDING_TEXTS[self.standing])

    def codes(self) -> frozenset[FindingCode]:
        """Which kinds of finding there are."""
        return frozenset(finding.code for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFromElsewhere:
    """What the examiner has from another source than the file: root certificates (PEM) of signatures and of
    time-stamps, the log's key (hex), and revocation lists (PEM), which count besides those in the file."""

    roots: tuple[bytes, ...] = ()
    log_key: str = ""
    time_roots: tuple[bytes, ...] = ()
    revocation_lists: tuple[bytes, ...] = ()
    passphrase: str = ""
    """Of the handwriting in the package."""


def examine_document(pdf: bytes, known: KnownFromElsewhere | None = None) -> PackageReport:
    """What a signed PDF proves by itself."""
    return _Examination(pdf, known or KnownFromElsewhere(), None).report()


def examine_package(package: EvidencePackage, known: KnownFromElsewhere | None = None) -> PackageReport:
    """What a package proves."""
    return _Examination(package.document, known or KnownFromElsewhere(), package).report()


class _Examination:
    def __init__(self, pdf: bytes, known: KnownFromElsewhere, package: EvidencePackage | None) -> None:
        self._pdf, self._known, self._package = pdf, known, package
        self._given: Mapping[str, bytes] = package.evidence if package is not None else {}
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in self._given.items()}
        self._sealed: Mapping[str, bytes] = package.handwriting if package is not None else {}
        self._roots = known.roots or (package.authorities if package is not None else ())
        expected = ExpectedDocument(locked_sha256=package.about.locked, evidence=digests) if package else None
        self._time_roots = known.time_roots or (package.time_stamp_authorities if package is not None else ())
        self._document = verify(
            pdf, self._roots, expected, time_roots=self._time_roots, revocation_lists=known.revocation_lists
        )
        self._evidence: dict[str, SignatureEvidence] = {}
        self._proved: list[datetime] = []

    def report(self) -> PackageReport:
        findings = [*self._of_document(), *self._of_signatures(), *self._of_time()]
        if self._package is not None:
            findings += [*self._of_seal(), *self._of_leftovers(), *self._of_log(self._package)]
        findings += self._of_authority()
        about = self._package.about if self._package is not None else None
        return PackageReport(
            number=about.number if about else "",
            title=about.title if about else "",
            document=self._document,
            findings=tuple(findings),
            proved_since=min(self._proved, default=None),
        )

    def _of_document(self) -> Iterator[Finding]:
        report = self._document
        told = [problem for problem in report.problems if problem.code not in _SAID_APART]
        wrong = [problem for problem in told if problem.code in _NOT_SIGNED or not problem.is_for_the_reader]
        for problem in told:
            standing = Standing.BROKEN if problem in wrong else Standing.OPEN
            code = FindingCode.DOCUMENT_BROKEN if problem in wrong else FindingCode.DOCUMENT_REMARK
            yield Finding(code, standing, {"finding": problem.message})
        if not wrong and report.verdict in (Verdict.INTACT, Verdict.UNTRUSTED):
            yield Finding(FindingCode.DOCUMENT_STANDS, Standing.HOLDS, {"pages": str(report.pages)})

    def _of_signatures(self) -> Iterator[Finding]:
        for signature in self._document.signatures:
            code = FindingCode.SEALED if signature.is_seal else FindingCode.SIGNED
            standing = Standing.HOLDS if signature.intact else Standing.BROKEN
            yield Finding(code, standing, _who(signature))
            if self._package is not None:
                yield self._of_evidence(signature)
                yield from self._of_handwriting(signature)

        if self._document.signatures and self._document.awaiting:
            yield Finding(FindingCode.AWAITING, Standing.OPEN, {"boxes": partial(_boxes, self._document.awaiting)})

    def _of_handwriting(self, signature: SignatureReport) -> Iterator[Finding]:
        """Strokes beside the evidence: sealed, or what was signed with."""
        evidence, sealed = self._evidence.get(signature.field), self._sealed.get(signature.field)
        if evidence is None or sealed is None or not evidence.has_strokes_apart:
            return
        who = _who(signature)
        if not self._known.passphrase:
            yield Finding(FindingCode.HANDWRITING_LOCKED, Standing.HOLDS, who)
            return
        try:
            opened = self._opened(signature.field, signature.evidence_sha256 or "")
            same = hashlib.sha256(opened).hexdigest() == evidence.written.sha256
        except HandwritingLocked:
            same = False
        code = FindingCode.HANDWRITING_FITS if same else FindingCode.HANDWRITING_OTHER
        yield Finding(code, Standing.HOLDS if same else Standing.BROKEN, who)

    def _opened(self, field: str, belongs_to: str) -> bytes:
        return open_handwriting(self._sealed[field], passphrase=self._known.passphrase, belongs_to=belongs_to)

    def _of_evidence(self, signature: SignatureReport) -> Finding:
        who = _who(signature)
        content = self._given.get(signature.field)
        if content is None and signature.field in self._sealed:
            try:
                content = self._opened(signature.field, signature.evidence_sha256 or "")
            except HandwritingLocked:
                return Finding(FindingCode.EVIDENCE_LOCKED, Standing.OPEN, who)
        if content is None:
            return Finding(FindingCode.EVIDENCE_MISSING, Standing.OPEN, who)
        if hashlib.sha256(content).hexdigest() != signature.evidence_sha256:
            return self._why_other(signature, content)
        if signature.is_seal:
            return self._closing(signature, content)
        try:
            evidence = self._evidence[signature.field] = evidence_from_json(content)
        except EvidenceUnreadable:
            return Finding(FindingCode.EVIDENCE_UNREADABLE, Standing.BROKEN, {"part": signature.field})
        if locked_length(self._pdf, evidence.document_sha256) is None:
            return Finding(
                FindingCode.EVIDENCE_OF_ANOTHER, Standing.BROKEN, who | {"number": evidence.document_number}
            )  # fmt: skip
        said: Said = {
            "strokes": str(evidence.written.strokes),
            "pen": partial(tr, PENS.get(evidence.device.pen.value, evidence.device.pen.value)),
            "clauses": str(len(evidence.acknowledgements)),
        }
        return Finding(FindingCode.EVIDENCE_FITS, Standing.HOLDS, who | said)

    def _why_other(self, signature: SignatureReport, content: bytes) -> Finding:
        """Evidence that is not the signature's: of another document, or changed."""
        told = _object(content)
        number = str(told.get("document_number", ""))
        digest = str(told.get("document_sha256", ""))
        if digest and locked_length(self._pdf, digest) is None:
            return Finding(
                FindingCode.EVIDENCE_OF_ANOTHER, Standing.BROKEN, _who(signature) | {"number": number}
            )  # fmt: skip
        return Finding(FindingCode.EVIDENCE_EXCHANGED, Standing.BROKEN, _who(signature))

    def _closing(self, signature: SignatureReport, content: bytes) -> Finding:
        told = _object(content)
        closed = [one.evidence_sha256 for one in self._document.signatures if not one.is_seal]
        code = FindingCode.SEAL_CLOSES if told.get("signature_evidence") == closed else FindingCode.SEAL_CLOSES_OTHERS
        standing = Standing.HOLDS if code is FindingCode.SEAL_CLOSES else Standing.BROKEN
        return Finding(code, standing, _who(signature))

    def _of_seal(self) -> Iterator[Finding]:
        """A package is of a sealed document: without the seal it says nothing of the dealer."""
        if not any(signature.is_seal for signature in self._document.signatures):
            said: Values = {"finding": partial(tr, _NO_SEAL)}
            yield Finding(FindingCode.DOCUMENT_BROKEN, Standing.BROKEN, said)

    def _of_leftovers(self) -> Iterator[Finding]:
        signed = {signature.field for signature in self._document.signatures}
        for name in sorted((self._given.keys() | self._sealed.keys()) - signed):
            yield Finding(FindingCode.EVIDENCE_WITHOUT_SIGNATURE, Standing.BROKEN, {"part": name})

    def _of_log(self, package: EvidencePackage) -> Iterator[Finding]:
        if not package.proofs:
            yield Finding(FindingCode.LOG_MISSING, Standing.OPEN)
        for digest, told in package.proofs.items():
            yield from self._of_proof(digest, told)

    def _of_proof(self, digest: str, told: Mapping[str, object]) -> Iterator[Finding]:
        try:
            if locked_length(self._pdf, digest) is None:
                raise LogFault(Fault.OTHER_DOCUMENT)
            proof: LogProof = verify_log_proof(told, digest=digest, public_key=self._known.log_key)
        except LogFault as fault:
            words = partial(tr, LOG_FAULTS.get(fault.fault, LOG_FAULTS[Fault.MALFORMED]))
            yield Finding(FindingCode.LOG_BROKEN, Standing.BROKEN, {"fault": words})
            return
        entered = _EPOCH + timedelta(microseconds=proof.at)
        self._proved.append(entered)
        said: Said = {"number": str(proof.number), "size": str(proof.head.size), "time": partial(_moment, entered)}
        yield Finding(FindingCode.LOGGED, Standing.HOLDS, said)
        for signature in self._document.signatures:
            if clock_was_ahead(signed_at=signature.signed_at, proved_at=entered):
                told = _who(signature) | {"entered": said["time"]}
                yield Finding(FindingCode.CLOCK_AHEAD_OF_LOG, Standing.OPEN, told)
        if self._known.log_key:
            yield Finding(FindingCode.LOG_KEY_KNOWN, Standing.HOLDS)
        else:
            key = {"key": key_id_of(proof.public_key)}
            yield Finding(FindingCode.LOG_KEY_FROM_PACKAGE, Standing.OPEN, key)

    def _of_time(self) -> Iterator[Finding]:
        proof = self._document.proof
        if proof.at is None:
            return
        self._proved.append(proof.at)
        yield Finding(FindingCode.TIME_STAMPED, Standing.HOLDS, {"proof": self._document.level_words})
        if self._known.time_roots:
            yield Finding(FindingCode.TIME_AUTHORITY_KNOWN, Standing.HOLDS)
        for root in () if self._known.time_roots else self._time_roots:
            yield Finding(FindingCode.TIME_AUTHORITY_FROM_PACKAGE, Standing.OPEN, {"fingerprint": _fingerprint(root)})

    def _of_authority(self) -> Iterator[Finding]:
        signatures = self._document.signatures
        for signature in signatures:
            if not signature.trusted:
                yield Finding(FindingCode.AUTHORITY_UNKNOWN, Standing.OPEN, _who(signature))
        if not signatures or not all(signature.trusted for signature in signatures):
            return
        if self._known.roots:
            yield Finding(FindingCode.AUTHORITY_KNOWN, Standing.HOLDS)
        for root in () if self._known.roots else self._roots:
            yield Finding(FindingCode.AUTHORITY_FROM_PACKAGE, Standing.OPEN, {"fingerprint": _fingerprint(root)})


_SAID_APART = frozenset({"certificate_untrusted", "evidence_differs"})
_NOT_SIGNED = frozenset({"certificate_revoked"})
"""Nothing was altered, but the signature does not count: no question for the reader."""
_NO_SEAL = tr_noop("The dealer's seal is missing.")
_SEAL = tr_noop("The dealer's seal")


def _who(signature: SignatureReport) -> Said:
    return {
        "signer": signature.signer or signature.field,
        "organisation": signature.organisation or signature.signer,
        "time": partial(_moment, signature.signed_at),
    }


def _boxes(fields: Iterable[str]) -> str:
    """Whose boxes they are, in the language in use; a box that is none of ours by its name."""
    codes = {field: party_of_field(field) for field in fields}
    words: list[object] = [note(role_of(code).label) if code else field for field, code in codes.items()
                           if field != SEAL_FIELD]  # fmt: skip
    return str(Listing([*words, note(_SEAL)] if SEAL_FIELD in codes else words))


def _moment(instant: datetime | None) -> str:
    return moment_in_words(instant, language()) if instant is not None else "–"


def _fingerprint(root: bytes) -> str:
    """SHA-256 of a certificate in groups a person can compare."""
    from cryptography.hazmat.primitives import hashes

    try:
        digest = certificate_of(root).fingerprint(hashes.SHA256()).hex().upper()
    except DomainError:
        return "–"
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def _object(content: bytes) -> Mapping[str, object]:
    try:
        told = json.loads(content)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
