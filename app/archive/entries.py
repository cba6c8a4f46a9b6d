"""What a document is looked for by, gathered from its rows: the fields of its entry and the terms of its words."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.archive.rules import kept_until
from app.contracts.kinds.registry import KINDS, SALE, EntryType
from app.contracts.rules import CLOSED, ContractState
from app.kernel.chinese_names import name_pinyin
from app.kernel.clock import branch_date
from db.archive_words import code_terms, name_terms, text_terms, whole_terms
from db.models.contracts import Contract
from db.models.customers import Customer, CustomerVehicle
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.signing import ContractParty
from db.models.staff import StaffMember


@dataclass(frozen=True, slots=True)
class Subjects:
    """The records a document names; None for those it is not about."""

    customer: Customer | None
    order: SalesOrder | None
    unit: VehicleUnit | None
    vehicle: CustomerVehicle | None
    payment: Payment | None
    salesperson: StaffMember | None
    parties: tuple[str, ...]
    """Names of the parties and of who signs for them."""


def subjects_of(session: Session, contract: Contract) -> Subjects:
    """Read what a document is about."""
    order = session.get(SalesOrder, contract.order_id) if contract.order_id else None
    unit_id = contract.vehicle_unit_id or (order.vehicle_unit_id if order is not None else None)
    staff_id = contract.handled_by_staff_id or (order.salesperson_id if order is not None else None)
    parties = session.execute(
        select(ContractParty.name, ContractParty.representative)
        .where(ContractParty.contract_id == contract.id, ContractParty.deleted_at.is_(None))
        .order_by(ContractParty.place)
    )
    return Subjects(
        customer=session.get(Customer, contract.customer_id),
        order=order,
        unit=session.get(VehicleUnit, unit_id) if unit_id else None,
        vehicle=session.get(CustomerVehicle, contract.customer_vehicle_id) if contract.customer_vehicle_id else None,
        payment=session.get(Payment, contract.payment_id) if contract.payment_id else None,
        salesperson=session.get(StaffMember, staff_id) if staff_id else None,
        parties=tuple(dict.fromkeys(name for row in parties for name in row if name)),
    )


def fields_of(contract: Contract, about: Subjects) -> dict[str, Any]:
    """The fields of the entry, but for its number and what was read."""
    kind = KINDS.get(contract.template_code, KINDS[SALE])
    closed = contract.state in CLOSED
    drafted = contract.drafted_at or contract.created_at
    return {
        "contract_id": contract.id,
        "branch_id": contract.branch_id,
        "kind": contract.template_code,
        "state": contract.state,
        "template_version": contract.template_version,
        "customer_id": contract.customer_id,
        "order_id": contract.order_id,
        "vehicle_unit_id": about.unit.id if about.unit is not None else None,
        "salesperson_id": about.salesperson.id if about.salesperson is not None else None,
        "amount": amount_of(contract, about),
        "drafted_on": branch_date(drafted),
        "sealed_on": branch_date(contract.sealed_at) if contract.sealed_at is not None else None,
        "kept_until": kept_until(kind.retention, contract.sealed_at or contract.updated_at) if closed else None,
        "sealed_digest": contract.sealed_digest,
        "stamped": contract.stamped_at is not None,
    }


def amount_of(contract: Contract, about: Subjects) -> Decimal | None:
    """What the document is about in money: the payment, else the first amount somebody entered, else the order's."""
    if about.payment is not None:
        return about.payment.amount
    kind = KINDS.get(contract.template_code)
    entered = contract.form_entries or {}
    for entry in kind.entries if kind is not None else ():
        if entry.type is EntryType.MONEY and entered.get(entry.name):
            try:
                return Decimal(str(entered[entry.name])).quantize(Decimal("0.01"))
            except InvalidOperation:
                break
    return about.order.on_road_total if about.order is not None else None


def terms_of(contract: Contract, about: Subjects, text: str) -> set[str]:
    """All that finds the document; of a destroyed one its numbers and digests."""
    terms = text_terms(text)
    for name in _names(about) if contract.state != ContractState.DISPOSED else ():
        pinyin = name_pinyin(name)
        terms |= text_terms(name) | name_terms(name)
        for spelt in (pinyin.full, pinyin.full.replace(" ", ""), pinyin.initials):
            terms |= name_terms(spelt)
    for code in _codes(contract, about):
        terms |= code_terms(code)
    amount = amount_of(contract, about)
    if amount is not None:
        terms |= whole_terms(str(int(amount)))
    for digest in (contract.data_digest, contract.document_digest, contract.sealed_digest, contract.stamped_digest):
        terms |= whole_terms(digest)
    return terms


def _names(about: Subjects) -> Iterable[str]:
    names = [*about.parties]
    if about.customer is not None:
        names += [about.customer.name, about.customer.contact_name or ""]
    if about.salesperson is not None:
        names.append(about.salesperson.name)
    return dict.fromkeys(name for name in names if name)


def _codes(contract: Contract, about: Subjects) -> Iterable[str]:
    codes = [contract.number]
    if about.order is not None:
        codes += [about.order.number, about.order.final_number or ""]
    if about.unit is not None:
        codes += [about.unit.vin, about.unit.stock_number]
    if about.vehicle is not None:
        codes += [about.vehicle.vin, about.vehicle.plate]
    if about.payment is not None:
        codes.append(about.payment.number)
    entered = contract.form_entries or {}
    codes += [str(entered[name]) for name in ("plate", "vin") if entered.get(name)]
    return dict.fromkeys(code for code in codes if code)
