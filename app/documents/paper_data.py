"""What paper is drafted from: frozen facts in words and numbers, nothing of the database and nothing of the page."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.documents.drafted_data import LATER
from app.runtime.language import CHINESE


@dataclass(frozen=True, slots=True)
class Words:
    """A name kept in both languages; where one is missing the other stands in for it."""

    zh: str
    en: str = ""

    def in_language(self, code: str) -> str:
        """The words for "zh_CN" or "en"."""
        first, second = (self.zh, self.en) if code == CHINESE else (self.en, self.zh)
        return first or second


class Watermark(StrEnum):
    """A word across the page that says how far the paper may be trusted."""

    DRAFT = "draft"
    PROVISIONAL = "provisional"
    COPY = "copy"
    VOID = "void"
    SUPERSEDED = "superseded"
    TERMINATED = "terminated"


class DepositKind(StrEnum):
    """Two different things in law: 定金 carries the penalty rule of Civil Code 586-588, 订金 does not."""

    EARNEST_MONEY = "earnest_money"
    ADVANCE = "advance"


class PlanKind(StrEnum):
    """How a loan is paid back."""

    EQUAL_INSTALMENT = "equal_instalment"
    EQUAL_PRINCIPAL = "equal_principal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperAmendment:
    """The sealed contract that a paper amends, and what it changes. `digest`: SHA-256 of the sealed file."""

    number: str
    sealed_on: date
    digest: str
    changes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperParty:
    """One side of a document. `identity` is printed as given: complete on a contract, masked elsewhere."""

    name: str
    is_company: bool = False
    identity: str = ""
    phone: str = ""
    address: str = ""
    representative: str = ""
    """Who acts for a company on this paper."""
    representative_identity: str = field(default="", metadata=LATER)
    """That person's identity card."""
    legal_representative: str = field(default="", metadata=LATER)
    bank: str = field(default="", metadata=LATER)
    bank_account: str = field(default="", metadata=LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperVehicle:
    """The vehicle as sold. `vin` may be empty on a quotation for a vehicle not yet chosen."""

    name: Words
    vin: str = ""
    model_year: int | None = None
    exterior: Words | None = None
    interior: Words | None = None
    energy: Words | None = None
    engine_number: str = ""
    certificate_number: str = ""
    odometer_km: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One item of the on-road total; deductions are negative. `note` says where a figure comes from."""

    label: Words
    amount: Decimal
    note: Words | None = None
    collected_for_others: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPlan:
    """A loan in short. `annual_rate` is a fraction (0.045 is 4.5 %)."""

    kind: PlanKind
    lender: str
    down_payment: Decimal
    principal: Decimal
    annual_rate: Decimal
    months: int
    first_instalment: Decimal
    last_instalment: Decimal
    total_interest: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperDeposit:
    """Money agreed before delivery; `received_on` and `receipt_number` once it was paid."""

    kind: DepositKind
    amount: Decimal
    received_on: date | None = None
    receipt_number: str = ""
