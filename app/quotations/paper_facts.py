"""What stored rows say, as paper wants it: the house, the customer, the unit, lines and loan."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.energies import Energy
from app.catalog.sold_versions import kept_versions, sold_names
from app.customers.rules import mask_identity, mask_phone
from app.documents.paper_data import PaperLine, PaperParty, PaperPlan, PaperVehicle, PlanKind, Words
from app.finance.queries import stored_terms
from app.finance.rules import loan_products, loan_schedule
from app.kernel.labels import Bilingual
from app.kernel.money import from_fen
from app.quotations.rules import ChargeKind
from app.quotations.vehicle_names import name_of_unit, vehicle_name
from app.runtime.language import CHINESE, ENGLISH, tr_in
from db.models.catalog import ModelYear, Trim
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.staff import Branch

_FOR_OTHERS = frozenset(
    {
        ChargeKind.PURCHASE_TAX, ChargeKind.COMPULSORY_INSURANCE, ChargeKind.COMMERCIAL_INSURANCE,
        ChargeKind.VESSEL_TAX, ChargeKind.PLATE_FEE,
    }
)  # fmt: skip
"""What the dealer collects for the state or an insurer; everything else it sells itself."""


class StoredLine(Protocol):
    """A line of a quotation or an order."""

    kind: Any
    label_zh: Any
    label_en: Any
    amount: Any
    source: Any


def words(name: Bilingual) -> Words:
    """A name kept in both languages, as paper has it."""
    return Words(name.zh, name.en)


def is_collected(kind: str) -> bool:
    """Whether a line is collected for others and so no part of the contract price."""
    return kind in _FOR_OTHERS


def house(branch: Branch) -> PaperParty:
    """The selling company."""
    return PaperParty(
        name=branch.company_zh or branch.name_zh,
        is_company=True,
        identity=branch.uscc,
        phone=branch.phone,
        address=branch.address_zh,
    )


def contracting_house(branch: Branch, *, representative: str) -> PaperParty:
    """The selling company as a party to a contract: who acts for it, and where money goes."""
    payable = bool(branch.bank_zh and branch.bank_account)
    return replace(
        house(branch),
        representative=representative,
        legal_representative=branch.legal_representative,
        bank=branch.bank_zh if payable else "",
        bank_account=branch.bank_account if payable else "",
    )


def house_name(branch: Branch, language: str) -> str:
    """The selling company in a language, the other one where it is missing."""
    name = Bilingual(branch.company_zh or branch.name_zh, branch.company_en or branch.name_en)
    return name.in_language(language)


def house_address(branch: Branch, language: str) -> str:
    """Where it is, likewise."""
    return Bilingual(branch.address_zh, branch.address_en).in_language(language)


def customer_party(customer: Customer, *, complete: bool) -> PaperParty:
    """The customer; identity and phone are masked unless the paper needs them `complete`."""
    identity, phone = customer.identity_number, customer.phone
    if not complete:
        identity, phone = (mask_identity(identity) if identity else ""), (mask_phone(phone) if phone else "")
    company = customer.kind == "company"
    return PaperParty(
        name=customer.name,
        is_company=company,
        identity=identity,
        phone=phone,
        address=customer.address if complete else "",
        representative=customer.contact_name if company else "",
        representative_identity=customer.contact_identity_number if company and complete else "",
        legal_representative=customer.legal_representative if company else "",
    )


def vehicle_facts(
    session: Session, unit: VehicleUnit, *, kept: Mapping[str, str] | None, sold_at: datetime
) -> PaperVehicle:
    """The unit as sold; `kept` are the versions of the catalogue it was sold by, whose names count."""
    query = select(ModelYear.year).join(Trim, Trim.model_year_id == ModelYear.id).where(Trim.id == unit.trim_id)
    year = session.scalar(query)
    kept = kept_versions(session, kept, trim_id=unit.trim_id, sold_at=sold_at)
    names = sold_names(session, kept, known_at=sold_at)
    name = name_of_unit(session, unit.id) if names is None else vehicle_name(names)
    energy = next((energy for energy in Energy if energy == unit.energy), None)
    return PaperVehicle(
        name=words(name) if name.zh else Words(unit.vin),
        vin=unit.vin,
        model_year=year if names is None else names[4],
        exterior=words(Bilingual.from_stored(unit.exterior_colour)) if unit.exterior_colour else None,
        interior=words(Bilingual.from_stored(unit.interior_colour)) if unit.interior_colour else None,
        energy=Words(tr_in(CHINESE, energy.label), tr_in(ENGLISH, energy.label)) if energy else None,
        engine_number=unit.engine_number,
        odometer_km=unit.odometer_km,
    )


def paper_lines(lines: Iterable[StoredLine]) -> tuple[PaperLine, ...]:
    """The on-road total, with what is collected for others marked."""
    return tuple(
        PaperLine(
            label=Words(line.label_zh, line.label_en),
            amount=line.amount,
            note=words(Bilingual.from_stored(line.source)) if line.source else None,
            collected_for_others=is_collected(line.kind),
        )
        for line in lines
    )


def paper_plan(stored: Mapping[str, Any] | None, *, quoted_on: Any) -> PaperPlan | None:
    """The loan, with its lender where the product is on file; None for cash."""
    if stored is None:
        return None
    terms = stored_terms(stored)
    schedule = loan_schedule(terms)
    product = next((p for p in loan_products(quoted_on) if p.code == stored.get("product")), None)
    return PaperPlan(
        kind=PlanKind(terms.method.value),
        lender=product.lender.zh if product else tr_in(CHINESE, "Lender to be chosen"),
        down_payment=from_fen(stored["down_payment_fen"]),
        principal=terms.principal,
        annual_rate=terms.annual_rate,
        months=terms.months,
        first_instalment=schedule.first_payment,
        last_instalment=schedule.last_payment,
        total_interest=schedule.total_interest,
    )
