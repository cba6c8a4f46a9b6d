"""What can be wrong with a contract template or with the facts it is filled from."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class ContractTemplateNotFound(DomainError):
    code = "contract_template_not_found"
    text = tr_noop("There is no contract template {template}. Choose another template or ask an administrator.")


class ContractTemplateFaulty(DomainError):
    """The template's own text is wrong: an unknown condition, a clause without one language, a double name."""

    code = "contract_template_faulty"
    text = tr_noop("Contract template {template} is faulty: {detail}. Ask an administrator to correct it.")


class ContractPlaceholderUnknown(DomainError):
    code = "contract_placeholder_unknown"
    text = tr_noop(
        "Contract clause {clause} asks for “{placeholder}”, which no sale provides. "
        "Ask an administrator to correct the template."
    )


class ContractPlaceholderEmpty(DomainError):
    code = "contract_placeholder_empty"
    text = tr_noop("The contract needs “{placeholder}” (clause {clause}). Fill it in on the order first.")


class DocumentKindUnknown(DomainError):
    code = "document_kind_unknown"
    text = tr_noop("There is no kind of document “{code}”. Choose one from the list.")


class ContractTotalsDisagree(DomainError):
    code = "contract_totals_disagree"
    text = tr_noop("The items add up to {sum}, the contract says {total}. Open the order and check its items.")


class TemplateNotApplicable(DomainError):
    code = "contract_template_not_applicable"
    text = tr_noop("This text does not apply to what is drafted here. Choose another one, or let the records choose.")


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


class SigningKeyUnusable(DomainError):
    code = "signing_key_unusable"
    text = tr_noop("The dealer's signing key cannot be used. Ask an administrator to set it up again.")


class EvidencePackageUnreadable(DomainError):
    code = "evidence_package_unreadable"
    text = tr_noop(
        "This evidence package is damaged or was changed ({detail}). Ask whoever gave it to you for another copy."
    )


class HandwritingLocked(DomainError):
    code = "handwriting_locked"
    text = tr_noop("The passphrase does not open this handwriting. Ask whoever exported the package for the right one.")


class NoEvidencePackage(DomainError):
    code = "no_evidence_package"
    text = tr_noop(
        "This ZIP file is no evidence package, or its parts are locked with a password. Choose the file as Forecourt "
        "wrote it, without packing it again."
    )


class NoContractFile(DomainError):
    code = "no_contract_file"
    text = tr_noop("This is neither a PDF nor an evidence package. Choose the file as it was handed over.")
