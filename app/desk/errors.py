"""What a desk refuses to keep."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class DraftTooLarge(DomainError):
    code = "draft_too_large"
    text = tr_noop("This entry is too long to be kept as a draft. Shorten the longest field.")


class PreferenceTooLarge(DomainError):
    code = "preference_too_large"
    text = tr_noop("This arrangement is too large to be kept. Save fewer columns or filters.")


class DeskHasUnsentChanges(DomainError):
    code = "desk_has_unsent_changes"
    text = tr_noop("This desk has changes its branch has not yet sent. Synchronise first, then move the desk.")


class FieldValueWrong(DomainError):
    code = "field_value_wrong"
    text = tr_noop("This field cannot hold that. Enter a value of its kind.")


class RefusedChangeSettled(DomainError):
    code = "refused_change_settled"
    text = tr_noop("Somebody has settled this refused change meanwhile. Refresh the list.")


class RecordRemovedMeanwhile(DomainError):
    code = "record_removed_meanwhile"
    text = tr_noop("The record was removed, so the change cannot be sent. Let it be; what was entered stays readable.")


class TableNotKnown(DomainError):
    code = "table_not_known"
    text = tr_noop("This version of Forecourt does not know this kind of record. Install the newest one first.")


class ValueStaysSealed(DomainError):
    code = "value_stays_sealed"
    text = tr_noop("How somebody signed is evidence and is not shown. Check the contract instead: that compares it.")
