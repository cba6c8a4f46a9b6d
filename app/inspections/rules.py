"""Checklists by energy, what counts as a defect, and when an inspection has passed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from app.kernel.labels import Bilingual, Labelled
from app.kernel.reference_data import ReferenceBook, ReferenceMissing, ReferenceRow, bundled_reference
from app.runtime.language import tr_noop

TABLE = "inspection_checklist"


class InspectionState(Labelled):
    OPEN = "OPEN", tr_noop("In progress")
    PASSED = "PASSED", tr_noop("Passed")
    FAILED = "FAILED", tr_noop("Failed")
    ABANDONED = "ABANDONED", tr_noop("Abandoned")


class Verdict(Labelled):
    OK = "OK", tr_noop("OK")
    DEFECT = "DEFECT", tr_noop("Defect")
    NOT_APPLICABLE = "NOT_APPLICABLE", tr_noop("Not applicable")


class Severity(Labelled):
    """A defect above COSMETIC keeps a unit from passing."""

    SAFETY = "SAFETY", tr_noop("Safety")
    QUALITY = "QUALITY", tr_noop("Quality")
    COSMETIC = "COSMETIC", tr_noop("Cosmetic")


class DefectState(Labelled):
    OPEN = "OPEN", tr_noop("To be repaired")
    REPAIRED = "REPAIRED", tr_noop("Repaired, to be looked at again")
    CLEARED = "CLEARED", tr_noop("Repaired and looked at again")
    WITHDRAWN = "WITHDRAWN", tr_noop("Withdrawn")


class WorkState(Labelled):
    """What there is to do about a unit's inspection."""

    TO_DO = "to_do", tr_noop("To be inspected")
    RUNNING = "running", tr_noop("In progress")
    FAILED = "failed", tr_noop("Failed")
    DONE = "done", tr_noop("Passed")


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured at an item; outside of its bounds the answer wants a second look."""

    unit: str
    low: Decimal | None
    high: Decimal | None

    def is_unusual(self, text: str) -> bool:
        """Whether a reading lies outside; text that is no number never does."""
        try:
            value = Decimal(text.strip())
        except InvalidOperation:
            return False
        return (self.low is not None and value < self.low) or (self.high is not None and value > self.high)

    def bounds(self) -> str:
        """ "210–280 kPa"; only the unit where there are no bounds."""
        if self.low is None or self.high is None:
            return self.unit
        return f"{self.low}–{self.high} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is looked at."""

    code: str
    text: Bilingual
    group: str
    mandatory: bool
    measure: Measure | None
    hint: Bilingual | None


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """Items that are looked at together."""

    code: str
    text: Bilingual
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is looked at on a car of one energy, by one version of the house's standard."""

    version: str
    source: Bilingual
    groups: tuple[ItemGroup, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in their order."""
        return tuple(item for group in self.groups for item in group.items)

    def find(self, code: str) -> Item | None:
        """The item with a code; None for one that this checklist does not have."""
        return next((item for item in self.items if item.code == code), None)

    def missing(self, answered: Iterable[str]) -> tuple[Item, ...]:
        """Mandatory items without an answer."""
        known = set(answered)
        return tuple(item for item in self.items if item.mandatory and item.code not in known)


def checklist_on(day: date, energy: str, reference: ReferenceBook | None = None) -> Checklist:
    """The checklist in force on a day for an energy; raises ReferenceMissing."""
    row = (reference or bundled_reference()).at(TABLE, day)
    return _made(row, energy)


def checklist_version(version: str, energy: str, reference: ReferenceBook | None = None) -> Checklist:
    """The checklist an inspection was begun with; raises ReferenceMissing for a version that is not on file."""
    for row in (reference or bundled_reference()).rows(TABLE):
        if row.version == version:
            return _made(row, energy)
    raise ReferenceMissing(table=TABLE, on=version)


def _made(row: ReferenceRow, energy: str) -> Checklist:
    return _from_values(row.version, row.source, energy, _Hashable(row.values))


class _Hashable:
    """Values of a row as the key of a cache: the row itself is what is compared."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def __hash__(self) -> int:
        return id(self.values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashable) and other.values is self.values


@lru_cache(maxsize=32)
def _from_values(version: str, source: Bilingual, energy: str, row: _Hashable) -> Checklist:
    groups = []
    for group in row.values["groups"]:
        items = tuple(_item(raw, group["code"]) for raw in group["items"] if energy in raw.get("energies", (energy,)))
        if items:
            groups.append(ItemGroup(group["code"], Bilingual(group["zh"], group["en"]), items))
    return Checklist(version, source, tuple(groups))


def _item(raw: Mapping[str, Any], group: str) -> Item:
    measure, hint = raw.get("measure"), raw.get("hint")
    return Item(
        code=raw["code"],
        text=Bilingual(raw["zh"], raw["en"]),
        group=group,
        mandatory=raw.get("mandatory", True),
        measure=None if measure is None else Measure(measure["unit"], _bound(measure, "low"), _bound(measure, "high")),
        hint=None if hint is None else Bilingual(hint["zh"], hint["en"]),
    )


def _bound(raw: Mapping[str, Any], name: str) -> Decimal | None:
    return None if raw.get(name) is None else Decimal(str(raw[name]))


def blocks(severity: Severity, state: DefectState) -> bool:
    """Whether a defect keeps its unit from passing: until it was repaired and looked at again."""
    return severity is not Severity.COSMETIC and state in (DefectState.OPEN, DefectState.REPAIRED)


def due_span(on_date: date, reference: ReferenceBook | None = None) -> timedelta:
    """How long after its arrival a unit is to be inspected."""
    values = (reference or bundled_reference()).at("house_policy", on_date).values
    return timedelta(days=values["inspection_within_days"])
