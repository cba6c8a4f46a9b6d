"""The lists of headquarters: their columns, what they ask, what stands there while they are empty."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.orders.rules import OrderState
from app.runtime.language import tr, tr_noop
from ui.headquarters import words
from ui.headquarters.rows import BranchLine, ConflictLine, DeskLine, KeptLine, LeaseLine, LogLine
from ui.kit import formats
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.text import Words

BRANCHES, DESKS, CONFLICTS, LEASES, KEPT, LOG = "branches", "desks", "conflicts", "leases", "kept", "log"
PAGE = 100


@dataclass(slots=True)
class Known:
    """What was told of one list, and where the next page begins."""

    rows: list[Any] = field(default_factory=list)
    next: Any = None
    fetched: bool = False


class RemoteList(QStackedWidget):
    """A table of what the centre told. `selected(row or None)`, `opened(row)`, `more_wanted()`."""

    selected = Signal(object)
    opened = Signal(object)
    more_wanted = Signal()

    def __init__(
        self, context: PageContext, *, key: str, name: Words, columns: Sequence[Column], empty: EmptyState,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.known = Known()
        self.model = KeysetTableModel(context.operations, columns, self._list_rows, parent=self)
        self.table = RecordTable(self.model, name=name, views=context.views, view_key=f"headquarters.{key}")
        self.more = Button(tr_noop("Show more"), icon="chevron-down", on_click=self.more_wanted.emit)
        self.more.hide()
        self._filled = boxed(column(self.table, row(STRETCH, self.more, STRETCH), gap=8))
        self.addWidget(self._filled)
        self.addWidget(empty)
        self._empty = empty
        self.table.selected.connect(self.selected.emit)
        self.table.opened.connect(self.opened.emit)

    def show_rows(self, rows: list[Any], after: Any, *, append: bool = False) -> None:
        """What was told now, instead of what was known or behind it."""
        self.known = Known([*self.known.rows, *rows] if append else rows, after, fetched=True)
        self.setCurrentWidget(self._filled if self.known.rows else self._empty)
        self.more.setVisible(after is not None)
        self.model.refresh()

    def forget(self) -> None:
        """Nothing is known any more."""
        self.known = Known()
        self.more.hide()
        self.model.refresh()

    def _list_rows(self, _reader: Any, *, after: Any, limit: int) -> Sequence[Any]:
        rows = self.known.rows
        start = next((place + 1 for place, one in enumerate(rows) if one.id == after), 0)
        return rows[start : start + limit]

    def current_row(self) -> Any:
        """The selected row, None without one."""
        return self.table.current_row() if self.currentWidget() is self._filled else None

    def take_focus(self) -> None:
        """The keyboard goes to the rows."""
        self.table.setFocus()


@dataclass(frozen=True, slots=True)
class Tab:
    """One list: its segment's word, its widget, the question it asks and what makes a row of an answer."""

    key: str
    label: Words
    question: str
    read: Callable[[Any], Any]
    content: RemoteList
    pages: bool = True


class Names:
    """Names of desks, and codes of branches, by their ids, as far as they were told."""

    def __init__(self) -> None:
        self.desks: dict[str, str] = {}
        self.branches: dict[str, str] = {}


def make_tabs(context: PageContext, names: Names) -> list[Tab]:
    """All lists in their order."""
    return [_branches(context), _desks(context), _conflicts(context), _leases(context), _kept(context, names),
            _log(context, names)]  # fmt: skip


def _list(context: PageContext, key: str, name: Words, columns: Sequence[Column], empty: EmptyState) -> RemoteList:
    return RemoteList(context, key=key, name=name, columns=columns, empty=empty)


def _now(context: PageContext) -> Callable[[], Any]:
    return context.clock.now


def _branches(context: PageContext) -> Tab:
    now = _now(context)
    columns = (
        Column("code", tr_noop("Branch"), width=200, value=words.branch_name, stretch=True),
        Column("state", tr_noop("Status"), kind="state", width=136, states=words.BRANCH_STATES,
               value=lambda line: words.branch_state(line, now())),
        Column("desks", tr_noop("Desks"), kind="integer", width=60),
        Column("contact", tr_noop("Last contact"), width=108, value=lambda line: line,
               format=lambda line: words.ago_text(line.last_contact, now()),
               tooltip=lambda line: formats.moment(line.last_contact) if line.last_contact else tr("never")),
        Column("lag", tr_noop("Not yet read"), width=108, value=lambda line: line,
               format=lambda line: words.lag_text(line.lag),
               tooltip=lambda line: words.lag_hint(line.lag, line.lag_at)),
        Column("conflicts", tr_noop("Lost vehicles"), kind="integer", width=104, format=words.count_text),
        Column("quarantined", tr_noop("Set aside"), kind="integer", width=80, format=words.count_text),
        Column("refused", tr_noop("Refused"), kind="integer", width=72, format=words.count_text),
        Column("leases", tr_noop("Leases"), kind="integer", width=64, format=words.count_text),
        Column("rows", tr_noop("Records"), kind="integer", width=80),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("No branch yet"), tr_noop("Connect the desk that has a branch's data: it tells the centre."),
        icon="building-2",
    )  # fmt: skip
    content = _list(context, BRANCHES, tr_noop("Branches"), columns, empty)
    return Tab(BRANCHES, tr_noop("Branches"), "overview", BranchLine.told, content, pages=False)


def _desks(context: PageContext) -> Tab:
    now = _now(context)
    columns = (
        Column("name", tr_noop("Desk"), kind="code", width=110),
        Column("state", tr_noop("Status"), kind="state", width=136, states=words.DESK_STATES,
               value=lambda line: words.desk_state(line, now())),
        Column("contact", tr_noop("Last contact"), width=108, value=lambda line: line,
               format=lambda line: words.ago_text(line.last_contact, now()),
               tooltip=lambda line: formats.moment(line.last_contact) if line.last_contact else tr("never")),
        Column("lag", tr_noop("Not yet read"), width=108, value=lambda line: line,
               format=lambda line: words.lag_text(line.lag),
               tooltip=lambda line: words.lag_hint(line.lag, line.lag_at)),
        Column("unsent", tr_noop("Not yet sent"), width=128, value=lambda line: line,
               format=lambda line: words.unsent_short(line, now()), tooltip=words.unsent_hint),
        Column("program", tr_noop("Version"), width=72, format=lambda version: version or "–"),
        Column("platform", tr_noop("Computer"), width=120, stretch=True, format=lambda text: text or "–"),
        Column("quarantined", tr_noop("Set aside"), kind="integer", width=80, format=words.count_text),
        Column("refused", tr_noop("Refused"), kind="integer", width=72, format=words.count_text),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("No desk yet"), tr_noop("Make an enrolment code, and enter it at the new desk."), icon="monitor"
    )
    content = _list(context, DESKS, tr_noop("Desks"), columns, empty)
    return Tab(DESKS, tr_noop("Desks"), "desks", DeskLine.told, content)


def _conflicts(context: PageContext) -> Tab:
    states = {state.value: State(state.label) for state in OrderState}
    columns = (
        Column("number", tr_noop("Order"), kind="code", width=176),
        Column("branch_code", tr_noop("Branch"), width=88),
        Column("winner", tr_noop("The vehicle went to"), width=200, stretch=True,
               value=lambda line: words.winner_text(line.winner)),
        Column("vin", tr_noop("Vehicle"), kind="code", width=176),
        Column("state", tr_noop("Status"), width=120, states=states),
        Column("at", tr_noop("Since"), kind="moment", width=132),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("No order has lost its vehicle"),
        tr_noop("If two desks sell one vehicle, the order that came second stands here until its branch settles it."),
        icon="check-circle",
    )
    content = _list(context, CONFLICTS, tr_noop("Orders that lost their vehicle"), columns, empty)
    return Tab(CONFLICTS, tr_noop("Lost vehicles"), "conflicts", ConflictLine.told, content)


def _leases(context: PageContext) -> Tab:
    columns = (
        Column("id", tr_noop("Vehicle"), kind="code", width=200),
        Column("desk", tr_noop("Secured for"), kind="code", width=140, stretch=True),
        Column("at", tr_noop("Since"), kind="moment", width=140),
        Column("until", tr_noop("Secured until"), kind="moment", width=140),
    )
    empty = EmptyState(
        tr_noop("No vehicle is secured"),
        tr_noop("A desk secures vehicles so that it can sell them bindingly while it is offline."),
        icon="key-round",
    )
    content = _list(context, LEASES, tr_noop("Leases"), columns, empty)
    return Tab(LEASES, tr_noop("Leases"), "leases", LeaseLine.told, content)


def _kept(context: PageContext, names: Names) -> Tab:
    columns = (
        Column("desk", tr_noop("Desk"), kind="code", width=110,
               value=lambda line: names.desks.get(line.device_id, line.device_id[-8:])),
        Column("kind", tr_noop("What it does"), width=150, value=words.kind_text),
        Column("table", tr_noop("Kind"), width=120, value=words.record_kind),
        Column("fields", tr_noop("Says"), width=220, stretch=True,
               value=lambda line: " · ".join(" ".join(said) for said in words.kept_fields(line, names.branches))),
        Column("reason", tr_noop("Why"), width=190, value=words.reason_text, tooltip=words.reason_text),
        Column("received_at", tr_noop("Arrived at the centre"), kind="moment", width=132),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("Nothing is set aside"),
        tr_noop("What desks send after they were shut out, or from copied data, waits here for a decision."),
        icon="check-circle",
    )
    content = _list(context, KEPT, tr_noop("Changes set aside"), columns, empty)
    return Tab(KEPT, tr_noop("Set aside"), "quarantine", KeptLine.told, content)


def _log(context: PageContext, names: Names) -> Tab:
    columns = (
        Column("at", tr_noop("When"), kind="moment", width=140),
        Column("who", tr_noop("By whom"), width=120),
        Column("what", tr_noop("What"), kind="state", width=210, states=words.DEEDS),
        Column("about", tr_noop("About"), width=120, value=lambda line: words.about_text(line, names.desks)),
        Column("detail", tr_noop("More"), width=220, stretch=True, value=words.deed_detail),
        Column("address", tr_noop("From address"), width=120),
    )
    empty = EmptyState(tr_noop("Nothing was done yet"), icon="history")
    content = _list(context, LOG, tr_noop("Log"), columns, empty)
    return Tab(LOG, tr_noop("Log"), "log", LogLine.told, content)
