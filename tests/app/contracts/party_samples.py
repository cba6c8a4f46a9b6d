"""Further parties for contracts in tests: people with identity numbers that exist as numbers only."""

from datetime import date
from typing import Any

from stdnum.cn import ric

from app.contracts.commands import LockContract
from app.contracts.queries import get_contract
from app.contracts.signers.party_commands import PartyEntry, SetContractParties
from tests.app.sale_desk import SaleDesk

SPOUSE_BORN, FATHER_BORN = date(1990, 5, 17), date(1955, 3, 2)


def identity_number(born: date, serial: int = 21) -> str:
    """A number with a right check digit."""
    stem = f"310115{born:%Y%m%d}{serial:03d}"
    return stem + str(ric.calc_check_digit(stem + "0"))


def co_buyer(**changes: Any) -> PartyEntry:
    """李娜, who buys together with the buyer."""
    given = {"role": "co_buyer", "name": "李娜", "identity_number": identity_number(SPOUSE_BORN, 22),
             "phone": "13900139001", "email": "lina@example.com", "address": "上海市浦东新区张江路 8 号"}  # fmt: skip
    return PartyEntry(**(given | changes))


def guarantor(**changes: Any) -> PartyEntry:
    """张建国, the buyer's father, over 70."""
    given = {"role": "guarantor", "name": "张建国", "identity_number": identity_number(FATHER_BORN, 31),
             "phone": "13700137002", "address": "上海市杨浦区国权路 20 号"}  # fmt: skip
    return PartyEntry(**(given | changes))


def set_parties(desk: SaleDesk, contract_id: str, *entries: PartyEntry) -> tuple[str, ...]:
    """Say who signs beside buyer and dealer, and draft the paper again."""
    revision = desk.read(get_contract, contract_id).row.revision
    codes: tuple[str, ...] = desk.do(
        SetContractParties(contract_id=contract_id, expected_revision=revision, parties=entries)
    )
    desk.draft_contract(desk.read(get_contract, contract_id).row.order_id)
    return codes


def locked_for(desk: SaleDesk, *entries: PartyEntry) -> str:
    """The id of a contract ready to be signed by these beside buyer and dealer."""
    contract_id: str = desk.draft_contract(desk.paid_order()).contract_id
    set_parties(desk, contract_id, *entries)
    detail = desk.read(get_contract, contract_id)
    desk.do(LockContract(contract_id=contract_id, expected_revision=detail.row.revision,
                         shown_digest=detail.shown_digest))  # fmt: skip
    return contract_id
