"""What a document is drawn from: frozen facts of the records it is about, nothing of the database."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.documents.paper_data import PaperAmendment, PaperDeposit, PaperLine, PaperParty, PaperPlan, PaperVehicle, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """An order as its rows stand. `outstanding` is what is still to pay; `contract_number` of a contract signed over
    it, or empty."""

    number: str
    vehicle: PaperVehicle
    lines: tuple[PaperLine, ...]
    total: Decimal
    contract_price: Decimal
    earnest_limit: Decimal
    outstanding: Decimal
    salesperson: str
    delivery_place: Words
    delivery_on: date | None = None
    deposit: PaperDeposit | None = None
    earnest_received: PaperDeposit | None = None
    plan: PaperPlan | None = None
    new_energy: bool = False
    used: bool = False
    """Whether somebody has owned the vehicle before."""
    contract_number: str = ""
    received: Decimal = Decimal("0.00")
    """What came in for it altogether, contra entries taken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairFact:
    """One repair of a unit before its sale."""

    part: Words
    finding: str
    repair: str
    done_on: date
    done_by: str = ""
    safety: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """A unit in stock, with the repairs its inspections know of."""

    vehicle: PaperVehicle
    repairs: tuple[RepairFact, ...] = ()
    inspected_on: date | None = None
    inspector: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts:
    """A payment received. `nature` is the condition its clauses go by; `outstanding` what was still owed then."""

    number: str
    nature: str
    purpose: Words
    method: Words
    amount: Decimal
    received_at: datetime
    reference: str = ""
    order_number: str = ""
    vehicle: PaperVehicle | None = None
    order_total: Decimal | None = None
    outstanding: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerVehicleFacts:
    """A customer's vehicle as the workshop knows it, its coming appointment and its last authorisation."""

    name: str
    plate: str
    vin: str
    odometer_km: int = 0
    appointment_number: str = ""
    work: str = ""
    authorisation_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """Everything a document may be drawn from; only the records its kind is about are there."""

    number: str
    drafted_at: datetime
    signing_place: Words
    house: PaperParty
    house_name: Words
    house_address: Words
    customer: PaperParty
    handled_by: str
    version: int = 1
    replaces: str = ""
    amends: PaperAmendment | None = None
    order: OrderFacts | None = None
    unit: UnitFacts | None = None
    payment: PaymentFacts | None = None
    vehicle: CustomerVehicleFacts | None = None
