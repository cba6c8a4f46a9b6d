"""Who may write what, checked for each operation: the desk's scopes, and the role of the person who made it."""

from typing import Any

from app.kernel.permissions import ROLE_PERMISSIONS, Permission, Role

_SELLING = (
    Permission.ORDERS_EDIT, Permission.ORDERS_APPROVE, Permission.ORDERS_CANCEL, Permission.ORDERS_RESOLVE_CONFLICT,
)  # fmt: skip
_CONTRACTING = (
    Permission.CONTRACTS_DRAFT, Permission.CONTRACTS_SIGN, Permission.CONTRACTS_SEAL, Permission.CONTRACTS_VOID,
    Permission.CONTRACTS_DISPOSE,
)  # fmt: skip
_CATALOGUE = (Permission.CATALOG_EDIT, Permission.INVENTORY_IMPORT, Permission.INVENTORY_EDIT)
_CUSTOMER = (Permission.CUSTOMERS_EDIT, Permission.WORKSHOP_BOOK)
_QUOTING = (Permission.QUOTATIONS_EDIT, Permission.QUOTATIONS_APPROVE, *_SELLING)
_PAYING = (Permission.PAYMENTS_RECEIVE, Permission.PAYMENTS_REVERSE)
_STOCK = (Permission.INVENTORY_EDIT, Permission.INVENTORY_IMPORT, Permission.INVENTORY_HOLD, *_SELLING)
_UNIT_CARE = (Permission.INSPECTIONS_PERFORM, Permission.CUSTODY_CERTIFICATES)  # they move an axis of a unit
_PRICING = (Permission.PRICING_EDIT, Permission.PRICING_APPROVE, Permission.INVENTORY_EDIT)
_ORDERING = (Permission.REPLENISHMENT_EDIT, Permission.REPLENISHMENT_APPROVE)

_WRITING = (Permission.CLAUSES_EDIT, Permission.CLAUSES_APPROVE)
_COUNTING = (Permission.STOCKTAKING_COUNT, Permission.STOCKTAKING_SIGN_OFF)

WRITERS: dict[str, frozenset[Permission]] = {
    table: frozenset(permissions)
    for table, permissions in {
        "branch": (Permission.STAFF_MANAGE, Permission.SYNC_CONFIGURE),
        "staff_member": (Permission.STAFF_MANAGE,),
        "make": _CATALOGUE,
        "series": _CATALOGUE,
        "model_year": _CATALOGUE,
        "trim": _CATALOGUE,
        "specification_version": _CATALOGUE,
        "vehicle_unit": (*_STOCK, *_UNIT_CARE),
        "unit_move": (Permission.INVENTORY_EDIT, Permission.INVENTORY_IMPORT),
        "stock_place": (Permission.INVENTORY_EDIT,),
        "unit_wish": (Permission.INVENTORY_ARRANGE_QUEUE, *_STOCK),
        "certificate_entry": (Permission.CUSTODY_CERTIFICATES,),
        "vehicle_key": (Permission.CUSTODY_KEYS,),
        "key_entry": (Permission.CUSTODY_KEYS,),
        "inspection": (Permission.INSPECTIONS_PERFORM,),
        "inspection_answer": (Permission.INSPECTIONS_PERFORM,),
        "inspection_defect": (Permission.INSPECTIONS_PERFORM,),
        "attachment": (*_CATALOGUE, *_UNIT_CARE, Permission.CUSTODY_KEYS),
        "anomaly_dismissal": (Permission.CATALOG_EDIT, Permission.INVENTORY_EDIT),
        "vehicle_claim": _STOCK,
        "stock_count": _COUNTING,
        "stock_count_line": _COUNTING,
        "stock_count_scan": _COUNTING,
        "stock_count_finding": _COUNTING,
        "unit_cost": (Permission.INVENTORY_EDIT_COST,),
        "floor_plan": (Permission.INVENTORY_EDIT_COST,),
        "floor_plan_repayment": (Permission.INVENTORY_EDIT_COST,),
        "vehicle_transfer": (
            Permission.TRANSFERS_REQUEST, Permission.TRANSFERS_APPROVE, Permission.TRANSFERS_MOVE,
        ),
        "price_change": _PRICING,
        "price_line": _PRICING,
        "stock_minimum": _ORDERING,
        "replenishment_policy": _ORDERING,
        "lead_time": _ORDERING,
        "purchase_proposal": _ORDERING,
        "purchase_line": _ORDERING,
        "saved_search": (Permission.CUSTOMERS_EDIT,),
        "customer": _CUSTOMER,
        "consent": _CUSTOMER,
        "customer_vehicle": _CUSTOMER,
        "quotation": _QUOTING,
        "quotation_line": _QUOTING,
        "sales_order": (*_SELLING, *_PAYING, Permission.CONTRACTS_DRAFT),
        "sales_order_line": _SELLING,
        "payment": _PAYING,
        "month_close": (Permission.MONTHS_CLOSE, Permission.MONTHS_REOPEN),
        "contract": _CONTRACTING,
        "contract_document": _CONTRACTING,
        "contract_signature": _CONTRACTING,
        "contract_party": _CONTRACTING,
        "identity_step": _CONTRACTING,
        "signing_authority": (*_CONTRACTING, Permission.CONTRACTS_REVOKE),
        "document_print": (Permission.CONTRACTS_VIEW, Permission.PAYMENTS_VIEW),
        "contract_milestone": _CONTRACTING,
        "legal_hold": (Permission.CONTRACTS_HOLD,),
        "disposal_list": (Permission.CONTRACTS_DISPOSE,),
        "disposal_line": (Permission.CONTRACTS_DISPOSE,),
        "clause": (Permission.CLAUSES_EDIT,),
        "clause_version": _WRITING,
        "contract_template": (Permission.CLAUSES_EDIT,),
        "template_version": _WRITING,
        "service_appointment": (Permission.WORKSHOP_BOOK,),
    }.items()
}
"""Any one of these lets a person write the table; a table that is not named is open to all."""

_OWN_FIELDS = frozenset({"password_hash", "pin_hash", "phone"})
"""What people change about themselves."""


def permissions_of(role: str) -> frozenset[Permission]:
    """The permissions of a role; none for one this service does not know."""
    try:
        return ROLE_PERMISSIONS[Role(role)]
    except ValueError:
        return frozenset()


def may_write_all(table: str, permissions: frozenset[Permission]) -> bool:
    """Whether somebody with these permissions may make any change to this table."""
    needed = WRITERS.get(table)
    return needed is None or not needed.isdisjoint(permissions)


def may_write(table: str, permissions: frozenset[Permission], *, operation: dict[str, Any]) -> bool:
    """Whether somebody with these permissions may make this change."""
    return may_write_all(table, permissions) or (
        table == "staff_member"
        and operation.get("by") == operation.get("id")
        and _OWN_FIELDS.issuperset(operation["fields"])
    )
