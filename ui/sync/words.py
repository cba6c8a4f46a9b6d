"""How things stand with the centre, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.audit.rules import TABLE_LABELS, field_label
from app.desk.record_titles import CLAIM_TABLE
from app.runtime.language import tr, tr_noop, trn
from sync.client.errors import problem_kind, sentences
from sync.client.queries import OutboxRow
from sync.client.refusal_words import refusal_words
from sync.client.status import Progress, SyncState, SyncStatus
from ui.kit import formats
from ui.kit.columns import State

STALE = timedelta(minutes=10)
LONG_UNSENT = timedelta(minutes=2)
NAMED_FIELDS = 4
RECONNECT = frozenset({"device_key_refused", "device_revoked", "not_enrolled"})
"""Problems that only a new enrolment ends."""

OPERATION_STATES: dict[str, State] = {
    "pending": State(tr_noop("Not sent"), "warn"),
    "accepted": State(tr_noop("Agreed"), "good"),
    "conflict": State(tr_noop("Vehicle lost"), "bad"),
    "rejected": State(tr_noop("Refused"), "bad"),
    "dismissed": State(tr_noop("Let be"), "neutral"),
}
_MORE_TABLES = {CLAIM_TABLE: tr_noop("Right to a vehicle")}


@dataclass(frozen=True, slots=True)
class Standing:
    """Ready text: one sentence, what else is to be known or done, and a tone."""

    headline: str
    tone: str
    advice: tuple[str, ...] = ()


def standing_of(status: SyncStatus, now: datetime) -> Standing:
    """What is wrong comes first, then what waits, then that all is well."""
    headline, tone = _headline(status, now)
    advice = [*_clock(status), *_message(status), *_to_look_at(status)]
    if status.conflicts or status.rejected or status.log_alarms:
        tone = "bad"
    elif tone == "good" and (status.unwritten or status.overridden or status.message or status.log_restored):
        tone = "warn"
    if tone in ("good", "neutral") and status.clock_was is not None:
        tone = "warn"
    return Standing(headline, tone, tuple(advice))


def _headline(status: SyncStatus, now: datetime) -> tuple[str, str]:
    if status.state is SyncState.NOT_ENROLLED:
        return tr("This desk works without a centre."), "neutral"
    if status.state is SyncState.REFUSED:
        return tr("The centre does not exchange with this desk."), "bad"
    if status.offline_since is not None:
        return tr("Offline since {time}. Work goes on here.", time=since_text(status.offline_since, now)), "warn"
    if status.progress is not None and status.state is SyncState.WORKING:
        return _progress_text(status.progress), "info"
    if status.unsent:
        waiting = status.oldest_unsent_at is not None and now - status.oldest_unsent_at > LONG_UNSENT
        text = trn("{n} change is on its way to the centre.", "{n} changes are on their way to the centre.",
                   status.unsent)  # fmt: skip
        return text, "warn" if waiting else "info"
    if status.last_agreed_at is None:
        return tr("Connected; both sides have not agreed yet."), "neutral"
    fresh = now - status.last_agreed_at < STALE
    if status.rejected or status.conflicts or status.unwritten:
        return tr("Everything is sent. Not everything is settled."), "good" if fresh else "warn"
    return tr("Everything is sent; both sides agree."), "good" if fresh else "warn"


def _progress_text(progress: Progress) -> str:
    """What is going on right now, with counts."""
    if progress.to_send:
        said = tr(
            "Sending: {n} of {all} changes.", n=formats.count(progress.sent), all=formats.count(progress.to_send)
        )  # fmt: skip
        return _with_bytes(said, progress.bytes_out)
    counts = {"n": formats.count(progress.received), "all": formats.count(progress.to_receive)}
    if not progress.to_receive:
        said = tr("Receiving: {n} records so far.", n=counts["n"])
    elif progress.about:
        said = tr("Receiving: {n} of about {all} records.", **counts)
    else:
        said = tr("Receiving: {n} of {all} records.", **counts)
    if progress.seconds_left is not None and progress.received < progress.to_receive:
        said = tr("{said} {left}.", said=said, left=formats.time_left(progress.seconds_left).capitalize())
    return _with_bytes(said, progress.bytes_in)


def _with_bytes(said: str, travelled: int) -> str:
    return f"{said} {formats.bytes_text(travelled)}" if travelled else said


def next_attempt_text(status: SyncStatus, now: datetime) -> str:
    """When the next attempt is made by itself; "" while one is under way or none is needed."""
    if status.next_at is None or status.state in (SyncState.WORKING, SyncState.AGREED, SyncState.NOT_ENROLLED):
        return ""
    seconds = int((status.next_at - now).total_seconds())
    if seconds <= 0:
        return tr("The next attempt begins now.")
    return trn("The next attempt is made in {n} second.", "The next attempt is made in {n} seconds.", seconds)


def _clock(status: SyncStatus) -> list[str]:
    if status.clock_was is None:
        return []
    return [
        tr("This computer's clock was set back: it has shown {time} already. Set it right; until then new entries get "
           "wrong times, and secured vehicles do not count.", time=formats.moment(status.clock_was))
    ]  # fmt: skip


def _message(status: SyncStatus) -> list[str]:
    if status.message:
        params = dict(status.message_params)
        return [tr(status.message, **params), *_what_then(status.problem, params)]
    if status.state is SyncState.NOT_ENROLLED:
        return [tr("Everything stays on this computer until it is connected.")]
    return []


def _what_then(problem: str, params: dict[str, object]) -> list[str]:
    """What a problem means for the work, and what to do."""
    if not problem:
        return []
    kind = problem_kind(problem)
    return [sentences((tr(kind.effect, **params), tr(kind.advice, **params)))]


def _to_look_at(status: SyncStatus) -> list[str]:
    said = []
    if status.log_alarms:
        said.append(
            tr("The centre's log of sealed documents is not what it was: look at it below before you rely on a proof.")
        )
    elif status.log_restored:
        said.append(tr("The centre was restored from a backup, and its log of sealed documents with it: see below."))
    if status.leases_ending and status.lease_ends_at is not None and status.offline_since is not None:
        said.append(
            trn("{n} secured vehicle is kept only until {time}: connect before, or its sale is provisional.",
                "{n} secured vehicles are kept not much longer, the first until {time}: connect before, or their sales "
                "are provisional.", status.leases_ending, time=formats.clock_time(status.lease_ends_at))
        )  # fmt: skip
    if status.conflicts:
        said.append(
            trn("{n} order lost its vehicle: settle it.", "{n} orders lost their vehicles: settle them.",
                status.conflicts)
        )  # fmt: skip
    if status.rejected:
        said.append(
            trn("{n} change was refused: look at it below.", "{n} changes were refused: look at them below.",
                status.rejected)
        )  # fmt: skip
    if status.unwritten:
        said.append(
            trn("{n} record from the centre could not be written here: look at it below.",
                "{n} records from the centre could not be written here: look at them below.", status.unwritten)
        )  # fmt: skip
    if status.overridden:
        said.append(
            trn("{n} value entered here was replaced by another desk: look whether that is right.",
                "{n} values entered here were replaced by other desks: look whether that is right.",
                status.overridden)
        )  # fmt: skip
    return said


def since_text(instant: datetime, now: datetime) -> str:
    """The time of day, with the date where it is another day."""
    same_day = formats.day_of(instant) == formats.day_of(now)
    return formats.clock_time(instant) if same_day else formats.moment(instant)


def table_text(table: str) -> str:
    """What kind of record a table holds."""
    return tr(TABLE_LABELS.get(table) or _MORE_TABLES.get(table) or table)


def operation_text(row: OutboxRow) -> str:
    """What an operation does: which fields it sets, or what it asks of the centre."""
    if row.kind == "claim":
        return tr("Asks for the vehicle")
    if row.kind == "release":
        return tr("Gives the vehicle up")
    if row.kind == "transfer":
        return tr("Takes the transfer a step on")
    return fields_text(row.fields)


def fields_text(fields: Sequence[str]) -> str:
    """The names of fields, the first few of many."""
    if not fields:
        return tr("No fields")
    named = tr(", ").join(field_label(field) for field in fields[:NAMED_FIELDS])
    more = len(fields) - NAMED_FIELDS
    return tr("{fields} and {n} more", fields=named, n=more) if more > 0 else named


def refusal_text(row: OutboxRow) -> str:
    """Why the centre refused it, and what to do."""
    return sentences((reason_text(row), advice_text(row)))


def reason_text(row: OutboxRow) -> str:
    """Why the centre refused it."""
    return _with_detail(refusal_words(row.code).text, row)


def effect_text(row: OutboxRow) -> str:
    """What a refusal means for the work: how the record stands now, here and at the centre."""
    return _with_detail(refusal_words(row.code).effect, row)


def advice_text(row: OutboxRow) -> str:
    """What to do about a refusal."""
    return _with_detail(refusal_words(row.code).advice, row)


def _with_detail(said: str, row: OutboxRow) -> str:
    detail = _Known({name: _plain(value) for name, value in row.detail.items()})
    if isinstance(detail.get("field"), str):
        detail["field"] = field_label(detail["field"])
    return tr(said).format_map(detail)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


class _Known(dict[str, str]):
    """A detail that the centre left out is shown as a dash, not as an error."""

    def __missing__(self, _name: str) -> str:
        return "–"


def winner_text(winner: dict[str, Any], branch: str, person: str = "") -> str:
    """The order that has the vehicle, where it was made, and by whom."""
    number = str(winner.get("number") or "")
    place = " · ".join(part for part in (branch, str(winner.get("desk_code") or ""), person) if part)
    if not number:
        return tr("a hold at {place}", place=place) if place else tr("another desk")
    return f"{number} ({place})" if place else number
