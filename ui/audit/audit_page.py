"""The audit trail of this desk: filtered, looked into, and proven whole."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from PySide6.QtWidgets import QWidget

from app.audit.queries import (
    AuditRow,
    ChainBreak,
    ChainReport,
    count_audit_entries,
    list_audit_entries,
    list_audited_commands,
    verify_chain,
)
from app.audit.rules import REVEALS, table_label
from app.kernel.changes import Changes
from app.kernel.clock import BRANCH_TIME, branch_date
from app.kernel.command_labels import command_label
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr, tr_noop, trn
from app.staff.queries import StaffRow, list_staff
from ui.audit.entries import Entry, list_entries
from ui.audit.entry_details import EntryDetails
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Choice, Segmented
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetOption
from ui.kit.layout import column
from ui.kit.list_page import ListPage
from ui.kit.operations import Progress
from ui.kit.record_line import RecordLine

EVERYTHING = ""
PERIODS = {0: tr_noop("Today"), 6: tr_noop("Last 7 days"), 29: tr_noop("Last 30 days")}


class AuditPage(ListPage):
    """Params: `record_id` and `record` (its table) show one record's history; `command` filters by what was done."""

    title = tr_noop("Audit trail")
    scope = "audit"
    key = "audit"
    columns = (
        Column("at", tr_noop("When"), kind="moment", width=132),
        Column("who", tr_noop("By whom"), width=88, value=lambda entry: entry.row.staff_name or "–"),
        Column("action", tr_noop("Did what"), width=150, value=lambda entry: entry.row.action),
        Column("about", tr_noop("With"), width=130, stretch=True, tooltip=lambda entry: entry.about),
        Column("reason", tr_noop("Why"), width=130, stretch=True, value=lambda entry: entry.row.reason or "–",
               tooltip=lambda entry: entry.row.reason),
        Column("desk_code", tr_noop("Desk code"), width=96, visible=False, value=lambda entry: entry.row.desk_code),
        Column("n", tr_noop("Entry"), kind="integer", width=88, visible=False, value=lambda entry: entry.row.n),
    )  # fmt: skip

    def __init__(self, context: PageContext) -> None:
        self.record_id: str | None = None
        """The record whose history is shown; read on reader threads."""
        super().__init__(context)
        self.kind = Segmented(
            [
                Choice(EVERYTHING, tr_noop("Everything")),
                Choice(REVEALS, tr_noop("Reveals"), tr_noop("Who looked at personal data")),
            ],
            name=tr_noop("What to show"),
        )
        self.kind.set_value(EVERYTHING)
        self.kind.chosen.connect(self._on_kind_chosen)
        self.filters.add_widget(self.kind)
        self.filters.search.set_words(tr_noop("Part of a reason"))
        self.filters.add_facet(Facet("staff_id", tr_noop("By whom"), single=True))
        self.filters.add_facet(Facet("command", tr_noop("Did what"), single=True))
        periods = [FacetOption(days, text) for days, text in PERIODS.items()]
        self.filters.add_facet(Facet("period", tr_noop("When"), periods, single=True))
        self.add_action(
            Action("audit.verify", tr_noop("Verify the chain"), self.verify, key="Ctrl+E", icon="shield-check"),
            primary=True,
        )
        self.add_action(
            Action("audit.everything", tr_noop("Show all entries"), self.show_everything, icon="list",
                   enabled=lambda: self.record_id is not None)
        )  # fmt: skip

    # --- the list --------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        if params.get("record_id"):
            self.show_history(str(params["record_id"]), str(params.get("record") or ""))
        elif params.get("command"):
            self.record_id = None
            self.messages.clear()
            self.filters.set_values({"command": str(params["command"])})
            self.model.load(self.filters.values())
        super().activate(params)
        run = self.context.operations.run_query
        run(self, list_staff, on_done=self._on_staff, key="staff")
        run(self, list_audited_commands, on_done=self._on_commands, key="commands")

    def on_changes(self, changes: Changes, initiator: object) -> None:
        """Every command leaves an entry, also one that no page watches."""
        if self.isVisible():
            self.model.refresh()
        else:
            self._stale = True

    def list_rows(
        self, reader: Reader, *, after: str | None, limit: int, text: str | None = None, period: int | None = None,
        **filters: Any,
    ) -> Sequence[Entry]:  # fmt: skip
        return list_entries(reader, after=after, limit=limit, **self._narrowing(reader, text, period), **filters)

    def count_rows(
        self, reader: Reader, *, text: str | None = None, period: int | None = None, **filters: Any
    ) -> tuple[int, int]:  # fmt: skip
        matched = count_audit_entries(reader, **self._narrowing(reader, text, period), **filters)
        return matched, count_audit_entries(reader)

    def _narrowing(self, reader: Reader, text: str | None, period: int | None) -> dict[str, str | None]:
        first = None if period is None else (branch_date(reader.now) - timedelta(days=period)).isoformat()
        return {"record_id": self.record_id, "reason": text, "from_day": first}

    def describe_count(self, matched: int, total: int | None) -> str:
        if total is not None and total != matched:
            return super().describe_count(matched, total)
        return trn("{n} entry at this desk", "{n} entries at this desk", matched)

    def show_details(self, row: Entry) -> None:
        self._show_entry(row.row, row.subject)

    def _show_entry(self, entry: AuditRow, subject: str = "") -> None:
        when = entry.at.astimezone(BRANCH_TIME).strftime("%Y-%m-%d %H:%M:%S")
        self.panel.show_content(
            lambda: " · ".join(part for part in (entry.action, subject) if part),
            EntryDetails(self.context, entry),
            subtitle=lambda: f"{entry.staff_name or '–'} · {when}",
        )

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered or self.record_id is not None:
            return super().empty_state(filtered=True)
        return EmptyState(
            tr_noop("Nothing was done yet"), tr_noop("Every change leaves an entry here by itself."), icon="history"
        )

    def _on_kind_chosen(self, kind: str) -> None:
        self._leave_history()
        self.filters.chip("command").set_chosen([kind] if kind else [])
        self.filters.changed.emit(self.filters.values())

    def _on_filters_changed(self, values: dict[str, Any]) -> None:
        self._leave_history()
        self.kind.set_value(REVEALS if values.get("command") == REVEALS else EVERYTHING)
        super()._on_filters_changed(values)

    def _on_staff(self, people: Sequence[StaffRow]) -> None:
        self.filters.set_options("staff_id", [_person(row) for row in people])

    def _on_commands(self, names: Sequence[str]) -> None:
        every = FacetOption(REVEALS, tr_noop("Every look at personal data"))
        self.filters.set_options("command", [every, *(_command(name) for name in sorted(names, key=command_label))])

    # --- one record's history --------------------------------------------------------------------

    def show_history(self, record_id: str, table: str) -> None:
        """Only what was done with one record."""
        self.record_id = record_id
        self.filters.set_values({})
        self.kind.set_value(EVERYTHING)
        self.panel.close_panel()
        self.messages.show_message(
            lambda: tr("Only the history of: {record} …{id}", record=table_label(table), id=record_id[-8:]),
            tone="info", action=tr_noop("Show all entries"), on_action=self.show_everything,
        )  # fmt: skip
        self.model.load({})

    def show_everything(self) -> None:
        """All entries again."""
        self._leave_history()
        self.model.load(self.filters.values())

    def _leave_history(self) -> None:
        if self.record_id is not None:
            self.record_id = None
            self.messages.clear()

    # --- the chain -------------------------------------------------------------------------------

    def verify(self) -> None:
        """Read the whole trail and say whether it is as it was written."""
        workplace = self.context.operations.workplace

        def work(progress: Progress) -> ChainReport:
            def tell(fraction: float) -> None:
                progress(tr("Reading the entries"), fraction)

            return workplace.read(verify_chain, progress=tell)  # type: ignore[no-any-return]

        self.messages.clear()
        job = self.context.operations.run_long(
            self, work, title=tr_noop("Verifying the audit trail"), on_done=self._on_verified
        )
        button = self.header_button("audit.verify")
        if button is not None:
            button.busy_while(job)

    def _on_verified(self, report: ChainReport) -> None:
        if report.intact:
            self.messages.show_good(
                lambda: trn(
                    "The one entry is as it was written, and none is missing.",
                    "All {n} entries are as they were written, and none is missing.",
                    report.entries,
                )
            )
            return
        self.messages.show_message(
            lambda: trn(
                "The trail is not whole: {n} place. Keep this computer as it is and tell the head office.",
                "The trail is not whole: {n} places. Keep this computer as it is and tell the head office.",
                len(report.breaks),
            ),
            tone="bad", action=tr_noop("Show the places"), on_action=lambda: self._show_breaks(report),
        )  # fmt: skip

    def _show_breaks(self, report: ChainReport) -> None:
        holder = QWidget()
        lines = column(gap=2)
        for each in report.breaks:
            lines.addWidget(self._break_line(each))
        holder.setLayout(lines)
        self.panel.show_content(tr_noop("Where the trail is not whole"), holder)

    def _break_line(self, each: ChainBreak) -> RecordLine:
        line = RecordLine(
            lambda: tr(each.problem.label),
            subtitle=lambda: tr("Entry {n}, {time}", n=formats.count(each.n), time=formats.moment(each.at)),
            icon="alert-triangle", tone="bad",
        )  # fmt: skip
        line.clicked.connect(lambda: self._open_entry(each.n))
        return line

    def _open_entry(self, number: int) -> None:
        def arrived(rows: Sequence[AuditRow]) -> None:
            if rows and rows[0].n == number:
                self.table.clearSelection()
                self._show_entry(rows[0])

        self.context.operations.run_query(
            self, list_audit_entries, after=str(number + 1), limit=1, on_done=arrived, key="entry"
        )


def _person(row: StaffRow) -> FacetOption:
    return FacetOption(row.id, lambda: row.name)


def _command(name: str) -> FacetOption:
    return FacetOption(name, lambda: command_label(name))
