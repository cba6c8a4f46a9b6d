"""What customer data refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class IdentityLengthWrong(DomainError):
    code = "identity_length_wrong"
    text = tr_noop("An identity card number has 18 characters; this has {length}. Compare it with the card.")


class IdentityCharactersWrong(DomainError):
    code = "identity_characters_wrong"
    text = tr_noop("An identity card number is 17 digits and a digit or X. Compare it with the card.")


class IdentityDateWrong(DomainError):
    code = "identity_date_wrong"
    text = tr_noop("Places 7 to 14 are no possible date of birth. Compare them with the card.")


class IdentityCheckDigitWrong(DomainError):
    code = "identity_check_digit_wrong"
    text = tr_noop(
        "The last place does not fit the rest: one digit is wrong or two are swapped. Compare with the card."
    )


class CompanyCodeLengthWrong(DomainError):
    code = "company_code_length_wrong"
    text = tr_noop("A company code has 18 characters; this has {length}. Compare it with the business licence.")


class CompanyCodeCharactersWrong(DomainError):
    code = "company_code_characters_wrong"
    text = tr_noop("A company code begins with 8 digits and never contains I, O, S, V or Z. Compare with the licence.")


class CompanyCodeCheckDigitWrong(DomainError):
    code = "company_code_check_digit_wrong"
    text = tr_noop("The last place does not fit the rest of the company code. Compare with the business licence.")


class PassportWrong(DomainError):
    code = "passport_wrong"
    text = tr_noop("A passport or permit number has 5 to 20 letters and digits. Compare it with the document.")


class PhoneWrong(DomainError):
    code = "phone_wrong"
    text = tr_noop("This is no phone number. Enter 11 digits for a mobile, or area code and number, or +country code.")


class CustomerDuplicate(DomainError):
    code = "customer_duplicate"
    text = tr_noop("{name} has the same {matched}. Open that customer, or save anyway if it is somebody else.")
