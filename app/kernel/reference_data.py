"""Rates, caps and tables with an effective period and a source: data, never constants in code.

The files are `resources/reference/<table>.json`: `{"table", "rows": [{"version", "valid_from", "valid_to", "status",
"source": {"zh", "en"}, "values": {...}}]}`. Amounts and rates are strings, so that they stay exact. What an
administrator changed replaces a table in the `ReferenceBook` that is handed to the rules.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Protocol, Self, TypeVar

from app.kernel.errors import DomainError
from app.kernel.labels import Bilingual, Labelled
from app.runtime.language import tr_noop
from app.runtime.resources import load_json

DATED_TABLES: tuple[str, ...] = (
    "commercial_insurance",
    "compulsory_insurance",
    "document_retention",
    "earnest_cap",
    "energy_content",
    "energy_prices",
    "finance_products",
    "follow_up",
    "house_policy",
    "inspection_checklist",
    "label_layouts",
    "preprinted_forms",
    "maintenance_costs",
    "new_energy_relief",
    "ownership_defaults",
    "plate_fee",
    "plate_quotas",
    "purchase_tax",
    "residual_values",
    "units",
    "vat",
    "vehicle_vessel_tax",
    "vin_makers",
)


class ReferenceStatus(Labelled):
    """How far a figure can be trusted; shown beside it."""

    LAW = "law", tr_noop("Read in the law's text")
    SECONDARY = "secondary", tr_noop("From a secondary source")
    CHECK = "check", tr_noop("To be checked and edited here")
    HOUSE = "house", tr_noop("House rule")


class ReferenceMissing(DomainError):
    code = "reference_missing"
    text = tr_noop("There is no “{table}” on file for {on}. Ask an administrator to enter it.")


class Dated(Protocol):
    """Anything with an effective period; `valid_to` is the last day, None while open."""

    @property
    def valid_from(self) -> date: ...

    @property
    def valid_to(self) -> date | None: ...


R = TypeVar("R", bound=Dated)


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """One version of a table and the days it is in force."""

    table: str
    version: str
    valid_from: date
    valid_to: date | None
    status: ReferenceStatus
    source: Bilingual
    values: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_json(cls, table: str, raw: Mapping[str, Any]) -> Self:
        """A row as it stands in the file; raises KeyError or ValueError where it is malformed."""
        end = raw["valid_to"]
        return cls(
            table=table,
            version=raw["version"],
            valid_from=date.fromisoformat(raw["valid_from"]),
            valid_to=None if end is None else date.fromisoformat(end),
            status=ReferenceStatus(raw["status"]),
            source=Bilingual(raw["source"]["zh"], raw["source"]["en"]),
            values=MappingProxyType(raw["values"]),
        )

    def decimal(self, name: str) -> Decimal:
        """A rate or amount of the row."""
        return Decimal(self.values[name])

    def citation(self) -> Bilingual:
        """Source and version in both languages, as they stand beside a figure and on paper."""
        return Bilingual(f"{self.source.zh}（{self.version}）", f"{self.source.en} ({self.version})")


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount by a table, with the source it comes from; `item` names one of several, such as the plates."""

    amount: Decimal
    source: Bilingual
    item: Bilingual | None = None


def find_effective(rows: Iterable[R], on_date: date) -> R | None:
    """The row in force on a day, the latest begun where several are; None without one."""
    fitting = [r for r in rows if r.valid_from <= on_date and (r.valid_to is None or on_date <= r.valid_to)]
    return max(fitting, key=lambda row: row.valid_from, default=None)


def effective(rows: Iterable[R], on_date: date, *, table: str = "") -> R:
    """The row in force on a day; raises ReferenceMissing."""
    row = find_effective(rows, on_date)
    if row is None:
        raise ReferenceMissing(table=table, on=on_date.isoformat())
    return row


@dataclass(frozen=True, slots=True)
class ReferenceBook:
    """All dated tables the rules may look into."""

    tables: Mapping[str, tuple[ReferenceRow, ...]]

    def rows(self, table: str) -> tuple[ReferenceRow, ...]:
        """Every version of a table, past and coming ones too; empty for an unknown one."""
        return self.tables.get(table, ())

    def at(self, table: str, on_date: date) -> ReferenceRow:
        """The version in force on a day; raises ReferenceMissing."""
        return effective(self.rows(table), on_date, table=table)

    def find(self, table: str, on_date: date) -> ReferenceRow | None:
        """The version in force on a day, if there is one."""
        return find_effective(self.rows(table), on_date)

    def with_table(self, table: str, rows: Iterable[ReferenceRow]) -> Self:
        """The same book with one table replaced, such as by what an administrator entered."""
        return type(self)(MappingProxyType({**self.tables, table: tuple(rows)}))


def rows_from_json(raw: Mapping[str, Any]) -> tuple[ReferenceRow, ...]:
    """The rows of one file; raises KeyError or ValueError where it is malformed."""
    return tuple(ReferenceRow.from_json(raw["table"], row) for row in raw["rows"])


@lru_cache(maxsize=1)
def bundled_reference() -> ReferenceBook:
    """The book as delivered; read once."""
    tables = {name: rows_from_json(load_json(f"reference/{name}.json")) for name in DATED_TABLES}
    return ReferenceBook(MappingProxyType(tables))
