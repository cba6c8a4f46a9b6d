"""Writes the centre's rows into the desk's tables, with what waits in the outbox laid over them again.

Local view = the centre's row + operations it has not answered. One bad row never holds up the others: it is kept aside
(`unwritten`).
"""

import json
import logging
import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlcipher3.dbapi2 as driver

from db.search import SOURCES, index_new_records, index_record, remove_entries
from sync.client import unwritten
from sync.client.connection import DirectConnection
from sync.client.keeping import Key, kept_for_waiting
from sync.client.overriding import forget_overridden, note_overridden
from sync.client.tables import PulledRow, TablePlan, plan_of
from sync.protocol.guarding import GUARDED
from sync.protocol.hlc import HybridTime, receive

_log = logging.getLogger(__name__)
_BAD_ROW = unwritten.BAD_VALUES

_WORTH_A_STATEMENT = 50
"""So many rows that say the same fields get a statement of their own."""
_NAMED_BY_CUSTOMER = ("sales_order", "contract", "quotation")
"""Findable by their customer's name: written again when that customer arrives after them."""


def pulled_rows(rows: Iterable[Sequence[Any]]) -> list[PulledRow]:
    """Rows as pages carry them; raises ValueError for something else."""
    try:
        found = list(map(PulledRow._make, rows))
    except TypeError as error:
        raise ValueError("not a row of the feed") from error
    if not all(type(row.fields) is dict and type(row.clocks) is dict for row in found):
        raise ValueError("fields and clocks of a row are objects")
    return found


class BadRows(Exception):
    """Among these rows is one that cannot be written: the transaction has to be repeated carefully."""


class RowWriter:
    """Applies rows within one open transaction; `changed` collects what readers should fetch again.

    Raises BadRows unless it was told to be careful. In a new file (`fills`) nothing is made findable: that is done at
    its end, for everything.
    """

    def __init__(self, connection: DirectConnection, *, careful: bool = False, fills: bool = False) -> None:
        self._connection = connection
        self._careful, self._fills = careful, fills
        self._any_kept = unwritten.any_kept(connection)
        self.needed: Collection[Key] = ()
        """Records that are not buried: the centre asks for them."""
        self._waiting: set[Key] | None = None
        self.changed: dict[str, set[str]] = {}
        self.conflicts = 0

    def keep_for_waiting(self) -> None:
        """From now on, keep what unanswered payments and contracts are about, also when they are answered since."""
        self._waiting = kept_for_waiting(self._connection)

    def _is_kept(self, row: PulledRow) -> bool:
        """Whether a deleted record stays here, because a payment or a contract needs it."""
        if row.table not in GUARDED:
            return False
        if self._waiting is None:
            self.keep_for_waiting()
        key = (row.table, row.id)
        return key in self.needed or key in (self._waiting or ())

    def apply(self, rows: Sequence[PulledRow], *, again: bool = False) -> None:
        """Write these rows. Those already here in the same version are passed over unless `again` is said."""
        by_table: dict[str, list[PulledRow]] = {}
        for row in rows:
            by_table.setdefault(row.table, []).append(row)
        pending = self._pending([row.id for row in rows])
        skipped: set[tuple[str, str]] = set()
        for table, group in by_table.items():
            plan = plan_of(table)
            if plan is not None:
                self._apply_table(plan, group, pending, again=again)
            else:
                skipped |= {(table, row.scope) for row in group}
        if skipped:
            unwritten.note_skipped(self._connection, sorted(skipped), now=_now())

    def apply_snapshot(self, rows: Sequence[PulledRow]) -> None:
        """Write rows as they stood some time ago; what is here in a later version stays, and counts as seen."""
        by_table: dict[str, dict[str, PulledRow]] = {}
        for row in rows:
            by_table.setdefault(row.table, {})[row.id] = row
        passed: set[str] = set()
        for table, group in by_table.items():
            if plan_of(table) is None:
                continue
            here = self._connection.exec_driver_sql(
                f"SELECT id, ver FROM {table} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(group)),)
            )
            newer = [record_id for record_id, ver in here if ver > group[record_id].ver]
            self._connection.exec_driver_sql(
                f"UPDATE {table} SET seq = ? WHERE id = ? AND seq IS NULL",
                [(group[record_id].seq, record_id) for record_id in newer],
            )
            passed.update(newer)
        self.apply([row for row in rows if row.id not in passed] if passed else rows)

    def fill(self, rows: Sequence[PulledRow]) -> None:
        """Write rows of a snapshot into a new file, where they are not yet and nothing waits: nobody looks.

        One that is there all the same (it moved from one scope to another between two snapshots) is a bad row here.
        """
        if self._careful:
            self.apply_snapshot(rows)
            return
        by_table: dict[str, list[PulledRow]] = {}
        for row in rows:
            by_table.setdefault(row.table, []).append(row)
        for table, group in by_table.items():
            plan = plan_of(table)
            if plan is None:
                skipped = sorted({(table, row.scope) for row in group})
                unwritten.note_skipped(self._connection, skipped, now=_now())
                continue
            self._write_fresh(plan, group)

    def _pending(self, ids: list[str]) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """Unanswered changes of these records, in the order in which they were made."""
        done = self._connection.exec_driver_sql("SELECT acknowledged_n FROM desk_state WHERE id = 1").scalar()
        first = self._connection.exec_driver_sql("SELECT 1 FROM outbox_operation WHERE n > ? LIMIT 1", (done,)).first()
        if first is None:
            return {}
        found = self._connection.exec_driver_sql(
            "SELECT table_name, record_id, body FROM outbox_operation WHERE n > ? AND kind = 'put'"
            " AND record_id IN (SELECT value FROM json_each(?)) ORDER BY n",
            (done, json.dumps(ids)),
        )
        pending: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for table, record_id, body in found:
            pending.setdefault((table, record_id), []).append(json.loads(body))
        return pending

    def _apply_table(
        self, plan: TablePlan, rows: list[PulledRow], pending: dict[tuple[str, str], list[dict[str, Any]]], *,
        again: bool,
    ) -> None:  # fmt: skip
        known = self._known(plan, rows)
        if known:
            note_overridden(self._connection, plan.table, [row for row in rows if row.id in known], now=_now())
        fresh: list[PulledRow] = []
        stale: list[PulledRow] = []
        buried: list[PulledRow] = []
        left: list[PulledRow] = []
        for row in rows:
            here = known.get(row.id)
            if row.left_to:
                if here is not None:
                    left.append(row)
                continue
            if here is not None and not again and (here[1], here[2]) == (row.ver, row.seq):
                continue
            if row.is_tombstone:
                if here is not None and not self._is_kept(row):
                    buried.append(row)
                continue
            for operation in pending.get((plan.table, row.id), ()):
                row.fields.update(operation["fields"])
                row.clocks.update(dict.fromkeys(operation["fields"], operation["clock"]))
            (fresh if here is None else stale).append(row)
        self._write_fresh(plan, fresh)
        self._write(plan, plan.upsert_sql, plan.values, stale)
        self._write(plan, plan.tombstone_sql, plan.tombstone, buried)
        self._write(plan, plan.leave_sql, plan.leave, left)
        buried += left
        if self._any_kept:
            unwritten.forget(self._connection, plan.table, [row.id for row in fresh + stale + buried])
        if buried:
            forget_overridden(self._connection, plan.table, [row.id for row in buried])
        if plan.searched and not self._fills:
            self._index(plan, fresh, stale, buried, known)
        changed = {row.id for group in (fresh, stale, buried) for row in group}
        if changed:
            self.changed.setdefault(plan.table, set()).update(changed)
        if plan.table == "sales_order":
            self.conflicts += sum(row.fields.get("claim_state") == "conflict" for row in fresh + stale)

    def _known(self, plan: TablePlan, rows: list[PulledRow]) -> dict[str, Any]:
        found = self._connection.exec_driver_sql(
            f"{plan.known_sql} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps([row.id for row in rows]),)
        )
        return {here[0]: here for here in found}

    def _write_fresh(self, plan: TablePlan, rows: list[PulledRow]) -> None:
        """Rows that are not here yet: those that say the same fields by one statement that binds no others."""
        if self._careful or len(rows) < _WORTH_A_STATEMENT:
            self._write(plan, plan.insert_sql, plan.values, rows)
            return
        alike: dict[tuple[str, ...], list[PulledRow]] = {}
        for row in rows:
            alike.setdefault(tuple(row.fields), []).append(row)
        for given, group in alike.items():
            quick = plan.filling(given) if len(group) >= _WORTH_A_STATEMENT else None
            self._write(plan, *(quick or (plan.insert_sql, plan.values)), group)

    def _write(self, plan: TablePlan, statement: str, values: Any, rows: list[PulledRow]) -> None:
        """All rows at once; in a careful writer one by one, without those that cannot be written."""
        if self._careful:
            rows[:] = [row for row in rows if self._write_one(plan, statement, row, values)]
        elif rows:
            try:
                self._connection.exec_driver_sql(statement, [values(row) for row in rows])
            except _BAD_ROW as error:
                raise BadRows(plan.table) from error

    def _write_one(self, plan: TablePlan, statement: str, row: PulledRow, values: Any) -> bool:
        self._connection.exec_driver_sql("SAVEPOINT one")
        try:
            self._connection.exec_driver_sql(statement, values(row))
        except _BAD_ROW as error:
            _log.exception("row %s of %s is kept aside", row.id, plan.table)
            self._connection.exec_driver_sql("ROLLBACK TO one")
            unwritten.keep(self._connection, row, error, now=_now())
            return False
        finally:
            self._connection.exec_driver_sql("RELEASE one")
        return True

    def _index(
        self, plan: TablePlan, fresh: list[PulledRow], stale: list[PulledRow], buried: list[PulledRow],
        known: dict[str, Any],
    ) -> None:  # fmt: skip
        """Bring the search index up to date; unchanged words are not written again."""
        if fresh:
            self._index_fresh(plan, fresh)
        for row in stale:
            here = dict(zip(plan.searched, known[row.id][3:], strict=True))
            values_now = {**plan.defaults, **row.fields, "id": row.id}
            if any(here[name] != values_now[name] for name in plan.searched):
                index_record(self._connection, table=plan.table, values=values_now)
        for row in buried:
            here = dict(zip(plan.searched, known[row.id][3:], strict=True))
            index_record(self._connection, table=plan.table, values={**here, **row.fields, "id": row.id})
        if plan.table == "customer" and fresh:
            self._name_dependents([row.id for row in fresh])

    def _index_fresh(self, plan: TablePlan, fresh: list[PulledRow]) -> None:
        if self._careful:
            remove_entries(self._connection, [row.id for row in fresh])  # of rows that got lost here, if there are any
        first = self._connection.exec_driver_sql("SELECT coalesce(max(id), 0) + 1 FROM search_entry").scalar()
        unsaid = [(name, plan.defaults[name]) for name in plan.searched]
        values = []
        for row in fresh:
            get = row.fields.get
            values.append({"id": row.id, **{name: get(name, default) for name, default in unsaid}})
        try:
            index_new_records(self._connection.remembering(), table=plan.table, rows=values, first_id=first)
        except driver.IntegrityError as error:
            raise BadRows(plan.table) from error

    def _name_dependents(self, customers: list[str]) -> None:
        listed = json.dumps(customers)
        for table in _NAMED_BY_CUSTOMER:
            fields = sorted({"number", "customer_id", "deleted_at"} | (SOURCES[table].fields & {"final_number"}))
            rows = self._connection.exec_driver_sql(
                f"SELECT id, {', '.join(fields)} FROM {table} WHERE deleted_at IS NULL AND customer_id IN"
                " (SELECT value FROM json_each(?))",
                (listed,),
            ).fetchall()
            for row in rows:
                values = {"id": row[0], **dict(zip(fields, row[1:], strict=True))}
                index_record(self._connection, table=table, values=values)


def _now() -> int:
    return time.time_ns() // 1_000


def receive_time(connection: DirectConnection, rows: Iterable[PulledRow], *, now_ms: int) -> None:
    """Move the desk's hybrid clock past every clock in these rows, so that what is changed next is later.

    `now_ms` is the centre's time, not this desk's: the centre has cut what ran ahead of it, and a desk whose own clock
    is behind has to go past these times all the same.
    """
    newest = max({clock for row in rows for clock in row.clocks.values()}, default="")
    if not newest:
        return
    stored = connection.exec_driver_sql("SELECT hybrid_time FROM desk_state WHERE id = 1").scalar()
    if newest[:16] <= stored[:16]:
        return
    moved = receive(HybridTime.parse(stored), HybridTime.parse(newest), now_ms)
    connection.exec_driver_sql("UPDATE desk_state SET hybrid_time = ? WHERE id = 1", (str(moved),))
