"""Which pages the window has. A page's module is imported when it is opened first."""

from collections.abc import Callable
from importlib import import_module

from app.kernel.permissions import Permission
from app.leases.port import LeasePort
from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.page import Page
from ui.shell.pages import Group, PageSpec
from ui.sync.ports import BackupPort, SyncPort


def _made_by(path: str, *ports: object) -> Callable[[PageContext], Page]:
    module, _, name = path.partition(":")

    def factory(context: PageContext) -> Page:
        page: Page = getattr(import_module(module), name)(context, *ports)
        return page

    return factory


def page_specs(
    *, sync: SyncPort | None = None, backups: BackupPort | None = None, centre: object = None,
    leases: LeasePort | None = None, headquarters: object = None, keys: object = None, codes: object = None,
    phones: object = None,
) -> list[PageSpec]:
    """All pages, in the order of the navigation. The ports are handed to the pages that need them."""
    return [
        PageSpec(
            key="sale", title=tr_noop("New sale"), icon="handshake", group=Group.SALES,
            permission=Permission.QUOTATIONS_EDIT, factory=_made_by("ui.sales.sale_page:SalePage", leases, phones),
        ),
        PageSpec(
            key="finder", title=tr_noop("Find a vehicle"), icon="search", group=Group.SALES,
            permission=Permission.CATALOG_VIEW, factory=_made_by("ui.finder.finder_page:FinderPage"),
        ),
        PageSpec(
            key="vehicles", title=tr_noop("Vehicles"), icon="car", group=Group.SALES,
            permission=Permission.INVENTORY_VIEW, factory=_made_by("ui.vehicles.vehicles_page:VehiclesPage", leases),
        ),
        PageSpec(
            key="waiting", title=tr_noop("Waiting customers"), icon="clock", group=Group.SALES,
            permission=Permission.INVENTORY_VIEW, factory=_made_by("ui.vehicles.waiting_page:WaitingPage"),
        ),
        PageSpec(
            key="catalogue", title=tr_noop("Catalogue"), icon="book-open", group=Group.SALES,
            permission=Permission.CATALOG_VIEW, factory=_made_by("ui.catalog.catalogue_page:CataloguePage"),
        ),
        PageSpec(
            key="comparison", title=tr_noop("Comparison"), icon="git-compare", group=Group.SALES,
            permission=Permission.CATALOG_VIEW, factory=_made_by("ui.comparison.comparison_page:ComparisonPage"),
        ),
        PageSpec(
            key="customers", title=tr_noop("Customers"), icon="users", group=Group.SALES,
            permission=Permission.CUSTOMERS_VIEW, factory=_made_by("ui.customers.customers_page:CustomersPage"),
        ),
        PageSpec(
            key="quotations", title=tr_noop("Quotations"), icon="scale", group=Group.SALES,
            permission=Permission.QUOTATIONS_VIEW, factory=_made_by("ui.quotations.quotations_page:QuotationsPage"),
        ),
        PageSpec(
            key="orders", title=tr_noop("Orders"), icon="receipt", group=Group.SALES,
            permission=Permission.ORDERS_VIEW, factory=_made_by("ui.orders.orders_page:OrdersPage"),
        ),
        PageSpec(
            key="contracts", title=tr_noop("Contracts"), icon="file-text", group=Group.SALES,
            permission=Permission.CONTRACTS_VIEW, factory=_made_by("ui.contracts.contracts_page:ContractsPage"),
        ),
        PageSpec(
            key="archive", title=tr_noop("Document archive"), icon="archive", group=Group.SALES,
            permission=Permission.CONTRACTS_VIEW, factory=_made_by("ui.contracts.archive_page:ArchivePage"),
        ),
        PageSpec(
            key="document", title=tr_noop("Sign a document"), icon="pen-line", group=Group.SALES, in_navigation=False,
            permission=Permission.CONTRACTS_SIGN, factory=_made_by("ui.contracts.document_page:DocumentPage", phones),
            under="contracts",
        ),
        PageSpec(
            key="payments", title=tr_noop("Payments"), icon="wallet", group=Group.SALES,
            permission=Permission.PAYMENTS_VIEW, factory=_made_by("ui.payments.payments_page:PaymentsPage"),
        ),
        PageSpec(
            key="forms", title=tr_noop("Pre-printed forms"), icon="printer", group=Group.SALES, in_navigation=False,
            permission=Permission.CONTRACTS_VIEW, factory=_made_by("ui.printing.forms_page:FormsPage"),
            under="contracts",
        ),
        PageSpec(
            key="prices", title=tr_noop("Prices"), icon="tag", group=Group.STOCK,
            permission=Permission.PRICING_VIEW, factory=_made_by("ui.pricing.prices_page:PricesPage"),
        ),
        PageSpec(
            key="replenishment", title=tr_noop("Replenishment"), icon="package", group=Group.STOCK,
            permission=Permission.REPLENISHMENT_VIEW,
            factory=_made_by("ui.replenishment.replenishment_page:ReplenishmentPage"),
        ),
        PageSpec(
            key="anomalies", title=tr_noop("Specification checks"), icon="clipboard-check", group=Group.STOCK,
            permission=Permission.CATALOG_EDIT, factory=_made_by("ui.anomalies.anomalies_page:AnomaliesPage"),
        ),
        PageSpec(
            key="inspections", title=tr_noop("Inspections"), icon="clipboard-check", group=Group.STOCK,
            permission=Permission.INVENTORY_VIEW,
            factory=_made_by("ui.inspections.inspections_page:InspectionsPage"),
        ),
        PageSpec(
            key="custody", title=tr_noop("Certificates and keys"), icon="key-round", group=Group.STOCK,
            permission=Permission.INVENTORY_VIEW, factory=_made_by("ui.custody.certificates_page:CertificatesPage"),
        ),
        PageSpec(
            key="keys", title=tr_noop("Car keys"), icon="key-round", group=Group.STOCK, in_navigation=False,
            permission=Permission.INVENTORY_VIEW, factory=_made_by("ui.custody.keys_page:KeysPage"),
            under="custody",
        ),
        PageSpec(
            key="places", title=tr_noop("Places"), icon="map-pin", group=Group.STOCK, in_navigation=False,
            permission=Permission.INVENTORY_VIEW, factory=_made_by("ui.custody.places_page:PlacesPage"),
            under="custody",
        ),
        PageSpec(
            key="costs", title=tr_noop("Costs and loans"), icon="coins", group=Group.STOCK,
            permission=Permission.INVENTORY_VIEW_COST, factory=_made_by("ui.unit_costs.costs_page:CostsPage"),
        ),
        PageSpec(
            key="labels", title=tr_noop("Labels"), icon="qr-code", group=Group.STOCK,
            permission=Permission.INVENTORY_VIEW, factory=_made_by("ui.labels.labels_page:LabelsPage"),
        ),
        PageSpec(
            key="transfers", title=tr_noop("Transfers"), icon="truck", group=Group.STOCK,
            permission=Permission.INVENTORY_VIEW,
            factory=_made_by("ui.transfers.transfers_page:TransfersPage", centre),
        ),
        PageSpec(
            key="counts", title=tr_noop("Stock counts"), icon="scan-barcode", group=Group.STOCK,
            permission=Permission.INVENTORY_VIEW, factory=_made_by("ui.stocktaking.counts_page:CountsPage"),
        ),
        PageSpec(
            key="reconciliation", title=tr_noop("Reconciliation"), icon="arrow-left-right", group=Group.STOCK,
            permission=Permission.SYNC_VIEW,
            factory=_made_by("ui.sync.reconciliation_page:ReconciliationPage", centre),
        ),
        PageSpec(
            key="months", title=tr_noop("Month close"), icon="calendar-check", group=Group.OFFICE,
            permission=Permission.MONTHS_CLOSE, factory=_made_by("ui.sync.months_page:MonthsPage", centre),
        ),
        PageSpec(
            key="workshop", title=tr_noop("Appointments"), icon="calendar", group=Group.SERVICE,
            permission=Permission.WORKSHOP_VIEW, factory=_made_by("ui.workshop.day_page:DayPage"),
        ),
        PageSpec(
            key="analytics", title=tr_noop("Branch figures"), icon="bar-chart", group=Group.OFFICE,
            permission=Permission.ANALYTICS_VIEW, factory=_made_by("ui.analytics.branch_page:BranchPage"),
        ),
        PageSpec(
            key="tasks", title=tr_noop("Tasks"), icon="clipboard-list", group=Group.OFFICE,
            permission=Permission.TASKS_VIEW, factory=_made_by("ui.tasks.tasks_page:TasksPage"),
        ),
        PageSpec(
            key="staff", title=tr_noop("Staff and branches"), icon="id-card", group=Group.OFFICE,
            permission=Permission.STAFF_MANAGE, factory=_made_by("ui.staff.staff_page:StaffPage"),
        ),
        PageSpec(
            key="audit", title=tr_noop("Audit trail"), icon="history", group=Group.OFFICE,
            permission=Permission.AUDIT_VIEW, factory=_made_by("ui.audit.audit_page:AuditPage"),
        ),
        PageSpec(
            key="clauses", title=tr_noop("Clause library"), icon="book-open", group=Group.OFFICE,
            permission=Permission.CLAUSES_EDIT, factory=_made_by("ui.clauses.clauses_page:ClausesPage"),
        ),
        PageSpec(
            key="templates", title=tr_noop("Contract templates"), icon="file-pen", group=Group.OFFICE,
            permission=Permission.CLAUSES_EDIT, factory=_made_by("ui.clauses.templates_page:TemplatesPage"),
        ),
        PageSpec(
            key="headquarters", title=tr_noop("Headquarters"), icon="building-2", group=Group.OFFICE,
            permission=Permission.HEADQUARTERS_VIEW,
            factory=_made_by("ui.headquarters.headquarters_page:HeadquartersPage", headquarters),
        ),
        PageSpec(
            key="sync", title=tr_noop("Synchronisation"), icon="refresh-cw", group=Group.DESK,
            permission=Permission.SYNC_VIEW, factory=_made_by("ui.sync.sync_page:SyncPage", sync, leases),
        ),
        PageSpec(
            key="signing_keys", title=tr_noop("Signing keys"), icon="shield-check", group=Group.DESK,
            permission=Permission.CONTRACTS_REVOKE,
            factory=_made_by("ui.signing_keys.keys_page:SigningKeysPage", keys),
        ),
        PageSpec(
            key="code_sending", title=tr_noop("Sending codes"), icon="send", group=Group.DESK,
            permission=Permission.SYNC_CONFIGURE, factory=_made_by("ui.signing_keys.codes_page:CodesPage", codes),
        ),
        PageSpec(
            key="backups", title=tr_noop("Backups"), icon="archive", group=Group.DESK,
            permission=Permission.SYNC_CONFIGURE, factory=_made_by("ui.sync.backups_page:BackupsPage", backups),
        ),
    ]  # fmt: skip
