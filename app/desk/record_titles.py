"""What records of any kind are called, for lists that speak of many kinds at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import hexdigits
from typing import Any

from sqlalchemy import select

from app.kernel.unit_of_work import Reader
from db.base import replicated_models
from db.models.inventory import VehicleUnit

RecordKey = tuple[str, str]
"""(table, id)"""
CLAIM_TABLE = "vehicle_claim"
"""Where the outbox keeps what it asks of the centre; the id is the vehicle's VIN."""
_OWN_NAMES = ("final_number", "number", "vin", "plate", "code", "name", "name_zh", "fingerprint", "month")
FINGERPRINT = 64
"""Digits of the fingerprint of a signing key."""
_PARENTS = {
    "sales_order_line": ("order_id", "sales_order"),
    "quotation_line": ("quotation_id", "quotation"),
    "consent": ("customer_id", "customer"),
    "clause_version": ("clause_id", "clause"),
    "template_version": ("template_id", "contract_template"),
    "contract_document": ("contract_id", "contract"),
    "contract_signature": ("contract_id", "contract"),
    "contract_milestone": ("contract_id", "contract"),
    "contract_party": ("contract_id", "contract"),
    "legal_hold": ("contract_id", "contract"),
    "disposal_line": ("contract_id", "contract"),
    "identity_step": ("contract_id", "contract"),
    "model_year": ("series_id", "series"),
    "price_line": ("change_id", "price_change"),
    "purchase_line": ("proposal_id", "purchase_proposal"),
    "stock_minimum": ("series_id", "series"),
    "lead_time": ("make_id", "make"),
    "replenishment_policy": ("branch_id", "branch"),
    "unit_wish": ("customer_id", "customer"),
    **dict.fromkeys(
        (
            "certificate_entry", "floor_plan", "floor_plan_repayment", "inspection", "inspection_answer",
            "inspection_defect", "unit_cost", "unit_move",
        ), ("unit_id", "vehicle_unit"),
    ),
}  # fmt: skip
"""Rows that are known by what they belong to: the column that names it, and its table."""

_ABOUT = {"task": ("record_table", "record_id"), "attachment": ("subject_table", "subject_id")}
"""Rows about a record of any kind: the columns that name its table and its id."""

_NAMED_ALIKE = {
    "order": "sales_order", "unit": "vehicle_unit", "from_branch": "branch", "to_branch": "branch",
    "salesperson": "staff_member", "vehicle": "vehicle_unit", "model": "trim", "template": "contract_template",
}  # fmt: skip
"""What fields that refer to a record call it, where that is not its table."""


def referenced_table(field: str) -> str | None:
    """The table a field refers to, by its name; None for what is no reference or not one known here."""
    if not field.endswith("_id"):
        return None
    name = field.removesuffix("_id")
    if name == "staff" or name.endswith("_staff"):
        return "staff_member"
    table = _NAMED_ALIKE.get(name, name)
    return table if table in replicated_models() else None


@dataclass(frozen=True, slots=True)
class RecordTitle:
    """A record's number, VIN or name, "" where it has none; `owner` is the record one opens to see it."""

    title: str
    owner: RecordKey


def owner_columns(source: str) -> tuple[str, str]:
    """SQL for the record one opens to see another, its table and its id, given the table whose columns `table_name` and
    `record_id` name the latter.

    The same as `RecordTitle.owner`; the id is null where the record is not here.
    """
    table, record_id = f"{source}.table_name", f"{source}.record_id"
    tables = [f"WHEN '{name}' THEN '{above}'" for name, (_, above) in _PARENTS.items()]
    ids = [
        f"WHEN '{name}' THEN (SELECT {column} FROM {name} WHERE id = {record_id})"
        for name, (column, _) in _PARENTS.items()
    ]
    for name, (owner_table, owner_id) in _ABOUT.items():
        own = f"FROM {name} WHERE id = {record_id} AND {owner_table} NOT IN ({', '.join(map(repr, _ABOUT))})"
        tables.append(f"WHEN '{name}' THEN (SELECT {owner_table} {own})")
        ids.append(f"WHEN '{name}' THEN (SELECT {owner_id} {own})")
    tables.append(f"WHEN '{CLAIM_TABLE}' THEN 'vehicle_unit'")
    ids.append(f"WHEN '{CLAIM_TABLE}' THEN (SELECT max(id) FROM vehicle_unit WHERE vin = {record_id})")
    return (
        f"CASE {table} {' '.join(tables)} ELSE {table} END", f"CASE {table} {' '.join(ids)} ELSE {record_id} END"
    )  # fmt: skip


def find_record_titles(reader: Reader, records: Iterable[RecordKey]) -> dict[RecordKey, RecordTitle]:
    """Titles of records, a few hundred at most. A line is called by its document, a task or picture by its subject.

    A record that is not here has the title "". Nothing personal beyond names is read.
    """
    wanted = list(dict.fromkeys(records))
    found: dict[RecordKey, RecordTitle] = {key: RecordTitle("", key) for key in wanted}
    owners: dict[RecordKey, RecordKey] = {}
    for table in {table for table, _ in wanted}:
        ids = [record_id for name, record_id in wanted if name == table]
        if table == CLAIM_TABLE:
            found |= _vehicles_by_vin(reader, ids)
        elif table in _PARENTS or table in _ABOUT:
            owners |= _owners(reader, table, ids)
        else:
            found |= _own_titles(reader, table, ids)
    if owners:
        above = find_record_titles(reader, owners.values())
        found |= {key: RecordTitle(above[owner].title, owner) for key, owner in owners.items()}
    return found


def _own_titles(reader: Reader, table: str, ids: Sequence[str]) -> dict[RecordKey, RecordTitle]:
    model: Any = replicated_models().get(table)
    columns = [] if model is None else [getattr(model, name) for name in _OWN_NAMES if hasattr(model, name)]
    if not columns:
        return {}
    rows = reader.session.execute(select(model.id, *columns).where(model.id.in_(ids)))
    return {
        (table, row[0]): RecordTitle(next((_title(value) for value in row[1:] if value), ""), (table, row[0]))
        for row in rows
    }


def _title(value: Any) -> str:
    """The beginning of a fingerprint tells it from others."""
    text = str(value)
    return f"{text[:12]}…" if len(text) == FINGERPRINT and set(text) <= set(hexdigits) else text


def _owners(reader: Reader, table: str, ids: Sequence[str]) -> dict[RecordKey, RecordKey]:
    model: Any = replicated_models()[table]
    if table in _ABOUT:
        owner_table, owner_id = (getattr(model, name) for name in _ABOUT[table])
        query = select(model.id, owner_table, owner_id).where(model.id.in_(ids))
        return {(table, row[0]): (row[1], row[2]) for row in reader.session.execute(query) if row[1] not in _ABOUT}
    column, above = _PARENTS[table]
    query = select(model.id, getattr(model, column)).where(model.id.in_(ids))
    return {(table, row[0]): (above, row[1]) for row in reader.session.execute(query) if row[1]}


def _vehicles_by_vin(reader: Reader, vins: Sequence[str]) -> dict[RecordKey, RecordTitle]:
    query = select(VehicleUnit.vin, VehicleUnit.id).where(VehicleUnit.vin.in_(vins))
    units = {row[0]: row[1] for row in reader.session.execute(query)}
    return {
        (CLAIM_TABLE, vin): RecordTitle(vin, ("vehicle_unit", units[vin]) if vin in units else (CLAIM_TABLE, vin))
        for vin in vins
    }
