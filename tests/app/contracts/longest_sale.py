"""The longest contract through a desk's own commands: forty lines, house terms, a loan, four who sign."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.clauses.rules import TextSort
from app.contracts.commands import DraftContract, LockContract
from app.contracts.preparing import prepare_draft
from app.contracts.queries import get_contract
from app.contracts.signers.identity_commands import CheckIdentityDocument, NoteIdentityNotice
from app.contracts.signers.party_commands import SetContractParties
from app.inventory.commands import HoldUnit
from app.orders.commands import PlaceOrder
from app.quotations.commands import (
    AcceptQuotation,
    DraftQuotation,
    ExtraTerms,
    FinanceTerms,
    InsuranceTerms,
    PresentQuotation,
)
from db.models.inventory import VehicleUnit
from tests.app.clauses.library_desk import LibraryDesk
from tests.app.contracts.party_samples import FATHER_BORN, SPOUSE_BORN, co_buyer, guarantor, identity_number
from tests.app.sale_desk import DELIVERY, SaleDesk

LINES = 40
FOUR = ("buyer", "co_buyer_1", "guarantor_1", "dealer")
CARDS = {
    "buyer": ("张伟", "11010519491231002X"),
    "co_buyer_1": ("李娜", identity_number(SPOUSE_BORN, 22)),
    "guarantor_1": ("张建国", identity_number(FATHER_BORN, 31)),
}
_EACH = Decimal("128.00")
_OPTION = "选装 {n:02d}：原厂附件（零件号 MB-{n:04d}-CN），含材料、安装工时与路试，质保 24 个月或 50,000 km", \
    "Option {n:02d}: original part MB-{n:04d}-CN, fitted, 24 months"
_SERVICE = "服务 {n:02d}：上门取送车一次（单程 30 km 以内），自交付之日起 12 个月内有效，需提前 1 日预约", \
    "Service {n:02d}: vehicle fetched and returned once, 12 months"
HOUSE_TERMS = Path(__file__).with_name("house_terms.json")
"""Clauses of the house's own, and schedules whose text is repeated for each item."""


def house_terms() -> list[dict[str, str]]:
    """Titles and texts of the house's own clauses, the long schedules first; the fields are SaveClauseDraft's."""
    told = json.loads(HOUSE_TERMS.read_text(encoding="utf-8"))
    return [*(_schedule(one) for one in told["schedules"]), *told["clauses"]]


def _schedule(told: dict[str, Any]) -> dict[str, str]:
    """A clause of numbered items."""
    numbers = range(1, told["items"] + 1)
    items = [{"n": number, "km": 10_000 * number, "months": 12 * number} for number in numbers]
    return {
        "title_zh": told["title_zh"], "title_en": told["title_en"],
        "text_zh": "".join(told["text_zh"].format(**item) for item in items).rstrip("；") + "。",
        "text_en": "".join(told["text_en"].format(**item) for item in items).rstrip("; ") + ".",
    }  # fmt: skip


class LongestSale:
    """王芳 sells it to 张伟 with 李娜, 张建国 answering for both; 赵敏 and 周涛 approve the house's terms first."""

    def __init__(self, desk: SaleDesk) -> None:
        self.desk = desk
        self._approve_house_terms()
        self.order_id = self._order()
        desk.pay(self.order_id, "20000.00")
        self.contract_id = desk.draft_contract(self.order_id).contract_id
        desk.do(
            SetContractParties(
                contract_id=self.contract_id, expected_revision=self.detail.row.revision,
                parties=(guarantor(), co_buyer()),
            )
        )  # fmt: skip

    @property
    def detail(self) -> Any:
        """The contract as its page shows it."""
        return self.desk.read(get_contract, self.contract_id)

    def draft(self, language: str = "") -> Any:
        """Lay it out, then store it, as its page does; returns what was laid out."""
        prepared = self.desk.read(prepare_draft, self.order_id, language=language)
        self.desk.do(DraftContract(order_id=self.order_id, prepared=prepared, language=language))
        return prepared

    def lock(self) -> None:
        """Freeze the bytes that were shown."""
        seen = self.detail
        self.desk.do(
            LockContract(
                contract_id=self.contract_id, expected_revision=seen.row.revision, shown_digest=seen.shown_digest
            )
        )

    def identify(self, party: str) -> bool:
        """Show the purposes, compare the card; whether it agreed with the contract."""
        self.desk.do(NoteIdentityNotice(contract_id=self.contract_id, party=party, language="zh_CN"))
        name, number = CARDS[party]
        card = CheckIdentityDocument(contract_id=self.contract_id, party=party, name=name, number=number)
        return bool(self.desk.do(card).passed)

    def sign(self, party: str) -> Any:
        """A minute later: every clause acknowledged, then the hand."""
        self.desk.clock.advance(timedelta(minutes=1))
        return self.desk.do(self.desk.signature(self.contract_id, party))

    def _approve_house_terms(self) -> None:
        library = LibraryDesk(self.desk)
        terms = house_terms()
        codes = [f"house.term_{number}" for number in range(len(terms))]
        for code, said in zip(codes, terms, strict=True):
            library.approve(library.clause(code, **said))
        library.approve(library.template(*codes), TextSort.TEMPLATE)

    def _order(self) -> str:
        desk = self.desk
        unit = desk.unit()
        desk.do(HoldUnit(unit_id=unit.id, customer_id=desk.customer.id))
        terms = desk.terms(
            unit, options=_extras(_OPTION, 20), services=_extras(_SERVICE, LINES - 27),
            insurance=InsuranceTerms(third_party_limit=Decimal("2000000.00")),
            finance=FinanceTerms(
                method="equal_instalment", down_payment=Decimal("60000.00"), months=36, annual_rate=Decimal("0.045"),
                product_code="bank_equal_instalment",
            ),
        )  # fmt: skip
        offer = desk.do(DraftQuotation(customer_id=desk.customer.id, terms=terms)).quotation_id
        desk.do(PresentQuotation(quotation_id=offer, expected_revision=1))
        desk.do(AcceptQuotation(quotation_id=offer, expected_revision=2))
        order = desk.do(PlaceOrder(quotation_id=offer, expected_revision=3, planned_delivery=DELIVERY))
        assert desk.row(VehicleUnit, unit.id).allocation_state == "ALLOCATED"
        return str(order.order_id)


def _extras(names: tuple[str, str], count: int) -> tuple[ExtraTerms, ...]:
    zh, en = names
    return tuple(
        ExtraTerms(name_zh=zh.format(n=number), name_en=en.format(n=number), amount=_EACH)
        for number in range(1, count + 1)
    )
