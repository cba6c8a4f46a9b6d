"""What drafting a document refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class EntryUnknown(DomainError):
    code = "document_entry_unknown"
    text = tr_noop("This kind of document has no field “{name}”. Open the form again.")


class EntryUnreadable(DomainError):
    code = "document_entry_unreadable"
    text = tr_noop("“{value}” cannot be read here. Type it as the label says.")


class EntryOutOfRange(DomainError):
    code = "document_entry_out_of_range"
    text = tr_noop("Between {smallest} and {largest}. Correct the value.")


class DayOver(DomainError):
    code = "document_day_over"
    text = tr_noop("This day is over. Choose today or a later day.")


class TimeUnreadable(DomainError):
    code = "document_time_unreadable"
    text = tr_noop("Type the time with hours and minutes, such as 14:30.")


class LicenceWrong(DomainError):
    code = "document_licence_wrong"
    text = tr_noop("A driving licence number has 12 to 18 letters and digits. Look at the licence again.")


class TooManyLines(DomainError):
    code = "document_too_many_lines"
    text = tr_noop("At most {limit} lines. Put the rest on a second document.")


class LicenceExpired(DomainError):
    code = "document_licence_expired"
    text = tr_noop("The licence is not valid on the day of the drive. Choose another driver or an earlier day.")


class ReturnBeforeStart(DomainError):
    code = "document_return_before_start"
    text = tr_noop("The drive has to end after it begins. Correct one of the two times.")


class DaysOutOfOrder(DomainError):
    code = "document_days_out_of_order"
    text = tr_noop("This day lies before “{earlier}”. Correct one of the two days.")


class EarnestMoneyTooHigh(DomainError):
    code = "document_earnest_money_too_high"
    text = tr_noop("Earnest money is at most 20 % of the contract price, here {limit}. Lower the amount.")


class LoanPlanMissing(DomainError):
    code = "document_loan_plan_missing"
    text = tr_noop("This order is paid without a loan. Make a quotation with a loan first.")


class SignedContractMissing(DomainError):
    code = "document_signed_contract_missing"
    text = tr_noop("Nobody has signed a sales contract over this order. Cancel the order instead.")


class NothingToDisclose(DomainError):
    code = "document_nothing_to_disclose"
    text = tr_noop("No repair is known of this vehicle. Enter what was repaired, or leave the disclosure out.")


class DiscountTooHigh(DomainError):
    code = "document_discount_too_high"
    text = tr_noop("The discount is higher than the customer's share of {share}. Lower it.")


class PaymentGivenBack(DomainError):
    code = "document_payment_given_back"
    text = tr_noop("This payment was reversed or is no receipt of money. Choose a payment that counts.")


class SubjectMissing(DomainError):
    code = "document_subject_missing"
    text = tr_noop("This kind of document needs: {subject}. Choose it first.")


class SubjectsDisagree(DomainError):
    code = "document_subjects_disagree"
    text = tr_noop("This record belongs to another customer. Choose records of one customer.")


class DocumentOutdated(DomainError):
    code = "document_outdated"
    text = tr_noop("The records behind this document changed since it was drafted. Draft it again, then lock it.")


class OwnCommandNeeded(DomainError):
    code = "document_own_command_needed"
    text = tr_noop("The sales contract is drafted from its order. Open the order and draft it there.")


class DocumentKindUnknown(DomainError):
    code = "document_kind_unknown"
    text = tr_noop("There is no kind of document “{code}”. Choose one from the list.")
