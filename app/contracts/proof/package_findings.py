"""What an examination of a package can find: a stable code each, its words, and how it stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.runtime.language import tr, tr_noop
from sync.protocol.document_log import Fault


class Standing(StrEnum):
    """How one finding, or all of them, stand."""

    HOLDS = "holds"
    OPEN = "open"
    """Nothing is wrong, but this cannot be decided from the file alone."""
    BROKEN = "broken"


class FindingCode(StrEnum):
    """What can be found. The codes are stable; the words are in FINDING_TEXTS."""

    DOCUMENT_STANDS = "document_stands"
    DOCUMENT_BROKEN = "document_broken"
    SIGNED = "signed"
    SEALED = "sealed"
    AWAITING = "awaiting"
    EVIDENCE_FITS = "evidence_fits"
    EVIDENCE_MISSING = "evidence_missing"
    EVIDENCE_LOCKED = "evidence_locked"
    HANDWRITING_FITS = "handwriting_fits"
    HANDWRITING_LOCKED = "handwriting_locked"
    HANDWRITING_OTHER = "handwriting_other"
    EVIDENCE_UNREADABLE = "evidence_unreadable"
    EVIDENCE_OF_ANOTHER = "evidence_of_another"
    EVIDENCE_EXCHANGED = "evidence_exchanged"
    EVIDENCE_WITHOUT_SIGNATURE = "evidence_without_signature"
    SEAL_CLOSES = "seal_closes"
    SEAL_CLOSES_OTHERS = "seal_closes_others"
    AUTHORITY_KNOWN = "authority_known"
    AUTHORITY_FROM_PACKAGE = "authority_from_package"
    AUTHORITY_UNKNOWN = "authority_unknown"
    DOCUMENT_REMARK = "document_remark"
    TIME_STAMPED = "time_stamped"
    TIME_AUTHORITY_KNOWN = "time_authority_known"
    TIME_AUTHORITY_FROM_PACKAGE = "time_authority_from_package"
    LOGGED = "logged"
    LOG_KEY_KNOWN = "log_key_known"
    LOG_KEY_FROM_PACKAGE = "log_key_from_package"
    LOG_MISSING = "log_missing"
    LOG_BROKEN = "log_broken"
    CLOCK_AHEAD_OF_LOG = "clock_ahead_of_log"


FINDING_TEXTS: Mapping[FindingCode, str] = {
    FindingCode.DOCUMENT_STANDS: tr_noop("The document is what was signed: {pages} pages, nothing was changed since."),
    FindingCode.DOCUMENT_BROKEN: "{finding}",
    FindingCode.SIGNED: tr_noop("{signer} signed at {time} by the signing desk's clock."),
    FindingCode.SEALED: tr_noop("{organisation} sealed it at {time} by the sealing desk's clock."),
    FindingCode.AWAITING: tr_noop("Not signed yet: {boxes}. Ask for the document as it was sealed."),
    FindingCode.EVIDENCE_FITS: tr_noop(
        "The kept evidence is what {signer} signed with: {strokes} strokes by {pen}, {clauses} clauses acknowledged."
    ),
    FindingCode.EVIDENCE_MISSING: tr_noop("The evidence of {signer}'s signature is not here: who has the original?"),
    FindingCode.EVIDENCE_LOCKED: tr_noop(
        "The evidence of {signer}'s signature is in the file under a passphrase: give the right one to have it checked."
    ),
    FindingCode.HANDWRITING_FITS: tr_noop("The handwriting in the file is what {signer} signed with."),
    FindingCode.HANDWRITING_LOCKED: tr_noop(
        "The handwriting of {signer} is in the file under a passphrase, for an expert; nothing else needs it."
    ),
    FindingCode.HANDWRITING_OTHER: tr_noop(
        "The handwriting in the file is not what {signer} signed with, or the passphrase is another one."
    ),
    FindingCode.EVIDENCE_UNREADABLE: tr_noop("The evidence “{part}” is damaged."),
    FindingCode.EVIDENCE_OF_ANOTHER: tr_noop("The evidence of {signer} belongs to document {number}, not to this one."),
    FindingCode.EVIDENCE_EXCHANGED: tr_noop("The evidence of {signer} is not what the signature was made with."),
    FindingCode.EVIDENCE_WITHOUT_SIGNATURE: tr_noop("There is evidence “{part}” without a signature in the document."),
    FindingCode.SEAL_CLOSES: tr_noop("The seal closes exactly these signatures."),
    FindingCode.SEAL_CLOSES_OTHERS: tr_noop("The seal was put on other signatures than these."),
    FindingCode.DOCUMENT_REMARK: "{finding}",
    FindingCode.TIME_STAMPED: "{proof}",
    FindingCode.TIME_AUTHORITY_KNOWN: tr_noop("The time-stamps are from an authority you named."),
    FindingCode.TIME_AUTHORITY_FROM_PACKAGE: tr_noop(
        "The time-stamps are from the authority {fingerprint}, which came with the file. Compare this number with what "
        "the dealer group publishes."
    ),
    FindingCode.AUTHORITY_KNOWN: tr_noop("The certificates are from an authority you named."),
    FindingCode.AUTHORITY_FROM_PACKAGE: tr_noop(
        "The certificates are from the authority {fingerprint}, which came with the file. "
        "Compare this number with what the dealer publishes."
    ),
    FindingCode.AUTHORITY_UNKNOWN: tr_noop("The certificate of {signer} is not from an authority you named."),
    FindingCode.LOGGED: tr_noop(
        "The sealed document is entry {number} of the dealer group's log, entered at {time}; proved against a signed "
        "head of {size} entries."
    ),
    FindingCode.LOG_KEY_KNOWN: tr_noop("The log is signed with the key you named."),
    FindingCode.LOG_KEY_FROM_PACKAGE: tr_noop(
        "The log is signed with the key {key}, which came with the file. Compare this number with what the dealer group"
        " publishes."
    ),
    FindingCode.LOG_MISSING: tr_noop("There is no proof that it was entered in the dealer group's log."),
    FindingCode.CLOCK_AHEAD_OF_LOG: tr_noop(
        "{signer} signed “at {time}”, but the log had the sealed document at {entered} already: the signing desk's "
        "clock was ahead or was moved. The log's time counts."
    ),
    FindingCode.LOG_BROKEN: tr_noop("The proof of the log does not hold: {fault}"),
}
LOG_FAULTS: Mapping[Fault, str] = {
    Fault.MALFORMED: tr_noop("it is damaged."),
    Fault.SIGNATURE_WRONG: tr_noop("its head is not signed with the key it names."),
    Fault.KEY_CHANGED: tr_noop("its head is signed with another key than the one you named."),
    Fault.NOT_INCLUDED: tr_noop("its path does not lead from this document to the head: the log was rewritten."),
    Fault.OTHER_DOCUMENT: tr_noop("it is about another document."),
}
PENS: Mapping[str, str] = {"mouse": tr_noop("mouse"), "touch": tr_noop("finger"), "pen": tr_noop("pen")}
STANDING_TEXTS: Mapping[Standing, str] = {
    Standing.HOLDS: tr_noop("Everything holds."),
    Standing.OPEN: tr_noop("Nothing is wrong; what is marked with “?” is for you to compare."),
    Standing.BROKEN: tr_noop("Something does not hold: do not rely on this file."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: a stable code, how it stands, and what fills its text; words among it are asked for when needed."""

    code: FindingCode
    standing: Standing
    values: "Values" = field(default_factory=dict)

    def message(self) -> str:
        """In the language in use."""
        said = {name: value if isinstance(value, str) else value() for name, value in self.values.items()}
        return tr(FINDING_TEXTS[self.code], **said)


Values = Mapping[str, str | Callable[[], str]]
