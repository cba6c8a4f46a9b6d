"""What quotations refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class PriceBelowFloor(DomainError):
    """The floor itself is not in the text: a customer may be looking at the screen."""

    code = "price_below_floor"
    text = tr_noop("This price needs a manager's approval. Send it for approval or lower the discount.")


class DiscountTooLarge(DomainError):
    code = "discount_too_large"
    text = tr_noop("Discounts of {discount} exceed the list price of {list_price}. Lower the discount.")


class QuotationExpired(DomainError):
    code = "quotation_expired"
    text = tr_noop("This quotation was valid until {valid_until}. Make a new version with today's figures.")


class ValidityWrong(DomainError):
    code = "validity_wrong"
    text = tr_noop("A quotation is valid from its own day on. Choose {quoted_on} or later.")


class DisplacementMissing(DomainError):
    code = "displacement_missing"
    text = tr_noop("The engine size decides the vehicle and vessel tax. Enter it in litres or enter the tax yourself.")


class TotalNotReachable(DomainError):
    code = "total_not_reachable"
    text = tr_noop("No discount leads to a total of {total}. The possible range is {lowest} to {highest}.")


class TooManyExtras(DomainError):
    code = "too_many_extras"
    text = tr_noop("At most {limit} options and {limit} services fit on an offer. Put some of them together.")


class ApprovalNotNeeded(DomainError):
    code = "approval_not_needed"
    text = tr_noop("This price needs no approval. Present the offer to the customer.")


class ApprovalMissing(DomainError):
    code = "approval_missing"
    text = tr_noop("This price needs a manager's approval first. Send it for approval or make a new version.")


class ApprovalOfOwnQuotation(DomainError):
    code = "approval_of_own_quotation"
    text = tr_noop("Nobody decides on an offer of their own. Ask another manager.")
