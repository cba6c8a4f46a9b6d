"""Who signs what, in which order."""

import pytest

from app.contracts.errors import PartyNotInDocument, PartyNumberWrong, PartyOutOfTurn, TooManySigners
from app.contracts.kinds.registry import KINDS
from app.contracts.kinds.roles import (
    CUSTOMER_ONLY,
    DEALER_ONLY,
    MOST_SIGNERS,
    SALE,
    WITH_CUSTOMER,
    PartyRole,
    acknowledges,
    awaited,
    number_of,
    party_code,
    party_of_field,
    require_turn,
    role_of,
    signature_field,
    signing_order,
)

R = PartyRole
FOUR = (R.DEALER, R.GUARANTOR, R.BUYER, R.CO_BUYER)


def test_the_sale_is_signed_buyer_first_dealer_last() -> None:
    assert SALE.first_codes() == ("buyer", "dealer")
    assert SALE.codes(FOUR) == ("buyer", "co_buyer_1", "guarantor_1", "dealer")
    assert SALE.codes((R.BUYER, R.CO_BUYER, R.CO_BUYER, R.DEALER)) == ("buyer", "co_buyer_1", "co_buyer_2", "dealer")


@pytest.mark.parametrize(
    ("roles", "error"),
    [
        ((R.BUYER, R.CUSTOMER, R.DEALER), PartyNotInDocument),
        ((R.BUYER,), PartyNumberWrong),
        ((R.BUYER, R.BUYER, R.DEALER), PartyNumberWrong),
        ((R.BUYER, R.GUARANTOR, R.GUARANTOR, R.GUARANTOR, R.DEALER), PartyNumberWrong),
        ((R.BUYER, R.CO_BUYER, R.CO_BUYER, R.GUARANTOR, R.DEALER), TooManySigners),
    ],
)
def test_nobody_too_many_too_few_or_foreign(roles: tuple[PartyRole, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        SALE.codes(roles)


@pytest.mark.parametrize("order", [*map(signing_order, KINDS), SALE, WITH_CUSTOMER, DEALER_ONLY, CUSTOMER_ONLY])
def test_every_order_ends_with_the_dealer_where_there_is_one_and_fits(order: object) -> None:
    assert isinstance(order, type(SALE))
    roles = order.roles()
    assert R.DEALER not in roles[:-1]
    assert order.sealed == (R.DEALER in roles)
    assert 1 <= len(order.first_codes()) <= MOST_SIGNERS
    assert order.codes(role_of(code) for code in order.first_codes()) == order.first_codes()


def test_other_kinds_of_document() -> None:
    assert WITH_CUSTOMER.first_codes() == ("customer", "dealer")
    assert DEALER_ONLY.first_codes() == ("dealer",)
    assert CUSTOMER_ONLY.first_codes() == ("customer",)
    assert not CUSTOMER_ONLY.sealed
    assert signing_order("vehicle_sale") == SALE == signing_order("of a later version")
    assert signing_order("test_drive") == WITH_CUSTOMER and signing_order("receipt") == DEALER_ONLY


@pytest.mark.parametrize(
    ("code", "role", "number", "field"),
    [
        ("buyer", R.BUYER, 1, "signature_buyer"),
        ("co_buyer_1", R.CO_BUYER, 1, "signature_co_buyer_1"),
        ("guarantor_2", R.GUARANTOR, 2, "signature_guarantor_2"),
        ("customer", R.CUSTOMER, 1, "signature_customer"),
        ("dealer", R.DEALER, 1, "signature_seller"),
    ],
)
def test_a_party_has_one_code_and_one_box(code: str, role: PartyRole, number: int, field: str) -> None:
    assert party_code(role, number) == code
    assert (role_of(code), number_of(code)) == (role, number)
    assert signature_field(code) == field
    assert party_of_field(field) == code


@pytest.mark.parametrize("code", ["", "seal", "co_buyer", "buyer_1", "dealer_2", "co_buyer_x", "owner"])
def test_what_is_no_party(code: str) -> None:
    with pytest.raises(ValueError, match=code or "''"):
        role_of(code)
    assert party_of_field(f"signature_{code}") == ""
    assert party_of_field("seal_seller") == ""


def test_everybody_but_the_dealer_acknowledges() -> None:
    assert {code for code in SALE.codes(FOUR) if acknowledges(code)} == {"buyer", "co_buyer_1", "guarantor_1"}


def test_the_parties_sign_in_turn() -> None:
    order = SALE.codes(FOUR)
    signed: list[str] = []
    for code in order:
        for later in awaited(order, signed)[1:]:
            with pytest.raises(PartyOutOfTurn):
                require_turn(order, signed, later)
        require_turn(order, signed, code)
        signed.append(code)
    assert awaited(order, signed) == ()
