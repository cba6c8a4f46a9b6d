"""What a desk sends to the centre so that somebody can read and sign on a phone."""

from dataclasses import dataclass, field
from datetime import datetime

from app.contracts.errors import PartyOutOfTurn, PhoneNotOffered
from app.contracts.kinds.roles import acknowledges, role_of
from app.contracts.queries import ClauseRow, ContractDetail, contract_document, get_contract
from app.contracts.rules import ContractState
from app.contracts.signers.identity_notice import phone_notice
from app.contracts.signers.party_queries import PartyRow, notice_facts
from app.contracts.stages import LOCKED_STAGE
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import CHINESE, ENGLISH, tr_in

_AWAITING = (ContractState.LOCKED, ContractState.PARTIALLY_SIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneTerms:
    """One locked document for the person whose turn it is. The two-language texts are by language code."""

    contract_id: str
    party: str
    number: str
    house: str
    signer: str
    role: dict[str, str]
    language: str
    clauses: tuple[ClauseRow, ...]
    notice: dict[str, tuple[str, ...]]
    digest: str
    document: bytes = field(repr=False)
    sign_until: datetime | None


def phone_terms(reader: Reader, contract_id: str, party: str) -> PhoneTerms:
    """For the party whose turn it is. Raises PhoneNotOffered or PartyOutOfTurn (field `party`)."""
    reader.require(Permission.CONTRACTS_SIGN)
    detail = get_contract(reader, contract_id)
    row = _signer(detail, party)
    document = contract_document(reader, contract_id)
    if document.stage != LOCKED_STAGE:
        raise PhoneNotOffered(field="party")
    house = notice_facts(reader, contract_id).house
    languages = (CHINESE, ENGLISH)
    return PhoneTerms(
        contract_id=contract_id, party=party, number=detail.row.number, house=house, signer=row.signer,
        role={code: tr_in(code, role_of(party).label) for code in languages},
        language=row.language or detail.row.paper_language, clauses=detail.clauses,
        notice={code: phone_notice(house, code) for code in languages}, digest=document.digest,
        document=document.content, sign_until=detail.sign_until,
    )  # fmt: skip


def _signer(detail: ContractDetail, party: str) -> PartyRow:
    """Who signs, if the contract waits for nobody else and this party is kept as one."""
    row = next((one for one in detail.parties if one.code == party), None)
    if row is None or not row.id or not acknowledges(party) or detail.row.state not in _AWAITING:
        raise PhoneNotOffered(field="party")
    if detail.missing[:1] != (party,):
        raise PartyOutOfTurn(field="party", role=role_of(detail.missing[0]).label)
    return row
