"""How a contract is laid out: parties, vehicle, price, terms in two columns, and where to sign."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reportlab.platypus.flowables import Flowable

from app.contracts.paper.amendment_block import amendment_block
from app.contracts.paper.clause_layout import Asked, ClauseLayout
from app.contracts.paper.head_block import document_head
from app.contracts.paper.signing_block import parties_block, signatures_block
from app.contracts.templates.template import (
    Article,
    ContractTemplate,
)
from app.documents.blocks import Gap, label_grid, section
from app.documents.paper_data import DepositKind
from app.documents.sale_blocks import Tongue, lines_table, plan_pairs, vehicle_grid
from app.documents.styles import (
    A4_WIDTH,
    BODY,
    GRID,
    MUTED,
    PAGE_MARGIN,
)
from app.documents.text_block import TextBlock
from app.documents.text_runs import Run
from app.documents.wording import branch_date, day_in_words, money
from app.runtime.language import tr_in, tr_noop

if TYPE_CHECKING:
    from app.contracts.paper.sale_paper import ContractPaper

_WIDTH = A4_WIDTH - 2 * PAGE_MARGIN
_DEPOSIT_NAMES = {
    DepositKind.EARNEST_MONEY: tr_noop("Earnest money"),
    DepositKind.ADVANCE: tr_noop("Advance payment"),
}

class ContractLayout:
    """Builds the story of one contract."""

    def __init__(
        self,
        paper: "ContractPaper",
        *,
        template: ContractTemplate,
        articles: tuple[Article, ...],
        facts: frozenset[str],
        values: Mapping[str, Mapping[str, str]],
        languages: tuple[str, str],
    ) -> None:
        self._paper = paper
        self._title = template.title
        self._clauses = ClauseLayout(template, articles, facts, values, languages)
        self._first, self._second = languages
        self._tongue = Tongue(*languages)

    @property
    def asked(self) -> list[Asked]:
        """What is to be acknowledged; known after `story()`."""
        return self._clauses.asked

    def story(self) -> list[Flowable]:
        """All flowables in order."""
        return [
            self._head(),
            Gap(GRID),
            *self._clauses.notices("top"),
            *self._amendment(),
            *self._parties(),
            *self._vehicle(),
            *self._price(),
            *self._money_agreed(),
            *self._clauses.with_signatures(self._heading(tr_noop("Terms"))[1], self._signing()),
        ]

    def _heading(self, text: str) -> list[Flowable]:
        return section(tr_in(self._first, text), tr_in(self._second, text))

    def _head(self) -> Flowable:
        paper, label = self._paper, self._tongue.label
        lines = [f"{label(tr_noop('Order'))} {paper.order_number}  ·  {label(tr_noop('Version'))} {paper.version}"]
        if paper.replaces:
            lines.append(f"{label(tr_noop('Replaces'))} {paper.replaces}")
        return document_head(
            self._title, (self._first, self._second), number=paper.number,
            drafted_on=branch_date(paper.drafted_at), signing_place=paper.signing_place, lines=lines,
        )  # fmt: skip

    def _amendment(self) -> list[Flowable]:
        """What is amended, before everything that counts from now on."""
        amends = self._paper.amends
        return amendment_block(amends, tongue=self._tongue, width=_WIDTH) if amends is not None else []

    def _parties(self) -> list[Flowable]:
        paper = self._paper
        block = parties_block(paper.seller, paper.buyer, paper.co_signers, tongue=self._tongue, width=_WIDTH)
        return [*self._heading(tr_noop("The parties")), *block]

    def _vehicle(self) -> list[Flowable]:
        vehicle = self._paper.vehicle
        name = TextBlock(
            [
                Run(vehicle.name.in_language(self._first), bold=True),
                Run("  " + vehicle.name.in_language(self._second), color=MUTED),
            ],
            BODY.but(size=10, leading=20),
        )
        grid = vehicle_grid(vehicle, tongue=self._tongue, width=_WIDTH, shares=(1, 1, 1, 1), named=False)
        return [*self._heading(tr_noop("The vehicle")), name, grid]

    def _price(self) -> list[Flowable]:
        table = lines_table(self._paper.lines, self._paper.total, tongue=self._tongue, width=_WIDTH)
        return [*self._heading(tr_noop("The on-road total")), table]

    def _money_agreed(self) -> list[Flowable]:
        paper = self._paper
        label = self._tongue.label
        pairs = [(label(tr_noop("Contract price")), money(paper.contract_price))]
        if paper.deposit:
            pairs.append((label(_DEPOSIT_NAMES[paper.deposit.kind]), money(paper.deposit.amount)))
            if paper.deposit.received_on:
                pairs.append((label(tr_noop("Receipt no.")), paper.deposit.receipt_number))
                pairs.append((label(tr_noop("Received on")), day_in_words(paper.deposit.received_on, self._first)))
        if paper.plan:
            pairs += plan_pairs(paper.plan, tongue=self._tongue)
        return [*self._heading(tr_noop("Money agreed")), label_grid(pairs, width=_WIDTH, shares=(1, 1, 1, 1))]

    def _signing(self) -> list[Flowable]:
        paper = self._paper
        return [
            *self._heading(tr_noop("Signatures"))[1:],
            *self._clauses.notices("signing"),
            Gap(GRID),
            *signatures_block(paper.seller, paper.buyer, paper.co_signers, tongue=self._tongue, width=_WIDTH),
        ]
