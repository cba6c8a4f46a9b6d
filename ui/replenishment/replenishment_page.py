"""Replenishment: what to order and why, proposals on their way, what stands too long, minimums."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from app.kernel.changes import Changes
from app.kernel.commands import Command
from app.kernel.permissions import Permission
from app.replenishment.commands import RemoveStockMinimum, SetLeadTime
from app.replenishment.exports import proposal_csv, proposal_pdf, proposal_xlsx
from app.replenishment.need_rows import NeedRow
from app.replenishment.offers import Surplus, list_surplus
from app.replenishment.proposal_queries import ProposalDetail, get_proposal, list_proposals
from app.replenishment.queries import (
    LeadTimeRow,
    MinimumRow,
    NeedsOverview,
    list_lead_times,
    list_minimums,
    list_needs,
    needs_overview,
)
from app.replenishment.rules import CAMPAIGN_CUTS, AgedAction, ProposalState
from app.replenishment.slow_stock_queries import AgedRow, OverstockRow, list_aged_units, list_overstock
from app.runtime.language import CHINESE, ENGLISH, language, tr, tr_noop, trn
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.detail_panel import Facts
from ui.kit.editing import SheetPage
from ui.kit.feedback import EmptyState
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.panel_form import PanelForm
from ui.kit.text import Words
from ui.replenishment import questions
from ui.replenishment.figures_view import FiguresView
from ui.replenishment.need_panel import need_content
from ui.replenishment.proposal_panel import ProposalContent
from ui.replenishment.proposal_sheet import ProposalSheet, lines_of_needs, lines_of_proposal
from ui.replenishment.tables import TableView, whole
from ui.replenishment.words import (
    ACTIONS,
    AGED,
    LEAD_TIMES,
    MINIMUMS,
    NEEDS,
    OVERSTOCK,
    PROPOSALS,
    better_words,
    days_text,
    lead_text,
    money_or_dash,
)

_WATCHED = (
    "vehicle_unit", "sales_order", "stock_minimum", "replenishment_policy", "lead_time", "purchase_proposal",
    "purchase_line",
)  # fmt: skip
_VIEWS = (
    ("needs", tr_noop("To order")), ("proposals", tr_noop("Proposals")), ("aged", tr_noop("Standing long")),
    ("overstock", tr_noop("Too many")), ("minimums", tr_noop("Minimums")),
    ("lead_times", tr_noop("Lead times")), ("figures", tr_noop("Charts")),
)  # fmt: skip


class ReplenishmentPage(SheetPage):
    """Seven views of one stock. `proposal_id` opens a proposal, `view` one of the views."""

    title = tr_noop("Replenishment")
    scope = "replenishment"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.overview: NeedsOverview | None = None
        self._stale = True
        self._shown: Any = None
        self.choice = Segmented([Choice(key, text) for key, text in _VIEWS], name=tr_noop("View"))
        self.choice.set_value("needs")
        self.choice.chosen.connect(lambda key: self.show_view(str(key)))
        self.summary = Label("", role="secondary", wrap=True)
        self.tables = self._made_tables()
        self._figures_place = QWidget()
        self._figures_place.setLayout(column())
        self.figures: FiguresView | None = None
        self.stack = QStackedWidget()
        for view in self.tables.values():
            self.stack.addWidget(view)
        self.stack.addWidget(self._figures_place)
        body = column(row(self.choice, STRETCH), self.summary, gap=12)
        body.addWidget(self.stack, 1)
        self.set_main_view(boxed(body))
        self._add_actions()

    # --- building --------------------------------------------------------------------------------

    def _made_tables(self) -> dict[str, TableView]:
        context = self.context
        made = {
            "needs": TableView(context, "needs", tr_noop("To order"), NEEDS, whole(list_needs), empty=EmptyState(
                tr_noop("Nothing to judge yet"),
                tr_noop("Once vehicles are in the books and sold, what to order is suggested here."), icon="package")),
            "proposals": TableView(
                context, "proposals", tr_noop("Proposals"), PROPOSALS, list_proposals, empty=EmptyState(
                    tr_noop("No purchase proposals yet"),
                    tr_noop("Make one of what is suggested: quantities can be changed before anybody approves it."),
                    icon="clipboard-list")),
            "aged": TableView(context, "aged", tr_noop("Standing long"), AGED, list_aged_units, empty=EmptyState(
                tr_noop("Nothing stands too long"), tr_noop("Free vehicles older than 60 days appear here."),
                icon="check-circle")),
            "overstock": TableView(
                context, "overstock", tr_noop("Too many"), OVERSTOCK, whole(list_overstock), empty=EmptyState(
                    tr_noop("No more than needed"), tr_noop("Trims that last too long appear here."),
                    icon="check-circle")),
            "minimums": TableView(
                context, "minimums", tr_noop("Minimums"), MINIMUMS, whole(list_minimums), empty=EmptyState(
                    tr_noop("No minimums yet"),
                    tr_noop("Say how many vehicles of a series or colour should always be there."), icon="gauge",
                    action=Button(tr_noop("New minimum"), icon="plus", on_click=self._new_minimum))),
            "lead_times": TableView(
                context, "lead_times", tr_noop("Lead times"), LEAD_TIMES, whole(list_lead_times), empty=EmptyState(
                    tr_noop("No makes yet"),
                    tr_noop("How long orders take is measured once vehicles of a make have arrived."), icon="truck")),
        }  # fmt: skip
        shows: dict[str, Callable[[Any], None]] = {
            "needs": self._show_need, "proposals": self._fetch_proposal, "aged": self._show_aged,
            "overstock": self._show_overstock, "minimums": self._show_minimum,
            "lead_times": self._show_lead_time,
        }  # fmt: skip
        for key, view in made.items():
            view.selected.connect(lambda line, show=shows[key]: self._on_selected(line, show))
        self._shows = shows
        made["aged"].opened.connect(lambda line: self.context.navigator.open("vehicles", unit_id=line.id))
        return made

    def _add_actions(self) -> None:
        edit, approve = Permission.REPLENISHMENT_EDIT, Permission.REPLENISHMENT_APPROVE
        self.add_action(
            Action("replenishment.propose", tr_noop("Make a proposal"), self._new_proposal, key=Key.NEW,
                   icon="clipboard-list", permission=edit),
            primary=True,
        )  # fmt: skip
        self.add_action(
            Action("replenishment.policy", tr_noop("How we order"), self._ask_policy, icon="sliders-horizontal",
                   permission=approve),
            button=True,
        )  # fmt: skip
        for code, text, handler, icon in (
            ("minimum", tr_noop("New minimum"), self._new_minimum, "plus"),
            ("lead_time", tr_noop("Lead time of a make"), self._ask_lead_time, "truck"),
        ):
            self.add_action(
                Action(f"replenishment.{code}", text, handler, icon=icon, permission=edit), menu=True
            )
        self.add_action(
            Action("replenishment.refresh", tr_noop("Fetch again"), self.refresh, key=Key.REFRESH, icon="refresh-cw")
        )

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        proposal_id = params.get("proposal_id")
        if proposal_id:
            self.close_sheet()
            self.show_view("proposals")
            self.tables["proposals"].table.select_id(proposal_id)
            self.show_proposal(str(proposal_id))
        elif params.get("view"):
            self.show_view(str(params["view"]))
        if self._stale:
            self.refresh()
        self._focus_view()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        if not changes.touches(*_WATCHED):
            return
        self._stale = True
        if self.isVisible():
            self.refresh()
            if isinstance(self._shown, ProposalDetail) and self.panel.isVisible():
                self.show_proposal(self._shown.row.id)

    def refresh(self) -> None:
        """Fetch what is shown again."""
        self._stale = False
        for view in self.tables.values():
            view.loaded = False
        self._load_view()
        self.context.operations.run_query(self, needs_overview, on_done=self._on_overview, key="overview")

    def retranslate(self) -> None:
        super().retranslate()
        if getattr(self, "figures", None) is not None:
            self._load_view()

    # --- views -----------------------------------------------------------------------------------

    @property
    def view(self) -> str:
        """The view in sight."""
        return str(self.choice.value())

    def show_view(self, key: str) -> None:
        """Show another view."""
        self.choice.set_value(key)
        self._shown = None
        self.panel.close_panel()
        self.stack.setCurrentWidget(self.tables.get(key, self._figures_place))
        self._load_view()
        self._focus_view()
        line = self.tables[key].table.current_row() if key in self.tables else None
        if line is not None:
            self._on_selected(line, self._shows[key])

    def _load_view(self) -> None:
        view = self.tables.get(self.view)
        if view is None:
            self.context.operations.run_query(self, list_needs, on_done=self._on_figures, key="figures")
        elif not view.loaded:
            view.load()

    def _focus_view(self) -> None:
        view = self.tables.get(self.view)
        if view is not None and self.sheet is None:
            view.table.setFocus()

    def _on_figures(self, rows: Any) -> None:
        if self.figures is None:
            self.figures = FiguresView(self.context)
            self.figures.chosen.connect(self._open_need)
            self._figures_place.layout().addWidget(self.figures)  # type: ignore[union-attr]
        self.figures.show_rows(rows)

    def _open_need(self, trim_id: str) -> None:
        self.show_view("needs")
        self.tables["needs"].table.select_id(trim_id)

    def _on_overview(self, found: NeedsOverview) -> None:
        self.overview = found
        self.set_subtitle(lambda: trn("{n} vehicle to order", "{n} vehicles to order", found.suggested))
        self.summary.set_words(lambda: _overview(found))

    def _on_selected(self, line: Any, show: Callable[[Any], None]) -> None:
        if line is None:
            if not isinstance(self._shown, ProposalDetail):  # a proposal is shown whether its row is loaded or not
                self.panel.close_panel()
        elif self.sheet is None:
            show(line)

    # --- needs -----------------------------------------------------------------------------------

    def _show_need(self, line: NeedRow) -> None:
        self._shown = line
        if self.overview is None:
            def done(found: NeedsOverview) -> None:
                self._on_overview(found)
                self._show_need(line)

            self.context.operations.run_query(self, needs_overview, key="overview", on_done=done)
            return
        self.panel.show_content(lambda: str(line.name), need_content(line, self.overview.policy))

    def _new_proposal(self) -> None:
        self.context.operations.run_query(
            self, list_needs, only="suggested", on_done=self._open_new_proposal, key="suggested"
        )

    def _open_new_proposal(self, rows: Any) -> None:
        lines = lines_of_needs(rows)
        if not lines:
            self.messages.show_info(tr_noop("Nothing needs to be ordered now."))
            return
        self._open_proposal_sheet(ProposalSheet(self.context, lines, back=self.back_button()))

    def _edit_proposal(self, detail: ProposalDetail) -> None:
        sheet = ProposalSheet(self.context, lines_of_proposal(detail), back=self.back_button(), detail=detail)
        self._open_proposal_sheet(sheet)

    def _open_proposal_sheet(self, sheet: ProposalSheet) -> None:
        sheet.stored.connect(self._on_stored)
        self.open_sheet(sheet, tr_noop("Purchase proposal"))
        sheet.table.setFocus()

    def _on_stored(self, proposal_id: str) -> None:
        self.close_sheet()
        self.context.notifications.show(tr_noop("The proposal is saved as a draft."), tone="good")
        self.show_view("proposals")
        self.show_proposal(proposal_id)

    # --- proposals -------------------------------------------------------------------------------

    def _fetch_proposal(self, line: Any) -> None:
        self.show_proposal(line.id)

    def show_proposal(self, proposal_id: str) -> None:
        """Show a proposal in the panel."""
        self.context.operations.run_query(
            self, get_proposal, proposal_id, on_done=self._on_proposal, key="proposal"
        )

    def _on_proposal(self, detail: ProposalDetail) -> None:
        self._shown = detail
        content = ProposalContent(self.context, detail)
        buttons = list(content.buttons)
        if detail.row.state is ProposalState.DRAFT and self.context.may(Permission.REPLENISHMENT_EDIT):
            buttons.append(Button(tr_noop("Change"), icon="pencil", on_click=lambda: self._edit_proposal(detail)))
        save = row(
            Button(tr_noop("PDF"), icon="file-text", on_click=lambda: self._open_paper(detail)),
            Button("CSV", icon="file-text", on_click=lambda: self._export(detail, "csv")),
            Button(tr_noop("Spreadsheet"), icon="file-spreadsheet", on_click=lambda: self._export(detail, "xlsx")),
            STRETCH,
        )
        holder = boxed(column(content, save, gap=16))
        self.panel.show_content(lambda: detail.row.number, holder, actions=buttons[:3])

    def _open_paper(self, detail: ProposalDetail) -> None:
        from ui.kit.paper_sheet import Paper, PaperSheet

        def fetch(reader: Any, chosen: str) -> Paper:
            code = chosen or language()
            code = CHINESE if code == CHINESE else ENGLISH
            return Paper(proposal_pdf(reader, detail.row.id, paper_language=code), code)

        sheet = PaperSheet(
            self.context, fetch, title=tr_noop("Purchase proposal"), file_name=detail.row.number,
            back=self.back_button(),
        )  # fmt: skip
        self.open_sheet(sheet, tr_noop("Purchase proposal"))

    def _export(self, detail: ProposalDetail, suffix: str) -> None:
        kinds = "CSV (*.csv)" if suffix == "csv" else "XLSX (*.xlsx)"
        dialog = QFileDialog(self, tr("Save the proposal"), "", kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{detail.row.number}.{suffix}")
        dialog.fileSelected.connect(lambda chosen: self.export(detail.row.id, Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export(self, proposal_id: str, path: Path) -> None:
        """Write a proposal as CSV or XLSX, whole or not at all; a notification says so."""
        from app.runtime.atomic_file import write_atomically

        make = proposal_csv if path.suffix.lower() == ".csv" else proposal_xlsx

        def written(content: bytes) -> None:
            self.context.operations.run_plain(
                self, lambda: write_atomically(path, content, mode=0o644),
                on_done=lambda _value: self.context.notifications.show(
                    lambda: tr("Saved as {file}", file=path.name), tone="good"
                ),
            )  # fmt: skip

        self.context.operations.run_query(self, make, proposal_id, on_done=written, key="export")

    # --- warnings --------------------------------------------------------------------------------

    def _show_aged(self, line: AgedRow) -> None:
        self._shown = line
        unit = line.unit
        facts: list[tuple[Words, Words]] = [
            (tr_noop("VIN"), unit.vin),
            (tr_noop("Stands since"), lambda: f"{formats.date_text(unit.arrived_on)} · {days_text(unit.age_days)}"),
            (tr_noop("Place"), unit.location or "–"),
            (tr_noop("List price"), formats.money(unit.list_price)),
            (tr_noop("Cost"), money_or_dash(unit.cost)),
        ]
        self._show_warning(lambda: str(unit.name), line, facts, unit_ids=(unit.id,))

    def _show_overstock(self, line: OverstockRow) -> None:
        self._shown = line
        facts: list[tuple[Words, Words]] = [
            (tr_noop("Free"), formats.count(line.free)),
            (tr_noop("Lasts"), lambda: days_text(line.days)),
            (tr_noop("Too many"), formats.count(line.surplus)),
        ]
        self._show_warning(lambda: str(line.name), line, facts, unit_ids=())

    def _show_warning(
        self, title: Words, line: AgedRow | OverstockRow, facts: list[tuple[Words, Words]], *,
        unit_ids: tuple[str, ...],
    ) -> None:  # fmt: skip
        state = ACTIONS[line.action]
        stack = column(Label(state.label, role="section", wrap=True), gap=12)
        better = better_words(line)
        if better:
            stack.addWidget(Label(lambda: better_words(line), role="secondary", wrap=True))
        stack.addWidget(Facts(facts))
        self.panel.show_content(title, boxed(stack), actions=self._ways_out(line, unit_ids))

    def _ways_out(self, line: AgedRow | OverstockRow, unit_ids: tuple[str, ...]) -> list[Button]:
        go = self.context.navigator.open
        found: list[tuple[AgedAction, Button]] = []
        if self.context.may(Permission.PRICING_EDIT):
            cut = str(CAMPAIGN_CUTS.get(line.action, CAMPAIGN_CUTS[AgedAction.CAMPAIGN]))
            propose: dict[str, Any] = {"kind": "CAMPAIGN", "percent": cut}
            if isinstance(line, OverstockRow):
                propose["trims"] = ((line.id, line.name),)
            else:
                propose["unit_ids"] = unit_ids
            campaign = Button(
                tr_noop("Plan a campaign"), icon="badge-percent", on_click=lambda: go("prices", propose=propose)
            )
            found.append((AgedAction.CAMPAIGN, campaign))
        if line.better_branch_id and self.context.may(Permission.TRANSFERS_REQUEST):
            transfer = Button(tr_noop("Transfer"), icon="arrow-left-right", on_click=lambda: self._ask_offer(line))
            found.append((AgedAction.TRANSFER, transfer))
        if unit_ids:
            unit = Button(
                tr_noop("Open the vehicle"), icon="car", on_click=lambda: go("vehicles", unit_id=unit_ids[0])
            )
            found.append((AgedAction.DISPLAY, unit))
        deeper = AgedAction.CAMPAIGN if line.action is AgedAction.CLEARANCE else line.action
        found.sort(key=lambda one: one[0] is not deeper)
        return [button for _, button in found]

    def _ask_offer(self, line: AgedRow | OverstockRow) -> None:
        """Which vehicles to offer to the branch that sells them better."""

        def ask(found: Surplus) -> None:
            if not found.units:
                self.messages.show_info(tr_noop("None of these vehicles can go now: they are held, sold or blocked."))
                return
            form = questions.offering(
                self.context, found.units, chosen=found.suggested, branch_id=line.better_branch_id,
                branch=line.better_branch, on_done=self._on_offered,
            )  # fmt: skip
            self._ask(tr_noop("Transfer"), form)

        if isinstance(line, AgedRow):
            ask(Surplus(units=(line.unit,), suggested=1))
        else:
            self.context.operations.run_query(
                self, list_surplus, line.id, surplus=line.surplus, on_done=ask, key="surplus"
            )

    def _on_offered(self, transfer_ids: tuple[str, ...]) -> None:
        said = len(transfer_ids)
        self.context.notifications.show(
            lambda: trn("{n} vehicle offered.", "{n} vehicles offered.", said), tone="good"
        )
        self.context.navigator.open("transfers", transfer_id=transfer_ids[0])

    # --- minimums and settings -------------------------------------------------------------------

    def _show_minimum(self, line: MinimumRow) -> None:
        self._shown = line
        facts: list[tuple[Words, Words]] = [
            (tr_noop("Minimum"), formats.count(line.quantity)),
            (tr_noop("Available"), formats.count(line.available)),
            (tr_noop("Set by"), f"{line.set_by} · {formats.moment(line.set_at)}"),
            (tr_noop("Note"), line.note or "–"),
        ]
        buttons = []
        if self.context.may(Permission.REPLENISHMENT_EDIT):
            buttons = [
                Button(tr_noop("Change"), kind="primary", icon="pencil", on_click=lambda: self._ask(
                    tr_noop("Minimums"), questions.minimum(self.context, line, on_done=self._on_set))),
                Button(tr_noop("Remove"), icon="trash-2", on_click=lambda: self._remove(line)),
            ]  # fmt: skip
        self.panel.show_content(lambda: str(line.series), Facts(facts), actions=buttons)

    def _remove(self, line: MinimumRow) -> None:
        self.context.operations.run_command(self, RemoveStockMinimum(minimum_id=line.id), on_done=self._on_set)

    def _new_minimum(self) -> None:
        self._ask(tr_noop("Minimums"), questions.minimum(self.context, None, on_done=self._on_set))

    def _ask_policy(self) -> None:
        if self.overview is not None:
            self._ask(
                tr_noop("How we order"),
                questions.policy(self.context, self.overview.policy, on_done=self._on_set),
            )

    def _ask_lead_time(self) -> None:
        self._ask(tr_noop("Lead time"), questions.lead_time(self.context, on_done=self._on_set))

    def _show_lead_time(self, line: LeadTimeRow) -> None:
        self._shown = line
        none = "–"
        facts: list[tuple[Words, Words]] = [
            (tr_noop("Counted with"), lambda: lead_text(line.counts)),
            (tr_noop("Rests on"), lambda: tr(line.source.label)),
            (tr_noop("Entered"), lambda: lead_text(line.entered) if line.entered else none),
            (tr_noop("As measured"), lambda: lead_text(line.measured) if line.measured else none),
            (tr_noop("Arrivals"), formats.count(line.arrivals) if line.arrivals else none),
        ]
        buttons = []
        if self.context.may(Permission.REPLENISHMENT_EDIT):
            buttons.append(Button(tr_noop("Change"), kind="primary", icon="pencil", on_click=lambda: self._ask(
                tr_noop("Lead time"), questions.lead_time(self.context, line, on_done=self._on_set))))  # fmt: skip
            if line.entered:
                forget = SetLeadTime(make_id=line.id, mean_days=None, spread_days=None)
                words = tr_noop("Use what was measured") if line.measured else tr_noop("Use the house rule")
                buttons.append(Button(words, on_click=lambda: self._set(forget)))
        self.panel.show_content(lambda: str(line.make), Facts(facts), actions=buttons)

    def _set(self, command: Command) -> None:
        self.context.operations.run_command(self, command, on_done=self._on_set)

    def _ask(self, title: Words, form: PanelForm) -> None:
        self.close_sheet()
        self._shown = None
        form.left.connect(self.panel.close_panel)
        self.panel.show_content(title, boxed(column(form)))
        form.take_focus()

    def _on_set(self, _value: Any) -> None:
        self.panel.close_panel()


def _overview(found: NeedsOverview) -> str:
    policy = found.policy
    parts = [
        tr("Service level {level} %, ordered every {days} days", level=policy.service_level, days=policy.review_days),
        tr("free {n}, lasting {days}", n=formats.count(found.free), days=days_text(found.days)),
        tr("coming {n}, on order {m}", n=formats.count(found.coming), m=formats.count(found.on_order)),
        tr("standing long {n}, trims with too many {m}", n=formats.count(found.aged),
           m=formats.count(found.overstocked)),
    ]  # fmt: skip
    if found.value is not None and found.suggested:
        parts.insert(1, tr("suggested for {value}", value=formats.yuan(found.value)))
    return " · ".join(parts)
