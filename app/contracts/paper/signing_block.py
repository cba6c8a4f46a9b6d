"""The parties on a contract: who they are, at its head; where they sign, at its end.

Buyer and seller stand side by side. Whoever else signs follows below, two in a row, in the order of signing, with a
sentence that says what that role takes upon itself.
"""

from collections.abc import Iterable, Sequence

from reportlab.platypus.flowables import Flowable

from app.contracts.kinds.roles import PartyRole, number_of, role_of, signature_field
from app.contracts.paper.sale_paper import PaperSigner
from app.documents.blocks import Gap, columns
from app.documents.boxes import FieldBox
from app.documents.paper_data import PaperParty
from app.documents.places import PlaceKind
from app.documents.sale_blocks import Tongue, party_grid
from app.documents.styles import BODY, GRID, INK, LABEL
from app.documents.text_block import TextBlock
from app.runtime.language import CHINESE, tr_in, tr_noop

_GUTTER = 2.5 * GRID
_BOX_HEIGHT = 11 * GRID
SELLER, BUYER = tr_noop("Seller (Party A)"), tr_noop("Buyer (Party B)")
_ROLES = {PartyRole.CO_BUYER: tr_noop("Co-buyer"), PartyRole.GUARANTOR: tr_noop("Guarantor")}
_UNDERTAKINGS = {
    PartyRole.CO_BUYER: tr_noop(
        "Buys together with the buyer and is jointly and severally liable for every payment under this contract."
    ),
    PartyRole.GUARANTOR: tr_noop(
        "Gives a joint and several guarantee for every payment the buyer owes under this contract, "
        "for six months from the day each payment is due."
    ),
}


def parties_block(
    seller: PaperParty, buyer: PaperParty, co_signers: Sequence[PaperSigner], *, tongue: Tongue, width: float
) -> list[Flowable]:
    """Who the parties are: name, document, address."""
    half = (width - _GUTTER) / 2
    sides = [_party(tongue.label(SELLER), seller, tongue, half), _party(tongue.label(BUYER), buyer, tongue, half)]
    blocks: list[Flowable] = [columns([[sides[0], "", sides[1]]], [half, _GUTTER, half])]
    cells = [[*_party(_role(signer, tongue), signer.party, tongue, half), *_undertaking(signer, tongue)]
             for signer in co_signers]  # fmt: skip
    return [*blocks, *_in_pairs(cells, half)]


def _party(role: str, party: PaperParty, tongue: Tongue, width: float) -> list[Flowable]:
    return [
        TextBlock(role, LABEL),
        TextBlock(party.name, BODY.but(bold=True, size=10, leading=18)),
        *party_grid(party, tongue=tongue, width=width),
    ]


def _undertaking(signer: PaperSigner, tongue: Tongue) -> Iterable[Flowable]:
    """What the role takes upon itself, in both languages."""
    text = _UNDERTAKINGS.get(role_of(signer.code), "")
    if text:
        yield Gap(GRID / 2)
        yield TextBlock(tr_in(tongue.first, text), LABEL.but(color=INK))
        if tongue.second:
            yield TextBlock(tr_in(tongue.second, text), LABEL)


def signatures_block(
    seller: PaperParty, buyer: PaperParty, co_signers: Sequence[PaperSigner], *, tongue: Tongue, width: float
) -> list[Flowable]:
    """A box for every signature, and one for the seller's seal."""
    half = (width - _GUTTER) / 2
    sides = [
        _signer(SELLER, seller, "signature_seller", tongue, half, sealed=True),
        _signer(BUYER, buyer, "signature_buyer", tongue, half, sealed=False),
    ]
    cells = [_signer(_ROLES[role_of(one.code)], one.party, signature_field(one.code), tongue, half,
                     number=number_of(one.code)) for one in co_signers]  # fmt: skip
    return [columns([[sides[0], "", sides[1]]], [half, _GUTTER, half]), *_in_pairs(cells, half)]


def _in_pairs(cells: Sequence[Sequence[Flowable]], half: float) -> Iterable[Flowable]:
    for index in range(0, len(cells), 2):
        yield Gap(GRID)
        right: Sequence[Flowable] | str = cells[index + 1] if index + 1 < len(cells) else ""
        yield columns([[cells[index], "", right]], [half, _GUTTER, half])


def _role(signer: PaperSigner, tongue: Tongue) -> str:
    number = number_of(signer.code)
    return tongue.label(_ROLES[role_of(signer.code)]) + (f" {number}" if number > 1 else "")


def _signer(
    role: str, party: PaperParty, field: str, tongue: Tongue, width: float, *, sealed: bool = False, number: int = 1
) -> list[Flowable]:
    signing_width = width - _BOX_HEIGHT - GRID if sealed else width
    box = FieldBox(
        field,
        PlaceKind.SIGNATURE,
        size=(signing_width, _BOX_HEIGHT),
        description=f"{tr_in(CHINESE, role)} {party.name}",
    )
    boxes: list[Flowable | str] = [box]
    widths = [width]
    if sealed:
        seal = FieldBox(
            "seal_seller",
            PlaceKind.SEAL,
            size=(_BOX_HEIGHT, _BOX_HEIGHT),
            description=f"{tr_in(CHINESE, tr_noop('Electronic seal'))} {party.name}",
        )
        boxes, widths = [box, "", seal], [signing_width, GRID, _BOX_HEIGHT]
    who = tongue.label(tr_noop("Signature and date"))
    if sealed:
        who += "  ·  " + tongue.label(tr_noop("Electronic seal"))
    return [
        TextBlock(tongue.label(role) + (f" {number}" if number > 1 else ""), LABEL),
        TextBlock(party.name, BODY.but(bold=True, leading=18)),
        columns([boxes], widths),
        TextBlock(who, LABEL.but(leading=14)),
    ]
