"""The contract as paper: a pure function from frozen facts and a template version to bytes and signature boxes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from app.contracts.errors import ContractTotalsDisagree
from app.contracts.kinds.roles import role_of
from app.contracts.templates.template import Article, ContractTemplate, article_reference
from app.documents.chinese_amounts import amount_in_capitals
from app.documents.drafted_data import data_digest
from app.documents.paper_data import (
    DepositKind,
    PaperAmendment,
    PaperDeposit,
    PaperLine,
    PaperParty,
    PaperPlan,
    PaperVehicle,
    Watermark,
    Words,
)
from app.documents.places import Place, RenderedPaper
from app.documents.wording import branch_date, day_in_words, moment_in_words, money, rate_in_words
from app.kernel.money import format_money
from app.orders.rules import earnest_cap
from app.runtime.language import CHINESE, ENGLISH

BUYER_FIELD = "signature_buyer"
SELLER_FIELD = "signature_seller"
SEAL_FIELD = "seal_seller"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSigner:
    """A party beside the buyer and the seller; `code` as in `app.contracts.kinds.roles`, such as guarantor_1."""

    code: str
    party: PaperParty


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractPaper:
    """Everything a vehicle sales contract says about one sale.

    `contract_price` is what the seller itself sells (without money collected for others); `lines` add up to
    `total`. `replaces` is the number of the version this one supersedes. `secured_until` is said where the centre keeps
    the vehicle for the desk that sells it and has yet to confirm the sale, which then is not called provisional.
    """

    number: str
    order_number: str
    drafted_at: datetime
    signing_place: Words
    seller: PaperParty
    buyer: PaperParty
    vehicle: PaperVehicle
    lines: tuple[PaperLine, ...]
    total: Decimal
    contract_price: Decimal
    delivery_on: date
    delivery_place: Words
    salesperson: str
    version: int = 1
    replaces: str = ""
    deposit: PaperDeposit | None = None
    plan: PaperPlan | None = None
    provisional: bool = False
    secured_until: datetime | None = None
    new_energy: bool = False
    used: bool = False
    """Whether somebody has owned the vehicle before."""
    watermark: Watermark | None = None
    currency: str = "CNY"
    co_signers: tuple[PaperSigner, ...] = ()
    """Who signs between the buyer and the seller, in that order."""
    amends: PaperAmendment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAcknowledgement:
    """A clause that limits the customer: number 1, 2, … on the paper, and the tick box beside it."""

    number: int
    clause_id: str
    clause_number: str
    text: Words
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedContract(RenderedPaper):
    """A contract ready to be locked; `acknowledgements` in the order in which they are asked."""

    template: str
    acknowledgements: tuple[AskedAcknowledgement, ...]

    @classmethod
    def of(cls, drawn: RenderedPaper, *, template: str, asked: Iterable[tuple[int, str, str, Words]]) -> Self:
        """What was drawn, with what its layout asks for: number, clause, the clause's number on paper, its text."""
        return cls(
            **{one.name: getattr(drawn, one.name) for one in fields(RenderedPaper)},
            template=template,
            acknowledgements=tuple(
                AskedAcknowledgement(
                    number=number, clause_id=clause_id, clause_number=clause_number, text=text,
                    place=drawn.place(acknowledgement_field(number)),
                )
                for number, clause_id, clause_number, text in asked
            ),
        )  # fmt: skip

    @property
    def buyer_box(self) -> Place:
        return self.place(BUYER_FIELD)

    @property
    def seller_box(self) -> Place:
        return self.place(SELLER_FIELD)

    @property
    def seal_box(self) -> Place:
        return self.place(SEAL_FIELD)


def render_contract(paper: ContractPaper, template: ContractTemplate, language: str) -> RenderedContract:
    """The contract in Chinese and English; `language` leads and stands at the left, Chinese governs in both.

    The same facts, template and language give the same bytes. Raises ContractTotalsDisagree,
    ContractPlaceholderUnknown, ContractPlaceholderEmpty, CharactersNotPrintable or AmountNotWritable.
    """
    # The layout pulls ReportLab in; whoever only needs the names above does not pay for it.
    from app.contracts.paper.sale_layout import ContractLayout
    from app.documents.page_frame import PageFrame, compose

    _check(paper)
    facts = contract_facts(paper)
    articles = template.applicable(facts)
    second = ENGLISH if language == CHINESE else CHINESE
    layout = ContractLayout(
        paper,
        template=template,
        articles=articles,
        facts=facts,
        values={code: placeholder_values(paper, template, articles, code) for code in (CHINESE, ENGLISH)},
        languages=(language, second),
    )
    title = template.title.in_language(language)
    frame = PageFrame(
        number=paper.number,
        title=title,
        issuer=paper.seller.name,
        digest=contract_digest(paper, template, language),
        made_at=paper.drafted_at,
        language=language,
        second_language=second,
        subject=f"{title} {paper.order_number}",
        keywords=(paper.order_number, paper.vehicle.vin, template.name),
        watermark=paper.watermark or (Watermark.PROVISIONAL if paper.provisional else None),
    )
    return RenderedContract.of(compose(layout.story(), frame), template=template.name, asked=layout.asked)


def contract_digest(paper: ContractPaper, template: ContractTemplate, language: str) -> str:
    """SHA-256 of the facts, the words of the template and the leading language, as printed in the QR code."""
    said = {one.name: getattr(paper, one.name) for one in fields(paper)}
    if paper.secured_until is None:  # papers from before there were leases have the digest they had
        del said["secured_until"]
    if not paper.used:  # nor those of new vehicles from before there were used ones
        del said["used"]
    if not paper.co_signers:  # nor have papers from before there were further parties another one
        del said["co_signers"]
    if paper.amends is None:  # nor have papers that amend nothing
        del said["amends"]
    return data_digest({"contract": said, "template": template, "language": language})


def acknowledgement_field(number: int) -> str:
    """The name of the tick box of the clause acknowledged as number 1, 2, …"""
    return f"acknowledge_{number:02d}"


def contract_facts(paper: ContractPaper) -> frozenset[str]:
    """The conditions of a template that hold for this sale."""
    facts = {"plan" if paper.plan else "no_plan"}
    facts.add(paper.deposit.kind.value if paper.deposit else "no_deposit")
    if any(line.collected_for_others for line in paper.lines):
        facts.add("collected")
    if paper.provisional:
        facts.add("provisional")
    if paper.secured_until is not None:
        facts.add("secured")
    if paper.new_energy:
        facts.add("new_energy")
    facts.add("used_vehicle" if paper.used else "new_vehicle")
    if paper.buyer.is_company:
        facts.add("company_buyer")
    if paper.seller.bank_account:
        facts.add("seller_account")
    facts |= {role_of(signer.code).value for signer in paper.co_signers}
    return frozenset(facts)


def placeholder_values(
    paper: ContractPaper, template: ContractTemplate, articles: tuple[Article, ...], language: str
) -> Mapping[str, str]:
    """What a template may ask for, in one language; a name without a value is an empty text."""
    values = {name: str(value) for name, value in template.terms.items()}
    values |= {
        f"article_{article.id}": article_reference(number, language) for number, article in enumerate(articles, start=1)
    }
    values |= _sale_values(paper, language) | _deposit_values(paper) | _plan_values(paper.plan)
    return values


def _sale_values(paper: ContractPaper, language: str) -> dict[str, str]:
    collected = sum((line.amount for line in paper.lines if line.collected_for_others), Decimal(0))
    return {
        "number": paper.number,
        "order_number": paper.order_number,
        "seller": paper.seller.name,
        "seller_bank": paper.seller.bank,
        "seller_account": paper.seller.bank_account,
        "buyer": paper.buyer.name,
        "vehicle": paper.vehicle.name.in_language(language),
        "vin": paper.vehicle.vin,
        "total": money(paper.total),
        "total_capitals": amount_in_capitals(paper.total),
        "contract_price": money(paper.contract_price),
        "contract_price_capitals": amount_in_capitals(paper.contract_price),
        "collected": money(collected),
        "signing_place": paper.signing_place.in_language(language),
        "secured_until": moment_in_words(paper.secured_until, language) if paper.secured_until else "",
        "delivery_on": day_in_words(paper.delivery_on, language),
        "delivery_place": paper.delivery_place.in_language(language),
        "salesperson": paper.salesperson,
    }


def _deposit_values(paper: ContractPaper) -> dict[str, str]:
    deposit = paper.deposit
    amount = deposit.amount if deposit else None
    limited = deposit is not None and deposit.kind is DepositKind.EARNEST_MONEY
    return {
        "deposit": money(amount) if amount is not None else "",
        "deposit_capitals": amount_in_capitals(amount) if amount is not None else "",
        "deposit_limit": money(earnest_cap(paper.contract_price, branch_date(paper.drafted_at))) if limited else "",
    }


def _plan_values(plan: PaperPlan | None) -> dict[str, str]:
    names = ("lender", "down_payment", "principal", "annual_rate", "months", "first_instalment", "total_interest")
    if plan is None:
        return dict.fromkeys(names, "")
    filled = (
        plan.lender,
        money(plan.down_payment),
        money(plan.principal),
        rate_in_words(plan.annual_rate),
        str(plan.months),
        money(plan.first_instalment),
        money(plan.total_interest),
    )
    return dict(zip(names, filled, strict=True))


def _check(paper: ContractPaper) -> None:
    added = sum((line.amount for line in paper.lines), Decimal(0))
    if added != paper.total:
        raise ContractTotalsDisagree(sum=format_money(added), total=format_money(paper.total))
