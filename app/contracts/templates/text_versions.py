"""The life of a version of a clause or a template, and which of several versions counts on a day.

A text is drafted, proposed, and approved by a second person. Of the approved versions whose days include a day, the one
that begins last counts; of two that begin on one day, the one approved later. A version begins on its first day, or on
the day of its approval where that was later, so that nothing ever counted before somebody agreed to it. Nothing here
reads the database: the centre holds desks to the same rules (`sync.server.text_approvals`).
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from app.kernel.clock import branch_date
from app.kernel.labels import Labelled
from app.kernel.permissions import Permission
from app.kernel.state_machine import StateMachine, Transition
from app.runtime.language import tr_noop
from db.types import dump_json


class TextState(Labelled):
    DRAFT = "DRAFT", tr_noop("Draft")
    PROPOSED = "PROPOSED", tr_noop("Awaiting approval")
    APPROVED = "APPROVED", tr_noop("Approved")
    REJECTED = "REJECTED", tr_noop("Rejected")
    WITHDRAWN = "WITHDRAWN", tr_noop("Withdrawn")


class TextAction(Labelled):
    PROPOSE = "propose", tr_noop("Propose")
    RECALL = "recall", tr_noop("Back to draft")
    APPROVE = "approve", tr_noop("Approve")
    REJECT = "reject", tr_noop("Reject")
    WITHDRAW = "withdraw", tr_noop("Withdraw")


_S, _A = TextState, TextAction
_EDIT, _APPROVE = Permission.CLAUSES_EDIT, Permission.CLAUSES_APPROVE

TEXT = StateMachine(
    document=tr_noop("text"),
    initial=TextState.DRAFT,
    transitions=(
        Transition(_A.PROPOSE, (_S.DRAFT,), _S.PROPOSED, _EDIT),
        Transition(_A.RECALL, (_S.PROPOSED,), _S.DRAFT, _EDIT),
        Transition(_A.APPROVE, (_S.PROPOSED,), _S.APPROVED, _APPROVE),
        Transition(_A.REJECT, (_S.PROPOSED,), _S.REJECTED, _APPROVE, reason_required=True),
        Transition(_A.WITHDRAW, (_S.DRAFT, _S.PROPOSED), _S.WITHDRAWN, _EDIT, reason_required=True),
        # What counts, or is going to, is taken out of force by somebody who could have approved it.
        Transition(_A.WITHDRAW, (_S.APPROVED,), _S.WITHDRAWN, _APPROVE, reason_required=True),
    ),
)


class TextPhase(Labelled):
    """Where a version stands on a day: its state, and once it is approved, its days."""

    DRAFT = "DRAFT", tr_noop("Draft")
    PROPOSED = "PROPOSED", tr_noop("Awaiting approval")
    SCHEDULED = "SCHEDULED", tr_noop("Scheduled")
    IN_FORCE = "IN_FORCE", tr_noop("In force")
    SUPERSEDED = "SUPERSEDED", tr_noop("Superseded")
    ENDED = "ENDED", tr_noop("Ended")
    REJECTED = "REJECTED", tr_noop("Rejected")
    WITHDRAWN = "WITHDRAWN", tr_noop("Withdrawn")
    SHIPPED = "SHIPPED", tr_noop("Shipped text")


class Version(Protocol):
    """What the rules ask of a version."""

    id: Any
    state: Any
    effective_from: Any
    effective_to: Any
    decided_at: Any


V = TypeVar("V", bound=Version)


def counts_from(effective_from: date, decided_at: datetime | None) -> date:
    """The first day on which an approved version counts."""
    return effective_from if decided_at is None else max(effective_from, branch_date(decided_at))


def in_force(versions: Iterable[V], day: date) -> V | None:
    """The version that counts on a day, None where none does."""
    counting = [one for one in versions if _covers(one, day)]
    return max(counting, key=_rank, default=None)


def phase_on(version: V, versions: Iterable[V], day: date) -> TextPhase:
    """Where one of all `versions` of a text stands on a day."""
    if version.state != TextState.APPROVED:
        return TextPhase(version.state)
    if day < counts_from(version.effective_from, version.decided_at):
        return TextPhase.SCHEDULED
    if not _covers(version, day):
        return TextPhase.ENDED
    counting = in_force(versions, day)
    return TextPhase.IN_FORCE if counting is None or counting.id == version.id else TextPhase.SUPERSEDED


def _covers(version: Version, day: date) -> bool:
    if version.state != TextState.APPROVED or day < counts_from(version.effective_from, version.decided_at):
        return False
    return version.effective_to is None or day <= version.effective_to


def _rank(version: Version) -> tuple[date, float, str]:
    decided = version.decided_at
    begins = counts_from(version.effective_from, decided)
    return begins, decided.timestamp() if decided is not None else 0.0, version.id


_COMMON_TERMS = ("number", "effective_from", "effective_to", "basis", "drafted_by_staff_id")
TERMS: Mapping[str, tuple[str, ...]] = {
    "clause_version": (
        "clause_id", "kinds", "text_zh", "text_en", "limits_customer", "conditions", *_COMMON_TERMS,
    ),
    "template_version": (
        "template_id", "title_zh", "title_en", "terms", "notices", "articles", "conditions", *_COMMON_TERMS,
    ),
}  # fmt: skip
"""By table: what is agreed upon, and does not change once a version is no draft any more."""


_SAID_WHERE_THERE = {"template_version": frozenset({"conditions"})}
"""What earlier versions did not have: left out of the digest where it is empty, which it was for all of them."""


def terms_digest(table: str, fields: Mapping[str, Any]) -> str:
    """SHA-256 of what is agreed upon; `fields` are the values of a version as they travel."""
    later = _SAID_WHERE_THERE.get(table, frozenset())
    said = {name: fields.get(name) for name in TERMS[table] if name not in later or fields.get(name)}
    return hashlib.sha256(dump_json([table, said]).encode("utf-8")).hexdigest()
