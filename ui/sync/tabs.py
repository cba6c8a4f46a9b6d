"""The lists of the Sync page, declared: their columns, what fills them, what stands there while they are empty."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.audit.rules import field_label
from app.orders.rules import OrderState
from app.runtime.language import tr, tr_noop, trn
from sync.client.check_queries import RepairRow, list_repairs
from ui.kit import formats
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.feedback import EmptyState
from ui.kit.text import Words
from ui.sync import lines
from ui.sync.leases_tab import LEASES, lease_list
from ui.sync.log_watching import LOG, log_list
from ui.sync.record_list import RecordList
from ui.sync.value_words import shown
from ui.sync.words import OPERATION_STATES, operation_text, refusal_text, table_text, winner_text
from ui.sync.writer_words import writer_text

WAITING, REFUSED, CONFLICTS, HISTORY, SCOPES = "waiting", "refused", "conflicts", "history", "scopes"
REPLACED, UNWRITTEN, REPAIRS = "replaced", "unwritten", "repairs"


@dataclass(frozen=True, slots=True)
class Tab:
    """One list: its segment's word, its widget, and what it counts."""

    key: str
    label: Words
    hint: Words
    content: RecordList


def make_tabs(context: PageContext) -> list[Tab]:
    """All lists in their order."""
    return [
        _waiting(context), _refused(context), _conflicts(context), _replaced(context), _unwritten(context),
        _leases(context), _log(context), _history(context), _scopes(context), _repairs(context),
    ]  # fmt: skip


Columns = tuple[Column, ...]
Rows = Callable[..., Any]


def _list(
    context: PageContext, key: str, name: Words, columns: Columns, rows: Rows, empty: EmptyState, *,
    multiple: bool = False,
) -> RecordList:  # fmt: skip
    return RecordList(
        context, key=key, name=name, columns=columns, list_rows=rows, empty=empty, multiple=multiple
    )  # fmt: skip


def _kind(width: int = 128) -> Column:
    return Column("table", tr_noop("Kind"), width=width, format=table_text)


def _record(width: int = 176) -> Column:
    return Column("title", tr_noop("Record"), kind="code", width=width, value=lambda line: line.title or "–")


def _waiting(context: PageContext) -> Tab:
    def age(since: Any) -> str:
        return formats.ago(since, context.clock.now())

    columns = (
        _kind(),
        _record(),
        Column("operations", tr_noop("Changes"), kind="integer", width=88),
        Column("since", tr_noop("Waits since"), width=160, format=age, stretch=True,
               tooltip=lambda line: formats.moment(line.since)),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("Nothing waits"), tr_noop("Changes made at this desk stand here until the centre has them."),
        icon="check-circle",
    )  # fmt: skip
    name = tr_noop("Records not yet sent")
    return Tab(WAITING, tr_noop("Waiting"), name, _list(context, WAITING, name, columns, lines.list_waiting, empty))


def _refused(context: PageContext) -> Tab:
    columns = (
        _kind(),
        _record(),
        Column("what", tr_noop("The change"), width=168, value=lambda line: operation_text(line.row)),
        Column("why", tr_noop("Why, and what to do"), width=280, value=lambda line: refusal_text(line.row),
               stretch=True, tooltip=lambda line: refusal_text(line.row)),
        Column("at", tr_noop("Refused at"), kind="moment", width=132, value=lambda line: line.row.answered_at),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("Nothing was refused"), tr_noop("What the centre cannot accept stands here, with the reason."),
        icon="check-circle",
    )  # fmt: skip
    name = tr_noop("Changes the centre refused")
    content = _list(context, REFUSED, name, columns, lines.list_refused, empty, multiple=True)
    return Tab(REFUSED, tr_noop("Refused"), name, content)


def _conflicts(context: PageContext) -> Tab:
    states = {state.value: State(state.label) for state in OrderState}
    columns = (
        Column("number", tr_noop("Order"), kind="code", width=156),
        Column("customer", tr_noop("Customer"), width=88),
        Column("winner", tr_noop("The vehicle went to"), width=220, stretch=True,
               value=lambda line: winner_text(line.row.winner, line.winner_branch, line.winner_person)),
        Column("vin", tr_noop("Vehicle"), kind="code", width=160),
        Column("state", tr_noop("Status"), width=120, value=lambda line: line.row.state, states=states),
        Column("ordered_at", tr_noop("Ordered at"), kind="moment", width=132, value=lambda line: line.row.ordered_at),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("No order has lost its vehicle"),
        tr_noop("If two desks sell one vehicle, the order that came second stands here until it is settled."),
        icon="check-circle",
    )
    name = tr_noop("Orders that lost their vehicle")
    tab = _list(context, CONFLICTS, name, columns, lines.list_conflicts, empty)
    return Tab(CONFLICTS, tr_noop("Lost vehicles"), name, tab)


def _leases(context: PageContext) -> Tab:
    return Tab(LEASES, tr_noop("Secured"), tr_noop("Vehicles secured for this desk"), lease_list(context))


def _log(context: PageContext) -> Tab:
    return Tab(LOG, tr_noop("Document log"), tr_noop("What was wrong with the log of sealed documents"),
               log_list(context))  # fmt: skip


def _replaced(context: PageContext) -> Tab:
    def value(line: lines.ReplacedLine, stored: Any) -> str:
        return shown(line.table, line.row.field, stored, line.names)

    columns = (
        Column("title", tr_noop("Record"), kind="code", width=120, value=lambda line: line.title or "–",
               tooltip=lambda line: f"{table_text(line.table)} {line.title}".strip()),
        Column("field", tr_noop("Field"), width=112, value=lambda line: line.row.field, format=field_label),
        Column("own", tr_noop("Entered here"), width=136, value=lambda line: value(line, line.row.own_value),
               tooltip=lambda line: value(line, line.row.own_value)),
        Column("theirs", tr_noop("In force now"), width=136, stretch=True,
               value=lambda line: value(line, line.row.their_value),
               tooltip=lambda line: value(line, line.row.their_value)),
        Column("other", tr_noop("Entered there by"), width=192, value=lambda line: writer_text(line.row.other),
               tooltip=lambda line: writer_text(line.row.other)),
        _kind(),
        Column("at", tr_noop("Replaced at"), kind="moment", width=132, value=lambda line: line.row.noticed_at),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("Nothing was replaced"),
        tr_noop("If two desks change one field without knowing of each other, both values stand here for 30 days."),
        icon="check-circle",
    )
    name = tr_noop("Values that another desk's change replaced")
    content = _list(context, REPLACED, name, columns, lines.list_replaced, empty, multiple=True)
    return Tab(REPLACED, tr_noop("Changed by two"), name, content)


def _unwritten(context: PageContext) -> Tab:
    columns = (
        _kind(),
        Column("title", tr_noop("Record"), kind="code", width=176,
               value=lambda line: line.title or f"…{line.row.record_id[-8:]}"),
        Column("why", tr_noop("What the database says"), width=280, value=lambda line: line.row.error, stretch=True),
        Column("since", tr_noop("Since"), kind="moment", width=132, value=lambda line: line.row.since),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("Everything was written"),
        tr_noop("A record from the centre that does not fit this desk's database would stand here."),
        icon="check-circle",
    )
    name = tr_noop("Records that could not be written here")
    content = _list(context, UNWRITTEN, name, columns, lines.list_unwritten, empty)
    return Tab(UNWRITTEN, tr_noop("Not written"), name, content)


def _history(context: PageContext) -> Tab:
    columns = (
        Column("at", tr_noop("Changed at"), kind="moment", width=132, value=lambda line: line.row.created_at),
        _kind(112),
        _record(144),
        Column("what", tr_noop("The change"), width=184, stretch=True, value=lambda line: operation_text(line.row),
               tooltip=lambda line: operation_text(line.row)),
        Column("person", tr_noop("By"), width=80, value=lambda line: line.row.person or "–"),
        Column("state", tr_noop("Status"), kind="state", states=OPERATION_STATES, width=120),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("Nothing was changed here yet"), tr_noop("Changes of the last thirty days are kept."), icon="history"
    )
    name = tr_noop("Everything this desk has changed")
    return Tab(
        HISTORY, tr_noop("All changes"), name, _list(context, HISTORY, name, columns, lines.list_operations, empty)
    )


def _scopes(context: PageContext) -> Tab:
    columns = (
        Column("name", tr_noop("What"), width=260, value=_scope_name),
        Column("seq", tr_noop("Read so far"), width=200, value=lambda line: line.row.seq, stretch=True,
               format=lambda n: trn("{n} change", "{n} changes", n)),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("Nothing was received yet"),
        tr_noop("After the first exchange, the branches this desk knows of stand here."),
        icon="inbox",
    )
    name = tr_noop("What this desk receives")
    return Tab(
        SCOPES, tr_noop("From the centre"), name, _list(context, SCOPES, name, columns, lines.list_scopes, empty)
    )


def _scope_name(line: lines.ScopeLine) -> str:
    return _branch_words(line.row.scope, line.row.name)


def _branch_words(scope: str, code: str) -> str:
    if code:
        return tr("Branch {branch}", branch=code)
    return tr("Shared by all branches") if scope == "group" else scope


def _repairs(context: PageContext) -> Tab:
    columns = (
        Column("at", tr_noop("Put right at"), kind="moment", width=132),
        Column("scope", tr_noop("What"), width=200, value=lambda row: _branch_words(row.scope, row.scope_name)),
        Column("table", tr_noop("Kind"), width=160, value=lambda row: table_text(row.table) if row.table else "–"),
        Column("what", tr_noop("What was done"), width=280, value=_repair_text, stretch=True),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("Nothing had to be put right"),
        tr_noop("This desk compares its records with the centre's once a day; what it corrected stands here."),
        icon="check-circle",
    )
    name = tr_noop("Records that were put right")
    return Tab(REPAIRS, tr_noop("Put right"), name, _list(context, REPAIRS, name, columns, list_repairs, empty))


def _repair_text(row: RepairRow) -> str:
    if row.read_again:
        return tr("Everything was read again")
    done = []
    if row.fetched:
        done.append(trn("{n} taken from the centre", "{n} taken from the centre", row.fetched))
    if row.buried:
        done.append(trn("{n} removed: the centre does not have it", "{n} removed: the centre does not have them",
                        row.buried))  # fmt: skip
    return " · ".join(done)
