"""What insurance figures refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class SeatsUnknown(DomainError):
    code = "seats_unknown"
    text = tr_noop("There is no premium on file for {seats} seats. Correct the seats or enter the premium yourself.")


class PremiumFactorWrong(DomainError):
    code = "premium_factor_wrong"
    text = tr_noop("The record factor lies between {lowest} and {highest}. Take it from the insurer's quote.")


class CoverLimitUnknown(DomainError):
    code = "cover_limit_unknown"
    text = tr_noop("No premium is on file for a limit of {limit}. Enter the insurer's premium yourself.")


class PremiumNegative(DomainError):
    code = "premium_negative"
    text = tr_noop("A premium is never below zero. Enter the insurer's figure.")
