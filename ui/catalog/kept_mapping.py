"""How the columns of a layout were assigned, kept for the next file that has the same headings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.catalog.import_commands import Level
from app.catalog.rules import specification_dictionary
from app.catalog.specification_mapping import (
    ParameterColumn,
    PriceUnit,
    SpecificationField,
    SpecificationMapping,
)
from app.catalog.units import units


def kept_form(mapping: SpecificationMapping, headers: Sequence[str]) -> dict[str, Any]:
    """A mapping by the headings it belongs to, for the next file of this layout."""
    return {
        "fields": {target.value: headers[number] for target, number in mapping.fields.items()},
        "parameters": {one.code: [headers[one.column], one.unit] for one in mapping.parameters},
        "level": mapping.level.value,
        "constants": {target.value: text for target, text in mapping.constants.items()},
        "price_unit": mapping.price_unit.value,
        "rate": str(mapping.rate),
        "doubles": mapping.number_doubles,
        "taken_as": dict(mapping.taken_as),
    }


def restored(
    kept: Mapping[str, Any], headers: Sequence[str], suggested: SpecificationMapping
) -> SpecificationMapping:
    """The mapping used last for these headings; what cannot be read any more is as suggested."""
    places = {heading: number for number, heading in enumerate(headers)}
    dictionary = specification_dictionary().parameters
    try:
        return replace(
            suggested,
            fields={
                SpecificationField(key): places[heading]
                for key, heading in kept["fields"].items() if heading in places
            },
            parameters=tuple(
                ParameterColumn(code, places[heading], unit)
                for code, (heading, unit) in kept["parameters"].items()
                if heading in places and code in dictionary and (not unit or unit in units())
            ),
            level=Level(kept["level"]),
            constants={SpecificationField(key): str(text) for key, text in kept["constants"].items()},
            price_unit=PriceUnit(kept["price_unit"]),
            rate=Decimal(kept["rate"]),
            number_doubles=bool(kept["doubles"]),
            taken_as={str(key): str(text) for key, text in kept.get("taken_as", {}).items()},
        )  # fmt: skip
    except (AttributeError, KeyError, ValueError, TypeError, ArithmeticError):
        return suggested
