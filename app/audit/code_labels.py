"""What stored codes mean, by table and field: states, kinds and ways, as the pages of their features call them."""

from functools import cache

from app.archive.disposal import DisposalState
from app.catalog.energies import Energy
from app.clauses.kinds import kind_words, kinds
from app.contracts.after_signing.milestones import MilestoneKind
from app.contracts.kinds.roles import PartyRole
from app.contracts.rules import ContractState, PartyState
from app.contracts.signers.identity_rules import StepKind, StepResult
from app.contracts.templates.text_versions import TextState
from app.custody.rules import CustodyStep, Holder, KeyPurpose, KeyState, KeyStep
from app.customers.choices import ConsentChannel, ConsentPurpose, CustomerSource
from app.customers.rules import CustomerKind, IdentityKind
from app.inspections.rules import DefectState, InspectionState, Severity, Verdict
from app.inventory.places import PlaceKind
from app.inventory.rules import AllocationState, CertificateState, PdiState, QualityState, StockState, WishState
from app.kernel.labels import Bilingual, Labelled
from app.kernel.permissions import ROLE_LABELS
from app.orders.rules import ClaimState, OrderState
from app.payments.rules import PaymentKind, PaymentMethod, PaymentState
from app.periods.rules import MonthState
from app.pricing.rules import FormulaKind, PriceKind, PriceLevel, PriceOrigin, PriceState, Rounding
from app.printing.rules import PrintMark, PrintSource, PrintState
from app.quotations.rules import ChargeKind, QuotationState
from app.replenishment.rules import ProposalState
from app.runtime.language import CHINESE, ENGLISH, tr, tr_noop
from app.stocktaking.rules import CountState, Coverage, Method, Outcome, Reason
from app.tasks.rules import TaskState
from app.transfers.rules import CertificateTravel, Condition, TransferKind, TransferState
from app.unit_costs.rules import CostKind
from app.workshop.rules import AppointmentState, BayType

_AXES: dict[str, type[Labelled]] = {
    "allocation_state": AllocationState, "certificate_state": CertificateState, "pdi_state": PdiState,
    "quality_state": QualityState, "stock_state": StockState,
}  # fmt: skip
CODES: dict[str, dict[str, type[Labelled]]] = {
    "certificate_entry": {
        "step": CustodyStep, "from_kind": Holder, "to_kind": Holder, "state_before": CertificateState,
        "state_after": CertificateState,
    },
    "clause_version": {"state": TextState},
    "consent": {"purpose": ConsentPurpose, "channel": ConsentChannel},
    "contract": {"state": ContractState},
    "contract_party": {"role": PartyRole, "state": PartyState, "identity_kind": IdentityKind},
    "contract_signature": {"party": PartyRole},
    "contract_milestone": {"kind": MilestoneKind},
    "customer": {"kind": CustomerKind, "identity_kind": IdentityKind, "source": CustomerSource},
    "identity_step": {"kind": StepKind, "result": StepResult},
    "disposal_list": {"state": DisposalState},
    "document_print": {"source": PrintSource, "mark": PrintMark, "state": PrintState},
    "formula": {"kind": FormulaKind, "rounding": Rounding},
    "inspection": {"state": InspectionState, "energy": Energy},
    "inspection_answer": {"verdict": Verdict},
    "inspection_defect": {"severity": Severity, "state": DefectState},
    "key_entry": {"step": KeyStep, "purpose": KeyPurpose},
    "month_close": {"state": MonthState},
    "payment": {"kind": PaymentKind, "method": PaymentMethod, "state": PaymentState},
    "price_change": {"kind": PriceKind, "origin": PriceOrigin, "state": PriceState},
    "price_line": {"level": PriceLevel},
    "purchase_proposal": {"state": ProposalState},
    "quotation": {"state": QuotationState},
    "quotation_line": {"kind": ChargeKind},
    "sales_order": {"state": OrderState, "claim_state": ClaimState},
    "sales_order_line": {"kind": ChargeKind},
    "service_appointment": {"state": AppointmentState, "bay_type": BayType},
    "stock_count": {"state": CountState, "coverage": Coverage},
    "stock_count_finding": {"outcome": Outcome, "reason": Reason},
    "stock_count_scan": {"method": Method},
    "stock_place": {"kind": PlaceKind},
    "task": {"state": TaskState},
    "template_version": {"state": TextState},
    "trim": {"energy": Energy},
    "unit_cost": {"kind": CostKind},
    "unit_wish": {"state": WishState},
    "vehicle_key": {"state": KeyState, "purpose": KeyPurpose},
    "vehicle_transfer": {
        "kind": TransferKind, "state": TransferState, "asked_state": TransferState,
        "certificate_by": CertificateTravel, "condition": Condition,
    },
    "vehicle_unit": {**_AXES, "energy": Energy},
}  # fmt: skip
"""By table; `formula` is the one of a price change."""

_PLAIN: dict[tuple[str, str], dict[str, str]] = {
    ("staff_member", "role"): {role.value: label for role, label in ROLE_LABELS.items()},
    **{
        (table, "paper_language"): {CHINESE: tr_noop("Chinese"), ENGLISH: tr_noop("English")}
        for table in ("contract", "customer")
    },
}
"""Codes whose words do not stand beside them."""


@cache
def _labels(kind: type[Labelled]) -> dict[str, str]:
    return {one.value: one.label for one in kind}


def code_text(table: str, field: str, code: str) -> str | None:
    """A stored code, or a name kept in both languages, in the language in use; None for what is neither."""
    if field.endswith("_colour") and code:
        return str(Bilingual.from_stored(code))
    if (table, field) in (("contract_template", "kind"), ("disposal_line", "kind")):
        return next((str(kind_words(one)) for one in kinds() if one.code == code), None)
    kind = CODES.get(table, {}).get(field)
    label = _PLAIN.get((table, field), {}).get(code) if kind is None else _labels(kind).get(code)
    return None if label is None else tr(label)
