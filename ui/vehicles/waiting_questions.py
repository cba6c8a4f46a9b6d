"""The small forms of the page of waiting customers: a new place, an offer, another place, leaving."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from app.catalog.queries import list_trims
from app.customers.queries import find_customers
from app.inventory.commands import JoinQueue, LeaveQueue, MoveInQueue, OfferWanted
from app.inventory.queries import list_colours
from app.inventory.queue_queries import WaitingDetail, WishRow
from app.inventory.rules import queue_policy
from app.inventory.unit_rows import UnitRow
from app.kernel.clock import branch_date
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import ChoiceField, LookupField, MultiLineField, Section, TextField
from ui.kit.form import Form
from ui.kit.panel_form import PanelForm
from ui.kit.suggest_field import SuggestField

_FOUND = 30
_FRONT = "front"
_REASON_LIMIT = 400


def wish_form(context: PageContext) -> Form:
    """Who waits for which model, and in which colour."""
    return Form(
        context,
        [
            Section(
                tr_noop("Who waits for what"),
                [
                    LookupField(
                        "customer_id", tr_noop("Customer"), search=_find_customers, required=True, span=2,
                        placeholder=tr_noop("Name, pinyin or phone"),
                    ),
                    LookupField(
                        "trim_id", tr_noop("Model"), search=_find_trims, required=True, span=2,
                        placeholder=tr_noop("Make, series, trim"),
                    ),
                    SuggestField(
                        "exterior_colour", tr_noop("Colour"), suggest=list_colours, max_length=40,
                        placeholder=tr_noop("Any colour"),
                    ),
                    TextField("earnest_reference", tr_noop("Receipt of earnest money"), max_length=40),
                    TextField("note", tr_noop("Note"), max_length=_REASON_LIMIT, span=2),
                ],
            )
        ],
    )  # fmt: skip


def join_command(values: Mapping[str, Any]) -> JoinQueue:
    """The command of the form."""
    return JoinQueue(
        customer_id=values["customer_id"] or "",
        trim_id=values["trim_id"],
        exterior_colour=values["exterior_colour"],
        note=values["note"],
        earnest_reference=values["earnest_reference"],
    )


def offer_question(context: PageContext, record: WaitingDetail) -> PanelForm:
    """Which of the free vehicles; before their turn also why."""
    early = "offer_early" in record.actions
    span = queue_policy(branch_date(context.clock.now())).offer.total_seconds()
    fields: list[Any] = [
        ChoiceField(
            "unit_id", tr_noop("Vehicle"), required=True, span=2,
            choices=[Choice(unit.id, partial(_unit_words, unit)) for unit in record.units],
        )
    ]  # fmt: skip
    if early:
        fields.append(_reason())
    question = PanelForm(
        context,
        tr_noop("Offer before their turn") if early else tr_noop("Offer a vehicle"),
        fields,
        text=lambda: tr(
            "{salesperson} gets a task, and the vehicle is kept for {span}.",
            salesperson=record.row.salesperson or "–", span=formats.duration(span),
        ),
        verb=tr_noop("Offer it"),
        command=lambda values: OfferWanted(
            wish_id=record.row.id, unit_id=values["unit_id"], reason=values.get("reason", "")
        ),
        name=tr_noop("Offer a vehicle"),
    )  # fmt: skip
    question.form.set_values({"unit_id": record.units[0].id})
    return question


def move_question(context: PageContext, record: WaitingDetail) -> PanelForm:
    """Another place in the queue, with the reason."""
    others = [wish for wish in record.queue if wish.id != record.row.id]
    choices = [Choice(_FRONT, tr_noop("Before everybody")), *(Choice(w.id, partial(_who, w)) for w in others)]
    question = PanelForm(
        context,
        tr_noop("Change their place"),
        [ChoiceField("behind_id", tr_noop("Stands behind"), choices=choices, required=True, span=2), _reason()],
        verb=tr_noop("Change their place"),
        command=lambda values: MoveInQueue(
            wish_id=record.row.id,
            behind_id=None if values["behind_id"] == _FRONT else values["behind_id"],
            reason=values["reason"],
        ),
        name=tr_noop("Change their place"),
    )
    question.form.set_values({"behind_id": _FRONT})
    return question


def leave_question(context: PageContext, record: WaitingDetail) -> PanelForm:
    """Why somebody waits no longer; a colleague's customer needs a reason."""
    own = record.row.salesperson_id == context.actor.staff_id
    return PanelForm(
        context,
        tr_noop("Leave the queue"),
        [TextField("reason", tr_noop("Reason"), required=not own, max_length=_REASON_LIMIT, span=2)],
        verb=tr_noop("Leave the queue"),
        command=lambda values: LeaveQueue(wish_id=record.row.id, reason=values["reason"]),
        name=tr_noop("Leave the queue"),
    )


def _reason() -> MultiLineField:
    return MultiLineField("reason", tr_noop("Reason"), required=True, max_length=_REASON_LIMIT, lines=2, span=2)


def _who(wish: WishRow) -> str:
    return f"{wish.place} · {wish.customer_name}"


def _unit_words(unit: UnitRow) -> str:
    parts = (str(unit.exterior_colour), unit.stock_number or unit.vin, unit.location)
    return " · ".join(part for part in parts if part)


def _find_customers(reader: Any, text: str) -> list[Choice]:
    return [Choice(row.id, partial(str, row.name), partial(str, row.phone)) for row in find_customers(reader, text)]


def _find_trims(reader: Any, text: str) -> list[Choice]:
    return [Choice(trim.id, partial(str, trim.full_name)) for trim in list_trims(reader, text=text, limit=_FOUND)]
