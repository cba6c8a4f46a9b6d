"""The form of a price change: what changes, how the prices follow, from when, under what name."""

from decimal import Decimal, InvalidOperation

from app.kernel.clock import branch_day
from app.pricing.rules import FormulaKind, PriceKind, Rounding
from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import ChoiceField, DateField, MultiLineField, Section, SegmentField, TextField, ToggleField
from ui.kit.form import Form


def change_form(context: PageContext) -> Form:
    """The fields of a price change; which of them are seen depends on its kind."""
    today = branch_day(context.clock.now())
    kinds = [Choice(kind, kind.label) for kind in (PriceKind.LIST, PriceKind.FLOOR, PriceKind.CAMPAIGN)]
    return Form(context, [
        Section("", [
            SegmentField("kind", tr_noop("What changes"), span=2, required=True, choices=kinds),
            ChoiceField("formula", tr_noop("New price"), required=True, span=2,
                        choices=[Choice(kind, kind.label) for kind in FormulaKind]),
            TextField("value", tr_noop("By or to"), required=True, max_length=14, check=_check_number,
                      hint=tr_noop("Such as -5000, -2.5 or 189800")),
            ChoiceField("rounding", tr_noop("Rounding"), required=True,
                        choices=[Choice(one, one.label) for one in Rounding]),
            ToggleField("floor_follows", tr_noop("Floor price"), span=2,
                        text=tr_noop("The floor price moves along")),
            DateField("valid_from", tr_noop("Counts from"), required=True, earliest=today),
            DateField("valid_to", tr_noop("Last day"), required=True, earliest=today),
            TextField("name_zh", tr_noop("Name in Chinese"), max_length=60, required=True,
                      hint=tr_noop("Stands on the customer's offer")),
            TextField("name_en", tr_noop("Name in English"), max_length=60),
            ToggleField("below_floor", tr_noop("Floor"), span=2,
                        text=tr_noop("May go below the floor price (needs approval)")),
            MultiLineField("reason", tr_noop("Reason"), span=2, lines=2, max_length=400),
        ]),
    ])  # fmt: skip


def number_of(text: str | None) -> Decimal | None:
    """A typed number with its sign; None for what is none."""
    cleaned = (text or "").strip().replace(",", "").replace("，", "").replace("−", "-").removesuffix("%").strip()
    try:
        number = Decimal(cleaned)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**9 else None


def _check_number(text: str) -> str | None:
    return None if number_of(text) is not None else tr_noop("Enter a number, such as -5000 or 2.5")
