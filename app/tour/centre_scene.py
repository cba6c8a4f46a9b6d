"""What a centre would have told the desk of the pictures: its pages about the centre then have something to show.

Written into a throwaway demo branch, past all rules; nothing of it is ever sent.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.kernel.months import Month
from app.month_close.figures import month_figures, packed, postings_of
from app.month_close.handlers import closing_id
from app.wiring.desk import Desk
from db.ids import new_id
from db.models.month_close import MonthClose
from db.types import microseconds
from sync.client.queries import counts_of
from sync.client.status import SyncState, SyncStatus
from sync.protocol.hlc import HybridTime
from ui.sync.ports import Checked, Joined, StatusFeed

SERVICE = "https://centre.example:8420"
_WAITING = 5
_HOUR = timedelta(hours=1)
_OTHER = "0a1b2c3d"
"""The short name of another desk's clock."""


@dataclass
class PicturedSync:
    """`ui.sync.ports.SyncPort` of a desk that agreed with its centre a minute ago."""

    feed: StatusFeed = field(default_factory=StatusFeed)
    prefetches: bool = True

    def connect(self, address: str, code: str) -> Joined:
        """Nothing is connected."""
        return Joined("SH01", "D01")

    def disconnect(self) -> None:
        """Nothing was connected."""

    def sync_now(self) -> None:
        """Nothing to exchange with."""

    def retry_unwritten(self) -> int:
        """All are written."""
        return 0

    def accept_log(self) -> None:
        """Nothing is wrong with it."""

    def check_everything(self) -> Checked:
        """Everything agrees."""
        return Checked(0, 0, 0, 0)

    def set_prefetching(self, wanted: bool) -> None:
        """Only remembered."""
        self.prefetches = wanted


def status_of(desk: Desk) -> SyncStatus:
    """How things stand in the scene."""
    now = desk.clock.now()
    with desk.database.read() as session:
        counts = counts_of(session.connection())
    return SyncStatus(
        state=SyncState.AGREED, unsent=counts.unsent, oldest_unsent_at=counts.oldest_unsent_at,
        last_agreed_at=now - timedelta(minutes=1), rejected=counts.rejected, conflicts=counts.conflicts,
        overridden=counts.overridden,
    )  # fmt: skip


def arrange(desk: Desk) -> None:
    """Write the scene."""
    now = desk.clock.now()
    _close_month(desk, now)
    _work(desk)
    with desk.database.exclusive() as raw:
        scene = _Scene(raw, now)
        scene.agree()
        scene.refuse()
        scene.lose()
        scene.secure()
        scene.replace()
        scene.read()
        scene.watch_log()


def _work(desk: Desk) -> None:
    """Some changes made at this desk, of which the scene is made up."""
    from app.customers.commands import CreateCustomer
    from app.inventory.commands import MoveUnit
    from app.inventory.queries import UnitFilter, list_units

    def do(command: Any) -> Any:
        return desk.dispatcher.execute(command, desk.actor).value

    for place, name in enumerate(("钱丽", "孙浩", "周敏", "吴倩")):
        do(CreateCustomer(kind="person", name=name, phone=f"1380000{1000 + place}"))
    for row, location in zip(desk.read(list_units, filter=UnitFilter(), limit=6).rows, "ABCDEF", strict=False):
        do(MoveUnit(unit_id=row.id, location=f"{location}-01"))


class _Scene:
    """One list of the Sync page after the other."""

    def __init__(self, raw: Any, now: datetime) -> None:
        self._raw, self._now = raw, now
        self._branch = self._one("SELECT branch_id FROM desk_state WHERE id = 1")[0]

    def _write(self, statement: str, *values: Any) -> None:
        self._raw.exec_driver_sql(statement, values)

    def _all(self, statement: str, *values: Any) -> Sequence[Any]:
        return self._raw.exec_driver_sql(statement, values).fetchall()  # type: ignore[no-any-return]

    def _one(self, statement: str, *values: Any) -> Any:
        return self._all(statement, *values)[0]

    def _at(self, **ago: float) -> int:
        return microseconds(self._now - timedelta(**ago))

    def agree(self) -> None:
        """The centre has everything but the last changes."""
        self._write(
            "UPDATE desk_state SET service_url = ?, last_agreed_at = ?, acknowledged_n ="
            f" (SELECT max(n) - {_WAITING} FROM outbox_operation) WHERE id = 1",
            SERVICE, self._at(minutes=1),
        )  # fmt: skip
        self._write(
            f"UPDATE outbox_operation SET created_at = ? WHERE n > (SELECT max(n) - {_WAITING} FROM outbox_operation)",
            self._at(seconds=40),
        )

    def refuse(self) -> None:
        """Two changes were refused."""
        for table, code, detail in (
            ("customer", "field_invalid", {"field": "phone"}),
            ("vehicle_unit", "vehicle_claimed", {"winner": {"number": "SH01-D03", "kind": "lease"}}),
        ):
            self._write(
                "UPDATE outbox_operation SET state = 'rejected', answered_at = ?, created_at = ?, result = ? WHERE n ="
                " (SELECT max(n) FROM outbox_operation, desk_state WHERE table_name = ? AND kind = 'put'"
                " AND n <= acknowledged_n)",
                self._at(minutes=9), self._at(minutes=10), json.dumps({"code": code, "detail": detail}), table,
            )  # fmt: skip

    def watch_log(self) -> None:
        """The log was checked, and was shorter once."""
        known = {"log": "a" * 32, "epoch": "e" * 32, "key_id": "3f" * 16, "signature": "d" * 128}
        before = known | {"size": 1204, "root": "5dc9da79" * 8, "at": self._at(days=3)}
        after = known | {"size": 1187, "root": "4e3bbb1f" * 8, "at": self._at(days=2)}
        head = known | {"size": 1206, "root": "76e67dad" * 8, "at": self._at(minutes=4), "public_key": "f" * 64,
                        "checked_at": self._at(minutes=4), "retired": 0}  # fmt: skip
        names = ", ".join(head)
        marks = ", ".join("?" * len(head))
        self._write(f"INSERT INTO log_head ({names}) VALUES ({marks})", *head.values())
        self._write(
            "INSERT INTO log_alarm (id, kind, detail, found_at, seen_at, before, after, public_key)"
            " VALUES (?, 'shorter', '', ?, ?, ?, ?, '')",
            new_id(), self._at(days=2), self._at(hours=3), json.dumps(before), json.dumps(after),
        )  # fmt: skip

    def lose(self) -> None:
        """One order lost to an order, one to a desk that has the vehicle secured."""
        orders = self._all(
            "SELECT o.id, o.vehicle_unit_id FROM sales_order o JOIN vehicle_unit u ON u.order_id = o.id"
            " WHERE o.state IN ('CONFIRMED', 'MANAGER_REVIEW', 'FINANCE_REVIEW') AND o.branch_id = ?"
            " AND u.allocation_state = 'ALLOCATED' ORDER BY o.ordered_at DESC LIMIT 2",
            self._branch,
        )  # fmt: skip
        until = microseconds(self._now + 5 * _HOUR)
        winners: list[dict[str, Any]] = [
            {"order_id": "c" * 32, "number": "SH01-SO-2026-000231", "at": self._at(minutes=25)},
            {"order_id": None, "number": "SH01-D03", "at": self._at(hours=2), "kind": "lease", "until": until},
        ]
        for (order_id, unit_id), winner in zip(orders, winners, strict=False):
            told = json.dumps({"branch_id": self._branch, "desk_code": "D03", **winner})
            self._write(
                "UPDATE sales_order SET claim_state = 'conflict', claim_winner = ? WHERE id = ?", told, order_id
            )
            self._write(
                "UPDATE vehicle_unit SET order_id = ?, allocation_state = ?, secured_until = ?, secured_for = ?"
                " WHERE id = ?",
                winner["order_id"], "ALLOCATED" if winner["order_id"] else "FREE", winner.get("until"),
                winner.get("until") and "SH01-D03", unit_id,
            )  # fmt: skip

    def secure(self) -> None:
        """Leases: two that count, one that ends soon, one that is over, one the headquarters ended."""
        units = self._all(
            "SELECT id, vin FROM vehicle_unit WHERE allocation_state = 'FREE' AND branch_id = ?"
            " AND secured_until IS NULL AND stock_state = 'IN_STOCK' AND quality_state = 'NORMAL'"
            " ORDER BY arrived_on DESC, id LIMIT 5",
            self._branch,
        )  # fmt: skip
        hybrid = HybridTime.parse(self._one("SELECT hybrid_time FROM desk_state WHERE id = 1")[0]).ms
        own = "-".join(
            self._one("SELECT b.code, d.desk_code FROM desk_state d JOIN branch b ON b.id = d.branch_id WHERE d.id = 1")
        )
        for (unit_id, vin), left, hours, refusal in zip(
            units, (71, 20, 1, -2, 30), (72, 24, 24, 24, 48), ("", "", "", "", "lease_ended"), strict=False
        ):
            until, taken = microseconds(self._now + left * _HOUR), microseconds(self._now + (left - hours) * _HOUR)
            self._write(
                "INSERT INTO vehicle_lease (vin, vehicle_id, lease_id, staff_id, at, until, taken_at, ends_at, seen_at,"
                " hybrid_ms, hours, wanted, given_back, refusal)"
                " VALUES (?, ?, ?, (SELECT id FROM staff_member LIMIT 1), ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
                vin, unit_id, unit_id, taken, until, taken, until, microseconds(self._now),
                max(hybrid, time.time_ns() // 1_000_000), hours, int(not refusal and left > 0), refusal,
            )  # fmt: skip
            if left > 0 and not refusal:
                self._write(
                    "UPDATE vehicle_unit SET secured_until = ?, secured_for = ? WHERE id = ?", until, own, unit_id
                )

    def replace(self) -> None:
        """Two fields that two desks changed."""
        people = self._all("SELECT id FROM customer ORDER BY id DESC LIMIT 2")
        staff = self._one("SELECT id FROM staff_member LIMIT 1")[0]
        clock = f"{int(self._now.timestamp() * 1000):012x}0001-{_OTHER}"
        self._write("INSERT INTO desk_name (short_name, branch_code, desk_code) VALUES (?, 'SH01', 'D03')", _OTHER)
        values = (("note", "周六下午来店试驾", "改为周日上午"), ("source", "walk_in", "referral"))
        for (customer,), (name, own, theirs) in zip(people, values, strict=False):
            self._write(
                f"UPDATE customer SET {name} = ?, field_clock = json_set(field_clock, '$.{name}', ?) WHERE id = ?",
                theirs, clock, customer,
            )  # fmt: skip
            self._write(
                "INSERT INTO overridden_value (table_name, record_id, field, n, own_value, own_at, own_staff_id,"
                " their_value, their_clock, noticed_at, state) VALUES ('customer', ?, ?, 1, ?, ?, ?, ?, ?, ?, 'open')",
                customer, name, json.dumps(own), self._at(hours=3), staff, json.dumps(theirs), clock,
                self._at(minutes=14),
            )  # fmt: skip

    def read(self) -> None:
        """Feeds were read, and something was put right."""
        for scope, seq in (("group", 2031), (self._branch, 18_412)):
            self._write("INSERT OR REPLACE INTO sync_cursor (scope, seq, sweeping) VALUES (?, ?, 0)", scope, seq)
        for table, fetched, buried, ago in (("vehicle_unit", 1, 1, 44), ("customer", 3, 0, 20)):
            self._write(
                "INSERT INTO sync_repair (at, scope, table_name, fetched, buried, read_again)"
                " VALUES (?, ?, ?, ?, ?, 0)",
                self._at(hours=ago), self._branch, table, fetched, buried,
            )  # fmt: skip


def _close_month(desk: Desk, now: datetime) -> None:
    """The month before the last was closed on its second day after."""
    from app.kernel.unit_of_work import unit_of_work

    month = Month.of(now).plus(-2)
    closed = month.ends_at + timedelta(days=1, hours=10)
    with unit_of_work(desk.database, actor=desk.actor, now=closed) as (uow, transaction):
        branch = uow.actor.branch_id
        figures = month_figures(uow.session, branch, month)
        uow.add(
            MonthClose(
                id=closing_id(branch, str(month), 1), branch_id=branch, month=str(month), round=1, state="CLOSED",
                closed_at=closed, closed_by_staff_id=uow.actor.staff_id, desk_code=uow.actor.desk_code, note="",
                orders=figures.orders, orders_total=figures.orders_total, revenue=figures.revenue,
                cancelled=figures.cancelled, delivered=figures.delivered, received=figures.received,
                payments=[one.stored() for one in figures.payments], stock_units=figures.stock_units,
                stock_value=figures.stock_value, postings=packed(postings_of(uow.session, branch, month)),
                reconciled_at=closed, reconciliation_digest="", looked_at=None, reopen_reason="",
            )
        )  # fmt: skip
        transaction.commit(name="CloseMonth")
