"""What files that are to be checked can lack."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class EvidencePackageUnreadable(DomainError):
    code = "evidence_package_unreadable"
    text = tr_noop(
        "This evidence package is damaged or was changed ({detail}). Ask whoever gave it to you for another copy."
    )


class NoEvidencePackage(DomainError):
    code = "no_evidence_package"
    text = tr_noop(
        "This ZIP file is no evidence package, or its parts are locked with a password. Choose the file as Forecourt "
        "wrote it, without packing it again."
    )


class NoContractFile(DomainError):
    code = "no_contract_file"
    text = tr_noop("This is neither a PDF nor an evidence package. Choose the file as it was handed over.")
