"""How a document is laid out: head, parties, its blocks of facts, the clauses in two columns, and where to sign."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from reportlab.platypus.flowables import Flowable

from app.contracts.kinds.roles import PartyRole, number_of, role_of, signature_field
from app.contracts.paper.amendment_block import amendment_block
from app.contracts.paper.block_layout import BlockLayout
from app.contracts.paper.clause_layout import LIMITS_RIGHTS, Asked, ClauseLayout
from app.contracts.paper.head_block import document_head
from app.contracts.templates.template import Article, ContractTemplate
from app.documents.blocks import Gap, columns, section
from app.documents.boxes import FieldBox
from app.documents.paper_data import PaperParty, Words
from app.documents.places import PlaceKind
from app.documents.sale_blocks import Tongue, party_grid
from app.documents.styles import A4_WIDTH, BODY, GRID, LABEL, PAGE_MARGIN
from app.documents.text_block import TextBlock
from app.documents.wording import branch_date
from app.runtime.language import tr_noop

if TYPE_CHECKING:
    from app.contracts.paper.document_paper import DocumentPaper

_WIDTH = A4_WIDTH - 2 * PAGE_MARGIN
_GUTTER = 2.5 * GRID
_HALF = (_WIDTH - _GUTTER) / 2
_BOX_HEIGHT = 11 * GRID
_DEALER = Words("经销商（甲方）", "Dealer (Party A)")
_CUSTOMER = Words("客户（乙方）", "Customer (Party B)")
_PARTIES, _TERMS, _SIGNATURES = Words("双方", "The parties"), Words("条款与说明", "Terms"), Words("签署", "Signatures")
_ROLES = {
    PartyRole.BUYER: _CUSTOMER,
    PartyRole.CUSTOMER: _CUSTOMER,
    PartyRole.CO_BUYER: Words("共同申请人", "Joint applicant"),
    PartyRole.GUARANTOR: Words("保证人", "Guarantor"),
    PartyRole.DEALER: _DEALER,
}
PRIVACY_CONSENT = "privacy_consent"
SEPARATE_CONSENT = tr_noop("Separate consent: confirmation {n}")
_SIGNATURE = Words("签名及日期", "Signature and date")
_SEAL = Words("电子签章", "Electronic seal")


class DocumentLayout:
    """Builds the story of one document."""

    def __init__(
        self,
        paper: "DocumentPaper",
        *,
        template: ContractTemplate,
        articles: tuple[Article, ...],
        values: Mapping[str, Mapping[str, str]],
        languages: tuple[str, str],
    ) -> None:
        self._document = paper
        self._title = template.title
        asked_words = SEPARATE_CONSENT if paper.kind == PRIVACY_CONSENT else LIMITS_RIGHTS
        self._clauses = ClauseLayout(
            template, articles, paper.body.conditions, values, languages, asked_words=asked_words
        )  # fmt: skip
        self._first, self._second = languages
        self._tongue = Tongue(*languages)

    @property
    def asked(self) -> list[Asked]:
        """What is to be acknowledged; known after `story()`."""
        return self._clauses.asked

    def story(self) -> list[Flowable]:
        """All flowables in order."""
        blocks = BlockLayout(self._tongue, width=_WIDTH)
        return [
            self._head(),
            Gap(GRID),
            *self._clauses.notices("top"),
            *self._amendment(),
            *self._parties(),
            *blocks.story(self._document.body.blocks),
            *self._clauses.with_signatures(section(*self._words_of(_TERMS))[1], self._signing_parts()),
        ]

    def _head(self) -> Flowable:
        paper, label = self._document, self._tongue.label
        references = paper.body.references
        lines = [f"{self._tongue.words(name)} {value.in_language(self._first)}" for name, value in references]
        if paper.version > 1:
            lines.append(f"{label(tr_noop('Version'))} {paper.version}")
        if paper.replaces:
            lines.append(f"{label(tr_noop('Replaces'))} {paper.replaces}")
        return document_head(
            self._title, (self._first, self._second), number=paper.number,
            drafted_on=branch_date(paper.drafted_at), signing_place=paper.signing_place, lines=lines,
        )  # fmt: skip

    def _amendment(self) -> list[Flowable]:
        """What is amended, before everything that counts from now on."""
        amends = self._document.amends
        return amendment_block(amends, tongue=self._tongue, width=_WIDTH) if amends is not None else []

    def _parties(self) -> list[Flowable]:
        paper = self._document
        words = self._tongue.words
        both = {role_of(one.code) is PartyRole.DEALER for one in paper.signers} == {True, False}
        house, customer = (one if both else _by_itself(one) for one in (paper.house, paper.customer))
        sides = [self._side(words(_DEALER), house), self._side(words(_CUSTOMER), customer)]
        sides += [self._side(self._role_name(one.code), one.party) for one in paper.co_signers]
        return [*section(*self._words_of(_PARTIES)), *_in_pairs(sides)]

    def _role_name(self, code: str) -> str:
        number = number_of(code)
        return self._tongue.words(_ROLES[role_of(code)]) + (f" {number}" if number > 1 else "")

    def _side(self, role: str, party: PaperParty) -> list[Flowable]:
        return [
            TextBlock(role, LABEL),
            TextBlock(party.name, BODY.but(bold=True, size=10, leading=18)),
            *party_grid(party, tongue=self._tongue, width=_HALF),
        ]

    def _signing_parts(self) -> list[Flowable]:
        """What stands at the end: notices, then two boxes in a row; the dealer stands first, the customer beside."""
        rows = [piece for row in _in_pairs(list(self._signature_cells())) for piece in (Gap(GRID), row)]
        return [*section(*self._words_of(_SIGNATURES))[1:], *self._clauses.notices("signing"), *rows]

    def _words_of(self, words: Words) -> tuple[str, str]:
        return words.in_language(self._first), words.in_language(self._second)

    def _signature_cells(self) -> Iterable[list[Flowable]]:
        signers = self._document.signers
        dealers = [one for one in signers if role_of(one.code) is PartyRole.DEALER]
        others = [one for one in signers if role_of(one.code) is not PartyRole.DEALER]
        for signer in dealers:
            yield self._signer(signer.code, signer.name, sealed=True)
        for signer in others:
            yield self._signer(signer.code, signer.name, sealed=False)
        if not dealers:
            yield self._seal_alone()

    def _signer(self, code: str, name: str, *, sealed: bool) -> list[Flowable]:
        signing_width = _HALF - _BOX_HEIGHT - GRID if sealed else _HALF
        box = FieldBox(
            signature_field(code),
            PlaceKind.SIGNATURE,
            size=(signing_width, _BOX_HEIGHT),
            description=f"{_ROLES[role_of(code)].zh} {name}",
        )
        boxes: list[Flowable | str] = [box]
        widths, said = [_HALF], self._tongue.words(_SIGNATURE)
        if sealed:
            boxes, widths = [box, "", self._seal_box()], [signing_width, GRID, _BOX_HEIGHT]
            said += "  ·  " + self._tongue.words(_SEAL)
        return self._cell(self._role_name(code), name, columns([boxes], widths), said)

    def _seal_alone(self) -> list[Flowable]:
        """Where the dealer does not sign, its seal still closes the file."""
        box = columns([[self._seal_box(), ""]], [_BOX_HEIGHT, _HALF - _BOX_HEIGHT])
        return self._cell(
            self._tongue.words(_DEALER), self._document.house.name, box, self._tongue.words(_SEAL)
        )  # fmt: skip

    def _seal_box(self) -> FieldBox:
        return FieldBox(
            "seal_seller",
            PlaceKind.SEAL,
            size=(_BOX_HEIGHT, _BOX_HEIGHT),
            description=f"{_SEAL.zh} {self._document.house.name}",
        )

    @staticmethod
    def _cell(role: str, name: str, box: Flowable, said: str) -> list[Flowable]:
        return [
            TextBlock(role, LABEL),
            TextBlock(name, BODY.but(bold=True, leading=18)),
            box,
            TextBlock(said, LABEL.but(leading=14)),
        ]


def _by_itself(party: PaperParty) -> PaperParty:
    """Who acts for a party is said where both sides sign."""
    return replace(party, representative="", representative_identity="", legal_representative="")


def _in_pairs(cells: list[list[Flowable]]) -> list[Flowable]:
    """Two cells in a row."""
    rows = []
    for index in range(0, len(cells), 2):
        right: list[Flowable] | str = cells[index + 1] if index + 1 < len(cells) else ""
        rows.append(columns([[cells[index], "", right]], [_HALF, _GUTTER, _HALF]))
    return rows
