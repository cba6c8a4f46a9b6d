"""Understands what desks of earlier schema versions send: `sync.protocol.upcasting` says how, this does it."""

from collections.abc import Callable, Sequence
from typing import Any

from sync.protocol.operations import PUT, is_identifier
from sync.protocol.upcasting import is_earlier, repeated_since, upcast_fields
from sync.server.ledger import Row

Operation = dict[str, Any]
Find = Callable[[str, str], Row | None]
"""`find(table, id)`: the record as it stands at the centre."""


def upcast(operations: Sequence[Operation]) -> Sequence[Operation]:
    """The operations as the present version says them; the very same object where all are of the present one.

    What is malformed stays as it is and is judged later.
    """
    if not any(map(is_earlier, operations)):
        return operations
    return [_upcast(one) if is_earlier(one) else one for one in operations]


def _upcast(operation: Operation) -> Operation:
    fields, table = operation.get("fields"), operation.get("table")
    if operation.get("kind") != PUT or type(fields) is not dict or type(table) is not str:
        return operation
    present = upcast_fields(table, fields, version=operation.get("v", 1))
    return operation if present is fields else {**operation, "fields": present}


def named_by_earlier(operations: Sequence[Operation]) -> set[tuple[str, str]]:
    """The records that new ones of earlier desks repeat something of, to be read together."""
    named: set[tuple[str, str]] = set()
    for one in operations:
        if not (is_earlier(one) and one.get("new")):
            continue
        for repeated in repeated_since(one["table"], version=one.get("v", 1)):
            source = one["fields"].get(repeated.by)
            if is_identifier(source):
                named.add((repeated.source, source))
    return named


def completed(operation: Operation, fields: dict[str, Any], find: Find) -> dict[str, Any]:
    """A new record's fields with what an earlier desk did not know to repeat from another record.

    The very same object where there is nothing to add.
    """
    added: dict[str, Any] = {}
    for repeated in repeated_since(operation["table"], version=operation.get("v", 1)):
        source = fields.get(repeated.by)
        row = find(repeated.source, source) if isinstance(source, str) else None
        if row is None or row.deleted:
            continue
        added |= {
            name: row.fields[name]
            for name in repeated.fields
            if fields.get(name) is None and row.fields.get(name) is not None
        }
    return {**fields, **added} if added else fields
