"""The small forms in which something is done with one unit: hold, move, prices, arrival, states."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from app.custody.place_queries import place_choices
from app.customers.queries import find_customers
from app.inventory.commands import (
    ChangePrices,
    ExtendHold,
    HandOverUnit,
    HoldUnit,
    JoinQueue,
    LeaveQueue,
    MarkArrived,
    MoveInQueue,
    MoveUnit,
    ReleaseUnit,
    SetQuality,
    SetStock,
)
from app.inventory.queries import UnitDetail, list_locations
from app.inventory.queue_queries import WishRow
from app.inventory.rules import (
    QUALITY,
    STOCK,
    QualityAction,
    StockAction,
    hold_policy,
)
from app.kernel.clock import branch_date
from app.kernel.commands import Command
from app.kernel.labels import Labelled
from app.kernel.state_machine import StateMachine
from app.leases.port import LeasePort, Secured
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import (
    ChoiceField,
    DateField,
    DateTimeField,
    Field,
    LookupField,
    MoneyField,
    MultiLineField,
    TextField,
)
from ui.kit.lease_words import HOURS, answer_words
from ui.kit.panel_form import PanelForm, PanelInquiry
from ui.kit.suggest_field import SuggestField
from ui.kit.text import Words

REASON_LIMIT = 400
_FRONT = "front"
AxisAction = StockAction | QualityAction

_AXES: dict[type[Labelled], tuple[StateMachine[Any, Any], str, type[Command]]] = {
    StockAction: (STOCK, "stock", SetStock),
    QualityAction: (QUALITY, "quality", SetQuality),
}
"""Kind of action → its axis, the field of `UnitRow` with the state, the command."""


def may_act(detail: UnitDetail, action: AxisAction) -> bool:
    """Whether the unit's state offers the action."""
    axis, name, _command = _AXES[type(action)]
    return axis.may(getattr(detail.row, name), action)


def needs_reason(detail: UnitDetail, action: AxisAction) -> bool:
    """Whether the action asks for a reason."""
    axis, name, _command = _AXES[type(action)]
    return axis.transition(getattr(detail.row, name), action).reason_required


def axis_command(detail: UnitDetail, action: AxisAction, reason: str = "") -> Command:
    """The command of an action."""
    command: Any = _AXES[type(action)][2]
    return command(unit_id=detail.row.id, action=action, reason=reason)  # type: ignore[no-any-return]


def hold_question(context: PageContext, detail: UnitDetail) -> PanelForm:
    """Until when, and for whom."""
    now = context.clock.now()
    policy = hold_policy(branch_date(now))
    question = PanelForm(
        context,
        tr_noop("Hold this vehicle"),
        [
            LookupField(
                "customer_id", tr_noop("For"), search=_find_customers, span=2,
                placeholder=tr_noop("Name, pinyin or phone"),
            ),
            DateTimeField("until", tr_noop("Until"), required=True, span=2, hint=_longest(policy.longest)),
        ],
        verb=tr_noop("Hold"),
        command=lambda values: HoldUnit(
            unit_id=detail.row.id, until=values["until"], customer_id=values["customer_id"]
        ),
        name=tr_noop("Hold the vehicle"),
    )  # fmt: skip
    question.form.set_values({"until": now + policy.usual})
    return question


def secure_question(
    context: PageContext, vins: Sequence[str], port: LeasePort, *,
    on_answered: Callable[[Secured], object] | None = None,
) -> PanelForm:  # fmt: skip
    """For how long; the centre is asked, which takes a moment and a connection."""

    def told(answer: Secured) -> None:
        text, tone = answer_words(answer)
        context.notifications.show(text, tone=tone)

    text = tr_noop(
        "The centre keeps the vehicle for this desk alone. Until then a sale made here without a connection is "
        "binding. While connected it is renewed by itself."
    )
    if len(vins) > 1:
        text = tr_noop(
            "The centre keeps them for this desk alone, those that nobody else has. Until then a sale made here "
            "without a connection is binding. While connected they are renewed by themselves."
        )
    question = PanelInquiry(
        context,
        tr_noop("Secure for selling offline"),
        [ChoiceField("hours", tr_noop("How long"), choices=list(HOURS), required=True, span=2)],
        text=text,
        verb=tr_noop("Secure"),
        work=lambda values: port.secure(list(vins), int(values["hours"])),
        doing=tr_noop("Securing the vehicle") if len(vins) == 1 else tr_noop("Securing the vehicles"),
        on_done=on_answered or told,
    )
    question.form.set_values({"hours": "24"})
    return question


def extend_question(context: PageContext, detail: UnitDetail) -> PanelForm:
    """A later end of a running hold."""
    now = context.clock.now()
    policy = hold_policy(branch_date(now))
    question = PanelForm(
        context,
        tr_noop("Hold it longer"),
        [DateTimeField("until", tr_noop("Until"), required=True, span=2, hint=_longest(policy.longest))],
        verb=tr_noop("Extend the hold"),
        command=lambda values: ExtendHold(unit_id=detail.row.id, until=values["until"]),
        name=tr_noop("Extend the hold"),
    )
    question.form.set_values({"until": now + policy.usual})
    return question


def release_question(context: PageContext, detail: UnitDetail) -> PanelForm:
    """Ending a colleague's hold takes a reason."""
    return PanelForm(
        context,
        tr_noop("Release this vehicle"),
        [_reason()],
        text=lambda: tr("{name} holds it. They see your reason.", name=detail.hold.staff_name if detail.hold else "–"),
        verb=tr_noop("Release"),
        command=lambda values: ReleaseUnit(unit_id=detail.row.id, reason=values["reason"]),
        name=tr_noop("Release the vehicle"),
    )


def queue_question(context: PageContext, detail: UnitDetail) -> PanelForm:
    """Who waits, and for what exactly."""
    unit = detail.row

    def command(values: Mapping[str, Any]) -> JoinQueue:
        wanted = values["wanted"]
        return JoinQueue(
            customer_id=values["customer_id"] or "",
            unit_id=unit.id if wanted == "this" else None,
            trim_id=unit.trim_id,
            exterior_colour=unit.exterior_colour.stored() if wanted == "colour" else "",
            note=values["note"],
            earnest_reference=values["earnest_reference"],
        )

    question = PanelForm(
        context,
        tr_noop("Wait for this vehicle"),
        [
            LookupField(
                "customer_id", tr_noop("Customer"), search=_find_customers, span=2, required=True,
                placeholder=tr_noop("Name, pinyin or phone"),
            ),
            ChoiceField(
                "wanted", tr_noop("Waits for"), required=True, span=2,
                choices=[
                    Choice("this", tr_noop("This very vehicle")),
                    Choice("colour", tr_noop("Any of this trim in this colour")),
                    Choice("trim", tr_noop("Any of this trim")),
                ],
            ),
            TextField("earnest_reference", tr_noop("Receipt of earnest money"), max_length=40),
            TextField("note", tr_noop("Note"), max_length=400),
        ],
        verb=tr_noop("Join the queue"),
        command=command,
        name=tr_noop("Join the queue"),
    )  # fmt: skip
    question.form.set_values({"wanted": "this"})
    return question


def leave_queue_question(context: PageContext, queue: Sequence[WishRow]) -> PanelForm:
    """Who waits no longer, and why."""
    question = PanelForm(
        context,
        tr_noop("Leave the queue"),
        [
            ChoiceField("wish_id", tr_noop("Customer"), choices=_waiting(queue), required=True, span=2),
            TextField("reason", tr_noop("Reason"), max_length=REASON_LIMIT, span=2),
        ],
        verb=tr_noop("Leave the queue"),
        command=lambda values: LeaveQueue(wish_id=values["wish_id"], reason=values["reason"]),
        name=tr_noop("Leave the queue"),
    )
    question.form.set_values({"wish_id": queue[0].id})
    return question


def arrange_question(context: PageContext, queue: Sequence[WishRow]) -> PanelForm:
    """Another place in the queue, with the reason."""
    first = Choice(_FRONT, tr_noop("Before everybody"))
    question = PanelForm(
        context,
        tr_noop("Change the order"),
        [
            ChoiceField("wish_id", tr_noop("Customer"), choices=_waiting(queue), required=True, span=2),
            ChoiceField(
                "behind_id", tr_noop("Stands behind"), choices=[first, *_waiting(queue)], required=True, span=2
            ),
            _reason(),
        ],
        verb=tr_noop("Change the order"),
        command=lambda values: MoveInQueue(
            wish_id=values["wish_id"],
            behind_id=None if values["behind_id"] == _FRONT else values["behind_id"],
            reason=values["reason"],
        ),
        name=tr_noop("Change the order"),
    )
    question.form.set_values({"wish_id": queue[-1].id, "behind_id": _FRONT})
    return question


def _waiting(queue: Sequence[WishRow]) -> list[Choice]:
    return [Choice(wish.id, partial(str, f"{wish.place} · {wish.customer_name}")) for wish in queue]


def move_question(context: PageContext, detail: UnitDetail) -> PanelForm:
    """Another place in the branch."""
    branch_id = detail.row.branch_id
    question = PanelForm(
        context,
        tr_noop("Move this vehicle"),
        [
            SuggestField(
                "location", tr_noop("New place"), required=True, max_length=60, span=2,
                suggest=lambda reader: suggested_places(reader, branch_id),
            ),
            TextField("note", tr_noop("Note"), max_length=200, span=2),
        ],
        verb=tr_noop("Move"),
        command=lambda values: MoveUnit(
            unit_id=detail.row.id, location=values["location"], note=values["note"]
        ),
        name=tr_noop("Move the vehicle"),
    )  # fmt: skip
    question.form.set_values({"location": detail.row.location})
    return question


def price_question(context: PageContext, detail: UnitDetail) -> PanelForm:
    """List and floor price."""
    unit = detail.row

    def command(values: Mapping[str, Any]) -> ChangePrices:
        return ChangePrices(
            unit_id=unit.id, expected_revision=unit.revision, list_price=values["list_price"],
            floor_price=values["floor_price"],
        )  # fmt: skip

    question = PanelForm(
        context,
        tr_noop("Change the prices"),
        [
            MoneyField("list_price", tr_noop("List price"), required=True),
            MoneyField("floor_price", tr_noop("Floor price"), required=True),
        ],
        verb=tr_noop("Save the prices"),
        command=command,
        name=tr_noop("Change the prices"),
    )
    question.form.set_values({"list_price": unit.list_price, "floor_price": unit.floor_price})
    return question


def arrival_question(context: PageContext, detail: UnitDetail) -> PanelForm:
    """A unit in transit has arrived."""
    today = branch_date(context.clock.now()).isoformat()
    branch_id = detail.row.branch_id

    def command(values: Mapping[str, Any]) -> MarkArrived:
        arrived = date.fromisoformat(values["arrived_on"])
        return MarkArrived(unit_id=detail.row.id, arrived_on=arrived, location=values["location"])

    question = PanelForm(
        context,
        tr_noop("Mark as arrived"),
        [
            DateField("arrived_on", tr_noop("Arrived on"), required=True, latest=today),
            SuggestField(
                "location", tr_noop("Place"), max_length=60, suggest=lambda reader: suggested_places(reader, branch_id)
            ),
        ],
        verb=tr_noop("Take into stock"),
        command=command,
        name=tr_noop("Mark as arrived"),
    )
    question.form.set_values({"arrived_on": today, "location": detail.row.location})
    return question


def handover_question(context: PageContext, detail: UnitDetail) -> PanelForm:
    """The buyer drives away: nothing is filled in, but it is asked for, because there is no simple way back."""
    number = detail.order.number if detail.order is not None else ""
    return PanelForm(
        context,
        tr_noop("Hand over to the buyer"),
        [],
        text=lambda: tr("The buyer of order {order} drives away with it. It leaves the stock.", order=number or "–"),
        verb=tr_noop("Hand over"),
        command=lambda _values: HandOverUnit(unit_id=detail.row.id),
        name=tr_noop("Hand over to the buyer"),
    )


def reason_question(context: PageContext, detail: UnitDetail, action: AxisAction) -> PanelForm:
    """A step on an axis that takes a reason."""
    return PanelForm(
        context,
        action.label,
        [_reason()],
        verb=action.label,
        command=lambda values: axis_command(detail, action, values["reason"]),
        name=action.label,
    )


def _reason() -> Field:
    return MultiLineField("reason", tr_noop("Reason"), required=True, max_length=REASON_LIMIT, lines=2, span=2)


def _longest(longest: Any) -> Words:
    return lambda: tr("At most {span} from now.", span=formats.duration(longest.total_seconds()))


def suggested_places(reader: Any, branch_id: str) -> list[str]:
    """Registered places first, then what is in use."""
    places = place_choices(reader, branch_id)
    named = [place.code for place in places] + [str(place.name) for place in places if str(place.name) != place.code]
    return list(dict.fromkeys([*named, *list_locations(reader, branch_id)]))


def _find_customers(reader: Any, text: str) -> list[Choice]:
    return [Choice(row.id, partial(str, row.name), partial(str, row.phone)) for row in find_customers(reader, text)]
