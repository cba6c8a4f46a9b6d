"""All models, one file a feature."""

from db.models import (  # noqa: F401
    attachments,
    catalog,
    catalogue_versions,
    contracts,
    custody,
    customers,
    desk,
    exchange,
    finder,
    inspections,
    inventory,
    orders,
    payments,
    pricing,
    quotations,
    replenishment,
    staff,
    tasks,
    wishes,
    workshop,
)
