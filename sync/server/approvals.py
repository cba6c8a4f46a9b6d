"""What needs two people: a price change that has to be approved is approved by somebody who did not propose it, once,
and what was approved stays as it was; so is a purchase proposal, and so are the texts of contracts (`text_approvals`).
Two desks may decide without knowing of each other; the first decision counts.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from app.kernel.permissions import Permission
from sync.protocol.codes import Rejection
from sync.server.closed_months import MONTH_CLOSE, check_closing
from sync.server.disposal import DISPOSAL_TABLES, Records, check_disposal
from sync.server.ledger import Row
from sync.server.outcomes import Refused
from sync.server.text_approvals import TEXT_TABLES, check_text

CHANGE, LINE = "price_change", "price_line"
PROPOSAL, PURCHASE_LINE = "purchase_proposal", "purchase_line"
DECIDED_TABLES = frozenset({CHANGE, LINE, PROPOSAL, PURCHASE_LINE, MONTH_CLOSE}) | TEXT_TABLES | DISPOSAL_TABLES
_DRAFT, _APPROVED = "DRAFT", "APPROVED"
_NEXT: Mapping[str, frozenset[str]] = {
    "DRAFT": frozenset({"PENDING_APPROVAL", "APPROVED", "WITHDRAWN"}),
    "PENDING_APPROVAL": frozenset({"APPROVED", "REJECTED", "WITHDRAWN"}),
    "APPROVED": frozenset({"WITHDRAWN"}),
}
"""By the state the centre knows, where a desk may take a price change; it may have gone several steps at once."""

_TERMS = frozenset(
    {"branch_id", "kind", "origin", "valid_from", "formula", "below_floor", "needs_approval", "drafted_by_staff_id"}
)
"""Of a price change that is no draft any more: what was approved, and by whom it was proposed."""


_AGREED = frozenset({"APPROVED", "ORDERED", "CLOSED"})
"""Where a purchase proposal stands once somebody else has agreed."""


def check_decided(
    row: Row | None, operation: Mapping[str, Any], *, permissions: Collection[Permission],
    records: Records,
) -> None:  # fmt: skip
    """Raise Refused where an operation about a price change, a purchase proposal, a line of one, a text, or a closed
    month goes past the second person.

    `row` is the record as the centre has it, None for a new one; `records` is what the centre has besides.
    """
    present: Mapping[str, Any] = {} if row is None else row.fields
    match operation["table"]:
        case "price_line":
            _check_line(row, operation, "change_id", lambda one: records.get(CHANGE, one))
        case "purchase_line":
            _check_line(row, operation, "proposal_id", lambda one: records.get(PROPOSAL, one))
        case "price_change":
            _check_change(present, operation, permissions)
        case "purchase_proposal":
            _check_proposal(present, operation, permissions)
        case "month_close":
            check_closing(present, operation, is_known=row is not None, permissions=permissions)
        case table if table in DISPOSAL_TABLES:
            check_disposal(present, operation, permissions=permissions, records=records)
        case table if table in TEXT_TABLES:
            check_text(present, operation, permissions=permissions)


def _check_proposal(
    present: Mapping[str, Any], operation: Mapping[str, Any], permissions: Collection[Permission]
) -> None:
    """Whoever drafted it stays named once it is no draft any more, and does not agree to it."""
    whole = {**present, **operation["fields"]}
    before = present.get("state", _DRAFT)
    drafted_by = whole.get("drafted_by_staff_id")
    if before != _DRAFT and drafted_by != present.get("drafted_by_staff_id"):
        raise Refused(Rejection.RECORD_IMMUTABLE, field="drafted_by_staff_id")
    if before in _AGREED or whole.get("state", _DRAFT) not in _AGREED:
        return
    own = drafted_by in (operation.get("by", ""), whole.get("decided_by_staff_id"))
    if own or Permission.REPLENISHMENT_APPROVE not in permissions:
        raise Refused(Rejection.PERMISSION_DENIED, table=PROPOSAL)


def _check_line(row: Row | None, operation: Mapping[str, Any], of_field: str, whole: Callable[[str], Any]) -> None:
    """Lines are entered and taken out while what they belong to is a draft, or before the centre has heard of it."""
    fields = operation["fields"]
    known = fields if row is None else row.fields
    of = whole(str(known.get(of_field) or ""))
    if of is not None and of.fields.get("state", _DRAFT) != _DRAFT:
        raise Refused(Rejection.RECORD_IMMUTABLE, field=of_field)
    if row is not None and not row.deleted:
        changed = [name for name in sorted(fields.keys() - {"deleted_at"}) if fields[name] != known.get(name)]
        if changed:
            raise Refused(Rejection.RECORD_IMMUTABLE, field=changed[0])


def _check_change(
    present: Mapping[str, Any], operation: Mapping[str, Any], permissions: Collection[Permission]
) -> None:
    fields = operation["fields"]
    before, after = present.get("state", _DRAFT), fields.get("state", present.get("state", _DRAFT))
    if before != _DRAFT:
        changed = next((name for name in sorted(_TERMS & fields.keys()) if fields[name] != present.get(name)), "")
        if changed or fields.get("deleted_at") is not None:
            raise Refused(Rejection.RECORD_IMMUTABLE, field=changed or "deleted_at")
    if after == before:
        return
    if after not in _NEXT.get(before, frozenset()):
        raise Refused(Rejection.RECORD_IMMUTABLE, field="state")
    if after == _APPROVED and {**present, **fields}.get("needs_approval", True):
        _check_approval({**present, **fields}, operation.get("by", ""), permissions)


def _check_approval(whole: Mapping[str, Any], by: str, permissions: Collection[Permission]) -> None:
    own = by == whole.get("drafted_by_staff_id") or whole.get("decided_by_staff_id") == whole.get("drafted_by_staff_id")
    if own or Permission.PRICING_APPROVE not in permissions:
        raise Refused(Rejection.PERMISSION_DENIED, table=CHANGE)
