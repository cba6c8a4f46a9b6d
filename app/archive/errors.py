"""What the archive refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class HoldAlreadyLifted(DomainError):
    code = "hold_already_lifted"
    text = tr_noop("This hold was lifted already. Refresh the page.")


class ContractStillOpen(DomainError):
    code = "contract_still_open"
    text = tr_noop("Only a sealed or ended contract is kept in the archive. Have it sealed, or end it, first.")


class NothingToDispose(DomainError):
    code = "nothing_to_dispose"
    text = tr_noop("Choose the documents that are to be destroyed.")


class TooManyToDispose(DomainError):
    code = "too_many_to_dispose"
    text = tr_noop("One list names at most {limit} documents. Make several lists.")


class DisposalTooEarly(DomainError):
    code = "disposal_too_early"
    text = tr_noop("{number} cannot be destroyed: it is still open, or has to be kept until {day}. Leave it out.")


class DisposalHeld(DomainError):
    code = "disposal_held"
    text = tr_noop("{number} is on legal hold and must not be destroyed. Leave it out, or lift the hold first.")


class DisposalListed(DomainError):
    code = "disposal_listed"
    text = tr_noop("{number} stands on a destruction list already. Have that one decided first.")


class DisposalDecided(DomainError):
    code = "disposal_decided"
    text = tr_noop("This destruction list was decided already. Refresh the page.")


class OwnDisposal(DomainError):
    code = "own_disposal"
    text = tr_noop("Whoever proposed a destruction does not confirm it. Ask somebody else who may.")


class ContractNotSealed(DomainError):
    code = "contract_not_sealed"
    text = tr_noop("There is evidence of sealed contracts only. Have this one signed and sealed first.")


class PassphraseTooShort(DomainError):
    code = "evidence_passphrase_too_short"
    text = tr_noop("A passphrase for handwriting has at least {least} characters. Take several words.")
