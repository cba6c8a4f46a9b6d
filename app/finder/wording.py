"""How questions and their restrictions are worded, in the language in use."""

from collections.abc import Mapping
from types import MappingProxyType

from app.catalog.energies import Energy
from app.catalog.rules import ParameterType, specification_dictionary
from app.finder.hits import label_of, value_words, wished_text
from app.finder.rules import ENERGY, MAKE, PRICE, SERIES, Importance, Question, Restriction
from app.kernel.labels import Bilingual, Labelled
from app.runtime.language import tr

Names = Mapping[str, Bilingual]
_NO_NAMES: Names = MappingProxyType({})
"""Of makes and series, by id: what a question says of them is ids only."""


def name_of(code: str) -> str:
    """The name of a parameter, as it is read."""
    label = label_of(code)
    return tr(label.label) if isinstance(label, Labelled) else str(label)


def shown(label: object) -> str:
    """A label in the language in use."""
    return tr(label.label) if isinstance(label, Labelled) else str(label)


def is_number(code: str) -> bool:
    """Whether it is restricted by a range."""
    parameter = specification_dictionary().parameters.get(code)
    if parameter is None:
        return code == PRICE
    return parameter.type in (ParameterType.NUMBER, ParameterType.INTEGER, ParameterType.RANGE)


def unit_of(code: str) -> str:
    """The unit of a number, empty without one."""
    parameter = specification_dictionary().parameters.get(code)
    return str(parameter.unit_symbol) if parameter is not None else ""


def places_of(code: str) -> int:
    """How many decimals a number has."""
    parameter = specification_dictionary().parameters.get(code)
    return 0 if parameter is None else parameter.places


def number_text(code: str, value: float, *, with_unit: bool = False) -> str:
    """A number as it is entered and read: grouped, without needless zeros."""
    text = f"{value:,.{places_of(code)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if not with_unit:
        return text
    return f"¥{text}" if code == PRICE else f"{text} {unit_of(code)}".strip()


def restriction_text(restriction: Restriction, names: Names = _NO_NAMES) -> str:
    """`Guide price 150,000 to 200,000`, `Drive: All wheels`."""
    name = name_of(restriction.code)
    if restriction.values:
        values = [value_label(restriction.code, value, names) for value in restriction.values]
        return tr("{name}: {values}", name=name, values=tr(", ").join(values))
    low, high = (
        None if end is None else number_text(restriction.code, end, with_unit=True)
        for end in (restriction.low, restriction.high)
    )
    if low is not None and high is not None:
        return tr("{name} {low}", name=name, low=low) if low == high else tr(
            "{name} {low} to {high}", name=name, low=low, high=high
        )
    if low is not None:
        return tr("{name} from {low}", name=name, low=low)
    return tr("{name} up to {high}", name=name, high=high)


def value_label(code: str, value: str, names: Names = _NO_NAMES) -> str:
    """One value of what can be asked for; a make or series by its name, "…" where that is not given."""
    if code == ENERGY:
        return tr(Energy(value).label)
    parameter = specification_dictionary().parameters.get(code)
    if parameter is None:
        return str(names.get(value, "…")) if code in (MAKE, SERIES) else value
    truth = {"yes": True, "no": False}.get(value) if parameter.type is ParameterType.BOOLEAN else None
    return str(value_words(code, value if truth is None else truth))


def importance_text(importance: Importance) -> str:
    """What matters, with what was wished."""
    wished = wished_text(importance)
    name = name_of(importance.code)
    return name if wished is None else tr("{name}: {value}", name=name, value=str(wished))


def question_words(question: Question, names: Names = _NO_NAMES) -> str:
    """A question in one line."""
    parts = [f"“{question.text}”"] if question.text else []
    parts += [restriction_text(one, names) for one in question.restrictions]
    parts += [importance_text(one) for one in question.importances]
    return " · ".join(parts) or tr("Everything")
