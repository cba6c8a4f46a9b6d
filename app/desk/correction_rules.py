"""What a feature says about a record holds also where somebody enters it again after the centre refused it.

A feature that has such rules keeps them in its module `corrections`, one function a table; they are found by name, as
handlers are, because features stand above this one. All other tables are held to what their columns take.
"""

import importlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from app.kernel.unit_of_work import UnitOfWork

Rule = Callable[..., dict[str, Any]]
"""`rule(uow, given, present, record_id=…)` gives the values to store for what was entered anew, seen together with the
rest of the record; raises the feature's errors, each with its field."""

_FEATURES = {"customer": "customers", "customer_vehicle": "customers", "vehicle_unit": "inventory"}


@cache
def rule_of(table: str) -> Rule | None:
    """The rule of a table, None where only its columns decide."""
    feature = _FEATURES.get(table)
    if feature is None:
        return None
    found: Rule = getattr(importlib.import_module(f"app.{feature}.corrections"), f"corrected_{table}")
    return found


def with_rules(
    uow: UnitOfWork, table: str, given: Mapping[str, Any], present: Mapping[str, Any], *, record_id: str
) -> dict[str, Any]:  # fmt: skip
    """What was entered anew, in the form in which the feature stores it, with what follows from it."""
    rule = rule_of(table)
    return dict(given) if rule is None else {**given, **rule(uow, given, present, record_id=record_id)}
