"""What inspections refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class UnitNotHere(DomainError):
    code = "unit_not_in_house"
    text = tr_noop("This vehicle is not in the house ({state}). Take it into stock before it is inspected.")


class InspectionClosed(DomainError):
    code = "inspection_closed"
    text = tr_noop("This inspection is closed ({state}). Begin a new one.")


class ItemUnknown(DomainError):
    code = "item_unknown"
    text = tr_noop("The checklist of this inspection has no such item. Choose one of its items.")


class ChecklistIncomplete(DomainError):
    code = "checklist_incomplete"
    text = tr_noop("{count} items have no answer yet, the first is “{item}”. Answer them, or finish it as failed.")


class DefectOnItem(DomainError):
    code = "defect_on_item"
    text = tr_noop("A defect is written down for this item. Withdraw it, or have it repaired, first.")


class DefectStateWrong(DomainError):
    code = "defect_state_wrong"
    text = tr_noop("This defect is “{state}” already. Look at the inspection as it is now.")


class ReadingOutOfRange(DomainError):
    code = "reading_out_of_range"
    text = tr_noop("This reading lies between {low} and {high}. Correct the number.")
