"""Which overridden values people are told of: those somebody typed, not what programs keep for themselves."""

from typing import Any

_QUIET_TABLES = frozenset(
    {
        "anomaly_dismissal", "clause_version", "contract_document", "contract_signature", "document_print",
        "certificate_entry", "identity_step", "key_entry", "unit_move", "payment", "signing_authority",
        "specification_version", "stock_count_line", "stock_count_scan", "task", "template_version",
    }
)  # fmt: skip
"""Ledgers and papers, which merge otherwise or not at all, and what is only told."""

_QUIET_FIELDS = frozenset(
    {
        "allocation_state", "asked_state", "claim_state", "claim_winner", "deleted_at", "final_number", "held_until",
        "held_by_staff_id", "held_for_customer_id", "last_sign_in_at", "locked_at", "order_id", "parameters",
        "password_hash", "pin_hash", "position", "specification_versions", "sort_order",
        "stamp_ends_at", "stamped_at", "stamped_digest",
    }
)  # fmt: skip
"""What rules set beside what a person did; and secrets."""


def is_quiet(table: str, field: str, present: dict[str, Any]) -> bool:
    """Whether nobody is told that a value of this field was replaced. `present` is the record as it stands."""
    if table in _QUIET_TABLES or field in _QUIET_FIELDS:
        return True
    return table == "contract" and present.get("state", "DRAFT") != "DRAFT"


def may_be_entered_again(field: str) -> bool:
    """Whether a value can simply be entered once more: states and references are changed where their rules are."""
    return not (field == "state" or field.endswith(("_state", "_id")))
