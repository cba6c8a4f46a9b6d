"""The parties of a contract: their rows, in the order of signing, and what paper says of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.errors import PartyNotAwaited
from app.contracts.kinds.roles import PartyRole, acknowledges, party_code, role_of, signing_order
from app.contracts.paper.sale_paper import PaperSigner
from app.contracts.rules import PartyState
from app.documents.paper_data import PaperParty
from app.kernel.errors import ValueNotAllowed
from app.kernel.unit_of_work import UnitOfWork
from db.models.contracts import Contract, ContractSignature
from db.models.customers import Customer
from db.models.signing import ContractParty

MAIN = (PartyRole.BUYER, PartyRole.CUSTOMER)
"""The roles the contract's own customer may have."""


@dataclass(frozen=True, slots=True)
class Signers:
    """Who signs a contract, in order, and who has."""

    codes: tuple[str, ...]
    signed: frozenset[str]


def party_rows(session: Session, contract_id: str) -> list[ContractParty]:
    """The rows in the order of signing; none for a contract from before there were any."""
    query = select(ContractParty).where(ContractParty.contract_id == contract_id, ContractParty.deleted_at.is_(None))
    return list(session.scalars(query.order_by(ContractParty.place, ContractParty.id)))


def codes_of(session: Session, contract: Contract) -> tuple[str, ...]:
    """The codes of the parties in the order of signing; contracts without rows have those their kind begins with."""
    rows = party_rows(session, contract.id)
    return tuple(row.code for row in rows) or signing_order(contract.template_code).first_codes()


def signers_of(session: Session, contract: Contract) -> Signers:
    """Who signs, and who has signed."""
    query = select(ContractSignature.party).where(
        ContractSignature.contract_id == contract.id, ContractSignature.deleted_at.is_(None)
    )
    codes = codes_of(session, contract)
    return Signers(codes, frozenset(session.scalars(query)) & frozenset(codes))


def party_row(session: Session, contract_id: str, code: str) -> ContractParty | None:
    """The row of one party; None for a contract from before there were any."""
    return next((row for row in party_rows(session, contract_id) if row.code == code), None)


def awaited_row(session: Session, contract: Contract, code: str) -> ContractParty:
    """The row of a party that has still to sign; raises ValueNotAllowed or PartyNotAwaited (field `party`)."""
    row = party_row(session, contract.id, code)
    if row is None:
        raise ValueNotAllowed(field="party", value=code)
    if row.state != PartyState.AWAITED:
        raise PartyNotAwaited(field="party", name=row.name)
    return row


def signer_name(row: ContractParty) -> str:
    """The person who signs: the party, or who acts for a company."""
    return row.representative or row.name


def put_first_parties(uow: UnitOfWork, contract: Contract, customer: Customer, *, house: str, dealer: str) -> None:
    """The parties a contract has by itself, as the customer's record says them today; others stay as they are.

    A contract that already has parties keeps their order.
    """
    present = {row.code: row for row in party_rows(uow.session, contract.id)}
    codes = tuple(present) or signing_order(contract.template_code).first_codes()
    for place, code in enumerate(codes, start=1):
        role = role_of(code)
        if role in MAIN or role is PartyRole.DEALER:
            row = present.get(code) or _new_row(uow, contract, code)
            row.place = place
            if role is PartyRole.DEALER:
                row.name, row.representative = house, dealer
            else:
                _from_customer(row, customer)


def _new_row(uow: UnitOfWork, contract: Contract, code: str) -> ContractParty:
    return uow.add(
        ContractParty(
            scope=contract.branch_id, contract_id=contract.id, code=code, role=role_of(code).value, place=0, name="",
            representative="", identity_kind="identity_card", identity_number="", phone="", email="", address="",
            state=PartyState.AWAITED.value, decline_reason="",
        )
    )  # fmt: skip


def _from_customer(row: ContractParty, customer: Customer) -> None:
    row.customer_id = customer.id
    row.name = customer.name
    row.representative = customer.contact_name if customer.kind == "company" else ""
    row.identity_kind, row.identity_number = customer.identity_kind, customer.identity_number
    row.phone, row.email, row.address = customer.phone, customer.email, customer.address


def add_row(uow: UnitOfWork, contract: Contract, role: PartyRole, number: int) -> ContractParty:
    """A new row for a further party, still without a place."""
    return _new_row(uow, contract, party_code(role, number))


def copy_parties(uow: UnitOfWork, source: Contract, target: Contract) -> None:
    """Who signs one contract signs the other, too, in the same place."""
    for row in party_rows(uow.session, source.id):
        copy = _new_row(uow, target, row.code)
        copy.place = row.place
        copy.customer_id, copy.name, copy.representative = row.customer_id, row.name, row.representative
        copy.identity_kind, copy.identity_number = row.identity_kind, row.identity_number
        copy.phone, copy.email, copy.address = row.phone, row.email, row.address


def co_signers(session: Session, contract_id: str | None) -> tuple[PaperSigner, ...]:
    """The further parties of a draft as paper says them: everybody but the buyer and the dealer."""
    rows: Sequence[ContractParty] = party_rows(session, contract_id) if contract_id else ()
    return tuple(
        PaperSigner(code=row.code, party=_paper_party(row))
        for row in rows
        if acknowledges(row.code) and role_of(row.code) not in MAIN
    )


def _paper_party(row: ContractParty) -> PaperParty:
    return PaperParty(
        name=row.name,
        is_company=row.identity_kind == "company_code",
        identity=row.identity_number,
        phone=row.phone,
        address=row.address,
        representative=row.representative,
    )
