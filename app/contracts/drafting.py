"""From the rows of a sale to the facts of its contract, and what of the layout is kept beside the bytes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.energies import NEW_ENERGY
from app.contracts.amended import amendment_of
from app.contracts.commands import PreparedDraft
from app.contracts.errors import ContractAlreadyUnderway, DeliveryDayMissing, OrderNotConfirmed
from app.contracts.kinds.registry import SALE
from app.contracts.paper.sale_paper import (
    AskedAcknowledgement,
    ContractPaper,
    PaperSigner,
    RenderedContract,
    contract_facts,
    placeholder_values,
    render_contract,
)
from app.contracts.rules import ContractState
from app.contracts.templates.choice import template_for
from app.contracts.templates.in_force import TemplateInForce
from app.contracts.templates.template import ContractTemplate, filled_runs
from app.documents.paper_data import DepositKind, PaperAmendment, PaperDeposit, Words
from app.documents.places import PlaceKind
from app.documents.wording import branch_date
from app.kernel.errors import ValueNotAllowed
from app.kernel.money import add_up
from app.orders.errors import SaleInConflict
from app.orders.rules import ClaimState, OrderState
from app.orders.securing import security_of
from app.orders.ties import contract_price, order_lines, require_open
from app.payments.rules import PaymentKind, PaymentState
from app.quotations.calculation import live
from app.quotations.paper_facts import contracting_house, customer_party, paper_lines, paper_plan, vehicle_facts
from app.runtime.language import CHINESE, ENGLISH, LANGUAGES
from db.models.contracts import Contract
from db.models.customers import Customer, CustomerVehicle
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.staff import Branch, StaffMember

NUMBER_KIND = "CT"
ENDED = (
    ContractState.DECLINED, ContractState.EXPIRED, ContractState.VOIDED, ContractState.SUPERSEDED,
    ContractState.TERMINATED,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Which contract of an order this is: 1 and "" for the first, else its count and the number it replaces, or the
    contract it amends."""

    number: str
    count: int
    replaces: str
    amends: PaperAmendment | None = None


def require_contractable(order: SalesOrder) -> None:
    """Raises OrderNotOpen, SaleInConflict or OrderNotConfirmed unless a contract can be made over the order."""
    require_open(order)
    if order.claim_state == ClaimState.CONFLICT:
        raise SaleInConflict()
    state = OrderState(order.state)
    if state in (OrderState.DRAFT, OrderState.MANAGER_REVIEW, OrderState.FINANCE_REVIEW):
        raise OrderNotConfirmed(state=state.label)


def require_none_underway(contracts: list[Contract], *, amended: Contract | None = None) -> None:
    """Raises ContractAlreadyUnderway where a contract of the order other than `amended` is locked, signed or sealed."""
    underway = next((one for one in contracts if one.state not in (*ENDED, ContractState.DRAFT) and one is not amended),
                    None)  # fmt: skip
    if underway is not None:
        raise ContractAlreadyUnderway(contract=underway.number)


def paper_language(wanted: str, customer: Customer) -> str:
    """The language that leads; raises ValueNotAllowed (field `language`)."""
    language = wanted or customer.paper_language
    if language not in LANGUAGES:
        raise ValueNotAllowed(field="language", value=language)
    return language


def sale_paper(
    session: Session,
    order: SalesOrder,
    *,
    version: Version,
    drafted_at: datetime,
    now: datetime,
    secured_until: datetime | None = None,
    co_signers: tuple[PaperSigner, ...] = (),
) -> ContractPaper:
    """Everything the contract of this order says, as its rows stand now.

    `secured_until` is what an earlier draft says of the lease: it stands while the lease lasts at least so long.
    Raises DeliveryDayMissing (field `planned_delivery`) and RecordNotFound.
    """
    if order.planned_delivery_on is None:
        raise DeliveryDayMissing(field="planned_delivery")
    branch = live(session, Branch, order.branch_id, field="branch_id")
    unit = live(session, VehicleUnit, order.vehicle_unit_id, field="vehicle_unit_id")
    customer = live(session, Customer, order.customer_id, field="customer_id")
    salesperson = session.get(StaffMember, order.salesperson_id)
    seller_name = salesperson.name if salesperson else ""
    lines = order_lines(session, order.id)
    secured = _secured(session, order, now=now, said=secured_until)
    return ContractPaper(
        number=version.number,
        order_number=order.final_number or order.number,
        drafted_at=drafted_at,
        signing_place=Words(branch.address_zh or branch.name_zh, branch.address_en or branch.name_en),
        seller=contracting_house(branch, representative=seller_name),
        buyer=customer_party(customer, complete=True),
        vehicle=vehicle_facts(session, unit, kept=order.specification_versions, sold_at=order.ordered_at),
        lines=paper_lines(lines),
        total=order.on_road_total,
        contract_price=contract_price(lines),
        delivery_on=order.planned_delivery_on,
        delivery_place=Words(branch.name_zh, branch.name_en),
        salesperson=seller_name,
        version=version.count,
        replaces=version.replaces,
        amends=version.amends,
        deposit=deposit_of(session, order.id),
        plan=paper_plan(order.finance, quoted_on=branch_date(order.ordered_at)),
        provisional=order.claim_state != ClaimState.CONFIRMED and secured is None,
        secured_until=secured,
        new_energy=unit.energy in NEW_ENERGY,
        used=was_owned(session, unit),
        co_signers=co_signers,
    )


def was_owned(session: Session, unit: VehicleUnit) -> bool:
    """Whether the vehicle has been a customer's before it was taken into stock: then it is sold as a used one."""
    query = select(CustomerVehicle.id).where(
        CustomerVehicle.vin == unit.vin, CustomerVehicle.created_at < unit.created_at,
        CustomerVehicle.deleted_at.is_(None),
    )  # fmt: skip
    return session.scalars(query.limit(1)).first() is not None


def _secured(session: Session, order: SalesOrder, *, now: datetime, said: datetime | None) -> datetime | None:
    """Until when the desk may sell the vehicle bindingly although the centre has not answered; None where it may not
    or need not."""
    security = security_of(session, order, now=now)
    if security is None or not security.counts:
        return None
    return said if said is not None and said <= security.until else security.until


def words_for_sale(
    session: Session,
    order: SalesOrder,
    *,
    now: datetime,
    template: str = "",
    co_signers: tuple[PaperSigner, ...] = (),
) -> TemplateInForce:
    """The words for the contract of an order: of the template that is asked for, else of the one that fits the sale.

    Raises TemplateNotApplicable (field `template`) and what `sale_paper` and `template_in_force` raise.
    """
    nameless = Version(number="", count=1, replaces="")
    paper = sale_paper(session, order, version=nameless, drafted_at=now, now=now, co_signers=co_signers)
    return template_for(session, SALE, contract_facts(paper), day=branch_date(now), template=template)


_DEPOSITS = (
    (PaymentKind.EARNEST_MONEY, DepositKind.EARNEST_MONEY),
    (PaymentKind.ADVANCE, DepositKind.ADVANCE),
)


def lay_out(
    session: Session,
    order: SalesOrder,
    *,
    version: Version,
    words: TemplateInForce,
    language: str,
    drafted_at: datetime,
    co_signers: tuple[PaperSigner, ...] = (),
) -> PreparedDraft:
    """The contract of an order as bytes; needs some 50 ms."""
    template = words.template
    paper = sale_paper(
        session, order, version=version, drafted_at=drafted_at, now=drafted_at, co_signers=co_signers
    )  # fmt: skip
    rendered = render_contract(paper, template, language)
    return PreparedDraft(
        number=version.number,
        drafted_at=drafted_at,
        template_code=SALE,
        template_version=str(template.version),
        template_version_id=words.version_id,
        clause_versions=dict(words.clause_versions),
        language=language,
        provisional=paper.provisional,
        secured_until=paper.secured_until,
        data_digest=rendered.data_digest,
        pages=rendered.pages,
        places=stored_places(rendered, paper, template),
        content=rendered.pdf,
        digest=hashlib.sha256(rendered.pdf).hexdigest(),
    )


def deposit_of(session: Session, order_id: str) -> PaperDeposit | None:
    """What was received before the contract; earnest money counts before an advance, because it binds."""
    query = select(Payment).where(
        Payment.order_id == order_id, Payment.deleted_at.is_(None), Payment.state != PaymentState.REVERSED.value
    )
    received = [payment for payment in session.scalars(query.order_by(Payment.id)) if payment.reverses_id is None]
    for kind, named in _DEPOSITS:
        payments = [payment for payment in received if payment.kind == kind]
        if payments:
            return PaperDeposit(
                kind=named,
                amount=add_up(payment.amount for payment in payments) + Decimal("0.00"),
                received_on=branch_date(payments[-1].received_at),
                receipt_number=payments[0].number,
            )
    return None


def stored_places(rendered: RenderedContract, paper: ContractPaper, template: ContractTemplate) -> list[dict[str, Any]]:
    """The boxes of the layout as the contract keeps them, limiting clauses with their words as filled."""
    asked = {item.place.name: item for item in rendered.acknowledgements}
    articles = template.applicable(contract_facts(paper))
    values = {code: placeholder_values(paper, template, articles, code) for code in LANGUAGES}

    def filled(item: AskedAcknowledgement, code: str) -> str:
        runs = filled_runs(item.text.in_language(code), values[code], clause=item.clause_id)
        return "".join(run.text for run in runs)

    kept: list[dict[str, Any]] = []
    for place in rendered.places:
        entry: dict[str, Any] = {
            "name": place.name,
            "kind": place.kind.value,
            "page": place.page,
            "rect": [round(edge * 100) for edge in place.rect],
        }
        item = asked.get(place.name)
        if item is not None:
            entry |= {
                "number": item.number,
                "clause_id": item.clause_id,
                "clause_number": item.clause_number,
                "zh": filled(item, CHINESE),
                "en": filled(item, ENGLISH),
            }
        kept.append(entry)
    return kept


def limiting_clauses(contract: Contract) -> list[dict[str, Any]]:
    """The clauses to acknowledge, in the order in which they are asked."""
    boxes = [box for box in contract.signature_fields or [] if box["kind"] == PlaceKind.ACKNOWLEDGEMENT.value]
    return sorted((box for box in boxes if "clause_id" in box), key=lambda box: int(box["number"]))


def next_version(contracts: list[Contract], number: str, amends: PaperAmendment | None = None) -> Version:
    """Which contract of its order the one to be drafted is."""
    if amends is not None:
        earlier = [contract for contract in contracts if contract.number != number]
        return Version(number=number, count=len(earlier) + 1, replaces="", amends=amends)
    ended = [contract for contract in contracts if contract.state in ENDED]
    return Version(number=number, count=len(ended) + 1, replaces=_replaced(ended))


def version_of(session: Session, contract: Contract) -> Version:
    """Which contract of its order a stored one is."""
    earlier = [other for other in contracts_of(session, contract.order_id) if other.id < contract.id]
    amends = amendment_of(session, contract)
    replaces = "" if amends is not None else _replaced(earlier)
    return Version(number=contract.number, count=len(earlier) + 1, replaces=replaces, amends=amends)


def _replaced(ended: list[Contract]) -> str:
    """The number of the contract that a new one is drafted in place of: an amendment that never came into force took
    nobody's place."""
    counted = [contract for contract in ended if not contract.amends_id or contract.sealed_digest]
    return counted[-1].number if counted else ""


def contracts_of(session: Session, order_id: str) -> list[Contract]:
    """All sales contracts over an order, the oldest first."""
    query = select(Contract).where(
        Contract.order_id == order_id, Contract.template_code == SALE, Contract.deleted_at.is_(None)
    )
    return list(session.scalars(query.order_by(Contract.id)))
