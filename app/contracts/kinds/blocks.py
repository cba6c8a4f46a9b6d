"""The blocks of facts a document shows before its clauses, as data; `paper.document_layout` draws them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from app.documents.chinese_amounts import amount_in_capitals
from app.documents.paper_data import PaperLine, PaperParty, PaperPlan, PaperVehicle, Words
from app.documents.wording import day_in_words, moment_in_words, rate_in_words
from app.documents.wording import figure as figure_words
from app.documents.wording import money as money_words
from app.runtime.language import CHINESE, ENGLISH

Pair: TypeAlias = tuple[Words, Words]
"""A label and what stands below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleBlock:
    """What identifies the vehicle; `more` pairs follow."""

    title: Words
    vehicle: PaperVehicle
    more: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsBlock:
    """Labels and values, `across` in a row; pairs without a value are left out."""

    title: Words
    pairs: tuple[Pair, ...]
    across: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountBlock:
    """One amount, large and in capitals; `label` says what it is."""

    title: Words
    label: Words
    amount: Decimal
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBlock:
    """The on-road total itemised."""

    title: Words
    lines: tuple[PaperLine, ...]
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBlock:
    """A loan in short."""

    title: Words
    plan: PaperPlan
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: its head, its share of the width, and whether it holds figures."""

    label: Words
    share: int
    figures: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBlock:
    """A table that splits between pages; `totals` close it, the last one large and in capitals where `capitals`."""

    title: Words
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Words, ...], ...]
    totals: tuple[tuple[Words, Decimal], ...] = ()
    capitals: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementBlock:
    """What somebody said, in their words."""

    title: Words
    text: Words


Block: TypeAlias = VehicleBlock | PairsBlock | AmountBlock | PriceBlock | PlanBlock | TableBlock | StatementBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a kind says of its facts: blocks, what its clauses may ask for, and the conditions that hold."""

    blocks: tuple[Block, ...]
    values: Mapping[str, Words]
    conditions: frozenset[str]
    references: tuple[Pair, ...] = ()
    """Stand at the head, such as the number of the order."""
    keywords: tuple[str, ...] = field(default=())
    """Go into the file, to be found by."""

    def with_common(self, values: Mapping[str, Words], conditions: Iterable[str]) -> "Body":
        """The same with what every kind has."""
        return replace(self, values={**values, **self.values}, conditions=self.conditions | frozenset(conditions))


NOTHING = Words("")


def same(text: object) -> Words:
    """What reads alike in both languages: numbers, names, codes."""
    return Words(str(text))


def day(value: date | None) -> Words:
    """A day in both languages; empty for none."""
    return Words(day_in_words(value, CHINESE), day_in_words(value, ENGLISH)) if value is not None else NOTHING


def moment(value: datetime) -> Words:
    """An instant in the branch's time."""
    return Words(moment_in_words(value, CHINESE), moment_in_words(value, ENGLISH))


def money(amount: Decimal | None) -> Words:
    """¥1,234.00; empty for none."""
    return same(money_words(amount)) if amount is not None else NOTHING


def figure(amount: Decimal) -> Words:
    """1,234.00 for a column, a true minus before deductions."""
    return same(figure_words(amount))


def capitals(amount: Decimal | None) -> Words:
    """In Chinese capitals, without 人民币."""
    return same(amount_in_capitals(amount)) if amount is not None else NOTHING


def kilometres(value: int | None) -> Words:
    """38,512 km."""
    return same(f"{value:,} km") if value is not None else NOTHING


def percent(value: int) -> Words:
    """80 %."""
    return same(f"{value} %")


def account(house: PaperParty) -> tuple[Pair, ...]:
    """Where a customer's money goes; nothing is said where the house has entered no account."""
    if not house.bank_account:
        return ()
    return (
        (Words("收款开户行", "Dealer's bank"), same(house.bank)),
        (Words("收款账号", "Dealer's account"), same(house.bank_account)),
    )


def vehicle_values(vehicle: PaperVehicle) -> dict[str, Words]:
    """The placeholders of a vehicle."""
    return {"vehicle": vehicle.name, "vin": same(vehicle.vin)}


def plan_values(plan: PaperPlan | None) -> dict[str, Words]:
    """The placeholders of a loan, empty without one."""
    names = ("lender", "down_payment", "principal", "annual_rate", "months", "first_instalment", "total_interest")
    if plan is None:
        return dict.fromkeys(names, NOTHING)
    said = (
        same(plan.lender), money(plan.down_payment), money(plan.principal), same(rate_in_words(plan.annual_rate)),
        same(plan.months), money(plan.first_instalment), money(plan.total_interest),
    )  # fmt: skip
    return dict(zip(names, said, strict=True))
