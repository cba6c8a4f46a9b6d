"""What checking a document can find: a stable code each, its words, and how bad it is.

A finding is added by giving it a code and a text here and naming it in one of the three sets below, where it is not an
alteration. `VerificationReport.with_findings` takes findings of others into a report.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.kernel.clock import BRANCH_TIME
from app.runtime.language import tr, tr_noop


class Verdict(StrEnum):
    """The one word for the whole document."""

    INTACT = "intact"
    UNTRUSTED = "untrusted"
    CHANGED = "changed"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


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
    CERTIFICATE_REVOKED = "certificate_revoked"
    REVOCATION_UNPROVED = "revocation_unproved"
    CERTIFICATE_EXPIRED = "certificate_expired"
    EVIDENCE_DIFFERS = "evidence_differs"
    LOCKED_TEXT_DIFFERS = "locked_text_differs"
    FILE_DIFFERS = "file_differs"
    STAMP_DAMAGED = "stamp_damaged"
    STAMP_UNTRUSTED = "stamp_untrusted"
    STAMP_REVOKED = "stamp_revoked"
    STAMP_EXPIRED = "stamp_expired"
    OTHER_STAMPS = "other_stamps"
    REVOKED_LATER = "revoked_later"
    EXPIRED_LATER = "expired_later"
    CLOCK_AHEAD = "clock_ahead"
    CLOCK_BACK = "clock_back"


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
    ProblemCode.CERTIFICATE_REVOKED: tr_noop(
        "The certificate of {signer} was revoked on {at} ({reason}), before this was signed: the signature does not "
        "count."
    ),
    ProblemCode.REVOCATION_UNPROVED: tr_noop(
        "The certificate of {signer} was revoked on {at} ({reason}), and no time-stamp proves that this was signed "
        "before."
    ),
    ProblemCode.CERTIFICATE_EXPIRED: tr_noop(
        "The certificate of {signer} ended on {at}, and no time-stamp proves that this was signed before."
    ),
    ProblemCode.EVIDENCE_DIFFERS: tr_noop("The signature of {signer} belongs to other evidence than is kept here."),
    ProblemCode.LOCKED_TEXT_DIFFERS: tr_noop("This is not the text that was locked for signing."),
    ProblemCode.FILE_DIFFERS: tr_noop("This is not the file as it was sealed and stored."),
    ProblemCode.STAMP_DAMAGED: tr_noop(
        "The time-stamp “{field}” does not belong to these bytes: it was exchanged or altered."
    ),
    ProblemCode.STAMP_UNTRUSTED: tr_noop(
        "The time-stamp of {at} is from “{authority}”, an authority you do not trust: it proves nothing here."
    ),
    ProblemCode.STAMP_REVOKED: tr_noop(
        "The certificate of the time-stamp authority “{authority}” was revoked on {revoked} ({reason}): its time-stamp "
        "of {at} proves nothing."
    ),
    ProblemCode.STAMP_EXPIRED: tr_noop(
        "The certificate of the time-stamp authority “{authority}” ended on {ended}, and no later time-stamp renewed "
        "it: its time-stamp of {at} proves nothing any more."
    ),
    ProblemCode.OTHER_STAMPS: tr_noop("The copy kept here has other time-stamps; what was signed is the same."),
    ProblemCode.REVOKED_LATER: tr_noop(
        "The certificate of {signer} was revoked on {at} ({reason}). A time-stamp proves that this was signed before: "
        "the signature counts."
    ),
    ProblemCode.EXPIRED_LATER: tr_noop(
        "The certificate of {signer} ended on {at}. A time-stamp proves that this was signed before: the signature "
        "counts."
    ),
    ProblemCode.CLOCK_AHEAD: tr_noop(
        "{signer} signed “at {signed}”, but a time-stamp proves that it was there at {at}: the signing desk's clock "
        "was ahead or was moved. The time-stamp's time counts."
    ),
    ProblemCode.CLOCK_BACK: tr_noop(
        "{signer} signed “at {signed}”, but on top of what {earlier} had signed “at {at}”: one of the clocks was wrong "
        "or was moved. Ask who was there, and look at the time-stamps."
    ),
}
UNTRUSTED_CODES = frozenset(
    {
        ProblemCode.CERTIFICATE_UNTRUSTED, ProblemCode.CERTIFICATE_REVOKED, ProblemCode.REVOCATION_UNPROVED,
        ProblemCode.CERTIFICATE_EXPIRED, ProblemCode.STAMP_UNTRUSTED, ProblemCode.STAMP_REVOKED,
    }
)  # fmt: skip
"""Nothing was altered, but somebody has to say whom they trust."""
REMARKS = frozenset(
    {
        ProblemCode.STAMP_EXPIRED, ProblemCode.OTHER_STAMPS, ProblemCode.REVOKED_LATER, ProblemCode.EXPIRED_LATER,
        ProblemCode.CLOCK_AHEAD, ProblemCode.CLOCK_BACK,
    }
)  # fmt: skip
"""What is worth knowing and takes nothing from the document."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: a stable code and what fills its text. Values in `keys` are English texts, translated with it."""

    code: ProblemCode
    values: Mapping[str, str] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()

    @property
    def is_remark(self) -> bool:
        """Whether it takes nothing from the document."""
        return self.code in REMARKS

    @property
    def is_for_the_reader(self) -> bool:
        """Whether nothing was altered: somebody has to say whom they trust, or has something to know."""
        return self.code in REMARKS or self.code in UNTRUSTED_CODES

    def message(self) -> str:
        """The finding in the language in use."""
        worded = {name: tr(value) if name in self.keys else value for name, value in self.values.items()}
        return tr(PROBLEM_TEXTS[self.code], **worded)


def verdict_of(problems: Iterable[Problem], *, signed: bool) -> Verdict:
    """The one word for all findings."""
    codes = {problem.code for problem in problems} - REMARKS
    if ProblemCode.FILE_UNREADABLE in codes:
        return Verdict.UNREADABLE
    if not signed and codes <= {ProblemCode.NO_SIGNATURE}:
        return Verdict.UNSIGNED
    if codes - UNTRUSTED_CODES:
        return Verdict.CHANGED
    return Verdict.UNTRUSTED if codes else Verdict.INTACT


def shown(instant: datetime) -> str:
    """An instant on the branch's clock, the same in both languages: 2026-11-22 09:12."""
    return instant.astimezone(BRANCH_TIME).strftime("%Y-%m-%d %H:%M")
