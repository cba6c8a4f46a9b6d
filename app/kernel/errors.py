"""Errors that people can do something about. Anything else is a bug and goes to the bug dialog."""

from typing import Any, ClassVar

from app.kernel.labels import Listing, note
from app.kernel.permissions import ROLE_LABELS, ROLE_PERMISSIONS, Role
from app.runtime.language import tr, tr_noop


class DomainError(Exception):
    """The dealership's rules say no.

    `code` is stable and documented; `text` says what is wrong and what to do next, with `{placeholders}` filled
    from the keyword arguments; `field` names the field of the command beside which it belongs.
    """

    code: ClassVar[str] = "domain_error"
    text: ClassVar[str] = tr_noop("This is not possible.")

    def __init__(self, *, field: str | None = None, **params: Any) -> None:
        self.field = field
        self.params = params
        super().__init__(self.code, field, params)

    def message(self) -> str:
        """The text in the language in use."""
        shown = {key: tr(value) if isinstance(value, str) else value for key, value in self.params.items()}
        return tr(self.text, **shown)

    def __str__(self) -> str:
        return f"{self.code}: {self.text.format(**self.params)}"


class PermissionDenied(DomainError):
    """Says whose role allows it, as nobody knows permissions by their codes."""

    code = "permission_denied"
    text = tr_noop("Your role does not allow this. Ask a colleague who may ({roles}), or switch user.")

    def __init__(self, *, permission: str, field: str | None = None) -> None:
        allowed = (role for role in Role if permission in ROLE_PERMISSIONS[role])
        roles = Listing(note(ROLE_LABELS[role]) for role in allowed)
        super().__init__(field=field, permission=permission, roles=roles)


class RecordNotFound(DomainError):
    code = "record_not_found"
    text = tr_noop("This record no longer exists here. Refresh the page and choose again.")


class RecordChangedMeanwhile(DomainError):
    """Somebody else changed the record first; `current` is the row as it stands now."""

    code = "record_changed_meanwhile"
    text = tr_noop("Somebody changed this record meanwhile. Look at the present values and repeat your change.")

    def __init__(self, *, current: object = None, **params: Any) -> None:
        super().__init__(**params)
        self.current = current


class ReasonRequired(DomainError):
    code = "reason_required"
    text = tr_noop("Give a reason: it is kept with the change.")


class ValueRequired(DomainError):
    code = "value_required"
    text = tr_noop("Fill in this field.")


class ValueTooLong(DomainError):
    code = "value_too_long"
    text = tr_noop("At most {limit} characters; this has {length}. Shorten it.")


class ValueNotAllowed(DomainError):
    code = "value_not_allowed"
    text = tr_noop("“{value}” is not one of the possible values. Choose one from the list.")


def require_text(value: str | None, *, field: str, limit: int = 200) -> str:
    """The value without surrounding blanks; raises ValueRequired or ValueTooLong for the field."""
    cleaned = (value or "").strip()
    if not cleaned:
        raise ValueRequired(field=field)
    return limited_text(cleaned, field=field, limit=limit)


def limited_text(value: str | None, *, field: str, limit: int = 2000) -> str:
    """The value without surrounding blanks, perhaps empty; raises ValueTooLong for the field."""
    cleaned = (value or "").strip()
    if len(cleaned) > limit:
        raise ValueTooLong(field=field, limit=limit, length=len(cleaned))
    return cleaned
