"""`functools.cache` for functions of classes, whose callers are still told what they get and must give."""

from collections.abc import Callable
from functools import cache
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


def cached(function: Callable[P, T]) -> Callable[P, T]:
    """The same as `functools.cache`, typed like the function itself: there every argument is but something hashable."""
    return cast(Callable[P, T], cache(function))
