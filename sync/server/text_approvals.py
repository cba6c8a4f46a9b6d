"""What holds a version of a clause or a template to two people at the centre: approved by somebody who did not draft
it, in exactly the words that person saw, and unchanged from then on."""

from collections.abc import Collection, Mapping
from typing import Any

from app.contracts.templates.text_versions import TERMS, terms_digest
from app.kernel.permissions import Permission
from sync.protocol.codes import Rejection
from sync.server.outcomes import Refused

TEXT_TABLES = frozenset(TERMS)
_DRAFT, _PROPOSED, _APPROVED = "DRAFT", "PROPOSED", "APPROVED"
_NEXT: Mapping[str, frozenset[str]] = {
    _DRAFT: frozenset({_PROPOSED, _APPROVED, "REJECTED", "WITHDRAWN"}),
    _PROPOSED: frozenset({_DRAFT, _APPROVED, "REJECTED", "WITHDRAWN"}),
    _APPROVED: frozenset({"WITHDRAWN"}),
}
"""By the state the centre knows, where a desk may take a version; it may have gone several steps at once."""
_DECISION = frozenset({"decided_by_staff_id", "decided_at", "approved_digest"})
"""Whose decision it was; fixed once a version is approved."""


def check_text(
    present: Mapping[str, Any], operation: Mapping[str, Any], *, permissions: Collection[Permission]
) -> None:
    """Raise Refused where an operation on a version changes what is no draft any more, skips a step, or approves or
    withdraws what takes a second person. `present` is the record as the centre has it, empty for a new one."""
    table, fields = operation["table"], operation["fields"]
    whole = {**present, **fields}
    before, after = present.get("state", _DRAFT), whole.get("state", _DRAFT)
    if before != _DRAFT:
        fixed = {*TERMS[table], *(_DECISION if before == _APPROVED else ())}
        # Back to a draft, or as a draft, the words may change again; the approval names the words it was given for.
        changed = next((name for name in sorted(fixed & fields.keys()) if fields[name] != present.get(name)), "")
        if (changed and after != _DRAFT) or fields.get("deleted_at") is not None:
            raise Refused(Rejection.RECORD_IMMUTABLE, field=changed or "deleted_at")
        if changed == "drafted_by_staff_id":
            raise Refused(Rejection.RECORD_IMMUTABLE, field=changed)
    if after == before:
        return
    if after not in _NEXT.get(before, frozenset()):
        raise Refused(Rejection.RECORD_IMMUTABLE, field="state")
    if after == _APPROVED:
        _check_approval(table, whole, operation.get("by", ""), permissions)
    if before == _APPROVED and Permission.CLAUSES_APPROVE not in permissions:
        raise Refused(Rejection.PERMISSION_DENIED, table=table)


def _check_approval(table: str, whole: Mapping[str, Any], by: str, permissions: Collection[Permission]) -> None:
    drafted_by = whole.get("drafted_by_staff_id")
    own = drafted_by in (by, whole.get("decided_by_staff_id"))
    if own or Permission.CLAUSES_APPROVE not in permissions:
        raise Refused(Rejection.PERMISSION_DENIED, table=table)
    if whole.get("approved_digest") != terms_digest(table, whole):
        raise Refused(Rejection.RECORD_IMMUTABLE, field="approved_digest")
