"""The tables of the page and what each says when it is empty."""

from collections.abc import Callable

from app.replenishment.proposal_queries import list_proposals
from app.replenishment.queries import list_lead_times, list_minimums, list_needs
from app.replenishment.slow_stock_queries import list_aged_units, list_overstock
from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.replenishment.tables import TableView, whole
from ui.replenishment.words import AGED, LEAD_TIMES, MINIMUMS, NEEDS, OVERSTOCK, PROPOSALS


def made_views(context: PageContext, *, new_minimum: Callable[[], object]) -> dict[str, TableView]:
    """The tables by the key of their view."""
    return {
        "needs": TableView(context, "needs", tr_noop("To order"), NEEDS, whole(list_needs), empty=EmptyState(
            tr_noop("Nothing to judge yet"),
            tr_noop("Once vehicles are in the books and sold, what to order is suggested here."), icon="package")),
        "proposals": TableView(
            context, "proposals", tr_noop("Proposals"), PROPOSALS, list_proposals, empty=EmptyState(
                tr_noop("No purchase proposals yet"),
                tr_noop("Make one of what is suggested: quantities can be changed before anybody approves it."),
                icon="clipboard-list")),
        "aged": TableView(context, "aged", tr_noop("Standing long"), AGED, list_aged_units, empty=EmptyState(
            tr_noop("Nothing stands too long"),
            tr_noop("Free vehicles that stand longer than the house wants appear here."),
            icon="check-circle")),
        "overstock": TableView(
            context, "overstock", tr_noop("Too many"), OVERSTOCK, whole(list_overstock), empty=EmptyState(
                tr_noop("No more than needed"), tr_noop("Trims that last too long appear here."),
                icon="check-circle")),
        "minimums": TableView(
            context, "minimums", tr_noop("Minimums"), MINIMUMS, whole(list_minimums), empty=EmptyState(
                tr_noop("No minimums yet"),
                tr_noop("Say how many vehicles of a series or colour should always be there."), icon="gauge",
                action=Button(tr_noop("New minimum"), icon="plus", on_click=new_minimum))),
        "lead_times": TableView(
            context, "lead_times", tr_noop("Lead times"), LEAD_TIMES, whole(list_lead_times), empty=EmptyState(
                tr_noop("No makes yet"),
                tr_noop("How long orders take is measured once vehicles of a make have arrived."), icon="truck")),
    }  # fmt: skip
