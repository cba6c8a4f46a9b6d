"""What holds the destruction of documents to two people at the centre: parts of a document go only by a list that
somebody else than its proposer has confirmed, not before the day that list says, and not under a legal hold."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from app.kernel.clock import branch_day
from app.kernel.permissions import Permission
from sync.protocol.codes import Rejection
from sync.server.ledger import Row
from sync.server.outcomes import Refused

LIST, LINE, CONTRACT, HOLD = "disposal_list", "disposal_line", "contract", "legal_hold"
DISPOSAL_TABLES = frozenset({LIST, LINE})
_PARTS = frozenset({"contract_document", "contract_signature", "contract_party", "identity_step"})
_TERMS = frozenset({"branch_id", "number", "reason", "documents", "proposed_by_staff_id", "proposed_at"})
_PROPOSED, _CONFIRMED, _DISPOSED = "PROPOSED", "CONFIRMED", "DISPOSED"
_NEXT = frozenset({_PROPOSED, _CONFIRMED, "REJECTED"})



class Records(Protocol):
    """What the centre has, as the request has left it so far (`sync.server.ledger.Ledger`)."""

    def get(self, table: str, record_id: str) -> Row | None:
        """The record, or None."""
        ...

    def having(self, table: str, field: str, values: Collection[str]) -> list[Row]:
        """The records that have one of these values in a field."""
        ...


def check_disposal(
    present: Mapping[str, Any], operation: Mapping[str, Any], *, permissions: Collection[Permission], records: Records
) -> None:
    """Raise Refused where a list or a line of one is changed after it was decided, one person does both, or something
    on it is on legal hold."""
    if operation["table"] == LINE:
        _check_line(present, operation, records)
    else:
        _check_list(present, operation, permissions, records)


def _check_list(
    present: Mapping[str, Any], operation: Mapping[str, Any], permissions: Collection[Permission], records: Records
) -> None:
    fields = operation["fields"]
    whole = {**present, **fields}
    if present:
        fixed = fields.keys() if present.get("state", _PROPOSED) != _PROPOSED else fields.keys() & _TERMS
        changed = next((name for name in sorted(fixed) if fields[name] != present.get(name)), "")
        if changed or fields.get("deleted_at") is not None:
            raise Refused(Rejection.RECORD_IMMUTABLE, field=changed or "deleted_at")
    if whole.get("state", _PROPOSED) not in _NEXT:
        raise Refused(Rejection.RECORD_IMMUTABLE, field="state")
    if whole.get("state") == _CONFIRMED and present.get("state") != _CONFIRMED:
        proposer = whole.get("proposed_by_staff_id")
        own = proposer in (operation.get("by", ""), whole.get("decided_by_staff_id"))
        if own or Permission.CONTRACTS_DISPOSE not in permissions:
            raise Refused(Rejection.PERMISSION_DENIED, table=LIST)
        lines = records.having(LINE, "list_id", [operation["id"]])
        _require_free({line.id: str(line.fields.get("number") or "") for line in lines}, records)


def _require_free(named: Mapping[str, str], records: Records) -> None:
    """Raise Refused where a hold rests on one of these contracts; `named` has their numbers by id."""
    held = _held(named, records)
    if held:
        raise Refused(Rejection.RECORD_HELD, number=named[held])


def _held(contract_ids: Collection[str], records: Records) -> str:
    """One of these contracts that is on legal hold; empty where none is."""
    holds = records.having(HOLD, "contract_id", list(contract_ids)) if contract_ids else []
    return next((str(hold.fields["contract_id"]) for hold in holds if hold.fields.get("lifted_at") is None), "")


def _check_line(present: Mapping[str, Any], operation: Mapping[str, Any], records: Records) -> None:
    """A line comes with a list that waits, and may be put on another once that was rejected."""
    fields = operation["fields"]
    if fields.get("deleted_at") is not None:
        raise Refused(Rejection.RECORD_IMMUTABLE, field="deleted_at")
    if fields.get("contract_id", operation["id"]) != operation["id"]:
        raise Refused(Rejection.FIELD_INVALID, field="contract_id")
    changed = [name for name in sorted(fields) if fields[name] != present.get(name)]
    lists = (records.get(LIST, str(one)) for one in (present.get("list_id"), fields.get("list_id")) if one)
    if changed and any(one is not None and one.fields.get("state") == _CONFIRMED for one in lists):
        raise Refused(Rejection.RECORD_IMMUTABLE, field=changed[0])


def check_destroyed(
    present: Mapping[str, Any], operation: Mapping[str, Any], records: Records, *, now_ms: int
) -> None:
    """Raise Refused where a contract is said to be destroyed, or is changed afterwards, against the lists."""
    fields = operation["fields"]
    if present.get("state") == _DISPOSED:
        changed = next((name for name in sorted(fields) if fields[name] != present.get(name)), "")
        if changed:
            raise Refused(Rejection.RECORD_IMMUTABLE, field=changed)
    elif fields.get("state") == _DISPOSED:
        _require_free({operation["id"]: str(present.get("number") or "")}, records)
        if not _is_due(operation["id"], records, now_ms=now_ms):
            raise Refused(Rejection.RECORD_IMMUTABLE, field="state")


def may_be_destroyed(row: Row, fields: Mapping[str, Any], records: Records, *, now_ms: int) -> bool:
    """Whether this change takes away a part of a document that a confirmed list names and nothing holds."""
    if row.table not in _PARTS or fields.get("deleted_at") is None:
        return False
    contract_id = str(row.fields.get("contract_id") or "")
    return _is_due(contract_id, records, now_ms=now_ms) and not _held([contract_id], records)


def _is_due(contract_id: str, records: Records, *, now_ms: int) -> bool:
    line = records.get(LINE, contract_id)
    if line is None:
        return False
    of = records.get(LIST, str(line.fields.get("list_id") or ""))
    today = branch_day(datetime.fromtimestamp(now_ms / 1000, UTC))
    return (
        of is not None
        and of.fields.get("state") == _CONFIRMED
        and str(line.fields.get("kept_until") or "9999") < today
    )
