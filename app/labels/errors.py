"""What can be wrong with labels."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class LabelLayoutUnknown(DomainError):
    code = "label_layout_unknown"
    text = tr_noop("There is no label paper “{layout}”. Choose one of the list.")


class LabelLayoutUnsuited(DomainError):
    code = "label_layout_unsuited"
    text = tr_noop("This paper is too small or too large for “{content}”. Choose another paper.")


class FirstLabelOutside(DomainError):
    code = "first_label_outside"
    text = tr_noop("A sheet of this paper has {places} labels. Begin with one of 1 to {places}.")


class TooManyLabels(DomainError):
    code = "too_many_labels"
    text = tr_noop("At most {limit} labels are printed at once. Choose fewer vehicles or copies.")


class NothingToLabel(DomainError):
    code = "nothing_to_label"
    text = tr_noop("No vehicle is chosen. Add one by its VIN or stock number.")


class LabelNotPrintable(DomainError):
    """As CharactersNotPrintable, with the vehicle: many labels are made at once."""

    code = "label_not_printable"
    text = tr_noop(
        "{vehicle}: these characters cannot be printed: {characters}. Correct the vehicle's entry in the catalogue or "
        "its location, or leave the vehicle out."
    )


class OffsetTooLarge(DomainError):
    code = "offset_too_large"
    text = tr_noop(
        "{offset} mm is more than a printer is ever off. Print at 100 % without fitting to the page, and measure again."
    )
