"""Specifications side by side: one line a parameter; what differs, what is better, how far from the reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.catalog.energies import Energy
from app.catalog.rules import Better, Parameter, best_positions, specification_dictionary, value_text
from app.comparison.ownership import CarFacts
from app.kernel.labels import UNNAMED, Bilingual, Note
from app.runtime.language import CHINESE, ENGLISH, tr_in, tr_noop

MOST = 6
"""So many trims stand side by side."""
GENERAL = "general"
MONEY_LINES = frozenset({"guide_price", "price_taken", "on_road"})
"""Lines of amounts in yuan."""
_UNKNOWN = Bilingual("–", "–")
_MINUS = "−"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTrim:
    """One column: the names of a trim, its facts, and today's total on the road (None where it cannot be told). The
    price among the facts may be another than the guide price."""

    id: str
    name: Bilingual
    make: Bilingual
    series: Bilingual
    year: int
    trim: Bilingual
    facts: CarFacts
    guide_price: Decimal
    on_road: Decimal | None = None
    in_stock: int = 0

    @property
    def energy(self) -> Energy:
        """What it runs on."""
        return self.facts.energy


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of one trim. `number` is what a sheet calculates with; `delta` is the distance from the reference, and
    `step` says whether that is better (1), worse (-1) or neither."""

    text: Bilingual
    number: Decimal | None = None
    delta: Bilingual = UNNAMED
    step: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A parameter over all trims."""

    code: str
    label: Bilingual
    unit: Bilingual
    cells: tuple[Cell, ...]
    differs: bool
    best: frozenset[int] = frozenset()
    core: bool = False


@dataclass(frozen=True, slots=True)
class LineGroup:
    """The lines of one group of the dictionary."""

    code: str
    name: Bilingual
    lines: tuple[Line, ...] = field(default=())


def comparison_groups(
    trims: Sequence[ComparedTrim], *, reference: int = 0, order: Sequence[str] = ()
) -> tuple[LineGroup, ...]:
    """Everything that is on file of any of the trims, by group; core parameters first, each in the order given.

    `reference` is the place of the trim the others are measured by. Raises ValueError for one that is not there.
    """
    if trims and not 0 <= reference < len(trims):
        raise ValueError(f"no trim at {reference}")
    dictionary = specification_dictionary()
    rank = {code: place for place, code in enumerate(order)}
    groups = [LineGroup(GENERAL, Bilingual("基本信息", "General"), _general(trims, reference))]
    for group, name in dictionary.groups.items():
        parameters = sorted(
            dictionary.of_group(group), key=lambda one: (not one.core, rank.get(one.code, len(rank)))
        )
        lines = tuple(
            _line(parameter, values, reference)
            for parameter in parameters
            for values in [[trim.facts.parameters.get(parameter.code) for trim in trims]]
            if any(value is not None for value in values)
        )
        if lines:
            groups.append(LineGroup(group, name, lines))
    return tuple(groups)


def chosen_lines(
    groups: Sequence[LineGroup], *, differences_only: bool = False, everything: bool = True
) -> tuple[LineGroup, ...]:
    """The groups with those lines only that differ, or that are core; groups of which nothing is left go."""
    chosen = []
    for group in groups:
        lines = tuple(
            line
            for line in group.lines
            if (line.differs or not differences_only) and (everything or line.core or group.code == GENERAL)
        )
        if lines:
            chosen.append(LineGroup(group.code, group.name, lines))
    return tuple(chosen)


def _line(parameter: Parameter, values: list[Any], reference: int) -> Line:
    base = values[reference]
    cells = tuple(_cell(parameter, value, None if place == reference else base) for place, value in enumerate(values))
    texts = {cell.text for cell in cells}
    return Line(
        parameter.code, parameter.name, parameter.unit_symbol, cells, len(texts) > 1,
        best_positions(parameter, values), parameter.core,
    )  # fmt: skip


def _cell(parameter: Parameter, value: Any, base: Any) -> Cell:
    if value is None:
        return Cell(_UNKNOWN)
    number = _number(value) if parameter.is_number else None
    text, known = value_text(parameter, value), _number(base) if parameter.is_number else None
    if number is None or known is None:
        return Cell(text, number)
    apart = number - known
    return Cell(text, number, _delta(apart, parameter.unit_symbol), _step(apart, parameter.better))


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(str(value))


def _delta(apart: Decimal, unit: Bilingual) -> Bilingual:
    if not apart:
        return Bilingual("=", "=")
    shown = f"{abs(apart):,f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    sign = "+" if apart > 0 else _MINUS
    return Bilingual(f"{sign}{shown} {unit.zh}".rstrip(), f"{sign}{shown} {unit.en}".rstrip())


def _step(apart: Decimal, better: Better) -> int:
    if not apart or better not in (Better.HIGHER, Better.LOWER):
        return 0
    return 1 if (apart > 0) == (better is Better.HIGHER) else -1


# --- what is not in the dictionary ---------------------------------------------------------------


def _general(trims: Sequence[ComparedTrim], reference: int) -> tuple[Line, ...]:
    energies = tuple(Cell(_both(trim.energy.label)) for trim in trims)
    seats = tuple(Cell(Bilingual(str(trim.facts.seats), str(trim.facts.seats)), Decimal(trim.facts.seats))
                  for trim in trims)  # fmt: skip
    stock = tuple(Cell(Bilingual(str(trim.in_stock), str(trim.in_stock)), Decimal(trim.in_stock)) for trim in trims)
    return (
        _money_line(
            "guide_price", tr_noop("Guide price"), [trim.guide_price or None for trim in trims], reference=reference
        ),
        *_price_taken(trims, reference),
        _money_line("on_road", tr_noop("On the road today"), [trim.on_road for trim in trims], reference=reference),
        Line("energy", _both(tr_noop("Energy")), UNNAMED, energies, _differ(energies), core=True),
        Line("seats", _both(tr_noop("Seats")), UNNAMED, seats, _differ(seats), core=True),
        Line("in_stock", _both(tr_noop("In stock")), UNNAMED, stock, _differ(stock), core=True),
    )


def _price_taken(trims: Sequence[ComparedTrim], reference: int) -> tuple[Line, ...]:
    """The prices the costs are worked out of, where one is not the guide price."""
    if all(trim.facts.price_derived is None for trim in trims):
        return ()
    prices = [trim.facts.price or None for trim in trims]
    return (_money_line("price_taken", tr_noop("Price of this comparison"), prices, reference=reference),)


def _money_line(code: str, label: str, amounts: Sequence[Decimal | None], *, reference: int) -> Line:
    base = amounts[reference] if amounts else None
    cells = []
    for place, amount in enumerate(amounts):
        if amount is None:
            cells.append(Cell(_UNKNOWN))
            continue
        delta, step = UNNAMED, 0
        if place != reference and base is not None:
            apart = amount - base
            sign = "+" if apart > 0 else _MINUS
            shown = f"{sign}¥{abs(apart):,.0f}" if apart else "="
            delta, step = Bilingual(shown, shown), (apart < 0) - (apart > 0)
        shown = f"¥{amount:,.2f}"
        cells.append(Cell(Bilingual(shown, shown), amount, delta, step))
    known = [amount for amount in amounts if amount is not None]
    best = frozenset(place for place, amount in enumerate(amounts) if amount == min(known)) if len(set(known)) > 1 \
        else frozenset()
    return Line(code, _both(label), Bilingual("元", "yuan"), tuple(cells), _differ(cells), best, core=True)


def _differ(cells: Sequence[Cell]) -> bool:
    return len({cell.text for cell in cells}) > 1


def _both(text: str) -> Bilingual:
    return Bilingual(tr_in(CHINESE, text), tr_in(ENGLISH, text))


def facts_of(
    *, price: Decimal, energy: str, seats: int, in_tax_directory: bool, parameters: Mapping[str, Any],
    price_derived: Note | None = None,
) -> CarFacts:  # fmt: skip
    """The facts of a trim row and its effective parameters."""
    return CarFacts(
        price=price, energy=Energy(energy), seats=seats, in_tax_directory=in_tax_directory, parameters=dict(parameters),
        price_derived=price_derived,
    )  # fmt: skip
