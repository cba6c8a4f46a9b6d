"""Who may do what. Handlers check; pages only hide what would be refused."""

from dataclasses import dataclass, field
from enum import StrEnum

from app.runtime.language import tr_noop


class Role(StrEnum):
    SALESPERSON = "salesperson"
    SERVICE_ADVISOR = "service_advisor"
    PARTS_CLERK = "parts_clerk"
    CASHIER = "cashier"
    BRANCH_MANAGER = "branch_manager"
    ADMINISTRATOR = "administrator"


ROLE_LABELS: dict[Role, str] = {
    Role.SALESPERSON: tr_noop("Salesperson"),
    Role.SERVICE_ADVISOR: tr_noop("Service advisor"),
    Role.PARTS_CLERK: tr_noop("Parts clerk"),
    Role.CASHIER: tr_noop("Cashier"),
    Role.BRANCH_MANAGER: tr_noop("Branch manager"),
    Role.ADMINISTRATOR: tr_noop("Administrator"),
}


class Permission(StrEnum):
    STAFF_MANAGE = "staff.manage"
    CATALOG_VIEW = "catalog.view"
    CATALOG_EDIT = "catalog.edit"
    INVENTORY_VIEW = "inventory.view"
    INVENTORY_EDIT = "inventory.edit"
    INVENTORY_IMPORT = "inventory.import"
    INVENTORY_HOLD = "inventory.hold"
    INVENTORY_SECURE = "inventory.secure"
    """Have the centre keep a vehicle for this desk, so that it can be sold bindingly while offline."""
    INVENTORY_VIEW_COST = "inventory.view_cost"
    INVENTORY_EDIT_COST = "inventory.edit_cost"
    INVENTORY_ARRANGE_QUEUE = "inventory.arrange_queue"
    INSPECTIONS_PERFORM = "inspections.perform"
    CUSTODY_CERTIFICATES = "custody.certificates"
    CUSTODY_KEYS = "custody.keys"
    PRICING_VIEW = "pricing.view"
    PRICING_EDIT = "pricing.edit"
    PRICING_APPROVE = "pricing.approve"
    REPLENISHMENT_VIEW = "replenishment.view"
    REPLENISHMENT_EDIT = "replenishment.edit"
    REPLENISHMENT_APPROVE = "replenishment.approve"
    CUSTOMERS_VIEW = "customers.view"
    CUSTOMERS_EDIT = "customers.edit"
    CUSTOMERS_REVEAL = "customers.reveal"
    QUOTATIONS_VIEW = "quotations.view"
    QUOTATIONS_EDIT = "quotations.edit"
    QUOTATIONS_APPROVE = "quotations.approve"
    ORDERS_VIEW = "orders.view"
    ORDERS_EDIT = "orders.edit"
    ORDERS_APPROVE = "orders.approve"
    ORDERS_CANCEL = "orders.cancel"
    ORDERS_RESOLVE_CONFLICT = "orders.resolve_conflict"
    PAYMENTS_VIEW = "payments.view"
    PAYMENTS_RECEIVE = "payments.receive"
    PAYMENTS_REVERSE = "payments.reverse"
    CONTRACTS_VIEW = "contracts.view"
    CONTRACTS_DRAFT = "contracts.draft"
    CONTRACTS_SIGN = "contracts.sign"
    CONTRACTS_SEAL = "contracts.seal"
    CONTRACTS_VOID = "contracts.void"
    CONTRACTS_HOLD = "contracts.hold"
    """Keep contracts beyond their time, for a dispute or an inspection."""
    CONTRACTS_EXPORT = "contracts.export"
    """Put the evidence of a contract, handwriting among it, into a file."""
    CONTRACTS_DISPOSE = "contracts.dispose"
    """Propose to destroy documents whose time of keeping is over, and confirm what somebody else proposed."""
    CLAUSES_EDIT = "clauses.edit"
    """Draft and propose clauses and templates for the house."""
    CLAUSES_APPROVE = "clauses.approve"
    """Approve what somebody else drafted, and take texts out of force."""
    CONTRACTS_REVOKE = "contracts.revoke"
    """Revoke a certificate that contracts are signed or sealed with, and withdraw a lost desk's authority."""
    WORKSHOP_VIEW = "workshop.view"
    WORKSHOP_BOOK = "workshop.book"
    ANALYTICS_VIEW = "analytics.view"
    AUDIT_VIEW = "audit.view"
    SYNC_VIEW = "sync.view"
    SYNC_CONFIGURE = "sync.configure"
    TASKS_VIEW = "tasks.view"
    TASKS_COMPLETE = "tasks.complete"
    TRANSFERS_REQUEST = "transfers.request"
    TRANSFERS_APPROVE = "transfers.approve"
    TRANSFERS_MOVE = "transfers.move"
    STOCKTAKING_COUNT = "stocktaking.count"
    STOCKTAKING_SIGN_OFF = "stocktaking.sign_off"
    HEADQUARTERS_VIEW = "headquarters.view"
    HEADQUARTERS_MANAGE = "headquarters.manage"
    MONTHS_CLOSE = "months.close"
    """Close a month, and ask for one to be opened again."""
    MONTHS_REOPEN = "months.reopen"
    """Open a closed month again when somebody else has asked for it."""


_EVERYONE = {
    Permission.CATALOG_VIEW,
    Permission.INVENTORY_VIEW,
    Permission.CUSTOMERS_VIEW,
    Permission.SYNC_VIEW,
    Permission.TASKS_VIEW,
    Permission.TASKS_COMPLETE,
}
_SELLING = {
    Permission.PRICING_VIEW,
    Permission.INVENTORY_HOLD,
    Permission.INVENTORY_SECURE,
    Permission.CUSTODY_KEYS,
    Permission.CUSTOMERS_EDIT,
    Permission.CUSTOMERS_REVEAL,
    Permission.QUOTATIONS_VIEW,
    Permission.QUOTATIONS_EDIT,
    Permission.ORDERS_VIEW,
    Permission.ORDERS_EDIT,
    Permission.PAYMENTS_VIEW,
    Permission.PAYMENTS_RECEIVE,
    Permission.CONTRACTS_VIEW,
    Permission.CONTRACTS_DRAFT,
    Permission.CONTRACTS_SIGN,
    Permission.CONTRACTS_SEAL,
    Permission.TRANSFERS_REQUEST,
}
_AT_THE_CARS = {Permission.TRANSFERS_MOVE, Permission.STOCKTAKING_COUNT}

_OF_THE_GROUP = {
    Permission.STAFF_MANAGE,
    Permission.MONTHS_REOPEN,
    Permission.HEADQUARTERS_VIEW,
    Permission.HEADQUARTERS_MANAGE,
}
"""What is the administrators' alone."""

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SALESPERSON: frozenset(_EVERYONE | _SELLING | _AT_THE_CARS),
    Role.SERVICE_ADVISOR: frozenset(
        _EVERYONE
        | {
            Permission.CUSTOMERS_EDIT,
            Permission.CUSTOMERS_REVEAL,
            Permission.INSPECTIONS_PERFORM,
            Permission.CUSTODY_KEYS,
            Permission.WORKSHOP_VIEW,
            Permission.WORKSHOP_BOOK,
            Permission.CONTRACTS_VIEW,
            Permission.CONTRACTS_SIGN,
            Permission.CONTRACTS_SEAL,
        }
        | _AT_THE_CARS
    ),
    Role.PARTS_CLERK: frozenset(_EVERYONE | _AT_THE_CARS | {Permission.WORKSHOP_VIEW}),
    Role.CASHIER: frozenset(
        _EVERYONE
        | {
            Permission.CUSTODY_CERTIFICATES,
            Permission.ORDERS_VIEW,
            Permission.PAYMENTS_VIEW,
            Permission.PAYMENTS_RECEIVE,
            Permission.PAYMENTS_REVERSE,
            Permission.CONTRACTS_VIEW,
            Permission.CONTRACTS_SIGN,
            Permission.CONTRACTS_SEAL,
        }
    ),
    Role.BRANCH_MANAGER: frozenset(set(Permission) - _OF_THE_GROUP),
    Role.ADMINISTRATOR: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command, and at which desk.

    `desk_code` is the short code that stands in provisional numbers; ids are those of the replicated rows.
    """

    staff_id: str
    name: str
    role: Role
    branch_id: str
    branch_code: str
    desk_code: str
    permissions: frozenset[Permission] = field(default_factory=frozenset)

    def may(self, permission: Permission) -> bool:
        """Whether this person may do it."""
        return permission in self.permissions


def actor_for(*, staff_id: str, name: str, role: Role, branch_id: str, branch_code: str, desk_code: str) -> Actor:
    """An actor with exactly the permissions of the role."""
    return Actor(staff_id, name, role, branch_id, branch_code, desk_code, ROLE_PERMISSIONS[role])
