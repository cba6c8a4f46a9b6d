"""Final numbers of orders: counted at the centre, per scope and year, given once."""

import re

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


def skip_ahead(store: Store, connection: Connection, *, tenant: str) -> None:
    """Go on a thousand further in every series, also in those that begin later: the backup does not know them all."""
    store.run(
        connection, "UPDATE number_series SET last = last + ? WHERE tenant_id = ?", (SKIPPED, tenant)
    )  # fmt: skip
    store.insert_missing(
        connection, "number_series", ("tenant_id", "series", "last"), [(tenant, _AFTER_RESTORE, SKIPPED)]
    )  # fmt: skip
