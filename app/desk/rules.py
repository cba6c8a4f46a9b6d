"""How much a desk keeps for somebody, and for how long."""

from datetime import timedelta

from app.desk.errors import DraftTooLarge, PreferenceTooLarge

KEY_LONGEST = 80
DRAFT_LONGEST = 512 * 1024
"""Characters of JSON; more than any form of the house holds, and little enough to be written every two seconds."""

PREFERENCE_LONGEST = 32 * 1024
DRAFTS_KEPT = timedelta(days=30)
"""A form nobody came back to in a month is forgotten: it holds personal data that has no purpose any more."""


def require_draft_size(length: int) -> None:
    """Raises DraftTooLarge for a draft of more characters than are kept."""
    if length > DRAFT_LONGEST:
        raise DraftTooLarge()


def require_preference_size(length: int) -> None:
    """Raises PreferenceTooLarge for an arrangement of more characters than are kept."""
    if length > PREFERENCE_LONGEST:
        raise PreferenceTooLarge()
