"""A desk that sells, for the tests of quotations, orders, payments and contracts: each step as a command."""

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Self

from sqlalchemy import select, text

from app.contracts.commands import (
    ClauseAcknowledgement,
    ContractDrafted,
    ContractSigned,
    DraftContract,
    LockContract,
    SealContract,
    SignContract,
)
from app.contracts.preparing import prepare_seal
from app.contracts.queries import ContractDetail, get_contract
from app.kernel.clock import FixedClock
from app.kernel.commands import Command
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.orders.commands import OrderPlaced, PlaceOrder
from app.payments.commands import PaymentReceived, ReceivePayment
from app.quotations.commands import DraftQuotation, InsuranceTerms, QuotationDrafted, QuotationTerms
from db.capture import Author
from db.engine import Database
from db.models.catalog import Trim
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from tests.factories.people import actor_of, staff_of
from tests.factories.records import Records

DELIVERY = date(2026, 12, 6)


class SaleDesk:
    """王芳 sells a petrol car of 150,000 (floor 139,000) to 张伟; 赵敏 manages, 陈静 keeps the cash."""

    def __init__(self, dispatcher: Dispatcher, records: Records, clock: FixedClock) -> None:
        self._sit_down(dispatcher, records, clock)
        self.trim: Trim = records.trim(parameters={"displacement": 1.5})
        self.customer: Customer = records.customer()

    @classmethod
    def reopened(cls, database: Database, clock: FixedClock) -> Self:
        """The same people at a database that was written before; it makes no records."""
        desk = cls.__new__(cls)
        seller = actor_of(staff_of(Role.SALESPERSON))
        desk._sit_down(Dispatcher(database, clock=clock), Records(database, clock=clock, actor=seller), clock)
        return desk

    def _sit_down(self, dispatcher: Dispatcher, records: Records, clock: FixedClock) -> None:
        self.dispatcher = dispatcher
        self.records = records
        self.clock = clock
        self.seller = actor_of(staff_of(Role.SALESPERSON))
        self.manager = actor_of(staff_of(Role.BRANCH_MANAGER))
        self.cashier = actor_of(staff_of(Role.CASHIER))
        self.administrator = actor_of(staff_of(Role.ADMINISTRATOR))
        self.colleague = replace(self.seller, staff_id="5" * 31 + "2", name="李强")

    def unit(self, **values: Any) -> VehicleUnit:
        """A further unit of the trim."""
        return self.records.unit(self.trim, **values)

    def do(self, command: Command, actor: Actor | None = None) -> Any:
        """Execute a command as the salesperson unless somebody is named; returns the handler's value."""
        return self.dispatcher.execute(command, actor or self.seller).value

    def read(self, function: Any, *args: Any, actor: Actor | None = None, **kwargs: Any) -> Any:
        """Read as the salesperson unless somebody is named."""
        return self.dispatcher.read(function, actor or self.seller, *args, **kwargs)

    def row(self, model: Any, record_id: str) -> Any:
        """The stored row as it stands now."""
        with self.dispatcher.database.read() as session:
            return session.get_one(model, record_id)

    def rows(self, model: Any, **equal: Any) -> list[Any]:
        """All stored rows with these values, in the order of their ids."""
        with self.dispatcher.database.read() as session:
            return list(session.scalars(select(model).filter_by(**equal).order_by(model.id)))

    def change(self, model: Any, record_id: str, **values: Any) -> None:
        """Change a row as sync or another desk would have."""
        author = Author(self.seller.staff_id, self.seller.branch_id, "D02")
        with self.dispatcher.database.transaction(now=self.clock.now(), author=author) as transaction:
            row = transaction.session.get_one(model, record_id)
            for name, value in values.items():
                setattr(row, name, value)
            transaction.commit(name="Elsewhere")

    def operations(self, kind: str) -> list[Any]:
        """The bodies of queued operations of a kind, as text."""
        with self.dispatcher.database.read() as session:
            query = text("SELECT body FROM outbox_operation WHERE kind = :kind ORDER BY n")
            return list(session.execute(query, {"kind": kind}).scalars())

    def terms(self, unit: VehicleUnit | None = None, **changes: Any) -> QuotationTerms:
        """Usual terms: 5,000 off, full insurance."""
        usual = QuotationTerms(
            vehicle_unit_id=(unit or self.unit()).id,
            discount=Decimal("5000.00"),
            insurance=InsuranceTerms(third_party_limit=Decimal("2000000.00")),
        )
        return replace(usual, **changes)

    def quote(self, unit: VehicleUnit | None = None, **changes: Any) -> QuotationDrafted:
        """A stored offer."""
        value = self.do(DraftQuotation(customer_id=self.customer.id, terms=self.terms(unit, **changes)))
        assert isinstance(value, QuotationDrafted)
        return value

    def order(self, unit: VehicleUnit | None = None, **changes: Any) -> OrderPlaced:
        """A confirmed order with a day of delivery."""
        quoted = self.quote(unit, **changes)
        place = PlaceOrder(quotation_id=quoted.quotation_id, expected_revision=1, planned_delivery=DELIVERY)
        value = self.do(place)
        assert isinstance(value, OrderPlaced)
        return value

    def pay(self, order_id: str, amount: str, kind: str = "earnest_money", **changes: Any) -> PaymentReceived:
        """Money received in cash."""
        given = {"order_id": order_id, "kind": kind, "method": "cash", "amount": Decimal(amount)}
        value = self.do(ReceivePayment(**(given | changes)))
        assert isinstance(value, PaymentReceived)
        return value

    def lose_claim(self, order_id: str) -> None:
        """The centre has given the unit to another desk's order."""
        winner = {"order_id": "f" * 32, "number": "HZ01-D01-SO-000007", "branch_id": "b" * 31 + "2", "desk_code": "D01"}
        told = {"at": 1_795_320_000_000_000, "staff_id": "5" * 31 + "8"}
        self.change(SalesOrder, order_id, claim_state="conflict", claim_winner=winner | told)

    def draft_contract(self, order_id: str, **changes: Any) -> ContractDrafted:
        """A drafted contract."""
        value = self.do(DraftContract(order_id=order_id, **changes))
        assert isinstance(value, ContractDrafted)
        return value

    def locked_contract(self, order_id: str | None = None) -> str:
        """The id of a contract ready to sign."""
        drafted = self.draft_contract(order_id or self.paid_order())
        self.do(
            LockContract(
                contract_id=drafted.contract_id, expected_revision=drafted.revision, shown_digest=drafted.digest
            )
        )
        return drafted.contract_id

    def paid_order(self) -> str:
        """The id of an order with 20,000 earnest money."""
        order_id: str = self.order().order_id
        self.pay(order_id, "20000.00")
        return order_id

    def signature(self, contract_id: str, party: str = "buyer", **changes: Any) -> SignContract:
        """The command with which a party signs, everything in order."""
        detail = self.read(get_contract, contract_id)
        seen = tuple(ClauseAcknowledgement(clause_id=clause.id, at=self.clock.now()) for clause in detail.clauses)
        command = SignContract(
            contract_id=contract_id,
            expected_revision=detail.row.revision,
            party=party,
            signer_name=detail.dealer_name if party == "dealer" else _signer(detail, party),
            strokes=hand(4 if party == "dealer" else 1),
            acknowledgements=() if party == "dealer" else seen,
            shown_digest=detail.shown_digest,
            identity_check="identity card seen",
            pen="pen",
        )
        return replace(command, **changes)

    def signed_contract(self) -> str:
        """The id of a contract both parties have signed."""
        contract_id = self.locked_contract()
        for party in ("buyer", "dealer"):
            signed = self.do(self.signature(contract_id, party))
            assert isinstance(signed, ContractSigned)
            assert signed.revision == self.read(get_contract, contract_id).row.revision, "one can go on from there"
        return contract_id

    def seal(self, contract_id: str, **changes: Any) -> SealContract:
        """The command that seals, prepared."""
        prepared = self.read(prepare_seal, contract_id)
        revision = self.read(get_contract, contract_id).row.revision
        return replace(SealContract(contract_id=contract_id, expected_revision=revision, prepared=prepared), **changes)

    def sealed_contract(self) -> str:
        """The id of a sealed contract."""
        contract_id = self.signed_contract()
        self.do(self.seal(contract_id))
        return contract_id


def _signer(detail: ContractDetail, code: str) -> str:
    return next(party.signer for party in detail.parties if party.code == code)


def hand(seed: int) -> list[list[tuple[float, float, float, float]]]:
    """Something that moves like a pen: six loops of forty points, in pixels."""
    return [[_point(index, number=number, seed=seed) for index in range(40)] for number in range(6)]


def _point(index: int, *, number: int, seed: int) -> tuple[float, float, float, float]:
    turn = index / 39 * (3 + (seed + number) % 4) * math.pi / 2
    return (number * 400 + 8 * index, 20 + 42 * number + index + 11 * math.cos(turn), 60 + 28 * math.sin(turn), 0.6)
