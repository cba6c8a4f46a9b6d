"""What can go wrong with signatures and with the evidence of them."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class SignatureTooShort(DomainError):
    code = "signature_too_short"
    text = tr_noop("This is too little for a signature. Clear the box and sign with the full name.")


class SignatureTooLong(DomainError):
    code = "signature_too_long"
    text = tr_noop("This signature has more than {limit} points. Clear the box and sign again.")


class EvidenceUnreadable(DomainError):
    code = "evidence_unreadable"
    text = tr_noop("The evidence of this signature is damaged. Restore it from a backup.")


class EvidenceForOtherDocument(DomainError):
    code = "evidence_for_other_document"
    text = tr_noop("This signature was given for another version of the document. Let it be signed again.")


class AcknowledgementsIncomplete(DomainError):
    code = "acknowledgements_incomplete"
    text = tr_noop("Not yet acknowledged: {numbers}. The customer acknowledges each of these clauses first.")


class SignatureBoxTaken(DomainError):
    code = "signature_box_taken"
    text = tr_noop("This box is already signed. A correction is a new version of the contract.")


class SignatureBoxMissing(DomainError):
    code = "signature_box_missing"
    text = tr_noop("This document has no place for “{field}”. Draft it again from its template.")


class SignaturesMissing(DomainError):
    code = "signatures_missing"
    text = tr_noop("Not everybody has signed yet. The seal comes last.")


class HandwritingLocked(DomainError):
    code = "handwriting_locked"
    text = tr_noop("The passphrase does not open this handwriting. Ask whoever exported the package for the right one.")
