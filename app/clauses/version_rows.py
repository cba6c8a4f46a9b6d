"""What versions of clauses and templates show alike: where they stand, who wrote and decided, what can be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.templates.text_versions import TEXT, TextAction, TextPhase, TextState
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.staff import StaffMember

NEW_VERSION, EDIT, DISCARD = "new_version", "edit", "discard"
"""What can be done besides the steps of `TextAction`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version. A shipped one has nobody who drafted it, and `actions` has only what begins a new one."""

    id: str
    number: int
    phase: TextPhase
    effective_from: date
    effective_to: date | None = None
    basis: str = ""
    reason: str = ""
    drafted_by: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    decision_note: str = ""
    changed_at: datetime | None = None
    own: bool = False
    """The reader drafted it."""
    shipped: bool = False
    revision: int = 0
    actions: tuple[str, ...] = ()


R = TypeVar("R", bound=VersionRow)


def version_row(
    row: type[R], reader: Reader, version: Any, *, phase: TextPhase, people: Mapping[str, str], **more: Any
) -> R:
    """A stored version as a row."""
    own = version.drafted_by_staff_id == reader.actor.staff_id
    return row(
        id=version.id, number=version.number, phase=phase, effective_from=version.effective_from,
        effective_to=version.effective_to, basis=version.basis, reason=version.reason,
        drafted_by=people.get(version.drafted_by_staff_id, ""), decided_by=people.get(version.decided_by_staff_id, ""),
        decided_at=version.decided_at, decision_note=version.decision_note, changed_at=version.updated_at, own=own,
        revision=version.revision, actions=actions_of(reader, TextState(version.state), own=own), **more,
    )  # fmt: skip


def actions_of(reader: Reader, state: TextState | None, *, own: bool) -> tuple[str, ...]:
    """What this reader can do with a version in a state, None for a shipped one."""
    found: list[str] = []
    may_edit = reader.actor.may(Permission.CLAUSES_EDIT)
    for action in TEXT.actions(state) if state is not None else ():
        decides = action in (TextAction.APPROVE, TextAction.REJECT)
        if reader.actor.may(TEXT.transition(state, action).permission) and not (decides and own):  # type: ignore[arg-type]
            found.append(action.value)
    if state is TextState.DRAFT and may_edit:
        found = [EDIT, *(one for one in found if one != TextAction.WITHDRAW), DISCARD]
    elif may_edit:
        found.append(NEW_VERSION)
    return tuple(found)


def staff_ids(versions: Iterable[Any]) -> set[str]:
    """Everybody who drafted or decided one of these."""
    found = {one for version in versions for one in (version.drafted_by_staff_id, version.decided_by_staff_id) if one}
    return found


def names_of(session: Session, ids: set[str]) -> dict[str, str]:
    """The names of people by their ids; a group has some hundreds of people."""
    if not ids:
        return {}
    return {id_: name for id_, name in session.execute(select(StaffMember.id, StaffMember.name)) if id_ in ids}
