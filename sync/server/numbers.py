"""Final numbers of orders: counted at the centre, per scope and year, given once."""

import re
from collections.abc import Mapping

from app.kernel.clock import BRANCH_TIME
from db.types import instant_at
from sync.server.store import Connection, Store

_BRANCH = re.compile(r"[A-Z0-9]{1,12}")
_AFTER_RESTORE = "after-restore"
SKIPPED = 1000
"""Numbers passed over when the centre comes back from a backup: what was given since then, desks still have to tell."""
_FINAL = re.compile(r"[A-Z0-9]{1,12}-SO-(\d{4})-(\d{6,})")


def series_of(scope: str, year: int) -> str:
    """The name of one scope's series of one year. The scope's lock keeps others away from it."""
    return f"SO-{scope}-{year}"


def next_number(
    store: Store, connection: Connection, *, tenant: str, scope: str, provisional: str, now: int
) -> str:  # fmt: skip
    """`SH01-SO-2026-000042`: branch as in the provisional number, year in the branch's time. `now` in microseconds."""
    head = provisional.partition("-")[0]
    code = head if _BRANCH.fullmatch(head) else scope[:6].upper()
    year = instant_at(now).astimezone(BRANCH_TIME).year
    last = store.run(
        connection,
        "INSERT INTO number_series (tenant_id, series, last) VALUES (?, ?, 1 + coalesce((SELECT r.last FROM"
        " number_series r WHERE r.tenant_id = ? AND r.series = ?), 0))"
        " ON CONFLICT (tenant_id, series) DO UPDATE SET last = number_series.last + 1 RETURNING last",
        (tenant, series_of(scope, year), tenant, _AFTER_RESTORE),
    ).scalar()
    return f"{code}-SO-{year}-{last:06d}"


def given_before(final: str) -> tuple[int, int] | None:
    """Year and count of a number given before this centre's time; None for one that is not of our making."""
    match = _FINAL.fullmatch(final)
    return None if match is None else (int(match[1]), int(match[2]))


def count_on(store: Store, connection: Connection, *, tenant: str, counts: dict[str, int]) -> None:
    """Raise each series to at least this count, so that no number is given again."""
    if not counts:
        return
    statement = "SELECT last FROM number_series WHERE tenant_id = ? AND series = ?"
    skipped = store.run(connection, statement, (tenant, _AFTER_RESTORE)).scalar() or 0
    store.run_many(
        connection,
        "INSERT INTO number_series (tenant_id, series, last) VALUES (?, ?, ?)"
        " ON CONFLICT (tenant_id, series) DO UPDATE SET last = CASE WHEN number_series.last < excluded.last"
        " THEN excluded.last ELSE number_series.last END",
        [(tenant, series, max(last, skipped)) for series, last in sorted(counts.items())],
    )


def given_to_others(
    store: Store, connection: Connection, *, tenant: str, numbered: Mapping[str, str]
) -> list[str]:  # fmt: skip
    """Which of these orders, shown again after a backup with the numbers they had (`{order: number}`), come too late:
    another order has the number by now, because more were lost than were passed over, or because the centre gave some
    before anybody told it that it had been restored. Costs a look at the series in groups that were never restored."""
    restored = "SELECT 1 FROM number_series WHERE tenant_id = ? AND series = ?"
    if not numbered or store.run(connection, restored, (tenant, _AFTER_RESTORE)).first() is None:
        return []
    final = store.field("r", "final_number")
    rows = store.run(
        connection,
        f"SELECT {final}, r.record_id FROM replica_row r WHERE r.tenant_id = ? AND r.table_name = 'sales_order'"
        f" AND r.deleted = 0 AND {store.any_of(final)}",
        (tenant, store.listed(sorted(set(numbered.values())))),
    ).fetchall()
    holders: dict[str, set[str]] = {}
    for number, order_id in rows:
        holders.setdefault(number, set()).add(order_id)
    return sorted(order for order, number in numbered.items() if holders.get(number, set()) - {order})


def skip_ahead(store: Store, connection: Connection, *, tenant: str) -> None:
    """Go on a thousand further in every series, also in those that begin later: the backup does not know them all."""
    store.run(
        connection, "UPDATE number_series SET last = last + ? WHERE tenant_id = ?", (SKIPPED, tenant)
    )  # fmt: skip
    store.insert_missing(
        connection, "number_series", ("tenant_id", "series", "last"), [(tenant, _AFTER_RESTORE, SKIPPED)]
    )  # fmt: skip
