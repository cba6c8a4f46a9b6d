"""What has to be asked before something is done with a price change; each question stands in the panel."""

from collections.abc import Callable
from datetime import date

from app.kernel.clock import branch_day
from app.pricing.commands import ApprovePrices, EndCampaign, RejectPrices, WithdrawPrices
from app.pricing.queries import PriceChangeRow
from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.fields import DateField, MultiLineField
from ui.kit.panel_form import PanelForm

_LIMIT = 400


def approval(context: PageContext, line: PriceChangeRow) -> PanelForm:
    """Somebody else agrees."""
    return PanelForm(
        context,
        tr_noop("Approve these prices?"),
        [MultiLineField("note", tr_noop("Note"), span=2, max_length=_LIMIT, lines=2)],
        verb=tr_noop("Approve"),
        command=lambda values: ApprovePrices(
            change_id=line.id, expected_revision=line.revision, note=values["note"]
        ),
        on_done=_say(context, tr_noop("The prices are approved.")),
        text=tr_noop("They count from their first day, today at the earliest."),
    )


def rejection(context: PageContext, line: PriceChangeRow) -> PanelForm:
    """Somebody else disagrees and says why."""
    return PanelForm(
        context,
        tr_noop("Reject these prices?"),
        [_reason()],
        verb=tr_noop("Reject"),
        command=lambda values: RejectPrices(
            change_id=line.id, expected_revision=line.revision, reason=values["reason"]
        ),
        on_done=_say(context, tr_noop("The prices are rejected.")),
        danger=True,
    )


def withdrawal(context: PageContext, line: PriceChangeRow) -> PanelForm:
    """Taken back before it counts."""
    return PanelForm(
        context,
        tr_noop("Withdraw this price change?"),
        [_reason()],
        verb=tr_noop("Withdraw"),
        command=lambda values: WithdrawPrices(
            change_id=line.id, expected_revision=line.revision, reason=values["reason"]
        ),
        on_done=_say(context, tr_noop("The price change is withdrawn.")),
        danger=True,
    )


def ending(context: PageContext, line: PriceChangeRow) -> PanelForm:
    """A campaign ends early."""
    form = PanelForm(
        context,
        tr_noop("When does the campaign end?"),
        [DateField("last_day", tr_noop("Last day"), required=True, span=2,
                   latest=line.valid_to.isoformat() if line.valid_to else None), _reason()],
        verb=tr_noop("End it then"),
        command=lambda values: EndCampaign(
            change_id=line.id, expected_revision=line.revision, last_day=date.fromisoformat(values["last_day"]),
            reason=values["reason"],
        ),
        on_done=_say(context, tr_noop("The campaign ends on that day.")),
        text=tr_noop("Offers that were made keep their price."),
    )  # fmt: skip
    form.form.set_values({"last_day": branch_day(context.clock.now())})
    return form


def _reason() -> MultiLineField:
    return MultiLineField("reason", tr_noop("Reason"), required=True, span=2, max_length=_LIMIT, lines=3)


def _say(context: PageContext, text: str) -> Callable[[object], None]:
    return lambda _value: context.notifications.show(text, tone="good")
