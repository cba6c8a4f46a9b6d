"""What is asked in the panel: a minimum, how the branch orders, a lead time."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from app.catalog.queries import list_makes, list_series, list_trims
from app.inventory.queries import UnitRow, list_colours
from app.kernel.labels import Bilingual
from app.replenishment.commands import ChooseServiceLevel, OfferSurplus, SetLeadTime, SetStockMinimum
from app.replenishment.need_rows import OrderingPolicy
from app.replenishment.queries import LeadTimeRow, MinimumRow
from app.replenishment.rules import LEAST_LEVEL, MOST_LEVEL, MOST_UNITS
from app.runtime.language import tr, tr_noop, trn
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import Field, IntegerField, LookupField, TextField, ToggleField
from ui.kit.panel_form import PanelForm

_SHOWN = 20


def offering(
    context: PageContext, units: Sequence[UnitRow], *, chosen: int, branch_id: str, branch: Bilingual,
    on_done: Callable[[Any], object],
) -> PanelForm:  # fmt: skip
    """Which vehicles to offer to a branch; the first `chosen` of them are ticked."""
    fields: list[Field] = [
        ToggleField(unit.id, "", text=partial(_unit_words, unit), span=2) for unit in units
    ]
    fields.append(TextField("note", tr_noop("Note"), max_length=200, span=2))
    form = PanelForm(
        context, lambda: tr("Offer to {branch}", branch=str(branch)), fields, verb=tr_noop("Offer them"),
        command=lambda values: OfferSurplus(
            unit_ids=tuple(unit.id for unit in units if values[unit.id]), to_branch_id=branch_id,
            note=values["note"] or "",
        ),
        on_done=on_done,
        text=tr_noop("They are offered, not sent: each is decided upon by itself."),
    )  # fmt: skip
    form.form.set_values({unit.id: place < chosen for place, unit in enumerate(units)})
    return form


def _unit_words(unit: UnitRow) -> str:
    age = trn("{n} day", "{n} days", unit.age_days)
    return f"{unit.vin} · {unit.exterior_colour} · {age}"


def minimum(context: PageContext, row: MinimumRow | None, *, on_done: Callable[[Any], object]) -> PanelForm:
    """How many should always be there: of a series, one of its trims, in one colour or any."""
    chosen: dict[str, str | None] = {"series_id": row.series_id if row else None}  # read where trims are looked for
    form = PanelForm(
        context,
        tr_noop("Minimum stock") if row is None else tr_noop("Change the minimum"),
        [
            LookupField("series_id", tr_noop("Series"), search=_series, required=True, span=2),
            LookupField("trim_id", tr_noop("Trim"), span=2,
                        search=lambda reader, text: _trims(reader, text, chosen["series_id"]),
                        placeholder=tr_noop("Any trim")),
            LookupField("exterior_colour", tr_noop("Colour"), search=find_colours, span=2,
                        placeholder=tr_noop("Any colour")),
            IntegerField("quantity", tr_noop("At least"), required=True, least=1, most=MOST_UNITS),
            TextField("note", tr_noop("Note"), max_length=200),
        ],
        verb=tr_noop("Set"),
        command=lambda values: SetStockMinimum(
            minimum_id=row.id if row else None, series_id=values["series_id"], trim_id=values["trim_id"] or None,
            exterior_colour=values["exterior_colour"] or "", quantity=values["quantity"], note=values["note"],
        ),
        on_done=on_done,
        text=tr_noop("Free, coming and ordered vehicles count. What is lacking is added to the suggestions."),
    )  # fmt: skip
    if row is not None:
        form.form.editor("series_id").choose(Choice(row.series_id, lambda: str(row.series)))
        if row.trim_id:
            form.form.editor("trim_id").choose(Choice(row.trim_id, lambda: str(row.trim)))
        stored = row.colour.stored()
        form.form.editor("exterior_colour").choose(Choice(stored, lambda: str(row.colour)) if stored else None)
        form.form.set_value("quantity", row.quantity)
        form.form.set_value("note", row.note)
        form.form.mark_clean()

    def on_changed(name: str) -> None:
        if name == "series_id" and form.form.value(name) != chosen["series_id"]:
            chosen["series_id"] = form.form.value(name)
            form.form.set_value("trim_id", None)

    form.form.changed.connect(on_changed)
    return form


def policy(context: PageContext, now: OrderingPolicy, *, on_done: Callable[[Any], object]) -> PanelForm:
    """How sure not to run out, and how often is ordered."""
    form = PanelForm(
        context,
        tr_noop("How we order"),
        [
            IntegerField("service_level", tr_noop("Service level"), required=True, least=LEAST_LEVEL, most=MOST_LEVEL,
                         suffix="%"),
            IntegerField("review_days", tr_noop("Order every … days"), required=True, least=1, most=90),
        ],
        verb=tr_noop("Set"),
        command=lambda values: ChooseServiceLevel(
            service_level=values["service_level"], review_days=values["review_days"]
        ),
        on_done=on_done,
        text=tr_noop("95 % means: in 95 of 100 rounds nothing runs out before the next order arrives. More costs more "
                     "stock."),
    )  # fmt: skip
    form.form.set_values({"service_level": now.service_level, "review_days": now.review_days})
    return form


def lead_time(
    context: PageContext, row: LeadTimeRow | None = None, *, on_done: Callable[[Any], object]
) -> PanelForm:
    """How long orders of a make take."""
    form = PanelForm(
        context,
        tr_noop("Lead time of a make"),
        [
            LookupField("make_id", tr_noop("Make"), search=_makes, required=True, span=2),
            IntegerField("mean_days", tr_noop("Days until arrival"), least=1, most=365),
            IntegerField("spread_days", tr_noop("Give or take"), least=0, most=365),
        ],
        verb=tr_noop("Set"),
        command=lambda values: SetLeadTime(
            make_id=values["make_id"], mean_days=values["mean_days"], spread_days=values["spread_days"]
        ),
        on_done=on_done,
        text=tr_noop("Without days, what was measured counts again: from manufacture to arrival."),
    )
    if row is not None:
        form.form.editor("make_id").choose(Choice(row.id, lambda: str(row.make)))
        if row.entered is not None:
            form.form.set_values({"mean_days": round(row.entered.mean), "spread_days": round(row.entered.spread)})
        form.form.mark_clean()
    return form


def _series(reader: Any, text: str) -> list[Choice]:
    makes = {make.id: make for make in list_makes(reader)}
    names = []
    for one in list_series(reader):
        make = makes.get(one.make_id)
        name = Bilingual(f"{make.name.zh} {one.name.zh}", f"{make.name.en} {one.name.en}") if make else one.name
        names.append((one.id, name))
    return _fitting(names, text)


def _trims(reader: Any, text: str, series_id: str | None) -> list[Choice]:
    if series_id is None:
        return []
    return _fitting([(trim.id, trim.full_name) for trim in list_trims(reader, series_id=series_id)], text)


def _makes(reader: Any, text: str) -> list[Choice]:
    return _fitting([(make.id, make.name) for make in list_makes(reader)], text)


def find_trims(reader: Any, text: str) -> list[Choice]:
    """Trims of any make by words of their names, the newest first."""
    return [
        Choice(trim.id, lambda name=trim.full_name: str(name))  # type: ignore[misc]
        for trim in list_trims(reader, text=text, limit=_SHOWN)
    ]


def find_colours(reader: Any, text: str) -> list[Choice]:
    """Colours that stand in the books, by words of their names."""
    return _fitting([(stored, Bilingual.from_stored(stored)) for stored in list_colours(reader)], text)


def _fitting(named: list[tuple[str, Bilingual]], text: str) -> list[Choice]:
    words = text.casefold().split()
    return [
        Choice(value, lambda name=name: str(name))  # type: ignore[misc]
        for value, name in named
        if all(word in f"{name.zh} {name.en}".casefold() for word in words)
    ][:_SHOWN]
