"""What loan calculations refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class LoanPrincipalWrong(DomainError):
    code = "loan_principal_wrong"
    text = tr_noop("A loan is at least {lowest} and at most {highest}. Change the down payment.")


class LoanTermWrong(DomainError):
    code = "loan_term_wrong"
    text = tr_noop("A loan runs from 1 to {longest} months. Choose a term within.")


class LoanRateWrong(DomainError):
    code = "loan_rate_wrong"
    text = tr_noop("The annual rate lies between 0 % and {highest} %. Enter 4.5 for 4.5 %.")


class DownPaymentWrong(DomainError):
    code = "down_payment_wrong"
    text = tr_noop("The down payment lies between 0 and the price. Correct it.")


class TargetPaymentTooLow(DomainError):
    code = "target_payment_too_low"
    text = tr_noop("A payment of {payment} a month carries no loan. Raise it or choose a longer term.")


class LoanTermNotOffered(DomainError):
    code = "loan_term_not_offered"
    text = tr_noop("This loan runs for {offered} months. Choose one of these terms or another loan.")


class DownPaymentBelowProduct(DomainError):
    code = "down_payment_below_product"
    text = tr_noop("This loan asks for {share} % of the price as down payment. Raise it or choose another loan.")
