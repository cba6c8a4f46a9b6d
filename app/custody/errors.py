"""What custody refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class CertificateElsewhere(DomainError):
    code = "certificate_elsewhere"
    text = tr_noop("The certificate of {vin} is with “{holder}”: “{step}” is not possible. Look at its ledger.")


class EntryNotLast(DomainError):
    code = "entry_not_last"
    text = tr_noop("Later entries build on this one. Correct the last one first.")


class EntryCorrected(DomainError):
    code = "entry_corrected"
    text = tr_noop("This entry was corrected already. Look at the ledger.")


class HappensLater(DomainError):
    code = "happens_later"
    text = tr_noop("This time has not come yet. Enter when it happened.")


class HappenedBeforeLast(DomainError):
    code = "happened_before_last"
    text = tr_noop("The entry before this one happened at {time}. Enter a later time.")


class NothingChosen(DomainError):
    code = "certificates_not_chosen"
    text = tr_noop("No vehicle is chosen. Choose at least one.")


class KeyNotThere(DomainError):
    code = "key_not_there"
    text = tr_noop("Key {number} is “{state}”: this is not possible now. Look at the register.")


class KeysCounted(DomainError):
    code = "keys_counted"
    text = tr_noop("A vehicle has 1 to {most} keys. Correct the number.")


class SlotTaken(DomainError):
    code = "slot_taken"
    text = tr_noop("Slot {slot} holds the keys of {vehicle}. Choose another one.")


class DueInPast(DomainError):
    code = "due_in_past"
    text = tr_noop("It would be overdue at once. Choose a later time.")


class PlaceCodeUnusable(DomainError):
    code = "place_code_unusable"
    text = tr_noop("A place's code has 1 to 12 characters without “-”, such as A or 展厅.")


class PlaceExists(DomainError):
    code = "place_exists"
    text = tr_noop("There is a place {code} already. Change that one, or choose another code.")


class PlaceOccupied(DomainError):
    code = "place_occupied"
    text = tr_noop("{count} vehicles stand there. Move them first.")


class CapacityOutOfRange(DomainError):
    code = "capacity_out_of_range"
    text = tr_noop("A place takes 0 to 5,000 vehicles; 0 where nobody counted. Correct the number.")
