"""What a merge must not touch: fields only the centre sets, documents that stand, records others refer to."""

from typing import Any

CENTRE_FIELDS = frozenset({"claim_state", "claim_winner", "final_number"})
"""Of a sales order: the centre's word."""

LEASE_FIELDS = frozenset({"secured_until", "secured_for"})
"""Of a vehicle: the centre's word on which desk it is secured for."""

ASKS_AGAIN = frozenset({"released", "provisional"})
"""Claim states a desk may set: it gave the vehicle up, or asks for it once more."""

_CONTRACT_TERMS = frozenset(
    {
        "amends_id", "order_id", "customer_id", "number", "branch_id", "template_code", "template_version",
        "paper_language", "data_digest", "document_digest", "locked_at", "sign_until",
    }
)  # fmt: skip
_SEALED_TERMS = frozenset({"sealed_digest", "sealed_at"})
_BEFORE_THE_SEAL = frozenset({"DRAFT", "LOCKED", "PARTIALLY_SIGNED", "SIGNED", "DECLINED", "EXPIRED"})
_PAYMENT_TERMS = frozenset(
    {"order_id", "customer_id", "branch_id", "number", "kind", "method", "amount", "currency", "received_at",
     "reverses_id"}
)  # fmt: skip
_WHOLE = frozenset(
    {"contract_document", "contract_signature", "identity_step", "certificate_entry", "key_entry", "unit_move"}
)
_ADDED_ONLY = frozenset({"stock_count_line", "stock_count_scan"})
_CLOSED_COUNTS = ("SIGNED", "ABANDONED")
_NEVER_DELETED = frozenset({"payment", "contract", *_WHOLE})


def without_centre_fields(fields: dict[str, Any], present: dict[str, Any]) -> dict[str, Any]:
    """A sales order's fields as far as a desk may set them; the very same object where all are allowed."""
    if CENTRE_FIELDS.isdisjoint(fields):
        return fields
    kept = {name: value for name, value in fields.items() if name not in CENTRE_FIELDS}
    wanted = fields.get("claim_state")
    if wanted in ASKS_AGAIN and (wanted == "released" or present.get("claim_state") != "confirmed"):
        kept["claim_state"] = wanted
    return kept


def immutable_field(table: str, present: dict[str, Any], incoming: dict[str, Any]) -> str | None:
    """The first field that may not change any more although the incoming change would, None if there is none."""
    if "deleted_at" in incoming and incoming["deleted_at"] is not None and table in _NEVER_DELETED:
        return "deleted_at"
    if table in _WHOLE:
        # A draft's bytes are laid out again as often as the draft changes; all later stages stand.
        fixed = set() if present.get("stage", "").lower() == "draft" else incoming.keys()
    elif table in _ADDED_ONLY or _is_closed_count(table, present):
        fixed = set(incoming)
    elif table == "payment":
        fixed = incoming.keys() & _PAYMENT_TERMS
    elif table == "contract_party" and present.get("state", "AWAITED") != "AWAITED":
        fixed = set(incoming)
    elif table == "contract" and present.get("state", "DRAFT") != "DRAFT":
        fixed = incoming.keys() & _CONTRACT_TERMS
        if present.get("sealed_digest"):
            fixed = fixed | _unsealing(incoming)
    else:
        return None
    return next((name for name in sorted(fixed) if incoming[name] != present.get(name)), None)


def _unsealing(incoming: dict[str, Any]) -> set[str]:
    """What would put another seal in the place of the first, or take a sealed contract back to before it: a desk that
    went on with it without having heard of the seal."""
    back = {"state"} if incoming.get("state") in _BEFORE_THE_SEAL else set()
    return (incoming.keys() & _SEALED_TERMS) | back


def _is_closed_count(table: str, present: dict[str, Any]) -> bool:
    """A stock count that was signed off, and what was decided in it, stand."""
    if table == "stock_count":
        return present.get("state") in _CLOSED_COUNTS
    return table == "stock_count_finding" and present.get("posted_at") is not None
