"""How a question, its facets and its reasons are worded."""

from app.catalog.rules import ParameterType, specification_dictionary
from app.finder.hits import label_of, value_words, wished_text
from app.finder.queries import FacetRow, HitRow, PartRow, Understood
from app.finder.rules import ENERGY, MAKE, PRICE, SERIES, YEAR, Importance, Judgement, Restriction, StockWish
from app.kernel.labels import Labelled
from app.runtime.language import tr, trn

OWN_FACETS = (PRICE, ENERGY, MAKE, YEAR, SERIES)


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


def restriction_text(restriction: Restriction, facet: FacetRow | None = None) -> str:
    """`Guide price 150,000 to 200,000`, `Drive: All wheels`."""
    name = name_of(restriction.code)
    if restriction.values:
        return tr("{name}: {values}", name=name, values=", ".join(value_labels(restriction, facet)))
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


def value_labels(restriction: Restriction, facet: FacetRow | None) -> list[str]:
    """The chosen values as they are read."""
    known = {value.value: shown(value.label) for value in facet.values} if facet is not None else {}
    return [known.get(value) or value_label(restriction.code, value) for value in restriction.values]


def value_label(code: str, value: str) -> str:
    """One value of a facet without its counts at hand."""
    from app.catalog.energies import Energy

    if code == ENERGY:
        return tr(Energy(value).label)
    parameter = specification_dictionary().parameters.get(code)
    if parameter is None:
        return "…" if code in (MAKE, SERIES) else value
    truth = {"yes": True, "no": False}.get(value) if parameter.type is ParameterType.BOOLEAN else None
    return str(value_words(code, value if truth is None else truth))


def understood_text(one: Understood) -> str:
    """What was taken from a phrase: the phrase itself stands beside it, so that nothing happens silently."""
    if one.restriction is not None:
        return tr("“{phrase}” → {meaning}", phrase=one.phrase, meaning=restriction_text(one.restriction))
    if one.stock is not None:
        return tr("“{phrase}” → {meaning}", phrase=one.phrase, meaning=tr(one.stock.label))
    if specification_dictionary().parameters.get(one.waiting_for) is None:
        return tr("“{phrase}” … with a number", phrase=one.phrase)
    return tr("“{phrase}” → {meaning}: say how much", phrase=one.phrase, meaning=name_of(one.waiting_for))


def stock_text(row: HitRow) -> str:
    """`3 here, 1 on its way, 14 elsewhere`."""
    parts = stock_parts(row)
    return tr(", ").join(text for text, _ in parts) if parts else tr("None free")


def stock_parts(row: HitRow) -> list[tuple[str, str]]:
    """What is free where, with its tone."""
    parts = []
    if row.here:
        parts.append((trn("{n} here", "{n} here", row.here), "good"))
    if row.coming:
        parts.append((trn("{n} on its way", "{n} on their way", row.coming), "info"))
    if row.elsewhere:
        parts.append((trn("{n} elsewhere", "{n} elsewhere", row.elsewhere), "neutral"))
    return parts


def part_text(part: PartRow) -> str:
    """Why a part counts what it counts."""
    name, value = shown(part.label), "" if part.text is None else str(part.text)
    if part.judgement is Judgement.MISSING:
        return tr("{name}: not stated, counts a quarter", name=name)
    if part.judgement is Judgement.REACHED:
        return tr("{name} {value}: as wished ({wished})", name=name, value=value, wished=str(part.wished))
    if part.judgement is Judgement.CLOSE:
        return tr("{name} {value}: {wished} was wished", name=name, value=value, wished=str(part.wished))
    if part.judgement is Judgement.HAS:
        return tr("{name}: {value}", name=name, value=value)
    if part.judgement is Judgement.HAS_NOT:
        return tr("{name}: {value}, which does not count", name=name, value=value)
    share = round(100 * part.better_than)
    return tr("{name} {value}: better than {n} % of what fits", name=name, value=value, n=share)


def importance_text(importance: Importance) -> str:
    """What matters, with what was wished."""
    wished = wished_text(importance)
    name = name_of(importance.code)
    return name if wished is None else tr("{name}: {value}", name=name, value=str(wished))


def stock_wishes() -> list[tuple[str, str]]:
    """The choices of what has to be free, as (value, label)."""
    return [(wish.value, wish.label) for wish in StockWish]
