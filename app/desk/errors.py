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
