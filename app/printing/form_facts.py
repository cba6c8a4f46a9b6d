"""What pre-printed forms are filled with, by name, as words: from a document's or a payment's records."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from app.contracts.documents.reading import Records, facts_of
from app.contracts.kinds.facts import DocumentFacts
from app.documents.chinese_amounts import amount_in_capitals
from app.documents.paper_data import PaperVehicle, Words
from app.documents.wording import branch_date, figure
from app.kernel.errors import RecordNotFound
from app.kernel.unit_of_work import Reader
from app.printing.papers import VIEWS
from app.printing.rules import PrintSource
from app.quotations.calculation import live
from app.runtime.language import CHINESE
from db.models.contracts import Contract
from db.models.customers import Customer
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.staff import StaffMember

FACTS = frozenset(
    {
        "amount", "amount_words", "certificate_number", "customer", "customer_address", "customer_identity",
        "customer_phone", "date", "day", "energy", "engine_number", "exterior", "handled_by", "house", "house_phone",
        "method", "model_year", "month", "number", "order_number", "outstanding", "purpose", "reference", "vehicle",
        "vin", "year",
    }
)  # fmt: skip
"""All names a form may ask for."""


def form_values(reader: Reader, source: PrintSource, record_id: str) -> dict[str, str]:
    """Every fact of a contract or a payment by its name, empty where the record has none; in Chinese, as such forms
    are. Raises RecordNotFound, PermissionDenied."""
    reader.require(VIEWS[source])
    if source is PrintSource.RECEIPT:
        payment = live(reader.session, Payment, record_id, field="record_id")
        order_id, customer_id, number = payment.order_id, payment.customer_id, payment.number
        day, branch_id = branch_date(payment.received_at), payment.branch_id
    else:
        contract = live(reader.session, Contract, record_id, field="record_id")
        payment = None
        order_id, customer_id, number = contract.order_id, contract.customer_id, contract.number
        day, branch_id = branch_date(reader.now), contract.branch_id
    customer = reader.session.get(Customer, customer_id)
    if customer is None:
        raise RecordNotFound(field="record_id")
    order = reader.session.get(SalesOrder, order_id) if order_id else None
    facts = facts_of(
        reader.session, Records(branch_id=branch_id, customer=customer, order=order, payment=payment),
        number=number, drafted_at=reader.now, handled_by=reader.session.get(StaffMember, reader.actor.staff_id),
    )  # fmt: skip
    return dict.fromkeys(FACTS, "") | _common(facts, day) | _about(facts)


def _common(facts: DocumentFacts, day: date) -> dict[str, str]:
    return {
        "number": facts.number,
        "house": _zh(facts.house_name),
        "house_phone": facts.house.phone,
        "customer": facts.customer.name,
        "customer_identity": facts.customer.identity,
        "customer_phone": facts.customer.phone,
        "customer_address": facts.customer.address,
        "handled_by": facts.handled_by,
        "date": f"{day.year}年{day.month}月{day.day}日",
        "year": str(day.year),
        "month": str(day.month),
        "day": str(day.day),
    }


def _about(facts: DocumentFacts) -> dict[str, str]:
    said: dict[str, str] = {}
    if facts.order is not None:
        said |= _vehicle(facts.order.vehicle) | _money(facts.order.total)
        said |= {"order_number": facts.order.number, "outstanding": figure(facts.order.outstanding)}
    if facts.payment is not None:
        said |= _money(facts.payment.amount) | {
            "purpose": _zh(facts.payment.purpose),
            "method": _zh(facts.payment.method),
            "reference": facts.payment.reference,
            "order_number": facts.payment.order_number,
        }
    return said


def _money(amount: Decimal) -> dict[str, str]:
    return {"amount": figure(amount), "amount_words": amount_in_capitals(amount)}


def _vehicle(vehicle: PaperVehicle) -> dict[str, str]:
    shown: Callable[[Words | None], str] = lambda words: _zh(words) if words is not None else ""  # noqa: E731
    return {
        "vehicle": _zh(vehicle.name),
        "vin": vehicle.vin,
        "engine_number": vehicle.engine_number,
        "certificate_number": vehicle.certificate_number,
        "exterior": shown(vehicle.exterior),
        "energy": shown(vehicle.energy),
        "model_year": str(vehicle.model_year or ""),
    }


def _zh(words: Words) -> str:
    return words.in_language(CHINESE)
