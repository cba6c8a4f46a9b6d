"""What a customer's day leaves behind, as the operations a desk sends: recorded once from the real handlers, then told
again for other customers, vehicles, branches and desks."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.payments.commands import ReceivePayment, RecordSale
from app.quotations.commands import DraftQuotation, ExtraTerms, InsuranceTerms, QuotationTerms
from db.engine import Database
from db.ids import new_id
from tests.factories.databases import build_template, open_copy
from tests.factories.people import SHANGHAI, actor_of, staff_of
from tests.factories.records import Records

Told = list[tuple[list[str], list[tuple[str, str, str, str]]]]
"""By push: the operations as JSON without numbers, and `(txn, kind, table, id)` of each."""

VISITORS = 2
"""Customers who were registered and given an offer, for each one who bought."""
_NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
_VIN = "LSVAA4180T2000001"
_NUMBER = re.compile(r"SH01-D01-([A-Z]{2})-(\d{6})")


class Story:
    """One sale with what belongs to it: the vehicle's arrival, the visitors who only asked, the offer, the order with
    earnest money, the balance. A push each, as a desk that is online sends them."""

    def __init__(self, folder: Path) -> None:
        self.seeded: Told = []
        """What was there before: staff and catalogue, to be sent once."""
        self._pushes: list[list[dict[str, Any]]] = []
        template = build_template(folder / "story-template.db")
        database = open_copy(template, folder / "story.db")
        try:
            self._record(database)
        finally:
            database.close()
        own = {one["id"] for push in self._pushes for one in push if one["kind"] == "put" and one.get("new")}
        own |= {one["txn"] for push in self._pushes for one in push}
        self._own = sorted(own)
        self._pattern = re.compile("|".join([*self._own, SHANGHAI.id, _VIN, _NUMBER.pattern]))
        self._texts = [[json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in p] for p in self._pushes]

    @property
    def operations(self) -> int:
        """How many a story has."""
        return sum(len(push) for push in self._pushes)

    @property
    def pushes(self) -> int:
        return len(self._pushes)

    def _record(self, database: Database) -> None:
        clock, actor = FixedClock(_NOON), actor_of(staff_of(Role.SALESPERSON))
        manager = actor_of(staff_of(Role.ADMINISTRATOR))
        records = Records(database, clock=clock, actor=manager)
        dispatcher = Dispatcher(database, clock=clock)
        trim = records.trim(parameters={"displacement": 1.5})
        last, before = _taken(database, after=0)
        self.seeded = [([json.dumps(one, ensure_ascii=False) for one in before], [_name(one) for one in before])]
        for step in _steps(records, dispatcher, actor, trim):
            step()
            last, made = _taken(database, after=last)
            self._pushes.append(made)

    def told(self, *, branch_id: str, branch_code: str, desk_code: str, serial: int) -> Told:
        """The story of another customer; `serial` is one that was not told yet."""
        fresh = {one: new_id() for one in self._own} | {SHANGHAI.id: branch_id, _VIN: f"LSVAA4180T{serial:07d}"}

        def other(match: re.Match[str]) -> str:
            found = match.group(0)
            kind = match.group(1)
            if kind is None:
                return fresh[found]
            return f"{branch_code}-{desk_code}-{kind}-{(serial * 10 + int(match.group(2))) % 1_000_000:06d}"

        told: Told = []
        for texts in self._texts:
            renamed = [self._pattern.sub(other, text) for text in texts]
            told.append((renamed, [_name(json.loads(text)) for text in renamed]))
        return told


def _steps(records: Records, dispatcher: Dispatcher, actor: Actor, trim: Any) -> list[Callable[[], object]]:
    """What happens, one after the other; each step is sent by itself."""
    known: dict[str, Any] = {}

    def arrive() -> None:
        known["unit"] = records.unit(trim, vin=_VIN).id

    def visit() -> None:
        customer = records.customer().id
        dispatcher.execute(DraftQuotation(customer_id=customer, terms=_terms(known["unit"])), actor)

    def buy() -> None:
        customer = records.customer().id
        sale = RecordSale(
            customer_id=customer, terms=_terms(known["unit"]), earnest_amount=Decimal("20000.00"),
            method="wechat_pay", reference="4200001234", planned_delivery=date(2026, 12, 6),
        )  # fmt: skip
        known["order"] = dispatcher.execute(sale, actor).value.order_id

    def pay() -> None:
        dispatcher.execute(
            ReceivePayment(
                order_id=known["order"], kind="instalment", method="transfer", amount=Decimal("50000.00"),
                reference="4200001235",
            ),
            actor_of(staff_of(Role.CASHIER)),
        )  # fmt: skip

    return [arrive, *[visit] * VISITORS, buy, pay]


def _terms(unit_id: str) -> QuotationTerms:
    return QuotationTerms(
        vehicle_unit_id=unit_id, discount=Decimal("5000.00"),
        options=(ExtraTerms(name_zh="全车贴膜", name_en="Window film", amount=Decimal("2800.00")),),
        services=(ExtraTerms(name_zh="代办上牌", name_en="Registration", amount=Decimal("500.00")),),
        insurance=InsuranceTerms(third_party_limit=Decimal("2000000.00")),
    )  # fmt: skip


def _taken(database: Database, *, after: int) -> tuple[int, list[dict[str, Any]]]:
    """What was made after operation `after`, and the number of the last."""
    with database.read() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT n, body FROM outbox_operation WHERE n > ? ORDER BY n", (after,)
        )
        made = [(row[0], json.loads(row[1])) for row in rows]
    return max(n for n, _ in made), [body for _, body in made]


def _name(operation: dict[str, Any]) -> tuple[str, str, str, str]:
    return operation["txn"], operation["kind"], operation["table"], operation["id"]
