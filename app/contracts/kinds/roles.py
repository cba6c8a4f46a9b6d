"""Who signs which kind of document, and in which order.

A document names its kind; the kind (`app.contracts.kinds.registry`) says which roles there are, how many of each, and
who comes after whom. The dealer is always last; where the dealer signs, the seal follows.

A party is known by its code: the role ("buyer"), with a number where several may have it ("co_buyer_1"). The box on
paper, the row of the signature and the evidence carry that code.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from app.contracts.errors import PartyNotInDocument, PartyNumberWrong, PartyOutOfTurn, TooManySigners
from app.kernel.labels import Labelled
from app.runtime.language import tr_noop

MOST_SIGNERS = 4
"""People who sign one document, the dealer's among them; the seal comes on top."""
_BOX = "signature_"
_SELLER_BOX = "signature_seller"


class PartyRole(Labelled):
    """For whom somebody signs."""

    BUYER = "buyer", tr_noop("Buyer")
    CO_BUYER = "co_buyer", tr_noop("Co-buyer")
    GUARANTOR = "guarantor", tr_noop("Guarantor")
    CUSTOMER = "customer", tr_noop("Customer")
    DEALER = "dealer", tr_noop("Dealer")


NUMBERED = frozenset({PartyRole.CO_BUYER, PartyRole.GUARANTOR})
"""Roles that several may have: their codes carry a number, also where there is only one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePlace:
    """One role of a kind of document: at least and at most so many sign in it."""

    role: PartyRole
    least: int = 1
    most: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningOrder:
    """Who signs one kind of document: `places` in the order of signing; after `days` unsigned it has expired."""

    places: tuple[RolePlace, ...]
    sealed: bool = True
    days: int = 14

    def roles(self) -> tuple[PartyRole, ...]:
        """All roles there can be, in the order of signing."""
        return tuple(place.role for place in self.places)

    def first_codes(self) -> tuple[str, ...]:
        """The parties there are without anybody adding one, in the order of signing."""
        return tuple(party_code(place.role, n) for place in self.places for n in range(1, place.least + 1))

    def codes(self, roles: Iterable[PartyRole]) -> tuple[str, ...]:
        """The codes of these roles in the order of signing.

        Raises PartyNotInDocument, PartyNumberWrong or TooManySigners (field `parties`).
        """
        asked = list(roles)
        foreign = next((role for role in asked if role not in self.roles()), None)
        if foreign is not None:
            raise PartyNotInDocument(field="parties", role=foreign.label)
        for place in self.places:
            if not place.least <= asked.count(place.role) <= place.most:
                raise PartyNumberWrong(field="parties", role=place.role.label, least=place.least, most=place.most)
        if len(asked) > MOST_SIGNERS:
            raise TooManySigners(field="parties", limit=MOST_SIGNERS)
        return tuple(
            party_code(place.role, n) for place in self.places for n in range(1, asked.count(place.role) + 1)
        )


_DEALER = RolePlace(role=PartyRole.DEALER)
SALE = SigningOrder(
    places=(
        RolePlace(role=PartyRole.BUYER),
        RolePlace(role=PartyRole.CO_BUYER, least=0, most=2),
        RolePlace(role=PartyRole.GUARANTOR, least=0, most=2),
        _DEALER,
    )
)
WITH_CUSTOMER = SigningOrder(places=(RolePlace(role=PartyRole.CUSTOMER), _DEALER))
DEALER_ONLY = SigningOrder(places=(_DEALER,))
CUSTOMER_ONLY = SigningOrder(places=(RolePlace(role=PartyRole.CUSTOMER),), sealed=False)


@cache
def signing_order(kind: str) -> SigningOrder:
    """Who signs a kind of document, by its code; a kind this version does not know is signed like a sale."""
    # The kinds pull all their placeholders in; whoever only compares codes does not pay for them.
    from app.contracts.kinds.registry import KINDS

    if kind not in KINDS:
        return SALE
    places = tuple(
        RolePlace(role=PartyRole(role.code), least=role.least, most=role.most) for role in KINDS[kind].roles
    )  # fmt: skip
    return SigningOrder(places=places, sealed=places[-1].role is PartyRole.DEALER)


def party_code(role: PartyRole, number: int = 1) -> str:
    """ "buyer", "co_buyer_1", "guarantor_2"."""
    return f"{role.value}_{number}" if role in NUMBERED else role.value


def role_of(code: str) -> PartyRole:
    """The role in a party's code; raises ValueError for what is none."""
    stem, _, number = code.rpartition("_")
    if number.isdecimal() and stem in {role.value for role in NUMBERED}:
        return PartyRole(stem)
    role = PartyRole(code)
    if role in NUMBERED:
        raise ValueError(code)
    return role


def number_of(code: str) -> int:
    """The number in a party's code, 1 where it has none."""
    number = code.rpartition("_")[2]
    return int(number) if number.isdecimal() else 1


def signature_field(code: str) -> str:
    """The name of a party's box on paper."""
    return _SELLER_BOX if code == PartyRole.DEALER else f"{_BOX}{code}"


def party_of_field(field: str) -> str:
    """The code of the party that signs in a box; empty for a box that is no party's."""
    if field == _SELLER_BOX:
        return PartyRole.DEALER.value
    code = field.removeprefix(_BOX)
    try:
        role_of(code)
    except ValueError:
        return ""
    return code if field.startswith(_BOX) else ""


def acknowledges(code: str) -> bool:
    """Whether a party takes note of the clauses that limit it, one by one: everybody but the dealer."""
    return role_of(code) is not PartyRole.DEALER


def awaited(order: Sequence[str], signed: Collection[str]) -> tuple[str, ...]:
    """Who of the parties (codes in the order of signing) has still to sign; the first of them signs next."""
    return tuple(code for code in order if code not in signed)


def require_turn(order: Sequence[str], signed: Collection[str], code: str) -> None:
    """Raises PartyOutOfTurn (field `party`) where somebody before this party has not signed."""
    first = awaited(order, signed)[0]
    if first != code:
        raise PartyOutOfTurn(field="party", role=role_of(first).label)
