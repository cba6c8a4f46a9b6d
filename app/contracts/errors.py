"""What contracts refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class ContractLocked(DomainError):
    code = "contract_locked"
    text = tr_noop("This contract is locked and cannot be edited. Draft a new version that replaces it.")
