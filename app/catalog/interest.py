"""Which parameters stand first: the core ones, and among them and after them what was looked at on this desk.

weight = Σ over the last 30 days of (times opened that day) × 0.5 ^ (days ago / 10)

So a look counts half after ten days and no longer after thirty. It is counted by parameter and day, at this desk only;
who looked, and for which customer, is not kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import func, select

from app.catalog.interest_commands import RecordInterest
from app.catalog.rules import Parameter, specification_dictionary
from app.kernel.clock import branch_date
from app.kernel.unit_of_work import Reader
from db.models.catalogue_versions import ParameterInterest

DAYS = 30
HALF_LIFE = 10
"""Days after which a look counts half."""
MOST_OFTEN = 8
"""How many parameters beyond the core are raised to the second layer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """How often a parameter was opened in the last 30 days, and what that weighs today, to two places."""

    code: str
    opened: int
    weight: Decimal
    last: date | None = None


NO_INTEREST = Interest(code="", opened=0, weight=Decimal("0.00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedParameter:
    """A parameter in the order of display; `raised` where it stands higher because it was looked at."""

    parameter: Parameter
    interest: Interest
    raised: bool

    @property
    def code(self) -> str:
        """The parameter's code."""
        return self.parameter.code


def weight_of(looks: Mapping[date, int], today: date) -> Decimal:
    """What looks by day weigh today."""
    total = Decimal(0)
    for day, opened in looks.items():
        ago = (today - day).days
        if 0 <= ago < DAYS:
            total += opened * Decimal(2) ** (Decimal(-ago) / HALF_LIFE)
    return total.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def record_interest(codes: Iterable[str]) -> RecordInterest:
    """The command that notes a look at these parameters: give it to `run_command` where somebody opened or searched
    them."""
    return RecordInterest(codes=tuple(dict.fromkeys(codes)))


def interests(reader: Reader) -> dict[str, Interest]:
    """What was looked at on this desk in the last 30 days, by code."""
    today = branch_date(reader.now)
    first = today - timedelta(days=DAYS - 1)
    query = select(ParameterInterest).where(ParameterInterest.day >= first, ParameterInterest.day <= today)
    looks: dict[str, dict[date, int]] = {}
    for row in reader.session.execute(query).scalars():
        looks.setdefault(row.code, {})[row.day] = row.opened
    return {
        code: Interest(code=code, opened=sum(days.values()), weight=weight_of(days, today), last=max(days))
        for code, days in looks.items()
    }


def ordered_parameters(reader: Reader, codes: Iterable[str] | None = None) -> tuple[OrderedParameter, ...]:
    """The parameters (these only, where codes are named) in the order in which they are shown.

    First the core ones, then the rest; within each, the heavier first, equal ones in the dictionary's order.
    """
    found = interests(reader)
    wanted = None if codes is None else frozenset(codes)
    known = [one for one in specification_dictionary().parameters.values() if wanted is None or one.code in wanted]
    return in_order_of_interest(known, found)


def in_order_of_interest(
    parameters: Sequence[Parameter], found: Mapping[str, Interest]
) -> tuple[OrderedParameter, ...]:
    """The pure part of `ordered_parameters`."""
    usual = {parameter.code: place for place, parameter in enumerate(_core_first(parameters))}
    ranked = sorted(
        parameters,
        key=lambda one: (not one.core, -found.get(one.code, NO_INTEREST).weight, usual[one.code]),
    )  # fmt: skip
    return tuple(
        OrderedParameter(
            parameter=one, interest=found.get(one.code, NO_INTEREST),
            raised=one.code in found and place < usual[one.code],
        )
        for place, one in enumerate(ranked)
    )  # fmt: skip


def _core_first(parameters: Sequence[Parameter]) -> list[Parameter]:
    return sorted(parameters, key=lambda one: not one.core)


def looks_counted(reader: Reader) -> int:
    """How many looks this desk has counted in all; for saying what a reset forgets."""
    query = select(func.coalesce(func.sum(ParameterInterest.opened), 0))
    return int(reader.session.execute(query).scalar_one())
