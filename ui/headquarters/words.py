"""What the lists of headquarters say, in plain words."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.audit.code_labels import code_text
from app.audit.rules import TABLE_LABELS, field_label
from app.runtime.language import pick, tr, tr_noop, trn
from ui.headquarters.rows import BranchLine, DeskLine, KeptLine, LogLine
from ui.kit import formats
from ui.kit.columns import State
from ui.kit.stored_values import MONEY_FIELDS, is_derived, value_text

_PLAIN: Mapping[str, Any] = {"null": None, "true": True, "false": False}
_INSTANTS = ("_at", "_until")
_INTEGER = re.compile(r"-?[0-9]+")
QUIET_AFTER = timedelta(hours=1)
LONG_QUIET = timedelta(days=3)
FAR_BEHIND = 1_000
DOUBT_LASTS = timedelta(hours=25)

BRANCH_STATES: dict[str, State] = {
    "good": State(tr_noop("In step"), "good"),
    "behind": State(tr_noop("Behind"), "info"),
    "quiet": State(tr_noop("Quiet"), "neutral"),
    "care": State(tr_noop("Needs somebody"), "warn"),
    "silent": State(tr_noop("Silent for days"), "bad"),
    "empty": State(tr_noop("No desk yet"), "neutral"),
}
DESK_STATES: dict[str, State] = {
    **BRANCH_STATES,
    "replaced": State(tr_noop("Former identity"), "neutral"),
    "revoked": State(tr_noop("Shut out"), "bad"),
}

REASONS: Mapping[str, str] = {
    "device_revoked": tr_noop("The desk had been shut out"),
    "history_differs": tr_noop("The desk's data was restored or copied"),
}
KINDS: Mapping[str, str] = {
    "put": tr_noop("Change"), "claim": tr_noop("Claim of a vehicle"), "release": tr_noop("Vehicle given back"),
    "transfer": tr_noop("Transfer"), "void": tr_noop("Could not travel"),
}  # fmt: skip
DEEDS: Mapping[str, State] = {
    "signed_in": State(tr_noop("Signed in"), "good"),
    "session_began": State(tr_noop("Opened headquarters"), "good"),
    "signed_out": State(tr_noop("Signed out"), "neutral"),
    "password_wrong": State(tr_noop("Wrong password"), "warn"),
    "second_factor_wrong": State(tr_noop("Wrong second factor"), "warn"),
    "no_rights": State(tr_noop("No rights here"), "warn"),
    "code_reused": State(tr_noop("Sign-in code shown twice"), "bad"),
    "refresh_token_reused": State(tr_noop("Stolen sign-in ended"), "bad"),
    "password_chosen": State(tr_noop("Password chosen"), "info"),
    "second_factor_set_up": State(tr_noop("Second factor set up"), "info"),
    "recovery_code_used": State(tr_noop("Recovery code used"), "warn"),
    "person_added": State(tr_noop("Person added"), "info"),
    "person_disabled": State(tr_noop("Person shut out"), "bad"),
    "person_enabled": State(tr_noop("Person let in again"), "info"),
    "password_reset": State(tr_noop("Password reset"), "info"),
    "second_factor_reset": State(tr_noop("Second factor reset"), "info"),
    "code_made": State(tr_noop("Enrolment code made"), "info"),
    "scopes_changed": State(tr_noop("Branches of a desk changed"), "info"),
    "desk_revoked": State(tr_noop("Desk shut out"), "bad"),
    "quarantine_released": State(tr_noop("Set-aside changes released"), "info"),
    "quarantine_dropped": State(tr_noop("Set-aside changes dropped"), "warn"),
    "restore_found": State(tr_noop("Centre found to be restored"), "warn"),
    "restore_doubted": State(tr_noop("Desk not believed"), "bad"),
    "lease_ended": State(tr_noop("Lease ended"), "info"),
}

DETAILS: Mapping[str, str] = {
    "desk": tr_noop("Desk"), "reason": tr_noop("Reason"), "failed": tr_noop("Times in a row"),
    "locked_seconds": tr_noop("Closed for seconds"), "left": tr_noop("Codes left"),
    "operations": tr_noop("Changes"), "first": tr_noop("From number"), "last": tr_noop("To number"),
    "identity": tr_noop("Applied as"), "scopes": tr_noop("Scopes"), "role": tr_noop("Role"), "roles": tr_noop("Roles"),
    "hours": tr_noop("Hours"), "gained": tr_noop("Branches gained"), "lost": tr_noop("Branches lost"),
    "ended": tr_noop("Session ended"),
}  # fmt: skip
"""What stands beside a deed, by its name there."""


def contact_state(last: datetime | None, lag: int | None, now: datetime) -> str:
    """How a desk or branch stands, by its last contact and what it has not read."""
    if last is None or now - last > LONG_QUIET:
        return "silent"
    if lag is not None and lag > FAR_BEHIND:
        return "behind"
    return "quiet" if now - last > QUIET_AFTER else "good"


def branch_state(branch: BranchLine, now: datetime) -> str:
    """The one word for a branch: what needs somebody comes first."""
    if branch.conflicts or branch.quarantined:
        return "care"
    return "empty" if not branch.desks else contact_state(branch.last_contact, branch.lag, now)


def desk_state(desk: DeskLine, now: datetime) -> str:
    """The one word for a desk."""
    if desk.revoked_at is not None:
        return "revoked"
    if desk.quarantined or is_doubted(desk, now):
        return "care"
    return "replaced" if desk.replaced else contact_state(desk.last_contact, desk.lag, now)


def is_doubted(desk: DeskLine, now: datetime) -> bool:
    """Whether the desk says that the centre lost something, more often than is believed; told once a day."""
    return desk.doubted_at is not None and now - desk.doubted_at < DOUBT_LASTS


def branch_name(branch: BranchLine) -> str:
    """Code and name."""
    return f"{branch.code} · {pick(branch.name_zh, branch.name_en)}".strip(" ·") or branch.id


def lag_text(lag: int | None) -> str:
    """What was not read by the last visit."""
    if lag is None:
        return tr("not told")
    if lag == 0:
        return tr("nothing")
    return tr("{n} change" if lag == 1 else "{n} changes", n=formats.count(lag))


def unsent_text(desk: DeskLine, now: datetime) -> str:
    """What a desk had not sent when it last said so, and how old the oldest of it is by now."""
    if desk.unsent is None:
        return tr("not told")
    if desk.unsent == 0:
        return tr("nothing")
    said = tr("{n} change" if desk.unsent == 1 else "{n} changes", n=formats.count(desk.unsent))
    if desk.oldest_unsent_at is None:
        return said
    return tr("{changes}, the oldest {ago}", changes=said, ago=formats.ago(desk.oldest_unsent_at, now))


def unsent_short(desk: DeskLine, now: datetime) -> str:
    """The same for a narrow place."""
    if not desk.unsent or desk.oldest_unsent_at is None:
        return unsent_text(desk, now)
    return f"{formats.count(desk.unsent)} · {formats.ago(desk.oldest_unsent_at, now)}"


def unsent_hint(desk: DeskLine) -> str:
    """When it said so."""
    if desk.unsent is None or desk.unsent_said_at is None:
        return tr("This desk has not told yet what it has not sent: its program may be older.")
    return tr("As of {time}.", time=formats.moment(desk.unsent_said_at))


def clock_text(ahead_ms: int) -> str:
    """How the desk's clock stood at its last push; only what is more than five minutes ahead is told."""
    minutes = ahead_ms // 60_000
    if minutes <= 0:
        return tr("right")
    return trn("{n} minute ahead", "{n} minutes ahead", minutes)


def lag_hint(lag: int | None, at: datetime | None) -> str:
    """Since when that is known."""
    if lag is None or at is None:
        return tr("No desk has told yet how far it has read.")
    return tr("As of {time}.", time=formats.moment(at))


def ago_text(at: datetime | None, now: datetime) -> str:
    """A time in words people use."""
    return tr("never") if at is None else formats.ago(at, now)


def count_text(number: int) -> str:
    """A number that matters only where there is something."""
    return formats.count(number) if number else "–"


def record_kind(line: KeptLine) -> str:
    """What kind of record an operation is about."""
    return tr(TABLE_LABELS[line.table]) if line.table in TABLE_LABELS else line.table


def kind_text(line: KeptLine) -> str:
    """What it would do."""
    return tr(KINDS[line.kind]) if line.kind in KINDS else line.kind


def kept_fields(line: KeptLine, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """What an operation says, field by field, in words; `names` are those of branches by their ids. Left out is what
    is empty, and what the program works out by itself."""
    found = {name: _stored(name, value) for name, value in line.fields.items() if not is_derived(name)}
    return [
        (field_label(name), _shown(line.table, name, value, names))
        for name, value in found.items()
        if value not in (None, "")
    ]


def _shown(table: str, name: str, value: Any, names: Mapping[str, str]) -> str:
    worded = (names.get(value) or code_text(table, name, value)) if isinstance(value, str) else None
    return value_text(name, value) if worded is None else worded


def _stored(name: str, told: str) -> Any:
    """A value as it is stored, from the text it travels in."""
    if told in _PLAIN:
        return _PLAIN[told]
    return int(told) if (name in MONEY_FIELDS or name.endswith(_INSTANTS)) and _INTEGER.fullmatch(told) else told


def reason_text(line: KeptLine) -> str:
    """Why it was set aside."""
    return tr(REASONS[line.reason]) if line.reason in REASONS else line.reason


def winner_text(winner: Mapping[str, Any]) -> str:
    """Who has the vehicle."""
    number = str(winner.get("number") or "")
    return number or tr("somebody else")


def deed_detail(line: LogLine) -> str:
    """What else is known of a deed, in one line."""
    detail = line.detail
    parts = [str(detail["desk"])] if detail.get("desk") else []
    if detail.get("reason"):
        parts.append(f"“{detail['reason']}”")
    if detail.get("operations"):
        parts.append(trn("{n} change", "{n} changes", int(detail["operations"])))
    if detail.get("failed"):
        parts.append(trn("{n} time in a row", "{n} times in a row", int(detail["failed"])))
    if detail.get("left") is not None:
        parts.append(trn("{n} code left", "{n} codes left", int(detail["left"])))
    return " · ".join(parts)


def about_text(line: LogLine, desks: Mapping[str, str]) -> str:
    """Whom or what it was about; desks by their names."""
    return desks.get(line.about, "" if line.about == line.who else line.about)
