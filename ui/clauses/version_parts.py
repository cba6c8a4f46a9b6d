"""What the panel shows of a version of either sort: where it stands, who wrote and decided, and the other versions."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.clauses.version_rows import VersionRow
from app.contracts.templates.text_versions import TextPhase
from app.runtime.language import tr_noop, trn
from ui.clauses.words import PHASES, days_words, version_words
from ui.kit import formats
from ui.kit.controls import Badge, Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.record_line import RecordLine
from ui.kit.text import Words
from ui.kit.theme import set_role


def status_line(version: VersionRow, *, limits: bool = False) -> Any:
    """State and version; that it limits the customer."""
    state = PHASES[version.phase]
    line = row(StatusDot(state.label, state.tone), Label(lambda: version_words(version), role="secondary"), STRETCH)
    if limits:
        line.addWidget(Badge(tr_noop("Limits the customer"), "warn"))
    return line


def own_note(version: VersionRow) -> QWidget | None:
    """Why whoever reads cannot approve it."""
    if not version.own or version.phase is not TextPhase.PROPOSED:
        return None
    return Label(tr_noop("You wrote it: somebody else has to approve it."), role="secondary", wrap=True)


def decision(version: VersionRow) -> QWidget | None:
    """Who decided, when, and what they said."""
    if not (version.decided_by or version.decision_note):
        return None
    facts: list[tuple[Words, Words]] = []
    if version.decided_by:
        facts.append((tr_noop("Decided by"), lambda: f"{version.decided_by} · {formats.moment(version.decided_at)}"))
    if version.decision_note:
        facts.append((tr_noop("Note"), version.decision_note))
    box = boxed(column(Facts(facts), margins=12))
    set_role(box, "message", tone=PHASES[version.phase].tone)
    return box


def version_facts(version: VersionRow) -> list[tuple[Words, Words]]:
    """Days, ground, author."""
    facts: list[tuple[Words, Words]] = [(tr_noop("Counts"), lambda: days_words(version))]
    if version.basis:
        facts.append((tr_noop("Basis"), version.basis))
    if version.reason:
        facts.append((tr_noop("Why"), version.reason))
    if version.drafted_by:
        facts.append((tr_noop("Written by"), version.drafted_by))
    return facts


def version_list(versions: Sequence[VersionRow], *, shown: VersionRow, pick: Callable[[str], object]) -> Any:
    """The versions, the newest first; a click puts one into focus."""
    stack = column(Label(lambda: trn("{n} version", "{n} versions", len(versions)), role="section"), gap=2)
    for version in versions:
        state = PHASES[version.phase]
        line = RecordLine(
            partial(version_words, version), subtitle=state.label, tone=state.tone,
            figure=partial(days_words, version), icon="check" if version is shown else "file-text",
        )  # fmt: skip
        line.clicked.connect(lambda _checked=False, version=version: pick(version.id))
        stack.addWidget(line)
    return stack
