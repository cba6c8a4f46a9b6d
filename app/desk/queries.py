"""Reading what a desk keeps to itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.kernel.unit_of_work import Reader
from db.models.desk import DeskState, FormDraft, StoredPreference


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A half-typed form of the one who is signed in."""

    form_key: str
    payload: Mapping[str, Any] = field(repr=False)
    updated_at: datetime

    @property
    def id(self) -> str:
        """The form's key: a person has one draft of each form."""
        return self.form_key


@dataclass(frozen=True, slots=True)
class DeskRow:
    """Who this desk is; `service_url` is empty for a desk that never met the centre."""

    device_id: str
    desk_code: str
    branch_id: str | None
    service_url: str
    enrolled_at: datetime | None
    last_agreed_at: datetime | None


def list_drafts(reader: Reader) -> tuple[DraftRow, ...]:
    """The drafts of the one who is signed in, the newest first."""
    own = select(FormDraft).where(FormDraft.staff_id == reader.actor.staff_id)
    return tuple(_draft_row(draft) for draft in reader.session.scalars(own.order_by(FormDraft.updated_at.desc())))


def get_draft(reader: Reader, form_key: str) -> DraftRow | None:
    """The draft of one form of the one who is signed in, None without one."""
    draft = reader.session.get(FormDraft, (reader.actor.staff_id, form_key))
    return None if draft is None else _draft_row(draft)


def get_preference(reader: Reader, key: str, default: Any = None) -> Any:
    """How the one who is signed in arranged something, as JSON; `default` when nothing was arranged."""
    stored = reader.session.get(StoredPreference, (reader.actor.staff_id, key))
    return default if stored is None else stored.value


def list_preferences(reader: Reader, prefix: str = "") -> Mapping[str, Any]:
    """Everything the one who is signed in arranged under keys that begin with `prefix`: `{key: value}`."""
    own = select(StoredPreference).where(
        StoredPreference.staff_id == reader.actor.staff_id, StoredPreference.key.startswith(prefix, autoescape=True)
    )
    return {stored.key: stored.value for stored in reader.session.scalars(own)}


def get_desk(reader: Reader) -> DeskRow | None:
    """Who this desk is, None before it was set up."""
    state = reader.session.get(DeskState, 1)
    if state is None:
        return None
    return DeskRow(
        device_id=state.device_id,
        desk_code=state.desk_code,
        branch_id=state.branch_id,
        service_url=state.service_url,
        enrolled_at=state.enrolled_at,
        last_agreed_at=state.last_agreed_at,
    )


def _draft_row(draft: FormDraft) -> DraftRow:
    return DraftRow(form_key=draft.form_key, payload=draft.payload, updated_at=draft.updated_at)
