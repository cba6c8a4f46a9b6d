"""Replenishment: what to order and why, proposals on their way, what stands too long, minimums."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.replenishment.need_rows import NeedRow
from app.replenishment.proposal_queries import ProposalDetail, get_proposal
from app.replenishment.queries import NeedsOverview, list_needs, needs_overview
from app.replenishment.rules import DECISIONS, ProposalAction, ProposalState
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.editing import SheetPage
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.panel_form import PanelForm
from ui.kit.text import Words
from ui.replenishment.figures_view import FiguresView
from ui.replenishment.need_panel import need_content
from ui.replenishment.ordering_terms import OrderingTerms
from ui.replenishment.proposal_files import ask_where, proposal_paper, write_proposal
from ui.replenishment.proposal_panel import ICONS, ProposalContent
from ui.replenishment.proposal_sheet import ProposalSheet, lines_of_needs, lines_of_proposal
from ui.replenishment.stock_warnings import StockWarnings
from ui.replenishment.tables import TableView
from ui.replenishment.view_choice import ViewChoice
from ui.replenishment.views import made_views
from ui.replenishment.words import days_text

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
        self.choice = ViewChoice([Choice(key, text) for key, text in _VIEWS], name=tr_noop("View"))
        self.choice.set_value("needs")
        self.choice.chosen.connect(lambda key: self.show_view(str(key)))
        self.summary = Label("", role="secondary", wrap=True)
        self.warnings = StockWarnings(self, ask=self._ask)
        self.terms = OrderingTerms(self, ask=self._ask)
        self.tables = self._made_tables()
        self._figures_place = QWidget()
        self._figures_place.setLayout(column())
        self.figures: FiguresView | None = None
        self.stack = QStackedWidget()
        for view in self.tables.values():
            self.stack.addWidget(view)
        self.stack.addWidget(self._figures_place)
        body = column(self.choice, self.summary, gap=12)
        body.addWidget(self.stack, 1)
        self.set_main_view(boxed(body))
        self._add_actions()

    # --- building --------------------------------------------------------------------------------

    def _made_tables(self) -> dict[str, TableView]:
        made = made_views(self.context, new_minimum=self.terms.new_minimum)
        shows: dict[str, Callable[[Any], None]] = {
            "needs": self._show_need, "proposals": self._fetch_proposal, "aged": self._showing(self.warnings.show_aged),
            "overstock": self._showing(self.warnings.show_overstock),
            "minimums": self._showing(self.terms.show_minimum),
            "lead_times": self._showing(self.terms.show_lead_time),
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
            ("minimum", tr_noop("New minimum"), self.terms.new_minimum, "plus"),
            ("lead_time", tr_noop("Lead time of a make"), self.terms.ask_lead_time, "truck"),
        ):
            self.add_action(
                Action(f"replenishment.{code}", text, handler, icon=icon, permission=edit), menu=True
            )
        for step in ProposalAction:
            self.add_action(
                Action(f"replenishment.{step}", step.label, partial(self._do, step), icon=ICONS[step],
                       permission=approve if step in DECISIONS else edit, enabled=partial(self._offers, step))
            )  # fmt: skip
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

    def _showing(self, show: Callable[[Any], None]) -> Callable[[Any], None]:
        def shown(line: Any) -> None:
            self._shown = line
            show(line)

        return shown

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
        sheet = ProposalSheet(self.context, lines_of_needs(rows), back=self.back_button())
        self._open_proposal_sheet(sheet)
        if not rows:
            self.messages.show_info(tr_noop("Nothing needs to be ordered now. Add what you want to order."))

    def _edit_proposal(self, detail: ProposalDetail) -> None:
        sheet = ProposalSheet(self.context, lines_of_proposal(detail), back=self.back_button(), detail=detail)
        self._open_proposal_sheet(sheet)

    def _open_proposal_sheet(self, sheet: ProposalSheet) -> None:
        sheet.stored.connect(self._on_stored)
        self.open_sheet(sheet, tr_noop("Purchase proposal"))
        sheet.take_focus()

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

    def _offers(self, step: ProposalAction) -> bool:
        """Whether the proposal in sight can be taken there now; what nobody sees is not acted upon."""
        return isinstance(self._shown, ProposalDetail) and self.panel.isVisible() and step in self._shown.actions

    def _do(self, step: ProposalAction) -> None:
        content = self.panel.findChild(ProposalContent)
        if content is not None:
            content.do(step)

    def _open_paper(self, detail: ProposalDetail) -> None:
        paper = proposal_paper(self.context, detail, back=self.back_button())
        self.open_sheet(paper, tr_noop("Purchase proposal"))

    def _export(self, detail: ProposalDetail, suffix: str) -> None:
        ask_where(
            self, f"{detail.row.number}.{suffix}", on_chosen=lambda path: write_proposal(self, detail.row.id, path)
        )

    # --- asking ----------------------------------------------------------------------------------

    def _ask_policy(self) -> None:
        if self.overview is not None:
            self.terms.ask_policy(self.overview.policy)

    def _ask(self, title: Words, form: PanelForm) -> None:
        self.close_sheet()
        self._shown = None
        form.left.connect(self.panel.close_panel)
        self.panel.show_content(title, boxed(column(form)))
        form.take_focus()


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
