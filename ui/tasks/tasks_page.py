"""Tasks: one's own or the branch's, each leading to its record, ticked off or handed on."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr, tr_noop, trn
from app.staff.queries import find_staff
from app.tasks.commands import AssignTask, CompleteTask, ReopenTask
from app.tasks.queries import TaskRow, count_tasks, get_task, list_tasks
from app.tasks.rules import TaskState
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Choice, Label, Segmented, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.feedback import EmptyState
from ui.kit.fields import LookupField
from ui.kit.filters import Facet, FacetOption
from ui.kit.layout import column
from ui.kit.panel_form import PanelForm
from ui.kit.record_page import PanelContent, RecordPage
from ui.tasks.words import STATES, due_words, place_of, state_of

PORTION = 200
MINE, BRANCH, EVERYTHING = "mine", "branch", "all"


class TasksPage(RecordPage):
    """Return goes to the record the task is about."""

    title = tr_noop("Tasks")
    scope = "tasks"
    key = "tasks"
    param = "task_id"
    watches = ("task",)

    def __init__(self, context: PageContext) -> None:
        clock = context.clock
        self.mine = True
        """Whether colleagues' tasks are left out; read on reader threads."""
        self.columns = (  # type: ignore[misc]
            Column("text", tr_noop("To do"), width=320, stretch=True, tooltip=lambda row: row.text),
            Column("state", tr_noop("Status"), kind="state", width=104, states=STATES, value=state_of),
            Column("due_at", tr_noop("Due"), width=132, format=lambda due: due_words(due, clock.now()),
                   tooltip=lambda row: formats.moment(row.due_at)),
            Column("assignee_name", tr_noop("Assigned to"), width=104, format=lambda name: name or tr("Anybody")),
            Column("created_at", tr_noop("Waiting since"), width=104, format=lambda at: formats.ago(at, clock.now()),
                   tooltip=lambda row: formats.moment(row.created_at)),
        )  # fmt: skip
        super().__init__(context)
        self.whose = Segmented(
            [
                Choice(MINE, tr_noop("Mine"), tr_noop("My tasks and nobody's")),
                Choice(BRANCH, tr_noop("The branch's"), tr_noop("Also colleagues' tasks")),
            ],
            name=tr_noop("Whose tasks"),
        )
        self.whose.set_value(MINE)
        self.whose.chosen.connect(self._on_whose_chosen)
        self.filters.add_widget(self.whose)
        self.filters.search.set_words(tr_noop("Words of the task"))
        self.filters.add_facet(
            Facet(
                "state",
                tr_noop("Status"),
                [
                    FacetOption(TaskState.OPEN.value, TaskState.OPEN.label),
                    FacetOption(TaskState.DONE.value, TaskState.DONE.label),
                    FacetOption(EVERYTHING, tr_noop("Open and done")),
                ],
                single=True,
            )
        )
        self._add_actions()

    # --- the list --------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        super().activate(params)
        self.model.retranslate()  # "in 2 h" has become "in 1 h"

    def list_rows(
        self, reader: Reader, *, after: str | None, limit: int, text: str = "", **filters: Any
    ) -> Sequence[TaskRow]:
        if not text:
            return list_tasks(reader, after=after, limit=limit, **self._asked(filters))
        return _with_text(reader, text, after=after, limit=limit, **self._asked(filters))

    def count_rows(self, reader: Reader, *, text: str = "", **filters: Any) -> int:
        if text:
            return len(_with_text(reader, text, after=None, limit=10 * PORTION, **self._asked(filters)))
        return count_tasks(reader, **self._asked(filters))[0]

    def describe_count(self, matched: int, total: int | None) -> str:
        return trn("{n} task", "{n} tasks", matched)

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered=True)
        return EmptyState(
            tr_noop("Nothing to do"),
            tr_noop("Approvals, conflicts and follow-ups appear here by themselves."),
            icon="check-circle",
        )

    def _on_whose_chosen(self, whose: str) -> None:
        self.mine = whose == MINE
        self.model.load()

    def _asked(self, filters: dict[str, Any]) -> dict[str, Any]:
        """The filters as the queries take them: without a choice, what is open."""
        state = filters.get("state", TaskState.OPEN.value)
        return {"mine": self.mine, "state": None if state == EVERYTHING else state}

    # --- the panel -------------------------------------------------------------------------------

    def get_record(self, reader: Reader, record_id: str) -> TaskRow:
        return get_task(reader, record_id)

    def record_id(self, record: TaskRow) -> str:
        return record.id

    def panel_content(self, record: TaskRow) -> PanelContent:
        return PanelContent(
            title=lambda: record.text,
            content=_details(record, self.context),
            verbs=("tasks.open_record", "tasks.complete", "tasks.reopen", "tasks.take", "tasks.hand_on"),
            next_step=record.state == TaskState.OPEN,
        )

    def open_row(self, row: TaskRow) -> None:
        place = place_of(row)
        if place is not None:
            self.context.navigator.open(place.page, **{place.param: row.record_id})

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        done = Permission.TASKS_COMPLETE

        def add(name: str, text: Any, handler: Any, key: str | None, icon: str, enabled: Any) -> None:
            permission = None if name == "open_record" else done
            action = Action(f"tasks.{name}", text, handler, key=key, icon=icon, permission=permission, enabled=enabled)
            self.add_action(action)

        add("open_record", self._open_words, self._open_record, None, "external-link",
            lambda: self.is_shown and place_of(self.record) is not None)  # fmt: skip
        add("complete", tr_noop("Tick off"), self._complete, "Ctrl+T", "check", lambda: self._is(TaskState.OPEN))
        add("reopen", tr_noop("Open again"), self._reopen, None, "rotate-ccw", lambda: self._is(TaskState.DONE))
        add("take", tr_noop("Take it over"), self._take, "Ctrl+U", "user", self._is_to_take)
        add("hand_on", tr_noop("Hand on"), self._hand_on, "Ctrl+H", "send", lambda: self._is(TaskState.OPEN))

    def _is(self, state: TaskState) -> bool:
        return self.is_shown and self.record.state == state

    def _is_to_take(self) -> bool:
        return self._is(TaskState.OPEN) and self.record.assignee_staff_id != self.context.actor.staff_id

    def _open_words(self) -> str:
        place = place_of(self.record) if self.record is not None else None
        text = place.verb if place is not None else tr_noop("Open the record")
        return tr(text) if isinstance(text, str) else text()

    def _open_record(self) -> None:
        self.open_row(self.record)

    def _complete(self) -> None:
        self.run(CompleteTask(task_id=self.record.id), said=tr_noop("Ticked off."))

    def _reopen(self) -> None:
        self.run(ReopenTask(task_id=self.record.id))

    def _take(self) -> None:
        self.run(AssignTask(task_id=self.record.id, staff_id=self.context.actor.staff_id))

    def _hand_on(self) -> None:
        task_id = self.record.id
        question = PanelForm(
            self.context,
            tr_noop("Hand this task on"),
            [
                LookupField(
                    "staff_id", tr_noop("Colleague"), required=True, span=2, search=_find_colleagues,
                    placeholder=tr_noop("Name or initials"),
                )
            ],
            verb=tr_noop("Hand on"),
            command=lambda values: AssignTask(task_id=task_id, staff_id=values["staff_id"]),
            name=tr_noop("Hand a task on"),
        )  # fmt: skip
        self.ask(question)


def _with_text(reader: Reader, text: str, *, after: str | None, limit: int, **asked: Any) -> list[TaskRow]:
    """Tasks whose words contain a text. The words are made from parts when they are shown, so they are read here."""
    wanted = text.casefold()
    found: list[TaskRow] = []
    while len(found) < limit:
        rows = list_tasks(reader, after=after, limit=PORTION, **asked)
        found += [row for row in rows if wanted in f"{row.text} {row.assignee_name}".casefold()]
        if len(rows) < PORTION:
            return found[:limit]
        after = rows[-1].cursor
    return found[:limit]


def _find_colleagues(reader: Reader, text: str) -> list[Choice]:
    return [_colleague(row.id, row.name, row.branch_name) for row in find_staff(reader, text)]


def _colleague(staff_id: str, name: str, branch: str) -> Choice:
    return Choice(staff_id, lambda: name, lambda: branch)


def _details(row: TaskRow, context: PageContext) -> QWidget:
    state, now = STATES[state_of(row)], context.clock.now()
    facts: list[tuple[Any, Any]] = [
        (tr_noop("Assigned to"), lambda: row.assignee_name or tr("Anybody")),
        (tr_noop("Due"), lambda: due_words(row.due_at, now)),
        (tr_noop("Due at"), lambda: formats.moment(row.due_at)),
        (tr_noop("Waiting since"), lambda: formats.moment(row.created_at)),
    ]
    if row.done_at is not None:
        facts.append((tr_noop("Done at"), lambda: formats.moment(row.done_at)))
    holder = QWidget()
    stack = column(StatusDot(state.label, state.tone), Facts(facts), gap=12)
    if place_of(row) is None:
        stack.addWidget(Label(tr_noop("This task leads to no page of its own."), role="secondary", wrap=True))
    holder.setLayout(stack)
    return holder
