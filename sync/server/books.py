"""The centre's own books, branch by branch: orders against claims, vehicles, owners, lines, payments and contracts.

Records are stored as they travel, one text each; what the rules need of them is laid out once in a throwaway database
beside the memory, so that however many there are, a few thousand at a time are held. Nothing of the centre is changed.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing as closed_after
from dataclasses import dataclass, field
from typing import Any

from app.month_close.order_books import BookFault, ClaimFacts, ContractFacts, Fault, OrderFacts, faults_of
from sync.protocol.codec import load
from sync.server.closing import desks_of, quarantined
from sync.server.store import Connection, Store

MOST_LISTED = 2_000
_PAGE = 2_000
_SHEETS: dict[str, tuple[str, ...]] = {
    "sales_order": (
        "number", "final_number", "state", "claim_state", "customer_id", "ordered_at", "on_road_total",
        "vehicle_unit_id",
    ),
    "sales_order_line": ("order_id", "amount"),
    "payment": ("order_id", "amount", "number", "received_at"),
    "contract": ("order_id", "number", "state", "customer_id", "replaced_by_id", "template_code", "amends_id"),
    "vehicle_unit": ("vin", "order_id", "allocation_state"),
}  # fmt: skip
"""Tables, and what is laid out of their records."""
_INDEXES = (
    "CREATE INDEX line_order ON sales_order_line (order_id)", "CREATE INDEX payment_order ON payment (order_id)",
    "CREATE INDEX contract_order ON contract (order_id)", "CREATE INDEX claim_holder ON claim (holder_id)",
    "CREATE INDEX order_final ON sales_order (final_number)",
)  # fmt: skip
_ORDERS = (
    "SELECT o.id, o.number, coalesce(o.final_number, ''), coalesce(o.state, 'DRAFT'),"
    " coalesce(o.claim_state, 'provisional'), coalesce(o.customer_id, ''), coalesce(o.ordered_at, 0),"
    " coalesce(o.on_road_total, 0), coalesce(u.vin, ''), coalesce(u.order_id, ''), u.id IS NOT NULL,"
    " (SELECT count(*) FROM sales_order_line l WHERE l.order_id = o.id),"
    " (SELECT coalesce(sum(amount), 0) FROM sales_order_line l WHERE l.order_id = o.id),"
    " (SELECT coalesce(sum(amount), 0) FROM payment p WHERE p.order_id = o.id),"
    " c.kind, c.holder_id, c.number, c.branch_id FROM sales_order o"
    " LEFT JOIN vehicle_unit u ON u.id = o.vehicle_unit_id LEFT JOIN claim c ON c.vin = u.vin"
    " WHERE o.scope = ? AND o.id > ? ORDER BY o.id LIMIT ?"
)
_ORPHANS: dict[BookFault, tuple[str, str]] = {
    BookFault.PAYMENT_ORPHAN: ("payment", "t.number"), BookFault.CONTRACT_ORPHAN: ("contract", "t.number"),
    BookFault.LINE_ORPHAN: ("sales_order_line", "''"),
}  # fmt: skip
_LOST = (
    "SELECT u.id, u.vin, u.order_id, u.allocation_state FROM vehicle_unit u LEFT JOIN sales_order o"
    " ON o.id = u.order_id WHERE u.scope = ? AND u.order_id <> '' AND o.id IS NULL"
    " AND u.allocation_state IN ('ALLOCATED', 'DELIVERED')"
    " UNION SELECT coalesce(c.vehicle_id, ''), c.vin, c.holder_id, 'ALLOCATED' FROM claim c LEFT JOIN sales_order o"
    " ON o.id = c.holder_id WHERE c.branch_id = ? AND c.kind = 'order' AND o.id IS NULL ORDER BY 2"
)
_TWICE = (
    "SELECT o.id, o.final_number, t.n FROM sales_order o JOIN (SELECT final_number, count(*) AS n FROM sales_order"
    " WHERE final_number <> '' GROUP BY final_number HAVING count(*) > 1) t ON t.final_number = o.final_number"
    " WHERE o.scope = ? ORDER BY o.final_number, o.id"
)
_OWNED_ELSEWHERE = (
    "SELECT u.id, u.vin, w.scope FROM vehicle_unit u JOIN owner w ON w.vin = u.vin WHERE u.scope = ?"
    " AND w.scope <> u.scope ORDER BY u.vin"
)


@dataclass(frozen=True, slots=True)
class DeskStanding:
    """A desk of a branch: its last visit (microseconds), how many places of its branch's feed it has not read, and
    how many of its operations are in quarantine."""

    branch_code: str
    desk_code: str
    seen_at: int
    behind: int
    quarantined: int


@dataclass(slots=True)
class BranchBooks:
    """What was found in one branch; `total` counts also what is not listed."""

    branch_id: str
    code: str
    name_zh: str
    name_en: str
    counts: dict[str, int]
    faults: list[Fault] = field(default_factory=list)
    kinds: Counter[BookFault] = field(default_factory=Counter)
    desks: list[DeskStanding] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.kinds.values())

    @property
    def quarantined(self) -> int:
        return sum(desk.quarantined for desk in self.desks)

    def add(self, fault: Fault) -> None:
        """Count it, and list it as long as there is room."""
        self.kinds[fault.kind] += 1
        if len(self.faults) < MOST_LISTED:
            self.faults.append(fault)


def reconcile_books(
    store: Store, tenant: str, *, now: int, branch_code: str = "", tell: Callable[[str], object] = lambda said: None
) -> list[BranchBooks]:
    """Judge the books of every branch of a group, or of one. `now` in microseconds.

    Raises ValueError for a branch the centre does not know.
    """
    with closed_after(sqlite3.connect("")) as sheet, store.read() as connection:
        branches = _branches(store, connection, tenant)
        wanted = [one for one in branches if not branch_code or one.code == branch_code]
        if not wanted:
            known = ", ".join(one.code for one in branches) or "none"
            asked = f"branch {branch_code}" if branch_code else "branch"
            raise ValueError(f"no {asked} has reached the centre; known: {known}")
        _lay_out(store, connection, sheet, tenant, now=now, tell=tell)
        for one in wanted:
            tell(f"judging {one.code}")
            _judge(sheet, one, now=now)
            one.desks = _desks(store, connection, tenant, one.branch_id)
        return wanted


def _branches(store: Store, connection: Connection, tenant: str) -> list[BranchBooks]:
    rows = store.run(
        connection,
        "SELECT record_id, body FROM replica_row WHERE tenant_id = ? AND table_name = 'branch' AND deleted = 0",
        (tenant,),
    )
    found = []
    for branch_id, body in rows:
        fields = load(body.encode("utf-8"))
        code, chinese, english = (str(fields.get(name) or "") for name in ("code", "name_zh", "name_en"))
        found.append(BranchBooks(branch_id, code, chinese, english, counts={}))
    return sorted(found, key=lambda one: one.code)


def _lay_out(
    store: Store, connection: Connection, sheet: sqlite3.Connection, tenant: str, *, now: int,
    tell: Callable[[str], object],
) -> None:  # fmt: skip
    """Copy what is needed of every record into the throwaway database."""
    for table, names in _SHEETS.items():
        tell(f"reading {table}")
        sheet.execute(f"CREATE TABLE {table} (id TEXT PRIMARY KEY, scope, {', '.join(names)}) WITHOUT ROWID")
        marks = ", ".join("?" * (len(names) + 2))
        for page in _pages(store, connection, tenant, table):
            rows = []
            for record_id, scope, body in page:
                fields = load(body.encode("utf-8"))
                rows.append((record_id, scope, *(fields.get(name) for name in names)))
            sheet.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    sheet.execute("CREATE TABLE claim (vin TEXT PRIMARY KEY, kind, holder_id, number, branch_id, vehicle_id)")
    sheet.execute("CREATE TABLE owner (vin TEXT PRIMARY KEY, scope)")
    for page in _after(
        store, connection, "SELECT vin, kind, holder_id, number, branch_id, vehicle_id FROM vehicle_claim"
        " WHERE tenant_id = ? AND kind <> '' AND (until IS NULL OR until > ?) AND vin > ? ORDER BY vin LIMIT ?",
        (tenant, now),
    ):  # fmt: skip
        sheet.executemany("INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?)", page)
    for page in _after(
        store, connection,
        "SELECT vin, scope FROM vehicle_owner WHERE tenant_id = ? AND vin > ? ORDER BY vin LIMIT ?", (tenant,),
    ):  # fmt: skip
        sheet.executemany("INSERT INTO owner VALUES (?, ?)", page)
    for statement in _INDEXES:
        sheet.execute(statement)


def _pages(store: Store, connection: Connection, tenant: str, table: str) -> Iterator[Sequence[Any]]:
    return _after(
        store, connection,
        "SELECT record_id, scope, body FROM replica_row WHERE tenant_id = ? AND table_name = ? AND deleted = 0"
        " AND record_id > ? ORDER BY record_id LIMIT ?",
        (tenant, table),
    )  # fmt: skip


def _after(
    store: Store, connection: Connection, statement: str, values: tuple[Any, ...]
) -> Iterator[Sequence[Any]]:  # fmt: skip
    """Pages of a statement whose last two parameters are the first column of the last row, and a limit."""
    after = ""
    while True:
        rows = store.run(connection, statement, (*values, after, _PAGE)).fetchall()
        if rows:
            yield [tuple(row) for row in rows]
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def _judge(sheet: sqlite3.Connection, branch: BranchBooks, *, now: int) -> None:
    scope = branch.branch_id
    for table in _SHEETS:
        branch.counts[table] = sheet.execute(f"SELECT count(*) FROM {table} WHERE scope = ?", (scope,)).fetchone()[0]
    after = ""
    while True:
        rows = sheet.execute(_ORDERS, (scope, after, _PAGE)).fetchall()
        for row in rows:
            for fault in faults_of(_facts(sheet, row), now=now):
                branch.add(fault)
        if len(rows) < _PAGE:
            break
        after = rows[-1][0]
    for fault in _others(sheet, scope):
        branch.add(fault)


def _facts(sheet: sqlite3.Connection, row: Sequence[Any]) -> OrderFacts:
    contracts = sheet.execute(
        "SELECT id, number, state, customer_id, replaced_by_id, amends_id FROM contract WHERE order_id = ?"
        " AND coalesce(template_code, 'vehicle_sale') = 'vehicle_sale' ORDER BY id",
        (row[0],),
    ).fetchall()
    kind, holder, number, branch_id = row[14:18]
    return OrderFacts(
        id=row[0], number=row[1] or "", final_number=row[2], state=row[3], claim_state=row[4], customer_id=row[5],
        ordered_at=row[6], total=row[7], vin=row[8], unit_order_id=row[9], unit_known=bool(row[10]), lines=row[11],
        lines_total=row[12], paid=row[13],
        claim=None if not kind else ClaimFacts(kind, holder, number or "", branch_id or ""),
        contracts=[ContractFacts(one[0], one[1] or "", one[2] or "", one[3] or "", *one[4:]) for one in contracts],
    )  # fmt: skip


def _others(sheet: sqlite3.Connection, scope: str) -> Iterator[Fault]:
    for kind, (table, title) in _ORPHANS.items():
        for record_id, number, order_id in sheet.execute(
            f"SELECT t.id, {title}, t.order_id FROM {table} t LEFT JOIN sales_order o ON o.id = t.order_id"
            " WHERE t.scope = ? AND t.order_id <> '' AND o.id IS NULL ORDER BY t.id",
            (scope,),
        ):
            yield Fault(kind, table, record_id, number or "", {"order_id": order_id})
    for order_id, number, count in sheet.execute(_TWICE, (scope,)):
        yield Fault(BookFault.NUMBER_TWICE, "sales_order", order_id, number, {"number": number, "n": count})
    for unit_id, vin, order_id, state in sheet.execute(_LOST, (scope, scope)):
        lost = BookFault.SALE_LOST if state == "DELIVERED" else BookFault.ORDER_LOST
        yield Fault(lost, "vehicle_unit", unit_id, vin or "", {"order_id": order_id})
    for unit_id, vin, owner in sheet.execute(_OWNED_ELSEWHERE, (scope,)):
        yield Fault(BookFault.OWNER_OTHER, "vehicle_unit", unit_id, vin, {"branch_id": owner})


def _desks(store: Store, connection: Connection, tenant: str, branch_id: str) -> list[DeskStanding]:
    head = store.run(
        connection, "SELECT head FROM sync_scope WHERE tenant_id = ? AND scope = ?", (tenant, branch_id)
    ).scalar()
    read = dict(
        store.run(
            connection, "SELECT device_id, seq FROM device_cursor WHERE tenant_id = ? AND scope = ?",
            (tenant, branch_id),
        ).fetchall()
    )  # fmt: skip
    held = Counter(one["device_id"] for one in quarantined(store, connection, tenant, branch_id))
    standing = [
        DeskStanding(
            desk["branch_code"], desk["desk_code"], desk["seen_at"],
            max(int(head or 0) - int(read.get(desk["device_id"], 0)), 0), held.pop(desk["device_id"], 0),
        )
        for desk in desks_of(store, connection, tenant, branch_id)
    ]  # fmt: skip
    if held:  # of desks that were shut out or replaced
        standing.append(DeskStanding("", "", 0, 0, sum(held.values())))
    return standing
