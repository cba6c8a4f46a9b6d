"""Inspections before delivery: what is due, the checklist, defects and their repair, the report."""

from collections.abc import Sequence
from typing import Any

from app.inspections.commands import AbandonInspection, BeginInspection, ClearDefect, ReopenDefect, RepairDefect
from app.inspections.paper import inspection_pdf
from app.inspections.queries import DefectRow, UnitInspections, get_unit_inspections
from app.inspections.rules import InspectionState
from app.inspections.work_queries import WorkRow, count_inspection_work, list_inspection_work
from app.kernel.permissions import Permission
from app.runtime.language import language, tr, tr_noop
from ui.inspections.checklist_sheet import ChecklistSheet
from ui.inspections.inspection_panel import inspection_content
from ui.inspections.words import WORK_STATES, due_text, due_tooltip
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.feedback import EmptyState
from ui.kit.fields import MultiLineField, TextField
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.panel_form import PanelForm
from ui.kit.paper_sheet import Paper, PaperSheet
from ui.kit.printable import printable
from ui.kit.record_page import PanelContent, RecordPage

_DUE = {True: State(tr_noop("Overdue"), "bad"), False: State("", "neutral")}


class InspectionsPage(RecordPage):
    """Units by when their inspection is due. Opened with `unit_id` it shows that unit."""

    title = tr_noop("Inspections")
    key = "inspections"
    param = "unit_id"
    watches = ("inspection", "vehicle_unit")
    concerns = ("inspection_answer", "inspection_defect")
    columns = (
        Column("name", tr_noop("Vehicle"), width=240, stretch=True, format=str, tooltip=lambda row: row.vin),
        Column("state", tr_noop("Status"), kind="state", states=WORK_STATES, width=144),
        Column("due_on", tr_noop("Inspect by"), width=104, value=lambda row: row, format=due_text, tooltip=due_tooltip),
        Column("overdue", tr_noop("Reminder"), kind="state", states=_DUE, width=88),
        Column("sold", tr_noop("Sold"), width=64, format=lambda sold: tr("yes") if sold else ""),
        Column("place", tr_noop("Place"), width=88),
        Column("inspector", tr_noop("Inspector"), width=88),
        Column("vin", tr_noop("VIN"), kind="code", width=164),
    )

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.filters.search.set_words(tr_noop("VIN, stock number, place"))
        options = [FacetOption(state.value, shown.label) for state, shown in WORK_STATES.items()]
        self.filters.add_facet(Facet("state", tr_noop("Status"), options))
        self.filters.add_facet(Facet("sold", tr_noop("Sale"), [FacetOption(True, tr_noop("Sold, not yet delivered"))]))
        self._add_actions()

    # --- list ------------------------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[WorkRow]:
        return list_inspection_work(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> tuple[int, int]:
        return count_inspection_work(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} vehicles in the house", n=formats.count(matched), all=formats.count(total))

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        return EmptyState(
            tr_noop("Every vehicle has passed its inspection"),
            tr_noop("Vehicles that arrive stand here until they are inspected. Choose a status to see those done."),
            icon="clipboard-check",
        )

    # --- panel -----------------------------------------------------------------------------------

    def get_record(self, reader: Any, record_id: str) -> UnitInspections:
        return get_unit_inspections(reader, record_id)

    def record_shown(self, record: UnitInspections) -> None:
        sheet, newest = self.sheet, record.newest
        if isinstance(sheet, ChecklistSheet) and newest is not None and newest.row.id == sheet.detail.row.id:
            sheet.show_detail(newest)

    def panel_content(self, record: UnitInspections) -> PanelContent:
        line = record.row
        return PanelContent(
            title=lambda: str(line.name),
            subtitle=lambda: f"{line.unit.exterior_colour} · {line.unit.stock_number}",
            content=inspection_content(
                self.context, record, act=self._act, may_inspect=self.context.may(Permission.INSPECTIONS_PERFORM),
                show=self._open_paper,
            ),
            verbs=("inspections.resume", "inspections.begin", "inspections.print"),
            more=("inspections.vehicle", "inspections.abandon"),
        )  # fmt: skip

    def open_row(self, row: WorkRow) -> None:
        """Return goes to the checklist."""
        self.show_record(row.id)
        if self.context.may(Permission.INSPECTIONS_PERFORM):
            self._begin_for(row.id)

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        do = Permission.INSPECTIONS_PERFORM
        for action in (
            Action("inspections.begin", tr_noop("Begin an inspection"), self._begin, key=Key.NEW,
                   icon="clipboard-check", permission=do, enabled=lambda: self.offers("begin")),
            Action("inspections.resume", tr_noop("Go on with it"), self._begin, key="Ctrl+G", icon="play",
                   permission=do, enabled=lambda: self.offers("resume")),
            Action("inspections.print", tr_noop("Print the report"), self._print, key=Key.PRINT, icon="printer",
                   enabled=lambda: self.offers("print")),
            Action("inspections.abandon", tr_noop("Abandon it…"), self._abandon, icon="ban", permission=do,
                   enabled=lambda: self.offers("abandon")),
            Action("inspections.vehicle", tr_noop("Open the vehicle"), self._open_vehicle, icon="car",
                   enabled=lambda: self.is_shown),
        ):  # fmt: skip
            self.add_action(action)

    def _begin(self) -> None:
        self._begin_for(self.record.row.id)

    def _begin_for(self, unit_id: str) -> None:
        self.context.operations.run_command(
            self, BeginInspection(unit_id=unit_id), on_done=lambda _id: self._open_checklist(unit_id)
        )

    def _open_checklist(self, unit_id: str) -> None:
        self._wanted = unit_id
        self.context.operations.run_query(
            self, get_unit_inspections, unit_id, on_done=self._on_to_inspect, key="checklist"
        )

    def _on_to_inspect(self, record: UnitInspections) -> None:
        self.record = record
        if record.newest is None or record.newest.row.state is not InspectionState.OPEN:
            return
        sheet = ChecklistSheet(
            self.context, record.newest, back=self.back_button(), on_finished=self.close_sheet
        )
        self.open_sheet(sheet, lambda: str(record.row.name), subtitle=lambda: record.row.vin)

    def _act(self, verb: str, defect: DefectRow) -> None:
        if verb == "clear":
            self.run(ClearDefect(defect_id=defect.id))
        elif verb == "repair":
            self.ask(self._repair_question(defect))
        else:
            self.ask(self._reason_question(
                tr_noop("Why is it not good?"), tr_noop("To be repaired again"),
                lambda values: ReopenDefect(defect_id=defect.id, reason=values["reason"]),
            ))  # fmt: skip

    def _repair_question(self, defect: DefectRow) -> PanelForm:
        question = PanelForm(
            self.context,
            tr_noop("What was repaired?"),
            [
                TextField("repair", tr_noop("Work done"), check=printable, required=True, max_length=400, span=2),
                TextField("repaired_by", tr_noop("By whom"), check=printable, required=True, max_length=80, span=2),
            ],
            text=tr_noop("Every repair before the sale is disclosed to the buyer."),
            verb=tr_noop("Repaired"),
            command=lambda values: RepairDefect(
                defect_id=defect.id, repair=values["repair"], repaired_by=values["repaired_by"]
            ),
            name=tr_noop("Repaired"),
        )
        question.form.set_values({"repaired_by": defect.responsible})
        return question

    def _reason_question(self, title: Any, verb: Any, command: Any) -> PanelForm:
        return PanelForm(
            self.context, title,
            [MultiLineField("reason", tr_noop("Reason"), required=True, max_length=400, lines=2, span=2)],
            verb=verb, command=command, name=verb,
        )  # fmt: skip

    def _abandon(self) -> None:
        newest = self.record.newest
        if newest is not None:
            self.ask(self._reason_question(
                tr_noop("Abandon this inspection?"), tr_noop("Abandon the inspection"),
                lambda values: AbandonInspection(inspection_id=newest.row.id, reason=values["reason"]),
            ))  # fmt: skip

    def _open_vehicle(self) -> None:
        self.context.navigator.open("vehicles", unit_id=self.record.row.id)

    def _print(self) -> None:
        if isinstance(self.sheet, PaperSheet):
            self.sheet.print()
        elif self.record.newest is not None:
            self._open_paper(self.record.newest.row.id)

    def _open_paper(self, inspection_id: str) -> None:
        def fetch(reader: Any, chosen: str) -> Paper:
            spoken = chosen or language()
            return Paper(inspection_pdf(reader, inspection_id, language=spoken), spoken)

        vin = self.record.row.vin

        def title() -> str:
            return tr("Inspection of {vin}", vin=vin)

        sheet = PaperSheet(
            self.context, fetch, title=title, file_name=f"PDI-{vin}", back=self.back_button()
        )
        self.open_sheet(sheet, title)
