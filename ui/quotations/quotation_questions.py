"""What has to be asked before something is done with an offer; each question stands in the panel."""

from collections.abc import Callable
from typing import Any

from app.kernel.clock import branch_day
from app.orders.commands import OrderPlaced, PlaceOrder
from app.quotations.commands import ApproveQuotation, MarkQuotationLost, RejectQuotation, RequestApproval
from app.quotations.queries import QuotationRow
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.fields import DateField, MultiLineField
from ui.kit.panel_form import PanelForm

REASON_LIMIT = 400


def approval_request(context: PageContext, line: QuotationRow) -> PanelForm:
    """Why the price should go below the floor."""
    return PanelForm(
        context,
        tr_noop("Ask a manager for this price"),
        [_reason(tr_noop("Reason"), tr_noop("What the customer was offered elsewhere, what else they buy"))],
        verb=tr_noop("Send for approval"),
        command=lambda values: RequestApproval(
            quotation_id=line.id, expected_revision=line.revision, reason=values["reason"]
        ),
        on_done=lambda _value: _say(context, lambda: tr("Offer {number} was sent for approval.", number=line.number)),
        text=tr_noop("Managers of the branch find it among their tasks."),
    )


def approval(context: PageContext, line: QuotationRow) -> PanelForm:
    """A manager allows the price, with a note if there is anything to say."""
    return PanelForm(
        context,
        tr_noop("Approve this price?"),
        [MultiLineField("note", tr_noop("Note"), span=2, max_length=REASON_LIMIT, lines=3)],
        verb=tr_noop("Approve"),
        command=lambda values: ApproveQuotation(
            quotation_id=line.id, expected_revision=line.revision, note=values["note"]
        ),
        on_done=lambda _value: _say(context, lambda: tr("Offer {number} is approved.", number=line.number)),
        text=lambda: tr("{name} may then order the vehicle at this price.", name=line.salesperson),
    )


def rejection(context: PageContext, line: QuotationRow) -> PanelForm:
    """A manager refuses the price and says why."""
    return PanelForm(
        context,
        tr_noop("Reject this price?"),
        [_reason(tr_noop("Reason"), tr_noop("What would be acceptable instead"))],
        verb=tr_noop("Reject"),
        command=lambda values: RejectQuotation(
            quotation_id=line.id, expected_revision=line.revision, reason=values["reason"]
        ),
        on_done=lambda _value: _say(context, lambda: tr("Offer {number} is rejected.", number=line.number)),
        text=lambda: tr("{name} reads the reason and can make another version.", name=line.salesperson),
        danger=True,
    )


def loss(context: PageContext, line: QuotationRow) -> PanelForm:
    """The customer went elsewhere."""
    return PanelForm(
        context,
        tr_noop("Why was this offer lost?"),
        [_reason(tr_noop("Reason"), tr_noop("Price, rival model, delivery time, trade-in, …"))],
        verb=tr_noop("Mark as lost"),
        command=lambda values: MarkQuotationLost(
            quotation_id=line.id, expected_revision=line.revision, reason=values["reason"]
        ),
        on_done=lambda _value: _say(context, lambda: tr("Offer {number} is marked as lost.", number=line.number)),
        danger=True,
    )


def conversion(context: PageContext, line: QuotationRow, *, on_placed: Callable[[OrderPlaced], Any]) -> PanelForm:
    """The order's day of delivery; the contract names it."""
    return PanelForm(
        context,
        tr_noop("Turn into an order"),
        [
            DateField(
                "planned_delivery", tr_noop("Day of delivery"), span=2, earliest=branch_day(context.clock.now()),
                hint=tr_noop("The contract names it; it can be set later."),
            )
        ],
        verb=tr_noop("Place the order"),
        command=lambda values: PlaceOrder(
            quotation_id=line.id, expected_revision=line.revision, planned_delivery=_day(values["planned_delivery"])
        ),
        on_done=on_placed,
        text=tr_noop("The vehicle is allocated to the customer; the centre confirms it at the next contact."),
    )  # fmt: skip


def _day(iso: str | None) -> Any:
    from datetime import date

    return date.fromisoformat(iso) if iso else None


def _reason(label: str, placeholder: str) -> MultiLineField:
    return MultiLineField(
        "reason", label, required=True, span=2, max_length=REASON_LIMIT, lines=4, placeholder=placeholder
    )


def _say(context: PageContext, text: Callable[[], str]) -> None:
    context.notifications.show(text, tone="good")
