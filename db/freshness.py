"""Results that stay right until anybody writes: kept per connection, dropped at the next commit of another one."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from sqlalchemy.orm import Session

T = TypeVar("T")
_MOST_KEPT = 64


def until_next_write(session: Session, key: Hashable, make: Callable[[], T]) -> T:
    """The kept result for `key`, or a newly made one; for reads whose result is small and dear.

    SQLite's `data_version` of a reading connection changes with each commit of another connection and never otherwise,
    and a desk writes on a connection of its own.
    """
    connection = session.connection()
    version = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
    kept: dict[str, Any] = connection.info.setdefault("kept_results", {"version": version, "results": {}})
    if kept["version"] != version or len(kept["results"]) >= _MOST_KEPT:
        kept["version"], kept["results"] = version, {}
    results: dict[Hashable, Any] = kept["results"]
    if key not in results:
        results[key] = make()
    return cast(T, results[key])
