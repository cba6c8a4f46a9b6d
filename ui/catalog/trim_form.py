"""Entering or changing a trim: names, price, and every parameter of the dictionary in any unit that fits."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from app.catalog.commands import ChangeTrim, CreateTrim
from app.catalog.energies import NEW_ENERGY, Energy
from app.catalog.queries import TrimDetail
from app.catalog.rules import (
    Parameter,
    ParameterType,
    check_value,
    specification_dictionary,
    stored_value,
    value_text,
)
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import Advice, ChoiceField, Field, IntegerField, MoneyField, Section, TextField, ToggleField
from ui.kit.form import Form

PREFIX = "parameters."
MOST_SEATS = 60


class TrimForm(Form):
    """Fields named like those of the commands; parameters are `parameters.<code>`, as errors name them."""

    def __init__(self, context: PageContext, *, model_year_id: str = "", trim: TrimDetail | None = None) -> None:
        self._model_year_id, self._trim = model_year_id, trim
        super().__init__(context, [_head_section(), *_parameter_sections()])
        self.set_values(_shown(trim))
        self._arrange()
        self.changed.connect(lambda name: self._arrange() if name == "energy" else None)

    def command(self) -> CreateTrim | ChangeTrim:
        """The command for what stands in the form; `check_all` comes first."""
        typed = self.values()
        common: dict[str, Any] = {
            "name_zh": typed["name_zh"], "name_en": typed["name_en"], "energy": Energy(typed["energy"]),
            "seats": typed["seats"], "guide_price": typed["guide_price"],
            "in_tax_directory": bool(typed.get("in_tax_directory")), "parameters": self._parameters(typed),
        }  # fmt: skip
        if self._trim is None:
            return CreateTrim(model_year_id=self._model_year_id, source=typed["source"], **common)
        row = self._trim.row
        return ChangeTrim(trim_id=row.id, expected_revision=row.revision, **common)

    def _parameters(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        known = specification_dictionary().parameters
        found: dict[str, Any] = {}
        for code, parameter in known.items():
            value = typed.get(PREFIX + code)
            if value not in (None, ""):
                found[code] = stored_value(check_value(parameter, value, field=PREFIX + code))
        return found

    def _arrange(self) -> None:
        energy = self.value("energy")
        self.set_field_visible("in_tax_directory", energy is not None and Energy(energy) in NEW_ENERGY)
        self.set_field_visible("source", self._trim is None)


def _head_section() -> Section:
    return Section(
        tr_noop("Trim"),
        [
            TextField("name_zh", tr_noop("Chinese name"), required=True, max_length=120),
            TextField("name_en", tr_noop("English name"), max_length=120),
            ChoiceField(
                "energy", tr_noop("Energy"), required=True,
                choices=[Choice(energy.value, energy.label) for energy in Energy],
            ),
            IntegerField("seats", tr_noop("Seats"), required=True, least=1, most=MOST_SEATS),
            MoneyField("guide_price", tr_noop("Guide price"), required=True),
            TextField("source", tr_noop("Source"), max_length=120),
            ToggleField(
                "in_tax_directory", tr_noop("Purchase tax"), span=2,
                text=tr_noop("Listed in the tax directory for new-energy vehicles"),
            ),
        ],
    )  # fmt: skip


def _parameter_sections() -> list[Section]:
    dictionary = specification_dictionary()
    return [
        Section(
            partial(str, name),
            [_field(parameter) for parameter in dictionary.parameters.values() if parameter.group == code],
        )
        for code, name in dictionary.groups.items()
    ]


def _field(parameter: Parameter) -> Field:
    name, label = PREFIX + parameter.code, lambda: str(parameter.name)
    if parameter.type is ParameterType.CHOICE:
        choices = [Choice(choice.code, partial(str, choice.name)) for choice in parameter.choices]
        return ChoiceField(name, label, choices=choices)
    if parameter.type is ParameterType.BOOLEAN:
        return ChoiceField(name, label, choices=[Choice("true", tr_noop("Yes")), Choice("false", tr_noop("No"))])
    return TextField(
        name, label, max_length=parameter.limit, suffix=(lambda: str(parameter.unit_symbol)) if parameter.unit else "",
        check=lambda text: _check(parameter, text),
    )  # fmt: skip


def _check(parameter: Parameter, text: str) -> Advice | None:
    """Says what is wrong; a value in another unit is shown converted."""
    value = check_value(parameter, text, field=PREFIX + parameter.code)
    if parameter.type is ParameterType.TEXT or isinstance(value, str):
        return None
    plain = text.replace(",", "").strip()
    if plain == f"{value}" or (isinstance(value, Decimal) and plain == f"{value.normalize():f}"):
        return None
    shown = value_text(parameter, stored_value(value))
    return Advice(lambda: tr("Kept as {value}", value=str(shown)), tone="good")


def _shown(trim: TrimDetail | None) -> dict[str, Any]:
    if trim is None:
        return {"seats": 5}
    row = trim.row
    known = specification_dictionary().parameters
    shown: dict[str, Any] = {
        "name_zh": row.name.zh, "name_en": row.name.en, "energy": row.energy.value, "seats": row.seats,
        "guide_price": row.guide_price, "in_tax_directory": row.in_tax_directory, "source": trim.source,
    }  # fmt: skip
    for code, value in trim.raw_parameters.items():
        if code in known:
            is_boolean = known[code].type is ParameterType.BOOLEAN
            shown[PREFIX + code] = ("true" if value else "false") if is_boolean else str(value)
    return shown
