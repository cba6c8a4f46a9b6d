"""Specification checks: what is implausible, out of line, or disagrees; each explained, led to, or put aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.anomalies.commands import DismissFindings, FoundRight, RestoreFindings
from app.anomalies.findings import TRIM, UNIT, Rule, Severity
from app.anomalies.queries import (
    FindingPage,
    FindingRow,
    Standing,
    count_by_rule,
    count_findings,
    get_finding,
    list_findings,
)
from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.feedback import EmptyState
from ui.kit.fields import MultiLineField
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.layout import boxed, column
from ui.kit.panel_form import PanelForm
from ui.kit.record_page import PanelContent, RecordPage

TONES = {Severity.IMPOSSIBLE: "bad", Severity.IMPLAUSIBLE: "warn", Severity.LOOK: "info"}
MARKS: Mapping[Severity | Standing, State] = {
    **{severity: State(severity.label, TONES[severity]) for severity in Severity},
    Standing.DISMISSED: State(Standing.DISMISSED.label, "neutral"),
}
WATCHED = ("make", "series", "model_year", "trim", "vehicle_unit", "anomaly_dismissal")
ALL = "all"


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding in the panel, with what can be done about it."""

    row: FindingRow
    actions: tuple[str, ...]


class AnomaliesPage(RecordPage):
    """Return goes to the trim or the vehicle; several rows can be put aside at once."""

    title = tr_noop("Specification checks")
    scope = "anomalies"
    key = "anomalies"
    param = "finding_id"
    watches = WATCHED
    multiple = True
    columns = (
        Column("mark", tr_noop("How sure"), kind="state", width=116, states=MARKS),
        Column("name", tr_noop("Trim or vehicle"), width=200, format=str, tooltip=lambda row: str(row.name)),
        Column("note", tr_noop("What stands out"), width=220, stretch=True, format=str,
               tooltip=lambda row: str(row.note)),
        Column("rule", tr_noop("Check"), width=190, visible=False, format=lambda rule: tr(rule.label)),
    )  # fmt: skip

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.filters.search.set_words(tr_noop("Trim, VIN or words of a finding"))
        self.filters.add_facet(
            Facet("severity", tr_noop("How sure"), [FacetOption(one.value, one.label) for one in Severity])
        )
        self.filters.add_facet(Facet("rule", tr_noop("Check"), _rule_options({})))
        self.filters.add_facet(
            Facet(
                "subject",
                tr_noop("About"),
                [FacetOption(TRIM, tr_noop("Trims")), FacetOption(UNIT, tr_noop("Vehicles"))],
                single=True,
            )
        )
        self.filters.add_facet(
            Facet(
                "standing",
                tr_noop("Status"),
                [
                    *(FacetOption(one.value, one.label) for one in Standing),
                    FacetOption(ALL, tr_noop("Open and dismissed")),
                ],
                single=True,
            )
        )
        self._add_finding_actions()

    # --- the list --------------------------------------------------------------------------------

    def list_rows(self, reader: Reader, *, after: str | None, limit: int, **filters: Any) -> FindingPage:
        return list_findings(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Reader, **filters: Any) -> tuple[int, int]:
        return count_findings(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        if total is None or matched == total:
            return trn("{n} finding", "{n} findings", matched)
        return tr("{n} shown, {total} open", n=f"{matched:,}", total=f"{total:,}")

    def activate(self, params: Mapping[str, Any]) -> None:
        super().activate(params)
        self._count_rules()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        super().on_changes(changes, initiator)
        if changes.touches(*self.watches) and self.isVisible():
            self._count_rules()

    def _count_rules(self) -> None:
        self.context.operations.run_query(self, count_by_rule, on_done=self._on_counted, key="rules")

    def _on_counted(self, counts: dict[str, int]) -> None:
        self.filters.set_options("rule", _rule_options(counts))

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered=True)
        return EmptyState(
            tr_noop("Nothing stands out"),
            tr_noop("Every trim and vehicle is checked whenever something changes; findings appear here."),
            icon="check-circle",
        )

    # --- one finding -----------------------------------------------------------------------------

    def get_record(self, reader: Reader, record_id: str) -> ShownFinding:
        row = get_finding(reader, record_id)
        verbs = ("restore",) if row.standing is Standing.DISMISSED else ("dismiss",)
        return ShownFinding(row, ("open", *verbs))

    def panel_content(self, record: ShownFinding) -> PanelContent:
        row = record.row
        return PanelContent(
            title=lambda: str(row.name),
            subtitle=row.rule.label,
            content=_details(row),
            verbs=("anomalies.visit", "anomalies.dismiss", "anomalies.restore"),
        )

    def open_row(self, row: FindingRow) -> None:
        if row.subject_table == TRIM:
            self.context.navigator.open("catalogue", trim_id=row.finding.subject_id)
        else:
            self.context.navigator.open("vehicles", unit_id=row.finding.subject_id)

    # --- actions ---------------------------------------------------------------------------------

    def _add_finding_actions(self) -> None:
        for action in (
            Action("anomalies.visit", self._visit_words, lambda: self.open_row(self.record.row), key="Ctrl+G",
                   icon="arrow-right", enabled=lambda: self.offers("open")),
            Action("anomalies.dismiss", self._dismiss_words, self.ask_dismissal, key=Key.DELETE, icon="check",
                   permission=Permission.CATALOG_EDIT, enabled=lambda: self.offers("dismiss")),
            Action("anomalies.restore", tr_noop("Put back on the list"), self._restore, key="Ctrl+R",
                   icon="rotate-ccw", permission=Permission.CATALOG_EDIT, enabled=lambda: self.offers("restore")),
        ):  # fmt: skip
            self.add_action(action)

    def _visit_words(self) -> str:
        is_unit = self.record is not None and self.record.row.subject_table == UNIT
        return tr("Open the vehicle") if is_unit else tr("Open the trim")

    def _dismiss_words(self) -> str:
        count = len(self._chosen())
        return tr("Dismiss {n}…", n=count) if count > 1 else tr("Dismiss…")

    def _chosen(self) -> list[FindingRow]:
        """The open findings that are selected; the one in the panel for want of any."""
        selected = [row for row in self.table.selected_rows() if row is not None and row.standing is Standing.OPEN]
        if selected or self.record is None:
            return selected
        return [self.record.row] if self.record.row.standing is Standing.OPEN else []

    def ask_dismissal(self) -> None:
        """Why the selected findings are right as they are."""
        chosen = self._chosen()
        if not chosen:
            return
        count = len(chosen)
        self.ask(
            PanelForm(
                self.context,
                lambda: trn("Dismiss {n} finding", "Dismiss {n} findings", count),
                [MultiLineField("reason", tr_noop("Why it is right as it is"), required=True, span=2)],
                verb=tr_noop("Dismiss"),
                text=tr_noop("It comes back when the values change. All branches see the reason."),
                command=lambda values: _dismissal(chosen, values["reason"]),
                name=tr_noop("Dismiss findings"),
            )
        )

    def _restore(self) -> None:
        self.run(RestoreFindings(dismissal_ids=(self.record.row.dismissal_id,)))


def _dismissal(rows: Sequence[FindingRow], reason: str) -> DismissFindings:
    found = tuple(
        FoundRight(
            subject_table=row.finding.subject_table, subject_id=row.finding.subject_id, key=row.finding.key,
            fingerprint=row.finding.fingerprint,
        )
        for row in rows
    )  # fmt: skip
    return DismissFindings(findings=found, reason=reason)


def _rule_options(counts: Mapping[str, int]) -> list[FacetOption]:
    """The checks, those that found most first."""
    ranked = sorted(Rule, key=lambda rule: -counts.get(rule.value, 0))
    return [FacetOption(rule.value, rule.label, counts.get(rule.value, 0)) for rule in ranked]


def _details(row: FindingRow) -> QWidget:
    stack = column(
        StatusDot(row.severity.label, TONES[row.severity]), Label(partial(str, row.note), role="section", wrap=True),
        gap=12,
    )  # fmt: skip
    for line in row.finding.details:
        stack.addWidget(Label(partial(str, line), role="secondary", wrap=True))
    if row.standing is Standing.DISMISSED:
        stack.addWidget(
            Facts(
                [
                    (tr_noop("Dismissed by"), lambda: row.dismissed_by or tr("a colleague")),
                    (tr_noop("Dismissed at"), lambda: formats.moment(row.dismissed_at)),
                    (tr_noop("Reason"), lambda: row.reason),
                ]
            )
        )
    return boxed(stack)
