"""Results that stay right until anybody writes: small ones that are dear to make, such as counts over all units."""

import threading
import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.direct import driver_of

T = TypeVar("T")
_MOST_KEPT = 128


class _Kept:
    """What the reading connections of one database found since the last write any of them noticed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[int, int] = {}
        self._generation = 0
        self._results: dict[Hashable, Any] = {}

    def generation(self, connection_id: int, version: int) -> int:
        """The present generation as a connection sees it; a new one begins when it sees a version it did not know."""
        with self._lock:
            if self._seen.get(connection_id) != version:
                self._seen[connection_id] = version
                self._generation += 1
                self._results = {}
            return self._generation

    def find(self, key: Hashable) -> tuple[bool, Any]:
        with self._lock:
            return key in self._results, self._results.get(key)

    def keep(self, generation: int, key: Hashable, result: Any) -> None:
        """Keep what was made in a generation, unless that is over by now."""
        with self._lock:
            if generation != self._generation:
                return
            if len(self._results) >= _MOST_KEPT:
                self._results = {}
            self._results[key] = result


_kept: "weakref.WeakKeyDictionary[Engine, _Kept]" = weakref.WeakKeyDictionary()
_kept_lock = threading.Lock()


def until_next_write(session: Session, key: Hashable, make: Callable[[], T]) -> T:
    """The kept result for `key`, or a newly made one.

    SQLite's `data_version` of a connection changes with each commit of another one and never otherwise, and a desk
    writes on a connection of its own. All begin anew whenever one of them sees a change or is new.
    """
    connection = session.connection()
    driver = driver_of(connection)
    version: int = driver.execute("PRAGMA data_version").fetchone()[0]
    with _kept_lock:
        kept = _kept.setdefault(connection.engine, _Kept())
    generation = kept.generation(id(driver), version)
    known, result = kept.find(key)
    if not known:
        result = make()
        kept.keep(generation, key, result)
    return cast(T, result)
