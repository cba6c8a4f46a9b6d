"""What the audit trail calls things."""

from app.kernel.labels import Labelled
from app.runtime.language import tr, tr_noop

REVEALS = "reveals"
"""Stands for all commands that reveal personal data, where a filter names one."""
REVEAL_COMMANDS = frozenset({"RevealPersonalData", "RevealRefusedValue", "RevealReplacedValue"})
"""The commands whose entries are the reveals."""

TABLE_LABELS: dict[str, str] = {
    "branch": tr_noop("Branch"),
    "staff_member": tr_noop("Staff member"),
    "make": tr_noop("Make"),
    "series": tr_noop("Series"),
    "model_year": tr_noop("Model year"),
    "trim": tr_noop("Trim"),
    "specification_version": tr_noop("Version in the catalogue"),
    "vehicle_unit": tr_noop("Vehicle"),
    "customer": tr_noop("Customer"),
    "consent": tr_noop("Consent"),
    "customer_vehicle": tr_noop("Customer's vehicle"),
    "quotation": tr_noop("Quotation"),
    "quotation_line": tr_noop("Quotation line"),
    "sales_order": tr_noop("Order"),
    "sales_order_line": tr_noop("Order line"),
    "payment": tr_noop("Payment"),
    "contract": tr_noop("Contract"),
    "contract_document": tr_noop("Contract document"),
    "contract_signature": tr_noop("Signature"),
    "contract_party": tr_noop("Party of a contract"),
    "identity_step": tr_noop("Identity check of a signer"),
    "document_print": tr_noop("Print of a document"),
    "signing_authority": tr_noop("Signing key"),
    "clause": tr_noop("Clause"),
    "clause_version": tr_noop("Version of a clause"),
    "contract_template": tr_noop("Contract template"),
    "contract_milestone": tr_noop("Contract milestone"),
    "legal_hold": tr_noop("Legal hold"),
    "disposal_list": tr_noop("Destruction list"),
    "disposal_line": tr_noop("Document on a destruction list"),
    "template_version": tr_noop("Version of a template"),
    "service_appointment": tr_noop("Appointment"),
    "unit_cost": tr_noop("Cost of a vehicle"),
    "floor_plan": tr_noop("Floor plan"),
    "floor_plan_repayment": tr_noop("Repayment of a floor plan"),
    "anomaly_dismissal": tr_noop("Check put aside"),
    "attachment": tr_noop("Picture or document"),
    "lead_time": tr_noop("Lead time"),
    "price_change": tr_noop("Price change"),
    "price_line": tr_noop("Line of a price change"),
    "purchase_line": tr_noop("Line of a purchase proposal"),
    "purchase_proposal": tr_noop("Purchase proposal"),
    "replenishment_policy": tr_noop("Replenishment settings"),
    "stock_minimum": tr_noop("Minimum stock"),
    "vehicle_transfer": tr_noop("Transfer"),
    "stock_count": tr_noop("Stock count"),
    "stock_count_finding": tr_noop("Finding of a stock count"),
    "stock_count_line": tr_noop("Vehicle of a stock count"),
    "stock_count_scan": tr_noop("Scan of a stock count"),
    "month_close": tr_noop("Closed month"),
    "task": tr_noop("Task"),
    "saved_search": tr_noop("Saved search"),
    "inspection": tr_noop("Inspection"),
    "inspection_answer": tr_noop("Answer of an inspection"),
    "inspection_defect": tr_noop("Defect"),
    "certificate_entry": tr_noop("Line of the certificate ledger"),
    "vehicle_key": tr_noop("Vehicle key"),
    "key_entry": tr_noop("Line of the key register"),
    "stock_place": tr_noop("Place in the branch"),
    "unit_move": tr_noop("Move of a vehicle"),
    "unit_wish": tr_noop("Place in a queue"),
}


class ChainProblem(Labelled):
    """What is wrong at a place of the audit trail."""

    EDITED = "edited", tr_noop("This entry was changed after it was written")
    REMOVED_BEFORE = "removed_before", tr_noop("Entries before this one were removed or replaced")
    REMOVED_AT_END = "removed_at_end", tr_noop("The newest entries after this one were removed")


def table_label(table: str) -> str:
    """What a table holds, in the language in use; an unknown table as it is."""
    return tr(TABLE_LABELS.get(table, table))


_WORDS = {
    "vin": "VIN", "pdi": "PDI", "pin": "PIN", "uscc": "company code", "params": "details", "zh": "(Chinese)",
    "en": "(English)", "km": "(km)", "minutes": "(minutes)",
}  # fmt: skip


def field_words(field: str) -> str:
    """`list_price` as "List price", `odometer_km` as "Odometer (km)", the key of its translation."""
    words = " ".join(_WORDS.get(word, word) for word in field.removesuffix("_id").split("_"))
    return words[:1].upper() + words[1:]


def field_label(field: str) -> str:
    """A field in the language in use; a test proves that every recorded field has a translation."""
    return tr(field_words(field))
