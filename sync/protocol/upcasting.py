"""What operations of an earlier schema version mean in the present one: one declared step from each to the next.

A step says everything that happened to the replicated tables between two versions. Additions need no work: what an
earlier desk does not know it does not send, and a column it lacks has its default. Whatever is renamed, dropped, or
means something else has to be declared here, or an earlier desk's word would be misunderstood. A test holds the
additions against the migrations.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.protocol.versions import SCHEMA_VERSION

Fields = dict[str, Any]
Rewrite = Callable[[Fields], Fields]
"""Gives the fields of one table their new meaning; the very same object where nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """Fields of a new record that repeat another record's, which the earlier version did not do.

    `by` is the field that names the other record, in `source`.
    """

    table: str
    fields: tuple[str, ...]
    source: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From schema version `version` to the next one."""

    version: int
    new_tables: frozenset[str] = frozenset()
    new_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    renamed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By table: earlier name → present name."""
    dropped: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rewritten: Mapping[str, Rewrite] = field(default_factory=dict)
    repeated: tuple[Repeated, ...] = ()

    def touches(self, table: str) -> bool:
        """Whether the fields of this table have to be looked at."""
        return table in self.renamed or table in self.dropped or table in self.rewritten

    def apply(self, table: str, fields: Fields) -> Fields:
        """The fields as the next version says them; the very same object where nothing is to be done."""
        if not self.touches(table):
            return fields
        names, gone = self.renamed.get(table, {}), self.dropped.get(table, frozenset())
        present = fields
        if not names.keys().isdisjoint(fields) or not gone.isdisjoint(fields):
            present = {names.get(name, name): value for name, value in fields.items() if name not in gone}
        rewrite = self.rewritten.get(table)
        return present if rewrite is None else rewrite(present)


STEPS: tuple[Step, ...] = (
    Step(
        version=1,
        new_tables=frozenset(
            {
                "anomaly_dismissal", "attachment", "certificate_entry", "clause", "clause_version",
                "contract_milestone", "contract_party", "contract_template", "disposal_line", "disposal_list",
                "document_print", "floor_plan",
                "floor_plan_repayment", "identity_step", "inspection", "inspection_answer", "inspection_defect",
                "key_entry", "lead_time",
                "legal_hold", "month_close",
                "price_change", "price_line", "purchase_line", "purchase_proposal", "replenishment_policy",
                "saved_search", "specification_version", "stock_count", "stock_count_finding", "stock_count_line",
                "stock_count_scan", "stock_minimum", "stock_place", "template_version", "unit_cost", "unit_move",
                "unit_wish", "vehicle_key", "vehicle_transfer",
            }
        ),
        new_fields={
            "branch": frozenset({"legal_representative"}),
            "consent": frozenset({"contract_id"}),
            "contract": frozenset(
                {
                    "amendment_changes", "amends_id", "clause_versions", "customer_vehicle_id", "form_entries",
                    "handled_by_staff_id", "payment_id", "secured_until", "sign_until", "stamp_ends_at", "stamped_at",
                    "stamped_digest", "template_version_id", "terminated_on", "termination_forfeited",
                    "termination_ground", "termination_penalty", "termination_returned", "vehicle_unit_id",
                }
            ),
            "customer": frozenset({"contact_identity_number", "legal_representative"}),
            "make": frozenset({"parameters"}),
            "model_year": frozenset({"parameters"}),
            "series": frozenset({"parameters"}),
            "quotation": frozenset({"specification_versions"}),
            "sales_order": frozenset({"exterior_colour", "specification_versions", "trim_id"}),
            "signing_authority": frozenset({"revocation_list", "withdrawn_at", "withdrawn_reason"}),
            "vehicle_unit": frozenset({"secured_for", "secured_until"}),
        },
        # Sales are counted from the orders alone by now: one that does not repeat its vehicle would not be counted.
        repeated=(Repeated("sales_order", ("trim_id", "exterior_colour"), "vehicle_unit", "vehicle_unit_id"),),
    ),
)  # fmt: skip
"""In their order; the last one leads to the present version."""


def is_earlier(operation: Mapping[str, Any]) -> bool:
    """Whether an operation was made by a desk of an earlier schema version; without a version it is of the first."""
    version = operation.get("v", 1)
    return type(version) is int and version < SCHEMA_VERSION


def upcast_fields(table: str, fields: Fields, *, version: int) -> Fields:
    """Fields of that schema version as the present one says them; the very same object where nothing changed."""
    for step in STEPS:
        if step.version >= version:
            fields = step.apply(table, fields)
    return fields


def upcast_clocks(table: str, clocks: dict[str, str], *, version: int) -> dict[str, str]:
    """Clocks of fields under the names these have by now; the very same object where none was renamed."""
    for step in STEPS:
        names = step.renamed.get(table, {}) if step.version >= version else {}
        if not names.keys().isdisjoint(clocks):
            clocks = {names.get(name, name): clock for name, clock in clocks.items()}
    return clocks


def repeated_since(table: str, *, version: int) -> list[Repeated]:
    """What records of this table repeat that a desk of that version does not."""
    return [one for step in STEPS if step.version >= version for one in step.repeated if one.table == table]
