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


class EmailWrong(DomainError):
    code = "email_wrong"
    text = tr_noop("This is no e-mail address. Write it like name@example.com.")


class RegionWrong(DomainError):
    code = "region_wrong"
    text = tr_noop("A region is the six digits of a district. Choose it from the list.")


class PlateWrong(DomainError):
    code = "plate_wrong"
    text = tr_noop("A plate has 5 to 10 characters with at least one digit, such as 沪A12345.")


class IdentityKindWrong(DomainError):
    code = "identity_kind_wrong"
    text = tr_noop("A company is known by its company code, a person by an identity document. Choose the other kind.")


class RecipientRequired(DomainError):
    code = "recipient_required"
    text = tr_noop("Name who receives the data: the consent holds for that recipient only.")


class ConsentAlreadyWithdrawn(DomainError):
    code = "consent_already_withdrawn"
    text = tr_noop("This consent has already been withdrawn. Ask for a new one if it is needed.")


class CustomerHasDocuments(DomainError):
    code = "customer_has_documents"
    text = tr_noop("{name} already has {n} documents or appointments and stays on file. Correct the entry instead.")


class VehicleAlreadyEntered(DomainError):
    code = "vehicle_already_entered"
    text = tr_noop("This customer already has {vehicle}. Choose it from the list.")


class VehicleHasAppointment(DomainError):
    code = "vehicle_has_appointment"
    text = tr_noop("Appointment {number} is still open for this vehicle. Cancel it first.")


class OdometerWrong(DomainError):
    code = "odometer_wrong"
    text = tr_noop("An odometer shows between 0 and {limit} km. Correct the number.")
