"""What was wrong with the centre's log of sealed documents: a list of the Sync page, its panel, and accepting it."""

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from app.document_log.queries import AlarmRow, HeadRow, list_alarms
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.dialogs import ask
from ui.kit.feedback import EmptyState
from ui.kit.layout import boxed, column
from ui.kit.text import Words
from ui.sync.log_words import FAULTS, fault_title
from ui.sync.ports import SyncPort
from ui.sync.record_list import RecordList

if TYPE_CHECKING:
    from ui.sync.sync_page import SyncPage

LOG = "log"
LOG_VERBS = ("sync.accept_log",)
STATES = {
    "open": State(tr_noop("Not settled"), "bad"),
    "explained": State(tr_noop("To be confirmed"), "warn"),
    "settled": State(tr_noop("Accepted as it was"), "neutral"),
}
_DIGITS = 8
"""Of a hash, in groups of which people compare it."""


def log_list(context: PageContext) -> RecordList:
    """The table with its empty state."""
    columns = (
        Column("found_at", tr_noop("Discovered at"), kind="moment", width=132),
        Column("kind", tr_noop("What was found"), width=176, format=fault_title),
        Column("entries", tr_noop("Entries in the log"), width=104, value=_entries),
        Column("state", tr_noop("Status"), kind="state", width=128, states=STATES),
        Column("meaning", tr_noop("What it means"), width=200, stretch=True,
               value=lambda row: FAULTS[row.kind].meaning, format=tr,
               tooltip=lambda row: tr(FAULTS[row.kind].meaning)),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("The log is as it should be"),
        tr_noop("This desk checks that the centre's log of sealed documents only grows; what is wrong stands here."),
        icon="shield-check",
    )
    return RecordList(
        context, key=LOG, name=tr_noop("What was wrong with the log of sealed documents"), columns=columns,
        list_rows=list_alarms, empty=empty,
    )  # fmt: skip


def _entries(row: AlarmRow) -> str:
    before = "–" if row.before is None else formats.count(row.before.size)
    return f"{before} → {formats.count(row.after.size)}"


def alarm_details(row: AlarmRow) -> QWidget:
    """What it means, what to do, and both heads, which the centre signed."""
    words = FAULTS[row.kind]
    state = STATES[row.state]
    stack = column(
        StatusDot(state.label, state.tone), Label(words.meaning, wrap=True),
        Label(words.advice, role="secondary", wrap=True), gap=12,
    )  # fmt: skip
    facts: list[tuple[Words, Words | QWidget]] = [
        (tr_noop("Discovered at"), lambda: formats.moment(row.found_at)),
        (tr_noop("Seen last"), lambda: formats.moment(row.seen_at)),
    ]
    if row.settled_at is not None:
        facts.append((tr_noop("Log accepted at"), lambda: formats.moment(row.settled_at)))
    stack.addWidget(Facts(facts))
    if row.before is not None:
        stack.addWidget(Label(tr_noop("Known until then"), role="section"))
        stack.addWidget(_head_facts(row.before))
    stack.addWidget(Label(tr_noop("Shown instead"), role="section"))
    stack.addWidget(_head_facts(row.after))
    return boxed(stack)


def _head_facts(head: HeadRow) -> Facts:
    return Facts(
        [
            (tr_noop("Entries in the log"), lambda: formats.count(head.size)),
            (tr_noop("Signed at"), lambda: formats.moment(head.at)),
            (tr_noop("Root hash"), _grouped(head.root)),
            (tr_noop("Signing key"), _grouped(head.key_id)),
        ]
    )


def _grouped(digits: str) -> str:
    return " ".join(digits[start : start + _DIGITS] for start in range(0, len(digits), _DIGITS))


class LogWatching:
    """The action that accepts the log as it is. The page has the list and the panel."""

    def __init__(self, page: "SyncPage", port: SyncPort) -> None:
        self._page, self._port = page, port
        page.add_action(
            Action(
                "sync.accept_log", tr_noop("Accept the log as it is"), self._ask, icon="check",
                permission=Permission.SYNC_CONFIGURE, enabled=self._is_open,
            )
        )  # fmt: skip

    def _is_open(self) -> bool:
        row = self._page.current_row()
        return isinstance(row, AlarmRow) and row.is_open

    def _ask(self) -> None:
        ask(
            self._page, title=tr_noop("Accept the log as it is?"),
            text=tr_noop(
                "This desk forgets the state it knew and takes the next one the centre shows as the first. What was "
                "found stays in the list, with your name."
            ),
            verb=tr_noop("Accept the log"), on_yes=self._accept, danger=True,
        )  # fmt: skip

    def _accept(self) -> None:
        self._page.context.operations.run_long(
            self._page, lambda _progress: self._port.accept_log(), title=tr_noop("Accepting the log"),
            on_done=self._on_accepted,
        )  # fmt: skip

    def _on_accepted(self, _nothing: Any) -> None:
        self._page.panel.close_panel()
        self._page.context.notifications.show(
            tr_noop("The log of sealed documents is checked from its next state on."), tone="good"
        )
        self._page.refresh()
