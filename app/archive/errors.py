"""What the archive refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class HoldAlreadyLifted(DomainError):
    code = "hold_already_lifted"
    text = tr_noop("This hold was lifted already. Refresh the page.")


class ContractStillOpen(DomainError):
    code = "contract_still_open"
    text = tr_noop("Only a sealed or ended contract is kept in the archive. Have it sealed, or end it, first.")


class ContractNotSealed(DomainError):
    code = "contract_not_sealed"
    text = tr_noop("There is evidence of sealed contracts only. Have this one signed and sealed first.")
