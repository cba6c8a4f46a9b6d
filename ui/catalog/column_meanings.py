"""What a column of a specification book can stand for, how that is called, and in which units it may be."""

from functools import partial
from typing import Any

from app.catalog.heading_names import folded
from app.catalog.rules import specification_dictionary
from app.catalog.specification_mapping import PriceUnit, SpecificationField
from app.catalog.units import units, units_like
from app.kernel.labels import Bilingual
from app.runtime.language import tr
from ui.kit.controls import Choice

PARAMETER = "parameter:"
FOUND = 24


def find_meanings(_reader: Any, text: str) -> list[Choice]:
    """Fields and parameters with a text in one of their names."""
    wanted = folded(text)
    if not wanted:
        return []
    named = [(target.value, _field_names(target)) for target in SpecificationField]
    named += [
        (f"{PARAMETER}{code}", (code, parameter.name.zh, parameter.name.en))
        for code, parameter in specification_dictionary().parameters.items()
    ]
    ranked = []
    for key, names in named:
        places = [place for name in names if (place := folded(name).find(wanted)) >= 0]
        if places:
            ranked.append((min(places), key))
    ranked.sort(key=lambda found: found[0])
    return [Choice(key, partial(meaning_words, key), partial(_group_words, key)) for _place, key in ranked[:FOUND]]


def _field_names(target: SpecificationField) -> tuple[str, ...]:
    return target.value, target.label, tr(target.label)


def meaning_words(key: str) -> str:
    """What a field or a parameter is called."""
    if not key.startswith(PARAMETER):
        return tr(SpecificationField(key).label)
    parameter = specification_dictionary().parameters.get(key.removeprefix(PARAMETER))
    return str(parameter.name) if parameter else key.removeprefix(PARAMETER)


def _group_words(key: str) -> str:
    dictionary = specification_dictionary()
    parameter = dictionary.parameters.get(key.removeprefix(PARAMETER)) if key.startswith(PARAMETER) else None
    return str(dictionary.groups[parameter.group]) if parameter else tr("Catalogue")


def indicator_words(target: str, value: str) -> str:
    """What a mark in a column says: the field or parameter and its value."""
    if target in {member.value for member in SpecificationField}:
        return tr("{field}: {value}", field=tr(SpecificationField(target).label), value=value)
    parameter = specification_dictionary().parameters[target]
    name = next((choice.name for choice in parameter.choices if choice.code == value), Bilingual(value, value))
    return tr("{field}: {value}", field=str(parameter.name), value=str(name))


def first_unit(key: str) -> str:
    """The unit a column is taken to be in before somebody says another."""
    if key == SpecificationField.GUIDE_PRICE.value:
        return PriceUnit.YUAN.value
    return ""


def unit_choices(key: str) -> list[Choice]:
    """The units a column of this meaning may be in; none where it has no unit."""
    if key == SpecificationField.GUIDE_PRICE.value:
        return [Choice(unit.value, unit.label) for unit in PriceUnit]
    parameter = specification_dictionary().parameters.get(key.removeprefix(PARAMETER))
    if not key.startswith(PARAMETER) or parameter is None or not parameter.unit:
        return []
    return [Choice(unit.code, partial(str, unit.symbol)) for unit in units_like(parameter.unit)]


def unit_words(key: str, unit: str) -> str:
    """How the unit of a column is written."""
    if key == SpecificationField.GUIDE_PRICE.value:
        return tr(PriceUnit(unit or PriceUnit.YUAN.value).label)
    parameter = specification_dictionary().parameters.get(key.removeprefix(PARAMETER))
    if not key.startswith(PARAMETER) or parameter is None or not parameter.unit:
        return ""
    return str(units()[unit or parameter.unit].symbol)
