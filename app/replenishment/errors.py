"""What replenishment refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class QuantityOutOfRange(DomainError):
    code = "quantity_out_of_range"
    text = tr_noop("Enter a whole number from {least} to {most}.")


class ServiceLevelOutOfRange(DomainError):
    code = "service_level_out_of_range"
    text = tr_noop("Choose a service level from {least} to {most} %.")


class LeadTimeOutOfRange(DomainError):
    code = "lead_time_out_of_range"
    text = tr_noop("Enter from {least} to {most} days.")


class MinimumAlreadySet(DomainError):
    code = "minimum_already_set"
    text = tr_noop("There is a minimum for this already. Change that one.")


class TrimOfAnotherSeries(DomainError):
    code = "trim_of_another_series"
    text = tr_noop("This trim belongs to another series. Choose one of the series, or none.")


class NothingToOrder(DomainError):
    code = "nothing_to_order"
    text = tr_noop("Nothing is to be ordered. Give at least one line a quantity.")


class TooManyPurchaseLines(DomainError):
    code = "too_many_purchase_lines"
    text = tr_noop("At most {limit} lines fit into one proposal. Make two of them.")


class ProposalNotEditable(DomainError):
    code = "proposal_not_editable"
    text = tr_noop("Only a draft can be changed. Take it back first, or make another proposal.")


class ApprovalOfOwnProposal(DomainError):
    code = "approval_of_own_proposal"
    text = tr_noop("A purchase proposal is decided by somebody else than whoever drafted it. Ask another manager.")


class NothingToOffer(DomainError):
    code = "nothing_to_offer"
    text = tr_noop("Choose the vehicles that should go to the other branch.")
