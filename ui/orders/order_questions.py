"""What has to be asked before something is done with an order; each question stands in the panel."""

from collections.abc import Callable
from datetime import date

from app.kernel.clock import branch_date, branch_day
from app.kernel.errors import DomainError
from app.orders.commands import CancelOrder, PlanDelivery, ReturnOrder
from app.orders.queries import OrderRow
from app.orders.rules import DefaultingParty, DepositSettlement, settle_deposits, split_earnest
from app.payments.queries import PaymentStanding
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import DateField, MultiLineField, SegmentField
from ui.kit.panel_form import PanelForm

REASON_LIMIT = 400


def delivery_day(context: PageContext, line: OrderRow) -> PanelForm:
    """The day the customer expects the car; empty takes it away."""
    form = PanelForm(
        context,
        tr_noop("When is the car delivered?"),
        [
            DateField(
                "planned_delivery", tr_noop("Day of delivery"), span=2, earliest=branch_day(context.clock.now()),
                hint=tr_noop("+7 is in a week. The contract names this day."),
            )
        ],
        verb=tr_noop("Set the day"),
        command=lambda values: PlanDelivery(
            order_id=line.id, expected_revision=line.revision, planned_delivery=_day(values["planned_delivery"])
        ),
        name=lambda: tr("Plan the delivery of {number}", number=line.number),
    )  # fmt: skip
    day = line.planned_delivery_on
    form.form.set_values({"planned_delivery": day.isoformat() if day is not None else None})
    return form


def return_to_seller(context: PageContext, line: OrderRow) -> PanelForm:
    """A reviewer sends the order back."""
    return PanelForm(
        context,
        tr_noop("Send this order back?"),
        [_reason(tr_noop("What has to change before it can be confirmed"))],
        verb=tr_noop("Send back"),
        command=lambda values: ReturnOrder(order_id=line.id, expected_revision=line.revision, reason=values["reason"]),
        on_done=lambda _value: _say(context, lambda: tr("Order {number} was sent back.", number=line.number)),
        text=lambda: tr("{name} can change and submit it again.", name=line.salesperson),
        danger=True,
    )


def cancellation(context: PageContext, line: OrderRow, standing: PaymentStanding | None) -> PanelForm:
    """Why, and who broke the agreement: that decides what of the earnest money goes back."""
    fields = [
        SegmentField(
            "defaulting", tr_noop("Who breaks the agreement?"), required=True, span=2,
            choices=[Choice(party.value, party.label) for party in DefaultingParty],
        ),
        _reason(tr_noop("Why the sale does not come about")),
    ]  # fmt: skip
    question = PanelForm(
        context,
        lambda: tr("Cancel order {number}?", number=line.number),
        fields,
        verb=tr_noop("Cancel the order"),
        command=lambda values: CancelOrder(
            order_id=line.id, expected_revision=line.revision, reason=values["reason"], defaulting=values["defaulting"]
        ),
        on_done=lambda _value: _say(context, lambda: tr("Order {number} is cancelled.", number=line.number)),
        text=tr_noop("The vehicle becomes free again at once. A signed contract has to be voided first."),
        danger=True,
        keep=tr_noop("Keep it"),
    )
    question.form.set_values({"defaulting": DefaultingParty.NOBODY.value})

    def explain(_field: str = "") -> None:
        party = DefaultingParty(question.form.value("defaulting"))
        question.form.set_hint("defaulting", lambda: settlement_words(context, standing, party))

    question.form.changed.connect(explain)
    explain()
    return question


def settlement_words(context: PageContext, standing: PaymentStanding | None, party: DefaultingParty) -> str:
    """What becomes of the money that came in, by Civil Code 586 to 588."""
    if standing is None or standing.received <= 0:
        return tr("No money was received: nothing goes back.")
    try:
        settled = _settlement(context, standing, party)
    except DomainError as error:
        return error.message()
    back = formats.money(settled.to_customer)
    if settled.penalty:
        return tr("{amount} goes to the customer: the earnest money double (Civil Code 587).", amount=back)
    if settled.forfeited:
        kept = formats.money(settled.forfeited)
        return tr("{kept} of earnest money stays here, {amount} goes back (Civil Code 587).", kept=kept, amount=back)
    return tr("{amount} goes back to the customer; the cashier finds it as a task.", amount=back)


def _settlement(context: PageContext, standing: PaymentStanding, party: DefaultingParty) -> DepositSettlement:
    earnest = split_earnest(
        standing.earnest_received,
        contract_price=standing.contract_price,
        on_date=branch_date(context.clock.now()),
    )
    return settle_deposits(earnest, advance=standing.received - standing.earnest_received, defaulting=party)


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _reason(placeholder: str) -> MultiLineField:
    return MultiLineField(
        "reason", tr_noop("Reason"), required=True, span=2, max_length=REASON_LIMIT, lines=3, placeholder=placeholder
    )


def _say(context: PageContext, text: Callable[[], str]) -> None:
    context.notifications.show(text, tone="good")
