"""What the panel says of one row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QWidget

from app.runtime.language import pick, tr, tr_noop
from ui.headquarters import words
from ui.headquarters.rows import BranchLine, ConflictLine, DeskLine, KeptLine, LeaseLine, LogLine
from ui.kit import formats
from ui.kit.controls import Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.text import Words

_ID = 32
_DOUBTED = tr_noop(
    "It says again and again that the centre has lost something, and is not believed any more: nothing is exchanged "
    "with it. If the centre was put back from a backup, whoever runs the service says so there; if not, shut the desk "
    "out and connect it anew."
)
Facty = list[tuple[Words, Words]]


def _moment(at: datetime | None) -> str:
    return formats.moment(at) if at is not None else "–"


def branch_details(line: BranchLine, now: datetime) -> QWidget:
    """A branch with its figures."""
    state = words.BRANCH_STATES[words.branch_state(line, now)]
    facts: Facty = [
        (tr_noop("Name"), lambda: pick(line.name_zh, line.name_en) or "–"),
        (tr_noop("Desks"), lambda: formats.count(line.desks)),
        (tr_noop("Desks shut out"), lambda: words.count_text(line.revoked)),
        (tr_noop("Last contact"), lambda: _moment(line.last_contact)),
        (tr_noop("Not yet read by its slowest desk"), lambda: words.lag_text(line.lag)),
        (tr_noop("Orders that lost their vehicle"), lambda: words.count_text(line.conflicts)),
        (tr_noop("Changes set aside"), lambda: words.count_text(line.quarantined)),
        (tr_noop("Changes refused lately"), lambda: words.count_text(line.refused)),
        (tr_noop("Vehicles secured"), lambda: words.count_text(line.leases)),
        (tr_noop("Records at the centre"), lambda: formats.count(line.rows)),
    ]
    return boxed(column(row(StatusDot(state.label, state.tone), STRETCH), Facts(facts), gap=16))


def desk_details(line: DeskLine, codes: Mapping[str, str], now: datetime) -> QWidget:
    """A desk: what it runs, how far it is, what it may read."""
    state = words.DESK_STATES[words.desk_state(line, now)]
    facts: Facty = [
        (tr_noop("Last contact"), lambda: _moment(line.last_contact)),
        (tr_noop("Last change sent"), lambda: _moment(line.last_push) if line.operations else tr("never")),
        (tr_noop("Changes sent"), lambda: formats.count(line.operations)),
        (tr_noop("Not yet sent"), lambda: words.unsent_text(line, now)),
        (tr_noop("Said at"), lambda: _moment(line.unsent_said_at)),
        (tr_noop("Not yet read"), lambda: words.lag_text(line.lag)),
        (tr_noop("Known since"), lambda: _moment(line.lag_at)),
        (tr_noop("Changes refused lately"), lambda: words.count_text(line.refused)),
        (tr_noop("Changes set aside"), lambda: words.count_text(line.quarantined)),
        (tr_noop("Reads"), lambda: _reads(line, codes)),
        (tr_noop("Version"), lambda: line.program or "–"),
        (tr_noop("Computer"), lambda: line.platform or "–"),
        (tr_noop("Protocol"), lambda: str(line.protocol or "–")),
        (tr_noop("Data version"), lambda: str(line.schema or "–")),
        (tr_noop("Clock"), lambda: words.clock_text(line.ahead_ms)),
        (tr_noop("Enrolled"), lambda: _moment(line.enrolled_at)),
    ]
    if line.revoked_at is not None:
        facts.append((tr_noop("Shut out at"), lambda: _moment(line.revoked_at)))
    if line.replaces:
        facts.append((tr_noop("Takes the place of"), lambda: line.replaces[-8:]))
    facts.append((tr_noop("Id"), lambda: _in_two(line.id)))
    stack = column(row(StatusDot(state.label, state.tone), STRETCH), Facts(facts), gap=16)
    if words.is_doubted(line, now):
        stack.insertWidget(1, Label(_DOUBTED, role="secondary", wrap=True))
    behind = [(codes.get(scope, scope), count) for scope, count in line.lag_by_scope.items()]
    if len(behind) > 1:
        stack.addWidget(Label(tr_noop("Not yet read, by branch"), role="section"))
        stack.addWidget(Facts([_behind(*one) for one in sorted(behind)]))
    return boxed(stack)


def _behind(name: str, count: int) -> tuple[Words, Words]:
    return (lambda: tr("Shared by all branches") if name == "group" else name, lambda: words.lag_text(count))


def _reads(line: DeskLine, codes: Mapping[str, str]) -> str:
    if line.scopes is None:
        return tr("All branches")
    named = sorted(codes.get(one, one[-8:]) for one in line.scopes if one != "group")
    return ", ".join(named) or "–"


def conflict_details(line: ConflictLine) -> QWidget:
    """An order that lost its vehicle. Its branch settles it."""
    winner = line.winner
    facts: Facty = [
        (tr_noop("Branch"), lambda: line.branch_code or "–"),
        (tr_noop("Vehicle"), lambda: line.vin),
        (tr_noop("Since"), lambda: _moment(line.at)),
        (tr_noop("The vehicle went to"), lambda: words.winner_text(winner)),
        (tr_noop("Desk"), lambda: str(winner.get("desk_code") or "–")),
    ]
    told = Label(
        tr_noop("The branch settles it on its Sync page: it chooses another vehicle, or cancels the order."),
        role="secondary", wrap=True,
    )  # fmt: skip
    return boxed(column(Facts(facts), told, gap=16))


def lease_details(line: LeaseLine) -> QWidget:
    """A vehicle secured for a desk."""
    facts: Facty = [
        (tr_noop("Secured for"), lambda: line.desk), (tr_noop("Since"), lambda: _moment(line.at)),
        (tr_noop("Secured until"), lambda: _moment(line.until)),
    ]  # fmt: skip
    return boxed(column(Facts(facts), gap=16))


def kept_details(line: KeptLine, desk: str, codes: Mapping[str, str]) -> QWidget:
    """An operation set aside: what it says, field by field."""
    facts: Facty = [
        (tr_noop("Desk"), lambda: desk), (tr_noop("What it does"), lambda: words.kind_text(line)),
        (tr_noop("Kind"), lambda: words.record_kind(line)), (tr_noop("Record"), lambda: _in_two(line.record_id)),
        (tr_noop("Entered"), lambda: _moment(line.made_at)),
        (tr_noop("Arrived at the centre"), lambda: _moment(line.received_at)),
        (tr_noop("Why"), lambda: words.reason_text(line)), (tr_noop("Number"), lambda: formats.count(line.n)),
    ]  # fmt: skip
    stack = column(Facts(facts), gap=16)
    if line.reason == "history_differs":
        told = tr_noop("The desk sends what it has again by itself, under a new identity. Mostly this can be dropped.")
        stack.addWidget(Label(told, role="secondary", wrap=True))
    said = words.kept_fields(line, codes)
    if said:
        stack.addWidget(Label(tr_noop("What it says"), role="section"))
        stack.addWidget(Facts(said))
    return boxed(stack)


def log_details(line: LogLine, desks: Mapping[str, str]) -> QWidget:
    """An entry of the log in full."""
    known = words.DEEDS.get(line.what)
    facts: Facty = [
        (tr_noop("When"), lambda: _moment(line.at)), (tr_noop("By whom"), lambda: line.who),
        (tr_noop("About"), lambda: words.about_text(line, desks) or "–"),
        (tr_noop("From address"), lambda: line.address or "–"),
        (tr_noop("Request"), lambda: _in_two(line.request_id) or "–"),
    ]  # fmt: skip
    facts += [_plain(str(name), value) for name, value in sorted(line.detail.items())]
    dot = StatusDot(known.label if known is not None else line.what, known.tone if known is not None else "neutral")
    return boxed(column(row(dot, STRETCH), Facts(facts), gap=16))


def _plain(name: str, value: Any) -> tuple[Words, Words]:
    told = ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    shown = _in_two(told) if len(told) == _ID else told
    return (lambda: tr(words.DETAILS[name]) if name in words.DETAILS else name, lambda: shown or "–")


def _in_two(text: str) -> str:
    """An identifier in two lines: nothing in it can be broken, and the panel is narrow."""
    return f"{text[: _ID // 2]}\n{text[_ID // 2 :]}" if len(text) == _ID else text
