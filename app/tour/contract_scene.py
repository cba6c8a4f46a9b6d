"""Documents at every stage of their life, for the pictures: drafted, waiting, signed, sealed, held, ended, to destroy.

Made with the desk's own commands in a throwaway demo branch; only the day of what is old is written past the rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.archive.commands import ExportEvidence, PlaceLegalHold, ProposeDisposal
from app.archive.indexing import tend_whole_archive
from app.clauses.clause_queries import get_clause
from app.clauses.commands import ProposeText, SaveClauseDraft
from app.clauses.rules import TextSort
from app.contracts.after_signing.termination_commands import TerminateContract
from app.contracts.after_signing.termination_rules import TerminationGround
from app.contracts.commands import ClauseAcknowledgement, DraftContract, LockContract, SealContract, SignContract
from app.contracts.documents.commands import DraftDocument
from app.contracts.documents.queries import document_form
from app.contracts.documents.reading import About
from app.contracts.kinds.roles import PartyRole, acknowledges
from app.contracts.preparing import prepare_seal
from app.contracts.queries import contract_document, get_contract
from app.contracts.signers.identity_commands import CheckIdentityDocument, NoteIdentityNotice
from app.contracts.signers.party_commands import PartyEntry, SetContractParties
from app.contracts.templates.in_force import clause_id
from app.customers.rules import CustomerKind, IdentityKind
from app.inventory.holding import promise_of
from app.inventory.rules import AllocationState, QualityState, StockState
from app.kernel.clock import branch_date
from app.kernel.commands import Command
from app.kernel.permissions import Actor, Role, actor_for
from app.orders.commands import PlaceOrder
from app.payments.commands import ReceivePayment
from app.quotations.commands import DraftQuotation, QuotationTerms
from app.runtime.language import CHINESE
from app.wiring.desk import Desk
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.staff import StaffMember
from db.types import microseconds

CLAUSE = clause_id("vehicle_sale.delivery.storage")
"""A clause of which the house has written a version of its own."""
_LONG_AGO = datetime(2022, 5, 16, 6, 30, tzinfo=UTC)
"""A test drive of that day is kept until the end of 2025."""
_ORDERS = 4
_CO_BUYER = PartyEntry(
    role=PartyRole.CO_BUYER.value, name="李娜", identity_number="310115199005170222", phone="13900139001",
    email="lina@example.com", address="上海市浦东新区张江路 8 号",
)  # fmt: skip
_GUARANTOR = PartyEntry(
    role=PartyRole.GUARANTOR.value, name="张建国", identity_number="310115195503020317", phone="13700137002",
    address="上海市杨浦区国权路 20 号",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractScene:
    """The ids of what stands there, and files to be checked."""

    order: str
    """An order that has no document yet."""
    draft: str
    unsigned: str
    """A sales contract for four to sign: the buyer is next, whose card was compared, and is another one's."""
    unsigned_order: str
    awaited: str
    """Locked; its customer signs next."""
    half_signed: str
    """The customer has signed; the dealer signs next."""
    sealed: str
    contract: str
    """A sales contract in force: something was agreed for a day, and a legal hold rests on it."""
    terminated: str
    old: str
    """The time for which it has to be kept is over."""
    package: Path
    pdf: Path
    tampered: Path


def arrange_contracts(desk: Desk, folder: Path) -> ContractScene:
    """Write the documents, and the files into `folder`."""
    return _Author(desk, folder).scene()


@dataclass(frozen=True, slots=True)
class _Order:
    id: str
    customer_id: str


class _Author:
    """Writes as the administrator, and as the manager where two people are needed."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self._desk, self._folder = desk, folder
        self._actor, self._manager = self._person(Role.ADMINISTRATOR), self._person(Role.BRANCH_MANAGER)
        self._unit = self._units()[-1]

    def _person(self, role: Role) -> Actor:
        """Somebody of the branch."""
        seat = self._desk.actor
        query = select(StaffMember).where(StaffMember.role == role.value, StaffMember.branch_id == seat.branch_id)
        with self._desk.database.read() as session:
            member = session.scalars(query.limit(1)).one()
        return actor_for(
            staff_id=member.id, name=member.name, role=role, branch_id=seat.branch_id, branch_code=seat.branch_code,
            desk_code=seat.desk_code,
        )  # fmt: skip

    def scene(self) -> ContractScene:
        """Everything, the contracts first: their numbers come before those of what follows from them."""
        first, second, third, last = self._orders()
        contract, terminated = self._sale(first), self._sale(second)
        for contract_id in (contract, terminated):
            self._sealed(contract_id)
        self._hold(contract)
        self._terminate(terminated)
        unsigned = self._for_four(third)
        customer = About(customer_id=first.customer_id)
        sealed = self._sealed(self._document("privacy_consent", customer, _CONSENT))
        awaited, half_signed, old, listed = (self._test_drive(one) for one in (first, second, third, last))
        self._lock(awaited)
        self._lock(half_signed)
        self._sign(half_signed, PartyRole.CUSTOMER.value)
        self._grow_old(self._sealed(old), self._sealed(listed))
        self._list(listed)
        draft = self._document("delivery_note", About(order_id=third.id), _HANDED_OVER)
        self._house_clause()
        tend_whole_archive(self._desk.database)
        return ContractScene(
            order=last.id, draft=draft, unsigned=unsigned, unsigned_order=third.id, awaited=awaited,
            half_signed=half_signed, sealed=sealed, contract=contract, terminated=terminated, old=old,
            **self._files(contract),
        )  # fmt: skip

    def _do(self, command: Command, *, by: Actor | None = None) -> Any:
        return self._desk.dispatcher.execute(command, by or self._actor).value

    def _read(self, query: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self._desk.dispatcher.read(query, self._actor, *args, **kwargs)

    def _orders(self) -> list[_Order]:
        """Orders with earnest money whose vehicle the centre has given to them."""
        orders = [self._order(customer, unit) for customer, unit in zip(self._people(), self._units(), strict=True)]
        with self._desk.database.exclusive() as raw:
            for order in orders:
                raw.exec_driver_sql("UPDATE sales_order SET claim_state = 'confirmed' WHERE id = ?", (order.id,))
        return orders

    def _people(self) -> list[str]:
        query = select(Customer.id).where(
            Customer.branch_id == self._desk.actor.branch_id, Customer.kind == CustomerKind.PERSON,
            Customer.identity_kind == IdentityKind.IDENTITY_CARD, Customer.identity_number != "",
        )  # fmt: skip
        with self._desk.database.read() as session:
            return list(session.scalars(query.order_by(Customer.id).limit(_ORDERS)))

    def _units(self) -> list[str]:
        """Free units of the branch that no transfer gives away, those that came last first."""
        query = select(VehicleUnit).where(
            VehicleUnit.branch_id == self._desk.actor.branch_id, VehicleUnit.secured_until.is_(None),
            VehicleUnit.allocation_state == AllocationState.FREE, VehicleUnit.stock_state == StockState.IN_STOCK,
            VehicleUnit.quality_state == QualityState.NORMAL,
        )  # fmt: skip
        with self._desk.database.read() as session:
            free = session.scalars(query.order_by(VehicleUnit.arrived_on.desc(), VehicleUnit.id))
            return [unit.id for unit in free if promise_of(session, unit) is None][:_ORDERS]

    def _order(self, customer_id: str, unit_id: str) -> _Order:
        quoted = self._do(DraftQuotation(customer_id=customer_id, terms=QuotationTerms(vehicle_unit_id=unit_id)))
        day = branch_date(self._desk.clock.now()) + timedelta(days=14)
        placed = self._do(PlaceOrder(quotation_id=quoted.quotation_id, expected_revision=1, planned_delivery=day))
        order_id = placed.order_id
        self._do(ReceivePayment(order_id=order_id, kind="earnest_money", method="cash", amount=Decimal("20000.00")))
        return _Order(order_id, customer_id)

    # --- documents -------------------------------------------------------------------------------

    def _sale(self, order: _Order) -> str:
        return str(self._do(DraftContract(order_id=order.id, language=CHINESE)).contract_id)

    def _for_four(self, order: _Order) -> str:
        """A contract with a co-buyer and a guarantor; the buyer's name was compared with another one's card."""
        contract_id = self._sale(order)
        self._do(
            SetContractParties(
                contract_id=contract_id, expected_revision=self._revision(contract_id), parties=(_CO_BUYER, _GUARANTOR)
            )
        )
        self._sale(order)
        self._lock(contract_id)
        buyer = PartyRole.BUYER.value
        self._do(NoteIdentityNotice(contract_id=contract_id, party=buyer, language=CHINESE))
        self._do(
            CheckIdentityDocument(
                contract_id=contract_id, party=buyer, name=_GUARANTOR.name, number=_GUARANTOR.identity_number
            )
        )
        return contract_id

    def _test_drive(self, order: _Order) -> str:
        about = About(customer_id=order.customer_id, unit_id=self._unit)
        return self._document("test_drive", about, _DRIVE)

    def _document(self, kind: str, about: About, entries: Mapping[str, Any]) -> str:
        """A draft, filled in with what the rows know and these entries."""
        begun = self._read(document_form, kind, about).entries
        command = DraftDocument(
            kind=kind, entries=begun | dict(entries), customer_id=about.customer_id, order_id=about.order_id,
            unit_id=about.unit_id,
        )  # fmt: skip
        return str(self._do(command).contract_id)

    # --- signing ---------------------------------------------------------------------------------

    def _revision(self, contract_id: str) -> int:
        return int(self._read(get_contract, contract_id).row.revision)

    def _lock(self, contract_id: str) -> None:
        detail = self._read(get_contract, contract_id)
        self._do(
            LockContract(
                contract_id=contract_id, expected_revision=detail.row.revision, shown_digest=detail.shown_digest
            )
        )

    def _sign(self, contract_id: str, party: str) -> None:
        detail, now = self._read(get_contract, contract_id), self._desk.clock.now()
        seen = tuple(ClauseAcknowledgement(clause_id=clause.id, at=now) for clause in detail.clauses)
        signer = next(one.signer for one in detail.parties if one.code == party)
        self._do(
            SignContract(
                contract_id=contract_id, expected_revision=detail.row.revision, party=party, strokes=_HAND,
                signer_name=signer if acknowledges(party) else self._actor.name,
                acknowledgements=seen if acknowledges(party) else (), shown_digest=detail.shown_digest, pen="pen",
            )
        )  # fmt: skip

    def _sealed(self, contract_id: str) -> str:
        """Signed by everybody whose turn comes, and sealed."""
        self._lock(contract_id)
        while missing := self._read(get_contract, contract_id).missing:
            self._sign(contract_id, missing[0])
        prepared = self._read(prepare_seal, contract_id)
        revision = self._revision(contract_id)
        self._do(SealContract(contract_id=contract_id, expected_revision=revision, prepared=prepared))
        return contract_id

    # --- afterwards ------------------------------------------------------------------------------

    def _hold(self, contract_id: str) -> None:
        self._do(PlaceLegalHold(contract_id=contract_id, reason="客户就交付日期提起诉讼，案号（2026）沪0115民初1021号"))

    def _terminate(self, contract_id: str) -> None:
        self._do(
            TerminateContract(
                contract_id=contract_id, expected_revision=self._revision(contract_id),
                ground=TerminationGround.AGREEMENT.value, reason="客户工作调动，双方书面同意解除。",
                terminated_on=branch_date(self._desk.clock.now()),
            )
        )  # fmt: skip

    def _grow_old(self, *contract_ids: str) -> None:
        """Their time was over before the program was written: nothing but the day is changed."""
        with self._desk.database.exclusive() as raw:
            for contract_id in contract_ids:
                raw.exec_driver_sql(
                    "UPDATE contract SET sealed_at = ?, drafted_at = ? WHERE id = ?",
                    (microseconds(_LONG_AGO), microseconds(_LONG_AGO), contract_id),
                )  # fmt: skip

    def _list(self, contract_id: str) -> None:
        """The manager proposes to destroy it."""
        self._do(ProposeDisposal(contract_ids=(contract_id,), reason="保管期满，已无争议。"), by=self._manager)

    def _house_clause(self) -> None:
        """A version of the house's own waits for a second person."""
        clause = self._read(get_clause, CLAUSE)
        row, text = clause.row, clause.current.text
        version_id = self._do(
            SaveClauseDraft(
                code=row.code, title_zh=row.title.zh, title_en=row.title.en, tags=row.tags, kinds=text.kinds,
                text_zh=text.zh + "保管期间的风险由卖方承担。",
                text_en=text.en + " The Seller bears the risk while it keeps the vehicle.",
                limits_customer=text.limits_customer, conditions=text.conditions,
                effective_from=branch_date(self._desk.clock.now()) + timedelta(days=7), basis="《民法典》第六百零四条",
                reason="客户多次询问保管期间的风险",
            ),
            by=self._manager,
        )  # fmt: skip
        self._do(ProposeText(sort=TextSort.CLAUSE, version_id=version_id, expected_revision=1), by=self._manager)

    def _files(self, contract_id: str) -> dict[str, Path]:
        """A package of evidence, the sealed file, and the same with one byte changed."""
        exported = self._do(ExportEvidence(contract_id=contract_id, reason="供委托律师查阅"))
        pdf = self._read(contract_document, contract_id).content
        middle = len(pdf) // 3
        changed = pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :]
        files = {"package": (exported.name, exported.content), "pdf": ("contract.pdf", pdf),
                 "tampered": ("changed.pdf", changed)}  # fmt: skip
        for name, content in files.values():
            (self._folder / name).write_bytes(content)
        return {key: self._folder / name for key, (name, _content) in files.items()}


_CONSENT = {"sensitive": "yes", "share_insurer": "no", "share_bank": "no", "marketing": "yes"}
_HANDED_OVER = {"energy_percent": "80", "invoice_number": "131002600012"}
_DRIVE = {
    "licence_number": "31010519900101123X", "licence_class": "C1", "licence_valid_until": "2030-05-01",
    "plate": "沪A88888", "starts_at": "14:30", "returns_at": "15:15", "odometer_out": "1204",
    "route": "沪南公路—张江路—返回门店", "passengers": "1",
}  # fmt: skip
_HAND = [
    [(900.0 * line + 18.0 * step, 40 + 60 * line + 1.4 * step, 70 + (26 if step % 8 < 4 else -18) * (step % 4) / 3, 0.6)
     for step in range(40)]
    for line in range(4)
]  # fmt: skip
"""Moves like a pen: milliseconds, x, y, pressure."""
