"""Settling what the centre refused, and what another desk's change replaced. What is decided stays in the history."""

import json
from collections.abc import Container, Iterable, Sequence
from typing import Any

from sqlalchemy import select

from app.desk.correction_rules import with_rules
from app.desk.errors import (
    FieldValueWrong,
    RecordRemovedMeanwhile,
    RefusedChangeSettled,
    TableNotKnown,
    ValueStaysSealed,
)
from app.desk.refused_commands import (
    CorrectRefusedChange,
    DropRefusedChange,
    KeepTheirValue,
    ResendRefusedChange,
    RevealRefusedValue,
    RevealReplacedValue,
    TakeUpRefusedChange,
    UseOwnValue,
)
from app.desk.refused_rules import NEVER_SHOWN, checked, field_rules, from_wire
from app.kernel.commands import requires
from app.kernel.errors import ReasonRequired, RecordNotFound, limited_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.periods.guard import require_open_record
from db.base import replicated_models
from db.models.desk import OutboxOperation
from db.models.settling import OverriddenValue, RefusalDecision
from sync.protocol.operations import PUT, TRANSFER

REJECTED, DISMISSED = "rejected", "dismissed"
_REASON_LIMIT = 200


@requires(Permission.SYNC_CONFIGURE)
def resend_refused_change(command: ResendRefusedChange, uow: UnitOfWork) -> int:
    """Raises RefusedChangeSettled, RecordRemovedMeanwhile, TableNotKnown."""
    operations = _with_their_transactions(uow, command.operations, state=REJECTED)
    _send_again(uow, operations, {})
    _decide(uow, operations, "resent")
    return len(operations)


@requires(Permission.SYNC_CONFIGURE)
def correct_refused_change(command: CorrectRefusedChange, uow: UnitOfWork) -> int:
    """Raises for the field whose value is wrong; RefusedChangeSettled, RecordRemovedMeanwhile, TableNotKnown."""
    operations = _with_their_transactions(uow, [command.operation], state=REJECTED)
    culprit = next(one for one in operations if one.n == command.operation)
    rules = field_rules(culprit.table_name)
    if not rules:
        raise TableNotKnown()
    corrected: dict[str, Any] = {}
    for name, value in command.values.items():
        if name not in rules:
            raise FieldValueWrong(field=name)
        corrected[name] = checked(rules[name], value)
    present = _present(uow, culprit, without=corrected)
    stored = with_rules(uow, culprit.table_name, corrected, present, record_id=culprit.record_id)
    _send_again(uow, operations, {culprit.n: stored})
    _decide(uow, operations, "resent", corrected={culprit.n: sorted(corrected)})
    return len(operations)


@requires(Permission.SYNC_CONFIGURE)
def drop_refused_change(command: DropRefusedChange, uow: UnitOfWork) -> int:
    """Raises RefusedChangeSettled."""
    operations = _with_their_transactions(uow, command.operations, state=REJECTED)
    for one in operations:
        one.state = DISMISSED
    _decide(uow, operations, "dropped")
    _note(uow, operations, "dropped")
    uow.undo_with(TakeUpRefusedChange(operations=tuple(one.n for one in operations)))
    return len(operations)


@requires(Permission.SYNC_CONFIGURE)
def take_up_refused_change(command: TakeUpRefusedChange, uow: UnitOfWork) -> int:
    """Only what was dropped, not what was sent again. Raises RefusedChangeSettled."""
    operations = _with_their_transactions(uow, command.operations, state=DISMISSED)
    if any(_last_decision(uow, one.n) != "dropped" for one in operations):
        raise RefusedChangeSettled()
    for one in operations:
        one.state = REJECTED
    _decide(uow, operations, "taken_up")
    _note(uow, operations, "taken_up")
    uow.undo_with(DropRefusedChange(operations=tuple(one.n for one in operations)))
    return len(operations)


@requires(Permission.CUSTOMERS_REVEAL)
def reveal_refused_value(command: RevealRefusedValue, uow: UnitOfWork) -> str:
    """Raises ReasonRequired (field `reason`), RecordNotFound."""
    uow.require(Permission.SYNC_VIEW)
    uow.reason = _reason(command.reason)
    operation = uow.session.get(OutboxOperation, command.operation)
    fields = {} if operation is None else json.loads(operation.body).get("fields", {})
    if operation is None or command.field not in fields:
        raise RecordNotFound()
    if (operation.table_name, command.field) in NEVER_SHOWN:
        raise ValueStaysSealed(field="field")
    uow.note(table=operation.table_name, record_id=operation.record_id, reveal=command.field)
    return str(fields[command.field] or "")


@requires(Permission.CUSTOMERS_REVEAL)
def reveal_replaced_value(command: RevealReplacedValue, uow: UnitOfWork) -> tuple[str, str]:
    """Raises ReasonRequired (field `reason`), RecordNotFound."""
    uow.require(Permission.SYNC_VIEW)
    uow.reason = _reason(command.reason)
    entry = _entry(uow, command.entry)
    uow.note(table=entry.table_name, record_id=entry.record_id, reveal=entry.field)
    return str(entry.own_value or ""), str(entry.their_value or "")


@requires(Permission.SYNC_CONFIGURE)
def keep_their_value(command: KeepTheirValue, uow: UnitOfWork) -> None:
    """What is settled already stays so."""
    for entry in (_entry(uow, one) for one in command.entries):
        if entry.state == "open":
            _settle(uow, entry, "theirs")
            uow.note(table=entry.table_name, record_id=entry.record_id, kept_theirs=entry.field)


@requires(Permission.SYNC_CONFIGURE)
def use_own_value(command: UseOwnValue, uow: UnitOfWork) -> None:
    """Raises RefusedChangeSettled, RecordNotFound, RecordChangedMeanwhile, FieldValueWrong."""
    entry = _entry(uow, command.entry)
    if entry.state != "open":
        raise RefusedChangeSettled()
    model = replicated_models().get(entry.table_name)
    if model is None or entry.field not in field_rules(entry.table_name):
        raise TableNotKnown()
    row = uow.get(model, entry.record_id)
    uow.check_revision(row, command.expected_revision)
    setattr(row, entry.field, from_wire(entry.table_name, entry.field, entry.own_value))
    _settle(uow, entry, "own")


# --- inside -------------------------------------------------------------------------------------


def _with_their_transactions(uow: UnitOfWork, numbers: Iterable[int], *, state: str) -> list[OutboxOperation]:
    """The operations with all that was refused with them, in the order in which they were made.

    Raises RefusedChangeSettled where one is in another state by now.
    """
    wanted = list(numbers)
    chosen = list(uow.session.scalars(select(OutboxOperation).where(OutboxOperation.n.in_(wanted))))
    if not chosen or len(chosen) != len(set(wanted)) or any(one.state != state for one in chosen):
        raise RefusedChangeSettled()
    together = (
        select(OutboxOperation)
        .where(OutboxOperation.state == state, OutboxOperation.state != "pending")
        .where(OutboxOperation.txn_id.in_({one.txn_id for one in chosen}))
        .order_by(OutboxOperation.n)
    )
    return list(uow.session.scalars(together))


def _send_again(uow: UnitOfWork, operations: Sequence[OutboxOperation], corrected: dict[int, dict[str, Any]]) -> None:
    """Make the changes once more, in one transaction: here, where they were taken back, and for the centre."""
    for one in operations:
        body = json.loads(one.body)
        if body["kind"] == PUT:
            _change_again(uow, one, body, corrected.get(one.n, {}))
            uow.session.flush()
        else:
            kind = body["kind"]
            scope = None if kind == TRANSFER else str(body["scope"])
            uow.ask_again(kind=kind, record_id=one.record_id, scope=scope, fields=body["fields"])
        one.state = DISMISSED


def _present(uow: UnitOfWork, one: OutboxOperation, *, without: Container[str]) -> dict[str, Any]:
    """The record as it would be with the refused change, as far as that can be stored; `without` comes anew."""
    row = uow.session.get(replicated_models()[one.table_name], one.record_id)
    found = {} if row is None else {name: getattr(row, name) for name in field_rules(one.table_name)}
    fields = json.loads(one.body)["fields"]
    told = {name: value for name, value in fields.items() if name in found and name not in without}
    return found | {name: from_wire(one.table_name, name, value) for name, value in told.items()}


def _change_again(uow: UnitOfWork, one: OutboxOperation, body: dict[str, Any], corrected: dict[str, Any]) -> None:
    model = replicated_models().get(one.table_name)
    if model is None:
        raise TableNotKnown()
    known = field_rules(one.table_name)
    values = {
        name: from_wire(one.table_name, name, value)
        for name, value in body["fields"].items()
        if name in known and name not in corrected
    } | corrected
    require_open_record(uow, one.table_name, values)
    row = uow.session.get(model, one.record_id)
    if row is None or (row.deleted_at is not None and not body["fields"].get("deleted_at")):
        raise RecordRemovedMeanwhile()
    for name, value in values.items():
        setattr(row, name, value)
    if not row.ver:
        uow.send_whole(row)


def _decide(
    uow: UnitOfWork, operations: Sequence[OutboxOperation], decision: str, *,
    corrected: dict[int, list[str]] | None = None,
) -> None:  # fmt: skip
    for one in operations:
        fields = (corrected or {}).get(one.n)
        uow.session.add(
            RefusalDecision(
                n=one.n, decision="corrected" if fields else decision, at=uow.now, staff_id=uow.actor.staff_id,
                fields=fields,
            )
        )  # fmt: skip


def _note(uow: UnitOfWork, operations: Sequence[OutboxOperation], decision: str) -> None:
    """Nothing of the records changes: the trail is told what was decided about them."""
    for one in operations:
        uow.note(table=one.table_name, record_id=one.record_id, refused_change=decision)


def _last_decision(uow: UnitOfWork, n: int) -> str | None:
    newest = select(RefusalDecision.decision).where(RefusalDecision.n == n).order_by(RefusalDecision.id.desc())
    return uow.session.scalars(newest.limit(1)).first()


def _entry(uow: UnitOfWork, entry_id: int) -> OverriddenValue:
    entry = uow.session.get(OverriddenValue, entry_id)
    if entry is None:
        raise RecordNotFound()
    return entry


def _settle(uow: UnitOfWork, entry: OverriddenValue, state: str) -> None:
    entry.state, entry.decided_at, entry.decided_by_staff_id = state, uow.now, uow.actor.staff_id


def _reason(text: str) -> str:
    reason = limited_text(text, field="reason", limit=_REASON_LIMIT)
    if not reason:
        raise ReasonRequired(field="reason")
    return reason
